//! What holds for every table under every option: no panic, the same bytes however the input is
//! cut, and cells that readers give back.

use std::fmt::Write;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde_json::{Value, json};
use tablecast::{Report, export_bytes};

use crate::guard::unguarded;
use crate::run::{Random, options, stream};

/// Pieces of which random texts are made: what any of the formats takes for syntax.
const PIECES: [&str; 64] = [
    "a",
    "b",
    "Z",
    "0",
    "7",
    "é",
    "日",
    "😀",
    "\u{301}",
    "\u{A0}",
    "\u{3000}",
    "\u{FEFF}",
    " ",
    "  ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    ",",
    ";",
    "|",
    "\"",
    "'",
    "\"\"",
    "=",
    "+",
    "-",
    "@",
    "＝",
    "ID",
    "null",
    "true",
    "1.5",
    "-1",
    "e9",
    "%",
    ".",
    "<",
    ">",
    "&",
    "&amp;",
    "</td>",
    "<!--",
    "\\",
    "\\\\",
    "`",
    "*",
    "_",
    "~~",
    "[x](y)",
    "![",
    "#",
    "# ",
    "- ",
    "1. ",
    "http://a.bc",
    "www.a.bc",
    ":",
    "{rows}",
    "{",
    "}",
    "\u{2028}",
    "\u{1}",
    "$1",
];

fn random_text(random: &mut Random) -> String {
    let pieces = (0..random.below(6)).map(|_| PIECES[random.below(PIECES.len())]);
    pieces.collect()
}

fn random_value(random: &mut Random, depth: usize) -> Value {
    match random.below(if depth > 2 { 8 } else { 10 }) {
        0 => Value::Null,
        1 => json!(random.below(2) == 0),
        2 => json!(random.below(1_000_000) as i64 - 500_000),
        3 => json!((random.below(1_000_000) as f64 - 500_000.0) / 256.0),
        4..=7 => json!(random_text(random)),
        8 => (0..random.below(4))
            .map(|_| random_value(random, depth + 1))
            .collect(),
        _ => {
            let members = (0..random.below(4))
                .map(|_| (random_text(random), random_value(random, depth + 1)));
            Value::Object(members.collect())
        }
    }
}

/// A table whose labels are all different.
fn random_table(random: &mut Random) -> (Vec<String>, Vec<Vec<Value>>) {
    let columns: Vec<_> = (0..1 + random.below(6))
        .map(|number| format!("{}{number}", random_text(random)))
        .collect();
    let rows = (0..random.below(20))
        .map(|_| columns.iter().map(|_| random_value(random, 0)).collect())
        .collect();
    (columns, rows)
}

/// Exports the table, whole and in chunks.
fn export(
    options_text: &Value,
    format: &str,
    (columns, rows): &(Vec<String>, Vec<Vec<Value>>),
    random: &mut Random,
) -> (Vec<u8>, Report) {
    let options = options(&options_text.to_string(), Some(format));
    let input = json!({ "columns": columns, "rows": rows }).to_string();
    let whole = export_bytes(&options, input.as_bytes()).unwrap();
    let cut = stream(&options, random.cut(input.as_bytes(), 40)).unwrap();
    assert!(whole == cut, "{options_text}\n{input}");
    whole
}

fn one_of<'a>(random: &mut Random, words: &[&'a str]) -> &'a str {
    words[random.below(words.len())]
}

/// Options of CSV that do not contradict each other.
fn random_dialect(random: &mut Random) -> Value {
    let decimal = one_of(random, &[".", ","]);
    let delimiters: &[&str] = match decimal {
        "," => &[";", "\t", "|", " ", "a"],
        _ => &[",", ";", "\t", "|", "~", "0"],
    };
    json!({
        "delimiter": one_of(random, delimiters),
        "quote": one_of(random, &["\"", "'", "`"]),
        "quote_style": one_of(random, &["necessary", "always", "non_numeric"]),
        "terminator": one_of(random, &["\r\n", "\n"]),
        "bom": random.below(4) == 0,
        "decimal": decimal,
        "null_text": one_of(random, &["", "", "NULL", "-", "\\N"]),
        "true_text": one_of(random, &["true", "yes", "1", "a;|, \"'", ""]),
        "false_text": one_of(random, &["false", "no", "0"]),
        "formula_guard": random.below(2) == 0,
    })
}

#[test]
fn csv_of_every_dialect_gives_every_cell_back() {
    let mut random = Random(11);
    for _ in 0..1_500 {
        let table = random_table(&mut random);
        let dialect = random_dialect(&mut random);
        let (file, report) = export(&json!({ "csv": dialect }), "csv", &table, &mut random);
        let byte = |name: &str| dialect[name].as_str().unwrap().as_bytes()[0];
        let text = |name: &str| dialect[name].as_str().unwrap().to_owned();
        let bom: &[u8] = if dialect["bom"] == true {
            "\u{FEFF}".as_bytes()
        } else {
            b""
        };
        let file = file.strip_prefix(bom).unwrap();
        let records: Vec<Vec<String>> = csv::ReaderBuilder::new()
            .has_headers(false)
            .delimiter(byte("delimiter"))
            .quote(byte("quote"))
            .from_reader(file)
            .into_records()
            .map(|record| record.unwrap().iter().map(Into::into).collect())
            .collect();
        let (columns, rows) = &table;
        assert_eq!(report.rows, rows.len() as u64);
        assert_eq!(records.len(), rows.len() + 1, "{dialect} {table:?}");
        let undo = |read: &str| match dialect["formula_guard"] {
            Value::Bool(true) => unguarded(read, &text("decimal")),
            _ => read.to_owned(),
        };
        let shown = |value: &Value| match value {
            Value::Null => text("null_text"),
            Value::Bool(true) => text("true_text"),
            Value::Bool(false) => text("false_text"),
            Value::Number(number) => number.to_string().replace('.', &text("decimal")),
            other => other.to_string(),
        };
        for (read, label) in records[0].iter().zip(columns) {
            assert_eq!(undo(read), *label, "{dialect}");
        }
        for (record, row) in records[1..].iter().zip(rows) {
            assert_eq!(record.len(), row.len(), "{dialect}");
            for (read, value) in record.iter().zip(row) {
                match value {
                    Value::String(text) => assert_eq!(undo(read), *text, "{dialect}"),
                    other => assert_eq!(*read, shown(other), "{dialect}"),
                }
            }
        }
    }
}

#[test]
fn markdown_gives_every_cell_back_and_holds_nothing_but_text() {
    let mut random = Random(12);
    for _ in 0..1_000 {
        let table = random_table(&mut random);
        let (file, _) = export(&json!({}), "markdown", &table, &mut random);
        let file = String::from_utf8(file).unwrap();
        let (columns, rows) = &table;
        let expected: Vec<Vec<String>> = std::iter::once(columns.clone())
            .chain(rows.iter().map(|row| row.iter().map(shown).collect()))
            .collect();
        assert_eq!(read_markdown(&file), expected, "{file}");
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The cells of the only table; anything else in the page is an error.
fn read_markdown(file: &str) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for event in Parser::new_ext(file, Options::all()) {
        match event {
            Event::Start(Tag::TableHead | Tag::TableRow) => rows.push(Vec::new()),
            Event::Start(Tag::TableCell) => rows.last_mut().unwrap().push(String::new()),
            Event::Text(text) => {
                let cell = rows.last_mut().unwrap().last_mut().unwrap();
                cell.write_str(&text).unwrap();
            }
            Event::Start(Tag::Table(_)) | Event::End(TagEnd::Table) => {}
            Event::End(TagEnd::TableHead | TagEnd::TableRow | TagEnd::TableCell) => {}
            other => panic!("{other:?} in\n{file}"),
        }
    }
    rows
}

#[test]
fn the_other_formats_give_the_same_bytes_however_the_input_is_cut() {
    let mut random = Random(13);
    for _ in 0..500 {
        let table = random_table(&mut random);
        let template = json!({
            "name": random_text(&mut random),
            "header_text": random_text(&mut random),
            "footer_text": random_text(&mut random),
            "column_mapping": table.0.iter().rev().collect::<Vec<_>>(),
        });
        let root = match random.below(2) {
            0 => Value::Null,
            _ => json!(random_text(&mut random)),
        };
        let json = json!({
            "pretty": random.below(2) == 0,
        "root": root,
        });
        let html = json!({ "fragment": random.below(2) == 0, "title": random_text(&mut random) });
        let form = json!({ "template": template, "json": json });
        let (file, _) = export(&form, "json", &table, &mut random);
        serde_json::from_slice::<Value>(&file).unwrap();
        let form = json!({ "template": template, "html": html });
        let (file, _) = export(&form, "html", &table, &mut random);
        let file = String::from_utf8(file).unwrap();
        let cells = file.matches("</td>").count() - file.matches("<tfoot>").count();
        assert_eq!(cells, table.0.len() * table.1.len());
        for format in ["jsonl", "markdown"] {
            export(
                &json!({ "template": template }),
                format,
                &table,
                &mut random,
            );
        }
    }
}
