//! What every handler needs to know of the request that it answers.

use crate::access::Caller;
use crate::hooks::Hooks;
use crate::moment::Moment;
use crate::problem::Problem;
use crate::store::Store;
use worker::{Context, Env};

/// A request that was let in.
pub(crate) struct Call<'a> {
    pub(crate) env: &'a Env,
    /// What goes on beyond the answer's first bytes is told to it.
    pub(crate) context: &'a Context,
    pub(crate) store: Store,
    pub(crate) hooks: Hooks,
    /// In the answer's `X-Request-Id`, in logs and in the audit trail.
    pub(crate) request_id: &'a str,
    caller: Option<Caller>,
}

impl<'a> Call<'a> {
    pub(crate) fn new(
        env: &'a Env,
        context: &'a Context,
        store: Store,
        hooks: Hooks,
        request_id: &'a str,
        caller: Option<Caller>,
    ) -> Self {
        Self {
            env,
            context,
            store,
            hooks,
            request_id,
            caller,
        }
    }

    /// Who calls; `None` where a route lets everybody in.
    pub(crate) fn anyone(&self) -> Option<&Caller> {
        self.caller.as_ref()
    }

    /// Who calls, on a route that lets nobody in without credentials.
    pub(crate) fn caller(&self) -> Result<&Caller, Problem> {
        self.caller
            .as_ref()
            .ok_or_else(|| Problem::unauthenticated(false))
    }

    /// The server's clock.
    pub(crate) fn now(&self) -> Moment {
        self.hooks.now()
    }

    /// A variable of the deployment that is a whole number.
    pub(crate) fn number(&self, name: &str, default: u64) -> u64 {
        number(self.env, name, default)
    }
}

/// A variable of the deployment that is a whole number; what is none counts as not set.
pub(crate) fn number(env: &Env, name: &str, default: u64) -> u64 {
    let value = env.var(name).ok().map(|value| value.to_string());
    value
        .and_then(|value| value.trim().parse().ok())
        .unwrap_or(default)
}

/// A variable of the deployment that is text.
pub(crate) fn text(env: &Env, name: &str) -> String {
    env.var(name)
        .map(|value| value.to_string())
        .unwrap_or_default()
}
