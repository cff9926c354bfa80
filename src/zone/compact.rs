//! The form in which the package carries the table of zones: a line of text per zone.
//!
//! ```text
//! names ; offsets ; moments ; numbers ; rule
//! ```
//!
//! All numbers are in base 36. Names are those of one zone, separated by spaces as all that
//! follows. Offsets are those that the zone ever had, in seconds; the first one holds before the
//! first change. Each moment is the distance to the one before: in minutes, or in seconds behind a
//! `.`. As many digits say which offset holds from there on. Zones that changed together share
//! long runs of moments, which compression finds.

use super::{Rule, YearlyChange, Zone};

impl Zone {
    /// A zone from its line of the table, without the names; `None` where it is no such line.
    pub fn from_compact(line: &str) -> Option<Self> {
        let mut fields = line.split(';');
        let offsets: Vec<i32> = numbers(fields.next()?)?;
        let moments = words(fields.next()?);
        let mut indices = fields.next()?.chars();
        let rule: Vec<i32> = numbers(fields.next()?)?;
        let mut changes = Vec::new();
        let mut moment = 0;
        for word in moments {
            moment += match word.strip_prefix('.') {
                Some(seconds) => number(seconds)?,
                None => 60 * number(word)?,
            };
            let offset = offsets.get(indices.next()?.to_digit(36)? as usize)?;
            changes.push((moment, *offset));
        }
        Some(Self {
            first: *offsets.first()?,
            changes,
            rule: match *rule {
                [] => None,
                [standard, daylight, b1, b2, b3, b4, e1, e2, e3, e4] => Some(Rule {
                    standard,
                    daylight,
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
        let mut offsets = vec![self.first];
        let (mut moments, mut indices) = (Vec::new(), String::new());
        let mut before = 0;
        for (moment, offset) in &self.changes {
            let index = offsets.iter().position(|known| known == offset);
            let index = index.unwrap_or_else(|| {
                offsets.push(*offset);
                offsets.len() - 1
            });
            let distance = moment - before;
            moments.push(match (distance % 60, distance / 60) {
                (0, minutes) => base36(minutes),
                _ => format!(".{}", base36(distance)),
            });
            indices.push_str(&base36(index as i64));
            before = *moment;
        }
        let rule = self.rule.as_ref().map_or(Vec::new(), |rule| {
            let mut numbers = vec![rule.standard, rule.daylight];
            numbers.extend(rule.begin.to_numbers());
            numbers.extend(rule.end.to_numbers());
            numbers
        });
        let list = |numbers: &[i32]| {
            let words = numbers.iter().map(|number| base36((*number).into()));
            words.collect::<Vec<_>>().join(" ")
        };
        let (offsets, moments) = (list(&offsets), moments.join(" "));
        format!("{offsets};{moments};{indices};{}", list(&rule))
    }
}

impl YearlyChange {
    fn from_numbers([month, week, weekday, time]: [i32; 4]) -> Self {
        Self {
            month: month as u8,
            week: week as u8,
            weekday: weekday as u8,
            time,
        }
    }

    #[cfg(feature = "zones")]
    fn to_numbers(&self) -> [i32; 4] {
        let [month, week, weekday] = [self.month, self.week, self.weekday].map(i32::from);
        [month, week, weekday, self.time]
    }
}

fn words(field: &str) -> impl Iterator<Item = &str> {
    field.split(' ').filter(|word| !word.is_empty())
}

fn numbers(field: &str) -> Option<Vec<i32>> {
    words(field)
        .map(|word| number(word).map(|number| number as i32))
        .collect()
}

fn number(word: &str) -> Option<i64> {
    i64::from_str_radix(word, 36).ok()
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
            "", "0", "0;;", ";;;", "0;1;;", "0;1;1;", "0;!;0;", "0;;;1 2",
        ] {
            assert_eq!(Zone::from_compact(line), None, "{line}");
        }
    }
}
