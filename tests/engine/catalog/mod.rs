//! The catalog against the tables of what it describes.

mod database;
mod definition;
mod describe;
mod selection;

use std::collections::BTreeSet;

use serde_json::Value;
use tablecast::{Content, Field, FieldType, FilterTest, Record, Resource};

/// A type as the references write it.
fn type_name(field_type: &FieldType) -> String {
    match field_type {
        FieldType::Array(items) => format!("{}[]", items.name()),
        other => other.name().into(),
    }
}

/// A field as a line of a table: path, column, type.
fn line(path: &str, field: &Field) -> String {
    let null = if field.nullable { " | null" } else { "" };
    assert!(field.description.ends_with('.'), "{path}");
    format!(
        "{path}{} {} {}{null}",
        field.name,
        field.column,
        type_name(&field.field_type)
    )
}

fn lines(path: &str, record: &Record) -> Vec<String> {
    let fields = record.fields.iter();
    fields.map(|field| line(path, field)).collect()
}

#[test]
fn memories_have_their_fields_in_order() {
    let memories = Resource::find("memories").unwrap();
    let record = memories.record_type(memories.record.unwrap());
    assert_eq!(
        lines("", record),
        [
            "id id string",
            "content content string",
            "user_id user_id string | null",
            "agent_id agent_id string | null",
            "session_id session_id string | null",
            "priority priority string | null",
            "categories categories string[]",
            "metadata metadata object | null",
            "created_at created_at timestamp",
            "updated_at updated_at timestamp",
        ]
    );
    assert_eq!(record.table.as_deref(), Some("memories"));
    assert_eq!(record.user_column, None);
    for field in &record.fields {
        let values: &[&str] = match field.name.as_str() {
            "priority" => &["LOW", "MEDIUM", "HIGH"],
            _ => &[],
        };
        assert_eq!(field.values, values);
    }
    assert!(memories.envelope.is_empty());
    let formats: Vec<_> = memories.formats.iter().map(|format| format.id).collect();
    assert_eq!(formats, ["json", "csv", "markdown", "jsonl", "html"]);
    assert_eq!(
        memories.file_name("2026-01-31", "user_abc123", ""),
        "memories-2026-01-31"
    );
}

#[test]
fn memories_have_the_filters_of_their_api() {
    let memories = Resource::find("memories").unwrap();
    let filters = memories.filters.iter();
    let filters: Vec<_> = filters
        .map(|filter| {
            (
                filter.name.as_str(),
                filter.fields.concat().join("."),
                filter.test,
            )
        })
        .collect();
    assert_eq!(
        filters,
        [
            ("user_id", "user_id".into(), FilterTest::Equals),
            ("agent_id", "agent_id".into(), FilterTest::Equals),
            ("session_id", "session_id".into(), FilterTest::Equals),
            ("priority", "priority".into(), FilterTest::Equals),
            (
                "categories",
                "categories".into(),
                FilterTest::AnyOf { most: 20 }
            ),
            ("created_after", "created_at".into(), FilterTest::AtLeast),
            ("created_before", "created_at".into(), FilterTest::LessThan),
        ]
    );
    let filter = memories.filter("created_before").unwrap();
    let field = memories.field_of(filter).unwrap();
    assert_eq!(field.field_type, FieldType::Timestamp);
    assert_eq!(memories.filter("created"), None);
}

#[test]
fn an_account_has_the_members_of_its_api_in_order() {
    let account = Resource::find("account").unwrap();
    let mut found = Vec::new();
    let mut tables = Vec::new();
    for member in &account.envelope {
        let name = &member.name;
        let (what, path, record) = match &member.content {
            Content::Moment => ("moment", String::new(), None),
            Content::Text(text) => (text.as_str(), String::new(), None),
            Content::Record { record, .. } => (
                "object",
                format!("{name}."),
                Some(account.record_type(*record)),
            ),
            Content::Records { record, .. } => (
                "array",
                format!("{name}[]."),
                Some(account.record_type(*record)),
            ),
            other => panic!("{other:?}"),
        };
        found.push(format!("{name} {what}"));
        if let Some(record) = record {
            found.extend(lines(&path, record));
            tables.push((
                record.table.as_deref().unwrap(),
                record.user_column.as_deref(),
            ));
        }
    }
    assert_eq!(
        found,
        [
            "exportedAt moment",
            "version 1.0",
            "user object",
            "user.id id string",
            "user.email email string",
            "user.name name string | null",
            "user.plan plan string | null",
            "user.role role string",
            "user.referralCode referral_code string | null",
            "user.referralCredits referral_credits number",
            "agents array",
            "agents[].id id string",
            "agents[].name name string",
            "agents[].model model string",
            "agents[].status status string",
            "agents[].createdAt created_at timestamp",
            "agents[].updatedAt updated_at timestamp",
            "scheduledTasks array",
            "scheduledTasks[].id id string",
            "scheduledTasks[].name name string",
            "scheduledTasks[].cronSchedule cron_schedule string",
            "scheduledTasks[].enabled enabled boolean",
            "scheduledTasks[].createdAt created_at timestamp",
            "workflows array",
            "workflows[].id id string",
            "workflows[].name name string",
            "workflows[].enabled enabled boolean",
            "workflows[].createdAt created_at timestamp",
        ]
    );
    assert_eq!(
        tables,
        [
            ("users", Some("id")),
            ("agents", Some("user_id")),
            ("scheduled_tasks", Some("user_id")),
            ("workflows", Some("user_id")),
        ]
    );
    assert!(account.record.is_none() && account.filters.is_empty());
    assert_eq!(account.formats.len(), 1);
    assert_eq!(account.formats[0].id, "json");
    let name = account.file_name("2026-04-02", "user_abc123", "");
    assert_eq!(name, "tablecast-export-user_abc-2026-04-02");
    let name = account.file_name("2026-04-02", "é", "");
    assert_eq!(name, "tablecast-export-é-2026-04-02");
}

#[test]
fn every_resource_is_found_by_the_name_that_it_has_and_others_name_the_nearest() {
    let names: Vec<_> = Resource::names().collect();
    assert!(names.len() >= 13 && names.is_sorted());
    for name in names {
        assert_eq!(Resource::find(name).unwrap().name, name);
    }
    let error = Resource::find("memorys").unwrap_err();
    assert_eq!(error.code(), "unknown_resource");
    assert_eq!(error.hint().unwrap(), "Did you mean `memories`?");
    let error = Resource::find("invoices").unwrap_err();
    let hint = error.hint().unwrap();
    assert!(hint.starts_with("There are: account, "), "{hint}");
}

/// A definition that ships with the engine.
fn shipped(name: &str) -> Value {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/catalog");
    let text = std::fs::read(folder.join(name).with_extension("json")).unwrap();
    serde_json::from_slice(&text).unwrap()
}

/// Adding a type is adding a file.
#[test]
fn every_file_of_the_folder_is_a_type_of_its_name() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/catalog");
    let mut names = BTreeSet::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            names.insert(path.file_stem().unwrap().to_str().unwrap().to_owned());
        }
    }
    for name in &names {
        assert_eq!(shipped(name)["name"], **name);
    }
    assert_eq!(names, Resource::names().map(Into::into).collect());
}
