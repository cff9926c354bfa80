//! What a reader knows when an export is suspended between two rows, as data.

use super::rows::{RowBuilder, RowKind};
use crate::report::{Notes, Notice};
use crate::settings::Setting;
use crate::table::Header;

impl RowBuilder {
    /// The header and what was noticed so far, for [`restore`](Self::restore); `None` where rows to
    /// come may not fit: they are lists, or the data has declared its columns.
    pub(crate) fn state(&self) -> Option<Setting> {
        if self.kind == Some(RowKind::List) || self.declared.is_some() {
            return None;
        }
        let names = |header: &Header| {
            let names = header.names().iter().cloned();
            Setting::List(names.map(Setting::Text).collect())
        };
        let columns = 0..self.header.len() as u32;
        let seen = columns.map(|column| {
            if self.header.is_seen(column) {
                '1'
            } else {
                '0'
            }
        });
        Some(Setting::List(vec![
            names(&self.header),
            Setting::Text(seen.collect()),
            notes_state(&self.notes),
            names(&self.left_out),
            notes_state(&self.left_out_notes),
            Setting::count(self.left_out_beyond),
            Setting::count(self.name_bytes),
        ]))
    }

    /// Goes on from a state behind this many rows; `None` where it is none.
    pub(crate) fn restore(&mut self, state: &Setting, rows: u64) -> Option<()> {
        let [
            names,
            seen,
            notes,
            left_out,
            left_out_notes,
            beyond,
            name_bytes,
        ] = state.as_list()?
        else {
            return None;
        };
        let header = |names: &Setting| {
            let mut header = Header::default();
            for name in names.as_list()? {
                header.add(name.as_text()?);
            }
            Some(header)
        };
        self.header = header(names)?;
        let seen = seen.as_text()?;
        if seen.len() != self.header.len() {
            return None;
        }
        for (column, flag) in (0..).zip(seen.bytes()) {
            match flag {
                b'1' => self.header.mark_seen(column),
                b'0' => {}
                _ => return None,
            }
        }
        self.notes = notes_of(notes)?;
        self.left_out = header(left_out)?;
        self.left_out.mark_all_seen();
        self.left_out_notes = notes_of(left_out_notes)?;
        self.left_out_beyond = beyond.as_count()?;
        self.name_bytes = name_bytes.as_count()?;
        self.complete = rows;
        self.continue_records();
        Some(())
    }
}

/// Notices that were counted, for [`notes_of`].
pub(crate) fn notes_state(notes: &Notes) -> Setting {
    let number = |number: Option<u64>| number.map_or(Setting::Null, Setting::count);
    let counts = notes.counts().map(|(notice, column, count, first_row)| {
        Setting::List(vec![
            Setting::Text(notice.code().into()),
            number(column.map(Into::into)),
            Setting::count(count),
            number(first_row),
        ])
    });
    Setting::List(counts.collect())
}

/// Notices from a state; `None` where it is none.
pub(crate) fn notes_of(state: &Setting) -> Option<Notes> {
    let number = |number: &Setting| match number {
        Setting::Null => Some(None),
        number => number.as_count().map(Some),
    };
    let mut notes = Notes::default();
    for counted in state.as_list()? {
        let [code, column, count, first_row] = counted.as_list()? else {
            return None;
        };
        let column = match number(column)? {
            Some(column) => Some(u32::try_from(column).ok()?),
            None => None,
        };
        let notice = Notice::find(code.as_text()?)?;
        notes.count(notice, column, number(first_row)?, count.as_count()?);
    }
    Some(notes)
}
