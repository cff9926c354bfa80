//! The code of a number format, read into tokens.

use crate::settings::SHORT;

/// A part of a format's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Literal(char),
    /// `0`, `#` or `?`.
    Digit(u8),
    Point,
    /// Between digits.
    Group,
    /// Behind the last digit: divides by 1,000.
    Thousandth,
    Percent,
    /// Whether a positive exponent has a sign.
    Exponent(bool),
    General,
    /// `@`
    Text,
    /// `y`, `m`, `d`, `h`, `n` for minutes, or `s`, and how often the letter stands.
    Date(u8, u8),
    /// `h`, `m` or `s` in brackets, and how often the letter stands.
    Elapsed(u8, u8),
    /// Decimal places of the seconds.
    Fraction(u8),
    /// `AM/PM`, or the short `A/P`.
    Meridiem(bool),
}

/// One section of a code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) tokens: Vec<Token>,
    pub(super) is_date: bool,
}

/// Appends a character.
pub(super) fn push(character: char, out: &mut Vec<u8>) {
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Reads the sections of a code: those for numbers, and the one for text.
pub(super) fn sections(code: &str) -> Result<(Vec<Section>, Option<Section>), String> {
    // As many as a spreadsheet takes. Each cell shows them all.
    if code.chars().count() > SHORT {
        return Err("takes a number format of up to 255 characters".into());
    }
    let refused = |reason: String| format!("takes a number format, and in `{code}` {reason}");
    let mut numbers: Vec<Section> = Vec::new();
    let mut text = None;
    let mut rest = code;
    let mut more = true;
    while more {
        let (section, behind) = section(rest).map_err(refused)?;
        more = behind.is_some();
        rest = behind.unwrap_or_default();
        if section.tokens.contains(&Token::Text) {
            if text.replace(section).is_some() {
                return Err(refused("two sections are for text".into()));
            }
        } else if numbers.len() == 3 && !more {
            text = Some(section);
        } else {
            numbers.push(section);
        }
    }
    if numbers.len() > 3 {
        return Err(refused("there are more than four sections".into()));
    }
    if numbers.iter().any(|section| section.is_date) && numbers.len() > 1 {
        return Err(refused("a date has more than one section".into()));
    }
    if numbers.iter().all(|section| section.tokens.is_empty()) && text.is_none() {
        return Err(refused("there is nothing to show".into()));
    }
    Ok((numbers, text))
}

/// Reads one section; gives what stands behind its `;`, if there is one.
fn section(code: &str) -> Result<(Section, Option<&str>), String> {
    let mut tokens = Vec::new();
    let mut rest = code;
    let mut behind = None;
    while let Some(character) = rest.chars().next() {
        let after = rest.get(character.len_utf8()..).unwrap_or_default();
        rest = after;
        match character {
            ';' => {
                behind = Some(after);
                break;
            }
            '"' => {
                let Some((literal, after)) = after.split_once('"') else {
                    return Err("a quotation mark is not closed".into());
                };
                tokens.extend(literal.chars().map(Token::Literal));
                rest = after;
            }
            '\\' | '_' | '*' => {
                let Some(next) = after.chars().next() else {
                    return Err(format!("nothing stands behind `{character}`"));
                };
                match character {
                    '\\' => tokens.push(Token::Literal(next)),
                    '_' => tokens.push(Token::Literal(' ')),
                    // A fill repeats a character as often as the cell is wide; text has no width.
                    _ => {}
                }
                rest = after.get(next.len_utf8()..).unwrap_or_default();
            }
            '[' => {
                let Some((inside, after)) = after.split_once(']') else {
                    return Err("a bracket is not closed".into());
                };
                bracket(inside, &mut tokens)?;
                rest = after;
            }
            '0' | '#' | '?' => tokens.push(Token::Digit(character as u8)),
            '.' => tokens.push(Token::Point),
            ',' => tokens.push(Token::Group),
            '%' => tokens.push(Token::Percent),
            '@' => tokens.push(Token::Text),
            _ => {
                let len = word(character, rest, &mut tokens)?;
                rest = rest.get(len..).unwrap_or_default();
            }
        }
    }
    let section = if tokens.iter().any(is_date) {
        date(tokens)?
    } else {
        number(tokens)?
    };
    Ok((section, behind))
}

/// A letter or sign, with what stands behind it; gives how many bytes of that it takes.
fn word(character: char, rest: &str, tokens: &mut Vec<Token>) -> Result<usize, String> {
    let follows = |word: &str| {
        rest.get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    let lower = character.to_ascii_lowercase();
    match lower {
        'g' if follows("eneral") => {
            tokens.push(Token::General);
            return Ok(6);
        }
        'a' if follows("m/pm") => {
            tokens.push(Token::Meridiem(false));
            return Ok(4);
        }
        'a' if follows("/p") => {
            tokens.push(Token::Meridiem(true));
            return Ok(2);
        }
        'e' if rest.starts_with(['+', '-']) => {
            tokens.push(Token::Exponent(rest.starts_with('+')));
            return Ok(1);
        }
        'y' | 'm' | 'd' | 'h' | 's' => {
            let again = rest
                .bytes()
                .take_while(|byte| byte.to_ascii_lowercase() == lower as u8)
                .count();
            let count = again + 1;
            let longest = match lower {
                'm' => 5,
                'y' | 'd' => 4,
                _ => 2,
            };
            if count > longest {
                return Err(format!("`{character}` stands {count} times"));
            }
            tokens.push(Token::Date(lower as u8, count as u8));
            return Ok(again);
        }
        _ => {}
    }
    // Letters have to be quoted, since any could mean something to a spreadsheet.
    if character.is_ascii_alphanumeric() {
        return Err(format!(
            "`{character}` has no meaning; text stands in quotation marks"
        ));
    }
    tokens.push(Token::Literal(character));
    Ok(0)
}

/// What stands in brackets: a colour, a currency, a locale or an elapsed time.
fn bracket(inside: &str, tokens: &mut Vec<Token>) -> Result<(), String> {
    if let Some(currency) = inside.strip_prefix('$') {
        let (symbol, locale) = currency.split_once('-').unwrap_or((currency, ""));
        // Names of months are English, so only English locales mean what is shown.
        if symbol.is_empty() && !matches!(locale, "409" | "809") {
            return Err(format!("the locale `[{inside}]` is not supported"));
        }
        tokens.extend(symbol.chars().map(Token::Literal));
        return Ok(());
    }
    let lower = inside.to_ascii_lowercase();
    let first = lower.bytes().next().unwrap_or_default();
    if matches!(first, b'h' | b'm' | b's') && lower.bytes().all(|byte| byte == first) {
        tokens.push(Token::Elapsed(first, lower.len().min(9) as u8));
        return Ok(());
    }
    const COLOURS: [&str; 8] = [
        "black", "blue", "cyan", "green", "magenta", "red", "white", "yellow",
    ];
    let number = lower.strip_prefix("color").map(str::trim);
    let is_number = |text: &str| text.parse::<u8>().is_ok_and(|n| (1..=56).contains(&n));
    if COLOURS.contains(&lower.as_str()) || number.is_some_and(is_number) {
        return Ok(());
    }
    Err(format!("`[{inside}]` is not supported"))
}

fn is_date(token: &Token) -> bool {
    matches!(
        token,
        Token::Date(..) | Token::Elapsed(..) | Token::Meridiem(_)
    )
}

/// A year, a month or a day.
pub(super) fn is_of_calendar(token: &Token) -> bool {
    matches!(token, Token::Date(b'y' | b'm' | b'd', _))
}

/// The section of a date or time: signs are literal, and each `m` is a month or a minute.
fn date(tokens: Vec<Token>) -> Result<Section, String> {
    let mut parts: Vec<Token> = Vec::new();
    let mut seconds = false;
    let mut places = None;
    for token in tokens {
        if let (Token::Digit(b'0'), Some(count @ 0..3)) = (token, places) {
            places = Some(count + 1);
            if let Some(last) = parts.last_mut() {
                *last = Token::Fraction(count + 1);
            }
            continue;
        }
        places = None;
        match token {
            Token::Point if seconds => {
                parts.push(Token::Literal('.'));
                places = Some(0);
            }
            Token::Point => parts.push(Token::Literal('.')),
            Token::Group => parts.push(Token::Literal(',')),
            Token::Literal(_) | Token::Date(..) | Token::Elapsed(..) | Token::Meridiem(_) => {
                parts.push(token);
            }
            _ => return Err("signs for numbers stand in a date".into()),
        }
        seconds = matches!(token, Token::Date(b's', _) | Token::Elapsed(b's', _));
    }
    let clock: Vec<_> = (0..parts.len())
        .filter(|&at| parts.get(at).is_some_and(is_date))
        .collect();
    for (number, &at) in clock.iter().enumerate() {
        let near = |step: Option<usize>| {
            let at = step.and_then(|number| clock.get(number))?;
            parts.get(*at).copied()
        };
        let behind_hours = matches!(
            near(number.checked_sub(1)),
            Some(Token::Date(b'h', _) | Token::Elapsed(b'h', _))
        );
        let before_seconds = matches!(
            near(number.checked_add(1)),
            Some(Token::Date(b's', _) | Token::Elapsed(b's', _))
        );
        if (behind_hours || before_seconds)
            && let Some(Token::Date(letter @ b'm', 1..=2)) = parts.get_mut(at)
        {
            *letter = b'n';
        }
    }
    let elapsed = |token: &Token| matches!(token, Token::Elapsed(..));
    if parts.iter().any(elapsed) && parts.iter().any(is_of_calendar) {
        return Err("a duration has no year, month or day".into());
    }
    Ok(Section {
        tokens: parts,
        is_date: true,
    })
}

/// The section of a number: commas behind its last digit divide.
fn number(mut tokens: Vec<Token>) -> Result<Section, String> {
    let count = |wanted: fn(&Token) -> bool| tokens.iter().filter(|token| wanted(token)).count();
    if count(|token| matches!(token, Token::Point)) > 1 {
        return Err("there are two decimal points".into());
    }
    let is_digit = |token: &Token| matches!(token, Token::Digit(_));
    let has_digits = tokens.iter().any(is_digit);
    let has_text = tokens.contains(&Token::Text);
    let has_general = tokens.contains(&Token::General);
    if usize::from(has_digits) + usize::from(has_text) + usize::from(has_general) > 1 {
        return Err("digits, `@` and `General` exclude each other".into());
    }
    if count(|token| *token == Token::Text) > 1 {
        return Err("`@` stands twice".into());
    }
    // `General` shows a number as it stands, not a hundred times as large.
    if has_general && tokens.contains(&Token::Percent) {
        return Err("`%` needs digits, such as `0%`".into());
    }
    if let Some(at) = tokens
        .iter()
        .position(|token| matches!(token, Token::Exponent(_)))
    {
        let (mantissa, exponent) = tokens.split_at(at);
        let exponents = exponent
            .iter()
            .filter(|token| matches!(token, Token::Exponent(_)));
        if exponents.count() > 1 || !mantissa.iter().any(is_digit) || !exponent.iter().any(is_digit)
        {
            return Err("an exponent needs digits before and behind it".into());
        }
    }
    // A slash between digits is a fraction in Excel.
    let mut slash = false;
    let mut digit = false;
    for token in &tokens {
        match token {
            Token::Digit(_) if digit && slash => {
                return Err("fractions are not supported".into());
            }
            Token::Digit(_) => digit = true,
            Token::Literal('/') => slash = true,
            Token::Literal(' ') => {}
            _ => slash = false,
        }
    }
    let end = tokens
        .iter()
        .position(|token| matches!(token, Token::Point | Token::Exponent(_)))
        .unwrap_or(tokens.len());
    let last = tokens
        .get(..end)
        .and_then(|whole| whole.iter().rposition(is_digit));
    for (at, token) in tokens.iter_mut().enumerate() {
        if *token == Token::Group && last.is_none_or(|last| at > last) {
            *token = if has_digits {
                Token::Thousandth
            } else {
                Token::Literal(',')
            };
        }
    }
    Ok(Section {
        tokens,
        is_date: false,
    })
}
