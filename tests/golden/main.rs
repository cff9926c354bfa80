//! Golden cases: every folder of `tests/cases` is a test of that name, and holds an input, options, and the files that they
//! give, however the input is cut.
//!
//! `UPDATE_GOLDEN=1 cargo test --test golden` writes the expectations anew; read the difference.

// `clippy.toml` excepts functions marked as tests, not those that they share.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used
)]

#[path = "../engine/run.rs"]
mod run;

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Trial};
use serde_json::{Value, json};
use tablecast::{Error, FORMATS, Report, Setting, export_bytes};

use crate::run::{Random, Streamed, options, stream};

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut folders: Vec<PathBuf> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    assert!(folders.len() > 50, "the cases are gone");
    let trials = folders.into_iter().map(|folder| {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        Trial::test(name, move || {
            Case::read(folder).check();
            Ok(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}

struct Case {
    folder: PathBuf,
    input: Vec<u8>,
    options: String,
    /// The format of each run; `None` where the options say it.
    formats: Vec<Option<String>>,
    /// The code with which a true stream fails, where the whole input does not.
    stream_error: Option<String>,
}

impl Case {
    fn read(folder: PathBuf) -> Self {
        let meta: Value = match fs::read(folder.join("case.json")) {
            Ok(meta) => serde_json::from_slice(&meta).unwrap(),
            Err(_) => Value::Null,
        };
        let formats = match meta["formats"].as_array() {
            Some(ids) => ids.iter().map(|id| id.as_str().map(Into::into)).collect(),
            None => FORMATS
                .iter()
                .filter(|format| format.is_built())
                .map(|format| Some(format.id.into()))
                .collect(),
        };
        Self {
            input: ["input.json", "input.csv"]
                .iter()
                .find_map(|name| fs::read(folder.join(name)).ok())
                .unwrap(),
            options: fs::read_to_string(folder.join("options.json")).unwrap(),
            formats,
            stream_error: meta["stream_error"].as_str().map(Into::into),
            folder,
        }
    }

    fn check(&self) {
        let mut reports = serde_json::Map::new();
        for format in &self.formats {
            let options = options(&self.options, format.as_deref());
            match export_bytes(&options, &self.input) {
                Ok((file, report)) => {
                    let format = report.format;
                    self.expect(&format!("expected.{}", extension(format)), &file);
                    self.check_streams(&options, Some((&file, &report)));
                    reports.insert(format.into(), report_json(&report));
                }
                Err(error) => {
                    self.expect("expected.error.json", &pretty(&error_json(&error)));
                    self.check_streams(&options, None);
                }
            }
        }
        if !reports.is_empty() {
            self.expect("expected.report.json", &pretty(&Value::Object(reports)));
        }
    }

    fn expect(&self, name: &str, found: &[u8]) {
        let path = self.folder.join(name);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(path, found).unwrap();
            return;
        }
        let expected = fs::read(&path).unwrap_or_default();
        assert!(
            expected == found,
            "{} differs:\n--- expected\n{}\n--- found\n{}",
            path.display(),
            String::from_utf8_lossy(&expected),
            String::from_utf8_lossy(found)
        );
    }

    /// A stream gives the same file, or fails with the same error, however it is cut.
    fn check_streams(&self, options: &Setting, expected: Option<(&Vec<u8>, &Report)>) {
        let mut runs = vec![
            stream(options, [&*self.input]),
            stream(options, self.input.chunks(1)),
        ];
        let mut random = Random(0x5EED);
        for longest in [2, 7, 60, 3000] {
            runs.push(stream(options, random.cut(&self.input, longest)));
        }
        for run in &runs {
            match (run, expected, &self.stream_error) {
                (Ok((file, report)), Some(expected), None) => {
                    assert_eq!((file, report), expected, "{}", self.folder.display());
                }
                (Err((error, _)), Some(_), Some(code)) => assert_eq!(error.code(), code),
                (Err((error, before)), None, None) => {
                    self.expect("expected.error.json", &pretty(&error_json(error)));
                    assert!(before.is_empty(), "output before an early error");
                }
                _ => panic!("{}: {run:?}", self.folder.display()),
            }
        }
        assert!(runs.windows(2).all(|pair| same(&pair[0], &pair[1])));
    }
}

fn same(a: &Streamed, b: &Streamed) -> bool {
    match (a, b) {
        (Ok(a), Ok(b)) => a == b,
        (Err((a, _)), Err((b, _))) => a == b,
        _ => false,
    }
}

fn extension(format: &str) -> &'static str {
    tablecast::Format::find(format).unwrap().extension
}

fn report_json(report: &Report) -> Value {
    let warnings = report.warnings.iter().map(|warning| {
        without_nulls(json!({
            "code": warning.code,
            "message": warning.message,
            "column": warning.column,
            "count": warning.count,
            "firstRow": warning.first_row,
        }))
    });
    json!({
        "format": report.format,
        "rows": report.rows,
        "columns": report.columns,
        "bytes": report.bytes,
        "warnings": warnings.collect::<Vec<_>>(),
    })
}

fn error_json(error: &Error) -> Value {
    let location = error.location();
    without_nulls(json!({
        "code": error.code(),
        "message": error.to_string(),
        "hint": error.hint(),
        "row": location.row,
        "line": location.line,
        "column": location.column,
    }))
}

fn without_nulls(mut object: Value) -> Value {
    if let Some(members) = object.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    object
}

fn pretty(value: &Value) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(value).unwrap();
    text.push(b'\n');
    text
}
