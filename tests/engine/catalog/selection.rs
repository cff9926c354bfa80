//! Filters and switches as requests give them.

use serde_json::{Value, json};
use tablecast::{Error, FilterTest, Operand, Resource, Selection, Setting, Surface};

use super::definition::{file, read};
use crate::run::Random;

fn invoices() -> Resource {
    read(&file("table")).unwrap()
}

fn select(given: &Value, surface: Surface) -> Result<Selection, Error> {
    let given = Setting::from_json(given.to_string().as_bytes()).unwrap();
    invoices().select(&given, surface)
}

fn chosen(given: Value) -> Selection {
    select(&given, Surface::Http).unwrap()
}

fn refused(given: Value) -> Error {
    match select(&given, Surface::Http) {
        Ok(selection) => panic!("{given}: {selection:?}"),
        Err(error) => error,
    }
}

fn path(path: &str) -> Vec<String> {
    path.split('.').map(Into::into).collect()
}

#[test]
fn nothing_given_chooses_all_records_and_what_switches_leave_on() {
    for given in [json!(null), json!({}), json!({"state": null})] {
        let selection = chosen(given);
        assert!(selection.conditions.is_empty() && selection.limits.is_empty());
        assert_eq!(selection.left_out, [path("notes"), path("lines.remarks")]);
        assert_eq!(selection.given.to_json(), "{}");
    }
}

#[test]
fn every_test_becomes_a_condition_in_the_order_of_the_definition() {
    let selection = chosen(json!({
        "limit": 10, "most_lines": 3, "min_price": 1.50, "due_by": "2026-02-01", "due_before": "2026-03-01T00:00:00+01:00",
        "due_after": "2026-01-01", "copies": 0, "max_total": 1e3, "min_total": -5, "sent": true,
        "tags": ["a", "b", "a"], "states": ["open", "paid"], "state": "open",
    }));
    let found: Vec<_> = selection
        .conditions
        .iter()
        .map(|condition| {
            (
                condition.record_path.join("."),
                condition.fields.join(","),
                condition.test,
                condition.values.clone(),
            )
        })
        .collect();
    let text = |text: &str| Operand::Text(text.into());
    let number = |text: &str| Operand::Number(text.into());
    let day = 86_400_000;
    let new_year = 20_454 * day;
    let of = |field: &str, test, values| (String::new(), field.to_owned(), test, values);
    assert_eq!(
        found,
        [
            of("state", FilterTest::Equals, vec![text("open")]),
            of(
                "state",
                FilterTest::OneOf { most: 3 },
                vec![text("open"), text("paid")]
            ),
            of(
                "tags",
                FilterTest::AnyOf { most: 20 },
                vec![text("a"), text("b")]
            ),
            of("sent", FilterTest::Equals, vec![Operand::Bool(true)]),
            of("total", FilterTest::AtLeast, vec![number("-5")]),
            of("total", FilterTest::AtMost, vec![number("1000.0")]),
            of("copies", FilterTest::Equals, vec![number("0")]),
            of("due", FilterTest::AtLeast, vec![Operand::Moment(new_year)]),
            of(
                "due",
                FilterTest::LessThan,
                vec![Operand::Moment(new_year + 59 * day - 3_600_000)]
            ),
            of(
                "due",
                FilterTest::AtMost,
                vec![Operand::Moment(new_year + 31 * day)]
            ),
            (
                "lines".into(),
                "price".into(),
                FilterTest::AtLeast,
                vec![number("1.5")]
            ),
        ]
    );
    assert_eq!(selection.limits, [(path("lines"), 3), (Vec::new(), 10)]);

    let selection = chosen(json!({"unpaid_only": true}));
    assert_eq!(selection.conditions[0].fields, ["due", "paid_at"]);
    assert!(selection.conditions[0].values.is_empty());
    assert!(chosen(json!({"unpaid_only": false})).conditions.is_empty());
}

#[test]
fn a_query_gives_all_as_text_and_means_the_same() {
    let body = chosen(json!({
        "state": "open", "states": ["open", "paid"], "sent": false, "min_total": 12.5, "copies": 2, "limit": 7,
        "unpaid_only": false, "with_notes": true, "due_after": "2026-01-01",
    }));
    let query = json!({
        "state": "open", "states": "open, paid", "sent": "false", "min_total": "12.5", "copies": "2", "limit": "7",
        "unpaid_only": "false", "with_notes": "true", "due_after": "2026-01-01",
    });
    let query = select(&query, Surface::Query).unwrap();
    assert_eq!(query.conditions, body.conditions);
    assert_eq!(query.limits, body.limits);
    assert_eq!(query.left_out, body.left_out);
    assert_eq!(query.given.to_json(), body.given.to_json());
    assert_eq!(
        query.given.to_json(),
        r#"{"state":"open","states":["open","paid"],"sent":false,"min_total":12.5,"copies":2,"due_after":"2026-01-01","unpaid_only":false,"limit":7,"with_notes":true}"#
    );
    let again = invoices().select(&query.given, Surface::Http).unwrap();
    assert_eq!(again.conditions, body.conditions);
}

#[test]
fn switches_say_which_fields_are_left_out() {
    let left_out = |given| chosen(given).left_out;
    assert!(left_out(json!({"with_notes": true})).is_empty());
    assert_eq!(
        left_out(json!({"with_notes": true, "with_customer": "false"})),
        [path("customer")]
    );
}

#[test]
fn what_cannot_be_taken_is_refused_by_name_with_what_there_is() {
    for (given, message) in [
        (
            json!([]),
            "Option `filters` takes an object of filters by their names, not a list.",
        ),
        (
            json!({"stat": "open"}),
            "There is no option `filters.stat`.",
        ),
        (
            json!({"state": "opne"}),
            "Option `filters.state` takes one of `draft`, `open`, `paid`, not `opne`; `open` is the nearest.",
        ),
        (
            json!({"state": "x"}),
            "Option `filters.state` takes one of `draft`, `open`, `paid`, not `x`.",
        ),
        (
            json!({"state": 7}),
            "Option `filters.state` takes text, not a number.",
        ),
        (
            json!({"state": ""}),
            "Option `filters.state` takes values of 1 to 255 characters.",
        ),
        (
            json!({"tags": "a,b"}),
            "Option `filters.tags` takes a list, not text.",
        ),
        (
            json!({"tags": []}),
            "Option `filters.tags` takes at least one value.",
        ),
        (
            json!({"tags": vec!["t"; 21]}),
            "Option `filters.tags` takes up to 20 values.",
        ),
        (
            json!({"tags": ["x".repeat(256)]}),
            "Option `filters.tags` takes values of 1 to 255 characters.",
        ),
        (
            json!({"tags": ["a", null]}),
            "Option `filters.tags` takes text, not null.",
        ),
        (
            json!({"sent": "yes"}),
            "Option `filters.sent` takes true or false, not `yes`.",
        ),
        (
            json!({"sent": 1}),
            "Option `filters.sent` takes true or false, not a number.",
        ),
        (
            json!({"min_total": "1,5"}),
            "Option `filters.min_total` takes a number, not `1,5`.",
        ),
        (
            json!({"min_total": true}),
            "Option `filters.min_total` takes a number, not a boolean.",
        ),
        (
            json!({"copies": 1.5}),
            "Option `filters.copies` takes a whole number, not `1.5`.",
        ),
        (
            json!({"due_after": "soon"}),
            "Option `filters.due_after` takes a date or a moment of ISO 8601, as `2026-01-31` or `2026-01-31T12:00:00Z`, not `soon`.",
        ),
        (
            json!({"due_after": 1_700_000_000}),
            "Option `filters.due_after` takes a date of ISO 8601, not a number.",
        ),
        (
            json!({"limit": 0}),
            "Option `filters.limit` takes a whole number from 1 on.",
        ),
        (
            json!({"limit": "ten"}),
            "Option `filters.limit` takes a whole number from 1 on.",
        ),
        (
            json!({"with_notes": "on"}),
            "Option `filters.with_notes` takes true or false, not `on`.",
        ),
    ] {
        assert_eq!(refused(given).to_string(), message);
    }
    let error = refused(json!({"stat": "open"}));
    assert_eq!(error.code(), "unknown_option");
    assert_eq!(error.hint().unwrap(), "Did you mean `state`?");
    let hint = refused(json!({"account_id": "x"})).hint().unwrap();
    assert!(
        hint.starts_with("There are: state, states, tags,") && hint.ends_with("with_customer.")
    );
    let query = select(&json!({"state": "x"}), Surface::Query).unwrap_err();
    assert!(query.to_string().starts_with("Option `state` takes"));
    // Names are those of the definition wherever they come from.
    let script = select(&json!({"dueAfter": "2026-01-01"}), Surface::JavaScript).unwrap_err();
    assert_eq!(script.hint().unwrap(), "Did you mean `due_after`?");
}

#[test]
fn ranges_that_nothing_lies_in_contradict_each_other() {
    for (given, first, second) in [
        (
            json!({"due_after": "2026-02-01", "due_before": "2026-02-01T00:00:00Z"}),
            "due_after",
            "due_before",
        ),
        (
            json!({"due_after": "2026-02-01T00:00:00.001Z", "due_by": "2026-02-01"}),
            "due_after",
            "due_by",
        ),
        (
            json!({"due_after": "2026-02-01T00:00:00.0006Z", "due_before": "2026-02-01T00:00:00.000600Z"}),
            "due_after",
            "due_before",
        ),
        (
            json!({"min_total": 100, "max_total": "99.5"}),
            "min_total",
            "max_total",
        ),
        (
            json!({"min_total": "1.00000000000000000001", "max_total": "1"}),
            "min_total",
            "max_total",
        ),
        (
            json!({"unpaid_only": true, "due_after": "2026-02-01"}),
            "due_after",
            "unpaid_only",
        ),
    ] {
        let error = refused(given);
        assert_eq!(error.code(), "contradictory_options");
        let names = format!("`filters.{first}` and `filters.{second}` contradict each other:");
        assert!(error.to_string().starts_with(&names), "{error}");
    }
    chosen(json!({"due_after": "2026-02-01", "due_by": "2026-02-01"}));
    chosen(json!({"min_total": 100, "max_total": 100, "unpaid_only": true}));
    chosen(json!({"min_total": "1", "max_total": "1.00000000000000000001"}));
    chosen(
        json!({"due_after": "2026-02-01T00:00:00.0002Z", "due_by": "2026-02-01T00:00:00.0004Z"}),
    );
}

/// Dates of ISO 8601 as users write them; what is finer than a millisecond is rounded to where the comparison
/// stays true.
#[test]
fn dates_are_those_of_iso_8601() {
    let moment = |text: &str| match Operand::from_iso(text) {
        Some(Operand::Moment(moment)) => Some(moment),
        _ => None,
    };
    let noon = 1_769_860_800_000;
    for text in [
        "2026-01-31T12:00:00Z",
        "2026-01-31T12:00:00.000Z",
        "2026-01-31t12:00:00z",
        "2026-01-31 12:00:00+00:00",
        "2026-01-31T14:30:00.0+02:30",
        "2026-01-31T12:00",
        "2026-01-31T12:00Z",
        "2026-01-31T12:00:00",
        "2026-01-31T11:59:59.9999999Z",
    ] {
        assert_eq!(moment(text), Some(noon), "{text}");
    }
    assert_eq!(moment("2026-01-31"), Some(noon - 43_200_000));
    assert_eq!(moment("2026-01-31T12:00:00.5Z"), Some(noon + 500));
    assert_eq!(moment("2026-01-31T12:00:00.0001Z"), Some(noon + 1));
    for text in [
        "",
        "yesterday",
        "2026",
        "2026-1-1",
        "2026-01",
        "2026-02-30",
        "31.01.2026",
        "1700000000000",
        "+12026-01-31",
        "2026-01-31T",
        "2026-01-31T12",
        "2026-01-31T25:00:00Z",
        "2026-01-31T12:60:00Z",
        "2026-01-31T12:00.5Z",
        "2026-01-31T12:00:00.Z",
        "2026-01-31T12:00:00+25:00",
        "2026-01-31T12:00:00+0200",
        "2026-01-31T12:00:00Z;",
        "2026-01- 1",
        "0000-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59.9999Z",
        "9999-12-31T23:59:59-00:01",
    ] {
        assert_eq!(moment(text), None, "{text}");
    }
    let finer = |name: &str| match chosen(json!({name: "2026-01-31T12:00:00.0001Z"}))
        .conditions
        .remove(0)
        .values[0]
    {
        Operand::Moment(moment) => moment - noon,
        _ => panic!("{name}"),
    };
    assert_eq!(["due_after", "due_before", "due_by"].map(finer), [1, 1, 0]);
}

/// Whatever is given: no panic, and what is taken once is taken again as it was kept.
#[test]
fn what_was_taken_is_taken_again() {
    let mut random = Random(11);
    let resource = invoices();
    let filters = resource.filters.iter().map(|filter| filter.name.clone());
    let switches = resource.switches.iter().map(|switch| switch.name.clone());
    let names: Vec<_> = filters.chain(switches).collect();
    let values = [
        json!(null),
        json!(true),
        json!("false"),
        json!(0),
        json!(3),
        json!(-0.5),
        json!("12"),
        json!("open"),
        json!("2026-01-31"),
        json!(["open", "paid"]),
        json!([]),
        json!({}),
        json!("open,paid"),
    ];
    let mut taken = 0;
    for _ in 0..2_000 {
        let given: serde_json::Map<_, _> = (0..=random.below(3))
            .map(|_| {
                let name = names[random.below(names.len())].clone();
                (name, values[random.below(values.len())].clone())
            })
            .collect();
        let surface = [Surface::Http, Surface::Query, Surface::JavaScript][random.below(3)];
        let given = Setting::from_json(Value::Object(given).to_string().as_bytes()).unwrap();
        if let Ok(first) = resource.select(&given, surface) {
            taken += 1;
            let text = first.given.to_json();
            let kept = Setting::from_json(text.as_bytes()).unwrap();
            let again = resource.select(&kept, Surface::Http).unwrap();
            assert_eq!(again.conditions, first.conditions, "{text}");
            assert_eq!(again.limits, first.limits);
            assert_eq!(again.left_out, first.left_out);
            assert_eq!(again.given.to_json(), text);
        }
    }
    assert!(taken > 200, "{taken}");
}
