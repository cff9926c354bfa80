//! Totals of columns, exact.

use crate::settings::Setting;
use crate::table::Total;
use crate::text::decimal::Exact;
use crate::value::Kind;

/// A total under way.
#[derive(Clone)]
pub(super) struct Tally {
    total: Total,
    /// How many values there were, or numbers where numbers are asked for.
    count: u64,
    /// The sum, or the least or greatest number; `None` before the first.
    value: Option<Exact>,
    /// A number had too many digits.
    inexact: bool,
}

impl Tally {
    pub(super) fn new(total: Total) -> Self {
        Self {
            total,
            count: 0,
            value: None,
            inexact: false,
        }
    }

    /// Takes a cell: its kind in the source, its kind as it is written, and its text in the source.
    pub(super) fn add(&mut self, given: Kind, written: Kind, text: &[u8]) {
        if matches!(given, Kind::Missing | Kind::Null) {
            return;
        }
        if self.total == Total::Count {
            self.count += 1;
            return;
        }
        // What is no number was reported and is left out.
        if !matches!(written, Kind::Number | Kind::Formatted) {
            return;
        }
        self.count += 1;
        let Some(number) = Exact::parse(text) else {
            self.inexact = true;
            return;
        };
        let Some(value) = self.value else {
            self.value = Some(number);
            return;
        };
        let next = match self.total {
            Total::Sum | Total::Average | Total::Count => value.plus(number),
            Total::Min => number
                .is_below(value)
                .map(|below| if below { number } else { value }),
            Total::Max => value
                .is_below(number)
                .map(|below| if below { number } else { value }),
        };
        match next {
            Some(next) => self.value = Some(next),
            None => self.inexact = true,
        }
    }

    /// What was summed up so far, for [`restore`](Self::restore).
    pub(super) fn state(&self) -> Setting {
        let (mantissa, scale) = self.value.unwrap_or_default().parts();
        Setting::List(vec![
            Setting::count(self.count),
            Setting::Bool(self.inexact),
            Setting::Bool(self.value.is_some()),
            Setting::Text(mantissa.to_string()),
            Setting::count(scale.into()),
        ])
    }

    /// Goes on from a state; `None` where it is none.
    pub(super) fn restore(&mut self, state: &Setting) -> Option<()> {
        let [count, inexact, has_value, mantissa, scale] = state.as_list()? else {
            return None;
        };
        self.count = count.as_count()?;
        self.inexact = inexact.as_bool()?;
        let scale = u32::try_from(scale.as_count()?).ok()?;
        let value = Exact::of_parts(mantissa.as_text()?.parse().ok()?, scale)?;
        self.value = has_value.as_bool()?.then_some(value);
        Some(())
    }

    pub(super) fn is_inexact(&self) -> bool {
        self.inexact || (self.total == Total::Average && self.count > 0)
    }

    /// The total is a number of cells, whatever they hold.
    pub(super) fn counts(&self) -> bool {
        self.total == Total::Count
    }

    /// The total as JSON writes a number; `None` where there is none, or no exact one.
    pub(super) fn text(&self) -> Option<String> {
        match (self.total, self.value) {
            (Total::Count, _) => Some(self.count.to_string()),
            (_, _) if self.inexact => None,
            (Total::Sum, None) => Some("0".into()),
            (Total::Average, Some(sum)) => Some(sum.divided(self.count)?.text()),
            (_, value) => Some(value?.text()),
        }
    }
}
