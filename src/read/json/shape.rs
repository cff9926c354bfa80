//! Where the table lies in a JSON document: an array of records, `{items}`, `{columns, rows}` in
//! either order, or one record.

use super::nested::Nested;
use super::parser::{Event, Parser, Span};
use super::rows::{RowBuilder, RowKind};
use super::tree::{Tree, string};
use crate::error::{Error, ErrorKind, Result};
use crate::read::{
    BATCH_CELLS, Goal, LOOK_AHEAD_ROWS, LOOK_AHEAD_WEIGHT, Reading, Source, Status, count_input,
};
use crate::report::Notice;
use crate::settings::{Fields, Setting, Surface};
use crate::table::Column;
use crate::text::json;
use crate::value::{Cell, Kind, Rows};

/// What the next event belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The value at this level of the path.
    Path(usize),
    /// The members of the object at this level of the path.
    PathMembers(usize),
    /// The value that should be the table.
    Table,
    /// The members of the object that is one record, or the envelope of the table.
    Members,
    /// The value of `items` or `rows`.
    RowsValue,
    /// The value of `columns`.
    Columns,
    /// The rows of the table.
    Rows,
    /// The members of a record.
    Record,
    /// A member's value, for this column of the record.
    Value(u32),
    /// The cells of a row that is a list.
    List,
    /// The inside of an array or object in a cell.
    Nested,
    /// A value that is not written, complete when the parser is back at this depth.
    Skip(u32),
    /// The table and all around it is complete.
    Finished,
    /// There is no table; the rest is only looked at for being JSON.
    NoTable,
}

/// Reads a table from JSON bytes. Rows lie in the buffer that they were read into; cells are
/// slices of it.
pub(crate) struct JsonReader {
    reading: Reading,
    bytes: Vec<u8>,
    spare: Vec<u8>,
    /// The buffer is tidied up when this much of it was read.
    tidy_at: usize,
    input_bytes: u64,
    parser: Parser,
    nested: Nested,
    tree: Tree,
    state: State,
    /// Where to go on when a nested, skipped or member value is complete.
    home: State,
    /// The column of the nested value; `None` where it is a cell of a list.
    nested_column: Option<u32>,
    found: bool,
    /// The table's object has `items`, `rows` or `columns`, so it is no record.
    envelope: bool,
    rows_member: Option<&'static str>,
    columns_seen: bool,
    /// The members beside the rows.
    beside: Vec<String>,
    /// Where the row that is being read, or else the next token, starts in the input.
    unit: u64,
    rows: RowBuilder,
    /// Why there is no table, and where in the input that was found.
    no_table: Option<(Error, u64)>,
}

/// How much input is looked at before a document that holds no table is refused: what is no JSON
/// at all shall be told so.
const NO_TABLE_BYTES: u64 = 1 << 20;

const TIDY_AT: usize = if cfg!(test) { 64 } else { 64 << 10 };

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
            tree: Tree::default(),
            state,
            home: State::Finished,
            nested_column: None,
            found: false,
            envelope: false,
            rows_member: None,
            columns_seen: false,
            beside: Vec::new(),
            unit: 0,
            no_table: None,
        }
    }

    /// Takes the next bytes of the input.
    pub(crate) fn push(&mut self, chunk: &[u8]) -> Result<()> {
        count_input(&mut self.input_bytes, chunk.len(), &self.reading.limits)?;
        self.tidy()?;
        if u32::try_from(self.bytes.len() + chunk.len()).is_err() {
            // Cells point into the buffer with 32 bits.
            return Err(Error::new(ErrorKind::OutOfMemory));
        }
        self.bytes.try_reserve(chunk.len())?;
        self.bytes.extend_from_slice(chunk);
        self.parser.extend(&self.bytes);
        Ok(())
    }

    /// Tells that the input is complete.
    pub(crate) fn end(&mut self) {
        self.parser.end(&self.bytes);
    }

    /// The complete rows that were read and not released.
    pub(crate) fn batch(&self) -> Rows<'_> {
        Rows {
            bytes: &self.bytes,
            cells: &self.rows.cells,
            start: 0,
            ends: &self.rows.ends,
            first: self.rows.number() - self.rows.ends.len() as u64,
        }
    }

    /// Drops the rows of [`batch`](Self::batch).
    pub(crate) fn release(&mut self) {
        self.rows.release();
    }

    pub(crate) fn rows(&self) -> &RowBuilder {
        &self.rows
    }

    /// Closes the header, since it is about to be written.
    pub(crate) fn fix_header(&mut self) -> Result<()> {
        self.rows.fix(self.parser.is_done())
    }

    /// The members that stood beside the rows and were not written.
    pub(crate) fn beside(&self) -> &[String] {
        match self.envelope {
            true => &self.beside,
            false => &[],
        }
    }

    /// Reads until there are as many rows as the goal asks for.
    pub(crate) fn read(&mut self, goal: Goal) -> Result<Status> {
        loop {
            let enough = match goal {
                Goal::LookAhead => {
                    self.rows.ends.len() >= LOOK_AHEAD_ROWS || self.rows.weight >= LOOK_AHEAD_WEIGHT
                }
                Goal::Batch => self.rows.held_cells() >= BATCH_CELLS,
            };
            if enough {
                return Ok(Status::Enough);
            }
            let event = self
                .parser
                .next(&self.bytes)
                .map_err(|error| self.place(error))?;
            let Some(event) = event else {
                if self.parser.is_done() {
                    return match self.no_table.take() {
                        Some((error, _)) => Err(error),
                        None => Ok(Status::End),
                    };
                }
                self.check_unit(self.bytes.len())?;
                return Ok(Status::NeedInput);
            };
            let row = self.rows.complete;
            if let Err(error) = self.event(event) {
                self.refuse(error)?;
            }
            if let Some((error, offset)) = &self.no_table
                && self.parser.offset() > offset + NO_TABLE_BYTES
            {
                return Err(error.clone());
            }
            let in_record = self.state == State::Members && !self.envelope;
            if !(self.in_row() || in_record) || self.rows.complete > row {
                self.unit = self.parser.offset();
            } else {
                self.check_unit(self.parser.pos())?;
            }
            let limits = &self.reading.limits;
            if self.rows.complete > limits.rows {
                return Err(Error::limit("rows", limits.rows));
            }
        }
    }

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

    /// A row, or a token outside of rows, must end within the limit.
    fn check_unit(&self, pos: usize) -> Result<()> {
        let behind = self.parser.offset() + (pos - self.parser.pos()) as u64;
        let limit = self.reading.limits.row_bytes;
        if behind - self.unit > limit {
            return Err(Error::limit("row_bytes", limit).in_row(self.rows.number()));
        }
        Ok(())
    }

    /// Adds to an error the row where it was found, and the line where that helps.
    #[cold]
    fn place(&self, error: Error) -> Error {
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
            State::Record | State::Value(_) | State::List | State::Nested => true,
            State::Skip(_) => matches!(self.home, State::Record | State::List),
            _ => false,
        }
    }

    fn event(&mut self, event: Event) -> Result<()> {
        match (self.state, event) {
            (State::Record, Event::Key(key)) => self.member(key, State::Record),
            (State::Value(column), _) => self.value(event, Some(column)),
            (State::Record, _) => {
                self.rows.end();
                self.state = State::Rows;
                Ok(())
            }
            (State::List, Event::EndArray) => {
                self.rows.end();
                self.state = State::Rows;
                Ok(())
            }
            (State::List, _) => match self.rows.next_position()? {
                Some(_) => self.value(event, None),
                None => {
                    self.state = State::List;
                    self.skip_from(event);
                    Ok(())
                }
            },
            (State::Nested, _) => {
                if let Some(span) = self.nested.event(event, &mut self.bytes) {
                    self.nested_complete(span);
                }
                Ok(())
            }
            (State::Skip(depth), _) => {
                if self.parser.depth() == depth {
                    self.state = self.home;
                }
                Ok(())
            }
            (State::Rows, Event::BeginObject) => {
                self.rows.begin(RowKind::Record)?;
                self.state = State::Record;
                Ok(())
            }
            (State::Rows, Event::BeginArray) => {
                self.rows.begin(RowKind::List)?;
                self.state = State::List;
                Ok(())
            }
            (State::Rows, Event::EndArray) => {
                match self.envelope {
                    true => self.state = State::Members,
                    false => self.table_complete(),
                }
                Ok(())
            }
            (State::Rows, _) => Err(Error::not_tabular(format!(
                "row {} is {}, not an object or an array",
                self.rows.number(),
                event.noun()
            ))
            .in_row(self.rows.number())),
            _ => self.outer_event(event),
        }
    }

    /// An event outside of the rows.
    fn outer_event(&mut self, event: Event) -> Result<()> {
        match (self.state, event) {
            (State::Path(level), Event::BeginObject) => self.state = State::PathMembers(level),
            (State::Path(level), _) => {
                let path = self.path(level);
                return Err(Error::not_tabular(format!(
                    "{path} is {}, not an object",
                    event.noun()
                )));
            }
            (State::PathMembers(level), Event::Key(key)) => return self.path_member(level, key),
            (State::PathMembers(0), _) if self.found => self.state = State::Finished,
            (State::PathMembers(level), _) if self.found => {
                self.state = State::PathMembers(level.saturating_sub(1));
            }
            (State::PathMembers(level), _) => {
                let wanted = self.path(level + 1);
                return Err(Error::not_tabular(format!("it has no member {wanted}")));
            }
            (State::Table, Event::BeginArray) => self.state = State::Rows,
            (State::Table, Event::BeginObject) => {
                self.rows.begin(RowKind::Record)?;
                self.state = State::Members;
            }
            (State::Table, _) => {
                return Err(Error::not_tabular(format!("it is {}", event.noun())));
            }
            (State::Members, Event::Key(key)) => return self.table_member(key),
            (State::Members, _) => {
                match (self.envelope, self.rows_member) {
                    (false, _) => self.rows.end(),
                    (true, Some(_)) => {}
                    (true, None) => {
                        return Err(Error::not_tabular("it has `columns`, but no `rows`"));
                    }
                }
                self.table_complete();
            }
            (State::RowsValue, Event::BeginArray) => self.state = State::Rows,
            (State::RowsValue, _) => {
                let name = self.rows_member.unwrap_or_default();
                return Err(Error::not_tabular(format!(
                    "`{name}` is {}, not an array",
                    event.noun()
                )));
            }
            (State::Columns, _) => {
                if let Some(columns) = self.tree.event(event, &self.bytes) {
                    self.state = State::Members;
                    self.rows.declare(declared_columns(&columns)?)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The path down to a level, as a user writes it.
    fn path(&self, level: usize) -> String {
        match self.reading.path.get(..level) {
            Some(steps @ [_, ..]) => format!("`{}`", steps.join(".")),
            _ => "the document".into(),
        }
    }

    fn path_member(&mut self, level: usize, key: Span) -> Result<()> {
        let name = string(key, &self.bytes);
        if self.found && self.reading.document && level == 0 {
            return Err(Error::new(ErrorKind::OptionsAfterData { name }));
        }
        if self.found || self.reading.path.get(level) != Some(&name) {
            self.skip_value(State::PathMembers(level));
        } else if level + 1 == self.reading.path.len() {
            self.found = true;
            self.state = State::Table;
        } else {
            self.state = State::Path(level + 1);
        }
        Ok(())
    }

    fn table_complete(&mut self) {
        self.state = match self.reading.path.len().checked_sub(1) {
            Some(level) => State::PathMembers(level),
            None => State::Finished,
        };
    }

    /// A member of the object that is one record, or the envelope of the table.
    fn table_member(&mut self, key: Span) -> Result<()> {
        let name = string(key, &self.bytes);
        let rows_member = match name.as_str() {
            "items" => Some("items"),
            "rows" => Some("rows"),
            _ => None,
        };
        if rows_member.is_none() && name != "columns" {
            if self.beside.len() < self.reading.limits.columns as usize {
                self.beside.push(name);
            }
            if self.envelope {
                self.skip_value(State::Members);
                return Ok(());
            }
            return self.member(key, State::Members);
        }
        if !self.envelope {
            self.envelope = true;
            self.rows.discard();
        }
        match rows_member {
            Some(member) => {
                if let Some(first) = self.rows_member.replace(member) {
                    return Err(Error::not_tabular(match first == member {
                        true => format!("it has `{member}` twice"),
                        false => format!("it has both `{first}` and `{member}`"),
                    }));
                }
                self.state = State::RowsValue;
            }
            None => {
                if std::mem::replace(&mut self.columns_seen, true) {
                    return Err(Error::not_tabular("it has `columns` twice"));
                }
                self.state = State::Columns;
            }
        }
        Ok(())
    }

    /// A member of a record: finds its column.
    fn member(&mut self, key: Span, home: State) -> Result<()> {
        let column = if key.escaped {
            let mut name = Vec::new();
            let literal = self.bytes.get(key.start..key.end).unwrap_or_default();
            let lone = json::unescape(literal, &mut name);
            let column = self.rows.column(&name)?;
            if lone {
                let row = self.rows.number();
                self.rows
                    .notes
                    .count(Notice::LoneSurrogate, column, Some(row), 1);
            }
            column
        } else {
            let name = self.bytes.get(key.start..key.end).unwrap_or_default();
            self.rows.column(name)?
        };
        match column {
            Some(column) => {
                self.home = home;
                self.state = State::Value(column);
            }
            None => self.skip_value(home),
        }
        Ok(())
    }

    /// Passes over the value that comes next.
    fn skip_value(&mut self, home: State) {
        self.home = home;
        self.state = State::Skip(self.parser.depth());
    }

    /// Passes over a cell of a list whose first event was just read.
    fn skip_from(&mut self, event: Event) {
        if matches!(event, Event::BeginArray | Event::BeginObject) {
            self.home = State::List;
            self.state = State::Skip(self.parser.depth() - 1);
        }
    }

    /// The first event of a cell's value. `column` is `None` for a cell of a list.
    fn value(&mut self, event: Event, column: Option<u32>) -> Result<()> {
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

    fn nested_complete(&mut self, span: Span) {
        let column = self.nested_column;
        let Nested {
            lone_surrogates,
            duplicate_keys,
            non_finite,
            ..
        } = self.nested;
        self.note(Notice::LoneSurrogate, column, lone_surrogates);
        self.note(Notice::DuplicateKey, column, duplicate_keys);
        self.note(Notice::NonFinite, column, non_finite);
        self.put(column, cell(Kind::Nested, span));
    }

    fn note(&mut self, notice: Notice, column: Option<u32>, count: u64) {
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
        let literal = self.bytes.get(span.start..span.end).unwrap_or_default();
        let lone = json::unescape(literal, &mut text);
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
            _ => self.parser.pos(),
        };
        if tail < self.tidy_at {
            return Ok(());
        }
        let mut tidied = std::mem::take(&mut self.spare);
        tidied.clear();
        for cell in &mut self.rows.cells {
            if cell.len > 0 {
                let text = cell.text(&self.bytes);
                cell.start = tidied.len() as u32;
                tidied.try_reserve(text.len())?;
                tidied.extend_from_slice(text);
            }
        }
        let live = tidied.len();
        self.parser.moved(tail, live);
        if self.state == State::Nested {
            self.nested.moved(tail - live);
        }
        let rest = self.bytes.get(tail..).unwrap_or_default();
        tidied.try_reserve(rest.len())?;
        tidied.extend_from_slice(rest);
        self.spare = std::mem::replace(&mut self.bytes, tidied);
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

/// The columns that the data declares, as names or as `{key, label}` with whatever else beside.
fn declared_columns(columns: &Setting) -> Result<Vec<Column>> {
    let fields = Fields::new(&Setting::Null, Surface::Http)?;
    Column::list(&fields, "columns", columns, true).map_err(|error| match error.kind() {
        ErrorKind::InvalidOption { path, reason } => {
            Error::not_tabular(format!("`{path}` {reason}"))
        }
        _ => error,
    })
}
