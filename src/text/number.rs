//! Numbers as decimal digits, eight at a time.
//!
//! Eight digits are the bytes of one word, so that there is no loop over them, and zeros at either
//! end are counted by one instruction.

/// No more than eight digits have numbers below this.
const EIGHT: u64 = 100_000_000;

/// What makes digits ASCII.
const ASCII: u64 = 0x3030_3030_3030_3030;

/// Appends a number.
pub(crate) fn write(number: u64, out: &mut Vec<u8>) {
    if number >= EIGHT {
        write(number / EIGHT, out);
        return append(digits(number % EIGHT), 8, out);
    }
    let digits = digits(number);
    // Of zero one digit stays.
    let zeros = (digits.trailing_zeros() / 8).min(7);
    append(digits >> (8 * zeros), 8 - zeros as usize, out);
}

/// Appends the last `width` digits, eight at most, of a number below 10^8.
pub(crate) fn write_padded(number: u64, width: usize, out: &mut Vec<u8>) {
    append(digits(number) >> (64 - 8 * width), width, out);
}

/// Appends a number as JavaScript writes it: with as few digits as tell it from all others. It must
/// be at least 10^-6, below which exponents are written, and no more than JavaScript counts to
/// without a gap; what is not is taken for the nearest that is.
pub(crate) fn write_f64(number: f64, out: &mut Vec<u8>) {
    if number < 0.0 {
        out.push(b'-');
    }
    let number = number.abs().min(9_007_199_254_740_991.0);
    let number = number.max(1e-6);
    let whole = number as i64 as u64;
    write(whole, out);
    if whole as f64 == number {
        return;
    }
    out.push(b'.');
    // Below 10^15 no other number of so few digits is as near.
    let millionths = (number * 1e6).round_ties_even();
    if millionths < 1e15 && millionths / 1e6 == number {
        let digits = digits(millionths as i64 as u64 - 1_000_000 * whole) >> 16;
        return append(digits, 8 - digits.leading_zeros() as usize / 8, out);
    }
    let (decimals, places) = shortest(number, whole);
    let high = decimals / EIGHT;
    let mut text = [0; 24];
    let parts = [high / EIGHT, high % EIGHT, decimals % EIGHT];
    for (place, part) in text.chunks_exact_mut(8).zip(parts) {
        place.copy_from_slice(&(digits(part) | ASCII).to_le_bytes());
    }
    let end = text.iter().rposition(|digit| *digit != b'0');
    let decimals = end.and_then(|end| text.get(24 - places as usize..=end));
    out.extend_from_slice(decimals.unwrap_or_default());
}

/// The digits that a spreadsheet keeps of a number.
const KEPT_DIGITS: usize = 15;
/// No double needs more to be told from all others.
const MOST_DIGITS: usize = 17;
/// Doubles have no larger exponents than 308, and few digits near that.
const MOST_EXPONENT: u32 = 290;

/// Whether a spreadsheet keeps a number of JSON as it is written: it has few digits, or is a fraction that a double
/// gives back.
pub(crate) fn is_kept_by_spreadsheets(number: &[u8]) -> bool {
    let number = number.strip_prefix(b"-").unwrap_or(number);
    let end = number.iter().position(|byte| matches!(byte, b'e' | b'E'));
    let (mantissa, exponent) = number.split_at(end.unwrap_or(number.len()));
    let is_other = |byte: &u8| matches!(byte, b'1'..=b'9');
    let (Some(first), Some(last)) = (
        mantissa.iter().position(is_other),
        mantissa.iter().rposition(is_other),
    ) else {
        return true;
    };
    let between = mantissa.get(first..=last).unwrap_or_default();
    let digits = between.iter().filter(|byte| **byte != b'.');
    let count = digits.clone().count();
    if count <= KEPT_DIGITS {
        let size = exponent.iter().filter(|byte| byte.is_ascii_digit());
        let size = size.fold(0_u32, |size, byte| {
            size.saturating_mul(10)
                .saturating_add(u32::from(byte - b'0'))
        });
        return size <= MOST_EXPONENT && mantissa.len() <= MOST_EXPONENT as usize;
    }
    let point = mantissa.iter().position(|byte| *byte == b'.');
    let (Some(point), true) = (point, exponent.is_empty() && count <= MOST_DIGITS) else {
        return false;
    };
    let places = last.saturating_sub(point) as i32;
    let written = mantissa.get(..=last).unwrap_or_default();
    let integer = digits.fold(0_u64, |integer, byte| 10 * integer + u64::from(byte - b'0'));
    // Off by a few steps at most: if one of these doubles is written so, it is the nearest.
    let about = integer as f64 / 10_f64.powi(places);
    (-3..=3).any(|step| {
        let mut text = Vec::new();
        write_f64(
            f64::from_bits(about.to_bits().wrapping_add_signed(step)),
            &mut text,
        );
        text == written
    })
}

/// What stands behind the point of the shortest decimal number that is nearer to a number than to
/// any other, the nearest of several: an integer, of which there may be zeros at the end, and how
/// many digits it has. The number is no integer, and at least 10^-6.
///
/// This is Schubfach (Raffaello Giulietti, 2020) for a range in which nothing has to be rounded.
/// Powers of two, whose neighbour below is nearer, need no care there: all digits that they have
/// make up the shortest.
fn shortest(number: f64, whole: u64) -> (u64, u32) {
    let bits = number.to_bits();
    // The number is `mantissa` / 2^`exponent`, where `exponent` is from 1 to 72.
    let mantissa = (bits & ((1 << 52) - 1)) | (1 << 52);
    let exponent = 1075 - (bits >> 52) as u32;
    // So many places that the steps between such numbers are from 1 to 10 units of the last.
    let places = ((exponent * 1233) >> 12) + 1;
    let five = 5_u64.pow(places);
    // The number in such units is `double` / 2^`shift`, and half a step is `five` of that.
    let double = u128::from(mantissa) * u128::from(2 * five);
    let shift = exponent - places + 1;
    let (high, low) = ((double >> 64) as u64, double as u64);
    let units = (high << (64 - shift)) | (low >> shift);
    let rest = (low & ((1 << shift) - 1)) as i64;
    let distance = |offset: i64| ((offset << shift) - rest).unsigned_abs();
    let is_near = |offset: &i64| distance(*offset) < five + u64::from(mantissa.is_multiple_of(2));
    // A multiple of ten has fewer digits, and no more than one is near.
    let last = (units % 10) as i64;
    let nearest = i64::from(distance(1) < distance(0) + units % 2);
    let offset = [-last, 10 - last].into_iter().find(is_near);
    let units = units.wrapping_add_signed(offset.unwrap_or(nearest));
    // A number with a whole part has no more than 16 places.
    (units - whole * (five << places.min(16)), places)
}

fn append(digits: u64, len: usize, out: &mut Vec<u8>) {
    let before = out.len();
    out.extend_from_slice(&(digits | ASCII).to_le_bytes());
    out.truncate(before + len);
}

/// The eight digits of a number below 10^8, the first of them in the lowest byte.
fn digits(number: u64) -> u64 {
    // In each step every part is cut in two, of which the first goes lower. What stands for a
    // division is exact for so few digits.
    let number = number as u32;
    let fours = u64::from(number / 10_000) | (u64::from(number % 10_000) << 32);
    let hundreds = ((fours * 10_486) >> 20) & 0x7F_0000_007F;
    let twos = hundreds | ((fours - 100 * hundreds) << 16);
    let tens = ((twos * 103) >> 10) & 0x000F_000F_000F_000F;
    tens | ((twos - 10 * tens) << 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = b"x".to_vec();
        write(&mut out);
        String::from_utf8(out.split_off(1)).unwrap()
    }

    #[test]
    fn spreadsheets_keep_few_digits_and_what_a_double_gives_back() {
        for kept in [
            "0",
            "-0",
            "0.0",
            "1",
            "007.50",
            "123456789012345",
            "100000000000000000000",
            "1.50",
            "-12.25",
            "0.30000000000000004",
            "0.1",
            "1234567890.1234567",
            "1e5",
            "1.5E-7",
            "0.000000000000001",
            "0.3333333333333333",
        ] {
            assert!(is_kept_by_spreadsheets(kept.as_bytes()), "{kept}");
        }
        for changed in [
            "4111111111111111",
            "-12345678901234567890",
            "1234567890123456",
            "1.1234567890123456789",
            "0.30000000000000003",
            "0.3333333333333331000001",
            "1e400",
            "1E-400",
            "12345678901.2345678",
            "1.2345678901234567e10",
            "0.10000000000000001",
        ] {
            assert!(!is_kept_by_spreadsheets(changed.as_bytes()), "{changed}");
        }
    }

    #[test]
    fn every_fraction_that_a_double_is_written_as_is_kept() {
        let mut bits = 0x3FF0_0000_0000_0001_u64;
        for _ in 0..50_000 {
            bits ^= bits << 13;
            bits ^= bits >> 7;
            bits ^= bits << 17;
            let number = 1e-6 + (bits >> 11) as f64 / (1_u64 << (bits % 50)) as f64;
            let mut text = Vec::new();
            write_f64(number, &mut text);
            if text.contains(&b'.') {
                assert!(is_kept_by_spreadsheets(&text), "{number}");
            }
        }
    }

    #[test]
    fn numbers_of_every_length_are_written_as_rust_writes_them() {
        let powers = (0..20).map(|power| 10_u64.pow(power));
        let around = powers.flat_map(|power| [power - 1, power, power + 1, power / 7 * 9]);
        for number in around.chain(0..20_000).chain([u64::MAX]) {
            assert_eq!(written(|out| write(number, out)), number.to_string());
        }
        for number in (0..100_000_000).step_by(9_973) {
            assert_eq!(written(|out| write(number, out)), number.to_string());
            let padded = written(|out| write_padded(number, 8, out));
            assert_eq!(padded, format!("{number:08}"));
        }
        assert_eq!(written(|out| write_padded(7, 2, out)), "07");
        assert_eq!(written(|out| write_padded(7, 4, out)), "0007");
    }

    #[test]
    fn fractions_are_written_with_as_few_digits_as_tell_them_apart() {
        // Rust finds the same digits, and writes no exponents.
        let check = |number: f64| {
            let found = written(|out| write_f64(number, out));
            let expected = format!("{number}");
            // Of two that are as near JavaScript takes the even one.
            let is_tie = found.len() == expected.len()
                && found.parse() == Ok(number)
                && found.as_bytes().last().is_some_and(|digit| digit % 2 == 0);
            assert!(found == expected || is_tie, "{found} {expected}");
        };
        for millionths in 1..200_000 {
            check(f64::from(millionths) / 1e6);
            check(f64::from(millionths) / -1e4);
        }
        for exponent in -19..53 {
            let power = 2_f64.powi(exponent);
            for step in 0..40 {
                check(f64::from_bits(power.to_bits() + step));
                check(f64::from_bits(
                    power.to_bits() * 2 / 2 + (step << 46) + step,
                ));
                if exponent > -19 {
                    check(f64::from_bits(power.to_bits() - step));
                }
            }
        }
        let mut state = 1_u64;
        let (least, most) = (1e-6_f64.to_bits(), 2_f64.powi(53).to_bits());
        for _ in 0..300_000 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            check(f64::from_bits(least + (state >> 1) % (most - least)));
            check((state >> 32) as f64 / 2_f64.powi(32) + 1e-6);
            check((state >> 40) as f64 / 1e7);
        }
        check(9_007_199_254_740_991.0);
        for beyond in [f64::NAN, f64::INFINITY, f64::MIN, f64::MIN_POSITIVE, 0.0] {
            assert!(written(|out| write_f64(beyond, out)).len() <= 17);
        }
        check(0.1 + 0.2);
        check(5e-6 / 3.0);
    }
}
