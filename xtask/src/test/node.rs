//! Tests that run in Node, alone or with workerd or Chromium.

use super::selection::Selection;
use super::summary::Ran;
use crate::tools::{self, Result};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::available_parallelism;

/// The test files of a folder.
pub fn files(folder: &str) -> Result<Vec<PathBuf>> {
    let mut files = tools::files_under(&tools::path(folder))?;
    files.retain(|file| file.to_string_lossy().ends_with(".test.mjs"));
    match files.is_empty() {
        true => Err(format!("there are no tests in {folder}")),
        false => Ok(files),
    }
}

/// Runs test files, each in a process of its own.
///
/// Node 20 does not expand patterns, so the files are named one by one.
pub fn apart(files: Vec<PathBuf>, selection: &Selection, node: &Path) -> Result<Ran> {
    let (whole, others): (Vec<_>, _) = files.into_iter().partition(|file| selection.names(file));
    let mut ran = Ran::default();
    if !whole.is_empty() {
        ran.add(Ran::counted_by(isolated(node).args(whole))?);
    }
    if let Some(pattern) = selection.pattern().filter(|_| !others.is_empty()) {
        let mut command = isolated(node);
        command.arg(format!("--test-name-pattern=/{pattern}/i"));
        ran.add(Ran::counted_by(command.args(others))?);
    }
    Ok(ran)
}

fn isolated(node: &Path) -> Command {
    // On its own Node leaves one core unused, which is half of a small machine.
    let concurrency = available_parallelism().map_or(2, |cores| cores.get().max(2));
    let mut command = tools::command(node);
    command
        .args(["--test", "--test-reporter=./tests/runner/reporter.mjs"])
        .arg(format!("--test-concurrency={concurrency}"));
    command
}

/// Runs test files that share servers and browsers, as `tests/runner/run.mjs` does.
pub fn together(folder: &str, selection: &Selection, chromium: Option<&Path>) -> Result<Ran> {
    let mut command = tools::command(tools::wrangler_node()?);
    command
        .arg("tests/runner/run.mjs")
        .args(files(folder)?)
        .envs(tools::WRANGLER_ENVIRONMENT);
    if let Some(name) = selection.name() {
        command.env("TEST_NAME", name);
    }
    if let Some(chromium) = chromium {
        command.env("CHROMIUM", chromium);
    }
    Ran::counted_by(&mut command)
}
