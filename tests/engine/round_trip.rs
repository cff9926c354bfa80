//! What was written is read back by readers that we did not write.

use serde_json::{Map, Value, json};
use tablecast::{FORMATS, Report, export_bytes};

use crate::guard::unguarded;
use crate::run::{Random, options, stream};

/// Texts that exporters get wrong.
const NASTY: [&str; 40] = [
    "",
    " ",
    "a",
    "007",
    "1e5",
    "-5",
    "-1.5e3",
    "+33 1 23",
    "=1+1",
    "'=1",
    "@x",
    "\t",
    "\n",
    "\r\n",
    "\r",
    ",",
    ";",
    "\"",
    "\"\"",
    "a\"b",
    "a,b",
    "a\nb",
    "null",
    "NULL",
    "true",
    "ID",
    "ID;x",
    "ä",
    "日本語",
    "😀",
    "\u{FEFF}",
    "\u{2028}",
    "\\",
    "\\n",
    "</td>",
    "&amp;",
    "<script>",
    "\u{1}",
    "12345678901234567890",
    "'",
];

fn random_value(random: &mut Random, depth: usize) -> Value {
    match random.below(if depth > 2 { 6 } else { 8 }) {
        0 => Value::Null,
        1 => json!(random.below(2) == 0),
        2 => json!(random.below(1_000_000) as i64 - 500_000),
        3 => json!((random.below(1_000_000) as f64 - 500_000.0) / 256.0),
        4 | 5 => json!(NASTY[random.below(NASTY.len())]),
        6 => (0..random.below(4))
            .map(|_| random_value(random, depth + 1))
            .collect(),
        _ => {
            let members = (0..random.below(4)).map(|_| {
                let key = NASTY[random.below(NASTY.len())].to_owned();
                (key, random_value(random, depth + 1))
            });
            Value::Object(members.collect())
        }
    }
}

/// Records over a few keys, each of which may be missing.
fn random_records(random: &mut Random) -> Vec<Map<String, Value>> {
    let keys: Vec<_> = (0..1 + random.below(5))
        .map(|number| format!("{}{number}", NASTY[random.below(NASTY.len())]))
        .collect();
    let record = |random: &mut Random| {
        let mut record = Map::new();
        for key in &keys {
            if random.below(5) > 0 {
                record.insert(key.clone(), random_value(random, 0));
            }
        }
        record
    };
    (0..random.below(30)).map(|_| record(random)).collect()
}

fn export(options_text: &str, format: &str, records: &[Map<String, Value>]) -> (Vec<u8>, Report) {
    let options = options(options_text, Some(format));
    let input = serde_json::to_vec(records).unwrap();
    let whole = export_bytes(&options, &input).unwrap();
    let mut random = Random(input.len() as u64 + 1);
    let cut = stream(&options, random.cut(&input, 40)).unwrap();
    assert!(
        whole == cut,
        "{}\n---\n{}",
        String::from_utf8_lossy(&whole.0),
        String::from_utf8_lossy(&cut.0)
    );
    whole
}

#[test]
fn json_gives_every_record_back() {
    let mut random = Random(1);
    for _ in 0..300 {
        let records = random_records(&mut random);
        for form in ["{}", r#"{"json": {"pretty": false}}"#] {
            let (file, report) = export(form, "json", &records);
            let read: Vec<Map<String, Value>> = serde_json::from_slice(&file).unwrap();
            assert_eq!(read, records);
            assert_eq!(report.rows, records.len() as u64);
        }
    }
}

#[test]
fn a_long_input_gives_the_same_file_however_it_is_cut() {
    let mut random = Random(6);
    let keys = ["a", "b\n", "ä", "="];
    let rows: Vec<Map<String, Value>> = (0..5_000)
        .map(|_| {
            let members = keys.iter().map(|key| {
                let value = random_value(&mut random, 0);
                ((*key).to_owned(), value)
            });
            members.collect()
        })
        .collect();
    let input = serde_json::to_vec_pretty(&rows).unwrap();
    assert!(input.len() > 500_000, "{}", input.len());
    let options = options("{}", Some("json"));
    let (file, report) = export_bytes(&options, &input).unwrap();
    assert_eq!(
        serde_json::from_slice::<Vec<Map<String, Value>>>(&file).unwrap(),
        rows
    );
    for size in [1, 2, 3, 7, 64, 1_000, 65_536] {
        let cut = stream(&options, input.chunks(size)).unwrap();
        assert!(cut.0 == file && cut.1 == report, "in chunks of {size}");
    }
}

#[test]
fn json_lines_hold_one_record_each() {
    let mut random = Random(4);
    for _ in 0..300 {
        let records = random_records(&mut random);
        let (file, _) = export("{}", "jsonl", &records);
        let text = String::from_utf8(file).unwrap();
        assert!(text.is_empty() || text.ends_with('\n'));
        let read: Vec<Map<String, Value>> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(read, records);
    }
}

#[test]
fn markdown_has_one_line_per_row() {
    let mut random = Random(5);
    for _ in 0..300 {
        let records = random_records(&mut random);
        let (file, report) = export("{}", "markdown", &records);
        let text = String::from_utf8(file).unwrap();
        let expected = match report.columns {
            0 => 0,
            _ => records.len() + 2,
        };
        assert_eq!(text.split_inclusive('\n').count(), expected, "{text}");
    }
}

#[test]
fn pretty_json_is_spaced_as_a_plain_serializer_spaces_it() {
    let mut random = Random(2);
    for _ in 0..300 {
        let records = random_records(&mut random);
        // Members come in the order of the header, so the records are ordered alike.
        let (file, _) = export("{}", "json", &records);
        let read: Value = serde_json::from_slice(&file).unwrap();
        let theirs = serde_json::to_string_pretty(&read).unwrap();
        assert_eq!(String::from_utf8(file).unwrap(), theirs);
    }
}

#[test]
fn csv_gives_every_cell_back_and_the_guard_is_undone() {
    let mut random = Random(3);
    for round in 0..300 {
        let records = random_records(&mut random);
        let guarded = round % 2 == 0;
        let form = format!(r#"{{"csv": {{"formula_guard": {guarded}}}}}"#);
        let (file, report) = export(&form, "csv", &records);
        let mut reader = csv::Reader::from_reader(&*file);
        let undo = |text: &str| {
            if guarded {
                unguarded(text, ".")
            } else {
                text.into()
            }
        };
        let header: Vec<String> = reader.headers().unwrap().iter().map(undo).collect();
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        if report.columns == 0 {
            assert!(file.is_empty());
            continue;
        }
        assert_eq!(
            rows.len(),
            records.len(),
            "{}",
            String::from_utf8_lossy(&file)
        );
        for (row, record) in rows.iter().zip(&records) {
            for (field, key) in row.iter().zip(&header) {
                let expected = match record.get(key) {
                    None | Some(Value::Null) => String::new(),
                    Some(Value::String(text)) => {
                        assert_eq!(undo(field), *text);
                        continue;
                    }
                    Some(other) => other.to_string(),
                };
                assert_eq!(field, expected);
            }
            assert!(record.keys().all(|key| header.contains(key)));
        }
    }
}

#[test]
fn the_guard_leaves_numbers_alone() {
    let records =
        r#"[{"a": -5, "b": -1.5e3, "c": 1}, {"a": 12345678901234567890, "b": -0.1, "c": null}]"#;
    let on = export_bytes(&options("{}", Some("csv")), records.as_bytes()).unwrap();
    let off = options(r#"{"csv": {"formula_guard": false}}"#, Some("csv"));
    assert_eq!(on, export_bytes(&off, records.as_bytes()).unwrap());
}

#[test]
fn records_and_tables_of_the_same_values_give_the_same_file() {
    let records = br#"{"items": [{"a": 1, "b": "x"}, {"a": null, "b": [1]}]}"#;
    let table = br#"{"rows": [[1, "x"], [null, [1]]], "columns": ["a", "b"]}"#;
    for format in FORMATS.iter().filter(|format| format.is_built()) {
        let options = options("{}", Some(format.id));
        let records = export_bytes(&options, records).unwrap();
        assert_eq!(records, export_bytes(&options, table).unwrap());
    }
}
