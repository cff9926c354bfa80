//! What was begun of the input and has not ended.

use super::Cursor;
use super::columns::{Part, Value};
use super::long_text::escape;
use super::object::json_name;
use super::pages::Ahead;
use super::plan::Pages;
use serde::{Deserialize, Serialize};
use worker::js_sys::{Array, Number};

/// An array of records, or a record that is read in parts.
#[derive(Deserialize, Serialize)]
pub(super) enum Open {
    Array(OpenArray),
    Record(OpenRecord),
}

#[derive(Deserialize, Serialize)]
pub(super) struct OpenArray {
    pub(super) node: usize,
    /// The id of what its records belong to.
    pub(super) parent: String,
    pub(super) cursor: Cursor,
    /// How many more records there may be.
    pub(super) left: Option<u64>,
    pub(super) is_empty: bool,
    #[serde(skip)]
    pub(super) ahead: Ahead,
}

impl OpenArray {
    pub(super) fn new(node: usize, parent: String, pages: &Pages) -> Self {
        Self {
            node,
            parent,
            // No id is empty, so all records of that moment come behind.
            cursor: Cursor {
                created_at: pages.begin.clone().unwrap_or_default(),
                id: String::new(),
            },
            left: pages.most,
            is_empty: true,
            ahead: Ahead::default(),
        }
    }

    /// A record is about to be written behind those before.
    pub(super) fn separate(&mut self, out: &mut String) {
        if !self.is_empty {
            out.push(',');
        }
        self.is_empty = false;
    }

    /// As many records were read, up to this one.
    pub(super) fn pass(&mut self, records: u64, last: Cursor) {
        self.cursor = last;
        self.left = self.left.map(|left| left.saturating_sub(records));
    }
}

#[derive(Deserialize, Serialize)]
pub(super) struct OpenRecord {
    pub(super) node: usize,
    /// The id of what it belongs to.
    pub(super) parent: String,
    /// The record before it, where it stands in an array.
    pub(super) before: Cursor,
    /// Its own id, once it was read.
    pub(super) id: Option<String>,
    /// The part that comes next.
    pub(super) part: usize,
    is_empty: bool,
    /// Its columns. Another invocation reads them again.
    #[serde(skip)]
    pub(super) row: Option<Array>,
}

/// What was written of a part.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Written {
    Value,
    /// The name of an array or a record, which is to follow.
    Nested(usize),
    /// The name of a text that lies in the bucket, and a quote.
    Long {
        field: String,
        key: String,
    },
}

impl OpenRecord {
    pub(super) fn new(node: usize, parent: String, before: Cursor) -> Self {
        Self {
            node,
            parent,
            before,
            id: None,
            part: 0,
            is_empty: true,
            row: None,
        }
    }

    /// Writes its next part.
    pub(super) fn write(&mut self, part: &Part, out: &mut String) -> Written {
        self.part += 1;
        match part {
            Part::Value {
                name,
                value,
                may_lack,
            } => {
                if *may_lack && !self.has(*value) {
                    return Written::Value;
                }
                self.write_name(name, out);
                match *value {
                    Value::Text(column) => self.write_text(column, out),
                    Value::Json(column) => {
                        let value = self.text(column).or_else(|| self.number(column));
                        out.push_str(value.as_deref().unwrap_or("null"));
                    }
                    Value::Long { column, key } => match self.text(key) {
                        None => self.write_text(column, out),
                        Some(key) => {
                            out.push('"');
                            let field = name.clone();
                            return Written::Long { field, key };
                        }
                    },
                }
            }
            Part::Open { column } => {
                let object = self.text(*column);
                let members = object.as_deref().and_then(|object| {
                    let members = object.strip_prefix('{')?.strip_suffix('}')?;
                    (!members.is_empty()).then_some(members)
                });
                if let Some(members) = members {
                    self.separate(out);
                    out.push_str(members);
                }
            }
            Part::Nested { name, node } => {
                self.write_name(name, out);
                return Written::Nested(*node);
            }
        }
        Written::Value
    }

    /// Whether there is a value.
    fn has(&self, value: Value) -> bool {
        let is_there = |column: u32| {
            let row = self.row.as_ref();
            row.is_some_and(|row| !row.get(column).is_null_or_undefined())
        };
        match value {
            Value::Text(column) | Value::Json(column) => is_there(column),
            Value::Long { column, key } => is_there(column) || is_there(key),
        }
    }

    fn write_name(&mut self, name: &str, out: &mut String) {
        self.separate(out);
        out.push_str(&json_name(name));
        out.push(':');
    }

    fn separate(&mut self, out: &mut String) {
        if !self.is_empty {
            out.push(',');
        }
        self.is_empty = false;
    }

    fn write_text(&self, column: u32, out: &mut String) {
        match self.text(column) {
            Some(text) => {
                out.push('"');
                escape(&text, out);
                out.push('"');
            }
            // A table that is not strict may hold a number where a text should be.
            None => out.push_str(self.number(column).as_deref().unwrap_or("null")),
        }
    }

    /// A number as JavaScript writes it.
    fn number(&self, column: u32) -> Option<String> {
        let number = self.row.as_ref()?.get(column).as_f64()?;
        let text = Number::from(number).to_string_with_radix(10).ok()?;
        Some(text.into())
    }

    fn text(&self, column: u32) -> Option<String> {
        self.row.as_ref()?.get(column).as_string()
    }
}
