//! The rows of a table by the definition of their records: chosen, checked, and with their nested values in
//! order.

use std::borrow::Cow;

use super::columns::{Columns, FlatRecord, ShapedColumn, is_value};
use super::condition::Verdict;
use super::nested::{Level, Nested, State};
use super::plan::{Given, Holds, Plan};
use super::tape::{self, Token};
use super::untyped::Untyped;
use crate::catalog::{Resource, Selection};
use crate::error::{Error, Result};
use crate::read::{Described, Reading, RowBuilder};
use crate::report::{Notice, Warning, warning};
use crate::settings::Setting;
use crate::table::{Column, Header};
use crate::typed::Place;
use crate::value::{Cell, Kind, Row, Rows};

/// What stands between the reader of a table and its writer.
pub(crate) struct RowShaper {
    plan: Plan,
    state: State,
    columns: Columns,
    /// For each column that is written its number among the columns, and for each of these whether it is written.
    projected: Vec<Option<u32>>,
    is_written: Vec<bool>,
    /// What tells types from texts, where the source has none.
    untyped: Option<Untyped>,
    /// How many rows were chosen, and which was the first.
    taken: u64,
    first: Option<u64>,
    /// How many bytes a cell may become.
    most: usize,
    tokens: Vec<Token>,
    bytes: Vec<u8>,
    cells: Vec<Cell>,
    ends: Vec<u32>,
}

impl RowShaper {
    /// A shaper for a table type.
    pub(crate) fn new(resource: &Resource, selection: &Selection, reading: &Reading) -> Self {
        let plan = Plan::new(resource, selection, &Given::default());
        Self {
            state: State::new(&plan, &reading.limits),
            columns: Columns::new(&plan, reading.flatten, reading.limits.columns),
            plan,
            projected: Vec::new(),
            is_written: Vec::new(),
            untyped: reading.source.is_delimited().then(Untyped::default),
            taken: 0,
            first: None,
            most: usize::try_from(reading.limits.row_bytes).unwrap_or(usize::MAX),
            tokens: Vec::new(),
            bytes: Vec::new(),
            cells: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// What the reader is told of the records.
    pub(crate) fn described(&self) -> Described {
        self.columns.described(&self.plan)
    }

    /// Finds out where the values of each field come from, once the header is known. `held` are the rows of the
    /// look-ahead.
    pub(crate) fn begin(&mut self, rows: &RowBuilder, held: Rows<'_>) {
        if rows.is_positional() {
            // Lists are not flattened.
            self.columns = Columns::new(&self.plan, false, 0);
        }
        let findings = &mut self.state.findings;
        self.columns.begin(&self.plan, rows, held, findings);
    }

    pub(crate) fn columns(&self) -> &[ShapedColumn] {
        &self.columns.columns
    }

    /// Chooses the columns to write, all of them or those that are wanted: where they stand in the rows that
    /// [`each`](Self::each) gives. A key that is no column's name may be a path into one.
    pub(crate) fn project(&mut self, wanted: Option<&Vec<Column>>) -> Vec<(Column, Place)> {
        let names = Header::of(self.columns().iter().map(|column| column.name.as_str()));
        let columns = match wanted {
            Some(wanted) => wanted.clone(),
            None => names.names().iter().map(Column::new).collect(),
        };
        let keys = columns.iter().map(|column| column.key.as_str());
        self.projected = names.by_occurrence(keys);
        self.is_written = vec![false; names.len()];
        let mut projection = Vec::with_capacity(columns.len());
        for (number, column) in columns.into_iter().enumerate() {
            let found = self.projected.get(number).copied().flatten();
            let path = || {
                let (root, steps) = column.key.split_once('.')?;
                let steps = steps.split('.').map(Into::into).collect();
                Some((names.find(root.as_bytes(), 0)?, steps))
            };
            let path: Option<(_, Vec<_>)> = if found.is_none() { path() } else { None };
            let root = path.as_ref().map(|(root, _)| *root);
            for at in found.into_iter().chain(root) {
                if let Some(flag) = self.is_written.get_mut(at as usize) {
                    *flag = true;
                }
            }
            let place = Place {
                column: found.and_then(|at| self.place_of(at)),
                path: path.and_then(|(root, steps)| Some((self.place_of(root)?, steps))),
            };
            projection.push((column, place));
        }
        projection
    }

    /// The column that this one of those that are written shows.
    pub(crate) fn projected(&self, number: usize) -> Option<&ShapedColumn> {
        let at = self.projected.get(number).copied().flatten()?;
        self.columns().get(at as usize)
    }

    /// Where a column stands in the rows that [`each`](Self::each) gives.
    fn place_of(&self, column: u32) -> Option<u32> {
        match self.columns.converts {
            true => Some(column),
            false => self.columns().get(column as usize)?.source,
        }
    }

    /// Gives the rows that are chosen, run by run.
    ///
    /// # Errors
    ///
    /// `limit_exceeded` where a row becomes too long.
    pub(crate) fn each(
        &mut self,
        rows: Rows<'_>,
        source: &RowBuilder,
        write: &mut dyn FnMut(Rows<'_>),
    ) -> Result<()> {
        let Some(mut untyped) = self.untyped.take() else {
            return self.each_typed(rows, source, write);
        };
        let columns = self.columns.columns.iter();
        let columns =
            columns.filter_map(|column| Some((column.source?, column.rule.as_ref()?, column.path)));
        let typed = untyped.read(rows, columns, &mut self.state.findings);
        let result = self.each_typed(typed, source, write);
        self.untyped = Some(untyped);
        result
    }

    fn each_typed(
        &mut self,
        rows: Rows<'_>,
        source: &RowBuilder,
        write: &mut dyn FnMut(Rows<'_>),
    ) -> Result<()> {
        let mut from = 0;
        let count = rows.ends.len();
        while from < count {
            let (skipped, taken) = self.run(rows.part(from, count), source);
            let run = rows.part(from + skipped, taken);
            from += skipped + taken;
            if taken == 0 {
                continue;
            }
            self.taken += taken as u64;
            self.first.get_or_insert(run.first);
            match self.columns.converts {
                true => {
                    self.convert(run, source)?;
                    write(Rows {
                        bytes: &self.bytes,
                        cells: &self.cells,
                        start: 0,
                        ends: &self.ends,
                        first: run.first,
                    });
                }
                false => write(run),
            }
        }
        Ok(())
    }

    /// Notes what a row that is chosen held besides its fields.
    fn note_left_out(&mut self, row: u64, source: &RowBuilder) {
        let left_out = source.left_out_of(row);
        for (value, name) in left_out.filter(|(value, _)| !value.is_late) {
            let (findings, count) = (&mut self.state.findings, u64::from(value.count));
            findings.note_at(Notice::UnknownField, name, Some(row), count);
        }
    }

    /// How many rows are left out before the next run of rows that are chosen, and how many that run has.
    fn run(&mut self, rows: Rows<'_>, source: &RowBuilder) -> (usize, usize) {
        let (mut skipped, mut taken) = (0, 0);
        for row in rows.iter() {
            match self.verdict(&row, source) {
                Verdict::Chosen => {
                    if !self.state.pass_limit(self.plan.place(0)) {
                        // What follows is left out, too, however long it is.
                        match taken {
                            0 => skipped += 1,
                            _ => break,
                        }
                        continue;
                    }
                    taken += 1;
                    if !self.columns.converts {
                        self.check(&row, source);
                    }
                }
                _ if taken > 0 => break,
                verdict => {
                    skipped += 1;
                    if verdict == Verdict::Unclear {
                        self.note_unclear(&row, source);
                    }
                }
            }
        }
        (skipped, taken)
    }

    /// Whether a row meets all conditions.
    #[inline]
    fn verdict(&self, row: &Row<'_>, source: &RowBuilder) -> Verdict {
        for condition in &self.plan.place(0).conditions {
            let verdict = condition.judge(|member| self.member(row, member, source));
            if verdict != Verdict::Chosen {
                return verdict;
            }
        }
        Verdict::Chosen
    }

    /// The value of a member of the record. Of an object whose members are columns only that it is one is told.
    fn member<'r>(
        &self,
        row: &Row<'r>,
        member: usize,
        source: &RowBuilder,
    ) -> (Kind, Cow<'r, [u8]>) {
        let (cell, text) = row.cell(self.columns.sources.get(member).copied().flatten());
        if matches!(cell.kind, Kind::Missing | Kind::Null)
            && self.columns.is_object(&self.plan, member, row, source)
        {
            return (Kind::Nested, Cow::Borrowed(b"{}"));
        }
        (cell.kind, Cow::Borrowed(text))
    }

    #[cold]
    fn note_unclear(&mut self, row: &Row<'_>, source: &RowBuilder) {
        let place = self.plan.place(0);
        let unclear = place.conditions.iter().find(|condition| {
            let verdict = condition.judge(|member| self.member(row, member, source));
            verdict == Verdict::Unclear
        });
        let member = unclear.and_then(|condition| condition.members.first());
        if let Some(member) = member.and_then(|member| place.members.get(*member)) {
            let findings = &mut self.state.findings;
            let row = Some(row.number);
            findings.note_at(Notice::FilterMismatch, &member.name, row, 1);
        }
    }

    /// Finds out which of the records are there whose fields are columns, and checks them.
    fn find_records(&mut self, row: &Row<'_>) {
        let Columns {
            columns, records, ..
        } = &mut self.columns;
        if let Some(table) = records.first_mut() {
            table.is_there = true;
            table.counts.fill(0);
        }
        for record in records.iter_mut().skip(1) {
            record.is_there = row.cell(record.own).1 == b"{}";
            record.counts.fill(0);
        }
        for column in columns.iter() {
            // The column of an object itself does not tell of its members.
            let own = records.get(column.record).map(|record| record.own);
            if row.cell_of(column.source).kind == Kind::Missing || own == Some(column.source) {
                continue;
            }
            let mut at = column.record;
            while let Some(record) = records.get_mut(at).filter(|record| !record.is_there) {
                record.is_there = true;
                at = record.parent;
            }
        }
        let findings = &mut self.state.findings;
        for number in 1..records.len() {
            let Some(record) = records.get(number) else {
                return;
            };
            let outer_is_there = records
                .get(record.parent)
                .is_none_or(|outer| outer.is_there);
            let (cell, text) = row.cell(record.own);
            let (Some(rule), true) = (record.rule(), outer_is_there) else {
                continue;
            };
            if is_value(row, record.own) && !record.is_written {
                // Such a value has a column only where the look-ahead has one.
                findings.note(Notice::LateColumn, record.path, row.number);
            } else if cell.kind == Kind::Missing && record.is_there {
                // Its members are there.
            } else if let Some(notice) = rule.judge(cell.kind, text) {
                findings.note(notice, record.path, row.number);
            }
        }
    }

    /// Checks a row that is written as it stands.
    fn check(&mut self, row: &Row<'_>, source: &RowBuilder) {
        if !source.left_outs.is_empty() {
            self.note_left_out(row.number, source);
        }
        if self.columns.records.len() > 1 {
            self.find_records(row);
        }
        let Self {
            columns,
            tokens,
            state,
            ..
        } = self;
        for column in &columns.columns {
            let cell = row.cell_of(column.source);
            if column.kinds >> cell.kind as u32 & 1 == 0
                && let Some(notice) = look_closer(column, &columns.records, cell, row, tokens)
            {
                state.findings.note(notice, column.path, row.number);
            }
        }
    }

    /// Makes the cells of rows anew.
    fn convert(&mut self, rows: Rows<'_>, source: &RowBuilder) -> Result<()> {
        self.bytes.clear();
        self.cells.clear();
        self.ends.clear();
        for row in rows.iter() {
            self.state.row = Some(row.number);
            if !source.left_outs.is_empty() {
                self.note_left_out(row.number, source);
            }
            self.find_records(&row);
            for number in 0..self.columns.columns.len() {
                let start = self.bytes.len();
                let cell = self.cell(&row, number);
                self.cells.push(Cell {
                    start: start as u32,
                    len: (self.bytes.len() - start) as u32,
                    ..cell
                });
            }
            self.ends.push(self.cells.len() as u32);
            if self.state.overflowed || u32::try_from(self.bytes.len()).is_err() {
                let limit = Error::limit("row_bytes", self.most as u64);
                return Err(limit.in_row(row.number));
            }
        }
        Ok(())
    }

    /// Writes the text of a cell, and gives the cell.
    fn cell(&mut self, row: &Row<'_>, number: usize) -> Cell {
        let Columns {
            columns, records, ..
        } = &mut self.columns;
        let Some(column) = columns.get(number) else {
            return Cell::default();
        };
        let (mut cell, text) = row.cell(column.source);
        let record = records.get(column.record);
        let is_there = record.is_some_and(|record| record.is_there);
        let place = self
            .plan
            .place(record.map_or(usize::MAX, |record| record.place));
        let member = column
            .member
            .and_then(|at| Some((at, place.members.get(at)?)));
        let Some((at, member)) = member else {
            self.bytes.extend_from_slice(text);
            return cell;
        };
        let is_count = matches!(member.holds, Holds::Count(..));
        if is_count && !is_there {
            cell.kind = Kind::Null;
            return cell;
        }
        if !is_count && cell.kind != Kind::Nested {
            let notice = member.rule.judge(cell.kind, text).filter(|_| is_there);
            if let Some(notice) = notice {
                self.state.findings.note(notice, column.path, row.number);
            }
            self.bytes.extend_from_slice(text);
            return cell;
        }
        self.tokens.clear();
        if !is_count {
            tape::read(text, &mut self.tokens);
        }
        open_levels(records, column.record, at, &mut self.state.levels);
        let start = self.bytes.len();
        let mut nested = Nested {
            plan: &self.plan,
            state: &mut self.state,
            text,
            tokens: &self.tokens,
            pretty: false,
            most: start.saturating_add(self.most),
        };
        nested.member_value(member, Some(0), 0, &mut self.bytes);
        close_levels(records, column.record, &mut self.state.levels);
        let is_null = self.bytes.get(start) == Some(&b'n');
        cell.kind = match is_count {
            true => Kind::Number,
            // It was a record that is not chosen.
            false if is_null => Kind::Null,
            false => cell.kind,
        };
        cell
    }

    /// What is known from the rows so far, for [`restore`](Self::restore).
    pub(crate) fn state(&self) -> (Setting, Setting) {
        (self.state.state(), self.columns.state())
    }

    /// Goes on from a state; `None` where it is none.
    pub(crate) fn restore(&mut self, state: &Setting, columns: Option<&Setting>) -> Option<()> {
        if let Some(columns) = columns {
            self.columns.restore(columns)?;
        }
        self.state.restore(state)
    }

    /// What was noticed, apart from what the reader has.
    pub(crate) fn warnings(&self) -> Vec<Warning> {
        let mut warnings = self.state.findings.warnings();
        if self.taken > 0 {
            warnings.extend(self.columns.unknown.iter().map(|(name, is_described)| {
                let detail = if *is_described { " a second time" } else { "" };
                let notice = Notice::UnknownField;
                warning(notice, Some(name), self.taken, self.first, detail)
            }));
        }
        warnings
    }

    /// The fields of the data that are not among the columns written.
    pub(crate) fn unmapped<'s>(&'s self, rows: &RowBuilder) -> Vec<&'s str> {
        let columns = self.columns().iter().zip(&self.is_written);
        let columns = columns.filter(|(column, is_written)| {
            let source = column.source;
            !*is_written && source.is_some_and(|source| rows.header.is_seen(source))
        });
        columns.map(|(column, _)| column.name.as_str()).collect()
    }
}

/// What is wrong with a cell whose kind does not tell that it will do.
fn look_closer(
    column: &ShapedColumn,
    records: &[FlatRecord],
    cell: Cell,
    row: &Row<'_>,
    tokens: &mut Vec<Token>,
) -> Option<Notice> {
    let rule = column.rule.as_ref()?;
    if column.record > 0 && !records.get(column.record)?.is_there {
        return None;
    }
    let text = cell.text(row.bytes);
    let notice = rule.judge(cell.kind, text);
    if notice.is_none() && cell.kind == Kind::Nested && rule.wants_items() {
        tape::read(text, tokens);
        let fit = rule.fit_items(text, tokens, 0);
        return (!fit).then_some(Notice::FieldType);
    }
    notice
}

/// Opens a record and those that it lies in, with what they have counted so far.
fn open_levels(records: &mut [FlatRecord], record: usize, member: usize, levels: &mut Vec<Level>) {
    levels.clear();
    let (mut at, mut member) = (record, member);
    while let Some(record) = records.get_mut(at) {
        levels.push(Level {
            place: record.place,
            member,
            counts: std::mem::take(&mut record.counts),
        });
        if at == 0 {
            break;
        }
        (at, member) = (record.parent, record.member);
    }
    levels.reverse();
}

/// Takes back what was counted.
fn close_levels(records: &mut [FlatRecord], record: usize, levels: &mut Vec<Level>) {
    let mut at = record;
    while let (Some(level), Some(record)) = (levels.pop(), records.get_mut(at)) {
        record.counts = level.counts;
        at = record.parent;
    }
}
