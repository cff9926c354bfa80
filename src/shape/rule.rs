//! What a field takes.

use super::tape::{self, Token};
use crate::catalog::{Field, FieldType, Items};
use crate::report::Notice;
use crate::text::{date, json};
use crate::value::Kind;

/// What a field takes, in a form that is quickly asked.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    takes: Takes,
    nullable: bool,
    /// A record may lack it.
    pub(super) optional: bool,
    /// The only values; none where any will do.
    values: Vec<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    Text,
    Number,
    Integer,
    Bool,
    Moment,
    Array(Items),
    Object,
    Any,
}

/// What values are, apart from all details.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    Number,
    Bool,
    /// Arrays, objects and records.
    Nested,
    Any,
}

impl Rule {
    pub(super) fn of(field: &Field) -> Self {
        let takes = match field.field_type {
            FieldType::String => Takes::Text,
            FieldType::Number => Takes::Number,
            FieldType::Integer | FieldType::Count(_) => Takes::Integer,
            FieldType::Boolean => Takes::Bool,
            FieldType::Timestamp => Takes::Moment,
            FieldType::Array(items) => Takes::Array(items),
            // Of records in the array is told one by one.
            FieldType::Records(_) => Takes::Array(Items::Any),
            FieldType::Object | FieldType::Record(_) => Takes::Object,
            FieldType::Any => Takes::Any,
        };
        let values = field.values.iter();
        Self {
            takes,
            nullable: field.nullable,
            optional: field.optional,
            values: values.map(|value| value.clone().into_bytes()).collect(),
        }
    }

    /// A record, or an array of them.
    pub(super) fn of_records(is_array: bool, nullable: bool) -> Self {
        Self {
            takes: match is_array {
                true => Takes::Array(Items::Any),
                false => Takes::Object,
            },
            nullable,
            optional: false,
            values: Vec::new(),
        }
    }

    /// Text, as the members of an envelope are that a document may bring along.
    pub(super) fn of_text() -> Self {
        Self {
            takes: Takes::Text,
            nullable: false,
            optional: false,
            values: Vec::new(),
        }
    }

    /// One text and no other.
    pub(super) fn of_one(text: &str) -> Self {
        Self {
            values: vec![text.into()],
            ..Self::of_text()
        }
    }

    /// Only some values will do.
    pub(super) fn has_values(&self) -> bool {
        !self.values.is_empty()
    }

    /// What values are, apart from all details.
    pub(super) fn shape(&self) -> Shape {
        match self.takes {
            Takes::Text | Takes::Moment => Shape::Text,
            Takes::Number | Takes::Integer => Shape::Number,
            Takes::Bool => Shape::Bool,
            Takes::Array(_) | Takes::Object => Shape::Nested,
            Takes::Any => Shape::Any,
        }
    }

    /// Values may be objects of any members.
    pub(super) fn takes_objects(&self) -> bool {
        matches!(self.takes, Takes::Object | Takes::Any)
    }

    /// It may be null.
    pub(super) fn takes_null(&self) -> bool {
        self.nullable
    }

    /// Values are numbers.
    pub(super) fn is_numeric(&self) -> bool {
        matches!(self.takes, Takes::Number | Takes::Integer)
    }

    /// The values of an array have to be looked at one by one.
    pub(super) fn wants_items(&self) -> bool {
        match self.takes {
            Takes::Array(items) => items != Items::Any,
            _ => false,
        }
    }

    /// The kinds of which every value will do, a bit for each: of most cells no more has to be known.
    pub(super) fn kinds(&self) -> u32 {
        let bit = |kind: Kind| 1 << kind as u32;
        let missing = if self.optional { bit(Kind::Missing) } else { 0 };
        let null = if self.nullable { bit(Kind::Null) } else { 0 };
        let value = match self.takes {
            _ if !self.values.is_empty() => 0,
            Takes::Text => bit(Kind::Text),
            Takes::Number => bit(Kind::Number),
            Takes::Bool => bit(Kind::Bool),
            Takes::Any => {
                let kinds = [Kind::Bool, Kind::Number, Kind::Text, Kind::Nested];
                kinds.into_iter().map(bit).sum()
            }
            Takes::Integer | Takes::Moment | Takes::Array(_) | Takes::Object => 0,
        };
        missing | null | value
    }

    /// What is wrong with a value: its kind and its text, that of nested values as compact JSON. What
    /// an array [holds](Self::wants_items) is not looked at.
    #[inline]
    pub(super) fn judge(&self, kind: Kind, text: &[u8]) -> Option<Notice> {
        match kind {
            Kind::Missing if self.optional => return None,
            Kind::Missing => return Some(Notice::MissingField),
            Kind::Null if self.nullable => return None,
            Kind::Null => return Some(Notice::NullNotAllowed),
            _ => {}
        }
        let fits = match self.takes {
            Takes::Text => kind == Kind::Text,
            Takes::Number => kind == Kind::Number,
            Takes::Integer => kind == Kind::Number && is_integer(text),
            Takes::Bool => kind == Kind::Bool,
            Takes::Moment => kind == Kind::Text && date::moment(text).is_some(),
            Takes::Array(_) => kind == Kind::Nested && text.first() == Some(&b'['),
            Takes::Object => kind == Kind::Nested && text.first() == Some(&b'{'),
            Takes::Any => true,
        };
        if !fits {
            return Some(Notice::FieldType);
        }
        // Lengths are compared without a call.
        let is = |value: &Vec<u8>| value.len() == text.len() && value == text;
        let known = self.values.is_empty() || self.values.iter().any(is);
        (!known).then_some(Notice::OutsideEnum)
    }

    /// Whether all values that an array holds are of their type.
    pub(super) fn fit_items(&self, text: &[u8], tokens: &[Token], array: usize) -> bool {
        let mut items = tape::items(tokens, array);
        items.all(|(_, item)| self.fits_item(item.text(text)))
    }

    /// Whether a value that an array holds, in compact JSON text, is of its type.
    pub(super) fn fits_item(&self, value: &[u8]) -> bool {
        match self.takes {
            Takes::Array(Items::String) => value.first() == Some(&b'"'),
            Takes::Array(Items::Object) => value.first() == Some(&b'{'),
            _ => true,
        }
    }

    /// What the field takes, in words.
    pub(super) fn wanted(&self) -> &'static str {
        match self.takes {
            Takes::Text => "text",
            Takes::Number => "a number",
            Takes::Integer => "a whole number",
            Takes::Bool => "true or false",
            Takes::Moment => "a moment of RFC 3339, as 2026-01-31T12:00:00Z",
            Takes::Array(Items::String) => "an array of texts",
            Takes::Array(Items::Object) => "an array of objects",
            Takes::Array(Items::Any) => "an array",
            Takes::Object => "an object",
            Takes::Any => "any value",
        }
    }

    /// The only values that it may have; none where any will do.
    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        let values = self.values.iter();
        values.map(|value| std::str::from_utf8(value).unwrap_or_default())
    }
}

/// Whether a number of JSON has no fraction: `1.0` is an integer to JSON Schema, and what a database writes that
/// keeps integers among real numbers.
fn is_integer(number: &[u8]) -> bool {
    match number.iter().position(|byte| *byte == b'.') {
        None => json::is_whole(number),
        Some(point) => {
            let digits = number.get(point + 1..).unwrap_or_default();
            digits.iter().all(|digit| *digit == b'0')
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_integer;

    #[test]
    fn an_integer_may_have_a_point_but_no_fraction() {
        for number in [
            "0",
            "-12",
            "1.0",
            "-3.000",
            "123456789012345678901234567890",
        ] {
            assert!(is_integer(number.as_bytes()), "{number}");
        }
        for number in ["0.5", "1.01", "1e-1", "1e3", "1.0e3"] {
            assert!(!is_integer(number.as_bytes()), "{number}");
        }
    }
}
