//! Which records the filters of a resource choose.

use serde_json::{Value, json};
use tablecast::export_bytes;

use crate::resource_random::setting;

/// A table type of the field `value`, with a filter of each of these tests on it, by the test's name.
fn with_tests(field_type: &str, tests: &[&str]) -> Value {
    let filters = tests
        .iter()
        .map(|test| json!({"name": test, "test": test, "field": "value", "description": "x"}));
    json!({
        "name": "things", "label": "x", "description": "x", "formats": ["json", "csv"], "file_name": "x",
        "record": {"fields": [{"name": "value", "type": field_type, "nullable": true, "description": "x"}]},
        "filters": filters.collect::<Vec<_>>(),
    })
}

/// The values of those records that are chosen, as JSON texts.
#[track_caller]
fn chosen(definition: &Value, test: &str, wanted: &str, values: &[&str]) -> Vec<String> {
    let options = json!({"resource": definition, "filters": {test: wanted}, "format": "json", "json": {"pretty": false}});
    let rows = values.iter().map(|value| format!("{{\"value\":{value}}}"));
    let input = format!("[{}]", rows.collect::<Vec<_>>().join(","));
    let (file, _) = export_bytes(&setting(&options), input.as_bytes()).unwrap();
    let file = String::from_utf8(file).unwrap();
    let rows = file.trim_matches(['[', ']']).split_terminator("},");
    let value = |row: &str| row.replace("{\"value\":", "").replace('}', "");
    rows.map(value).collect()
}

#[test]
fn moments_are_compared_to_their_last_digit() {
    let tests = ["equals", "at_least", "at_most", "less_than"];
    let definition = with_tests("timestamp", &tests);
    let fractions = [".123", ".123456", ".1234560", ".1234561", ".124"];
    let values: Vec<_> = fractions
        .iter()
        .map(|fraction| format!("\"2026-01-31T12:00:00{fraction}Z\""))
        .collect();
    let values: Vec<_> = values.iter().map(String::as_str).collect();
    for (test, expected) in [
        ("equals", &values[1..3]),
        ("at_least", &values[1..]),
        ("at_most", &values[..3]),
        ("less_than", &values[..1]),
    ] {
        for wanted in [
            "2026-01-31T12:00:00.123456Z",
            "2026-01-31T14:00:00.1234560+02:00",
        ] {
            assert_eq!(
                chosen(&definition, test, wanted, &values),
                expected,
                "{test} {wanted}"
            );
        }
    }
    for (test, expected) in [
        ("equals", &values[..1]),
        ("at_least", &values[..]),
        ("at_most", &values[..1]),
        ("less_than", &[]),
    ] {
        let wanted = "2026-01-31T12:00:00.123Z";
        assert_eq!(
            chosen(&definition, test, wanted, &values),
            expected,
            "{test}"
        );
    }
}

#[test]
fn numbers_are_compared_to_their_last_digit() {
    let definition = with_tests("number", &["equals", "at_least", "at_most", "less_than"]);
    let digits = "9".repeat(60);
    let fraction = format!("0.{}", "3".repeat(60));
    for base in [digits, fraction] {
        let values = [1, 2, 3].map(|last| format!("{base}{last}"));
        let values = values.each_ref().map(String::as_str);
        let wanted = values[1];
        assert_eq!(chosen(&definition, "equals", wanted, &values), values[1..2]);
        assert_eq!(
            chosen(&definition, "at_least", wanted, &values),
            values[1..]
        );
        assert_eq!(chosen(&definition, "at_most", wanted, &values), values[..2]);
        assert_eq!(
            chosen(&definition, "less_than", wanted, &values),
            values[..1]
        );
    }
    let values = ["1e400", "10e399", "1e401", "-1e400"];
    assert_eq!(chosen(&definition, "equals", "1e400", &values), values[..2]);
    assert_eq!(
        chosen(&definition, "less_than", "1e400", &values),
        values[3..]
    );
}
