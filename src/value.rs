//! Cells, and batches of rows over one byte buffer.
//!
//! A reader fills a batch; a writer reads it through [`Rows`]. A cell is a kind and a slice of the
//! buffer, so a value that needs no change is never copied between input and output.

/// What a cell holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// The record has no such member.
    #[default]
    Missing,
    /// JSON's `null`.
    Null,
    /// `true` or `false`, as text.
    Bool,
    /// A number, as the text it has in the source.
    Number,
    /// Decoded text.
    Text,
    /// An array or object as compact JSON text, written as `JSON.stringify` would.
    Nested,
    /// What a number format made of a number, a boolean, a date or a duration.
    Formatted,
}

/// One cell: its kind and where its text lies.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cell {
    pub(crate) kind: Kind,
    /// The text may hold `"`, `\` or a control character. Where this is false, a writer of JSON
    /// copies the text as it is.
    pub(crate) escaped: bool,
    pub(crate) start: u32,
    pub(crate) len: u32,
}

impl Cell {
    /// The cell's text within the buffer that it belongs to.
    pub(crate) fn text<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        let start = self.start as usize;
        bytes
            .get(start..start + self.len as usize)
            .unwrap_or_default()
    }
}

/// A borrowed batch of rows: row-major cells over one buffer.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) cells: &'a [Cell],
    /// The index of the first row's first cell.
    pub(crate) start: u32,
    /// For each row the index behind its last cell.
    pub(crate) ends: &'a [u32],
    /// The number of the first row, counted from 1.
    pub(crate) first: u64,
}

impl<'a> Rows<'a> {
    /// At most `len` rows, from the row with this index on.
    pub(crate) fn part(self, from: usize, len: usize) -> Self {
        let to = self.ends.len().min(from + len);
        let before = from.checked_sub(1).and_then(|last| self.ends.get(last));
        Self {
            start: before.copied().unwrap_or(self.start),
            ends: self.ends.get(from..to).unwrap_or_default(),
            first: self.first + from as u64,
            ..self
        }
    }

    /// The rows in order.
    pub(crate) fn iter(self) -> impl Iterator<Item = Row<'a>> {
        let mut start = self.start as usize;
        let numbers = self.first..;
        self.ends.iter().zip(numbers).map(move |(&end, number)| {
            let cells = self.cells.get(start..end as usize).unwrap_or_default();
            start = end as usize;
            Row {
                bytes: self.bytes,
                cells,
                number,
            }
        })
    }
}

/// One row of a batch.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    /// The buffer that the cells lie in.
    pub(crate) bytes: &'a [u8],
    cells: &'a [Cell],
    /// Counted from 1.
    pub(crate) number: u64,
}

impl<'a> Row<'a> {
    /// The cells in the order of the source.
    pub(crate) fn cells(&self) -> &'a [Cell] {
        self.cells
    }

    /// The cell of a source column. What the row lacks, since it is shorter than the
    /// header or the data have no such column, is [`Kind::Missing`].
    #[inline(always)]
    pub(crate) fn cell_of(&self, column: Option<u32>) -> Cell {
        let cell = column.and_then(|column| self.cells.get(column as usize));
        cell.copied().unwrap_or_default()
    }

    /// The cell of a source column and its text.
    pub(crate) fn cell(&self, column: Option<u32>) -> (Cell, &'a [u8]) {
        let cell = self.cell_of(column);
        (cell, cell.text(self.bytes))
    }
}
