//! The calendar: days since 1970-01-01 ↔ dates, and the moments of RFC 3339.
//!
//! Dates are those of the proleptic Gregorian calendar, as ISO 8601 has them: the year 0 is there.

use chrono::{Datelike, NaiveDate};

use super::digits;

/// The years that are whole in the calendar.
const MIN_YEAR: i64 = -262_142;
const MAX_YEAR: i64 = 262_141;

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// The days from 1970-01-01 to a date. Days count from 1; those past the month's end run on into
/// the next month. A year beyond the calendar, 262,000 years off, is taken for its last one.
pub(crate) fn days(year: i64, month: u8, day: u8) -> i64 {
    let year = year.clamp(MIN_YEAR, MAX_YEAR) as i32;
    let first = NaiveDate::from_ymd_opt(year, month.into(), 1).unwrap_or_default();
    i64::from(first.to_epoch_days()) + i64::from(day) - 1
}

/// The year, month and day of a number of days since 1970-01-01; beyond the calendar its last day.
pub(crate) fn civil(days: i64) -> (i64, u8, u8) {
    let date = i32::try_from(days)
        .ok()
        .and_then(NaiveDate::from_epoch_days);
    let last = if days < 0 {
        NaiveDate::MIN
    } else {
        NaiveDate::MAX
    };
    let date = date.unwrap_or(last);
    (date.year().into(), date.month() as u8, date.day() as u8)
}

/// The days from 1970-01-01 to a date written `YYYY-MM-DD`.
pub(crate) fn date(text: &[u8]) -> Option<i64> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else {
        return None;
    };
    let (month, day) = (number(&[m1, m2])?, number(&[d1, d2])?);
    let date = (number(&[y1, y2, y3, y4])?, month as u8, day as u8);
    let days = days(date.0, date.1, date.2);
    (civil(days) == date).then_some(days)
}

/// A date as `YYYY-MM-DD`, where its year has four digits.
pub(crate) fn written(days: i64) -> Option<String> {
    let (year, month, day) = civil(days);
    let year = u16::try_from(year).ok().filter(|year| *year < 10_000)?;
    let mut text = String::with_capacity(10);
    for (number, mut unit) in [(year, 1000), (month.into(), 10), (day.into(), 10)] {
        if !text.is_empty() {
            text.push('-');
        }
        while unit > 0 {
            text.push(char::from(b'0' + (number / unit % 10) as u8));
            unit /= 10;
        }
    }
    Some(text)
}

/// A moment written as RFC 3339 has it, in Unix seconds. Parts of a second are cut off, and a leap
/// second is taken for the one before it.
pub(crate) fn moment(text: &[u8]) -> Option<i64> {
    let (day, time) = text.split_at_checked(10)?;
    let &[
        b'T' | b't' | b' ',
        h1,
        h2,
        b':',
        m1,
        m2,
        b':',
        s1,
        s2,
        ref rest @ ..,
    ] = time
    else {
        return None;
    };
    let rest = match rest {
        [b'.', fraction @ ..] => match digits(fraction) {
            (0, _) => return None,
            (_, rest) => rest,
        },
        rest => rest,
    };
    let offset = match rest {
        b"Z" | b"z" => 0,
        rest => offset(rest)?,
    };
    let (hour, minute, second) = (number(&[h1, h2])?, number(&[m1, m2])?, number(&[s1, s2])?);
    (hour < 24 && minute < 60 && second <= 60).then_some(())?;
    let time = hour * 3600 + minute * 60 + second.min(59);
    Some(date(day)? * DAY + time - i64::from(offset))
}

/// Seconds east of UTC of an offset written `+02:00` or `-05:30`.
pub(crate) fn offset(text: &[u8]) -> Option<i32> {
    let &[sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] = text else {
        return None;
    };
    let (hours, minutes) = (number(&[h1, h2])?, number(&[m1, m2])?);
    (hours < 24 && minutes < 60).then_some(())?;
    let seconds = (hours * 60 + minutes) as i32 * 60;
    Some(if sign == b'-' { -seconds } else { seconds })
}

/// The number of a few ASCII digits.
fn number(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| byte - b'0')?;
        Some(number * 10 + i64::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_near_and_far() {
        for (number, date, text) in [
            (-719_528, (0, 1, 1), "0000-01-01"),
            (-719_162, (1, 1, 1), "0001-01-01"),
            (-1, (1969, 12, 31), "1969-12-31"),
            (11_016, (2000, 2, 29), "2000-02-29"),
            (2_932_896, (9999, 12, 31), "9999-12-31"),
        ] {
            assert_eq!(civil(number), date);
            assert_eq!(days(date.0, date.1, date.2), number);
            assert_eq!(written(number).as_deref(), Some(text));
            assert_eq!(super::date(text.as_bytes()), Some(number));
        }
        assert_eq!(written(2_932_897), None);
        assert_eq!(days(2026, 2, 29), days(2026, 3, 1));
    }

    #[test]
    fn beyond_the_calendar_is_its_end() {
        assert_eq!(civil(i64::MAX).0, MAX_YEAR + 1);
        assert_eq!(civil(i64::MIN).0, MIN_YEAR - 1);
        assert_eq!(days(i64::MAX, 1, 1), days(MAX_YEAR, 1, 1));
        assert_eq!(days(i64::MIN, 1, 1), days(MIN_YEAR, 1, 1));
        assert_eq!(civil(days(i64::MAX, 1, 1)), (MAX_YEAR, 1, 1));
        assert_eq!(civil(days(i64::MIN, 1, 1)), (MIN_YEAR, 1, 1));
    }

    #[test]
    fn a_date_that_no_month_has_is_none() {
        for text in [
            "2026-02-29",
            "2026-13-01",
            "2026-00-01",
            "2026-01-00",
            "2026-1-01",
            "26-01-01",
        ] {
            assert_eq!(date(text.as_bytes()), None, "{text}");
        }
        assert_eq!(date(b"2024-02-29"), Some(days(2024, 2, 29)));
    }

    #[test]
    fn moments_of_rfc_3339() {
        let noon = days(2026, 1, 31) * DAY + 12 * 3600;
        for text in [
            "2026-01-31T12:00:00Z",
            "2026-01-31t12:00:00.999z",
            "2026-01-31 12:00:00+00:00",
            "2026-01-31T14:30:00+02:30",
            "2026-01-30T23:00:00-13:00",
        ] {
            assert_eq!(moment(text.as_bytes()), Some(noon), "{text}");
        }
        let end = days(2017, 1, 1) * DAY - 1;
        assert_eq!(moment(b"2016-12-31T23:59:60Z"), Some(end));
        for text in [
            "2026-01-31",
            "2026-01-31T12:00:00",
            "2026-01-31T12:00Z",
            "2026-01-31T24:00:00Z",
            "2026-01-31T12:60:00Z",
            "2026-01-31T12:00:61Z",
            "2026-01-31T12:00:00.Z",
            "2026-01-31T12:00:00+2",
            "2026-01-31T12:00:00+24:00",
            "2026-01-31T12:00:00Z ",
            "2026-02-30T12:00:00Z",
        ] {
            assert_eq!(moment(text.as_bytes()), None, "{text}");
        }
    }
}
