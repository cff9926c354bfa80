//! The row of an export, and the object that callers see.

use super::request::MEMORIES;
use crate::call::Call;
use crate::moment::Moment;
use crate::problem::Problem;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// Where an export is on its way.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Status {
    Pending,
    Processing,
    Ready,
    Failed,
    Expired,
}

/// The names of all statuses, as queries take them.
pub(crate) const STATUSES: [&str; 5] = ["PENDING", "PROCESSING", "READY", "FAILED", "EXPIRED"];

/// The columns that [`Row`] reads.
pub(super) const COLUMNS: &str = "id, created_by, status, format, resource, resource_id, filters, source, template_id,
    attempts, file_key, file_name, content_type, content_disposition, row_count, file_size, sha256, report, error,
    created_at, updated_at, completed_at, expires_at";

/// What the database knows of an export.
#[derive(Deserialize)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) created_by: String,
    status: Status,
    pub(super) format: String,
    pub(super) resource: Option<String>,
    resource_id: Option<String>,
    filters: String,
    source: Option<String>,
    template_id: Option<String>,
    attempts: u32,
    pub(super) file_key: Option<String>,
    pub(super) file_name: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) content_disposition: Option<String>,
    row_count: Option<u64>,
    pub(super) file_size: Option<u64>,
    pub(super) sha256: Option<String>,
    report: Option<String>,
    pub(super) error: Option<String>,
    created_at: Moment,
    updated_at: Moment,
    pub(super) completed_at: Option<Moment>,
    expires_at: Option<Moment>,
}

/// An export as callers see it: the members of the reference first, then what came to them.
#[derive(Serialize)]
pub(super) struct Export<'a> {
    id: &'a str,
    format: &'a str,
    status: Status,
    resource: Option<&'a str>,
    user_id: Value,
    agent_id: Value,
    session_id: Value,
    priority: Value,
    categories: Value,
    created_after: Value,
    created_before: Value,
    created_at: Moment,
    updated_at: Moment,
    created_by: &'a str,
    resource_id: Option<&'a str>,
    /// Filters and switches as they were given; null for data that the request brought.
    filters: Value,
    source: Option<Value>,
    template_id: Option<&'a str>,
    file_name: Option<&'a str>,
    row_count: Option<u64>,
    file_size: Option<u64>,
    sha256: Option<&'a str>,
    error: Option<Value>,
    report: Option<Value>,
    attempts: u32,
    completed_at: Option<Moment>,
    expires_at: Option<Moment>,
}

impl Row {
    /// The status at this moment: an export is over the moment its time is, whether or not the row says so yet.
    pub(super) fn status(&self, now: Moment) -> Status {
        match self.status {
            Status::Ready if self.expires_at.is_none_or(|end| now >= end) => Status::Expired,
            status => status,
        }
    }

    /// What callers see.
    pub(super) fn export(&self, now: Moment) -> Export<'_> {
        let filters: Value = serde_json::from_str(&self.filters).unwrap_or_default();
        // Those on memories are members of the reference.
        let of_memories = match self.resource.as_deref() {
            Some(MEMORIES) => filters.clone(),
            _ => Value::Null,
        };
        let filter = |name: &str| of_memories.get(name).cloned().unwrap_or_default();
        let json = |text: &Option<String>| serde_json::from_str(text.as_deref()?).ok();
        Export {
            id: &self.id,
            format: &self.format,
            status: self.status(now),
            resource: self.resource.as_deref(),
            user_id: filter("user_id"),
            agent_id: filter("agent_id"),
            session_id: filter("session_id"),
            priority: filter("priority"),
            categories: filter("categories"),
            created_after: filter("created_after"),
            created_before: filter("created_before"),
            created_at: self.created_at,
            updated_at: self.updated_at,
            created_by: &self.created_by,
            resource_id: self.resource_id.as_deref(),
            filters: match self.resource {
                Some(_) => filters,
                None => Value::Null,
            },
            source: json(&self.source),
            template_id: self.template_id.as_deref(),
            file_name: self.file_name.as_deref(),
            row_count: self.row_count,
            file_size: self.file_size,
            sha256: self.sha256.as_deref(),
            error: json(&self.error),
            report: json(&self.report),
            attempts: self.attempts,
            completed_at: self.completed_at,
            expires_at: self.expires_at,
        }
    }
}

/// The account's export of this id. One of another account is as unknown as one that never was.
pub(super) async fn find(id: &str, call: &Call<'_>) -> Result<Row, Problem> {
    if Uuid::try_parse(id).is_err() {
        return Err(Problem::export_not_found());
    }
    let sql = format!("SELECT {COLUMNS} FROM exports WHERE account_id = ?1 AND id = ?2");
    let values = [(&call.caller()?.account_id).into(), id.into()];
    let row = call.store.first(&sql, &values).await?;
    row.ok_or_else(Problem::export_not_found)
}
