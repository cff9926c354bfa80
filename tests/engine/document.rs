//! Request documents: options first, then the table, as one JSON text.

use tablecast::{DocumentExporter, Error, Limits};

fn export(document: &str, chunk: usize) -> Result<(String, String), Error> {
    let mut exporter = DocumentExporter::new(Limits::default(), "2026-01-31T12:00:00Z");
    let mut file = Vec::new();
    for chunk in document.as_bytes().chunks(chunk) {
        exporter.push_bytes(chunk)?;
        while let Some(piece) = exporter.next_output()? {
            file.extend_from_slice(piece);
        }
    }
    exporter.end_input()?;
    while let Some(piece) = exporter.next_output()? {
        file.extend_from_slice(piece);
    }
    let name = exporter.file().map(|file| file.name.clone());
    exporter.finish()?;
    Ok((name.unwrap_or_default(), String::from_utf8(file).unwrap()))
}

#[track_caller]
fn check(document: &str, name: &str, file: &str) {
    for chunk in [1, 2, 3, 10, 1000] {
        let expected = (name.to_owned(), file.to_owned());
        assert_eq!(
            export(document, chunk).unwrap(),
            expected,
            "in chunks of {chunk}"
        );
    }
}

#[track_caller]
fn check_error(document: &str, code: &str, place: Option<(u64, u64)>) {
    for chunk in [1, 2, 3, 10, 1000] {
        let error = export(document, chunk).unwrap_err();
        assert_eq!(error.code(), code, "{error} in chunks of {chunk}");
        let location = error.location();
        assert_eq!(location.line.zip(location.column), place, "{error}");
    }
}

#[test]
fn the_table_stands_under_data_items_or_rows() {
    check(
        r#"{"format": "csv", "data": {"items": [{"a": 1}]}}"#,
        "export.csv",
        "a\r\n1\r\n",
    );
    check(
        r#"{"format": "csv", "data": [{"a": 1}]}"#,
        "export.csv",
        "a\r\n1\r\n",
    );
    check(
        r#"{"filename": "x", "format": "csv", "items": [{"a": 1}]}"#,
        "x.csv",
        "a\r\n1\r\n",
    );
    check(
        r#"{"format": "csv", "columns": ["a"], "rows": [[1]]}"#,
        "export.csv",
        "a\r\n1\r\n",
    );
}

#[test]
fn options_are_read_as_http_spells_them() {
    check(
        r#"{"template": {"name": "List", "format": "json", "column_mapping": {"b": "B"}}, "json": {"pretty": false},
            "late_columns": "drop", "data": {"columns": ["a", "b"], "rows": [[1, {"x": [true]}]]}}"#,
        "List.json",
        r#"[{"B":{"x":[true]}}]"#,
    );
}

#[test]
fn the_path_starts_at_the_data() {
    check(
        r#"{"format": "csv", "input": {"path": "x.y"}, "data": {"w": 1, "x": {"y": [{"a": 1}], "z": 2}}}"#,
        "export.csv",
        "a\r\n1\r\n",
    );
}

#[test]
fn the_table_in_a_document_is_json() {
    check_error(
        r#"{"format": "csv", "input": {"format": "jsonl"}, "data": [{"a": 1}]}"#,
        "contradictory_options",
        None,
    );
}

#[test]
fn the_moment_is_that_of_the_document_or_else_that_of_the_request() {
    let page = |now: &str| {
        let document = format!(
            r#"{{"format": "html", {now} "template": {{"footer_text": "{{date}}"}}, "data": [{{"a": 1}}]}}"#
        );
        export(&document, 7).unwrap().1
    };
    assert!(page("").contains("<footer>2026-01-31</footer>"));
    assert!(page(r#""now": "1999-12-31","#).contains("<footer>1999-12-31</footer>"));
}

#[test]
fn options_behind_the_data_are_refused() {
    check_error(
        r#"{"data": [{"a": {"b": 1}}], "format": "csv"}"#,
        "options_after_data",
        Some((1, 29)),
    );
    check_error(
        r#"{"format": "csv", "data": [{"a": 1}], "csv": {}}"#,
        "options_after_data",
        Some((1, 39)),
    );
    check_error(
        r#"{"format": "csv", "data": [{"a": 1}], "data": []}"#,
        "options_after_data",
        Some((1, 39)),
    );
}

#[test]
fn a_document_without_a_format_says_so() {
    check_error(r#"{"data": [{"a": 1}]}"#, "invalid_option", None);
    let long = format!(r#"{{"data": ["{}"#, "x".repeat(2 << 20));
    let mut exporter = DocumentExporter::new(Limits::default(), "");
    let error = exporter.push_bytes(long.as_bytes()).unwrap_err();
    assert_eq!(error.code(), "invalid_option");
}

#[test]
fn errors_in_the_data_name_their_place_in_the_document() {
    check_error(
        "{\"format\": \"csv\",\n \"data\": [{\"a\": 1},\n  {\"a\": }]}",
        "invalid_json",
        Some((3, 9)),
    );
    check_error(
        r#"{"format": "csv", "data": 5}"#,
        "not_tabular",
        Some((1, 27)),
    );
    check_error(r#"{"format": "csv"}"#, "not_tabular", Some((1, 17)));
    check_error(
        r#"{"format": "csv", "data": [{"a": 1}]"#,
        "invalid_json",
        Some((1, 37)),
    );
    check_error(r#"{"format": "csv""#, "invalid_json", Some((1, 17)));
    check_error(r#"[{"a": 1}]"#, "invalid_option", Some((1, 1)));
}

#[test]
fn the_document_cannot_widen_the_limits_of_the_service() {
    let document = br#"{"format": "csv", "limits": {"columns": 1000}, "data": [{"a": 1, "b": 2}]}"#;
    let mut limits = Limits::default();
    limits.columns = 1;
    let mut exporter = DocumentExporter::new(limits, "");
    exporter.push_bytes(document).unwrap();
    assert_eq!(exporter.next_output().unwrap_err().code(), "limit_exceeded");
}
