//! What to export and how, and the file that comes of it.

#[cfg(feature = "catalog")]
use super::resource::Chosen;
use crate::filename;
use crate::read::{CellTypes, KnownHeader, LateColumns, Limits, Reading, Source};
use crate::table::Column;
use crate::template::Template;
use crate::text::date;
use crate::write::{Format, Writer};
use crate::zone::Zone;

/// What to export and how: the checked form of a user's options.
///
/// Made by [`Request::new`] from options, or from a query string or a request document.
pub struct Request {
    pub(crate) format: &'static Format,
    pub(crate) writer: Box<dyn Writer>,
    pub(crate) template: Template,
    pub(crate) columns: Option<Vec<Column>>,
    pub(crate) filename: Option<String>,
    /// The day of the export in its zone, `YYYY-MM-DD`; empty where it is not known.
    pub(crate) date: String,
    /// In which moments are written.
    pub(crate) zone: Zone,
    pub(crate) source: Source,
    /// What the options say that bytes are.
    pub(crate) source_said: Option<Source>,
    pub(crate) delimiter: Option<u8>,
    /// Said only where the input is CSV.
    pub(crate) types: Option<CellTypes>,
    pub(crate) path: Vec<String>,
    pub(crate) document: bool,
    pub(crate) late_columns: LateColumns,
    pub(crate) flatten: bool,
    pub(crate) limits: Limits,
    pub(crate) known: Option<KnownHeader>,
    /// Warnings are errors.
    pub(crate) strict: bool,
    /// The format that was asked for; `format` may take its place.
    pub(crate) asked: &'static Format,
    /// The resource that the records are of.
    #[cfg(feature = "catalog")]
    pub(crate) chosen: Option<Box<Chosen>>,
}

impl Request {
    /// The bounds that the export keeps to.
    pub fn limits_mut(&mut self) -> &mut Limits {
        &mut self.limits
    }

    /// Sets what the bytes of the input are, whatever the options say.
    pub fn set_source(&mut self, source: Source) {
        self.source = source;
    }

    /// Sets the header that a [`HeaderScan`](super::HeaderScan) over the same input found.
    pub fn set_known_header(&mut self, known: KnownHeader) {
        self.known = Some(known);
    }

    /// Sets the moment of the export, in RFC 3339, unless the options did: its date in the request's time zone
    /// stands for `{date}`, and the envelope of a resource has it as it is written. What is no moment is not taken.
    pub fn set_default_now(&mut self, now: &str) {
        if date::moment(now.as_bytes()).is_none() {
            return;
        }
        if self.date.is_empty() {
            self.date = self.zone.date_at(now).unwrap_or_default();
        }
        #[cfg(feature = "catalog")]
        if let Some(chosen) = &mut self.chosen {
            chosen.given.now.get_or_insert_with(|| now.into());
        }
    }

    /// Whether the input is one JSON document and no table, as the resource has it.
    #[cfg(feature = "catalog")]
    pub fn takes_document(&self) -> bool {
        let chosen = self.chosen.as_ref();
        chosen.is_some_and(|chosen| chosen.resource.is_document())
    }

    /// The format that is written, which `fallback` may have put in the place of the one that was asked for.
    pub fn format(&self) -> &'static Format {
        self.format
    }

    /// The name and type of the file.
    pub fn file(&self) -> FileInfo {
        let wanted = self.filename.as_deref().or(self.template.name.as_deref());
        #[cfg(feature = "catalog")]
        let of_resource = self.chosen.as_ref().map(|chosen| {
            let resource = &chosen.resource;
            resource.file_name(&self.date, "", "")
        });
        #[cfg(feature = "catalog")]
        let wanted = wanted.or(of_resource.as_deref());
        let wanted = wanted.unwrap_or("export");
        // A name that was given for the format that was asked for does not keep its extension.
        let wanted = match wanted.rsplit_once('.') {
            Some((stem, extension))
                if self.fell_back() && extension.eq_ignore_ascii_case(self.asked.extension) =>
            {
                stem
            }
            _ => wanted,
        };
        FileInfo::new(wanted, self.format)
    }

    /// Another format is written than the one that was asked for.
    pub(super) fn fell_back(&self) -> bool {
        self.asked.id != self.format.id
    }

    pub(super) fn reading(&self) -> Reading {
        let mapping = self.template.column_mapping.as_ref();
        Reading {
            source: self.source,
            delimiter: self.delimiter,
            types: self.types.unwrap_or_default(),
            path: self.path.clone(),
            document: self.document,
            wanted: self.columns.as_ref().or(mapping).cloned(),
            names_positions: self.columns.is_some(),
            known: self.known.clone(),
            late_columns: self.late_columns,
            flatten: self.flatten,
            limits: self.limits.clone(),
            #[cfg(feature = "catalog")]
            described: None,
        }
    }
}

/// The name and type of an exported file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileInfo {
    /// A name that every system takes, with its extension.
    pub name: String,
    /// The value of a `Content-Type` header.
    pub content_type: String,
    /// The value of a `Content-Disposition` header.
    pub content_disposition: String,
}

impl FileInfo {
    /// The file that a user wants to be called so, in this format.
    pub fn new(wanted: &str, format: &Format) -> Self {
        let name = filename::safe(wanted, format.extension);
        Self {
            content_type: format.content_type(),
            content_disposition: filename::content_disposition(&name),
            name,
        }
    }
}
