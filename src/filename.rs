//! File names that every system takes, and the `Content-Disposition` header that carries them.

/// The longest file name that common file systems take, in bytes.
const MAX_BYTES: usize = 255;

/// A file name made of what a user asked for: without path parts, control characters, what Windows
/// refuses, bidirectional overrides and invisible marks, and with the extension of its format.
pub(crate) fn safe(wanted: &str, extension: &str) -> String {
    let mut stem = String::new();
    for character in wanted.chars() {
        match character {
            // Only the last part of a path is a name.
            '/' | '\\' => stem.clear(),
            '<' | '>' | ':' | '"' | '|' | '?' | '*' => stem.push('_'),
            other if other.is_control() || is_invisible(other) => {}
            other => stem.push(other),
        }
    }
    let suffix = [".", extension].concat();
    let split = stem.len().checked_sub(suffix.len());
    if let Some((_, end)) = split.and_then(|at| stem.split_at_checked(at))
        && end.eq_ignore_ascii_case(&suffix)
    {
        stem.truncate(stem.len() - suffix.len());
    }
    let mut stem = stem.trim().to_owned();
    shorten(&mut stem, MAX_BYTES - suffix.len());
    if stem.is_empty() {
        stem.push_str("export");
    }
    if is_device(&stem) {
        stem.insert(0, '_');
        shorten(&mut stem, MAX_BYTES - suffix.len());
    }
    stem + &suffix
}

/// Takes off what is too long, and what Windows does not keep at the end of a name.
fn shorten(stem: &mut String, most: usize) {
    while stem.len() > most || stem.ends_with(['.', ' ']) {
        stem.pop();
    }
}

/// Characters that change how a name reads without being seen: bidirectional controls, zero-width
/// characters, line separators and the byte order mark.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
}

/// Names that Windows keeps for devices, also with an extension behind them.
fn is_device(stem: &str) -> bool {
    let first = stem.split_once('.').map_or(stem, |(first, _)| first);
    let first = first.trim_end();
    let is = |name: &&str| first.eq_ignore_ascii_case(name);
    if ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"]
        .iter()
        .any(is)
    {
        return true;
    }
    first.split_at_checked(3).is_some_and(|(prefix, number)| {
        let mut number = number.chars();
        let is_number = matches!(number.next(), Some('0'..='9' | '¹' | '²' | '³'));
        let is_port = prefix.eq_ignore_ascii_case("COM") || prefix.eq_ignore_ascii_case("LPT");
        is_port && is_number && number.next().is_none()
    })
}

/// The value of a `Content-Disposition` header (RFC 6266) for a [safe] name: the name in ASCII for
/// old readers, and in UTF-8 (RFC 8187) for all others.
pub(crate) fn content_disposition(name: &str) -> String {
    let mut header = String::from("attachment; filename=\"");
    for character in name.chars() {
        header.push(match character {
            ' '..='~' if !matches!(character, '"' | '\\' | '%') => character,
            _ => '_',
        });
    }
    header.push_str("\"; filename*=UTF-8''");
    for byte in name.bytes() {
        match byte {
            // attr-char of RFC 8187, section 3.2.1.
            b'0'..=b'9'
            | b'A'..=b'Z'
            | b'a'..=b'z'
            | b'!'
            | b'#'
            | b'$'
            | b'&'
            | b'+'
            | b'-'
            | b'.'
            | b'^'
            | b'_'
            | b'`'
            | b'|'
            | b'~' => {
                header.push(char::from(byte));
            }
            _ => header.push_str(&format!("%{byte:02X}")),
        }
    }
    header
}

#[cfg(test)]
mod tests {
    use super::{content_disposition, safe};

    #[track_caller]
    fn check(wanted: &str, expected: &str) {
        assert_eq!(safe(wanted, "csv"), expected, "{wanted:?}");
    }

    #[test]
    fn names_are_safe_on_every_system() {
        check("report", "report.csv");
        check("report.CSV", "report.csv");
        check("report.txt", "report.txt.csv");
        check("../../etc/passwd", "passwd.csv");
        check("C:\\temp\\x", "x.csv");
        check("a<b>:\"|?*c", "a_b______c.csv");
        check("a\r\nb\0", "ab.csv");
        check("", "export.csv");
        check("..", "export.csv");
        check(" . ", "export.csv");
        check("nul", "_nul.csv");
        check("CON.backup", "_CON.backup.csv");
        check("com¹", "_com¹.csv");
        check("lpt10", "lpt10.csv");
        check(&format!("CON{}x", " ".repeat(300)), "_CON.csv");
        check("gpj\u{202E}exe", "gpjexe.csv");
        check("Größe ", "Größe.csv");
    }

    #[test]
    fn names_hold_at_most_255_bytes() {
        let name = safe(&"ä".repeat(300), "csv");
        assert!(
            name.len() <= 255 && name.ends_with("ä.csv"),
            "{}",
            name.len()
        );
    }

    #[test]
    fn the_header_holds_both_forms_and_no_line_break() {
        assert_eq!(
            content_disposition("Größe \"a\" 100%.csv"),
            "attachment; filename=\"Gr__e _a_ 100_.csv\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%22a%22%20100%25.csv"
        );
        assert!(!content_disposition("a\r\nb").contains(['\r', '\n']));
    }
}
