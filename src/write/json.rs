//! JSON, RFC 8259: an array of records, spaced as `JSON.stringify` spaces it.

use super::Writer;
use crate::error::Result;
use crate::report::Notes;
use crate::settings::Fields;
use crate::table::Header;
#[cfg(feature = "catalog")]
use crate::template::Envelope;
use crate::template::Layout;
use crate::text::block::{self, Blocks};
use crate::text::json;
use crate::value::{Cell, Kind, Row, Rows};

/// How JSON is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonOptions {
    /// Whether it is indented by two spaces, as `JSON.stringify(rows, null, 2)` does. Default: yes.
    /// A nested value that would take more than 1 MiB and eight times its length stays on one line.
    pub pretty: bool,
    /// The member of an object that holds the rows. Default: none, a bare array.
    pub root: Option<String>,
}

impl Default for JsonOptions {
    fn default() -> Self {
        Self {
            pretty: true,
            root: None,
        }
    }
}

impl JsonOptions {
    pub(super) fn from_fields(mut fields: Fields<'_>) -> Result<Self> {
        let options = Self {
            pretty: fields.bool("pretty", true)?,
            root: fields.text("root")?.map(Into::into),
        };
        fields.finish()?;
        Ok(options)
    }

    pub(super) fn writer(self) -> Box<dyn Writer> {
        let indent = usize::from(self.root.is_some());
        Box::new(JsonWriter {
            records: Records::new(self.pretty.then_some(indent)),
            options: self,
            started: false,
        })
    }
}

struct JsonWriter {
    options: JsonOptions,
    /// The first row was written.
    started: bool,
    records: Records,
}

impl Writer for JsonWriter {
    #[cfg(feature = "catalog")]
    fn json_options(&self) -> Option<&JsonOptions> {
        Some(&self.options)
    }

    fn begin(&mut self, layout: &Layout, out: &mut Vec<u8>, _: &mut Notes) {
        #[cfg(feature = "catalog")]
        if let Some(envelope) = &layout.envelope {
            self.records.indent = self.options.pretty.then_some(1);
            self.records.begin(layout);
            return self.begin_envelope(envelope, out);
        }
        self.records.begin(layout);
        if let Some(root) = &self.options.root {
            out.push(b'{');
            new_line(self.options.pretty.then_some(1), out);
            write_key(root, self.options.pretty, out);
        }
        out.push(b'[');
    }

    fn rows(&mut self, layout: &Layout, rows: Rows<'_>, out: &mut Vec<u8>, _: &mut Notes) {
        for row in rows.iter() {
            if std::mem::replace(&mut self.started, true) {
                out.push(b',');
            }
            self.records.line_break(1, out);
            self.records.write(layout, &row, out);
        }
    }

    fn end(&mut self, layout: &Layout, rows: u64, out: &mut Vec<u8>, _: &mut Notes) {
        if self.started {
            self.records.line_break(0, out);
        }
        out.push(b']');
        #[cfg(feature = "catalog")]
        if let Some(envelope) = &layout.envelope {
            return self.end_envelope(envelope, rows, out);
        }
        #[cfg(not(feature = "catalog"))]
        let _ = (layout, rows);
        if self.options.root.is_some() {
            new_line(self.options.pretty.then_some(0), out);
            out.push(b'}');
        }
    }
}

/// The object around the rows that the definition of a resource asks for.
#[cfg(feature = "catalog")]
impl JsonWriter {
    fn begin_envelope(&self, envelope: &Envelope, out: &mut Vec<u8>) {
        out.push(b'{');
        for (name, value) in &envelope.before {
            self.write_member(name, value, out);
            out.push(b',');
        }
        self.write_member(&envelope.rows, b"[", out);
    }

    fn end_envelope(&self, envelope: &Envelope, rows: u64, out: &mut Vec<u8>) {
        for (name, value) in &envelope.behind {
            out.push(b',');
            match value {
                Some(value) => self.write_member(name, value, out),
                None => self.write_member(name, rows.to_string().as_bytes(), out),
            }
        }
        new_line(self.options.pretty.then_some(0), out);
        out.push(b'}');
    }

    fn write_member(&self, name: &str, value: &[u8], out: &mut Vec<u8>) {
        new_line(self.options.pretty.then_some(1), out);
        write_key(name, self.options.pretty, out);
        out.extend_from_slice(value);
    }
}

/// Writes rows as objects.
pub(super) struct Records {
    /// How deep the rows' array stands; `None` where all stands on one line.
    indent: Option<usize>,
    /// For each column what stands before its value: a comma, line break, indentation, key and colon.
    keys: Vec<Blocks>,
}

impl Records {
    pub(super) fn new(indent: Option<usize>) -> Self {
        Self {
            indent,
            keys: Vec::new(),
        }
    }

    pub(super) fn begin(&mut self, layout: &Layout) {
        let labels = layout.columns.iter().map(|column| column.label.as_str());
        self.keys = unique(labels)
            .iter()
            .map(|label| {
                let mut key = vec![b','];
                self.line_break(2, &mut key);
                write_key(label, self.indent.is_some(), &mut key);
                Blocks::new(&key)
            })
            .collect();
    }

    /// Writes a row as an object.
    pub(super) fn write(&self, layout: &Layout, row: &Row<'_>, out: &mut Vec<u8>) {
        let start = out.len();
        for (column, key) in layout.columns.iter().zip(&self.keys) {
            let cell = row.cell_of(column.source);
            if cell.kind == Kind::Missing && !column.required {
                continue;
            }
            key.append(out);
            self.value(cell, row.bytes, out);
        }
        // The bracket takes the place of the first comma.
        match out.get_mut(start) {
            Some(comma) => {
                *comma = b'{';
                self.line_break(1, out);
            }
            None => out.push(b'{'),
        }
        out.push(b'}');
    }

    /// A new line `level` steps deeper than the rows' array.
    fn line_break(&self, level: usize, out: &mut Vec<u8>) {
        new_line(self.indent.map(|indent| indent + level), out);
    }

    #[inline(always)]
    fn value(&self, cell: Cell, bytes: &[u8], out: &mut Vec<u8>) {
        let (start, len) = (cell.start as usize, cell.len as usize);
        match cell.kind {
            Kind::Missing | Kind::Null => out.extend_from_slice(b"null"),
            Kind::Number | Kind::Bool => block::append(bytes, start, len, out),
            Kind::Text if !cell.escaped => {
                out.push(b'"');
                block::append_before(bytes, start, len, b'"', out);
            }
            Kind::Text | Kind::Formatted => json::write_string(cell.text(bytes), out),
            Kind::Nested => {
                write_nested(cell.text(bytes), self.indent.map(|indent| indent + 2), out);
            }
        }
    }
}

/// Writes compact JSON text, indented from a level on where one is given.
pub(crate) fn write_nested(text: &[u8], indent: Option<usize>, out: &mut Vec<u8>) {
    let start = out.len();
    let pretty = indent.is_some_and(|indent| {
        let most = PRETTY_BYTES.max(PRETTY_GROWTH * text.len());
        write_pretty(text, indent, most, out)
    });
    if !pretty {
        out.truncate(start);
        out.extend_from_slice(text);
    }
}

fn write_key(name: &str, spaced: bool, out: &mut Vec<u8>) {
    json::write_string(name.as_bytes(), out);
    out.extend_from_slice(if spaced { b": " } else { b":" });
}

/// A line break and its indentation; nothing where all stands on one line.
pub(crate) fn new_line(indent: Option<usize>, out: &mut Vec<u8>) {
    if let Some(indent) = indent {
        out.push(b'\n');
        out.extend(std::iter::repeat_n(b' ', 2 * indent));
    }
}

/// A cell that is longer than this when it is indented, and [`PRETTY_GROWTH`] times as long as
/// without, stays on one line. Numbers in deep arrays would grow a hundredfold otherwise, and with
/// them what a row of input costs in memory.
const PRETTY_BYTES: usize = 1 << 20;

/// See [`PRETTY_BYTES`].
const PRETTY_GROWTH: usize = 8;

/// Indents compact JSON text; gives up, and tells so, when that takes more than `most` bytes.
fn write_pretty(text: &[u8], mut indent: usize, most: usize, out: &mut Vec<u8>) -> bool {
    let most = out.len().saturating_add(most);
    let mut in_string = false;
    let mut escaped = false;
    let mut before = 0;
    for &byte in text {
        if out.len() > most {
            return false;
        }
        let opened = matches!(before, b'{' | b'[') && !in_string;
        if in_string {
            out.push(byte);
            in_string = byte != b'"' || escaped;
            escaped = byte == b'\\' && !escaped;
            before = 0;
            continue;
        }
        if matches!(byte, b'}' | b']') {
            if !opened {
                indent = indent.saturating_sub(1);
                new_line(Some(indent), out);
            }
            out.push(byte);
            before = byte;
            continue;
        }
        if opened {
            indent += 1;
            new_line(Some(indent), out);
        }
        out.push(byte);
        match byte {
            b',' => new_line(Some(indent), out),
            b':' => out.push(b' '),
            b'"' => in_string = true,
            _ => {}
        }
        before = byte;
    }
    out.len() <= most
}

/// Labels as keys of one object: the second of a name becomes `name_2`, and so on.
fn unique<'a>(labels: impl Iterator<Item = &'a str> + Clone) -> Vec<String> {
    let mut given = Header::of(labels.clone());
    let mut seen = Header::default();
    // For each label the number that its next repetition tries first.
    let mut numbers: Vec<u64> = Vec::new();
    labels
        .map(|label| {
            let place = seen.find(label.as_bytes(), 0);
            let Some(number) = place.and_then(|place| numbers.get_mut(place as usize)) else {
                seen.add(label);
                numbers.push(2);
                return label.to_owned();
            };
            loop {
                let name = format!("{label}_{number}");
                *number += 1;
                if given.find(name.as_bytes(), 0).is_none() {
                    given.add(&name);
                    return name;
                }
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{unique, write_pretty};

    #[test]
    fn nested_text_is_indented_as_json_stringify_does() {
        let mut out = Vec::new();
        let text = br#"{"a":[1,{}],"b":[],"c":"x\\\",{[:]}"}"#;
        assert!(write_pretty(text, 0, 1000, &mut out));
        let expected =
            "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": [],\n  \"c\": \"x\\\\\\\",{[:]}\"\n}";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn indentation_that_takes_too_much_is_given_up() {
        let text = b"[[[1]]]";
        let mut out = Vec::new();
        assert!(write_pretty(text, 0, 31, &mut out));
        let mut cut = Vec::new();
        assert_eq!(out.len(), 31);
        assert!(!write_pretty(text, 0, 30, &mut cut));
    }

    #[test]
    fn a_label_that_stands_twice_gets_a_number_that_no_other_has() {
        let labels = ["a", "a", "a_2", "b", "a"];
        assert_eq!(unique(labels.into_iter()), ["a", "a_3", "a_2", "b", "a_4"]);
    }
}
