//! `POST /mcp`: the exports as tools of the Model Context Protocol, over its transport Streamable HTTP.
//!
//! Each request is answered by itself, with one JSON object: there are no sessions, and no streams that the server opens.
//! The words of the protocol are those of the crate `rmcp`. Its server is not used, since it spawns tasks and sets timers
//! on a Tokio runtime, and panics without one; a Worker has none.
//!
//! | file | what |
//! |---|---|
//! | `message.rs` | one message of JSON-RPC |
//! | `version.rs` | which revision of the protocol a request speaks |
//! | `methods.rs` | what a request asks for: the server itself, the list of tools, a call |
//! | `tools.rs` | the one table of tools, and calling one |
//! | `resources.rs` | the tools about types of resources, and files that stand in the answer |
//! | `jobs.rs` | the tools about exports that are made in the background |
//! | `schema.rs` | what the tools take and give, as JSON Schemas |

mod jobs;
mod message;
mod methods;
mod resources;
mod schema;
mod tools;
mod version;

use crate::answer;
use crate::body;
use crate::call::Call;
use crate::problem::Problem;
use crate::query;
use message::{Malformed, Message};
use rmcp::model::{
    ErrorCode, ErrorData, JsonRpcError, JsonRpcResponse, JsonRpcVersion2_0, RequestId,
};
use version::{Era, Mirror};
use worker::{Request, Response};

/// The most bytes that a message may have.
const MAX_MESSAGE: u64 = 1 << 20;

/// Answers the route.
pub(crate) async fn serve(request: &mut Request, call: &Call<'_>) -> Result<Response, Problem> {
    query::refuse(request)?;
    let text = body::json_text(request, MAX_MESSAGE).await?;
    let asked = match message::read(&text) {
        Ok(Message::Request(asked)) => asked,
        // Nothing goes on between requests that a notification could be about.
        Ok(Message::Notification) => return accepted(),
        Err(Malformed { id, error }) => return failure(400, id, error),
    };
    let id = asked.id.clone();
    let era = match Mirror::of(request.headers())?.era(&asked) {
        Ok(era) => era,
        Err(error) => return failure(400, Some(id), error),
    };
    let origin = request.url()?.origin().ascii_serialization();
    match methods::result(asked, era, &origin, call).await {
        Ok(result) => {
            let jsonrpc = JsonRpcVersion2_0;
            answer::json(
                200,
                &JsonRpcResponse {
                    jsonrpc,
                    id,
                    result,
                },
            )
        }
        // In the revisions before 2026-07-28 a status says nothing about what is wrong with a request.
        Err(error) => match era {
            Era::Stateless if error.code == ErrorCode::METHOD_NOT_FOUND => {
                failure(404, Some(id), error)
            }
            _ => failure(200, Some(id), error),
        },
    }
}

fn accepted() -> Result<Response, Problem> {
    let response = Response::empty()?.with_status(202);
    response.headers().set("Cache-Control", "no-store")?;
    Ok(response)
}

fn failure(status: u16, id: Option<RequestId>, error: ErrorData) -> Result<Response, Problem> {
    answer::json(status, &JsonRpcError::new(id, error))
}
