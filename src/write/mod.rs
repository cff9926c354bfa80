//! Formats: the one list of them, and what a writer is.
//!
//! To add a format, add a file with its options and its writer, and a row to [`FORMATS`].

mod csv;
mod html;
mod json;
mod jsonl;
mod markdown;

pub use csv::{CsvOptions, QuoteStyle, Terminator};
pub use html::{HtmlOptions, TextDirection};
pub use json::JsonOptions;
#[cfg(feature = "catalog")]
pub(crate) use json::{new_line, write_nested};

use crate::error::{Error, ErrorKind, Result};
use crate::report::Notes;
use crate::settings::{Fields, nearest};
use crate::template::Layout;
use crate::value::Rows;

/// A file format.
#[derive(Debug)]
pub struct Format {
    /// The id, as in `format: "csv"`.
    pub id: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// The extension of its files, without the dot.
    pub extension: &'static str,
    /// The media type, without parameters.
    pub media_type: &'static str,
    /// A file of it can be any document, and not only a table.
    pub(crate) holds_documents: bool,
    /// The format can be replaced by what `fallback` names.
    pub(crate) replaceable: bool,
    /// Checks the format's block of options and makes its writer; `None` where this build does not
    /// hold the format.
    open: Option<Open>,
}

type Open = fn(Fields<'_>) -> Result<Box<dyn Writer>>;

/// Every format that there is.
pub static FORMATS: [Format; 7] = [
    Format {
        id: "csv",
        label: "CSV",
        extension: "csv",
        media_type: "text/csv",
        holds_documents: false,
        replaceable: false,
        open: Some(|fields| CsvOptions::from_fields(fields)?.writer()),
    },
    Format {
        id: "json",
        label: "JSON",
        extension: "json",
        media_type: "application/json",
        holds_documents: true,
        replaceable: false,
        open: Some(|fields| Ok(JsonOptions::from_fields(fields)?.writer())),
    },
    Format {
        id: "jsonl",
        label: "JSON Lines",
        extension: "jsonl",
        media_type: "application/x-ndjson",
        holds_documents: false,
        replaceable: false,
        open: Some(jsonl::open),
    },
    Format {
        id: "html",
        label: "HTML",
        extension: "html",
        media_type: "text/html",
        holds_documents: false,
        replaceable: false,
        open: Some(|fields| Ok(HtmlOptions::from_fields(fields)?.writer())),
    },
    Format {
        id: "markdown",
        label: "Markdown",
        extension: "md",
        media_type: "text/markdown",
        holds_documents: false,
        replaceable: false,
        open: Some(markdown::open),
    },
    Format {
        id: "xlsx",
        label: "Excel",
        extension: "xlsx",
        media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        holds_documents: false,
        replaceable: false,
        open: None,
    },
    Format {
        id: "pdf",
        label: "PDF",
        extension: "pdf",
        media_type: "application/pdf",
        holds_documents: false,
        replaceable: true,
        open: None,
    },
];

/// What the option `fallback` takes: the format that takes the place of one that is not built.
pub(crate) const FALLBACKS: [(&str, Option<&str>); 2] = [("error", None), ("html", Some("html"))];

/// What takes that place over HTTP where nobody says.
pub(crate) const HTTP_FALLBACK: Option<&str> = FALLBACKS[1].1;

impl Format {
    /// Finds a format by its id.
    ///
    /// # Errors
    ///
    /// `unknown_format`, with the nearest id as a hint.
    pub fn find(id: &str) -> Result<&'static Self> {
        FORMATS
            .iter()
            .find(|format| format.id == id)
            .ok_or_else(|| {
                let nearest = nearest(id, FORMATS.iter().map(|format| format.id));
                Error::new(ErrorKind::UnknownFormat {
                    name: id.into(),
                    nearest: nearest.map(Into::into),
                })
            })
    }

    /// Whether this build can write the format.
    pub fn is_built(&self) -> bool {
        self.open.is_some()
    }

    /// The value of a `Content-Type` header: text carries its character set, JSON does not, since
    /// it has no such parameter (RFC 8259, section 11).
    pub fn content_type(&self) -> String {
        match self.media_type.starts_with("text/") {
            true => format!("{}; charset=utf-8", self.media_type),
            false => self.media_type.into(),
        }
    }

    /// The format, or what takes its place where this build does not hold it.
    pub(crate) fn or_fallback(&'static self, fallback: Option<&str>) -> Result<&'static Self> {
        match fallback {
            Some(id) if self.replaceable && !self.is_built() => Self::find(id),
            _ => Ok(self),
        }
    }

    pub(crate) fn writer(&self, fields: Fields<'_>) -> Result<Box<dyn Writer>> {
        match self.open {
            Some(open) => open(fields),
            None => Err(Error::new(ErrorKind::FormatNotBuilt { id: self.id })),
        }
    }
}

/// Writes a table in one format. It appends to `out`, so writing cannot fail.
pub(crate) trait Writer {
    /// The decimal mark of numbers.
    fn decimal(&self) -> u8 {
        b'.'
    }

    /// How it writes JSON, where it does: documents, and envelopes around rows.
    #[cfg(feature = "catalog")]
    fn json_options(&self) -> Option<&JsonOptions> {
        None
    }

    /// Writes what stands before the first row.
    fn begin(&mut self, layout: &Layout, out: &mut Vec<u8>, notes: &mut Notes);

    /// Writes a batch of rows.
    fn rows(&mut self, layout: &Layout, rows: Rows<'_>, out: &mut Vec<u8>, notes: &mut Notes);

    /// Writes what stands behind the last row. `rows` is their number.
    fn end(&mut self, layout: &Layout, rows: u64, out: &mut Vec<u8>, notes: &mut Notes);
}
