//! The paths of files of the catalog: one for each type, since each has parameters and contents of its own.

use super::parameters;
use super::resources::{ENVELOPE, json_file, title};
use crate::catalog::Catalog;
use crate::resources::OPTIONS;
use crate::routes::Route;
use serde_json::{Map, Value, json};
use tablecast::{FORMATS, Resource};

/// Options of a file that are about its columns.
const COLUMN_OPTIONS: [&str; 2] = ["columns", "flatten"];

/// The types that a route with `:type` is for: those of single objects where it has an id, else the others.
pub(super) fn types<'a>(route: &Route, catalog: &'a Catalog) -> impl Iterator<Item = &'a Resource> {
    let by_id = route.path.contains(":id");
    let resources = catalog.resources();
    resources.filter(move |resource| resource.object_table.is_some() == by_id)
}

/// The operation that gives files of a type.
pub(super) fn operation(
    template: &Map<String, Value>,
    resource: &Resource,
    schemas: &Map<String, Value>,
) -> Option<Map<String, Value>> {
    let mut operation = template.clone();
    operation.insert(
        "operationId".into(),
        json!(format!("download{}", title(&resource.name))),
    );
    operation.insert(
        "summary".into(),
        json!(format!("Download {}", resource.label.to_lowercase())),
    );
    let description = operation.get("description")?.as_str()?;
    let description = format!("{} {description}", resource.description);
    operation.insert("description".into(), json!(description));
    fill(&mut operation, resource, schemas)?;
    Some(operation)
}

/// Puts the parameters and the contents of a type into an operation.
pub(super) fn fill(
    operation: &mut Map<String, Value>,
    resource: &Resource,
    schemas: &Map<String, Value>,
) -> Option<()> {
    let mut of_type = Vec::new();
    parameters::resource(resource, &mut of_type)?;
    let options = schemas.get("ExportOptions")?;
    let mut of_file = Vec::new();
    parameters::options(options, schemas, &mut of_file)?;
    // A document has no columns.
    let is_taken = |name: &str| !(resource.is_document() && COLUMN_OPTIONS.contains(&name));
    let is_option = |name: &str| OPTIONS.contains(&name) && name != "format" && is_taken(name);
    let offered = |name: &str| resource.formats.iter().any(|format| format.id == name);
    of_type.extend(of_file.into_iter().filter(|parameter| {
        let name = parameter.get("name").and_then(Value::as_str);
        let block = name.and_then(|name| name.split('.').next());
        block.is_some_and(|block| is_option(block) || offered(block))
    }));
    if resource.record.is_some() && !resource.envelope.is_empty() {
        let envelope = json!({"type": "boolean", "default": true});
        of_type.push(parameters::parameter("envelope", ENVELOPE, envelope));
    }
    let content = operation
        .get_mut("responses")?
        .pointer_mut("/200")?
        .as_object_mut()?;
    content.insert("content".into(), contents(resource));
    operation
        .entry("parameters")
        .or_insert_with(|| json!([]))
        .as_array_mut()?
        .extend(of_type);
    let is_built = |id: &str| {
        FORMATS
            .iter()
            .any(|format| format.id == id && format.is_built())
    };
    if resource.formats.iter().any(|format| !is_built(format.id)) {
        let errors = operation.get_mut("x-errors")?.as_array_mut()?;
        errors.push(json!("FORMAT_NOT_BUILT"));
    }
    Some(())
}

/// The formats of a type that can be written, by their media types. HTML comes in the place of PDF.
fn contents(resource: &Resource) -> Value {
    let mut contents = Map::new();
    for format in FORMATS.iter().filter(|format| format.is_built()) {
        let offered = resource.formats.iter();
        let mut offered = offered.filter(|other| {
            other.id == format.id || format.id == "html" && other.id == "pdf" && !other.is_built()
        });
        if offered.next().is_none() {
            continue;
        }
        let schema = match format.id {
            "json" => json_file(resource),
            _ => json!({"description": format.label}),
        };
        contents.insert(format.media_type.to_owned(), json!({"schema": schema}));
    }
    Value::Object(contents)
}

#[cfg(test)]
mod tests {
    use crate::catalog::Catalog;
    use serde_json::Value;

    #[test]
    fn a_document_is_offered_no_options_of_tables() {
        let document = crate::openapi::assemble(&Catalog::shipped()).unwrap();
        let names = |path: &str| -> Vec<&str> {
            let parameters = document["paths"][path]["get"]["parameters"].as_array();
            let names = parameters.unwrap().iter();
            names
                .filter_map(|parameter| parameter.get("name")?.as_str())
                .collect()
        };
        for (path, is_table) in [
            ("/v1/resources/governance_policies/export", true),
            ("/v1/resources/knowledge_base/{id}/export", false),
            ("/api/agents/{id}/export", false),
        ] {
            let names = names(path);
            for name in ["columns", "flatten", "envelope"] {
                assert_eq!(names.contains(&name), is_table, "{path}: {name}");
            }
            assert!(names.contains(&"strict") && names.contains(&"json.pretty"));
        }
        let choices = document["components"]["schemas"]["Selection"]["anyOf"].as_array();
        for choice in choices.unwrap() {
            let properties = &choice["properties"];
            let values = properties["envelope"].get("enum").and_then(Value::as_array);
            let name = properties["resource"]["const"].as_str().unwrap();
            let resource = tablecast::Resource::find(name).unwrap();
            assert_eq!(values.is_some(), resource.is_document(), "{name}");
        }
    }
}
