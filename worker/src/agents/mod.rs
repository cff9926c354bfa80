//! `POST /api/agents/check`: whether the definition of an agent could be imported, and what of it would be left out.
//!
//! | file | what |
//! |---|---|
//! | `references.rs` | what a definition refers to, and what of it the account lacks |

mod references;
