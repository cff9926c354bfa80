//! The Python readers that outputs are compared with, in a virtual environment of their own.

use crate::tools::{self, Result, modified};
use std::fs;

/// Makes the environment when it is missing or its requirements changed, and runs `tests/oracles`.
pub fn run() -> Result {
    let environment = tools::path("target/oracles-venv");
    let python = environment.join("bin/python");
    let requirements = tools::path("tests/oracles/requirements.txt");
    let stamp = environment.join("installed");
    if modified(&stamp).is_none() || modified(&stamp) < modified(&requirements) {
        let _ = fs::remove_dir_all(&environment);
        tools::run(tools::command("python3").args(["-m", "venv"]).arg(&environment))
            .map_err(|_| "Python's module venv is missing: install Python 3 with it (Debian: `apt-get install python3-venv`)")?;
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
