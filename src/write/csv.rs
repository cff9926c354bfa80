//! CSV, RFC 4180.

use super::Writer;
use crate::error::{Error, Result};
use crate::guard;
use crate::report::{Notes, Notice};
use crate::settings::Fields;
use crate::template::Layout;
use crate::text::{block, json, scan};
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
        Ok(Box::new(CsvWriter {
            plain_texts: self.quote_style == QuoteStyle::Necessary && self.null_text.is_empty(),
            options: self,
            plain_numbers,
            started: false,
            number: Vec::new(),
        }))
    }
}

struct CsvWriter {
    options: CsvOptions,
    /// No number needs quotes or another decimal mark.
    plain_numbers: bool,
    /// Texts need no quotes but for what they hold.
    plain_texts: bool,
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
        for (number, column) in layout.columns.iter().enumerate() {
            if number > 0 {
                out.push(self.options.delimiter);
            }
            let (cell, text) = row.cell(column.source);
            match cell.kind {
                Kind::Missing | Kind::Null => {
                    out.extend_from_slice(self.options.null_text.as_bytes());
                    self.started = true;
                }
                Kind::Text if self.plain(row.bytes, cell, out) => {}
                Kind::Text => {
                    if self.text(text, out) {
                        notes.cell(Notice::FormulaGuarded, number as u32, row.number);
                    }
                }
                Kind::Number if self.plain_numbers => {
                    block::append(row.bytes, cell.start as usize, text.len(), out);
                    self.started = true;
                }
                Kind::Number => self.number(text, out),
                Kind::Formatted => {
                    if self.formatted(text, out) {
                        notes.cell(Notice::FormulaGuarded, number as u32, row.number);
                    }
                }
                Kind::Nested => self.field(text, false, out),
                Kind::Bool => {
                    let word = match cell.len {
                        4 => std::mem::take(&mut self.options.true_text),
                        _ => std::mem::take(&mut self.options.false_text),
                    };
                    self.field(word.as_bytes(), false, out);
                    match cell.len {
                        4 => self.options.true_text = word,
                        _ => self.options.false_text = word,
                    }
                }
            }
        }
        if out.len() == start {
            out.extend_from_slice(&[self.options.quote; 2]);
            notes.row(Notice::NullRow, row.number);
        }
        out.extend_from_slice(self.options.terminator.text());
    }

    /// Writes a text that can stand as it is, in the usual case: only quotes where they are needed,
    /// no word for null, and not the first field. Tells whether that was done.
    #[inline]
    fn plain(&self, bytes: &[u8], cell: Cell, out: &mut Vec<u8>) -> bool {
        let start = cell.start as usize;
        let may_be_plain = self.plain_texts
            && self.started
            && cell.len > 0
            && bytes.get(start).is_some_and(|&first| {
                first != b'\\' && !(self.options.formula_guard && guard::may_start_formula(first))
            });
        if !may_be_plain {
            return false;
        }
        let CsvOptions {
            delimiter, quote, ..
        } = self.options;
        let before = out.len();
        let marks = |block| scan::csv_marks(block, delimiter, quote);
        let plain = block::append_unmarked(bytes, start, cell.len as usize, marks, out);
        if !plain {
            out.truncate(before);
        }
        plain
    }

    /// Writes text, and tells whether it needed the formula guard.
    fn text(&mut self, text: &[u8], out: &mut Vec<u8>) -> bool {
        let guarded = self.options.formula_guard && guard::is_dangerous(text, self.options.decimal);
        self.field_behind(if guarded { b"'" } else { b"" }, text, false, out);
        guarded
    }

    /// Writes what a number format made, and tells whether it needed the formula guard: not where it
    /// is a number with groups, a currency or the like.
    fn formatted(&mut self, text: &[u8], out: &mut Vec<u8>) -> bool {
        if guard::is_formatted_number(text) {
            self.field(text, json::is_number(text), out);
            return false;
        }
        self.text(text, out)
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
        self.double_quotes(prefix, out);
        self.double_quotes(text, out);
        out.push(self.options.quote);
    }

    /// Whether a text that holds this cannot stand without quotes.
    fn is_special(&self, text: &[u8]) -> bool {
        let CsvOptions {
            delimiter, quote, ..
        } = self.options;
        scan::csv_plain(text, delimiter, quote) < text.len()
    }

    fn double_quotes(&self, text: &[u8], out: &mut Vec<u8>) {
        let quote = self.options.quote;
        let mut parts = text.split(|&byte| byte == quote);
        out.extend_from_slice(parts.next().unwrap_or_default());
        for part in parts {
            out.extend_from_slice(&[quote; 2]);
            out.extend_from_slice(part);
        }
    }
}

/// Whether a row of this text alone would end the data: PostgreSQL before version 18 stops there.
fn ends_data(text: &[u8]) -> bool {
    text == b"\\."
}

/// Whether a file that starts with this text would be taken for something else: Excel takes `ID`
/// for a SYLK file, and everybody takes U+FEFF for a byte order mark.
fn is_mistaken(text: &[u8]) -> bool {
    text.starts_with(b"ID") || text.starts_with("\u{FEFF}".as_bytes())
}
