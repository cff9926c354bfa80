//! The resources of the catalog: which there are, and files of them that are made while the request is answered.

use crate::answer;
use crate::audit::{Event, Rate};
use crate::call::Call;
use crate::catalog;
use crate::chosen::{Chosen, ENVELOPE};
use crate::flow::Flow;
use crate::problem::Problem;
use crate::query::{self, List, Query};
use crate::records::Source;
use crate::routes::Parameters;
use crate::templates;
use serde_json::{Value, json};
use tablecast::{Exporter, FORMATS, Limits, Resource, Setting, Surface};
use worker::js_sys;
use worker::{Request, Response};

/// The type that `GET /api/agents/:id/export` gives.
pub(crate) const AGENT: &str = "agent_definition";

/// The type that `GET /api/export` gives.
const ACCOUNT: &str = "account";

/// The options of a file, beside the blocks of the formats. What the input is, is no business of the caller.
pub(crate) const OPTIONS: [&str; 11] = [
    "format",
    "filename",
    "columns",
    "template",
    "template_id",
    "preset",
    "flatten",
    "strict",
    ENVELOPE,
    "fallback",
    "time_zone",
];

/// `GET /v1/resources`: all types, as their definitions describe them.
pub(crate) fn list(request: &Request, call: &Call<'_>) -> Result<Response, Problem> {
    let mut query = Query::of(&request.url()?)?;
    let page = query.page_of(100)?;
    query.finish()?;
    let catalog = catalog::of(call.env)?;
    let all = catalog.resources().count();
    let items = catalog
        .resources()
        .skip(usize::try_from(page.offset()).unwrap_or(usize::MAX));
    let items = items.take(page.page_size as usize);
    let items: Vec<Value> = items.map(described).collect::<Result<_, _>>()?;
    answer::json(200, &List::new(items, page, all as u64))
}

/// A type as its definition describes it.
pub(crate) fn described(resource: &Resource) -> Result<Value, Problem> {
    let description = serde_json::from_str(&resource.describe().to_json());
    description.map_err(|error| Problem::internal(&error.to_string()))
}

/// `GET /v1/resources/:type/export` and `GET /v1/resources/:type/:id/export`.
pub(crate) async fn export(
    parameters: Parameters<'_>,
    request: &Request,
    call: &Call<'_>,
) -> Result<Response, Problem> {
    let name = decoded(parameters.resource.unwrap_or_default()).unwrap_or_default();
    let catalog = catalog::of(call.env)?;
    let resource = catalog.find(&name)?;
    send(resource, parameters.id, request, call).await
}

/// `GET /api/agents/:id/export`.
pub(crate) async fn export_agent(
    id: &str,
    request: &Request,
    call: &Call<'_>,
) -> Result<Response, Problem> {
    let catalog = catalog::of(call.env)?;
    send(catalog.find(AGENT)?, Some(id), request, call).await
}

/// `GET /api/export`: all data of the calling user.
pub(crate) async fn export_account(
    request: &Request,
    call: &Call<'_>,
) -> Result<Response, Problem> {
    query::refuse(request)?;
    let catalog = catalog::of(call.env)?;
    send(catalog.find(ACCOUNT)?, None, request, call).await
}

/// Answers with a file of a resource.
async fn send(
    resource: &Resource,
    id: Option<&str>,
    request: &Request,
    call: &Call<'_>,
) -> Result<Response, Problem> {
    let mut query = Query::of(&request.url()?)?;
    // What is no text is the id of nothing.
    let id = match id {
        None => None,
        Some(id) => Some(decoded(id).ok_or_else(Problem::resource_not_found)?),
    };
    let chosen = Chosen::from_query(resource, id, &mut query)?;
    let parameters = query.rest();
    check_names(parameters.iter().map(|(name, _)| name.as_str()), resource)?;
    let options = Setting::from_query(parameters)?;
    let flow = begin(&chosen, options, Surface::Query, call).await?;
    flow.answer(call)
}

/// Makes the first piece of a file, and writes down that somebody asked for it. `options` are those of the file, under
/// the names of [`OPTIONS`] and of the formats.
pub(crate) async fn begin(
    chosen: &Chosen<'_>,
    mut options: Setting,
    surface: Surface,
    call: &Call<'_>,
) -> Result<Flow<Source>, Problem> {
    let now = call.now().iso();
    let caller = call.caller()?;
    let resource = chosen.resource;
    templates::resolve(&mut options, call).await?;
    chosen.complete(&mut options, caller, &now, call.env)?;
    let option = catalog::of(call.env)?.option(resource);
    let options = chosen.request_options(&options, option);
    let mut request = tablecast::Request::new(&options, surface)?;
    *request.limits_mut() = request.limits_mut().within(&Limits::default());
    request.set_default_now(&now);
    request.set_source(Source::KIND);
    Rate::of(call, &caller.account_id)
        .admit(&call.store)
        .await?;
    let scope = chosen.scope(&caller.account_id, &caller.user_id, now);
    let mut source = Source::new(chosen.plan(), scope, call.env)?;
    source.check_object().await?;
    let mut flow = Flow::new(source, Exporter::new(request));
    flow.advance().await?;
    let event = match resource.name.as_str() {
        ACCOUNT => Event::of_call(call, caller, "account.export").on("user", &caller.user_id),
        name => {
            let id = chosen.id.as_deref();
            Event::of_call(call, caller, "export.stream")
                .on("resource", id.unwrap_or(name))
                .with(json!({
                    "resource": name,
                    "resource_id": id,
                    "content_type": flow.file().content_type,
                }))
        }
    };
    event.record_within_rate(call).await?;
    Ok(flow)
}

/// Checks that these are names of options, where filters and switches were taken out before.
pub(crate) fn check_names<'a>(
    mut names: impl Iterator<Item = &'a str>,
    resource: &Resource,
) -> Result<(), Problem> {
    let is_known = |name: &str| {
        let block = name.split('.').next().unwrap_or_default();
        OPTIONS.contains(&block) || FORMATS.iter().any(|format| format.id == block)
    };
    if let Some(name) = names.find(|name| !is_known(name)) {
        let filters = resource.filters.iter().map(|filter| filter.name.as_str());
        let switches = resource.switches.iter().map(|switch| switch.name.as_str());
        let blocks = FORMATS.iter().map(|format| format.id);
        let known: Vec<_> = filters
            .chain(switches)
            .chain(OPTIONS)
            .chain(blocks)
            .collect();
        return Err(Problem::unknown_parameter(name, &known));
    }
    Ok(())
}

/// A segment of a path without its percent-encoding; `None` where that is broken.
fn decoded(segment: &str) -> Option<String> {
    js_sys::decode_uri_component(segment).ok().map(String::from)
}
