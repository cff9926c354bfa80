//! `/v1/templates`: the account's own templates beside those that ship with the engine.

use crate::access::Caller;
use crate::answer;
use crate::audit::Event;
use crate::body;
use crate::call::Call;
use crate::moment::Moment;
use crate::problem::Problem;
use crate::query::{self, List, Page, Query};
use crate::store;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tablecast::{Limits, SYSTEM_TEMPLATES, Setting, SystemTemplate};
use uuid::Uuid;
use worker::{Request, Response};

/// The most bytes of a template.
const MAX_BODY: usize = 64 * 1024;

/// A template as callers see it.
#[derive(Serialize)]
struct Template {
    id: String,
    name: String,
    /// Whether it ships with the engine.
    system: bool,
    /// The only format that it is made for; `null`: any.
    format: Option<String>,
    template: Value,
    created_by: Option<String>,
    created_at: Option<Moment>,
    updated_at: Option<Moment>,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    name: String,
    format: Option<String>,
    template: String,
    created_by: String,
    created_at: Moment,
    updated_at: Moment,
}

const COLUMNS: &str = "id, name, format, template, created_by, created_at, updated_at";

impl From<Row> for Template {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            name: row.name,
            system: false,
            format: row.format,
            template: serde_json::from_str(&row.template).unwrap_or_default(),
            created_by: Some(row.created_by),
            created_at: Some(row.created_at),
            updated_at: Some(row.updated_at),
        }
    }
}

impl From<&SystemTemplate> for Template {
    fn from(template: &SystemTemplate) -> Self {
        let document: Value = serde_json::from_str(template.template).unwrap_or_default();
        let text = |name| {
            document
                .get(name)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        Self {
            id: template.id.to_owned(),
            name: text("name").unwrap_or_else(|| template.id.to_owned()),
            system: true,
            format: text("format"),
            template: document,
            created_by: None,
            created_at: None,
            updated_at: None,
        }
    }
}

fn system(id: &str) -> Option<&'static SystemTemplate> {
    SYSTEM_TEMPLATES.iter().find(|template| template.id == id)
}

/// The account's template of this id. One of another account is as unknown as one that never was.
async fn find(id: &str, caller: &Caller, call: &Call<'_>) -> Result<Row, Problem> {
    let sql = format!("SELECT {COLUMNS} FROM templates WHERE account_id = ?1 AND id = ?2");
    let values = [(&caller.account_id).into(), id.into()];
    let row = call.store.first(&sql, &values).await?;
    row.ok_or_else(Problem::template_not_found)
}

/// A template as the engine takes it: the id of one that ships with it, or a whole one of the account.
pub(crate) async fn snapshot(id: &str, call: &Call<'_>) -> Result<Setting, Problem> {
    if system(id).is_some() {
        return Ok(Setting::Text(id.to_owned()));
    }
    let caller = call.anyone().ok_or_else(Problem::template_not_found)?;
    let row = find(id, caller, call).await?;
    Ok(Setting::from_json(row.template.as_bytes())?)
}

/// Puts the template that `template_id` names into options; gives the id.
pub(crate) async fn resolve(
    options: &mut Setting,
    call: &Call<'_>,
) -> Result<Option<String>, Problem> {
    let id = match options.remove("template_id") {
        None => return Ok(None),
        Some(Setting::Text(id)) => id,
        Some(_) => return Err(Problem::invalid_parameter("template_id", "is a text")),
    };
    if options.get("template").is_some() {
        return Err(two_templates());
    }
    options.insert("template", snapshot(&id, call).await?);
    Ok(Some(id))
}

/// An export has one template.
pub(crate) fn two_templates() -> Problem {
    Problem::contradictory("template", "template_id", "an export has one template")
}

/// `GET /v1/templates`: those that ship with the engine first, then the account's own, newest first.
pub(crate) async fn list(request: &Request, call: &Call<'_>) -> Result<Response, Problem> {
    let mut query = Query::of(&request.url()?)?;
    let page = query.page()?;
    query.finish()?;
    let (of_system, offset) = places(page, SYSTEM_TEMPLATES.len());
    let mut items: Vec<Template> = SYSTEM_TEMPLATES
        .get(of_system)
        .unwrap_or_default()
        .iter()
        .map(Template::from)
        .collect();
    let room = u64::from(page.page_size).saturating_sub(items.len() as u64);
    let account = &call.caller()?.account_id;
    let select = format!(
        "SELECT {COLUMNS} FROM templates WHERE account_id = ?1 ORDER BY created_at DESC, id LIMIT ?2 OFFSET ?3"
    );
    let count = "SELECT count(*) AS total FROM templates WHERE account_id = ?1";
    let results = call
        .store
        .batch(vec![
            call.store
                .statement(&select, &[account.into(), room.into(), offset.into()])?,
            call.store.statement(count, &[account.into()])?,
        ])
        .await?;
    let own: Vec<Row> = store::rows(&results, 0)?;
    items.extend(own.into_iter().map(Template::from));
    #[derive(Deserialize)]
    struct Count {
        total: u64,
    }
    let total: Vec<Count> = store::rows(&results, 1)?;
    let total = total.first().map_or(0, |count| count.total) + SYSTEM_TEMPLATES.len() as u64;
    answer::json(200, &List::new(items, page, total))
}

/// Which of `count` templates that come first a page holds, and how many of those behind them it passes over.
fn places(page: Page, count: usize) -> (std::ops::Range<usize>, u64) {
    let begin = page.offset();
    let end = begin + u64::from(page.page_size);
    let place = |number: u64| usize::try_from(number).unwrap_or(count).min(count);
    (place(begin)..place(end), begin.saturating_sub(count as u64))
}

/// `GET /v1/templates/:id`.
pub(crate) async fn read(
    id: &str,
    request: &Request,
    call: &Call<'_>,
) -> Result<Response, Problem> {
    query::refuse(request)?;
    match system(id) {
        Some(template) => answer::json(200, &Template::from(template)),
        None => answer::json(200, &Template::from(find(id, call.caller()?, call).await?)),
    }
}

/// A template that a request brings.
struct Given {
    name: String,
    format: Option<String>,
    document: String,
}

impl Given {
    async fn read(request: &mut Request) -> Result<Self, Problem> {
        query::refuse(request)?;
        let bytes = body::json_bytes(request, MAX_BODY).await?;
        Self::check(&Setting::from_json(&bytes)?)
    }

    /// Checks a template as an export would, which names the first mistake.
    fn check(document: &Setting) -> Result<Self, Problem> {
        if !matches!(document, Setting::Map(_)) {
            return Err(Problem::invalid_body("a template is an object"));
        }
        let name = match document.get("name") {
            Some(Setting::Text(name)) if !name.trim().is_empty() => name.clone(),
            _ => {
                return Err(Problem::invalid_parameter(
                    "name",
                    "is a text that is not empty",
                ));
            }
        };
        let mut options = Setting::Map(Vec::new());
        if document.get("format").is_none() && document.get("preset").is_none() {
            options.insert("format", Setting::Text("csv".into()));
        }
        options.insert("template", document.clone());
        tablecast::Request::for_http(&options, &Limits::default(), "1970-01-01T00:00:00Z")?;
        let format = document.get("format").and_then(Setting::as_text);
        Ok(Self {
            name,
            format: format.map(str::to_owned),
            document: document.to_json(),
        })
    }
}

/// `POST /v1/templates`.
pub(crate) async fn create(request: &mut Request, call: &Call<'_>) -> Result<Response, Problem> {
    let given = Given::read(request).await?;
    let caller = call.caller()?;
    let id = Uuid::new_v4().to_string();
    let now = call.now();
    let event = Event::of_call(call, caller, "template.create").on("template", &id);
    let insert = call.store.statement(
        "INSERT INTO templates (account_id, id, name, format, template, created_by, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
        &[
            (&caller.account_id).into(),
            (&id).into(),
            (&given.name).into(),
            (&given.format).into(),
            (&given.document).into(),
            (&caller.user_id).into(),
            now.into(),
        ],
    )?;
    let audit = event.statement(&call.store, "TRUE", &[])?;
    call.store.batch(vec![audit, insert]).await?;
    let row = find(&id, caller, call).await?;
    let response = answer::json(201, &Template::from(row))?;
    response
        .headers()
        .set("Location", &format!("/v1/templates/{id}"))?;
    Ok(response)
}

/// `PUT /v1/templates/:id`: exports that were asked for before keep the template that they were asked for with.
pub(crate) async fn replace(
    id: &str,
    request: &mut Request,
    call: &Call<'_>,
) -> Result<Response, Problem> {
    if system(id).is_some() {
        return Err(Problem::system_template());
    }
    let caller = call.caller()?;
    find(id, caller, call).await?;
    let given = Given::read(request).await?;
    let sql = "UPDATE templates SET name = ?3, format = ?4, template = ?5, updated_at = ?6
        WHERE account_id = ?1 AND id = ?2";
    let values = [
        (&caller.account_id).into(),
        id.into(),
        (&given.name).into(),
        (&given.format).into(),
        (&given.document).into(),
        call.now().into(),
    ];
    change(
        id,
        "template.update",
        call.store.statement(sql, &values)?,
        call,
    )
    .await?;
    answer::json(200, &Template::from(find(id, caller, call).await?))
}

/// `DELETE /v1/templates/:id`.
pub(crate) async fn delete(
    id: &str,
    request: &Request,
    call: &Call<'_>,
) -> Result<Response, Problem> {
    query::refuse(request)?;
    if system(id).is_some() {
        return Err(Problem::system_template());
    }
    let sql = "DELETE FROM templates WHERE account_id = ?1 AND id = ?2";
    let values = [(&call.caller()?.account_id).into(), id.into()];
    change(
        id,
        "template.delete",
        call.store.statement(sql, &values)?,
        call,
    )
    .await?;
    answer::nothing()
}

/// Changes one of the account's templates, and writes it down.
async fn change(
    id: &str,
    action: &'static str,
    statement: worker::D1PreparedStatement,
    call: &Call<'_>,
) -> Result<(), Problem> {
    let exists = "EXISTS (SELECT 1 FROM templates WHERE account_id = ?1 AND id = ?10)";
    let audit = Event::of_call(call, call.caller()?, action)
        .on("template", id)
        .with(json!({}))
        .statement(&call.store, exists, &[id.into()])?;
    let results = call.store.batch(vec![audit, statement]).await?;
    match results.last().map_or(Ok(0), store::changes)? {
        0 => Err(Problem::template_not_found()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(document: &str) -> Result<Given, Problem> {
        Given::check(&Setting::from_json(document.as_bytes()).unwrap())
    }

    #[test]
    fn a_template_is_checked_when_it_is_stored() {
        let given = check(r#"{"name":"List","format":"csv","column_mapping":{"a":"A"}}"#).unwrap();
        assert_eq!(
            (given.name.as_str(), given.format.as_deref()),
            ("List", Some("csv"))
        );
        assert!(check(r#"{"name":"Any"}"#).unwrap().format.is_none());
        assert!(check(r#"{"name":"Shop","preset":"excel-de"}"#).is_ok());
        for (document, code) in [
            ("[]", "INVALID_BODY"),
            ("{}", "INVALID_PARAMETER"),
            (r#"{"name":" "}"#, "INVALID_PARAMETER"),
            (r#"{"name":"x","format":"docx"}"#, "UNKNOWN_FORMAT"),
            (r#"{"name":"x","colour":"red"}"#, "UNKNOWN_TEMPLATE_FIELD"),
            (r#"{"name":"x","column_mapping":{"a":1}}"#, "INVALID_OPTION"),
        ] {
            assert_eq!(check(document).err().unwrap().code(), code, "{document}");
        }
    }

    #[test]
    fn system_templates_stand_before_all_others() {
        let page = |page, page_size| places(Page { page, page_size }, 5);
        assert_eq!(page(1, 20), (0..5, 0));
        assert_eq!(page(2, 20), (5..5, 15));
        assert_eq!(page(1, 2), (0..2, 0));
        assert_eq!(page(3, 2), (4..5, 0));
        assert_eq!(page(4, 2), (5..5, 1));
    }
}
