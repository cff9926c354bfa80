//! Claiming a job, holding it, giving it back.

use super::outcome::discarding;
use super::run::Trouble;
use crate::hooks::Hooks;
use crate::moment::{MINUTE, Moment};
use crate::problem::Problem;
use crate::store::{self, Bind, Store};
use serde::Deserialize;

/// How long a lease lasts without being renewed, and when it is renewed.
pub(super) const LEASE: i64 = 2 * MINUTE;
const RENEWAL: i64 = MINUTE / 2;

/// How often the work at a job is begun at most.
pub(super) const MAX_ATTEMPTS: u32 = 5;

/// A job as whoever works at it knows it.
#[derive(Debug, Deserialize)]
pub(super) struct Claimed {
    pub(super) id: String,
    pub(super) account_id: String,
    pub(super) created_by: String,
    pub(super) resource: Option<String>,
    pub(super) resource_id: Option<String>,
    pub(super) filters: String,
    pub(super) options: String,
    pub(super) input_key: Option<String>,
    pub(super) input_member: Option<String>,
    pub(super) attempts: u32,
    pub(super) fence: u32,
    pub(super) checkpoint: Option<String>,
    pub(super) file_key: String,
    pub(super) content_type: String,
    pub(super) created_at: Moment,
}

/// What became of trying to claim a job.
pub(super) enum Claim {
    Mine(Box<Claimed>),
    /// It waits until this moment.
    Waits(Moment),
    /// It is over, gone, or somebody else is at it.
    NotMine,
}

/// A job that can be claimed at `?2`: it waits and its time has come, it was paused, or its lease was lost.
const CLAIMABLE: &str = "(status = 'PENDING' AND not_before <= ?2
    OR status = 'PROCESSING' AND lease_until <= ?2)";

/// A job that goes on where it was paused. Any other claim begins from the start.
const PAUSED: &str = "status = 'PROCESSING' AND lease_until = 0 AND checkpoint IS NOT NULL";

/// Claims a job by compare-and-set. What a lost attempt left in the bucket is discarded in the same batch.
pub(super) async fn claim(id: &str, store: &Store, hooks: &Hooks) -> Result<Claim, Problem> {
    hooks.reach("job.claim").await?;
    let now = hooks.now();
    let lost = format!("id = ?1 AND {CLAIMABLE} AND NOT ({PAUSED}) AND attempts < ?3");
    let [file, tail, _] = discarding("?2", &lost);
    let claim = format!(
        "UPDATE exports SET
           attempts = attempts + iif({PAUSED}, 0, 1),
           file_key = iif({PAUSED}, file_key, 'exports/' || account_id || '/' || id || '/' || (attempts + 1)),
           upload_id = iif({PAUSED}, upload_id, NULL),
           checkpoint = iif({PAUSED}, checkpoint, NULL),
           status = 'PROCESSING', fence = fence + 1, lease_until = ?4, updated_at = ?2
         WHERE id = ?1 AND {CLAIMABLE} AND (attempts < ?3 OR {PAUSED})
         RETURNING id, account_id, created_by, resource, resource_id, filters, options, input_key, input_member, attempts, fence, checkpoint,
           file_key, content_type, created_at"
    );
    let waits =
        "SELECT not_before FROM exports WHERE id = ?1 AND status = 'PENDING' AND not_before > ?2";
    let values: [Bind<'_>; 4] = [
        id.into(),
        now.into(),
        MAX_ATTEMPTS.into(),
        Moment(now.0 + LEASE).into(),
    ];
    let (of_lost, _) = values.split_at(3);
    let (of_waits, _) = values.split_at(2);
    let results = store
        .batch(vec![
            store.statement(&file, of_lost)?,
            store.statement(&tail, of_lost)?,
            store.statement(&claim, &values)?,
            store.statement(waits, of_waits)?,
        ])
        .await?;
    #[derive(Deserialize)]
    struct Waits {
        not_before: Moment,
    }
    if let Some(claimed) = store::rows(&results, 2)?.pop() {
        return Ok(Claim::Mine(Box::new(claimed)));
    }
    let waits: Option<Waits> = store::rows(&results, 3)?.pop();
    Ok(waits.map_or(Claim::NotMine, |waits| Claim::Waits(waits.not_before)))
}

/// The hold on a job.
pub(super) struct Lease<'a> {
    id: &'a str,
    fence: u32,
    renewed: Moment,
}

impl<'a> Lease<'a> {
    /// The hold that a claim gave at this moment.
    pub(super) fn new(id: &'a str, fence: u32, now: Moment) -> Self {
        Self {
            id,
            fence,
            renewed: now,
        }
    }

    /// Renews the lease when it is time to. `upload_id` is written down along with it, so that whoever comes after a
    /// crash can end the upload.
    ///
    /// Gives whether the job is still ours.
    pub(super) async fn hold(
        &mut self,
        upload_id: Option<&str>,
        store: &Store,
        hooks: &Hooks,
        at_once: bool,
    ) -> Result<bool, Trouble> {
        let now = hooks.now();
        if !at_once && now.0 - self.renewed.0 < RENEWAL {
            return Ok(true);
        }
        hooks.reach("job.renew").await?;
        let now = hooks.now();
        let sql = "UPDATE exports SET lease_until = ?3, upload_id = ?4
            WHERE id = ?1 AND fence = ?2 AND status = 'PROCESSING'";
        let values = [
            self.id.into(),
            self.fence.into(),
            Moment(now.0 + LEASE).into(),
            upload_id.into(),
        ];
        self.renewed = now;
        Ok(store.run(sql, &values).await? > 0)
    }
}
