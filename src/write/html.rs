//! HTML: a complete document with one table, which reads, prints and goes dark by itself.

use super::Writer;
use crate::error::{Error, Result};
use crate::guard;
use crate::report::{Notes, Notice};
use crate::settings::Fields;
use crate::table::Align;
use crate::template::{Layout, OutputColumn};
use crate::text::{block, html, json, number};
use crate::value::{Kind, Rows};

/// How HTML is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HtmlOptions {
    /// The document's title. Default: the template's name, else the file's name.
    pub title: Option<String>,
    /// The language of the data as a BCP 47 tag. Default: not stated.
    pub lang: Option<String>,
    /// The direction of the text. Default: not stated, which is left to right.
    pub dir: Option<TextDirection>,
    /// Whether only the `table` element is written, to go into another page. Default: no.
    pub fragment: bool,
    /// Whether the table is to be taken in by a spreadsheet, from a clipboard or a file: texts that
    /// look like something else, such as `007`, are marked as text, line breaks stay in their
    /// cell, and formulas are guarded. Default: no.
    pub spreadsheet: bool,
    /// Whether text that a spreadsheet would run gets a leading `'`; only with `spreadsheet`, as a
    /// browser runs no formula. Default: yes.
    pub formula_guard: bool,
}

impl Default for HtmlOptions {
    fn default() -> Self {
        Self {
            title: None,
            lang: None,
            dir: None,
            fragment: false,
            spreadsheet: false,
            formula_guard: true,
        }
    }
}

/// The direction of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextDirection {
    /// Left to right.
    Ltr,
    /// Right to left.
    Rtl,
    /// As the text itself says.
    Auto,
}

impl HtmlOptions {
    pub(super) fn from_fields(mut fields: Fields<'_>) -> Result<Self> {
        let directions = [
            ("ltr", Some(TextDirection::Ltr)),
            ("rtl", Some(TextDirection::Rtl)),
            ("auto", Some(TextDirection::Auto)),
        ];
        let options = Self {
            title: fields.text("title")?.map(Into::into),
            lang: fields.text("lang")?.map(Into::into),
            dir: fields.choice("dir", &directions, None)?,
            fragment: fields.bool("fragment", false)?,
            spreadsheet: fields.bool("spreadsheet", false)?,
            formula_guard: fields.bool("formula_guard", true)?,
        };
        if options.spreadsheet && !options.is_for_spreadsheets() {
            return Err(Error::not_built(fields.path("spreadsheet")));
        }
        let is_tag = |tag: &String| {
            let mut parts = tag.split('-');
            parts.all(|part| {
                (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
            })
        };
        if !options.lang.as_ref().is_none_or(is_tag) {
            let reason = "takes a language tag such as \"en\" or \"de-CH\" (BCP 47)";
            return Err(fields.invalid("lang", reason));
        }
        fields.finish()?;
        Ok(options)
    }

    fn is_for_spreadsheets(&self) -> bool {
        cfg!(feature = "full") && self.spreadsheet
    }

    pub(super) fn writer(self) -> Box<dyn Writer> {
        Box::new(HtmlWriter {
            options: self,
            cells: Vec::new(),
        })
    }
}

struct HtmlWriter {
    options: HtmlOptions,
    /// For each column the attributes of its cells.
    cells: Vec<Vec<u8>>,
}

/// Colours are the system's, so the document follows the reader's light or dark setting.
const STYLE: &str = "\
:root{color-scheme:light dark;--line:color-mix(in srgb,currentColor 18%,transparent);--band:color-mix(in srgb,currentColor 5%,transparent)}
body{margin:2rem auto;max-width:80rem;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif}
h1{font-size:1.4rem;line-height:1.25;margin:0 0 1rem}
.table{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.35rem .75rem;border-bottom:1px solid var(--line);text-align:start;vertical-align:top;white-space:pre-wrap}
th{border-bottom-width:2px;white-space:nowrap}
tbody tr:nth-child(even){background:var(--band)}
footer{margin-top:1rem;font-size:.875rem;opacity:.75;white-space:pre-wrap}
tfoot{font-weight:600}
@media print{@page{margin:15mm;@bottom-center{content:counter(page) \" / \" counter(pages);font:8pt system-ui,sans-serif}}:root{color-scheme:light}body{margin:0;max-width:none;padding:0;font-size:9pt}.table{overflow:visible}thead{display:table-header-group}tfoot{display:table-row-group}tr{break-inside:avoid}}
";

impl Writer for HtmlWriter {
    fn begin(&mut self, layout: &Layout, out: &mut Vec<u8>, notes: &mut Notes) {
        let header = layout.header();
        if !self.options.fragment {
            self.head(layout, out);
            if let Some(header) = &header {
                self.around("h1", header, out, notes);
            }
            out.extend_from_slice(b"<div class=\"table\">\n");
        }
        out.extend_from_slice(b"<table");
        if self.options.fragment {
            self.language(out);
        }
        if self.options.is_for_spreadsheets() {
            out.extend_from_slice(b" style=\"white-space:pre-wrap\"");
        }
        out.extend_from_slice(b">\n");
        if self.options.fragment
            && let Some(header) = &header
        {
            self.around("caption", header, out, notes);
        }
        if layout.columns.iter().any(|column| column.width.is_some()) {
            out.extend_from_slice(b"<colgroup>");
            for column in &layout.columns {
                match column.width {
                    Some(width) => {
                        let col = format!("<col style=\"width:{width}ch\">");
                        out.extend_from_slice(col.as_bytes());
                    }
                    None => out.extend_from_slice(b"<col>"),
                }
            }
            out.extend_from_slice(b"</colgroup>\n");
        }
        self.cells = layout
            .columns
            .iter()
            .map(|column| self.cell(column))
            .collect();
        out.extend_from_slice(b"<thead>\n<tr>");
        for (number, (column, style)) in layout.columns.iter().zip(&self.cells).enumerate() {
            out.extend_from_slice(b"<th scope=\"col\"");
            out.extend_from_slice(style);
            self.fixed_text(number, column.label.as_bytes(), true, out, notes);
            out.extend_from_slice(b"</th>");
        }
        out.extend_from_slice(b"</tr>\n</thead>\n<tbody>\n");
    }

    fn rows(&mut self, layout: &Layout, rows: Rows<'_>, out: &mut Vec<u8>, notes: &mut Notes) {
        for row in rows.iter() {
            out.extend_from_slice(b"<tr>");
            for (number, (column, style)) in layout.columns.iter().zip(&self.cells).enumerate() {
                let (cell, text) = row.cell(column.source);
                let start = cell.start as usize;
                match style.is_empty() {
                    true => out.extend_from_slice(b"<td>"),
                    false => {
                        out.extend_from_slice(b"<td");
                        out.extend_from_slice(style);
                        out.push(b'>');
                    }
                }
                match cell.kind {
                    Kind::Missing | Kind::Null => {}
                    // A spreadsheet would round it, so it is text there.
                    Kind::Number
                        if self.options.is_for_spreadsheets()
                            && !column.typed
                            && !number::is_kept_by_spreadsheets(text) =>
                    {
                        out.pop();
                        spreadsheet_cell(text, out);
                    }
                    Kind::Bool | Kind::Number => block::append(row.bytes, start, text.len(), out),
                    Kind::Text if column.is_link() && is_linkable(text) => {
                        out.extend_from_slice(b"<a rel=\"noopener noreferrer\" href=\"");
                        html::write_text(text, out);
                        out.extend_from_slice(b"\">");
                        html::write_text(text, out);
                        out.extend_from_slice(b"</a>");
                    }
                    // A number stays one, also where a format has given it its decimals.
                    Kind::Formatted
                        if self.options.is_for_spreadsheets() && json::is_number(text) =>
                    {
                        out.extend_from_slice(text);
                    }
                    Kind::Text | Kind::Nested | Kind::Formatted => {
                        if column.is_link() && !text.is_empty() {
                            notes.cell(Notice::LinkRefused, number as u32, row.number);
                        }
                        if self.options.is_for_spreadsheets() {
                            // Attributes follow in the start tag.
                            out.pop();
                            // What a number format made is no text that somebody could have put there.
                            let may_run = cell.kind != Kind::Formatted;
                            for notice in self.text(text, may_run, out) {
                                notes.cell(notice, number as u32, row.number);
                            }
                        } else if html::write_part(row.bytes, start, text.len(), out) {
                            notes.cell(Notice::ControlCharacter, number as u32, row.number);
                        }
                    }
                }
                out.extend_from_slice(b"</td>");
            }
            out.extend_from_slice(b"</tr>\n");
        }
    }

    fn end(&mut self, layout: &Layout, rows: u64, out: &mut Vec<u8>, notes: &mut Notes) {
        out.extend_from_slice(b"</tbody>\n");
        let footer = layout.footer(rows);
        let in_table = footer.as_deref().filter(|_| self.options.fragment);
        if in_table.is_some() || layout.has_totals() {
            out.extend_from_slice(b"<tfoot>\n");
            self.totals(layout, out, notes);
            if let Some(footer) = in_table {
                let span = layout.columns.len().max(1);
                out.extend_from_slice(format!("<tr><td colspan=\"{span}\"").as_bytes());
                self.fixed_text(0, footer.as_bytes(), true, out, notes);
                out.extend_from_slice(b"</td></tr>\n");
            }
            out.extend_from_slice(b"</tfoot>\n");
        }
        if self.options.fragment {
            out.extend_from_slice(b"</table>\n");
            return;
        }
        out.extend_from_slice(b"</table>\n</div>\n");
        if let Some(footer) = &footer {
            self.around("footer", footer, out, notes);
        }
        out.extend_from_slice(b"</body>\n</html>\n");
    }
}

impl HtmlWriter {
    fn head(&self, layout: &Layout, out: &mut Vec<u8>) {
        out.extend_from_slice(b"<!DOCTYPE html>\n<html");
        self.language(out);
        // The policy keeps the document inert even where a writer's mistake let markup through.
        out.extend_from_slice(
            b">\n<head>\n<meta charset=\"utf-8\">\n\
            <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
            <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
        );
        let title = self.options.title.as_deref().unwrap_or(&layout.title);
        element("title", title, out);
        out.extend_from_slice(b"<style>\n");
        out.extend_from_slice(STYLE.as_bytes());
        for align in ["left", "center", "right", "end"] {
            let columns = layout.columns.iter().enumerate();
            let selectors: Vec<_> = columns
                .filter(|(_, column)| text_align(column) == Some(align))
                .map(|(number, _)| format!("tr>:nth-child({})", number + 1))
                .collect();
            if !selectors.is_empty() {
                let rule = format!("{}{{text-align:{align}}}\n", selectors.join(","));
                out.extend_from_slice(rule.as_bytes());
            }
        }
        out.extend_from_slice(b"</style>\n</head>\n<body>\n");
    }

    /// The attributes of a column's cells: a document has rules for its columns, a fragment brings
    /// none into the page that it goes to.
    fn cell(&self, column: &OutputColumn) -> Vec<u8> {
        match text_align(column)
            .filter(|_| self.options.fragment && !self.options.is_for_spreadsheets())
        {
            Some(align) => format!(" style=\"text-align:{align}\"").into(),
            None => Vec::new(),
        }
    }

    fn totals(&self, layout: &Layout, out: &mut Vec<u8>, notes: &mut Notes) {
        if !layout.has_totals() {
            return;
        }
        out.extend_from_slice(b"<tr>");
        let cells = layout.total_cells().zip(&self.cells).enumerate();
        for (number, ((text, is_label), style)) in cells {
            let text = text.as_bytes();
            let (tag, scope): (&str, &[u8]) = match is_label {
                true => ("th", b" scope=\"row\""),
                false => ("td", b""),
            };
            out.extend_from_slice(format!("<{tag}").as_bytes());
            out.extend_from_slice(scope);
            out.extend_from_slice(style);
            if text.is_empty() || json::is_number(text) {
                out.push(b'>');
                out.extend_from_slice(text);
            } else {
                self.fixed_text(number, text, is_label, out, notes);
            }
            out.extend_from_slice(format!("</{tag}>").as_bytes());
        }
        out.extend_from_slice(b"</tr>\n");
    }

    /// Writes an element with text of the template, which a spreadsheet puts into a cell of the first
    /// column.
    fn around(&self, name: &str, text: &str, out: &mut Vec<u8>, notes: &mut Notes) {
        out.extend_from_slice(format!("<{name}").as_bytes());
        self.fixed_text(0, text.as_bytes(), true, out, notes);
        out.extend_from_slice(format!("</{name}>\n").as_bytes());
    }

    /// Writes the rest of a start tag and a text that is no cell of a row, and notes what became of it.
    #[inline(never)]
    fn fixed_text(
        &self,
        column: usize,
        text: &[u8],
        may_run: bool,
        out: &mut Vec<u8>,
        notes: &mut Notes,
    ) {
        for notice in self.text(text, may_run, out) {
            notes.count(notice, Some(column as u32), None, 1);
        }
    }

    /// Writes the rest of a cell's start tag and its text, and tells what became of it.
    fn text(
        &self,
        text: &[u8],
        may_run: bool,
        out: &mut Vec<u8>,
    ) -> impl Iterator<Item = Notice> + use<> {
        let mut guarded = false;
        let held_nul = if self.options.is_for_spreadsheets() {
            guarded = may_run && self.options.formula_guard && guard::is_dangerous(text, b'.');
            let owned;
            let text = if guarded {
                owned = [b"'", text].concat();
                &owned
            } else {
                text
            };
            spreadsheet_cell(text, out)
        } else {
            out.push(b'>');
            html::write_text(text, out)
        };
        let notices = [
            (guarded, Notice::FormulaGuarded),
            (held_nul, Notice::ControlCharacter),
        ];
        notices
            .into_iter()
            .filter_map(|(happened, notice)| happened.then_some(notice))
    }

    fn language(&self, out: &mut Vec<u8>) {
        let dir = self.options.dir.map(|dir| match dir {
            TextDirection::Ltr => "ltr",
            TextDirection::Rtl => "rtl",
            TextDirection::Auto => "auto",
        });
        for (name, value) in [("lang", self.options.lang.as_deref()), ("dir", dir)] {
            if let Some(value) = value {
                out.extend_from_slice(format!(" {name}=\"").as_bytes());
                html::write_text(value.as_bytes(), out);
                out.push(b'"');
            }
        }
    }
}

fn text_align(column: &OutputColumn) -> Option<&'static str> {
    match column.align {
        Some(Align::Left) => Some("left"),
        Some(Align::Center) => Some("center"),
        Some(Align::Right) => Some("right"),
        None => column.numeric.then_some("end"),
    }
}

/// Whether a text is an address that a reader may be sent to: by its scheme, and without anything
/// that a browser would take out before it reads the scheme.
fn is_linkable(text: &[u8]) -> bool {
    let has_scheme = |scheme: &[u8]| {
        let start = text.get(..scheme.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(scheme)) && text.len() > scheme.len()
    };
    (has_scheme(b"https://") || has_scheme(b"http://") || has_scheme(b"mailto:"))
        && !text.iter().any(|byte| *byte <= b' ' || *byte == 0x7F)
}

/// A cell as spreadsheets take it in: Excel goes by the style, LibreOffice by `sdnum`, Google
/// Sheets by `data-sheets-value`, and all of them begin a new row at a plain line break.
fn spreadsheet_cell(text: &[u8], out: &mut Vec<u8>) -> bool {
    if is_mistaken(text) {
        out.extend_from_slice(
            br#" style="mso-number-format:\@" sdnum="1033;0;@" data-sheets-value=""#,
        );
        let mut value = br#"{"1":2,"2":"#.to_vec();
        json::write_string(text, &mut value);
        value.push(b'}');
        html::write_text(&value, out);
        out.push(b'"');
    }
    out.push(b'>');
    let mut held_nul = false;
    for (number, line) in text.split(|&byte| byte == b'\n').enumerate() {
        if number > 0 {
            out.extend_from_slice(br#"<br style="mso-data-placement:same-cell">"#);
        }
        held_nul |= html::write_text(line.strip_suffix(b"\r").unwrap_or(line), out);
    }
    held_nul
}

/// Whether a spreadsheet could take the text for a number, a date or the like. Words it cannot.
fn is_mistaken(text: &[u8]) -> bool {
    let is_word = text.first().is_none_or(u8::is_ascii_alphabetic)
        && !text.iter().any(u8::is_ascii_digit)
        && ![b"true".as_slice(), b"false"]
            .iter()
            .any(|word| text.eq_ignore_ascii_case(word));
    !is_word
}

fn element(name: &str, text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("<{name}>").as_bytes());
    html::write_text(text.as_bytes(), out);
    out.extend_from_slice(format!("</{name}>\n").as_bytes());
}
