//! Typed columns: cells become what their column's type says, are shown by its number format, are
//! looked up in nested records, and are summed up.
//!
//! A build without the feature `full` holds none of it, and names the build that does.

#[cfg(not(feature = "full"))]
mod absent;
#[cfg(feature = "full")]
mod cells;
#[cfg(feature = "full")]
mod tally;

#[cfg(not(feature = "full"))]
pub(crate) use absent::Typing;
#[cfg(feature = "full")]
pub(crate) use cells::Typing;

/// Where a column's values come from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place {
    /// The column of the source that has the key.
    pub(crate) column: Option<u32>,
    /// The column that holds nested records, and the steps down from there.
    pub(crate) path: Option<(u32, Vec<String>)>,
}
