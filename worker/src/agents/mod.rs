//! `POST /api/agents/check`: whether the definition of an agent could be imported, and what of it would be left out.
//!
//! | file | what |
//! |---|---|
//! | `kinds.rs` | the kinds of objects that definitions refer to |
//! | `references.rs` | what a definition refers to |
//! | `unresolved.rs` | what of that the account lacks |

mod kinds;
mod references;
mod unresolved;

use crate::answer;
use crate::audit::Event;
use crate::body;
use crate::call::Call;
use crate::catalog;
use crate::problem::Problem;
use crate::query;
use crate::resources::AGENT;
use references::Definition;
use unresolved::unresolved;
use worker::{Request, Response};

/// The most bytes of a definition. Checking one takes many times as much memory.
const MAX_DEFINITION: u64 = 2 << 20;

/// Answers the route.
pub(crate) async fn check(request: &mut Request, call: &Call<'_>) -> Result<Response, Problem> {
    query::refuse(request)?;
    let document = body::json_text(request, MAX_DEFINITION).await?;
    let caller = call.caller()?;
    // A definition that is wrong takes no less work than one that is right.
    Event::of_call(call, caller, "agent.check")
        .on("resource", AGENT)
        .record_within_rate(call)
        .await?;
    let resource = catalog::of(call.env)?.find(AGENT)?;
    let check = resource.check(&document)?;
    if !check.problems.is_empty() {
        return Err(Problem::agent_definition_invalid(&check));
    }
    drop(check);
    // No member stands twice in it, and no text is broken: these are problems, too.
    let definition: Definition<'_> = serde_json::from_slice(&document)
        .map_err(|error| Problem::invalid_json(&error.to_string()))?;
    let warnings = unresolved(&definition, &caller.account_id, &call.store).await?;
    answer::json(200, &warnings)
}
