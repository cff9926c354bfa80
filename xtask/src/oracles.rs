//! The Python readers that outputs are compared with, in a virtual environment of their own.

use crate::test::{Ran, Selection};
use crate::tools::{self, Result, modified};
use std::fs;
use tablecast::{Zone, zone_table, zone_table_version};

const ADVICE: &str =
    "Python 3 with its module venv is missing: install it (Debian: `apt-get install python3-venv`)";

/// Makes the environment when it is missing or its requirements changed, and runs `tests/oracles`.
pub fn run(selection: &Selection) -> Result<Ran> {
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
        pip.args(["-m", "pip", "install", "--quiet"])
            .args(["--disable-pip-version-check", "--requirement"])
            .arg(&requirements);
        tools::run(&mut pip)?;
        tools::write(&stamp, "")?;
    }
    write_zone_changes()?;
    let mut tests = tools::command(&python);
    tests.arg("tests/oracles/run.py");
    if let Some(name) = selection.name() {
        tests.env("TEST_NAME", name);
    }
    if selection.is_all() {
        tests.env("ORACLES_ALL", "1");
    }
    Ran::counted_by(&mut tests)
}

/// Unix seconds between which the offsets of zones are compared: the years 1900 to 2100, and two spans that only rules
/// reach.
const SPANS: [(i64, i64); 3] = [
    (-2_208_988_800, 4_133_980_800),
    (16_693_776_000, 16_756_848_000),
    (253_087_372_800, 253_370_764_800),
];

/// So far apart are the moments at which offsets are asked for.
const STEP: i64 = 9 * 86_400;

/// Writes when the offset of each zone changes, as the engine tells it from the package's table, for a test that asks
/// another implementation the same. It does not look into the zone: it asks for offsets, and where two differ it closes
/// in on the moment between them.
fn write_zone_changes() -> Result {
    let mut text = format!("{}\n", zone_table_version());
    for line in zone_table().lines() {
        let read = line
            .split_once(';')
            .and_then(|(names, line)| Some((names, Zone::from_compact(line)?)));
        let (names, zone) = read.ok_or_else(|| format!("this is no line of a zone: {line}"))?;
        let mut changes = String::new();
        for (start, end) in SPANS {
            changes.push_str(&format!(" {start}:{}", zone.offset_at(start)));
            let mut before = start;
            while before < end {
                let after = before + STEP;
                if zone.offset_at(before) != zone.offset_at(after) {
                    let moment = change_between(&zone, before, after);
                    changes.push_str(&format!(" {moment}:{}", zone.offset_at(moment)));
                }
                before = after;
            }
        }
        for name in names.split(' ') {
            text.push_str(&format!("{name}{changes}\n"));
        }
    }
    tools::write(&tools::path("target/zone-changes.txt"), text)
}

/// The first moment with another offset than at `before`, where it differs at `after`.
fn change_between(zone: &Zone, mut before: i64, mut after: i64) -> i64 {
    let offset = zone.offset_at(before);
    while after - before > 1 {
        let middle = before + (after - before) / 2;
        if zone.offset_at(middle) == offset {
            before = middle;
        } else {
            after = middle;
        }
    }
    after
}
