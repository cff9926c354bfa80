//! Every check, in order, stopping at the first failure.

use crate::tools::{self, Result};
use crate::{browser, build, oracles, size};
use std::path::{Path, PathBuf};
use std::time::Instant;

type Step = (&'static str, fn() -> Result);

const STEPS: [Step; 13] = [
    ("format", format),
    ("lints", lints),
    ("Rust tests", rust_tests),
    ("documentation", documentation),
    ("build", build::build),
    ("sizes", size::size),
    ("Node tests, the system's Node", || {
        node_tests("tests/js", Path::new("node"))
    }),
    ("Node tests, the pinned Node", || {
        node_tests("tests/js", &tools::wrangler_node()?)
    }),
    ("worker tests", || {
        node_tests("tests/worker", &tools::wrangler_node()?)
    }),
    ("worker bundle", worker_bundle),
    ("browser tests", || browser_tests("tests/browser")),
    ("packaging tests", || browser_tests("tests/packages")),
    ("oracles", oracle_tests),
];

/// Runs every check.
pub fn test() -> Result {
    let start = Instant::now();
    tools::require_wasm_target()?;
    tools::require_npm_packages()?;
    for (name, step) in STEPS {
        println!("== {name}");
        let step_start = Instant::now();
        step().map_err(|error| format!("{error}\ncargo xtask test: failed at: {name}"))?;
        println!(
            "== {name}: passed in {:.1} s",
            step_start.elapsed().as_secs_f32()
        );
    }
    println!(
        "cargo xtask test: passed in {:.0} s",
        start.elapsed().as_secs_f32()
    );
    Ok(())
}

fn format() -> Result {
    tools::run(&mut tools::cargo(&["fmt", "--all", "--check"]))
}

/// The worker and the bindings are only linted as WebAssembly: what they depend on takes long to check for the host.
fn lints() -> Result {
    let wasm = ["--target", "wasm32-unknown-unknown"];
    let host = [
        "--package",
        "tablecast",
        "--package",
        "xtask",
        "--all-targets",
    ]
    .as_slice();
    let engine = ["--package", "tablecast", "--features", "wasm"].as_slice();
    let worker = ["--package", "tablecast-worker", "--all-targets"].as_slice();
    for (packages, target) in [(host, [].as_slice()), (engine, &wasm), (worker, &wasm)] {
        let mut clippy = tools::cargo(&["clippy", "--quiet", "--locked"]);
        clippy.args(packages).args(target);
        tools::run(clippy.args(["--", "--deny", "warnings"]))?;
    }
    Ok(())
}

fn rust_tests() -> Result {
    tools::run(&mut tools::cargo(&[
        "test",
        "--quiet",
        "--locked",
        "--workspace",
    ]))
}

fn documentation() -> Result {
    let host = ["--package", "tablecast", "--package", "xtask"].as_slice();
    let worker = [
        "--package",
        "tablecast-worker",
        "--target",
        "wasm32-unknown-unknown",
    ]
    .as_slice();
    for packages in [host, worker] {
        let mut doc = tools::cargo(&[
            "doc",
            "--quiet",
            "--locked",
            "--no-deps",
            "--document-private-items",
        ]);
        tools::run(doc.args(packages).env("RUSTDOCFLAGS", "--deny warnings"))?;
    }
    Ok(())
}

/// What `wrangler deploy` would send, without sending it.
fn worker_bundle() -> Result {
    let mut wrangler = tools::wrangler()?;
    wrangler
        .args(["deploy", "--dry-run", "--outdir"])
        .arg(tools::path("target/worker-bundle"));
    tools::run(&mut wrangler)
}

fn browser_tests(folder: &str) -> Result {
    if test_files(folder)?.is_empty() {
        println!("no files in {folder}");
        return Ok(());
    }
    let chromium = browser::require_chromium()?;
    run_node_tests(folder, &tools::wrangler_node()?, Some(&chromium))
}

fn oracle_tests() -> Result {
    if !tools::path("tests/oracles").is_dir() {
        println!("no files in tests/oracles");
        return Ok(());
    }
    oracles::run()
}

fn node_tests(folder: &str, node: &Path) -> Result {
    run_node_tests(folder, node, None)
}

fn run_node_tests(folder: &str, node: &Path, chromium: Option<&Path>) -> Result {
    let files = test_files(folder)?;
    if files.is_empty() {
        println!("no files in {folder}");
        return Ok(());
    }
    let mut command = tools::command(node);
    command
        // By itself Node leaves one core unused, which is half of a small machine.
        .args(["--test", "--test-concurrency=2"])
        .args(files)
        .envs(tools::WRANGLER_ENVIRONMENT);
    if let Some(chromium) = chromium {
        command.env("CHROMIUM", chromium);
    }
    tools::run(&mut command)
}

/// Node 20 does not expand patterns, so the files are named one by one.
fn test_files(folder: &str) -> Result<Vec<PathBuf>> {
    let mut files = tools::files_under(&tools::path(folder))?;
    files.retain(|file| file.to_string_lossy().ends_with(".test.mjs"));
    Ok(files)
}
