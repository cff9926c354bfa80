//! `/v1/templates`: the account's own beside those that ship with the engine.

use crate::call::Call;
use crate::problem::Problem;
use tablecast::Setting;
use worker::{Request, Response};

pub(crate) async fn snapshot(_id: &str, _call: &Call<'_>) -> Result<Setting, Problem> {
    Err(Problem::template_not_found())
}
pub(crate) async fn list(_request: &Request, _call: &Call<'_>) -> Result<Response, Problem> {
    Err(Problem::template_not_found())
}
pub(crate) async fn read(
    _id: &str,
    _request: &Request,
    _call: &Call<'_>,
) -> Result<Response, Problem> {
    Err(Problem::template_not_found())
}
pub(crate) async fn create(_request: &mut Request, _call: &Call<'_>) -> Result<Response, Problem> {
    Err(Problem::template_not_found())
}
pub(crate) async fn replace(
    _id: &str,
    _request: &mut Request,
    _call: &Call<'_>,
) -> Result<Response, Problem> {
    Err(Problem::template_not_found())
}
pub(crate) async fn delete(
    _id: &str,
    _request: &Request,
    _call: &Call<'_>,
) -> Result<Response, Problem> {
    Err(Problem::template_not_found())
}
