//! `/openapi.json`: the description of this API in OpenAPI 3.1.
//!
//! What people write about operations and schemas stands in the JSON files beside this one, in the words of OpenAPI with
//! a few of our own. What the program knows is filled in from where it knows it: routes and permissions from the table
//! of routes, formats, resources and their filters from the engine, errors from the one list of codes.
//!
//! | file | what |
//! |---|---|
//! | `document.json` | about the whole, and what operations share |
//! | `exports.json`, `resources.json`, `agents.json`, `files.json`, `templates.json`, `access.json`, `audit.json`, `mcp.json` | paths and schemas by topic |
//! | `errors.json`, `errors.rs` | every code with its status, and the answers of an operation that are errors |
//! | `resources.rs` | schemas of the types of resources in the catalog |
//! | `files.rs` | the paths of their files, one for each type |
//! | `parameters.rs` | query parameters of filters and options |
//!
//! The words of our own are replaced:
//!
//! | word | becomes |
//! |---|---|
//! | `"x-errors": […]` of an operation | an answer for each status of these codes, and groups of codes |
//! | `"headers": ["Name", "Name?"]` of an answer | those of `components/headers`; a question mark: not always |
//! | `"content": "files"` of an answer | every format that can be written |
//! | `{"x-parameters-of": …}` among parameters | the query parameters of a resource, or of the schema of options |
//! | `"x-resource": …` of an operation | the parameters and contents of this resource's file |
//! | a path with `{type}` | one for each type of resource |

mod errors;
mod files;
mod parameters;
mod resources;

use crate::access::{Permission, ROLES};
use crate::catalog::{self, Catalog};
use crate::exports::{SOURCE_TYPES, STATUSES};
use crate::problem::Problem;
use crate::routes::{Access, ROUTES, Route};
use errors::Errors;
use serde_json::{Map, Value, json};
use std::sync::OnceLock;
use tablecast::FORMATS;
use worker::{Env, Response};

const DOCUMENT: &str = include_str!("document.json");

/// Paths and components by topic.
const TOPICS: [&str; 8] = [
    include_str!("exports.json"),
    include_str!("resources.json"),
    include_str!("agents.json"),
    include_str!("files.json"),
    include_str!("templates.json"),
    include_str!("access.json"),
    include_str!("audit.json"),
    include_str!("mcp.json"),
];

const PROBLEM: &str = include_str!("../../problem.schema.json");

/// The schema of templates that the package publishes.
const TEMPLATE: &str = include_str!("../../../pkg/template.schema.json");

/// Answers the route.
pub(crate) fn document(env: &Env) -> Result<Response, Problem> {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = match TEXT.get() {
        Some(text) => text,
        None => {
            let document = assemble(catalog::of(env)?)
                .ok_or_else(|| Problem::internal("the description of the API is damaged"))?;
            TEXT.get_or_init(|| document.to_string())
        }
    };
    let response = Response::ok(text)?;
    let headers = response.headers();
    headers.set("Content-Type", "application/json")?;
    // It is the same until the next deployment.
    headers.set("Cache-Control", "public, max-age=300")?;
    headers.set("X-Content-Type-Options", "nosniff")?;
    Ok(response)
}

/// The whole document; `None` where one of its parts is not what it has to be.
pub(crate) fn assemble(catalog: &Catalog) -> Option<Value> {
    let errors = Errors::read()?;
    let mut document: Map<String, Value> = read(DOCUMENT)?;
    let info = members(document.get_mut("info"))?;
    info.insert("version".into(), json!(env!("CARGO_PKG_VERSION")));
    let license = env!("CARGO_PKG_LICENSE");
    info.insert(
        "license".into(),
        json!({"name": license, "identifier": license}),
    );
    for topic in TOPICS {
        let topic: Map<String, Value> = read(topic)?;
        for (name, content) in topic {
            let place = match name.as_str() {
                "paths" => members(document.get_mut("paths"))?,
                _ => {
                    let components = members(document.get_mut("components"))?;
                    members(Some(components.entry(name).or_insert_with(|| json!({}))))?
                }
            };
            place.extend(content.as_object()?.clone());
        }
    }
    let components = members(document.get_mut("components"))?;
    let schemas = members(components.get_mut("schemas"))?;
    fill(schemas, &errors, catalog)?;
    let schemas = schemas.clone();
    let headers = components.get("headers")?.as_object()?.clone();
    let unrouted = json!({
        "NotFound": errors.response(404, &["NOT_FOUND"], &headers)?,
        "MethodNotAllowed": errors.response(405, &["METHOD_NOT_ALLOWED"], &headers)?,
    });
    components.insert("responses".into(), unrouted);
    let paths = members(document.get_mut("paths"))?;
    for route in &ROUTES {
        let place = path(route);
        let method = route.method.to_ascii_lowercase();
        if !route.path.contains(":type") {
            let operation = members(members(paths.get_mut(&place))?.get_mut(&method))?;
            complete(operation, route, &errors, catalog, &schemas, &headers)?;
            continue;
        }
        let template = paths.shift_remove(&place)?;
        for resource in files::types(route, catalog) {
            let mut path = template.clone();
            let operation = members(members(Some(&mut path))?.get_mut(&method))?;
            *operation = files::operation(operation, resource, &schemas)?;
            complete(operation, route, &errors, catalog, &schemas, &headers)?;
            paths.insert(place.replace("{type}", &resource.name), path);
        }
    }
    Some(Value::Object(document))
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

fn members(value: Option<&mut Value>) -> Option<&mut Map<String, Value>> {
    value?.as_object_mut()
}

/// A route's path as OpenAPI writes it.
fn path(route: &Route) -> String {
    route.path.replace(":id", "{id}").replace(":type", "{type}")
}

/// The schemas that are kept elsewhere, and those whose values the program knows.
fn fill(schemas: &mut Map<String, Value>, errors: &Errors, catalog: &Catalog) -> Option<()> {
    // Both stand inside of this document now.
    let template = TEMPLATE.replace(
        "\"#/$defs/",
        "\"#/components/schemas/TemplateDocument/$defs/",
    );
    for (name, text) in [("Problem", PROBLEM), ("TemplateDocument", &template)] {
        let mut schema: Map<String, Value> = read(text)?;
        schema.remove("$schema");
        schemas.insert(name.into(), Value::Object(schema));
    }
    schemas.insert("ErrorCode".into(), errors.schema());
    resources::fill(schemas, catalog)?;
    let permissions = Permission::ALL.map(|(_, name, _)| name);
    let spellings = Permission::ALL
        .iter()
        .flat_map(|(_, first, second)| std::iter::once(*first).chain(*second));
    let mut put = |pointer: &str, values: Vec<&str>| {
        let schema = members(match pointer.split_once('/') {
            Some((schema, property)) => schemas
                .get_mut(schema)?
                .pointer_mut(&format!("/properties/{property}")),
            None => schemas.get_mut(pointer),
        })?;
        schema.insert("enum".into(), json!(values));
        Some(())
    };
    put("FormatId", FORMATS.iter().map(|format| format.id).collect())?;
    put("Permission", permissions.to_vec())?;
    put("Scope", spellings.collect())?;
    put("Role", ROLES.iter().map(|(name, _)| *name).collect())?;
    put("ExportStatus", STATUSES.to_vec())?;
    put("SourceType", SOURCE_TYPES.to_vec())?;
    put("ExportError/code", errors.expand(&["job"])?)
}

/// Puts into an operation what its route and its words say.
fn complete(
    operation: &mut Map<String, Value>,
    route: &Route,
    errors: &Errors,
    catalog: &Catalog,
    schemas: &Map<String, Value>,
    headers: &Map<String, Value>,
) -> Option<()> {
    if let Some(name) = operation.shift_remove("x-resource") {
        let resource = catalog.find(name.as_str()?).ok()?;
        files::fill(operation, resource, schemas)?;
    }
    if let Some(Value::Array(parameters)) = operation.get_mut("parameters") {
        *parameters = parameters::expanded(parameters, schemas, catalog)?;
    }
    let permissions = route.access.permissions();
    let permissions: Vec<_> = permissions.into_iter().map(Permission::name).collect();
    let mut codes = match operation.shift_remove("x-errors") {
        Some(words) => {
            let words: Option<Vec<_>> = words.as_array()?.iter().map(Value::as_str).collect();
            errors.expand(&words?)?
        }
        None => Vec::new(),
    };
    if route.access != Access::Open {
        codes.extend(["UNAUTHENTICATED", "INTERNAL", "BROKEN_DEFINITION"]);
        if route.method != "GET" {
            codes.push("CROSS_SITE");
        }
        if !permissions.is_empty() {
            codes.push("FORBIDDEN");
        }
        operation.insert("x-permission".into(), json!(permissions));
    }
    operation.insert("security".into(), security(route.access, &permissions));
    let responses = members(operation.get_mut("responses"))?;
    for response in responses.values_mut() {
        let response = response.as_object_mut()?;
        let names: Vec<String> = match response.get("headers") {
            Some(names) => serde_json::from_value(names.clone()).ok()?,
            None => Vec::new(),
        };
        response.insert("headers".into(), errors::headers(&names, headers)?);
        if response
            .get("content")
            .is_some_and(|content| content == "files")
        {
            response.insert("content".into(), files());
        }
    }
    for (status, problem) in errors.responses(&codes, headers)? {
        match responses.get_mut(&status) {
            Some(response) => join(response, problem)?,
            None => drop(responses.insert(status, problem)),
        }
    }
    Some(())
}

/// Adds a problem document to an answer of the same status that is something else.
fn join(response: &mut Value, problem: Value) -> Option<()> {
    let Value::Object(mut problem) = problem else {
        return None;
    };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let description = format!(
        "{} {}",
        text(response.get("description")?)?,
        text(problem.get("description")?)?
    );
    for name in ["headers", "content"] {
        let added = problem.remove(name)?;
        members(response.get_mut(name))?.extend(added.as_object()?.clone());
    }
    let response = response.as_object_mut()?;
    response.insert("description".into(), json!(description));
    Some(())
}

/// The ways in: by a key or by a session, with one of the permissions.
fn security(access: Access, permissions: &[&str]) -> Value {
    match access {
        Access::Open => json!([]),
        // The key may also stand in the body.
        Access::Key => json!([{"key": []}, {}]),
        _ if permissions.is_empty() => json!([{"key": []}, {"session": []}]),
        _ => permissions
            .iter()
            .flat_map(|name| [json!({"key": [name]}), json!({"session": [name]})])
            .collect(),
    }
}

/// Every format that can be written, by its media type.
fn files() -> Value {
    let built = FORMATS.iter().filter(|format| format.is_built());
    let content = built.map(|format| {
        let content = json!({"schema": {"description": format.label}});
        (format.media_type.to_owned(), content)
    });
    Value::Object(content.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use tablecast::Resource;

    const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

    fn operations(document: &Value) -> Vec<(String, &Value)> {
        let paths = document["paths"].as_object().unwrap();
        let operations = paths.iter().flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().iter();
            methods
                .filter(|(method, _)| METHODS.contains(&method.as_str()))
                .map(move |(method, operation)| (format!("{method} {path}"), operation))
        });
        operations.collect()
    }

    fn each<'a>(value: &'a Value, look: &mut impl FnMut(&'a str, &'a Value)) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    look(name, value);
                    each(value, look);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| each(item, look)),
            _ => {}
        }
    }

    #[test]
    fn the_routes_are_described_and_nothing_else() {
        let document = assemble(&Catalog::shipped()).unwrap();
        let described: BTreeSet<_> = operations(&document)
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        let catalog = Catalog::shipped();
        let mut routes = BTreeSet::new();
        for route in &ROUTES {
            let name = format!("{} {}", route.method.to_lowercase(), path(route));
            match name.contains("{type}") {
                false => _ = routes.insert(name),
                true => routes.extend(
                    files::types(route, &catalog)
                        .map(|resource| name.replace("{type}", &resource.name)),
                ),
            }
        }
        assert_eq!(described, routes);
    }

    #[test]
    fn each_operation_says_what_it_needs() {
        let document = assemble(&Catalog::shipped()).unwrap();
        let mut ids = BTreeSet::new();
        for (name, operation) in operations(&document) {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id), "{id} stands twice");
            let route = ROUTES.iter().find(|route| {
                let (before, behind) = match path(route).split_once("{type}") {
                    None => (path(route), String::new()),
                    Some((before, behind)) => (before.to_owned(), behind.to_owned()),
                };
                let path = name.strip_prefix(&format!("{} ", route.method.to_lowercase()));
                path.and_then(|path| path.strip_prefix(&before)?.strip_suffix(&behind))
                    .is_some_and(|named| {
                        !named.contains('/') && (behind.is_empty() == named.is_empty())
                    })
            });
            let access = route.unwrap().access;
            let statuses = operation["responses"].as_object().unwrap();
            let is_open = access == Access::Open;
            assert_eq!(statuses.contains_key("401"), !is_open, "{name}");
            assert_eq!(operation.get("x-permission").is_some(), !is_open, "{name}");
            assert_eq!(operation["security"] == json!([]), is_open, "{name}");
        }
        let needs = |path: &str, method: &str| &document["paths"][path][method]["x-permission"];
        assert_eq!(needs("/v1/exports", "post"), &json!(["exports:create"]));
        assert_eq!(needs("/v1/me", "get"), &json!([]));
        assert_eq!(
            needs("/v1/templates", "get"),
            &json!(["exports:create", "exports:templates"])
        );
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = assemble(&Catalog::shipped()).unwrap();
        let mut count = 0;
        each(&document, &mut |name, value| {
            if name == "$ref" {
                let target = value.as_str().unwrap().strip_prefix('#').unwrap();
                assert!(document.pointer(target).is_some(), "{target}");
                count += 1;
            }
        });
        assert!(count > 100);
    }

    #[test]
    fn no_word_of_our_own_is_left() {
        let document = assemble(&Catalog::shipped()).unwrap();
        each(&document, &mut |name, value| {
            assert!(!matches!(name, "x-errors" | "x-parameters-of"), "{value}");
            assert!(name != "headers" || value.is_object(), "{value}");
            assert!(name != "content" || !value.is_string() || value != "files");
        });
    }

    #[test]
    fn filters_and_formats_are_those_of_the_catalog() {
        let document = assemble(&Catalog::shipped()).unwrap();
        let parameters = document["paths"]["/v1/exports"]["post"]["parameters"].as_array();
        let names: Vec<_> = parameters
            .unwrap()
            .iter()
            .filter(|parameter| parameter["in"] == "query")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        assert_eq!(
            names,
            [
                "format",
                "user_id",
                "agent_id",
                "session_id",
                "priority",
                "categories",
                "created_after",
                "created_before"
            ]
        );
        let schemas = &document["components"]["schemas"];
        let names = schemas["ResourceName"]["enum"].as_array().unwrap();
        assert_eq!(names.len(), Resource::names().count());
        assert_eq!(
            schemas["FormatId"]["enum"].as_array().unwrap().len(),
            FORMATS.len()
        );
        let files = &document["paths"]["/api/export"]["post"]["responses"]["200"]["content"];
        assert!(files.get("text/csv").is_some() && files.get("application/pdf").is_none());
    }

    #[test]
    fn options_are_query_parameters_with_dots() {
        let document = assemble(&Catalog::shipped()).unwrap();
        let parameters = &document["paths"]["/api/export"]["post"]["parameters"];
        let parameters = parameters.as_array().unwrap();
        let find = |name: &str| {
            parameters
                .iter()
                .find(|parameter| parameter["name"] == name)
        };
        assert_eq!(find("csv.delimiter").unwrap()["schema"]["type"], "string");
        assert_eq!(find("limits.rows").unwrap()["schema"]["type"], "integer");
        assert_eq!(find("columns").unwrap()["explode"], false);
        assert_eq!(
            find("late_columns").unwrap()["schema"]["enum"],
            json!(["error", "drop"])
        );
        assert!(find("csv").is_none() && find("markdown").is_none());
    }
}
