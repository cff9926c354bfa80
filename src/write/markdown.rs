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
use crate::value::{Kind, Rows};

/// Makes the writer. The format has no options.
pub(super) fn open(fields: Fields<'_>) -> Result<Box<dyn Writer>> {
    fields.finish()?;
    Ok(Box::new(MarkdownWriter))
}

struct MarkdownWriter;

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
        for row in rows.iter() {
            for (number, column) in layout.columns.iter().enumerate() {
                let (cell, text) = row.cell(column.source);
                out.extend_from_slice(b"| ");
                match cell.kind {
                    Kind::Missing | Kind::Null => {}
                    Kind::Bool | Kind::Number | Kind::Text | Kind::Nested | Kind::Formatted => {
                        if write_text(text, out) {
                            notes.cell(Notice::ControlCharacter, number as u32, row.number);
                        }
                    }
                }
                out.push(b' ');
            }
            out.extend_from_slice(b"|\n");
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
    // White space at the ends would be trimmed, by some readers also what is no ASCII.
    let text = std::str::from_utf8(text).unwrap_or_default();
    let behind_start = text.trim_start_matches(is_trimmed);
    let inner = behind_start.trim_end_matches(is_trimmed);
    let start = text.len() - behind_start.len();
    let end = start + inner.len();
    let mut lost = write_references(text.get(..start).unwrap_or_default(), out);
    for &byte in inner.as_bytes() {
        match byte {
            0 => {
                lost = true;
                out.extend_from_slice("\u{FFFD}".as_bytes());
            }
            b'\t' | b'\n' | b'\r' => out.extend_from_slice(format!("&#{byte};").as_bytes()),
            _ if byte.is_ascii_punctuation() => out.extend_from_slice(&[b'\\', byte]),
            _ => out.push(byte),
        }
    }
    lost | write_references(text.get(end..).unwrap_or_default(), out)
}

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
        out.extend_from_slice(format!("&#{};", u32::from(number)).as_bytes());
    }
    lost
}

#[cfg(test)]
mod tests {
    use super::write_text;

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
}
