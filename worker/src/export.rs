//! `POST /api/export`: data in the body → the file, streamed through.
//!
//! Nothing is sent before the engine's first output, which comes after its look-ahead, so that errors in the options and
//! in the first rows become problem documents. A later error breaks the response off: the client sees an aborted
//! connection and never a file that looks whole.

use crate::audit::Event;
use crate::body::{Body, max_body_bytes};
use crate::call::Call;
use crate::conversion::Conversion;
use crate::problem::Problem;
use futures_util::stream;
use serde_json::json;
use tablecast::{FileInfo, Limits};
use worker::{Request, Response, ResponseBuilder};

/// A file in HTML may come from anybody's data: whatever opens it under our origin must not run anything in it.
pub(crate) const HTML_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'";

/// Answers the route.
pub(crate) async fn export(request: &mut Request, call: &Call<'_>) -> Result<Response, Problem> {
    let mut body = Body::open(request, max_body_bytes(call.env))?;
    let query = request.url()?.query_pairs().into_owned().collect();
    let now = call.now().iso();
    let conversion = match Conversion::new(query, body.source(), Limits::default(), &now) {
        Ok(conversion) => conversion,
        Err(error) => {
            body.drain().await;
            return Err(error.into());
        }
    };
    let mut flow = Flow {
        body,
        conversion,
        state: State::Reading,
    };

    let first = match flow.next().await {
        Ok(first) => first,
        Err(problem) => {
            flow.body.drain().await;
            return Err(problem);
        }
    };
    if let Some(caller) = call.anyone() {
        let format = flow.conversion.file().map(|file| file.content_type.clone());
        let event =
            Event::of_call(call, caller, "export.stream").with(json!({"content_type": format}));
        if let Err(problem) = event.record_within_rate(call).await {
            flow.body.drain().await;
            return Err(problem);
        }
    }
    let response = headed(flow.conversion.file())?;
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

/// The export in progress. It is dropped with the response's stream when the client goes away.
struct Flow {
    body: Body,
    conversion: Conversion,
    state: State,
}

#[derive(PartialEq)]
enum State {
    Reading,
    InputEnded,
    Finished,
}

impl Flow {
    /// The next piece of the file, reading only as much of the body as it takes; `None` when the file is whole.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        loop {
            let output = self.conversion.take_output()?;
            if !output.is_empty() {
                return Ok(Some(output));
            }
            match self.state {
                State::Finished => return Ok(None),
                State::InputEnded => {
                    self.conversion.finish()?;
                    self.state = State::Finished;
                }
                State::Reading => match self.body.next().await? {
                    Some(piece) => self.conversion.push(&piece)?,
                    None => {
                        self.conversion.end_input()?;
                        self.state = State::InputEnded;
                    }
                },
            }
        }
    }
}

/// An error after the first output: all that can still be done is to end the connection before the file's end.
fn broken_off(problem: Problem) -> worker::Error {
    worker::console_error!("export broken off: {}", problem.code());
    worker::Error::RustError(problem.code().to_owned())
}

fn headed(file: Option<&FileInfo>) -> Result<ResponseBuilder, Problem> {
    let mut response = Response::builder()
        .with_header("Cache-Control", "no-store")?
        .with_header("X-Content-Type-Options", "nosniff")?;
    if let Some(file) = file {
        response = response
            .with_header("Content-Type", &file.content_type)?
            .with_header("Content-Disposition", &file.content_disposition)?;
        if file.content_type.starts_with("text/html") {
            response = response.with_header("Content-Security-Policy", HTML_POLICY)?;
        }
    }
    Ok(response)
}
