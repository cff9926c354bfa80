//! What definitions say of tables and columns must be what the service's database has.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tablecast::{Content, Field, FieldType, Parent, Resource};

/// Every column of every table, and whether it may be null.
struct Database(BTreeMap<(String, String), bool>);

impl Database {
    fn read() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("worker/migrations");
        let mut columns = BTreeMap::new();
        for file in fs::read_dir(folder).unwrap() {
            let text = fs::read_to_string(file.unwrap().path()).unwrap();
            for table in text.split("CREATE TABLE ").skip(1) {
                let (name, body) = table.split_once(" (").unwrap();
                let body = body.split("\n)").next().unwrap();
                body.lines().for_each(|line| add(name, line, &mut columns));
            }
            for line in text.lines() {
                if let Some(change) = line.strip_prefix("ALTER TABLE ")
                    && let Some((name, column)) = change.split_once(" ADD COLUMN ")
                {
                    add(name, column, &mut columns);
                }
            }
        }
        Self(columns)
    }

    /// Finds a column; gives whether it may be null.
    fn column(&self, table: &str, column: &str) -> bool {
        let found = self.0.get(&(table.into(), column.into()));
        *found.unwrap_or_else(|| panic!("{table}.{column} is missing"))
    }

    /// A column that holds an id is never null.
    fn id(&self, table: &str, column: &str) {
        assert!(!self.column(table, column), "{table}.{column} may be null");
    }

    fn field(&self, table: &str, field: &Field) {
        let nullable = self.column(table, &field.column);
        match &field.file_column {
            // One of the two is null.
            Some(key) => assert!(nullable && self.column(table, key), "{table}.{key}"),
            // The table may well be stricter, since several types share it.
            None => assert!(field.nullable || !nullable, "{table}.{}", field.column),
        }
    }
}

fn add(table: &str, line: &str, columns: &mut BTreeMap<(String, String), bool>) {
    let mut words = line.split([' ', ',', ';']).filter(|word| !word.is_empty());
    if let (Some(column), Some("TEXT" | "INTEGER" | "REAL")) = (words.next(), words.next()) {
        let nullable = !line.contains("NOT NULL") && !line.contains("PRIMARY KEY");
        columns.insert((table.into(), column.into()), nullable);
    }
}

#[test]
fn tables_and_columns_are_those_of_the_database() {
    let database = Database::read();
    for resource in Resource::names().map(|name| Resource::find(name).unwrap()) {
        for record in &resource.records {
            let Some(table) = &record.table else {
                continue;
            };
            // The service reads page by page in this order.
            for column in ["account_id", "id", "created_at"] {
                database.column(table, column);
            }
            for column in record.user_column.iter() {
                database.id(table, column);
            }
            for column in record.open_column.iter() {
                database.column(table, column);
            }
            match &record.parent {
                Some(Parent::Column(column)) => database.id(table, column),
                Some(Parent::Link {
                    table,
                    parent,
                    child,
                }) => {
                    database.id(table, parent);
                    database.id(table, child);
                }
                _ => {}
            }
            for field in &record.fields {
                let has_table = match field.field_type {
                    FieldType::Record(id) | FieldType::Records(id) => {
                        resource.record_type(id).table.is_some()
                    }
                    FieldType::Count(_) => true,
                    _ => false,
                };
                if !has_table {
                    database.field(table, field);
                }
            }
        }
        let Some(table) = &resource.object_table else {
            continue;
        };
        database.id(table, "id");
        for member in &resource.envelope {
            match &member.content {
                Content::Value(field) => database.field(table, field),
                Content::Record { record, nullable } | Content::Records { record, nullable }
                    if resource.record_type(*record).table.is_none() =>
                {
                    let column = database.column(table, &member.name);
                    assert!(*nullable || !column, "{table}.{}", member.name);
                }
                _ => {}
            }
        }
    }
}
