//! Query parameters that are known elsewhere: the filters of a resource, and the options of an export.

use super::resources::filter_value;
use crate::catalog::Catalog;
use serde_json::{Map, Value, json};
use tablecast::Resource;

/// Parameters with those in the place of `{"x-parameters-of": …}`.
pub(super) fn expanded(
    parameters: &[Value],
    schemas: &Map<String, Value>,
    catalog: &Catalog,
) -> Option<Vec<Value>> {
    let mut expanded = Vec::new();
    for parameter in parameters {
        match parameter.get("x-parameters-of").and_then(Value::as_str) {
            None => expanded.push(parameter.clone()),
            Some(name) => match schemas.get(name) {
                Some(schema) => options(schema, schemas, &mut expanded)?,
                None => resource(catalog.find(name).ok()?, &mut expanded)?,
            },
        }
    }
    Some(expanded)
}

/// The format, the filters and the switches of a resource.
pub(super) fn resource(resource: &Resource, parameters: &mut Vec<Value>) -> Option<()> {
    let formats: Vec<_> = resource.formats.iter().map(|format| format.id).collect();
    let format = json!({"enum": formats, "default": formats.first()?});
    parameters.push(parameter("format", "The format of the file.", format));
    for filter in &resource.filters {
        let schema = filter_value(filter, resource.field_of(filter));
        parameters.push(parameter(&filter.name, &filter.description, schema));
    }
    for switch in &resource.switches {
        let schema = json!({"type": "boolean", "default": switch.default});
        parameters.push(parameter(&switch.name, &switch.description, schema));
    }
    Some(())
}

/// The options of an export: members of a block are written with dots, and a template is JSON or an id.
pub(super) fn options(
    schema: &Value,
    schemas: &Map<String, Value>,
    parameters: &mut Vec<Value>,
) -> Option<()> {
    for (name, schema) in schema.get("properties")?.as_object()? {
        let schema = flat(schema, schemas)?;
        let description = text(&schema, "description");
        match (name.as_str(), schema.get("properties")) {
            ("template", _) => {
                parameters.push(parameter(name, description, json!({"type": "string"})));
            }
            ("columns", _) => {
                let names = json!({"type": "array", "items": {"type": "string"}});
                parameters.push(parameter(name, description, names));
            }
            (block, Some(members)) => {
                for (member, schema) in members.as_object()? {
                    let name = format!("{block}.{member}");
                    let schema = flat(schema, schemas)?;
                    let description = text(&schema, "description");
                    parameters.push(parameter(&name, description, without_null(&schema)?));
                }
            }
            // A block without members.
            _ if schema.get("additionalProperties").is_some() => {}
            _ => parameters.push(parameter(name, description, without_null(&schema)?)),
        }
    }
    Some(())
}

fn text<'a>(schema: &'a Map<String, Value>, name: &str) -> &'a str {
    schema.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A query parameter. Several values are separated by commas.
pub(super) fn parameter(name: &str, description: &str, mut schema: Value) -> Value {
    let is_list = schema.get("type").is_some_and(|kind| kind == "array");
    if let Some(members) = schema.as_object_mut() {
        members.shift_remove("description");
    }
    let mut parameter =
        json!({"name": name, "in": "query", "description": description, "schema": schema});
    if let (true, Some(members)) = (is_list, parameter.as_object_mut()) {
        members.insert("style".into(), json!("form"));
        members.insert("explode".into(), json!(false));
    }
    parameter
}

/// A schema with what it refers to in it.
fn flat(schema: &Value, schemas: &Map<String, Value>) -> Option<Map<String, Value>> {
    let mut schema = schema.as_object()?.clone();
    if let Some(target) = schema.shift_remove("$ref") {
        let path = target.as_str()?.strip_prefix("#/components/schemas/")?;
        let (name, rest) = path.split_once('/')?;
        let found = schemas.get(name)?.pointer(&format!("/{rest}"))?;
        for (name, value) in found.as_object()? {
            schema.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    Some(schema)
}

/// A schema without null among its values, which a query cannot hold.
fn without_null(schema: &Map<String, Value>) -> Option<Value> {
    let mut schema = schema.clone();
    for (name, null) in [
        ("type", json!("null")),
        ("enum", Value::Null),
        ("anyOf", json!({"type": "null"})),
    ] {
        if let Some(Value::Array(values)) = schema.get_mut(name) {
            values.retain(|value| *value != null);
            if let ("type", [only]) = (name, values.as_slice()) {
                let only = only.clone();
                schema.insert("type".into(), only);
            }
        }
    }
    if let Some(Value::Array(choices)) = schema.get("anyOf")
        && let [only] = choices.as_slice()
    {
        return Some(only.clone());
    }
    Some(Value::Object(schema))
}
