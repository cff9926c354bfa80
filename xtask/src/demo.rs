//! Accounts and data to try the service with, in the local database: `worker/demo/*.sql` with its parameters put in.

use crate::arguments::Arguments;
use crate::database::{self, Database, text};
use crate::key::{self, Key};
use crate::tools::{self, Result};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fs;

/// A user of a demo account.
struct User {
    account: &'static str,
    id: &'static str,
    role: &'static str,
    name: &'static str,
    email: &'static str,
    plan: &'static str,
    referral_code: &'static str,
    referral_credits: u32,
}

/// The demo accounts have an owner, a member and a viewer each, and the first user is the first account's owner.
const USERS: [User; 6] = [
    User {
        account: "acme",
        id: "zoe-mueller",
        role: "owner",
        name: "Zoë Müller",
        email: "zoe@acme.example",
        plan: "collective",
        referral_code: "ZOE-7Q4K",
        referral_credits: 30,
    },
    User {
        account: "acme",
        id: "bjoern-lindqvist",
        role: "member",
        name: "Björn Lindqvist",
        email: "bjorn@acme.example",
        plan: "solo",
        referral_code: "BJORN-19",
        referral_credits: 0,
    },
    User {
        account: "acme",
        id: "thi-linh-nguyen",
        role: "viewer",
        name: "Nguyễn Thị Linh",
        email: "linh@acme.example",
        plan: "solo",
        referral_code: "LINH-88",
        referral_credits: 5,
    },
    User {
        account: "globex",
        id: "amara-okonkwo",
        role: "owner",
        name: "Amara Okonkwo",
        email: "amara@globex.example",
        plan: "label",
        referral_code: "AMARA-3",
        referral_credits: 120,
    },
    User {
        account: "globex",
        id: "sean-obrien",
        role: "member",
        name: "Seán O'Brien",
        email: "sean@globex.example",
        plan: "solo",
        referral_code: "SEAN-42",
        referral_credits: 0,
    },
    User {
        account: "globex",
        id: "yuki-tanaka",
        role: "viewer",
        name: "田中 ゆき",
        email: "yuki@globex.example",
        plan: "network",
        referral_code: "YUKI-5",
        referral_credits: 1,
    },
];

/// How many memories the demo accounts have.
const MEMORIES: [(&str, u32); 2] = [("acme", 2_000), ("globex", 300)];

/// The users' keys. They are good for the local database only, lie beside it and go with it; while it stays, a page that
/// is signed in stays so.
const KEYS: &str = "worker/.wrangler/state/demo-keys.txt";

/// The texts of `worker/demo/resources.sql` that lie in the bucket, where texts of more than 256 KiB belong.
const LONG_TEXTS: [&str; 5] = [
    "content_items/item-009",
    "content_items/item-020",
    "memory_bank_entries/entry-012",
    "agent_step_runs/step-007-0",
    "analysis_outputs/output-4",
];

/// Where statements are put together.
const STATEMENTS: &str = "target/demo.sql";

/// A transaction has so many memories: it must end before others who write lose patience.
const TRANSACTION: u32 = 100_000;

/// The ids have eight digits.
const MOST_MEMORIES: u32 = 99_999_999;

/// Who may sign in to the demo accounts.
pub struct Access {
    lines: Vec<String>,
    first: Key,
}

impl Access {
    /// Prints a key per role, and the first owner's on a line of its own.
    pub fn print(&self) {
        println!("  {:<7} {:<6} {:<16} key", "account", "role", "user");
        for line in &self.lines {
            println!("{line}");
        }
        println!("demo key: {}", self.first);
    }
}

/// Brings the local database up to date and puts the demo accounts in. What is there already stays as it is.
pub fn prepare() -> Result<Access> {
    Database::Local.migrate()?;
    let keys = keys()?;
    let now = key::now()?;
    let mut statements = String::new();
    let mut access = Vec::new();
    for (user, key) in USERS.iter().zip(&keys) {
        statements.push_str(&user_statements(user, key, now)?);
        access.push(format!(
            "  {:<7} {:<6} {:<16} {key}",
            user.account, user.role, user.id
        ));
    }
    for (account, memories) in MEMORIES {
        statements.push_str(&record_statements(account)?);
        statements.push_str(&memory_statement(account, 1, memories)?);
    }
    run(&statements)?;
    put_long_texts(&MEMORIES.map(|(account, _)| account))?;
    Ok(Access {
        lines: access,
        first: keys.into_iter().next().ok_or("there are no demo users")?,
    })
}

/// `cargo xtask demo-data`: sees to it that an account of the local database has so many memories of the generator, and
/// records of all other types.
pub fn demo_data(arguments: &[&str]) -> Result {
    let arguments = Arguments::parse(arguments, &["--account", "--memories"], &[])?;
    let account = database::id("--account", arguments.require("--account")?)?;
    let wanted = arguments.require("--memories")?;
    let wanted = wanted
        .parse()
        .ok()
        .filter(|wanted| *wanted <= MOST_MEMORIES)
        .ok_or_else(|| {
            format!("--memories takes a number up to {MOST_MEMORIES}, not `{wanted}`")
        })?;
    tools::require_npm_packages()?;
    Database::Local.migrate()?;
    let mut present = memories_present(account)?;
    while present < wanted {
        let last = wanted.min(present.saturating_add(TRANSACTION));
        run(&memory_statement(account, present.saturating_add(1), last)?)?;
        present = last;
        println!("{account}: {present} memories");
    }
    if present > wanted {
        println!("{account} has {present} memories already");
    }
    run(&record_statements(account)?)?;
    put_long_texts(&[account])
}

/// Records of all types but memories.
fn record_statements(account: &str) -> Result<String> {
    let parameters = [(":account", text(account)?)];
    Ok(fill("records.sql", &parameters)? + &fill("resources.sql", &parameters)?)
}

/// Puts the long texts of accounts into the local bucket. Those that are there stay as they are.
fn put_long_texts(accounts: &[&str]) -> Result {
    let keys = accounts
        .iter()
        .flat_map(|account| LONG_TEXTS.map(|text| format!("texts/{account}/{text}")));
    tools::run(
        tools::command(tools::wrangler_node()?)
            .current_dir(tools::path("worker"))
            .envs(tools::WRANGLER_ENVIRONMENT)
            .args(["--no-warnings", "demo/long-texts.mjs"])
            .args(keys),
    )
}

/// The number of the last memory that the generator made: they come in order, and each transaction whole.
fn memories_present(account: &str) -> Result<u32> {
    let answers = Database::Local.query(&format!(
        "SELECT CAST(substr(max(id), 5) AS INTEGER) AS last FROM memories
         WHERE account_id = {} AND id BETWEEN 'mem_00000000' AND 'mem_{MOST_MEMORIES}'",
        text(account)?
    ))?;
    let last = answers.first().and_then(|rows| rows.first()?.get("last"));
    let last = last.and_then(Value::as_u64).unwrap_or_default();
    u32::try_from(last).map_err(|error| error.to_string())
}

fn user_statements(user: &User, key: &Key, now: u128) -> Result<String> {
    let User {
        role,
        referral_credits,
        ..
    } = user;
    let account = text(user.account)?;
    let id = text(user.id)?;
    let [name, email, plan, code] =
        [user.name, user.email, user.plan, user.referral_code].map(text);
    let [name, email, plan, code] = [name?, email?, plan?, code?];
    let key_id = text(&key.id)?;
    let hash = text(&key.secret_hash())?;
    Ok(format!(
        "INSERT INTO users (id, account_id, email, name, plan, role, referral_code, referral_credits, created_at)
           VALUES ({id}, {account}, {email}, {name}, {plan}, '{role}', {code}, {referral_credits}, {now})
           ON CONFLICT DO NOTHING;
         INSERT INTO api_keys (id, account_id, user_id, name, secret_hash, created_by, created_at)
           VALUES ({key_id}, {account}, {id}, 'demo', {hash}, {id}, {now})
           -- Whoever tried revoking out gets in again.
           ON CONFLICT (id) DO UPDATE SET revoked_at = NULL;\n"
    ))
}

fn memory_statement(account: &str, first: u32, last: u32) -> Result<String> {
    fill(
        "memories.sql",
        &[
            (":account", text(account)?),
            (":first", first.to_string()),
            (":last", last.to_string()),
            (":seed", seed(account).to_string()),
        ],
    )
}

/// A number for an account, so that accounts differ.
fn seed(account: &str) -> u32 {
    let digest = Sha256::digest(account.as_bytes());
    let first = digest.iter().take(4);
    first.fold(0, |seed, byte| seed << 8 | u32::from(*byte))
}

/// A file of `worker/demo/` with its parameters put in.
fn fill(name: &str, parameters: &[(&str, String)]) -> Result<String> {
    let sql = tools::read(&tools::path("worker/demo").join(name))?;
    Ok(parameters
        .iter()
        .fold(sql, |sql, (parameter, value)| sql.replace(parameter, value)))
}

fn run(statements: &str) -> Result {
    let file = tools::path(STATEMENTS);
    tools::write(&file, statements)?;
    Database::Local.run_file(&file)
}

/// The keys of all users, kept from the last time or made new.
fn keys() -> Result<Vec<Key>> {
    let file = tools::path(KEYS);
    let kept = fs::read_to_string(&file).unwrap_or_default();
    let mut keys = Vec::new();
    let mut lines = String::new();
    for user in &USERS {
        let key = kept
            .lines()
            .find_map(|line| Key::parse(line.strip_prefix(user.id)?.trim()));
        let key = match key {
            Some(key) => key,
            None => Key::new()?,
        };
        lines.push_str(&format!("{} {key}\n", user.id));
        keys.push(key);
    }
    if lines != kept {
        tools::write(&file, lines)?;
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_account_has_one_user_of_each_role() {
        for (account, _) in MEMORIES {
            let users = USERS.iter().filter(|user| user.account == account);
            let roles: Vec<&str> = users.map(|user| user.role).collect();
            assert_eq!(roles, ["owner", "member", "viewer"], "{account}");
        }
        for user in &USERS {
            assert!(database::id("id", user.id).is_ok());
        }
    }

    #[test]
    fn no_parameter_stays_behind() {
        let mut statements = memory_statement("acme", 1, 2_000).unwrap();
        statements += &record_statements("acme").unwrap();
        for parameter in [":account", ":first", ":last", ":seed"] {
            assert!(!statements.contains(parameter), "{parameter}");
        }
        assert!(statements.contains("'acme'"));
    }

    #[test]
    fn each_long_text_belongs_to_a_record() {
        let statements = record_statements("acme").unwrap();
        let tables: Vec<_> = statements.split("'texts/%s/").skip(1).collect();
        for key in LONG_TEXTS {
            let table = key.split('/').next().unwrap();
            assert!(
                tables.iter().any(|behind| behind.starts_with(table)),
                "{key}"
            );
        }
    }

    #[test]
    fn accounts_differ() {
        assert_ne!(seed("acme"), seed("globex"));
    }
}
