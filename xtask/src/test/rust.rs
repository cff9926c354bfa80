//! What cargo checks on its own.

use super::selection::Selection;
use super::summary::Ran;
use crate::tools::{self, Result};
use std::io::{BufRead, BufReader};
use std::process::Stdio;

const WASM: [&str; 2] = ["--target", "wasm32-unknown-unknown"];

/// Formatting, clippy and the documentation.
///
/// The worker and the bindings are only looked at as WebAssembly: what they depend on takes long to check for the host.
pub fn lints() -> Result<Ran> {
    tools::run(&mut tools::cargo(&["fmt", "--all", "--check"]))?;
    let host = ["--package", "tablecast", "--package", "xtask"];
    let engine = ["--package", "tablecast", "--features", "wasm"];
    let worker = ["--package", "tablecast-worker"];
    let host_target: &[&str] = &[];
    for (packages, target, more) in [
        (host.as_slice(), host_target, ["--all-targets"].as_slice()),
        (&engine, &WASM, &[]),
        (&worker, &WASM, &["--all-targets"]),
    ] {
        let mut clippy = tools::cargo(&["clippy", "--quiet", "--locked"]);
        clippy.args(packages).args(target).args(more);
        tools::run(clippy.args(["--", "--deny", "warnings"]))?;
    }
    for (packages, target) in [(host.as_slice(), host_target), (&worker, &WASM)] {
        let mut doc = tools::cargo(&["doc", "--quiet", "--locked", "--no-deps"]);
        doc.arg("--document-private-items")
            .args(packages)
            .args(target)
            .env("RUSTDOCFLAGS", "--deny warnings");
        tools::run(&mut doc)?;
    }
    Ok(Ran::default())
}

/// The tests of the engine, the worker and the commands.
pub fn tests(selection: &Selection) -> Result<Ran> {
    let mut cargo = tools::cargo(&[
        "test",
        "--quiet",
        "--locked",
        "--workspace",
        "--no-fail-fast",
    ]);
    if let Some(name) = selection.identifier() {
        // The filter looks for nothing in examples of the documentation, which take long to build.
        cargo.args(["--lib", "--bins", "--tests", "--", &name]);
    }
    let mut child = cargo
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    let mut tests = 0;
    let output = child.stdout.take().map(BufReader::new);
    for line in output.into_iter().flat_map(BufRead::lines) {
        let line = line.map_err(|error| format!("cannot read what cargo prints: {error}"))?;
        tests += passed(&line).unwrap_or_default();
        println!("{line}");
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    match status.success() {
        true => Ok(Ran {
            tests: Some(tests),
            skipped: Vec::new(),
        }),
        false => Err(format!("cargo test failed ({status})")),
    }
}

/// How many tests passed, in the last line of a test program.
fn passed(line: &str) -> Option<u64> {
    let counts = line.strip_prefix("test result: ")?;
    let passed = counts.split(' ').nth(1)?;
    passed.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_a_test_program_has_its_count() {
        let line = "test result: ok. 17 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.02s";
        assert_eq!(passed(line), Some(17));
        assert_eq!(passed("running 17 tests"), None);
    }
}
