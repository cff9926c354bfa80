//! The one error type, with stable codes.

mod message;

use std::fmt;

use crate::report::Warning;

/// What every fallible call of this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error with a stable [code](Error::code), a message that names what is wrong, a
/// [hint](Error::hint) on how to mend it, and the [place](Error::location) where it was found.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    kind: ErrorKind,
    location: Location,
}

/// Where an error was found. All numbers count from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Location {
    /// The line of the input.
    pub line: Option<u64>,
    /// The byte within the line.
    pub column: Option<u64>,
    /// The data row; a header does not count.
    pub row: Option<u64>,
}

/// What is wrong in the definition of a resource.
#[cfg(feature = "catalog")]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DefinitionProblem {
    /// Where it is, as a JSON path (RFC 9535): `$.record.fields[3].type`. What is missing is named by what lacks it.
    pub path: String,
    /// What is wrong there, in whole sentences.
    pub message: String,
}

/// What went wrong.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The input is not JSON as RFC 8259 defines it, or it ends early.
    InvalidJson {
        /// What was found, and what belongs there.
        reason: String,
    },
    /// The input is not CSV as RFC 4180 and UTF-8 have it, or it ends early.
    InvalidCsv {
        /// What was found, and what belongs there.
        reason: String,
    },
    /// The input is JSON, but holds no table.
    NotTabular {
        /// Which value stands where a table or a row belongs.
        reason: String,
    },
    /// A column appeared after the look-ahead, when the header was already written.
    LateColumn {
        /// The key of the column.
        name: String,
    },
    /// `columns` came after more rows than the look-ahead holds.
    ColumnsAfterRows,
    /// No format has this id.
    UnknownFormat {
        /// The id that was asked for.
        name: String,
        /// The nearest id that exists.
        nearest: Option<String>,
    },
    /// No preset has this name.
    UnknownPreset {
        /// The name that was asked for.
        name: String,
        /// The nearest name that exists.
        nearest: Option<&'static str>,
        /// All names.
        known: Vec<&'static str>,
    },
    /// No system template has this id.
    UnknownTemplate {
        /// The id that was asked for.
        name: String,
        /// The nearest id that exists.
        nearest: Option<&'static str>,
        /// All ids.
        known: Vec<&'static str>,
    },
    /// The catalog has no resource of this name.
    #[cfg(feature = "catalog")]
    UnknownResource {
        /// The name that was asked for.
        name: String,
        /// The nearest name that exists.
        nearest: Option<&'static str>,
        /// All names.
        known: Vec<&'static str>,
    },
    /// The definition of a resource is none.
    #[cfg(feature = "catalog")]
    InvalidDefinition {
        /// The name that it gives, where it gives one.
        name: Option<String>,
        /// All problems with it, up to a thousand.
        problems: Vec<DefinitionProblem>,
    },
    /// The format exists, but this build does not hold it.
    FormatNotBuilt {
        /// The format's id.
        id: &'static str,
    },
    /// The format exists, but the resource is not offered in it.
    #[cfg(feature = "catalog")]
    FormatNotOffered {
        /// The format's id.
        id: &'static str,
        /// The resource's name.
        resource: String,
        /// The ids of the formats that it is offered in.
        offered: Vec<&'static str>,
    },
    /// The option exists, but this build does not hold what it asks for.
    NotBuilt {
        /// The option with the path to it.
        path: String,
    },
    /// An option has a name that is not known.
    UnknownOption {
        /// The option with the path to it, as `csv.delimeter`.
        path: String,
        /// The nearest option that exists.
        nearest: Option<String>,
        /// All options that exist at that place.
        known: Vec<String>,
    },
    /// An option has a value of the wrong type or out of range.
    InvalidOption {
        /// The option with the path to it.
        path: String,
        /// What the option takes, and what it was given.
        reason: String,
    },
    /// Two options exclude each other.
    ContradictoryOptions {
        /// The first option.
        first: String,
        /// The second option.
        second: String,
        /// Why they exclude each other.
        reason: String,
    },
    /// The template holds a field that is not known.
    UnknownTemplateField {
        /// The field's name.
        name: String,
        /// The nearest field that exists.
        nearest: Option<String>,
        /// All fields of a template.
        known: Vec<String>,
    },
    /// The input is JSON, but no document of the resource.
    #[cfg(feature = "catalog")]
    NotADocument {
        /// The resource's name.
        resource: String,
        /// Which value stands where the document belongs.
        reason: String,
    },
    /// A member of a document came when what stands behind it was already written.
    #[cfg(feature = "catalog")]
    LateMember {
        /// The path of the member.
        path: String,
        /// It is not the first of its name.
        again: bool,
    },
    /// The request asks for another format than its template is made for.
    TemplateFormatMismatch {
        /// The template's format.
        template: String,
        /// The requested format.
        requested: String,
    },
    /// No time zone has this name.
    UnknownTimeZone {
        /// The name that was asked for.
        name: String,
        /// The nearest name that exists.
        nearest: Option<String>,
    },
    /// The time zone has a name, and the table of named zones is not there.
    TimeZoneNotLoaded {
        /// The zone's name.
        name: String,
    },
    /// There are warnings, and `strict` makes errors of them.
    Strict {
        /// The warnings, as a report has them.
        warnings: Vec<Warning>,
    },
    /// A limit was reached.
    LimitExceeded {
        /// The limit's name in `limits`.
        limit: &'static str,
        /// Its value.
        max: u64,
    },
    /// In a request document an option stands behind `data`, where it comes too late.
    OptionsAfterData {
        /// The option's name.
        name: String,
    },
    /// Memory for the next step could not be had.
    OutOfMemory,
    /// A call came in a state that does not allow it.
    InvalidState {
        /// What was expected first.
        reason: &'static str,
    },
}

/// What a build without the feature `full` has no words for. Where that lies in the options, it only
/// knows that it cannot serve them: the words are in the full build, which is asked next.
macro_rules! left_to_full_build {
    () => {
        ErrorKind::UnknownFormat { .. }
            | ErrorKind::UnknownPreset { .. }
            | ErrorKind::UnknownTemplate { .. }
            | ErrorKind::FormatNotBuilt { .. }
            | ErrorKind::NotBuilt { .. }
            | ErrorKind::UnknownOption { .. }
            | ErrorKind::InvalidOption { .. }
            | ErrorKind::ContradictoryOptions { .. }
            | ErrorKind::UnknownTemplateField { .. }
            | ErrorKind::TemplateFormatMismatch { .. }
            | ErrorKind::UnknownTimeZone { .. }
            | ErrorKind::TimeZoneNotLoaded { .. }
            // It reads neither CSV nor request documents.
            | ErrorKind::InvalidCsv { .. }
            | ErrorKind::OptionsAfterData { .. }
    };
}
use left_to_full_build;

impl Error {
    /// An error without a place.
    pub fn new(kind: ErrorKind) -> Self {
        Self(Box::new(Inner {
            kind,
            location: Location::default(),
        }))
    }

    /// What went wrong, as data.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// Where it went wrong, as far as that is known.
    pub fn location(&self) -> Location {
        self.0.location
    }

    /// The stable code, in `snake_case`.
    pub fn code(&self) -> &'static str {
        match &self.0.kind {
            left_to_full_build!() if cfg!(not(feature = "full")) => "not_built",
            ErrorKind::InvalidJson { .. } => "invalid_json",
            ErrorKind::InvalidCsv { .. } => "invalid_csv",
            ErrorKind::NotTabular { .. } => "not_tabular",
            ErrorKind::LateColumn { .. } => "late_column",
            ErrorKind::ColumnsAfterRows => "columns_after_rows",
            ErrorKind::UnknownFormat { .. } => "unknown_format",
            ErrorKind::UnknownPreset { .. } => "unknown_preset",
            ErrorKind::UnknownTemplate { .. } => "unknown_template",
            #[cfg(feature = "catalog")]
            ErrorKind::UnknownResource { .. } => "unknown_resource",
            #[cfg(feature = "catalog")]
            ErrorKind::InvalidDefinition { .. } => "invalid_definition",
            ErrorKind::FormatNotBuilt { .. } => "format_not_built",
            #[cfg(feature = "catalog")]
            ErrorKind::FormatNotOffered { .. } => "format_not_offered",
            ErrorKind::NotBuilt { .. } => "not_built",
            #[cfg(feature = "catalog")]
            ErrorKind::NotADocument { .. } => "not_a_document",
            #[cfg(feature = "catalog")]
            ErrorKind::LateMember { .. } => "late_member",
            ErrorKind::UnknownOption { .. } => "unknown_option",
            ErrorKind::InvalidOption { .. } => "invalid_option",
            ErrorKind::ContradictoryOptions { .. } => "contradictory_options",
            ErrorKind::UnknownTemplateField { .. } => "unknown_template_field",
            ErrorKind::TemplateFormatMismatch { .. } => "template_format_mismatch",
            ErrorKind::UnknownTimeZone { .. } => "unknown_time_zone",
            ErrorKind::TimeZoneNotLoaded { .. } => "time_zone_not_loaded",
            ErrorKind::Strict { .. } => "strict",
            ErrorKind::LimitExceeded { .. } => "limit_exceeded",
            ErrorKind::OptionsAfterData { .. } => "options_after_data",
            ErrorKind::OutOfMemory => "out_of_memory",
            ErrorKind::InvalidState { .. } => "invalid_state",
        }
    }

    /// The table's column, or the document's member, that it concerns, where it concerns one.
    pub fn column(&self) -> Option<&str> {
        match &self.0.kind {
            ErrorKind::LateColumn { name } => Some(name),
            #[cfg(feature = "catalog")]
            ErrorKind::LateMember { path, .. } => Some(path),
            _ => None,
        }
    }

    pub(crate) fn at(mut self, line: u64, column: u64) -> Self {
        self.0.location.line = Some(line);
        self.0.location.column = Some(column);
        self
    }

    pub(crate) fn in_row(mut self, row: u64) -> Self {
        self.0.location.row.get_or_insert(row);
        self
    }

    pub(crate) fn invalid_json(reason: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidJson {
            reason: reason.into(),
        })
    }

    pub(crate) fn invalid_csv(reason: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidCsv {
            reason: reason.into(),
        })
    }

    pub(crate) fn not_tabular(reason: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotTabular {
            reason: reason.into(),
        })
    }

    pub(crate) fn invalid_option(path: impl Into<String>, reason: impl fmt::Display) -> Self {
        if cfg!(not(feature = "full")) {
            return Self::not_built(path);
        }
        Self::new(ErrorKind::InvalidOption {
            path: path.into(),
            reason: reason.to_string(),
        })
    }

    /// Two options that exclude each other.
    pub(crate) fn contradiction(
        first: impl Into<String>,
        second: impl Into<String>,
        reason: impl fmt::Display,
    ) -> Self {
        if cfg!(not(feature = "full")) {
            return Self::not_built(first);
        }
        Self::new(ErrorKind::ContradictoryOptions {
            first: first.into(),
            second: second.into(),
            reason: reason.to_string(),
        })
    }

    /// The build does not hold what an option asks for.
    pub(crate) fn not_built(path: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotBuilt { path: path.into() })
    }

    pub(crate) fn limit(limit: &'static str, max: u64) -> Self {
        Self::new(ErrorKind::LimitExceeded { limit, max })
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("location", &self.0.location)
            .finish()
    }
}

impl std::error::Error for Error {}

impl From<std::collections::TryReserveError> for Error {
    fn from(_: std::collections::TryReserveError) -> Self {
        Self::new(ErrorKind::OutOfMemory)
    }
}
