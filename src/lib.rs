//! tablecast turns table data into files.
