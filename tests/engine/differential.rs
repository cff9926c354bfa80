//! The engine's fast ways give what a [plain implementation](crate::plain) gives, byte for byte, and
//! refuse what `serde_json` refuses, in one piece and in chunks of any size.

use tablecast::{Error, Report, Setting, export_bytes};

use crate::documents::{damage, random_document, random_lines};
use crate::plain::{Dialect, Node, Table, Warnings, without_lone_surrogates};
use crate::run::{Random, options, stream};

/// Exports in one piece, in random chunks and byte by byte, and gives the one outcome. Byte by byte
/// no token is ever whole, so that nothing goes the fast way.
pub fn in_every_way(
    options: &Setting,
    input: &[u8],
    random: &mut Random,
) -> Result<(String, Report), Error> {
    let whole = export_bytes(options, input);
    let longest = [2, 17, 40, 300][random.below(4)];
    for chunks in [random.cut(input, longest), input.chunks(1).collect()] {
        let cut = stream(options, chunks).map_err(|(error, _)| error);
        assert!(
            cut == whole,
            "{}\n--- whole: {whole:?}\n--- cut: {cut:?}",
            String::from_utf8_lossy(input)
        );
    }
    whole.map(|(file, report)| (String::from_utf8(file).unwrap(), report))
}

/// What a report says beside numbers of rows and bytes. Members beside the rows are left to others.
fn warnings(report: &Report) -> Warnings {
    let warnings = report.warnings.iter().map(|warning| {
        let row = warning.first_row;
        (warning.code, warning.column.clone(), warning.count, row)
    });
    warnings
        .filter(|(code, ..)| *code != "envelope_member")
        .collect()
}

/// A way to write CSV that does not contradict itself.
fn random_dialect(random: &mut Random) -> Dialect {
    let mut one_of = |list: &[&'static str]| list[random.below(list.len())];
    let decimal = one_of(&[".", "."]);
    let mut dialect = Dialect {
        delimiter: one_of(&[",", ";", "\t", "|", "~", "0", "e", " "]).into(),
        quote: one_of(&["\"", "\"", "'", "`"]).into(),
        quote_style: one_of(&["necessary", "necessary", "always", "non_numeric"]),
        terminator: one_of(&["\r\n", "\n"]),
        header: one_of(&["yes", "yes", "no"]) == "yes",
        null_text: one_of(&["", "", "NULL", "-"]),
        true_text: one_of(&["true", "yes", "1", "a;|, \"'", ""]),
        false_text: one_of(&["false", "no", "0"]),
        decimal: decimal.chars().next().unwrap(),
        formula_guard: one_of(&["yes", "yes", "no"]) == "yes",
    };
    if dialect.delimiter != "," && random.below(4) == 0 {
        dialect.decimal = ',';
    }
    if random.below(2) == 0 {
        dialect = Dialect::default();
    }
    dialect
}

/// Every text format that the plain implementation can write, with its options.
fn random_format(random: &mut Random) -> (Setting, Dialect, &'static str) {
    let dialect = random_dialect(random);
    let (form, format) = match random.below(5) {
        0 => (r#"{"json": {"pretty": true}}"#.into(), "json"),
        1 => (r#"{"json": {"pretty": false}}"#.into(), "json compact"),
        2 => ("{}".into(), "jsonl"),
        _ => (dialect.options(), "csv"),
    };
    let id = format.split(' ').next();
    (options(&form, id), dialect, format)
}

fn plain_file(table: &Table, dialect: &Dialect, format: &str) -> (String, Warnings) {
    match format {
        "json" => (table.to_json(true), table.warnings.clone()),
        "json compact" => (table.to_json(false), table.warnings.clone()),
        "jsonl" => (table.to_json_lines(), table.warnings.clone()),
        _ => table.to_csv(dialect),
    }
}

#[test]
fn records_are_written_as_by_a_plain_implementation() {
    let mut random = Random(0xD1FF);
    let mut kinds = [0; 3];
    for round in 0..1_200 {
        let most_rows = if round % 50 == 0 { 200 } else { 8 };
        let text = random_document(&mut random, most_rows);
        let node = Node::read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"));
        let (options, dialect, format) = random_format(&mut random);
        let outcome = in_every_way(&options, text.as_bytes(), &mut random);
        check(&outcome, &node, &dialect, format, &text);
        kinds[0] += usize::from(outcome.is_ok());
        kinds[1] += outcome.map_or(0, |(_, report)| report.rows as usize);
        kinds[2] += usize::from(text.contains('\n'));
    }
    assert!(
        kinds[0] > 1_100 && kinds[1] > 4_500 && kinds[2] > 500,
        "{kinds:?}"
    );
}

/// Compares an outcome with what the document means.
fn check(
    outcome: &Result<(String, Report), Error>,
    node: &Node,
    dialect: &Dialect,
    format: &str,
    text: &str,
) {
    check_table(outcome, Table::of_json(node), dialect, format, text);
}

fn check_table(
    outcome: &Result<(String, Report), Error>,
    table: Option<Result<Table, &'static str>>,
    dialect: &Dialect,
    format: &str,
    text: &str,
) {
    match (table, outcome) {
        (Some(Ok(table)), Ok((file, report))) => {
            let (expected, mut told) = plain_file(&table, dialect, format);
            let same = file
                .bytes()
                .zip(expected.bytes())
                .take_while(|(a, b)| a == b)
                .count();
            let shown = |file: &str| {
                file.chars()
                    .skip(same.saturating_sub(20))
                    .take(60)
                    .collect::<String>()
            };
            assert!(
                *file == expected,
                "{format} of\n{text}\n{dialect:?}\n--- differs at {same}: {:?}, expected {:?}",
                shown(file),
                shown(&expected)
            );
            let mut found = warnings(report);
            if text.contains("\\ufffd") {
                // That a lone surrogate was replaced is told, which the plain implementation does not.
                found.retain(|(code, ..)| *code != "lone_surrogate");
                told.retain(|(code, ..)| *code != "lone_surrogate");
            }
            assert_eq!(found, told, "{format} of {text}");
            let (rows, columns) = (table.rows.len() as u64, table.columns.len() as u64);
            assert_eq!((report.rows, report.columns), (rows, columns), "{text}");
            assert_eq!(report.bytes, file.len() as u64);
        }
        (Some(Err(code)), Err(error)) => assert_eq!(error.code(), code, "{text}"),
        (None, Ok(_)) => {}
        (None, Err(error)) => assert_ne!(error.code(), "invalid_json", "{text}: {error}"),
        (expected, found) => panic!("{text}\n--- expected: {expected:?}\n--- found: {found:?}"),
    }
}

#[test]
fn damaged_json_is_refused_or_read_for_what_it_says_now() {
    let mut random = Random(0xDA3A6E);
    let (mut refused, mut taken) = (0, 0);
    for _ in 0..500 {
        let sound = random_document(&mut random, 5);
        let (options, dialect, format) = random_format(&mut random);
        for _ in 0..10 {
            let mut text = sound.clone().into_bytes();
            damage(&mut random, &mut text);
            let outcome = in_every_way(&options, &text, &mut random);
            // Half a surrogate pair is U+FFFD to the engine, and an error to `serde_json`.
            let whole = without_lone_surrogates(&text);
            match Node::read(&whole) {
                Err(theirs) => {
                    let shown = String::from_utf8_lossy(&text);
                    let code = outcome.as_ref().map_err(Error::code);
                    assert_eq!(code, Err("invalid_json"), "{theirs}: {shown}");
                    refused += 1;
                }
                Ok(node) => {
                    let whole = String::from_utf8(whole).unwrap();
                    check(&outcome, &node, &dialect, format, &whole);
                    taken += 1;
                }
            }
        }
    }
    assert!(refused > 2_000 && taken > 1_000, "{refused} {taken}");
}

#[test]
fn json_lines_are_read_line_by_line() {
    let mut random = Random(0x11E5);
    let (mut refused, mut taken) = (0, 0);
    for round in 0..2_000 {
        let mut lines = random_lines(&mut random, 6).into_bytes();
        if round % 3 > 0 {
            damage(&mut random, &mut lines);
        }
        let (form, dialect, format) = random_format(&mut random);
        let Setting::Map(mut members) = form else {
            panic!("options are members")
        };
        let input = Setting::from_json(br#"{"format": "jsonl"}"#).unwrap();
        members.push(("input".into(), input));
        let outcome = in_every_way(&Setting::Map(members), &lines, &mut random);
        let whole = without_lone_surrogates(&lines);
        let table = Table::of_json_lines(&whole);
        match table {
            Err("invalid_json") => refused += 1,
            _ => taken += 1,
        }
        let shown = String::from_utf8_lossy(&whole);
        check_table(&outcome, Some(table), &dialect, format, &shown);
    }
    assert!(refused > 400 && taken > 800, "{refused} {taken}");
}

/// Records that are as usual before and behind one that is put into their midst.
fn among_usual_records(record: &[u8]) -> Vec<u8> {
    let usual = br#"{"id":1,"name":"as usual","x":true},"#;
    let before = usual.repeat(20);
    [
        b"[",
        before.as_slice(),
        record,
        b",",
        &usual[..usual.len() - 1],
        b"]",
    ]
    .concat()
}

#[test]
fn what_is_not_utf_8_is_refused_at_its_place() {
    let mut random = Random(0xBAD);
    let json = options("{}", Some("json"));
    const MALFORMED: [&[u8]; 14] = [
        b"\x80",
        b"\xBF",
        b"\xC0\xAF",
        b"\xC1\xBF",
        b"\xC3(",
        b"\xE0\x80\x80",
        b"\xE2\x82",
        b"\xE2(\xA1",
        b"\xED\xA0\x80",
        b"\xF0\x80\x80\x80",
        b"\xF0\x9F\x98",
        b"\xF4\x90\x80\x80",
        b"\xF8\x88\x80\x80\x80",
        b"\xFF",
    ];
    let check = |text: &[u8], column: usize, random: &mut Random| {
        let error = in_every_way(&json, text, random).unwrap_err();
        let place = (error.code(), error.location().line, error.location().column);
        let shown = String::from_utf8_lossy(text);
        assert_eq!(
            place,
            ("invalid_json", Some(1), Some(column as u64)),
            "{error}: {shown}"
        );
        assert!(error.to_string().contains("UTF-8"), "{error}");
    };
    for place in 0..70 {
        let malformed = MALFORMED[place % 14];
        for (before, behind) in [("x", 0), ("é", 0), ("x", 20), ("日", 20)] {
            let inside = before.repeat(place) + "\u{1}" + &"y".repeat(behind);
            let record = format!("{{\"id\":1,\"name\":\"{inside}\",\"x\":true}}");
            let text = among_usual_records(record.as_bytes());
            let at = text.iter().position(|byte| *byte == 1).unwrap();
            let text = [&text[..at], malformed, &text[at + 1..]].concat();
            check(&text, at + 1, &mut random);
            // In a key, and where no text belongs at all.
            let record = format!("{{\"{inside}\":1}}");
            let text = among_usual_records(record.as_bytes());
            let at = text.iter().position(|byte| *byte == 1).unwrap();
            check(
                &[&text[..at], malformed, &text[at + 1..]].concat(),
                at + 1,
                &mut random,
            );
        }
    }
    // Every place of a document, with every malformed sequence.
    let text = r#"[{"id":-1.5e3,"name":"é日😀","x":null}, {"id":true , "name":[1,{"a":"é"}]}] "#;
    for (at, _) in text.char_indices().chain([(text.len(), ' ')]) {
        let (before, behind) = text.as_bytes().split_at(at);
        for malformed in MALFORMED {
            check(&[before, malformed, behind].concat(), at + 1, &mut random);
        }
    }
}

#[test]
fn a_character_of_any_length_is_taken_at_every_place() {
    let mut random = Random(0x600D);
    let dialect = Dialect::default();
    for character in [
        "\u{7F}",
        "\u{80}",
        "é",
        "\u{7FF}",
        "\u{800}",
        "日",
        "\u{FFFF}",
        "😀",
        "\u{10FFFF}",
    ] {
        for place in 0..40 {
            let text = "x".repeat(place) + character + &"y".repeat(place % 3);
            let record =
                serde_json::json!({ "id": text, "name": text, text.clone(): "x", "x": text });
            let input = among_usual_records(record.to_string().as_bytes());
            let node = Node::read(&input).unwrap();
            for format in ["csv", "json"] {
                let options = options("{}", Some(format));
                let outcome = in_every_way(&options, &input, &mut random);
                check(
                    &outcome,
                    &node,
                    &dialect,
                    format,
                    std::str::from_utf8(&input).unwrap(),
                );
            }
        }
    }
}

#[test]
fn many_records_are_written_as_by_a_plain_implementation() {
    // More than the look-ahead holds, so that rows are written while others come.
    let mut random = Random(0x10_000);
    for form in [
        r#"{"csv": {"delimiter": ";"}}"#,
        "{}",
        r#"{"json": {"pretty": false}}"#,
    ] {
        let mut text = String::from("[");
        for number in 0..6_000 {
            let name = "n".repeat(random.below(40));
            let odd = match random.below(40) {
                0 => "\"\\\"\\u00e9\"",
                1 => "[1, {\"b\" : null}]",
                2 => "-1.50E+7",
                3 => "\"=1;2\"",
                _ => "\"plain\"",
            };
            let separator = if number == 0 { "" } else { "," };
            text += &format!("{separator}{{\"id\":{number},\"name\":\"{name}\",\"odd\":{odd}");
            match random.below(30) {
                0 => text += ",\"odd\":\"twice\",\"last\":1}",
                1 => text += "}",
                _ => text += ",\"last\":true}",
            }
        }
        text += "]";
        let node = Node::read(text.as_bytes()).unwrap();
        let table = Table::of_json(&node).unwrap().unwrap();
        let format = if form.contains("json") {
            "json compact"
        } else {
            "csv"
        };
        let dialect = Dialect {
            delimiter: if form.contains(';') { ";" } else { "," }.into(),
            ..Dialect::default()
        };
        let (expected, told) = plain_file(&table, &dialect, format);
        let options = options(form, format.split(' ').next());
        for longest in [7, 60, 1_000, 65_536, text.len()] {
            let chunks = random.cut(text.as_bytes(), longest);
            let (file, report) = stream(&options, chunks).unwrap();
            assert!(file == expected.as_bytes(), "in chunks of up to {longest}");
            assert_eq!(warnings(&report), told);
        }
    }
}
