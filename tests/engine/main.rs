//! What the engine does, seen from outside.

// `clippy.toml` excepts functions marked as tests, not those that they share.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used
)]

mod architecture;
mod builtin;
mod catalog;
mod csv_input;
mod differential;
mod differential_csv;
mod document;
mod documents;
mod guard;
mod hostile;
mod limits;
mod plain;
mod random_tables;
mod reference;
mod resource_check;
mod resource_documents;
mod resource_filters;
mod resource_model;
mod resource_random;
mod resource_suspended;
mod resource_tables;
mod round_trip;
mod run;
mod short_documents;
mod strict;
mod suspended;
mod typed_tables;
mod zones;
