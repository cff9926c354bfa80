//! tablecast turns table data into files: CSV, JSON, JSON Lines, HTML and Markdown, streamed, with
//! the same bytes wherever it runs.
//!
//! Input is bytes of CSV, of JSON Lines, or of JSON in any of the usual shapes of a table: an array
//! of records, `{items}`, `{columns, rows}`, one record. [`Exporter`] takes it in chunks, however they are cut, and gives
//! the file in pieces; [`export_bytes`] does the same at once. What was noticed on the way, such as
//! a column that the data lacks, is in the [`Report`].
//!
//! # How it works
//!
//! ```text
//! bytes ─▶ read: parser → events → shape → rows of cells over one buffer
//!              ─▶ export: look-ahead, projection (template), batches
//!                     ─▶ write: one writer per format ─▶ bytes
//! ```
//!
//! Each file uses only those above it in this list:
//!
//! | file | holds |
//! |---|---|
//! | `report` | [`Report`] and the warnings in it |
//! | `error` | [`Error`] with its stable codes |
//! | `value` | cells, and batches of rows over one byte buffer |
//! | `text/` | escaping primitives, digits, and the calendar |
//! | `settings/` | options as they come in, checked field by field |
//! | `builtin/` | presets and system templates, as data |
//! | `zone/` | time zones: the offset from UTC at each moment |
//! | `number_format/` | number formats, as spreadsheets write them |
//! | `table` | columns, and the header of the source |
//! | `guard` | the formula guard |
//! | `filename` | safe file names and `Content-Disposition` |
//! | `template` | templates, and the projection that they compile to |
//! | `typed` | cells converted to their column's type, shown by its format, summed up |
//! | `read/` | the sources: JSON, incremental, in every shape of a table; CSV |
//! | `write/` | the one list of formats, and a file per format |
//! | `catalog/` | types of resources: records, filters and envelopes, as data, with feature `catalog` |
//! | `shape/` | records by their definition: chosen, checked, in order; with feature `catalog` |
//! | `export/` | [`Exporter`]: push input, take output, finish |
//! | `wire/` | request shapes: options, query strings, request documents |
//! | `wasm` | the bindings for JavaScript, with feature `wasm` |
//!
//! # Invariants
//!
//! - The same input gives the same bytes, however it is cut into chunks: time and file names come
//!   in as options, and there is no I/O, randomness or global state.
//! - Nothing panics: indexing, `unwrap` and the like are denied by lint outside of tests, and
//!   memory of a size that the input decides is asked for, not assumed.
//! - Nothing is lost in silence: what a file does not hold, its report names.

// Parts that serve typed columns or the catalog alone lie idle in a build without them.
#![cfg_attr(not(feature = "catalog"), allow(dead_code))]

mod builtin;
#[cfg(feature = "catalog")]
mod catalog;
mod error;
mod export;
mod filename;
mod guard;
mod number_format;
mod read;
mod report;
mod settings;
#[cfg(feature = "catalog")]
mod shape;
mod table;
mod template;
mod text;
mod typed;
mod value;
#[cfg(feature = "wasm")]
mod wasm;
mod wire;
mod write;
mod zone;

pub use builtin::{PRESETS, Preset, SYSTEM_TEMPLATES, SystemTemplate};
#[cfg(feature = "catalog")]
pub use catalog::{
    Condition, Content, Field, FieldType, Filter, FilterTest, Items, Member, Operand, Parent,
    Record, RecordId, Resource, Selection, Switch,
};
#[cfg(feature = "catalog")]
pub use error::DefinitionProblem;
pub use error::{Error, ErrorKind, Location, Result};
pub use export::{Exporter, FileInfo, HeaderScan, Request, export_bytes};
pub use number_format::NumberFormat;
pub use read::{KnownHeader, LateColumns, Limits, Source};
pub use report::{Report, Warning};
pub use settings::{Setting, Surface, nearest};
#[cfg(feature = "catalog")]
pub use shape::{Check, DocumentProblem};
pub use table::{Align, Column, ColumnType, Total};
pub use template::Template;
pub use wire::{DocumentExporter, DocumentHead, Head};
pub use write::{
    CsvOptions, FORMATS, Format, HtmlOptions, JsonOptions, QuoteStyle, Terminator, TextDirection,
};
pub use zone::Zone;
#[cfg(feature = "zones")]
pub use zone::{zone_table, zone_table_version};
