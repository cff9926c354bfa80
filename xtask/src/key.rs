//! API keys: `cargo xtask key create`, which makes the first one of an account.

use crate::arguments::Arguments;
use crate::database::{self, Database, text};
use crate::tools::{self, Result};
use sha2::{Digest, Sha256};
use std::fmt::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

/// What a user may be; `worker/src/access/roles.rs` says what that allows.
const ROLES: [&str; 3] = ["owner", "member", "viewer"];

const LONGEST_NAME: usize = 255;

/// An API key. Its text `tc_<id>_<secret>` is shown once; the database holds the hash of the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    /// By which the key is found: 16 of `a` to `z` and `0` to `9`. It is no secret.
    pub id: String,
    /// 32 random bytes as 64 lowercase hexadecimal digits.
    secret: String,
}

impl Key {
    /// A new key, of random bytes of the operating system.
    pub fn new() -> Result<Self> {
        const ALPHABET: [char; 32] = [
            'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q',
            'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', '2', '3', '4', '5', '6', '7',
        ];
        let characters = random::<16>()?.into_iter();
        Ok(Self {
            id: characters
                .filter_map(|byte| ALPHABET.get(usize::from(byte % 32)))
                .collect(),
            secret: hexadecimal(&random::<32>()?),
        })
    }

    /// The key that a text is.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix("tc_")?.split_once('_')?;
        let is_id = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let fits = id.len() == 16
            && id.bytes().all(is_id)
            && secret.len() == 64
            && secret.bytes().all(is_digit);
        fits.then(|| Self {
            id: id.to_owned(),
            secret: secret.to_owned(),
        })
    }

    /// What the database knows of the secret: the SHA-256 of its digits, in hexadecimal.
    pub fn secret_hash(&self) -> String {
        hexadecimal(&Sha256::digest(self.secret.as_bytes()))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "tc_{}_{}", self.id, self.secret)
    }
}

fn random<const LENGTH: usize>() -> Result<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes)
        .map_err(|error| format!("the operating system gives no random bytes: {error}"))?;
    Ok(bytes)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// `cargo xtask key create`: makes the user, if there is none, and a key; prints the key.
pub fn create(arguments: &[&str]) -> Result {
    let wanted = Wanted::parse(arguments)?;
    tools::require_npm_packages()?;
    if wanted.database == Database::Local {
        Database::Local.migrate()?;
    }
    let key = Key::new()?;
    let answers = wanted.database.query(&wanted.statements(&key, now()?)?)?;
    let user = answers.last().and_then(|rows| rows.first());
    let value = |name: &str| {
        user.and_then(|user| user.get(name))
            .and_then(|v| v.as_str())
    };
    let Wanted {
        account,
        user,
        role,
        ..
    } = wanted;
    if value("account_id") != Some(account) {
        return Err(format!(
            "nothing was changed: {user} is a user of another account"
        ));
    }
    if value("role") != Some(role) {
        let present = value("role").unwrap_or_default();
        return Err(format!(
            "nothing was changed: {user} is there already, with the role {present}"
        ));
    }
    eprintln!("A key of {user}, {role} of {account}. It is not shown again:");
    println!("{key}");
    Ok(())
}

/// Milliseconds since 1970.
pub fn now() -> Result<u128> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map(|now| now.as_millis())
        .map_err(|_| "the clock is before 1970".to_owned())
}

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
struct Wanted<'a> {
    database: Database,
    account: &'a str,
    user: &'a str,
    role: &'a str,
    email: Option<&'a str>,
    name: &'a str,
}

impl<'a> Wanted<'a> {
    fn parse(given: &[&'a str]) -> Result<Self> {
        let arguments = Arguments::parse(
            given,
            &["--account", "--user", "--role", "--email", "--name"],
            &["--local", "--remote"],
        )?;
        let role = arguments.require("--role")?;
        if !ROLES.contains(&role) {
            return Err(format!(
                "--role takes owner, member or viewer, not `{role}`"
            ));
        }
        if arguments.has("--local") && arguments.has("--remote") {
            return Err("--local and --remote exclude each other".to_owned());
        }
        let name = arguments.get("--name").unwrap_or("first key");
        if name.is_empty() || name.chars().count() > LONGEST_NAME || name.contains(char::is_control)
        {
            return Err(format!(
                "--name takes 1 to {LONGEST_NAME} characters, none of them a control character"
            ));
        }
        let email = arguments.get("--email");
        if email.is_some_and(|email| email.len() > 254 || email.contains(char::is_control)) {
            return Err("--email takes an address of at most 254 characters".to_owned());
        }
        Ok(Self {
            database: if arguments.has("--remote") {
                Database::Remote
            } else {
                Database::Local
            },
            account: database::id("--account", arguments.require("--account")?)?,
            user: database::id("--user", arguments.require("--user")?)?,
            role,
            email,
            name,
        })
    }

    /// The key comes only if the user then has the account and the role; the last statement says whether that is so.
    fn statements(&self, key: &Key, now: u128) -> Result<String> {
        let account = text(self.account)?;
        let user = text(self.user)?;
        let role = text(self.role)?;
        // A name that no mail is ever delivered to (RFC 2606, section 2).
        let nowhere = format!("{}@{}.invalid", self.user, self.account);
        let email = text(self.email.unwrap_or(&nowhere))?;
        let name = text(self.name)?;
        let key_id = text(&key.id)?;
        let hash = text(&key.secret_hash())?;
        let agrees =
            format!("FROM users WHERE id = {user} AND account_id = {account} AND role = {role}");
        Ok(format!(
            "INSERT INTO users (id, account_id, email, role, created_at)
               VALUES ({user}, {account}, {email}, {role}, {now}) ON CONFLICT DO NOTHING;
             INSERT INTO audit (account_id, at, action, target_type, target_id, details)
               SELECT account_id, {now}, 'key.create', 'key', {key_id}, json_object('user_id', id, 'scopes', NULL) {agrees};
             INSERT INTO api_keys (id, account_id, user_id, name, secret_hash, created_by, created_at)
               SELECT {key_id}, account_id, id, {name}, {hash}, id, {now} {agrees};
             SELECT account_id, role FROM users WHERE id = {user};"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str =
        "tc_abcdefghijklmnop_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn a_key_reads_back_from_its_text() {
        let key = Key::new().unwrap();
        assert!(Key::parse(&key.to_string()) == Some(key.clone()));
        assert!(Key::new().unwrap() != key);
        assert_eq!(Key::parse(KEY).unwrap().to_string(), KEY);
    }

    #[test]
    fn what_is_no_key_does_not_pass() {
        let upper = KEY.to_uppercase();
        let longer = format!("{KEY}0");
        for text in [
            "",
            "tc_",
            "tc__",
            KEY.trim_start_matches("tc_"),
            &upper,
            &longer,
        ] {
            assert!(Key::parse(text).is_none(), "{text}");
        }
    }

    /// The digest is that of `sha256sum` for the 64 digits.
    #[test]
    fn the_database_knows_the_hash_of_the_digits() {
        assert_eq!(
            Key::parse(KEY).unwrap().secret_hash(),
            "a8ae6e6ee929abea3afcfc5258c8ccd6f85273e0d4626d26c7279f3250f77c8e"
        );
    }

    #[test]
    fn the_command_line_says_what_is_wanted() {
        let given = ["--user", "zoe", "--account", "acme", "--role", "owner"];
        let wanted = Wanted::parse(&given).unwrap();
        assert_eq!(wanted.database, Database::Local);
        assert_eq!((wanted.account, wanted.user), ("acme", "zoe"));
        let remote = [given.as_slice(), &["--remote", "--name", "CI"]].concat();
        assert_eq!(Wanted::parse(&remote).unwrap().database, Database::Remote);
        for wrong in [
            ["--user", "zoe", "--account", "acme", "--role", "admin"].as_slice(),
            &["--user", "zo e", "--account", "acme", "--role", "owner"],
            &["--user", "zoe", "--account", "", "--role", "owner"],
            &["--user", "zoe", "--role", "owner"],
            &[given.as_slice(), &["--name", ""]].concat(),
            &[given.as_slice(), &["--name", "a\nb"]].concat(),
            &[given.as_slice(), &["--remote", "--local"]].concat(),
        ] {
            assert!(Wanted::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_secret_stays_out_of_the_statements() {
        let wanted = Wanted::parse(&[
            "--user",
            "zoe",
            "--account",
            "acme",
            "--role",
            "owner",
            "--name",
            "Zoë's'; --",
        ])
        .unwrap();
        let key = Key::parse(KEY).unwrap();
        let statements = wanted.statements(&key, 7).unwrap();
        assert!(!statements.contains(&key.secret));
        assert!(statements.contains(&key.secret_hash()));
        assert!(statements.contains("'Zoë''s''; --'"));
    }
}
