//! The form in which the package carries the table of zones: a line of text per zone.
//!
//! ```text
//! names ; n offsets ; changes ; rule
//! ```
//!
//! Names are those of one zone, separated by spaces as all that follows, which are numbers in base
//! 36. Offsets are those that the zone ever had, in seconds; the first one holds before the first
//! change. Of a change the last digit says which offset holds from there on. The digits before are
//! the distance to the change before: in seconds for the first n changes, then in minutes. Zones
//! that changed together share long runs of distances, which compression finds.

use super::{Rule, YearlyChange, Zone};

impl Zone {
    /// A zone from its line of the table, without the names; `None` where it is no such line.
    pub fn from_compact(line: &str) -> Option<Self> {
        let mut fields = line.as_bytes().split(|byte| *byte == b';');
        let mut next = || numbers(fields.next()?);
        let (offsets, distances, rule) = (next()?, next()?, next()?);
        let (in_seconds, offsets) = offsets.split_first()?;
        let mut changes = Vec::new();
        let mut moment = 0;
        for (number, change) in distances.iter().enumerate() {
            let unit = if (number as i64) < *in_seconds { 1 } else { 60 };
            moment += change.div_euclid(36) * unit;
            let offset = offsets.get(change.rem_euclid(36) as usize)?;
            changes.push((moment, *offset as i32));
        }
        Some(Self {
            first: *offsets.first()? as i32,
            changes,
            rule: match *rule {
                [] => None,
                [standard, daylight, b1, b2, b3, b4, e1, e2, e3, e4] => Some(Rule {
                    standard: standard as i32,
                    daylight: daylight as i32,
                    begin: YearlyChange::from_numbers([b1, b2, b3, b4]),
                    end: YearlyChange::from_numbers([e1, e2, e3, e4]),
                }),
                _ => return None,
            },
        })
    }

    /// The line of a zone, without the names.
    #[cfg(feature = "zones")]
    pub(super) fn to_compact(&self) -> String {
        let mut offsets = vec![i64::from(self.first)];
        let mut changes = Vec::new();
        let mut before = 0;
        for (moment, offset) in &self.changes {
            let offset = i64::from(*offset);
            let index = offsets.iter().position(|known| *known == offset);
            let index = index.unwrap_or_else(|| {
                offsets.push(offset);
                offsets.len() - 1
            });
            changes.push((moment - before, index as i64));
            before = *moment;
        }
        let odd = changes.iter().rposition(|(distance, _)| distance % 60 != 0);
        let in_seconds = odd.map_or(0, |last| last + 1);
        let changes = changes.iter().enumerate();
        let changes = changes.map(|(number, (distance, index))| {
            let unit = if number < in_seconds { 1 } else { 60 };
            distance / unit * 36 + index
        });
        let rule = self.rule.as_ref().map_or(Vec::new(), |rule| {
            let mut numbers = vec![rule.standard.into(), rule.daylight.into()];
            for change in [&rule.begin, &rule.end] {
                numbers.extend([change.month, change.week, change.weekday].map(i64::from));
                numbers.push(change.time.into());
            }
            numbers
        });
        offsets.insert(0, in_seconds as i64);
        let fields = [offsets, changes.collect(), rule];
        fields.map(|field| words(&field)).join(";")
    }
}

impl YearlyChange {
    fn from_numbers([month, week, weekday, time]: [i64; 4]) -> Self {
        Self {
            month: month as u8,
            week: week as u8,
            weekday: weekday as u8,
            time: time as i32,
        }
    }
}

/// The numbers of a field. `from_str_radix` and `collect` would do the same, in a kilobyte more.
fn numbers(field: &[u8]) -> Option<Vec<i64>> {
    let mut numbers = Vec::new();
    for word in field.split(|byte| *byte == b' ') {
        let (sign, digits) = match word {
            [] => continue,
            [b'-', digits @ ..] => (-1, digits),
            digits => (1, digits),
        };
        let mut number: i64 = 0;
        for digit in digits {
            let digit = char::from(*digit).to_digit(36)?;
            number = number.checked_mul(36)?.checked_add(digit.into())?;
        }
        numbers.push(sign * number);
    }
    Some(numbers)
}

#[cfg(feature = "zones")]
fn words(numbers: &[i64]) -> String {
    let words: Vec<_> = numbers.iter().map(|number| base36(*number)).collect();
    words.join(" ")
}

#[cfg(feature = "zones")]
fn base36(number: i64) -> String {
    let mut rest = number.unsigned_abs();
    let mut digits = Vec::new();
    while rest > 0 || digits.is_empty() {
        digits.extend(char::from_digit((rest % 36) as u32, 36));
        rest /= 36;
    }
    digits.extend((number < 0).then_some('-'));
    digits.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_it_was_written() {
        let change = |month| YearlyChange {
            month,
            week: 5,
            weekday: 0,
            time: -3600,
        };
        let zone = Zone {
            first: -1172,
            changes: vec![(-2_840_140_800, 3600), (-1, 0), (0, 3600), (86_400, -1172)],
            rule: Some(Rule {
                standard: 3600,
                daylight: 7200,
                begin: change(3),
                end: change(10),
            }),
        };
        for zone in [zone, Zone::default(), Zone::fixed(-18_000)] {
            let line = zone.to_compact();
            assert_eq!(Zone::from_compact(&line), Some(zone), "{line}");
        }
    }

    #[test]
    fn what_is_no_line_is_refused() {
        for line in [
            "", "0 0", "0 0;", ";;", "0;;", "0 0;11;", "0 0;!0;", "0 0;;1 2",
        ] {
            assert_eq!(Zone::from_compact(line), None, "{line}");
        }
    }
}
