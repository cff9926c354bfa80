//! Input that is meant to break things: JSONTestSuite, random bytes, hostile sizes.

use std::fs;
use std::path::Path;
use std::process::Command;

use tablecast::{Exporter, FORMATS, HeaderScan, Request, Surface, export_bytes};

use crate::run::{Random, options, stream};

/// Cases that the package calls `y_`, though the suite itself lets a parser decide (`i_`) or does
/// not have them.
const UNDECIDED: [&str; 12] = [
    "y_issue_1.json",
    "y_number_double_huge_neg_exp.json",
    "y_number_huge_exp.json",
    "y_number_neg_int_huge_exp.json",
    "y_number_pos_double_huge_exp.json",
    "y_number_real_neg_overflow.json",
    "y_number_real_pos_overflow.json",
    "y_number_real_underflow.json",
    "y_number_too_big_neg_int.json",
    "y_number_too_big_pos_int.json",
    "y_number_very_big_negative_int.json",
    "y_structure_500_nested_arrays.json",
];

/// The files of Nicolas Seriot's JSONTestSuite, which the pinned development package `json-syntax`
/// carries.
fn json_test_suite() -> Vec<(String, Vec<u8>)> {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages
        .iter()
        .find(|package| package["name"] == "json-syntax")
        .unwrap();
    let manifest = Path::new(package["manifest_path"].as_str().unwrap());
    let folder = manifest.with_file_name("tests/inputs");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read(path).unwrap())
        })
        .filter(|(name, _)| !UNDECIDED.contains(&name.as_str()))
        .collect();
    files.sort();
    files
}

#[test]
fn json_test_suite_is_judged_right() {
    let (mut refused, mut taken) = (0, 0);
    for (name, text) in json_test_suite() {
        for format in FORMATS.iter().filter(|format| format.is_built()) {
            let options = options("{}", Some(format.id));
            let whole = export_bytes(&options, &text).map_err(|error| error.code());
            let bytewise = stream(&options, text.chunks(1)).map_err(|(error, _)| error.code());
            assert_eq!(whole, bytewise, "{name}");
            match name.split_at(2).0 {
                "n_" => assert!(
                    matches!(whole, Err("invalid_json" | "limit_exceeded")),
                    "{name}: {whole:?}"
                ),
                "y_" => assert!(
                    matches!(whole, Ok(_) | Err("not_tabular")),
                    "{name}: {whole:?}"
                ),
                _ => assert!(
                    !matches!(whole, Err("invalid_state")),
                    "{name} left the exporter in a wrong state"
                ),
            }
        }
        refused += usize::from(name.starts_with("n_"));
        taken += usize::from(name.starts_with("y_"));
    }
    assert_eq!((refused, taken), (188, 95));
}

/// Values that `y_` cases hold as a document of their own are also right inside of a row.
#[test]
fn json_test_suite_inside_of_a_cell_equals_serde_json() {
    let options = options(r#"{"json": {"pretty": false}}"#, Some("json"));
    for (name, text) in json_test_suite() {
        let row = [b"[{\"x\":", text.as_slice(), b"}]"].concat();
        let ours = export_bytes(&options, &row);
        if name.starts_with("n_") {
            // Some cases are wrong only as a whole document.
            let theirs = serde_json::from_slice::<serde_json::Value>(&row);
            assert_eq!(ours.is_ok(), theirs.is_ok(), "{name}: {ours:?} {theirs:?}");
        }
        if name.starts_with("y_") {
            let (file, _) = ours.unwrap();
            let ours: serde_json::Value = serde_json::from_slice(&file).unwrap();
            let theirs: serde_json::Value = serde_json::from_slice(&row).unwrap();
            assert_eq!(ours, theirs, "{name}");
        }
    }
}

#[test]
fn random_damage_never_panics_and_never_passes_for_a_whole_file() {
    let input = br#"{"total":1,"columns":["a",{"key":"b"}],"rows":[["x\u00e4\n",1.5e3],[null,{"k":[true,{}]}],["=1"]]}"#;
    let options = options("{}", Some("json"));
    let mut random = Random(7);
    for _ in 0..10_000 {
        let mut text = input.to_vec();
        for _ in 0..=random.below(3) {
            let at = random.below(text.len().max(1));
            match random.below(4) {
                0 => text.truncate(at),
                _ if text.is_empty() => {}
                1 => drop(text.remove(at)),
                2 => text[at] = random.below(256) as u8,
                _ => text.insert(at, br#"{}[]",:\0"#[random.below(9)]),
            }
        }
        let ours = stream(&options, random.cut(&text, 9));
        let theirs = serde_json::from_slice::<serde_json::Value>(&text);
        if let Err(error) = theirs {
            let ours = ours
                .expect_err(&format!("{error}: {}", String::from_utf8_lossy(&text)))
                .0;
            // What is no table is told at once, before the text behind it was read.
            assert!(
                matches!(ours.code(), "invalid_json" | "not_tabular"),
                "{ours}: {}",
                String::from_utf8_lossy(&text)
            );
        } else if let Ok((file, _)) = ours {
            serde_json::from_slice::<serde_json::Value>(&file).unwrap();
        }
    }
}

#[test]
fn after_a_failure_the_exporter_stays_failed_and_the_next_one_works() {
    let options = options("{}", Some("csv"));
    let mut exporter = Exporter::new(Request::new(&options, Surface::Http).unwrap());
    exporter.push_bytes(b"[{]").unwrap();
    assert_eq!(exporter.next_output().unwrap_err().code(), "invalid_json");
    assert_eq!(
        exporter.push_bytes(b"[]").unwrap_err().code(),
        "invalid_state"
    );
    assert_eq!(exporter.next_output().unwrap_err().code(), "invalid_state");
    assert_eq!(exporter.finish().unwrap_err().code(), "invalid_state");
    assert_eq!(
        export_bytes(&options, b"[{\"a\":1}]").unwrap().0,
        b"a\r\n1\r\n"
    );
}

#[test]
fn an_export_that_did_not_end_has_no_report() {
    let options = options("{}", Some("csv"));
    let mut exporter = Exporter::new(Request::new(&options, Surface::Http).unwrap());
    exporter.push_bytes(b"[{\"a\":1}]").unwrap();
    assert_eq!(exporter.next_output().unwrap(), None);
    assert_eq!(exporter.finish().unwrap_err().code(), "invalid_state");
}

#[test]
fn a_row_over_the_limit_is_refused_before_it_is_buffered() {
    let options = options(r#"{"limits": {"row_bytes": 1000}}"#, Some("csv"));
    let mut exporter = Exporter::new(Request::new(&options, Surface::Http).unwrap());
    exporter.push_bytes(b"[{\"a\":\"").unwrap();
    let mut pushed = 0;
    let error = loop {
        exporter.push_bytes(&[b'x'; 100]).unwrap();
        pushed += 100;
        if let Err(error) = exporter.next_output() {
            break error;
        }
    };
    assert_eq!(error.code(), "limit_exceeded");
    assert_eq!(error.location().row, Some(1));
    assert!(pushed <= 1100, "{pushed}");
}

#[test]
fn few_bytes_of_input_never_become_much_output_at_once() {
    // 16,000 declared columns make a row of three bytes 16,000 bytes long.
    let columns: Vec<_> = (0..16_000).map(|n| format!("\"c{n}\"")).collect();
    let columns = columns.join(",");
    let options = options(&format!("{{\"columns\": [{columns}]}}"), Some("csv"));
    let mut exporter = Exporter::new(Request::new(&options, Surface::Http).unwrap());
    let rows = vec!["[]"; 2_000].join(",");
    exporter.push_bytes(format!("[{rows}]").as_bytes()).unwrap();
    exporter.end_input();
    let (mut pieces, mut longest) = (0, 0);
    while let Some(piece) = exporter.next_output().unwrap() {
        pieces += 1;
        longest = longest.max(piece.len());
    }
    assert!(pieces > 100, "{pieces}");
    assert!(longest < 1 << 20, "{longest}");
    assert_eq!(exporter.finish().unwrap().rows, 2_000);
}

#[test]
fn a_header_scan_fails_as_the_export_does() {
    let request = || Request::new(&options("{}", Some("csv")), Surface::Http).unwrap();
    let mut scan = HeaderScan::new(&request());
    scan.push_bytes(b"[{\"a\":1},").unwrap();
    assert_eq!(scan.finish().unwrap_err().code(), "invalid_json");
}

/// Exports in one piece and in chunks, and gives the one outcome: the file, or the error's code.
#[track_caller]
fn outcome(options_text: &str, input: &str) -> Result<String, &'static str> {
    let options = options(options_text, Some("csv"));
    let mut outcomes = [1, 3, 8, 64, usize::MAX].map(|size| {
        let streamed = stream(&options, input.as_bytes().chunks(size));
        let file = streamed.map(|(file, _)| String::from_utf8(file).unwrap());
        file.map_err(|(error, _)| error.code())
    });
    outcomes.sort();
    let [first, .., last] = outcomes;
    assert_eq!(first, last, "{input}");
    first
}

#[test]
fn the_limit_of_a_row_holds_alike_however_the_input_is_cut() {
    let spaces = " ".repeat(100);
    for input in [
        format!("[{{\"a\":1{spaces}}}]"),
        format!("[{{\"a\":1}}{spaces}]"),
        format!("[{{\"a\":1}}, {{{spaces}}}]"),
        format!("[{{\"a\":1}}]{spaces}"),
        format!("{{\"items\":[{{\"a\":1}}],\"meta\":\"{spaces}\"}}"),
        format!("{{\"columns\":[{spaces}],\"rows\":[]}}"),
    ] {
        let limited = outcome(r#"{"limits": {"row_bytes": 50}}"#, &input);
        assert_eq!(limited, Err("limit_exceeded"), "{input}");
        assert!(outcome("{}", &input).is_ok());
    }
}

#[test]
fn the_columns_that_are_written_keep_to_their_limit() {
    let columns = |count| {
        let columns = vec![r#"{"key": "a"}"#; count].join(",");
        format!(r#"{{"limits": {{"columns": 2}}, "columns": [{columns}]}}"#)
    };
    assert_eq!(
        outcome(&columns(2), r#"[{"a":1}]"#),
        Ok("a,a\r\n1,1\r\n".into())
    );
    assert_eq!(outcome(&columns(3), r#"[{"a":1}]"#), Err("limit_exceeded"));
    let declared = format!(
        "{{\"columns\":[{}],\"rows\":[]}}",
        vec!["\"\""; 50].join(",")
    );
    let limited = outcome(r#"{"limits": {"columns": 10}}"#, &declared);
    assert_eq!(limited, Err("limit_exceeded"));
}

#[test]
fn long_numbers_weigh_in_the_look_ahead() {
    let options = options("{}", Some("csv"));
    let mut exporter = Exporter::new(Request::new(&options, Surface::Http).unwrap());
    let row = format!("{{\"a\":{}}},", "1".repeat(300_000));
    exporter.push_bytes(b"[").unwrap();
    let mut rows = 0;
    while exporter.next_output().unwrap().is_none() {
        exporter.push_bytes(row.as_bytes()).unwrap();
        rows += 1;
    }
    assert!(rows < 10, "{rows}");
}

#[test]
fn a_name_that_is_declared_twice_loses_no_cell_in_silence() {
    let table = br#"{"columns":["a","a"],"rows":[[1,2]]}"#;
    let one = options(r#"{"columns": ["a"]}"#, Some("csv"));
    let (file, report) = export_bytes(&one, table).unwrap();
    assert_eq!(file, b"a\r\n1\r\n");
    assert_eq!(report.warnings[0].code, "unmapped_column");
    let both = options(r#"{"columns": ["a", "a"]}"#, Some("csv"));
    assert_eq!(export_bytes(&both, table).unwrap().0, b"a,a\r\n1,2\r\n");
}

#[test]
fn late_cells_are_named_by_their_position() {
    let rows = "[1],".repeat(1000);
    let table = format!("{{\"columns\":[\"a\"],\"rows\":[{rows}[1,2,3,[4]]]}}");
    let options = options(r#"{"late_columns": "drop"}"#, Some("csv"));
    let (_, report) = export_bytes(&options, table.as_bytes()).unwrap();
    let late: Vec<_> = report
        .warnings
        .iter()
        .filter(|warning| warning.code == "late_column")
        .map(|warning| (warning.column.as_deref().unwrap(), warning.count))
        .collect();
    assert_eq!(late, [("column_2", 1), ("column_3", 1), ("column_4", 1)]);
}

#[test]
fn columns_that_are_too_many_to_name_are_counted() {
    let record: Vec<_> = (0..50).map(|n| format!("\"k{n}\":1")).collect();
    let input = format!("[{{\"a\":1,{}}}]", record.join(","));
    let options = options(
        r#"{"limits": {"columns": 10}, "columns": ["a"]}"#,
        Some("csv"),
    );
    let (_, report) = export_bytes(&options, input.as_bytes()).unwrap();
    let counts: Vec<_> = report
        .warnings
        .iter()
        .map(|warning| warning.count)
        .collect();
    assert_eq!(counts, [10, 40]);
}

#[test]
fn the_report_stays_small_however_long_the_names_are() {
    let record: Vec<_> = (0..20)
        .map(|n| format!("\"{n}{}\":1", "x".repeat(50_000)))
        .collect();
    let wanted: Vec<_> = (0..500).map(|n| format!("\"m{n}\"")).collect();
    let options = options(
        &format!("{{\"columns\": [{}]}}", wanted.join(",")),
        Some("csv"),
    );
    let input = format!("[{{{}}}]", record.join(","));
    let (_, report) = export_bytes(&options, input.as_bytes()).unwrap();
    let text: usize = report
        .warnings
        .iter()
        .map(|warning| warning.message.len())
        .sum();
    assert!(text < 1_000_000, "{text}");
}

#[test]
fn a_table_that_stands_twice_at_its_path_is_refused() {
    let input = r#"{"d":[{"a":1}],"d":[{"a":2}]}"#;
    assert_eq!(
        outcome(r#"{"input": {"path": "d"}}"#, input),
        Err("not_tabular")
    );
}

#[test]
fn an_empty_label_alone_is_a_line_that_readers_see() {
    let options_text = r#"{"csv": {"null_text": "NULL"}, "columns": [{"key": "a", "label": ""}]}"#;
    assert_eq!(
        outcome(options_text, r#"[{"a":1}]"#),
        Ok("\"\"\r\n1\r\n".into())
    );
}

#[test]
fn null_is_told_from_text_also_behind_the_guard() {
    let file = outcome(r#"{"csv": {"null_text": "'-"}}"#, r#"[{"a":"-","b":null}]"#);
    assert_eq!(file, Ok("a,b\r\n\"'-\",'-\r\n".into()));
}

#[test]
fn a_query_says_nothing_twice() {
    let code = |pairs: &[(&str, &str)]| {
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        Request::from_query(pairs)
            .map(|_| ())
            .map_err(|error| error.code())
    };
    assert_eq!(
        code(&[
            ("format", "csv"),
            ("csv.bom", "true"),
            ("csv.header", "false")
        ]),
        Ok(())
    );
    for pairs in [
        [("format", "csv"), ("format", "json")],
        [("csv", "x"), ("csv.bom", "true")],
        [("csv.bom", "true"), ("csv", "x")],
        [("csv.bom", "true"), ("csv.bom", "true")],
    ] {
        assert_eq!(code(&pairs), Err("invalid_option"), "{pairs:?}");
    }
}
