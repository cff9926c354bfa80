//! The one table of tools, and calling one.

use super::jobs;
use super::resources;
use super::schema::Schemas;
use crate::access::{self, Caller};
use crate::call::Call;
use crate::catalog::{self, Catalog};
use crate::problem::Problem;
use crate::routes::{self, Route};
use rmcp::model::{
    CallToolRequestParams, CallToolResult, ContentBlock, ErrorData, JsonObject, ToolAnnotations,
};
use serde_json::{Value, json};
use std::sync::{Arc, OnceLock};
use tablecast::Setting;

/// What answers a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Handler {
    ListResources,
    DescribeResource,
    ExportResource,
    ExportAgent,
    CreateExport,
    GetExport,
    ListExports,
}

/// A row of the table.
struct Tool {
    name: &'static str,
    title: &'static str,
    /// For models, which choose by it.
    description: &'static str,
    /// Method and path of the route that does the same. What this needs, the tool needs.
    route: (&'static str, &'static str),
    handler: Handler,
    /// Whether it only looks.
    reads: bool,
}

const TOOLS: [Tool; 7] = [
    Tool {
        name: "list_resources",
        title: "List resources",
        description: "Names the types of records that can be exported, each with the formats that it is offered in, and \
            whether one object of it is exported at a time, by its id.",
        route: ("GET", "/v1/resources"),
        handler: Handler::ListResources,
        reads: true,
    },
    Tool {
        name: "describe_resource",
        title: "Describe a resource",
        description: "Tells all about a type of records: its fields, the filters and switches that choose among them, its \
            formats, and the members of the object around the records.",
        route: ("GET", "/v1/resources"),
        handler: Handler::DescribeResource,
        reads: true,
    },
    Tool {
        name: "export_resource",
        title: "Export a resource",
        description: "Makes a file of the account's records at once and gives its text. A file of more than 256 KiB is \
            refused and never cut: narrow the filters, or ask for it with create_export.",
        route: ("GET", "/v1/resources/:type/export"),
        handler: Handler::ExportResource,
        reads: true,
    },
    Tool {
        name: "export_agent",
        title: "Export an agent",
        description: "Gives the definition of one agent as JSON: its workflow, trigger, alerts, criteria, policies, and the \
            names of all that it refers to, so that another account can import it.",
        route: ("GET", "/api/agents/:id/export"),
        handler: Handler::ExportAgent,
        reads: true,
    },
    Tool {
        name: "create_export",
        title: "Create an export",
        description: "Begins to make a file of the account's records in the background, and answers at once. Call \
            get_export with the id until the status is READY or FAILED. The file stays for 72 hours.",
        route: ("POST", "/v1/exports"),
        handler: Handler::CreateExport,
        reads: false,
    },
    Tool {
        name: "get_export",
        title: "Get an export",
        description: "Tells how far an export is: PENDING, PROCESSING, READY, FAILED or EXPIRED. Once it is READY, \
            download_url is the address of the file; it takes the same credentials as this server.",
        route: ("GET", "/v1/exports/:id"),
        handler: Handler::GetExport,
        reads: true,
    },
    Tool {
        name: "list_exports",
        title: "List exports",
        description: "Lists the account's exports, newest first, page by page.",
        route: ("GET", "/v1/exports"),
        handler: Handler::ListExports,
        reads: true,
    },
];

/// What a tool gives.
pub(super) struct Answer {
    /// What a person reads; `None`: the result as JSON.
    pub(super) text: Option<String>,
    pub(super) result: Value,
}

impl From<Value> for Answer {
    fn from(result: Value) -> Self {
        Self { text: None, result }
    }
}

impl Tool {
    /// A tool without a row in the table of routes is denied to everybody.
    fn route(&self) -> Result<&'static Route, Problem> {
        let (method, path) = self.route;
        let route = routes::row(method, path);
        route.ok_or_else(|| Problem::internal("a tool of a route that does not exist"))
    }

    fn described(&self, schemas: &Schemas) -> Option<rmcp::model::Tool> {
        let (input, output) = match self.handler {
            Handler::ListResources => (schemas.nothing(), schemas.outlines()),
            Handler::DescribeResource => (schemas.describe_resource(), schemas.resource()?),
            Handler::ExportResource => (schemas.export_resource()?, schemas.file()?),
            Handler::ExportAgent => (schemas.export_agent(), schemas.file()?),
            Handler::CreateExport => (schemas.create_export()?, schemas.export()?),
            Handler::GetExport => (schemas.get_export()?, schemas.export()?),
            Handler::ListExports => (schemas.list_exports()?, schemas.exports()?),
        };
        let annotations = ToolAnnotations::with_title(self.title)
            .read_only(self.reads)
            .destructive(false)
            .idempotent(self.reads)
            .open_world(false);
        let mut tool = rmcp::model::Tool::new(self.name, self.description, Arc::new(input));
        tool.title = Some(self.title.to_owned());
        tool.output_schema = Some(Arc::new(output));
        tool.annotations = Some(annotations);
        Some(tool)
    }

    /// `text` is that of the arguments, for tools that need all of their digits.
    async fn run(
        &self,
        arguments: JsonObject,
        text: &str,
        origin: &str,
        call: &Call<'_>,
    ) -> Result<Answer, Problem> {
        access::permit(self.route()?, call.caller()?, call).await?;
        match self.handler {
            Handler::ListResources => resources::list(arguments, call),
            Handler::DescribeResource => resources::describe(arguments, call),
            Handler::ExportResource => {
                resources::export(Setting::from_json(text.as_bytes())?, call).await
            }
            Handler::ExportAgent => resources::export_agent(arguments, call).await,
            Handler::CreateExport => {
                jobs::create(Setting::from_json(text.as_bytes())?, origin, call).await
            }
            Handler::GetExport => jobs::get(arguments, origin, call).await,
            Handler::ListExports => jobs::list(arguments, origin, call).await,
        }
    }
}

/// The tools that the caller may call, as clients see them.
pub(super) fn allowed(caller: &Caller, call: &Call<'_>) -> Result<Vec<rmcp::model::Tool>, Problem> {
    static DESCRIBED: OnceLock<Vec<rmcp::model::Tool>> = OnceLock::new();
    let all = match DESCRIBED.get() {
        Some(all) => all,
        None => {
            let described = described(catalog::of(call.env)?);
            let described = described
                .ok_or_else(|| Problem::internal("the description of tools is damaged"))?;
            DESCRIBED.get_or_init(|| described)
        }
    };
    let mut allowed = Vec::new();
    for (tool, described) in TOOLS.iter().zip(all) {
        if access::allows(tool.route()?, caller) {
            allowed.push(described.clone());
        }
    }
    Ok(allowed)
}

fn described(catalog: &Catalog) -> Option<Vec<rmcp::model::Tool>> {
    let schemas = Schemas::read(catalog)?;
    TOOLS.iter().map(|tool| tool.described(&schemas)).collect()
}

/// Calls a tool. What goes wrong with it is a result too, which a model can learn from.
///
/// # Errors
///
/// There is no such tool.
pub(super) async fn call(
    wanted: CallToolRequestParams,
    text: Option<String>,
    origin: &str,
    call: &Call<'_>,
) -> Result<CallToolResult, ErrorData> {
    let Some(tool) = TOOLS.iter().find(|tool| tool.name == wanted.name) else {
        let names = TOOLS.map(|tool| tool.name).join(", ");
        let reason = format!("There is no tool `{}`; there are {names}.", wanted.name);
        return Err(ErrorData::invalid_params(reason, None));
    };
    let arguments = wanted.arguments.unwrap_or_default();
    let text = text.unwrap_or_default();
    // Arguments that are null are none.
    let text = match text.as_str() {
        "" | "null" => "{}",
        text => text,
    };
    let (result, error) = match tool.run(arguments, text, origin, call).await {
        Ok(answer) => {
            let text = answer.text.unwrap_or_else(|| answer.result.to_string());
            let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
            result.structured_content = Some(answer.result);
            (result, None)
        }
        Err(problem) => {
            // Not as structured content: that has the shape of what a tool gives where nothing goes wrong.
            let text = problem.for_models().to_string();
            let result = CallToolResult::error(vec![ContentBlock::text(text)]);
            (result, Some(problem))
        }
    };
    let line = json!({
        "request_id": call.request_id,
        "tool": tool.name,
        "error": error.as_ref().map(Problem::code),
        "cause": error.as_ref().and_then(Problem::cause),
    });
    match error.is_some_and(|problem| problem.status() >= 500) {
        true => worker::console_error!("{line}"),
        false => worker::console_log!("{line}"),
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_stands_for_a_route() {
        for tool in &TOOLS {
            assert!(tool.route().is_ok(), "{}", tool.name);
        }
    }

    #[test]
    fn every_tool_is_described_by_schemas_of_objects() {
        let described = described(&Catalog::shipped()).unwrap();
        assert_eq!(described.len(), TOOLS.len());
        for tool in described {
            let output = tool.output_schema.unwrap();
            for schema in [&tool.input_schema, &output] {
                assert_eq!(schema["type"], "object", "{}", tool.name);
                let text = Value::Object((**schema).clone()).to_string();
                assert!(!text.contains("$ref"), "{}: {text}", tool.name);
            }
        }
    }

    #[test]
    fn the_names_of_tools_are_their_own() {
        for (number, tool) in TOOLS.iter().enumerate() {
            let place = TOOLS.iter().position(|other| other.name == tool.name);
            assert_eq!(place, Some(number));
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
            assert!(tool.name.bytes().all(plain), "{}", tool.name);
        }
    }
}
