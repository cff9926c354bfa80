//! Request documents: options first, then the table, as one JSON text.

use tablecast::{DocumentExporter, DocumentHead, Error, Exporter, Head, Limits, Request, Setting};

/// The name of the file and the file.
pub fn export(document: &str, chunk: usize) -> Result<(String, String), Error> {
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

/// The options and the member of a document that may lack its table, pushed in chunks of this size.
fn head(document: &str, chunk: usize) -> Result<Option<Head>, Error> {
    let mut start = DocumentHead::new(&Limits::default()).with_optional_data();
    for chunk in document.as_bytes().chunks(chunk) {
        start.push_bytes(chunk)?;
        if let Some(head) = start.read()? {
            assert!(document.as_bytes().starts_with(start.bytes()));
            assert_eq!(start.read()?, None);
            return Ok(Some(head));
        }
    }
    start.end_input();
    start.read()
}

#[test]
fn the_options_of_a_document_are_given_when_its_table_begins_or_else_when_it_ends() {
    let check = |document: &str, options: &str, member: Option<&str>| {
        for chunk in [1, 2, 3, 10, 1000] {
            let head = head(document, chunk).unwrap().unwrap();
            assert_eq!(head.options.to_json(), options);
            assert_eq!(head.member.as_deref(), member);
        }
    };
    check(
        r#"{"a": {"b": [1, 2.50]}, "rows": [[], "#,
        r#"{"a":{"b":[1,2.50]}}"#,
        Some("rows"),
    );
    check(r#"{"data"  "#, "{}", Some("data"));
    check(
        r#" {"resource": "memories", "filters": {"categories": ["x"]}, "format": "csv"} "#,
        r#"{"resource":"memories","filters":{"categories":["x"]},"format":"csv"}"#,
        None,
    );
    check("{}", "{}", None);
}

#[test]
fn a_document_of_options_alone_must_be_whole_and_an_object() {
    for chunk in [1, 2, 1000] {
        for (document, code) in [
            (r#"{"format": "csv""#, "invalid_json"),
            (r#"{"format": "csv"} {}"#, "invalid_json"),
            ("", "invalid_json"),
            ("[1]", "invalid_option"),
            ("5", "invalid_option"),
        ] {
            let error = head(document, chunk).unwrap_err();
            assert_eq!(error.code(), code, "{document} in chunks of {chunk}");
        }
    }
}

#[test]
fn options_without_end_are_refused() {
    let long = format!(r#"{{"a": "{}"#, "x".repeat(2 << 20));
    let error = head(&long, 64 << 10).unwrap_err();
    assert_eq!(
        error.to_string(),
        "The limit `options_bytes` of 1048576 was exceeded."
    );
}

#[test]
fn a_document_can_be_read_again_with_options_that_were_stored() {
    let document = r#"{"format": "json", "data": {"items": [{"a": 1}]}}"#;
    let head = head(document, 9).unwrap().unwrap();
    let stored = head.options.to_json();
    let options = Setting::from_json(stored.as_bytes()).unwrap();
    assert_eq!(options, head.options);
    let request = Request::for_document(&options, "data", &Limits::default(), "").unwrap();
    let mut exporter = Exporter::new(request);
    exporter.push_bytes(document.as_bytes()).unwrap();
    exporter.end_input();
    let file = exporter.next_output().unwrap().unwrap();
    assert_eq!(file, b"[\n  {\n    \"a\": 1\n  }\n]");
}

#[test]
fn records_from_elsewhere_are_written_with_options_of_http() {
    let options = Setting::from_json(br#"{"format": "pdf", "limits": {"rows": 9}}"#).unwrap();
    let mut limits = Limits::default();
    limits.rows = 1;
    let request = Request::for_http(&options, &limits, "").unwrap();
    assert_eq!(request.file().name, "export.html");
    let mut exporter = Exporter::new(request);
    exporter.push_bytes(br#"[{"a": 1}, {"a": 2}]"#).unwrap();
    assert_eq!(exporter.next_output().unwrap_err().code(), "limit_exceeded");
}

#[test]
fn members_of_options_are_looked_up_taken_out_and_put_in() {
    let mut options = Setting::from_json(br#"{"a": 1, "b": null, "a": "x"}"#).unwrap();
    assert_eq!(options.get("a").and_then(Setting::as_text), Some("x"));
    assert_eq!(options.get("b"), None);
    options.insert("b", Setting::Bool(true));
    options.insert("c", Setting::Null);
    assert_eq!(options.remove("a"), Some(Setting::Text("x".into())));
    assert_eq!(options.remove("a"), None);
    assert_eq!(options.to_json(), r#"{"b":true,"c":null}"#);
    options.insert("b", Setting::Number(-2.0));
    assert_eq!(options.to_json(), r#"{"b":-2,"c":null}"#);
}

#[test]
fn every_setting_is_written_as_json_that_reads_back() {
    for text in [
        "null",
        "[]",
        "{}",
        r#"["",false,{"é\n\"":[[{}]]}]"#,
        "[0,-0,7,-7,1.0,1e3,1E+3,0.1,999999999999999,1000000000000000]",
        "[9007199254740993,18446744073709551616,-9223372036854775808,1e400]",
    ] {
        let setting = Setting::from_json(text.as_bytes()).unwrap();
        assert_eq!(setting.to_json(), text);
        let again = Setting::from_json(setting.to_json().as_bytes()).unwrap();
        assert_eq!(again, setting);
    }
    let odd = Setting::List(vec![Setting::Number(f64::NAN), Setting::Number(0.5)]);
    assert_eq!(odd.to_json(), "[null,0.5]");
}
