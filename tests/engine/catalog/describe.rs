//! What clients are told of a type of resource.

use serde_json::{Value, json};
use tablecast::{Resource, Setting};

use super::definition::{file, read};

fn described(resource: &Resource) -> Value {
    serde_json::from_str(&resource.describe().to_json()).unwrap()
}

/// The members that say where a database keeps something.
const OF_DATABASE: [&str; 7] = [
    "table",
    "user_column",
    "parent",
    "open_column",
    "column",
    "file_column",
    "object_table",
];

fn names_of_members(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                names.push(name.clone());
                names_of_members(value, names);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names_of_members(item, names)),
        _ => {}
    }
}

#[test]
fn nothing_of_the_database_is_told() {
    for name in Resource::names() {
        let mut names = Vec::new();
        names_of_members(&described(&Resource::find(name).unwrap()), &mut names);
        for hidden in OF_DATABASE {
            assert!(!names.iter().any(|name| name == hidden), "{name}: {hidden}");
        }
    }
}

#[test]
fn a_table_type_is_described() {
    let description = described(&read(&file("table")).unwrap());
    assert_eq!(description["formats"][1], "csv");
    assert_eq!(description["by_id"], false);
    let envelope = description["envelope"].as_array().unwrap();
    let names: Vec<_> = envelope.iter().map(|member| &member["name"]).collect();
    assert_eq!(
        names,
        [
            "export_type",
            "software_version",
            "account_id",
            "exported_at",
            "schema",
            "invoice_count",
            "invoices"
        ]
    );
    let fields = &description["record"]["fields"];
    assert_eq!(
        fields[1],
        json!({
            "name": "state", "type": "string", "enum": ["draft", "open", "paid"], "description": "How far it is.",
        })
    );
    assert_eq!(fields[13]["record"]["fields"][2]["items"], "object");
    assert_eq!(description["record"]["open"], true);
    assert_eq!(
        description["filters"][1],
        json!({
            "name": "states", "test": "one_of", "field": "state", "most": 3, "type": "string",
            "enum": ["draft", "open", "paid"], "description": "Invoices in one of these.",
        })
    );
    let types = description["filters"].as_array().unwrap().iter();
    let types: Vec<_> = types
        .map(|filter| filter["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        types,
        [
            "string",
            "string",
            "array",
            "boolean",
            "number",
            "number",
            "integer",
            "timestamp",
            "timestamp",
            "timestamp",
            "boolean",
            "number",
            "integer",
            "integer"
        ]
    );
    assert_eq!(
        description["switches"][0],
        json!({
            "name": "with_notes", "fields": ["notes", "lines.remarks"], "default": false,
            "description": "Notes and remarks.",
        })
    );
}

#[test]
fn a_document_keeps_the_names_of_its_record_types() {
    let description = described(&read(&file("document")).unwrap());
    assert_eq!(description["by_id"], true);
    assert_eq!(description["open"], true);
    assert_eq!(
        description["records"]["task"]["fields"][1]["record"],
        "task"
    );
    assert_eq!(description["envelope"][6]["record"], "person");
    assert_eq!(
        description["envelope"][10],
        json!({
            "name": "labels", "holds": "value", "type": "array", "items": "any", "nullable": true, "optional": true,
            "description": "What it is filed under.",
        })
    );
}

/// A description without what was added for forms is a definition, and describes the same.
#[test]
fn a_description_is_a_definition() {
    let whole = ["table", "document"].map(|name| read(&file(name)).unwrap());
    let shipped = Resource::names().map(|name| Resource::find(name).unwrap());
    for resource in whole.into_iter().chain(shipped) {
        let description = resource.describe();
        let mut definition = description.clone();
        definition.remove("by_id");
        if let Some(filters) = definition.remove("filters") {
            let filters = filters.as_list().unwrap().iter().map(|filter| {
                let mut filter = filter.clone();
                filter.remove("type");
                filter.remove("enum");
                filter
            });
            definition.insert("filters", Setting::List(filters.collect()));
        }
        if resource.file_name("d", "u", "r").is_empty() {
            panic!("{}", resource.name);
        }
        let read = Resource::from_definition(&definition);
        let mut again = read.unwrap_or_else(|error| panic!("{error:?}")).describe();
        again.insert("by_id", description.get("by_id").unwrap().clone());
        assert_eq!(again.to_json(), description.to_json());
    }
}

#[test]
fn a_file_name_leaves_out_what_is_empty() {
    let document = read(&file("document")).unwrap();
    let name = |resource: &Resource, id: &str| resource.file_name("2026-01-31", "", id);
    assert_eq!(name(&document, "0123456789"), "project-01234567-2026-01-31");
    assert_eq!(name(&document, "äöü"), "project-äöü-2026-01-31");
    assert_eq!(name(&document, ""), "project-2026-01-31");
    let table = read(&file("table")).unwrap();
    assert_eq!(name(&table, ""), "invoices-2026-01-31");
    assert_eq!(table.file_name("", "someone", ""), "invoices-someone");
    let mut pattern = file("table");
    pattern["file_name"] = json!("{user_id}-{date:7}");
    let table = read(&pattern).unwrap();
    assert_eq!(name(&table, ""), "2026-01");
    assert_eq!(table.file_name("", "", ""), "");
}
