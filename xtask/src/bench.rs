//! The benchmarks: tablecast, as its users get it, beside the packages that do the same.

use crate::tools::{self, Result, modified};
use crate::{browser, build};
use std::fs;
use std::process::Stdio;

/// Where the packed package is installed.
const FOLDER: &str = "target/bench";

/// Builds, packs and installs the package, and runs `benches/main.mjs`, which takes the arguments.
pub fn bench(arguments: &[&str]) -> Result {
    build::build()?;
    require_peers()?;
    let chromium = browser::require_chromium()?;
    install_packed()?;
    bundle_worker()?;
    let mut node = tools::command(tools::wrangler_node()?);
    node.arg(tools::path("benches/main.mjs"))
        .args(arguments)
        .envs(tools::WRANGLER_ENVIRONMENT)
        .env("CHROMIUM", chromium);
    tools::run(&mut node)
}

/// Puts the worker where `benches/service/` takes it from, as it would be deployed.
fn bundle_worker() -> Result {
    let folder = tools::path(FOLDER).join("worker");
    // Names of files hold hashes, so those of an older build would stay.
    let _ = fs::remove_dir_all(&folder);
    let mut wrangler = tools::wrangler()?;
    wrangler
        .args(["deploy", "--dry-run", "--outdir"])
        .arg(folder)
        .stdout(Stdio::null());
    tools::run(&mut wrangler)
}

/// The packages to compare with are no part of the development tools, which everybody installs.
fn require_peers() -> Result {
    let folder = tools::path("benches");
    let installed = modified(&folder.join("node_modules/.package-lock.json"));
    if installed.is_some() && installed >= modified(&folder.join("package-lock.json")) {
        return Ok(());
    }
    let mut npm = tools::npm();
    npm.current_dir(folder)
        .args(["ci", "--ignore-scripts", "--loglevel=error"]);
    tools::run(&mut npm)
}

fn install_packed() -> Result {
    let folder = tools::path(FOLDER);
    // An installed package of the same version would be taken for the same package.
    let _ = fs::remove_dir_all(folder.join("node_modules"));
    tools::write(
        &folder.join("package.json"),
        "{\"private\": true, \"type\": \"module\"}\n",
    )?;
    let mut pack = tools::npm();
    pack.args(["pack", "--silent", "--pack-destination"])
        .arg(&folder)
        .arg("./pkg");
    let name = tools::output(&mut pack)?;
    let mut install = tools::npm();
    install
        .current_dir(&folder)
        .args(["install", "--offline", "--ignore-scripts", "--no-audit"])
        .args(["--no-fund", "--no-save", "--no-package-lock", "--silent"])
        .arg(format!("./{}", name.trim()));
    tools::run(&mut install)
}
