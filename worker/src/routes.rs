//! The one table of routes.

/// What a caller must be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permission {
    /// Nothing: the route is open to everybody.
    None,
    /// Make exports.
    ExportsCreate,
}

/// What answers a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handler {
    Health,
    Export,
}

/// A row of the table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) permission: Permission,
    pub(crate) handler: Handler,
}

/// Every route that exists. What is not here is denied.
pub(crate) const ROUTES: [Route; 2] = [
    Route {
        method: "GET",
        path: "/healthz",
        permission: Permission::None,
        handler: Handler::Health,
    },
    Route {
        method: "POST",
        path: "/api/export",
        permission: Permission::ExportsCreate,
        handler: Handler::Export,
    },
];

/// The folders of the API. `wrangler.jsonc` sends them to the worker before it looks for assets.
const API_FOLDERS: [&str; 2] = ["/api", "/v1"];

/// What the table says about a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Route(&'static Route),
    /// The path exists, with these methods.
    OtherMethods(Vec<&'static str>),
    /// A path of the API that does not exist.
    Unknown,
    /// A path outside of the API.
    Asset,
}

/// Looks a request up. `HEAD` finds the route of `GET`; the runtime drops the body.
pub(crate) fn find(method: &str, path: &str) -> Found {
    let wanted = if method == "HEAD" { "GET" } else { method };
    let mut allowed = Vec::new();
    for route in ROUTES.iter().filter(|route| route.path == path) {
        if route.method == wanted {
            return Found::Route(route);
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

fn in_folder(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handler(method: &str, path: &str) -> Option<Handler> {
        match find(method, path) {
            Found::Route(route) => Some(route.handler),
            _ => None,
        }
    }

    #[test]
    fn a_route_is_found_by_method_and_path() {
        assert_eq!(handler("POST", "/api/export"), Some(Handler::Export));
        assert_eq!(handler("GET", "/healthz"), Some(Handler::Health));
        assert_eq!(handler("HEAD", "/healthz"), Some(Handler::Health));
    }

    #[test]
    fn another_method_names_those_that_exist() {
        assert_eq!(
            find("GET", "/api/export"),
            Found::OtherMethods(vec!["POST"])
        );
        assert_eq!(find("PUT", "/healthz"), Found::OtherMethods(vec!["GET"]));
    }

    #[test]
    fn unknown_paths_of_the_api_are_never_assets() {
        for path in [
            "/api",
            "/api/",
            "/api/export/",
            "/api/nothing",
            "/v1",
            "/v1/exports",
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
    fn only_the_health_check_is_open_to_everybody() {
        let open: Vec<&str> = ROUTES
            .iter()
            .filter(|r| r.permission == Permission::None)
            .map(|r| r.path)
            .collect();
        assert_eq!(open, ["/healthz"]);
    }
}
