//! HTML text and attribute values, as the HTML Living Standard section 13.1 lets them stand.

/// Appends text so that it stands for itself in element content and in quoted attribute values,
/// and tells whether it held a NUL, which HTML cannot carry and which becomes U+FFFD.
///
/// A carriage return is written as a reference, since a parser turns a literal one into a line
/// feed.
pub(crate) fn write_text(text: &[u8], out: &mut Vec<u8>) -> bool {
    let mut held_nul = false;
    let mut rest = text;
    while let Some(at) = rest.iter().position(|&byte| is_special(byte)) {
        let (plain, behind) = rest.split_at(at);
        out.extend_from_slice(plain);
        let Some((&byte, behind)) = behind.split_first() else {
            break;
        };
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
        rest = behind;
    }
    out.extend_from_slice(rest);
    held_nul
}

fn is_special(byte: u8) -> bool {
    matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'' | b'\r' | 0)
}

#[cfg(test)]
mod tests {
    use super::write_text;

    #[test]
    fn markup_is_escaped_and_a_nul_is_told() {
        let mut out = Vec::new();
        assert!(!write_text(b"<a href=\"x\">'&\r\n", &mut out));
        assert_eq!(out, b"&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#13;\n");
        out.clear();
        assert!(write_text(b"a\0b", &mut out));
        assert_eq!(out, "a\u{FFFD}b".as_bytes());
    }
}
