//! Exports that are suspended and resumed: the file and its report are those of one that was not.

use serde_json::{Value, json};
use tablecast::{Error, Exporter, FORMATS, Report, Request, Setting, Surface};

use crate::run::{Random, options, stream};

/// How the rows of a part are written down.
type Spelled = fn(&[String]) -> String;

fn array(rows: &[String]) -> String {
    format!("[{}]", rows.join(" ,\n"))
}

fn lines(rows: &[String]) -> String {
    rows.iter().map(|row| format!("{row}\n")).collect()
}

fn request(options: &Setting) -> Request {
    Request::new(options, Surface::Http).unwrap()
}

/// What one part gives, pushed in chunks: what is written, and the exporter.
fn part(
    mut exporter: Exporter,
    input: &str,
    random: &mut Random,
    is_last: bool,
    file: &mut Vec<u8>,
) -> Result<Exporter, Error> {
    let chunks = random.cut(input.as_bytes(), 200.max(input.len() / 10));
    for chunk in chunks {
        exporter.push_bytes(chunk)?;
        while let Some(piece) = exporter.next_output()? {
            file.extend_from_slice(piece);
        }
    }
    match is_last {
        true => exporter.end_input(),
        false => exporter.pause(),
    }
    while let Some(piece) = exporter.next_output()? {
        file.extend_from_slice(piece);
    }
    Ok(exporter)
}

/// Exports rows that are cut at these places.
fn in_parts(
    options: &Setting,
    rows: &[String],
    cuts: &[usize],
    spelled: Spelled,
    random: &mut Random,
) -> Result<(Vec<u8>, Report), Error> {
    let mut file = Vec::new();
    let mut exporter = Exporter::new(request(options));
    let mut from = 0;
    for &cut in cuts {
        exporter = part(
            exporter,
            &spelled(&rows[from..cut]),
            random,
            false,
            &mut file,
        )?;
        let state = exporter.suspend()?;
        exporter = Exporter::resume(request(options), &state)?;
        from = cut;
    }
    exporter = part(exporter, &spelled(&rows[from..]), random, true, &mut file)?;
    Ok((file, exporter.finish()?))
}

#[track_caller]
fn check(
    options: &Setting,
    rows: &[String],
    cuts: &[usize],
    spelled: Spelled,
    random: &mut Random,
) {
    let input = spelled(rows);
    let (file, report) = stream(options, random.cut(input.as_bytes(), 4096)).unwrap();
    let (parts, reported) = in_parts(options, rows, cuts, spelled, random).unwrap();
    let shown = options.to_json();
    assert!(
        parts == file,
        "{shown}\n{cuts:?}\n{input}\n{}\n---\n{}",
        String::from_utf8_lossy(&file),
        String::from_utf8_lossy(&parts)
    );
    assert_eq!(reported, report, "{shown}\n{cuts:?}\n{input}");
}

/// Texts that formats treat in a way of their own, and that are counted in warnings.
const TEXTS: [&str; 14] = [
    "a",
    "",
    "=1+1",
    "@x",
    "Zoë, \"q\"",
    "a\nb",
    "\u{0}",
    "|<b>&",
    "007",
    "https://a.bc",
    "javascript:x",
    "\\ud800",
    "{rows}",
    "2026-01-31",
];

const NUMBERS: [&str; 10] = [
    "0",
    "-0.0",
    "1.50",
    "-7",
    "1e3",
    "0.1",
    "0.2",
    "12345678901234567890",
    "99999999999999999999999999999999999999",
    "1e-7",
];

fn one_of<'a>(random: &mut Random, words: &[&'a str]) -> &'a str {
    words[random.below(words.len())]
}

fn text(random: &mut Random) -> String {
    let text = one_of(random, &TEXTS);
    // One of them is an escape already.
    match text.starts_with("\\u") {
        true => format!("\"{text}\""),
        false => json!(text).to_string(),
    }
}

/// Records of which the first shows all columns and what they hold, so that every cut is behind the
/// look-ahead in all but name.
fn records(random: &mut Random, count: usize) -> Vec<String> {
    (0..count)
        .map(|number| {
            let mut members = vec![
                format!("\"n\": {}", one_of(random, &NUMBERS)),
                format!("\"t\": {}", text(random)),
                format!(
                    "\"deep\": {{\"x\": {}, \"y\": [{}]}}",
                    one_of(random, &NUMBERS),
                    text(random)
                ),
                format!("\"m\": {}", text(random)),
            ];
            if number > 0 {
                let other = match random.below(4) {
                    0 => "true".into(),
                    1 => one_of(random, &NUMBERS).into(),
                    _ => text(random),
                };
                members[3] = format!("\"m\": {other}");
                for _ in 0..random.below(3) {
                    members.remove(random.below(members.len()));
                }
                if random.below(8) == 0 {
                    members.push(format!("\"m\": {}", text(random)));
                }
            }
            format!("{{{}}}", members.join(", "))
        })
        .collect()
}

fn columns(random: &mut Random) -> Value {
    let mut columns = vec![
        json!({"key": "n", "label": "=N", "type": one_of(random, &["number", "integer", "currency"]),
               "total": one_of(random, &["sum", "average", "min", "max", "count"])}),
        json!({"key": "t", "label": "T", "type": one_of(random, &["text", "link", "boolean"]), "total": "count"}),
        json!({"key": "deep.x", "label": "T", "type": "number", "format": "0.00",
               "total": one_of(random, &["sum", "average", "min", "max"])}),
        json!({"key": "missing"}),
    ];
    match random.below(3) {
        0 => columns.truncate(1),
        1 => columns.push(json!("m")),
        _ => {}
    }
    json!(columns)
}

fn random_options(random: &mut Random, format: &str) -> Setting {
    let mut form = json!({ "format": format, "now": "2026-01-31" });
    match random.below(4) {
        0 => form["columns"] = columns(random),
        1 => {
            form["template"] = json!({
                "name": "=List", "column_mapping": columns(random), "header_text": "{name} {date}",
                "footer_text": "{rows} rows", "total_label": "Total"
            });
        }
        2 => form["template"] = json!({"header_text": "=h", "footer_text": "{rows}"}),
        _ => form["flatten"] = json!(random.below(2) == 0),
    }
    form["json"] = json!({
        "pretty": random.below(2) == 0,
        "root": if random.below(2) == 0 { Value::Null } else { json!("items") },
    });
    form["html"] = json!({"fragment": random.below(2) == 0});
    form["csv"] = json!({
        "bom": random.below(2) == 0,
        "header": random.below(2) == 0,
        "formula_guard": random.below(4) != 0,
        "null_text": one_of(random, &["", "NULL"]),
        "quote_style": one_of(random, &["necessary", "always"]),
    });
    Setting::from_json(form.to_string().as_bytes()).unwrap()
}

fn built() -> impl Iterator<Item = &'static str> {
    let formats = FORMATS.iter().filter(|format| format.is_built());
    formats.map(|format| format.id)
}

#[test]
fn every_format_goes_on_where_it_was_cut_at_every_row() {
    let mut random = Random(31);
    for format in built() {
        for _ in 0..60 {
            let options = random_options(&mut random, format);
            let count = random.below(7);
            let rows = records(&mut random, count);
            for cut in 0..=count {
                check(&options, &rows, &[cut], array, &mut random);
            }
            let every: Vec<_> = (0..=count).collect();
            check(&options, &rows, &every, array, &mut random);
        }
    }
}

#[test]
fn parts_may_be_empty_and_many() {
    let mut random = Random(32);
    for format in built() {
        for _ in 0..60 {
            let options = random_options(&mut random, format);
            let count = random.below(30);
            let rows = records(&mut random, count);
            let mut cuts: Vec<_> = (0..random.below(12))
                .map(|_| random.below(count + 1))
                .collect();
            cuts.sort_unstable();
            check(&options, &rows, &cuts, array, &mut random);
        }
    }
}

#[test]
fn json_lines_go_on_too() {
    let mut random = Random(33);
    for format in built() {
        let form = r#"{"input": {"format": "jsonl"}, "columns": ["n", "t"]}"#;
        let options = options(form, Some(format));
        let rows = records(&mut random, 9);
        for cut in 1..9 {
            check(&options, &rows, &[cut], lines, &mut random);
        }
    }
}

/// Rows beyond the look-ahead, of which the late ones have columns that the header lacks.
fn long(random: &mut Random) -> Vec<String> {
    let mut rows = records(random, 1_000);
    rows.extend((0..200).map(|number| {
        let (t, late) = (text(random), text(random));
        format!(
            "{{\"t\": {t}, \"late{}\": {late}, \"n\": \"x\"}}",
            number % 3
        )
    }));
    rows
}

#[test]
fn behind_the_look_ahead_whatever_comes_is_treated_as_without_a_cut() {
    let mut random = Random(34);
    for format in built() {
        let rows = long(&mut random);
        let form = options(r#"{"late_columns": "drop"}"#, Some(format));
        for cuts in [
            &[1_000][..],
            &[1_001, 1_001, 1_100],
            &[1_000, 1_050, 1_199, 1_200],
        ] {
            check(&form, &rows, cuts, array, &mut random);
        }
        let form = options("{}", Some(format));
        let error = in_parts(&form, &rows, &[1_000], array, &mut random).unwrap_err();
        assert_eq!(error.code(), "late_column");
        assert_eq!(error.location().row, Some(1_001));
    }
}

#[test]
fn a_pause_within_the_look_ahead_fixes_the_header() {
    let rows = [r#"{"a": 1}"#.into(), r#"{"a": 2, "b": 3}"#.into()];
    let mut random = Random(35);
    let form = options("{}", Some("csv"));
    let error = in_parts(&form, &rows, &[1], array, &mut random).unwrap_err();
    assert_eq!((error.code(), error.column()), ("late_column", Some("b")));
    let form = options(r#"{"late_columns": "drop"}"#, Some("csv"));
    let (file, report) = in_parts(&form, &rows, &[1], array, &mut random).unwrap();
    assert_eq!(file, b"a\r\n1\r\n2\r\n");
    assert_eq!(report.warnings[0].first_row, Some(2));
}

#[test]
fn limits_and_strict_hold_over_all_parts() {
    let mut random = Random(36);
    let rows: Vec<_> = (0..9)
        .map(|number| format!("{{\"a\": {number}}}"))
        .collect();
    for (form, code) in [
        (r#"{"limits": {"rows": 8}}"#, "limit_exceeded"),
        (r#"{"limits": {"output_bytes": 25}}"#, "limit_exceeded"),
        (
            r#"{"strict": true, "columns": ["a", "b"], "late_columns": "drop"}"#,
            "strict",
        ),
    ] {
        let form = options(form, Some("csv"));
        let error = in_parts(&form, &rows, &[3, 6], array, &mut random).unwrap_err();
        assert_eq!(error.code(), code);
    }
    let form = options(r#"{"strict": true}"#, Some("json"));
    check(&form, &rows, &[0, 3, 3, 9], array, &mut random);
}

/// The state of an export of one row, and its options.
fn state() -> (Setting, String) {
    let form =
        r#"{"format": "csv", "columns": [{"key": "a", "type": "number", "total": "sum"}, "b"]}"#;
    let form = Setting::from_json(form.as_bytes()).unwrap();
    let mut exporter = Exporter::new(request(&form));
    exporter
        .push_bytes(br#"[{"a": 1.5, "b": "=", "c": 0}]"#)
        .unwrap();
    exporter.pause();
    while exporter.next_output().unwrap().is_some() {}
    let state = exporter.suspend().unwrap();
    (form, state)
}

#[test]
fn a_state_of_another_export_is_refused() {
    let (_, state) = state();
    for (other, code) in [
        (r#"{"format": "json"}"#, "invalid_state"),
        (r#"{"format": "csv"}"#, "invalid_state"),
        (
            r#"{"format": "csv", "columns": ["a", "b"]}"#,
            "invalid_state",
        ),
        (
            r#"{"format": "csv", "columns": [{"key": "a", "label": "A", "type": "number"}, "b"]}"#,
            "invalid_state",
        ),
        (
            r#"{"format": "csv", "columns": [{"key": "a", "type": "number"}, "b"]}"#,
            "invalid_state",
        ),
    ] {
        let other = Setting::from_json(other.as_bytes()).unwrap();
        let error = Exporter::resume(request(&other), &state).err().unwrap();
        assert_eq!(error.code(), code);
    }
}

#[test]
fn a_damaged_state_is_refused_or_harmless() {
    let (form, state) = state();
    assert!(Exporter::resume(request(&form), &state).is_ok());
    let other_version = state.replace(r#""v":1"#, r#""v":2"#);
    for damaged in ["", "{}", "[]", "null", r#"{"v":1}"#, &other_version] {
        let error = Exporter::resume(request(&form), damaged).err().unwrap();
        assert_eq!(error.code(), "invalid_state", "{damaged}");
    }
    let mut random = Random(37);
    let mut sound = 0;
    for _ in 0..20_000 {
        let mut bytes = state.clone().into_bytes();
        for _ in 0..1 + random.below(3) {
            let at = random.below(bytes.len());
            match random.below(3) {
                0 => drop(bytes.remove(at)),
                1 => bytes[at] = b"0189[]{}\",:ntf-"[random.below(15)],
                _ => bytes.insert(at, b"0189[]{}\",:-"[random.below(12)]),
            }
        }
        let Ok(damaged) = String::from_utf8(bytes) else {
            continue;
        };
        let mut exporter = match Exporter::resume(request(&form), &damaged) {
            Ok(exporter) => exporter,
            Err(error) => {
                assert_eq!(error.code(), "invalid_state");
                continue;
            }
        };
        sound += 1;
        exporter.push_bytes(br#"[{"a": 2, "b": "="}]"#).unwrap();
        exporter.end_input();
        while let Ok(Some(_)) = exporter.next_output() {}
        let _ = exporter.finish();
    }
    assert!(sound > 0);
}

#[test]
fn only_records_can_be_suspended() {
    for (form, input) in [
        (
            r#"{"format": "csv"}"#,
            r#"{"columns": ["a"], "rows": [[1]]}"#,
        ),
        (
            r#"{"format": "csv"}"#,
            r#"{"total": 1, "items": [{"a": 1}]}"#,
        ),
        (r#"{"format": "csv", "columns": ["a"]}"#, "[[1]]"),
        (
            r#"{"format": "csv", "input": {"path": "x"}}"#,
            r#"{"x": [{"a": 1}]}"#,
        ),
        (r#"{"format": "csv", "input": {"format": "csv"}}"#, "a\n1\n"),
    ] {
        let form = Setting::from_json(form.as_bytes()).unwrap();
        let mut exporter = Exporter::new(request(&form));
        exporter.push_bytes(input.as_bytes()).unwrap();
        exporter.pause();
        while exporter.next_output().unwrap().is_some() {}
        assert_eq!(
            exporter.suspend().unwrap_err().code(),
            "invalid_state",
            "{input}"
        );
    }
    let (form, state) = state();
    for input in [
        r#"{"items": [{"a": 1}]}"#,
        "[[1]]",
        "[1]",
        r#"{"columns": ["a"]}"#,
    ] {
        let mut exporter = Exporter::resume(request(&form), &state).unwrap();
        exporter.push_bytes(input.as_bytes()).unwrap();
        exporter.end_input();
        assert_eq!(
            exporter.next_output().unwrap_err().code(),
            "not_tabular",
            "{input}"
        );
    }
}

#[test]
fn an_export_is_suspended_only_when_it_was_paused_and_finished_only_when_it_was_not() {
    let form = options("{}", Some("csv"));
    let exporter = Exporter::new(request(&form));
    assert_eq!(exporter.suspend().unwrap_err().code(), "invalid_state");
    let mut exporter = Exporter::new(request(&form));
    exporter.pause();
    assert_eq!(exporter.next_output().unwrap_err().code(), "invalid_json");
    assert_eq!(exporter.suspend().unwrap_err().code(), "invalid_state");
    let mut exporter = Exporter::new(request(&form));
    exporter.push_bytes(b"[]").unwrap();
    exporter.pause();
    assert_eq!(exporter.next_output().unwrap(), None);
    assert!(!exporter.has_begun());
    assert_eq!(exporter.finish().unwrap_err().code(), "invalid_state");
}
