//! JSON Lines: one JSON object per line, each ended by a line feed.

use super::Writer;
use super::json::Records;
use crate::error::Result;
use crate::report::Notes;
use crate::settings::Fields;
use crate::template::Layout;
use crate::text::scan;
use crate::value::Rows;

/// Makes the writer. The format has no options.
pub(super) fn open(fields: Fields<'_>) -> Result<Box<dyn Writer>> {
    fields.finish()?;
    Ok(Box::new(JsonLinesWriter {
        records: Records::new(None),
    }))
}

struct JsonLinesWriter {
    records: Records,
}

impl Writer for JsonLinesWriter {
    fn begin(&mut self, layout: &Layout, _: &mut Vec<u8>, _: &mut Notes) {
        self.records.begin(layout);
    }

    fn rows(&mut self, layout: &Layout, rows: Rows<'_>, out: &mut Vec<u8>, _: &mut Notes) {
        let start = out.len();
        for row in rows.iter() {
            self.records.write(layout, &row, out);
            out.push(b'\n');
        }
        escape_line_ends(start, out);
    }

    fn end(&mut self, _: &Layout, _: u64, _: &mut Vec<u8>, _: &mut Notes) {}
}

/// Line ends of Unicode beside those that JSON escapes: NEL, and the separators of lines and paragraphs. Readers that split
/// text at these, such as Python's `splitlines`, would find more lines than there are values.
const LINE_ENDS: [(&str, &str); 3] = [
    ("\u{85}", "\\u0085"),
    ("\u{2028}", "\\u2028"),
    ("\u{2029}", "\\u2029"),
];

/// Writes line ends as escapes in what was written from a place on: they only occur within texts.
fn escape_line_ends(start: usize, out: &mut Vec<u8>) {
    let Some(mut found) = next_line_end(out, start) else {
        return;
    };
    let written = out.split_off(start);
    let mut from = 0;
    found.0 -= start;
    loop {
        let (place, length, escape) = found;
        out.extend_from_slice(written.get(from..place).unwrap_or_default());
        out.extend_from_slice(escape.as_bytes());
        from = place + length;
        match next_line_end(&written, from) {
            Some(next) => found = next,
            None => break,
        }
    }
    out.extend_from_slice(written.get(from..).unwrap_or_default());
}

/// The first line end from a place on: where it is, its length, and its escape.
fn next_line_end(text: &[u8], from: usize) -> Option<(usize, usize, &'static str)> {
    let mut at = from;
    loop {
        at = scan::line_end_start(text, at);
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let found = LINE_ENDS
            .iter()
            .find(|(end, _)| rest.starts_with(end.as_bytes()));
        if let Some((end, escape)) = found {
            return Some((at, end.len(), escape));
        }
        at += 1;
    }
}
