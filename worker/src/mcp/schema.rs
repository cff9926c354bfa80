//! What the tools take and give, as JSON Schemas: taken from the description of the routes that do the same, so that
//! there is one place where a parameter or a member is described.

use crate::openapi;
use rmcp::model::JsonObject;
use serde_json::{Value, json};
use tablecast::Resource;

/// How deep references may lead.
const MAX_DEPTH: u32 = 16;

/// The options of a file that are shown to models. All others of the routes are taken too.
const OPTIONS: [&str; 7] = [
    "format",
    "template_id",
    "preset",
    "filename",
    "flatten",
    "strict",
    "time_zone",
];

/// The description of the routes, to take schemas from.
pub(super) struct Schemas(Value);

impl Schemas {
    pub(super) fn read() -> Option<Self> {
        openapi::assemble().map(Self)
    }

    pub(super) fn create_export(&self) -> Option<JsonObject> {
        let mut properties = JsonObject::new();
        let names: Vec<_> = Resource::names().collect();
        properties.insert(
            "resource".into(),
            json!({"enum": names, "description": "The type of the records."}),
        );
        properties.insert("filters".into(), json!({
            "type": "object",
            "description": "Which records: those that all of these choose. describe_resource tells the filters of a type. \
                Default: all of the account.",
        }));
        self.add_options(&mut properties)?;
        let key = self.parameter("/v1/exports", "post", "Idempotency-Key")?;
        properties.insert("idempotency_key".into(), key);
        Some(object(properties, &["resource"]))
    }

    pub(super) fn get_export(&self) -> Option<JsonObject> {
        let id = self.flat(self.0.pointer("/components/parameters/export")?, 0)?;
        let mut properties = JsonObject::new();
        properties.insert("id".into(), property(&id)?);
        Some(closed(object(properties, &["id"])))
    }

    pub(super) fn list_exports(&self) -> Option<JsonObject> {
        let mut properties = JsonObject::new();
        for parameter in self.parameters("/v1/exports", "get")? {
            let name = parameter.get("name")?.as_str()?.to_owned();
            properties.insert(name, property(&parameter)?);
        }
        Some(closed(object(properties, &[])))
    }

    /// An export, with the address of its file.
    pub(super) fn export(&self) -> Option<JsonObject> {
        let Value::Object(mut schema) = self.component("Export")? else {
            return None;
        };
        let url = json!({"anyOf": [{"type": "string", "format": "uri"}, {"type": "null"}]});
        let properties = schema.get_mut("properties")?.as_object_mut()?;
        properties.insert("download_url".into(), url);
        let required = schema.get_mut("required")?.as_array_mut()?;
        required.push(json!("download_url"));
        Some(schema)
    }

    pub(super) fn exports(&self) -> Option<JsonObject> {
        let Value::Object(mut schema) = self.component("ExportList")? else {
            return None;
        };
        let items = schema.get_mut("properties")?.get_mut("items")?;
        *items.get_mut("items")? = Value::Object(self.export()?);
        Some(schema)
    }

    /// The options of a file, as they stand in a query.
    fn add_options(&self, properties: &mut JsonObject) -> Option<()> {
        for name in OPTIONS {
            let schema = self.parameter("/api/export", "post", name)?;
            properties.insert(name.to_owned(), schema);
        }
        Some(())
    }

    /// The schema of a result. It is for programs that check results, and not for models, so it does without words.
    fn component(&self, name: &str) -> Option<Value> {
        let mut schema = self.flat(self.0.pointer("/components/schemas")?.get(name)?, 0)?;
        strip(&mut schema);
        Some(schema)
    }

    fn parameters(&self, path: &str, method: &str) -> Option<Vec<Value>> {
        let operation = self.0.get("paths")?.get(path)?.get(method)?;
        let parameters = operation.get("parameters")?.as_array()?.iter();
        parameters
            .map(|parameter| self.flat(parameter, 0))
            .collect()
    }

    /// The schema of a parameter.
    fn parameter(&self, path: &str, method: &str, name: &str) -> Option<Value> {
        let parameters = self.parameters(path, method)?;
        let is_it = |parameter: &&Value| parameter.get("name").is_some_and(|other| other == name);
        property(parameters.iter().find(is_it)?)
    }

    /// A schema with everything that it refers to in it.
    fn flat(&self, schema: &Value, depth: u32) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        Some(match schema {
            Value::Array(items) => {
                let items = items.iter().map(|item| self.flat(item, depth));
                Value::Array(items.collect::<Option<_>>()?)
            }
            Value::Object(members) => {
                let mut flat = JsonObject::new();
                if let Some(target) = members.get("$ref") {
                    let target = self.0.pointer(target.as_str()?.strip_prefix('#')?)?;
                    flat = self.flat(target, depth + 1)?.as_object()?.clone();
                }
                for (name, value) in members.iter().filter(|(name, _)| *name != "$ref") {
                    flat.insert(name.clone(), self.flat(value, depth)?);
                }
                Value::Object(flat)
            }
            value => value.clone(),
        })
    }
}

/// Takes away what only people read.
fn strip(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            for name in ["description", "examples"] {
                // A member of this name has a schema, which is no text and no list.
                let is_word = |value: &Value| value.is_string() || value.is_array();
                if members.get(name).is_some_and(is_word) {
                    members.shift_remove(name);
                }
            }
            members.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

/// A parameter of a route as a member of an object.
fn property(parameter: &Value) -> Option<Value> {
    let mut schema = parameter.get("schema")?.clone();
    let description = parameter.get("description")?.clone();
    schema
        .as_object_mut()?
        .insert("description".into(), description);
    Some(schema)
}

fn object(properties: JsonObject, required: &[&str]) -> JsonObject {
    let mut schema = JsonObject::new();
    schema.insert("type".into(), json!("object"));
    schema.insert("properties".into(), Value::Object(properties));
    if !required.is_empty() {
        schema.insert("required".into(), json!(required));
    }
    schema
}

/// An object of no other members.
fn closed(mut schema: JsonObject) -> JsonObject {
    schema.insert("additionalProperties".into(), json!(false));
    schema
}
