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
use futures_util::stream;
use serde_json::json;
use tablecast::{DocumentHead, Exporter, FileInfo, Limits, Setting, Source};
use worker::{Request, Response, ResponseBuilder};

/// A file in HTML may come from anybody's data: whatever opens it under our origin must not run anything in it.
pub(crate) const HTML_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'";

/// Pieces are joined up to this size, since each one costs a crossing into JavaScript.
const PIECE: usize = 64 * 1024;

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
    };
    let first = match flow.first(&file, call).await {
        Ok(first) => first,
        Err(problem) => {
            flow.body.drain().await;
            return Err(problem);
        }
    };
    let response = headed(&file)?;
    let Some(first) = first else {
        return Ok(response.empty());
    };
    let rest = stream::try_unfold((Some(first), flow), |(ready, mut flow)| async {
        let piece = match ready {
            Some(piece) => Some(piece),
            None => flow.next().await.map_err(broken_off)?,
        };
        Ok::<_, worker::Error>(piece.map(|piece| (piece, (None, flow))))
    });
    Ok(response.from_stream(rest)?)
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
                Some(piece) => head.push_bytes(&piece)?,
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

/// The export in progress. It is dropped with the response's stream when the client goes away.
struct Flow {
    body: Body,
    /// `None` when the file is whole.
    exporter: Option<Exporter>,
    input_ended: bool,
}

impl Flow {
    /// The first piece, once it is sure that there is a file, and written down that somebody asked for it.
    async fn first(
        &mut self,
        file: &FileInfo,
        call: &Call<'_>,
    ) -> Result<Option<Vec<u8>>, Problem> {
        let first = self.next().await?;
        if let Some(caller) = call.anyone() {
            Event::of_call(call, caller, "export.stream")
                .with(json!({"content_type": file.content_type}))
                .record_within_rate(call)
                .await?;
        }
        Ok(first)
    }

    /// The next piece of the file, reading only as much of the body as it takes; `None` when the file is whole.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        loop {
            let Some(exporter) = &mut self.exporter else {
                return Ok(None);
            };
            let output = take_output(exporter)?;
            if !output.is_empty() {
                return Ok(Some(output));
            }
            if self.input_ended {
                if let Some(exporter) = self.exporter.take() {
                    exporter.finish()?;
                }
                continue;
            }
            match self.body.next().await? {
                Some(piece) => exporter.push_bytes(&piece)?,
                None => {
                    exporter.end_input();
                    self.input_ended = true;
                }
            }
        }
    }
}

/// The output that can be had now, about [`PIECE`] at most; empty when more input is needed first.
fn take_output(exporter: &mut Exporter) -> tablecast::Result<Vec<u8>> {
    let mut output = Vec::new();
    while output.len() < PIECE {
        let Some(piece) = exporter.next_output()? else {
            break;
        };
        output.try_reserve(piece.len())?;
        output.extend_from_slice(piece);
    }
    Ok(output)
}

/// An error after the first output: all that can still be done is to end the connection before the file's end.
fn broken_off(problem: Problem) -> worker::Error {
    worker::console_error!("export broken off: {}", problem.code());
    worker::Error::RustError(problem.code().to_owned())
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
