//! Answers in JSON.

use crate::problem::Problem;
use serde::Serialize;
use worker::Response;

/// A document as the body of an answer that is never cached.
pub(crate) fn json(status: u16, document: &impl Serialize) -> Result<Response, Problem> {
    let response = Response::from_json(document)?.with_status(status);
    response.headers().set("Cache-Control", "no-store")?;
    response
        .headers()
        .set("X-Content-Type-Options", "nosniff")?;
    Ok(response)
}

/// An answer without a body: 204.
pub(crate) fn nothing() -> Result<Response, Problem> {
    let response = Response::empty()?.with_status(204);
    response.headers().set("Cache-Control", "no-store")?;
    Ok(response)
}
