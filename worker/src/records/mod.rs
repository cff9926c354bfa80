//! Records in the database, as definitions of resources describe them, written as the engine's input.
//!
//! | file | what |
//! |---|---|
//! | `statement.rs` | statements whose values are bound when they run |
//! | `columns.rs` | what a record is put together of, and the columns that its values are in |
//! | `plan.rs` | which statements read what was chosen of a resource |
//! | `object.rs` | SQL that writes a record as JSON, and tells its size |
//! | `conditions.rs` | filters as SQL |
//! | `pages.rs` | an array of records, page by page |
//! | `packer.rs` | pages as the engine reads them |
//! | `open.rs` | what was begun of the input and has not ended |
//! | `source.rs` | the input of an export, piece by piece, which another invocation may go on with |
//! | `long_text.rs` | texts that lie in the bucket |

mod columns;
mod conditions;
mod long_text;
mod object;
mod open;
mod packer;
mod pages;
mod plan;
mod source;
mod statement;

pub(crate) use plan::Plan;
pub(crate) use source::{Scope, Source, State};

use serde::{Deserialize, Serialize};

/// A record of so many bytes is read in parts. The database takes texts of up to 2 MB, and what it has to escape may
/// take six times the room.
const LARGE: u64 = 256 << 10;

/// The last record that was read; all others come behind it.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
struct Cursor {
    created_at: String,
    id: String,
}
