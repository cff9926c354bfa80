//! JSON: tables of every shape, from bytes that come in chunks.

mod flatten;
mod nested;
mod packed;
mod parser;
mod reader;
mod run;
mod shape;
mod tree;

#[cfg(feature = "catalog")]
pub(crate) use nested::Nested;
#[cfg(feature = "catalog")]
pub(crate) use parser::Span;
pub(crate) use parser::{Event, Parser};
pub(crate) use reader::JsonReader;
pub(crate) use tree::{Tree, string};
