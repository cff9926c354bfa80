//! The Python readers that outputs are compared with, in a virtual environment of their own.

use crate::tools::{self, Result, modified};
use std::fs;

const ADVICE: &str =
    "Python 3 with its module venv is missing: install it (Debian: `apt-get install python3-venv`)";

/// Makes the environment when it is missing or its requirements changed, and runs `tests/oracles`.
pub fn run() -> Result {
    let environment = tools::path("target/oracles-venv");
    let python = environment.join("bin/python");
    let requirements = tools::path("tests/oracles/requirements.txt");
    let stamp = environment.join("installed");
    if modified(&stamp).is_none() || modified(&stamp) < modified(&requirements) {
        let _ = fs::remove_dir_all(&environment);
        let make = || {
            let mut venv = tools::command("python3");
            tools::run(venv.args(["-m", "venv"]).arg(&environment))
        };
        make()
            .or_else(|_| tools::install_debian_package("python3-venv").and_then(|()| make()))
            .map_err(|error| format!("{ADVICE} ({error})"))?;
        let mut pip = tools::command(&python);
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--requirement",
        ])
        .arg(&requirements);
        tools::run(&mut pip)?;
        tools::write(&stamp, "")?;
    }
    tools::run(tools::command(&python).args([
        "-m",
        "unittest",
        "discover",
        "--start-directory",
        "tests/oracles",
    ]))
}
