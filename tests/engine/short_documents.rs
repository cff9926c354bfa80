//! Every short document that can be made of a few tokens is judged as `serde_json` judges it, also
//! where it comes behind records that go the fast way, and in chunks.

use serde_json::Value;
use tablecast::{Setting, export_bytes};

use crate::plain::{Node, Table};
use crate::run::{options, stream};

/// Exports whole and byte by byte, where no token is ever whole; both must come to the same.
fn file(options: &Setting, text: &str) -> Result<String, &'static str> {
    let whole = export_bytes(options, text.as_bytes());
    let bytewise = stream(options, text.as_bytes().chunks(1)).map_err(|(error, _)| error);
    assert!(whole == bytewise, "{text}\n{whole:?}\n{bytewise:?}");
    let file = whole.map(|(file, _)| String::from_utf8(file).unwrap());
    file.map_err(|error| error.code())
}

/// Calls with every sequence of so many tokens.
fn each_sequence(tokens: &[&str], length: u32, mut check: impl FnMut(&str)) {
    let mut sequence = String::new();
    for number in 0..tokens.len().pow(length) {
        sequence.clear();
        let mut rest = number;
        for _ in 0..length {
            sequence.push_str(tokens[rest % tokens.len()]);
            rest /= tokens.len();
        }
        check(&sequence);
    }
}

#[track_caller]
fn check(options: &Setting, text: &str) {
    let found = file(options, text);
    match Node::read(text.as_bytes()) {
        Err(error) => assert_eq!(found, Err("invalid_json"), "{error}: {text}"),
        Ok(node) => match Table::of_json(&node) {
            Some(table) => assert_eq!(found, table.map(|table| table.to_json_lines()), "{text}"),
            None => assert_ne!(found, Err("invalid_json"), "{text}"),
        },
    }
}

#[test]
fn every_short_spelling_of_a_number_is_judged() {
    let options = options("{}", Some("jsonl"));
    for length in 1..=5 {
        each_sequence(&["0", "1", "-", "+", ".", "e"], length, |number| {
            check(
                &options,
                &format!("[{{\"a\":5}},{{\"a\":{number},\"b\":1}}]"),
            );
        });
    }
    for number in [
        "-0",
        "1E5",
        "1e+5",
        "1.5E-05",
        "00.1",
        "0x1",
        "1_0",
        "NaN",
        "-Infinity",
        "1/2",
        "1f",
    ] {
        check(&options, &format!("[{{\"a\":5}},{{\"a\":{number}}}]"));
    }
}

#[test]
fn every_word_that_is_nearly_a_literal_is_refused() {
    let options = options("{}", Some("jsonl"));
    for word in ["true", "false", "null"] {
        for at in 0..=word.len() {
            for byte in 1..=127 {
                let byte = char::from(byte).to_string();
                let mut words = vec![format!("{}{byte}{}", &word[..at], &word[at..])];
                if at < word.len() {
                    words.push(format!("{}{byte}{}", &word[..at], &word[at + 1..]));
                    words.push(format!("{}{}", &word[..at], &word[at + 1..]));
                }
                for word in words {
                    check(&options, &format!("[{{\"a\":5}},{{\"a\":{word},\"b\":1}}]"));
                }
            }
        }
    }
}

#[test]
fn every_short_sequence_of_tokens_is_judged() {
    let options = options("{}", Some("jsonl"));
    let tokens = ["{", "}", "[", "]", ",", ":", "\"a\"", "1"];
    for length in 1..=4 {
        each_sequence(&tokens, length, |sequence| {
            check(&options, sequence);
            // Behind a record, within one, and between the members of one that is as usual.
            check(&options, &format!("[{{\"a\":5}}{sequence}]"));
            check(&options, &format!("[{{\"a\":5}},{{\"a\":{sequence}}}]"));
            check(&options, &format!("[{{\"a\":5}},{{\"a\":6{sequence}}}]"));
        });
    }
    each_sequence(&tokens[..7], 5, |sequence| {
        check(&options, &format!("[{{\"a\":5}}{sequence}"));
    });
}

#[test]
fn every_escape_is_judged_at_every_place() {
    let options = options("{}", Some("jsonl"));
    let escapes = (0..=127).map(|byte| format!("\\{}", char::from(byte)));
    let wide = [
        "\\u12g4", "\\u123", "\\U1234", "\\u 123", "\\u+123", "\\u00e9", "\\u00E9",
    ];
    for (number, escape) in escapes.chain(wide.map(Into::into)).enumerate() {
        for place in [0, 1, 14, 15, 16, 17, 31 + number % 20] {
            let text = "x".repeat(place) + &escape + &"y".repeat(number % 19);
            check(
                &options,
                &format!("[{{\"a\":\"b\"}},{{\"a\":\"{text}\",\"b\":1}}]"),
            );
            check(
                &options,
                &format!("[{{\"a\":\"b\"}},{{\"{text}\":\"a\",\"b\":1}}]"),
            );
        }
    }
}

#[test]
fn every_control_character_is_refused_outside_of_strings_and_within() {
    let options = options("{}", Some("jsonl"));
    let document = "[{\"a\":\"b\",\"c\":1},{\"a\":\"sixteen letters!\",\"c\":-1.5},{\"a\":null}]";
    for byte in (0..0x20).chain([0x7F]) {
        for at in 0..=document.len() {
            let (before, behind) = document.split_at(at);
            check(&options, &format!("{before}{}{behind}", char::from(byte)));
        }
    }
}

#[test]
fn json_lines_of_every_short_sequence_are_judged_line_by_line() {
    let options = options(r#"{"input": {"format": "jsonl"}}"#, Some("jsonl"));
    let tokens = ["{}", "{\"a\":", "1}", "}", ",", "\n", " ", "true"];
    for length in 1..=4 {
        each_sequence(&tokens, length, |sequence| {
            let text = format!("{{\"a\":5}}\n{{\"a\":6}}{sequence}");
            let table = Table::of_json_lines(text.as_bytes());
            assert_eq!(
                file(&options, &text),
                table.map(|table| table.to_json_lines()),
                "{text}"
            );
        });
    }
    // What is one value over two lines is none.
    let split = "{\"a\":\n1}";
    assert!(serde_json::from_str::<Value>(split).is_ok());
    assert_eq!(file(&options, split), Err("invalid_json"));
}
