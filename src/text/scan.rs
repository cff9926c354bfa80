//! Scanning bytes for the few that end a run of plain text, sixteen at a time.

use super::block::{self, Block};

/// How many bytes stand before the first that ends plain text in JSON: a quote, a backslash or a
/// control character.
#[inline]
pub(crate) fn json_plain(text: &[u8]) -> usize {
    plain_from(text, 0, json_marks)
}

/// Where plain text in JSON ends that goes on at a place.
#[inline(always)]
pub(crate) fn json_plain_end(text: &[u8], start: usize) -> usize {
    plain_from(text, start, json_marks)
}

/// Where the first of these bytes stands, of those from a place on, or else the text's end.
#[cfg(feature = "catalog")]
pub(crate) fn find(text: &[u8], start: usize, byte: u8) -> usize {
    plain_from(text, start, |block| block.equals(byte))
}

/// Marks what JSON cannot hold as it stands: quotes, backslashes, control characters.
#[inline(always)]
pub(crate) fn json_marks(block: Block) -> Block {
    let marks = block.equals(b'"').or(block.equals(b'\\'));
    marks.or(block.below(0x20))
}

/// Where the first byte is, from a place on, with which U+0085, U+2028 and U+2029 start in UTF-8; else the text's end.
pub(crate) fn line_end_start(text: &[u8], start: usize) -> usize {
    plain_from(text, start, |block| {
        block.equals(0xC2).or(block.equals(0xE2))
    })
}

/// How many bytes stand before the first that a field of CSV cannot hold without quotes.
#[inline]
pub(crate) fn csv_plain(text: &[u8], delimiter: u8, quote: u8) -> usize {
    plain_from(text, 0, |block| csv_marks(block, delimiter, quote))
}

/// Marks what a field of CSV cannot hold without quotes.
#[inline(always)]
pub(crate) fn csv_marks(block: Block, delimiter: u8, quote: u8) -> Block {
    let marks = block.equals(delimiter).or(block.equals(quote));
    marks.or(block.equals(b'\r')).or(block.equals(b'\n'))
}

/// Where the first byte stands, of those from a place on, that is marked; or else the text's end.
#[inline(always)]
fn plain_from(text: &[u8], start: usize, marks: impl Fn(Block) -> Block) -> usize {
    let mut at = start;
    while let Some(block) = Block::at(text, at) {
        let bits = marks(block).bits();
        if bits != 0 {
            return at + bits.trailing_zeros() as usize;
        }
        at += block::LEN;
    }
    // What is left is looked at in a block of its own, which is filled up with zeros.
    let rest = text.get(at..).unwrap_or_default();
    let bits = marks(Block::start(rest)).bits() & ((1 << rest.len()) - 1);
    match bits {
        0 => text.len(),
        bits => at + bits.trailing_zeros() as usize,
    }
}

#[cfg(test)]
mod tests {
    use super::{csv_plain, json_plain};

    #[test]
    fn every_byte_at_every_place_is_judged_as_one_by_one() {
        for byte in 0..=u8::MAX {
            for place in 0..20 {
                let mut text = [b'x'; 20];
                text[place] = byte;
                text[19] = b'"';
                let ends = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
                let expected = text.iter().position(|&byte| ends(byte)).unwrap();
                assert_eq!(json_plain(&text), expected, "{byte} at {place}");
                let ends = |byte: u8| matches!(byte, b';' | b'"' | b'\r' | b'\n');
                let expected = text.iter().position(|&byte| ends(byte)).unwrap();
                assert_eq!(csv_plain(&text, b';', b'"'), expected, "{byte} at {place}");
            }
        }
        assert_eq!(json_plain(b"abc"), 3);
        assert_eq!(json_plain(&[0xFF; 16]), 16);
    }
}
