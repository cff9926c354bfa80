//! The tools about exports that are made in the background.

use super::resources::take_text;
use super::tools::Answer;
use crate::call::Call;
use crate::exports;
use crate::problem::Problem;
use crate::query::Query;
use rmcp::model::JsonObject;
use serde_json::{Value, json};
use tablecast::Setting;

/// `create_export`: what the body of the route takes, and the key of its header as a member.
pub(super) async fn create(
    mut arguments: Setting,
    origin: &str,
    call: &Call<'_>,
) -> Result<Answer, Problem> {
    let key = take_text(&mut arguments, "idempotency_key")?;
    let key = exports::checked_key("idempotency_key", key)?;
    if arguments.get("resource").is_none() {
        return Err(Problem::invalid_parameter("resource", "is missing"));
    }
    let export = exports::create_from_options(arguments, key, call).await?;
    Ok(linked(export, origin).into())
}

/// `get_export`.
pub(super) async fn get(
    arguments: JsonObject,
    origin: &str,
    call: &Call<'_>,
) -> Result<Answer, Problem> {
    let mut query = Query::of_arguments(arguments)?;
    let id = query.text("id");
    query.finish()?;
    let id = id.ok_or_else(|| Problem::invalid_parameter("id", "is missing"))?;
    let export = exports::export(&id, call).await?;
    Ok(linked(export, origin).into())
}

/// `list_exports`.
pub(super) async fn list(
    arguments: JsonObject,
    origin: &str,
    call: &Call<'_>,
) -> Result<Answer, Problem> {
    let mut list = exports::page(Query::of_arguments(arguments)?, call).await?;
    if let Some(Value::Array(items)) = list.get_mut("items") {
        for item in items {
            *item = linked(item.take(), origin);
        }
    }
    Ok(list.into())
}

/// An export with the address of its file, where there is one.
fn linked(mut export: Value, origin: &str) -> Value {
    let is_ready = export.get("status").is_some_and(|status| status == "READY");
    let id = export.get("id").and_then(Value::as_str);
    let url = id
        .filter(|_| is_ready)
        .map(|id| format!("{origin}/v1/exports/{id}/download"));
    if let Some(members) = export.as_object_mut() {
        members.insert("download_url".into(), json!(url));
    }
    export
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_that_is_ready_has_an_address() {
        let url = |status| {
            let export = linked(json!({"id": "7", "status": status}), "https://x.test");
            export["download_url"].clone()
        };
        assert_eq!(url("READY"), "https://x.test/v1/exports/7/download");
        for status in ["PENDING", "PROCESSING", "FAILED", "EXPIRED"] {
            assert_eq!(url(status), Value::Null);
        }
    }
}
