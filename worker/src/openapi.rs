//! `/openapi.json`.
use crate::problem::Problem;
use worker::Response;
pub(crate) fn document() -> Result<Response, Problem> {
    Err(Problem::not_found())
}
