//! Escaping and scanning primitives over bytes, digits, and the calendar.

pub(crate) mod block;
pub(crate) mod date;
#[cfg(feature = "full")]
pub(crate) mod decimal;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod number;
pub(crate) mod scan;
pub(crate) mod utf8;

/// How many ASCII digits the text starts with, and what follows.
pub(crate) fn digits(text: &[u8]) -> (usize, &[u8]) {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (count, text.get(count..).unwrap_or_default())
}
