//! The audit trail: who did what, written in the same batch as the change itself.

use crate::access::Caller;
use crate::call::Call;
use crate::moment::{MINUTE, Moment};
use crate::problem::Problem;
use crate::query::Query;
use crate::store::{self, Bind, Store};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use worker::{D1PreparedStatement, Request, Response};

/// What a row of the trail tells.
pub(crate) struct Event<'a> {
    pub(crate) account_id: &'a str,
    pub(crate) at: Moment,
    /// `None`: the service itself.
    pub(crate) user_id: Option<&'a str>,
    pub(crate) key_id: Option<&'a str>,
    pub(crate) action: &'static str,
    /// The kind and the id of what it was done to.
    pub(crate) target: Option<(&'static str, &'a str)>,
    pub(crate) request_id: Option<&'a str>,
    pub(crate) details: Value,
}

impl<'a> Event<'a> {
    /// Something that the caller of this request does.
    pub(crate) fn of_call(call: &'a Call<'_>, caller: &'a Caller, action: &'static str) -> Self {
        Self {
            account_id: &caller.account_id,
            at: call.now(),
            user_id: Some(&caller.user_id),
            key_id: Some(&caller.key_id),
            action,
            target: None,
            request_id: Some(call.request_id),
            details: json!({}),
        }
    }

    pub(crate) fn on(mut self, kind: &'static str, id: &'a str) -> Self {
        self.target = Some((kind, id));
        self
    }

    pub(crate) fn with(mut self, details: Value) -> Self {
        self.details = details;
        self
    }

    /// The statement that writes the row, where `condition` holds: SQL whose values begin at `?10`. It comes before the
    /// change that it tells of, in the same batch and under the same condition, so that both happen or neither.
    pub(crate) fn statement(
        &self,
        store: &Store,
        condition: &str,
        values: &[Bind<'_>],
    ) -> Result<D1PreparedStatement, Problem> {
        let sql = format!(
            "INSERT INTO audit (account_id, at, user_id, key_id, action, target_type, target_id, request_id, details)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE {condition}"
        );
        let details = self.details.to_string();
        let (kind, id) = self.target.unzip();
        let mut bound = vec![
            self.account_id.into(),
            self.at.into(),
            self.user_id.into(),
            self.key_id.into(),
            self.action.into(),
            kind.into(),
            id.into(),
            self.request_id.into(),
            Bind::Text(&details),
        ];
        bound.extend_from_slice(values);
        store.statement(&sql, &bound)
    }

    /// Writes the row by itself: what it tells of changes nothing else.
    pub(crate) async fn record(&self, store: &Store) -> Result<(), Problem> {
        let statement = self.statement(store, "TRUE", &[])?;
        statement.run().await?;
        Ok(())
    }

    /// Writes the row unless the account has done too much in the last minute.
    ///
    /// # Errors
    ///
    /// `RATE_LIMITED`.
    pub(crate) async fn record_within_rate(&self, call: &Call<'_>) -> Result<(), Problem> {
        let rate = Rate::of(call, self.account_id);
        let condition = Rate::condition(10);
        let statement = self.statement(&call.store, &condition, &rate.values())?;
        match store::changes(&statement.run().await?)? {
            0 => Err(rate.exceeded(&call.store).await?),
            _ => Ok(()),
        }
    }
}

/// How much work an account may ask for: the rows of the trail that tell of some, within the last minute.
pub(crate) struct Rate<'a> {
    account_id: &'a str,
    now: Moment,
    most: u64,
}

/// Actions that make work: those on files, as the index `audit_of_work` has them, and checks, which have one of their own.
const FILES: &str =
    "action IN ('export.create', 'export.stream', 'export.download', 'account.export')";
const CHECKS: &str = "action = 'agent.check'";

impl<'a> Rate<'a> {
    pub(crate) fn of(call: &Call<'_>, account_id: &'a str) -> Self {
        Self {
            account_id,
            now: call.now(),
            most: call.number("RATE_LIMIT_PER_MINUTE", 600),
        }
    }

    /// SQL that holds while there is room; its three values begin at this number.
    pub(crate) fn condition(first: usize) -> String {
        let (begin, most) = (first + 1, first + 2);
        let count = |actions: &str| {
            format!(
                "(SELECT count(*) FROM audit WHERE account_id = ?{first} AND {actions} AND at > ?{begin})"
            )
        };
        format!("({} + {}) < ?{most}", count(FILES), count(CHECKS))
    }

    pub(crate) fn values(&self) -> [Bind<'a>; 3] {
        let begin = Moment(self.now.0 - MINUTE);
        [self.account_id.into(), begin.into(), self.most.into()]
    }

    /// The answer to what is too much: when there will be room again.
    pub(crate) async fn exceeded(&self, store: &Store) -> Result<Problem, Problem> {
        #[derive(Deserialize)]
        struct Row {
            at: Moment,
        }
        let sql = format!(
            "SELECT at FROM audit WHERE account_id = ?1 AND ({FILES} OR {CHECKS}) AND at > ?2
             ORDER BY at DESC LIMIT 1 OFFSET max(?3 - 1, 0)"
        );
        let row: Option<Row> = store.first(&sql, &self.values()).await?;
        let free = Moment(row.map_or(self.now, |row| row.at).0 + MINUTE);
        Ok(Problem::rate_limited(
            self.most,
            free.seconds_after(self.now),
        ))
    }

    /// Refuses work before it is begun, where the account has done too much already.
    ///
    /// # Errors
    ///
    /// `RATE_LIMITED`.
    pub(crate) async fn admit(&self, store: &Store) -> Result<(), Problem> {
        match self.is_exceeded(store).await? {
            true => Err(self.exceeded(store).await?),
            false => Ok(()),
        }
    }

    /// Whether the account has done too much already.
    pub(crate) async fn is_exceeded(&self, store: &Store) -> Result<bool, Problem> {
        #[derive(Deserialize)]
        struct Row {
            room: f64,
        }
        let sql = format!("SELECT {} AS room", Self::condition(1));
        let row: Option<Row> = store.first(&sql, &self.values()).await?;
        Ok(row.is_some_and(|row| row.room == 0.0))
    }
}

/// A row as it is answered.
#[derive(Deserialize, Serialize)]
struct Row {
    id: i64,
    at: Moment,
    user_id: Option<String>,
    key_id: Option<String>,
    action: String,
    target_type: Option<String>,
    target_id: Option<String>,
    request_id: Option<String>,
    #[serde(serialize_with = "as_json")]
    details: String,
}

/// JSON that is stored as text.
fn as_json<S: serde::Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    let value: Value = serde_json::from_str(text).unwrap_or_default();
    value.serialize(serializer)
}

/// `GET /v1/audit`.
pub(crate) async fn list(request: &Request, call: &Call<'_>) -> Result<Response, Problem> {
    let mut query = Query::of(&request.url()?)?;
    let page = query.page()?;
    let action = query.text("action");
    let user_id = query.text("user_id");
    let target_id = query.text("target_id");
    query.finish()?;
    let filter = "FROM audit WHERE account_id = ?1 AND (?2 IS NULL OR action = ?2)
        AND (?3 IS NULL OR user_id = ?3) AND (?4 IS NULL OR target_id = ?4)";
    let values = [
        (&call.caller()?.account_id).into(),
        (&action).into(),
        (&user_id).into(),
        (&target_id).into(),
    ];
    let list = call
        .store
        .list::<Row>("*", filter, "at DESC, id DESC", &values, page);
    crate::answer::json(200, &list.await?)
}
