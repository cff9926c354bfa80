//! What wrangler prints, without what only its own developers need.

use std::io::{BufRead, BufReader, Read};

/// Prints what comes, line by line, until the end.
pub fn relay(output: impl Read) {
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        if let Some(line) = plain(&line) {
            eprintln!("{line}");
        }
    }
}

/// The lines of a text that say something, as one.
pub fn joined(text: &str) -> String {
    let lines: Vec<String> = text.lines().filter_map(plain).collect();
    lines.join(" ")
}

/// A line without colours and the mark in front; `None` for frames of a stack, the path of a log file and empty lines.
fn plain(line: &str) -> Option<String> {
    let mut text = String::new();
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            // A control sequence ends with a letter (ECMA-48, section 5.4).
            '\u{1b}' => while characters.next().is_some_and(|c| !c.is_ascii_alphabetic()) {},
            _ => text.push(character),
        }
    }
    let text = text.trim();
    let text = text.strip_prefix('✘').unwrap_or(text).trim_start();
    let text = text.strip_prefix("[ERROR]").unwrap_or(text).trim_start();
    let is_frame = text.starts_with("at ") && text.contains(':');
    let is_log = text.starts_with('🪵') || text.contains("Logs were written to");
    (!text.is_empty() && !is_frame && !is_log).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_trace_becomes_its_first_line() {
        let printed = "\u{1b}[31m✘ \u{1b}[41;31m[\u{1b}[41;97mERROR\u{1b}[41;31m]\u{1b}[0m Uncaught Error: no such table\n\n      at null.<anonymous> (file:///worker/shim.js:12:9)\n      at async fetch (index.js:3:1)\n\n🪵  Logs were written to \"/tmp/x.log\"\n";
        assert_eq!(joined(printed), "Uncaught Error: no such table");
    }

    #[test]
    fn what_is_no_stack_trace_stays() {
        assert_eq!(
            plain("  Ready at port 1").as_deref(),
            Some("Ready at port 1")
        );
        assert_eq!(
            plain("{\"error\":\"X\"}").as_deref(),
            Some("{\"error\":\"X\"}")
        );
    }
}
