//! Filters, by which records are chosen, and switches, by which fields are.

/// What records can be chosen by. A request that names none of them gets all records.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Filter {
    /// The name in requests.
    pub name: String,
    /// The paths of the fields that are looked at: the records that hold them are chosen. Only
    /// [`IsNull`](FilterTest::IsNull) has several, all of one record. [`Limit`](FilterTest::Limit) has none
    /// in a table type, else the path of the array.
    pub fields: Vec<Vec<String>>,
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
    /// The field has one of these values.
    OneOf {
        /// How many values may be given.
        most: u64,
    },
    /// The field is a list that holds at least one of these values.
    AnyOf {
        /// How many values may be given.
        most: u64,
    },
    /// The field is this or more.
    AtLeast,
    /// The field is this or less.
    AtMost,
    /// The field is less than this.
    LessThan,
    /// The fields are all null.
    IsNull,
    /// There are not yet so many records.
    Limit,
}

impl FilterTest {
    /// The word for it in a definition.
    pub fn name(self) -> &'static str {
        match self {
            Self::Equals => "equals",
            Self::OneOf { .. } => "one_of",
            Self::AnyOf { .. } => "any_of",
            Self::AtLeast => "at_least",
            Self::AtMost => "at_most",
            Self::LessThan => "less_than",
            Self::IsNull => "is_null",
            Self::Limit => "limit",
        }
    }
}

/// A choice of fields: they are in the file only while it is on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Switch {
    /// The name in requests.
    pub name: String,
    /// The paths of the fields.
    pub fields: Vec<Vec<String>>,
    /// Whether it is on where a request does not say.
    pub default: bool,
    /// What is there while it is on.
    pub description: String,
}
