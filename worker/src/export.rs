//! `POST /api/export`: data in the body → the file, streamed through.
//!
//! Nothing is sent before the engine's first output, which comes after its look-ahead, so that errors in the options and
//! in the first rows become problem documents. A later error breaks the response off: the client sees an aborted
//! connection and never a file that looks whole.

use crate::audit::Event;
use crate::body::{Body, max_body_bytes};
use crate::call::Call;
use crate::problem::Problem;
use crate::templates;
use crate::writer::Writer;
use serde_json::json;
use tablecast::{DocumentHead, Exporter, FileInfo, Limits, Setting, Source};
use worker::{Request, Response, ResponseBody, ResponseBuilder, console_error};

/// A file in HTML may come from anybody's data: whatever opens it under our origin must not run anything in it.
pub(crate) const HTML_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'";

/// Pieces are joined up to this size, since each one costs a crossing into JavaScript.
const PIECE: u32 = 128 << 10;

/// Answers the route.
pub(crate) async fn export(request: &mut Request, call: &Call<'_>) -> Result<Response, Problem> {
    let mut body = Body::open(request, max_body_bytes(call.env))?;
    let query: Vec<_> = request.url()?.query_pairs().into_owned().collect();
    let begun = match query.is_empty() && body.source() == Source::Json {
        true => document(&mut body, call).await,
        false => data(query, body.source(), call).await,
    };
    let exporter = match begun {
        Ok(exporter) => exporter,
        Err(problem) => {
            body.drain().await;
            return Err(problem);
        }
    };
    let file = exporter.file().clone();
    let mut flow = Flow {
        body,
        exporter: Some(exporter),
        input_ended: false,
        output: Vec::new(),
    };
    if let Err(problem) = flow.begin(&file, call).await {
        flow.body.drain().await;
        return Err(problem);
    }
    let response = headed(&file)?;
    if flow.output.is_empty() {
        return Ok(response.empty());
    }
    let (readable, writer) = Writer::open(PIECE).map_err(worker::Error::from)?;
    // The runtime lets the rest go on when the client has gone away, so that it ends in order.
    call.context.wait_until(pour(flow, writer));
    Ok(response.body(ResponseBody::Stream(readable)))
}

/// Writes the file to its end, unless something is wrong with the rest of the input, or the client goes away.
async fn pour(mut flow: Flow, writer: Writer) {
    while !flow.output.is_empty() {
        if writer.write(&flow.output).await.is_err() {
            return;
        }
        if let Err(problem) = flow.advance().await {
            // All that can still be done is to end the connection before the file's end.
            let line = json!({"error": problem.code(), "broken_off": true});
            console_error!("{line}");
            return writer.abort(problem.code()).await;
        }
    }
    // A client that has gone away just now misses nothing but the end.
    drop(writer.close().await);
}

/// The body is data, and the options stand in the query.
async fn data(
    mut query: Vec<(String, String)>,
    source: Source,
    call: &Call<'_>,
) -> Result<Exporter, Problem> {
    let place = query.iter().position(|(name, _)| name == "template_id");
    if let Some((_, id)) = place.map(|place| query.remove(place)) {
        if query
            .iter()
            .any(|(name, _)| name == "template" || name.starts_with("template."))
        {
            return Err(templates::two_templates());
        }
        let template = match templates::snapshot(&id, call).await? {
            Setting::Text(id) => id,
            document => document.to_json(),
        };
        query.push(("template".to_owned(), template));
    }
    let mut request = tablecast::Request::from_query(query)?;
    *request.limits_mut() = request.limits_mut().within(&Limits::default());
    request.set_default_source(source)?;
    request.set_default_now(&call.now().iso());
    Ok(Exporter::new(request))
}

/// The body is a document with the options and, behind them, the data.
async fn document(body: &mut Body, call: &Call<'_>) -> Result<Exporter, Problem> {
    let limits = Limits::default();
    let now = call.now().iso();
    let mut head = DocumentHead::new(&limits);
    loop {
        let Some(found) = head.read()? else {
            match body.next().await? {
                Some(piece) => head.push_bytes(piece)?,
                None => head.end_input(),
            }
            continue;
        };
        let mut options = found.options;
        templates::resolve(&mut options, call).await?;
        let member = found.member.unwrap_or_default();
        match tablecast::Request::for_document(&options, &member, &limits, &now) {
            Ok(request) => {
                let mut exporter = Exporter::new(request);
                exporter.push_bytes(head.bytes())?;
                return Ok(exporter);
            }
            // What is missing may come too late, which is another mistake: the document is read on.
            Err(error) => head.refuse(error)?,
        }
    }
}

/// The export in progress.
struct Flow {
    body: Body,
    /// `None` when the file is whole.
    exporter: Option<Exporter>,
    input_ended: bool,
    /// The piece of the file that is to be written next; nothing when the file is whole.
    output: Vec<u8>,
}

impl Flow {
    /// Makes the first piece, and writes down that somebody asked for a file, once it is sure that there is one.
    async fn begin(&mut self, file: &FileInfo, call: &Call<'_>) -> Result<(), Problem> {
        self.advance().await?;
        match call.anyone() {
            Some(caller) => {
                Event::of_call(call, caller, "export.stream")
                    .with(json!({"content_type": file.content_type}))
                    .record_within_rate(call)
                    .await
            }
            None => Ok(()),
        }
    }

    /// Makes the next piece, about [`PIECE`] at most, reading only as much of the body as it takes.
    async fn advance(&mut self) -> Result<(), Problem> {
        self.output.clear();
        while let Some(exporter) = &mut self.exporter {
            while self.output.len() < PIECE as usize {
                let Some(piece) = exporter.next_output()? else {
                    break;
                };
                self.output
                    .try_reserve(piece.len())
                    .map_err(tablecast::Error::from)?;
                self.output.extend_from_slice(piece);
            }
            if !self.output.is_empty() {
                break;
            }
            if self.input_ended {
                if let Some(exporter) = self.exporter.take() {
                    exporter.finish()?;
                }
                break;
            }
            match self.body.next().await? {
                Some(piece) => exporter.push_bytes(piece)?,
                None => {
                    exporter.end_input();
                    self.input_ended = true;
                }
            }
        }
        Ok(())
    }
}

fn headed(file: &FileInfo) -> Result<ResponseBuilder, Problem> {
    let response = Response::builder()
        .with_header("Content-Type", &file.content_type)?
        .with_header("Content-Disposition", &file.content_disposition)?
        .with_header("Cache-Control", "no-store")?
        .with_header("X-Content-Type-Options", "nosniff")?;
    match file.content_type.starts_with("text/html") {
        true => Ok(response.with_header("Content-Security-Policy", HTML_POLICY)?),
        false => Ok(response),
    }
}
