//! Texts that lie in the bucket, as they stand in JSON: between quotes, escaped piece by piece.

use crate::object::Object;
use crate::problem::Problem;
use crate::upload;
use worker::Bucket;

/// A text of the bucket that is being read.
pub(super) struct LongText {
    object: Object,
    /// The begin of a character that goes on in the next piece.
    rest: Vec<u8>,
}

impl LongText {
    /// The text under a key. `field` says what it is, for whoever reads the error.
    ///
    /// # Errors
    ///
    /// `TEXT_MISSING`: a text that is not there is never taken for an empty one. Nor is a file of the service ever a
    /// text, whatever a record says: it may be another account's.
    pub(super) async fn open(bucket: &Bucket, key: &str, field: &str) -> Result<Self, Problem> {
        if upload::is_ours(key) {
            return Err(Problem::text_missing(field));
        }
        let object = Object::open(bucket, key).await?;
        let object = object.ok_or_else(|| Problem::text_missing(field))?;
        Ok(Self {
            object,
            rest: Vec::new(),
        })
    }

    /// Writes the next piece; gives whether there was one.
    pub(super) async fn write(&mut self, out: &mut String) -> Result<bool, Problem> {
        match self.object.next().await? {
            Some(piece) => {
                self.rest.extend_from_slice(piece);
                take(&mut self.rest, out).map(|()| true)
            }
            None if self.rest.is_empty() => Ok(false),
            None => Err(no_text()),
        }
    }
}

fn no_text() -> Problem {
    Problem::internal("a text in the bucket is no UTF-8")
}

/// Escapes all whole characters of some bytes, and leaves the begin of one behind.
fn take(bytes: &mut Vec<u8>, out: &mut String) -> Result<(), Problem> {
    let whole = match std::str::from_utf8(bytes) {
        Ok(_) => bytes.len(),
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        Err(_) => return Err(no_text()),
    };
    let rest = bytes.split_off(whole);
    let text = std::mem::replace(bytes, rest);
    escape(std::str::from_utf8(&text).map_err(|_| no_text())?, out);
    Ok(())
}

/// Writes a text as it stands between the quotes of JSON.
pub(super) fn escape(text: &str, out: &mut String) {
    out.reserve(text.len());
    let mut rest = text;
    let special = |byte: u8| byte < 0x20 || matches!(byte, b'"' | b'\\');
    while let Some((plain, behind)) = rest
        .bytes()
        .position(special)
        .and_then(|place| rest.split_at_checked(place))
    {
        out.push_str(plain);
        let mut characters = behind.chars();
        match characters.next() {
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some(c @ ('"' | '\\')) => out.extend(['\\', c]),
            Some(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            None => {}
        }
        rest = characters.as_str();
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a \"b\"\\\n\r\t\0\u{1f} é 漢 🥖 </script>";

    #[test]
    fn what_is_escaped_is_the_text_again() {
        let mut out = String::from("\"");
        escape(TEXT, &mut out);
        out.push('"');
        assert_eq!(serde_json::from_str::<String>(&out).unwrap(), TEXT);
    }

    #[test]
    fn a_text_may_be_cut_inside_of_a_character() {
        for cut in 0..TEXT.len() {
            let (first, second) = TEXT.as_bytes().split_at(cut);
            let (mut rest, mut out) = (first.to_vec(), String::new());
            take(&mut rest, &mut out).unwrap();
            rest.extend_from_slice(second);
            take(&mut rest, &mut out).unwrap();
            assert!(rest.is_empty());
            let out = format!("\"{out}\"");
            assert_eq!(serde_json::from_str::<String>(&out).unwrap(), TEXT);
        }
    }

    #[test]
    fn what_is_no_utf_8_is_no_text() {
        let mut out = String::new();
        assert!(take(&mut vec![b'a', 0xff, b'b'], &mut out).is_err());
        let mut begin = vec![b'a', 0xe6, 0xbc];
        take(&mut begin, &mut out).unwrap();
        assert_eq!((out.as_str(), begin.len()), ("a", 2));
    }
}
