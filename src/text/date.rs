//! The calendar: days since 1970-01-01 ↔ dates, and the moments of RFC 3339.
//!
//! Dates are those of the proleptic Gregorian calendar, as ISO 8601 has them: the year 0 is there.
//! The year is counted from March on, so that the day that comes and goes is its last.

use super::{digits, number};

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// The days from March 1st of the year 0 to 1970-01-01.
const EPOCH: i64 = 719_468;

/// The days of 400 years, after which the calendar repeats.
const DAYS_OF_400_YEARS: i64 = 146_097;

/// The days from 1970-01-01 to a date. Days count from 1; those past the month's end run on into
/// the next month.
pub(crate) fn days(year: i64, month: u8, day: u8) -> i64 {
    let (month, day) = (i64::from(month), i64::from(day));
    let year = if month <= 2 { year - 1 } else { year };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leap_days + days_before_month((month + 9) % 12) + day - 1 - EPOCH
}

/// The year, month and day of a number of days since 1970-01-01.
pub(crate) fn civil(days: i64) -> (i64, u8, u8) {
    let days = days + EPOCH;
    let day = days.rem_euclid(DAYS_OF_400_YEARS);
    // Leap days are taken out, after which all years have 365 days.
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - days_before_month(month) + 1;
    let year = 400 * days.div_euclid(DAYS_OF_400_YEARS) + year;
    let (year, month) = if month < 10 {
        (year, month + 3)
    } else {
        (year + 1, month - 9)
    };
    (year, month as u8, day as u8)
}

/// The days before a month that is counted from March on: five months have 153 days, again and
/// again.
fn days_before_month(month: i64) -> i64 {
    (153 * month + 2) / 5
}

/// The days from 1970-01-01 to a date written `YYYY-MM-DD`.
pub(crate) fn date(text: &[u8]) -> Option<i64> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else {
        return None;
    };
    let (month, day) = (value(&[m1, m2])? as u8, value(&[d1, d2])? as u8);
    let year = value(&[y1, y2, y3, y4])?;
    let number = days(year, month, day);
    (civil(number) == (year, month, day)).then_some(number)
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

/// Appends a moment, in milliseconds since 1970-01-01, as `toISOString` of JavaScript writes it: years that have not
/// four digits are written with a sign and six.
pub(crate) fn write_moment(milliseconds: f64, out: &mut Vec<u8>) {
    // JavaScript has no moments beyond.
    let milliseconds = (milliseconds as i64).clamp(-8_640_000_000_000_000, 8_640_000_000_000_000);
    let day = 1000 * DAY;
    let (year, month, date) = civil(milliseconds.div_euclid(day));
    let time = milliseconds.rem_euclid(day);
    let width = match year {
        0..10_000 => 4,
        _ => {
            out.push(if year < 0 { b'-' } else { b'+' });
            6
        }
    };
    for (number, width, behind) in [
        (year.abs(), width, b'-'),
        (month.into(), 2, b'-'),
        (date.into(), 2, b'T'),
        (time / 3_600_000, 2, b':'),
        (time / 60_000 % 60, 2, b':'),
        (time / 1000 % 60, 2, b'.'),
        (time % 1000, 3, b'Z'),
    ] {
        number::write_padded(number as u64, width, out);
        out.push(behind);
    }
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
    let (hour, minute, second) = (value(&[h1, h2])?, value(&[m1, m2])?, value(&[s1, s2])?);
    (hour < 24 && minute < 60 && second <= 60).then_some(())?;
    let time = hour * 3600 + minute * 60 + second.min(59);
    Some(date(day)? * DAY + time - i64::from(offset))
}

/// The first millisecond that has no year of four digits.
pub(crate) const END: i64 = 253_402_300_800_000;

/// A date, or a date and a time, of ISO 8601: the milliseconds since 1970-01-01, and the digits of what is finer,
/// without zeros at their end, so that moments compare as these pairs do. A date is its midnight, what has no
/// offset is UTC, and seconds may be left out. Years have four digits, in UTC too.
pub(crate) fn iso(text: &[u8]) -> Option<(i64, &[u8])> {
    let (day, time) = text.split_at_checked(10)?;
    let day = date(day)? * DAY;
    let &[b'T' | b't' | b' ', h1, h2, b':', m1, m2, ref rest @ ..] = time else {
        return time.is_empty().then_some((day * 1000, &[]));
    };
    let (second, rest) = match rest {
        &[b':', s1, s2, ref rest @ ..] => (value(&[s1, s2])?, rest),
        rest => (0, rest),
    };
    let (fraction, rest): (&[u8], _) = match rest {
        // Only seconds have a fraction.
        [b'.', fraction @ ..] if time.get(6) == Some(&b':') => match digits(fraction) {
            (0, _) => return None,
            (count, rest) => (fraction.get(..count)?, rest),
        },
        rest => (&[], rest),
    };
    let offset = match rest {
        b"" | b"Z" | b"z" => 0,
        rest => i64::from(offset(rest)?),
    };
    let (hour, minute) = (value(&[h1, h2])?, value(&[m1, m2])?);
    (hour < 24 && minute < 60 && second <= 60).then_some(())?;
    let seconds = day + hour * 3600 + minute * 60 + second.min(59) - offset;
    let mut millis = 0;
    for place in 0..3 {
        let digit = fraction.get(place).map_or(0, |digit| digit - b'0');
        millis = millis * 10 + i64::from(digit);
    }
    let finer = fraction.get(3..).unwrap_or_default();
    let end = finer.iter().rposition(|digit| *digit != b'0');
    let finer = finer.get(..end.map_or(0, |last| last + 1));
    let moment = seconds * 1000 + millis;
    (days(0, 1, 1) * DAY * 1000..END)
        .contains(&moment)
        .then_some((moment, finer.unwrap_or_default()))
}

/// Seconds east of UTC of an offset written `+02:00` or `-05:30`.
pub(crate) fn offset(text: &[u8]) -> Option<i32> {
    let &[sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] = text else {
        return None;
    };
    let (hours, minutes) = (value(&[h1, h2])?, value(&[m1, m2])?);
    (hours < 24 && minutes < 60).then_some(())?;
    let seconds = (hours * 60 + minutes) as i32 * 60;
    Some(if sign == b'-' { -seconds } else { seconds })
}

/// The number of a few ASCII digits.
fn value(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| byte - b'0')?;
        Some(number * 10 + i64::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_400_years_follows_the_one_before() {
        let mut date = (1970, 1, 1);
        for number in 0..DAYS_OF_400_YEARS {
            assert_eq!(civil(number), date, "{number}");
            assert_eq!(days(date.0, date.1, date.2), number, "{date:?}");
            date = next(date);
        }
        assert_eq!(date, (2370, 1, 1));
    }

    fn next((year, month, day): (i64, u8, u8)) -> (i64, u8, u8) {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let length = match month {
            2 => 28 + u8::from(leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        match (month, day) {
            (12, 31) => (year + 1, 1, 1),
            (_, day) if day == length => (year, month + 1, 1),
            _ => (year, month, day + 1),
        }
    }

    #[test]
    fn known_dates_far_off() {
        for (number, date) in [
            (-719_528, (0, 1, 1)),
            (-719_162, (1, 1, 1)),
            (-1, (1969, 12, 31)),
            (11_016, (2000, 2, 29)),
            (2_932_896, (9999, 12, 31)),
        ] {
            assert_eq!(civil(number), date);
            assert_eq!(days(date.0, date.1, date.2), number);
        }
    }

    #[test]
    fn moments_are_written_as_javascript_writes_dates() {
        for (milliseconds, text) in [
            (0_i64, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (253_402_300_800_000, "+010000-01-01T00:00:00.000Z"),
            (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
            (-62_167_219_200_001, "-000001-12-31T23:59:59.999Z"),
            (8_640_000_000_000_000, "+275760-09-13T00:00:00.000Z"),
            (-8_640_000_000_000_000, "-271821-04-20T00:00:00.000Z"),
            (i64::MIN, "-271821-04-20T00:00:00.000Z"),
        ] {
            let mut out = Vec::new();
            write_moment(milliseconds as f64, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), text);
        }
    }

    #[test]
    fn what_is_finer_than_a_millisecond_keeps_its_digits() {
        let noon = (days(2026, 1, 31) * DAY + 12 * 3600) * 1000;
        for (text, millis, finer) in [
            ("2026-01-31T12:00:00.123456Z", 123, "456"),
            ("2026-01-31T12:00:00.123450", 123, "45"),
            ("2026-01-31T12:00:00.1230000Z", 123, ""),
            ("2026-01-31T12:00:00.0004+00:00", 0, "4"),
            ("2026-01-31T12:00:00.5Z", 500, ""),
            ("2026-01-31T12:00", 0, ""),
        ] {
            let found = iso(text.as_bytes());
            assert_eq!(found, Some((noon + millis, finer.as_bytes())), "{text}");
        }
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
