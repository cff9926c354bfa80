//! What a long command is about to do, and a line for each step when it is done.

use crate::tools::Result;
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// The steps of one command. Several may run at once.
pub struct Steps {
    total: usize,
    done: AtomicUsize,
}

impl Steps {
    /// Says what comes, before the first step.
    pub fn announce(command: &str, total: usize, note: &str) -> Self {
        say(&format!("{command}: {total} steps; {note}"));
        Self {
            total,
            done: AtomicUsize::new(0),
        }
    }

    /// Runs a step, then prints its name and how long it took.
    pub fn run<T>(&self, name: &str, step: impl FnOnce() -> Result<T>) -> Result<T> {
        let start = Instant::now();
        let result = step()?;
        self.ended(name, start);
        Ok(result)
    }

    /// Prints the line of a step that has ended.
    pub fn ended(&self, name: &str, start: Instant) {
        let number = self.done.fetch_add(1, Ordering::SeqCst) + 1;
        let seconds = start.elapsed().as_secs_f32();
        say(&format!(
            "[{number}/{}] {name} … {seconds:.0} s",
            self.total
        ));
    }
}

/// Whether somebody watches the progress that cargo and npm draw.
pub fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

/// Prints a line at once, also where the output is a file.
fn say(line: &str) {
    let mut output = std::io::stdout().lock();
    // Who closed the output does not want to know.
    let _ = writeln!(output, "{line}").and_then(|()| output.flush());
}
