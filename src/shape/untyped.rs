//! Cells of CSV take the types of their fields: CSV itself knows only texts and empty cells.
//!
//! | field | cell |
//! |---|---|
//! | `string`, `timestamp` | the text as it stands; an empty cell is empty text where the field takes no null |
//! | `number`, `integer` | a number as JSON writes it |
//! | `boolean` | `true` or `false` in any case, `1` or `0` |
//! | `array`, `object`, `record`, `records` | JSON text |
//! | `any` | JSON text where it is an array or an object, else the text |
//!
//! An empty cell is null in all others, and what is none of this stays text, which the check then tells.

use super::findings::Findings;
use super::rule::{Rule, Shape};
use crate::read::json::Nested;
use crate::report::Notice;
use crate::text::json;
use crate::value::{Cell, Kind, Rows};

/// Gives cells their types.
#[derive(Default)]
pub(super) struct Untyped {
    bytes: Vec<u8>,
    cells: Vec<Cell>,
    ends: Vec<u32>,
    nested: Nested,
    scratch: Vec<u8>,
}

impl Untyped {
    /// Gives the cells of these columns of the source the types that their rules ask for. Each column comes with
    /// the number of its name among the findings.
    pub(super) fn read<'r>(
        &mut self,
        rows: Rows<'_>,
        columns: impl Iterator<Item = (u32, &'r Rule, u32)> + Clone,
        findings: &mut Findings,
    ) -> Rows<'_> {
        self.bytes.clear();
        self.cells.clear();
        self.ends.clear();
        for row in rows.iter() {
            let start = self.cells.len();
            for cell in row.cells() {
                let (text_start, text) = (self.bytes.len(), cell.text(rows.bytes));
                self.bytes.extend_from_slice(text);
                self.cells.push(Cell {
                    start: text_start as u32,
                    ..*cell
                });
            }
            for (column, rule, path) in columns.clone() {
                let at = start + column as usize;
                let Some(mut cell) = self.cells.get(at).copied() else {
                    continue;
                };
                let was_text = cell.kind == Kind::Text;
                self.give_type(&mut cell, rule);
                if was_text && cell.kind == Kind::Nested {
                    self.note(path, row.number, findings);
                }
                if let Some(place) = self.cells.get_mut(at) {
                    *place = cell;
                }
            }
            self.ends.push(self.cells.len() as u32);
        }
        Rows {
            bytes: &self.bytes,
            cells: &self.cells,
            start: 0,
            ends: &self.ends,
            first: rows.first,
        }
    }

    /// Notes what the JSON text of a cell held.
    fn note(&self, path: u32, row: u64, findings: &mut Findings) {
        let Nested {
            lone_surrogates,
            duplicate_keys,
            ..
        } = self.nested;
        for (notice, count) in [
            (Notice::LoneSurrogate, lone_surrogates),
            (Notice::DuplicateKey, duplicate_keys),
        ] {
            if count > 0 {
                findings.note_many(notice, path, row, count);
            }
        }
    }

    fn give_type(&mut self, cell: &mut Cell, rule: &Rule) {
        let text = cell.text(&self.bytes);
        let shape = rule.shape();
        match (cell.kind, shape) {
            (Kind::Null, Shape::Text) if !rule.takes_null() => cell.kind = Kind::Text,
            // `input.types` may have guessed.
            (Kind::Number | Kind::Bool, Shape::Text) => cell.kind = Kind::Text,
            (Kind::Text, Shape::Number) if json::is_number(text) => cell.kind = Kind::Number,
            (Kind::Text | Kind::Number, Shape::Bool) => {
                let is = |words: [&str; 2]| {
                    let mut words = words.iter();
                    words.any(|word| text.eq_ignore_ascii_case(word.as_bytes()))
                };
                let word: &[u8] = if is(["true", "1"]) {
                    b"true"
                } else if is(["false", "0"]) {
                    b"false"
                } else {
                    return;
                };
                cell.kind = Kind::Bool;
                cell.start = self.bytes.len() as u32;
                cell.len = word.len() as u32;
                self.bytes.extend_from_slice(word);
            }
            (Kind::Text, Shape::Nested | Shape::Any) if matches!(text, [b'{' | b'[', ..]) => {
                let start = self.bytes.len();
                self.scratch.clear();
                self.scratch.extend_from_slice(text);
                if let Ok(span) = self.nested.whole(&mut self.scratch) {
                    let text = self.scratch.get(span.start..span.end).unwrap_or_default();
                    self.bytes.extend_from_slice(text);
                    *cell = Cell {
                        kind: Kind::Nested,
                        escaped: true,
                        start: start as u32,
                        len: text.len() as u32,
                    };
                }
            }
            _ => {}
        }
    }
}
