//! The tools about the types of resources, and files that are made while the call is answered.

use super::tools::Answer;
use crate::call::Call;
use crate::catalog;
use crate::chosen::Chosen;
use crate::problem::{Problem, report_document};
use crate::query::Query;
use crate::resources;
use rmcp::model::JsonObject;
use serde_json::{Value, json};
use tablecast::{Resource, Setting, Surface};

/// The most bytes of a file that stands in an answer.
const MAX_FILE: usize = 256 << 10;

/// `list_resources`: what a model needs to choose a type.
pub(super) fn list(arguments: JsonObject, call: &Call<'_>) -> Result<Answer, Problem> {
    Query::of_arguments(arguments)?.finish()?;
    let resources = catalog::of(call.env)?.resources();
    let items: Vec<Value> = resources.map(outline).collect();
    Ok(json!({"items": items}).into())
}

fn outline(resource: &Resource) -> Value {
    let formats: Vec<_> = resource.formats.iter().map(|format| format.id).collect();
    json!({
        "name": resource.name,
        "label": resource.label,
        "description": resource.description,
        "formats": formats,
        "by_id": resource.object_table.is_some(),
    })
}

/// `describe_resource`: all that the definition tells.
pub(super) fn describe(arguments: JsonObject, call: &Call<'_>) -> Result<Answer, Problem> {
    let mut query = Query::of_arguments(arguments)?;
    let name = required(query.text("type"), "type")?;
    query.finish()?;
    let resource = catalog::of(call.env)?.find(&name)?;
    Ok(resources::described(resource)?.into())
}

/// `export_resource`.
pub(super) async fn export(mut arguments: Setting, call: &Call<'_>) -> Result<Answer, Problem> {
    let name = required(take_text(&mut arguments, "type")?, "type")?;
    let id = take_text(&mut arguments, "resource_id")?;
    let resource = catalog::of(call.env)?.find(&name)?;
    let filters = arguments.remove("filters").unwrap_or_default();
    let chosen = Chosen::from_body(resource, id, &filters)?;
    if let Setting::Map(members) = &mut arguments {
        members.retain(|(_, value)| *value != Setting::Null);
        resources::check_names(members.iter().map(|(name, _)| name.as_str()), resource)?;
    }
    file(&chosen, arguments, call).await
}

/// `export_agent`.
pub(super) async fn export_agent(
    arguments: JsonObject,
    call: &Call<'_>,
) -> Result<Answer, Problem> {
    let mut query = Query::of_arguments(arguments)?;
    let id = required(query.text("agent_id"), "agent_id")?;
    query.finish()?;
    let resource = catalog::of(call.env)?.find(resources::AGENT)?;
    let chosen = Chosen::from_body(resource, Some(id), &Setting::Null)?;
    file(&chosen, Setting::Map(Vec::new()), call).await
}

/// The file as text, with what is told about it. One that is too large is refused as a whole.
async fn file(chosen: &Chosen<'_>, options: Setting, call: &Call<'_>) -> Result<Answer, Problem> {
    let flow = resources::begin(chosen, options, Surface::Http, call).await?;
    let about = flow.file().clone();
    let Some((bytes, report)) = flow.collect(MAX_FILE).await? else {
        return Err(Problem::file_too_large(MAX_FILE));
    };
    let text = String::from_utf8(bytes).map_err(|_| {
        let reason = "gives a file that is no text; ask for it with create_export";
        Problem::invalid_parameter("format", reason)
    })?;
    let mut result = report_document(&report);
    if let Some(members) = result.as_object_mut() {
        members.insert("file_name".into(), json!(about.name));
        members.insert("content_type".into(), json!(about.content_type));
        members.insert("text".into(), json!(text));
    }
    let text = Some(text);
    Ok(Answer { text, result })
}

fn required(value: Option<String>, name: &str) -> Result<String, Problem> {
    value.ok_or_else(|| Problem::invalid_parameter(name, "is missing"))
}

/// Takes an argument that is a text.
pub(super) fn take_text(arguments: &mut Setting, name: &str) -> Result<Option<String>, Problem> {
    match arguments.remove(name) {
        None => Ok(None),
        Some(Setting::Text(text)) => Ok(Some(text)),
        Some(_) => Err(Problem::invalid_parameter(name, "is a text")),
    }
}
