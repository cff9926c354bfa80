//! Schemas of the types of resources in the catalog: their records, their filters, their files.

use crate::catalog::Catalog;
use serde_json::{Map, Value, json};
use tablecast::{Content, Field, FieldType, Filter, FilterTest, Items, Record, RecordId, Resource};

/// What the option `envelope` says.
pub(super) const ENVELOPE: &str = "Whether the object of the resource's definition stands around the records, in JSON. Default: true.";

/// The longest value of a filter.
const MAX_VALUE: usize = 255;

/// Adds the schemas of all types. Of `notes` these are `NotesFilters`, `NotesRecord` where the file is a table,
/// `NotesExport` where it is an object around records, and `NotesLineRecord` for each type of record with a name.
/// `Selection` is the choice among all that jobs export.
pub(super) fn fill(schemas: &mut Map<String, Value>, catalog: &Catalog) -> Option<()> {
    let mut names = Vec::new();
    let mut choices = Vec::new();
    for resource in catalog.resources() {
        let name = &resource.name;
        let title = title(name);
        let types = Types {
            resource,
            title: &title,
        };
        for (id, of_record) in named(resource) {
            let description = "A record inside of others.";
            let schema = types.record(of_record, description);
            schemas.insert(types.reference_name(id)?, schema);
        }
        if let Some(of_record) = resource.record {
            let of_record = resource.record_type(of_record);
            let description = format!("A record of {name} in a file. {}", resource.description);
            let schema = types.record(of_record, &description);
            schemas.insert(format!("{title}Record"), schema);
        }
        schemas.insert(format!("{title}Filters"), filters(resource));
        let filters = json!({"$ref": format!("#/components/schemas/{title}Filters")});
        let (id, required) = match resource.object_table {
            Some(_) => (
                json!({"description": "The object to export.", "type": "string", "minLength": 1}),
                json!(["resource", "resource_id"]),
            ),
            None => (json!({"type": "null"}), json!(["resource"])),
        };
        // The object is all that there is of a document.
        let envelope = match resource.is_document() {
            true => json!({"description": ENVELOPE, "enum": [true, null]}),
            false => json!({"description": ENVELOPE, "type": ["boolean", "null"]}),
        };
        choices.push(json!({
            "type": "object",
            "required": required,
            "properties": {
                "resource": {"const": name},
                "resource_id": id,
                "filters": {"anyOf": [filters, {"type": "null"}]},
                "envelope": envelope,
            },
        }));
        names.push(name);
        if !resource.envelope.is_empty() {
            schemas.insert(format!("{title}Export"), types.file());
        }
    }
    // Exports show filters on memories as members of their own, as the reference does.
    let of_export = schemas.get_mut("Export")?.pointer_mut("/properties")?;
    let of_export = of_export.as_object_mut()?;
    let memories = Resource::find("memories").ok()?;
    for filter in &memories.filters {
        let schema = filter_value(filter, memories.field_of(filter));
        let schema = described(schema, &filter.description, true);
        of_export.insert(filter.name.clone(), schema);
    }
    let names_schema = schemas.get_mut("ResourceName")?.as_object_mut()?;
    names_schema.insert("enum".into(), json!(names));
    let description = "What to export: a type, where it is one of single objects the id of one, and filters and switches.";
    schemas.insert(
        "Selection".into(),
        json!({"description": description, "anyOf": choices}),
    );
    Some(())
}

/// `scheduled_tasks` → `ScheduledTasks`.
pub(super) fn title(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    words.collect()
}

/// What the file of a type holds in JSON.
pub(super) fn json_file(resource: &Resource) -> Value {
    let title = title(&resource.name);
    let reference = |name: &str| json!({"$ref": format!("#/components/schemas/{title}{name}")});
    let bare =
        json!({"description": "The records alone.", "type": "array", "items": reference("Record")});
    match (resource.record, resource.envelope.is_empty()) {
        (None, _) => reference("Export"),
        (Some(_), true) => bare,
        (Some(_), false) => json!({"anyOf": [reference("Export"), bare]}),
    }
}

/// The types of records that have names, and may stand in themselves.
fn named(resource: &Resource) -> impl Iterator<Item = (RecordId, &Record)> {
    ids(resource).into_iter().filter_map(|id| {
        resource.record_name(id)?;
        Some((id, resource.record_type(id)))
    })
}

/// All types of records that are used somewhere.
fn ids(resource: &Resource) -> Vec<RecordId> {
    let members = resource
        .envelope
        .iter()
        .filter_map(|member| match member.content {
            Content::Record { record, .. } | Content::Records { record, .. } => Some(record),
            _ => None,
        });
    let mut found: Vec<RecordId> = Vec::new();
    let mut next: Vec<RecordId> = resource.record.into_iter().chain(members).collect();
    while let Some(id) = next.pop() {
        if found.contains(&id) {
            continue;
        }
        found.push(id);
        let fields = resource.record_type(id).fields.iter();
        next.extend(fields.filter_map(|field| match field.field_type {
            FieldType::Record(record) | FieldType::Records(record) => Some(record),
            _ => None,
        }));
    }
    found.sort();
    found
}

/// The schemas of one type of resource.
struct Types<'a> {
    resource: &'a Resource,
    title: &'a str,
}

impl Types<'_> {
    /// The object around the records of a file.
    fn file(&self) -> Value {
        let mut properties = Map::new();
        for member in &self.resource.envelope {
            let (schema, nullable) = match &member.content {
                Content::Type => (json!({"const": self.resource.name}), false),
                Content::Text(text) => (json!({"const": text}), false),
                Content::Moment => (json!({"$ref": "#/components/schemas/Moment"}), false),
                Content::Count(_) => (count(), false),
                Content::Items => {
                    let items = self.resource.record.map(
                        |_| json!({"$ref": format!("#/components/schemas/{}Record", self.title)}),
                    );
                    (json!({"type": "array", "items": items}), false)
                }
                Content::Record { record, nullable } => (self.record_of(*record), *nullable),
                Content::Records { record, nullable } => {
                    let items = self.record_of(*record);
                    (json!({"type": "array", "items": items}), *nullable)
                }
                Content::Value(field) => (self.value(field), field.nullable),
                _ => (json!({"type": "string"}), false),
            };
            let schema = described(schema, &member.description, nullable);
            properties.insert(member.name.clone(), schema);
        }
        let is_optional = |name: &str| {
            let envelope = self.resource.envelope.iter();
            let mut values = envelope.filter_map(|member| match &member.content {
                Content::Value(field) => Some(field),
                _ => None,
            });
            values.any(|field| field.name == name && field.optional)
                || self.is_switched(&[name.to_owned()])
        };
        let required = properties.keys().filter(|name| !is_optional(name));
        let required: Vec<_> = required.cloned().collect();
        let description = &self.resource.description;
        object(properties, required, self.resource.open, description)
    }

    fn record(&self, record: &Record, description: &str) -> Value {
        let fields = record.fields.iter();
        let properties = fields.map(|field| {
            let schema = described(self.value(field), &field.description, field.nullable);
            (field.name.clone(), schema)
        });
        let switched: Vec<_> = self.switched(record).collect();
        let required = record.fields.iter().filter_map(|field| {
            let is_there = !field.optional && !switched.contains(&field.name.as_str());
            is_there.then(|| field.name.clone())
        });
        let required = required.collect();
        object(properties.collect(), required, record.open, description)
    }

    /// The fields of a record that a switch may leave out.
    fn switched<'b>(&'b self, record: &'b Record) -> impl Iterator<Item = &'b str> {
        let paths = self
            .resource
            .switches
            .iter()
            .flat_map(|switch| &switch.fields);
        paths.filter_map(move |path| {
            let (of_path, field) = self.resource.field_at(path)?;
            std::ptr::eq(of_path, record).then_some(field.name.as_str())
        })
    }

    fn is_switched(&self, path: &[String]) -> bool {
        let mut paths = self
            .resource
            .switches
            .iter()
            .flat_map(|switch| &switch.fields);
        paths.any(|switched| switched == path)
    }

    /// The values of a field.
    fn value(&self, field: &Field) -> Value {
        match &field.field_type {
            FieldType::Number => json!({"type": "number"}),
            FieldType::Integer => json!({"type": "integer"}),
            FieldType::Count(_) => count(),
            FieldType::Boolean => json!({"type": "boolean"}),
            FieldType::Timestamp => json!({"$ref": "#/components/schemas/Timestamp"}),
            FieldType::Array(Items::String) => {
                json!({"type": "array", "items": {"type": "string"}})
            }
            FieldType::Array(Items::Object) => {
                json!({"type": "array", "items": {"type": "object"}})
            }
            FieldType::Array(_) => json!({"type": "array"}),
            FieldType::Object => json!({"type": "object"}),
            FieldType::Record(record) => self.record_of(*record),
            FieldType::Records(record) => {
                json!({"type": "array", "items": self.record_of(*record)})
            }
            FieldType::Any => json!({}),
            _ if field.values.is_empty() => json!({"type": "string"}),
            _ => json!({"enum": field.values}),
        }
    }

    /// A record in another one.
    fn record_of(&self, id: RecordId) -> Value {
        match self.reference_name(id) {
            Some(name) => json!({"$ref": format!("#/components/schemas/{name}")}),
            None => self.record(self.resource.record_type(id), "One record."),
        }
    }

    fn reference_name(&self, id: RecordId) -> Option<String> {
        let name = self.resource.record_name(id)?;
        Some(format!("{}{}Record", self.title, title(name)))
    }
}

fn count() -> Value {
    json!({"type": "integer", "minimum": 0})
}

/// An object of these members, of which some are always there, and of others only where it is open.
fn object(
    properties: Map<String, Value>,
    required: Vec<String>,
    is_open: bool,
    description: &str,
) -> Value {
    json!({
        "description": description,
        "type": "object",
        "required": required,
        "additionalProperties": is_open,
        "properties": properties,
    })
}

/// The filters and switches of a body. One that is null counts as absent.
fn filters(resource: &Resource) -> Value {
    let mut properties = Map::new();
    for filter in &resource.filters {
        let schema = filter_value(filter, resource.field_of(filter));
        properties.insert(
            filter.name.clone(),
            described(schema, &filter.description, true),
        );
    }
    for switch in &resource.switches {
        let schema = json!({"type": "boolean", "default": switch.default});
        let schema = described(schema, &switch.description, true);
        properties.insert(switch.name.clone(), schema);
    }
    json!({
        "description": format!("Which of {} to export: those that all of these choose, with the fields that switches leave.", resource.name),
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}

/// What a filter takes.
pub(super) fn filter_value(filter: &Filter, field: Option<&Field>) -> Value {
    let one = match (filter.test, field) {
        (FilterTest::Limit, _) | (_, None) => return json!({"type": "integer", "minimum": 1}),
        (FilterTest::IsNull, _) => return json!({"type": "boolean", "default": false}),
        (_, Some(field)) => match &field.field_type {
            FieldType::Timestamp => json!({"$ref": "#/components/schemas/DateOrMoment"}),
            FieldType::Number => json!({"type": "number"}),
            FieldType::Integer => json!({"type": "integer"}),
            FieldType::Boolean => json!({"type": "boolean"}),
            _ if field.values.is_empty() => {
                json!({"type": "string", "minLength": 1, "maxLength": MAX_VALUE})
            }
            _ => json!({"enum": field.values}),
        },
    };
    match filter.test {
        FilterTest::AnyOf { most } | FilterTest::OneOf { most } => {
            json!({"type": "array", "minItems": 1, "maxItems": most, "items": one})
        }
        _ => one,
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

    fn file_of(resource: &Resource) -> Value {
        let title = title(&resource.name);
        let title = &title;
        Types { resource, title }.file()
    }

    #[test]
    fn a_name_becomes_a_title() {
        assert_eq!(title("memories"), "Memories");
        assert_eq!(title("scheduled_tasks"), "ScheduledTasks");
    }

    #[test]
    fn a_file_has_the_members_of_its_definition() {
        let schema = file_of(&Resource::find("account").unwrap());
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
