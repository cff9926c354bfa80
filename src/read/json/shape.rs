//! Where the table lies in a JSON document: an array of records, `{items}`, `{columns, rows}` in
//! either order, or one record.

use super::parser::{Event, Span};
use super::reader::JsonReader;
use super::tree::string;
use crate::error::{Error, ErrorKind, Result};
use crate::read::LISTED;
use crate::read::rows::RowKind;
use crate::report::Notice;
use crate::settings::Setting;
use crate::table::Column;
use crate::text::json;

/// What the next event belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
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
    /// The members of a record nested in a record, where these are columns too.
    Flat,
    /// The value of a member that may be such a record.
    FlatValue,
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

impl JsonReader {
    /// Takes the next event.
    pub(super) fn event(&mut self, event: Event) -> Result<()> {
        match (self.state, event) {
            (State::Record, Event::Key(key)) => self.member(key, State::Record),
            (State::Value(column), _) => self.value(event, Some(column)),
            (State::Record, _) => {
                self.rows.end();
                self.state = State::Rows;
                Ok(())
            }
            (State::Flat, Event::Key(key)) => {
                self.flat_member(key, State::Flat);
                Ok(())
            }
            (State::Flat, _) => self.flat_end(),
            (State::FlatValue, _) => self.flat_value(event),
            (State::List, Event::EndArray) => {
                self.rows.end();
                self.state = State::Rows;
                Ok(())
            }
            (State::List, _) => match self.rows.next_position()? {
                Some(_) => self.value(event, None),
                None => {
                    self.state = State::List;
                    self.skip_from(event, State::List);
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
                if self.tree.len() as u64 > self.reading.limits.columns {
                    return Err(Error::limit("columns", self.reading.limits.columns));
                }
                if let Some(columns) = self.tree.event(event, &self.bytes) {
                    self.state = State::Members;
                    let lone = std::mem::take(&mut self.tree.lone_surrogates);
                    if lone > 0 {
                        let notes = &mut self.rows.notes;
                        notes.count(Notice::LoneSurrogate, None, None, lone);
                    }
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
        let on_path = self.reading.path.get(level) == Some(&name);
        if self.found && on_path {
            return Err(Error::not_tabular(format!(
                "it has {} twice",
                self.path(level + 1)
            )));
        }
        if !on_path {
            // Beside the data of a request document stand its options.
            if !(self.reading.document && level == 0) {
                self.note_beside(name);
            }
            self.skip_value(State::PathMembers(level));
        } else if level + 1 == self.reading.path.len() {
            self.found = true;
            self.beside_table = (self.beside.len(), self.beside_count);
            self.state = State::Table;
        } else {
            self.state = State::Path(level + 1);
        }
        Ok(())
    }

    fn note_beside(&mut self, name: String) {
        self.beside_count += 1;
        if self.beside.len() < LISTED {
            self.beside.push(name);
        }
    }

    fn table_complete(&mut self) {
        if !self.envelope {
            // They were the members of a record.
            let (listed, count) = self.beside_table;
            self.beside.truncate(listed);
            self.beside_count = count;
        }
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
            self.note_beside(name);
            if self.envelope {
                self.skip_value(State::Members);
                return Ok(());
            }
            return self.member(key, State::Members);
        }
        if !self.envelope {
            if cfg!(feature = "full") && self.rows.is_fixed() {
                let reason = "the rest of the rows are to be an array of objects";
                return Err(Error::not_tabular(reason));
            }
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
        if self.reading.flatten {
            self.flat_member(key, home);
            return Ok(());
        }
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

    /// Passes over a cell whose first event was just read.
    pub(super) fn skip_from(&mut self, event: Event, home: State) {
        if matches!(event, Event::BeginArray | Event::BeginObject) {
            self.home = home;
            self.state = State::Skip(self.parser.depth() - 1);
        }
    }
}

/// The columns that the data declares, as names or as `{key, label}` with whatever else beside: the
/// data of other programs may carry members of any meaning.
fn declared_columns(columns: &Setting) -> Result<Vec<Column>> {
    let Setting::List(items) = columns else {
        return Err(mistyped("columns", "a list of columns", columns));
    };
    let mut columns = Vec::new();
    columns.try_reserve_exact(items.len())?;
    for (number, item) in items.iter().enumerate() {
        let members: &[_] = match item {
            Setting::Text(key) => {
                columns.push(Column::new(key));
                continue;
            }
            Setting::Map(members) => members,
            Setting::Null => &[],
            other => return Err(mistyped(&format!("columns[{number}]"), "an object", other)),
        };
        let text = |name: &str| {
            // Of members that stand twice the last one holds, as in JavaScript.
            let member = members.iter().rev().find(|(key, _)| key == name);
            match member.map(|(_, value)| value) {
                None | Some(Setting::Null) => Ok(None),
                Some(Setting::Text(text)) => Ok(Some(text)),
                Some(other) => Err(mistyped(
                    &format!("columns[{number}].{name}"),
                    "text",
                    other,
                )),
            }
        };
        let Some(key) = text("key")? else {
            let reason = "is missing; a column is a name or {key, label}";
            return Err(Error::not_tabular(format!(
                "`columns[{number}].key` {reason}"
            )));
        };
        let mut column = Column::new(key);
        if let Some(label) = text("label")? {
            column.label.clone_from(label);
        }
        columns.push(column);
    }
    Ok(columns)
}

fn mistyped(path: &str, wanted: &str, found: &Setting) -> Error {
    let found = found.noun();
    Error::not_tabular(format!("`{path}` takes {wanted}, not {found}"))
}
