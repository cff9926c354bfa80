//! The rules by which the engine is laid out, read from its source.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The engine's modules: each uses only those before it.
const ORDER: [&str; 20] = [
    "report",
    "error",
    "value",
    "text",
    "settings",
    "builtin",
    "zone",
    "number_format",
    "table",
    "guard",
    "filename",
    "template",
    "typed",
    "read",
    "write",
    "catalog",
    "shape",
    "export",
    "wire",
    "wasm",
];

struct SourceFile {
    path: String,
    module: String,
    /// The text without comments and without unit tests.
    code: String,
}

fn sources() -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let relative = path.strip_prefix(&root).unwrap();
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
            let lines = code.lines().filter(|line| !line.trim().starts_with("//"));
            let first = relative.components().next().unwrap();
            files.push(SourceFile {
                path: relative.to_str().unwrap().into(),
                module: first
                    .as_os_str()
                    .to_str()
                    .unwrap()
                    .trim_end_matches(".rs")
                    .into(),
                code: lines.collect::<Vec<_>>().join("\n"),
            });
        }
    }
    files
}

#[test]
fn the_code_map_names_every_module_in_the_order_that_holds() {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let rows = lib.lines().filter_map(|line| line.strip_prefix("//! | `"));
    let mapped: Vec<_> = rows
        .map(|row| row.split('`').next().unwrap().trim_end_matches('/'))
        .collect();
    assert_eq!(mapped, ORDER);
    let modules: BTreeSet<_> = sources().into_iter().map(|file| file.module).collect();
    let expected: BTreeSet<_> = ORDER
        .iter()
        .copied()
        .chain(["lib"])
        .map(String::from)
        .collect();
    assert_eq!(modules, expected);
}

#[test]
fn each_module_uses_only_those_above_it() {
    let rank = |module: &str| ORDER.iter().position(|name| *name == module);
    let mut wrong = Vec::new();
    for file in sources().iter().filter(|file| file.module != "lib") {
        let own = rank(&file.module).unwrap();
        for part in file.code.split("crate::").skip(1) {
            let used = part
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()
                .unwrap();
            match rank(used) {
                Some(used) if used <= own => {}
                _ => wrong.push(format!("{} uses crate::{used}", file.path)),
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_writer_uses_no_other_writer_and_a_reader_no_other_reader() {
    let mut wrong = Vec::new();
    for (folder, parts) in [
        ("write", writers()),
        ("read", vec!["json".into(), "csv".into()]),
    ] {
        for file in sources().iter().filter(|file| file.module == folder) {
            // JSON Lines are the records of JSON, each on its line.
            if file.path == "write/jsonl.rs" {
                continue;
            }
            let own = file.path.trim_start_matches(folder).trim_start_matches('/');
            let own = own.split(['/', '.']).next().unwrap();
            for part in parts.iter().filter(|part| *part != own && own != "mod") {
                for path in [format!("super::{part}"), format!("crate::{folder}::{part}")] {
                    if file.code.contains(&path) {
                        wrong.push(format!("{} uses {path}", file.path));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn writers() -> Vec<String> {
    let code = sources()
        .into_iter()
        .find(|file| file.path == "write/mod.rs")
        .unwrap()
        .code;
    code.lines()
        .filter_map(|line| Some(line.strip_prefix("mod ")?.trim_end_matches(';').to_owned()))
        .collect()
}

/// The files whose code holds one of these.
fn holders(names: &[&str]) -> BTreeSet<String> {
    let files = sources().into_iter();
    files
        .filter(|file| names.iter().any(|name| file.code.contains(name)))
        .map(|file| file.path)
        .collect()
}

#[test]
fn only_the_bindings_know_javascript() {
    let files = holders(&["wasm_bindgen", "js_sys", "JsValue", "web_sys"]);
    assert_eq!(files, BTreeSet::from(["wasm.rs".into()]));
}

#[test]
fn only_the_bindings_and_the_blocks_are_unsafe() {
    let files = holders(&["unsafe {", "unsafe fn", "unsafe impl", "(unsafe_code)"]);
    let expected = ["text/block.rs".into(), "wasm.rs".into()];
    assert_eq!(files, BTreeSet::from(expected));
}

#[test]
fn format_ids_stand_in_one_place() {
    let mut wrong = Vec::new();
    for file in sources().iter().filter(|file| file.path != "write/mod.rs") {
        for format in &tablecast::FORMATS {
            // The wire also names what the input is, which is not the file's format.
            let source = file.module == "wire" && ["json", "jsonl", "csv"].contains(&format.id);
            if file.code.contains(&format!("\"{}\"", format.id)) && !source {
                wrong.push(format!("{} names \"{}\"", file.path, format.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_stay_short() {
    let long: Vec<_> = sources()
        .into_iter()
        .filter(|file| file.code.lines().count() > 600)
        .map(|file| file.path)
        .collect();
    assert!(long.is_empty(), "{long:?}");
}
