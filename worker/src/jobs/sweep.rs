//! Once a minute: what was lost starts again, what is over goes.

use super::announce;
use super::lease::MAX_ATTEMPTS;
use super::outcome::{self, discarding};
use crate::hooks::Hooks;
use crate::moment::{HOUR, MINUTE, Moment};
use crate::problem::Problem;
use crate::store::{self, Bind, Store};
use crate::upload;
use serde::Deserialize;
use serde_json::json;
use std::collections::HashSet;
use worker::{D1Result, Env, console_error};

/// How many jobs or objects one step of a sweep handles; the next sweep does the rest.
const BATCH: u32 = 200;

/// A job that nobody has touched for so long was forgotten by the queue.
const FORGOTTEN: i64 = MINUTE;

/// An object may be older than its row by as long as a request takes.
const ORPHAN_AGE: i64 = HOUR;

/// How long the sweep tries to end an upload. The bucket itself ends those that were begun a week ago.
const PATIENCE: i64 = 24 * HOUR;

#[derive(Deserialize)]
struct Id {
    id: String,
}

/// All that a sweep does. A step that fails does not keep the others from being done.
pub(crate) async fn sweep(env: &Env) {
    let ready = async {
        let store = Store::open(env)?;
        let hooks = Hooks::load(env).await?;
        Ok::<_, Problem>((store, hooks))
    };
    let (store, hooks) = match ready.await {
        Ok(ready) => ready,
        Err(problem) => return told("open", Err(problem)),
    };
    let sweep = Sweep {
        env,
        store: &store,
        now: hooks.now(),
        hooks: &hooks,
    };
    for step in STEPS {
        let result = match step {
            "expire" => sweep.expire().await,
            "recover" => sweep.recover().await,
            "remind" => sweep.remind().await,
            "forget" => sweep.forget().await,
            "discard" => sweep.discard().await,
            _ => sweep.remove_orphans().await,
        };
        if hooks.is_killed() {
            return;
        }
        told(step, result);
    }
}

const STEPS: [&str; 6] = [
    "expire", "recover", "remind", "forget", "discard", "orphans",
];

struct Sweep<'a> {
    env: &'a Env,
    store: &'a Store,
    hooks: &'a Hooks,
    now: Moment,
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

impl Sweep<'_> {
    /// Files whose time is over: the rows say so, and the objects go.
    async fn expire(&self) -> Result<(), Problem> {
        self.hooks.reach("sweep.expire").await?;
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
        self.batch([audit, file, update], &[self.now.into()])
            .await?;
        Ok(self.hooks.reach("sweep.expired").await?)
    }

    /// Jobs whose worker is gone: they wait again, or have been tried often enough.
    async fn recover(&self) -> Result<(), Problem> {
        self.hooks.reach("sweep.recover").await?;
        let lost = "status = 'PROCESSING' AND lease_until > 0 AND lease_until <=";
        let sql =
            format!("SELECT id FROM exports WHERE {lost} ?1 AND attempts >= ?2 LIMIT {BATCH}");
        let values = [self.now.into(), MAX_ATTEMPTS.into()];
        let given_up: Vec<Id> = self.store.all(&sql, &values).await?;
        for job in given_up {
            let problem = Problem::attempts_exhausted();
            let lost = format!("{lost} ?2");
            outcome::end_unheld(&job.id, &lost, &problem, self.store, self.now).await?;
        }
        let again = format!(
            "id IN (SELECT id FROM exports WHERE {lost} ?1 AND attempts < ?2 ORDER BY lease_until, id LIMIT {BATCH})"
        );
        let update = format!(
            "UPDATE exports SET status = 'PENDING', updated_at = ?1, lease_until = NULL, checkpoint = NULL,
               upload_id = NULL, file_key = NULL
             WHERE {again} RETURNING id"
        );
        let [file, tail, _] = discarding("?1", &again);
        let results = self.batch([file, tail, update], &values).await?;
        self.hooks.reach("sweep.recovered").await?;
        for job in store::rows::<Id>(&results, 2)? {
            announce(&job.id, self.env).await;
        }
        Ok(())
    }

    /// Jobs whose message was lost: a new one is sent.
    async fn remind(&self) -> Result<(), Problem> {
        self.hooks.reach("sweep.remind").await?;
        let sql = format!(
            "UPDATE exports SET updated_at = ?1 WHERE id IN (
               SELECT id FROM exports WHERE updated_at <= ?2
                 AND (status = 'PENDING' AND not_before <= ?1 OR status = 'PROCESSING' AND lease_until = 0)
               ORDER BY updated_at, id LIMIT {BATCH})
             RETURNING id"
        );
        let before = Moment(self.now.0 - FORGOTTEN);
        let values = [self.now.into(), before.into()];
        let jobs: Vec<Id> = self.store.all(&sql, &values).await?;
        self.hooks.reach("sweep.reminded").await?;
        for job in jobs {
            announce(&job.id, self.env).await;
        }
        Ok(())
    }

    /// Sessions and idempotency keys that are over.
    async fn forget(&self) -> Result<(), Problem> {
        self.hooks.reach("sweep.forget").await?;
        let statements = [
            "DELETE FROM sessions WHERE expires_at <= ?1",
            "DELETE FROM idempotency_keys WHERE expires_at <= ?1",
        ];
        self.batch(statements, &[self.now.into()]).await.map(drop)
    }

    async fn discard(&self) -> Result<(), Problem> {
        self.hooks.reach("sweep.discard").await?;
        empty_discarded(self.env, self.store, self.now).await
    }

    /// Looks through the bucket, a part of it at each sweep, for objects that no row knows.
    async fn remove_orphans(&self) -> Result<(), Problem> {
        #[derive(Deserialize)]
        struct State {
            value: String,
        }
        self.hooks.reach("sweep.orphans").await?;
        let bucket = upload::bucket(self.env)?;
        let sql = "SELECT value FROM sweep_state WHERE name = 'orphans'";
        let state: Option<State> = self.store.first(sql, &[]).await?;
        let mut list = bucket.list().limit(1000);
        if let Some(state) = state.filter(|state| !state.value.is_empty()) {
            list = list.cursor(state.value);
        }
        let found = match list.execute().await {
            Ok(found) => found,
            Err(error) => {
                // A place that the bucket does not know any more would end every search to come.
                self.set_place("").await?;
                return Err(error.into());
            }
        };
        self.hooks.reach("sweep.listed").await?;
        let old = found.objects().into_iter().filter_map(|object| {
            let uploaded = i64::try_from(object.uploaded().as_millis()).unwrap_or(i64::MAX);
            let key = object.key();
            (uploaded <= self.now.0 - ORPHAN_AGE && upload::is_ours(&key)).then_some(key)
        });
        let old: Vec<String> = old.collect();
        let known = self.known(&old).await?;
        let orphans: Vec<String> = old.into_iter().filter(|key| !known.contains(key)).collect();
        if !orphans.is_empty() {
            bucket.delete_multiple(orphans).await?;
        }
        let place = found.cursor().filter(|_| found.truncated());
        self.set_place(&place.unwrap_or_default()).await
    }

    /// Writes down where the search for orphans goes on.
    async fn set_place(&self, cursor: &str) -> Result<(), Problem> {
        let sql = "INSERT INTO sweep_state (name, value) VALUES ('orphans', ?1)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        self.store.run(sql, &[cursor.into()]).await.map(drop)
    }

    /// Which of these keys a row knows.
    async fn known(&self, keys: &[String]) -> Result<HashSet<String>, Problem> {
        #[derive(Deserialize)]
        struct Known {
            key: Option<String>,
        }
        let ids: HashSet<_> = keys
            .iter()
            .filter_map(|key| key.split('/').nth(2))
            .collect();
        let of_ids = "FROM exports WHERE id IN (SELECT value FROM json_each(?1))";
        let sql = format!(
            "SELECT file_key AS key {of_ids}
             UNION ALL SELECT input_key {of_ids}
             UNION ALL SELECT file_key || '/tail' {of_ids} AND status = 'PROCESSING'"
        );
        let ids = json!(ids).to_string();
        let rows: Vec<Known> = self.store.all(&sql, &[(&ids).into()]).await?;
        Ok(rows.into_iter().filter_map(|row| row.key).collect())
    }

    /// Runs statements that bind the same values.
    async fn batch<S: AsRef<str>, const N: usize>(
        &self,
        statements: [S; N],
        values: &[Bind<'_>],
    ) -> Result<Vec<D1Result>, Problem> {
        let statements = statements
            .iter()
            .map(|sql| self.store.statement(sql.as_ref(), values))
            .collect::<Result<_, _>>()?;
        self.store.batch(statements).await
    }
}

/// Deletes objects that were discarded, and ends their uploads. What cannot be done now stays for the next time.
pub(crate) async fn empty_discarded(env: &Env, store: &Store, now: Moment) -> Result<(), Problem> {
    #[derive(Deserialize)]
    struct Discarded {
        key: String,
        upload_id: Option<String>,
        discarded_at: Moment,
    }
    let sql = format!(
        "SELECT key, upload_id, discarded_at FROM discarded_objects ORDER BY discarded_at, key LIMIT {BATCH}"
    );
    let discarded: Vec<Discarded> = store.all(&sql, &[]).await?;
    if discarded.is_empty() {
        return Ok(());
    }
    let bucket = upload::bucket(env)?;
    let mut done = Vec::new();
    let mut keys = Vec::new();
    let mut trouble = None;
    for object in discarded {
        let mut is_done = true;
        if let Some(id) = &object.upload_id
            && let Err(problem) = upload::abort(&bucket, &object.key, id).await
        {
            is_done = object.discarded_at.0 <= now.0 - PATIENCE;
            trouble = Some(problem);
        }
        if is_done {
            done.push(json!([object.key, object.upload_id]));
        }
        keys.push(object.key);
    }
    if !keys.is_empty() {
        bucket.delete_multiple(keys).await?;
        // An upload that was written down meanwhile has still to be ended.
        let sql = "DELETE FROM discarded_objects WHERE (key, coalesce(upload_id, '')) IN (
            SELECT value ->> 0, coalesce(value ->> 1, '') FROM json_each(?1))";
        let done = json!(done).to_string();
        store.run(sql, &[(&done).into()]).await?;
    }
    trouble.map_or(Ok(()), Err)
}
