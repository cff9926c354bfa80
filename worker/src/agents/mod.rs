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
use crate::body;
use crate::call::Call;
use crate::catalog;
use crate::problem::Problem;
use crate::query;
use crate::resources::AGENT;
use references::Definition;
use serde::Serialize;
use unresolved::{Warning, unresolved};
use worker::{Request, Response};

/// The most bytes of a definition. Checking one takes many times as much memory.
const MAX_DEFINITION: u64 = 2 << 20;

/// A definition that can be imported.
#[derive(Serialize)]
struct Checked {
    /// What an import would leave out, one entry for each item.
    import_warnings: Vec<Warning>,
}

/// Answers the route.
pub(crate) async fn check(request: &mut Request, call: &Call<'_>) -> Result<Response, Problem> {
    query::refuse(request)?;
    let document = body::json_text(request, MAX_DEFINITION).await?;
    let resource = catalog::of(call.env)?.find(AGENT)?;
    let check = resource.check(&document)?;
    if !check.problems.is_empty() {
        return Err(Problem::agent_definition_invalid(&check));
    }
    // The echo, since of members that stand twice it has the last value alone.
    let definition: Definition =
        serde_json::from_str(&check.text).map_err(|error| Problem::internal(&error.to_string()))?;
    let account_id = &call.caller()?.account_id;
    let references = definition.references();
    let import_warnings = unresolved(&references, account_id, &call.store).await?;
    answer::json(200, &Checked { import_warnings })
}
