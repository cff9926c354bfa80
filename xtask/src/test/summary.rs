//! What a run of the tests came to.

use super::selection::Selection;
use crate::tools::{self, Result};
use std::process::Command;
use std::time::{Duration, Instant};

/// What a part ran.
#[derive(Default)]
pub struct Ran {
    /// How many tests; `None` where they are not counted.
    pub tests: Option<u64>,
    /// The names of tests that were left out, with the reason.
    pub skipped: Vec<String>,
}

impl Ran {
    /// Runs a command that leaves in the file named by `TEST_COUNTS` how many tests it ran, then a line for each that it
    /// skipped.
    pub fn counted_by(command: &mut Command) -> Result<Self> {
        let file = tools::path("target/test-counts.txt");
        tools::write(&file, "")?;
        tools::run(command.env("TEST_COUNTS", &file))?;
        let counts = tools::read(&file)?;
        let mut lines = counts.lines();
        Ok(Self {
            tests: lines.next().and_then(|count| count.parse().ok()),
            skipped: lines.map(str::to_owned).collect(),
        })
    }

    /// Adds what another command ran.
    pub fn add(&mut self, other: Self) {
        self.tests = match (self.tests, other.tests) {
            (Some(tests), Some(more)) => Some(tests + more),
            (tests, more) => tests.or(more),
        };
        self.skipped.extend(other.skipped);
    }
}

struct Row {
    name: &'static str,
    time: Duration,
    outcome: Result<Ran>,
}

/// All parts so far.
#[derive(Default)]
pub struct Summary {
    rows: Vec<Row>,
}

impl Summary {
    /// Runs a part and keeps what it came to.
    pub fn run(&mut self, name: &'static str, part: impl FnOnce() -> Result<Ran>) {
        println!("== {name}");
        let start = Instant::now();
        let outcome = part();
        let time = start.elapsed();
        match &outcome {
            Ok(_) => println!("== {name}: passed in {:.1} s", time.as_secs_f32()),
            Err(error) => println!("== {name}: failed in {:.1} s: {error}", time.as_secs_f32()),
        }
        self.rows.push(Row {
            name,
            time,
            outcome,
        });
    }

    /// Whether this part was run and failed.
    pub fn has_failed(&self, name: &str) -> bool {
        self.rows
            .iter()
            .any(|row| row.name == name && row.outcome.is_err())
    }

    /// Prints all of it, with the tests that were left out; fails if a part failed or nothing was found to run.
    pub fn end(self, selection: &Selection) -> Result {
        println!("\ncargo xtask test");
        let mut failed = Vec::new();
        let mut tests = 0;
        for Row {
            name,
            time,
            outcome,
        } in &self.rows
        {
            let seconds = time.as_secs_f32();
            let words = match outcome {
                Ok(Ran { tests: None, .. }) => "passed".to_owned(),
                Ok(Ran {
                    tests: Some(count), ..
                }) => {
                    tests += count;
                    format!("passed, {count} tests")
                }
                Err(_) => {
                    failed.push(*name);
                    "FAILED".to_owned()
                }
            };
            println!("  {name:<9} {seconds:>6.1} s  {words}");
            for skipped in outcome.iter().flat_map(|ran| &ran.skipped) {
                println!("{:23}skipped: {skipped}", "");
            }
        }
        let total: Duration = self.rows.iter().map(|row| row.time).sum();
        let total = total.as_secs_f32();
        if !failed.is_empty() {
            return Err(format!(
                "cargo xtask test: failed in {total:.0} s: {}",
                failed.join(", ")
            ));
        }
        match selection.name() {
            Some(name) if tests == 0 => Err(format!(
                "cargo xtask test: no test's name contains `{name}`"
            )),
            _ => {
                println!("cargo xtask test: passed in {total:.0} s");
                Ok(())
            }
        }
    }
}
