//! Numbers as decimal digits, eight at a time.
//!
//! Eight digits are the bytes of one word, so that there is no loop over them, and zeros at either
//! end are counted by one instruction. Digit by digit, numbers took half as long again as they do
//! now for a whole table of them to become CSV.

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

/// Appends millionths of one as the digits behind the decimal point, without zeros at the end.
pub(crate) fn write_millionths(number: u64, out: &mut Vec<u8>) {
    let digits = digits(number) >> 16;
    append(digits, 8 - digits.leading_zeros() as usize / 8, out);
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
    let fours = (number / 10_000) | ((number % 10_000) << 32);
    let hundreds = ((fours * 10_486) >> 20) & 0x7F_0000_007F;
    let twos = hundreds | ((fours - 100 * hundreds) << 16);
    let tens = ((twos * 103) >> 10) & 0x000F_000F_000F_000F;
    tens | ((twos - 10 * tens) << 8)
}

#[cfg(test)]
mod tests {
    use super::{write, write_millionths, write_padded};

    fn written(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = b"x".to_vec();
        write(&mut out);
        String::from_utf8(out.split_off(1)).unwrap()
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
    fn millionths_have_no_zeros_at_the_end() {
        for number in 0..1_000_000 {
            let text = format!("{number:06}");
            let found = written(|out| write_millionths(number, out));
            assert_eq!(found, text.trim_end_matches('0'));
        }
    }
}
