//! The catalog: each type of resource that is exported, described once as data.
//!
//! A definition is a JSON file beside this one: adding a type is adding a file. Those of users are the same, and
//! no type has code of its own.
//!
//! | file | holds |
//! |---|---|
//! | `record.rs`, `envelope.rs`, `filter.rs` | what a definition is made of |
//! | `definition/` | reading one, with every mistake in it |
//! | `describe.rs` | one as JSON for those who ask what there is |
//! | `selection.rs` | filters and switches of a request, checked |
//! | `file_name.rs` | patterns of file names |

mod definition;
mod describe;
mod envelope;
mod file_name;
mod filter;
mod record;
mod selection;

pub use envelope::{Content, Member};
pub use filter::{Filter, FilterTest, Switch};
pub use record::{Field, FieldType, Items, Parent, Record, RecordId};
pub use selection::{Condition, Operand, Selection};

use crate::error::{Error, ErrorKind, Result};
use crate::settings::{Setting, nearest};
use crate::write::Format;

/// The definitions that ship with the engine, by their names: `build.rs` lists the folder.
static DEFINITIONS: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/definitions.rs"));

/// What a record type is taken for that is none of the resource's.
static NO_RECORD: Record = Record {
    table: None,
    user_column: None,
    parent: None,
    fields: Vec::new(),
    open: false,
    open_column: None,
};

/// A type of resource: what its export holds, and what it can be asked for.
///
/// A **table type** has [`record`](field@Self::record): its file is rows, in any format, of which JSON can have an
/// envelope around them. A **document type** has none: its envelope holds records, and arrays of them, to any
/// depth, and it is JSON alone.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Resource {
    /// The name in requests.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// What it is.
    pub description: String,
    /// The formats that it is offered in, of which the first is the default.
    pub formats: Vec<&'static Format>,
    /// The table of the objects of which one is exported at a time, by its id; `None` where all records are.
    pub object_table: Option<String>,
    /// All record types, at the places that [`RecordId`] means: first those with a name, then the others.
    pub records: Vec<Record>,
    /// The type of the records, where the export is a table of them.
    pub record: Option<RecordId>,
    /// The members of the object around the records, in the order of the file; none where the export is
    /// the records alone.
    pub envelope: Vec<Member>,
    /// Of a document type: members of the envelope that nobody describes are kept, behind the others.
    pub open: bool,
    /// What records can be chosen by.
    pub filters: Vec<Filter>,
    /// What fields can be chosen by.
    pub switches: Vec<Switch>,
    /// The names of the first [`records`](Self::records).
    record_names: Vec<String>,
    file_name: String,
}

impl Resource {
    /// The names of all types of resources that ship with the engine, in alphabetical order.
    pub fn names() -> impl Iterator<Item = &'static str> {
        DEFINITIONS.iter().map(|(name, _)| *name)
    }

    /// Finds a type of resource by its name.
    ///
    /// ```
    /// let memories = tablecast::Resource::find("memories")?;
    /// assert_eq!(memories.formats[0].id, "json");
    /// assert_eq!(memories.filters[0].name, "user_id");
    /// # Ok::<_, tablecast::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `unknown_resource`, with the nearest name as a hint.
    pub fn find(name: &str) -> Result<Self> {
        let found = DEFINITIONS.iter().find(|(known, _)| *known == name);
        let (_, definition) = found.ok_or_else(|| {
            Error::new(ErrorKind::UnknownResource {
                name: name.into(),
                nearest: nearest(name, Self::names()),
                known: Self::names().collect(),
            })
        })?;
        Self::from_definition(&Setting::from_json(definition.as_bytes())?)
    }

    /// Whether the file is a document, and no table of records.
    pub fn is_document(&self) -> bool {
        self.record.is_none()
    }

    /// A record type. For an id of another resource it has no fields.
    pub fn record_type(&self, id: RecordId) -> &Record {
        self.records.get(id.0).unwrap_or(&NO_RECORD)
    }

    /// The name by which the definition knows a record type, where it has one.
    pub fn record_name(&self, id: RecordId) -> Option<&str> {
        self.record_names.get(id.0).map(String::as_str)
    }

    /// The field at a path, and the type of the record that holds it. A path begins with a field of a table
    /// type's records, or with the envelope's member in a document type, and passes through arrays as if each had
    /// one item.
    ///
    /// ```
    /// let traces = tablecast::Resource::find("agent_traces")?;
    /// let (_, field) = traces.field_at(&["steps".into(), "output".into()]).unwrap();
    /// assert!(field.nullable);
    /// # Ok::<_, tablecast::Error>(())
    /// ```
    pub fn field_at(&self, path: &[String]) -> Option<(&Record, &Field)> {
        let (name, before) = path.split_last()?;
        let (record, _) = self.record_at(before)?;
        let record = self.record_type(record);
        Some((record, record.field(name)?))
    }

    /// The type of the records at a path, and whether an array holds them. The empty path leads to the records
    /// of a table type.
    pub(crate) fn record_at(&self, path: &[String]) -> Option<(RecordId, bool)> {
        let (mut at, names) = match self.record {
            Some(record) => ((record, true), path),
            None => {
                let (first, names) = path.split_first()?;
                let member = self.envelope.iter().find(|member| member.name == *first)?;
                match &member.content {
                    Content::Record { record, .. } => ((*record, false), names),
                    Content::Records { record, .. } => ((*record, true), names),
                    _ => return None,
                }
            }
        };
        for name in names {
            at = match self.record_type(at.0).field(name)?.field_type {
                FieldType::Record(record) => (record, false),
                FieldType::Records(record) => (record, true),
                _ => return None,
            };
        }
        Some(at)
    }

    /// Finds a filter by its name.
    pub fn filter(&self, name: &str) -> Option<&Filter> {
        self.filters.iter().find(|filter| filter.name == name)
    }

    /// Finds a switch by its name.
    pub fn switch(&self, name: &str) -> Option<&Switch> {
        self.switches.iter().find(|switch| switch.name == name)
    }

    /// The field that a filter looks at, the first where it looks at several; `None` for a limit.
    pub fn field_of(&self, filter: &Filter) -> Option<&Field> {
        let (_, field) = self.field_at(filter.fields.first()?)?;
        (filter.test != FilterTest::Limit).then_some(field)
    }

    /// The name of the file, without its extension: of the date of the export, `YYYY-MM-DD`, the id of the user
    /// who asked for it, and the id of the object. What is empty leaves out the separator before it, too.
    pub fn file_name(&self, date: &str, user_id: &str, resource_id: &str) -> String {
        file_name::filled(&self.file_name, date, user_id, resource_id)
    }
}
