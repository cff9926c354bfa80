//! Decimal numbers as digits, so that no step of rounding or adding goes through binary fractions.

use std::cmp::Ordering;

use super::digits;

/// Numbers with more places before or behind the decimal point are not taken: JavaScript has none,
/// and the zeros alone would make a page.
const MAX_PLACES: i64 = 400;

/// A decimal number: its digits, and how many of them stand before the decimal point.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Decimal {
    pub(crate) negative: bool,
    /// ASCII digits without zeros at the start.
    digits: Vec<u8>,
    /// May be negative, and may be larger than the number of digits.
    point: i64,
}

impl Decimal {
    /// Reads a number as JSON writes it; `None` where it is too large or too small to be written
    /// out.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let number = Self::read(text)?;
        let places = number.point.abs() + number.digits.len() as i64;
        (places <= MAX_PLACES).then_some(number)
    }

    /// Reads a number of any size as JSON writes it.
    fn read(text: &[u8]) -> Option<Self> {
        let (negative, text) = match text.strip_prefix(b"-") {
            Some(text) => (true, text),
            None => (false, text),
        };
        let (whole, rest) = digits(text);
        let mut all = text.get(..whole)?.to_vec();
        let rest = match rest.strip_prefix(b".") {
            Some(behind) => {
                let (count, rest) = digits(behind);
                all.extend_from_slice(behind.get(..count)?);
                rest
            }
            None => rest,
        };
        let exponent = match rest {
            [] => 0,
            [_, sign @ (b'+' | b'-'), number @ ..] => match sign {
                b'-' => -small_number(number),
                _ => small_number(number),
            },
            [_, number @ ..] => small_number(number),
        };
        let zeros = all.iter().take_while(|&&digit| digit == b'0').count();
        all.drain(..zeros);
        let end = all.iter().rposition(|&digit| digit != b'0');
        all.truncate(end.map_or(0, |last| last + 1));
        let mut point = whole as i64 - zeros as i64 + exponent;
        if all.is_empty() {
            point = 0;
        }
        Some(Self {
            negative,
            digits: all,
            point,
        })
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// Multiplies with a power of ten.
    pub(crate) fn shift(&mut self, places: i64) {
        if !self.is_zero() {
            self.point += places;
        }
    }

    /// How many digits stand before the decimal point; 0 or less for a fraction.
    pub(crate) fn point(&self) -> i64 {
        self.point
    }

    /// Rounds to this many digits behind the decimal point, halves away from zero as Excel does.
    pub(crate) fn round(&mut self, places: usize) {
        let Ok(keep) = usize::try_from(self.point + places as i64) else {
            self.digits.clear();
            self.point = 0;
            return;
        };
        let up = self.digits.get(keep).is_some_and(|&digit| digit >= b'5');
        self.digits.truncate(keep);
        if !up {
            return self.trim();
        }
        for digit in self.digits.iter_mut().rev() {
            if *digit == b'9' {
                *digit = b'0';
            } else {
                *digit += 1;
                return self.trim();
            }
        }
        self.digits.insert(0, b'1');
        self.point += 1;
        self.trim();
    }

    fn trim(&mut self) {
        let end = self.digits.iter().rposition(|&digit| digit != b'0');
        self.digits.truncate(end.map_or(0, |last| last + 1));
        if self.digits.is_empty() {
            self.point = 0;
        }
    }

    /// The digits before the decimal point, none for a fraction.
    pub(crate) fn whole(&self) -> impl DoubleEndedIterator<Item = u8> + ExactSizeIterator {
        let count = usize::try_from(self.point).unwrap_or_default();
        (0..count).map(|at| self.digits.get(at).copied().unwrap_or(b'0'))
    }

    /// A digit behind the decimal point, counted from 0.
    pub(crate) fn fraction(&self, at: usize) -> u8 {
        let at = usize::try_from(self.point + at as i64).ok();
        at.and_then(|at| self.digits.get(at).copied())
            .unwrap_or(b'0')
    }

    /// Whether all digits behind the decimal point from this one on are zeros.
    pub(crate) fn ends_before(&self, at: usize) -> bool {
        self.point + at as i64 >= self.digits.len() as i64
    }
}

/// The number that a few digits stand for; a long one is cut where no input has as many digits to make up for it.
fn small_number(digits: &[u8]) -> i64 {
    digits.iter().fold(0, |number: i64, digit| {
        (number * 10 + i64::from(digit & 15)).min(1 << 59)
    })
}

/// Compares two numbers as JSON writes them, digit by digit, however long they are; `None` where one is no number.
pub(crate) fn compare(first: &[u8], second: &[u8]) -> Option<Ordering> {
    let (first, second) = (Decimal::read(first)?, Decimal::read(second)?);
    let sign = |number: &Decimal| match (number.is_zero(), number.negative) {
        (true, _) => 0,
        (false, true) => -1,
        (false, false) => 1,
    };
    // Neither starts or ends with zeros, so that of as many whole places the first digits decide.
    let size = |number: Decimal| (number.point, number.digits);
    let (signs, is_negative) = (sign(&first).cmp(&sign(&second)), first.negative);
    Some(signs.then_with(|| match is_negative {
        true => size(second).cmp(&size(first)),
        false => size(first).cmp(&size(second)),
    }))
}

/// An exact sum of decimal numbers: `mantissa / 10^scale`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Exact {
    mantissa: i128,
    scale: u32,
}

impl Exact {
    /// A number as JSON writes it; `None` where it has more digits than can be held, about 38.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let number = Decimal::parse(text)?;
        let mut mantissa: i128 = 0;
        for digit in &number.digits {
            let digit = i128::from(digit & 15);
            mantissa = mantissa.checked_mul(10)?.checked_add(digit)?;
        }
        let scale = number.digits.len() as i64 - number.point;
        let zeros = u32::try_from(-scale).unwrap_or_default();
        mantissa = mantissa.checked_mul(10_i128.checked_pow(zeros)?)?;
        Some(Self {
            mantissa: if number.negative { -mantissa } else { mantissa },
            scale: u32::try_from(scale).unwrap_or_default(),
        })
    }

    /// Its digits without the decimal point, and how many of them stand behind that.
    pub(crate) fn parts(self) -> (i128, u32) {
        (self.mantissa, self.scale)
    }

    /// The number that has these [`parts`](Self::parts); `None` where no number of a column has.
    pub(crate) fn of_parts(mantissa: i128, scale: u32) -> Option<Self> {
        let possible = i64::from(scale) <= 2 * MAX_PLACES;
        possible.then_some(Self { mantissa, scale })
    }

    /// Both numbers with as many places as the longer has.
    fn aligned(self, other: Self) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        let widened = |number: Self| {
            let factor = 10_i128.checked_pow(scale - number.scale)?;
            number.mantissa.checked_mul(factor)
        };
        Some((widened(self)?, widened(other)?, scale))
    }

    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        let (first, second, scale) = self.aligned(other)?;
        let mantissa = first.checked_add(second)?;
        Some(Self { mantissa, scale })
    }

    /// Whether this is less than another number; `None` where they cannot be compared exactly.
    pub(crate) fn is_below(self, other: Self) -> Option<bool> {
        let (first, second, _) = self.aligned(other)?;
        Some(first < second)
    }

    /// Divided by a count, to six places more than the number has.
    pub(crate) fn divided(self, count: u64) -> Option<Self> {
        const MORE: u32 = 6;
        let wide = self.mantissa.checked_mul(10_i128.pow(MORE))?;
        let count = i128::from(count);
        let half = if wide < 0 { -count / 2 } else { count / 2 };
        Some(Self {
            mantissa: wide.checked_add(half)?.checked_div(count)?,
            scale: self.scale.checked_add(MORE)?,
        })
    }

    /// The number as JSON writes it, without zeros at the end of its fraction.
    pub(crate) fn text(self) -> String {
        let mut text = self.mantissa.unsigned_abs().to_string();
        let scale = self.scale as usize;
        if scale > 0 {
            while text.len() <= scale {
                text.insert(0, '0');
            }
            text.insert(text.len() - scale, '.');
            text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
        }
        if self.mantissa < 0 {
            text.insert(0, '-');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::{Decimal, Exact, compare};

    #[track_caller]
    fn rounded(text: &str, places: usize, expected: &str) {
        let mut number = Decimal::parse(text.as_bytes()).unwrap();
        number.round(places);
        let mut shown: Vec<u8> = number.whole().collect();
        shown.push(b'.');
        shown.extend((0..places).map(|at| number.fraction(at)));
        assert_eq!(String::from_utf8(shown).unwrap(), expected, "{text}");
    }

    #[test]
    fn halves_are_rounded_away_from_zero_on_the_decimal_digits() {
        rounded("1.005", 2, "1.01");
        rounded("0.5", 0, "1.");
        rounded("0.05", 1, ".1");
        rounded("0.04", 1, ".0");
        rounded("0.0004", 1, ".0");
        rounded("9.995", 2, "10.00");
        rounded("12345678901234567890.125", 2, "12345678901234567890.13");
        rounded("1e3", 1, "1000.0");
        rounded("15e-1", 0, "2.");
        rounded("-0.0", 1, ".0");
    }

    #[test]
    fn numbers_too_long_to_be_written_out_are_not_taken() {
        assert!(Decimal::parse(b"1e308").is_some());
        assert!(Decimal::parse(b"1e99999999999999999999").is_none());
        assert!(Decimal::parse(b"1e-500").is_none());
        assert!(Decimal::parse(b"0e-500").is_some());
    }

    #[test]
    fn numbers_of_any_length_compare_by_their_digits() {
        let long = "1234567890".repeat(40);
        let longer = format!("{long}.0000000000000000000000000000000000000001");
        let ascending = [
            "-1e1000",
            "-1.1e999",
            "-2",
            "-1.5",
            "-1e-1000",
            "0",
            "1e-1000",
            "1.00000000000000000000000000000000000000000000000001",
            "10",
            "10.1",
            &long,
            &longer,
            "1e999999999999",
            "1e1000000000000",
        ];
        for (number, first) in ascending.iter().enumerate() {
            for (other, second) in ascending.iter().enumerate() {
                let found = compare(first.as_bytes(), second.as_bytes());
                assert_eq!(found, Some(number.cmp(&other)), "{first} {second}");
            }
        }
        for (first, second) in [
            ("0", "-0.0e5"),
            ("1.50", "15e-1"),
            ("100", "1E+2"),
            ("-0.001", "-1e-3"),
        ] {
            let found = compare(first.as_bytes(), second.as_bytes());
            assert_eq!(found, Some(Ordering::Equal), "{first} {second}");
        }
    }

    #[track_caller]
    fn sum(numbers: &[&str], expected: &str) {
        let numbers = numbers
            .iter()
            .map(|text| Exact::parse(text.as_bytes()).unwrap());
        let sum = numbers.reduce(|sum, next| sum.plus(next).unwrap()).unwrap();
        assert_eq!(sum.text(), expected);
    }

    #[test]
    fn sums_are_exact() {
        sum(&["0.1", "0.2"], "0.3");
        sum(&["9007199254740993", "1e3", "-0.50"], "9007199254741992.5");
        sum(&["1", "-1.00"], "0");
        sum(&["-0.05", "0.01"], "-0.04");
        assert!(Exact::parse(b"1e39").is_none());
    }

    #[test]
    fn a_quotient_is_rounded_half_away_from_zero() {
        let third = Exact::parse(b"-2").unwrap().divided(3).unwrap();
        assert_eq!(third.text(), "-0.666667");
        assert_eq!(
            Exact::parse(b"10").unwrap().divided(4).unwrap().text(),
            "2.5"
        );
    }
}
