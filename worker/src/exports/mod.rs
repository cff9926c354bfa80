//! `/v1/exports`: asking for an export, the history, the download.
//!
//! | file | what |
//! |---|---|
//! | `record.rs` | the row of an export, and the object that callers see |
//! | `request.rs` | what a request asks for, checked |
//! | `create.rs` | `POST /v1/exports` |
//! | `history.rs` | the list, and one export |
//! | `download.rs` | the file: whole, in ranges, under conditions |
//! | `delete.rs` | the end of an export and of its file |

mod create;
mod delete;
mod download;
mod history;
mod record;
mod request;

pub(crate) use create::{checked_key, create, create_from_options};
pub(crate) use delete::delete;
pub(crate) use download::download;
pub(crate) use history::{export, list, page, read};
pub(crate) use record::STATUSES;
pub(crate) use request::SOURCE_TYPES;
