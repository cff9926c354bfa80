//! Presets and system templates, and the tables of the documentation that list them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tablecast::{Format, PRESETS, Request, SYSTEM_TEMPLATES, Setting, Surface, export_bytes};

/// Files with a table of presets.
const DOCUMENTED_IN: [&str; 2] = ["src/builtin/mod.rs", "README.md"];

/// The options of CSV that presets differ in, in the order of the table's columns.
fn defaults() -> Value {
    json!({
        "delimiter": ",",
        "decimal": ".",
        "terminator": "\r\n",
        "bom": false,
        "true_text": "true",
        "false_text": "false",
        "formula_guard": true,
    })
}

#[test]
fn the_documented_table_holds_every_value_of_every_preset() {
    for file in DOCUMENTED_IN {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
        for preset in &PRESETS {
            let options: Value = serde_json::from_str(preset.options).unwrap();
            let mut values = defaults();
            for (name, value) in options["csv"].as_object().unwrap() {
                assert!(values.get(name).is_some(), "no column for {name}");
                values[name] = value.clone();
            }
            let cells = values.as_object().unwrap().iter().map(|(name, value)| {
                let text = match value {
                    Value::String(text) => text.escape_debug().to_string(),
                    other => other.to_string(),
                };
                match name.as_str() {
                    "delimiter" | "decimal" | "terminator" => format!("`{text}`"),
                    _ => text,
                }
            });
            let cells: Vec<_> = cells.collect();
            let row = format!("| `{}` | {} |", preset.id, cells.join(" | "));
            assert!(text.contains(&row), "{file} lacks the row\n{row}");
        }
    }
}

#[test]
fn a_preset_changes_what_it_says_and_nothing_else() {
    let input = r#"[{"a":-1.5,"b":true,"c":null,"d":"","e":"=x","f":"a;b"}]"#.as_bytes();
    for preset in &PRESETS {
        let by_name = json!({"preset": preset.id}).to_string();
        let by_name = Setting::from_json(by_name.as_bytes()).unwrap();
        let spelled_out = Setting::from_json(preset.options.as_bytes()).unwrap();
        assert_eq!(
            export_bytes(&by_name, input),
            export_bytes(&spelled_out, input),
            "{}",
            preset.id
        );
    }
}

#[test]
fn ids_are_unique_and_name_files() {
    let ids = PRESETS.iter().map(|preset| ("presets", preset.id));
    let ids = ids.chain(SYSTEM_TEMPLATES.iter().map(|it| ("templates", it.id)));
    let ids: BTreeSet<_> = ids.collect();
    assert_eq!(ids.len(), PRESETS.len() + SYSTEM_TEMPLATES.len());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/builtin");
    for folder in ["presets", "templates"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let stem = path.file_stem().unwrap().to_str().unwrap();
            assert!(ids.contains(&(folder, stem)), "{stem} is not listed");
        }
    }
}

#[test]
fn a_system_template_is_a_template_like_any_other() {
    let input = r#"[{"a":1}]"#.as_bytes();
    for shipped in &SYSTEM_TEMPLATES {
        let template: Value = serde_json::from_str(shipped.template).unwrap();
        assert!(template["name"].is_string(), "{} has no name", shipped.id);
        let format = template["format"].as_str().unwrap_or("html");
        let outcome = |template: &Value| {
            let options = json!({"format": format, "template": template}).to_string();
            export_bytes(&Setting::from_json(options.as_bytes()).unwrap(), input).unwrap()
        };
        assert_eq!(outcome(&json!(shipped.id)), outcome(&template));
    }
}

#[test]
fn a_file_is_named_for_its_template_or_as_its_options_say() {
    let name = |options: Value| {
        let options = Setting::from_json(options.to_string().as_bytes()).unwrap();
        Request::new(&options, Surface::Http).unwrap().file().name
    };
    assert_eq!(name(json!({"template": "spreadsheet-de"})), "Tabelle.csv");
    let named = json!({"template": "spreadsheet-de", "filename": "Mai"});
    assert_eq!(name(named), "Mai.csv");
    let fallen_back = json!({"format": "pdf", "fallback": "html", "filename": "Mai.PDF"});
    assert_eq!(name(fallen_back), "Mai.html");
}

#[test]
fn a_query_takes_a_template_by_its_id_and_only_one() {
    let request = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter().map(|(a, b)| ((*a).into(), (*b).into()));
        Request::from_query(pairs).map(|request| request.file().name)
    };
    assert_eq!(
        request(&[("template", "dataset"), ("preset", "excel")]),
        Ok("Dataset.json".into())
    );
    for pairs in [
        [("template", "dataset"), ("template", "report")],
        [("template", "{}"), ("template.name", "x")],
        [("template.name", "x"), ("template", "report")],
    ] {
        let error = request(&pairs).unwrap_err();
        assert_eq!(error.code(), "contradictory_options", "{pairs:?}");
        assert!(error.to_string().contains("an export has one template"));
    }
}

#[test]
fn a_query_falls_back_from_pdf_unless_told_otherwise() {
    let file = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter().map(|(a, b)| ((*a).into(), (*b).into()));
        Request::from_query(pairs).map(|request| request.file().name)
    };
    assert_eq!(file(&[("format", "pdf")]), Ok("export.html".into()));
    for pairs in [
        [("format", "pdf"), ("fallback", "error")],
        [("format", "xlsx"), ("fallback", "html")],
    ] {
        assert_eq!(file(&pairs).unwrap_err().code(), "format_not_built");
    }
    assert!(!Format::find("pdf").unwrap().is_built());
}
