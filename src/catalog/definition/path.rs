//! Paths from the file's outermost object, or from the records of a table type, to fields.

use super::block::{Problems, listed, nearest_to, quoted};
use super::record::Records;
use crate::catalog::{Content, Field, Member, RecordId};

/// What a path leads to.
pub(super) enum Found<T> {
    Yes(T),
    /// Nothing, and why.
    No(String),
    /// It leads through what could not be read, of which there is a problem already.
    Unsure,
}

/// How many names a path has at most: all of them are looked at again and again.
const MOST_NAMES: usize = 32;

/// The names in a path, which stands `at` a place.
pub(super) fn split(path: &str, at: &str, problems: &Problems) -> Option<Vec<String>> {
    if path.split('.').count() > MOST_NAMES {
        problems.add(at, format_args!("A path has up to {MOST_NAMES} names."));
        return None;
    }
    Some(path.split('.').map(Into::into).collect())
}

/// Why a path ends at a name that nothing has.
pub(super) fn no_such<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let name_quoted = quoted(name);
    match nearest_to(name, known.clone()) {
        Some(nearest) => format!(
            "there is no {name_quoted}, {} is the nearest",
            quoted(nearest)
        ),
        None => format!("there is no {name_quoted} among {}", listed(known)),
    }
}

/// Where paths begin.
#[derive(Clone, Copy)]
pub(super) struct Paths<'r, 'a, 'p> {
    pub(super) records: &'r Records<'a, 'p>,
    /// The records of a table type.
    pub(super) record: Option<RecordId>,
    pub(super) envelope: &'r [Member],
    /// Not all of the envelope could be read.
    pub(super) is_unsure: bool,
}

/// A field that a path leads to.
pub(super) struct Target<'r> {
    /// Its record is an item of an array.
    pub(super) in_array: bool,
    pub(super) field: &'r Field,
}

impl<'r> Paths<'r, '_, '_> {
    /// The record type at a path, and whether an array holds it.
    pub(super) fn records_at(&self, path: &[String]) -> Found<(RecordId, bool)> {
        if let Some(record) = self.record {
            return self.records.walk((record, true), path);
        }
        let Some((first, rest)) = path.split_first() else {
            return Found::No("there are no records outside of arrays".into());
        };
        let member = self.envelope.iter().find(|member| member.name == *first);
        match member.map(|member| &member.content) {
            Some(Content::Record { record, .. }) => self.records.walk((*record, false), rest),
            Some(Content::Records { record, .. }) => self.records.walk((*record, true), rest),
            None if self.is_unsure => Found::Unsure,
            Some(_) => Found::No(format!("{} holds no records", quoted(first))),
            None => {
                let names = self.envelope.iter().map(|member| member.name.as_str());
                Found::No(no_such(first, names))
            }
        }
    }

    pub(super) fn field_at(&self, path: &[String]) -> Found<Target<'r>> {
        let Some((name, before)) = path.split_last() else {
            return Found::Unsure;
        };
        if before.is_empty() && self.record.is_none() {
            return Found::No(format!("{} is no field of a record", quoted(name)));
        }
        match self.records_at(before) {
            Found::Yes((record, in_array)) => match self.records.field_of(record, name) {
                Found::Yes(field) => Found::Yes(Target { in_array, field }),
                Found::No(why) => Found::No(why),
                Found::Unsure => Found::Unsure,
            },
            Found::No(why) => Found::No(why),
            Found::Unsure => Found::Unsure,
        }
    }
}
