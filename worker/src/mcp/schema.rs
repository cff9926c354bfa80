//! What the tools take and give, as JSON Schemas: taken from the description of the routes that do the same, so that
//! there is one place where a parameter or a member is described.

use crate::catalog::Catalog;
use crate::openapi;
use rmcp::model::JsonObject;
use serde_json::{Value, json};

/// How deep references may lead.
const MAX_DEPTH: u32 = 16;

/// The options of a file that are shown to models, some in words of their own. All others of the routes are taken too.
const OPTIONS: [(&str, Option<&str>); 7] = [
    (
        "format",
        Some("The format, one of those that the type is offered in. Default: the first of them."),
    ),
    ("template_id", None),
    (
        "preset",
        Some("Values for many options by a name, as the reader of the file wants them."),
    ),
    ("filename", None),
    ("flatten", None),
    ("strict", None),
    ("time_zone", None),
];

/// The description of the routes, to take schemas from.
pub(super) struct Schemas {
    document: Value,
    /// The names of all types of resources.
    names: Vec<String>,
}

impl Schemas {
    pub(super) fn read(catalog: &Catalog) -> Option<Self> {
        let names = catalog.resources().map(|resource| resource.name.clone());
        Some(Self {
            document: openapi::assemble(catalog)?,
            names: names.collect(),
        })
    }

    /// For a tool that takes nothing.
    pub(super) fn nothing(&self) -> JsonObject {
        closed(object(JsonObject::new(), &[]))
    }

    pub(super) fn describe_resource(&self) -> JsonObject {
        let mut properties = JsonObject::new();
        properties.insert("type".into(), self.name());
        closed(object(properties, &["type"]))
    }

    pub(super) fn export_resource(&self) -> Option<JsonObject> {
        let mut properties = JsonObject::new();
        properties.insert("type".into(), self.name());
        self.add_choice(&mut properties)?;
        Some(object(properties, &["type"]))
    }

    pub(super) fn export_agent(&self) -> JsonObject {
        let mut properties = JsonObject::new();
        let id = json!({"type": "string", "description": "The agent's id."});
        properties.insert("agent_id".into(), id);
        closed(object(properties, &["agent_id"]))
    }

    /// The types of resources, in outline.
    pub(super) fn outlines(&self) -> JsonObject {
        let text = || json!({"type": "string"});
        let outline = members(json!({
            "name": text(),
            "label": text(),
            "description": text(),
            "formats": {"type": "array", "items": text()},
            "by_id": {"type": "boolean"},
        }));
        let required: Vec<_> = outline.keys().cloned().collect();
        let required: Vec<_> = required.iter().map(String::as_str).collect();
        let items = json!({"type": "array", "items": closed(object(outline, &required))});
        closed(object(members(json!({"items": items})), &["items"]))
    }

    /// A type of resource.
    pub(super) fn resource(&self) -> Option<JsonObject> {
        self.component("Resource")
    }

    /// A file, and what was noticed in making it.
    pub(super) fn file(&self) -> Option<JsonObject> {
        let mut schema = self.component("Report")?;
        let properties = schema.get_mut("properties")?.as_object_mut()?;
        // Only a job knows it.
        properties.shift_remove("peak_wasm_bytes");
        for name in ["file_name", "content_type", "text"] {
            properties.insert(name.into(), json!({"type": "string"}));
        }
        let names: Vec<_> = properties.keys().cloned().collect();
        schema.insert("required".into(), json!(names));
        Some(schema)
    }

    pub(super) fn create_export(&self) -> Option<JsonObject> {
        let mut properties = JsonObject::new();
        properties.insert("resource".into(), self.name());
        self.add_choice(&mut properties)?;
        let key = self.parameter("/v1/exports", "post", "Idempotency-Key")?;
        properties.insert("idempotency_key".into(), key);
        Some(object(properties, &["resource"]))
    }

    pub(super) fn get_export(&self) -> Option<JsonObject> {
        let id = self.flat(self.document.pointer("/components/parameters/export")?, 0)?;
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
        let mut schema = self.component("Export")?;
        let url = json!({"anyOf": [{"type": "string", "format": "uri"}, {"type": "null"}]});
        let properties = schema.get_mut("properties")?.as_object_mut()?;
        properties.insert("download_url".into(), url);
        let required = schema.get_mut("required")?.as_array_mut()?;
        required.push(json!("download_url"));
        Some(schema)
    }

    pub(super) fn exports(&self) -> Option<JsonObject> {
        let mut schema = self.component("ExportList")?;
        let items = schema.get_mut("properties")?.get_mut("items")?;
        *items.get_mut("items")? = Value::Object(self.export()?);
        Some(schema)
    }

    fn name(&self) -> Value {
        json!({"type": "string", "enum": self.names, "description": "The type of the records."})
    }

    /// What is chosen of a type, and the options of a file, as they stand in a query.
    fn add_choice(&self, properties: &mut JsonObject) -> Option<()> {
        let id = json!({
            "type": "string",
            "description": "The id of the object, for types of which one is exported at a time.",
        });
        properties.insert("resource_id".into(), id);
        let filters = json!({
            "type": "object",
            "description": "Which records, and which fields: by the names of the filters and switches that \
                describe_resource tells. Default: all records of the account.",
        });
        properties.insert("filters".into(), filters);
        for (name, description) in OPTIONS {
            let mut schema = members(self.parameter("/api/export", "post", name)?);
            // Not every client gets along without it.
            schema.entry("type").or_insert_with(|| json!("string"));
            if let Some(description) = description {
                schema.insert("description".into(), json!(description));
            }
            properties.insert(name.to_owned(), Value::Object(schema));
        }
        Some(())
    }

    /// The schema of a result. It is for programs that check results, and not for models, so it does without words.
    fn component(&self, name: &str) -> Option<JsonObject> {
        let mut schema = self.flat(self.document.pointer("/components/schemas")?.get(name)?, 0)?;
        strip(&mut schema);
        Some(members(schema))
    }

    fn parameters(&self, path: &str, method: &str) -> Option<Vec<Value>> {
        let operation = self.document.get("paths")?.get(path)?.get(method)?;
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
                    let target = self.document.pointer(target.as_str()?.strip_prefix('#')?)?;
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

fn members(value: Value) -> JsonObject {
    match value {
        Value::Object(members) => members,
        _ => JsonObject::new(),
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
