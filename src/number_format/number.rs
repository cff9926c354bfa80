//! Numbers, shown by the sections of a format.

use super::code::{Section, Token, push};
use crate::text::decimal::Decimal;

/// The marks within numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Marks {
    pub(crate) decimal: u8,
    /// Between groups of three digits.
    pub(crate) group: u8,
}

impl Marks {
    /// The marks of a file whose decimal mark is this one.
    pub(crate) fn of(decimal: u8) -> Self {
        let group = if decimal == b',' { b'.' } else { b',' };
        Self { decimal, group }
    }
}

/// Appends a number; tells whether it could be shown.
pub(super) fn write(sections: &[Section], text: &[u8], marks: Marks, out: &mut Vec<u8>) -> bool {
    let Some(mut number) = Decimal::parse(text) else {
        return false;
    };
    let negative = std::mem::take(&mut number.negative) && !number.is_zero();
    let (section, sign) = match (sections, negative) {
        ([_, below, ..], true) => (below, false),
        ([_, _, zero, ..], false) if number.is_zero() => (zero, false),
        ([first, ..], _) => (first, negative),
        ([], _) => {
            out.extend_from_slice(text);
            return true;
        }
    };
    let start = out.len();
    let unsigned = text.strip_prefix(b"-").unwrap_or(text);
    let is_zero = section_number(&section.tokens, number, unsigned, marks, out);
    // What is rounded to zero has no sign, unless a section of its own gives one.
    if sign && !is_zero {
        out.insert(start, b'-');
    }
    true
}

/// Shows a number without its sign; tells whether it was rounded to zero.
fn section_number(
    tokens: &[Token],
    mut number: Decimal,
    text: &[u8],
    marks: Marks,
    out: &mut Vec<u8>,
) -> bool {
    let count = |wanted: Token| tokens.iter().filter(|token| **token == wanted).count() as i64;
    number.shift(2 * count(Token::Percent) - 3 * count(Token::Thousandth));
    let is_exponent = |token: &Token| matches!(token, Token::Exponent(_));
    let mantissa_end = tokens.iter().position(is_exponent);
    let (mantissa, exponent) = tokens.split_at(mantissa_end.unwrap_or(tokens.len()));
    let point = mantissa.iter().position(|token| *token == Token::Point);
    let (whole, fraction) = mantissa.split_at(point.unwrap_or(mantissa.len()));
    let digits = |tokens: &[Token]| {
        let is_digit = |token: &&Token| matches!(token, Token::Digit(_));
        tokens.iter().filter(is_digit).count()
    };
    let places = digits(fraction);
    let mut power = 0;
    if mantissa_end.is_some() {
        // With several digits before the point the exponent goes in steps of as many.
        let step = digits(whole).max(1) as i64;
        if !number.is_zero() {
            power = (number.point() - 1).div_euclid(step) * step;
        }
        number.shift(-power);
        number.round(places);
        if number.point() > step {
            power += step;
            number.shift(-step);
        }
    } else if places + digits(whole) > 0 {
        number.round(places);
    }
    write_whole(whole, &number, text, marks, out);
    if digits(whole) == 0 && places > 0 {
        // A code such as `.00` shows what it has no digits for.
        out.extend(number.whole());
    }
    write_fraction(fraction, &number, marks, out);
    if !exponent.is_empty() {
        write_exponent(exponent, power, out);
    }
    number.is_zero()
}

/// What stands before the decimal point, from right to left: the first digit of the code takes all
/// the digits that are left.
fn write_whole(tokens: &[Token], number: &Decimal, text: &[u8], marks: Marks, out: &mut Vec<u8>) {
    let grouped = tokens.contains(&Token::Group);
    let first = tokens
        .iter()
        .position(|token| matches!(token, Token::Digit(_)));
    let mut digits = number.whole().rev();
    let mut reversed: Vec<char> = Vec::new();
    let mut shown = 0;
    let mut show = |digit: char, reversed: &mut Vec<char>| {
        if grouped && shown > 0 && shown % 3 == 0 {
            reversed.push(if digit == ' ' {
                ' '
            } else {
                char::from(marks.group)
            });
        }
        shown += 1;
        reversed.push(digit);
    };
    for (at, token) in tokens.iter().enumerate().rev() {
        match *token {
            Token::Digit(placeholder) => {
                match (digits.next(), placeholder) {
                    (Some(digit), _) => show(char::from(digit), &mut reversed),
                    (None, b'0') => show('0', &mut reversed),
                    (None, b'?') => show(' ', &mut reversed),
                    (None, _) => {}
                }
                if first == Some(at) {
                    for digit in digits.by_ref() {
                        show(char::from(digit), &mut reversed);
                    }
                }
            }
            Token::Literal(character) => reversed.push(character),
            Token::Percent => reversed.push('%'),
            Token::General => {
                let text = std::str::from_utf8(text).unwrap_or_default();
                let text = text.chars().rev().map(|character| match character {
                    '.' => char::from(marks.decimal),
                    other => other,
                });
                reversed.extend(text);
            }
            _ => {}
        }
    }
    for character in reversed.into_iter().rev() {
        push(character, out);
    }
}

fn write_fraction(tokens: &[Token], number: &Decimal, marks: Marks, out: &mut Vec<u8>) {
    let mut at = 0;
    for token in tokens {
        match *token {
            Token::Point => out.push(marks.decimal),
            Token::Digit(placeholder) => {
                match placeholder {
                    b'#' if number.ends_before(at) => {}
                    b'?' if number.ends_before(at) => out.push(b' '),
                    _ => out.push(number.fraction(at)),
                }
                at += 1;
            }
            Token::Literal(character) => push(character, out),
            Token::Percent => out.push(b'%'),
            _ => {}
        }
    }
}

fn write_exponent(tokens: &[Token], power: i64, out: &mut Vec<u8>) {
    let mut places = tokens
        .iter()
        .filter(|token| matches!(token, Token::Digit(_)))
        .count();
    let digits = power.unsigned_abs().to_string();
    let mut written = false;
    for token in tokens {
        match *token {
            Token::Exponent(signed) => {
                out.push(b'E');
                if power < 0 {
                    out.push(b'-');
                } else if signed {
                    out.push(b'+');
                }
            }
            Token::Digit(_) => {
                if !std::mem::replace(&mut written, true) {
                    out.extend(std::iter::repeat_n(
                        b'0',
                        places.saturating_sub(digits.len()),
                    ));
                    out.extend_from_slice(digits.as_bytes());
                }
                places = places.saturating_sub(1);
            }
            Token::Literal(character) => push(character, out),
            Token::Percent => out.push(b'%'),
            _ => {}
        }
    }
}
