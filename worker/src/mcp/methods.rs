//! What a request asks for: the server itself, the list of tools, a call.

use super::message::Request;
use super::tools;
use super::version::{self, Era};
use crate::call::Call;
use crate::problem::Problem;
use rmcp::model::{
    CacheScope, CallToolRequestParams, DiscoverResult, ErrorCode, ErrorData, Implementation,
    InitializeResult, JsonObject, ListToolsResult, MetaObject, PaginatedRequestParams,
    ProtocolVersion, ResultType, ServerCapabilities, ToolsCapability,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How long clients may keep what the server says about itself and its tools, which changes with deployments.
const KEPT_MS: u64 = 300_000;

/// What a model is told about all of the tools together.
const INSTRUCTIONS: &str = "Exports the account's records as files. list_resources names the types of records, and \
    describe_resource tells the fields, filters and formats of one. export_resource gives a small file at once, in its \
    answer. For a larger one call create_export, and then get_export until the status is READY: download_url is fetched \
    with the same credentials as this server. export_agent gives the definition of one agent.";

/// Does what a request asks for. The methods that there are differ between revisions.
pub(super) async fn result(
    asked: Request,
    era: Era,
    origin: &str,
    call: &Call<'_>,
) -> Result<Value, ErrorData> {
    match (asked.method.as_str(), era) {
        ("initialize", Era::Handshake) => value(initialized(&read(asked.params)?)),
        ("ping", Era::Handshake) => Ok(json!({})),
        ("server/discover", Era::Stateless) => value(discovered()),
        ("tools/list", _) => value(listed(&read(asked.params)?, era, call)?),
        ("tools/call", _) => {
            let wanted: CallToolRequestParams = read(asked.params)?;
            let mut result = tools::call(wanted, asked.arguments, origin, call).await?;
            result.result_type = result_type(era);
            result.meta = meta(era);
            value(result)
        }
        (method, _) => {
            let message = format!("There is no method `{method}`.");
            Err(ErrorData::new(ErrorCode::METHOD_NOT_FOUND, message, None))
        }
    }
}

/// What a handshake brings. The client's capabilities matter to nobody here, and reading them by the types of the protocol
/// would make the program 16 KiB larger.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Handshake {
    protocol_version: ProtocolVersion,
    #[serde(rename = "capabilities")]
    _capabilities: JsonObject,
    #[serde(rename = "clientInfo")]
    _client_info: Implementation,
}

/// The answer to a handshake. Nothing is remembered of it.
fn initialized(wanted: &Handshake) -> InitializeResult {
    InitializeResult::new(capabilities())
        .with_protocol_version(version::agreed(&wanted.protocol_version))
        .with_server_info(server())
        .with_instructions(INSTRUCTIONS)
}

fn discovered() -> DiscoverResult {
    let mut result = DiscoverResult::new(version::SUPPORTED.to_vec(), capabilities())
        .with_server_info(server())
        .with_ttl_ms(KEPT_MS)
        .with_cache_scope(CacheScope::Public);
    result.instructions = Some(INSTRUCTIONS.to_owned());
    result
}

/// The tools that the caller may call.
fn listed(
    page: &PaginatedRequestParams,
    era: Era,
    call: &Call<'_>,
) -> Result<ListToolsResult, ErrorData> {
    if page.cursor.is_some() {
        let reason = "There is no such cursor: all tools come at once.";
        return Err(ErrorData::invalid_params(reason, None));
    }
    let caller = call.caller().map_err(internal)?;
    let tools = tools::allowed(caller, call).map_err(internal)?;
    let mut result = ListToolsResult::with_all_items(tools);
    result.result_type = result_type(era);
    result.meta = meta(era);
    if era == Era::Stateless {
        result.ttl_ms = Some(KEPT_MS);
        result.cache_scope = Some(CacheScope::Private);
    }
    Ok(result)
}

fn capabilities() -> ServerCapabilities {
    let mut capabilities = ServerCapabilities::default();
    capabilities.tools = Some(ToolsCapability::default());
    capabilities
}

fn server() -> Implementation {
    Implementation::new("tablecast", env!("CARGO_PKG_VERSION"))
}

/// Every result says since 2026-07-28 whether it is complete.
fn result_type(era: Era) -> Option<ResultType> {
    (era == Era::Stateless).then_some(ResultType::COMPLETE)
}

/// Every result says since 2026-07-28 which server it comes from, as there is no handshake that did.
fn meta(era: Era) -> Option<MetaObject> {
    let mut meta = MetaObject::new();
    meta.insert("io.modelcontextprotocol/serverInfo".into(), json!(server()));
    (era == Era::Stateless).then_some(meta)
}

fn read<T: DeserializeOwned>(params: JsonObject) -> Result<T, ErrorData> {
    serde_json::from_value(Value::Object(params)).map_err(|error| {
        let reason = format!("`params` is not what it has to be: {error}.");
        ErrorData::invalid_params(reason, None)
    })
}

fn value(result: impl Serialize) -> Result<Value, ErrorData> {
    serde_json::to_value(result).map_err(|error| internal(Problem::internal(&error.to_string())))
}

/// Something failed on our side: the cause is for the log.
fn internal(problem: Problem) -> ErrorData {
    let line = json!({"error": problem.code(), "cause": problem.cause()});
    worker::console_error!("{line}");
    ErrorData::internal_error(problem.message().to_owned(), None)
}
