//! Envelopes: the object around the records of a file.

use super::record::{Field, RecordId};

/// A member of an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
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
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// The name of the type of resource.
    Type,
    /// The version of the software that the data come from.
    SoftwareVersion,
    /// The id of the account that the data belong to.
    AccountId,
    /// The moment of the export.
    Moment,
    /// A text that is always the same.
    Text(String),
    /// The records of a table type.
    Items,
    /// One record.
    Record {
        /// Its type.
        record: RecordId,
        /// Whether it may be null.
        nullable: bool,
    },
    /// An array of records.
    Records {
        /// Their type.
        record: RecordId,
        /// Whether it may be null.
        nullable: bool,
    },
    /// How many records there are: of a table type `items`, else in the array that this path leads to; of
    /// arrays in arrays, all together.
    Count(Vec<String>),
    /// Any other value. The field has the member's name and description.
    Value(Field),
}

impl Content {
    /// The word for it in a definition.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::SoftwareVersion => "software_version",
            Self::AccountId => "account_id",
            Self::Moment => "moment",
            Self::Text(_) => "text",
            Self::Items => "items",
            Self::Record { .. } => "record",
            Self::Records { .. } => "records",
            Self::Count(_) => "count",
            Self::Value(_) => "value",
        }
    }
}

/// The members that every standard envelope begins with.
pub(super) fn standard() -> Vec<Member> {
    let members = [
        ("export_type", Content::Type, "The type of resource."),
        (
            "software_version",
            Content::SoftwareVersion,
            "The version of the software that the data come from.",
        ),
        (
            "account_id",
            Content::AccountId,
            "The account that the data belong to.",
        ),
        ("exported_at", Content::Moment, "When the export was made."),
    ];
    members.map(member).into()
}

/// The standard envelope around the records of a table type.
pub(super) fn standard_with_items() -> Vec<Member> {
    let count = Content::Count(vec!["items".into()]);
    let behind = [
        ("item_count", count, "How many records there are."),
        ("items", Content::Items, "The records."),
    ];
    standard().into_iter().chain(behind.map(member)).collect()
}

fn member((name, content, description): (&str, Content, &str)) -> Member {
    Member {
        name: name.into(),
        content,
        description: description.into(),
    }
}
