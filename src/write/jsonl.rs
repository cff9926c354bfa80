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
        for row in rows.iter() {
            self.records.write(layout, &row, out);
            out.push(b'\n');
        }
    }

    fn end(&mut self, _: &Layout, _: u64, _: &mut Vec<u8>, _: &mut Notes) {}
}
