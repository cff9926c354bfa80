//! Columns, and the header of the source.

mod appearance;

pub use appearance::{Align, ColumnType, Total};

use std::ops::Range;

use crate::error::Result;
use crate::number_format::NumberFormat;
use crate::settings::{Fields, Setting};

/// A column by the key that the data has for it and the label that the file shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Column {
    /// The member's name in a record, or the path to a member of a nested one: `user.name`.
    pub key: String,
    /// The text in the header.
    pub label: String,
    /// What the values are. Default: what the data says that they are.
    pub column_type: Option<ColumnType>,
    /// How values are shown, as text in every format of text. Default: as they stand.
    pub format: Option<NumberFormat>,
    /// The width in characters, where there is a page. Default: by the content.
    pub width: Option<u8>,
    /// Default: numbers right, all else at the start of the line.
    pub align: Option<Align>,
    /// What the row of totals shows, where there is a page. Default: nothing.
    pub total: Option<Total>,
}

impl Column {
    /// A column that is labelled with its key.
    pub fn new(key: impl Into<String>) -> Self {
        let key = key.into();
        Self {
            label: key.clone(),
            key,
            ..Self::default()
        }
    }

    /// Reads a list of names or of `{key, label, …}`.
    pub(crate) fn list(fields: &Fields<'_>, name: &str, setting: &Setting) -> Result<Vec<Self>> {
        let Setting::List(items) = setting else {
            return Err(fields.mistyped(name, "a list of columns", setting));
        };
        let mut columns = Vec::new();
        columns.try_reserve_exact(items.len())?;
        for (number, item) in items.iter().enumerate() {
            columns.push(match item {
                Setting::Text(key) => Self::new(key),
                item => {
                    let mut members = fields.item(name, number, item)?;
                    let Some(key) = members.text("key")? else {
                        let reason = "is missing; a column is a name or {key, label}";
                        return Err(members.invalid("key", reason));
                    };
                    let mut column = Self {
                        label: members.text("label")?.unwrap_or(key).into(),
                        key: key.into(),
                        ..Self::default()
                    };
                    appearance::read(&mut column, &mut members)?;
                    members.finish()?;
                    column
                }
            });
        }
        Ok(columns)
    }
}

/// The columns of the source, in the order in which they were first seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Header {
    names: Vec<String>,
    seen: Vec<bool>,
    /// The columns by their names: chunks of ascending ones, so that adding one moves few others.
    index: Vec<Vec<u32>>,
}

/// A longer chunk of the index is cut in two.
const CHUNK: usize = 512;

impl Header {
    /// No columns.
    pub(crate) const fn new() -> Self {
        Self {
            names: Vec::new(),
            seen: Vec::new(),
            index: Vec::new(),
        }
    }

    pub(crate) fn of<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let mut header = Self::default();
        for name in names {
            header.add(name);
        }
        header
    }

    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    pub(crate) fn name(&self, column: u32) -> Option<&str> {
        self.names.get(column as usize).map(String::as_str)
    }

    /// The column of a key. `guess` is looked at first: it is right where records repeat the order
    /// of their members.
    pub(crate) fn find(&self, key: &[u8], guess: u32) -> Option<u32> {
        match self.names.get(guess as usize) {
            Some(name) if name.as_bytes() == key => Some(guess),
            _ => self.search(key).ok(),
        }
    }

    /// The column of a key, else the chunk of the index that it belongs in, and the place there.
    fn search(&self, key: &[u8]) -> Result<u32, (usize, usize)> {
        let name = |column: u32| self.name(column).unwrap_or_default().as_bytes();
        let begins_by = |chunk: &Vec<u32>| chunk.first().is_some_and(|first| name(*first) <= key);
        let chunk = self.index.partition_point(begins_by).saturating_sub(1);
        let columns = self.index.get(chunk).map_or(&[][..], Vec::as_slice);
        let place = columns.partition_point(|column| name(*column) < key);
        match columns.get(place) {
            Some(column) if name(*column) == key => Ok(*column),
            _ => Err((chunk, place)),
        }
    }

    /// The columns of keys, of which several may have one name: the first time that a key is asked for it is the
    /// first column of that name, then the next one, and in the end the last again and again.
    pub(crate) fn by_occurrence<'k>(
        &self,
        keys: impl Iterator<Item = &'k str>,
    ) -> Vec<Option<u32>> {
        // For the first column of each name, the one that was taken last.
        let mut taken: Vec<Option<usize>> = vec![None; self.names.len()];
        let column = |key: &str| {
            let first = self.find(key.as_bytes(), 0)?;
            let last = taken.get_mut(first as usize)?;
            let from = last.map_or(first as usize, |last| last + 1);
            let mut others = from..self.names.len();
            let next = others.find(|at| self.names.get(*at).is_some_and(|name| name == key));
            *last = next.or(*last);
            last.map(|at| at as u32)
        };
        keys.map(column).collect()
    }

    /// Adds a column at the end. Of columns of the same name [`find`](Self::find) gives the first.
    pub(crate) fn add(&mut self, name: &str) -> u32 {
        let column = self.names.len() as u32;
        if let Err((chunk, place)) = self.search(name.as_bytes()) {
            match self.index.get_mut(chunk) {
                None => self.index.push(vec![column]),
                Some(columns) => {
                    columns.insert(place, column);
                    if columns.len() > CHUNK {
                        let behind = columns.split_off(CHUNK / 2);
                        self.index.insert(chunk + 1, behind);
                    }
                }
            }
        }
        self.names.push(name.into());
        self.seen.push(false);
        column
    }

    /// Remembers that the data has this column.
    pub(crate) fn mark_seen(&mut self, column: u32) {
        self.mark_all_of(column as usize..column as usize + 1);
    }

    /// Remembers that the data has these columns.
    pub(crate) fn mark_all_of(&mut self, columns: Range<usize>) {
        if let Some(seen) = self.seen.get_mut(columns) {
            seen.fill(true);
        }
    }

    pub(crate) fn mark_all_seen(&mut self) {
        self.seen.fill(true);
    }

    pub(crate) fn is_seen(&self, column: u32) -> bool {
        self.seen.get(column as usize) == Some(&true)
    }

    /// The names of the columns that the data has.
    pub(crate) fn seen_names(&self) -> Vec<&str> {
        let names = self.names.iter().zip(&self.seen);
        names
            .filter(|(_, seen)| **seen)
            .map(|(name, _)| name.as_str())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Header;

    #[test]
    fn names_of_object_members_are_ordinary_columns() {
        let mut header = Header::default();
        for (number, name) in ["__proto__", "constructor", "toString"].iter().enumerate() {
            assert_eq!(header.find(name.as_bytes(), 0), None);
            assert_eq!(header.add(name), number as u32);
            assert_eq!(header.find(name.as_bytes(), 7), Some(number as u32));
        }
    }

    #[test]
    fn each_of_many_names_is_found() {
        let names = (0..5000).map(|number| (number * 7919 % 5000).to_string());
        let names: Vec<_> = names.collect();
        let header = Header::of(names.iter().map(String::as_str));
        for (column, name) in (0..).zip(&names) {
            assert_eq!(header.find(name.as_bytes(), 9999), Some(column));
        }
        assert_eq!(header.find(b"5000", 0), None);
    }

    #[test]
    fn a_key_that_is_asked_for_again_is_the_next_column_of_its_name() {
        let header = Header::of(["a", "b", "a", "a", "b"].into_iter());
        let found = header.by_occurrence(["a", "c", "b", "a", "b", "a", "a"].into_iter());
        let expected = [Some(0), None, Some(1), Some(2), Some(4), Some(3), Some(3)];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_name_that_stands_twice_is_found_at_its_first_place() {
        let header = Header::of(["a", "b", "a"].into_iter());
        assert_eq!(header.find(b"a", 9), Some(0));
        assert_eq!(header.len(), 3);
    }
}
