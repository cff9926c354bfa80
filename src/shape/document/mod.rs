//! Documents by the definition of their resource, from bytes that come in chunks, in flat memory.
//!
//! ```text
//! bytes ─▶ parser → events → reader: whole values, or the records of arrays, one by one
//!              ─▶ arranger: members in order, checked, counted ─▶ bytes
//! ```
//!
//! Arrays of records are written while they are read. What has none in it is read whole, a value or a record at
//! a time, and so is a record that has to be chosen first.

mod arranger;
mod frame;
mod reader;
mod suspended;

pub(crate) use reader::DocumentShaper;
