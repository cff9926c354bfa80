//! The command line of `cargo xtask test`.

use super::names;
use crate::tools::{self, Result};
use std::path::Path;

/// Which tests are to run.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// All parts, where there are none.
    parts: Vec<&'static str>,
    name: Option<String>,
    all: bool,
}

impl Selection {
    /// Reads the command line; `None` asks for help.
    pub fn parse(arguments: &[&str]) -> Result<Option<Self>> {
        let mut selection = Self::default();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match *argument {
                "--help" | "-h" => return Ok(None),
                "--all" => selection.all = true,
                "--name" => {
                    let name = arguments.next().filter(|name| !name.is_empty());
                    let name = name.ok_or("--name takes a part of a test's name")?;
                    selection.name = Some((*name).to_owned());
                }
                given => {
                    let part = names().find(|name| *name == given);
                    let part = part.ok_or_else(|| {
                        let names = names().collect::<Vec<_>>().join(", ");
                        format!("there is no part `{given}`: there are {names}, and the options --name TEXT and --all")
                    })?;
                    selection.parts.push(part);
                }
            }
        }
        Ok(Some(selection))
    }

    /// Whether a part is to run. Parts without named tests only run with a name when they are asked for.
    pub fn holds(&self, part: &str) -> bool {
        match self.parts.is_empty() {
            true => self.name.is_none() || !["lints", "sizes"].contains(&part),
            false => self.parts.contains(&part),
        }
    }

    /// The text that names of tests have to contain.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The same as a regular expression.
    pub fn pattern(&self) -> Option<String> {
        let escape = |character: char| match character.is_ascii_punctuation() {
            true => format!("\\{character}"),
            false => character.to_string(),
        };
        Some(self.name()?.chars().map(escape).collect())
    }

    /// Whether all tests of a file are to run, as none are named, or its path contains the name.
    pub fn names(&self, file: &Path) -> bool {
        let file = file.strip_prefix(tools::path("")).unwrap_or(file);
        let file = file.to_string_lossy().to_lowercase();
        self.name()
            .is_none_or(|name| file.contains(&name.to_lowercase()))
    }

    /// The same for names that are identifiers.
    pub fn identifier(&self) -> Option<String> {
        Some(self.name()?.to_lowercase().replace(' ', "_"))
    }

    /// Whether the oracles read all files.
    pub fn is_all(&self) -> bool {
        self.all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(given: &[&str]) -> Selection {
        Selection::parse(given).unwrap().unwrap()
    }

    #[test]
    fn without_parts_all_of_them_run() {
        let selection = parse(&[]);
        assert!(names().all(|part| selection.holds(part)));
    }

    #[test]
    fn a_name_goes_to_the_parts_that_have_tests() {
        let selection = parse(&["--name", "Late column"]);
        assert!(selection.holds("engine") && !selection.holds("lints"));
        assert_eq!(selection.identifier().as_deref(), Some("late_column"));
        let selection = parse(&["worker", "--name", "jobs"]);
        assert!(selection.holds("worker") && !selection.holds("engine"));
    }

    #[test]
    fn a_file_whose_path_has_the_name_runs_whole() {
        let file = tools::path("tests/js/late-columns.test.mjs");
        assert!(parse(&[]).names(&file));
        assert!(parse(&["--name", "JS/late"]).names(&file));
        let other = parse(&["--name", "a.b (c)"]);
        assert!(!other.names(&file));
        assert_eq!(other.pattern().as_deref(), Some("a\\.b \\(c\\)"));
    }

    #[test]
    fn what_is_unknown_is_an_error_and_help_is_help() {
        assert!(
            Selection::parse(&["engines"])
                .unwrap_err()
                .contains("engine, node")
        );
        assert!(Selection::parse(&["--name"]).is_err());
        assert_eq!(Selection::parse(&["worker", "--help"]), Ok(None));
    }
}
