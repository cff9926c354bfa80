//! The service's D1 database, spoken to through wrangler: the local one, or the deployed one.

use crate::plain;
use crate::tools::{self, Result};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// The database's name in `worker/wrangler.jsonc`.
const NAME: &str = "tablecast";

/// A statement that meets another process's transaction fails at once, locally; it is tried so often.
const ATTEMPTS: u32 = 10;

/// Which of the databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// The one that `cargo xtask dev` serves.
    Local,
    /// The one of the deployed Worker, in the account that wrangler is signed in to.
    Remote,
}

/// The rows that each of the statements gave.
pub type Answers = Vec<Vec<Value>>;

impl Database {
    /// Brings the tables up to date.
    pub fn migrate(self) -> Result {
        self.run(|wrangler| {
            wrangler.args(["d1", "migrations", "apply", NAME]);
        })
        .map(|_| ())
    }

    /// Runs statements, all or none of them.
    pub fn query(self, sql: &str) -> Result<Answers> {
        let printed = self.run(|wrangler| {
            wrangler.args(["d1", "execute", NAME, "--json", "--yes", "--command", sql]);
        })?;
        answers(&printed)
    }

    /// Runs statements that no command line has room for.
    pub fn run_file(self, file: &Path) -> Result {
        self.run(|wrangler| {
            wrangler
                .args(["d1", "execute", NAME, "--json", "--yes", "--file"])
                .arg(file);
        })
        .map(|_| ())
    }

    fn run(self, describe: impl Fn(&mut Command)) -> Result<String> {
        let mut attempt = 1;
        loop {
            let mut wrangler = tools::wrangler()?;
            describe(&mut wrangler);
            wrangler.arg(match self {
                Self::Local => "--local",
                Self::Remote => "--remote",
            });
            let output = wrangler
                .output()
                .map_err(|error| format!("cannot start wrangler: {error}"))?;
            let printed = String::from_utf8_lossy(&output.stdout).into_owned();
            if output.status.success() {
                return Ok(printed);
            }
            let told = String::from_utf8_lossy(&output.stderr);
            if attempt == ATTEMPTS || !(printed.contains(BUSY) || told.contains(BUSY)) {
                return Err(failure(&printed, &told));
            }
            attempt += 1;
        }
    }
}

/// What SQLite says when another process writes.
const BUSY: &str = "SQLITE_BUSY";

/// The rows in what `wrangler d1 execute --json` prints.
fn answers(printed: &str) -> Result<Answers> {
    let unexpected = || {
        format!(
            "wrangler answered what was not expected: {}",
            printed.trim()
        )
    };
    let document: Value = serde_json::from_str(printed).map_err(|_| unexpected())?;
    let statements = document.as_array().ok_or_else(unexpected)?;
    statements
        .iter()
        .map(|statement| {
            let rows = statement.get("results").and_then(Value::as_array);
            rows.cloned().ok_or_else(unexpected)
        })
        .collect()
}

/// The reason why wrangler failed: with `--json` an object on the standard output, else text.
fn failure(printed: &str, told: &str) -> String {
    let document: Option<Value> = serde_json::from_str(printed).ok();
    let text = document
        .as_ref()
        .and_then(|document| document.pointer("/error/text"))
        .and_then(Value::as_str)
        .map_or_else(
            || plain::joined(&format!("{printed}\n{told}")),
            str::to_owned,
        );
    let hint = if text.contains("no such table") {
        "; apply the migrations first: `wrangler d1 migrations apply tablecast --remote` in worker/"
    } else {
        ""
    };
    format!("the database refused: {}{hint}", text.trim())
}

/// A text as a literal of SQL.
///
/// SQLite knows no escapes but the doubled quote, and ends a statement at a NUL.
pub fn text(value: &str) -> Result<String> {
    if value.contains('\0') {
        return Err("a text for the database holds a NUL".to_owned());
    }
    Ok(format!("'{}'", value.replace('\'', "''")))
}

/// Passes an id on that is one: 1 to 64 letters, digits, `_` and `-`.
pub fn id<'a>(what: &str, value: &'a str) -> Result<&'a str> {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if (1..=64).contains(&value.len()) && value.bytes().all(known) {
        Ok(value)
    } else {
        Err(format!(
            "{what} takes 1 to 64 letters, digits, `_` and `-`, not `{value}`"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_leaves_its_literal() {
        assert_eq!(text("it's").unwrap(), "'it''s'");
        assert_eq!(
            text("'); DROP TABLE users; --").unwrap(),
            "'''); DROP TABLE users; --'"
        );
        assert_eq!(text("a\\'b\n").unwrap(), "'a\\''b\n'");
        assert!(text("a\0b").is_err());
    }

    #[test]
    fn ids_are_short_and_plain() {
        let longest = "a".repeat(64);
        for good in ["a", "acme", "Zoe-Mueller_2", &longest] {
            assert_eq!(id("--account", good), Ok(good));
        }
        let longer = "a".repeat(65);
        for bad in ["", "a b", "a'b", "ä", "a/b", "a.b", "a\n", &longer] {
            assert!(id("--account", bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn rows_come_by_statement() {
        let printed = r#"[{"results":[],"success":true,"meta":{"duration":1}},{"results":[{"role":"owner"}]}]"#;
        let answers = answers(printed).unwrap();
        assert_eq!(answers.len(), 2);
        assert_eq!(answers[1][0]["role"], "owner");
        assert!(super::answers("Hello").is_err());
    }

    #[test]
    fn a_failure_gives_the_reason_and_the_way_out() {
        let reason = failure(
            r#"{"error": {"text": "no such table: users: SQLITE_ERROR"}}"#,
            "",
        );
        assert!(reason.starts_with("the database refused: no such table: users"));
        assert!(reason.contains("migrations apply"));
        assert_eq!(
            failure("", "not signed in\n"),
            "the database refused: not signed in"
        );
    }
}
