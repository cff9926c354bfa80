//! Rows of JavaScript values that `pkg/pack.js` packed, between the brackets of JSON text.
//!
//! A batch is little-endian, and one part follows the other:
//!
//! | part | holds |
//! |---|---|
//! | head | eight words of 32 bits: 0, the numbers of shapes, runs, texts, numbers and cells, the length of the wide numbers, and one to spare |
//! | numbers | 64-bit floats, all of them integers |
//! | shapes | a word for each: how many keys it has |
//! | runs | two words for each: a shape, or [`LIST`] and a length, and how many rows have it |
//! | lengths | a word for each text: its length in units of UTF-16. The shapes' keys come first |
//! | kinds | a byte for each cell, row by row |
//! | wide numbers | numbers of many digits as text, with a comma behind each |
//! | texts | UTF-8, without anything in between |

use super::reader::JsonReader;
use super::shape::State;
use crate::error::{Error, ErrorKind, Result};
use crate::read::rows::RowKind;
use crate::read::{Goal, append};
use crate::report::Notice;
use crate::value::{Cell, Kind};

/// A run of rows that are lists; the other bits are their length.
const LIST: u32 = 1 << 31;

const HEAD_LEN: usize = 32;

/// No part has more entries than this.
const MOST: u32 = 1 << 28;

/// A decimal is an integer of millionths.
const MILLION: u64 = 1_000_000;

/// What the reader keeps of the batch that it is reading. The texts lie in its buffer.
#[derive(Default)]
pub(crate) struct Packed {
    shapes: Vec<Shape>,
    /// Everything but the texts.
    batch: Vec<u8>,
    /// Where the next of each kind stands in `batch`.
    number: usize,
    run: usize,
    length: usize,
    kind: usize,
    /// How many runs were not begun.
    runs: u32,
    /// The run that is being read, and how many rows are left of it.
    shape: u32,
    rows: u32,
    /// Where the next text and the next wide number start in the reader's buffer.
    text: usize,
    wide: usize,
    /// All texts are ASCII, so they have as many bytes as units.
    ascii: bool,
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

    fn word(&self, at: &mut usize) -> u32 {
        let word = self.batch.get(*at..*at + 4).and_then(<[u8]>::first_chunk);
        *at += 4;
        word.map_or(0, |word| u32::from_le_bytes(*word))
    }

    fn next_number(&mut self) -> i64 {
        let number = self.batch.get(self.number..self.number + 8);
        self.number += 8;
        let number = number.and_then(<[u8]>::first_chunk);
        number.map_or(0, |number| f64::from_le_bytes(*number) as i64)
    }

    /// Where the next text lies in the buffer.
    fn next_text(&mut self, bytes: &[u8]) -> (usize, usize) {
        let mut at = self.length;
        let units = self.word(&mut at) as usize;
        self.length = at;
        let start = self.text;
        let rest = bytes.get(start..).unwrap_or_default();
        let len = match self.ascii {
            true => units.min(rest.len()),
            false => utf8_len(rest, units),
        };
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

    fn next_kind(&mut self) -> u8 {
        let kind = self.batch.get(self.kind).copied();
        self.kind += 1;
        kind.unwrap_or_default()
    }
}

impl JsonReader {
    /// Takes a batch, where a row may stand.
    pub(super) fn push_packed(&mut self, chunk: &[u8]) -> Result<()> {
        let at_row = matches!(self.state, State::Rows | State::NoTable)
            && self.parser.is_between(self.bytes.len());
        let packed = &mut self.packed;
        let mut head = 4;
        packed.batch.clear();
        packed.batch.try_reserve(chunk.len())?;
        packed.batch.extend_from_slice(chunk);
        let [shapes, runs, texts, numbers, cells, wide] =
            [(); 6].map(|()| packed.word(&mut head).min(MOST));
        packed.number = HEAD_LEN;
        let behind = |at: usize, count: u32, size| at.saturating_add(size * count as usize);
        let shape = behind(HEAD_LEN, numbers, 8);
        packed.run = behind(shape, shapes, 4);
        packed.length = behind(packed.run, runs, 8);
        packed.kind = behind(packed.length, texts, 4);
        let text = behind(packed.kind, cells, 1);
        let Some(text) = chunk.get(text..).filter(|_| at_row) else {
            let reason = "A batch of packed rows is damaged, or has no place here.";
            return Err(Error::new(ErrorKind::InvalidState { reason }));
        };
        packed.batch.truncate(chunk.len() - text.len());
        packed.words = self.bytes.len();
        append(&mut self.bytes, b"truefalse")?;
        packed.wide = self.bytes.len();
        packed.text = packed.wide + wide as usize;
        append(&mut self.bytes, text)?;
        packed.ascii = text.is_ascii();
        let mut at = shape;
        for _ in 0..shapes {
            let width = packed.word(&mut at).min(texts);
            let key = |_| {
                let (start, len) = packed.next_text(&self.bytes);
                let text = self.bytes.get(start..start + len);
                text.unwrap_or_default().to_vec()
            };
            let keys: Vec<_> = (0..width).map(key).collect();
            let columns = vec![None; keys.len()];
            packed.shapes.push(Shape { keys, columns });
        }
        packed.runs = runs;
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
                let mut at = packed.run;
                packed.shape = packed.word(&mut at);
                packed.rows = packed.word(&mut at);
                packed.run = at;
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
        let result = shape
            .keys
            .iter()
            .zip(&mut shape.columns)
            .try_for_each(|(key, column)| {
                let kind = packed.next_kind();
                if kind == 0 {
                    return Ok(());
                }
                if kind == NESTED && self.reading.flatten {
                    return self.packed_nested(packed, None, Some(key));
                }
                if column.is_none() {
                    *column = self.rows.column(key)?;
                }
                if kind == NESTED {
                    return self.packed_nested(packed, *column, None);
                }
                let (cell, notice) = self.packed_cell(packed, kind);
                if let Some(column) = *column {
                    if let Some(notice) = notice {
                        self.note(notice, Some(column), 1);
                    }
                    self.rows.put(column, cell);
                }
                Ok(())
            });
        if let Some(place) = packed.shapes.get_mut(packed.shape as usize) {
            *place = shape;
        }
        result
    }

    fn packed_list(&mut self, packed: &mut Packed) -> Result<()> {
        self.rows.begin(RowKind::List)?;
        self.state = State::List;
        self.parser.check_depth()?;
        for _ in 0..packed.shape & !LIST {
            let kind = packed.next_kind();
            if kind == NESTED {
                self.packed_nested(packed, None, None)?;
                continue;
            }
            let column = self.rows.next_position()?;
            let (cell, notice) = self.packed_cell(packed, kind);
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
    fn packed_cell(&mut self, packed: &mut Packed, kind: u8) -> (Cell, Option<Notice>) {
        let bytes = &mut self.bytes;
        let mut notice = None;
        let (kind, (start, len)) = match kind {
            2 => (Kind::Bool, (packed.words + 4, 5)),
            3 => (Kind::Bool, (packed.words, 4)),
            5 | 6 => {
                let number = packed.next_number();
                let start = bytes.len();
                match kind {
                    5 => write_integer(number, bytes),
                    _ => write_decimal(number, bytes),
                }
                (Kind::Number, (start, bytes.len() - start))
            }
            7 => (Kind::Number, packed.next_wide_number(bytes)),
            8 => (Kind::Number, packed.next_text(bytes)),
            9 => (Kind::Text, packed.next_text(bytes)),
            10 => {
                notice = Some(Notice::LoneSurrogate);
                (Kind::Text, packed.next_text(bytes))
            }
            4 => {
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
        column: Option<u32>,
        key: Option<&Vec<u8>>,
    ) -> Result<()> {
        let (start, len) = packed.next_text(&self.bytes);
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

/// See [`JsonReader::packed_cell`].
const NESTED: u8 = 11;

/// How many bytes of UTF-8 hold so many units of UTF-16.
fn utf8_len(text: &[u8], units: usize) -> usize {
    if text.get(..units).is_some_and(<[u8]>::is_ascii) {
        return units;
    }
    let mut left = units;
    for (at, byte) in text.iter().enumerate() {
        // Bytes within a character are no unit; a character of four bytes is two.
        if byte & 0xC0 != 0x80 {
            if left == 0 {
                return at;
            }
            left = left.saturating_sub(1 + usize::from(*byte >= 0xF0));
        }
    }
    text.len()
}

/// Writes an integer that JavaScript counts to without a gap.
fn write_integer(number: i64, out: &mut Vec<u8>) {
    const BILLION: u64 = 1_000_000_000;
    if number < 0 {
        out.push(b'-');
    }
    let number = number.unsigned_abs();
    match u32::try_from(number) {
        Ok(number) => write_digits(number, 1, out),
        Err(_) => {
            write_digits((number / BILLION) as u32, 1, out);
            write_digits((number % BILLION) as u32, 9, out);
        }
    }
}

/// Writes a number of millionths that is no integer.
fn write_decimal(millionths: i64, out: &mut Vec<u8>) {
    if millionths < 0 {
        out.push(b'-');
    }
    let millionths = millionths.unsigned_abs();
    write_digits((millionths / MILLION) as u32, 1, out);
    out.push(b'.');
    write_digits((millionths % MILLION) as u32, 6, out);
    while out.last() == Some(&b'0') {
        out.pop();
    }
}

/// Writes at least `width` digits.
#[inline(never)]
fn write_digits(mut number: u32, width: usize, out: &mut Vec<u8>) {
    let mut text = [0; 10];
    let mut len = 0;
    for place in text.iter_mut().rev() {
        if number == 0 && len >= width {
            break;
        }
        *place = b'0' + (number % 10) as u8;
        number /= 10;
        len += 1;
    }
    out.extend_from_slice(text.get(10 - len..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::{utf8_len, write_decimal, write_integer};

    #[test]
    fn units_of_utf16_are_found_in_utf8() {
        let text = "aé日😀z".as_bytes();
        let lens: Vec<_> = [0, 1, 2, 3, 5, 6].map(|units| utf8_len(text, units)).into();
        assert_eq!(lens, [0, 1, 3, 6, 10, 11]);
        assert_eq!(utf8_len(text, 99), text.len());
    }

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
