//! Every type of resource, held to what the references say of it.
//!
//! `tests/resources/reference.json` has the facts. The files under `tests/resources/cases` come from the model of them in
//! `tests/resources/model.mjs`; tests/js/resources.test.mjs sees to it that they are what the model makes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tablecast::{ErrorKind, Report, Resource, Setting, export_bytes};

use crate::run::{Random, options, stream};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/resources")
}

fn read(path: &str) -> Value {
    serde_json::from_slice(&fs::read(root().join(path)).unwrap()).unwrap()
}

/// The facts by the names of the types.
fn facts() -> serde_json::Map<String, Value> {
    match read("reference.json") {
        Value::Object(facts) => facts,
        other => panic!("{other}"),
    }
}

/// The cases by the names of the types, those of the made-up type among them.
fn cases() -> BTreeMap<String, Vec<Value>> {
    let entries = fs::read_dir(root().join("cases")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names
        .map(|name| {
            let cases = read(&format!("cases/{name}/cases.json"));
            (name, cases.as_array().unwrap().clone())
        })
        .collect()
}

/// The options of a case, in which the definition of the made-up type stands in place of its name.
fn settings(options: &Value) -> Setting {
    let mut options = options.clone();
    if options["resource"] == "invoices" {
        options["resource"] = read("invoices.json");
    }
    Setting::from_json(options.to_string().as_bytes()).unwrap()
}

#[test]
fn every_type_gives_the_files_of_its_reference_whatever_the_chunks() {
    let cases = cases();
    let facts = facts();
    let described = facts
        .iter()
        .filter(|(_, fact)| fact["envelope"] != json!([]));
    let mut expected: Vec<_> = described.map(|(name, _)| name.as_str()).collect();
    expected.push("invoices");
    expected.sort_unstable();
    assert_eq!(cases.keys().collect::<Vec<_>>(), expected);
    let mut random = Random(0x5EED);
    for (name, cases) in &cases {
        for case in cases {
            let folder = root().join("cases").join(name);
            let input = fs::read(folder.join(case["input"].as_str().unwrap())).unwrap();
            let expected = fs::read(folder.join(case["file"].as_str().unwrap())).unwrap();
            let options = settings(&case["options"]);
            let runs = [
                export_bytes(&options, &input).map_err(|error| (error, Vec::new())),
                stream(&options, input.chunks(1)),
                stream(&options, random.cut(&input, 50)),
                stream(&options, random.cut(&input, 900)),
            ];
            for run in runs {
                let (file, report) = run.unwrap_or_else(|error| panic!("{name} {case}: {error:?}"));
                assert_eq!(
                    String::from_utf8_lossy(&file),
                    String::from_utf8_lossy(&expected),
                    "{name} {case}"
                );
                let codes = report.warnings.iter().map(|warning| warning.code);
                let others: Vec<_> = codes.filter(|code| *code != "formula_guarded").collect();
                assert!(others.is_empty(), "{name} {case}: {others:?}");
            }
        }
    }
}

#[test]
fn every_type_offers_the_formats_and_the_filters_of_its_reference_and_no_others() {
    let facts = facts();
    assert_eq!(Resource::names().count(), facts.len());
    for (name, fact) in &facts {
        let resource = Resource::find(name).unwrap();
        let offered: Vec<_> = resource.formats.iter().map(|format| format.id).collect();
        let texts = |list: &Value| -> Vec<String> {
            let items = list.as_array().unwrap().iter();
            items
                .map(|item| item.as_str().unwrap().to_owned())
                .collect()
        };
        let expected = texts(&fact["formats"]);
        // Memories were offered as everything that can be written before there was a reference of types.
        if name == "memories" {
            assert!(expected.iter().all(|id| offered.contains(&id.as_str())));
        } else {
            assert_eq!(offered, expected, "{name}");
        }
        let filters = resource.filters.iter().map(|filter| &filter.name);
        let switches = resource.switches.iter().map(|switch| &switch.name);
        let mut found: Vec<_> = filters.chain(switches).collect();
        let named = fact["filters"].as_array().unwrap().iter();
        let mut expected: Vec<_> = named
            .map(|filter| filter["name"].as_str().unwrap())
            .collect();
        found.sort_unstable();
        expected.sort_unstable();
        // Of what the guide names the references describe the formats alone.
        if fact["envelope"] != json!([]) {
            assert_eq!(found, expected, "{name}");
        }
        let others = tablecast::FORMATS
            .iter()
            .filter(|format| !offered.contains(&format.id));
        for other in others {
            let request = json!({ "resource": name, "envelope": { "software_version": "1", "account_id": "a" } });
            let error =
                export_bytes(&options(&request.to_string(), Some(other.id)), b"[]").unwrap_err();
            let told = format!("{error} {:?}", error.hint());
            assert_eq!(error.code(), "format_not_offered", "{name}: {told}");
            assert!(offered.iter().all(|id| told.contains(id)), "{name}: {told}");
        }
    }
}

/// One thing that is wrong with a field, and the code that tells it.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Null,
    Missing,
    Mistyped,
    Unheard,
}

const FAULTS: [Fault; 4] = [Fault::Null, Fault::Missing, Fault::Mistyped, Fault::Unheard];

impl Fault {
    fn code(self) -> &'static str {
        match self {
            Self::Null => "null_not_allowed",
            Self::Missing => "missing_field",
            Self::Mistyped => "field_type",
            Self::Unheard => "outside_enum",
        }
    }

    /// Whether it is wrong about a field at all.
    fn is_one(self, fact: &Value) -> bool {
        match self {
            Self::Null => fact["nullable"] != true,
            Self::Missing | Self::Mistyped => true,
            Self::Unheard => fact["values"].is_array(),
        }
    }

    fn apply(self, record: &mut serde_json::Map<String, Value>, fact: &Value) {
        let name = fact["name"].as_str().unwrap();
        let value = match (self, fact["type"].as_str().unwrap()) {
            (Self::Missing, _) => {
                record.remove(name);
                return;
            }
            (Self::Null, _) => Value::Null,
            (Self::Unheard, _) => json!("unheard_of"),
            (Self::Mistyped, "string") => json!(17),
            (Self::Mistyped, "integer") => json!(0.5),
            (Self::Mistyped, "array") => json!({}),
            (Self::Mistyped, _) => json!("text"),
        };
        record.insert(name.into(), value);
    }
}

/// All fields of records of a type with the paths to them, those in records of records too.
fn fields(fact: &Value, record: &str, before: &[String], found: &mut Vec<(Vec<String>, Value)>) {
    for field in fact["records"][record].as_array().unwrap() {
        let name = field["name"].as_str().unwrap().to_owned();
        let path = [before, &[name]].concat();
        if let Some(inner) = field["record"].as_str() {
            fields(fact, inner, &path, found);
        }
        found.push((path, field.clone()));
    }
}

/// The first record that holds what a path leads to.
fn record_at<'a>(
    mut value: &'a mut Value,
    path: &[String],
) -> &'a mut serde_json::Map<String, Value> {
    for name in path {
        value = &mut value[name.as_str()];
        if value.is_array() {
            value = &mut value[0];
        }
    }
    value.as_object_mut().unwrap()
}

fn told(report: &Report) -> Vec<(&'static str, Option<&str>)> {
    let warnings = report.warnings.iter();
    warnings
        .map(|warning| (warning.code, warning.column.as_deref()))
        .collect()
}

#[test]
fn each_field_is_held_to_its_type_to_null_and_to_its_values() {
    let mut held = 0;
    for (name, fact) in facts() {
        let folder = root().join("cases").join(&name);
        let is_table = folder.join("input.json").exists();
        let Ok(input) = fs::read(folder.join(if is_table {
            "input.json"
        } else {
            "input-1.json"
        })) else {
            continue;
        };
        let input: Value = serde_json::from_slice(&input).unwrap();
        // The first record of a table has all that a record can have; so has the first document.
        let input = if is_table {
            input["items"][0].clone()
        } else {
            input
        };
        let switches = fact["filters"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|filter| filter["test"] == "switch");
        let on: serde_json::Map<_, _> = switches
            .map(|filter| (filter["name"].as_str().unwrap().into(), json!(true)))
            .collect();
        let request = json!({
            "resource": name, "format": "json", "now": "2026-11-21T08:30:00Z", "filters": on,
            "envelope": { "software_version": "1", "account_id": "a" },
        });
        let mut all = Vec::new();
        for member in fact["envelope"].as_array().unwrap() {
            if let Some(record) = member["record"].as_str() {
                let before = [member["name"].as_str().unwrap().to_owned()];
                fields(
                    &fact,
                    record,
                    if is_table { &[] } else { &before },
                    &mut all,
                );
            }
        }
        for (path, field) in all {
            // What is counted is not read, and of what has no type in the reference nothing is known.
            if field["counts"].is_string() || field["type"].is_null() {
                continue;
            }
            held += 1;
            let column = path.join(".");
            for (number, fault) in FAULTS.into_iter().enumerate() {
                let mut odd = input.clone();
                fault.apply(record_at(&mut odd, &path[..path.len() - 1]), &field);
                let odd = if is_table { json!([odd]) } else { odd };
                let run =
                    |request: &Value| export_bytes(&settings(request), odd.to_string().as_bytes());
                let (_, report) = run(&request).unwrap();
                if !fault.is_one(&field) {
                    assert!(
                        matches!(fault, Fault::Unheard) || told(&report).is_empty(),
                        "{name} {column} {fault:?}: {:?}",
                        report.warnings
                    );
                    continue;
                }
                assert_eq!(
                    told(&report),
                    [(fault.code(), Some(column.as_str()))],
                    "{name} {fault:?}"
                );
                // One of the faults with `strict`, since each takes its time.
                if held % 4 != number {
                    continue;
                }
                let mut strict = request.clone();
                strict["strict"] = json!(true);
                let error = run(&strict).unwrap_err();
                assert!(
                    matches!(error.kind(), ErrorKind::Strict { .. }),
                    "{name} {column} {fault:?}: {error}"
                );
            }
        }
    }
    assert_eq!(held, 235);
}
