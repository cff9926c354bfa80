//! The definitions as JSON, member by member.
//!
//! ```json
//! {
//!   "name": "notes", "label": "Notes", "description": "…",
//!   "formats": ["json", "csv"],
//!   "file_name": "notes-{user_id:8}-{date}",
//!   "record": {
//!     "table": "notes", "user_column": "owner",
//!     "fields": [{"name": "createdAt", "column": "created_at", "type": "timestamp", "nullable": true, "description": "…"}]
//!   },
//!   "envelope": [{"name": "version", "holds": "text", "text": "1.0", "description": "…"}],
//!   "filters": [{"name": "created_after", "field": "createdAt", "test": "at_least", "description": "…"}]
//! }
//! ```

use super::{Content, Field, FieldType, Filter, FilterTest, Member, Record, Resource};
use crate::error::Result;
use crate::settings::{Fields, Setting, Surface};
use crate::write::Format;

/// What a file name may be made of.
const PLACEHOLDERS: [&str; 2] = ["date", "user_id"];

/// How many values a filter takes where the definition does not say.
const MOST: u64 = 20;

impl Resource {
    /// Reads a definition.
    ///
    /// # Errors
    ///
    /// `invalid_option` and `unknown_option`, with the path of the member that is wrong, and
    /// `unknown_format`.
    pub fn from_definition(definition: &Setting) -> Result<Self> {
        let mut fields = Fields::new(definition, Surface::Http)?;
        let formats = texts(&mut fields, "formats")?;
        let formats: Vec<_> = formats
            .iter()
            .map(|id| Format::find(id))
            .collect::<Result<_>>()?;
        if formats.is_empty() {
            return Err(fields.invalid("formats", "takes at least one format"));
        }
        let file_name = text(&mut fields, "file_name")?;
        let mut known = true;
        parts(&file_name, |_, placeholder| {
            known &= placeholder.is_none_or(|(name, _)| PLACEHOLDERS.contains(&name));
        });
        if !known {
            let reason =
                "takes `{date}` and `{user_id}`, cut as `{user_id:8}` to so many characters";
            return Err(fields.invalid("file_name", reason));
        }
        let record = match fields.get("record") {
            Some(_) => Some(record(fields.block("record")?)?),
            None => None,
        };
        let envelope = list(&mut fields, "envelope", member)?;
        if record.is_none() && envelope.is_empty() {
            return Err(fields.invalid("record", "is missing, and there is no `envelope`"));
        }
        let filters = list(&mut fields, "filters", |item| filter(item, record.as_ref()))?;
        let resource = Self {
            name: text(&mut fields, "name")?,
            label: text(&mut fields, "label")?,
            description: text(&mut fields, "description")?,
            formats,
            record,
            envelope,
            filters,
            file_name,
        };
        fields.finish()?;
        Ok(resource)
    }
}

fn record(mut fields: Fields<'_>) -> Result<Record> {
    let record = Record {
        table: text(&mut fields, "table")?,
        user_column: fields.text("user_column")?.map(Into::into),
        fields: list(&mut fields, "fields", field)?,
    };
    fields.finish()?;
    Ok(record)
}

fn field(mut fields: Fields<'_>) -> Result<Field> {
    let types = [
        ("string", Some(FieldType::String)),
        ("number", Some(FieldType::Number)),
        ("boolean", Some(FieldType::Boolean)),
        ("timestamp", Some(FieldType::Timestamp)),
        ("array", Some(FieldType::Strings)),
        ("object", Some(FieldType::Object)),
    ];
    let Some(field_type) = fields.choice("type", &types, None)? else {
        return Err(fields.invalid("type", "is missing"));
    };
    if field_type == FieldType::Strings {
        // The word stands there so that arrays of other values can be told from these.
        text(&mut fields, "items")?;
        fields.choice("items", &[("string", ())], ())?;
    }
    let name = text(&mut fields, "name")?;
    let field = Field {
        column: fields.text("column")?.unwrap_or(&name).into(),
        field_type,
        nullable: fields.bool("nullable", false)?,
        values: texts(&mut fields, "enum")?,
        description: text(&mut fields, "description")?,
        name,
    };
    fields.finish()?;
    Ok(field)
}

#[derive(Clone, Copy)]
enum Holds {
    Moment,
    Text,
    Record,
    Records,
}

fn member(mut fields: Fields<'_>) -> Result<Member> {
    let kinds = [
        ("moment", Some(Holds::Moment)),
        ("text", Some(Holds::Text)),
        ("record", Some(Holds::Record)),
        ("records", Some(Holds::Records)),
    ];
    let content = match fields.choice("holds", &kinds, None)? {
        Some(Holds::Moment) => Content::Moment,
        Some(Holds::Text) => Content::Text(text(&mut fields, "text")?),
        Some(Holds::Record) => Content::Record(record(fields.block("record")?)?),
        Some(Holds::Records) => Content::Records(record(fields.block("record")?)?),
        None => return Err(fields.invalid("holds", "is missing")),
    };
    let member = Member {
        name: text(&mut fields, "name")?,
        content,
        description: text(&mut fields, "description")?,
    };
    fields.finish()?;
    Ok(member)
}

fn filter(mut fields: Fields<'_>, record: Option<&Record>) -> Result<Filter> {
    let tests = [
        ("equals", Some(FilterTest::Equals)),
        ("any_of", Some(FilterTest::AnyOf { most: MOST })),
        ("at_least", Some(FilterTest::AtLeast)),
        ("less_than", Some(FilterTest::LessThan)),
    ];
    let test = match fields.choice("test", &tests, None)? {
        Some(FilterTest::AnyOf { most }) => FilterTest::AnyOf {
            most: fields.whole("most", 1, 1_000)?.unwrap_or(most),
        },
        Some(test) => test,
        None => return Err(fields.invalid("test", "is missing")),
    };
    let filter = Filter {
        name: text(&mut fields, "name")?,
        field: text(&mut fields, "field")?,
        test,
        description: text(&mut fields, "description")?,
    };
    let found = record.and_then(|record| record.field(&filter.field));
    let Some(found) = found else {
        return Err(fields.invalid("field", "names no field of the record"));
    };
    let is_list = found.field_type == FieldType::Strings;
    if is_list != matches!(test, FilterTest::AnyOf { .. }) {
        return Err(fields.invalid("test", "does not go with the field's type"));
    }
    fields.finish()?;
    Ok(filter)
}

/// A text that must be there.
fn text(fields: &mut Fields<'_>, name: &'static str) -> Result<String> {
    match fields.text(name)? {
        Some(text) if !text.is_empty() => Ok(text.into()),
        _ => Err(fields.invalid(name, "is missing")),
    }
}

/// A list of texts, empty where it is absent.
fn texts(fields: &mut Fields<'_>, name: &'static str) -> Result<Vec<String>> {
    let Some(setting) = fields.get(name) else {
        return Ok(Vec::new());
    };
    let items = setting.as_list().map(|items| {
        let texts = items.iter().map(|item| item.as_text().map(Into::into));
        texts.collect::<Option<_>>()
    });
    match items {
        Some(Some(texts)) => Ok(texts),
        _ => Err(fields.invalid(name, "takes a list of texts")),
    }
}

/// A list of objects, empty where it is absent.
fn list<T>(
    fields: &mut Fields<'_>,
    name: &'static str,
    mut read: impl FnMut(Fields<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let Some(setting) = fields.get(name) else {
        return Ok(Vec::new());
    };
    let Some(items) = setting.as_list() else {
        return Err(fields.mistyped(name, "a list", setting));
    };
    let items = items.iter().enumerate();
    items
        .map(|(number, item)| read(fields.item(name, number, item)?))
        .collect()
}

/// Goes through a pattern: gives each plain text and the placeholder behind it, with how many characters
/// of its value are wanted.
pub(super) fn parts<'a>(pattern: &'a str, mut each: impl FnMut(&'a str, Option<(&'a str, usize)>)) {
    let mut rest = pattern;
    while let Some((plain, behind)) = rest.split_once('{') {
        let (placeholder, behind) = behind.split_once('}').unwrap_or_default();
        let (name, most) = match placeholder.split_once(':') {
            // What is no number makes no placeholder that is known.
            Some((name, most)) => most.parse().map_or(("", 0), |most| (name, most)),
            None => (placeholder, usize::MAX),
        };
        each(plain, Some((name, most)));
        rest = behind;
    }
    each(rest, None);
}
