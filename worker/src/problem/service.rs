//! The problems that the service itself finds.

use super::{Problem, members};
use serde_json::{Value, json};
use tablecast::{Check, Error, ErrorKind, Resource, nearest};

impl Problem {
    /// Something failed on our side: the cause is for the log, not for the caller.
    pub(crate) fn internal(cause: &str) -> Self {
        let mut problem = Self::new(500, "INTERNAL", "Something went wrong on our side.");
        problem.cause = Some(cause.to_owned());
        problem
    }

    pub(crate) fn not_found() -> Self {
        Self::new(404, "NOT_FOUND", "There is nothing at this path.")
    }

    pub(crate) fn method_not_allowed(method: &str, allowed: &[&str]) -> Self {
        let allowed = allowed.join(", ");
        Self::new(
            405,
            "METHOD_NOT_ALLOWED",
            format!("This path takes {allowed}, not {method}."),
        )
        .with_header("Allow", allowed)
    }

    /// `presented`: credentials came, but they are wrong.
    pub(crate) fn unauthenticated(presented: bool) -> Self {
        if presented {
            Self::new(401, "UNAUTHENTICATED", "The credentials are not valid.").with_header(
                "WWW-Authenticate",
                r#"Bearer realm="tablecast", error="invalid_token""#,
            )
        } else {
            Self::new(401, "UNAUTHENTICATED", "This needs credentials.")
                .with_header("WWW-Authenticate", r#"Bearer realm="tablecast""#)
        }
    }

    pub(crate) fn unsupported_media_type(reason: &str) -> Self {
        Self::new(415, "UNSUPPORTED_MEDIA_TYPE", reason).with_header(
            "Accept-Post",
            "application/json, application/x-ndjson, text/csv, text/tab-separated-values",
        )
    }

    /// Which codings are taken stands in `Accept-Encoding` (RFC 9110, section 12.5.3).
    pub(crate) fn unsupported_encoding() -> Self {
        Self::new(
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            "The body has to come in gzip or without a content encoding.",
        )
        .with_header("Accept-Encoding", "gzip, identity")
    }

    /// The body says that it is gzip data.
    pub(crate) fn invalid_gzip() -> Self {
        Self::new(
            400,
            "INVALID_GZIP",
            "The body is not whole gzip data, which its Content-Encoding says it is.",
        )
    }

    pub(crate) fn body_too_large(max: u64) -> Self {
        let mut problem = Self::new(
            413,
            "LIMIT_EXCEEDED",
            format!("The body has more than {max} bytes."),
        );
        problem.document.details = members(json!({"limit": "body_bytes", "max": max}));
        problem
    }

    /// A file that does not fit into an answer.
    pub(crate) fn file_too_large(max: usize) -> Self {
        let mut problem = Self::new(
            413,
            "LIMIT_EXCEEDED",
            format!("The file has more than {max} bytes, which is the most that an answer holds."),
        );
        problem.document.hint = Some(
            "Ask for it with create_export, and call get_export for its download_url.".to_owned(),
        );
        problem.document.details = members(json!({"limit": "answer_bytes", "max": max}));
        problem
    }

    /// The connection failed while the body came in.
    pub(crate) fn incomplete_body() -> Self {
        Self::new(
            400,
            "INCOMPLETE_BODY",
            "The body ended before all of it had come.",
        )
    }

    /// A field of the query or of the body that does not hold what it has to; `reason` goes on after its name.
    pub(crate) fn invalid_parameter(name: &str, reason: &str) -> Self {
        let mut problem = Self::new(422, "INVALID_PARAMETER", format!("`{name}` {reason}."));
        problem.document.details = members(json!({"parameter": name}));
        problem
    }

    pub(crate) fn unknown_parameter(name: &str, known: &[&str]) -> Self {
        let mut problem = Self::new(
            422,
            "UNKNOWN_PARAMETER",
            format!("There is no parameter `{name}`."),
        );
        let meant = nearest(name, known.iter().copied());
        problem.document.hint = Some(match (meant, known) {
            (Some(meant), _) => format!("Did you mean `{meant}`?"),
            (None, []) => "This takes none.".to_owned(),
            (None, known) => format!("There are: {}.", known.join(", ")),
        });
        let details = json!({"parameter": name, "nearest": meant, "known": known});
        problem.document.details = members(details);
        problem
    }

    /// What the engine finds wrong with filters and switches, which are parameters here.
    pub(crate) fn of_parameter(error: Error) -> Self {
        let name = |path: &str| path.strip_prefix("filters.").unwrap_or(path).to_owned();
        match error.kind() {
            ErrorKind::UnknownOption { path, known, .. } => {
                let known: Vec<_> = known.iter().map(String::as_str).collect();
                Self::unknown_parameter(&name(path), &known)
            }
            ErrorKind::InvalidOption { path, reason } => {
                Self::invalid_parameter(&name(path), reason)
            }
            ErrorKind::ContradictoryOptions {
                first,
                second,
                reason,
            } => Self::contradictory(&name(first), &name(second), reason),
            _ => error.into(),
        }
    }

    /// Two fields that exclude each other.
    pub(crate) fn contradictory(first: &str, second: &str, reason: &str) -> Self {
        let mut problem = Self::new(
            422,
            "CONTRADICTORY_PARAMETERS",
            format!("`{first}` and `{second}` contradict each other: {reason}."),
        );
        problem.document.details = members(json!({"parameters": [first, second]}));
        problem
    }

    pub(crate) fn query_and_body() -> Self {
        Self::new(
            422,
            "QUERY_AND_BODY",
            "What to export stands in the query or in a body, not in both.",
        )
    }

    /// A body of the wrong shape.
    pub(crate) fn invalid_body(reason: &str) -> Self {
        Self::new(
            422,
            "INVALID_BODY",
            format!("The body is not what it has to be: {reason}."),
        )
    }

    /// A body that is no JSON.
    pub(crate) fn invalid_json(reason: &str) -> Self {
        Self::new(
            400,
            "INVALID_JSON",
            format!("The body is not valid JSON: {reason}."),
        )
    }

    pub(crate) fn forbidden(permission: &str) -> Self {
        let mut problem = Self::new(
            403,
            "FORBIDDEN",
            format!("This needs the permission {permission}."),
        );
        problem.document.details = members(json!({"permission": permission}));
        problem
    }

    /// A browser sent the session's cookie along with a request of another site.
    pub(crate) fn cross_site() -> Self {
        Self::new(
            403,
            "CROSS_SITE",
            "With a session's cookie, only pages of this origin and of ALLOWED_ORIGINS may change anything.",
        )
    }

    /// `check` found problems.
    pub(crate) fn agent_definition_invalid(check: &Check) -> Self {
        let first = check.problems.first();
        let first = first.map(|problem| format!(" At {}: {}", problem.path, problem.message));
        let count = check.more + check.problems.len() as u64;
        let message = format!(
            "The definition cannot be imported: its problems are {count}.{}",
            first.unwrap_or_default()
        );
        let mut problem = Self::new(422, "AGENT_DEFINITION_INVALID", message);
        let problems = check.problems.iter().map(|problem| {
            json!({
                "code": problem.code,
                "path": problem.path,
                "line": problem.line,
                "column": problem.column,
                "message": problem.message,
            })
        });
        problem.document.problems = problems.collect();
        problem.document.details = members(json!({"problems": count}));
        problem.document.echo = Some(check.text.clone());
        problem
    }

    /// A browser says that a page of another origin sent the request.
    pub(crate) fn origin_not_allowed() -> Self {
        Self::new(
            403,
            "ORIGIN_NOT_ALLOWED",
            "Only pages of the origins in ALLOWED_ORIGINS may call this.",
        )
    }

    /// `known`: the types that there are.
    pub(crate) fn unknown_resource<'a>(
        name: &str,
        known: impl Iterator<Item = &'a Resource>,
    ) -> Self {
        let known: Vec<_> = known.map(|resource| resource.name.as_str()).collect();
        let meant = nearest(name, known.iter().copied());
        let mut problem = Self::new(
            422,
            "UNKNOWN_RESOURCE",
            format!("There is no resource `{name}`."),
        );
        problem.document.hint = Some(match meant {
            Some(meant) => format!("Did you mean `{meant}`?"),
            None => format!("There are: {}.", known.join(", ")),
        });
        let details = json!({"resource": name, "nearest": meant, "known": known});
        problem.document.details = members(details);
        problem
    }

    /// `resource`: a type of which one object is exported at a time.
    pub(crate) fn resource_id_required(resource: &str) -> Self {
        let mut problem = Self::new(
            422,
            "RESOURCE_ID_REQUIRED",
            format!("Of {resource}, one object is exported at a time: say its id."),
        );
        problem.document.details = members(json!({"resource": resource}));
        problem
    }

    pub(crate) fn resource_not_found() -> Self {
        Self::new(404, "RESOURCE_NOT_FOUND", "There is no such object.")
    }

    /// A record says that a text lies in the bucket, and it does not. `field`: the path of the text.
    pub(crate) fn text_missing(field: &str) -> Self {
        let mut problem = Self::new(
            500,
            "TEXT_MISSING",
            format!("A text of `{field}` is not where its record says that it is."),
        );
        problem.document.details = members(json!({"field": field}));
        problem.cause = Some(format!("a text of {field} is missing in the bucket"));
        problem
    }

    /// The operator's definitions of resources cannot be used.
    pub(crate) fn broken_definition(problems: &[Value]) -> Self {
        let mut problem = Self::new(
            500,
            "BROKEN_DEFINITION",
            "The service has a definition of a resource that cannot be used.",
        );
        problem.document.details = members(json!({"problems": problems}));
        problem.cause = Some(json!(problems).to_string());
        problem
    }

    pub(crate) fn export_not_found() -> Self {
        Self::new(404, "EXPORT_NOT_FOUND", "There is no such export.")
    }

    pub(crate) fn export_not_ready(status: &str) -> Self {
        let mut problem = Self::new(409, "EXPORT_NOT_READY", "The export is not ready yet.");
        problem.document.details = members(json!({"status": status}));
        problem.with_header("Retry-After", "1")
    }

    /// `reason`: what the export failed with.
    pub(crate) fn export_failed(reason: &str) -> Self {
        Self::new(
            409,
            "EXPORT_FAILED",
            format!("The export failed, so it has no file. {reason}"),
        )
    }

    pub(crate) fn export_expired() -> Self {
        Self::new(
            410,
            "EXPORT_EXPIRED",
            "The export has expired and its file is gone; create a new one.",
        )
    }

    pub(crate) fn template_not_found() -> Self {
        Self::new(404, "TEMPLATE_NOT_FOUND", "There is no such template.")
    }

    pub(crate) fn system_template() -> Self {
        Self::new(
            403,
            "SYSTEM_TEMPLATE",
            "Templates that ship with tablecast can be neither changed nor deleted.",
        )
    }

    pub(crate) fn key_not_found() -> Self {
        Self::new(
            404,
            "KEY_NOT_FOUND",
            "There is no such key, or it is revoked.",
        )
    }

    /// The same `Idempotency-Key` came with another request before.
    pub(crate) fn idempotency_key_reused() -> Self {
        Self::new(
            422,
            "IDEMPOTENCY_KEY_REUSED",
            "This Idempotency-Key was used with another request within 24 hours.",
        )
    }

    pub(crate) fn rate_limited(most: u64, seconds: i64) -> Self {
        let mut problem = Self::new(
            429,
            "RATE_LIMITED",
            format!("The account may ask for {most} files and checks a minute."),
        );
        problem.document.details = members(json!({"max": most}));
        problem.with_header("Retry-After", seconds.to_string())
    }

    pub(crate) fn too_many_active_exports(most: u64) -> Self {
        let mut problem = Self::new(
            429,
            "TOO_MANY_ACTIVE_EXPORTS",
            format!("The account has {most} exports that are not finished, which is the most."),
        );
        problem.document.details = members(json!({"max": most}));
        problem.with_header("Retry-After", "5")
    }

    /// `length`: of the whole file, in bytes.
    pub(crate) fn range_not_satisfiable(length: u64) -> Self {
        Self::new(
            416,
            "RANGE_NOT_SATISFIABLE",
            format!("The file has {length} bytes."),
        )
        .with_header("Content-Range", format!("bytes */{length}"))
    }

    pub(crate) fn precondition_failed() -> Self {
        Self::new(
            412,
            "PRECONDITION_FAILED",
            "The file is not the one that the request's conditions name.",
        )
    }

    /// `most`: the rows that a job may have.
    pub(crate) fn job_too_large(most: u64) -> Self {
        Self::new(
            422,
            "JOB_TOO_LARGE",
            format!("The export has more than {most} rows; narrow its filters."),
        )
    }

    /// The queue gave a job's message up.
    pub(crate) fn delivery_failed() -> Self {
        Self::new(
            422,
            "DELIVERY_FAILED",
            "The export could not be begun; create a new one.",
        )
    }

    /// The work at a job broke off again and again.
    pub(crate) fn attempts_exhausted() -> Self {
        Self::new(
            422,
            "ATTEMPTS_EXHAUSTED",
            "The export broke off too often; create a new one.",
        )
    }
}
