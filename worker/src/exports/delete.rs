//! The end of an export and of its file, in any state.

use crate::answer;
use crate::audit::Event;
use crate::call::Call;
use crate::jobs;
use crate::problem::Problem;
use crate::query;
use crate::store;
use serde_json::json;
use worker::{Request, Response};

/// `DELETE /v1/exports/:id`: 204, and 404 from then on. Whoever is still making the file finds out by its fence.
pub(crate) async fn delete(
    id: &str,
    request: &Request,
    call: &Call<'_>,
) -> Result<Response, Problem> {
    query::refuse(request)?;
    let caller = call.caller()?;
    let values = [(&caller.account_id).into(), id.into(), call.now().into()];
    let event = Event::of_call(call, caller, "export.delete")
        .on("export", id)
        .with(json!({}));
    let of_account = "EXISTS (SELECT 1 FROM exports WHERE account_id = ?1 AND id = ?10)";
    let mut batch = vec![event.statement(&call.store, of_account, &[id.into()])?];
    for sql in jobs::discarding("?3", "account_id = ?1 AND id = ?2") {
        batch.push(call.store.statement(&sql, &values)?);
    }
    let (of_export, _) = values.split_at(2);
    let sql = "DELETE FROM idempotency_keys WHERE account_id = ?1 AND export_id = ?2";
    batch.push(call.store.statement(sql, of_export)?);
    let sql = "DELETE FROM exports WHERE account_id = ?1 AND id = ?2";
    batch.push(call.store.statement(sql, of_export)?);
    let results = call.store.batch(batch).await?;
    if results.last().map_or(Ok(0), store::changes)? == 0 {
        return Err(Problem::export_not_found());
    }
    call.hooks.reach("delete.row").await?;
    // What fails now, the next sweep does.
    if let Err(problem) = jobs::empty_discarded(call.env, &call.store, call.now()).await {
        worker::console_error!(
            "discarded objects stay for the sweep: {}",
            problem.cause().unwrap_or_default()
        );
    }
    answer::nothing()
}
