//! Whether a caller may use a route.

use super::{Caller, Permission};
use crate::audit::Event;
use crate::call::Call;
use crate::problem::Problem;
use crate::routes::{Access, Route};
use serde_json::json;

/// Whether the caller's permissions are enough.
pub(crate) fn allows(route: &Route, caller: &Caller) -> bool {
    let wanted = wanted(route);
    wanted.is_empty() || wanted.iter().any(|permission| caller.may(*permission))
}

/// Refuses, and writes down, what the caller may not do.
pub(crate) async fn permit(route: &Route, caller: &Caller, call: &Call<'_>) -> Result<(), Problem> {
    if allows(route, caller) {
        return Ok(());
    }
    let names = wanted(route);
    let names: Vec<_> = names.iter().map(|permission| permission.name()).collect();
    let names = names.join(" or ");
    let details = json!({"permission": names, "route": format!("{} {}", route.method, route.path)});
    Event::of_call(call, caller, "permission.denied")
        .with(details)
        .record(&call.store)
        .await?;
    Err(Problem::forbidden(&names))
}

/// The permissions of which one is enough; none: any credentials are.
fn wanted(route: &Route) -> Vec<Permission> {
    match route.access {
        Access::Open | Access::Key | Access::Anyone => Vec::new(),
        Access::Needs(permission) | Access::NeedsUnlessAnonymous(permission) => vec![permission],
        Access::NeedsOneOf(first, second) => vec![first, second],
    }
}
