//! HTML text and attribute values, as the HTML Living Standard section 13.1 lets them stand.

use super::block::{self, Set};

/// What cannot stand for itself.
const SPECIAL: Set = Set::of(b"&<>\"'\r\0");

/// Appends text so that it stands for itself in element content and in quoted attribute values,
/// and tells whether it held a NUL, which HTML cannot carry and which becomes U+FFFD.
///
/// A carriage return is written as a reference, since a parser turns a literal one into a line
/// feed.
pub(crate) fn write_text(text: &[u8], out: &mut Vec<u8>) -> bool {
    write_part(text, 0, text.len(), out)
}

/// Appends a part of a text so.
pub(crate) fn write_part(text: &[u8], start: usize, len: usize, out: &mut Vec<u8>) -> bool {
    let mut held_nul = false;
    let mut reference = |byte, out: &mut Vec<u8>| {
        out.extend_from_slice(match byte {
            b'&' => b"&amp;",
            b'<' => b"&lt;",
            b'>' => b"&gt;",
            b'"' => b"&quot;",
            b'\'' => b"&#39;",
            b'\r' => b"&#13;",
            _ => {
                held_nul = true;
                "\u{FFFD}".as_bytes()
            }
        });
    };
    block::append_escaped(text, start, len, &SPECIAL, &mut reference, out);
    held_nul
}

#[cfg(test)]
mod tests {
    use super::{write_part, write_text};

    #[test]
    fn markup_is_escaped_and_a_nul_is_told() {
        let mut out = Vec::new();
        assert!(!write_text(b"<a href=\"x\">'&\r\n", &mut out));
        assert_eq!(out, b"&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#13;\n");
        out.clear();
        assert!(write_text(b"a\0b", &mut out));
        assert_eq!(out, "a\u{FFFD}b".as_bytes());
    }

    #[test]
    fn every_byte_at_every_place_is_written_as_one_by_one() {
        for byte in 0..=u8::MAX {
            for len in 1..40 {
                for place in 0..len {
                    // What lies around the part is not looked at.
                    let mut text = [b'<'; 60];
                    text[2..2 + len].fill(b'x');
                    text[2 + place] = byte;
                    let mut expected = String::new();
                    match byte {
                        b'&' => expected.push_str("&amp;"),
                        b'<' => expected.push_str("&lt;"),
                        b'>' => expected.push_str("&gt;"),
                        b'"' => expected.push_str("&quot;"),
                        b'\'' => expected.push_str("&#39;"),
                        b'\r' => expected.push_str("&#13;"),
                        0 => expected.push('\u{FFFD}'),
                        _ => {}
                    }
                    let mut expected = expected.into_bytes();
                    if expected.is_empty() {
                        expected.push(byte);
                    }
                    let xs = [b'x'; 40];
                    let expected = [&xs[..place], &expected, &xs[place + 1..len]].concat();
                    let mut out = Vec::new();
                    assert_eq!(write_part(&text, 2, len, &mut out), byte == 0);
                    assert_eq!(out, expected, "{byte} at {place} of {len}");
                    out.clear();
                    write_text(&text[2..2 + len], &mut out);
                    assert_eq!(out, expected, "{byte} at {place} of {len}");
                }
            }
        }
    }
}
