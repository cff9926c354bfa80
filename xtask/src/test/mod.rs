//! `cargo xtask test`: the tests, part by part.
//!
//! | file | what |
//! |---|---|
//! | `selection.rs` | the command line |
//! | `summary.rs` | what a run came to |
//! | `rust.rs` | formatting, lints, documentation and the Rust tests |
//! | `node.rs` | tests that run in Node, alone or with workerd or Chromium |

mod node;
mod rust;
mod selection;
mod summary;

use crate::tools::{self, Result};
use crate::{browser, build, oracles, size};
pub use selection::Selection;
use std::path::Path;
pub use summary::Ran;
use summary::Summary;

/// One part of the tests, which runs on its own.
struct Part {
    name: &'static str,
    /// What it checks, for `--help`.
    about: &'static str,
    needs: Needs,
    run: fn(&Selection) -> Result<Ran>,
}

/// What has to be built before a part runs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Needs {
    /// Cargo builds what it runs.
    Cargo,
    /// The npm package.
    Package,
    /// The npm package, the Worker and the site.
    Everything,
}

const PARTS: [Part; 8] = [
    Part {
        name: "lints",
        about: "formatting, clippy, documentation",
        needs: Needs::Cargo,
        run: |_| rust::lints(),
    },
    Part {
        name: "engine",
        about: "the Rust tests, among them every golden case",
        needs: Needs::Cargo,
        run: rust::tests,
    },
    Part {
        name: "node",
        about: "the npm package in Node",
        needs: Needs::Package,
        run: package_tests,
    },
    Part {
        name: "worker",
        about: "the service in workerd, and its bundle",
        needs: Needs::Everything,
        run: worker_tests,
    },
    Part {
        name: "browser",
        about: "the package and the page in Chromium",
        needs: Needs::Everything,
        run: |selection| browser_tests("tests/browser", selection),
    },
    Part {
        name: "packages",
        about: "the packed package in bundlers, frameworks and other runtimes",
        needs: Needs::Package,
        run: |selection| browser_tests("tests/packages", selection),
    },
    Part {
        name: "sizes",
        about: "the size of each build against its budget",
        needs: Needs::Everything,
        run: |_| size::size().map(|()| Ran::default()),
    },
    Part {
        name: "oracles",
        about: "exported files read back by programs that are not ours",
        needs: Needs::Package,
        run: oracles::run,
    },
];

/// `cargo xtask test`: runs the parts that were asked for, all of them to their end, then names those that failed.
pub fn test(arguments: &[&str]) -> Result {
    let Some(selection) = Selection::parse(arguments)? else {
        print!("{}", help());
        return Ok(());
    };
    let parts = || PARTS.iter().filter(|part| selection.holds(part.name));
    tools::require_wasm_target()?;
    let mut summary = Summary::default();
    let needs = parts().map(|part| part.needs).max();
    // What is wrong in Rust is reported before minutes of building.
    for part in parts().filter(|part| part.needs == Needs::Cargo) {
        summary.run(part.name, || (part.run)(&selection));
    }
    if needs > Some(Needs::Cargo) {
        summary.run("build", || {
            match needs {
                Some(Needs::Everything) => build::build(),
                _ => build::package(),
            }
            .map(|()| Ran::default())
        });
        if summary.has_failed("build") {
            return summary.end(&selection);
        }
    }
    for part in parts().filter(|part| part.needs != Needs::Cargo) {
        summary.run(part.name, || (part.run)(&selection));
    }
    summary.end(&selection)
}

/// The names of the parts.
fn names() -> impl Iterator<Item = &'static str> {
    PARTS.iter().map(|part| part.name)
}

fn help() -> String {
    let parts = PARTS.iter();
    let parts = parts.map(|Part { name, about, .. }| format!("  {name:<9} {about}\n"));
    let parts: String = parts.collect();
    format!(
        "cargo xtask test [part...] [--name TEXT] [--all]   without parts, all of them run:
{parts}--name TEXT  only tests whose name, or whose file's path, contains TEXT, in any case
--all        the oracles read every file, not a chosen set
"
    )
}

/// Everything in the system's Node; in the pinned one what depends on the version of Node.
fn package_tests(selection: &Selection) -> Result<Ran> {
    const PINNED: [&str; 3] = [
        "tests/js/cases.test.mjs",
        "tests/js/package.test.mjs",
        "tests/js/platform.test.mjs",
    ];
    let mut ran = node::apart(node::files("tests/js")?, selection, Path::new("node"))?;
    let pinned = PINNED.map(tools::path).to_vec();
    ran.add(node::apart(pinned, selection, &tools::wrangler_node()?)?);
    Ok(ran)
}

fn worker_tests(selection: &Selection) -> Result<Ran> {
    let ran = node::together("tests/worker", selection, None)?;
    if selection.name().is_none() {
        worker_bundle()?;
    }
    Ok(ran)
}

/// What `wrangler deploy` would send, without sending it.
fn worker_bundle() -> Result {
    let mut wrangler = tools::wrangler()?;
    wrangler
        .args(["deploy", "--dry-run", "--outdir"])
        .arg(tools::path("target/worker-bundle"));
    tools::run(&mut wrangler)
}

fn browser_tests(folder: &str, selection: &Selection) -> Result<Ran> {
    node::together(folder, selection, Some(&browser::require_chromium()?))
}
