//! What the definition of a resource says of the records that are read, and what records hold beyond that.

use super::CELL_WEIGHT;
use super::rows::RowBuilder;
use crate::table::Header;

/// What a value that was left out weighs in the look-ahead: as much as what is remembered of it.
const LEFT_OUT_WEIGHT: u64 = 3 * CELL_WEIGHT;

/// What the definition of a resource says of the records that are read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Described {
    /// The columns that the header starts with.
    pub(crate) names: Header,
    /// Further columns may lie in these; in the one without a name, anywhere.
    pub(crate) prefixes: Header,
}

impl Described {
    /// Whether there may be a column of a name.
    fn admits(&self, name: &str) -> bool {
        let has = |prefix: &str| self.prefixes.find(prefix.as_bytes(), 0).is_some();
        has("") || places(name).any(has)
    }
}

/// The places that a path of names with dots between them leads to, or within: the longest one first.
pub(crate) fn places(path: &str) -> impl Iterator<Item = &str> {
    let dots = path.rmatch_indices('.');
    let before = dots.map(|(at, _)| path.get(..at).unwrap_or_default());
    std::iter::once(path).chain(before)
}

/// Whether a path of names with dots between them leads to a place, or to something within it.
pub(crate) fn is_at_or_below(path: &str, place: &str) -> bool {
    let rest = path.strip_prefix(place);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The values of a row that were left out of one column.
#[derive(Clone, Copy)]
pub(crate) struct LeftOut {
    row: u64,
    /// The column among those that are left out.
    column: u32,
    pub(crate) count: u32,
    /// No definition leaves them out: they came when the header was written.
    pub(crate) is_late: bool,
}

/// The values that were left out of rows that were not released.
#[derive(Default)]
pub(crate) struct LeftOuts {
    /// In the order of their rows.
    values: Vec<LeftOut>,
    /// For each column that is left out the place where its last value may be found.
    places: Vec<u32>,
    /// How many of them belong to complete rows.
    complete: usize,
}

impl LeftOuts {
    /// Whether no row has such values.
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// How many there are in complete rows.
    pub(super) fn complete(&self) -> usize {
        self.complete
    }

    /// Forgets them.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    fn add(&mut self, row: u64, column: u32, is_late: bool) {
        let at = column as usize;
        if self.places.len() <= at {
            self.places.resize(at + 1, u32::MAX);
        }
        let Some(place) = self.places.get_mut(at) else {
            return;
        };
        let known = self.values.get_mut(*place as usize);
        if let Some(known) = known.filter(|known| known.row == row && known.column == column) {
            known.count = known.count.saturating_add(1);
            return;
        }
        *place = self.values.len() as u32;
        self.values.push(LeftOut {
            row,
            column,
            count: 1,
            is_late,
        });
    }

    /// Drops those of the rows before this one.
    pub(super) fn release(&mut self, row: u64) {
        self.complete = 0;
        if self.values.is_empty() {
            return;
        }
        self.values.retain(|value| value.row >= row);
        for (at, value) in (0..).zip(&self.values) {
            if let Some(place) = self.places.get_mut(value.column as usize) {
                *place = at;
            }
        }
    }

    /// Those of a row.
    fn of(&self, row: u64) -> &[LeftOut] {
        let start = self.values.partition_point(|value| value.row < row);
        let values = self.values.get(start..).unwrap_or_default();
        let end = values.partition_point(|value| value.row == row);
        values.get(..end).unwrap_or_default()
    }
}

impl RowBuilder {
    /// The names that are known before the first record: those that are described, and of those that the data
    /// declares the ones that may be columns. What the data declares does not restrict records that are described.
    pub(super) fn described_names(&self) -> Option<Header> {
        let mut header = self.described.as_ref()?.names.clone();
        for column in self.declared.iter().flatten() {
            if header.find(column.key.as_bytes(), 0).is_none() && self.is_open_to(&column.key) {
                header.add(&column.key);
            }
        }
        Some(header)
    }

    /// Whether a column that the data declares may be one, where a definition says what there is.
    pub(super) fn is_open_to(&self, name: &str) -> bool {
        self.described.as_ref().is_none_or(|described| {
            // Flattened, an object has the columns of its members.
            let is_object = || described.prefixes.find(name.as_bytes(), 0).is_some();
            described.admits(name) && !(self.flatten && is_object())
        })
    }

    /// Whether a definition says that there is no column of a name.
    pub(super) fn is_undescribed(&self, name: &str) -> bool {
        let described = self.described.as_ref();
        described.is_some_and(|described| !described.admits(name))
    }

    /// Remembers that the row that is being read has a value that is left out.
    pub(super) fn note_left_out(&mut self, column: u32, is_late: bool) {
        // Of late ones only those matter that may lie within a member.
        if self.described.is_some() && (!is_late || self.flatten) {
            let row = self.number();
            self.left_outs.add(row, column, is_late);
        }
    }

    /// Counts what was left out of the row that is complete now.
    pub(super) fn weigh_left_outs(&mut self) {
        let LeftOuts {
            values, complete, ..
        } = &mut self.left_outs;
        let count = values.len() - std::mem::replace(complete, values.len());
        if !self.fixed {
            self.weight += LEFT_OUT_WEIGHT * count as u64;
        }
    }

    /// The values that were left out of a row, with the names of their columns.
    pub(crate) fn left_out_of(&self, row: u64) -> impl Iterator<Item = (&LeftOut, &str)> {
        let values = self.left_outs.of(row).iter();
        values.map(|value| {
            let name = self.left_out.name(value.column);
            (value, name.unwrap_or_default())
        })
    }
}
