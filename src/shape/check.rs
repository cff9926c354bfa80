//! The check of a whole document: every problem, with its place in an echo of the document.

use super::plan::{Given, Holds, Member, Place, Plan};
use super::tape::{self, Token};
use crate::catalog::{Resource, Selection};
use crate::error::{Error, Result};
use crate::read::json::Nested;
use crate::report::Notice;
use crate::settings::nearest;
use crate::text::json;
use crate::value::Kind;
use crate::write::new_line;

/// How many times as long as the document its echo may be, and how long in any case.
const ECHO_GROWTH: usize = 8;
const ECHO_BYTES: usize = 1 << 20;

/// How many problems are told; of what is wrong all over, more would take many times the memory of the document.
const MAX_PROBLEMS: usize = 10_000;

/// What a check of a document found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Check {
    /// What is wrong, in the order of the echo: at most 10,000 problems.
    pub problems: Vec<DocumentProblem>,
    /// How many problems there are beyond these.
    pub more: u64,
    /// The document as JSON that is indented by two spaces, its members in their order; of members that stand
    /// twice the last value, at the first place.
    pub text: String,
}

/// Something that is wrong in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DocumentProblem {
    /// The stable code, as a report has it: `missing_field`, `unknown_field`, `field_type`, `null_not_allowed`,
    /// `outside_enum`, `duplicate_key` or `lone_surrogate`.
    pub code: &'static str,
    /// Where it is, as a JSON path (RFC 9535): `$.agent.definition.steps[2].id`.
    pub path: String,
    /// The line of the echo, counted from 1: of the value, or where a member is missing, of the object that
    /// lacks it.
    pub line: u64,
    /// The character within the line, counted from 1.
    pub column: u64,
    /// What is wrong there, in a sentence.
    pub message: String,
}

impl Resource {
    /// Checks a document of a document type, such as one that is to be imported. What was left out of an
    /// export by a switch is no problem, nor is it that members are missing of which an export is made up anew:
    /// counts, the moment, the account.
    ///
    /// ```
    /// use tablecast::Resource;
    ///
    /// let resource = Resource::find("memory_bank")?;
    /// let check = resource.check(br#"{"export_type": "memory_bank", "memory_bank": null, "entries": [7]}"#)?;
    /// let found: Vec<_> = check.problems.iter().map(|problem| (&*problem.path, problem.line)).collect();
    /// assert_eq!(found, [("$.memory_bank", 3), ("$.entries[0]", 5)]);
    /// # Ok::<_, tablecast::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `invalid_json`, with the line of the document as it was given, `limit_exceeded` where it is nested
    /// deeper than 128 levels, or where its echo would be more than eight times as long.
    pub fn check(&self, document: &[u8]) -> Result<Check> {
        let (text, counted) = compact(document)?;
        let mut tokens = Vec::new();
        tape::read(&text, &mut tokens);
        let plan = Plan::new(self, &Selection::default(), &Given::default());
        let echo = Echo::write(&text, &tokens)?;
        let mut checker = Checker {
            resource: self,
            plan: &plan,
            text: &text,
            tokens: &tokens,
            path: Vec::new(),
            found: Vec::new(),
            more: 0,
        };
        for (notice, count, message) in counted {
            if count > 0 {
                checker.found.push((0, notice, "$".into(), message));
            }
        }
        checker.document();
        let more = checker.more;
        let mut found = checker.found;
        found.sort_by_key(|(token, ..)| *token);
        let mut places = echo.places();
        let problems = found.into_iter().map(|(token, notice, path, message)| {
            let (line, column) = places.next(token);
            DocumentProblem {
                code: notice.code(),
                path,
                line,
                column,
                message,
            }
        });
        Ok(Check {
            problems: problems.collect(),
            more,
            text: String::from_utf8(echo.text.clone()).unwrap_or_default(),
        })
    }
}

/// What is told of a document as a whole.
type Counted = [(Notice, u64, String); 2];

/// The document as compact text, and what had to be changed for that.
fn compact(document: &[u8]) -> Result<(Vec<u8>, Counted)> {
    let mut bytes = Vec::new();
    bytes.try_reserve(document.len())?;
    bytes.extend_from_slice(document);
    let mut nested = Nested::default();
    let text = nested.whole(&mut bytes)?;
    let (twice, lone) = (nested.duplicate_keys, nested.lone_surrogates);
    let counted = [
        (
            Notice::DuplicateKey,
            twice,
            format!("Keys that stand twice in their object: {twice}. The last value holds."),
        ),
        (
            Notice::LoneSurrogate,
            lone,
            format!("Texts with half a surrogate pair, which became U+FFFD: {lone}."),
        ),
    ];
    bytes.truncate(text.end);
    bytes.drain(..text.start);
    Ok((bytes, counted))
}

/// The indented text, and where each token stands in it.
struct Echo {
    text: Vec<u8>,
    starts: Vec<usize>,
}

impl Echo {
    fn write(text: &[u8], tokens: &[Token]) -> Result<Self> {
        let most = ECHO_BYTES.max(ECHO_GROWTH * text.len());
        let mut out = Vec::new();
        let mut starts = Vec::new();
        // For each open container whether it is an object, where it ends in the list, and whether it has no
        // member yet.
        let mut open: Vec<(bool, usize, bool)> = Vec::new();
        let mut key = false;
        for (number, token) in tokens.iter().enumerate() {
            close(&mut open, number, &mut out);
            let indent = open.len();
            match open.last_mut() {
                Some((true, _, _)) if key => {
                    out.extend_from_slice(b": ");
                    key = false;
                }
                Some((is_object, _, empty)) => {
                    if !std::mem::take(empty) {
                        out.push(b',');
                    }
                    new_line(Some(indent), &mut out);
                    key = *is_object;
                }
                None => {}
            }
            starts.push(out.len());
            let value = token.text(text);
            match value.first() {
                Some(b'{') => {
                    out.push(b'{');
                    open.push((true, token.next as usize, true));
                }
                Some(b'[') => {
                    out.push(b'[');
                    open.push((false, token.next as usize, true));
                }
                _ => out.extend_from_slice(value),
            }
            if out.len() > most {
                return Err(Error::limit("output_bytes", most as u64));
            }
        }
        close(&mut open, tokens.len(), &mut out);
        Ok(Self { text: out, starts })
    }

    fn places(&self) -> Places<'_> {
        Places {
            echo: self,
            at: 0,
            line: 1,
            column: 1,
        }
    }
}

/// Ends the containers that end before this token.
fn close(open: &mut Vec<(bool, usize, bool)>, number: usize, out: &mut Vec<u8>) {
    while let Some((is_object, _, empty)) = open.pop_if(|(_, end, _)| *end <= number) {
        if !empty {
            new_line(Some(open.len()), out);
        }
        out.push(if is_object { b'}' } else { b']' });
    }
}

/// Goes through the echo from token to token.
struct Places<'a> {
    echo: &'a Echo,
    at: usize,
    line: u64,
    column: u64,
}

impl Places<'_> {
    /// The line and the character of a token that is not before the last one.
    fn next(&mut self, token: usize) -> (u64, u64) {
        let start = self.echo.starts.get(token).copied().unwrap_or_default();
        let passed = self.echo.text.get(self.at..start);
        for byte in passed.unwrap_or_default() {
            match byte {
                b'\n' => (self.line, self.column) = (self.line + 1, 1),
                // The other bytes of a character.
                0x80..=0xBF => {}
                _ => self.column += 1,
            }
        }
        self.at = start.max(self.at);
        (self.line, self.column)
    }
}

enum Step {
    Name(String),
    Item(usize),
}

struct Checker<'a> {
    resource: &'a Resource,
    plan: &'a Plan,
    text: &'a [u8],
    tokens: &'a [Token],
    path: Vec<Step>,
    /// The token, what it is, its path, and the sentence.
    found: Vec<(usize, Notice, String, String)>,
    more: u64,
}

impl<'a> Checker<'a> {
    fn value(&self, token: usize) -> &'a [u8] {
        let token = self.tokens.get(token);
        token.map_or(&[][..], |token| token.text(self.text))
    }

    /// Whether a further problem is told. Beyond that it is only counted, and nothing is made up for it.
    fn is_told(&mut self) -> bool {
        let is_told = self.found.len() < MAX_PROBLEMS;
        self.more += u64::from(!is_told);
        is_told
    }

    fn problem(&mut self, token: usize, notice: Notice, message: String) {
        let mut path = String::from("$");
        for step in &self.path {
            match step {
                Step::Item(number) => path.push_str(&format!("[{number}]")),
                Step::Name(name) if is_plain(name) => {
                    path.push('.');
                    path.push_str(name);
                }
                Step::Name(name) => {
                    let mut literal = Vec::new();
                    json::write_string(name.as_bytes(), &mut literal);
                    path.push_str(&format!("[{}]", String::from_utf8_lossy(&literal)));
                }
            }
        }
        self.found.push((token, notice, path, message));
    }

    fn document(&mut self) {
        if self.value(0).first() == Some(&b'{') {
            return self.record(self.plan.place(0), 0);
        }
        let noun = noun(self.value(0));
        let message = format!("A `{}` is an object, not {noun}.", self.resource.name);
        self.problem(0, Notice::FieldType, message);
    }

    fn record(&mut self, place: &Place, token: usize) {
        let end = self
            .tokens
            .get(token)
            .map_or(0, |token| token.next as usize);
        let mut came = vec![false; place.members.len()];
        let mut key = token + 1;
        while key < end {
            let value = key + 1;
            let literal = self.value(key);
            let mut scratch = Vec::new();
            let (_, _, name) = json::cell_of(literal, &mut scratch);
            let name = String::from_utf8_lossy(name).into_owned();
            let found = place.find(literal, 0);
            self.path.push(Step::Name(name.clone()));
            match found.and_then(|number| Some((number, place.members.get(number)?))) {
                Some((number, member)) => {
                    if let Some(came) = came.get_mut(number) {
                        *came = true;
                    }
                    self.member(member, value);
                }
                None if place.open || !self.is_told() => {}
                None => {
                    let known = place.members.iter().map(|member| member.name.as_str());
                    let meant = nearest(&name, known);
                    let meant = meant.map(|meant| format!(" Did you mean `{meant}`?"));
                    let meant = meant.unwrap_or_default();
                    let message = format!("No field `{name}` is described here.{meant}");
                    self.problem(key, Notice::UnknownField, message);
                }
            }
            self.path.pop();
            key = self
                .tokens
                .get(value)
                .map_or(end, |value| value.next as usize);
        }
        for (member, came) in place.members.iter().zip(came) {
            let made_up = matches!(member.holds, Holds::Count(..) | Holds::Awaited(_));
            if came || made_up || member.rule.optional {
                continue;
            }
            self.path.push(Step::Name(member.name.clone()));
            if !self.is_switched() && self.is_told() {
                let message = format!("`{}` is missing.", member.name);
                self.problem(token, Notice::MissingField, message);
            }
            self.path.pop();
        }
    }

    /// A switch can leave out what lies at the path.
    fn is_switched(&self) -> bool {
        let names = self.path.iter().filter_map(|step| match step {
            Step::Name(name) => Some(name),
            Step::Item(_) => None,
        });
        let mut fields = self
            .resource
            .switches
            .iter()
            .flat_map(|switch| &switch.fields);
        fields.any(|field| field.iter().eq(names.clone()))
    }

    fn member(&mut self, member: &Member, token: usize) {
        let name = &member.name;
        let literal = self.value(token);
        let mut scratch = Vec::new();
        let (kind, _, text) = json::cell_of(literal, &mut scratch);
        match &member.holds {
            Holds::Count(..) => return,
            Holds::Given(wanted) => {
                if literal != wanted && self.is_told() {
                    let wanted = String::from_utf8_lossy(wanted);
                    let message = format!("`{name}` is {wanted} in what can be read.");
                    self.problem(token, Notice::OutsideEnum, message);
                }
                return;
            }
            _ => {}
        }
        if let Some(notice) = member.rule.judge(kind, text) {
            if !self.is_told() {
                return;
            }
            let message = match notice {
                Notice::NullNotAllowed => {
                    format!("`{name}` takes {}, and not null.", member.rule.wanted())
                }
                Notice::OutsideEnum => {
                    let text = String::from_utf8_lossy(text);
                    let values: Vec<_> = member.rule.values().collect();
                    format!("`{name}` takes one of {}, not `{text}`.", values.join(", "))
                }
                _ if kind == Kind::Text && member.rule.wanted() != "text" => {
                    format!("`{name}` takes {}, not this text.", member.rule.wanted())
                }
                _ => format!(
                    "`{name}` takes {}, not {}.",
                    member.rule.wanted(),
                    noun(literal)
                ),
            };
            self.problem(token, notice, message);
            return;
        }
        if kind != Kind::Nested {
            return;
        }
        match member.holds {
            Holds::Record(inner) => self.record(self.plan.place(inner), token),
            Holds::Records(inner) => self.items(token, |checker, item| {
                if checker.value(item).first() == Some(&b'{') {
                    return checker.record(checker.plan.place(inner), item);
                }
                if !checker.is_told() {
                    return;
                }
                let noun = noun(checker.value(item));
                let message = format!("`{name}` holds objects, not {noun}.");
                checker.problem(item, Notice::FieldType, message);
            }),
            _ if member.rule.wants_items() => self.items(token, |checker, item| {
                let value = checker.value(item);
                if !member.rule.fits_item(value) && checker.is_told() {
                    let (wanted, noun) = (member.rule.wanted(), noun(value));
                    let message = format!("`{name}` is {wanted}; this is {noun}.");
                    checker.problem(item, Notice::FieldType, message);
                }
            }),
            _ => {}
        }
    }

    fn items(&mut self, array: usize, mut check: impl FnMut(&mut Self, usize)) {
        for (number, (item, _)) in tape::items(self.tokens, array).enumerate() {
            self.path.push(Step::Item(number));
            check(self, item);
            self.path.pop();
        }
    }
}

/// Whether a name stands in a path without quotes.
fn is_plain(name: &str) -> bool {
    let mut bytes = name.bytes();
    let starts = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    bytes.next().is_some_and(starts) && bytes.all(|byte| starts(byte) || byte.is_ascii_digit())
}

/// What a user would call a value in compact JSON text.
fn noun(value: &[u8]) -> &'static str {
    match value {
        [b'{', ..] => "an object",
        [b'[', ..] => "an array",
        [b'"', ..] => "text",
        [b't' | b'f', ..] => "a boolean",
        [b'n', ..] => "null",
        _ => "a number",
    }
}
