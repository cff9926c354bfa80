//! Time zones: the offset from UTC at each moment.
//!
//! UTC and fixed offsets need no data. Those of a named zone come from a table; where its list of
//! changes ends, a rule goes on for all years to come (RFC 9636, section 3.3.1).

mod compact;
#[cfg(feature = "zones")]
mod table;
#[cfg(feature = "zones")]
mod tzif;

use crate::settings;
use crate::text::date::{self, DAY, civil, days};

#[cfg(feature = "zones")]
pub use table::{zone_table, zone_table_version};

/// A time zone: the offset from UTC at each moment. By default it is UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Zone {
    /// The offset before the first change.
    first: i32,
    /// The moments, ascending, from which on another offset holds.
    changes: Vec<(i64, i32)>,
    /// What holds after the last change, where the offset goes on changing.
    rule: Option<Rule>,
}

/// Two changes that come every year.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    standard: i32,
    daylight: i32,
    /// To daylight saving time, in standard time.
    begin: YearlyChange,
    /// Back to standard time, in daylight saving time.
    end: YearlyChange,
}

/// A weekday of a month and a time of that day: `Mm.w.d/time`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct YearlyChange {
    month: u8,
    /// From 1; 5 is the last one of the month.
    week: u8,
    /// From 0, which is Sunday.
    weekday: u8,
    /// Seconds after midnight, which may lie on another day.
    time: i32,
}

impl Zone {
    /// A zone whose offset never changes, in seconds east of UTC.
    pub(crate) fn fixed(seconds: i32) -> Self {
        Self {
            first: seconds,
            ..Self::default()
        }
    }

    /// Seconds east of UTC at a moment in Unix seconds.
    pub fn offset_at(&self, moment: i64) -> i32 {
        // Without named zones no offset changes.
        if cfg!(not(feature = "full")) {
            return self.first;
        }
        let next = self.changes.partition_point(|(from, _)| *from <= moment);
        match (&self.rule, next.checked_sub(1)) {
            (Some(rule), _) if next == self.changes.len() => rule.offset_at(moment),
            (_, Some(last)) => self.changes.get(last).map_or(0, |(_, offset)| *offset),
            (_, None) => self.first,
        }
    }

    /// The date in this zone at a moment in RFC 3339. A date without a time is never shifted.
    pub(crate) fn date_at(&self, now: &str) -> Option<String> {
        let now = now.as_bytes();
        let local = |moment| (moment + i64::from(self.offset_at(moment))).div_euclid(DAY);
        let day = date::date(now).or_else(|| date::moment(now).map(local))?;
        date::written(day)
    }

    /// Whether local time is UTC at every moment.
    pub fn is_utc(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(not(feature = "zones"))]
impl Zone {
    /// Without the table there are no zones with names.
    pub(crate) fn named(name: &str) -> crate::error::Result<Self> {
        use crate::error::{Error, ErrorKind};
        Err(Error::new(ErrorKind::TimeZoneNotLoaded {
            name: name.into(),
        }))
    }
}

/// The name that was probably meant, of those that are known, which are separated by spaces: by
/// all of it, or by the city that it ends with.
pub(crate) fn nearest(name: &str, known: &str) -> Option<String> {
    let names = || known.split(' ');
    let whole = settings::nearest(name, names());
    let end = whole.or_else(|| settings::nearest(name, names().map(city)))?;
    let meant = names().filter(|name| name.ends_with(end));
    meant.min_by_key(|name| name.len()).map(Into::into)
}

fn city(name: &str) -> &str {
    let slash = name.bytes().rposition(|byte| byte == b'/');
    let start = slash.map_or(0, |slash| slash + 1);
    name.get(start..).unwrap_or_default()
}

impl Rule {
    fn offset_at(&self, moment: i64) -> i32 {
        let (year, ..) = civil(moment.saturating_add(self.standard.into()).div_euclid(DAY));
        let begin = self.begin.moment(year, self.standard);
        let end = self.end.moment(year, self.daylight);
        // In the south, and where winter is what the zone's law calls an exception, the year begins
        // and ends in daylight saving time.
        let daylight = if begin < end {
            begin <= moment && moment < end
        } else {
            moment < end || begin <= moment
        };
        if daylight {
            self.daylight
        } else {
            self.standard
        }
    }
}

impl YearlyChange {
    /// The moment in a year, while `offset` holds.
    fn moment(&self, year: i64, offset: i32) -> i64 {
        let first = days(year, self.month, 1);
        // 1970-01-01 was a Thursday.
        let to_weekday = (i64::from(self.weekday) - first - 4).rem_euclid(7);
        let mut day = first + to_weekday + 7 * (i64::from(self.week) - 1);
        if civil(day).1 != self.month {
            day -= 7;
        }
        day * DAY + i64::from(self.time) - i64::from(offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(month: u8, week: u8, weekday: u8, hours: i32) -> YearlyChange {
        YearlyChange {
            month,
            week,
            weekday,
            time: hours * 3600,
        }
    }

    fn by_rule(hours: [i32; 2], begin: YearlyChange, end: YearlyChange) -> Zone {
        let [standard, daylight] = hours.map(|hours| hours * 3600);
        Zone {
            first: standard,
            changes: Vec::new(),
            rule: Some(Rule {
                standard,
                daylight,
                begin,
                end,
            }),
        }
    }

    /// The offset in hours one second before and at a moment.
    fn around(zone: &Zone, (year, month, day): (i64, u8, u8), hour: i64) -> (i32, i32) {
        let moment = days(year, month, day) * DAY + hour * 3600;
        let hours = |moment| zone.offset_at(moment) / 3600;
        (hours(moment - 1), hours(moment))
    }

    #[test]
    fn utc_and_fixed_offsets_never_change() {
        assert!(Zone::default().is_utc());
        assert!(Zone::fixed(0).is_utc());
        let zone = Zone::fixed(-19_800);
        assert!(!zone.is_utc());
        for moment in [i64::MIN, -1, 0, i64::MAX] {
            assert_eq!(zone.offset_at(moment), -19_800);
            assert_eq!(Zone::default().offset_at(moment), 0);
        }
    }

    #[test]
    fn a_change_holds_from_its_moment_on() {
        let zone = Zone {
            first: 100,
            changes: vec![(1_000, 200), (2_000, 50)],
            rule: None,
        };
        for (moment, offset) in [(999, 100), (1_000, 200), (1_999, 200), (2_000, 50)] {
            assert_eq!(zone.offset_at(moment), offset);
        }
        assert_eq!(zone.offset_at(i64::MIN), 100);
        assert_eq!(zone.offset_at(i64::MAX), 50);
    }

    #[test]
    fn a_rule_in_the_north() {
        let berlin = by_rule([1, 2], change(3, 5, 0, 2), change(10, 5, 0, 3));
        assert_eq!(around(&berlin, (2026, 3, 29), 1), (1, 2));
        assert_eq!(around(&berlin, (2026, 10, 25), 1), (2, 1));
        assert_eq!(around(&berlin, (2500, 3, 28), 1), (1, 2));
        assert_eq!(around(&berlin, (2500, 10, 31), 1), (2, 1));
        assert_eq!(around(&berlin, (9999, 12, 31), 24), (1, 1));
    }

    #[test]
    fn a_rule_in_the_south() {
        let sydney = by_rule([10, 11], change(10, 1, 0, 2), change(4, 1, 0, 3));
        assert_eq!(around(&sydney, (2026, 4, 4), 16), (11, 10));
        assert_eq!(around(&sydney, (2026, 10, 3), 16), (10, 11));
        assert_eq!(around(&sydney, (2026, 12, 31), 13), (11, 11));
    }

    #[test]
    fn daylight_saving_time_may_lie_behind_standard_time() {
        let dublin = by_rule([1, 0], change(10, 5, 0, 2), change(3, 5, 0, 1));
        assert_eq!(around(&dublin, (2026, 3, 29), 1), (0, 1));
        assert_eq!(around(&dublin, (2026, 10, 25), 1), (1, 0));
        assert_eq!(around(&dublin, (2500, 1, 1), 0), (0, 0));
    }

    #[test]
    fn the_time_of_a_change_may_lie_on_another_day() {
        // Saturday of Gaza: Thursday of the fourth week and fifty hours.
        let gaza = by_rule([2, 3], change(3, 4, 4, 50), change(10, 4, 4, 50));
        assert_eq!(around(&gaza, (2026, 3, 28), 0), (2, 3));
        assert_eq!(around(&gaza, (2026, 10, 23), 23), (3, 2));
        // The evening before the last Sunday of March.
        let nuuk = by_rule([-2, -1], change(3, 5, 0, -1), change(10, 5, 0, 0));
        assert_eq!(around(&nuuk, (2026, 3, 29), 1), (-2, -1));
        assert_eq!(around(&nuuk, (2026, 10, 25), 1), (-1, -2));
    }

    #[test]
    fn the_date_is_that_of_the_zone() {
        let at = |seconds, now| Zone::fixed(seconds).date_at(now);
        let date = |text: &str| Some(text.to_owned());
        assert_eq!(at(0, "2026-01-31T23:59:59Z"), date("2026-01-31"));
        assert_eq!(at(0, "2026-01-31T23:59:59-01:00"), date("2026-02-01"));
        assert_eq!(at(3600, "2026-01-31T23:00:00Z"), date("2026-02-01"));
        assert_eq!(at(-3600, "2026-01-01T00:59:59Z"), date("2025-12-31"));
        assert_eq!(at(3600, "2026-01-31"), date("2026-01-31"));
        assert_eq!(at(3600, "9999-12-31T23:00:00Z"), None);
        assert_eq!(at(-1, "0000-01-01T00:00:00Z"), None);
        assert_eq!(at(0, "yesterday"), None);
    }

    #[test]
    fn no_moment_is_too_far_off() {
        let berlin = by_rule([1, 2], change(3, 5, 0, 2), change(10, 5, 0, 3));
        for moment in [i64::MIN, i64::MAX] {
            assert!([3600, 7200].contains(&berlin.offset_at(moment)));
        }
    }
}
