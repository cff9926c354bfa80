//! The catalog: each type of resource that is exported, described once as data.
//!
//! A definition is a JSON file beside this one, and is read as options are: a member that nobody knows is
//! an error. No type has code of its own.

mod definition;

use crate::error::{Error, ErrorKind, Result};
use crate::settings::{Setting, nearest};
use crate::write::Format;

/// The definitions that ship with the engine, by their names.
const DEFINITIONS: [(&str, &str); 2] = [
    ("memories", include_str!("memories.json")),
    ("account", include_str!("account.json")),
];

/// A type of resource: what its export holds, and what it can be asked for.
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
    /// The records, where the export is a table of them.
    pub record: Option<Record>,
    /// The members of the object around the records, in the order of the file; none where the export is
    /// the records alone.
    pub envelope: Vec<Member>,
    /// What records can be chosen by.
    pub filters: Vec<Filter>,
    file_name: String,
}

/// A type of record, and the table of a database that holds its records.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Record {
    /// The table's name.
    pub table: String,
    /// The column that names the user to whom a record belongs, where the export is that of one user.
    pub user_column: Option<String>,
    /// The fields, in the order of the file.
    pub fields: Vec<Field>,
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// The name in the file.
    pub name: String,
    /// The column of the table.
    pub column: String,
    /// What its values are.
    pub field_type: FieldType,
    /// Whether it may be null.
    pub nullable: bool,
    /// The only values that it may have; empty where any will do.
    pub values: Vec<String>,
    /// What it is.
    pub description: String,
}

/// What the values of a field are in the file. A table holds arrays and objects as JSON text, and booleans as
/// 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldType {
    /// Text.
    String,
    /// Numbers.
    Number,
    /// `true` and `false`.
    Boolean,
    /// Moments in UTC with milliseconds, as `2026-01-31T12:00:00.000Z`.
    Timestamp,
    /// Lists of texts.
    Strings,
    /// Objects of any members.
    Object,
}

/// A member of an envelope.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Member {
    /// The name in the file.
    pub name: String,
    /// What stands there.
    pub content: Content,
    /// What it is.
    pub description: String,
}

/// What a member of an envelope holds.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Content {
    /// The moment of the export.
    Moment,
    /// A text that is always the same.
    Text(String),
    /// One record.
    Record(Record),
    /// An array of records.
    Records(Record),
}

/// What records can be chosen by. A request that names none of them gets all records.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Filter {
    /// The name in requests.
    pub name: String,
    /// The name of the field that is looked at.
    pub field: String,
    /// When a record is chosen.
    pub test: FilterTest,
    /// Which records it chooses.
    pub description: String,
}

/// When a filter chooses a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FilterTest {
    /// The field has this value.
    Equals,
    /// The field is a list that holds at least one of these values.
    AnyOf {
        /// How many values may be given.
        most: u64,
    },
    /// The field is this or more.
    AtLeast,
    /// The field is less than this.
    LessThan,
}

impl Resource {
    /// The names of all types of resources that ship with the engine.
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

    /// Finds a filter by its name.
    pub fn filter(&self, name: &str) -> Option<&Filter> {
        self.filters.iter().find(|filter| filter.name == name)
    }

    /// The field that a filter looks at.
    pub fn field_of(&self, filter: &Filter) -> Option<&Field> {
        self.record.as_ref()?.field(&filter.field)
    }

    /// The name of the file, without its extension: of the date of the export, `YYYY-MM-DD`, and the
    /// id of the user who asked for it.
    pub fn file_name(&self, date: &str, user_id: &str) -> String {
        let mut name = String::new();
        definition::parts(&self.file_name, |plain, placeholder| {
            name.push_str(plain);
            match placeholder {
                Some(("user_id", most)) => name.extend(user_id.chars().take(most)),
                Some((_, most)) => name.extend(date.chars().take(most)),
                None => {}
            }
        });
        name
    }
}

impl Record {
    /// Finds a field by its name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}
