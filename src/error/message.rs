//! What people read of an error: what is wrong, and how to mend it.

use std::fmt;

use super::{Error, ErrorKind, Location, left_to_full_build};

/// How many warnings, or problems of a definition, a message spells out.
const SHOWN: usize = 3;

const FULL_BUILD: &str = "Load the build `full` of tablecast.";

/// What the full build lacks is in this one.
const CATALOG_BUILD: &str = "Load the build `catalog` of tablecast.";

impl Error {
    /// How to mend it, where that can be said.
    pub fn hint(&self) -> Option<String> {
        match &self.0.kind {
            left_to_full_build!() if cfg!(not(feature = "full")) => Some(FULL_BUILD.into()),
            ErrorKind::InvalidCsv { .. } => Some(
                "Save it as UTF-8, with quotes doubled inside of quoted cells; see also `input.delimiter`.".into(),
            ),
            ErrorKind::NotTabular { .. } => Some(
                "A table is {columns, rows}, {items}, an array of objects, or one object.".into(),
            ),
            ErrorKind::LateColumn { .. } => Some(
                "Declare `columns`, or let late columns be left out and reported (`drop`).".into(),
            ),
            ErrorKind::ColumnsAfterRows => {
                Some("Put `columns` before `rows`, or give them as an option.".into())
            }
            ErrorKind::UnknownFormat { nearest, .. }
            | ErrorKind::UnknownTimeZone { nearest, .. } => nearest.as_deref().map(did_you_mean),
            ErrorKind::TimeZoneNotLoaded { .. } => Some(
                "UTC and offsets as `+02:00` need no table; other zones need the build with it."
                    .into(),
            ),
            ErrorKind::UnknownOption { nearest, known, .. }
            | ErrorKind::UnknownTemplateField { nearest, known, .. } => Some(match nearest {
                Some(name) => did_you_mean(name),
                None => there_are(&known.join(", ")),
            }),
            ErrorKind::UnknownPreset { nearest, known, .. }
            | ErrorKind::UnknownTemplate { nearest, known, .. } => Some(match nearest {
                Some(name) => did_you_mean(name),
                None => there_are(&known.join(", ")),
            }),
            #[cfg(feature = "catalog")]
            ErrorKind::UnknownResource { nearest, known, .. } => Some(match nearest {
                Some(name) => did_you_mean(name),
                None => there_are(&known.join(", ")),
            }),
            #[cfg(feature = "catalog")]
            ErrorKind::InvalidDefinition { .. } => {
                Some("The schema of definitions is `tablecast/resource.schema.json`.".into())
            }
            ErrorKind::FormatNotBuilt { id } => {
                Some(format!("Load the build of tablecast that holds `{id}`."))
            }
            #[cfg(feature = "catalog")]
            ErrorKind::FormatNotOffered { offered, .. } => Some(there_are(&offered.join(", "))),
            ErrorKind::NotBuilt { .. } if cfg!(not(feature = "catalog")) => Some(CATALOG_BUILD.into()),
            ErrorKind::NotBuilt { .. } => Some(FULL_BUILD.into()),
            #[cfg(feature = "catalog")]
            ErrorKind::LateMember { again: false, .. } => Some(
                "Put it before the members that it precedes in the file, at least before the long ones.".into(),
            ),
            ErrorKind::LimitExceeded { limit, .. } => Some(format!(
                "Raise `limits.{limit}`, or cut the input into several exports."
            )),
            ErrorKind::OptionsAfterData { .. } => {
                Some("Put options and template before the data.".into())
            }
            ErrorKind::TemplateFormatMismatch { .. } => {
                Some("Leave out the format, or take a template without one.".into())
            }
            ErrorKind::Strict { .. } => Some(
                "Mend the input, or let warnings stand in the report (without `strict`).".into(),
            ),
            ErrorKind::InvalidJson { .. }
            | ErrorKind::InvalidOption { .. }
            | ErrorKind::ContradictoryOptions { .. }
            | ErrorKind::OutOfMemory
            | ErrorKind::InvalidState { .. } => None,
            #[cfg(feature = "catalog")]
            ErrorKind::NotADocument { .. } | ErrorKind::LateMember { .. } => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.kind {
            left_to_full_build!() if cfg!(not(feature = "full")) => {
                f.write_str("The options ask for what this build cannot give.")
            }
            ErrorKind::InvalidJson { reason } | ErrorKind::InvalidCsv { reason } => {
                let language = match &self.0.kind {
                    ErrorKind::InvalidCsv { .. } => "CSV",
                    _ => "JSON",
                };
                write!(f, "The input is not valid {language}: {reason}")?;
                if let Location {
                    line: Some(line),
                    column: Some(column),
                    ..
                } = self.0.location
                {
                    write!(f, " (line {line}, column {column})")?;
                }
                f.write_str(".")
            }
            ErrorKind::NotTabular { reason } => write!(f, "The input holds no table: {reason}."),
            ErrorKind::LateColumn { name } => write!(
                f,
                "Column `{name}` appears only after the header was written."
            ),
            ErrorKind::ColumnsAfterRows => {
                f.write_str("`columns` comes after more rows than can be held back.")
            }
            ErrorKind::UnknownFormat { name, .. } => write!(f, "There is no format `{name}`."),
            ErrorKind::UnknownPreset { name, .. } => write!(f, "There is no preset `{name}`."),
            ErrorKind::UnknownTemplate { name, .. } => {
                write!(f, "No template with the id `{name}` ships with the engine.")
            }
            #[cfg(feature = "catalog")]
            ErrorKind::UnknownResource { name, .. } => write!(f, "There is no resource `{name}`."),
            #[cfg(feature = "catalog")]
            ErrorKind::InvalidDefinition { name, problems } => {
                let count = problems.len();
                let noun = if count == 1 { "problem" } else { "problems" };
                f.write_str("The definition")?;
                if let Some(name) = name {
                    write!(f, " `{name}`")?;
                }
                write!(f, " has {count} {noun}.")?;
                for problem in problems.iter().take(SHOWN) {
                    write!(f, " At {}: {}", problem.path, problem.message)?;
                }
                match count.saturating_sub(SHOWN) {
                    0 => Ok(()),
                    more => write!(f, " And {more} more."),
                }
            }
            ErrorKind::FormatNotBuilt { id } => {
                write!(f, "Format `{id}` is not part of this build.")
            }
            ErrorKind::NotBuilt { path } => {
                write!(f, "What `{path}` asks for is not part of this build.")
            }
            #[cfg(feature = "catalog")]
            ErrorKind::FormatNotOffered { id, resource, .. } => {
                write!(f, "`{resource}` is not offered as `{id}`.")
            }
            #[cfg(feature = "catalog")]
            ErrorKind::NotADocument { resource, reason } => {
                write!(f, "The input holds no `{resource}`: {reason}.")
            }
            #[cfg(feature = "catalog")]
            ErrorKind::LateMember { path, again: false } => write!(
                f,
                "`{path}` comes too late: what stands behind it in the file was already written."
            ),
            #[cfg(feature = "catalog")]
            ErrorKind::LateMember { path, .. } => write!(f, "`{path}` stands there twice."),
            ErrorKind::UnknownOption { path, .. } => write!(f, "There is no option `{path}`."),
            ErrorKind::InvalidOption { path, reason } => write!(f, "Option `{path}` {reason}."),
            ErrorKind::ContradictoryOptions {
                first,
                second,
                reason,
            } => write!(
                f,
                "`{first}` and `{second}` contradict each other: {reason}."
            ),
            ErrorKind::UnknownTemplateField { name, .. } => {
                write!(f, "A template has no field `{name}`.")
            }
            ErrorKind::TemplateFormatMismatch {
                template,
                requested,
            } => write!(
                f,
                "The template is made for `{template}`, the request asks for `{requested}`."
            ),
            ErrorKind::UnknownTimeZone { name, .. } => {
                write!(f, "There is no time zone `{name}`.")
            }
            ErrorKind::TimeZoneNotLoaded { name } => {
                write!(
                    f,
                    "The time zone `{name}` is in a table that is not loaded."
                )
            }
            ErrorKind::Strict { warnings } => {
                let count = warnings.len();
                let noun = if count == 1 {
                    "warning is"
                } else {
                    "warnings are"
                };
                write!(f, "With `strict`, {count} {noun} an error:")?;
                for warning in warnings.iter().take(SHOWN) {
                    write!(f, " {}", warning.message)?;
                }
                match count.saturating_sub(SHOWN) {
                    0 => Ok(()),
                    more => write!(f, " And {more} more."),
                }
            }
            ErrorKind::LimitExceeded { limit, max } => {
                write!(f, "The limit `{limit}` of {max} was exceeded.")
            }
            ErrorKind::OptionsAfterData { name } => {
                write!(f, "`{name}` stands behind `data`, where it comes too late.")
            }
            ErrorKind::OutOfMemory => f.write_str("There is not enough memory."),
            ErrorKind::InvalidState { reason } => f.write_str(reason),
        }
    }
}

fn did_you_mean(name: &str) -> String {
    format!("Did you mean `{name}`?")
}

fn there_are(names: &str) -> String {
    format!("There are: {names}.")
}
