//! The formula guard: which texts a spreadsheet would run.
//!
//! Spreadsheets take a CSV cell that starts with `=`, `+`, `-` or `@` for a formula, also behind
//! spaces and in full-width letters. Such a cell gets one leading apostrophe. Removing one
//! apostrophe where the rest is [dangerous](is_dangerous) gives the text back.

use crate::text::digits;

/// Whether the text of a cell needs the guard. `decimal` is the decimal mark in use.
pub(crate) fn is_dangerous(text: &[u8], decimal: u8) -> bool {
    let suspect = text.first().is_some_and(|&first| may_start_formula(first));
    suspect && starts_formula(text) && !is_number(text, decimal) && !is_phone_number(text)
}

/// Whether the first byte leaves it open that the text needs the guard: it starts a formula, or a
/// character that can be skipped or is full-width. It decides nearly every cell.
pub(crate) const fn may_start_formula(first: u8) -> bool {
    matches!(
        first,
        0 | b'\t' | b'\n' | b'\r' | b' ' | b'\'' | b'+' | b'-' | b'=' | b'@' | 0xC2 | 0xE3 | 0xEF
    )
}

/// What a formula may stand behind.
const SKIPPED: [&str; 5] = ["'", " ", "\u{A0}", "\u{3000}", "\u{FEFF}"];

/// What starts a formula.
const STARTS: [&str; 12] = [
    "=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠",
];

fn starts_formula(text: &[u8]) -> bool {
    let mut rest = text;
    while let Some(behind) = SKIPPED
        .iter()
        .find_map(|skipped| rest.strip_prefix(skipped.as_bytes()))
    {
        rest = behind;
    }
    STARTS
        .iter()
        .any(|start| rest.starts_with(start.as_bytes()))
}

/// `[+-](\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?%?` with the decimal mark in use.
fn is_number(text: &[u8], decimal: u8) -> bool {
    let Some((b'+' | b'-', rest)) = text.split_first() else {
        return false;
    };
    let (whole, rest) = digits(rest);
    let (fraction, rest) = match rest.split_first() {
        Some((&mark, behind)) if mark == decimal => digits(behind),
        _ => (0, rest),
    };
    if whole + fraction == 0 {
        return false;
    }
    let rest = match rest.split_first() {
        Some((b'e' | b'E', behind)) => {
            let behind = match behind.split_first() {
                Some((b'+' | b'-', unsigned)) => unsigned,
                _ => behind,
            };
            match digits(behind) {
                (0, _) => return false,
                (_, behind) => behind,
            }
        }
        _ => rest,
    };
    matches!(rest, [] | [b'%'])
}

/// `\+\d{1,3}( \d{1,4}){1,6}`
fn is_phone_number(text: &[u8]) -> bool {
    let Some((b'+', rest)) = text.split_first() else {
        return false;
    };
    let mut groups = rest.split(|&byte| byte == b' ');
    let is_group = |group: &[u8], longest| {
        (1..=longest).contains(&group.len()) && group.iter().all(u8::is_ascii_digit)
    };
    let country = groups.next().is_some_and(|group| is_group(group, 3));
    let mut following = 0;
    let all = groups.all(|group| {
        following += 1;
        is_group(group, 4)
    });
    country && all && (1..=6).contains(&following)
}

#[cfg(test)]
mod tests {
    use super::{SKIPPED, STARTS, is_dangerous, may_start_formula};

    #[track_caller]
    fn check(dangerous: bool, texts: &[&str]) {
        for text in texts {
            assert_eq!(is_dangerous(text.as_bytes(), b'.'), dangerous, "{text:?}");
        }
    }

    #[test]
    fn the_first_byte_of_every_dangerous_text_is_suspect() {
        for text in SKIPPED.iter().chain(&STARTS) {
            assert!(may_start_formula(text.as_bytes()[0]), "{text:?}");
        }
    }

    #[test]
    fn formulas_are_dangerous_also_behind_skipped_characters() {
        check(
            true,
            &[
                "=1+1",
                "+cmd",
                "-cmd",
                "@SUM(A1)",
                "\tx",
                "\rx",
                "\nx",
                "\0x",
                "＝1",
                "＋1",
                "－1",
                "＠x",
                " =1",
                "\u{A0}=1",
                "\u{3000}@",
                "\u{FEFF}=1",
                "'=1",
                "''=1",
                "' =1",
                "-",
                "+",
                "-1-1",
                "-1x",
                " -1",
                "+1 2 x",
                "-1e",
                "--1",
                "+.",
                "+12345 1",
                "+1 2 3 4 5 6 7 8",
                "+1 ",
                "-1,5",
            ],
        );
    }

    #[test]
    fn numbers_phone_numbers_and_plain_text_are_not() {
        check(
            false,
            &[
                "",
                "a",
                "1",
                "-5",
                "-1.5e3",
                "+.5",
                "-1.",
                "-12%",
                "+1E+9",
                "+33 1 23",
                "+49 151 1234 5678",
                "a=1",
                "'a",
                " a",
                "\u{A0}",
                "ä",
                "日本",
                "#N/A",
                "\"=1\"",
                "(1)",
                "!x",
                "<b>",
                "😀",
            ],
        );
    }

    #[test]
    fn the_decimal_mark_in_use_decides_what_a_number_is() {
        assert!(!is_dangerous(b"-1,5", b','));
        assert!(is_dangerous(b"-1.5", b','));
    }
}
