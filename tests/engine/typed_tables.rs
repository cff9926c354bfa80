//! What holds for types, number formats, totals, paths and flattened records, whatever they are.

use serde_json::{Value, json};
use tablecast::{Exporter, Request, Surface, export_bytes};

use crate::run::{Random, options, stream};

/// Pieces of which random codes of number formats are made.
const CODES: [&str; 48] = [
    "0",
    "#",
    "?",
    "0",
    "#,##0",
    ".",
    ".00",
    ",",
    ",,",
    "%",
    "E+00",
    "E-0",
    "General",
    "@",
    ";",
    ";",
    "\"é\"",
    "\"=\"",
    "\\-",
    "_x",
    "*x",
    "[Red]",
    "[Color 7]",
    "[$€-407]",
    "[$-409]",
    "-",
    "+",
    "(",
    ")",
    " ",
    "/",
    ":",
    "yyyy",
    "yy",
    "m",
    "mm",
    "mmm",
    "mmmmm",
    "d",
    "dddd",
    "h",
    "hh",
    "ss",
    "ss.000",
    "[h]",
    "[mm]",
    "[s]",
    "AM/PM",
];

const TYPES: [Option<&str>; 11] = [
    None,
    Some("text"),
    Some("integer"),
    Some("number"),
    Some("boolean"),
    Some("date"),
    Some("datetime"),
    Some("duration"),
    Some("percent"),
    Some("currency"),
    Some("link"),
];

/// Values as JSON text, at the ends of what each type takes and beyond.
const VALUES: [&str; 56] = [
    "null",
    "true",
    "false",
    "0",
    "-0",
    "-0.0",
    "1",
    "0.5",
    "-0.5",
    "0.005",
    "-9.995",
    "9.999999999999999999999",
    "1e3",
    "1E-7",
    "-1e308",
    "1e399",
    "1e400",
    "1e-390",
    "1e999999999999999999999",
    "-1e-999999999999999999999",
    "123456789012345678901234567890.123456789",
    "9223372036854775807",
    "-9223372036854775808",
    "170141183460469231731687303715884105727",
    "-170141183460469231731687303715884105728",
    "253402300799999",
    "253402300800000",
    "-62135596800000",
    "-62135596800001",
    "\"\"",
    "\"x\"",
    "\"=1+1\"",
    "\"-5\"",
    "\"007\"",
    "\"12.50\"",
    "\"true\"",
    "\"2026-02-28\"",
    "\"2026-02-29\"",
    "\"0000-01-01\"",
    "\"0000-01-01T00:00:00Z\"",
    "\"9999-12-31T23:59:59.999999999Z\"",
    "\"9999-12-31T23:59:59.9\"",
    "\"2026-01-31 12:00:00+23:59\"",
    "\"2026-01-31T12:00-23:59\"",
    "\"0000-99-99T99:99:99\"",
    "\"PT1H30M\"",
    "\"-P106751991167300DT15H30M7.9S\"",
    "\"P999999999999999W\"",
    "\"999999999999999:59:59.999999999\"",
    "\"1:30\"",
    "\"https://a.bc/?x=<\\\"&\"",
    "\"javascript:1\"",
    "\"\\u0000\\ud800é\\n\"",
    "[1,{}]",
    "{}",
    "{\"b\":1,\"c\":{\"d\":\"x\",\"\":{ }},\"e.f\":[{}]}",
];

fn one_of<'a, T>(random: &mut Random, values: &'a [T]) -> &'a T {
    &values[random.below(values.len())]
}

fn random_column(random: &mut Random) -> Value {
    let keys = ["a", "b", "a.b", "a.c", "a.c.d", "b.1.x", "e.f", ".", "z"];
    let mut column = json!({ "key": one_of(random, &keys) });
    if let Some(name) = one_of(random, &TYPES) {
        column["type"] = json!(name);
    }
    if random.below(2) == 0 {
        let pieces = (0..1 + random.below(5)).map(|_| *one_of(random, &CODES));
        column["format"] = json!(pieces.collect::<String>());
    }
    if random.below(3) == 0 {
        column["total"] = json!(one_of(random, &["sum", "count", "average", "min", "max"]));
    }
    column
}

fn random_records(random: &mut Random) -> String {
    let records: Vec<_> = (0..random.below(12))
        .map(|_| {
            let members: Vec<_> = (0..random.below(4))
                .map(|_| {
                    let key = one_of(random, &["a", "b", "c", "a.b", "", "é\\n"]);
                    format!("\"{key}\" : {}", one_of(random, &VALUES))
                })
                .collect();
            format!("{{{}}}", members.join(" ,"))
        })
        .collect();
    format!("[{}]", records.join(",\n"))
}

#[test]
fn every_type_and_format_takes_every_value_however_the_input_is_cut() {
    let mut random = Random(0xF0);
    let mut exported = 0;
    for _ in 0..4_000 {
        let columns: Vec<_> = (0..1 + random.below(4))
            .map(|_| random_column(&mut random))
            .collect();
        let mut form = json!({
            "time_zone": one_of(&mut random, &["UTC", "+23:59", "-23:59", "Europe/Berlin", "Asia/Kolkata"]),
            "csv": one_of(&mut random, &[json!({}), json!({ "decimal": ",", "delimiter": ";" })]),
            "html": { "fragment": random.below(2) == 0, "spreadsheet": random.below(2) == 0 },
            "flatten": random.below(3) == 0,
            "strict": random.below(8) == 0,
        });
        match random.below(3) {
            0 => form["columns"] = json!(columns),
            1 => {
                form["template"] =
                    json!({ "column_mapping": columns, "total_label": "=1", "footer_text": "=2" })
            }
            _ => {}
        }
        let format = one_of(&mut random, &["csv", "json", "jsonl", "html", "markdown"]);
        let options = options(&form.to_string(), Some(format));
        let input = random_records(&mut random);
        let whole = export_bytes(&options, input.as_bytes());
        let cut = stream(&options, random.cut(input.as_bytes(), 5));
        match (whole, cut) {
            (Ok((file, report)), Ok(cut)) => {
                exported += 1;
                let text = std::str::from_utf8(&file).unwrap();
                if *format == "json" {
                    serde_json::from_str::<Value>(text).unwrap();
                }
                if *format == "jsonl" {
                    for line in text.lines() {
                        serde_json::from_str::<Value>(line).unwrap();
                    }
                    assert_eq!(text.lines().count() as u64, report.rows);
                }
                if *format == "html" && form["html"]["spreadsheet"] == true {
                    assert!(!text.contains(">=") && !text.contains(">@"), "{text}");
                }
                assert!((file, report) == cut, "{form}\n{input}");
            }
            (Err(error), Err((cut, _))) => assert_eq!(error, cut, "{form}\n{input}"),
            (whole, cut) => panic!("{form}\n{input}\n{whole:?}\n{cut:?}"),
        }
    }
    assert!(exported > 1_500, "{exported}");
}

/// The columns that flattening gives, with the values that belong to them.
fn flattened(path: &str, value: &Value, into: &mut serde_json::Map<String, Value>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (key, member) in members {
                flattened(&format!("{path}.{key}"), member, into);
            }
        }
        other => {
            into.insert(path.into(), other.clone());
        }
    }
}

fn random_nested(random: &mut Random, depth: usize) -> Value {
    match random.below(if depth > 3 { 4 } else { 7 }) {
        0 => json!(random.below(9)),
        1 => json!("x"),
        2 => json!([{ "k": {} }]),
        3 => json!({}),
        _ => {
            let keys = ["a", "b", "", "items", "rows", "columns", "é\"", "__proto__"];
            let members = (0..random.below(4)).map(|_| {
                (
                    String::from(*one_of(random, &keys)),
                    random_nested(random, depth + 1),
                )
            });
            Value::Object(members.collect())
        }
    }
}

#[test]
fn flattening_loses_no_member_and_adds_none() {
    let mut random = Random(0xF1);
    let options = options(r#"{"flatten": true}"#, Some("json"));
    for _ in 0..2_000 {
        let rows: Vec<_> = (0..1 + random.below(5))
            .map(|_| json!({ "p": random_nested(&mut random, 0), "q": random_nested(&mut random, 0) }))
            .collect();
        let input = serde_json::to_string_pretty(&rows).unwrap();
        let (file, report) = export_bytes(&options, input.as_bytes()).unwrap();
        assert_eq!(report.warnings, []);
        let written: Vec<Value> = serde_json::from_slice(&file).unwrap();
        for (row, written) in rows.iter().zip(written) {
            let mut expected = serde_json::Map::new();
            for name in ["p", "q"] {
                flattened(name, &row[name], &mut expected);
            }
            // JSON leaves out what is missing, whatever the order of the columns.
            let Value::Object(written) = written else {
                panic!("{written}");
            };
            assert_eq!(written.len(), expected.len(), "{input}");
            for (key, value) in expected {
                assert_eq!(written[&key], value, "{key} in {input}");
            }
        }
        let cut = stream(&options, random.cut(input.as_bytes(), 3)).unwrap();
        assert!(cut.0 == file);
    }
}

fn outcome(form: Value, format: &str, input: &str) -> Result<String, &'static str> {
    let options = options(&form.to_string(), Some(format));
    match export_bytes(&options, input.as_bytes()) {
        Ok((file, _)) => Ok(String::from_utf8(file).unwrap()),
        Err(error) => Err(error.code()),
    }
}

#[test]
fn no_moment_is_moved_into_a_year_without_four_digits() {
    for (moment, zone) in [
        ("0000-01-01T00:00:00Z", "-00:01"),
        ("9999-12-31T23:59:59Z", "+00:01"),
    ] {
        for name in ["date", "datetime"] {
            let form = json!({ "time_zone": zone, "columns": [{ "key": "a", "type": name }] });
            let file = outcome(form, "csv", &format!("[{{\"a\":\"{moment}\"}}]"));
            assert_eq!(file, Ok(format!("a\r\n{moment}\r\n")), "{name}");
        }
    }
}

#[test]
fn small_requests_make_no_file_that_no_memory_holds() {
    let long = "x".repeat(256);
    for form in [
        json!({ "csv": { "null_text": long } }),
        json!({ "csv": { "true_text": long } }),
        json!({ "csv": { "false_text": long } }),
        json!({ "template": { "name": long } }),
        json!({ "columns": [{ "key": "a", "format": "0".repeat(256) }] }),
        json!({ "columns": [{ "key": "a", "format": "@@" }] }),
    ] {
        assert_eq!(outcome(form, "csv", "[]"), Err("invalid_option"));
    }
    let kept = "é".repeat(255);
    let form = json!({ "csv": { "null_text": kept } });
    assert!(outcome(form, "csv", "[]").is_ok());
}

#[test]
fn a_name_that_is_too_long_to_be_meant_is_refused_at_once() {
    let long = "x".repeat(1 << 20);
    for (form, code) in [
        (json!({ "time_zone": long }), "unknown_time_zone"),
        (json!({ "preset": long }), "unknown_preset"),
        (json!({ "template": long }), "unknown_template"),
        (json!({ long.as_str(): 1 }), "unknown_option"),
    ] {
        assert_eq!(outcome(form, "csv", "[]"), Err(code));
    }
}

/// The key of a nested record stands in the name of each of its members.
#[test]
fn flattened_names_take_no_more_than_a_row_may() {
    let members = |count: usize| -> String {
        let members: Vec<_> = (0..count).map(|n| format!("\"{n}\":1")).collect();
        members.join(",")
    };
    let row = |key: char, count| {
        format!(
            "{{\"{}\":{{{}}}}}",
            key.to_string().repeat(1_000),
            members(count)
        )
    };
    let form = |columns: Value| json!({ "flatten": true, "columns": columns, "limits": { "row_bytes": 20_000 }, "late_columns": "drop" });
    let all = form(Value::Null);
    assert!(outcome(all.clone(), "csv", &format!("[{}]", row('k', 19))).is_ok());
    let wide = format!("[{}]", row('k', 20));
    assert_eq!(outcome(all.clone(), "csv", &wide), Err("limit_exceeded"));
    // Also where no such column is written, and where it takes many rows.
    assert_eq!(
        outcome(form(json!(["z"])), "csv", &wide),
        Err("limit_exceeded")
    );
    let many = format!("[{},{}]", row('k', 15), row('l', 15));
    assert_eq!(outcome(all, "csv", &many), Err("limit_exceeded"));
    assert!(outcome(form(json!(["z"])), "csv", &many).is_ok());
}

#[test]
fn the_texts_below_a_table_for_spreadsheets_are_guarded() {
    let form = json!({
        "html": { "spreadsheet": true, "fragment": true },
        "template": {
            "total_label": "=1+1",
            "header_text": "-{name}",
            "footer_text": "@cmd",
            "column_mapping": ["a", { "key": "b", "total": "sum", "format": "\"=A1+\"0" }, { "key": "c", "total": "max" }],
        },
    });
    let options = options(&form.to_string(), Some("html"));
    let (file, report) = export_bytes(&options, br#"[{"a":"x","b":1,"c":-2.5}]"#).unwrap();
    let file = String::from_utf8(file).unwrap();
    for guarded in [
        ">&#39;-export</caption>",
        ">&#39;=1+1</th>",
        ">&#39;@cmd</td>",
        // What a number format made is no text that somebody could have put there.
        ">=A1+1</td>",
    ] {
        assert!(file.contains(guarded), "{file}");
    }
    assert!(
        file.contains("<td>-2.5</td></tr>\n<tr><td colspan"),
        "{file}"
    );
    let guarded: Vec<_> = report
        .warnings
        .iter()
        .filter(|warning| warning.code == "formula_guarded")
        .map(|warning| (warning.column.as_deref(), warning.count))
        .collect();
    assert_eq!(guarded, [(Some("a"), 3)]);
}

#[test]
fn numbers_that_a_spreadsheet_would_round_are_text_for_it_unless_typed() {
    let input = br#"[{"a":12345678901234567890,"b":12345678901234567890,"c":0.30000000000000004,"d":1.50,"e":1e400}]"#;
    let form = json!({
        "html": { "spreadsheet": true, "fragment": true },
        "columns": ["a", { "key": "b", "type": "integer" }, "c", "d", "e"],
    });
    let (file, _) = export_bytes(&options(&form.to_string(), Some("html")), input).unwrap();
    let file = String::from_utf8(file).unwrap();
    let cells: Vec<_> = file.split("<td").skip(1).collect();
    for (number, (is_text, value)) in [
        (true, ">12345678901234567890<"),
        (false, ">12345678901234567890<"),
        (false, ">0.30000000000000004<"),
        (false, ">1.50<"),
        (true, ">1e400<"),
    ]
    .into_iter()
    .enumerate()
    {
        let cell = cells[number];
        assert!(cell.contains(value), "{cell}");
        assert_eq!(cell.contains("mso-number-format:\\@"), is_text, "{cell}");
    }
    let (plain, _) = export_bytes(&options("{}", Some("html")), input).unwrap();
    assert!(
        !String::from_utf8(plain)
            .unwrap()
            .contains("mso-number-format")
    );
}

#[test]
fn what_a_number_format_made_is_never_guarded() {
    let column =
        |key: &str, kind: &str, format: &str| json!({"key": key, "type": kind, "format": format});
    let form = json!({"columns": [
        column("zero", "number", "0;-0;\"-\""),
        column("accounts", "number", "_ * #,##0_ ;_ * -#,##0_ ;_ * \"-\"_ ;_ @_ "),
        column("time", "duration", "[h]:mm"),
        column("weight", "number", "0 \"kg\""),
        column("short", "number", "0.0,\"k\""),
        column("flag", "boolean", "\"+yes\";;\"-no\""),
        "text",
    ]});
    let row = r#"[{"zero":0,"accounts":0,"time":-3600,"weight":-5,"short":-12345,"flag":false,"text":"-5 kg"}]"#;
    for format in ["csv", "html"] {
        let mut form = form.clone();
        form["html"] = json!({"spreadsheet": true});
        let guarded = |guard: bool| {
            let mut form = form.clone();
            form[format]["formula_guard"] = json!(guard);
            export_bytes(&options(&form.to_string(), Some(format)), row.as_bytes()).unwrap()
        };
        let (with, report) = guarded(true);
        let (without, _) = guarded(false);
        let with = String::from_utf8(with).unwrap();
        assert_eq!(
            with.replace("'-5 kg", "-5 kg")
                .replace("&#39;-5 kg", "-5 kg"),
            String::from_utf8(without).unwrap()
        );
        let told: Vec<_> = report
            .warnings
            .iter()
            .filter(|warning| warning.code == "formula_guarded")
            .collect();
        assert_eq!(told.len(), 1);
        assert_eq!(
            (told[0].column.as_deref(), told[0].count),
            (Some("text"), 1)
        );
    }
}

#[test]
fn with_strict_a_guarded_total_leaves_no_whole_file() {
    let form = json!({
        "strict": true,
        "html": { "spreadsheet": true },
        "template": { "total_label": "=1", "column_mapping": ["a", { "key": "b", "total": "sum" }] },
    });
    let options = options(&form.to_string(), Some("html"));
    let mut exporter = Exporter::new(Request::new(&options, Surface::Http).unwrap());
    exporter.push_bytes(br#"[{"a":"x","b":1}]"#).unwrap();
    exporter.end_input();
    let mut file = Vec::new();
    let error = loop {
        match exporter.next_output() {
            Ok(Some(piece)) => file.extend_from_slice(piece),
            Ok(None) => panic!("no error"),
            Err(error) => break error,
        }
    };
    assert_eq!(error.code(), "strict");
    assert!(!String::from_utf8(file).unwrap().contains("</html>"));
}
