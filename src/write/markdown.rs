//! Markdown: a table of GitHub Flavored Markdown, section 4.10.
//!
//! A cell shows the text that it holds and nothing else: all ASCII punctuation is escaped, so no
//! text becomes markup, a link or raw HTML, and white space that Markdown would drop or take for
//! the end of the row is written as a character reference.

use super::Writer;
use crate::error::Result;
use crate::report::{Notes, Notice};
use crate::settings::Fields;
use crate::table::Align;
use crate::template::Layout;
use crate::text::block::{self, Block, Set};
use crate::value::{Kind, Rows};

/// Makes the writer. The format has no options.
pub(super) fn open(fields: Fields<'_>) -> Result<Box<dyn Writer>> {
    fields.finish()?;
    Ok(Box::new(MarkdownWriter))
}

struct MarkdownWriter;

/// What cannot stand for itself: ASCII punctuation, white space of lines, NUL.
const SPECIAL: Set = Set::of(b"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\t\n\r\0");

impl Writer for MarkdownWriter {
    fn begin(&mut self, layout: &Layout, out: &mut Vec<u8>, notes: &mut Notes) {
        if let Some(header) = layout.header() {
            out.extend_from_slice(b"# ");
            write_text(header.as_bytes(), out);
            out.extend_from_slice(b"\n\n");
        }
        if layout.columns.is_empty() {
            return;
        }
        for (number, column) in layout.columns.iter().enumerate() {
            out.extend_from_slice(b"| ");
            if write_text(column.label.as_bytes(), out) {
                notes.count(Notice::ControlCharacter, Some(number as u32), None, 1);
            }
            out.push(b' ');
        }
        out.extend_from_slice(b"|\n");
        for column in &layout.columns {
            let rule: &[u8] = match column.alignment() {
                None => b"| --- ",
                Some(Align::Left) => b"| :--- ",
                Some(Align::Center) => b"| :---: ",
                Some(Align::Right) => b"| ---: ",
            };
            out.extend_from_slice(rule);
        }
        out.extend_from_slice(b"|\n");
    }

    fn rows(&mut self, layout: &Layout, rows: Rows<'_>, out: &mut Vec<u8>, notes: &mut Notes) {
        if layout.columns.is_empty() {
            return;
        }
        let between = Block::start(b" | ");
        for row in rows.iter() {
            out.extend_from_slice(b"| ");
            for (number, column) in layout.columns.iter().enumerate() {
                let (cell, text) = row.cell(column.source);
                match cell.kind {
                    Kind::Missing | Kind::Null => {}
                    Kind::Bool | Kind::Number | Kind::Text | Kind::Nested | Kind::Formatted => {
                        if write_part(row.bytes, cell.start as usize, text.len(), out) {
                            notes.cell(Notice::ControlCharacter, number as u32, row.number);
                        }
                    }
                }
                between.append(3, out);
            }
            // Behind the last cell the line ends.
            out.pop();
            out.push(b'\n');
        }
    }

    fn end(&mut self, layout: &Layout, rows: u64, out: &mut Vec<u8>, _: &mut Notes) {
        if layout.has_totals() {
            for (text, _) in layout.total_cells() {
                out.extend_from_slice(b"| ");
                write_text(text.as_bytes(), out);
                out.push(b' ');
            }
            out.extend_from_slice(b"|\n");
        }
        if let Some(footer) = layout.footer(rows) {
            out.push(b'\n');
            write_text(footer.as_bytes(), out);
            out.push(b'\n');
        }
    }
}

/// Appends text so that it stands for itself on one line, and tells whether it held a control
/// character that Markdown cannot carry there and that became U+FFFD: NUL anywhere, and at the ends
/// those that readers trim but take no reference for.
fn write_text(text: &[u8], out: &mut Vec<u8>) -> bool {
    write_part(text, 0, text.len(), out)
}

/// Appends a part of a text so.
fn write_part(bytes: &[u8], start: usize, len: usize, out: &mut Vec<u8>) -> bool {
    let text = bytes.get(start..start + len).unwrap_or_default();
    if !may_be_trimmed(text) {
        return write_inner(bytes, start, len, out);
    }
    // White space at the ends would be trimmed, by some readers also what is no ASCII.
    let text = std::str::from_utf8(text).unwrap_or_default();
    let behind_start = text.trim_start_matches(is_trimmed);
    let inner = behind_start.trim_end_matches(is_trimmed);
    let (before, rest) = text
        .split_at_checked(text.len() - behind_start.len())
        .unwrap_or_default();
    let behind = rest.get(inner.len()..).unwrap_or_default();
    let mut lost = write_references(before, out);
    lost |= write_inner(inner.as_bytes(), 0, inner.len(), out);
    lost | write_references(behind, out)
}

/// Appends what stands between white space at the ends.
fn write_inner(text: &[u8], start: usize, len: usize, out: &mut Vec<u8>) -> bool {
    let mut lost = false;
    let mut escape = |byte: u8, out: &mut Vec<u8>| match byte {
        0 => {
            lost = true;
            out.extend_from_slice("\u{FFFD}".as_bytes());
        }
        b'\t' | b'\n' | b'\r' => write_reference(byte.into(), out),
        _ => out.extend_from_slice(&[b'\\', byte]),
    };
    block::append_escaped(text, start, len, &SPECIAL, &mut escape, out);
    lost
}

/// Whether a text may start or end with white space: by the bytes there most texts do not, which
/// spares them the reading of characters.
fn may_be_trimmed(text: &[u8]) -> bool {
    // The first bytes of white space in UTF-8, and of U+FEFF.
    let leads = |byte: &u8| matches!(byte, 0..=b' ' | 0xC2 | 0xE1 | 0xE2 | 0xE3 | 0xEF);
    match text {
        [first, ..] if leads(first) => true,
        [.., last] if last.is_ascii() => leads(last),
        _ => text.iter().rev().skip(1).take(2).any(leads),
    }
}

// It is asked of few texts, and small where it is not repeated.
#[inline(never)]
fn is_trimmed(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\x1c'..='\x1f' | '\u{FEFF}')
}

/// Writes characters by their numbers; tells whether one has none that all readers take.
fn write_references(text: &str, out: &mut Vec<u8>) -> bool {
    let mut lost = false;
    for character in text.chars() {
        let number = match character {
            '\x0b' | '\x1c'..='\x1f' | '\u{85}' => {
                lost = true;
                char::REPLACEMENT_CHARACTER
            }
            other => other,
        };
        write_reference(number.into(), out);
    }
    lost
}

fn write_reference(number: u32, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("&#{number};").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::{is_trimmed, write_part, write_text};

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut out = Vec::new();
        let lost = write_text(text.as_bytes(), &mut out);
        let written = String::from_utf8(out).unwrap();
        assert_eq!(written, expected);
        assert_eq!(
            lost,
            written.contains('\u{FFFD}') || written.contains("65533")
        );
    }

    #[test]
    fn no_text_becomes_markup() {
        check("a|b", "a\\|b");
        check("<b> & *x*", "\\<b\\> \\& \\*x\\*");
        check(" two  words \u{A0}", "&#32;two  words&#32;&#160;");
        check("a\r\nb\tc", "a&#13;&#10;b&#9;c");
        check("\0", "\u{FFFD}");
        check("\x0b\x0b.\x0b", "&#65533;&#65533;\\.&#65533;");
        check("a\x0bb", "a\x0bb");
        check("Zoë", "Zoë");
    }

    /// What is to be written, character by character.
    fn one_by_one(text: &str) -> String {
        let characters: Vec<char> = text.chars().collect();
        let trimmed = |rest: &[char]| rest.iter().all(|&character| is_trimmed(character));
        let mut expected = String::new();
        for (place, &character) in characters.iter().enumerate() {
            let at_end = trimmed(&characters[..=place]) || trimmed(&characters[place..]);
            let number = u32::from(character);
            match character {
                '\x0b' | '\x1c'..='\x1f' | '\u{85}' if at_end => expected.push_str("&#65533;"),
                _ if at_end => expected.push_str(&format!("&#{number};")),
                '\0' => expected.push('\u{FFFD}'),
                '\t' | '\n' | '\r' => expected.push_str(&format!("&#{number};")),
                _ if character.is_ascii_punctuation() => {
                    expected.extend(['\\', character]);
                }
                _ => expected.push(character),
            }
        }
        expected
    }

    #[test]
    fn every_character_at_every_place_is_written_as_one_by_one() {
        let white = "\u{1680}\u{2028}\u{2029}\u{202F}\u{205F}\u{3000}\u{FEFF}\u{180E}";
        let others = "\u{2000}\u{200A}\u{200B}\u{FEFE}\u{E000}日€😀";
        for character in ('\0'..='\u{FF}').chain(white.chars()).chain(others.chars()) {
            for len in 0..40 {
                for place in 0..=len {
                    let before = "x".repeat(place);
                    let text = format!("{before}{character}{}", "x".repeat(len - place));
                    let around = format!("| {text} |\n ,-");
                    let mut out = Vec::new();
                    write_part(around.as_bytes(), 2, text.len(), &mut out);
                    assert_eq!(
                        String::from_utf8(out).unwrap(),
                        one_by_one(&text),
                        "{text:?}"
                    );
                }
                let twice = format!("{character}{character}{}", "-".repeat(len));
                check(&twice, &one_by_one(&twice));
            }
        }
    }
}
