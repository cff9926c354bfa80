//! Chromium for the browser tests.

use crate::tools::{self, Result};
use std::path::PathBuf;

const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// Finds Chromium (`$CHROMIUM`, then the usual names), or installs Debian's when run as root.
pub fn require_chromium() -> Result<PathBuf> {
    if let Some(chromium) = find() {
        return Ok(chromium);
    }
    const ADVICE: &str = "Chromium is missing: install it (Debian: `apt-get install chromium`) or set CHROMIUM to its path";
    tools::install_debian_package("chromium").map_err(|error| format!("{ADVICE} ({error})"))?;
    find().ok_or_else(|| ADVICE.to_owned())
}

fn find() -> Option<PathBuf> {
    if let Some(chromium) = std::env::var_os("CHROMIUM") {
        return Some(chromium.into());
    }
    let folders = std::env::var_os("PATH")?;
    NAMES
        .iter()
        .flat_map(|name| std::env::split_paths(&folders).map(move |folder| folder.join(name)))
        .find(|file| file.is_file())
}
