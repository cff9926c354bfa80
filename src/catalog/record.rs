//! Record types: what a record holds, and where a database keeps it.

/// The place of a record type in [`Resource::records`](super::Resource::records). Record types refer to each
/// other, and to themselves, by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(pub(crate) usize);

/// A type of record. Its table and its columns are for those who read it from a database; the engine itself
/// asks for none of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// The table's name. Without one, the record lies as JSON in a column of what it belongs to.
    pub table: Option<String>,
    /// The column that names the user to whom a record belongs, where the export is that of one user.
    pub user_column: Option<String>,
    /// What tells to which record, or to which exported object, a record belongs.
    pub parent: Option<Parent>,
    /// The fields, in the order of the file.
    pub fields: Vec<Field>,
    /// Members that no field describes are kept, behind the fields.
    pub open: bool,
    /// The column that holds such members, as a JSON object.
    pub open_column: Option<String>,
}

impl Record {
    /// Finds a field by its name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// How a table tells to what its records belong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Parent {
    /// This column of the record's own table holds the id of what it belongs to.
    Column(String),
    /// Another table links the two by their ids, so that a record can belong to several.
    Link {
        /// The table's name.
        table: String,
        /// Its column with the id of what the record belongs to.
        parent: String,
        /// Its column with the id of the record.
        child: String,
    },
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// The name in the file.
    pub name: String,
    /// The column of the table. A count has none, nor have records with a table of their own.
    pub column: String,
    /// What its values are.
    pub field_type: FieldType,
    /// Whether it may be null.
    pub nullable: bool,
    /// Whether a record may lack it: then it is left out, where a field that has to be there is written as
    /// null.
    pub optional: bool,
    /// The only values that it may have; empty where any will do.
    pub values: Vec<String>,
    /// The column with a key of the object store: a text of more than 256 KiB lies there, and `column` is
    /// null.
    pub file_column: Option<String>,
    /// What it is.
    pub description: String,
}

/// What the values of a field are in the file. A table holds arrays and objects as JSON text, and booleans as
/// 0 and 1.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldType {
    /// Text.
    String,
    /// Numbers.
    Number,
    /// Whole numbers.
    Integer,
    /// `true` and `false`.
    Boolean,
    /// Moments of RFC 3339, as `2026-01-31T12:00:00.000Z`.
    Timestamp,
    /// Arrays of values that are no records.
    Array(Items),
    /// Objects of any members.
    Object,
    /// One record.
    Record(RecordId),
    /// Arrays of records.
    Records(RecordId),
    /// How many records there are in the array that this path, from the record on, leads to; of arrays in
    /// arrays, all together. It is counted, and written behind the array.
    Count(Vec<String>),
    /// Anything.
    Any,
}

impl FieldType {
    /// The word for it in a definition.
    pub fn name(&self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Number => "number",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Timestamp => "timestamp",
            Self::Array(_) => "array",
            Self::Object => "object",
            Self::Record(_) => "record",
            Self::Records(_) => "records",
            Self::Count(_) => "count",
            Self::Any => "any",
        }
    }
}

/// What an array holds that is none of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Items {
    /// Texts.
    String,
    /// Objects of any members.
    Object,
    /// Anything.
    Any,
}

impl Items {
    /// The word for it in a definition.
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Object => "object",
            Self::Any => "any",
        }
    }
}
