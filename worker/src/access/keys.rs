//! `/v1/keys`: the account's API keys. The secret of one is shown once, when it is made.

use super::roles::Permission;
use super::token::NewToken;
use crate::answer;
use crate::audit::Event;
use crate::body;
use crate::call::Call;
use crate::moment::Moment;
use crate::problem::Problem;
use crate::query::{self, Query};
use crate::store;
use serde::{Deserialize, Serialize};
use serde_json::json;
use worker::{Request, Response};

const MAX_BODY: usize = 16 * 1024;
const MAX_NAME: usize = 255;

/// A key as its owner sees it.
#[derive(Serialize)]
struct Key<'a> {
    id: &'a str,
    name: &'a str,
    user_id: &'a str,
    /// `null`: all that the user's role may do.
    scopes: Option<Vec<String>>,
    created_by: &'a str,
    created_at: Moment,
    expires_at: Option<Moment>,
    revoked_at: Option<Moment>,
    /// Only in the answer to the request that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    name: String,
    user_id: String,
    scopes: Option<String>,
    created_by: String,
    created_at: Moment,
    expires_at: Option<Moment>,
    revoked_at: Option<Moment>,
}

impl Row {
    fn key(&self) -> Key<'_> {
        Key {
            id: &self.id,
            name: &self.name,
            user_id: &self.user_id,
            scopes: self
                .scopes
                .as_deref()
                .map(|scopes| serde_json::from_str(scopes).unwrap_or_default()),
            created_by: &self.created_by,
            created_at: self.created_at,
            expires_at: self.expires_at,
            revoked_at: self.revoked_at,
            key: None,
        }
    }
}

/// `GET /v1/keys`.
pub(crate) async fn list(request: &Request, call: &Call<'_>) -> Result<Response, Problem> {
    let mut query = Query::of(&request.url()?)?;
    let page = query.page()?;
    query.finish()?;
    let values = [(&call.caller()?.account_id).into()];
    let list = call.store.list::<Row>(
        "id, name, user_id, scopes, created_by, created_at, expires_at, revoked_at",
        "FROM api_keys WHERE account_id = ?1",
        "created_at DESC, id",
        &values,
        page,
    );
    answer::json(200, &list.await?.map(Row::key))
}

/// What makes a key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewKey {
    name: String,
    /// Whose key it is; by default the caller's.
    user_id: Option<String>,
    scopes: Option<Vec<String>>,
    expires_at: Option<String>,
}

/// `POST /v1/keys`.
pub(crate) async fn create(request: &mut Request, call: &Call<'_>) -> Result<Response, Problem> {
    query::refuse(request)?;
    let wanted: NewKey = body::document(request, MAX_BODY).await?;
    let caller = call.caller()?;
    let now = call.now();
    if wanted.name.trim().is_empty() || wanted.name.chars().count() > MAX_NAME {
        return Err(Problem::invalid_parameter(
            "name",
            "has 1 to 255 characters",
        ));
    }
    let scopes = wanted.scopes.as_deref().map(names).transpose()?;
    let expires_at = match &wanted.expires_at {
        None => None,
        Some(text) => Some(query::moment("expires_at", text)?),
    };
    if expires_at.is_some_and(|end| end <= now) {
        return Err(Problem::invalid_parameter("expires_at", "lies in the past"));
    }
    let user_id = wanted.user_id.as_deref().unwrap_or(&caller.user_id);
    let token = NewToken::random()?;
    let scopes_text = scopes.as_ref().map(|scopes| json!(scopes).to_string());
    // A user of another account is as unknown as one that never was.
    let is_user = "EXISTS (SELECT 1 FROM users WHERE account_id = ?1 AND id = ?10)";
    let event = Event::of_call(call, caller, "key.create")
        .on("key", &token.id)
        .with(json!({"user_id": user_id, "scopes": scopes}));
    let audit = event.statement(&call.store, is_user, &[user_id.into()])?;
    let insert = call.store.statement(
        "INSERT INTO api_keys (account_id, user_id, id, name, secret_hash, scopes, created_by, created_at, expires_at)
         SELECT ?1, id, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM users WHERE account_id = ?1 AND id = ?9",
        &[
            (&caller.account_id).into(),
            (&token.id).into(),
            (&wanted.name).into(),
            (&token.secret_hash).into(),
            (&scopes_text).into(),
            (&caller.user_id).into(),
            now.into(),
            expires_at.into(),
            user_id.into(),
        ],
    )?;
    let results = call.store.batch(vec![audit, insert]).await?;
    let made = results.get(1).map_or(Ok(0), store::changes)?;
    if made == 0 {
        return Err(Problem::invalid_parameter(
            "user_id",
            "is no user of this account",
        ));
    }
    let key = Key {
        id: &token.id,
        name: &wanted.name,
        user_id,
        scopes,
        created_by: &caller.user_id,
        created_at: now,
        expires_at,
        revoked_at: None,
        key: Some(token.key_text()),
    };
    answer::json(201, &key)
}

/// Scopes under their first names, each once.
fn names(scopes: &[String]) -> Result<Vec<String>, Problem> {
    let mut names: Vec<String> = Vec::new();
    for scope in scopes {
        let Some(permission) = Permission::named(scope) else {
            let known = Permission::ALL.map(|(_, name, _)| name).join(", ");
            let reason = format!("holds `{scope}`; there are {known}");
            return Err(Problem::invalid_parameter("scopes", &reason));
        };
        if !names.iter().any(|name| name == permission.name()) {
            names.push(permission.name().to_owned());
        }
    }
    Ok(names)
}

/// `DELETE /v1/keys/:id`: the key is of no use from now on; its row stays, for the trail names it.
pub(crate) async fn revoke(
    id: &str,
    request: &Request,
    call: &Call<'_>,
) -> Result<Response, Problem> {
    query::refuse(request)?;
    let caller = call.caller()?;
    let valid = "SELECT 1 FROM api_keys WHERE account_id = ?1 AND revoked_at IS NULL AND id =";
    let event = Event::of_call(call, caller, "key.revoke").on("key", id);
    let audit = event.statement(&call.store, &format!("EXISTS ({valid} ?10)"), &[id.into()])?;
    let update = call.store.statement(
        "UPDATE api_keys SET revoked_at = ?3 WHERE account_id = ?1 AND id = ?2 AND revoked_at IS NULL",
        &[(&caller.account_id).into(), id.into(), call.now().into()],
    )?;
    let results = call.store.batch(vec![audit, update]).await?;
    match results.get(1).map_or(Ok(0), store::changes)? {
        0 => Err(Problem::key_not_found()),
        _ => answer::nothing(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_kept_under_their_first_names() {
        let given = ["export.read", "exports:download", "audit:read"].map(str::to_owned);
        assert_eq!(names(&given).unwrap(), ["exports:download", "audit:read"]);
        let problem = names(&["exports:everything".to_owned()]).unwrap_err();
        assert_eq!(problem.code(), "INVALID_PARAMETER");
    }
}
