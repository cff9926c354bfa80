//! How a column looks: what its values are and how they are shown, where they stand, what they
//! come to.

use super::Column;
use crate::error::{Error, Result};
#[cfg(feature = "full")]
use crate::number_format::{NumberFormat, Shows};
use crate::settings::Fields;

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// Text, also where it looks like a number.
    Text,
    /// Numbers without a fraction.
    Integer,
    /// Numbers.
    Number,
    /// `true` and `false`, also as `1` and `0`.
    Boolean,
    /// Dates, ISO 8601, or moments, of which the date in the time zone is written.
    Date,
    /// Moments, ISO 8601, or numbers of milliseconds since 1970.
    DateTime,
    /// Durations: numbers of seconds, `PT1H30M` or `1:30:00`.
    Duration,
    /// Numbers of which 1 is 100 %.
    Percent,
    /// Numbers.
    Currency,
    /// Addresses of the web, which HTML makes into links.
    Link,
}

impl ColumnType {
    #[cfg(feature = "full")]
    const NAMES: [(&str, Self); 10] = [
        ("text", Self::Text),
        ("integer", Self::Integer),
        ("number", Self::Number),
        ("boolean", Self::Boolean),
        ("date", Self::Date),
        ("datetime", Self::DateTime),
        ("duration", Self::Duration),
        ("percent", Self::Percent),
        ("currency", Self::Currency),
        ("link", Self::Link),
    ];

    /// The name in options and messages.
    #[cfg(feature = "full")]
    fn name(self) -> &'static str {
        let named = Self::NAMES.iter().find(|(_, named)| *named == self);
        named.map_or("", |(name, _)| name)
    }

    /// Whether the values are numbers, which align at their right.
    pub(crate) fn is_numeric(self) -> bool {
        matches!(
            self,
            Self::Integer | Self::Number | Self::Percent | Self::Currency
        )
    }

    /// Whether a format that is for this shows such values.
    #[cfg(feature = "full")]
    fn takes(self, shows: Shows) -> bool {
        match shows {
            Shows::Number | Shows::Percent => self.is_numeric() || self == Self::Boolean,
            Shows::Date => matches!(self, Self::Date | Self::DateTime),
            Shows::DateTime => self == Self::DateTime,
            Shows::Time => matches!(self, Self::DateTime | Self::Duration),
            Shows::Duration => self == Self::Duration,
            Shows::Text => matches!(self, Self::Text | Self::Link),
        }
    }
}

/// Where the text of a cell stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// At the left.
    Left,
    /// In the middle.
    Center,
    /// At the right.
    Right,
}

/// What the row of totals shows of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    /// The exact sum of the numbers.
    Sum,
    /// How many cells hold a value.
    Count,
    /// The sum divided by how many numbers there are, to six places more than the numbers have.
    Average,
    /// The least number.
    Min,
    /// The greatest number.
    Max,
}

/// Reads the members of a column that say how it looks.
pub(super) fn read(column: &mut Column, fields: &mut Fields<'_>) -> Result<()> {
    let aligns = [
        ("left", Some(Align::Left)),
        ("center", Some(Align::Center)),
        ("right", Some(Align::Right)),
    ];
    column.align = fields.choice("align", &aligns, None)?;
    column.width = fields.whole("width", 1, 255)?.map(|width| width as u8);
    read_type(column, fields)
}

/// A build without types tells which one to load.
#[cfg(not(feature = "full"))]
fn read_type(_: &mut Column, fields: &mut Fields<'_>) -> Result<()> {
    for name in ["type", "format", "total"] {
        if fields.get(name).is_some() {
            return Err(Error::not_built(fields.path(name)));
        }
    }
    Ok(())
}

#[cfg(feature = "full")]
fn read_type(column: &mut Column, fields: &mut Fields<'_>) -> Result<()> {
    let types = ColumnType::NAMES.map(|(name, value)| (name, Some(value)));
    let totals = [
        ("sum", Some(Total::Sum)),
        ("count", Some(Total::Count)),
        ("average", Some(Total::Average)),
        ("min", Some(Total::Min)),
        ("max", Some(Total::Max)),
    ];
    column.column_type = fields.choice("type", &types, None)?;
    column.total = fields.choice("total", &totals, None)?;
    if let Some(code) = fields.text("format")? {
        let format =
            NumberFormat::parse(code).map_err(|reason| fields.invalid("format", reason))?;
        let shows = format.shows();
        let column_type = *column.column_type.get_or_insert(match shows {
            Shows::Number => ColumnType::Number,
            Shows::Percent => ColumnType::Percent,
            Shows::Date => ColumnType::Date,
            Shows::DateTime | Shows::Time => ColumnType::DateTime,
            Shows::Duration => ColumnType::Duration,
            Shows::Text => ColumnType::Text,
        });
        if !column_type.takes(shows) {
            let reason = format!(
                "`{code}` does not show values of type {}",
                column_type.name()
            );
            return Err(contradiction(fields, "format", reason));
        }
        column.format = Some(format);
    }
    match column.total {
        None | Some(Total::Count) => {}
        Some(_) => {
            let column_type = *column.column_type.get_or_insert(ColumnType::Number);
            if !column_type.is_numeric() {
                let reason = format!("values of type {} are no numbers", column_type.name());
                return Err(contradiction(fields, "total", reason));
            }
        }
    }
    Ok(())
}

/// A column's type and another of its members exclude each other.
#[cfg(feature = "full")]
fn contradiction(fields: &Fields<'_>, member: &str, reason: String) -> Error {
    Error::contradiction(fields.path("type"), fields.path(member), reason)
}
