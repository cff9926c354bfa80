//! Conditions on the fields of a record.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::catalog::{self, FilterTest, Operand};
use crate::text::{date, decimal, json};
use crate::value::Kind;

use super::tape;

/// What a condition says of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Chosen,
    LeftOut,
    /// The value is none that the condition can judge.
    Unclear,
}

/// A condition on the fields of one record.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    /// The places of the fields among the record's members.
    pub(super) members: Vec<usize>,
    test: FilterTest,
    values: Vec<Wanted>,
}

#[derive(Clone, Debug)]
enum Wanted {
    Text(Vec<u8>),
    /// The digits, and the nearest number that is quickly compared.
    Number(Vec<u8>, f64),
    Bool(bool),
    /// Milliseconds, and the digits of what is finer.
    Moment(i64, Vec<u8>),
}

impl Condition {
    pub(super) fn of(condition: &catalog::Condition, members: Vec<usize>) -> Self {
        let values = condition.values.iter().map(|value| match value {
            Operand::Text(text) => Wanted::Text(text.clone().into_bytes()),
            Operand::Number(digits) => {
                let number = digits.parse().unwrap_or_default();
                Wanted::Number(digits.clone().into_bytes(), number)
            }
            Operand::Bool(value) => Wanted::Bool(*value),
            Operand::Moment(moment) => match &condition.finer {
                Some((moment, finer)) => Wanted::Moment(*moment, finer.clone()),
                None => Wanted::Moment(*moment, Vec::new()),
            },
        });
        Self {
            members,
            test: condition.test,
            values: values.collect(),
        }
    }

    /// Judges a record, of which `member` gives the values: their kinds, and their texts as a cell has them.
    #[inline]
    pub(super) fn judge<'a>(&self, member: impl Fn(usize) -> (Kind, Cow<'a, [u8]>)) -> Verdict {
        let is_null = |kind| matches!(kind, Kind::Missing | Kind::Null);
        if self.test == FilterTest::IsNull {
            let mut members = self.members.iter();
            return match members.all(|place| is_null(member(*place).0)) {
                true => Verdict::Chosen,
                false => Verdict::LeftOut,
            };
        }
        let (kind, text) = match self.members.first() {
            Some(place) => member(*place),
            None => (Kind::Missing, Cow::Borrowed(&[][..])),
        };
        if is_null(kind) {
            return Verdict::LeftOut;
        }
        if let FilterTest::AnyOf { .. } = self.test {
            return self.judge_list(kind, &text);
        }
        let mut unclear = false;
        let mut chosen = false;
        for value in &self.values {
            let Some(order) = value.compare(kind, &text) else {
                unclear = true;
                continue;
            };
            chosen |= match self.test {
                FilterTest::AtLeast => order.is_ge(),
                FilterTest::AtMost => order.is_le(),
                FilterTest::LessThan => order.is_lt(),
                _ => order.is_eq(),
            };
        }
        match chosen {
            true => Verdict::Chosen,
            false if unclear => Verdict::Unclear,
            false => Verdict::LeftOut,
        }
    }

    /// Whether a list holds one of the values.
    fn judge_list(&self, kind: Kind, text: &[u8]) -> Verdict {
        if kind != Kind::Nested || text.first() != Some(&b'[') {
            return Verdict::Unclear;
        }
        let mut tokens = Vec::new();
        tape::read(text, &mut tokens);
        let mut scratch = Vec::new();
        let found = tape::items(&tokens, 0).any(|(_, item)| {
            let (kind, _, text) = json::cell_of(item.text(text), &mut scratch);
            let mut values = self.values.iter();
            values.any(|value| value.compare(kind, text) == Some(Ordering::Equal))
        });
        match found {
            true => Verdict::Chosen,
            false => Verdict::LeftOut,
        }
    }
}

impl Wanted {
    /// How a value compares with this one; `None` where the two are not of a kind.
    #[inline]
    fn compare(&self, kind: Kind, text: &[u8]) -> Option<Ordering> {
        match (self, kind) {
            (Self::Text(wanted), Kind::Text) => Some(text.cmp(wanted)),
            (Self::Number(digits, number), Kind::Number) => compare_numbers(text, digits, *number),
            (Self::Bool(wanted), Kind::Bool) => Some((text == b"true").cmp(wanted)),
            (Self::Moment(wanted, finer), Kind::Text) => {
                Some(date::iso(text)?.cmp(&(*wanted, finer.as_slice())))
            }
            _ => None,
        }
    }
}

/// Compares a number with one whose nearest binary fraction is known: where these differ, the numbers do
/// so likewise.
fn compare_numbers(text: &[u8], wanted: &[u8], nearest: f64) -> Option<Ordering> {
    let number: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    match number.partial_cmp(&nearest)? {
        Ordering::Equal if text != wanted => decimal::compare(text, wanted),
        order => Some(order),
    }
}
