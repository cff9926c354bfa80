//! What a record is put together of, and the columns that its values are in.

use super::object;
use super::statement::name;
use tablecast::{Field, FieldType};

/// A part of a record, in the order of the definition. Columns are numbers in what [`Node::own`](super::plan::Node::own) gives.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A member with a value of its own.
    Value {
        name: String,
        value: Value,
        /// Where there is no value, the record lacks the member.
        may_lack: bool,
    },
    /// A column that holds further members as a JSON object.
    Open { column: u32 },
    /// A member with records of another node.
    Nested { name: String, node: usize },
}

/// Where the value of a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// In a column that holds a text.
    Text(u32),
    /// In a column that holds JSON, or a number.
    Json(u32),
    /// In a column that holds a text, or else in the bucket, under the key in the other column.
    Long { column: u32, key: u32 },
}

impl Part {
    /// Whether it is a member with a value of its own.
    pub(super) fn is_value(&self) -> bool {
        matches!(self, Self::Value { .. })
    }
}

/// The column of a page that holds the record as one text, behind the id and the place in the array.
pub(super) const TEXT_COLUMN: u32 = 2;

/// How many columns the records of a page have at most: the database gives 100, and the last may tell of long records.
const MAX_COLUMNS: usize = 99;

/// The name of the table that a statement is about.
pub(super) const ALIAS: &str = "t0";

/// The columns of a record: the id, where it stands if it is one of many, and those of its parts.
pub(super) struct Columns(Vec<String>);

impl Columns {
    pub(super) fn new(many: bool) -> Self {
        let place = match many {
            true => column_of(ALIAS, "created_at"),
            false => "''".to_owned(),
        };
        Self(vec![column_of(ALIAS, "id"), place])
    }

    /// Adds the columns of a field that is the record's own; gives what it is read as.
    pub(super) fn part(&mut self, field: &Field, name: &str) -> Option<Part> {
        let column = column_of(ALIAS, &field.column);
        let value = match &field.field_type {
            FieldType::Count(_) => return None,
            FieldType::String if field.file_column.is_some() => {
                let key = field.file_column.as_deref().unwrap_or_default();
                Value::Long {
                    column: self.add(column),
                    key: self.add(column_of(ALIAS, key)),
                }
            }
            FieldType::String | FieldType::Timestamp => Value::Text(self.add(column)),
            FieldType::Number | FieldType::Integer => Value::Json(self.add(number(&column))),
            FieldType::Boolean => Value::Json(self.add(quoted(&object::boolean(&column)))),
            _ => Value::Json(self.add(object::json_text(&column))),
        };
        Some(Part::Value {
            name: name.to_owned(),
            value,
            may_lack: object::may_lack(field),
        })
    }

    /// Adds the column with the members of a record that nobody describes.
    pub(super) fn open(&mut self, column: &str) -> Part {
        Part::Open {
            column: self.add(object::json(&column_of(ALIAS, column))),
        }
    }

    /// Whether a page may have them all.
    pub(super) fn fit_a_page(&self) -> bool {
        self.0.len() <= MAX_COLUMNS
    }

    pub(super) fn sql(&self) -> String {
        self.0.join(", ")
    }

    /// Adds a column, unless it is there already; gives its number.
    fn add(&mut self, column: String) -> u32 {
        let known = self.0.iter().position(|other| *other == column);
        let number = known.unwrap_or_else(|| {
            self.0.push(column);
            self.0.len() - 1
        });
        number as u32
    }
}

/// A column of the table of this name.
pub(super) fn column_of(alias: &str, column: &str) -> String {
    format!("{alias}.{}", name(column))
}

/// SQL for a value as JSON; null stays null.
fn quoted(value: &str) -> String {
    format!("nullif(json_quote({value}), 'null')")
}

/// SQL for a number. As a text where it would lose digits on its way, since JavaScript's numbers hold all integers up
/// to 2^53.
fn number(column: &str) -> String {
    const MOST: u64 = (1 << 53) - 1;
    let quoted = quoted(column);
    format!("iif({column} BETWEEN -{MOST} AND {MOST}, {column}, {quoted})")
}
