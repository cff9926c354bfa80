//! The list of an account's exports, and one export.

use super::record::{self, COLUMNS, Row, STATUSES};
use crate::answer;
use crate::audit::Count;
use crate::call::Call;
use crate::problem::Problem;
use crate::query::{List, Query};
use crate::store::{self, Bind};
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
    let mut query = Query::of(&request.url()?)?;
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
    let values: [Bind<'_>; 6] = [
        (&caller.account_id).into(),
        now.into(),
        creator.into(),
        format.into(),
        page.page_size.into(),
        page.offset().into(),
    ];
    let (of_filter, _) = values.split_at(4);
    let select =
        format!("SELECT {COLUMNS} {filter} ORDER BY created_at DESC, id LIMIT ?5 OFFSET ?6");
    let count = format!("SELECT count(*) AS total {filter}");
    let results = call
        .store
        .batch(vec![
            call.store.statement(&select, &values)?,
            call.store.statement(&count, of_filter)?,
        ])
        .await?;
    let rows: Vec<Row> = store::rows(&results, 0)?;
    let total: Vec<Count> = store::rows(&results, 1)?;
    let total = total.first().map_or(0, |count| count.total);
    let items = rows.iter().map(|row| row.export(now)).collect();
    answer::json(200, &List::<record::Export<'_>>::new(items, page, total))
}

/// `GET /v1/exports/:id`.
pub(crate) async fn read(
    id: &str,
    request: &Request,
    call: &Call<'_>,
) -> Result<Response, Problem> {
    Query::of(&request.url()?)?.finish()?;
    let row = record::find(id, call).await?;
    answer::json(200, &row.export(call.now()))
}
