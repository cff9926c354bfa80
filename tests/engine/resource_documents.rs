//! Documents of a resource as they come: in any order, too long to be held, cut off.

use serde_json::{Value, json};
use tablecast::{ErrorKind, Request, Setting, Surface, export_bytes};

use crate::document::export;
use crate::resource_random::{Writer, definition, setting};
use crate::run::{Random, stream};

fn bank(more: Value) -> Setting {
    let mut options = json!({
        "resource": "memory_bank", "now": "2026-01-31T12:00:00Z", "json": {"pretty": false},
        "envelope": {"software_version": "4", "account_id": "a"},
    });
    let members = options.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    setting(&options)
}

fn entries(count: usize) -> String {
    let text = "x".repeat(1000);
    let entries = (0..count).map(|number| format!("{{\"id\":\"{number}\",\"text\":\"{text}\"}}"));
    entries.collect::<Vec<_>>().join(",")
}

#[test]
fn what_comes_before_its_turn_is_held_up_to_a_megabyte() {
    let options = bank(json!({}));
    let document = |count| {
        format!(
            "{{\"entries\":[{}],\"memory_bank\":{{\"id\":\"b\",\"name\":\"B\"}}}}",
            entries(count)
        )
    };
    let (file, report) = export_bytes(&options, document(900).as_bytes()).unwrap();
    let value: Value = serde_json::from_slice(&file).unwrap();
    let keys: Vec<_> = value.as_object().unwrap().keys().collect();
    let expected = [
        "export_type",
        "software_version",
        "account_id",
        "exported_at",
        "memory_bank",
        "entries",
        "entry_count",
    ];
    assert_eq!(keys, expected);
    assert_eq!(
        (value["memory_bank"]["id"].as_str(), report.rows),
        (Some("b"), 900)
    );

    // More than that goes on without it, and it comes too late.
    let long = document(1200);
    let mut found = Vec::new();
    for chunk in [1000, 70_000, long.len()] {
        let (error, before) = stream(&options, long.as_bytes().chunks(chunk)).unwrap_err();
        let ErrorKind::LateMember { path, again: false } = error.kind() else {
            panic!("{error}");
        };
        assert_eq!(path, "memory_bank");
        found.push((error, before));
    }
    assert!(found.windows(2).all(|pair| pair[0] == pair[1]));
    assert!(found[0].1.len() > 1 << 20);
}

#[test]
fn what_has_not_come_is_missing_once_too_much_is_held() {
    let options = bank(json!({}));
    let input = format!("{{\"entries\":[{}],\"new\":1}}", entries(1500));
    let (file, report) = export_bytes(&options, input.as_bytes()).unwrap();
    let value: Value = serde_json::from_slice(&file).unwrap();
    assert_eq!(
        (
            value["memory_bank"].is_null(),
            value["entry_count"].as_u64()
        ),
        (true, Some(1500))
    );
    let missing = report
        .warnings
        .iter()
        .find(|warning| warning.column.as_deref() == Some("memory_bank"));
    let missing = missing.unwrap();
    assert_eq!(
        (missing.code, missing.count, missing.first_row),
        ("missing_field", 1, None)
    );

    // An account that nobody has given is no member that could be missing, and may come too late.
    let options = bank(json!({"envelope": {"software_version": "4"}}));
    let late = input.replace("\"new\":1", "\"account_id\":\"a\"");
    for input in [&input, &late] {
        let error = export_bytes(&options, input.as_bytes()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Option `envelope.account_id` is missing, and `account_id` did not come before more than 1 MiB of what \
            stands behind it in the file: give the option, or put the member before the long ones."
        );
    }
    let short = format!("{{\"entries\":[{}]}}", entries(3));
    let error = export_bytes(&options, short.as_bytes()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Option `envelope.account_id` is missing, and the file has a member for it."
    );
}

#[test]
fn the_names_of_members_that_nobody_describes_have_room_for_a_row() {
    let mut definition = definition(true);
    definition["envelope"] = json!([
        {"name": "items", "holds": "records", "record": {"fields": [{"name": "id", "type": "any", "description": "x"}]}, "description": "x"},
    ]);
    definition["filters"] = json!([]);
    definition["switches"] = json!([]);
    definition.as_object_mut().unwrap().remove("records");
    let options = setting(
        &json!({"resource": definition, "limits": {"row_bytes": 10_000}, "json": {"pretty": false}}),
    );
    let input = |count: usize| {
        let members = (0..count).map(|number| format!("\"{number:096}\":0"));
        format!("{{\"items\":[],{}}}", members.collect::<Vec<_>>().join(","))
    };
    let (file, _) = export_bytes(&options, input(100).as_bytes()).unwrap();
    assert_eq!(String::from_utf8(file).unwrap(), input(100));
    let error = export_bytes(&options, input(103).as_bytes()).unwrap_err();
    let ErrorKind::LimitExceeded { limit, .. } = error.kind() else {
        panic!("{error}");
    };
    assert_eq!(*limit, "row_bytes");
}

#[test]
fn the_moment_of_the_export_is_one() {
    let options = setting(&json!({
        "resource": "memory_bank", "json": {"pretty": false}, "envelope": {"software_version": "4", "account_id": "a"},
    }));
    let written = |now: &str| {
        let mut request = Request::new(&options, Surface::Http).unwrap();
        request.set_default_now(now);
        let mut exporter = tablecast::Exporter::new(request);
        exporter.push_bytes(b"{}").unwrap();
        exporter.end_input();
        let piece = exporter.next_output().map(|piece| piece.unwrap().to_vec());
        piece.map(|piece| serde_json::from_slice::<Value>(&piece).unwrap()["exported_at"].clone())
    };
    let now = "2026-01-31T12:00:00.123+01:00";
    assert_eq!(written(now).unwrap(), now);
    for now in ["", "yesterday", "2026-01-31", "2026-01-31T12:00"] {
        let error = written(now).unwrap_err();
        let expected = "Option `now` is missing, and the file has a member for it.";
        assert_eq!(error.to_string(), expected, "{now}");
    }
}

#[test]
fn members_that_nobody_describes_follow_behind_the_others() {
    let mut definition = definition(true);
    definition["envelope"] = json!([
        {"name": "first", "holds": "value", "type": "string", "description": "x"},
        {"name": "items", "holds": "records", "record": {"fields": [{"name": "id", "type": "any", "description": "x"}]}, "description": "x"},
    ]);
    definition["filters"] = json!([]);
    definition["switches"] = json!([]);
    definition.as_object_mut().unwrap().remove("records");
    let options = setting(&json!({"resource": definition, "json": {"pretty": false}}));
    let file = |input: &str| {
        let (file, _) = export_bytes(&options, input.as_bytes()).unwrap();
        String::from_utf8(file).unwrap()
    };
    let input = r#"{"z\u0022": [1, 2], "items": [{"id": 1}], "a": {"b": {}}, "first": "f"}"#;
    assert_eq!(
        file(input),
        r#"{"first":"f","items":[{"id":1}],"z\"":[1,2],"a":{"b":{}}}"#
    );
    // Of long ones the described members do not wait, and what follows goes out at once.
    let long = "y".repeat(600_000);
    let input =
        format!("{{\"first\":\"f\",\"a\":\"{long}\",\"b\":\"{long}\",\"c\":\"{long}\",\"d\":1}}");
    let expected = format!(
        "{{\"first\":\"f\",\"items\":null,\"a\":\"{long}\",\"b\":\"{long}\",\"c\":\"{long}\",\"d\":1}}"
    );
    assert!(file(&input) == expected);
    let late = input.replace("\"d\":1", "\"items\":[]");
    let error = export_bytes(&options, late.as_bytes()).unwrap_err();
    assert_eq!(error.code(), "late_member");
    let twice = export_bytes(&options, br#"{"first": "f", "x": 1, "\u0078": 2}"#).unwrap_err();
    assert_eq!(twice.to_string(), "`x` stands there twice.");
}

#[test]
fn a_document_that_is_cut_off_never_ends_as_if_it_were_whole() {
    let definition = definition(true);
    let options = setting(&json!({
        "resource": definition, "now": "2026-01-31T12:00:00Z", "json": {"pretty": false},
        "envelope": {"software_version": "4", "account_id": "a"},
    }));
    for seed in 1..=6 {
        let input = Writer {
            random: &mut Random(seed * 99),
            twice: true,
        }
        .document();
        let end = input.trim_end().len();
        for at in (0..end).step_by(3) {
            let (error, before) = stream(&options, [&input.as_bytes()[..at]]).unwrap_err();
            assert_eq!(
                (error.code(), before.is_empty()),
                ("invalid_json", true),
                "{at}"
            );
        }
    }
}

#[test]
fn a_request_document_holds_a_document() {
    let run = |body: &str| export(body, 10);
    let options = r#""resource": "memory_bank", "json": {"pretty": false}, "envelope": {"software_version": "4"}"#;
    let body = format!(
        "{{{options}, \"data\": {{\"account_id\": \"x\", \"memory_bank\": null, \"entries\": []}}}}"
    );
    let (name, file) = run(&body).unwrap();
    let expected = r#"{"export_type":"memory_bank","software_version":"4","account_id":"x","exported_at":"2026-01-31T12:00:00Z","memory_bank":null,"entries":[],"entry_count":0}"#;
    assert_eq!(
        (file.as_str(), name.as_str()),
        (expected, "memory-bank-2026-01-31.json")
    );
    let late = body.replace("]}}", "]}, \"filters\": {}}");
    assert_eq!(run(&late).unwrap_err().code(), "options_after_data");
    let no_object = format!("{{{options}, \"data\": []}}");
    let error = run(&no_object).unwrap_err();
    assert_eq!(
        error.to_string(),
        "The input holds no `memory_bank`: `data` is an array, not an object."
    );

    // A document within a document, as a path says.
    let options = bank(json!({"input": {"path": "result.bank"}}));
    let input =
        r#"{"more": [1], "result": {"bank": {"memory_bank": null, "entries": []}, "other": 1}}"#;
    let (_, report) = export_bytes(&options, input.as_bytes()).unwrap();
    let beside = report
        .warnings
        .iter()
        .find(|warning| warning.code == "envelope_member")
        .unwrap();
    assert_eq!(
        beside.message,
        "Members beside the rows that were not written: “more”, “other”."
    );
    let error = export_bytes(&options, br#"{"result": {}}"#).unwrap_err();
    assert_eq!(
        error.to_string(),
        "The input holds no `memory_bank`: it has no member `result.bank`."
    );
}

#[test]
fn limits_hold_in_documents() {
    let check = |limits: Value, input: &str, expected: Result<(), &str>| {
        let options = bank(json!({"limits": limits}));
        for chunk in [7, input.len()] {
            let found = stream(&options, input.as_bytes().chunks(chunk));
            let found = found.map(|_| ()).map_err(|(error, _)| error.to_string());
            assert_eq!(found, expected.map_err(String::from), "{limits}");
        }
    };
    let input = format!("{{\"memory_bank\":null,\"entries\":[{}]}}", entries(3));
    check(json!({}), &input, Ok(()));
    check(json!({"rows": 3}), &input, Ok(()));
    check(
        json!({"rows": 2}),
        &input,
        Err("The limit `rows` of 2 was exceeded."),
    );
    check(
        json!({"depth": 2}),
        &input,
        Err("The limit `depth` of 2 was exceeded."),
    );
    check(json!({"row_bytes": 1100}), &input, Ok(()));
    check(
        json!({"row_bytes": 900}),
        &input,
        Err("The limit `row_bytes` of 900 was exceeded."),
    );
    check(
        json!({"input_bytes": 3000}),
        &input,
        Err("The limit `input_bytes` of 3000 was exceeded."),
    );
    check(
        json!({"output_bytes": 3000}),
        &input,
        Err("The limit `output_bytes` of 3000 was exceeded."),
    );
}

#[test]
fn small_records_of_many_fields_do_not_fill_the_memory() {
    let fields = (0..200).map(
        |number| json!({"name": format!("field_{number}"), "type": "any", "description": "x"}),
    );
    let inner = json!({"fields": fields.collect::<Vec<_>>()});
    let definition = |is_table: bool| {
        let things =
            json!({"name": "things", "type": "records", "record": inner, "description": "x"});
        let record = json!({"fields": [things]});
        let mut definition = json!({"name": "many", "label": "x", "description": "x", "formats": ["json"], "file_name": "x"});
        match is_table {
            true => definition["record"] = record,
            // It has to be chosen, and so is read whole.
            false => {
                definition["envelope"] = json!([{"name": "all", "holds": "records", "record": record, "description": "x"}]);
                definition["record"] = Value::Null;
                definition.as_object_mut().unwrap().remove("record");
            }
        }
        definition
    };
    let things = vec!["{}"; 1000].join(",");
    for is_table in [true, false] {
        let options =
            setting(&json!({"resource": definition(is_table), "limits": {"row_bytes": 100_000}}));
        let input = match is_table {
            true => format!("[{{\"things\":[{things}]}}]"),
            false => format!("{{\"all\":[{{\"things\":[{things}]}}]}}"),
        };
        let result = export_bytes(&options, input.as_bytes());
        match is_table {
            true => assert_eq!(result.unwrap_err().code(), "limit_exceeded"),
            // Each is written as it comes.
            false => assert!(result.is_ok()),
        }
    }
}

#[test]
fn a_query_and_javascript_say_the_same() {
    let query = [
        ("resource", "governance_evaluations"),
        ("filters.verdict", "flag"),
        ("format", "csv"),
        ("filename", "x"),
    ];
    let request =
        Request::from_query(query.map(|(name, value)| (name.into(), value.into()))).unwrap();
    assert_eq!(
        (request.format().id, request.file().name.as_str()),
        ("csv", "x.csv")
    );
    for (name, code) in [
        ("filters.verdicts", "unknown_option"),
        ("filters.verdict", "invalid_option"),
        ("resource", "unknown_resource"),
    ] {
        let mut query = query.to_vec();
        query.retain(|(known, _)| *known != name);
        query.push((name, "flagged"));
        let query = query
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        let Err(error) = Request::from_query(query) else {
            panic!("{name}");
        };
        assert_eq!(error.code(), code);
    }
    let options = setting(&json!({
        "resource": "governance_evaluations", "now": "2026-01-31T12:00:00Z", "envelope": {"softwareVersion": "1"},
    }));
    let mut exporter =
        tablecast::Exporter::new(Request::new(&options, Surface::JavaScript).unwrap());
    assert_eq!(
        exporter.file().name,
        "governance-evaluations-2026-01-31.json"
    );
    exporter.push_bytes(b"[]").unwrap();
    exporter.end_input();
    let error = exporter.next_output().unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("Option `envelope.accountId` is missing"),
        "{error}"
    );
}

#[test]
fn columns_that_come_late_in_an_open_table_widen_its_header() {
    let rows: Vec<_> = (0..1500)
        .map(|number| format!("{{\"id\":\"{number}\",\"a\":1}}"))
        .collect();
    let input = format!(
        "[{},{{\"b\":2,\"id\":\"x\",\"c\":{{\"d\":1}}}}]",
        rows.join(",")
    );
    let definition = json!({
        "name": "open", "label": "x", "description": "x", "formats": ["csv", "json"], "file_name": "x",
        "record": {"open": true, "fields": [
            {"name": "at", "type": "timestamp", "nullable": true, "description": "x"},
            {"name": "id", "type": "string", "description": "x"},
        ]},
    });
    for (flatten, header) in [(false, "at,id,a,b,c"), (true, "at,id,a,b,c.d")] {
        let options = setting(&json!({"resource": definition, "flatten": flatten}));
        let (file, _) = export_bytes(&options, input.as_bytes()).unwrap();
        assert_eq!(
            String::from_utf8(file).unwrap().lines().next(),
            Some(header)
        );
        let (error, _) = stream(&options, input.as_bytes().chunks(5000)).unwrap_err();
        assert_eq!(error.code(), "late_column");
        let options =
            setting(&json!({"resource": definition, "flatten": flatten, "late_columns": "drop"}));
        assert!(stream(&options, input.as_bytes().chunks(5000)).is_ok());
    }
}
