//! Lists the definitions of the catalog, so that adding a type of resource is adding a file.

use std::error::Error;
use std::fmt::Write;
use std::path::PathBuf;
use std::{env, fs};

/// Writes the expression that `src/catalog/mod.rs` includes: an array of names and texts, in alphabetical order.
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=src/catalog");
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let mut names = Vec::new();
    for entry in fs::read_dir(root.join("src/catalog"))? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let name = path.file_stem().and_then(|stem| stem.to_str());
            names.push((name.unwrap_or_default().to_owned(), path));
        }
    }
    names.sort();
    let mut list = String::from("[\n");
    for (name, path) in names {
        writeln!(list, "    ({name:?}, include_str!({path:?})),")?;
    }
    list.push_str("]\n");
    let file = PathBuf::from(env::var("OUT_DIR")?).join("definitions.rs");
    fs::write(file, list)?;
    Ok(())
}
