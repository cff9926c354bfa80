//! JSON strings and numbers, RFC 8259 sections 6 and 7: escaping, its undoing, and what is valid.

use super::block::{self, Block};
use super::scan;
#[cfg(feature = "full")]
use crate::value::Kind;

/// Appends a string literal with its quotes, escaped as `JSON.stringify` escapes.
pub(crate) fn write_string(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    write_escaped(text, out);
    out.push(b'"');
}

/// Appends the inside of a string literal. Only `"`, `\` and the control characters below U+0020
/// are escaped.
pub(crate) fn write_escaped(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    loop {
        let (plain, behind) = rest.split_at(scan::json_plain(rest));
        out.extend_from_slice(plain);
        let Some((&byte, behind)) = behind.split_first() else {
            return;
        };
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0C => out.extend_from_slice(b"\\f"),
            _ => {
                out.extend_from_slice(b"\\u00");
                out.push(hex_digit(byte >> 4));
                out.push(hex_digit(byte & 15));
            }
        }
        rest = behind;
    }
}

/// Whether the inside of a valid string literal is just what [`write_escaped`] writes for its text.
#[cfg(feature = "catalog")]
pub(crate) fn is_canonical(literal: &[u8]) -> bool {
    let mut at = 0;
    loop {
        at = scan::find(literal, at, b'\\');
        at += match literal.get(at + 1..).unwrap_or_default() {
            [] => return true,
            [b'"' | b'\\' | b'n' | b'r' | b't' | b'b' | b'f', ..] => 2,
            [b'u', b'0', b'0', b'1', b'0'..=b'9' | b'a'..=b'f', ..] => 6,
            [b'u', b'0', b'0', b'0', b'0'..=b'7' | b'b' | b'e' | b'f', ..] => 6,
            _ => return false,
        };
    }
}

fn hex_digit(value: u8) -> u8 {
    match value {
        0..=9 => b'0' + value,
        _ => b'a' + value - 10,
    }
}

/// Appends the text that the inside of a valid string literal stands for, and tells whether it
/// held half a surrogate pair. Such a half becomes U+FFFD.
///
/// The text is never longer than the literal.
pub(crate) fn unescape(literal: &[u8], out: &mut Vec<u8>) -> bool {
    unescape_part(literal, 0, literal.len(), out)
}

/// The same for a literal that lies within a text, which goes faster.
pub(crate) fn unescape_part(text: &[u8], start: usize, end: usize, out: &mut Vec<u8>) -> bool {
    let mut lone_surrogate = false;
    let mut at = start;
    loop {
        let marks = |block: Block| block.equals(b'\\');
        at += block::append_until(text, at, end - at, marks, out);
        let Some(&letter) = text.get(at + 1).filter(|_| at < end) else {
            return lone_surrogate;
        };
        at += 2;
        match letter {
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'b' => out.push(0x08),
            b'f' => out.push(0x0C),
            b'u' => {
                let rest = text.get(at..end).unwrap_or_default();
                let (character, behind) = unicode_escape(rest);
                at = end - behind.len();
                lone_surrogate |= character.is_none();
                let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
            other => out.push(other),
        }
    }
}

/// The character of `XXXX`, or of `XXXX\uXXXX` where the two are a surrogate pair, and what
/// follows. Half a pair is `None`.
fn unicode_escape(text: &[u8]) -> (Option<char>, &[u8]) {
    let (unit, behind) = code_unit(text);
    if !(0xD800..0xDC00).contains(&unit) {
        return (char::from_u32(unit), behind);
    }
    if let Some(second) = behind.strip_prefix(b"\\u") {
        let (low, behind) = code_unit(second);
        if (0xDC00..0xE000).contains(&low) {
            let code = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            return (char::from_u32(code), behind);
        }
    }
    (None, behind)
}

fn code_unit(text: &[u8]) -> (u32, &[u8]) {
    let (digits, behind) = text.split_at_checked(4).unwrap_or((text, &[]));
    let unit = digits.iter().fold(0, |unit, &digit| {
        unit * 16 + (digit as char).to_digit(16).unwrap_or_default()
    });
    (unit, behind)
}

/// How many bytes an escape has behind its backslash; `None` where it is not complete.
pub(crate) fn escape_len(behind: &[u8]) -> Result<Option<usize>, ()> {
    match behind {
        [] => Ok(None),
        [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => Ok(Some(1)),
        [b'u', digits @ ..] => {
            let digits = digits.get(..4).unwrap_or(digits);
            if !digits.iter().all(u8::is_ascii_hexdigit) {
                return Err(());
            }
            Ok((digits.len() == 4).then_some(5))
        }
        _ => Err(()),
    }
}

/// `-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?`
pub(crate) fn is_number(text: &[u8]) -> bool {
    number_end(text) == Some(text.len())
}

/// Whether a number, as JSON writes it, has no fraction as it is written.
#[cfg(feature = "full")]
pub(crate) fn is_whole(number: &[u8]) -> bool {
    !number.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E'))
}

/// What a value of compact JSON text is as a cell: its kind, whether its text may need escapes, and the
/// text, of a string what it stands for. That is put together in `scratch` where it has escapes.
#[cfg(feature = "full")]
pub(crate) fn cell_of<'a>(value: &'a [u8], scratch: &'a mut Vec<u8>) -> (Kind, bool, &'a [u8]) {
    match value {
        [b'"', literal @ .., b'"'] if literal.contains(&b'\\') => {
            scratch.clear();
            unescape(literal, scratch);
            (Kind::Text, true, scratch)
        }
        [b'"', literal @ .., b'"'] => (Kind::Text, false, literal),
        [b'{' | b'[', ..] => (Kind::Nested, true, value),
        [b't' | b'f', ..] => (Kind::Bool, false, value),
        [b'n', ..] => (Kind::Null, false, &[]),
        _ => (Kind::Number, false, value),
    }
}

/// Where the number ends that stands at a place of a text, if that is known: not at the end of the
/// text, nor before what would make it another number or none.
#[inline(always)]
pub(crate) fn number_end_at(text: &[u8], start: usize) -> Option<usize> {
    usual_number_end(text, start).or_else(|| any_number_end(text, start))
}

/// The usual case: at most 31 bytes without an exponent or a mistake, and some text behind. The end is
/// found in one step, since all that follows waits for it: that is a tenth of the time of JSON to CSV.
#[inline(always)]
fn usual_number_end(text: &[u8], start: usize) -> Option<usize> {
    let block = Block::at(text, start)?;
    let mut digits = block.between(b'0', b'9').bits();
    // All that a number holds, and a slash.
    let mut held = block.between(b'-', b'9').bits();
    if held == (1 << block::LEN) - 1 {
        let block = Block::at(text, start + block::LEN)?;
        digits |= block.between(b'0', b'9').bits() << block::LEN;
        held |= block.between(b'-', b'9').bits() << block::LEN;
    }
    let len = held.trailing_ones();
    let sign = u32::from(text.get(start) == Some(&b'-'));
    let whole = (digits >> sign).trailing_ones();
    if whole == 0 || len == u32::BITS {
        return None;
    }
    let starts_with_zero = text.get(start + sign as usize) == Some(&b'0');
    let point = sign + whole;
    let is_sound = match len > point {
        true => {
            let fraction = (digits >> point >> 1).trailing_ones();
            fraction > 0
                && point + 1 + fraction == len
                && text.get(start + point as usize) == Some(&b'.')
        }
        false => true,
    };
    let end = start + len as usize;
    let behind = *text.get(end)?;
    let ends = behind == b',' || matches!(behind, b'}' | b']' | b'\r' | b'\n' | b' ');
    (is_sound && ends && !(starts_with_zero && whole > 1)).then_some(end)
}

#[inline(never)]
fn any_number_end(text: &[u8], start: usize) -> Option<usize> {
    let end = start + number_end(text.get(start..)?)?;
    match text.get(end)? {
        b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E' => None,
        _ => Some(end),
    }
}

/// Where the number ends that the text starts with.
#[inline]
fn number_end(text: &[u8]) -> Option<usize> {
    let digits_from = |mut at: usize| {
        while text.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let start = usize::from(text.first() == Some(&b'-'));
    let mut end = digits_from(start);
    if end == start || (end > start + 1 && text.get(start) == Some(&b'0')) {
        return None;
    }
    if text.get(end) == Some(&b'.') {
        let fraction = end + 1;
        end = digits_from(fraction);
        if end == fraction {
            return None;
        }
    }
    if let Some(b'e' | b'E') = text.get(end) {
        let sign = usize::from(matches!(text.get(end + 1), Some(b'+' | b'-')));
        let exponent = end + 1 + sign;
        end = digits_from(exponent);
        if end == exponent {
            return None;
        }
    }
    Some(end)
}

/// The value of a member of an object, or of an element of an array by its number, in compact JSON
/// text that is known to be valid.
pub(crate) fn member<'a>(container: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let (&open, mut rest) = container.split_first()?;
    let mut element: usize = 0;
    while !matches!(rest.first()?, b'}' | b']') {
        let matches = match open {
            b'{' => {
                let (key, behind) = rest.split_at_checked(value_len(rest))?;
                rest = behind.strip_prefix(b":")?;
                is_string(key, name)
            }
            b'[' => name.parse() == Ok(element),
            _ => return None,
        };
        let (value, behind) = rest.split_at_checked(value_len(rest))?;
        if matches {
            return Some(value);
        }
        element += 1;
        rest = behind.strip_prefix(b",").unwrap_or(behind);
    }
    None
}

/// Whether a string literal stands for a text.
fn is_string(literal: &[u8], text: &str) -> bool {
    let inside = literal.get(1..literal.len() - 1).unwrap_or_default();
    if !inside.contains(&b'\\') {
        return inside == text.as_bytes();
    }
    let mut plain = Vec::new();
    unescape(inside, &mut plain);
    plain == text.as_bytes()
}

/// How many bytes the value takes that valid compact JSON text starts with.
fn value_len(text: &[u8]) -> usize {
    let mut depth = 0;
    let mut in_string = false;
    let mut escaped = false;
    for (at, &byte) in text.iter().enumerate() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => continue,
            }
            if in_string || depth > 0 {
                continue;
            }
            return at + 1;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth > 1 => depth -= 1,
            b'}' | b']' if depth == 1 => return at + 1,
            b',' | b'}' | b']' | b':' if depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::{member, unescape, write_string};

    #[track_caller]
    fn check(literal: &str, text: &str, lone: bool) {
        let mut out = Vec::new();
        assert_eq!(unescape(literal.as_bytes(), &mut out), lone, "{literal}");
        assert_eq!(String::from_utf8(out).unwrap(), text);
        assert!(text.len() <= literal.len());
    }

    #[test]
    fn escapes_are_undone() {
        check(r#"a\"\\\/\b\f\n\r\tz"#, "a\"\\/\u{8}\u{c}\n\r\tz", false);
        check(r"\u0041\u00e4\u20ac\uD83D\ude00", "Aä€😀", false);
    }

    #[test]
    fn half_a_surrogate_pair_becomes_the_replacement_character() {
        check(r"\ud800", "\u{FFFD}", true);
        check(r"\udc00x", "\u{FFFD}x", true);
        check(r"\ud800\u0041", "\u{FFFD}A", true);
        check(r"\ud800\ud83d\ude00", "\u{FFFD}😀", true);
        check(r"\ud800\n", "\u{FFFD}\n", true);
    }

    #[test]
    fn strings_are_escaped_as_json_stringify_does() {
        let mut out = Vec::new();
        write_string(
            "a\"\\\u{8}\u{c}\n\r\t\u{1f}\u{7f}\u{2028}ä/".as_bytes(),
            &mut out,
        );
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "\"a\\\"\\\\\\b\\f\\n\\r\\t\\u001f\u{7f}\u{2028}ä/\""
        );
    }

    #[cfg(feature = "catalog")]
    #[test]
    fn a_literal_is_canonical_where_writing_its_text_gives_it_again() {
        let escapes = [
            "\\\"", "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t", "x", "é",
        ];
        let units = (0..0x90).flat_map(|unit| [format!("\\u{unit:04x}"), format!("\\u{unit:04X}")]);
        let pairs = ["\\ud83d\\ude00", "\\u00e9", "\\ud83d"].map(String::from);
        let all = escapes
            .map(String::from)
            .into_iter()
            .chain(units)
            .chain(pairs);
        for literal in all.map(|escape| format!("a{escape}b\\n")) {
            let (mut text, mut again) = (Vec::new(), Vec::new());
            unescape(literal.as_bytes(), &mut text);
            super::write_escaped(&text, &mut again);
            let expected = again == literal.as_bytes();
            assert_eq!(
                super::is_canonical(literal.as_bytes()),
                expected,
                "{literal}"
            );
        }
    }

    #[test]
    fn members_of_nested_values_are_found_by_key_or_number() {
        let text = br#"{"a":{"b":[1,"x,]}\"",{"c":null}]},"k\u00e9\"y":-2.5,"":"e"}"#;
        let find = |steps: &[&str]| {
            let found = steps
                .iter()
                .try_fold(&text[..], |value, step| member(value, step));
            found.map(|value| std::str::from_utf8(value).unwrap())
        };
        assert_eq!(find(&["a", "b", "0"]), Some("1"));
        assert_eq!(find(&["a", "b", "1"]), Some(r#""x,]}\"""#));
        assert_eq!(find(&["a", "b", "2", "c"]), Some("null"));
        assert_eq!(find(&["a", "b", "3"]), None);
        assert_eq!(find(&["kéX"]), None);
        assert_eq!(find(&["ké\"y"]), Some("-2.5"));
        assert_eq!(find(&[""]), Some("\"e\""));
        assert_eq!(find(&["a", "b", "0", "x"]), None);
    }
}
