//! Number formats: the codes by which spreadsheets show numbers, dates and times, ECMA-376
//! part 1, section 18.8.31.
//!
//! # What is taken
//!
//! | code | shows |
//! |---|---|
//! | `0` `#` `?` | a digit: always, only where there is one, a space where there is none |
//! | `.` | the decimal mark |
//! | `,` | between digits: groups of three; behind the last digit: divided by 1,000 |
//! | `%` | multiplied by 100 |
//! | `E+00` `E-00` | the exponent, with a sign always or only where it is negative |
//! | `yy` `yyyy` `m` `mm` `mmm` `mmmm` `mmmmm` `d` `dd` `ddd` `dddd` | year, month, day; names in English |
//! | `h` `hh` `m` `mm` `s` `ss` `.0` to `.000` `AM/PM` `A/P` | the time of day; `m` beside hours or seconds is minutes |
//! | `[h]` `[m]` `[s]` | the whole duration in hours, minutes, seconds |
//! | `@` | the text |
//! | `General` | the number as it stands |
//! | `"text"` `\x` `_x` | text; one character; a space |
//! | `[$€]` `[$€-407]` | the currency symbol |
//! | `;` | sections: positive, negative, zero, text |
//! | `[Red]` `*x` | colours and fill, without effect in text |
//!
//! Conditions (`[>100]`), fractions (`# ?/?`), the calendars of `b`, `e` and `g`, and names of
//! months and days in other languages than English are refused.

#[cfg(feature = "full")]
mod calendar;
#[cfg(feature = "full")]
mod code;
#[cfg(feature = "full")]
mod number;

#[cfg(feature = "full")]
pub(crate) use calendar::{Moment, parse_duration};
#[cfg(feature = "full")]
pub(crate) use number::Marks;

#[cfg(feature = "full")]
use code::{Section, Token};

/// A number format; there is none in a build without the feature `full`.
#[cfg(not(feature = "full"))]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NumberFormat {}

/// A number format, read from its code.
#[cfg(feature = "full")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberFormat {
    code: String,
    /// For positive and negative numbers, zero; those that the code lacks are not there.
    sections: Vec<Section>,
    /// For text.
    text: Option<Section>,
}

/// What a number format can show.
#[cfg(feature = "full")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shows {
    Number,
    Percent,
    Date,
    DateTime,
    /// Of a day, or a duration.
    Time,
    Duration,
    Text,
}

#[cfg(feature = "full")]
impl NumberFormat {
    /// Reads a code.
    ///
    /// # Errors
    ///
    /// A reason that goes behind the option's name.
    pub(crate) fn parse(code: &str) -> Result<Self, String> {
        let (sections, text) = code::sections(code)?;
        Ok(Self {
            code: code.into(),
            sections,
            text,
        })
    }

    /// The code.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What the format is for, by its first section.
    pub(crate) fn shows(&self) -> Shows {
        let Some(first) = self.sections.first() else {
            return Shows::Text;
        };
        let has = |wanted: fn(&Token) -> bool| first.tokens.iter().any(wanted);
        if has(|token| matches!(token, Token::Elapsed(..))) {
            Shows::Duration
        } else if first.is_date && !has(code::is_of_calendar) {
            Shows::Time
        } else if has(|token| matches!(token, Token::Date(b'h' | b'n' | b's', _))) {
            Shows::DateTime
        } else if first.is_date {
            Shows::Date
        } else if has(|token| *token == Token::Percent) {
            Shows::Percent
        } else {
            Shows::Number
        }
    }

    /// Appends a number, given as JSON writes it; tells whether it could be shown.
    pub(crate) fn number(&self, text: &[u8], marks: Marks, out: &mut Vec<u8>) -> bool {
        number::write(&self.sections, text, marks, out)
    }

    /// Whether a section is for text.
    pub(crate) fn takes_text(&self) -> bool {
        self.text.is_some()
    }

    /// Appends a moment.
    pub(crate) fn moment(&self, moment: Moment, marks: Marks, out: &mut Vec<u8>) {
        if let Some(section) = self.sections.first() {
            calendar::write(&section.tokens, moment, marks, out);
        }
    }

    /// Appends a text.
    pub(crate) fn text(&self, text: &[u8], out: &mut Vec<u8>) {
        let Some(section) = &self.text else {
            return out.extend_from_slice(text);
        };
        for token in &section.tokens {
            match token {
                Token::Literal(character) => code::push(*character, out),
                Token::Text => out.extend_from_slice(text),
                _ => {}
            }
        }
    }
}

#[cfg(feature = "full")]
#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn number(code: &str, text: &str, expected: &str) {
        let format = NumberFormat::parse(code).unwrap();
        let mut out = Vec::new();
        assert!(format.number(text.as_bytes(), Marks::of(b'.'), &mut out));
        assert_eq!(
            String::from_utf8(out).unwrap(),
            expected,
            "{code} of {text}"
        );
    }

    #[test]
    fn numbers_are_shown_digit_by_digit() {
        number("0", "1234.5", "1235");
        number("#,##0.00", "-1234567.891", "-1,234,567.89");
        number(
            "#,##0",
            "12345678901234567890123",
            "12,345,678,901,234,567,890,123",
        );
        number("0000", "7", "0007");
        number("#", "0", "");
        number("0.0#", "1", "1.0");
        number("#.##", "0.5", ".5");
        number(".00", "12.345", "12.35");
        number("?0.0?", "1.5", " 1.5 ");
        number("000-00-0000", "123456789", "123-45-6789");
        number("0,", "1234567", "1235");
        number("0.0,,\"M\"", "1234567", "1.2M");
        number("00,000", "1", "00,001");
    }

    #[test]
    fn percent_currency_and_exponent() {
        number("0%", "0.125", "13%");
        number("0.00%", "1e-3", "0.10%");
        number("[$€-407] #,##0.00", "1234.5", "€ 1,234.50");
        number("$#,##0;($#,##0)", "-1234", "($1,234)");
        number("0.00E+00", "12345", "1.23E+04");
        number("0.0E-0", "0.00012", "1.2E-4");
        number("##0.0E+0", "1234567", "1.2E+6");
        number("0.00E+00", "9.999", "1.00E+01");
        number("0E+0", "0", "0E+0");
    }

    #[test]
    fn sections_are_for_positive_negative_and_zero() {
        number("\"Yes\";;\"No\"", "1", "Yes");
        number("\"Yes\";;\"No\"", "0", "No");
        number("0;-0;\"zero\"", "-0.0", "zero");
        number("[Red]0;[Blue]-0", "-5", "-5");
        number("General", "-1.50", "-1.50");
        number("General\" kg\"", "3", "3 kg");
    }

    #[test]
    fn a_file_with_a_decimal_comma_has_points_between_groups() {
        let format = NumberFormat::parse("#,##0.0").unwrap();
        let mut out = Vec::new();
        format.number(b"1234.56", Marks::of(b','), &mut out);
        assert_eq!(out, b"1.234,6");
    }

    #[track_caller]
    fn moment(code: &str, text: &str, expected: &str) {
        let format = NumberFormat::parse(code).unwrap();
        let mut out = Vec::new();
        let moment = Moment::parse(text.as_bytes()).unwrap();
        format.moment(moment, Marks::of(b'.'), &mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            expected,
            "{code} of {text}"
        );
    }

    #[test]
    fn dates_and_times() {
        moment("dd.mm.yyyy", "2026-01-31", "31.01.2026");
        moment("d/m/yy", "2026-01-05", "5/1/26");
        moment("dddd, mmmm d", "2026-11-21", "Saturday, November 21");
        moment("ddd mmm mmmmm", "2024-02-29", "Thu Feb F");
        moment(
            "yyyy-mm-dd hh:mm:ss",
            "2026-01-31T03:04:05.6",
            "2026-01-31 03:04:06",
        );
        moment("hh:mm:ss.000", "2026-01-31T03:04:05.6789Z", "03:04:05.679");
        moment("hh:mm", "2026-01-31T03:59:59", "03:59");
        moment("m/d h:mm AM/PM", "2026-01-31 00:05", "1/31 12:05 AM");
        moment("h A/P", "2026-01-31T13:00", "1 P");
        moment("mm:ss", "2026-01-31T13:02:03", "02:03");
        moment("yyyy\"y\" mm\\m", "2026-01-31", "2026y 01m");
        moment("ss", "2026-12-31T23:59:59.9", "00");
    }

    #[test]
    fn durations() {
        let shown = |code: &str, text: &str, is_number| {
            let format = NumberFormat::parse(code).unwrap();
            let mut out = Vec::new();
            format.moment(
                parse_duration(text.as_bytes(), is_number).unwrap(),
                Marks::of(b'.'),
                &mut out,
            );
            String::from_utf8(out).unwrap()
        };
        assert_eq!(shown("[h]:mm:ss", "93784", true), "26:03:04");
        assert_eq!(shown("[h]:mm", "P1DT2H3M", false), "26:03");
        assert_eq!(shown("[mm]:ss", "PT1H", false), "60:00");
        assert_eq!(shown("[s].00", "1.239", true), "1.24");
        assert_eq!(shown("[h]:mm:ss", "-1:30:00", false), "-1:30:00");
        assert!(parse_duration(b"P1Y", false).is_none());
        assert!(parse_duration(b"PT", false).is_none());
        assert!(parse_duration(b"P", false).is_none());
        assert!(parse_duration(b"1:30.5", false).is_none());
        let mut out = Vec::new();
        let format = NumberFormat::parse("[s].00").unwrap();
        let duration = parse_duration(b"1234.5", true).unwrap();
        format.moment(duration, Marks::of(b','), &mut out);
        assert_eq!(out, b"1234,50");
    }

    #[test]
    fn text_is_no_date_unless_it_is_one() {
        for text in [
            "2026-02-30",
            "2026-13-01",
            "26-01-01",
            "2026-01-01T24:00",
            "2026-01-01T10",
            "today",
            "2026-01-01Z",
            "2026-01-01T10:00+25:00",
            "2026-01-01T10:00:00.Z",
            "",
        ] {
            assert!(Moment::parse(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn a_code_that_is_not_taken_says_why() {
        for (code, part) in [
            ("0 kg", "quotation marks"),
            ("[>100]0", "`[>100]`"),
            ("# ?/?", "fractions"),
            ("0.0.0", "two decimal points"),
            ("\"a", "not closed"),
            ("[Red", "not closed"),
            ("0;0;0;0;0", "four sections"),
            ("yyyy 0", "numbers stand in a date"),
            ("[$-407]dd. mmmm", "locale"),
            ("yyyyy", "5 times"),
            ("0@", "exclude each other"),
            ("E+0", "exponent"),
            ("", "nothing to show"),
            ("0\\", "nothing stands behind"),
            ("General%", "`0%`"),
            ("@@", "`@` stands twice"),
            ("[h] yyyy", "no year"),
            (&"0".repeat(256), "up to 255 characters"),
            ("@;@", "two sections"),
        ] {
            let reason = NumberFormat::parse(code).unwrap_err();
            assert!(reason.contains(part), "{code}: {reason}");
        }
    }

    #[test]
    fn what_a_format_is_for() {
        for (code, shows) in [
            ("0.00", Shows::Number),
            ("0%", Shows::Percent),
            ("yyyy-mm", Shows::Date),
            ("d hh:mm", Shows::DateTime),
            ("hh:mm", Shows::Time),
            ("[h]:mm", Shows::Duration),
            ("@", Shows::Text),
            ("mm:ss", Shows::Time),
        ] {
            assert_eq!(NumberFormat::parse(code).unwrap().shows(), shows, "{code}");
        }
    }
}
