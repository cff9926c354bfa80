//! The CSV reader: RFC 4180, from bytes that come in chunks.
//!
//! The first record is the header, and every further one a row. Where the reader goes beyond the
//! standard, or says what the standard leaves open:
//!
//! - Text is UTF-8, and a byte order mark before it is dropped.
//! - A line ends with CRLF, LF or CR.
//! - An empty cell is null, and an empty cell in quotes is empty text, as the writer has it.
//! - A quote inside of a cell that does not start with one is text. Text behind a closing quote,
//!   and a quote that is never closed, are errors: no reader could say what was meant.
//! - A line that holds nothing is no row.

mod run;

use super::rows::{RowBuilder, RowKind, position_name};
use super::{
    CellTypes, Goal, Limits, Reader, Reading, Source, Status, TIDY_AT, append, count_input,
};
use crate::error::{Error, Result};
use crate::report::Notice;
use crate::table::Column;
use crate::text::json::is_number;
use crate::text::utf8;
use crate::value::{Cell, Kind};

const QUOTE: u8 = b'"';

/// Reads a table from CSV. Cells are slices of the buffer that the input was read into.
pub(crate) struct CsvReader {
    pub(super) bytes: Vec<u8>,
    spare: Vec<u8>,
    /// The buffer is tidied up when this much of it was read.
    tidy_at: usize,
    limits: Limits,
    input_bytes: u64,
    /// Up to here the buffer is known to be UTF-8.
    valid: usize,
    /// Behind `valid` stands what is not UTF-8.
    malformed: bool,
    ended: bool,
    delimiter: u8,
    /// No byte above this one ends a cell without quotes, which spares most bytes a closer look.
    highest: u8,
    infer: bool,
    /// Where the cell that is being read, or else the next record, starts in the buffer.
    pos: usize,
    /// How far that cell was scanned; 0 where it was not.
    scanned: usize,
    /// That cell holds a quote, which stands there twice.
    doubled: bool,
    in_record: bool,
    /// The last line ended with CR, to which an LF that follows belongs.
    after_cr: bool,
    /// The columns so far, while the header is being read.
    header: Option<Vec<Column>>,
    /// How many columns the header has.
    width: usize,
    /// Where the record starts in the input.
    record: u64,
    /// The line in which the cell starts, counted from 1.
    line: u64,
    /// Where that line starts in the input.
    line_start: u64,
    /// How many bytes of the input have left the buffer.
    dropped: u64,
    /// Lines that held nothing, since the last record.
    blank_lines: u64,
    pub(super) rows: RowBuilder,
}

impl CsvReader {
    pub(super) fn new(reading: Reading) -> Self {
        let delimiter = reading.delimiter.unwrap_or(match reading.source {
            Source::Tsv => b'\t',
            _ => b',',
        });
        Self {
            rows: RowBuilder::new(&reading),
            bytes: Vec::new(),
            spare: Vec::new(),
            tidy_at: TIDY_AT,
            limits: reading.limits,
            input_bytes: 0,
            valid: 0,
            malformed: false,
            ended: false,
            delimiter,
            highest: delimiter.max(b'\r'),
            infer: reading.types == CellTypes::Infer,
            pos: 0,
            scanned: 0,
            doubled: false,
            in_record: false,
            after_cr: false,
            header: Some(Vec::new()),
            width: 0,
            record: 0,
            line: 1,
            line_start: 0,
            dropped: 0,
            blank_lines: 0,
        }
    }
}

impl Reader for CsvReader {
    fn push(&mut self, chunk: &[u8]) -> Result<()> {
        count_input(&mut self.input_bytes, chunk.len(), &self.limits)?;
        if self.pos >= self.tidy_at {
            let live = self.rows.tidy(&mut self.bytes, &mut self.spare, self.pos)?;
            let shift = self.pos - live;
            self.pos = live;
            self.valid -= shift;
            self.scanned = self.scanned.saturating_sub(shift);
            self.dropped += shift as u64;
            // Twice as much again may be read before the next time, so tidying costs a fixed share.
            self.tidy_at = TIDY_AT.max(2 * live);
        }
        append(&mut self.bytes, chunk)?;
        if self.malformed {
            return Ok(());
        }
        let fresh = self.bytes.get(self.valid..).unwrap_or_default();
        let (valid, malformed) = utf8::valid_up_to(fresh);
        self.valid += valid;
        self.malformed = malformed;
        let mark = "\u{FEFF}".as_bytes();
        if self.offset(self.pos) == 0 && self.text().starts_with(mark) {
            self.pos = mark.len();
            self.line_start = mark.len() as u64;
        }
        Ok(())
    }

    fn end(&mut self) {
        self.ended = true;
        self.malformed |= self.valid < self.bytes.len();
    }

    fn read(&mut self, goal: Goal) -> Result<Status> {
        while !self.rows.has_enough(goal) {
            if !self.record()? {
                return Ok(match self.is_whole() {
                    true => Status::End,
                    false => Status::NeedInput,
                });
            }
            if self.rows.complete > self.limits.rows {
                return Err(Error::limit("rows", self.limits.rows));
            }
        }
        Ok(Status::Enough)
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn rows(&self) -> &RowBuilder {
        &self.rows
    }

    fn rows_mut(&mut self) -> &mut RowBuilder {
        &mut self.rows
    }

    fn is_complete(&self) -> bool {
        true
    }

    fn beside(&self) -> (&[String], u64) {
        (&[], 0)
    }
}

impl CsvReader {
    /// What was read so far and is UTF-8.
    fn text(&self) -> &[u8] {
        self.bytes.get(..self.valid).unwrap_or_default()
    }

    /// What was read so far is all that there is.
    fn is_whole(&self) -> bool {
        self.ended && !self.malformed
    }

    /// A place in the buffer as one in the input.
    fn offset(&self, pos: usize) -> u64 {
        self.dropped + pos as u64
    }

    /// Reads on to the end of a record; false where the input ends before.
    fn record(&mut self) -> Result<bool> {
        if !self.in_record && !self.begin()? {
            return Ok(false);
        }
        while !self.run() {
            match self.cell()? {
                None => return Ok(false),
                Some(true) => break,
                Some(false) => {}
            }
        }
        self.in_record = false;
        match self.header.take() {
            Some(columns) => {
                self.width = columns.len();
                self.rows.declare(columns)?;
            }
            None => self.rows.end(),
        }
        Ok(true)
    }

    /// Begins a record; false where none follows yet.
    fn begin(&mut self) -> Result<bool> {
        loop {
            match self.text().get(self.pos) {
                None => {
                    self.starve()?;
                    return Ok(false);
                }
                Some(b'\n') if self.after_cr => {
                    self.after_cr = false;
                    self.pos += 1;
                    self.line_start += 1;
                }
                Some(&byte @ (b'\r' | b'\n')) => {
                    self.blank_lines += 1;
                    self.end_line(byte);
                }
                Some(_) => break,
            }
        }
        self.after_cr = false;
        self.in_record = true;
        self.record = self.offset(self.pos);
        self.note_blank_lines();
        match self.header {
            Some(_) => Ok(()),
            None => self.rows.begin(RowKind::List),
        }?;
        Ok(true)
    }

    fn note_blank_lines(&mut self) {
        let count = std::mem::take(&mut self.blank_lines);
        if count > 0 {
            let row = Some(self.rows.number());
            self.rows.notes.count(Notice::BlankLine, None, row, count);
        }
    }

    /// Passes over the byte that ends a line.
    fn end_line(&mut self, byte: u8) {
        self.pos += 1;
        self.after_cr = byte == b'\r';
        self.line += 1;
        self.line_start = self.offset(self.pos);
    }

    /// Reads a cell and tells whether its record ends with it; `None` where more input is needed.
    fn cell(&mut self) -> Result<Option<bool>> {
        let quoted = self.text().get(self.pos) == Some(&QUOTE);
        let end = match quoted {
            true => self.quoted_end(),
            false => self.plain_end(),
        };
        let Some(end) = end else {
            self.starve()?;
            return Ok(None);
        };
        self.check_record(end)?;
        let behind = self.text().get(end).copied();
        if !matches!(behind, None | Some(b'\r' | b'\n')) && behind != Some(self.delimiter) {
            let reason =
                "text follows a closing quote; a quote inside of a quoted cell stands twice";
            return self.invalid(end, reason);
        }
        let line = quoted.then(|| self.line_at(end));
        let cell = match quoted {
            true => self.quoted_cell(end),
            false => self.plain_cell(end),
        };
        self.put(cell)?;
        (self.line, self.line_start) = line.unwrap_or((self.line, self.line_start));
        self.pos = end;
        self.scanned = 0;
        self.doubled = false;
        Ok(Some(match behind {
            None => true,
            Some(byte) if byte == self.delimiter => {
                self.pos += 1;
                false
            }
            Some(byte) => {
                self.end_line(byte);
                true
            }
        }))
    }

    /// The end of a cell without quotes, where it is known.
    fn plain_end(&mut self) -> Option<usize> {
        let from = self.pos.max(self.scanned);
        let (delimiter, highest) = (self.delimiter, self.highest);
        let rest = self.text().get(from..).unwrap_or_default();
        let len = rest.iter().position(|&byte| {
            byte <= highest && (byte == delimiter || byte == b'\n' || byte == b'\r')
        });
        if len.is_none() && !self.is_whole() {
            self.scanned = self.valid;
            return None;
        }
        Some(len.map_or(self.valid, |len| from + len))
    }

    /// The place behind the closing quote of a cell, where it is known.
    fn quoted_end(&mut self) -> Option<usize> {
        let mut at = self.scanned.max(self.pos + 1);
        loop {
            let rest = self.text().get(at..).unwrap_or_default();
            let Some(len) = rest.iter().position(|&byte| byte == QUOTE) else {
                self.scanned = self.valid;
                return None;
            };
            match rest.get(len + 1) {
                Some(&QUOTE) => {
                    self.doubled = true;
                    at += len + 2;
                }
                None if !self.is_whole() => {
                    // Whether another quote follows is not known yet.
                    self.scanned = at + len;
                    return None;
                }
                _ => return Some(at + len + 1),
            }
        }
    }

    fn plain_cell(&self, end: usize) -> Cell {
        let text = self.bytes.get(self.pos..end).unwrap_or_default();
        let kind = match text {
            [] => Kind::Null,
            _ if self.infer => kind_of(text),
            _ => Kind::Text,
        };
        self.span(kind, self.pos, end)
    }

    fn quoted_cell(&mut self, end: usize) -> Cell {
        let (start, end) = (self.pos + 1, end - 1);
        if !self.doubled {
            return self.span(Kind::Text, start, end);
        }
        let len = undouble(self.bytes.get_mut(start..end).unwrap_or_default());
        self.span(Kind::Text, start, start + len)
    }

    fn span(&self, kind: Kind, start: usize, end: usize) -> Cell {
        Cell {
            kind,
            escaped: kind == Kind::Text,
            start: start as u32,
            len: (end - start) as u32,
        }
    }

    fn put(&mut self, cell: Cell) -> Result<()> {
        if let Some(columns) = &mut self.header {
            let most = self.limits.columns;
            if columns.len() as u64 == most {
                return Err(Error::limit("columns", most));
            }
            let name = String::from_utf8_lossy(cell.text(&self.bytes));
            columns.push(Column::new(match name.is_empty() {
                true => position_name(columns.len()),
                false => name.into_owned(),
            }));
            return Ok(());
        }
        match self.rows.next_position() {
            Ok(Some(_)) => self.rows.push(cell),
            Ok(None) => {}
            Err(error) => return Err(self.placed(self.pos, error)),
        }
        Ok(())
    }

    /// There is no more text: says why that is an error, if it is one.
    fn starve(&mut self) -> Result<()> {
        if self.in_record {
            self.check_record(self.valid)?;
        }
        if self.malformed {
            return self.invalid(self.valid, "the text is not UTF-8");
        }
        if !self.ended {
            return Ok(());
        }
        if self.in_record {
            return self.invalid(self.pos, "a quoted cell is never closed");
        }
        if self.header.is_some() {
            let reason = "it is empty, but its first line has to name the columns";
            return self.invalid(self.pos, reason);
        }
        if self.width == 1 {
            // In a table of one column they may have been meant as rows.
            self.note_blank_lines();
        }
        Ok(())
    }

    /// A record must end within the limit, whether it comes at once or in pieces.
    fn check_record(&self, end: usize) -> Result<()> {
        let limit = self.limits.row_bytes;
        if self.offset(end) - self.record <= limit {
            return Ok(());
        }
        Err(self.in_row(Error::limit("row_bytes", limit)))
    }

    #[cold]
    fn invalid<T>(&self, pos: usize, reason: &str) -> Result<T> {
        Err(self.placed(pos, Error::invalid_csv(reason)))
    }

    #[cold]
    fn placed(&self, pos: usize, error: Error) -> Error {
        let (line, line_start) = self.line_at(pos);
        self.in_row(error.at(line, self.offset(pos) - line_start + 1))
    }

    fn in_row(&self, error: Error) -> Error {
        match self.in_record && self.header.is_none() {
            true => error.in_row(self.rows.number()),
            false => error,
        }
    }

    /// The line of a place in the cell that is being read, and where that line starts in the input.
    fn line_at(&self, pos: usize) -> (u64, u64) {
        let before = self.bytes.get(self.pos..pos).unwrap_or_default();
        end_of_lines(before, self.offset(self.pos), (self.line, self.line_start))
    }
}

/// The line behind a text that starts in a line, which is given by its number and where it starts.
fn end_of_lines(text: &[u8], offset: u64, line: (u64, u64)) -> (u64, u64) {
    let (mut line, mut line_start) = line;
    let mut after_cr = false;
    for (&byte, place) in text.iter().zip(offset + 1..) {
        if byte == b'\r' || byte == b'\n' {
            line += u64::from(!(byte == b'\n' && after_cr));
            line_start = place;
        }
        after_cr = byte == b'\r';
    }
    (line, line_start)
}

/// Makes one quote of each that stands twice, in place, and gives the length of the text then: it is
/// never longer than what was read.
fn undouble(text: &mut [u8]) -> usize {
    let (mut from, mut to) = (0, 0);
    while let Some(rest) = text.get(from..).filter(|rest| !rest.is_empty()) {
        let quote = rest.iter().position(|&byte| byte == QUOTE);
        let len = quote.map_or(rest.len(), |quote| quote + 1);
        text.copy_within(from..from + len, to);
        to += len;
        from += len + 1;
    }
    to
}

/// What a text without quotes around it is taken for.
fn kind_of(text: &[u8]) -> Kind {
    match text {
        b"true" | b"false" => Kind::Bool,
        _ if is_exact_number(text) => Kind::Number,
        _ => Kind::Text,
    }
}

/// Whether a text is a number of JSON that every reader keeps: a double holds 15 digits exactly,
/// and longer ones are identifiers more often than amounts.
fn is_exact_number(text: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().filter(|byte| byte.is_ascii_digit()).count();
    let mut parts = text.splitn(2, |byte| matches!(byte, b'e' | b'E'));
    let mantissa = parts.next().map_or(0, digits);
    mantissa <= 15 && parts.next().map_or(0, digits) <= 2 && is_number(text)
}
