//! Schemas of the types of resources in the engine's catalog: their records, their filters, their files.

use crate::filters::MAX_VALUE;
use serde_json::{Map, Value, json};
use tablecast::{Content, Field, FieldType, Filter, FilterTest, Items, Record, RecordId, Resource};

/// Adds the schemas of all types: of `notes`, `NotesRecord` and `NotesFilters`, and where the file is an object around
/// records, `NotesExport`. `Selection` is the choice among all that jobs export.
pub(super) fn fill(schemas: &mut Map<String, Value>) -> Option<()> {
    let mut names = Vec::new();
    let mut choices = Vec::new();
    for name in Resource::names() {
        let resource = Resource::find(name).ok()?;
        let title = title(name);
        if let Some(of_record) = resource.record {
            let of_record = resource.record_type(of_record);
            let description = format!("A record of {name} in a file. {}", resource.description);
            schemas.insert(
                format!("{title}Record"),
                record(&resource, of_record, &description),
            );
            schemas.insert(format!("{title}Filters"), filters(&resource)?);
            let filters = json!({"$ref": format!("#/components/schemas/{title}Filters")});
            choices.push(json!({
                "type": "object",
                "required": ["resource"],
                "properties": {
                    "resource": {"const": name},
                    "filters": {"anyOf": [filters, {"type": "null"}]},
                },
            }));
            names.push(name);
        }
        if !resource.envelope.is_empty() {
            schemas.insert(format!("{title}Export"), file(&resource)?);
        }
    }
    let names_schema = schemas.get_mut("ResourceName")?.as_object_mut()?;
    names_schema.insert("enum".into(), json!(names));
    let description = "Which records to export; without filters, all of the account.";
    schemas.insert(
        "Selection".into(),
        json!({"description": description, "anyOf": choices}),
    );
    Some(())
}

/// `scheduled_tasks` → `ScheduledTasks`.
fn title(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    words.collect()
}

/// The object around the records of a file.
fn file(resource: &Resource) -> Option<Value> {
    let mut properties = Map::new();
    for member in &resource.envelope {
        let mut schema = match &member.content {
            Content::Moment => json!({"$ref": "#/components/schemas/Moment"}),
            Content::Text(text) => json!({"const": text}),
            Content::Record {
                record: of_member, ..
            } => record(
                resource,
                resource.record_type(*of_member),
                &member.description,
            ),
            Content::Records {
                record: of_member, ..
            } => {
                let of_member = resource.record_type(*of_member);
                json!({"type": "array", "items": record(resource, of_member, "One of them.")})
            }
            Content::Type => json!({"const": resource.name}),
            Content::SoftwareVersion | Content::AccountId => json!({"type": "string"}),
            Content::Count(_) => json!({"type": "integer"}),
            Content::Items => {
                let of_items = resource.record_type(resource.record?);
                json!({"type": "array", "items": record(resource, of_items, "One of them.")})
            }
            Content::Value(field) => value(resource, field),
            _ => return None,
        };
        let members = schema.as_object_mut()?;
        members.insert("description".into(), json!(member.description));
        properties.insert(member.name.clone(), schema);
    }
    Some(closed(properties, &resource.description))
}

fn record(resource: &Resource, record: &Record, description: &str) -> Value {
    let fields = record.fields.iter();
    let properties = fields.map(|field| {
        (
            field.name.clone(),
            described(value(resource, field), &field.description, field.nullable),
        )
    });
    closed(properties.collect(), description)
}

/// An object that has all of these members and no other.
fn closed(properties: Map<String, Value>, description: &str) -> Value {
    let required: Vec<_> = properties.keys().cloned().collect();
    json!({
        "description": description,
        "type": "object",
        "required": required,
        "additionalProperties": false,
        "properties": properties,
    })
}

/// The values of a field.
fn value(resource: &Resource, field: &Field) -> Value {
    match &field.field_type {
        FieldType::Number => json!({"type": "number"}),
        FieldType::Integer | FieldType::Count(_) => json!({"type": "integer"}),
        FieldType::Boolean => json!({"type": "boolean"}),
        FieldType::Timestamp => json!({"$ref": "#/components/schemas/Moment"}),
        FieldType::Array(Items::String) => json!({"type": "array", "items": {"type": "string"}}),
        FieldType::Array(Items::Object) => json!({"type": "array", "items": {"type": "object"}}),
        FieldType::Array(_) => json!({"type": "array"}),
        FieldType::Object => json!({"type": "object"}),
        FieldType::Record(of_field) => of_record(resource, *of_field),
        FieldType::Records(of_field) => {
            json!({"type": "array", "items": of_record(resource, *of_field)})
        }
        FieldType::Any => json!({}),
        _ if field.values.is_empty() => json!({"type": "string"}),
        _ => json!({"enum": field.values}),
    }
}

/// A record in another one. Those with a name may stand in themselves.
fn of_record(resource: &Resource, id: RecordId) -> Value {
    match resource.record_name(id) {
        Some(_) => json!({"type": "object"}),
        None => record(resource, resource.record_type(id), "One record."),
    }
}

/// The filters of a body. One that is null counts as absent.
fn filters(resource: &Resource) -> Option<Value> {
    let mut properties = Map::new();
    for filter in &resource.filters {
        let schema = filter_value(filter, resource.field_of(filter));
        properties.insert(
            filter.name.clone(),
            described(schema, &filter.description, true),
        );
    }
    Some(json!({
        "description": format!("Which of {} to export: those that all of these choose.", resource.name),
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    }))
}

/// What a filter takes.
pub(super) fn filter_value(filter: &Filter, field: Option<&Field>) -> Value {
    let text = json!({"type": "string", "minLength": 1, "maxLength": MAX_VALUE});
    let Some(field) = field else {
        return json!({"type": "integer", "minimum": 1});
    };
    match (filter.test, &field.field_type) {
        (FilterTest::IsNull, _) | (_, FieldType::Boolean) => json!({"type": "boolean"}),
        (FilterTest::OneOf { most }, _) => {
            json!({"type": "array", "minItems": 1, "maxItems": most, "items": text})
        }
        (_, FieldType::Number) => json!({"type": "number"}),
        (_, FieldType::Integer) => json!({"type": "integer"}),
        (FilterTest::AnyOf { most }, _) => {
            json!({"type": "array", "minItems": 1, "maxItems": most, "items": text})
        }
        (_, FieldType::Timestamp) => json!({"$ref": "#/components/schemas/DateOrMoment"}),
        _ if field.values.is_empty() => text,
        _ => json!({"enum": field.values}),
    }
}

/// A schema with a description, and with null among its values where it may be.
fn described(mut schema: Value, description: &str, nullable: bool) -> Value {
    if nullable {
        schema = json!({"anyOf": [schema, {"type": "null"}]});
    }
    if let Some(members) = schema.as_object_mut() {
        members.insert("description".into(), json!(description));
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_a_title() {
        assert_eq!(title("memories"), "Memories");
        assert_eq!(title("scheduled_tasks"), "ScheduledTasks");
    }

    #[test]
    fn a_file_has_the_members_of_its_definition() {
        let schema = file(&Resource::find("account").unwrap()).unwrap();
        assert_eq!(
            schema["required"],
            json!([
                "exportedAt",
                "version",
                "user",
                "agents",
                "scheduledTasks",
                "workflows"
            ])
        );
        let user = &schema["properties"]["user"];
        assert_eq!(
            user["properties"]["plan"]["anyOf"][1],
            json!({"type": "null"})
        );
        let tasks = &schema["properties"]["scheduledTasks"]["items"];
        assert_eq!(tasks["properties"]["enabled"]["type"], "boolean");
        assert_eq!(tasks["additionalProperties"], false);
    }
}
