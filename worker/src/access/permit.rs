//! Whether a caller may use a route.

use super::Caller;
use crate::audit::Event;
use crate::call::Call;
use crate::problem::Problem;
use crate::routes::Route;
use serde_json::json;

/// Whether the caller's permissions are enough.
pub(crate) fn allows(route: &Route, caller: &Caller) -> bool {
    let wanted = route.access.permissions();
    wanted.is_empty() || wanted.iter().any(|permission| caller.may(*permission))
}

/// Refuses, and writes down, what the caller may not do.
pub(crate) async fn permit(route: &Route, caller: &Caller, call: &Call<'_>) -> Result<(), Problem> {
    if allows(route, caller) {
        return Ok(());
    }
    let names = route.access.permissions();
    let names: Vec<_> = names.iter().map(|permission| permission.name()).collect();
    let names = names.join(" or ");
    let details = json!({"permission": names, "route": format!("{} {}", route.method, route.path)});
    Event::of_call(call, caller, "permission.denied")
        .with(details)
        .record(&call.store)
        .await?;
    Err(Problem::forbidden(&names))
}
