//! Flattening: the members of nested records become columns of their own, `user.name`.

use super::parser::{Event, Span};
use super::reader::JsonReader;
use super::shape::State;
use crate::error::Result;
use crate::report::Notice;
use crate::text::json;
use crate::value::{Cell, Kind};

/// The members that are open, from the record down to the value that is being read.
#[derive(Default)]
pub(crate) struct Flatten {
    /// The keys, with dots between them.
    path: Vec<u8>,
    /// For each open nested record the length of its own path, and whether it had no member yet.
    open: Vec<(usize, bool)>,
    /// Where to go on when the record's member is complete.
    home: Option<State>,
}

impl Flatten {
    /// The nested record that is open has no member yet.
    pub(super) fn is_at_start(&self) -> bool {
        self.open.last().is_some_and(|(_, empty)| *empty)
    }
}

impl JsonReader {
    /// A member of a record, or of one nested in it: its column is known with its value.
    pub(super) fn flat_member(&mut self, key: Span, home: State) {
        let flatten = &mut self.flatten;
        match flatten.open.last_mut() {
            Some((len, empty)) => {
                *empty = false;
                flatten.path.truncate(*len);
                flatten.path.push(b'.');
            }
            None => {
                flatten.path.clear();
                flatten.home = Some(home);
            }
        }
        let literal = self.bytes.get(key.start..key.end).unwrap_or_default();
        if key.escaped {
            if json::unescape(literal, &mut flatten.path) {
                let row = self.rows.number();
                self.rows
                    .notes
                    .count(Notice::LoneSurrogate, None, Some(row), 1);
            }
        } else {
            flatten.path.extend_from_slice(literal);
        }
        self.state = State::FlatValue;
    }

    /// The first event of a member's value.
    pub(super) fn flat_value(&mut self, event: Event) -> Result<()> {
        if matches!(event, Event::BeginObject) {
            self.flatten.open.push((self.flatten.path.len(), true));
            self.state = State::Flat;
            return Ok(());
        }
        self.home = self.flat_home();
        match self.rows.column(&self.flatten.path)? {
            Some(column) => self.value(event, Some(column)),
            None => {
                self.state = self.home;
                self.skip_from(event, self.home);
                Ok(())
            }
        }
    }

    /// A nested record is complete. One without members is a value itself.
    pub(super) fn flat_end(&mut self) -> Result<()> {
        let Some((len, empty)) = self.flatten.open.pop() else {
            return Ok(());
        };
        self.flatten.path.truncate(len);
        self.state = self.flat_home();
        if !empty {
            return Ok(());
        }
        // The brackets, with white space between them perhaps, have been read and can be written
        // over.
        let start = self.parser.pos().saturating_sub(2);
        if let Some(place) = self.bytes.get_mut(start..start + 2) {
            place.copy_from_slice(b"{}");
        }
        if let Some(column) = self.rows.column(&self.flatten.path)? {
            let cell = Cell {
                kind: Kind::Nested,
                escaped: true,
                start: start as u32,
                len: 2,
            };
            self.rows.put(column, cell);
        }
        Ok(())
    }

    fn flat_home(&self) -> State {
        match (self.flatten.open.last(), self.flatten.home) {
            (Some(_), _) => State::Flat,
            (None, home) => home.unwrap_or(State::Record),
        }
    }
}
