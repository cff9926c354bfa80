//! The list of an account's exports, and one export.

use super::record::{self, COLUMNS, Row, STATUSES};
use crate::answer;
use crate::call::Call;
use crate::problem::Problem;
use crate::query::{self, Query};
use serde_json::{Value, json};
use tablecast::FORMATS;
use worker::{Request, Response};

/// What holds for a row of each status at the moment `?2`, since the clock decides about expiry.
fn condition(status: Option<&str>) -> &'static str {
    match status {
        None => "TRUE",
        Some("PENDING") => "status = 'PENDING'",
        Some("PROCESSING") => "status = 'PROCESSING'",
        Some("FAILED") => "status = 'FAILED'",
        Some("READY") => "status = 'READY' AND expires_at > ?2",
        Some(_) => "(status = 'EXPIRED' OR status = 'READY' AND expires_at <= ?2)",
    }
}

/// `GET /v1/exports`: newest first, by `status`, `format` and `mine`.
pub(crate) async fn list(request: &Request, call: &Call<'_>) -> Result<Response, Problem> {
    let query = Query::of(&request.url()?)?;
    answer::json(200, &page(query, call).await?)
}

/// A part of the list.
pub(crate) async fn page(mut query: Query, call: &Call<'_>) -> Result<Value, Problem> {
    let page = query.page()?;
    let status = query.choice("status", &STATUSES)?;
    let formats = FORMATS.iter().map(|format| format.id).collect::<Vec<_>>();
    let format = query.choice("format", &formats)?;
    let mine = query.choice("mine", &["true", "false"])?;
    query.finish()?;

    let caller = call.caller()?;
    let now = call.now();
    let creator = (mine == Some("true")).then_some(caller.user_id.as_str());
    let filter = format!(
        "FROM exports WHERE account_id = ?1 AND ?2 = ?2 AND (?3 IS NULL OR created_by = ?3)
         AND (?4 IS NULL OR format = ?4) AND {}",
        condition(status)
    );
    let values = [
        (&caller.account_id).into(),
        now.into(),
        creator.into(),
        format.into(),
    ];
    let list = call
        .store
        .list::<Row>(COLUMNS, &filter, "created_at DESC, id", &values, page);
    Ok(json!(list.await?.map(|row| row.export(now))))
}

/// `GET /v1/exports/:id`.
pub(crate) async fn read(
    id: &str,
    request: &Request,
    call: &Call<'_>,
) -> Result<Response, Problem> {
    query::refuse(request)?;
    answer::json(200, &export(id, call).await?)
}

/// The account's export of this id.
pub(crate) async fn export(id: &str, call: &Call<'_>) -> Result<Value, Problem> {
    let row = record::find(id, call).await?;
    Ok(json!(row.export(call.now())))
}
