//! What tests need to reach every state: another clock, and points at which the program dies, fails or is slow.
//!
//! They work only where the variable `TEST_HOOKS` is `1`, which no configuration in this repository sets. There, rows
//! of a table `test_hooks (name, value)`, which tests create themselves, say what happens.

use crate::moment::Moment;
use crate::problem::Problem;
use crate::store::Store;
use serde::Deserialize;
use std::cell::Cell;
use worker::{Env, js_sys};

/// The clock, and what happens at the points of this invocation.
#[derive(Default)]
pub(crate) struct Hooks {
    rows: Vec<Hook>,
    /// Milliseconds by which slow points have moved this invocation's clock.
    skew: Cell<i64>,
}

#[derive(Deserialize)]
struct Hook {
    name: String,
    value: String,
}

/// Why the program does not go on from a point.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// As if the machine had gone away: nothing that follows is done, not even tidying up.
    Killed,
    /// As if a binding had failed.
    Failed,
}

impl Hooks {
    /// No hooks, unless this is a test.
    pub(crate) async fn load(env: &Env, store: &Store) -> Result<Self, Problem> {
        let is_test = env
            .var("TEST_HOOKS")
            .is_ok_and(|value| value.to_string() == "1");
        if !is_test {
            return Ok(Self::default());
        }
        let rows = store
            .all("SELECT name, value FROM test_hooks", &[])
            .await
            .unwrap_or_default();
        Ok(Self {
            rows,
            skew: Cell::new(0),
        })
    }

    /// The server's clock, which decides everything that has to do with time.
    pub(crate) fn now(&self) -> Moment {
        let set = self.value("now").and_then(|value| value.parse().ok());
        let now = set.unwrap_or_else(|| js_sys::Date::now() as i64);
        Moment(now.saturating_add(self.skew.get()))
    }

    /// Passes a point that tests can name.
    pub(crate) fn reach(&self, point: &str) -> Result<(), Stop> {
        if self.rows.is_empty() {
            return Ok(());
        }
        if let Some(by) = self.value(&format!("slow:{point}")) {
            self.skew.set(self.skew.get() + by.parse().unwrap_or(0));
        }
        match self.value(&format!("at:{point}")) {
            Some("kill") => Err(Stop::Killed),
            Some("fail") => Err(Stop::Failed),
            _ => Ok(()),
        }
    }

    /// Passes a point on the way of a request, where both mean that it ends there and then.
    pub(crate) fn pass(&self, point: &str) -> Result<(), Problem> {
        self.reach(point)
            .map_err(|_| worker::Error::RustError(format!("stopped at {point}")).into())
    }

    fn value(&self, name: &str) -> Option<&str> {
        let row = self.rows.iter().find(|hook| hook.name == name);
        row.map(|hook| hook.value.as_str())
    }
}
