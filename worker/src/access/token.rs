//! The texts of keys and sessions: an id that is no secret, by which the row is found, and a secret, of which only the
//! hash is kept.

use crate::problem::Problem;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use subtle::ConstantTimeEq;
use worker::js_sys;
use worker::wasm_bindgen::JsCast;

const ID_LEN: usize = 16;
const SECRET_LEN: usize = 64;

/// What every key starts with, so that scanners of source code know one.
const KEY_PREFIX: &str = "tc_";

/// A key or a session as its holder has it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) id: &'a str,
    secret: &'a str,
}

impl<'a> Token<'a> {
    /// Reads `<id>_<secret>`; `None` for anything else, which was never issued.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (id, secret) = text.split_once('_')?;
        let well_formed = id.len() == ID_LEN
            && id
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            && secret.len() == SECRET_LEN
            && secret
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        well_formed.then_some(Self { id, secret })
    }

    /// Reads a key, `tc_<id>_<secret>`.
    pub(crate) fn parse_key(text: &'a str) -> Option<Self> {
        Self::parse(text.strip_prefix(KEY_PREFIX)?)
    }

    /// Whether the secret is the one with this hash, in a time that tells nothing about either.
    pub(crate) fn has_hash(&self, hash: &str) -> bool {
        sha256_hex(self.secret.as_bytes())
            .as_bytes()
            .ct_eq(hash.as_bytes())
            .into()
    }
}

/// A token that was just made.
pub(crate) struct NewToken {
    pub(crate) id: String,
    pub(crate) secret_hash: String,
    secret: String,
}

impl NewToken {
    /// A token of random bytes.
    pub(crate) fn random() -> Result<Self, Problem> {
        let bytes = random_bytes::<{ ID_LEN + SECRET_LEN / 2 }>()?;
        let (id, secret) = bytes.split_at(ID_LEN);
        let id = id.iter().map(|byte| {
            // 32 characters, so that each is as likely as any other.
            let letters = b"abcdefghijkmnpqrstuvwxyz23456789";
            char::from(letters.get(usize::from(byte % 32)).copied().unwrap_or(b'a'))
        });
        let secret = hex(secret);
        Ok(Self {
            id: id.collect(),
            secret_hash: sha256_hex(secret.as_bytes()),
            secret,
        })
    }

    /// What a holder of a session sends.
    pub(crate) fn text(&self) -> String {
        format!("{}_{}", self.id, self.secret)
    }

    /// What a holder of a key sends.
    pub(crate) fn key_text(&self) -> String {
        format!("{KEY_PREFIX}{}", self.text())
    }
}

fn random_bytes<const LEN: usize>() -> Result<[u8; LEN], Problem> {
    let mut bytes = [0; LEN];
    let crypto = js_sys::Reflect::get(&js_sys::global(), &"crypto".into());
    let crypto: web_sys::Crypto = crypto.map_err(worker::Error::from)?.unchecked_into();
    crypto
        .get_random_values_with_u8_array(&mut bytes)
        .map_err(worker::Error::from)?;
    Ok(bytes)
}

/// The SHA-256 of some bytes, in hexadecimal.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in hexadecimal, lower case.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_made_here_can_be_a_token() {
        let secret = "0123456789abcdef".repeat(4);
        let text = format!("abcdefgh23456789_{secret}");
        let token = Token::parse(&text).unwrap();
        assert_eq!(token.id, "abcdefgh23456789");
        assert!(token.has_hash(&sha256_hex(secret.as_bytes())));
        assert!(!token.has_hash(&sha256_hex(b"another")));
        assert!(!token.has_hash(""));
        assert_eq!(Token::parse_key(&format!("tc_{text}")), Some(token));
        for wrong in [
            String::new(),
            "tc_".into(),
            text.to_uppercase(),
            format!("{text}0"),
            format!("short_{secret}"),
            text.replace('_', "-"),
            text.replace("abcdefgh", "abcd' OR"),
        ] {
            assert_eq!(Token::parse(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_hash_is_sha_256() {
        assert_eq!(
            sha256_hex(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
