//! Every limit: what it takes, and what happens beyond it.

use tablecast::{Error, Limits, Request, Surface, export_bytes};

use crate::run::options;

/// Each limit with the most that it takes.
const LIMITS: [(&str, u64); 6] = [
    ("depth", 128),
    ("columns", 1 << 20),
    ("rows", (1 << 53) - 1),
    ("row_bytes", 1 << 30),
    ("input_bytes", (1 << 53) - 1),
    ("output_bytes", (1 << 53) - 1),
];

fn set(name: &str, value: &str) -> Result<Limits, Error> {
    let options = options(
        &format!("{{\"limits\": {{\"{name}\": {value}}}}}"),
        Some("csv"),
    );
    let mut request = Request::new(&options, Surface::Http)?;
    Ok(request.limits_mut().clone())
}

#[test]
fn a_limit_is_a_whole_number_from_one_up_to_its_most() {
    for (name, most) in LIMITS {
        for value in ["1", &most.to_string(), "null"] {
            assert!(set(name, value).is_ok(), "{name}: {value}");
        }
        let beyond = (most + 1).to_string();
        for value in [
            "0", "-1", "1.5", &beyond, "1e999", "\"5\"", "true", "[1]", "{}",
        ] {
            let error = set(name, value).unwrap_err();
            assert_eq!(error.code(), "invalid_option", "{name}: {value}");
            let message = error.to_string();
            assert!(message.contains(&format!("`limits.{name}`")), "{message}");
            assert!(message.contains(&format!("from 1 to {most}")), "{message}");
        }
    }
    assert_eq!(
        set("row", "1").unwrap_err().hint().unwrap(),
        "Did you mean `rows`?"
    );
}

#[test]
fn the_defaults_are_those_of_the_documentation() {
    let limits = Limits::default();
    assert_eq!((limits.depth, limits.columns), (128, 16_384));
    assert_eq!(limits.row_bytes, 32 << 20);
    let most = (1 << 53) - 1;
    let unlimited = [limits.rows, limits.input_bytes, limits.output_bytes];
    assert_eq!(unlimited, [most; 3]);
}

#[test]
fn beyond_a_limit_the_error_says_which_and_what_to_do() {
    let input = r#"[{"a":[[1]],"b":2},{"a":3,"b":4}]"#.as_bytes();
    for (name, enough) in [
        ("depth", 4),
        ("columns", 2),
        ("rows", 2),
        ("row_bytes", 17),
        ("input_bytes", input.len()),
        ("output_bytes", 19),
    ] {
        let outcome = |limit: usize| {
            let text = format!("{{\"limits\": {{\"{name}\": {limit}}}}}");
            export_bytes(&options(&text, Some("csv")), input)
        };
        let file = outcome(enough).map(|(file, _)| String::from_utf8(file).unwrap());
        assert_eq!(file.as_deref(), Ok("a,b\r\n[[1]],2\r\n3,4\r\n"), "{name}");
        let error = outcome(enough - 1).unwrap_err();
        assert_eq!(error.code(), "limit_exceeded", "{name}");
        let hint = error.hint().unwrap();
        assert!(hint.contains(&format!("`limits.{name}`")), "{hint}");
    }
}

#[test]
fn deep_numbers_do_not_grow_a_hundredfold() {
    let deep = format!(
        "{}1{}{}",
        "[".repeat(100),
        ",1".repeat(1 << 20),
        "]".repeat(100)
    );
    let input = format!("[{{\"a\":{deep}}}]");
    let (file, _) = export_bytes(&options("{}", Some("json")), input.as_bytes()).unwrap();
    assert!(file.len() < input.len() + 100, "{}", file.len());
    let value: serde_json::Value = serde_json::from_slice(&file).unwrap();
    assert!(value[0]["a"].is_array());
}
