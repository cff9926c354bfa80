//! Everything that is no route: the demo page and the package, as `cargo xtask build` assembles them.

use crate::problem::Problem;
use worker::{Env, Request, Response};

/// Passes the request on to the static assets.
pub(crate) async fn serve(request: Request, env: &Env) -> Result<Response, Problem> {
    Ok(env.assets("ASSETS")?.fetch_request(request).await?)
}
