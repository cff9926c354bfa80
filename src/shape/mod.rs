//! Records by the definition of their resource: chosen, checked, their members in order. Whether they are
//! rows of a table or lie in a document, the rules are the same.
//!
//! | file | holds |
//! |---|---|
//! | `plan.rs` | a resource and what was chosen of it, place by place |
//! | `rule.rs` | what a field takes |
//! | `condition.rs` | when a record is chosen |
//! | `findings.rs` | what was noticed, by path |
//! | `tape.rs` | compact JSON text as a list of values |
//! | `nested.rs` | records in such text |
//! | `columns.rs`, `rows.rs` | the columns and the rows of a table |
//! | `untyped.rs` | cells of CSV, which take the types of their fields |
//! | `check.rs` | the check of a whole document |
//! | `document/` | documents, from the bytes of the input to those of the file |

mod check;
mod columns;
mod condition;
mod document;
mod findings;
mod nested;
mod plan;
mod rows;
mod rule;
mod tape;
mod untyped;

pub use check::{Check, DocumentProblem};
pub(crate) use columns::ShapedColumn;
pub(crate) use document::DocumentShaper;
pub(crate) use plan::{Given, Plan};
pub(crate) use rows::RowShaper;
