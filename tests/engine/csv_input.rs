//! CSV as input: what comes in goes out, however it is cut, and nothing breaks the reader.

use serde_json::{Map, Value};
use tablecast::{HeaderScan, Request, Setting, Source, Surface, export_bytes};

use crate::run::{Random, options, stream};

/// Cells that readers and writers get wrong; `None` is null.
const CELLS: [Option<&str>; 32] = [
    None,
    Some(""),
    Some(" "),
    Some("a"),
    Some("007"),
    Some("-5"),
    Some("=1+1"),
    Some("'=1"),
    Some("\t"),
    Some("\n"),
    Some("\r\n"),
    Some("\r"),
    Some("\n\r"),
    Some(","),
    Some(";"),
    Some("\""),
    Some("\"\""),
    Some("a\"b"),
    Some("\"a\""),
    Some("a,b\n\"c\""),
    Some("null"),
    Some("true"),
    Some("1e5"),
    Some("12345678901234567890"),
    Some("ID"),
    Some("ä"),
    Some("日本語"),
    Some("😀"),
    Some("\u{FEFF}"),
    Some("\u{2028}"),
    Some("\u{1}"),
    Some("\\"),
];

/// A table as JSON text, with names that stand for themselves.
fn random_table(random: &mut Random) -> String {
    let width = 1 + random.below(5);
    let columns: Vec<_> = (0..width)
        .map(|number| format!("{}{number}", CELLS[random.below(32)].unwrap_or("x")))
        .collect();
    let row =
        |random: &mut Random| -> Vec<_> { (0..width).map(|_| CELLS[random.below(32)]).collect() };
    let rows: Vec<_> = (0..random.below(20)).map(|_| row(random)).collect();
    serde_json::json!({"columns": columns, "rows": rows}).to_string()
}

/// Exports CSV in one piece and in chunks, and gives the one file.
fn exported(options: &Setting, input: &[u8], random: &mut Random) -> Vec<u8> {
    let whole = export_bytes(options, input).unwrap();
    for longest in [1, 4, 40] {
        let cut = stream(options, random.cut(input, longest)).unwrap();
        assert_eq!(cut, whole, "{}", String::from_utf8_lossy(input));
    }
    whole.0
}

#[test]
fn csv_that_was_written_is_read_back_and_written_as_it_was() {
    let mut random = Random(11);
    for round in 0..300 {
        let table = random_table(&mut random);
        let delimiter = [",", ";", "\\t", "|"][round % 4];
        let terminator = ["\\r\\n", "\\n"][round % 2];
        let bom = round % 3 == 0;
        let form = format!(
            r#""csv": {{"delimiter": "{delimiter}", "terminator": "{terminator}", "bom": {bom}, "formula_guard": false}}"#
        );
        let input = format!(r#""input": {{"format": "csv", "delimiter": "{delimiter}"}}"#);
        let write = options(&format!("{{{form}}}"), Some("csv"));
        let first = export_bytes(&write, table.as_bytes()).unwrap().0;
        let read = options(&format!("{{{form}, {input}}}"), Some("csv"));
        let second = exported(&read, &first, &mut random);
        assert_eq!(
            String::from_utf8(first).unwrap(),
            String::from_utf8(second).unwrap()
        );
    }
}

#[test]
fn every_cell_of_csv_is_the_text_or_null_that_was_written() {
    let mut random = Random(12);
    for _ in 0..300 {
        let table = random_table(&mut random);
        let write = options(r#"{"csv": {"formula_guard": false}}"#, Some("csv"));
        let (csv, report) = export_bytes(&write, table.as_bytes()).unwrap();
        let direct = export_bytes(&options("{}", Some("json")), table.as_bytes()).unwrap();
        let read = options(r#"{"input": {"format": "csv"}}"#, Some("json"));
        let file = exported(&read, &csv, &mut random);
        // A null alone in its row is written as empty text, which the report says.
        if report
            .warnings
            .iter()
            .all(|warning| warning.code != "null_row")
        {
            assert_eq!(
                String::from_utf8(direct.0).unwrap(),
                String::from_utf8(file).unwrap()
            );
        }
    }
}

#[test]
fn another_reader_of_csv_sees_the_same_cells() {
    let mut random = Random(13);
    let read = options(r#"{"input": {"format": "csv"}}"#, Some("jsonl"));
    for _ in 0..2_000 {
        let mut text = String::from("a,b,c\n");
        for _ in 0..random.below(60) {
            text.push_str(["x", "ä", ",", "\n", "\r\n", "\"", "\"\"", "\r"][random.below(8)]);
        }
        let Ok((file, report)) = export_bytes(&read, text.as_bytes()) else {
            continue;
        };
        let mut theirs = csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(text.as_bytes());
        let theirs: Vec<Vec<String>> = theirs.deserialize().map(Result::unwrap).collect();
        assert_eq!(report.rows, theirs.len() as u64, "{text:?}");
        for (line, row) in String::from_utf8(file).unwrap().lines().zip(&theirs) {
            let ours: Map<String, Value> = serde_json::from_str(line).unwrap();
            let cells = ours.values().map(|cell| cell.as_str().unwrap_or_default());
            let mut cells: Vec<_> = cells.collect();
            // Shorter rows are filled up to the header, and the header to the longest row.
            cells.truncate(row.len());
            assert_eq!(cells, *row, "{text:?}");
        }
    }
}

#[test]
fn random_bytes_never_panic_and_end_alike_however_they_are_cut() {
    let mut random = Random(14);
    let mut refused = 0;
    for round in 0..10_000 {
        let form = [
            r#"{"input": {"format": "csv"}}"#,
            r#"{"input": {"format": "csv", "types": "infer", "delimiter": ";"}, "limits": {"row_bytes": 12}}"#,
            r#"{"input": {"format": "csv"}, "limits": {"columns": 3, "rows": 2}, "late_columns": "drop"}"#,
        ][round % 3];
        let options = options(form, Some("csv"));
        let mut bytes = Vec::new();
        for _ in 0..random.below(30) {
            match random.below(80) {
                0 => bytes.push(random.below(256) as u8),
                n => {
                    let token = ["a", "1", ",", ";", "\n", "\r", "ä", ",\"x\"", "\"\"", "\""];
                    bytes.extend_from_slice(token[(n - 1) / 8].as_bytes());
                }
            }
        }
        let whole = stream(&options, [&*bytes]).map_err(|(error, _)| error);
        for size in [1, 2, 3, 5] {
            let cut = stream(&options, bytes.chunks(size)).map_err(|(error, _)| error);
            assert_eq!(
                whole,
                cut,
                "{:?} by {size}",
                String::from_utf8_lossy(&bytes)
            );
        }
        if let Err(error) = whole {
            refused += 1;
            assert!(
                matches!(error.code(), "invalid_csv" | "limit_exceeded"),
                "{error}"
            );
        }
    }
    assert!((2_000..9_000).contains(&refused), "{refused}");
}

/// A record of CSV as it mostly comes, with a cell now and then that is not as usual.
fn random_record(random: &mut Random, width: usize, delimiter: &str) -> String {
    let mut cells: Vec<String> = Vec::new();
    let width = match random.below(12) {
        0 => 1 + random.below(width + 3),
        _ => width,
    };
    for _ in 0..width {
        let word = "Zoë said \"yes\", \\ 日本語 and much more than that, 12345.67 times";
        let text: String = word.chars().take(random.below(60)).collect();
        cells.push(match random.below(12) {
            0 => String::new(),
            1 => "\"\"".into(),
            2 => ["1.5", "-7", "true", "1e5", "007", "12345678901234567"][random.below(6)].into(),
            3..7 => format!("\"{}\"", text.replace('"', "\"\"")),
            7 => {
                let cell = CELLS[random.below(32)].unwrap_or_default();
                format!("\"{}\"", cell.replace('"', "\"\""))
            }
            8 => CELLS[random.below(32)].unwrap_or_default().into(),
            _ => text.replace(['"', ',', ';'], ""),
        });
    }
    let end = ["\r\n", "\n", "\r\n", "\n", "\r", "\n\n"][random.below(6)];
    cells.join(delimiter) + end
}

#[test]
fn whole_records_are_read_as_byte_by_byte() {
    let mut random = Random(16);
    let (mut accepted, mut refused) = (0, 0);
    for round in 0..1_000 {
        let (form, delimiter) = [
            (r#"{"input": {"format": "csv"}}"#, ","),
            (
                r#"{"input": {"format": "csv", "types": "infer", "delimiter": ";"}}"#,
                ";",
            ),
            (
                r#"{"input": {"format": "csv"}, "limits": {"row_bytes": 150}}"#,
                ",",
            ),
            (
                r#"{"input": {"format": "csv", "delimiter": "\t"}, "limits": {"columns": 6, "rows": 9}, "late_columns": "drop"}"#,
                "\t",
            ),
        ][round % 4];
        let options = options(form, Some(["json", "csv"][round % 2]));
        let width = 1 + random.below(6);
        let mut input = Vec::new();
        for _ in 0..random.below(16) {
            input.extend(random_record(&mut random, width, delimiter).bytes());
        }
        // Half of the inputs are as they are; of the others some bytes are changed or lost.
        for _ in 0..random.below(2) * random.below(4) {
            let at = random.below(input.len() + 1);
            match random.below(3) {
                0 => drop(input.drain(at..input.len().min(at + 1))),
                1 => input.insert(at, b"\"\",;\n\r\\\xFFx"[random.below(9)]),
                _ => input.truncate(at),
            }
        }
        let by_byte = stream(&options, input.chunks(1)).map_err(|(error, _)| error);
        for longest in [200, 40, 17] {
            let cut = stream(&options, random.cut(&input, longest)).map_err(|(error, _)| error);
            let text = String::from_utf8_lossy(&input);
            assert_eq!(cut, by_byte, "{text:?} by {longest} with {form}");
        }
        let whole = stream(&options, [&*input]).map_err(|(error, _)| error);
        assert_eq!(whole, by_byte, "{:?}", String::from_utf8_lossy(&input));
        match whole {
            Ok(_) => accepted += 1,
            Err(_) => refused += 1,
        }
    }
    assert!(accepted > 300 && refused > 150, "{accepted} {refused}");
}

#[test]
fn a_long_csv_gives_the_same_file_however_it_is_cut() {
    let mut random = Random(15);
    let mut input = String::from("a,b,c\r\n");
    for number in 0..20_000 {
        let cell = CELLS[random.below(32)].unwrap_or_default();
        let cell = cell.replace('"', "\"\"");
        input.push_str(&format!("{number},\"{cell}\",plain text {number}\r\n"));
    }
    let options = options(r#"{"input": {"format": "csv"}}"#, Some("jsonl"));
    let whole = export_bytes(&options, input.as_bytes()).unwrap();
    assert_eq!(whole.1.rows, 20_000);
    for size in [1, 7, 64, 1_000, 65_536, input.len()] {
        let cut = stream(&options, input.as_bytes().chunks(size)).unwrap();
        assert!(cut == whole, "in chunks of {size}");
    }
}

#[test]
fn a_cell_over_the_limit_is_refused_before_it_is_buffered() {
    let options = options(
        r#"{"input": {"format": "csv"}, "limits": {"row_bytes": 1000}}"#,
        Some("csv"),
    );
    let open = [b"a\n\"".as_slice()];
    let chunks = open.into_iter().chain([[b'x'; 100].as_slice(); 20]);
    let (error, _) = stream(&options, chunks).unwrap_err();
    assert_eq!(error.code(), "limit_exceeded");
    assert_eq!(error.location().row, Some(1));
}

#[test]
fn a_record_may_be_as_long_as_the_limit_and_no_longer() {
    let form = r#"{"input": {"format": "csv"}, "limits": {"row_bytes": 50}}"#;
    let options = options(form, Some("csv"));
    for quotes in [0, 2] {
        for len in 40..60 {
            let quote = &"\""[..quotes / 2];
            let text = "x".repeat(len - 2 - quotes);
            let record = format!("1,{quote}{text}{quote}\n");
            let input = format!("a,b\n{record}{}", "2,y\n".repeat(20));
            let whole = stream(&options, [input.as_bytes()]);
            let by_byte = stream(&options, input.as_bytes().chunks(1));
            assert_eq!(whole.is_ok(), len <= 50, "{record}");
            assert_eq!(
                whole.map_err(|(error, _)| error),
                by_byte.map_err(|(error, _)| error)
            );
        }
    }
}

#[test]
fn a_scan_finds_the_header_of_csv() {
    let options = options(r#"{"input": {"format": "csv"}}"#, Some("csv"));
    let mut scan = HeaderScan::new(&Request::new(&options, Surface::Http).unwrap());
    scan.push_bytes(b"a,b\n1,2\n1,2,3\n").unwrap();
    let known = scan.finish().unwrap();
    assert_eq!(known.names, ["a", "b", "column_3"]);
    assert_eq!(known.declared.unwrap().len(), 2);
}

/// The error's code, or the file.
fn by_media_type(
    source: Source,
    query: &[(&str, &str)],
    input: &str,
) -> Result<String, &'static str> {
    let pairs = query
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()));
    let run = || {
        let mut request = Request::from_query(pairs)?;
        request.set_default_source(source)?;
        let mut exporter = tablecast::Exporter::new(request);
        exporter.push_bytes(input.as_bytes())?;
        exporter.end_input();
        let mut file = Vec::new();
        while let Some(piece) = exporter.next_output()? {
            file.extend_from_slice(piece);
        }
        Ok(String::from_utf8(file).unwrap())
    };
    run().map_err(|error: tablecast::Error| error.code())
}

#[test]
fn options_go_before_the_media_type() {
    let semicolons = [("format", "csv"), ("input.delimiter", ";")];
    let tabs = "a\tb\n1\t;\n";
    let run = by_media_type;
    assert_eq!(
        run(Source::Csv, &semicolons, "a;b\n1;2\n"),
        Ok("a,b\r\n1,2\r\n".into())
    );
    assert_eq!(
        run(Source::Tsv, &semicolons[..1], tabs),
        Ok("a,b\r\n1,;\r\n".into())
    );
    assert_eq!(
        run(Source::Tsv, &semicolons, tabs),
        Ok("a\tb,column_2\r\n1\t,\r\n".into())
    );
    let said = [("format", "csv"), ("input.format", "csv")];
    assert_eq!(run(Source::Tsv, &said, tabs), Ok("a,b\r\n1,;\r\n".into()));
    assert_eq!(
        run(Source::Json, &said, "a,b\n1,2\n"),
        Ok("a,b\r\n1,2\r\n".into())
    );
    let json = [("format", "csv"), ("input.format", "json")];
    assert_eq!(
        run(Source::Csv, &json, "[{\"a\":1}]"),
        Ok("a\r\n1\r\n".into())
    );
}

#[test]
fn how_csv_is_read_contradicts_what_is_no_csv() {
    for option in [("input.delimiter", ";"), ("input.types", "infer")] {
        let query = [("format", "csv"), option];
        for source in [Source::Json, Source::JsonLines] {
            let refused = by_media_type(source, &query, "[]");
            assert_eq!(refused, Err("contradictory_options"), "{option:?}");
        }
    }
    let path = [("format", "csv"), ("input.path", "a")];
    assert_eq!(
        by_media_type(Source::Csv, &path, "a\n"),
        Err("contradictory_options")
    );
    for (name, value) in [
        ("input.delimiter", "\""),
        ("input.delimiter", ";;"),
        ("input.delimiter", "\n"),
        ("input.types", "guess"),
    ] {
        let query = [("format", "csv"), ("input.format", "csv"), (name, value)];
        assert_eq!(
            by_media_type(Source::Csv, &query, "a\n"),
            Err("invalid_option")
        );
    }
}
