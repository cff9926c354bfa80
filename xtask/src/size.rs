//! Sizes of what is delivered, and their budgets.

use crate::tools::{self, Result};
use std::collections::BTreeMap;
use std::path::PathBuf;

const BUDGETS: &str = "xtask/size-budget.txt";

/// Prints raw and `gzip -9` sizes; fails when one is past its budget.
pub fn size() -> Result {
    let mut rows = vec![
        row(
            "core (wasm + glue)",
            &["pkg/wasm/core_bg.wasm", "pkg/wasm/core.js"],
        )?,
        row(
            "full (wasm + glue)",
            &["pkg/wasm/full_bg.wasm", "pkg/wasm/full.js"],
        )?,
        row(
            "catalog (wasm + glue)",
            &["pkg/wasm/catalog_bg.wasm", "pkg/wasm/catalog.js"],
        )?,
        row(
            "worker (wasm + glue)",
            &[
                "worker/build/worker_bg.wasm",
                "worker/build/worker.js",
                "worker/handlers.js",
            ],
        )?,
    ];
    for file in tools::files_under(&tools::path("pkg"))? {
        let Ok(relative) = file.strip_prefix(tools::path("")) else {
            continue;
        };
        let name = relative.to_string_lossy().replace('\\', "/");
        let delivered = name.ends_with(".js") || name.ends_with(".wasm");
        if delivered && !name.contains("node_modules") {
            rows.push(row(&name, &[&name])?);
        }
    }
    let budgets = budgets()?;
    println!("{:<28} {:>9} {:>9} {:>9}", "", "bytes", "gzip -9", "budget");
    let mut past = Vec::new();
    for Row { name, raw, gzip } in &rows {
        let budget = budgets.get(name.as_str());
        let shown = budget.map(u64::to_string).unwrap_or_default();
        println!("{name:<28} {raw:>9} {gzip:>9} {shown:>9}");
        if budget.is_some_and(|budget| gzip > budget) {
            past.push(format!(
                "{name} has {gzip} bytes gzipped, past its budget of {shown} in {BUDGETS}"
            ));
        }
    }
    if past.is_empty() {
        Ok(())
    } else {
        Err(past.join("\n"))
    }
}

struct Row {
    name: String,
    raw: u64,
    gzip: u64,
}

/// The sum over files that are delivered together, each compressed for itself.
fn row(name: &str, files: &[&str]) -> Result<Row> {
    const SCRIPT: &str = r#"
        import { readFileSync } from "node:fs";
        import { gzipSync } from "node:zlib";
        const files = process.argv.slice(1).map((file) => readFileSync(file));
        const sum = (size) => files.reduce((total, file) => total + size(file), 0);
        console.log(sum((file) => file.length), sum((file) => gzipSync(file, { level: 9 }).length));
    "#;
    let paths: Vec<PathBuf> = files.iter().map(|file| tools::path(file)).collect();
    let printed = tools::output(
        tools::node()
            .args(["--input-type=module", "--eval", SCRIPT])
            .args(paths),
    )?;
    let mut numbers = printed.split_whitespace().map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(raw)), Some(Ok(gzip))) => Ok(Row {
            name: name.to_owned(),
            raw,
            gzip,
        }),
        _ => Err(format!("cannot measure {name}: `{printed}`")),
    }
}

/// Lines of a name, `:` and the most bytes that it may have when compressed; `#` starts a comment.
fn budgets() -> Result<BTreeMap<String, u64>> {
    let text = tools::read(&tools::path(BUDGETS))?;
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, bytes) = line.rsplit_once(':')?;
            Some((name.trim().to_owned(), bytes.trim().parse().ok()?))
        })
        .collect::<Option<_>>()
        .ok_or_else(|| format!("{BUDGETS} wants lines of `name: bytes`"))
}
