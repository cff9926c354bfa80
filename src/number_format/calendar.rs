//! Dates, times of day and durations: read from ISO 8601, shown by the tokens of a format.

use super::code::{Token, push};
use super::number::Marks;
use crate::text::date::{self, DAY, civil};
use crate::text::decimal::Decimal;
use crate::text::digits;
use crate::zone::Zone;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const WEEKDAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

/// A date, a time of a day, or a duration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Seconds since 1970-01-01, in local time; of a duration all its seconds.
    seconds: i64,
    nanos: u32,
    /// How many decimal places the seconds were given with.
    places: u8,
    /// Seconds east of UTC, where they are known.
    pub(crate) offset: Option<i32>,
    /// A duration that goes back.
    negative: bool,
}

impl Moment {
    /// Reads a date, `2026-01-31`, or with a time of day, `2026-01-31T12:00:00.5+01:00`: seconds
    /// and offset may be missing, a space may stand for the `T`.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let (day, rest) = text.split_at_checked(10)?;
        let moment = Self {
            seconds: date::date(day)? * DAY,
            ..Self::default()
        };
        let Some((b'T' | b't' | b' ', rest)) = rest.split_first() else {
            return rest.is_empty().then_some(moment);
        };
        let (hour, rest) = fixed(rest, 2)?;
        let (minute, rest) = fixed(rest.strip_prefix(b":")?, 2)?;
        let (second, nanos, places, rest) = match rest.strip_prefix(b":") {
            None => (0, 0, 0, rest),
            Some(rest) => {
                let (second, rest) = fixed(rest, 2)?;
                let (nanos, places, rest) = fraction(rest)?;
                (second, nanos, places, rest)
            }
        };
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        Some(Self {
            seconds: moment.seconds + hour * 3600 + minute * 60 + second,
            nanos,
            places,
            offset: offset(rest)?,
            negative: false,
        })
    }

    /// Milliseconds since 1970-01-01 in UTC, as JavaScript counts.
    pub(crate) fn from_millis(text: &[u8]) -> Option<Self> {
        // The years that a date can show, 1 to 9999.
        const YEARS: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_300_799_999;
        let millis: i64 = std::str::from_utf8(text).ok()?.parse().ok()?;
        YEARS.contains(&millis).then(|| Self {
            seconds: millis.div_euclid(1000),
            nanos: millis.rem_euclid(1000) as u32 * 1_000_000,
            places: 3,
            offset: Some(0),
            negative: false,
        })
    }

    /// The same moment on the clocks of a zone. What has no offset, such as a mere date, is never
    /// shifted.
    ///
    /// `None` where the year has no four digits there, so that ISO 8601 has no date for it.
    pub(crate) fn in_zone(self, zone: &Zone) -> Option<Self> {
        let Some(offset) = self.offset else {
            return Some(self);
        };
        let utc = self.seconds - i64::from(offset);
        // The mean times of old have seconds, which RFC 3339 cannot write: the moment stays exact.
        let offset = zone.offset_at(utc) / 60 * 60;
        let seconds = utc + i64::from(offset);
        let (year, ..) = civil(seconds.div_euclid(DAY));
        (0..=9999).contains(&year).then_some(Self {
            seconds,
            offset: Some(offset),
            ..self
        })
    }

    /// Appends the date as ISO 8601 writes it.
    pub(crate) fn write_date(&self, out: &mut Vec<u8>) {
        // Every moment has a year of four digits.
        let date = date::written(self.seconds.div_euclid(DAY));
        out.extend_from_slice(date.unwrap_or_default().as_bytes());
    }

    /// Appends date, time of day and offset as RFC 3339 writes them.
    pub(crate) fn write_rfc3339(&self, out: &mut Vec<u8>) {
        self.write_date(out);
        let second = self.seconds.rem_euclid(DAY);
        for (mark, number) in [
            (b'T', second / 3600),
            (b':', second / 60 % 60),
            (b':', second % 60),
        ] {
            out.push(mark);
            pad(number, 2, out);
        }
        if self.places > 0 {
            out.push(b'.');
            write_places(self.nanos, self.places, out);
        }
        match self.offset {
            None => {}
            Some(0) => out.push(b'Z'),
            Some(offset) => {
                out.push(if offset < 0 { b'-' } else { b'+' });
                let minutes = i64::from(offset.unsigned_abs()) / 60;
                pad(minutes / 60, 2, out);
                out.push(b':');
                pad(minutes % 60, 2, out);
            }
        }
    }
}

/// Reads a duration: seconds as a number, `PT1H30M` of ISO 8601 without years and months, or
/// `1:30:00`.
pub(crate) fn parse_duration(text: &[u8], is_number: bool) -> Option<Moment> {
    let (negative, text) = match text.strip_prefix(b"-") {
        Some(text) => (true, text),
        None => (false, text),
    };
    let (seconds, nanos) = if is_number {
        let number = Decimal::parse(text)?;
        let seconds = number.whole().try_fold(0_i64, |number, digit| {
            number.checked_mul(10)?.checked_add(i64::from(digit & 15))
        })?;
        let nanos = (0..9).fold(0, |nanos, at| {
            nanos * 10 + u32::from(number.fraction(at) & 15)
        });
        (seconds, nanos)
    } else if let Some(rest) = text.strip_prefix(b"P") {
        iso_duration(rest)?
    } else {
        clock_duration(text)?
    };
    Some(Moment {
        seconds,
        nanos,
        negative,
        ..Moment::default()
    })
}

fn iso_duration(text: &[u8]) -> Option<(i64, u32)> {
    let mut units: &[(u8, i64)] = &[(b'W', 7 * DAY), (b'D', DAY)];
    let mut rest = text;
    let mut sum = (0_i64, 0);
    let mut in_time = false;
    let mut found = false;
    while let Some((&first, behind)) = rest.split_first() {
        if first == b'T' && !in_time && !behind.is_empty() {
            units = &[(b'H', 3600), (b'M', 60), (b'S', 1)];
            in_time = true;
            rest = behind;
            continue;
        }
        let (number, behind) = number(rest)?;
        let (nanos, places, behind) = fraction(behind)?;
        let (&letter, behind) = behind.split_first()?;
        let at = units.iter().position(|(unit, _)| *unit == letter)?;
        let (_, seconds) = units.get(at)?;
        if places > 0 && letter != b'S' {
            return None;
        }
        sum.0 = sum.0.checked_add(number.checked_mul(*seconds)?)?;
        sum.1 = nanos;
        units = units.get(at + 1..)?;
        rest = behind;
        found = true;
    }
    found.then_some(sum)
}

fn clock_duration(text: &[u8]) -> Option<(i64, u32)> {
    let (hours, rest) = number(text)?;
    let (minutes, rest) = fixed(rest.strip_prefix(b":")?, 2)?;
    // Without seconds there is no telling what a fraction is one of.
    let (seconds, nanos, rest) = match rest.strip_prefix(b":") {
        Some(rest) => {
            let (seconds, rest) = fixed(rest, 2)?;
            let (nanos, _, rest) = fraction(rest)?;
            (seconds, nanos, rest)
        }
        None => (0, 0, rest),
    };
    let whole = hours
        .checked_mul(3600)?
        .checked_add(minutes * 60 + seconds)?;
    (rest.is_empty() && minutes < 60 && seconds < 60).then_some((whole, nanos))
}

/// A number of so many digits, and what follows.
fn fixed(text: &[u8], len: usize) -> Option<(i64, &[u8])> {
    let (start, rest) = text.split_at_checked(len)?;
    let (value, behind) = number(start)?;
    behind.is_empty().then_some((value, rest))
}

/// A number of up to 15 digits, and what follows.
fn number(text: &[u8]) -> Option<(i64, &[u8])> {
    let (count, rest) = digits(text);
    let value = text.iter().take(count).fold(0, |value, digit| {
        (value * 10 + i64::from(digit & 15)).min(1 << 50)
    });
    (1..=15).contains(&count).then_some((value, rest))
}

/// A fraction of a second where there is one: its nanoseconds, how many places it was given with,
/// and what follows.
fn fraction(text: &[u8]) -> Option<(u32, u8, &[u8])> {
    let Some((b'.' | b',', rest)) = text.split_first() else {
        return Some((0, 0, text));
    };
    let (count, behind) = digits(rest);
    let nanos = (0..9).fold(0, |nanos, at| {
        let digit = rest.get(at).filter(|_| at < count).unwrap_or(&b'0');
        nanos * 10 + u32::from(digit & 15)
    });
    (1..=9)
        .contains(&count)
        .then_some((nanos, count as u8, behind))
}

/// The offset at the end of a time: none, `Z`, `+01:00`, `+0100` or `+01`.
fn offset(text: &[u8]) -> Option<Option<i32>> {
    let (sign, rest) = match text.split_first() {
        None => return Some(None),
        Some((b'Z' | b'z', [])) => return Some(Some(0)),
        Some((b'+', rest)) => (1, rest),
        Some((b'-', rest)) => (-1, rest),
        Some(_) => return None,
    };
    let (hours, rest) = fixed(rest, 2)?;
    let (minutes, rest) = match rest {
        [] => (0, rest),
        rest => fixed(rest.strip_prefix(b":").unwrap_or(rest), 2)?,
    };
    let seconds = (hours * 3600 + minutes * 60) as i32;
    (rest.is_empty() && hours < 24 && minutes < 60).then_some(Some(sign * seconds))
}

/// Appends a moment as a format shows it. Where seconds are shown they are rounded to the last
/// place that is, else what is not shown is cut off, both as in Excel.
pub(super) fn write(tokens: &[Token], moment: Moment, marks: Marks, out: &mut Vec<u8>) {
    let mut moment = moment;
    let seconds = |token: &Token| matches!(token, Token::Date(b's', _) | Token::Elapsed(b's', _));
    let shown = tokens.iter().find_map(|token| match token {
        Token::Fraction(places) => Some(*places),
        _ => None,
    });
    if tokens.iter().any(seconds) {
        let unit = 10_u32.pow(9 - u32::from(shown.unwrap_or(0)));
        let rounded = (moment.nanos + unit / 2) / unit * unit;
        moment.seconds = moment
            .seconds
            .saturating_add(i64::from(rounded / 1_000_000_000));
        moment.nanos = rounded % 1_000_000_000;
    }
    if moment.negative {
        out.push(b'-');
    }
    let day = moment.seconds.div_euclid(DAY);
    let (year, month, date) = civil(day);
    // 1970-01-01 was a Thursday.
    let weekday = name(&WEEKDAYS, (day + 4).rem_euclid(7));
    let month_name = name(&MONTHS, i64::from(month) - 1);
    let clock = moment.seconds.rem_euclid(DAY);
    let hour = clock / 3600;
    let twelve = tokens
        .iter()
        .any(|token| matches!(token, Token::Meridiem(_)));
    for token in tokens {
        match *token {
            Token::Literal(character) => push(character, out),
            Token::Date(b'y', 1..=2) => pad(year.rem_euclid(100), 2, out),
            Token::Date(b'y', _) => pad(year, 4, out),
            Token::Date(b'm', count @ 1..=2) => pad(month.into(), count, out),
            Token::Date(b'm', count) => out.extend_from_slice(cut(month_name, count)),
            Token::Date(b'd', count @ 1..=2) => pad(date.into(), count, out),
            Token::Date(b'd', count) => out.extend_from_slice(cut(weekday, count)),
            Token::Date(b'h', count) if twelve => pad((hour + 11) % 12 + 1, count, out),
            Token::Date(b'h', count) => pad(hour, count, out),
            Token::Date(b'n', count) => pad(clock / 60 % 60, count, out),
            Token::Date(_, count) => pad(clock % 60, count, out),
            Token::Elapsed(b'h', count) => pad(moment.seconds / 3600, count, out),
            Token::Elapsed(b'm', count) => pad(moment.seconds / 60, count, out),
            Token::Elapsed(_, count) => pad(moment.seconds, count, out),
            Token::Fraction(places) => {
                out.push(marks.decimal);
                write_places(moment.nanos, places, out);
            }
            Token::Meridiem(short) => {
                let text: &[u8] = if hour < 12 { b"AM" } else { b"PM" };
                out.extend_from_slice(text.get(..if short { 1 } else { 2 }).unwrap_or(text));
            }
            _ => {}
        }
    }
}

fn write_places(nanos: u32, places: u8, out: &mut Vec<u8>) {
    let cut = nanos / 10_u32.pow(9 - u32::from(places.min(9)));
    pad(cut.into(), places, out);
}

fn name<'a>(names: &[&'a str], at: i64) -> &'a str {
    let name = usize::try_from(at).ok().and_then(|at| names.get(at));
    name.copied().unwrap_or_default()
}

/// A name as three letters of a code show it, in full for four, its first letter for five.
fn cut(name: &str, count: u8) -> &[u8] {
    let len = match count {
        3 => 3,
        4 => name.len(),
        _ => 1,
    };
    name.as_bytes().get(..len).unwrap_or_default()
}

/// Appends a number that is not negative with zeros before it.
fn pad(number: i64, width: u8, out: &mut Vec<u8>) {
    let digits = number.unsigned_abs().to_string();
    let zeros = usize::from(width).saturating_sub(digits.len());
    out.extend(std::iter::repeat_n(b'0', zeros));
    out.extend_from_slice(digits.as_bytes());
}
