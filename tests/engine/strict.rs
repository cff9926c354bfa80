//! With `strict`, an export that has a warning gives no file.

use tablecast::{ErrorKind, Setting};

use crate::run::{options, stream};

/// The codes of the warnings, and what was written before them.
fn refused(options: &Setting, input: &str, chunk: usize) -> (Vec<&'static str>, Vec<u8>) {
    let (error, before) = stream(options, input.as_bytes().chunks(chunk)).unwrap_err();
    let ErrorKind::Strict { warnings } = error.kind() else {
        panic!("{error:?}");
    };
    (
        warnings.iter().map(|warning| warning.code).collect(),
        before,
    )
}

fn numbers(count: usize) -> String {
    let rows: Vec<_> = (0..count).map(|n| format!("{{\"id\":{n}}}")).collect();
    rows.join(",")
}

#[test]
fn a_warning_in_the_look_ahead_comes_before_any_output() {
    // Its output is longer than a piece, and the warning is in its last row.
    let text = "x".repeat(400);
    let rows: Vec<_> = (0..999).map(|_| format!("[\"{text}\"]")).collect();
    let input = format!(
        "{{\"columns\":[\"a\"],\"rows\":[{},[\"=1\"]]}}",
        rows.join(",")
    );
    let options = options(r#"{"strict": true}"#, Some("csv"));
    for chunk in [1000, input.len()] {
        let (codes, before) = refused(&options, &input, chunk);
        assert_eq!(codes, ["formula_guarded"]);
        assert!(before.is_empty());
    }
}

#[test]
fn a_later_warning_ends_the_export_where_it_is() {
    let input = format!("[{},{{\"id\":\"=1\"}}]", numbers(100_000));
    let options = options(r#"{"strict": true}"#, Some("csv"));
    let (codes, before) = refused(&options, &input, 5000);
    assert_eq!(codes, ["formula_guarded"]);
    assert!(!before.is_empty());
}

#[test]
fn what_only_the_end_tells_leaves_the_file_without_its_last_piece() {
    // CSV has nothing behind its last row, so all of it is written when the input ends.
    let input = format!("[{}]", numbers(100_000));
    let with = |strict| {
        options(
            &format!("{{\"strict\": {strict}, \"columns\": [\"id\", \"price\"]}}"),
            Some("csv"),
        )
    };
    let (whole, report) = stream(&with(false), input.as_bytes().chunks(5000)).unwrap();
    assert_eq!(report.warnings.len(), 1);
    let (codes, before) = refused(&with(true), &input, 5000);
    assert_eq!(codes, ["missing_column"]);
    assert!(!before.is_empty() && whole.starts_with(&before));
    let lines = |file: &[u8]| file.iter().filter(|byte| **byte == b'\n').count();
    assert!(lines(&before) < lines(&whole));
}

#[test]
fn without_a_warning_the_file_is_the_same() {
    let input = format!("[{}]", numbers(50_000));
    for format in ["csv", "json", "html"] {
        let file =
            |text| stream(&options(text, Some(format)), input.as_bytes().chunks(5000)).unwrap();
        assert_eq!(file(r#"{"strict": true}"#), file("{}"));
    }
}
