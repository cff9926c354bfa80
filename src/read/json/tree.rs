//! Small values kept whole: options, templates and column lists, from the same events as records.

use super::parser::{Event, Parser, Span};
use crate::error::Result;
use crate::read::{Limits, Source};
use crate::settings::{Setting, whole_number};
use crate::text::json;

/// Builds a [`Setting`] from events.
#[derive(Default)]
pub(crate) struct Tree {
    /// The open containers, each with the key under which its next member goes.
    open: Vec<(Setting, String)>,
    /// How many texts held half a surrogate pair.
    pub(crate) lone_surrogates: u64,
}

impl Tree {
    /// Takes the next event; gives the value when it is complete.
    pub(crate) fn event(&mut self, event: Event, bytes: &[u8]) -> Option<Setting> {
        let value = match event {
            Event::BeginObject => return self.begin(Setting::Map(Vec::new())),
            Event::BeginArray => return self.begin(Setting::List(Vec::new())),
            Event::Key(span) => {
                if let Some((_, key)) = self.open.last_mut() {
                    *key = string(span, bytes);
                }
                return None;
            }
            Event::EndObject | Event::EndArray => self.open.pop()?.0,
            Event::Text(span) => {
                let literal = bytes.get(span.start..span.end).unwrap_or_default();
                let mut text = Vec::new();
                self.lone_surrogates += u64::from(json::unescape(literal, &mut text));
                Setting::Text(String::from_utf8(text).unwrap_or_default())
            }
            Event::Number(span) => number(string(span, bytes)),
            Event::Bool(span) => Setting::Bool(span.end - span.start == 4),
            Event::Null | Event::NonFinite | Event::Unrepresentable => Setting::Null,
        };
        match self.open.last_mut() {
            None => return Some(value),
            Some((Setting::Map(members), key)) => members.push((std::mem::take(key), value)),
            Some((Setting::List(items), _)) => items.push(value),
            Some(_) => {}
        }
        None
    }

    /// How many members the outermost container has so far.
    pub(crate) fn len(&self) -> usize {
        match self.open.first() {
            Some((Setting::List(items), _)) => items.len(),
            Some((Setting::Map(members), _)) => members.len(),
            _ => 0,
        }
    }

    fn begin(&mut self, container: Setting) -> Option<Setting> {
        self.open.push((container, String::new()));
        None
    }
}

/// A number, exact. In a build that only knows options all of them are whole.
fn number(digits: String) -> Setting {
    let number = whole_number(&digits);
    // With more digits a number of JavaScript may be another one.
    let changes = number.is_nan() || digits.len() > 15 || digits == "-0";
    match cfg!(feature = "full") && changes {
        true => Setting::Digits(digits),
        false => Setting::Number(number),
    }
}

/// The decoded text of a string.
pub(crate) fn string(span: Span, bytes: &[u8]) -> String {
    let literal = bytes.get(span.start..span.end).unwrap_or_default();
    let mut text = Vec::new();
    json::unescape(literal, &mut text);
    String::from_utf8(text).unwrap_or_default()
}

impl Setting {
    /// Reads options or a template from JSON text.
    ///
    /// # Errors
    ///
    /// `invalid_json`, or `limit_exceeded` where it is nested deeper than 128 levels.
    pub fn from_json(text: &[u8]) -> Result<Self> {
        let mut parser = Parser::new(Source::Json, &Limits::default());
        parser.extend(text);
        parser.end(text);
        let mut tree = Tree::default();
        let mut value = None;
        while let Some(event) = parser.next(text)? {
            value = tree.event(event, text);
        }
        Ok(value.unwrap_or_default())
    }
}
