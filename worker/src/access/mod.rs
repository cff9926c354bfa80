//! Who calls, and what they may do.
//!
//! | file | what |
//! |---|---|
//! | `roles.rs` | the one table of roles |
//! | `token.rs` | the texts of keys and sessions |
//! | `credentials.rs` | a request's credentials → its caller |
//! | `origin.rs` | which pages of other origins may call, and what a browser sends along unasked |
//! | `sessions.rs` | `POST` and `DELETE /v1/session`, `GET /v1/me` |
//! | `keys.rs` | `/v1/keys` |
//! | `permit.rs` | whether a caller may use a route |

mod credentials;
pub(crate) mod keys;
mod origin;
mod permit;
mod roles;
pub(crate) mod sessions;
mod token;

pub(crate) use credentials::{Caller, Presented, identify};
pub(crate) use origin::{Origins, is_cross_site};
pub(crate) use permit::{allows, permit};
pub(crate) use roles::{Permission, ROLES};
pub(crate) use token::hex;
