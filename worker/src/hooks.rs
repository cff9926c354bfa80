//! What tests need to reach every state: another clock, and points at which the program dies, fails, stands still or
//! is slow.
//!
//! They work only where the variable `TEST_HOOKS` is `1`, which no configuration in this repository sets. There, rows
//! of a table `test_hooks (name, value)`, which tests create themselves, say what happens:
//!
//! | row | what it does |
//! |---|---|
//! | `now` | the clock shows these milliseconds |
//! | `at:<point>` | `kill`: nothing that follows is done; `fail`: as if a binding had failed. A row `reached:<point>` then tells that it happened |
//! | `slow:<point>` | moves this invocation's clock on by so many milliseconds |
//! | `wait:<point>` | the first to come here renames the row to `waiting:<point>`, and stands still until that row is gone |

use crate::moment::Moment;
use crate::problem::Problem;
use crate::store::Store;
use serde::Deserialize;
use std::cell::{Cell, RefCell};
use std::time::Duration;
use worker::{Delay, Env, js_sys};

/// The clock, and what happens at the points of this invocation.
#[derive(Default)]
pub(crate) struct Hooks {
    rows: RefCell<Vec<Hook>>,
    /// The database of a test.
    store: Option<Store>,
    /// Milliseconds by which slow points have moved this invocation's clock.
    skew: Cell<i64>,
    /// Whether the program was killed at a point.
    is_killed: Cell<bool>,
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

impl From<Stop> for Problem {
    fn from(stop: Stop) -> Self {
        Self::internal(match stop {
            Stop::Killed => "killed by a test",
            Stop::Failed => "a binding failed, by a test",
        })
    }
}

impl Hooks {
    /// No hooks, unless this is a test.
    pub(crate) async fn load(env: &Env) -> Result<Self, Problem> {
        let is_test = env
            .var("TEST_HOOKS")
            .is_ok_and(|value| value.to_string() == "1");
        if !is_test {
            return Ok(Self::default());
        }
        let hooks = Self {
            store: Some(Store::open(env)?),
            ..Self::default()
        };
        hooks.reload().await;
        Ok(hooks)
    }

    async fn reload(&self) {
        if let Some(store) = &self.store {
            let rows = store.all("SELECT name, value FROM test_hooks", &[]).await;
            self.rows.replace(rows.unwrap_or_default());
        }
    }

    /// The server's clock, which decides everything that has to do with time.
    pub(crate) fn now(&self) -> Moment {
        let set = self.value("now").and_then(|value| value.parse().ok());
        let now = set.unwrap_or_else(|| js_sys::Date::now() as i64);
        Moment(now.saturating_add(self.skew.get()))
    }

    /// Passes a point that tests can name.
    pub(crate) async fn reach(&self, point: &str) -> Result<(), Stop> {
        let Some(store) = &self.store else {
            return Ok(());
        };
        if self.value(&format!("wait:{point}")).is_some() {
            self.wait(point, store).await;
        }
        if let Some(by) = self.value(&format!("slow:{point}")) {
            self.skew.set(self.skew.get() + by.parse().unwrap_or(0));
        }
        let stop = match self.value(&format!("at:{point}")).as_deref() {
            Some("kill") => Stop::Killed,
            Some("fail") => Stop::Failed,
            _ => return Ok(()),
        };
        self.is_killed.set(stop == Stop::Killed);
        let sql = "INSERT OR REPLACE INTO test_hooks (name, value) VALUES ('reached:' || ?1, '')";
        let _ = store.run(sql, &[point.into()]).await;
        Err(stop)
    }

    /// Whether a test wants nothing more to be done.
    pub(crate) fn is_killed(&self) -> bool {
        self.is_killed.get()
    }

    /// Stands still, if nobody does so at this point already.
    async fn wait(&self, point: &str, store: &Store) {
        let sql = "UPDATE test_hooks SET name = 'waiting:' || ?1 WHERE name = 'wait:' || ?1";
        if store.run(sql, &[point.into()]).await.unwrap_or(0) == 0 {
            return;
        }
        let waiting = format!("waiting:{point}");
        loop {
            // A loop that only asks the local database keeps the local server from doing anything else.
            Delay::from(Duration::from_millis(5)).await;
            self.reload().await;
            if self.value(&waiting).is_none() {
                return;
            }
        }
    }

    fn value(&self, name: &str) -> Option<String> {
        let rows = self.rows.borrow();
        let row = rows.iter().find(|hook| hook.name == name);
        row.map(|hook| hook.value.clone())
    }
}
