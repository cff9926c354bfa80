//! `POST /v1/exports`: what was asked for is checked, written down, and handed to the queue.

use super::record::{self, COLUMNS, Row};
use super::request::Wanted;
use crate::access::hex;
use crate::answer;
use crate::audit::{Event, Rate};
use crate::body::{self, Body, max_body_bytes};
use crate::call::Call;
use crate::jobs;
use crate::moment::{HOUR, Moment};
use crate::problem::Problem;
use crate::query::Query;
use crate::store::{self, Bind};
use crate::upload::{self, Upload};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tablecast::{DocumentHead, HeaderScan, Limits, Setting, Source};
use uuid::Uuid;
use worker::{D1PreparedStatement, Headers, Request, Response};

/// How long an `Idempotency-Key` holds.
const KEY_LIFETIME: i64 = 24 * HOUR;

const ROUTE: &str = "POST /v1/exports";

/// A request for an export, read to its end.
struct Asked {
    wanted: Wanted,
    /// The object that holds the data of the request, and the member of the document that they stand in.
    input: Option<(String, String)>,
    /// SHA-256 of the query and the body.
    hash: String,
}

/// The text of a request, as far as it was read.
#[derive(Default)]
struct Text {
    hash: Sha256,
    /// It was read to its end.
    is_whole: bool,
}

impl Text {
    fn read(&mut self, piece: impl AsRef<[u8]>) {
        self.hash.update(piece);
    }

    /// SHA-256 of the query and the body.
    fn hash(self) -> String {
        hex(&self.hash.finalize())
    }
}

/// Answers the route.
pub(crate) async fn create(request: &mut Request, call: &Call<'_>) -> Result<Response, Problem> {
    let key = idempotency_key(request.headers())?;
    let id = Uuid::new_v4().to_string();
    let now = call.now();
    let mut text = Text::default();
    let row = match ask(request, &id, now, &mut text, call).await {
        Ok((wanted, input)) => {
            call.hooks.reach("create.input").await?;
            let hash = text.hash();
            let asked = Asked {
                wanted,
                input,
                hash,
            };
            begin(&id, now, &asked, key.as_deref(), call).await?
        }
        Err(problem) if text.is_whole => {
            let earlier = earlier(key.as_deref(), &text.hash(), now, call).await?;
            earlier.ok_or(problem)?
        }
        Err(problem) => return Err(problem),
    };
    let response = answer::json(202, &row.export(call.now()))?;
    response
        .headers()
        .set("Location", &format!("/v1/exports/{}", row.id))?;
    Ok(response)
}

/// The same for what a body without data would say. Gives the export.
pub(crate) async fn create_from_options(
    options: Setting,
    key: Option<String>,
    call: &Call<'_>,
) -> Result<Value, Problem> {
    let id = Uuid::new_v4().to_string();
    let now = call.now();
    let hash = hex(&Sha256::digest(options.to_json()));
    let row = match Wanted::from_head(options, None, call, &now.iso()).await {
        Ok(wanted) => {
            let asked = Asked {
                wanted,
                input: None,
                hash,
            };
            begin(&id, now, &asked, key.as_deref(), call).await?
        }
        Err(problem) => {
            let earlier = earlier(key.as_deref(), &hash, now, call).await?;
            earlier.ok_or(problem)?
        }
    };
    Ok(json!(row.export(call.now())))
}

/// Writes down what was asked for, and has the work begin unless it was asked for before.
async fn begin(
    id: &str,
    now: Moment,
    asked: &Asked,
    key: Option<&str>,
    call: &Call<'_>,
) -> Result<Row, Problem> {
    let made = insert(id, now, asked, key, call).await;
    // Where the database failed, the row may have been written all the same, and then somebody reads the data.
    let is_refused = match &made {
        Ok((_, is_new)) => !is_new,
        Err(problem) => problem.status() < 500,
    };
    if is_refused && let Some((input_key, _)) = &asked.input {
        // Nobody will read these data. Where this fails, the search for orphans finds them.
        let _ = upload::bucket(call.env)?.delete(input_key).await;
    }
    let (row, is_new) = made?;
    if is_new {
        call.hooks.reach("create.row").await?;
        jobs::announce(id, call.env).await;
        call.hooks.reach("create.sent").await?;
    }
    Ok(row)
}

/// The key of a request that may be sent again (draft-ietf-httpapi-idempotency-key-header).
fn idempotency_key(headers: &Headers) -> Result<Option<String>, Problem> {
    checked_key("Idempotency-Key", headers.get("Idempotency-Key")?)
}

/// The key, if it is a plain one. `name` is where it stands.
pub(crate) fn checked_key(name: &str, key: Option<String>) -> Result<Option<String>, Problem> {
    let is_plain = |key: &String| {
        (1..=255).contains(&key.len()) && key.bytes().all(|b| matches!(b, b' '..=b'~'))
    };
    match key {
        Some(key) if !is_plain(&key) => {
            let reason = "has 1 to 255 characters of ASCII";
            Err(Problem::invalid_parameter(name, reason))
        }
        key => Ok(key),
    }
}

/// What was asked for, and the object and the member that its data are in.
type Received = (Wanted, Option<(String, String)>);

/// Reads the request to its end; data go into the bucket as they come in.
async fn ask(
    request: &mut Request,
    id: &str,
    now: Moment,
    text: &mut Text,
    call: &Call<'_>,
) -> Result<Received, Problem> {
    let url = request.url()?;
    text.read(url.query().unwrap_or_default());
    let query = Query::of(&url)?;
    if !body::is_present(request)? {
        text.is_whole = true;
        let wanted = Wanted::from_query(query, &now.iso(), call).await?;
        return Ok((wanted, None));
    }
    let mut body = Body::open(request, max_body_bytes(call.env))?;
    let received = if !query.is_empty() {
        Err(Problem::query_and_body())
    } else if body.source() != Source::Json {
        Err(Problem::unsupported_media_type(
            "The body has to be application/json.",
        ))
    } else {
        receive(&mut body, id, now, text, call).await
    };
    if received.is_err() {
        body.drain().await;
    }
    received
}

/// Reads a body: the options at its start, and the data behind them, whose syntax is checked on the way.
async fn receive(
    body: &mut Body,
    id: &str,
    now: Moment,
    text: &mut Text,
    call: &Call<'_>,
) -> Result<Received, Problem> {
    let limits = Limits::default();
    let mut head = DocumentHead::new(&limits).with_optional_data();
    let found = loop {
        if let Some(found) = head.read()? {
            break found;
        }
        match body.next().await? {
            Some(piece) => {
                text.read(piece);
                head.push_bytes(piece)?;
            }
            None => head.end_input(),
        }
    };
    text.is_whole = found.member.is_none();
    let wanted =
        Wanted::from_head(found.options, found.member.as_deref(), call, &now.iso()).await?;
    let Some(member) = found.member else {
        return Ok((wanted, None));
    };
    let key = format!("inputs/{}/{id}", call.caller()?.account_id);
    let mut file = Upload::new(upload::bucket(call.env)?, &*key, "application/json");
    let received = match store_data(body, &mut file, &head, &wanted, text).await {
        Ok(()) => file.finish().await,
        Err(problem) => Err(problem),
    };
    match received {
        Ok(_) => Ok((wanted, Some((key, member)))),
        Err(problem) => {
            file.abandon().await;
            Err(problem)
        }
    }
}

async fn store_data(
    body: &mut Body,
    file: &mut Upload,
    head: &DocumentHead,
    wanted: &Wanted,
    text: &mut Text,
) -> Result<(), Problem> {
    let mut scan = HeaderScan::new(&wanted.request);
    scan.push_bytes(head.bytes())?;
    file.write(head.bytes()).await?;
    while let Some(piece) = body.next().await? {
        text.read(piece);
        scan.push_bytes(piece)?;
        file.write(piece).await?;
    }
    scan.finish()?;
    Ok(())
}

/// The export that the same request with this key made before. It is looked for where the request could make none any
/// more: what it is about may be gone since then.
async fn earlier(
    key: Option<&str>,
    hash: &str,
    now: Moment,
    call: &Call<'_>,
) -> Result<Option<Row>, Problem> {
    #[derive(Deserialize)]
    struct Earlier {
        export_id: String,
    }
    let Some(key) = key else {
        return Ok(None);
    };
    let caller = call.caller()?;
    let sql = "SELECT export_id FROM idempotency_keys WHERE account_id = ?1 AND user_id = ?2 AND route = ?3 AND key = ?4
        AND request_hash = ?5 AND expires_at > ?6";
    let values = [
        (&caller.account_id).into(),
        (&caller.user_id).into(),
        ROUTE.into(),
        key.into(),
        hash.into(),
        now.into(),
    ];
    let found: Option<Earlier> = call.store.first(sql, &values).await?;
    match found {
        Some(earlier) => record::find(&earlier.export_id, call).await.map(Some),
        None => Ok(None),
    }
}

/// Writes the export, its key and its line of the trail, all or nothing. Gives the export, which is an older one where
/// the key names it, and whether it is new.
async fn insert(
    id: &str,
    now: Moment,
    asked: &Asked,
    key: Option<&str>,
    call: &Call<'_>,
) -> Result<(Row, bool), Problem> {
    let caller = call.caller()?;
    let most_active = call.number("MAX_ACTIVE_EXPORTS", 100);
    let rate = Rate::of(call, &caller.account_id);
    let store = &call.store;
    let room = |first: usize| {
        format!(
            "(SELECT count(*) FROM exports WHERE account_id = ?1 AND status IN ('PENDING', 'PROCESSING')) < ?{first}
             AND {}",
            Rate::condition(first + 1)
        )
    };
    let mut room_values: Vec<Bind<'_>> = vec![most_active.into()];
    room_values.extend(rate.values());

    let mut batch = Vec::new();
    if let Some(key) = key {
        let of_key: [Bind<'_>; 4] = [
            (&caller.account_id).into(),
            (&caller.user_id).into(),
            ROUTE.into(),
            key.into(),
        ];
        let mut values = of_key.to_vec();
        values.push(now.into());
        batch.push(store.statement(
            "DELETE FROM idempotency_keys
             WHERE account_id = ?1 AND user_id = ?2 AND route = ?3 AND key = ?4 AND expires_at <= ?5",
            &values,
        )?);
        let mut values = of_key.to_vec();
        let end = Moment(now.0 + KEY_LIFETIME);
        values.extend::<[Bind<'_>; 3]>([(&asked.hash).into(), id.into(), end.into()]);
        values.extend_from_slice(&room_values);
        batch.push(store.statement(
            &format!(
                "INSERT OR IGNORE INTO idempotency_keys (account_id, user_id, route, key, request_hash, export_id, expires_at)
                 SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE {}",
                room(8)
            ),
            &values,
        )?);
    }
    let (condition, values) = match key {
        // The row of the key was written only where there was room, and only by the first of equal requests.
        Some(key) => {
            let sql = "EXISTS (SELECT 1 FROM idempotency_keys WHERE account_id = ?1 AND user_id = ?3 AND route = ?17
                AND key = ?18 AND export_id = ?2)";
            (sql.to_owned(), vec![ROUTE.into(), key.into()])
        }
        None => (room(17), room_values),
    };
    let export_number = batch.len();
    batch.push(row_statement(id, now, asked, &condition, &values, call)?);
    let exists = "EXISTS (SELECT 1 FROM exports WHERE account_id = ?1 AND id = ?10)";
    let event = Event::of_call(call, caller, "export.create")
        .on("export", id)
        .with(json!({
            "format": asked.wanted.format,
            "resource": asked.wanted.resource,
            "resource_id": asked.wanted.resource_id,
        }));
    batch.push(event.statement(store, exists, &[id.into()])?);
    if let Some(key) = key {
        batch.push(store.statement(
            "SELECT request_hash, export_id FROM idempotency_keys
             WHERE account_id = ?1 AND user_id = ?2 AND route = ?3 AND key = ?4",
            &[
                (&caller.account_id).into(),
                (&caller.user_id).into(),
                ROUTE.into(),
                key.into(),
            ],
        )?);
    }
    let results = store.batch(batch).await?;
    call.hooks.reach("create.written").await?;
    if let Some(row) = store::rows(&results, export_number)?.pop() {
        return Ok((row, true));
    }
    #[derive(Deserialize)]
    struct Earlier {
        request_hash: String,
        export_id: String,
    }
    let earlier: Option<Earlier> = match key {
        Some(_) => store::rows(&results, export_number + 2)?.pop(),
        None => None,
    };
    match earlier {
        Some(earlier) if earlier.request_hash == asked.hash => {
            Ok((record::find(&earlier.export_id, call).await?, false))
        }
        Some(_) => Err(Problem::idempotency_key_reused()),
        None if rate.is_exceeded(store).await? => Err(rate.exceeded(store).await?),
        None => Err(Problem::too_many_active_exports(most_active)),
    }
}

/// The statement that writes the export, and gives it back, under a condition, whose values begin at `?17`.
fn row_statement(
    id: &str,
    now: Moment,
    asked: &Asked,
    condition: &str,
    values: &[Bind<'_>],
    call: &Call<'_>,
) -> Result<D1PreparedStatement, Problem> {
    let caller = call.caller()?;
    let wanted = &asked.wanted;
    let filters = &wanted.filters;
    let source = wanted.source.as_ref().map(tablecast::Setting::to_json);
    let options = wanted.options.to_json();
    let (input_key, member) = match &asked.input {
        Some((key, member)) => (Some(key.as_str()), Some(member.as_str())),
        None => (None, None),
    };
    let sql = format!(
        "INSERT INTO exports (account_id, id, created_by, status, format, resource, filters, source, template_id,
           options, input_key, input_member, created_at, updated_at, file_name, content_type, content_disposition, resource_id)
         SELECT ?1, ?2, ?3, 'PENDING', ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12, ?13, ?14, ?15, ?16 WHERE {condition}
         RETURNING {COLUMNS}"
    );
    let mut bound: Vec<Bind<'_>> = vec![
        (&caller.account_id).into(),
        id.into(),
        (&caller.user_id).into(),
        wanted.format.into(),
        (&wanted.resource).into(),
        filters.into(),
        (&source).into(),
        (&wanted.template_id).into(),
        (&options).into(),
        input_key.into(),
        member.into(),
        now.into(),
        (&wanted.file.name).into(),
        (&wanted.file.content_type).into(),
        (&wanted.file.content_disposition).into(),
        (&wanted.resource_id).into(),
    ];
    bound.extend_from_slice(values);
    call.store.statement(&sql, &bound)
}
