//! Scanning bytes for the few that end a run of plain text, eight at a time.

/// One bit set in each byte.
const ONES: u64 = u64::MAX / 255;
/// The highest bit of each byte.
const HIGHS: u64 = ONES << 7;

/// How many bytes stand before the first that ends plain text in JSON: a quote, a backslash or a
/// control character.
pub(crate) fn json_plain(text: &[u8]) -> usize {
    plain(
        text,
        |word| below(word, 0x20) | equal(word, b'"') | equal(word, b'\\'),
        |byte| byte < 0x20 || byte == b'"' || byte == b'\\',
    )
}

/// How many bytes stand before the first that a field of CSV cannot hold without quotes.
pub(crate) fn csv_plain(text: &[u8], delimiter: u8, quote: u8) -> usize {
    plain(
        text,
        |word| {
            equal(word, delimiter) | equal(word, quote) | equal(word, b'\r') | equal(word, b'\n')
        },
        |byte| byte == delimiter || byte == quote || byte == b'\r' || byte == b'\n',
    )
}

/// Marks the bytes that are less than `limit`, at most 128. What is marked above the lowest mark
/// may be wrong.
#[inline(always)]
fn below(word: u64, limit: u8) -> u64 {
    word.wrapping_sub(ONES * u64::from(limit)) & !word & HIGHS
}

/// Marks the bytes that equal `byte`, as [`below`] marks.
#[inline(always)]
fn equal(word: u64, byte: u8) -> u64 {
    below(word ^ (ONES * u64::from(byte)), 1)
}

#[inline(always)]
fn plain(text: &[u8], marks: impl Fn(u64) -> u64, ends: impl Fn(u8) -> bool) -> usize {
    let (words, rest) = text.as_chunks::<8>();
    for (number, word) in words.iter().enumerate() {
        let marks = marks(u64::from_le_bytes(*word));
        if marks != 0 {
            return number * 8 + marks.trailing_zeros() as usize / 8;
        }
    }
    let at = rest.iter().position(|&byte| ends(byte));
    words.len() * 8 + at.unwrap_or(rest.len())
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
