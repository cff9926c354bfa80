//! Escaping and scanning primitives over bytes.

pub(crate) mod html;
pub(crate) mod json;
