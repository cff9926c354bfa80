//! Tables of a resource: where the values of each column come from, whatever form the data have.

use serde_json::{Value, json};
use tablecast::{Report, export_bytes};

use crate::resource_random::setting;
use crate::run::stream;

fn field(name: &str, field_type: &str) -> Value {
    json!({"name": name, "type": field_type, "nullable": true, "optional": true, "description": "x"})
}

/// A table type of these fields.
fn table(open: bool, fields: Vec<Value>) -> Value {
    json!({
        "name": "things", "label": "x", "description": "x", "formats": ["json", "csv"], "file_name": "x",
        "record": {"open": open, "fields": fields},
    })
}

/// The file, and the warnings as codes with their columns.
#[track_caller]
fn export(options: Value, input: &str) -> (String, Vec<String>) {
    let (file, report) = run(&options, input);
    let warnings = report.warnings.into_iter();
    let warnings = warnings.map(|warning| match warning.column {
        Some(column) => format!("{} {column} {}", warning.code, warning.count),
        None => format!("{} {}", warning.code, warning.message),
    });
    (file, warnings.collect())
}

#[track_caller]
fn run(options: &Value, input: &str) -> (String, Report) {
    let mut options = options.clone();
    if options["format"].is_null() {
        options["format"] = json!("json");
        options["json"] = json!({"pretty": false});
    }
    let (file, report) = export_bytes(&setting(&options), input.as_bytes()).unwrap();
    (String::from_utf8(file).unwrap(), report)
}

fn csv(resource: Value) -> Value {
    json!({"resource": resource, "format": "csv", "input": {"format": "csv"}})
}

#[test]
fn numbers_are_found_where_the_data_have_them() {
    let mut things = table(
        true,
        vec![field("name", "string"), field("lines", "records")],
    );
    things["formats"] = json!(["markdown"]);
    things["record"]["fields"][1]["record"] = json!({"fields": [field("n", "integer")]});
    things["record"]["fields"]
        .as_array_mut()
        .unwrap()
        .push(json!({"name": "count", "type": "count", "of": "lines", "description": "x"}));
    let options = json!({"resource": things, "format": "markdown"});
    let input = r#"[{"size":7,"note":"x","name":"a","lines":[{"n":1}]},{"note":"y","size":8,"name":"b","lines":[]}]"#;
    let (file, _) = export(options.clone(), input);
    let mut lines = file.lines();
    assert_eq!(lines.next(), Some("| name | lines | count | size | note |"));
    assert_eq!(lines.next(), Some("| --- | --- | ---: | ---: | --- |"));
    let mut options = options;
    options["columns"] = json!(["lines.0", "size"]);
    let (file, _) = export(options, input);
    assert_eq!(file.lines().nth(1), Some("| --- | ---: |"));
}

#[test]
fn columns_of_one_name_keep_their_own_values() {
    let options = csv(json!("data_table"));
    let (file, warnings) = export(options.clone(), "a,a,b\n1,2,3\n");
    assert_eq!(file, "a,a,b\r\n1,2,3\r\n");
    assert_eq!(warnings, ["duplicate_label a 1"]);
    // As without a resource, a name that is asked for twice is the second column of that name.
    for (columns, expected, left_out) in [
        (json!(["a", "b", "a"]), "a,b,a\r\n1,3,2\r\n", None),
        (json!(["a"]), "a\r\n1\r\n", Some("“a”, “b”")),
    ] {
        for resource in [json!("data_table"), json!(null)] {
            let mut options = csv(resource);
            options["columns"] = columns.clone();
            let (file, warnings) = export(options, "a,a,b\n1,2,3\n");
            assert_eq!(file, expected);
            let found = warnings
                .iter()
                .find_map(|warning| warning.strip_prefix("unmapped_column "));
            let expected = left_out.map(|names| format!("Left out, as not asked for: {names}."));
            assert_eq!(found, expected.as_deref());
        }
    }
    // A name that a field has stands for the field once; an open record keeps the others.
    let options = csv(table(true, vec![field("a", "integer")]));
    let (file, warnings) = export(options, "b,a,a,b\n1,2,x,4\n");
    assert_eq!(file, "a,b,a,b\r\n2,1,x,4\r\n");
    assert_eq!(warnings, ["duplicate_label a 1", "duplicate_label b 1"]);
}

#[test]
fn a_further_column_of_a_field_is_told() {
    let definition = table(false, vec![field("id", "string"), field("text", "string")]);
    let options = csv(definition.clone());
    let input = "text,id,id\nx,1,2\ny,3,4\n";
    let (file, report) = run(&options, input);
    assert_eq!(file, "id,text\r\n1,x\r\n3,y\r\n");
    assert_eq!(report.warnings.len(), 1);
    let warning = &report.warnings[0];
    assert_eq!((warning.code, warning.count), ("unknown_field", 2));
    assert_eq!(
        warning.message,
        "No field “id” is described a second time; 2 values were left out."
    );
    let mut strict = options;
    strict["strict"] = json!(true);
    let error = export_bytes(&setting(&strict), input.as_bytes()).unwrap_err();
    assert_eq!(error.code(), "strict");
    // The same of rows in JSON.
    let options = json!({"resource": definition});
    let (file, warnings) = export(options, r#"{"columns":["id","id"],"rows":[["1","2"]]}"#);
    assert_eq!(file, r#"[{"id":"1"}]"#);
    assert_eq!(warnings, ["unknown_field id 1"]);
}

#[test]
fn a_filter_looks_at_the_column_that_is_written() {
    let mut definition = table(
        false,
        vec![field("x", "string"), field("policy_id", "string")],
    );
    definition["filters"] =
        json!([{"name": "policy_id", "test": "equals", "field": "policy_id", "description": "x"}]);
    let mut options = csv(definition);
    options["filters"] = json!({"policy_id": "A"});
    let (file, _) = export(options, "policy_id,policy_id\nA,B\nB,A\n");
    assert_eq!(file, "x,policy_id\r\n,A\r\n");
}

#[test]
fn a_column_without_a_name_is_a_column() {
    let (file, warnings) = export(json!({"resource": "data_table"}), r#"[{"a":1,"":2}]"#);
    assert_eq!(file, r#"[{"a":1,"":2}]"#);
    assert!(warnings.is_empty());
}

#[test]
fn declared_columns_do_not_restrict_records_that_are_described() {
    let id_and_content = r#"{"columns":["id"],"rows":[{"id":"1","content":"x"}]}"#;
    let rows_first = r#"{"rows":[{"id":"1","content":"x"}],"columns":["id"]}"#;
    for flatten in [false, true] {
        for input in [id_and_content, rows_first] {
            let options =
                json!({"resource": "memories", "flatten": flatten, "columns": ["id", "content"]});
            let (file, warnings) = export(options, input);
            assert_eq!(file, r#"[{"id":"1","content":"x"}]"#);
            assert!(!warnings.iter().any(|warning| warning.contains("content")));
        }
    }
    for (resource, input, expected) in [
        (
            json!("data_table"),
            r#"{"columns":["a"],"rows":[{"a":1,"b":2}]}"#,
            r#"[{"a":1,"b":2}]"#,
        ),
        // What they say of the order holds, and where no record has such a column, it is there all the same.
        (
            json!("data_table"),
            r#"{"columns":["b","a"],"rows":[{"a":1,"b":2}]}"#,
            r#"[{"b":2,"a":1}]"#,
        ),
        (json!("data_table"), r#"{"columns":["b"],"rows":[]}"#, "[]"),
        // A closed record has no such field.
        (
            table(false, vec![field("a", "any")]),
            r#"{"columns":["a","z"],"rows":[{"a":1}]}"#,
            r#"[{"a":1}]"#,
        ),
        (
            table(false, vec![field("o", "object")]),
            r#"{"columns":["o"],"rows":[{"o":{"b":2}}]}"#,
            r#"[{"o.b":2}]"#,
        ),
    ] {
        let options = json!({"resource": resource, "flatten": true});
        assert_eq!(
            export(options, input),
            (expected.to_owned(), Vec::new()),
            "{input}"
        );
    }
    let (file, warnings) = export(
        json!({"resource": table(false, vec![field("a", "any")]), "flatten": true}),
        r#"{"columns":["a","z"],"rows":[{"a":1,"z":2}]}"#,
    );
    assert_eq!(
        (file.as_str(), warnings),
        (r#"[{"a":1}]"#, vec!["unknown_field z 1".to_owned()])
    );
    let (file, _) = export(
        json!({"resource": "data_table", "format": "csv"}),
        r#"{"columns":["b"],"rows":[]}"#,
    );
    assert_eq!(file, "b\r\n");
}

#[test]
fn an_object_whose_members_are_columns_is_not_null() {
    let inner = json!({"fields": [field("x", "any")]});
    for (field_type, values) in [
        (
            "object",
            [
                "null",
                "{}",
                "{\"x\":1}",
                "{\"x\":null}",
                "{\"y\":{\"z\":[]}}",
            ],
        ),
        (
            "record",
            [
                "null",
                "{}",
                "{\"x\":1}",
                "{\"x\":null}",
                "{\"y\":{\"z\":[]}}",
            ],
        ),
        ("any", ["null", "{}", "{\"x\":1}", "7", "\"\""]),
        // A value that is no text is not null either.
        ("string", ["null", "\"\"", "{\"x\":1}", "[]", "\"a\""]),
    ] {
        let mut details = field("details", field_type);
        if field_type == "record" {
            details["record"] = inner.clone();
        }
        let mut definition = table(false, vec![field("id", "any"), details]);
        definition["filters"] =
            json!([{"name": "bare", "test": "is_null", "field": "details", "description": "x"}]);
        let rows = values.iter().enumerate();
        let mut rows: Vec<_> = rows
            .map(|(id, value)| format!("{{\"id\":{id},\"details\":{value}}}"))
            .collect();
        rows.push(r#"{"id":9}"#.into());
        for flatten in [false, true] {
            let options = json!({
                "resource": definition, "flatten": flatten, "filters": {"bare": true}, "columns": ["id"], "format": "csv",
            });
            let (file, _) = export(options, &format!("[{}]", rows.join(",")));
            assert_eq!(file, "id\r\n0\r\n9\r\n", "{field_type} {flatten}");
        }
    }
}

#[test]
fn members_that_come_late_are_members_for_a_filter() {
    let mut definition = table(false, vec![field("id", "any"), field("details", "object")]);
    definition["filters"] =
        json!([{"name": "bare", "test": "is_null", "field": "details", "description": "x"}]);
    let mut rows = vec![r#"{"id":1}"#; 1200];
    rows.push(r#"{"id":2,"details":{"x":1}}"#);
    let input = format!("[{}]", rows.join(","));
    let options = json!({
        "resource": definition, "flatten": true, "filters": {"bare": true}, "late_columns": "drop", "format": "csv",
    });
    let (file, report) = stream(&setting(&options), [input.as_bytes()]).unwrap();
    assert_eq!((report.rows, file.ends_with(b"1,\r\n")), (1200, true));
}

#[test]
fn what_stands_in_place_of_a_flattened_record_has_a_column() {
    let inner = json!({"fields": [field("name", "string"), field("age", "integer")]});
    let mut owner = field("owner", "record");
    owner["record"] = inner;
    let definition = table(false, vec![field("id", "any"), owner, field("end", "any")]);
    let options = json!({"resource": definition, "flatten": true});
    let (file, warnings) = export(
        options.clone(),
        r#"[{"id":1,"owner":"Bob"},{"id":2,"owner":{"name":"A"}},{"id":3,"owner":[1,{"a":2}],"end":0},{"owner":null},{"owner":{}}]"#,
    );
    assert_eq!(
        file,
        r#"[{"id":1,"owner":"Bob"},{"id":2,"owner.name":"A"},{"id":3,"owner":[1,{"a":2}],"end":0},{"owner":null},{"owner":{}}]"#
    );
    assert_eq!(warnings, ["field_type owner 2"]);
    // Where there is no such value, there is no such column.
    let (file, warnings) = export(
        json!({"resource": definition, "flatten": true, "format": "csv"}),
        r#"[{"owner":null},{"owner":{"name":"A"}},{"owner":{}}]"#,
    );
    assert_eq!(
        file,
        "id,owner.name,owner.age,end\r\n,,,\r\n,A,,\r\n,,,\r\n"
    );
    assert!(warnings.is_empty());
    // Nor behind the look-ahead, where it is told what became of it.
    let mut rows = vec![r#"{"id":1}"#; 1200];
    rows.push(r#"{"owner":"Bob"}"#);
    let (_, warnings) = export(options, &format!("[{}]", rows.join(",")));
    assert_eq!(warnings, ["late_column owner 1"]);
}

#[test]
fn values_that_nobody_describes_are_counted_and_take_no_room() {
    let members = r#""x":1,"y":{"a":[]},"x":2,"#.repeat(200);
    let rows = vec![format!("{{{members}\"id\":1}}"); 1500];
    let input = format!("[{}]", rows.join(","));
    let options = json!({"resource": table(false, vec![field("id", "integer")])});
    let (file, warnings) = export(options.clone(), &input);
    assert_eq!(file, format!("[{}]", vec![r#"{"id":1}"#; 1500].join(",")));
    assert_eq!(
        warnings,
        ["unknown_field x 600000", "unknown_field y 300000"]
    );
    let whole = stream(&setting(&options), [input.as_bytes()]).unwrap();
    let cut = stream(&setting(&options), input.as_bytes().chunks(777)).unwrap();
    assert_eq!(whole, cut);
}

/// The more of them rows have, the fewer rows the look-ahead has: an open table shows where it ends.
#[test]
fn the_look_ahead_is_no_longer_than_what_is_remembered_of_its_rows() {
    let mut definition = table(false, vec![field("id", "any"), field("o", "object")]);
    definition["name"] = json!("wide");
    let unknown: Vec<_> = (0..2_000)
        .map(|number| format!("\"u{number}\":0"))
        .collect();
    let row = format!("{{\"id\":1,{}}}", unknown.join(","));
    let mut rows = vec![row.as_str(); 100];
    rows.push(r#"{"o":{"late":1}}"#);
    let input = format!("[{}]", rows.join(","));
    let options = setting(&json!({"resource": definition, "flatten": true}));
    for chunk in [1000, 100_000, input.len()] {
        let (error, _) = stream(&options, input.as_bytes().chunks(chunk)).unwrap_err();
        assert_eq!(error.code(), "late_column");
    }
}

/// The time grows with the number of columns, and not with its square, which shows here.
#[test]
fn a_table_may_be_as_wide_as_the_limit() {
    let columns = 16_000;
    let row = |value: usize| {
        let members =
            (0..columns).map(|column| format!("\"column-of-a-wide-table-{column}\":{value}"));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    };
    let rows: Vec<_> = (0..4).map(row).collect();
    let input = format!("[{}]", rows.join(","));
    for flatten in [false, true] {
        let options = json!({"resource": "data_table", "flatten": flatten, "strict": true});
        let (file, report) = run(&options, &input);
        assert_eq!((file == input, report.columns), (true, columns as u64));
    }
}
