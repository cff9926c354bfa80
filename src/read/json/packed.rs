//! Rows of JavaScript values that `pkg/pack.js` packed, between the brackets of JSON text.
//!
//! A batch is little-endian, and one part follows the other:
//!
//! | part | holds |
//! |---|---|
//! | head | eight words of 32 bits: 0, where the keys, the wide numbers and the padding start, the numbers of numbers, shapes and runs, and one to spare |
//! | texts | of the cells, UTF-8, without anything in between |
//! | keys | of the shapes, likewise |
//! | wide numbers | numbers of many digits as text, with a comma behind each |
//! | padding | so that the numbers start at a multiple of eight |
//! | numbers | 64-bit floats, all of them integers |
//! | shapes | for each a word that says how many keys it has, and a word for the length of each key |
//! | runs | two words for each: a shape, or [`LIST`] and a length, and how many rows have it |
//! | cells | a word for each, row by row: its kind, and above that the length of its text, its value, or how many more cells are missing |

use super::reader::JsonReader;
use super::shape::State;
use crate::error::{Error, ErrorKind, Result};
use crate::read::rows::RowKind;
use crate::read::{Goal, append};
use crate::report::Notice;
use crate::text::{date, number};
use crate::value::{Cell, Kind};

/// A run of rows that are lists; the other bits are their length.
const LIST: u32 = 1 << 31;

const HEAD_LEN: usize = 32;

/// A decimal is an integer of millionths.
const MILLION: u64 = 1_000_000;

/// The low bits of a cell's word are its kind. `pkg/pack.js` writes the same numbers.
const KIND_BITS: u32 = 4;
const KIND_MASK: u32 = (1 << KIND_BITS) - 1;
const MISSING: u32 = 0;
const FALSE: u32 = 2;
const TRUE: u32 = 3;
const NON_FINITE: u32 = 4;
const SMALL_INTEGER: u32 = 5;
const INTEGER: u32 = 6;
const DECIMAL: u32 = 7;
const WIDE_NUMBER: u32 = 8;
const DATE: u32 = 9;
const BIGINT: u32 = 10;
const TEXT: u32 = 11;
const LONE_SURROGATE: u32 = 12;
const NESTED: u32 = 13;

/// What the reader keeps of the batch that it is reading. The texts lie in its buffer.
#[derive(Default)]
pub(crate) struct Packed {
    shapes: Vec<Shape>,
    /// Everything behind the texts.
    batch: Vec<u8>,
    /// Where the next number, run and cell stand in `batch`.
    number: usize,
    run: usize,
    cell: usize,
    /// How many runs were not begun.
    runs: u32,
    /// The run that is being read, and how many rows are left of it.
    shape: u32,
    rows: u32,
    /// Where the next text and the next wide number start in the reader's buffer.
    text: usize,
    wide: usize,
    /// Where `truefalse` stands in the reader's buffer.
    words: usize,
}

/// The keys that records have in common, with their columns as far as these are known.
#[derive(Default)]
struct Shape {
    keys: Vec<Vec<u8>>,
    columns: Vec<Option<u32>>,
}

impl Packed {
    /// All rows were read.
    pub(super) fn is_empty(&self) -> bool {
        self.rows == 0 && self.runs == 0
    }

    fn next_number(&mut self) -> i64 {
        let number = self.batch.get(self.number..).and_then(<[u8]>::first_chunk);
        self.number += 8;
        number.map_or(0, |number| f64::from_le_bytes(*number) as i64)
    }

    fn next_cell(&mut self) -> u32 {
        let cell = word(&self.batch, self.cell);
        self.cell += 4;
        cell
    }

    /// Where a text of this length lies in the buffer.
    fn next_text(&mut self, len: usize) -> (usize, usize) {
        let start = self.text;
        self.text += len;
        (start, len)
    }

    fn next_wide_number(&mut self, bytes: &[u8]) -> (usize, usize) {
        let start = self.wide;
        let rest = bytes.get(start..).unwrap_or_default();
        let len = rest.iter().take_while(|byte| **byte != b',').count();
        self.wide += len + 1;
        (start, len)
    }
}

/// The word at a place; 0 where there is none.
fn word(bytes: &[u8], at: usize) -> u32 {
    let word = bytes.get(at..).and_then(<[u8]>::first_chunk);
    word.map_or(0, |word| u32::from_le_bytes(*word))
}

impl JsonReader {
    /// Takes a batch, where a row may stand.
    pub(super) fn push_packed(&mut self, chunk: &[u8]) -> Result<()> {
        let at_row = matches!(self.state, State::Rows | State::NoTable)
            && self.parser.is_between(self.bytes.len());
        let [keys, wide, end, numbers, shapes, runs] =
            [4, 8, 12, 16, 20, 24].map(|at| word(chunk, at) as usize);
        let texts = chunk.get(HEAD_LEN..end).filter(|_| at_row);
        let rest = chunk.get(end.next_multiple_of(8)..);
        let (Some(texts), Some(rest)) = (texts, rest) else {
            let reason = "A batch of packed rows is damaged, or has no place here.";
            return Err(Error::new(ErrorKind::InvalidState { reason }));
        };
        let packed = &mut self.packed;
        packed.batch.clear();
        packed.batch.try_reserve(rest.len())?;
        packed.batch.extend_from_slice(rest);
        packed.words = self.bytes.len();
        append(&mut self.bytes, b"truefalse")?;
        packed.text = self.bytes.len();
        packed.wide = packed.text + wide.saturating_sub(HEAD_LEN);
        append(&mut self.bytes, texts)?;
        packed.number = 0;
        let mut at = numbers.saturating_mul(8);
        let mut next = || {
            at = at.saturating_add(4);
            word(rest, at - 4) as usize
        };
        let mut key = keys;
        for _ in 0..shapes {
            // No batch has more keys than words.
            let width = next().min(rest.len() / 4);
            let keys: Vec<_> = (0..width)
                .map(|_| {
                    let start = key;
                    key = start.saturating_add(next());
                    chunk.get(start..key).unwrap_or_default().to_vec()
                })
                .collect();
            let columns = vec![None; keys.len()];
            packed.shapes.push(Shape { keys, columns });
        }
        packed.run = at;
        packed.cell = at.saturating_add(runs.saturating_mul(8));
        packed.runs = runs as u32;
        packed.rows = 0;
        self.parser.pass(self.bytes.len());
        Ok(())
    }

    /// Reads packed rows until there are as many as the goal asks for.
    pub(super) fn unpack(&mut self, goal: Goal) -> Result<()> {
        let mut packed = std::mem::take(&mut self.packed);
        let result = self.unpack_rows(&mut packed, goal);
        self.packed = packed;
        if result.is_err() || self.state == State::NoTable {
            (self.packed.runs, self.packed.rows) = (0, 0);
        }
        self.parser.pass(self.bytes.len());
        result
    }

    fn unpack_rows(&mut self, packed: &mut Packed, goal: Goal) -> Result<()> {
        if self.state == State::NoTable {
            return Ok(());
        }
        while !packed.is_empty() && !self.rows.has_enough(goal) {
            if packed.rows == 0 {
                packed.shape = word(&packed.batch, packed.run);
                packed.rows = word(&packed.batch, packed.run + 4);
                packed.run += 8;
                packed.runs -= 1;
                continue;
            }
            packed.rows -= 1;
            let start = packed.text;
            match packed.shape & LIST {
                0 => self.packed_record(packed)?,
                _ => self.packed_list(packed)?,
            }
            self.rows.end();
            self.state = State::Rows;
            let limits = &self.reading.limits;
            if (packed.text - start) as u64 > limits.row_bytes {
                let row = self.rows.complete;
                return Err(Error::limit("row_bytes", limits.row_bytes).in_row(row));
            }
            if self.rows.complete > limits.rows {
                return Err(Error::limit("rows", limits.rows));
            }
        }
        Ok(())
    }

    fn packed_record(&mut self, packed: &mut Packed) -> Result<()> {
        self.rows.begin(RowKind::Record)?;
        self.state = State::Record;
        self.parser.check_depth()?;
        let Some(shape) = packed.shapes.get_mut(packed.shape as usize) else {
            return Ok(());
        };
        let mut shape = std::mem::take(shape);
        let result = self.packed_cells(packed, &mut shape);
        if let Some(place) = packed.shapes.get_mut(packed.shape as usize) {
            *place = shape;
        }
        result
    }

    fn packed_cells(&mut self, packed: &mut Packed, shape: &mut Shape) -> Result<()> {
        let mut members = shape.keys.iter().zip(&mut shape.columns);
        while let Some((key, column)) = members.next() {
            let word = packed.next_cell();
            let kind = word & KIND_MASK;
            let len = word >> KIND_BITS;
            if kind == MISSING {
                if len > 0 {
                    members.nth(len as usize - 1);
                }
                continue;
            }
            if kind == NESTED && self.reading.flatten {
                self.packed_nested(packed, len, None, Some(key))?;
                continue;
            }
            if column.is_none() {
                *column = self.rows.column(key)?;
            }
            if kind == NESTED {
                self.packed_nested(packed, len, *column, None)?;
                continue;
            }
            let (cell, notice) = self.packed_cell(packed, word);
            if let Some(column) = *column {
                if let Some(notice) = notice {
                    self.note(notice, Some(column), 1);
                }
                self.rows.put(column, cell);
            }
        }
        Ok(())
    }

    fn packed_list(&mut self, packed: &mut Packed) -> Result<()> {
        self.rows.begin(RowKind::List)?;
        self.state = State::List;
        self.parser.check_depth()?;
        for _ in 0..packed.shape & !LIST {
            let word = packed.next_cell();
            if word & KIND_MASK == NESTED {
                self.packed_nested(packed, word >> KIND_BITS, None, None)?;
                continue;
            }
            let column = self.rows.next_position()?;
            let (cell, notice) = self.packed_cell(packed, word);
            if column.is_some() {
                if let Some(notice) = notice {
                    self.note(notice, column, 1);
                }
                self.rows.push(cell);
            }
        }
        Ok(())
    }

    /// The next cell, which is not nested, and what there is to report of it.
    #[inline]
    fn packed_cell(&mut self, packed: &mut Packed, word: u32) -> (Cell, Option<Notice>) {
        let bytes = &mut self.bytes;
        let mut notice = None;
        let kind = word & KIND_MASK;
        let len = (word >> KIND_BITS) as usize;
        let (kind, (start, len)) = match kind {
            TEXT | LONE_SURROGATE => {
                if kind == LONE_SURROGATE {
                    notice = Some(Notice::LoneSurrogate);
                }
                (Kind::Text, packed.next_text(len))
            }
            SMALL_INTEGER..=DECIMAL | DATE => {
                let start = bytes.len();
                match kind {
                    SMALL_INTEGER => write_integer(i64::from(word as i32 >> KIND_BITS), bytes),
                    INTEGER => write_integer(packed.next_number(), bytes),
                    DECIMAL => write_decimal(packed.next_number(), bytes),
                    _ => date::write_moment(packed.next_number(), bytes),
                }
                let kind = if kind == DATE {
                    Kind::Text
                } else {
                    Kind::Number
                };
                (kind, (start, bytes.len() - start))
            }
            WIDE_NUMBER => (Kind::Number, packed.next_wide_number(bytes)),
            BIGINT => (Kind::Number, packed.next_text(len)),
            FALSE => (Kind::Bool, (packed.words + 4, 5)),
            TRUE => (Kind::Bool, (packed.words, 4)),
            NON_FINITE => {
                notice = Some(Notice::NonFinite);
                (Kind::Null, (0, 0))
            }
            _ => (Kind::Null, (0, 0)),
        };
        let cell = Cell {
            kind,
            escaped: true,
            start: start as u32,
            len: len as u32,
        };
        (cell, notice)
    }

    /// Reads a nested value, which is JSON text, as if it stood in a row of JSON text. `key` is the
    /// member that is to be flattened.
    fn packed_nested(
        &mut self,
        packed: &mut Packed,
        len: u32,
        column: Option<u32>,
        key: Option<&Vec<u8>>,
    ) -> Result<()> {
        let (start, len) = packed.next_text(len as usize);
        self.parser.enter(start, start + len);
        match (self.state, key, column) {
            (State::List, ..) => {}
            (_, Some(key), _) => self.flat_packed(key),
            (_, None, Some(column)) => {
                self.home = State::Record;
                self.state = State::Value(column);
            }
            (_, None, None) => {
                self.home = State::Record;
                self.state = State::Skip(self.parser.depth());
            }
        }
        while let Some(event) = self.parser.next(&self.bytes)? {
            self.event(event)?;
            if self.parser.pos() == start + len {
                break;
            }
        }
        self.parser.leave();
        Ok(())
    }
}

/// Writes an integer that JavaScript counts to without a gap.
fn write_integer(integer: i64, out: &mut Vec<u8>) {
    if integer < 0 {
        out.push(b'-');
    }
    number::write(integer.unsigned_abs(), out);
}

/// Writes a number of millionths that is no integer.
fn write_decimal(millionths: i64, out: &mut Vec<u8>) {
    if millionths < 0 {
        out.push(b'-');
    }
    let millionths = millionths.unsigned_abs();
    number::write(millionths / MILLION, out);
    out.push(b'.');
    number::write_millionths(millionths % MILLION, out);
}

#[cfg(test)]
mod tests {
    use super::{write_decimal, write_integer};

    #[test]
    fn integers_are_written_as_javascript_writes_numbers() {
        let mut out = Vec::new();
        for number in [0, 7, -10, 4_294_967_296, -9_007_199_254_740_991] {
            write_integer(number, &mut out);
            out.push(b' ');
        }
        for millionths in [1, -500_000, 12_340_000, 999_999_999_999_999] {
            write_decimal(millionths, &mut out);
            out.push(b' ');
        }
        let expected = "0 7 -10 4294967296 -9007199254740991 0.000001 -0.5 12.34 999999999.999999 ";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
