//! `GET /api/export`: all data of the calling user.
use crate::call::Call;
use crate::problem::Problem;
use worker::{Request, Response};
pub(crate) async fn export(_request: &Request, _call: &Call<'_>) -> Result<Response, Problem> {
    Err(Problem::not_found())
}
