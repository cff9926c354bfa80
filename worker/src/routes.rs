//! The one table of routes.

use crate::access::Permission;

/// What a caller must bring along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Nothing: the route is open to everybody.
    Open,
    /// A key, which the handler itself looks at: it is exchanged for a session.
    Key,
    /// Any valid credentials.
    Anyone,
    /// Credentials with this permission.
    Needs(Permission),
    /// Credentials with one of these permissions.
    NeedsOneOf(Permission, Permission),
    /// Credentials with this permission, or none at all where `ALLOW_ANONYMOUS` says so.
    NeedsUnlessAnonymous(Permission),
}

impl Access {
    /// The permissions of which one is enough; none: any credentials are, or the route needs none.
    pub(crate) fn permissions(self) -> Vec<Permission> {
        match self {
            Self::Open | Self::Key | Self::Anyone => Vec::new(),
            Self::Needs(permission) | Self::NeedsUnlessAnonymous(permission) => vec![permission],
            Self::NeedsOneOf(first, second) => vec![first, second],
        }
    }
}

/// What answers a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handler {
    Health,
    OpenApi,
    Export,
    AccountExport,
    ExportAgent,
    CheckAgent,
    ListResources,
    ExportResource,
    CreateExport,
    ListExports,
    ReadExport,
    DownloadExport,
    DeleteExport,
    ListTemplates,
    ReadTemplate,
    CreateTemplate,
    ReplaceTemplate,
    DeleteTemplate,
    ListAudit,
    SignIn,
    SignOut,
    Me,
    ListKeys,
    CreateKey,
    RevokeKey,
    Mcp,
}

/// A row of the table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) method: &'static str,
    /// A segment that is `:type` or `:id` stands for any one segment.
    pub(crate) path: &'static str,
    pub(crate) access: Access,
    pub(crate) handler: Handler,
}

const fn route(
    method: &'static str,
    path: &'static str,
    access: Access,
    handler: Handler,
) -> Route {
    Route {
        method,
        path,
        access,
        handler,
    }
}

use Access::{Anyone, Key, Needs, NeedsOneOf, NeedsUnlessAnonymous, Open};
use Permission::{AuditRead, Create, Delete, Download, Keys, Templates};

/// Every route that exists. What is not here is denied.
#[rustfmt::skip]
pub(crate) const ROUTES: [Route; 27] = [
    route("GET", "/healthz", Open, Handler::Health),
    route("GET", "/openapi.json", Open, Handler::OpenApi),
    route("POST", "/api/export", NeedsUnlessAnonymous(Create), Handler::Export),
    route("GET", "/api/export", Needs(Download), Handler::AccountExport),
    route("GET", "/api/agents/:id/export", Needs(Download), Handler::ExportAgent),
    route("POST", "/api/agents/check", Needs(Download), Handler::CheckAgent),
    route("GET", "/v1/resources", Needs(Download), Handler::ListResources),
    route("GET", "/v1/resources/:type/export", Needs(Download), Handler::ExportResource),
    route("GET", "/v1/resources/:type/:id/export", Needs(Download), Handler::ExportResource),
    route("POST", "/v1/exports", Needs(Create), Handler::CreateExport),
    route("GET", "/v1/exports", Needs(Download), Handler::ListExports),
    route("GET", "/v1/exports/:id", Needs(Download), Handler::ReadExport),
    route("DELETE", "/v1/exports/:id", Needs(Delete), Handler::DeleteExport),
    route("GET", "/v1/exports/:id/download", Needs(Download), Handler::DownloadExport),
    route("GET", "/v1/templates", NeedsOneOf(Create, Templates), Handler::ListTemplates),
    route("POST", "/v1/templates", Needs(Templates), Handler::CreateTemplate),
    route("GET", "/v1/templates/:id", NeedsOneOf(Create, Templates), Handler::ReadTemplate),
    route("PUT", "/v1/templates/:id", Needs(Templates), Handler::ReplaceTemplate),
    route("DELETE", "/v1/templates/:id", Needs(Templates), Handler::DeleteTemplate),
    route("GET", "/v1/audit", Needs(AuditRead), Handler::ListAudit),
    route("POST", "/v1/session", Key, Handler::SignIn),
    route("DELETE", "/v1/session", Anyone, Handler::SignOut),
    route("GET", "/v1/me", Anyone, Handler::Me),
    route("GET", "/v1/keys", Needs(Keys), Handler::ListKeys),
    route("POST", "/v1/keys", Needs(Keys), Handler::CreateKey),
    route("DELETE", "/v1/keys/:id", Needs(Keys), Handler::RevokeKey),
    // What each of its tools needs stands in the row of the route that does the same.
    route("POST", "/mcp", Anyone, Handler::Mcp),
];

/// The row of a route, by its method and its pattern.
pub(crate) fn row(method: &str, path: &str) -> Option<&'static Route> {
    ROUTES
        .iter()
        .find(|route| route.method == method && route.path == path)
}

/// The folders of the API. `wrangler.jsonc` sends them to the worker before it looks for assets.
const API_FOLDERS: [&str; 2] = ["/api", "/v1"];

/// What stands in a path in the places of a route's parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parameters<'a> {
    /// In the place of `:type`.
    pub(crate) resource: Option<&'a str>,
    /// In the place of `:id`.
    pub(crate) id: Option<&'a str>,
}

/// What the table says about a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found<'a> {
    /// A route, and what stands in the path in the places of its parameters.
    Route(&'static Route, Parameters<'a>),
    /// The path exists, with these methods.
    OtherMethods(Vec<&'static str>),
    /// A path of the API that does not exist.
    Unknown,
    /// A path outside of the API.
    Asset,
}

/// Looks a request up. `HEAD` finds the route of `GET`; the runtime drops the body.
pub(crate) fn find<'a>(method: &str, path: &'a str) -> Found<'a> {
    let wanted = if method == "HEAD" { "GET" } else { method };
    let mut allowed = Vec::new();
    for route in &ROUTES {
        let Some(parameters) = matches(route.path, path) else {
            continue;
        };
        if route.method == wanted {
            return Found::Route(route, parameters);
        }
        allowed.push(route.method);
    }
    if !allowed.is_empty() {
        return Found::OtherMethods(allowed);
    }
    if API_FOLDERS.iter().any(|folder| in_folder(path, folder)) {
        Found::Unknown
    } else {
        Found::Asset
    }
}

/// Whether a path is of this pattern, with what stands in the places of its parameters, which is never nothing.
fn matches<'a>(pattern: &str, path: &'a str) -> Option<Parameters<'a>> {
    let mut parameters = Parameters::default();
    let mut segments = path.split('/');
    for wanted in pattern.split('/') {
        let segment = segments.next()?;
        let given = Some(segment).filter(|segment| !segment.is_empty());
        match wanted {
            ":type" => parameters.resource = Some(given?),
            ":id" => parameters.id = Some(given?),
            _ if wanted != segment => return None,
            _ => {}
        }
    }
    segments.next().is_none().then_some(parameters)
}

fn in_folder(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(method: &str, path: &str, expected: Handler, expected_id: Option<&str>) {
        match find(method, path) {
            Found::Route(route, parameters) => {
                assert_eq!((route.handler, parameters.id), (expected, expected_id));
            }
            other => panic!("{method} {path}: {other:?}"),
        }
    }

    #[test]
    fn a_route_is_found_by_method_and_path() {
        check("POST", "/api/export", Handler::Export, None);
        check("GET", "/api/export", Handler::AccountExport, None);
        check("HEAD", "/healthz", Handler::Health, None);
        check("GET", "/v1/exports/7", Handler::ReadExport, Some("7"));
        check(
            "HEAD",
            "/v1/exports/7/download",
            Handler::DownloadExport,
            Some("7"),
        );
        let path = "/v1/resources/notes/7/export";
        check("GET", path, Handler::ExportResource, Some("7"));
        let path = "/v1/resources/notes/export";
        check("GET", path, Handler::ExportResource, None);
        let parameters = matches("/v1/resources/:type/:id/export", "/v1/resources/a/b/export");
        let both = Parameters {
            resource: Some("a"),
            id: Some("b"),
        };
        assert_eq!(parameters, Some(both));
    }

    #[test]
    fn another_method_names_those_that_exist() {
        assert_eq!(find("PUT", "/healthz"), Found::OtherMethods(vec!["GET"]));
        assert_eq!(
            find("PATCH", "/v1/exports/7"),
            Found::OtherMethods(vec!["GET", "DELETE"])
        );
    }

    #[test]
    fn unknown_paths_of_the_api_are_never_assets() {
        for path in [
            "/api",
            "/api/",
            "/api/export/",
            "/api/nothing",
            "/v1",
            "/v1/exports/",
            "/v1/exports/7/",
            "/v1/exports//download",
            "/v1/exports/7/download/x",
            "/v1/resources//export",
            "/v1/resources/notes//export",
        ] {
            assert_eq!(find("GET", path), Found::Unknown, "{path}");
        }
    }

    #[test]
    fn other_paths_are_assets() {
        for path in ["/", "/index.html", "/apiary", "/v10/x", "/pkg/index.js"] {
            assert_eq!(find("GET", path), Found::Asset, "{path}");
        }
    }

    #[test]
    fn no_two_rows_answer_the_same_request() {
        for (number, route) in ROUTES.iter().enumerate() {
            let sample = route.path.replace(":id", "x").replace(":type", "y");
            match find(route.method, &sample) {
                Found::Route(found, _) => {
                    // A constant has no address of its own to be compared.
                    let place = ROUTES.iter().position(|row| row == found);
                    assert_eq!(place, Some(number), "{}", route.path);
                }
                other => panic!("{}: {other:?}", route.path),
            }
        }
    }

    #[test]
    fn what_is_open_to_everybody_holds_nothing_of_an_account() {
        let open: Vec<&str> = ROUTES
            .iter()
            .filter(|route| route.access == Access::Open)
            .map(|route| route.path)
            .collect();
        assert_eq!(open, ["/healthz", "/openapi.json"]);
    }
}
