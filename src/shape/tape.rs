//! The values of compact JSON text as a list, in which a value is passed over in one step.

use crate::text::scan;

/// A value, or the key of a member, which stands before its value.
#[derive(Clone, Copy)]
pub(super) struct Token {
    /// Where its text starts and ends.
    pub(super) start: u32,
    pub(super) end: u32,
    /// The place in the list behind all that it holds.
    pub(super) next: u32,
}

impl Token {
    /// The token's text; of a string with its quotes.
    pub(super) fn text<'a>(&self, text: &'a [u8]) -> &'a [u8] {
        let range = self.start as usize..self.end as usize;
        text.get(range).unwrap_or_default()
    }
}

/// Lists the values of a text, which must be compact JSON. Containers come before what they hold.
pub(super) fn read(text: &[u8], tokens: &mut Vec<Token>) {
    tokens.clear();
    let mut open: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let start = at;
        match byte {
            b'{' | b'[' => {
                open.push(tokens.len());
                at += 1;
            }
            b'}' | b']' => {
                at += 1;
                let next = tokens.len() as u32;
                let container = open.pop().and_then(|place| tokens.get_mut(place));
                if let Some(container) = container {
                    (container.end, container.next) = (at as u32, next);
                }
                continue;
            }
            b',' | b':' => {
                at += 1;
                continue;
            }
            b'"' => at = string_end(text, at),
            _ => at = plain_end(text, at),
        }
        tokens.push(Token {
            start: start as u32,
            end: at as u32,
            next: tokens.len() as u32 + 1,
        });
    }
}

/// The values that an array holds, each with its place in the list.
pub(super) fn items(tokens: &[Token], array: usize) -> impl Iterator<Item = (usize, Token)> {
    let end = tokens.get(array).map_or(0, |array| array.next as usize);
    let mut at = array + 1;
    std::iter::from_fn(move || {
        let place = at;
        let item = tokens.get(place).filter(|_| place < end)?;
        at = item.next as usize;
        Some((place, *item))
    })
}

/// The place behind the string literal that starts here.
fn string_end(text: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    loop {
        at = scan::find(text, at, b'"');
        // A quote belongs to the text if it is escaped, which a backslash before it is not if it is escaped itself.
        let before = text.get(start + 1..at).unwrap_or_default();
        let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\');
        at += 1;
        if backslashes.count() % 2 == 0 || at > text.len() {
            return at.min(text.len());
        }
    }
}

/// The place behind the number or word that starts here.
fn plain_end(text: &[u8], start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let len = rest
        .iter()
        .position(|byte| matches!(byte, b',' | b'}' | b']'));
    start + len.unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::{Token, read};

    #[test]
    fn each_value_knows_where_the_next_one_stands() {
        let text = br#"{"a":[1,{},"x\",]"],"b":{"c":null},"d":-2.5e+3}"#;
        let mut tokens = Vec::new();
        read(text, &mut tokens);
        let texts: Vec<_> = tokens
            .iter()
            .map(|token: &Token| (std::str::from_utf8(token.text(text)).unwrap(), token.next))
            .collect();
        assert_eq!(
            texts[1..],
            [
                ("\"a\"", 2),
                (r#"[1,{},"x\",]"]"#, 6),
                ("1", 4),
                ("{}", 5),
                (r#""x\",]""#, 6),
                ("\"b\"", 7),
                (r#"{"c":null}"#, 10),
                ("\"c\"", 9),
                ("null", 10),
                ("\"d\"", 11),
                ("-2.5e+3", 12),
            ]
        );
        assert_eq!(tokens[0].text(text), text);
        assert_eq!(tokens[0].next, 12);
    }

    #[test]
    fn a_lone_value_is_one_token() {
        for text in ["null", "\"\"", "[]", "12"] {
            let mut tokens = Vec::new();
            read(text.as_bytes(), &mut tokens);
            assert_eq!(tokens.len(), 1);
            assert_eq!(tokens[0].text(text.as_bytes()), text.as_bytes());
        }
    }
}
