//! The HTTP API of tablecast as a Cloudflare Worker.
//!
//! | file | what |
//! |---|---|
//! | `lib.rs` | the events of the Workers runtime |
//! | `service.rs` | a request → its route, its caller, its answer and its line in the log |
//! | `routes.rs` | the one table of routes: method, path, permission |
//! | `access/` | keys, sessions, roles, origins: who may use a route |
//! | `export.rs` | `POST /api/export`: data in the body → the file |
//! | `resources.rs` | `/v1/resources`, and other paths that give files of the account's resources |
//! | `flow.rs` | a file that is streamed while the request is answered |
//! | `exports/` | `/v1/exports`: asking for an export, the history, the download |
//! | `jobs/` | making what was asked for: the queue's consumer, and the sweep |
//! | `templates.rs` | `/v1/templates` |
//! | `agents/` | `POST /api/agents/check`: definitions of agents before they are imported |
//! | `audit.rs` | the trail of who did what, and `/v1/audit` |
//! | `mcp/` | `POST /mcp`: the exports as tools for models |
//! | `openapi/` | `/openapi.json`: the description of all this |
//! | `body.rs`, `raw.rs`, `reader.rs`, `writer.rs`, `query.rs`, `answer.rs`, `problem/` | what comes in over HTTP and what goes out |
//! | `catalog.rs`, `definitions.rs` | types of resources, and reading those of the operator |
//! | `chosen.rs` | what a request chooses of a resource |
//! | `records/` | records in the database, by the definitions of the catalog |
//! | `store.rs`, `upload.rs`, `object.rs` | the database, and files on their way into the bucket and out of it |
//! | `call.rs`, `moment.rs`, `hooks.rs` | what a handler knows of its request, time, and what tests change about it |
//! | `assets.rs` | everything that is no route: the demo page and the package |
//!
//! Whatever a file decides by itself is plain Rust and tested on the host; only what talks to the runtime
//! needs `tests/worker`.

mod access;
mod agents;
mod answer;
mod assets;
mod audit;
mod body;
mod call;
mod catalog;
mod chosen;
mod definitions;
mod export;
mod exports;
mod flow;
mod hooks;
mod jobs;
mod mcp;
mod moment;
mod object;
mod openapi;
mod problem;
mod query;
mod raw;
mod reader;
mod records;
mod resources;
mod routes;
mod service;
mod store;
mod templates;
mod upload;
mod writer;

use worker::{
    Context, Env, MessageBatch, Request, Response, Result, ScheduleContext, ScheduledEvent, event,
};

/// Runs once for each new instance of the module, so also after a trap.
#[event(start)]
fn start() {
    console_error_panic_hook::set_once();
}

#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
    service::answer(request, &env, &context).await
}

/// Never fails: the runtime would take an error for a panic.
#[event(queue)]
async fn queue(batch: MessageBatch<serde_json::Value>, env: Env, _context: Context) -> Result<()> {
    jobs::consume(batch, &env).await;
    Ok(())
}

#[event(scheduled)]
async fn scheduled(_event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    jobs::sweep(&env).await;
}
