//! How a turn of work ends: each time one batch, which changes nothing if the fence has moved on.

use super::lease::{Claimed, MAX_ATTEMPTS};
use super::run::{Attempt, File, Pause};
use super::{Verdict, announce, empty_discarded};
use crate::audit::Event;
use crate::hooks::Hooks;
use crate::moment::{HOUR, Moment, SECOND};
use crate::problem::Problem;
use crate::store::{self, Bind, Store};
use serde_json::{Value, json};
use worker::D1PreparedStatement;

/// How long a file can be downloaded.
const LIFETIME: i64 = 72 * HOUR;

/// The wait after the first failure; it doubles with each further one.
const FIRST_WAIT: i64 = 5 * SECOND;

const DISCARD: &str = "INSERT INTO discarded_objects (key, upload_id, discarded_at)";

/// An upload that is known of is not forgotten because an object is discarded twice.
const TWICE: &str =
    "ON CONFLICT (key) DO UPDATE SET upload_id = coalesce(excluded.upload_id, upload_id)";

/// SQL that writes down what of an export nobody needs any more, where `condition` holds for it: the file with the
/// upload that may not be done, what a paused upload keeps apart, and the data of the request.
///
/// What is kept apart is written before the row tells of it, so it may be there for every job that is worked at.
pub(crate) fn discarding(now: &str, condition: &str) -> [String; 3] {
    [
        ("file_key, upload_id", "file_key IS NOT NULL"),
        (
            "file_key || '/tail', NULL",
            "file_key IS NOT NULL AND resource IS NOT NULL AND status = 'PROCESSING'",
        ),
        ("input_key, NULL", "input_key IS NOT NULL"),
    ]
    .map(|(what, is_there)| {
        format!(
            "{DISCARD} SELECT {what}, {now} FROM exports WHERE {is_there} AND {condition} {TWICE}"
        )
    })
}

/// The statement that discards what an attempt wrote, unless the row goes by it: the last of each batch that ends a
/// turn, so that whoever lost the job leaves nothing behind.
fn leftovers(attempt: &Attempt<'_>) -> Result<D1PreparedStatement, Problem> {
    let sql = format!(
        "{DISCARD} SELECT value, iif(value = ?2, ?3, NULL), ?4 FROM json_each(json_array(?2, ?2 || '/tail'))
         WHERE NOT EXISTS (SELECT 1 FROM exports WHERE id = ?1 AND file_key = ?2) {TWICE}"
    );
    let upload_id = attempt.upload_id();
    attempt.store.statement(
        &sql,
        &[
            (&attempt.job.id).into(),
            (&attempt.job.file_key).into(),
            (&upload_id).into(),
            attempt.hooks.now().into(),
        ],
    )
}

/// Whoever holds the lease of this job: `?1` is its id, `?2` the fence.
const HELD: &str = "id = ?1 AND fence = ?2 AND status = 'PROCESSING'";

/// [`HELD`] behind the values of an audit row.
const HELD_IN_AUDIT: &str =
    "EXISTS (SELECT 1 FROM exports WHERE id = ?10 AND fence = ?11 AND status = 'PROCESSING')";

fn event<'a>(job: &'a Claimed, at: Moment, action: &'static str, details: Value) -> Event<'a> {
    Event {
        account_id: &job.account_id,
        at,
        user_id: None,
        key_id: None,
        action,
        target: Some(("export", &job.id)),
        request_id: None,
        details,
    }
}

fn held(job: &Claimed) -> [Bind<'_>; 2] {
    [(&job.id).into(), job.fence.into()]
}

/// The file is in the bucket: READY.
pub(super) async fn complete(attempt: &Attempt<'_>, file: &File) -> Result<Verdict, Problem> {
    let Attempt { job, store, .. } = attempt;
    attempt.hooks.reach("job.stored").await?;
    let now = attempt.hooks.now();
    let details = json!({"rows": file.rows, "bytes": file.size});
    let audit = event(job, now, "export.complete", details);
    let report = file.report.to_string();
    let mut batch = vec![audit.statement(store, HELD_IN_AUDIT, &held(job))?];
    let [_, tail, input] = discarding("?3", HELD);
    let tail = job.checkpoint.is_some().then_some(tail);
    let input = job.input_key.is_some().then_some(input);
    for sql in [tail, input].into_iter().flatten() {
        batch.push(store.statement(&sql, &[(&job.id).into(), job.fence.into(), now.into()])?);
    }
    let sql = format!(
        "UPDATE exports SET status = 'READY', row_count = ?3, file_size = ?4, sha256 = ?5, report = ?6,
           completed_at = ?7, updated_at = ?7, expires_at = ?8, lease_until = NULL, checkpoint = NULL,
           upload_id = NULL, input_key = NULL
         WHERE {HELD}"
    );
    batch.push(store.statement(
        &sql,
        &[
            (&job.id).into(),
            job.fence.into(),
            file.rows.into(),
            file.size.into(),
            (&file.sha256).into(),
            (&report).into(),
            now.into(),
            Moment(now.0 + LIFETIME).into(),
        ],
    )?);
    end(attempt, batch).await?;
    attempt.hooks.reach("job.ready").await?;
    Ok(Verdict::Done)
}

/// The job outgrew this invocation: a further message goes on with it.
pub(super) async fn pause(attempt: &Attempt<'_>, pause: &Pause) -> Result<Verdict, Problem> {
    let Attempt { job, store, .. } = attempt;
    attempt.hooks.reach("job.tail").await?;
    let sql = format!(
        "UPDATE exports SET checkpoint = ?3, upload_id = ?4, lease_until = 0, updated_at = ?5 WHERE {HELD}"
    );
    let values = [
        (&job.id).into(),
        job.fence.into(),
        (&pause.checkpoint).into(),
        (&pause.upload_id).into(),
        attempt.hooks.now().into(),
    ];
    if end(attempt, vec![store.statement(&sql, &values)?]).await? {
        attempt.hooks.reach("job.paused").await?;
        announce(&job.id, attempt.env).await;
        attempt.hooks.reach("job.continued").await?;
    }
    Ok(Verdict::Done)
}

/// Something failed that may not fail the next time. After the last attempt the job is given up.
pub(super) async fn retry(attempt: &Attempt<'_>, problem: &Problem) -> Result<Verdict, Problem> {
    let Attempt { job, store, .. } = attempt;
    if job.attempts >= MAX_ATTEMPTS {
        return fail(attempt, problem).await;
    }
    attempt.hooks.reach("job.retry").await?;
    let now = attempt.hooks.now();
    let wait = FIRST_WAIT << job.attempts.saturating_sub(1);
    let sql = format!(
        "UPDATE exports SET status = 'PENDING', not_before = ?3, updated_at = ?4, lease_until = NULL,
           checkpoint = NULL, upload_id = NULL, file_key = NULL
         WHERE {HELD}"
    );
    let until = Moment(now.0 + wait);
    let values = [(&job.id).into(), job.fence.into(), until.into(), now.into()];
    if end(attempt, vec![store.statement(&sql, &values)?]).await? {
        return Ok(Verdict::Again(u32::try_from(wait / SECOND).unwrap_or(1)));
    }
    Ok(Verdict::Done)
}

/// The job cannot be done: FAILED, with the reason.
pub(super) async fn fail(attempt: &Attempt<'_>, problem: &Problem) -> Result<Verdict, Problem> {
    let Attempt { job, store, .. } = attempt;
    attempt.hooks.reach("job.fail").await?;
    let now = attempt.hooks.now();
    let details = json!({"error": problem.code()});
    let audit = event(job, now, "export.fail", details);
    let mut batch = vec![audit.statement(store, HELD_IN_AUDIT, &held(job))?];
    batch.extend(failing(HELD, &held(job), problem, now, store)?);
    end(attempt, batch).await?;
    Ok(Verdict::Done)
}

/// The job is not ours any more: what was written of it goes.
pub(super) async fn let_go(attempt: &Attempt<'_>) -> Result<Verdict, Problem> {
    end(attempt, Vec::new()).await?;
    Ok(Verdict::Done)
}

/// The statements that discard all of a job and make it FAILED, where a condition holds that binds `?1` and `?2`.
fn failing(
    condition: &str,
    values: &[Bind<'_>; 2],
    problem: &Problem,
    now: Moment,
    store: &Store,
) -> Result<Vec<D1PreparedStatement>, Problem> {
    let [first, second] = *values;
    let mut batch = Vec::new();
    for sql in discarding("?3", condition) {
        batch.push(store.statement(&sql, &[first, second, now.into()])?);
    }
    let error = json!({"code": problem.code(), "message": problem.message()}).to_string();
    let sql = format!(
        "UPDATE exports SET status = 'FAILED', error = ?3, updated_at = ?4, completed_at = ?4, lease_until = NULL,
           checkpoint = NULL, upload_id = NULL, file_key = NULL, input_key = NULL
         WHERE {condition}"
    );
    batch.push(store.statement(&sql, &[first, second, (&error).into(), now.into()])?);
    Ok(batch)
}

/// A message that the queue gave up: its job ends, unless somebody is at it, it waits for its time, or it is over
/// already. Messages that come early are delivered again and again, so one of them may die while nothing is wrong.
pub(super) async fn bury(id: &str, store: &Store, hooks: &Hooks) -> Result<Verdict, Problem> {
    let problem = Problem::delivery_failed();
    let unheld =
        "(status = 'PENDING' AND not_before <= ?2 OR status = 'PROCESSING' AND lease_until <= ?2)";
    end_unheld(id, unheld, &problem, store, hooks.now()).await?;
    Ok(Verdict::Done)
}

/// Fails a job that nobody holds: `unheld` is SQL that says so, in which `?2` is the moment.
pub(super) async fn end_unheld(
    id: &str,
    unheld: &str,
    problem: &Problem,
    store: &Store,
    now: Moment,
) -> Result<(), Problem> {
    let details = json!({"error": problem.code()}).to_string();
    let audit = format!(
        "INSERT INTO audit (account_id, at, action, target_type, target_id, details)
         SELECT account_id, ?2, 'export.fail', 'export', id, ?3 FROM exports WHERE id = ?1 AND {unheld}"
    );
    let mut batch = vec![store.statement(&audit, &[id.into(), now.into(), (&details).into()])?];
    let condition = format!("id = ?1 AND {unheld}");
    batch.extend(failing(
        &condition,
        &[id.into(), now.into()],
        problem,
        now,
        store,
    )?);
    store.batch(batch).await.map(drop)
}

/// Runs a batch whose last statement changes the job; gives whether it was still held.
async fn end(attempt: &Attempt<'_>, mut batch: Vec<D1PreparedStatement>) -> Result<bool, Problem> {
    let change = batch.len().checked_sub(1);
    batch.push(leftovers(attempt)?);
    let results = attempt.store.batch(batch).await?;
    let change = change.and_then(|change| results.get(change));
    if change.map_or(Ok(0), store::changes)? > 0 {
        return Ok(true);
    }
    // Deleted meanwhile, or taken over by another attempt, which writes a file of its own. What fails now, the next
    // sweep does.
    if let Err(problem) = empty_discarded(attempt.env, attempt.store, attempt.hooks.now()).await {
        worker::console_error!(
            "discarded objects stay for the sweep: {}",
            problem.cause().unwrap_or_default()
        );
    }
    Ok(false)
}
