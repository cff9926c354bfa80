//! The HTTP API of tablecast as a Cloudflare Worker.
//!
//! | file | what |
//! |---|---|
//! | `lib.rs` | the events of the Workers runtime |
//! | `routes.rs` | the one table of routes: method, path, permission |
//! | `credentials.rs` | who may use a route |
//! | `export.rs` | `POST /api/export`: data in the body → the file, streamed through |
//! | `body.rs` | what a request's body may be, and reading it piece by piece |
//! | `conversion.rs` | one export: pieces of input → pieces of output |
//! | `problem.rs` | errors as problem documents, and the one map from engine codes to statuses |
//! | `assets.rs` | everything that is no route: the demo page and the package |
//!
//! Whatever a file decides by itself is plain Rust and tested on the host; only what talks to the runtime
//! needs `tests/worker`.

mod assets;
mod body;
mod conversion;
mod credentials;
mod export;
mod problem;
mod routes;

use problem::Problem;
use routes::{Found, Handler};
use worker::{Context, Env, Request, Response, Result, event};

/// Runs once for each new instance of the module, so also after a trap.
#[event(start)]
fn start() {
    console_error_panic_hook::set_once();
}

#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    match answer(request, &env).await {
        Ok(response) => Ok(response),
        Err(problem) => problem.into_response(),
    }
}

async fn answer(request: Request, env: &Env) -> Result<Response, Problem> {
    let method = request.inner().method();
    let route = match routes::find(&method, &request.path()) {
        Found::Route(route) => route,
        Found::OtherMethods(allowed) => return Err(Problem::method_not_allowed(&method, &allowed)),
        Found::Unknown => return Err(Problem::not_found()),
        Found::Asset => return assets::serve(request, env).await,
    };
    let authorization = request.headers().get("Authorization")?;
    credentials::check(
        route.permission,
        allows_anonymous(env),
        authorization.as_deref(),
    )?;
    match route.handler {
        Handler::Health => healthy(),
        Handler::Export => export::export(request, env).await,
    }
}

fn healthy() -> Result<Response, Problem> {
    let mut response = Response::ok("ok\n")?;
    response.headers_mut().set("Cache-Control", "no-store")?;
    Ok(response)
}

/// Only local development sets this.
fn allows_anonymous(env: &Env) -> bool {
    env.var("ALLOW_ANONYMOUS")
        .is_ok_and(|value| value.to_string() == "1")
}
