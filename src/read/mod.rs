//! Sources: they turn input into batches of rows.

mod columns;
#[cfg(feature = "full")]
mod csv;
#[cfg(feature = "catalog")]
mod described;
pub(crate) mod json;
mod rows;
#[cfg(feature = "full")]
mod suspended;

#[cfg(feature = "catalog")]
pub(crate) use described::{Described, is_at_or_below, places};
#[cfg(feature = "full")]
pub(crate) use suspended::{notes_of, notes_state};

use crate::error::{Error, ErrorKind, Result};
use crate::settings::Fields;
use crate::table::Column;
use crate::value::Rows;
pub(crate) use rows::RowBuilder;

/// The most rows that the look-ahead holds.
pub(crate) const LOOK_AHEAD_ROWS: usize = 1_000;

/// How heavy the rows of the look-ahead may be before output starts: the bytes of their text and
/// nested cells and of numbers longer than any of JavaScript, and [`CELL_WEIGHT`] for every cell with a value.
///
/// The weight depends on the values alone, so the same table gives the same look-ahead however it
/// was spaced, cut into chunks or handed over.
pub(crate) const LOOK_AHEAD_WEIGHT: u64 = 1 << 20;

/// How many cells the look-ahead holds, also those without a value, which have no weight but take memory.
pub(crate) const LOOK_AHEAD_CELLS: usize = 2 << 20;

/// What a cell weighs besides its text.
pub(crate) const CELL_WEIGHT: u64 = 8;

/// How many cells a batch holds before it is written.
pub(crate) const BATCH_CELLS: usize = 1_024;

/// How many names a sentence of the report lists.
pub(crate) const LISTED: usize = 20;

/// What the bytes of the input are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// JSON, RFC 8259.
    #[default]
    Json,
    /// JSON Lines: one JSON value per line.
    JsonLines,
    /// CSV, RFC 4180, with a header.
    Csv,
    /// CSV whose cells are separated by tabs, unless the options name a delimiter.
    Tsv,
    /// JavaScript values as JSON in which `none` stands for a number that JSON cannot hold and `lost` for a value that has
    /// no form in a file. Rows may be packed: such a batch is a chunk that starts with a zero byte.
    Values,
}

impl Source {
    /// Cells are separated by delimiters.
    pub(crate) fn is_delimited(self) -> bool {
        matches!(self, Self::Csv | Self::Tsv)
    }
}

/// What the cells of CSV are taken for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum CellTypes {
    /// All cells are text.
    #[default]
    Text,
    /// Cells that look like numbers and booleans of JSON are what they look like.
    Infer,
}

/// What happens to a column that appears after the header was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LateColumns {
    /// The export fails with `late_column`.
    #[default]
    Error,
    /// The column is left out and reported.
    Drop,
}

/// Bounds that hold before memory is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How deep arrays and objects may be nested. Default and most: 128.
    pub depth: u64,
    /// How many columns a table may have. Default: 16,384.
    pub columns: u64,
    /// How many rows a table may have. Default: no limit.
    pub rows: u64,
    /// How many bytes of input one row may take, and one token outside of rows. Default: 32 MiB;
    /// most: 1 GiB.
    pub row_bytes: u64,
    /// How many bytes the input may have. Default: no limit.
    pub input_bytes: u64,
    /// How many bytes the file may have. Default: no limit.
    pub output_bytes: u64,
}

/// The largest integer that JavaScript counts to without a gap: no limit at all in practice.
const UNLIMITED: u64 = (1 << 53) - 1;

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 128,
            columns: 16_384,
            rows: UNLIMITED,
            row_bytes: 32 << 20,
            input_bytes: UNLIMITED,
            output_bytes: UNLIMITED,
        }
    }
}

impl Limits {
    pub(crate) fn from_fields(mut fields: Fields<'_>) -> Result<Self> {
        let mut limits = Self::default();
        for (name, limit, most) in [
            ("depth", &mut limits.depth, 128),
            ("columns", &mut limits.columns, 1 << 20),
            ("rows", &mut limits.rows, UNLIMITED),
            ("row_bytes", &mut limits.row_bytes, 1 << 30),
            ("input_bytes", &mut limits.input_bytes, UNLIMITED),
            ("output_bytes", &mut limits.output_bytes, UNLIMITED),
        ] {
            if let Some(value) = fields.whole(name, 1, most)? {
                *limit = value;
            }
        }
        fields.finish()?;
        Ok(limits)
    }

    /// The tighter of two bounds, one by one.
    #[must_use]
    pub fn within(&self, other: &Self) -> Self {
        Self {
            depth: self.depth.min(other.depth),
            columns: self.columns.min(other.columns),
            rows: self.rows.min(other.rows),
            row_bytes: self.row_bytes.min(other.row_bytes),
            input_bytes: self.input_bytes.min(other.input_bytes),
            output_bytes: self.output_bytes.min(other.output_bytes),
        }
    }
}

/// The header of a whole input, collected in a pass of its own, so that a second pass can start
/// with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownHeader {
    /// All keys in the order in which they were first seen.
    pub names: Vec<String>,
    /// The columns that the data itself declares.
    pub declared: Option<Vec<Column>>,
}

/// What a reader is told before it starts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reading {
    pub(crate) source: Source,
    /// What separates the cells of CSV, where the options say it.
    pub(crate) delimiter: Option<u8>,
    pub(crate) types: CellTypes,
    /// The members to go down by before the table is found.
    pub(crate) path: Vec<String>,
    /// The input is a request document, in which nothing may follow the data.
    pub(crate) document: bool,
    /// The only columns that will be written, where that is known.
    pub(crate) wanted: Option<Vec<Column>>,
    /// `wanted` also names the cells of rows that are lists.
    pub(crate) names_positions: bool,
    pub(crate) known: Option<KnownHeader>,
    pub(crate) late_columns: LateColumns,
    /// The members of nested records are columns.
    pub(crate) flatten: bool,
    pub(crate) limits: Limits,
    /// What the definition of a resource says of the records.
    #[cfg(feature = "catalog")]
    pub(crate) described: Option<Described>,
}

/// Why a reader stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// There are as many rows as were asked for.
    Enough,
    /// The input so far is used up.
    NeedInput,
    /// The input is complete.
    End,
}

/// How many rows a reader shall collect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    LookAhead,
    Batch,
}

/// Counts input against its limit.
pub(crate) fn count_input(so_far: &mut u64, more: usize, limits: &Limits) -> Result<()> {
    *so_far = so_far.saturating_add(more as u64);
    if *so_far > limits.input_bytes {
        return Err(Error::limit("input_bytes", limits.input_bytes));
    }
    Ok(())
}

/// How much is read before a buffer is tidied up for the first time.
pub(crate) const TIDY_AT: usize = 64 << 10;

/// Appends input to the buffer that cells lie in.
pub(crate) fn append(bytes: &mut Vec<u8>, chunk: &[u8]) -> Result<()> {
    if u32::try_from(bytes.len() + chunk.len()).is_err() {
        // Cells point into the buffer with 32 bits.
        return Err(Error::new(ErrorKind::OutOfMemory));
    }
    bytes.try_reserve(chunk.len())?;
    bytes.extend_from_slice(chunk);
    Ok(())
}

/// Reads a table from bytes that come in chunks.
pub(crate) trait Reader {
    /// Takes the next bytes of the input.
    fn push(&mut self, chunk: &[u8]) -> Result<()>;

    /// Tells that the input is complete.
    fn end(&mut self);

    /// Reads until there are as many rows as the goal asks for.
    fn read(&mut self, goal: Goal) -> Result<Status>;

    /// The buffer that cells lie in.
    fn bytes(&self) -> &[u8];

    fn rows(&self) -> &RowBuilder;

    fn rows_mut(&mut self) -> &mut RowBuilder;

    /// All of the table was read, or what is missing cannot name its columns.
    fn is_complete(&self) -> bool;

    /// The members that stood beside the rows and were not written: the first of them, and how
    /// many there are.
    fn beside(&self) -> (&[String], u64);

    /// The complete rows that were read and not released.
    fn batch(&self) -> Rows<'_> {
        self.rows().batch(self.bytes())
    }

    /// Drops the rows of [`batch`](Self::batch).
    fn release(&mut self) {
        self.rows_mut().release();
    }

    /// Closes the header, since it is about to be written.
    fn fix_header(&mut self) -> Result<()> {
        let complete = self.is_complete();
        self.rows_mut().fix(complete)
    }
}

/// The reader of a source.
pub(crate) fn open(reading: Reading) -> Box<dyn Reader> {
    #[cfg(feature = "full")]
    if reading.source.is_delimited() {
        return Box::new(csv::CsvReader::new(reading));
    }
    Box::new(json::JsonReader::new(reading))
}
