//! Reading the members of an object by name, where a mistake is noted down and reading goes on.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::{Display, Write};

use crate::error::DefinitionProblem;
use crate::settings::{Setting, nearest};

/// How many problems are listed. Nobody reads more, and each takes more memory than what it is about.
const MOST_PROBLEMS: usize = 1_000;

/// The longest name and the longest text of one line.
const SHORT: usize = 255;

/// How many names a message lists, and among how many the nearest is looked for.
const MOST_LISTED: usize = 30;
const MOST_COMPARED: usize = 100;

/// By how many bytes names may differ in length that are near each other.
const MOST_APART: usize = 20;

/// The mistakes that were found so far.
#[derive(Default)]
pub(super) struct Problems(RefCell<Vec<DefinitionProblem>>);

impl Problems {
    pub(super) fn add(&self, path: impl Into<String>, message: impl Display) {
        let mut list = self.0.borrow_mut();
        if list.len() < MOST_PROBLEMS {
            list.push(DefinitionProblem {
                path: path.into(),
                message: message.to_string(),
            });
        }
    }

    /// No more are listed, and there is no need to think about any.
    pub(super) fn is_full(&self) -> bool {
        self.0.borrow().len() >= MOST_PROBLEMS
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    pub(super) fn into_list(self) -> Vec<DefinitionProblem> {
        self.0.into_inner()
    }
}

/// The members of one object, taken out by name.
pub(super) struct Block<'a, 'p> {
    members: &'a [(String, Setting)],
    path: String,
    problems: &'p Problems,
    known: Vec<&'static str>,
}

impl<'a, 'p> Block<'a, 'p> {
    /// Opens an object; `what` it should be goes into the problem where it is none.
    pub(super) fn open(
        setting: &'a Setting,
        path: String,
        what: &str,
        problems: &'p Problems,
    ) -> Option<Self> {
        let Setting::Map(members) = setting else {
            let noun = setting.noun();
            problems.add(path, format_args!("{what} is an object, not {noun}."));
            return None;
        };
        let mut names = BTreeSet::new();
        for (name, _) in members {
            if !names.insert(name) {
                let twice = format_args!("The member {} stands there twice.", quoted(name));
                problems.add(member_path(&path, name), twice);
            }
        }
        Some(Self {
            members,
            path,
            problems,
            known: Vec::new(),
        })
    }

    /// The path of the object.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// All members, in their order.
    pub(super) fn members(&self) -> &'a [(String, Setting)] {
        self.members
    }

    /// Whether a member is text.
    pub(super) fn is_text(&self, name: &str) -> bool {
        matches!(self.find(name), Some(Setting::Text(_)))
    }

    /// The path of a member, or of the object where it is absent: a path always leads somewhere.
    pub(super) fn path_of(&self, name: &str) -> String {
        match self.find(name) {
            Some(_) => member_path(&self.path, name),
            None => self.path.clone(),
        }
    }

    /// Notes down a problem with a member.
    pub(super) fn problem(&self, name: &str, message: impl Display) {
        self.problems.add(self.path_of(name), message);
    }

    /// The last of the members with a name, as in JavaScript.
    fn find(&self, name: &str) -> Option<&'a Setting> {
        let mut members = self.members.iter().rev();
        members.find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// A member, unless it is absent or null.
    pub(super) fn get(&mut self, name: &'static str) -> Option<&'a Setting> {
        if !self.known.contains(&name) {
            self.known.push(name);
        }
        self.find(name).filter(|value| **value != Setting::Null)
    }

    /// A member that must be there.
    pub(super) fn needed(&mut self, name: &'static str) -> Option<&'a Setting> {
        let value = self.get(name);
        if value.is_none() {
            self.problem(name, format_args!("`{name}` is missing."));
        }
        value
    }

    /// Refuses a member where another one, or its value, makes no use of it.
    pub(super) fn idle(&mut self, name: &'static str, goes_with: impl Display) {
        if self.get(name).is_some() {
            self.problem(name, format_args!("`{name}` goes with {goes_with}."));
        }
    }

    pub(super) fn mistyped(&self, name: &str, wanted: impl Display, found: &Setting) {
        let noun = found.noun();
        self.problem(name, format_args!("`{name}` takes {wanted}, not {noun}."));
    }

    /// A text that is not empty.
    pub(super) fn text(&mut self, name: &'static str) -> Option<&'a str> {
        match self.get(name)? {
            Setting::Text(text) if text.is_empty() => {
                self.problem(name, format_args!("`{name}` is empty."));
                None
            }
            Setting::Text(text) => Some(text),
            other => {
                self.mistyped(name, "a text", other);
                None
            }
        }
    }

    pub(super) fn needed_text(&mut self, name: &'static str) -> Option<&'a str> {
        self.needed(name)?;
        self.text(name)
    }

    /// A text of one line that must be there: up to 255 characters.
    pub(super) fn line(&mut self, name: &'static str) -> Option<&'a str> {
        let text = self.needed_text(name)?;
        if text.chars().count() > SHORT || text.chars().any(char::is_control) {
            let wanted = format_args!("`{name}` takes one line of up to {SHORT} characters.");
            self.problem(name, wanted);
            return None;
        }
        Some(text)
    }

    /// The name of a type, a filter or the like, which must be there: it stands in addresses and queries.
    pub(super) fn name(&mut self, name: &'static str) -> Option<&'a str> {
        let text = self.needed_text(name)?;
        if is_name(text) {
            return Some(text);
        }
        let wanted = "small letters, digits and `_`, a letter first, up to 64 of them";
        self.problem(
            name,
            format_args!("`{name}` takes {wanted}, not {}.", quoted(text)),
        );
        None
    }

    /// The name of a table or a column, which stands in SQL as it is.
    pub(super) fn identifier(&mut self, name: &'static str) -> Option<String> {
        let text = self.text(name)?;
        if is_identifier(text) {
            return Some(text.into());
        }
        let wanted = "letters of ASCII, digits and `_`, no digit first, up to 64 of them";
        self.problem(
            name,
            format_args!("`{name}` takes {wanted}, not {}.", quoted(text)),
        );
        None
    }

    pub(super) fn bool(&mut self, name: &'static str, default: bool) -> bool {
        match self.get(name) {
            None => default,
            Some(Setting::Bool(value)) => *value,
            Some(other) => {
                self.mistyped(name, "true or false", other);
                default
            }
        }
    }

    /// A whole number from `least` to `most`.
    pub(super) fn whole(&mut self, name: &'static str, least: u64, most: u64) -> Option<u64> {
        let value = self.get(name)?;
        let number = value.as_count();
        let number = number.filter(|number| (least..=most).contains(number));
        if number.is_none() {
            let wanted = format_args!("`{name}` takes a whole number from {least} to {most}.");
            self.problem(name, wanted);
        }
        number
    }

    /// One of a few words, which must be there.
    pub(super) fn word<T: Copy>(
        &mut self,
        name: &'static str,
        choices: &[(&'static str, T)],
    ) -> Option<T> {
        let text = self.needed_text(name)?;
        let found = choices.iter().find(|(word, _)| *word == text);
        if found.is_none() && !self.problems.is_full() {
            let words = choices.iter().map(|(word, _)| *word);
            self.problem(name, not_one_of(name, text, words));
        }
        found.map(|(_, value)| *value)
    }

    /// A list of 1 to so many items, each with its path. What is beyond is not looked at.
    pub(super) fn list(
        &mut self,
        name: &'static str,
        most: usize,
    ) -> Option<Vec<(String, &'a Setting)>> {
        let value = self.get(name)?;
        let Setting::List(items) = value else {
            self.mistyped(name, "a list", value);
            return None;
        };
        let path = member_path(&self.path, name);
        match items.len() {
            0 => self.problem(name, format_args!("`{name}` is empty.")),
            count if count > most => {
                self.problem(name, format_args!("`{name}` takes up to {most} items."));
            }
            _ => {}
        }
        let items = items.iter().enumerate().take(most);
        let items = items.map(|(number, item)| (format!("{path}[{number}]"), item));
        Some(items.collect())
    }

    /// A list of texts that are all different, each with its path.
    pub(super) fn texts(
        &mut self,
        name: &'static str,
        most: usize,
    ) -> Option<Vec<(String, &'a str)>> {
        let mut texts = Vec::new();
        let mut seen = BTreeSet::new();
        for (path, item) in self.list(name, most)? {
            match item {
                Setting::Text(text) if !seen.insert(text) => {
                    let twice = format_args!("{} stands in `{name}` twice.", quoted(text));
                    self.problems.add(path, twice);
                }
                Setting::Text(text) if !text.is_empty() => texts.push((path, text.as_str())),
                Setting::Text(_) => {
                    let empty = format_args!("An item of `{name}` is empty.");
                    self.problems.add(path, empty);
                }
                other => {
                    let noun = other.noun();
                    let wanted = format_args!("An item of `{name}` is a text, not {noun}.");
                    self.problems.add(path, wanted);
                }
            }
        }
        Some(texts)
    }

    /// Refuses every member that nobody asked for.
    pub(super) fn finish(self) {
        for (name, _) in self.members {
            if self.known.iter().any(|known| known == name) || self.problems.is_full() {
                continue;
            }
            let mut message = format!("There is no member {} here", quoted(name));
            // Writing to a text cannot fail.
            let _ = match nearest_to(name, self.known.iter().copied()) {
                Some(nearest) => write!(message, "; `{nearest}` is the nearest."),
                None => write!(
                    message,
                    "; there are {}.",
                    listed(self.known.iter().copied())
                ),
            };
            self.problems.add(member_path(&self.path, name), message);
        }
    }
}

/// A text in a message: cut where it is long.
pub(super) fn quoted(text: &str) -> String {
    const MOST: usize = 60;
    let mut quoted = String::from("`");
    for (number, character) in text.chars().enumerate() {
        match character {
            _ if number == MOST => {
                quoted.push('…');
                break;
            }
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            other => quoted.push(other),
        }
    }
    quoted.push('`');
    quoted
}

/// Names in a message: the first ones where there are many.
pub(super) fn listed<'a>(mut names: impl Iterator<Item = &'a str>) -> String {
    let listed: Vec<_> = names.by_ref().take(MOST_LISTED).map(quoted).collect();
    let listed = listed.join(", ");
    match names.count() {
        0 => listed,
        more => format!("{listed} and {more} more"),
    }
}

/// The name nearest to one that nothing has.
pub(super) fn nearest_to<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // The time grows with both lengths, and what differs so much is not near.
    let is_near = |known: &&str| known.len().abs_diff(name.len()) <= name.len().min(MOST_APART);
    nearest(name, known.take(MOST_COMPARED).filter(is_near))
}

/// What is said of a text that is none of a few.
pub(super) fn not_one_of<'a>(
    name: &str,
    text: &str,
    words: impl Iterator<Item = &'a str> + Clone,
) -> String {
    let all = listed(words.clone());
    let mut message = format!("`{name}` takes one of {all}, not {}", quoted(text));
    if let Some(nearest) = nearest_to(text, words) {
        // Writing to a text cannot fail.
        let _ = write!(message, "; {} is the nearest", quoted(nearest));
    }
    message.push('.');
    message
}

/// The path of a member (RFC 9535): in its short form where the name allows that.
pub(super) fn member_path(path: &str, name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let begins = |name: &str| !name.starts_with(|c: char| c.is_ascii_digit());
    if !name.is_empty() && begins(name) && name.chars().all(is_plain) {
        return format!("{path}.{name}");
    }
    let mut place = format!("{path}['");
    for character in name.chars() {
        match character {
            '\'' | '\\' => place.extend(['\\', character]),
            // Writing to a text cannot fail.
            control if control < ' ' => drop(write!(place, "\\u{:04x}", control as u32)),
            other => place.push(other),
        }
    }
    place.push_str("']");
    place
}

/// The most characters of a name.
const NAME: usize = 64;

pub(super) fn is_name(text: &str) -> bool {
    let mut letters = text.bytes();
    letters.next().is_some_and(|byte| byte.is_ascii_lowercase())
        && letters.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        && text.len() <= NAME
}

pub(super) fn is_identifier(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    let mut letters = text.bytes();
    letters.next().is_some_and(is_letter)
        && letters.all(|byte| is_letter(byte) || byte.is_ascii_digit())
        && text.len() <= NAME
}
