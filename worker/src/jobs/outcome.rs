//! How a turn of work ends: each time one batch, which changes nothing if the fence has moved on.

use super::lease::{Claimed, MAX_ATTEMPTS};
use super::run::{File, Pause};
use super::{Verdict, announce};
use crate::audit::Event;
use crate::hooks::Hooks;
use crate::moment::{HOUR, Moment, SECOND};
use crate::problem::Problem;
use crate::store::{self, Bind, Store};
use crate::upload;
use serde_json::{Value, json};
use worker::{D1PreparedStatement, Env};

/// How long a file can be downloaded.
const LIFETIME: i64 = 72 * HOUR;

/// The wait after the first failure; it doubles with each further one.
const FIRST_WAIT: i64 = 5 * SECOND;

/// SQL that writes down what of an export nobody needs any more, where `condition` holds for it: the file with the
/// upload that may not be done, what a paused upload kept apart, and the data of the request.
pub(crate) fn discarding(now: &str, condition: &str) -> [String; 3] {
    let insert = "INSERT OR IGNORE INTO discarded_objects (key, upload_id, discarded_at) SELECT";
    [
        format!(
            "{insert} file_key, upload_id, {now} FROM exports WHERE file_key IS NOT NULL AND {condition}"
        ),
        format!(
            "{insert} file_key || '/tail', NULL, {now} FROM exports WHERE checkpoint IS NOT NULL AND {condition}"
        ),
        format!(
            "{insert} input_key, NULL, {now} FROM exports WHERE input_key IS NOT NULL AND {condition}"
        ),
    ]
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
pub(super) async fn complete(
    job: &Claimed,
    file: &File,
    env: &Env,
    store: &Store,
    hooks: &Hooks,
) -> Result<Verdict, Problem> {
    let now = hooks.now();
    let details = json!({"rows": file.rows, "bytes": file.size});
    let audit = event(job, now, "export.complete", details);
    let report = file.report.to_string();
    let mut batch = vec![audit.statement(store, HELD_IN_AUDIT, &held(job))?];
    let [_, tail, input] = discarding("?3", HELD);
    for sql in [tail, input] {
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
    if !holds(batch, store).await? {
        // Deleted meanwhile, or taken over by another attempt, which writes a file of its own.
        upload::bucket(env)?.delete(&*job.file_key).await?;
    }
    Ok(Verdict::Done)
}

/// The job outgrew this invocation: a further message goes on with it.
pub(super) async fn pause(
    job: &Claimed,
    pause: &Pause,
    env: &Env,
    store: &Store,
    hooks: &Hooks,
) -> Result<Verdict, Problem> {
    let sql = format!(
        "UPDATE exports SET checkpoint = ?3, upload_id = ?4, lease_until = 0, updated_at = ?5 WHERE {HELD}"
    );
    let values = [
        (&job.id).into(),
        job.fence.into(),
        (&pause.checkpoint).into(),
        (&pause.upload_id).into(),
        hooks.now().into(),
    ];
    if holds(vec![store.statement(&sql, &values)?], store).await? {
        if hooks.reach("job.paused").is_ok() {
            announce(&job.id, env).await;
        }
    } else {
        let bucket = upload::bucket(env)?;
        if let Some(id) = &pause.upload_id {
            upload::abort(&bucket, &job.file_key, id).await;
        }
        bucket.delete(format!("{}/tail", job.file_key)).await?;
    }
    Ok(Verdict::Done)
}

/// Something failed that may not fail the next time. After the last attempt the job is given up.
pub(super) async fn retry(
    job: &Claimed,
    problem: &Problem,
    store: &Store,
    hooks: &Hooks,
) -> Result<Verdict, Problem> {
    if job.attempts >= MAX_ATTEMPTS {
        return fail(job, problem, store, hooks).await;
    }
    let now = hooks.now();
    let wait = FIRST_WAIT << job.attempts.saturating_sub(1);
    let [file, tail, _] = discarding("?3", HELD);
    let mut batch = Vec::new();
    for sql in [file, tail] {
        batch.push(store.statement(&sql, &[(&job.id).into(), job.fence.into(), now.into()])?);
    }
    let sql = format!(
        "UPDATE exports SET status = 'PENDING', not_before = ?3, updated_at = ?4, lease_until = NULL,
           checkpoint = NULL, upload_id = NULL, file_key = NULL
         WHERE {HELD}"
    );
    let until = Moment(now.0 + wait);
    let values = [(&job.id).into(), job.fence.into(), until.into(), now.into()];
    batch.push(store.statement(&sql, &values)?);
    holds(batch, store).await?;
    Ok(Verdict::Again(u32::try_from(wait / SECOND).unwrap_or(1)))
}

/// The job cannot be done: FAILED, with the reason.
pub(super) async fn fail(
    job: &Claimed,
    problem: &Problem,
    store: &Store,
    hooks: &Hooks,
) -> Result<Verdict, Problem> {
    let now = hooks.now();
    let details = json!({"error": problem.code()});
    let audit = event(job, now, "export.fail", details);
    let mut batch = vec![audit.statement(store, HELD_IN_AUDIT, &held(job))?];
    batch.extend(failing(HELD, &held(job), problem, now, store)?);
    holds(batch, store).await?;
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

/// A message that the queue gave up: its job ends, unless somebody is at it or it is over already.
pub(super) async fn bury(id: &str, store: &Store, hooks: &Hooks) -> Result<Verdict, Problem> {
    let problem = Problem::delivery_failed();
    end_unheld(id, &problem, store, hooks).await?;
    Ok(Verdict::Done)
}

/// Fails a job that nobody holds.
pub(super) async fn end_unheld(
    id: &str,
    problem: &Problem,
    store: &Store,
    hooks: &Hooks,
) -> Result<(), Problem> {
    let now = hooks.now();
    let unheld = "(status = 'PENDING' OR status = 'PROCESSING' AND lease_until <= ?2)";
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
async fn holds(batch: Vec<D1PreparedStatement>, store: &Store) -> Result<bool, Problem> {
    let results = store.batch(batch).await?;
    Ok(results.last().map_or(Ok(0), store::changes)? > 0)
}
