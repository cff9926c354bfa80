//! Moments: milliseconds since 1970, and ISO 8601 texts of them.

use chrono::{DateTime, NaiveDateTime, SecondsFormat};
use serde::{Deserialize, Serialize, Serializer};
use tablecast::Operand;

/// A moment, in milliseconds since 1970-01-01T00:00:00Z. In JSON it is ISO 8601 in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub(crate) struct Moment(pub(crate) i64);

pub(crate) const SECOND: i64 = 1000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const HOUR: i64 = 60 * MINUTE;

impl Moment {
    /// As `2026-01-31T12:00:00.000Z`, always of this width.
    pub(crate) fn iso(self) -> String {
        DateTime::from_timestamp_millis(self.0)
            .unwrap_or_default()
            .to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    /// As headers write it (RFC 9110, section 5.6.7), in whole seconds.
    pub(crate) fn http_date(self) -> String {
        DateTime::from_timestamp_millis(self.0)
            .unwrap_or_default()
            .format("%a, %d %b %Y %H:%M:%S GMT")
            .to_string()
    }

    /// Reads an HTTP date.
    pub(crate) fn from_http_date(text: &str) -> Option<Self> {
        let time = NaiveDateTime::parse_from_str(text, "%a, %d %b %Y %H:%M:%S GMT").ok()?;
        Some(Self(time.and_utc().timestamp_millis()))
    }

    /// Reads a date, or a date and a time, of ISO 8601 as the engine's filters do.
    pub(crate) fn from_iso(text: &str) -> Option<Self> {
        match Operand::from_iso(text)? {
            Operand::Moment(millis) => Some(Self(millis)),
            _ => None,
        }
    }

    /// The whole seconds from `earlier` until this moment, at least one, for `Retry-After`.
    pub(crate) fn seconds_after(self, earlier: Self) -> i64 {
        let millis = self.0.saturating_sub(earlier.0);
        (millis.saturating_add(SECOND - 1) / SECOND).max(1)
    }

    /// The value that a statement binds: `worker` has no integers of 64 bits.
    pub(crate) fn number(self) -> f64 {
        self.0 as f64
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.iso())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_of_iso_8601_are_read() {
        for (text, iso) in [
            ("2026-01-31", "2026-01-31T00:00:00.000Z"),
            ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000Z"),
            ("2026-01-31T12:00:00.5+02:00", "2026-01-31T10:00:00.500Z"),
            ("2026-01-31T12:00:00", "2026-01-31T12:00:00.000Z"),
            ("2026-01-31T12:00", "2026-01-31T12:00:00.000Z"),
            ("2026-01-31T12:00:00.0001Z", "2026-01-31T12:00:00.001Z"),
            ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(Moment::from_iso(text).unwrap().iso(), iso, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "yesterday",
            "2026",
            "2026-1-1",
            "2026-02-30",
            "31.01.2026",
            "1700000000000",
            "2026-01-31T25:00:00Z",
            "2026-01-31 12:00:00Z;",
            "+12026-01-31",
        ] {
            assert_eq!(Moment::from_iso(text), None, "{text}");
        }
    }

    #[test]
    fn http_dates_go_there_and_back() {
        let moment = Moment(784_111_777_000);
        assert_eq!(moment.http_date(), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(Moment::from_http_date(&moment.http_date()), Some(moment));
        assert_eq!(Moment::from_http_date("tomorrow"), None);
    }

    #[test]
    fn a_wait_is_at_least_a_second() {
        assert_eq!(Moment(5_001).seconds_after(Moment(4_000)), 2);
        assert_eq!(Moment(5).seconds_after(Moment(9_000)), 1);
    }
}
