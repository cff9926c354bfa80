//! Cells become rows: which column a key or a position belongs to, and what was noticed.

#[cfg(feature = "catalog")]
use super::described::{Described, LeftOuts};
use crate::error::{Error, ErrorKind, Result};
use crate::read::{
    BATCH_CELLS, CELL_WEIGHT, Goal, KnownHeader, LOOK_AHEAD_CELLS, LOOK_AHEAD_ROWS,
    LOOK_AHEAD_WEIGHT, LateColumns, Reading,
};
use crate::report::{Notes, Notice};
use crate::table::{Column, Header};
use crate::value::{Cell, Kind, Rows};

/// How the rows of a table are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowKind {
    /// Objects, whose keys name the columns.
    Record,
    /// Lists, whose cells are named by their position.
    List,
}

impl RowKind {
    fn noun(self) -> &'static str {
        match self {
            Self::Record => "an object",
            Self::List => "an array",
        }
    }
}

/// The rows that were read and not yet written, and the header that they share.
pub(crate) struct RowBuilder {
    pub(crate) cells: Vec<Cell>,
    /// For each complete row the index behind its last cell.
    pub(crate) ends: Vec<u32>,
    pub(crate) header: Header,
    pub(super) kind: Option<RowKind>,
    /// The columns that the data itself declares.
    pub(super) declared: Option<Vec<Column>>,
    pub(super) wanted: Option<Vec<Column>>,
    #[cfg(feature = "catalog")]
    pub(super) described: Option<Described>,
    /// The values that were left out of the rows, where these are described.
    #[cfg(feature = "catalog")]
    pub(crate) left_outs: LeftOuts,
    names_positions: bool,
    known: Option<KnownHeader>,
    /// The header has names; where rows are lists and `columns` comes later, it does not yet.
    named: bool,
    /// How many columns rows that are lists should have.
    base_len: usize,
    /// The header was written, so no column can be added.
    pub(super) fixed: bool,
    late_columns: LateColumns,
    /// Nested records are columns of their own, so no key is a path.
    pub(super) flatten: bool,
    max_columns: usize,
    /// The most bytes of paths in one row, and of the names of columns in all: the key of a nested
    /// record stands in the path of each of its members, so these may be far longer than the input.
    max_path_bytes: u64,
    path_bytes: u64,
    pub(super) name_bytes: u64,
    /// Columns that are not written.
    pub(super) left_out: Header,
    pub(super) left_out_notes: Notes,
    /// Values left out of columns that were too many to remember.
    pub(super) left_out_beyond: u64,
    /// What was noticed, by column of `header`.
    pub(crate) notes: Notes,
    /// Where the row that is being read starts in `cells`.
    pub(super) row_start: usize,
    /// How many cells of the list that is being read were begun.
    pub(super) position: usize,
    /// The column that the next key probably belongs to.
    guess: u32,
    left_out_guess: u32,
    /// The number of complete rows.
    pub(crate) complete: u64,
    /// The weight of the rows held for the look-ahead.
    pub(crate) weight: u64,
    /// How many cells these rows have, also those without a value.
    held_cells: usize,
}

impl RowBuilder {
    pub(crate) fn new(reading: &Reading) -> Self {
        let known = reading.known.clone();
        Self {
            cells: Vec::new(),
            ends: Vec::new(),
            header: Header::default(),
            kind: None,
            declared: known.as_ref().and_then(|known| known.declared.clone()),
            wanted: reading.wanted.clone(),
            #[cfg(feature = "catalog")]
            described: reading.described.clone(),
            #[cfg(feature = "catalog")]
            left_outs: LeftOuts::default(),
            names_positions: reading.names_positions,
            known,
            named: false,
            base_len: 0,
            fixed: false,
            late_columns: reading.late_columns,
            flatten: reading.flatten,
            max_columns: reading.limits.columns as usize,
            max_path_bytes: reading.limits.row_bytes,
            path_bytes: 0,
            name_bytes: 0,
            left_out: Header::default(),
            left_out_notes: Notes::default(),
            left_out_beyond: 0,
            notes: Notes::default(),
            row_start: 0,
            position: 0,
            guess: 0,
            left_out_guess: 0,
            complete: 0,
            weight: 0,
            held_cells: 0,
        }
    }

    /// The number of the row that is being read, counted from 1.
    pub(crate) fn number(&self) -> u64 {
        self.complete + 1
    }

    /// Starts a row. All rows of a table are of one kind.
    pub(crate) fn begin(&mut self, kind: RowKind) -> Result<()> {
        match self.kind {
            None => self.first_row(kind)?,
            Some(first) if first == kind => {}
            Some(first) => {
                return Err(Error::not_tabular(format!(
                    "row {} is {}, but the rows before are each {}",
                    self.number(),
                    kind.noun(),
                    first.noun()
                ))
                .in_row(self.number()));
            }
        }
        self.row_start = self.cells.len();
        self.position = 0;
        self.path_bytes = 0;
        self.guess = 0;
        self.left_out_guess = 0;
        if kind == RowKind::Record {
            let width = self.header.len();
            self.cells.try_reserve(width)?;
            self.cells.resize(self.row_start + width, Cell::default());
        }
        Ok(())
    }

    fn first_row(&mut self, kind: RowKind) -> Result<()> {
        self.kind = Some(kind);
        if kind == RowKind::Record {
            return self.name_columns();
        }
        if self.declared.is_some() {
            self.name_positions();
        }
        Ok(())
    }

    /// Starts the header of records, or of a table without rows. A key that may be a path asks for
    /// the member that the path starts with, too.
    fn name_columns(&mut self) -> Result<()> {
        self.header = match (self.only(), &self.known) {
            (Some(columns), _) => {
                // A key that is wanted under two labels is one column of the source.
                let mut header = Header::default();
                for column in columns {
                    if header.find(column.key.as_bytes(), 0).is_none() {
                        header.add(&column.key);
                    }
                }
                let paths = self.wanted.iter().flatten();
                for (root, _) in paths.filter_map(|column| column.key.split_once('.')) {
                    if !self.flatten && header.find(root.as_bytes(), 0).is_none() {
                        header.add(root);
                    }
                }
                header
            }
            (None, Some(known)) => Header::of(known.names.iter().map(String::as_str)),
            (None, None) => self.first_names(),
        };
        self.named = true;
        self.check_width(self.header.len())
    }

    /// The only columns of records, where that is said.
    fn only(&self) -> Option<&Vec<Column>> {
        #[cfg(feature = "catalog")]
        if self.described.is_some() {
            return self.wanted.as_ref();
        }
        self.wanted.as_ref().or(self.declared.as_ref())
    }

    /// The names that are known before the first record.
    fn first_names(&self) -> Header {
        #[cfg(feature = "catalog")]
        if let Some(names) = self.described_names() {
            return names;
        }
        Header::default()
    }

    /// Names the cells of rows that are lists.
    fn name_positions(&mut self) {
        let held = self.header.len();
        let columns = self
            .declared
            .as_ref()
            .or(self.wanted.as_ref().filter(|_| self.names_positions));
        let Some(columns) = columns else {
            return;
        };
        self.header = Header::of(columns.iter().map(|column| column.key.as_str()));
        self.base_len = self.header.len();
        let known = self.known.as_ref().map_or(0, |known| known.names.len());
        while self.header.len() < known.max(held) {
            self.header.add(&position_name(self.header.len()));
        }
        self.header.mark_all_seen();
        self.named = true;
        // Rows that came before their names are looked at now.
        let mut start = 0;
        let first = self.number() - self.ends.len() as u64;
        for (&end, row) in self.ends.iter().zip(first..) {
            let len = (end - std::mem::replace(&mut start, end)) as usize;
            note_width(&mut self.notes, self.base_len, len, row);
        }
    }

    /// The columns that the data declares. Rows may have come before.
    pub(crate) fn declare(&mut self, columns: Vec<Column>) -> Result<()> {
        if self.known.is_some() {
            return Ok(());
        }
        self.check_width(columns.len())?;
        if self.fixed {
            return Err(Error::new(ErrorKind::ColumnsAfterRows));
        }
        match self.kind {
            None => {}
            Some(RowKind::List) => {
                self.declared = Some(columns);
                self.name_positions();
                return Ok(());
            }
            Some(RowKind::Record) => {
                for column in &columns {
                    #[cfg(feature = "catalog")]
                    if !self.is_open_to(&column.key) {
                        continue;
                    }
                    if self.header.find(column.key.as_bytes(), 0).is_none() {
                        self.header.add(&column.key);
                    }
                }
            }
        }
        self.declared = Some(columns);
        Ok(())
    }

    /// Finds the column of a key; `None` where its value is not written.
    pub(crate) fn column(&mut self, key: &[u8]) -> Result<Option<u32>> {
        if self.flatten {
            self.path_bytes += key.len() as u64;
            self.check_path_bytes(self.path_bytes)?;
        }
        if let Some(column) = self.header.find(key, self.guess) {
            self.guess = column + 1;
            self.header.mark_seen(column);
            return Ok(Some(column));
        }
        let name = String::from_utf8_lossy(key);
        if self.only().is_some() {
            self.leave_out(&name, None);
            return Ok(None);
        }
        #[cfg(feature = "catalog")]
        if self.is_undescribed(&name) {
            self.leave_out(&name, None);
            return Ok(None);
        }
        if self.fixed {
            return self.late(&name).map(|()| None);
        }
        self.check_width(self.header.len() + 1)?;
        if self.flatten {
            self.name_bytes += key.len() as u64;
            self.check_path_bytes(self.name_bytes)?;
        }
        let column = self.header.add(&name);
        self.header.mark_seen(column);
        self.cells.push(Cell::default());
        self.guess = column + 1;
        Ok(Some(column))
    }

    fn late(&mut self, name: &str) -> Result<()> {
        if self.late_columns == LateColumns::Error {
            let name = name.into();
            return Err(Error::new(ErrorKind::LateColumn { name }));
        }
        self.leave_out(name, Some(Notice::LateColumn));
        Ok(())
    }

    fn leave_out(&mut self, name: &str, notice: Option<Notice>) {
        let column = match self.left_out.find(name.as_bytes(), self.left_out_guess) {
            Some(column) => column,
            None if self.left_out.len() < self.max_columns
                && self.name_bytes < self.max_path_bytes =>
            {
                self.name_bytes += name.len() as u64;
                let column = self.left_out.add(name);
                self.left_out.mark_seen(column);
                column
            }
            None => {
                self.left_out_beyond += 1;
                return;
            }
        };
        self.left_out_guess = column + 1;
        if let Some(notice) = notice {
            let row = self.number();
            self.left_out_notes.cell(notice, column, row);
        }
        #[cfg(feature = "catalog")]
        self.note_left_out(column, notice.is_some());
    }

    /// Puts a value into a column of the record that is being read. Where a key stands twice the
    /// last value holds.
    pub(crate) fn put(&mut self, column: u32, cell: Cell) {
        let number = self.number();
        if let Some(place) = self.cells.get_mut(self.row_start + column as usize) {
            if place.kind != Kind::Missing {
                self.notes.cell(Notice::DuplicateKey, column, number);
            }
            *place = cell;
        }
    }

    /// The column that the next cell of a list goes to; `None` where it is not written.
    pub(crate) fn next_position(&mut self) -> Result<Option<u32>> {
        let position = self.position;
        self.position += 1;
        if position < self.header.len() {
            return Ok(Some(position as u32));
        }
        let name = position_name(position);
        if self.fixed {
            // Where the data name their columns and the user chose among them, nobody misses it.
            let asked_for = match (&self.wanted, &self.declared) {
                (Some(wanted), Some(_)) => wanted.iter().any(|column| column.key == name),
                _ => true,
            };
            match asked_for {
                true => self.late(&name)?,
                false => self.leave_out(&name, None),
            }
            return Ok(None);
        }
        self.check_width(position + 1)?;
        let column = self.header.add(&name);
        if self.named {
            self.header.mark_seen(column);
        }
        Ok(Some(column))
    }

    /// The column of the list's cell that is being read.
    pub(crate) fn position(&self) -> u32 {
        self.position.saturating_sub(1) as u32
    }

    /// Appends a cell to the list that is being read.
    pub(crate) fn push(&mut self, cell: Cell) {
        self.cells.push(cell);
    }

    pub(crate) fn end(&mut self) {
        #[cfg(feature = "catalog")]
        self.weigh_left_outs();
        let row = self.cells.get(self.row_start..).unwrap_or_default();
        if !self.fixed {
            let text = row.iter().map(text_weight).sum::<u64>();
            let values = row.iter().filter(|cell| has_value(cell)).count();
            self.weight += CELL_WEIGHT * values as u64 + text;
            self.held_cells += row.len();
        }
        if self.kind == Some(RowKind::List) && self.named {
            note_width(&mut self.notes, self.base_len, row.len(), self.complete + 1);
        }
        self.ends.push(self.cells.len() as u32);
        self.row_start = self.cells.len();
        self.complete += 1;
    }

    /// Forgets a record that turned out to be an envelope.
    pub(crate) fn discard(&mut self) {
        self.cells.clear();
        self.ends.clear();
        self.notes.clear();
        self.header = Header::default();
        self.left_out = Header::default();
        self.left_out_notes.clear();
        #[cfg(feature = "catalog")]
        self.left_outs.clear();
        self.kind = None;
        self.named = false;
        self.row_start = 0;
    }

    /// Drops the complete rows; the one that is being read stays.
    pub(crate) fn release(&mut self) {
        let written = self.ends.last().map_or(0, |end| *end as usize);
        self.cells.drain(..written);
        #[cfg(feature = "catalog")]
        self.left_outs.release(self.complete + 1);
        self.row_start = self.row_start.saturating_sub(written);
        self.ends.clear();
    }

    /// Records with a header that was written before are to come.
    #[cfg(feature = "full")]
    pub(super) fn continue_records(&mut self) {
        self.kind = Some(RowKind::Record);
        self.named = true;
        self.fixed = true;
    }

    /// There are as many complete rows as the goal asks for.
    pub(crate) fn has_enough(&self, goal: Goal) -> bool {
        match goal {
            Goal::LookAhead => {
                self.ends.len() >= LOOK_AHEAD_ROWS
                    || self.weight >= LOOK_AHEAD_WEIGHT
                    || self.held_cells >= LOOK_AHEAD_CELLS
            }
            // Cells that a row lacks count too.
            Goal::Batch => {
                let cells = self.ends.len() * self.header.len().max(8);
                #[cfg(feature = "catalog")]
                let cells = cells + self.left_outs.complete();
                cells >= BATCH_CELLS
            }
        }
    }

    /// The complete rows that were not released, over the buffer that they lie in.
    pub(crate) fn batch<'a>(&'a self, bytes: &'a [u8]) -> Rows<'a> {
        Rows {
            bytes,
            cells: &self.cells,
            start: 0,
            ends: &self.ends,
            first: self.number() - self.ends.len() as u64,
        }
    }

    /// Closes the gaps between the texts of live cells, so that the buffer holds them and behind
    /// them what stood at `tail`; gives the place where that stands now.
    pub(crate) fn tidy(
        &mut self,
        bytes: &mut Vec<u8>,
        spare: &mut Vec<u8>,
        tail: usize,
    ) -> Result<usize> {
        spare.clear();
        for cell in &mut self.cells {
            if cell.len > 0 {
                let text = cell.text(bytes);
                cell.start = spare.len() as u32;
                spare.try_reserve(text.len())?;
                spare.extend_from_slice(text);
            }
        }
        let live = spare.len();
        let rest = bytes.get(tail..).unwrap_or_default();
        spare.try_reserve(rest.len())?;
        spare.extend_from_slice(rest);
        std::mem::swap(bytes, spare);
        Ok(live)
    }

    /// Closes the header, since it is about to be written. `complete` tells that the table is.
    pub(crate) fn fix(&mut self, complete: bool) -> Result<()> {
        match self.kind {
            None => {
                self.name_columns()?;
                for column in self.declared.iter().flatten() {
                    if let Some(column) = self.header.find(column.key.as_bytes(), 0) {
                        self.header.mark_seen(column);
                    }
                }
            }
            Some(RowKind::List) if !self.named => {
                self.name_positions();
                if !self.named {
                    return Err(if complete {
                        Error::not_tabular("its rows are arrays, and no `columns` name their cells")
                    } else {
                        Error::new(ErrorKind::ColumnsAfterRows)
                    });
                }
            }
            Some(_) => {}
        }
        self.fixed = true;
        Ok(())
    }

    fn check_width(&self, columns: usize) -> Result<()> {
        if columns > self.max_columns {
            return Err(Error::limit("columns", self.max_columns as u64));
        }
        Ok(())
    }

    fn check_path_bytes(&self, bytes: u64) -> Result<()> {
        let most = self.max_path_bytes;
        if bytes > most {
            return Err(Error::limit("row_bytes", most).in_row(self.number()));
        }
        Ok(())
    }
}

/// The name of a cell that no `columns` name: its position, counted from 1.
pub(super) fn position_name(position: usize) -> String {
    format!("column_{}", position + 1)
}

fn note_width(notes: &mut Notes, base: usize, len: usize, row: u64) {
    if len < base {
        notes.row(Notice::RaggedRow, row);
    }
    for extra in base..len {
        notes.cell(Notice::ExtraCell, extra as u32, row);
    }
}

/// No number that JavaScript writes is longer, so that numbers weigh the same however they come.
const NUMBER_LEN: u32 = 32;

fn has_value(cell: &Cell) -> bool {
    !matches!(cell.kind, Kind::Missing | Kind::Null)
}

fn text_weight(cell: &Cell) -> u64 {
    match cell.kind {
        Kind::Text | Kind::Nested => u64::from(cell.len),
        Kind::Number => u64::from(cell.len.saturating_sub(NUMBER_LEN)),
        _ => 0,
    }
}
