//! The rows of a table by the definition of their records: chosen, checked, and with their nested values in
//! order.

use std::borrow::Cow;

use super::condition::Verdict;
use super::nested::{Nested, State};
use super::plan::{Given, Holds, Plan};
use super::rule::Rule;
use super::tape::{self, Token};
use super::untyped::Untyped;
use crate::catalog::{Resource, Selection};
use crate::error::{Error, Result};
use crate::read::{Reading, RowBuilder};
use crate::report::{Notice, Warning, warning};
use crate::settings::Setting;
use crate::table::Column;
use crate::value::{Cell, Kind, Row, Rows};

/// What stands between the reader of a table and its writer.
pub(crate) struct RowShaper {
    plan: Plan,
    state: State,
    columns: Vec<ShapedColumn>,
    /// For each member of the record its column in the source.
    sources: Vec<Option<u32>>,
    /// The columns of the source that no field describes and that are left out.
    unknown: Vec<String>,
    /// What tells types from texts, where the source has none.
    untyped: Option<Untyped>,
    /// Cells are made anew, since there are counts and nested records.
    converts: bool,
    /// How many bytes a cell may become.
    most: usize,
    tokens: Vec<Token>,
    bytes: Vec<u8>,
    cells: Vec<Cell>,
    ends: Vec<u32>,
}

/// A column as it leaves the shaper.
pub(crate) struct ShapedColumn {
    pub(crate) name: String,
    /// The column of the source.
    pub(crate) source: Option<u32>,
    /// The member of the record; `None` for one that no field describes.
    member: Option<usize>,
    rule: Option<Rule>,
    /// The number of its name among the findings.
    path: u32,
}

impl ShapedColumn {
    /// A row that lacks it gets a null in its place.
    pub(crate) fn is_required(&self) -> bool {
        self.rule.as_ref().is_some_and(|rule| !rule.optional)
    }

    /// Whether it holds numbers; `None` where no definition says it.
    pub(crate) fn is_numeric(&self) -> Option<bool> {
        self.rule.as_ref().map(Rule::is_numeric)
    }
}

impl RowShaper {
    /// A shaper for a table type.
    pub(crate) fn new(resource: &Resource, selection: &Selection, reading: &Reading) -> Self {
        let plan = Plan::new(resource, selection, &Given::default());
        let members = plan.place(0).members.iter();
        let converts = members
            .filter(|member| !member.left_out)
            .any(|member| !matches!(member.holds, Holds::Value));
        let mut state = State::new(&plan, &reading.limits);
        state.enter(&plan, 0);
        Self {
            state,
            plan,
            columns: Vec::new(),
            sources: Vec::new(),
            unknown: Vec::new(),
            untyped: reading.source.is_delimited().then(Untyped::default),
            converts,
            most: usize::try_from(reading.limits.row_bytes).unwrap_or(usize::MAX),
            tokens: Vec::new(),
            bytes: Vec::new(),
            cells: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Finds out where the values of each field come from, once the header is known.
    pub(crate) fn begin(&mut self, rows: &RowBuilder) {
        let place = self.plan.place(0);
        self.columns.clear();
        self.unknown.clear();
        let mut add = |name: &str, source, member, rule| {
            let path = self.state.findings.path(name);
            self.columns.push(ShapedColumn {
                name: name.into(),
                source,
                member,
                rule,
                path: path.unwrap_or(u32::MAX),
            });
        };
        self.sources.clear();
        for (number, member) in place.members.iter().enumerate() {
            let source = rows.header.find(member.name.as_bytes(), number as u32);
            self.sources.push(source);
            if !member.left_out {
                add(
                    &member.name,
                    source,
                    Some(number),
                    Some(member.rule.clone()),
                );
            }
        }
        for (source, name) in (0..).zip(rows.header.names()) {
            match place.find_name(name) {
                Some(_) => {}
                None if place.open => add(name, Some(source), None, None),
                None => self.unknown.push(name.clone()),
            }
        }
    }

    pub(crate) fn columns(&self) -> &[ShapedColumn] {
        &self.columns
    }

    /// The column that has a name.
    pub(crate) fn column(&self, name: &str) -> Option<&ShapedColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Where a column stands in the rows that [`each`](Self::each) gives.
    pub(crate) fn place_of(&self, name: &str) -> Option<u32> {
        match self.converts {
            true => {
                let mut columns = (0..).zip(&self.columns);
                let found = columns.find(|(_, column)| column.name == name);
                found.map(|(number, _)| number)
            }
            false => self.column(name)?.source,
        }
    }

    /// Where a column stands that holds nested records, and the steps down from there, for a key that is no
    /// column's name.
    pub(crate) fn path_of(&self, key: &str) -> Option<(u32, Vec<String>)> {
        if self.column(key).is_some() {
            return None;
        }
        let (root, steps) = key.split_once('.')?;
        let steps = steps.split('.').map(Into::into);
        Some((self.place_of(root)?, steps.collect()))
    }

    /// Gives the rows that are chosen, run by run.
    ///
    /// # Errors
    ///
    /// `limit_exceeded` where a row becomes too long.
    pub(crate) fn each(&mut self, rows: Rows<'_>, write: &mut dyn FnMut(Rows<'_>)) -> Result<()> {
        let Some(mut untyped) = self.untyped.take() else {
            return self.each_typed(rows, write);
        };
        let rules = self.columns.iter();
        let rules = rules.filter_map(|column| Some((column.source?, column.rule.as_ref()?)));
        let typed = untyped.read(rows, rules);
        let result = self.each_typed(typed, write);
        self.untyped = Some(untyped);
        result
    }

    fn each_typed(&mut self, rows: Rows<'_>, write: &mut dyn FnMut(Rows<'_>)) -> Result<()> {
        let mut from = 0;
        let count = rows.ends.len();
        while from < count {
            let (skipped, taken) = self.run(rows.part(from, count));
            let run = rows.part(from + skipped, taken);
            from += skipped + taken;
            if taken == 0 {
                continue;
            }
            match self.converts {
                true => {
                    self.convert(run)?;
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

    /// How many rows are left out before the next run of rows that are chosen, and how many that run has.
    fn run(&mut self, rows: Rows<'_>) -> (usize, usize) {
        let (mut skipped, mut taken) = (0, 0);
        for row in rows.iter() {
            match self.verdict(&row) {
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
                    if !self.converts {
                        self.check(&row);
                    }
                }
                _ if taken > 0 => break,
                verdict => {
                    skipped += 1;
                    if verdict == Verdict::Unclear {
                        self.note_unclear(&row);
                    }
                }
            }
        }
        (skipped, taken)
    }

    /// Whether a row meets all conditions.
    #[inline]
    fn verdict(&self, row: &Row<'_>) -> Verdict {
        for condition in &self.plan.place(0).conditions {
            let verdict = condition.judge(|member| self.member(row, member));
            if verdict != Verdict::Chosen {
                return verdict;
            }
        }
        Verdict::Chosen
    }

    /// The value of a member of the record.
    fn member<'r>(&self, row: &Row<'r>, member: usize) -> (Kind, Cow<'r, [u8]>) {
        let (cell, text) = row.cell(self.sources.get(member).copied().flatten());
        (cell.kind, Cow::Borrowed(text))
    }

    #[cold]
    fn note_unclear(&mut self, row: &Row<'_>) {
        let place = self.plan.place(0);
        let unclear = place.conditions.iter().find(|condition| {
            let verdict = condition.judge(|member| self.member(row, member));
            verdict == Verdict::Unclear
        });
        let member = unclear.and_then(|condition| condition.members.first());
        if let Some(member) = member.and_then(|member| place.members.get(*member)) {
            let findings = &mut self.state.findings;
            let row = Some(row.number);
            findings.note_at(Notice::FilterMismatch, &member.name, row, 1);
        }
    }

    /// Checks a row that is written as it stands.
    fn check(&mut self, row: &Row<'_>) {
        for column in &self.columns {
            let Some(rule) = &column.rule else {
                continue;
            };
            let (cell, text) = row.cell(column.source);
            let mut notice = rule.judge(cell.kind, text);
            if notice.is_none() && cell.kind == Kind::Nested && rule.wants_items() {
                tape::read(text, &mut self.tokens);
                let fit = rule.fit_items(text, &self.tokens, 0);
                notice = (!fit).then_some(Notice::FieldType);
            }
            if let Some(notice) = notice {
                self.state.findings.note(notice, column.path, row.number);
            }
        }
    }

    /// Makes the cells of rows anew.
    fn convert(&mut self, rows: Rows<'_>) -> Result<()> {
        self.bytes.clear();
        self.cells.clear();
        self.ends.clear();
        let place = self.plan.place(0);
        for row in rows.iter() {
            self.state.row = Some(row.number);
            if let Some(record) = self.state.levels.first_mut() {
                record.counts.fill(0);
            }
            for column in &self.columns {
                let (mut cell, text) = row.cell(column.source);
                let start = self.bytes.len();
                let found = column.member.map(|at| (at, place.members.get(at)));
                if let Some((at, Some(member))) = found {
                    let is_count = matches!(member.holds, Holds::Count(..));
                    let is_nested = cell.kind == Kind::Nested;
                    self.state.go_to(at);
                    if is_count || is_nested {
                        self.tokens.clear();
                        if is_nested {
                            tape::read(text, &mut self.tokens);
                        }
                        let mut nested = Nested {
                            plan: &self.plan,
                            state: &mut self.state,
                            text,
                            tokens: &self.tokens,
                            pretty: false,
                            most: start.saturating_add(self.most),
                        };
                        nested.member_value(member, Some(0), 0, &mut self.bytes);
                        let is_null = self.bytes.get(start) == Some(&b'n');
                        cell.kind = match is_count {
                            true => Kind::Number,
                            // It was a record that is not chosen.
                            false if is_null => Kind::Null,
                            false => cell.kind,
                        };
                    } else {
                        if let Some(notice) = member.rule.judge(cell.kind, text) {
                            let findings = &mut self.state.findings;
                            findings.note(notice, column.path, row.number);
                        }
                        self.bytes.extend_from_slice(text);
                    }
                } else {
                    self.bytes.extend_from_slice(text);
                }
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

    /// What is known from the rows so far, for [`restore`](Self::restore).
    pub(crate) fn state(&self) -> Setting {
        self.state.state()
    }

    /// Goes on from a state; `None` where it is none.
    pub(crate) fn restore(&mut self, state: &Setting) -> Option<()> {
        self.state.restore(state)
    }

    /// What was noticed, apart from what the reader has.
    pub(crate) fn warnings(&self, rows: &RowBuilder) -> Vec<Warning> {
        let mut warnings = self.state.findings.warnings();
        if rows.complete > 0 {
            warnings.extend(self.unknown.iter().map(|name| {
                let notice = Notice::UnknownField;
                warning(notice, Some(name), rows.complete, Some(1), "")
            }));
        }
        warnings
    }

    /// The fields of the data that are not among the columns written.
    pub(crate) fn unmapped<'s, 'w>(
        &'s self,
        rows: &RowBuilder,
        written: impl Iterator<Item = &'w Column> + Clone,
    ) -> Vec<&'s str> {
        let is_written = |name: &str| {
            let mut keys = written.clone().map(|column| column.key.as_str());
            keys.any(|key| {
                key.strip_prefix(name)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        };
        let columns = self.columns.iter().filter(|column| {
            let seen = column
                .source
                .is_some_and(|source| rows.header.is_seen(source));
            seen && !is_written(&column.name)
        });
        columns.map(|column| column.name.as_str()).collect()
    }
}
