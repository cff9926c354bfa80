//! A small tree that any surface can fill.

use crate::text::json;

/// An option's value: what JSON can hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Setting {
    /// Absent, `null` or `undefined`: the default holds.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number. JSON text is read to one where that changes nothing: where it is whole, and written as such.
    Number(f64),
    /// Any other number as JSON writes it: `1.50`, `1e3`, `12345678901234567890`.
    Digits(String),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Setting>),
    /// Members in the order of the source.
    Map(Vec<(String, Setting)>),
}

impl Setting {
    /// What it is, for messages.
    pub(crate) fn noun(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) | Self::Digits(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "an object",
        }
    }

    /// A member of an object, unless it is absent or null. Of members that stand twice the last one
    /// holds, as in JavaScript.
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Self::Map(members) = self else {
            return None;
        };
        let found = members.iter().rev().find(|(key, _)| key == name);
        found
            .map(|(_, value)| value)
            .filter(|value| **value != Self::Null)
    }

    /// Takes a member out of an object and gives what [`get`](Self::get) would have.
    ///
    /// ```
    /// use tablecast::Setting;
    ///
    /// let mut options = Setting::from_json(br#"{"format": "csv", "template_id": "t1"}"#)?;
    /// assert_eq!(options.remove("template_id"), Some(Setting::Text("t1".into())));
    /// options.insert("template", Setting::from_json(br#"{"name": "List"}"#)?);
    /// assert_eq!(options.to_json(), r#"{"format":"csv","template":{"name":"List"}}"#);
    /// # Ok::<_, tablecast::Error>(())
    /// ```
    pub fn remove(&mut self, name: &str) -> Option<Self> {
        let value = self.get(name).cloned();
        if let Self::Map(members) = self {
            members.retain(|(key, _)| key != name);
        }
        value
    }

    /// Sets a member of an object: in the place of one that has the name, or else behind all others.
    /// Whatever is no object becomes one.
    pub fn insert(&mut self, name: &str, value: Self) {
        if !matches!(self, Self::Map(_)) {
            *self = Self::Map(Vec::new());
        }
        if let Self::Map(members) = self {
            match members.iter_mut().rev().find(|(key, _)| key == name) {
                Some((_, place)) => *place = value,
                None => members.push((name.into(), value)),
            }
        }
    }

    /// Text, where it is that.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Items, where it is a list.
    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// `true` or `false`, where it is one of them.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// A count, where it is one: a whole number up to 2^53.
    pub(crate) fn as_count(&self) -> Option<u64> {
        let count = match self {
            Self::Number(number) if number.fract() == 0.0 && *number >= 0.0 => *number as u64,
            Self::Digits(digits) => digits.parse().ok()?,
            _ => return None,
        };
        (count <= 1 << 53).then_some(count)
    }

    /// A count, digit by digit.
    pub(crate) fn count(count: u64) -> Self {
        Self::Digits(count.to_string())
    }

    /// Writes it as compact JSON text, from which [`from_json`](Self::from_json) reads it again: members
    /// in their order, numbers digit by digit as they were. NaN and infinities become null.
    ///
    /// ```
    /// let text = r#"{"b":[1,1.50,-0,12345678901234567890],"a":{"x\"":null}}"#;
    /// assert_eq!(tablecast::Setting::from_json(text.as_bytes())?.to_json(), text);
    /// # Ok::<_, tablecast::Error>(())
    /// ```
    pub fn to_json(&self) -> String {
        let mut text = Vec::new();
        self.write_json(&mut text);
        // All that was written is UTF-8.
        String::from_utf8(text).unwrap_or_default()
    }

    fn write_json(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend_from_slice(b"null"),
            Self::Bool(true) => out.extend_from_slice(b"true"),
            Self::Bool(false) => out.extend_from_slice(b"false"),
            Self::Number(number) if number.is_finite() => {
                out.extend_from_slice(number.to_string().as_bytes());
            }
            Self::Number(_) => out.extend_from_slice(b"null"),
            Self::Digits(digits) => out.extend_from_slice(digits.as_bytes()),
            Self::Text(text) => json::write_string(text.as_bytes(), out),
            Self::List(items) => {
                out.push(b'[');
                for (number, item) in items.iter().enumerate() {
                    if number > 0 {
                        out.push(b',');
                    }
                    item.write_json(out);
                }
                out.push(b']');
            }
            Self::Map(members) => {
                out.push(b'{');
                for (number, (name, value)) in members.iter().enumerate() {
                    if number > 0 {
                        out.push(b',');
                    }
                    json::write_string(name.as_bytes(), out);
                    out.push(b':');
                    value.write_json(out);
                }
                out.push(b'}');
            }
        }
    }
}
