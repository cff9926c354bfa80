//! The conversion of cells, a batch at a time.
//!
//! What is not of its column's type is written as it stands and reported: no value is bent.

use super::Place;
use super::tally::Tally;
use crate::number_format::{Marks, Moment, NumberFormat, parse_duration};
use crate::report::{Notes, Notice};
use crate::settings::Setting;
use crate::table::{Column, ColumnType};
use crate::text::json;
use crate::value::{Cell, Kind, Rows};
use crate::zone::Zone;

/// Converts rows of the source into rows that have a cell for each column that is written.
#[derive(Clone)]
pub(crate) struct Typing {
    columns: Vec<TypedColumn>,
    context: Context,
    bytes: Vec<u8>,
    cells: Vec<Cell>,
    ends: Vec<u32>,
}

#[derive(Clone)]
struct TypedColumn {
    place: Place,
    column_type: Option<ColumnType>,
    format: Option<NumberFormat>,
    tally: Option<Tally>,
    /// A row was seen that has the path.
    found: bool,
}

#[derive(Clone)]
struct Context {
    zone: Zone,
    marks: Marks,
}

impl Typing {
    /// `None` where the cells of the source can be written as they are.
    pub(crate) fn new<'a>(
        columns: impl Iterator<Item = (&'a Column, Place)>,
        zone: &Zone,
        decimal: u8,
    ) -> Option<Self> {
        let columns: Vec<_> = columns
            .map(|(column, place)| TypedColumn {
                place,
                column_type: column.column_type,
                format: column.format.clone(),
                tally: column.total.map(Tally::new),
                found: false,
            })
            .collect();
        let needed = |column: &TypedColumn| {
            column.column_type.is_some() || column.tally.is_some() || column.place.path.is_some()
        };
        columns.iter().any(needed).then(|| Self {
            columns,
            context: Context {
                zone: zone.clone(),
                marks: Marks::of(decimal),
            },
            bytes: Vec::new(),
            cells: Vec::new(),
            ends: Vec::new(),
        })
    }

    /// Converts a batch.
    pub(crate) fn convert(&mut self, rows: Rows<'_>, notes: &mut Notes) -> Rows<'_> {
        self.bytes.clear();
        self.cells.clear();
        self.ends.clear();
        for row in rows.iter() {
            for (number, column) in self.columns.iter_mut().enumerate() {
                let (mut cell, mut text) = row.cell(column.place.column);
                let start = self.bytes.len();
                let mut scratch = Vec::new();
                if let (Kind::Missing, Some((source, steps))) = (cell.kind, &column.place.path) {
                    let (nested, outer) = row.cell(Some(*source));
                    if nested.kind == Kind::Nested
                        && let Some(value) = steps
                            .iter()
                            .try_fold(outer, |value, step| json::member(value, step))
                    {
                        column.found = true;
                        (cell, text) = nested_cell(value, &mut scratch);
                    }
                }
                let converted = self.context.convert(column, cell, text, &mut self.bytes);
                let (kind, escaped) = converted.unwrap_or_else(|| {
                    notes.cell(Notice::TypeMismatch, number as u32, row.number);
                    self.bytes.truncate(start);
                    self.bytes.extend_from_slice(text);
                    (cell.kind, cell.escaped)
                });
                if let Some(tally) = &mut column.tally {
                    tally.add(cell.kind, kind, text);
                }
                self.cells.push(Cell {
                    kind,
                    escaped,
                    start: start as u32,
                    len: (self.bytes.len() - start) as u32,
                });
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

    /// Whether a column that is a path was found in a row.
    pub(crate) fn has_found(&self, column: usize) -> bool {
        self.columns.get(column).is_some_and(|column| column.found)
    }

    /// What is known of the columns from the rows so far, for [`restore`](Self::restore).
    pub(crate) fn state(&self) -> Setting {
        let columns = self.columns.iter().map(|column| {
            let tally = column.tally.as_ref();
            let tally = tally.map_or(Setting::Null, Tally::state);
            Setting::List(vec![Setting::Bool(column.found), tally])
        });
        Setting::List(columns.collect())
    }

    /// Goes on from a state; `None` where it is none of these columns.
    pub(crate) fn restore(&mut self, state: &Setting) -> Option<()> {
        let columns = state.as_list()?;
        if columns.len() != self.columns.len() {
            return None;
        }
        for (column, state) in self.columns.iter_mut().zip(columns) {
            let [found, tally] = state.as_list()? else {
                return None;
            };
            column.found = found.as_bool()?;
            match &mut column.tally {
                Some(known) => known.restore(tally)?,
                None if *tally == Setting::Null => {}
                None => return None,
            }
        }
        Some(())
    }

    /// The texts of the row of totals; none where no column asks for one.
    pub(crate) fn totals(&self, notes: &mut Notes) -> Vec<Option<String>> {
        if self.columns.iter().all(|column| column.tally.is_none()) {
            return Vec::new();
        }
        let columns = self.columns.iter().enumerate();
        columns
            .map(|(number, column)| {
                let tally = column.tally.as_ref()?;
                let Some(total) = tally.text() else {
                    if tally.is_inexact() {
                        notes.count(Notice::InexactTotal, Some(number as u32), None, 1);
                    }
                    return None;
                };
                let mut shown = Vec::new();
                if !tally.counts()
                    && let Some(format) = &column.format
                    && format.number(total.as_bytes(), self.context.marks, &mut shown)
                {
                    return String::from_utf8(shown).ok();
                }
                Some(total)
            })
            .collect()
    }
}

impl Context {
    /// Appends the text of a cell as its column has it, with its kind and whether it may need
    /// escapes in JSON; `None` where the value is not of the column's type.
    fn convert(
        &self,
        column: &TypedColumn,
        cell: Cell,
        text: &[u8],
        out: &mut Vec<u8>,
    ) -> Option<(Kind, bool)> {
        let unchanged = |kind: Kind, out: &mut Vec<u8>| {
            out.extend_from_slice(text);
            Some((kind, cell.escaped))
        };
        let (Some(column_type), false) = (
            column.column_type,
            matches!(cell.kind, Kind::Missing | Kind::Null),
        ) else {
            return unchanged(cell.kind, out);
        };
        match column_type {
            ColumnType::Text | ColumnType::Link => match &column.format {
                Some(format) => {
                    format.text(text, out);
                    Some((Kind::Text, true))
                }
                None => unchanged(Kind::Text, out),
            },
            ColumnType::Integer
            | ColumnType::Number
            | ColumnType::Percent
            | ColumnType::Currency => {
                let is_number = match cell.kind {
                    Kind::Number => true,
                    Kind::Text => json::is_number(text),
                    _ => false,
                };
                if !is_number {
                    let format = column.format.as_ref()?;
                    if cell.kind != Kind::Text || !format.takes_text() {
                        return None;
                    }
                    format.text(text, out);
                    return Some((Kind::Text, true));
                }
                if column_type == ColumnType::Integer && !json::is_whole(text) {
                    return None;
                }
                match &column.format {
                    Some(format) => format
                        .number(text, self.marks, out)
                        .then_some((Kind::Formatted, true)),
                    None => unchanged(Kind::Number, out),
                }
            }
            ColumnType::Boolean => {
                let value = match (cell.kind, text) {
                    (Kind::Bool | Kind::Text, b"true") | (Kind::Number, b"1") => true,
                    (Kind::Bool | Kind::Text, b"false") | (Kind::Number, b"0") => false,
                    _ => return None,
                };
                let Some(format) = &column.format else {
                    let word: &[u8] = if value { b"true" } else { b"false" };
                    out.extend_from_slice(word);
                    return Some((Kind::Bool, false));
                };
                let number = if value { b"1" } else { b"0" };
                format.number(number, self.marks, out);
                Some((Kind::Formatted, true))
            }
            ColumnType::Date | ColumnType::DateTime => {
                let moment = match cell.kind {
                    Kind::Text => Moment::parse(text)?,
                    Kind::Number => Moment::from_millis(text)?,
                    _ => return None,
                };
                let local = moment.in_zone(&self.zone)?;
                match &column.format {
                    Some(format) => {
                        format.moment(local, self.marks, out);
                        return Some((Kind::Formatted, true));
                    }
                    None if column_type == ColumnType::Date => local.write_date(out),
                    None if cell.kind == Kind::Text && local.offset == moment.offset => {
                        out.extend_from_slice(text);
                    }
                    None => local.write_rfc3339(out),
                }
                Some((Kind::Text, false))
            }
            ColumnType::Duration => {
                let is_number = match cell.kind {
                    Kind::Number => true,
                    Kind::Text => false,
                    _ => return None,
                };
                let duration = parse_duration(text, is_number)?;
                match &column.format {
                    Some(format) => {
                        format.moment(duration, self.marks, out);
                        Some((Kind::Formatted, true))
                    }
                    None => unchanged(cell.kind, out),
                }
            }
        }
    }
}

/// A value out of a nested record as a cell. A text with escapes is undone in `scratch`.
fn nested_cell<'a>(value: &'a [u8], scratch: &'a mut Vec<u8>) -> (Cell, &'a [u8]) {
    let (kind, escaped, text) = json::cell_of(value, scratch);
    let cell = Cell {
        kind,
        escaped,
        ..Cell::default()
    };
    (cell, text)
}
