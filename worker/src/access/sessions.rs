//! Sessions: a key exchanged for a cookie, so that a page need not keep the key.

use super::credentials::{self, Caller, Presented};
use super::roles::Permission;
use super::token::NewToken;
use crate::answer;
use crate::audit::Event;
use crate::body;
use crate::call::Call;
use crate::moment::{HOUR, Moment, SECOND};
use crate::problem::Problem;
use crate::query;
use serde::{Deserialize, Serialize};
use worker::{Request, Response};

const COOKIE: &str = "tablecast_session";

/// The most that a request to sign in may have.
const MAX_BODY: usize = 4096;

/// The session's token in a `Cookie` header (RFC 6265, section 4.2).
pub(super) fn cookie(header: &str) -> Option<&str> {
    let mut pairs = header.split(';').map(str::trim);
    pairs.find_map(|pair| pair.strip_prefix(COOKIE)?.strip_prefix('='))
}

/// Nobody reads it but this service, nothing sends it in the clear, and no other site's form sends it along.
fn set_cookie(value: &str, seconds: i64) -> String {
    format!("{COOKIE}={value}; Path=/; Max-Age={seconds}; HttpOnly; Secure; SameSite=Lax")
}

/// The caller as they see themselves.
#[derive(Serialize)]
struct Me<'a> {
    account_id: &'a str,
    user_id: &'a str,
    email: &'a str,
    name: Option<&'a str>,
    role: &'a str,
    permissions: Vec<&'static str>,
    key_id: &'a str,
    /// When the key ends; `null`: never.
    expires_at: Option<Moment>,
}

impl<'a> Me<'a> {
    fn of(caller: &'a Caller) -> Self {
        Self {
            account_id: &caller.account_id,
            user_id: &caller.user_id,
            email: &caller.email,
            name: caller.name.as_deref(),
            role: &caller.role,
            permissions: caller
                .permissions
                .iter()
                .map(|permission: &Permission| permission.name())
                .collect(),
            key_id: &caller.key_id,
            expires_at: caller.key_expires_at,
        }
    }
}

/// `GET /v1/me`.
pub(crate) fn me(request: &Request, call: &Call<'_>) -> Result<Response, Problem> {
    query::refuse(request)?;
    answer::json(200, &Me::of(call.caller()?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    key: String,
}

/// `POST /v1/session`: the key stands in the `Authorization` header, or in the body as `{"key": …}`.
pub(crate) async fn sign_in(request: &mut Request, call: &Call<'_>) -> Result<Response, Problem> {
    query::refuse(request)?;
    let header = request.headers().get("Authorization")?;
    let header = match header {
        Some(header) => header,
        None if !body::is_present(request)? => return Err(Problem::unauthenticated(false)),
        None => {
            let body: SignIn = body::document(request, MAX_BODY).await?;
            format!("Bearer {}", body.key)
        }
    };
    let now = call.now();
    let caller = credentials::identify(&Presented::Header(header), &call.store, now).await?;
    let hours = call.number("SESSION_HOURS", 12);
    let length = i64::try_from(hours).unwrap_or(12).saturating_mul(HOUR);
    let end = Moment(now.0.saturating_add(length));
    // A session is never worth more than its key.
    let end = caller
        .key_expires_at
        .map_or(end, |key_end| end.min(key_end));
    let token = NewToken::random()?;
    let event = Event::of_call(call, &caller, "session.create").on("session", &token.id);
    let insert = call.store.statement(
        "INSERT INTO sessions (id, key_id, secret_hash, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        &[
            (&token.id).into(),
            (&caller.key_id).into(),
            (&token.secret_hash).into(),
            now.into(),
            end.into(),
        ],
    )?;
    let audit = event.statement(&call.store, "TRUE", &[])?;
    call.store.batch(vec![audit, insert]).await?;
    let response = answer::json(201, &Me::of(&caller))?;
    let seconds = (end.0 - now.0) / SECOND;
    response
        .headers()
        .set("Set-Cookie", &set_cookie(&token.text(), seconds))?;
    Ok(response)
}

/// `DELETE /v1/session`: the session ends, and the cookie with it. A key has no session to end.
pub(crate) async fn sign_out(request: &Request, call: &Call<'_>) -> Result<Response, Problem> {
    query::refuse(request)?;
    let caller = call.caller()?;
    if let Some(session) = &caller.session_id {
        let event = Event::of_call(call, caller, "session.delete").on("session", session);
        let audit = event.statement(&call.store, "TRUE", &[])?;
        let delete = call
            .store
            .statement("DELETE FROM sessions WHERE id = ?1", &[session.into()])?;
        call.store.batch(vec![audit, delete]).await?;
    }
    let response = answer::nothing()?;
    response.headers().set("Set-Cookie", &set_cookie("", 0))?;
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_is_found_among_cookies() {
        assert_eq!(cookie("a=1; tablecast_session=x_y; b=2"), Some("x_y"));
        assert_eq!(cookie("tablecast_session="), Some(""));
        assert_eq!(cookie("xtablecast_session=1; tablecast_session2=1"), None);
    }

    #[test]
    fn the_cookie_is_kept_from_scripts_other_sites_and_plain_connections() {
        let cookie = set_cookie("x", 60);
        for part in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age=60"] {
            assert!(cookie.contains(part), "{part}");
        }
    }
}
