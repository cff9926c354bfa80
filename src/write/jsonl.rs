//! JSON Lines: one JSON object per line, each ended by a line feed.

use super::Writer;
use super::json::Records;
use crate::error::Result;
use crate::report::Notes;
use crate::settings::Fields;
use crate::template::Layout;
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
    let next = |text: &[u8]| {
        let ends = LINE_ENDS.iter();
        let places = ends.filter_map(|(end, escape)| {
            let place = find(text, end.as_bytes())?;
            Some((place, end.len(), *escape))
        });
        places.min()
    };
    let written = out.get(start..).unwrap_or_default();
    let Some(mut found) = next(written) else {
        return;
    };
    let written = written.to_vec();
    let mut rest = written.as_slice();
    out.truncate(start);
    loop {
        let (place, length, escape) = found;
        out.extend_from_slice(rest.get(..place).unwrap_or_default());
        out.extend_from_slice(escape.as_bytes());
        rest = rest.get(place + length..).unwrap_or_default();
        match next(rest) {
            Some(behind) => found = behind,
            None => break,
        }
    }
    out.extend_from_slice(rest);
}

/// Where a text starts within another one.
fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    let first = part.first()?;
    let mut from = 0;
    loop {
        let rest = text.get(from..)?;
        from += rest.iter().position(|byte| byte == first)?;
        if text.get(from..)?.starts_with(part) {
            return Some(from);
        }
        from += 1;
    }
}
