//! The JSON reader: a buffer of input, and the rows that lie in it.

use super::flatten::Flatten;
use super::nested::Nested;
use super::packed::Packed;
use super::parser::{Event, Parser, Span};
use super::run::Keys;
use super::shape::State;
use super::tree::Tree;
use crate::error::{Error, ErrorKind, Result};
use crate::read::rows::RowBuilder;
use crate::read::{Goal, Reader, Reading, Source, Status, TIDY_AT, append, count_input};
use crate::report::Notice;
use crate::text::json;
use crate::value::{Cell, Kind};

/// Reads a table from JSON bytes. Rows lie in the buffer that they were read into; cells are
/// slices of it.
pub(crate) struct JsonReader {
    pub(super) reading: Reading,
    pub(crate) bytes: Vec<u8>,
    pub(super) spare: Vec<u8>,
    /// The buffer is tidied up when this much of it was read.
    pub(super) tidy_at: usize,
    pub(super) input_bytes: u64,
    pub(super) parser: Parser,
    pub(super) nested: Nested,
    pub(super) flatten: Flatten,
    pub(super) packed: Packed,
    pub(super) tree: Tree,
    pub(super) keys: Keys,
    pub(super) state: State,
    /// Where to go on when a nested, skipped or member value is complete.
    pub(super) home: State,
    /// The column of the nested value; `None` where it is a cell of a list.
    pub(super) nested_column: Option<u32>,
    pub(super) found: bool,
    /// The table's object has `items`, `rows` or `columns`, so it is no record.
    pub(super) envelope: bool,
    pub(super) rows_member: Option<&'static str>,
    pub(super) columns_seen: bool,
    /// The first members beside the rows.
    pub(super) beside: Vec<String>,
    pub(super) beside_count: u64,
    /// How many of them, listed and counted, stood before the table on the way down to it.
    pub(super) beside_table: (usize, u64),
    /// Where the row that is being read, or else the next token, starts in the input.
    pub(super) unit: u64,
    pub(crate) rows: RowBuilder,
    /// Why there is no table, and where in the input that was found.
    pub(super) no_table: Option<(Error, u64)>,
}

/// How much input is looked at before a document that holds no table is refused: what is no JSON
/// at all shall be told so.
const NO_TABLE_BYTES: u64 = 1 << 20;

impl JsonReader {
    pub(crate) fn new(reading: Reading) -> Self {
        let state = match (reading.source, reading.path.is_empty()) {
            // Each line is a row.
            (Source::JsonLines, _) => State::Rows,
            (_, true) => State::Table,
            (_, false) => State::Path(0),
        };
        Self {
            parser: Parser::new(reading.source, &reading.limits),
            rows: RowBuilder::new(&reading),
            reading,
            bytes: Vec::new(),
            spare: Vec::new(),
            tidy_at: TIDY_AT,
            input_bytes: 0,
            nested: Nested::default(),
            flatten: Flatten::default(),
            packed: Packed::default(),
            tree: Tree::default(),
            keys: Keys::default(),
            state,
            home: State::Finished,
            nested_column: None,
            found: false,
            envelope: false,
            rows_member: None,
            columns_seen: false,
            beside: Vec::new(),
            beside_count: 0,
            beside_table: (0, 0),
            unit: 0,
            no_table: None,
        }
    }
}

impl Reader for JsonReader {
    fn push(&mut self, chunk: &[u8]) -> Result<()> {
        count_input(&mut self.input_bytes, chunk.len(), &self.reading.limits)?;
        if !self.packed.is_empty() {
            let reason = "The rows of the last batch were not all read.";
            return Err(Error::new(ErrorKind::InvalidState { reason }));
        }
        self.tidy()?;
        if self.reading.source == Source::Values && chunk.first() == Some(&0) {
            return self.push_packed(chunk);
        }
        append(&mut self.bytes, chunk)?;
        self.parser.extend(&self.bytes);
        Ok(())
    }

    fn end(&mut self) {
        self.parser.end(&self.bytes);
    }

    fn is_complete(&self) -> bool {
        self.parser.is_done()
    }

    fn beside(&self) -> (&[String], u64) {
        (&self.beside, self.beside_count)
    }

    fn read(&mut self, goal: Goal) -> Result<Status> {
        loop {
            self.run(goal)?;
            if self.rows.has_enough(goal) {
                return Ok(Status::Enough);
            }
            if !self.packed.is_empty() {
                if let Err(error) = self.unpack(goal) {
                    self.refuse(error)?;
                }
                self.unit = self.parser.offset();
                self.check_table()?;
                continue;
            }
            let event = self
                .parser
                .next(&self.bytes)
                .map_err(|error| self.place(error))?;
            let Some(event) = event else {
                self.check_unit(self.bytes.len())?;
                if self.parser.is_done() {
                    return match self.no_table.take() {
                        Some((error, _)) => Err(error),
                        None => Ok(Status::End),
                    };
                }
                return Ok(Status::NeedInput);
            };
            let row = self.rows.complete;
            if let Err(error) = self.event(event) {
                self.refuse(error)?;
            }
            self.check_table()?;
            self.check_unit(self.parser.pos())?;
            if !self.in_unit() || self.rows.complete > row {
                self.unit = self.parser.offset();
            }
            let limits = &self.reading.limits;
            if self.rows.complete > limits.rows {
                return Err(Error::limit("rows", limits.rows));
            }
        }
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
}

impl JsonReader {
    /// An error stops the reader, but that a document without a table is read on for a while.
    fn refuse(&mut self, error: Error) -> Result<()> {
        let error = self.place(error);
        if self.rows.is_fixed() || !matches!(error.kind(), ErrorKind::NotTabular { .. }) {
            return Err(error);
        }
        self.state = State::NoTable;
        self.no_table = Some((error, self.parser.offset()));
        self.rows.discard();
        Ok(())
    }

    /// That there is no table is told in time.
    fn check_table(&self) -> Result<()> {
        match &self.no_table {
            Some((error, offset)) if self.parser.offset() > offset + NO_TABLE_BYTES => {
                Err(error.clone())
            }
            _ => Ok(()),
        }
    }

    /// A row, or a token outside of rows with the white space before it, must end within the limit,
    /// whether it comes at once or in pieces.
    pub(super) fn check_unit(&self, pos: usize) -> Result<()> {
        let behind = self.parser.offset() + pos as u64 - self.parser.pos() as u64;
        let limit = self.reading.limits.row_bytes;
        if behind - self.unit <= limit {
            return Ok(());
        }
        let error = Error::limit("row_bytes", limit);
        Err(match self.in_row() {
            true => error.in_row(self.rows.number()),
            false => error,
        })
    }

    /// What is read belongs together: a row, a record that may still turn out to be an envelope,
    /// or the list of columns.
    fn in_unit(&self) -> bool {
        match self.state {
            State::Members => !self.envelope,
            State::Columns => true,
            _ => self.in_row(),
        }
    }

    /// Adds to an error the row where it was found, and the line where that helps.
    #[cold]
    pub(super) fn place(&self, error: Error) -> Error {
        let error = match error.location().line {
            None => self.parser.located(error),
            Some(_) => error,
        };
        match self.in_row() {
            true => error.in_row(self.rows.number()),
            false => error,
        }
    }

    fn in_row(&self) -> bool {
        match self.state {
            State::Record
            | State::Flat
            | State::FlatValue
            | State::Value(_)
            | State::List
            | State::Nested => true,
            State::Skip(_) => matches!(self.home, State::Record | State::Flat | State::List),
            _ => false,
        }
    }

    /// The first event of a cell's value. `column` is `None` for a cell of a list.
    pub(super) fn value(&mut self, event: Event, column: Option<u32>) -> Result<()> {
        if column.is_none() {
            self.home = State::List;
        }
        let cell = match event {
            Event::Text(span) => self.text(span, column),
            Event::Number(span) => cell(Kind::Number, span),
            Event::Bool(span) => cell(Kind::Bool, span),
            Event::NonFinite => {
                self.note(Notice::NonFinite, column, 1);
                null()
            }
            Event::Unrepresentable => {
                self.note(Notice::Unrepresentable, column, 1);
                null()
            }
            Event::BeginArray | Event::BeginObject => {
                self.nested_column = column;
                self.state = State::Nested;
                let start = self.parser.pos() - 1;
                self.nested.begin(start, event, &mut self.bytes);
                return Ok(());
            }
            _ => null(),
        };
        self.put(column, cell);
        Ok(())
    }

    fn put(&mut self, column: Option<u32>, cell: Cell) {
        match column {
            Some(column) => self.rows.put(column, cell),
            None => self.rows.push(cell),
        }
        self.state = self.home;
    }

    pub(super) fn nested_complete(&mut self, span: Span) {
        let column = self.nested_column;
        let Nested {
            lone_surrogates,
            duplicate_keys,
            non_finite,
            unrepresentable,
            ..
        } = self.nested;
        self.note(Notice::LoneSurrogate, column, lone_surrogates);
        self.note(Notice::DuplicateKey, column, duplicate_keys);
        self.note(Notice::NonFinite, column, non_finite);
        self.note(Notice::Unrepresentable, column, unrepresentable);
        self.put(column, cell(Kind::Nested, span));
    }

    pub(super) fn note(&mut self, notice: Notice, column: Option<u32>, count: u64) {
        if count > 0 {
            let column = column.unwrap_or_else(|| self.rows.position());
            let row = self.rows.number();
            self.rows
                .notes
                .count(notice, Some(column), Some(row), count);
        }
    }

    /// A text cell. Escapes are undone in place: the text is never longer than the literal.
    fn text(&mut self, span: Span, column: Option<u32>) -> Cell {
        if !span.escaped {
            return cell(Kind::Text, span);
        }
        let mut text = std::mem::take(&mut self.spare);
        text.clear();
        let lone = json::unescape_part(&self.bytes, span.start, span.end, &mut text);
        let end = span.start + text.len();
        if let Some(place) = self.bytes.get_mut(span.start..end) {
            place.copy_from_slice(&text);
        }
        self.spare = text;
        self.note(Notice::LoneSurrogate, column, u64::from(lone));
        cell(Kind::Text, Span { end, ..span })
    }

    /// Closes the gaps that were read, so that the buffer holds the text of live cells and what is
    /// still to be read.
    fn tidy(&mut self) -> Result<()> {
        let tail = match self.state {
            State::Nested => self.nested.start(),
            // Of an empty record one byte stays, so that there is place for both brackets.
            State::Flat if self.flatten.is_at_start() => self.parser.pos() - 1,
            _ => self.parser.pos(),
        };
        if tail < self.tidy_at {
            return Ok(());
        }
        let live = self.rows.tidy(&mut self.bytes, &mut self.spare, tail)?;
        self.parser.moved(tail, live);
        if self.state == State::Nested {
            self.nested.moved(tail - live);
        }
        // Twice as much again may be read before the next time, so tidying costs a fixed share.
        self.tidy_at = TIDY_AT.max(2 * live);
        Ok(())
    }
}

fn cell(kind: Kind, span: Span) -> Cell {
    Cell {
        kind,
        escaped: span.escaped,
        start: span.start as u32,
        len: (span.end - span.start) as u32,
    }
}

fn null() -> Cell {
    Cell {
        kind: Kind::Null,
        ..Cell::default()
    }
}
