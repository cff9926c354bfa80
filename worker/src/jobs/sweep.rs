//! Once a minute: what was lost starts again, what is over goes.

use super::announce;
use super::lease::MAX_ATTEMPTS;
use super::outcome::{self, discarding};
use crate::hooks::Hooks;
use crate::moment::{HOUR, MINUTE, Moment};
use crate::problem::Problem;
use crate::store::Store;
use crate::upload;
use serde::Deserialize;
use serde_json::json;
use std::collections::HashSet;
use worker::{Env, console_error};

/// How many jobs or objects one step of a sweep handles; the next sweep does the rest.
const BATCH: u32 = 200;

/// A job that nobody has touched for so long was forgotten by the queue.
const FORGOTTEN: i64 = MINUTE;

/// An object may be older than its row by as long as a request takes.
const ORPHAN_AGE: i64 = HOUR;

#[derive(Deserialize)]
struct Id {
    id: String,
}

/// All that a sweep does. A step that fails does not keep the others from being done.
pub(crate) async fn sweep(env: &Env) {
    let ready = async {
        let store = Store::open(env)?;
        let hooks = Hooks::load(env, &store).await?;
        Ok::<_, Problem>((store, hooks))
    };
    let (store, hooks) = match ready.await {
        Ok(ready) => ready,
        Err(problem) => return told("open", Err(problem)),
    };
    let now = hooks.now();
    told("expire", expire(&store, now).await);
    told("recover", recover(env, &store, &hooks).await);
    told("remind", remind(env, &store, now).await);
    told("forget", forget(&store, now).await);
    told("discard", empty_discarded(env, &store).await);
    told("orphans", remove_orphans(env, &store, now).await);
}

fn told(step: &str, result: Result<(), Problem>) {
    if let Err(problem) = result {
        let cause = problem.cause().unwrap_or_default();
        console_error!(
            "{}",
            json!({"sweep": step, "error": problem.code(), "cause": cause})
        );
    }
}

/// Files whose time is over: the rows say so, and the objects go.
async fn expire(store: &Store, now: Moment) -> Result<(), Problem> {
    let over = format!(
        "id IN (SELECT id FROM exports WHERE status = 'READY' AND expires_at <= ?1 ORDER BY expires_at, id LIMIT {BATCH})"
    );
    let audit = format!(
        "INSERT INTO audit (account_id, at, action, target_type, target_id)
         SELECT account_id, ?1, 'export.expire', 'export', id FROM exports WHERE {over}"
    );
    let update = format!(
        "UPDATE exports SET status = 'EXPIRED', updated_at = ?1, file_key = NULL WHERE {over}"
    );
    let [file, ..] = discarding("?1", &over);
    let statements = [audit, file, update]
        .iter()
        .map(|sql| store.statement(sql, &[now.into()]))
        .collect::<Result<_, _>>()?;
    store.batch(statements).await.map(drop)
}

/// Jobs whose worker is gone: they wait again, or have been tried often enough.
async fn recover(env: &Env, store: &Store, hooks: &Hooks) -> Result<(), Problem> {
    let now = hooks.now();
    let lost = "status = 'PROCESSING' AND lease_until > 0 AND lease_until <= ?1";
    let sql = format!("SELECT id FROM exports WHERE {lost} AND attempts >= ?2 LIMIT {BATCH}");
    let given_up: Vec<Id> = store.all(&sql, &[now.into(), MAX_ATTEMPTS.into()]).await?;
    for job in given_up {
        outcome::end_unheld(&job.id, &Problem::attempts_exhausted(), store, hooks).await?;
    }
    let again = format!(
        "id IN (SELECT id FROM exports WHERE {lost} AND attempts < ?2 ORDER BY lease_until, id LIMIT {BATCH})"
    );
    let update = format!(
        "UPDATE exports SET status = 'PENDING', updated_at = ?1, lease_until = NULL, checkpoint = NULL,
           upload_id = NULL, file_key = NULL
         WHERE {again} RETURNING id"
    );
    let [file, tail, _] = discarding("?1", &again);
    let statements = [file, tail, update]
        .iter()
        .map(|sql| store.statement(sql, &[now.into(), MAX_ATTEMPTS.into()]))
        .collect::<Result<_, _>>()?;
    let results = store.batch(statements).await?;
    for job in crate::store::rows::<Id>(&results, 2)? {
        announce(&job.id, env).await;
    }
    Ok(())
}

/// Jobs whose message was lost: a new one is sent.
async fn remind(env: &Env, store: &Store, now: Moment) -> Result<(), Problem> {
    let sql = format!(
        "UPDATE exports SET updated_at = ?1 WHERE id IN (
           SELECT id FROM exports WHERE updated_at <= ?2
             AND (status = 'PENDING' AND not_before <= ?1 OR status = 'PROCESSING' AND lease_until = 0)
           ORDER BY updated_at, id LIMIT {BATCH})
         RETURNING id"
    );
    let jobs: Vec<Id> = store
        .all(&sql, &[now.into(), Moment(now.0 - FORGOTTEN).into()])
        .await?;
    for job in jobs {
        announce(&job.id, env).await;
    }
    Ok(())
}

/// Sessions and idempotency keys that are over.
async fn forget(store: &Store, now: Moment) -> Result<(), Problem> {
    let statements = [
        "DELETE FROM sessions WHERE expires_at <= ?1",
        "DELETE FROM idempotency_keys WHERE expires_at <= ?1",
    ]
    .iter()
    .map(|sql| store.statement(sql, &[now.into()]))
    .collect::<Result<_, _>>()?;
    store.batch(statements).await.map(drop)
}

/// Deletes objects that were discarded, and ends their uploads.
pub(crate) async fn empty_discarded(env: &Env, store: &Store) -> Result<(), Problem> {
    #[derive(Deserialize)]
    struct Discarded {
        key: String,
        upload_id: Option<String>,
    }
    let sql = format!(
        "SELECT key, upload_id FROM discarded_objects ORDER BY discarded_at, key LIMIT {BATCH}"
    );
    let discarded: Vec<Discarded> = store.all(&sql, &[]).await?;
    if discarded.is_empty() {
        return Ok(());
    }
    let bucket = upload::bucket(env)?;
    for object in &discarded {
        if let Some(id) = &object.upload_id {
            upload::abort(&bucket, &object.key, id).await;
        }
    }
    let keys: Vec<String> = discarded.into_iter().map(|object| object.key).collect();
    let done = json!(keys).to_string();
    bucket.delete_multiple(keys).await?;
    let sql = "DELETE FROM discarded_objects WHERE key IN (SELECT value FROM json_each(?1))";
    store.run(sql, &[(&done).into()]).await.map(drop)
}

/// Looks through the bucket, a part of it at each sweep, for objects that no row knows.
async fn remove_orphans(env: &Env, store: &Store, now: Moment) -> Result<(), Problem> {
    #[derive(Deserialize)]
    struct State {
        value: String,
    }
    let bucket = upload::bucket(env)?;
    let sql = "SELECT value FROM sweep_state WHERE name = 'orphans'";
    let state: Option<State> = store.first(sql, &[]).await?;
    let mut list = bucket.list().limit(1000);
    if let Some(state) = state.filter(|state| !state.value.is_empty()) {
        list = list.cursor(state.value);
    }
    let found = list.execute().await?;
    let old = found.objects().into_iter().filter_map(|object| {
        let uploaded = i64::try_from(object.uploaded().as_millis()).unwrap_or(i64::MAX);
        (uploaded <= now.0 - ORPHAN_AGE).then(|| object.key())
    });
    let old: Vec<String> = old.collect();
    let known = known(&old, store).await?;
    let orphans: Vec<String> = old.into_iter().filter(|key| !known.contains(key)).collect();
    if !orphans.is_empty() {
        bucket.delete_multiple(orphans).await?;
    }
    let cursor = found
        .cursor()
        .filter(|_| found.truncated())
        .unwrap_or_default();
    let sql = "INSERT INTO sweep_state (name, value) VALUES ('orphans', ?1)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    store.run(sql, &[(&cursor).into()]).await.map(drop)
}

/// Which of these keys a row knows. They are `inputs/<account>/<export>` and `exports/<account>/<export>/…`.
async fn known(keys: &[String], store: &Store) -> Result<HashSet<String>, Problem> {
    #[derive(Deserialize)]
    struct Known {
        file_key: Option<String>,
        input_key: Option<String>,
    }
    let ids: HashSet<_> = keys
        .iter()
        .filter_map(|key| key.split('/').nth(2))
        .collect();
    let sql =
        "SELECT file_key, input_key FROM exports WHERE id IN (SELECT value FROM json_each(?1))";
    let rows: Vec<Known> = store.all(sql, &[(&json!(ids).to_string()).into()]).await?;
    let mut known = HashSet::new();
    for row in rows {
        if let Some(key) = row.file_key {
            known.insert(format!("{key}/tail"));
            known.insert(key);
        }
        known.extend(row.input_key);
    }
    Ok(known)
}
