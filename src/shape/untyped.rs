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

use super::rule::{Rule, Shape};
use crate::error::Result;
use crate::read::json::{Nested, Parser};
use crate::read::{Limits, Source};
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
    /// Gives the cells of these columns of the source the types that their rules ask for.
    pub(super) fn read<'r>(
        &mut self,
        rows: Rows<'_>,
        rules: impl Iterator<Item = (u32, &'r Rule)> + Clone,
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
            for (column, rule) in rules.clone() {
                let at = start + column as usize;
                let Some(mut cell) = self.cells.get(at).copied() else {
                    continue;
                };
                self.give_type(&mut cell, rule);
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

    fn give_type(&mut self, cell: &mut Cell, rule: &Rule) {
        let text = cell.text(&self.bytes);
        let shape = rule.shape();
        match (cell.kind, shape) {
            (Kind::Null, Shape::Text) if !rule.takes_null() => cell.kind = Kind::Text,
            (Kind::Number | Kind::Bool, Shape::Text | Shape::Any) => cell.kind = Kind::Text,
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
                if let Ok(Some(len)) = compact(&mut self.scratch, &mut self.nested) {
                    let text = self.scratch.get(..len).unwrap_or_default();
                    self.bytes.extend_from_slice(text);
                    *cell = Cell {
                        kind: Kind::Nested,
                        escaped: true,
                        start: start as u32,
                        len: len as u32,
                    };
                }
            }
            _ => {}
        }
    }
}

/// Makes JSON text compact in its place, and gives its length; `None` where it is not whole.
fn compact(text: &mut [u8], nested: &mut Nested) -> Result<Option<usize>> {
    let mut parser = Parser::new(Source::Json, &Limits::default());
    parser.extend(text);
    parser.end(text);
    let mut end = None;
    let mut begun = false;
    while let Some(event) = parser.next(text)? {
        let complete = match begun {
            false => nested.begin(parser.token(), event, text),
            true => nested.event(event, text),
        };
        begun = true;
        end = complete.or(end);
    }
    let Some(span) = end.filter(|_| parser.is_done()) else {
        return Ok(None);
    };
    text.copy_within(span.start..span.end, 0);
    Ok(Some(span.end - span.start))
}
