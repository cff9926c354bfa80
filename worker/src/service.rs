//! A request → its route, its caller, its answer and its line in the log.

use crate::access::{self, Origins, Presented};
use crate::agents;
use crate::assets;
use crate::audit;
use crate::call::{self, Call};
use crate::catalog;
use crate::export;
use crate::exports;
use crate::hooks::Hooks;
use crate::mcp;
use crate::openapi;
use crate::problem::Problem;
use crate::resources;
use crate::routes::{self, Access, Found, Handler, Route};
use crate::store::Store;
use crate::templates;
use serde_json::json;
use uuid::Uuid;
use worker::{
    Context, Env, Headers, Request, Response, Result, console_error, console_log, js_sys,
};

/// Headers of requests that pages of other origins may send, and of answers that they may read.
const ALLOWED_HEADERS: &str =
    "Authorization, Content-Type, Idempotency-Key, MCP-Protocol-Version, Mcp-Method, Mcp-Name";
const EXPOSED_HEADERS: &str = "Content-Disposition, Location, Retry-After, ETag, X-Request-Id";

/// Answers a request; whatever goes wrong becomes a problem document.
pub(crate) async fn answer(mut request: Request, env: &Env, context: &Context) -> Result<Response> {
    let begin = js_sys::Date::now();
    let method = request.inner().method();
    let path = request.path();
    let found = routes::find(&method, &path);
    if found == Found::Asset {
        return match assets::serve(request, env).await {
            Ok(response) => Ok(response),
            Err(problem) => problem.into_response(),
        };
    }
    let allowed = call::text(env, "ALLOWED_ORIGINS");
    let origins = Origins::of(&allowed);
    let mut visit = Visit {
        request_id: request_id(request.headers())?,
        method: &method,
        route: None,
        caller: None,
    };
    let mut problem = None;
    let answered = visit
        .routed(&mut request, env, context, found, &origins)
        .await;
    let response = answered.or_else(|given| {
        problem = Some((given.code().to_owned(), given.cause().map(str::to_owned)));
        given.into_response()
    })?;

    let headers = response.headers();
    headers.set("X-Request-Id", &visit.request_id)?;
    headers.append("Vary", "Origin")?;
    let origin = request.headers().get("Origin")?;
    if let Some(origin) = origin.filter(|origin| origins.allow(origin)) {
        headers.set("Access-Control-Allow-Origin", &origin)?;
        headers.set("Access-Control-Allow-Credentials", "true")?;
        headers.set("Access-Control-Expose-Headers", EXPOSED_HEADERS)?;
    }
    visit.log(response.status_code(), js_sys::Date::now() - begin, problem);
    Ok(response)
}

/// One request, as far as it is known.
struct Visit<'a> {
    request_id: String,
    method: &'a str,
    route: Option<&'static Route>,
    caller: Option<(String, String)>,
}

impl Visit<'_> {
    /// Decides whether the caller may do it, and lets the route's handler do it.
    async fn routed(
        &mut self,
        request: &mut Request,
        env: &Env,
        context: &Context,
        found: Found<'_>,
        origins: &Origins<'_>,
    ) -> Result<Response, Problem> {
        let (route, parameters) = match found {
            _ if is_preflight(self.method, request.headers())? => {
                return preflight(&request.path());
            }
            Found::Route(route, parameters) => (route, parameters),
            Found::OtherMethods(allowed) => {
                return Err(Problem::method_not_allowed(self.method, &allowed));
            }
            Found::Unknown | Found::Asset => return Err(Problem::not_found()),
        };
        self.route = Some(route);
        // With a definition that cannot be read, nobody could tell what is served and what is not.
        catalog::of(env)?;
        let id = parameters.id.unwrap_or_default();
        let presented = Presented::of(request.headers())?;
        if route.handler == Handler::Mcp {
            origins.admit(request.headers())?;
        }
        let writes = !matches!(self.method, "GET" | "HEAD");
        let unasked = matches!(presented, Presented::Cookie(_)) || route.access == Access::Key;
        if writes && unasked && access::is_cross_site(request.headers(), &request.url()?, origins)?
        {
            return Err(Problem::cross_site());
        }
        let store = Store::open(env)?;
        let hooks = Hooks::load(env).await?;
        let is_open = match route.access {
            Access::Open | Access::Key => true,
            Access::NeedsUnlessAnonymous(_) => {
                matches!(presented, Presented::Nothing) && allows_anonymous(env)
            }
            Access::Anyone | Access::Needs(_) | Access::NeedsOneOf(..) => false,
        };
        let caller = match is_open {
            true => None,
            false => Some(access::identify(&presented, &store, hooks.now()).await?),
        };
        self.caller = caller
            .as_ref()
            .map(|caller| (caller.account_id.clone(), caller.user_id.clone()));
        let call = Call::new(env, context, store, hooks, &self.request_id, caller);
        if let Some(caller) = call.anyone() {
            access::permit(route, caller, &call).await?;
        }
        match route.handler {
            Handler::Health => healthy(),
            Handler::OpenApi => openapi::document(env),
            Handler::Export => export::export(request, &call).await,
            Handler::AccountExport => resources::export_account(request, &call).await,
            Handler::CheckAgent => agents::check(request, &call).await,
            Handler::ExportAgent => resources::export_agent(id, request, &call).await,
            Handler::ListResources => resources::list(request, &call),
            Handler::ExportResource => resources::export(parameters, request, &call).await,
            Handler::CreateExport => exports::create(request, &call).await,
            Handler::ListExports => exports::list(request, &call).await,
            Handler::ReadExport => exports::read(id, request, &call).await,
            Handler::DownloadExport => exports::download(id, request, &call).await,
            Handler::DeleteExport => exports::delete(id, request, &call).await,
            Handler::ListTemplates => templates::list(request, &call).await,
            Handler::ReadTemplate => templates::read(id, request, &call).await,
            Handler::CreateTemplate => templates::create(request, &call).await,
            Handler::ReplaceTemplate => templates::replace(id, request, &call).await,
            Handler::DeleteTemplate => templates::delete(id, request, &call).await,
            Handler::ListAudit => audit::list(request, &call).await,
            Handler::SignIn => access::sessions::sign_in(request, &call).await,
            Handler::SignOut => access::sessions::sign_out(request, &call).await,
            Handler::Me => access::sessions::me(request, &call),
            Handler::ListKeys => access::keys::list(request, &call).await,
            Handler::CreateKey => access::keys::create(request, &call).await,
            Handler::RevokeKey => access::keys::revoke(id, request, &call).await,
            Handler::Mcp => mcp::serve(request, &call).await,
        }
    }

    /// One line of JSON for each request, without secrets and without contents: the route's pattern, not the path.
    fn log(&self, status: u16, milliseconds: f64, problem: Option<(String, Option<String>)>) {
        let (account_id, user_id) = self.caller.as_ref().map(|(a, u)| (a, u)).unzip();
        let (error, cause) = problem.unzip();
        let line = json!({
            "request_id": self.request_id,
            "method": self.method,
            "route": self.route.map(|route| route.path),
            "status": status,
            "ms": milliseconds,
            "account_id": account_id,
            "user_id": user_id,
            "error": error,
            "cause": cause.flatten(),
        });
        if status >= 500 {
            console_error!("{line}");
        } else {
            console_log!("{line}");
        }
    }
}

fn healthy() -> Result<Response, Problem> {
    let response = Response::ok("ok\n")?;
    response.headers().set("Cache-Control", "no-store")?;
    Ok(response)
}

/// Only local development sets this.
fn allows_anonymous(env: &Env) -> bool {
    call::text(env, "ALLOW_ANONYMOUS") == "1"
}

/// The id that the caller gave, if it is a plain one, else a new one.
fn request_id(headers: &Headers) -> Result<String> {
    let given = headers.get("X-Request-Id")?;
    let is_plain = |id: &String| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        (1..=64).contains(&id.len()) && id.bytes().all(plain)
    };
    Ok(given
        .filter(is_plain)
        .unwrap_or_else(|| Uuid::new_v4().to_string()))
}

/// A browser asks first whether a page of another origin may send a request (the Fetch standard's CORS preflight).
fn is_preflight(method: &str, headers: &Headers) -> Result<bool> {
    Ok(method == "OPTIONS"
        && headers.has("Origin")?
        && headers.has("Access-Control-Request-Method")?)
}

/// Says what the path takes. That it may be sent says the header with the origin, which only allowed ones get.
fn preflight(path: &str) -> Result<Response, Problem> {
    let Found::OtherMethods(methods) = routes::find("OPTIONS", path) else {
        return Err(Problem::not_found());
    };
    let response = Response::empty()?.with_status(204);
    let headers = response.headers();
    headers.set("Access-Control-Allow-Methods", &methods.join(", "))?;
    headers.set("Access-Control-Allow-Headers", ALLOWED_HEADERS)?;
    headers.set("Access-Control-Max-Age", "600")?;
    headers.append(
        "Vary",
        "Access-Control-Request-Method, Access-Control-Request-Headers",
    )?;
    Ok(response)
}
