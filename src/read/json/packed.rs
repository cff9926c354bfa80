//! Rows of JavaScript values that `pkg/pack.js` packed, between the brackets of JSON text.
//!
//! A batch is little-endian, and one part follows the other:
//!
//! | part | holds |
//! |---|---|
//! | head | eight words of 32 bits: 0, where the keys and the padding start, the numbers of numbers, shapes and runs, and two to spare |
//! | texts | of the cells, UTF-8, without anything in between |
//! | keys | of the shapes, likewise |
//! | padding | so that the numbers start at a multiple of eight |
//! | numbers | 64-bit floats |
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

/// The low bits of a cell's word are its kind. `pkg/pack.js` writes the same numbers.
const KIND_BITS: u32 = 4;
const KIND_MASK: u32 = (1 << KIND_BITS) - 1;
const MISSING: u32 = 0;
const FALSE: u32 = 2;
const TRUE: u32 = 3;
const NON_FINITE: u32 = 4;
const SMALL_INTEGER: u32 = 5;
const NUMBER: u32 = 6;
const DATE: u32 = 7;
const NUMERAL: u32 = 8;
const TEXT: u32 = 9;
const LONE_SURROGATE: u32 = 10;
const NESTED: u32 = 11;

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
    /// Where the next text starts in the reader's buffer.
    text: usize,
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

    fn next_number(&mut self) -> f64 {
        let number = self.batch.get(self.number..).and_then(<[u8]>::first_chunk);
        self.number += 8;
        number.map_or(0.0, |number| f64::from_le_bytes(*number))
    }

    fn next_cell(&mut self) -> u32 {
        let cell = word(&self.batch, self.cell);
        self.cell += 4;
        cell
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
        let [keys, end, numbers, shapes, runs] =
            [4, 8, 12, 16, 20].map(|at| word(chunk, at) as usize);
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
            self.packed_row(packed)?;
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

    fn packed_row(&mut self, packed: &mut Packed) -> Result<()> {
        let is_list = packed.shape & LIST != 0;
        let (kind, state) = match is_list {
            true => (RowKind::List, State::List),
            false => (RowKind::Record, State::Record),
        };
        self.rows.begin(kind)?;
        self.state = state;
        self.parser.check_depth()?;
        if is_list {
            return self.packed_cells(packed, None, (packed.shape & !LIST) as usize);
        }
        let Some(shape) = packed.shapes.get_mut(packed.shape as usize) else {
            return Ok(());
        };
        let mut shape = std::mem::take(shape);
        let len = shape.keys.len();
        let result = self.packed_cells(packed, Some(&mut shape), len);
        if let Some(place) = packed.shapes.get_mut(packed.shape as usize) {
            *place = shape;
        }
        result
    }

    /// Reads the cells of a row: `len` of a list, or those of a shape.
    fn packed_cells(
        &mut self,
        packed: &mut Packed,
        mut shape: Option<&mut Shape>,
        len: usize,
    ) -> Result<()> {
        let mut at = 0;
        while at < len {
            let word = packed.next_cell();
            let kind = word & KIND_MASK;
            let rest = (word >> KIND_BITS) as usize;
            let flat = kind == NESTED && self.reading.flatten;
            let mut column = None;
            let mut key = None;
            match &mut shape {
                Some(_) if kind == MISSING => {
                    at += 1 + rest;
                    continue;
                }
                Some(Shape { keys, columns }) => {
                    if let (Some(name), Some(place)) = (keys.get(at), columns.get_mut(at)) {
                        if flat {
                            key = Some(name);
                        } else if place.is_none() {
                            *place = self.rows.column(name)?;
                        }
                        column = *place;
                    }
                }
                None if kind != NESTED => column = self.rows.next_position()?,
                None => {}
            }
            at += 1;
            let bytes = &mut self.bytes;
            let mut text = |len| {
                let start = packed.text;
                packed.text += len;
                (start, len)
            };
            let (kind, (start, len)) = match kind {
                TEXT => (Kind::Text, text(rest)),
                SMALL_INTEGER..=DATE => {
                    let start = bytes.len();
                    match kind {
                        SMALL_INTEGER => {
                            let integer = word as i32 >> KIND_BITS;
                            if integer < 0 {
                                bytes.push(b'-');
                            }
                            number::write(integer.unsigned_abs().into(), bytes);
                        }
                        NUMBER => number::write_f64(packed.next_number(), bytes),
                        _ => date::write_moment(packed.next_number() as i64, bytes),
                    }
                    let kind = if kind == DATE {
                        Kind::Text
                    } else {
                        Kind::Number
                    };
                    (kind, (start, bytes.len() - start))
                }
                NUMERAL => (Kind::Number, text(rest)),
                FALSE => (Kind::Bool, (packed.words + 4, 5)),
                TRUE => (Kind::Bool, (packed.words, 4)),
                LONE_SURROGATE => {
                    self.packed_notice(Notice::LoneSurrogate, column);
                    (Kind::Text, text(rest))
                }
                NON_FINITE => {
                    self.packed_notice(Notice::NonFinite, column);
                    (Kind::Null, (0, 0))
                }
                NESTED => {
                    let place = text(rest);
                    self.packed_nested(place, column, key)?;
                    continue;
                }
                _ => (Kind::Null, (0, 0)),
            };
            if let Some(column) = column {
                let cell = Cell {
                    kind,
                    escaped: true,
                    start: start as u32,
                    len: len as u32,
                };
                match shape {
                    Some(_) => self.rows.put(column, cell),
                    None => self.rows.push(cell),
                }
            }
        }
        Ok(())
    }

    /// Notes something about a cell that is written.
    #[cold]
    fn packed_notice(&mut self, notice: Notice, column: Option<u32>) {
        if column.is_some() {
            self.note(notice, column, 1);
        }
    }

    /// Reads a nested value, which is JSON text, as if it stood in a row of JSON text. `key` is the
    /// member that is to be flattened.
    fn packed_nested(
        &mut self,
        (start, len): (usize, usize),
        column: Option<u32>,
        key: Option<&Vec<u8>>,
    ) -> Result<()> {
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
