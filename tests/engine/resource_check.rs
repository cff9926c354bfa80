//! The check of a document: every problem, at its place in the echo.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tablecast::{Resource, export_bytes};

use crate::resource_random::{Writer, definition, setting};
use crate::run::Random;

/// The problems of a document, one on each line, and the echo.
fn problems(resource: &Resource, document: &str) -> (Vec<String>, String) {
    let check = resource.check(document.as_bytes()).unwrap();
    let problems = check.problems.iter().map(|problem| {
        let line = check.text.lines().nth(problem.line as usize - 1).unwrap();
        let at: String = line
            .chars()
            .skip(problem.column as usize - 1)
            .take(12)
            .collect();
        format!(
            "{} {} at {}: {}",
            problem.code, problem.path, at, problem.message
        )
    });
    (problems.collect(), check.text)
}

#[test]
fn every_problem_of_an_agent_definition_is_told_with_its_place() {
    let resource = Resource::find("agent_definition").unwrap();
    let document = r#"{"export_version": "1", "agent": {"nam\u0065": 7, "definition": {"name": "W", "description": null,
        "tags": ["a", 1, null], "steps": [{"id": "s1", "steps": [{"id": 2, "step_type": null}, "x"]}], "free": 1},
        "description": "d", "schema_version": "1", "default_evaluation_tier": "quick", "max_retries": 1.5, "max_retry": 1},
        "trigger": null, "alert_configs": {}, "notes": "é", "notes": [1]}"#;
    let (found, text) = problems(&resource, document);
    let value: Value = serde_json::from_str(document).unwrap();
    assert_eq!(text, serde_json::to_string_pretty(&value).unwrap());
    let expected = [
        r#"duplicate_key $ at {: Keys that stand twice in their object: 1. The last value holds."#,
        r#"field_type $.agent.name at 7,: `name` takes text, not a number."#,
        r#"field_type $.agent.definition.tags[1] at 1,: `tags` is an array of texts; this is a number."#,
        r#"field_type $.agent.definition.tags[2] at null: `tags` is an array of texts; this is null."#,
        r#"field_type $.agent.definition.steps[0].steps[0].id at 2,: `id` takes text, not a number."#,
        r#"field_type $.agent.definition.steps[0].steps[1] at "x": `steps` holds objects, not text."#,
        r#"outside_enum $.agent.default_evaluation_tier at "quick",: `default_evaluation_tier` takes one of fast, balanced, thorough, not `quick`."#,
        r#"field_type $.agent.max_retries at 1.5,: `max_retries` takes a whole number, not a number."#,
        r#"unknown_field $.agent.max_retry at "max_retry":: No field `max_retry` is described here. Did you mean `max_retries`?"#,
    ];
    for line in expected {
        assert!(
            found.iter().any(|found| found == line),
            "{line}\n{found:#?}"
        );
    }
    let missing = found
        .iter()
        .filter(|line| line.starts_with("missing_field"));
    assert!(
        missing
            .clone()
            .any(|line| line.contains("$.agent.updated_at at {: `updated_at` is missing."))
    );
    assert!(
        found
            .iter()
            .any(|line| line.starts_with("outside_enum $.export_version at \"1\","))
    );
    assert!(!missing.clone().any(|line| line.contains("exported_at")));
}

#[test]
fn what_was_exported_has_no_problems() {
    let resource = Resource::find("knowledge_base").unwrap();
    let input = r#"{"knowledge_base": {"id": "k", "name": "n"}, "sources": [{"source_connection_id": "s", "content_items": [{"id": "i"}]}]}"#;
    let options = setting(&json!({
        "resource": "knowledge_base", "now": "2026-01-31T12:00:00Z",
        "envelope": {"software_version": "4", "account_id": "a"},
    }));
    let (file, _) = export_bytes(&options, input.as_bytes()).unwrap();
    let (found, text) = problems(&resource, std::str::from_utf8(&file).unwrap());
    assert_eq!(found, Vec::<String>::new());
    assert_eq!(text.as_bytes(), file);
}

#[test]
fn what_is_no_document_is_told() {
    let resource = Resource::find("knowledge_base").unwrap();
    let (found, text) = problems(&resource, " [ 1 ] ");
    assert_eq!(
        found,
        ["field_type $ at [: A `knowledge_base` is an object, not an array."]
    );
    assert_eq!(text, "[\n  1\n]");
    let (found, text) = problems(&resource, "\n\"a\\u0062\"");
    assert_eq!((found.len(), text.as_str()), (1, "\"ab\""));
    let error = resource.check(b"{\n\"a\": }").unwrap_err();
    assert_eq!(
        (error.code(), error.location().line),
        ("invalid_json", Some(2))
    );
    let deep = format!("{}{}", "[".repeat(129), "]".repeat(129));
    assert_eq!(
        resource.check(deep.as_bytes()).unwrap_err().code(),
        "limit_exceeded"
    );
    // Little text, of which the echo would be long.
    let deep = format!(
        "{}{}{}",
        "[".repeat(127),
        "1,".repeat(100_000),
        "1".to_owned() + &"]".repeat(127)
    );
    assert_eq!(
        resource.check(deep.as_bytes()).unwrap_err().code(),
        "limit_exceeded"
    );
}

#[test]
fn the_problems_of_random_documents_are_those_that_an_export_reports() {
    let definition = definition(true);
    let resource = Resource::from_definition(&setting(&definition)).unwrap();
    let filters = json!({"with_sizes": true});
    let options = setting(&json!({
        "resource": definition, "filters": filters, "now": "2026-01-31T12:00:00Z",
        "envelope": {"software_version": "4", "account_id": "a"},
    }));
    for seed in 1..=150 {
        let mut random = Random(seed * 65_537);
        let input = Writer {
            random: &mut random,
            twice: true,
        }
        .document();
        // The same text was always there, and is not asked for.
        let input = input.replace("\"version\": \"0\"", "\"version\": \"1\"");
        let (_, report) = export_bytes(&options, input.as_bytes()).unwrap();
        let check = resource.check(input.as_bytes()).unwrap();
        let value: Value = serde_json::from_str(&input).unwrap();
        assert_eq!(check.text, serde_json::to_string_pretty(&value).unwrap());
        let is_told = |code: &str, path: &str| {
            // Items of arrays that are no records are told one by one; some members may be missing.
            let switched = ["chapters", "chapter_count", "size"];
            let missing =
                code == "missing_field" && switched.iter().any(|name| path.ends_with(name));
            let text = path == "version" || path == "export_type";
            code != "duplicate_key"
                && code != "lone_surrogate"
                && !path.ends_with("tags")
                && !missing
                && !text
        };
        let mut found: BTreeMap<(String, String), u64> = BTreeMap::new();
        for problem in &check.problems {
            let lines: Vec<_> = check.text.lines().collect();
            let line = lines[problem.line as usize - 1];
            let at: String = line
                .chars()
                .skip(problem.column as usize - 1)
                .take(1)
                .collect();
            assert!(at.trim() == at && !at.is_empty(), "{problem:?}");
            let plain = problem
                .path
                .replace("[\"title \\\"é\\\"\"]", ".title \"é\"");
            let plain = plain.replace("[\"new\\\"\"]", ".new\"");
            let parts = plain.split(['[', ']']).step_by(2);
            let path = parts.collect::<String>();
            let path = path
                .trim_start_matches('$')
                .trim_start_matches('.')
                .to_owned();
            if is_told(problem.code, &path) {
                *found.entry((problem.code.to_owned(), path)).or_default() += 1;
            }
        }
        let told = report.warnings.iter().filter_map(|warning| {
            let path = warning.column.clone().unwrap_or_default();
            is_told(warning.code, &path).then(|| ((warning.code.to_owned(), path), warning.count))
        });
        assert_eq!(found, told.collect(), "{seed}: {input}");
    }
}

#[test]
fn of_what_is_wrong_all_over_ten_thousand_are_told_and_the_rest_is_counted() {
    let resource = Resource::find("memory_bank").unwrap();
    let entries = vec!["7"; 10_500].join(",");
    let document = format!(r#"{{"export_type": "memory_bank", "entries": [{entries}]}}"#);
    let check = resource.check(document.as_bytes()).unwrap();
    assert_eq!(check.problems.len(), 10_000);
    let all = check.problems.len() as u64 + check.more;
    // The bank itself is missing, and so are other members.
    assert!((10_501..10_510).contains(&all), "{all}");
    let none = resource.check(b"{}").unwrap();
    assert_eq!(none.more, 0);
}

/// Beyond that nothing is looked up or put into words: what is not known is compared with no name.
#[test]
fn problems_of_every_kind_are_counted_beyond_ten_thousand() {
    let resource = Resource::find("memory_bank").unwrap();
    let entry = r#"{"id": 7, "unknown_1": 1, "unknown_2": null}"#;
    let count = |entries: usize| {
        let entries = vec![entry; entries].join(",");
        let document = format!(r#"{{"export_type": "x", "entries": [1, {entries}]}}"#);
        let check = resource.check(document.as_bytes()).unwrap();
        (check.problems.len() as u64, check.more)
    };
    // Each entry has as many problems as the others.
    let (few, none) = count(100);
    assert_eq!(none, 0);
    let of_entry = count(101).0 - few;
    assert!(of_entry > 3);
    assert_eq!(count(20_100), (10_000, few + 20_000 * of_entry - 10_000));
}
