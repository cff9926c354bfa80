//! CSV, RFC 4180.

use super::Writer;
use crate::error::{Error, Result};
use crate::guard;
use crate::report::{Notes, Notice};
use crate::settings::Fields;
use crate::template::Layout;
use crate::text::block::{self, Block, Blocks};
use crate::text::{json, scan};
use crate::value::{Cell, Kind, Row, Rows};

/// How CSV is written.
///
/// # Where this departs from RFC 4180
///
/// - The delimiter, the quote and the terminator can be changed.
/// - Null is an empty field and empty text is `""`, so that a reader can tell them apart. Most
///   readers take both for empty text.
/// - A row that consists of one null is written as `""`, since an empty line is no row for most
///   readers.
/// - Texts that a spreadsheet would run as a formula get a leading apostrophe.
/// - The last row ends with a terminator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvOptions {
    /// Stands between fields. Default: `,`.
    pub delimiter: u8,
    /// Encloses fields; inside, it stands doubled. Default: `"`.
    pub quote: u8,
    /// Which fields are enclosed. Default: [`QuoteStyle::Necessary`].
    pub quote_style: QuoteStyle,
    /// Ends each row. Default: [`Terminator::Crlf`].
    pub terminator: Terminator,
    /// Whether the file starts with a byte order mark, which Excel needs to read UTF-8. Default:
    /// no.
    pub bom: bool,
    /// Whether the first row holds the labels. Default: yes.
    pub header: bool,
    /// What null is written as, never enclosed. Text that equals it is enclosed. Default: nothing.
    pub null_text: String,
    /// What `true` is written as. Default: `true`.
    pub true_text: String,
    /// What `false` is written as. Default: `false`.
    pub false_text: String,
    /// The decimal mark of numbers. Default: `.`.
    pub decimal: u8,
    /// Whether texts and labels that would start a formula get a leading apostrophe. Default: yes.
    pub formula_guard: bool,
}

/// Which fields are enclosed in quotes. Null never is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QuoteStyle {
    /// Fields that would be read wrongly otherwise.
    #[default]
    Necessary,
    /// All fields.
    Always,
    /// All fields but numbers.
    NonNumeric,
}

/// What ends a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Terminator {
    /// Carriage return and line feed.
    #[default]
    Crlf,
    /// Line feed.
    Lf,
}

impl Terminator {
    fn text(self) -> &'static [u8] {
        match self {
            Self::Crlf => b"\r\n",
            Self::Lf => b"\n",
        }
    }
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self {
            delimiter: b',',
            quote: b'"',
            quote_style: QuoteStyle::Necessary,
            terminator: Terminator::Crlf,
            bom: false,
            header: true,
            null_text: String::new(),
            true_text: "true".into(),
            false_text: "false".into(),
            decimal: b'.',
            formula_guard: true,
        }
    }
}

impl CsvOptions {
    pub(super) fn from_fields(mut fields: Fields<'_>) -> Result<Self> {
        let styles = [
            ("necessary", QuoteStyle::Necessary),
            ("always", QuoteStyle::Always),
            ("non_numeric", QuoteStyle::NonNumeric),
        ];
        let terminators = [("\r\n", Terminator::Crlf), ("\n", Terminator::Lf)];
        let text = |given: Option<&str>, default: &str| given.unwrap_or(default).to_owned();
        let options = Self {
            delimiter: fields.ascii("delimiter", b',')?,
            quote: fields.ascii("quote", b'"')?,
            quote_style: fields.choice("quote_style", &styles, QuoteStyle::Necessary)?,
            terminator: fields.choice("terminator", &terminators, Terminator::Crlf)?,
            bom: fields.bool("bom", false)?,
            header: fields.bool("header", true)?,
            null_text: text(fields.short_text("null_text")?, ""),
            true_text: text(fields.short_text("true_text")?, "true"),
            false_text: text(fields.short_text("false_text")?, "false"),
            decimal: fields.ascii("decimal", b'.')?,
            formula_guard: fields.bool("formula_guard", true)?,
        };
        if !matches!(options.decimal, b'.' | b',') {
            return Err(fields.invalid("decimal", "takes \".\" or \",\""));
        }
        for (first, a, second, b) in [
            ("delimiter", options.delimiter, "quote", options.quote),
            ("delimiter", options.delimiter, "decimal", options.decimal),
            ("quote", options.quote, "decimal", options.decimal),
        ] {
            if a == b {
                let reason = format_args!("both are `{}`", char::from(a));
                return Err(Error::contradiction(
                    fields.path(first),
                    fields.path(second),
                    reason,
                ));
            }
        }
        let special = |byte: u8| {
            byte == options.delimiter || byte == options.quote || byte == b'\r' || byte == b'\n'
        };
        let null = options.null_text.as_bytes();
        if null.iter().copied().any(special) || is_mistaken(null) {
            let reason = "is never enclosed in quotes, so it can hold no delimiter, quote or line break, and cannot start with `ID`";
            return Err(fields.invalid("null_text", reason));
        }
        for (name, text) in [
            ("null_text", &options.null_text),
            ("true_text", &options.true_text),
            ("false_text", &options.false_text),
        ] {
            // An apostrophe disarms by itself, and a lone dash, which many write for null, is no
            // formula anywhere.
            let harmless = text.starts_with('\'') || text == "-";
            let dangerous = !harmless && guard::is_dangerous(text.as_bytes(), options.decimal);
            if options.formula_guard && dangerous {
                let guard = fields.path("formula_guard");
                let reason = format_args!(
                    "would start a formula in a spreadsheet, which only `{guard}: false` allows"
                );
                return Err(fields.invalid(name, reason));
            }
        }
        fields.finish()?;
        Ok(options)
    }

    pub(super) fn writer(self) -> Result<Box<dyn Writer>> {
        let in_numbers = |byte: u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        let plain_numbers = self.quote_style != QuoteStyle::Always
            && self.decimal == b'.'
            && self.null_text.is_empty()
            && !in_numbers(self.delimiter)
            && !in_numbers(self.quote);
        let mut writer = CsvWriter {
            plain_texts: self.quote_style == QuoteStyle::Necessary && self.null_text.is_empty(),
            options: self,
            plain_numbers,
            words: [Blocks::new(b""), Blocks::new(b"")],
            started: true,
            number: Vec::new(),
        };
        writer.words = [true, false].map(|value| {
            let mut word = Vec::new();
            writer.word(value, &mut word);
            Blocks::new(&word)
        });
        writer.started = false;
        Ok(Box::new(writer))
    }
}

struct CsvWriter {
    options: CsvOptions,
    /// No number needs quotes or another decimal mark.
    plain_numbers: bool,
    /// Texts need no quotes but for what they hold.
    plain_texts: bool,
    /// What stands for true and for false behind the first field.
    words: [Blocks; 2],
    /// The first field was written.
    started: bool,
    /// A number with its decimal mark changed.
    number: Vec<u8>,
}

impl Writer for CsvWriter {
    fn decimal(&self) -> u8 {
        self.options.decimal
    }

    fn begin(&mut self, layout: &Layout, out: &mut Vec<u8>, notes: &mut Notes) {
        if self.options.bom {
            out.extend_from_slice("\u{FEFF}".as_bytes());
        }
        if !self.options.header || layout.columns.is_empty() {
            return;
        }
        let start = out.len();
        for (number, column) in layout.columns.iter().enumerate() {
            if number > 0 {
                out.push(self.options.delimiter);
            }
            if self.text(column.label.as_bytes(), out) {
                notes.count(Notice::FormulaGuarded, Some(number as u32), None, 1);
            }
        }
        if out.len() == start {
            // Readers pass over an empty line.
            out.extend_from_slice(&[self.options.quote; 2]);
        }
        out.extend_from_slice(self.options.terminator.text());
    }

    fn rows(&mut self, layout: &Layout, rows: Rows<'_>, out: &mut Vec<u8>, notes: &mut Notes) {
        if layout.columns.is_empty() {
            return;
        }
        for row in rows.iter() {
            self.row(layout, &row, out, notes);
        }
    }

    fn end(&mut self, _: &Layout, _: u64, _: &mut Vec<u8>, _: &mut Notes) {}
}

impl CsvWriter {
    fn row(&mut self, layout: &Layout, row: &Row<'_>, out: &mut Vec<u8>, notes: &mut Notes) {
        let start = out.len();
        let delimiter = self.options.delimiter;
        let usual = self.started;
        for (number, column) in layout.columns.iter().enumerate() {
            let cell = row.cell_of(column.source);
            if usual && self.usual_field(row.bytes, cell, out) {
                continue;
            }
            if self.cell(cell, cell.text(row.bytes), out) {
                notes.cell(Notice::FormulaGuarded, number as u32, row.number);
            }
            out.push(delimiter);
        }
        // Behind the last field stands a delimiter, too.
        out.pop();
        if out.len() == start {
            out.extend_from_slice(&[self.options.quote; 2]);
            notes.row(Notice::NullRow, row.number);
        }
        for &byte in self.options.terminator.text() {
            out.push(byte);
        }
    }

    /// Writes a field and the delimiter behind it in the usual case, and tells whether that was one:
    /// a number, or a text that can stand as it is or needs quotes alone. That makes up most of
    /// a file: JSON becomes CSV in 60 % of the time that looking at every option for every field takes.
    #[inline(always)]
    fn usual_field(&self, bytes: &[u8], cell: Cell, out: &mut Vec<u8>) -> bool {
        let (start, len) = (cell.start as usize, cell.len as usize);
        let CsvOptions {
            delimiter, quote, ..
        } = self.options;
        match cell.kind {
            Kind::Number if self.plain_numbers => {
                block::append_before(bytes, start, len, delimiter, out);
                true
            }
            Kind::Text | Kind::Nested if self.plain_texts => {
                let first = bytes.get(start).filter(|_| len > 0);
                let unusual = |&byte: &u8| UNUSUAL_FIRST.get(usize::from(byte)) != Some(&false);
                if first.is_none_or(unusual) {
                    return false;
                }
                if let Some(block) = Block::at(bytes, start).filter(|_| len <= block::LEN) {
                    let marks = scan::csv_marks(block, delimiter, quote);
                    if marks.bits() & ((1 << len) - 1) == 0 {
                        block.append_before(len, delimiter, out);
                        return true;
                    }
                }
                self.long_text(bytes, start, len, out);
                true
            }
            Kind::Missing | Kind::Null if self.plain_texts => {
                out.push(delimiter);
                true
            }
            Kind::Bool => {
                let [yes, no] = &self.words;
                let word = if len == 4 { yes } else { no };
                word.append(out);
                out.push(delimiter);
                true
            }
            _ => false,
        }
    }

    /// Writes a text in quotes where it needs them, and a delimiter behind it.
    #[inline(never)]
    fn long_text(&self, bytes: &[u8], start: usize, len: usize, out: &mut Vec<u8>) {
        let CsvOptions {
            delimiter, quote, ..
        } = self.options;
        let before = out.len();
        let marks = |block| scan::csv_marks(block, delimiter, quote);
        let plain = block::append_until(bytes, start, len, marks, out);
        if plain < len {
            out.insert(before, quote);
            self.double_quotes(bytes, start + plain, len - plain, out);
            out.push(quote);
        }
        out.push(delimiter);
    }

    /// Writes a field whatever it is, and tells whether it needed the formula guard.
    #[inline(never)]
    fn cell(&mut self, cell: Cell, text: &[u8], out: &mut Vec<u8>) -> bool {
        match cell.kind {
            Kind::Missing | Kind::Null => {
                out.extend_from_slice(self.options.null_text.as_bytes());
                self.started = true;
            }
            Kind::Text => return self.text(text, out),
            Kind::Number => self.number(text, out),
            // What a number format made is no text that somebody could have put there.
            Kind::Formatted => self.field(text, json::is_number(text), out),
            Kind::Nested => self.field(text, false, out),
            Kind::Bool => self.word(cell.len == 4, out),
        }
        false
    }

    fn word(&mut self, value: bool, out: &mut Vec<u8>) {
        let word = match value {
            true => self.options.true_text.clone(),
            false => self.options.false_text.clone(),
        };
        self.field(word.as_bytes(), false, out);
    }

    #[inline(never)]
    fn double_quotes(&self, bytes: &[u8], start: usize, len: usize, out: &mut Vec<u8>) {
        let quote = self.options.quote;
        let marks = |block: Block| block.equals(quote);
        let mut done = block::append_until(bytes, start, len, marks, out);
        while done < len {
            out.push(quote);
            out.push(quote);
            done += 1;
            done += block::append_until(bytes, start + done, len - done, marks, out);
        }
    }

    /// Writes text, and tells whether it needed the formula guard.
    fn text(&mut self, text: &[u8], out: &mut Vec<u8>) -> bool {
        let guarded = self.options.formula_guard && guard::is_dangerous(text, self.options.decimal);
        self.field_behind(if guarded { b"'" } else { b"" }, text, false, out);
        guarded
    }

    fn number(&mut self, text: &[u8], out: &mut Vec<u8>) {
        if self.options.decimal == b'.' {
            return self.field(text, true, out);
        }
        let mut number = std::mem::take(&mut self.number);
        number.clear();
        number.extend(text.iter().map(|&byte| match byte {
            b'.' => self.options.decimal,
            other => other,
        }));
        self.field(&number, true, out);
        self.number = number;
    }

    fn field(&mut self, text: &[u8], numeric: bool, out: &mut Vec<u8>) {
        self.field_behind(b"", text, numeric, out);
    }

    /// Writes a field that is not null, enclosed in quotes where it must be.
    fn field_behind(&mut self, prefix: &[u8], text: &[u8], numeric: bool, out: &mut Vec<u8>) {
        let first = !std::mem::replace(&mut self.started, true);
        let enclosed = match self.options.quote_style {
            QuoteStyle::Always => true,
            QuoteStyle::NonNumeric if !numeric => true,
            _ => {
                self.options.null_text.as_bytes().strip_prefix(prefix) == Some(text)
                    || self.is_special(prefix)
                    || self.is_special(text)
                    || (first && is_mistaken(text))
                    || ends_data(text)
            }
        };
        if !enclosed {
            out.extend_from_slice(prefix);
            out.extend_from_slice(text);
            return;
        }
        out.push(self.options.quote);
        self.double_quotes(prefix, 0, prefix.len(), out);
        self.double_quotes(text, 0, text.len(), out);
        out.push(self.options.quote);
    }

    /// Whether a text that holds this cannot stand without quotes.
    fn is_special(&self, text: &[u8]) -> bool {
        let CsvOptions {
            delimiter, quote, ..
        } = self.options;
        scan::csv_plain(text, delimiter, quote) < text.len()
    }
}

/// Whether a text that starts with this byte has to be looked at closely: it may start a formula, or
/// [end the data](ends_data).
#[allow(
    clippy::indexing_slicing,
    reason = "a constant: the compiler would tell"
)]
static UNUSUAL_FIRST: [bool; 256] = {
    let mut unusual = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        unusual[byte] = guard::may_start_formula(byte as u8) || byte as u8 == b'\\';
        byte += 1;
    }
    unusual
};

/// Whether a row of this text alone would end the data: PostgreSQL before version 18 stops there.
fn ends_data(text: &[u8]) -> bool {
    text == b"\\."
}

/// Whether a file that starts with this text would be taken for something else: Excel takes `ID`
/// for a SYLK file, and everybody takes U+FEFF for a byte order mark.
fn is_mistaken(text: &[u8]) -> bool {
    text.starts_with(b"ID") || text.starts_with("\u{FEFF}".as_bytes())
}
