//! The static assets that the worker serves, assembled in `target/site/`.

use crate::tools::{self, Result, cannot};
use std::fs;
use std::path::{Path, PathBuf};

/// The demo page's data: a file of the package `vega-datasets` and its name on the site.
const DATA: (&str, &str) = (
    "node_modules/vega-datasets/data/football.json",
    "data/matches.json",
);

/// The licence files at the root of the repository.
pub const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// Copies the page to `/`, the package to `/pkg/`, the data to `/data/`, and removes what is there besides.
pub fn assemble() -> Result {
    let site = tools::path("target/site");
    let mut files = Vec::new();
    add_folder(&tools::path("www"), &site, &mut files)?;
    add_folder(&tools::path("pkg"), &site.join("pkg"), &mut files)?;
    files.push((tools::path(DATA.0), site.join(DATA.1)));
    for licence in LICENCES {
        if tools::path(licence).is_file() {
            files.push((tools::path(licence), site.join(licence)));
        }
    }
    for (from, to) in &files {
        tools::copy(from, to)?;
    }
    for file in tools::files_under(&site)? {
        if !files.iter().any(|(_, to)| *to == file) {
            fs::remove_file(&file).map_err(|error| cannot("remove", &file, error))?;
        }
    }
    Ok(())
}

fn add_folder(from: &Path, to: &Path, files: &mut Vec<(PathBuf, PathBuf)>) -> Result {
    for file in tools::files_under(from)? {
        let relative = file
            .strip_prefix(from)
            .map_err(|error| error.to_string())?
            .to_owned();
        let skipped = relative.starts_with("node_modules")
            || relative.extension().is_some_and(|end| end == "tgz");
        if !skipped {
            files.push((file, to.join(relative)));
        }
    }
    Ok(())
}
