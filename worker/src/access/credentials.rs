//! A request's credentials → its caller.

use super::roles::{self, Permission};
use super::sessions;
use super::token::Token;
use crate::moment::Moment;
use crate::problem::Problem;
use crate::store::Store;
use serde::Deserialize;
use worker::Headers;

/// Whoever sent valid credentials.
#[derive(Debug)]
pub(crate) struct Caller {
    /// The tenant. It comes from here and from nowhere else.
    pub(crate) account_id: String,
    pub(crate) user_id: String,
    pub(crate) email: String,
    pub(crate) name: Option<String>,
    pub(crate) role: String,
    pub(crate) key_id: String,
    pub(crate) key_expires_at: Option<Moment>,
    /// The session, where a cookie brought the caller in.
    pub(crate) session_id: Option<String>,
    pub(crate) permissions: Vec<Permission>,
}

impl Caller {
    pub(crate) fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }
}

/// Credentials as they stand in a request.
pub(crate) enum Presented {
    Nothing,
    /// What an `Authorization` header holds.
    Header(String),
    Cookie(String),
}

impl Presented {
    /// A header beats a cookie, which a browser sends along unasked.
    pub(crate) fn of(headers: &Headers) -> Result<Self, Problem> {
        if let Some(header) = headers.get("Authorization")? {
            return Ok(Self::Header(header));
        }
        let cookies = headers.get("Cookie")?.unwrap_or_default();
        Ok(match sessions::cookie(&cookies) {
            Some(token) => Self::Cookie(token.to_owned()),
            None => Self::Nothing,
        })
    }
}

/// The key in an `Authorization` header: `Bearer` in any case (RFC 9110, section 11.1).
pub(crate) fn bearer(header: &str) -> Option<Token<'_>> {
    let (scheme, key) = header.split_once(' ')?;
    Token::parse_key(key.trim()).filter(|_| scheme.eq_ignore_ascii_case("Bearer"))
}

/// What the database knows of a key and its user.
#[derive(Deserialize)]
struct Row {
    secret_hash: String,
    session_id: Option<String>,
    session_expires_at: Option<Moment>,
    key_id: String,
    expires_at: Option<Moment>,
    revoked_at: Option<Moment>,
    scopes: Option<String>,
    account_id: String,
    user_id: String,
    email: String,
    name: Option<String>,
    role: String,
}

const KEY_AND_USER: &str = "k.id AS key_id, k.expires_at, k.revoked_at, k.scopes,
    u.account_id, u.id AS user_id, u.email, u.name, u.role
    FROM api_keys k JOIN users u ON u.account_id = k.account_id AND u.id = k.user_id";

/// Finds out who calls.
///
/// # Errors
///
/// `UNAUTHENTICATED` for credentials that are missing, wrong, expired or revoked.
pub(crate) async fn identify(
    presented: &Presented,
    store: &Store,
    now: Moment,
) -> Result<Caller, Problem> {
    let wrong = || Problem::unauthenticated(true);
    let (token, sql) = match presented {
        Presented::Nothing => return Err(Problem::unauthenticated(false)),
        Presented::Header(header) => {
            let sql = format!(
                "SELECT k.secret_hash, NULL AS session_id, NULL AS session_expires_at, {KEY_AND_USER} WHERE k.id = ?1"
            );
            (bearer(header).ok_or_else(wrong)?, sql)
        }
        Presented::Cookie(cookie) => {
            let sql = format!(
                "SELECT s.secret_hash, s.id AS session_id, s.expires_at AS session_expires_at, {KEY_AND_USER}
                 JOIN sessions s ON s.key_id = k.id WHERE s.id = ?1"
            );
            (Token::parse(cookie).ok_or_else(wrong)?, sql)
        }
    };
    let row: Option<Row> = store.first(&sql, &[token.id.into()]).await?;
    let row = row.ok_or_else(wrong)?;
    let is_over = |end: Option<Moment>| end.is_some_and(|end| now >= end);
    let is_valid = token.has_hash(&row.secret_hash)
        && row.revoked_at.is_none()
        && !is_over(row.expires_at)
        && !is_over(row.session_expires_at);
    if !is_valid {
        return Err(wrong());
    }
    // What cannot be read allows nothing.
    let scopes: Option<Vec<String>> = row
        .scopes
        .as_ref()
        .map(|scopes| serde_json::from_str(scopes).unwrap_or_default());
    Ok(Caller {
        permissions: roles::effective(&row.role, scopes.as_deref()),
        account_id: row.account_id,
        user_id: row.user_id,
        email: row.email,
        name: row.name,
        role: row.role,
        key_id: row.key_id,
        key_expires_at: row.expires_at,
        session_id: row.session_id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_as_a_bearer_token() {
        let key = format!("tc_abcdefghijkmnpqr_{}", "0".repeat(64));
        assert!(bearer(&format!("Bearer {key}")).is_some());
        assert!(bearer(&format!("bearer  {key}")).is_some());
        for wrong in [
            key.clone(),
            format!("Basic {key}"),
            "Bearer guess".into(),
            String::new(),
        ] {
            assert!(bearer(&wrong).is_none(), "{wrong}");
        }
    }
}
