//! Errors as problem documents (RFC 9457), and the one map from engine codes to statuses.
//!
//! `service.rs` has the problems that the service itself finds.

mod service;

use serde::Serialize;
use serde_json::{Map, Value, json};
use tablecast::{Error, ErrorKind, Report, Warning};
use worker::Response;

/// An error as a response.
#[derive(Debug)]
pub(crate) struct Problem {
    document: Box<Document>,
    headers: Vec<(&'static str, String)>,
    /// What failed on our side, for the log alone.
    cause: Option<String>,
}

/// The members in the order in which they are sent; absent ones are left out.
#[derive(Debug, Serialize)]
struct Document {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
    /// The stable code, in upper case.
    error: String,
    /// The same as `detail`, under the name that JSON clients of this API expect.
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<u64>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    details: Map<String, Value>,
    /// What is wrong with a document, one by one, with the lines and columns of the echo.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<Value>,
    /// A document that is wrong, written anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    echo: Option<String>,
}

/// The status for an error code of the engine.
pub(crate) fn status_of(code: &str) -> u16 {
    match code {
        "invalid_json" | "invalid_csv" => 400,
        "limit_exceeded" | "out_of_memory" => 413,
        "not_tabular"
        | "late_column"
        | "columns_after_rows"
        | "unknown_format"
        | "unknown_option"
        | "unknown_resource"
        | "invalid_definition"
        | "invalid_option"
        | "contradictory_options"
        | "unknown_template_field"
        | "unknown_preset"
        | "unknown_template"
        | "template_format_mismatch"
        | "format_not_offered"
        | "not_a_document"
        | "late_member"
        | "unknown_time_zone"
        | "strict"
        | "options_after_data" => 422,
        "format_not_built" | "time_zone_not_loaded" => 501,
        _ => 500,
    }
}

impl Problem {
    fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let document = Box::new(Document {
            // The code says which problem it is; there are no pages about single problems to link to.
            r#type: "about:blank",
            title: title(status),
            status,
            detail: message.clone(),
            error: code.to_ascii_uppercase(),
            message,
            hint: None,
            line: None,
            column: None,
            row: None,
            details: Map::new(),
            problems: Vec::new(),
            echo: None,
        });
        Self {
            document,
            headers: Vec::new(),
            cause: None,
        }
    }

    fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The code in upper case, which is all that a log may hold: messages quote the input.
    pub(crate) fn code(&self) -> &str {
        &self.document.error
    }

    pub(crate) fn status(&self) -> u16 {
        self.document.status
    }

    /// What failed on our side, for the log.
    pub(crate) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The sentence for a person.
    pub(crate) fn message(&self) -> &str {
        &self.document.message
    }

    /// What a model needs to do better the next time: the members of the document but those that are for HTTP.
    pub(crate) fn for_models(&self) -> Value {
        let mut document = members(json!(self.document));
        for name in ["type", "title", "detail"] {
            document.shift_remove(name);
        }
        for (name, value) in &self.headers {
            if *name == "Retry-After" {
                document.insert("retry_after".into(), json!(value));
            }
        }
        Value::Object(document)
    }

    pub(crate) fn into_response(self) -> worker::Result<Response> {
        let response = Response::from_json(&self.document)?.with_status(self.document.status);
        let headers = response.headers();
        headers.set("Content-Type", "application/problem+json")?;
        headers.set("Cache-Control", "no-store")?;
        headers.set("X-Content-Type-Options", "nosniff")?;
        for (name, value) in &self.headers {
            headers.set(name, value)?;
        }
        Ok(response)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let status = status_of(error.code());
        if status == 500 {
            // A mistake of ours in calling the engine.
            return Self::internal(&error.to_string());
        }
        let location = error.location();
        let mut problem = Self::new(status, error.code(), error.to_string());
        problem.document.hint = error.hint();
        problem.document.line = location.line;
        problem.document.column = location.column;
        problem.document.row = location.row;
        problem.document.details = details(error.kind());
        problem
    }
}

/// What the runtime reports is for the log, not for the caller.
impl From<worker::Error> for Problem {
    fn from(error: worker::Error) -> Self {
        Self::internal(&error.to_string())
    }
}

impl From<serde_wasm_bindgen::Error> for Problem {
    fn from(error: serde_wasm_bindgen::Error) -> Self {
        Self::internal(&error.to_string())
    }
}

/// What a program needs to react, as data.
fn details(kind: &ErrorKind) -> Map<String, Value> {
    members(match kind {
        ErrorKind::LateColumn { name } => json!({"column": name}),
        ErrorKind::UnknownFormat { name, nearest } => json!({"format": name, "nearest": nearest}),
        ErrorKind::UnknownPreset {
            name,
            nearest,
            known,
        } => json!({"preset": name, "nearest": nearest, "known": known}),
        ErrorKind::UnknownTemplate {
            name,
            nearest,
            known,
        } => json!({"template": name, "nearest": nearest, "known": known}),
        ErrorKind::UnknownResource {
            name,
            nearest,
            known,
        } => json!({"resource": name, "nearest": nearest, "known": known}),
        ErrorKind::InvalidDefinition { name, problems } => {
            let problems: Vec<_> = problems
                .iter()
                .map(|problem| json!({"path": problem.path, "message": problem.message}))
                .collect();
            json!({"resource": name, "problems": problems})
        }
        ErrorKind::Strict { warnings } => {
            let warnings: Vec<_> = warnings.iter().map(warning_document).collect();
            json!({"warnings": warnings})
        }
        ErrorKind::FormatNotBuilt { id } => json!({"format": id}),
        ErrorKind::FormatNotOffered {
            id,
            resource,
            offered,
        } => json!({"format": id, "resource": resource, "offered": offered}),
        ErrorKind::LateMember { path, .. } => json!({"member": path}),
        ErrorKind::UnknownOption {
            path,
            nearest,
            known,
        } => json!({"option": path, "nearest": nearest, "known": known}),
        ErrorKind::InvalidOption { path, .. } => json!({"option": path}),
        ErrorKind::ContradictoryOptions { first, second, .. } => {
            json!({"options": [first, second]})
        }
        ErrorKind::UnknownTemplateField {
            name,
            nearest,
            known,
        } => json!({"field": name, "nearest": nearest, "known": known}),
        ErrorKind::TemplateFormatMismatch {
            template,
            requested,
        } => json!({"template": template, "requested": requested}),
        ErrorKind::UnknownTimeZone { name, nearest } => {
            json!({"time_zone": name, "nearest": nearest})
        }
        ErrorKind::TimeZoneNotLoaded { name } => json!({"time_zone": name}),
        ErrorKind::LimitExceeded { limit, max } => json!({"limit": limit, "max": max}),
        ErrorKind::OptionsAfterData { name } => json!({"option": name}),
        _ => Value::Null,
    })
}

/// A warning as it stands in a report; what is not known is left out.
fn warning_document(warning: &Warning) -> Value {
    let mut document = members(json!({
        "code": warning.code,
        "message": warning.message,
        "column": warning.column,
        "count": warning.count,
        "first_row": warning.first_row,
    }));
    document.retain(|_, value| !value.is_null());
    Value::Object(document)
}

/// A report as the API answers it.
pub(crate) fn report_document(report: &Report) -> Value {
    let warnings: Vec<_> = report.warnings.iter().map(warning_document).collect();
    json!({
        "format": report.format,
        "rows": report.rows,
        "columns": report.columns,
        "bytes": report.bytes,
        "warnings": warnings,
    })
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// The status's own phrase, as RFC 9457 wants for `about:blank`.
pub(crate) fn title(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        410 => "Gone",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        416 => "Range Not Satisfiable",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        501 => "Not Implemented",
        _ => "Internal Server Error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_that_is_sent_has_its_phrase() {
        for code in [
            "invalid_json",
            "limit_exceeded",
            "not_tabular",
            "format_not_built",
        ] {
            assert_ne!(title(status_of(code)), "Internal Server Error", "{code}");
        }
    }

    #[test]
    fn a_code_that_nobody_mapped_is_our_fault() {
        assert_eq!(status_of("invalid_state"), 500);
        assert_eq!(status_of("something_new"), 500);
    }

    #[test]
    fn an_engine_error_keeps_what_a_program_needs() {
        let kind = ErrorKind::UnknownFormat {
            name: "cvs".into(),
            nearest: Some("csv".into()),
        };
        let problem = Problem::from(Error::new(kind));
        let document = serde_json::to_value(&problem.document).unwrap();
        assert_eq!(document["status"], 422);
        assert_eq!(document["error"], "UNKNOWN_FORMAT");
        assert_eq!(document["message"], document["detail"]);
        assert_eq!(
            document["details"],
            json!({"format": "cvs", "nearest": "csv"})
        );
        assert_eq!(document.get("line"), None);
    }
}
