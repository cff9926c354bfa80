//! Options as they come in, before they are checked: a small tree that any surface can fill.
//!
//! Format and request options are read from it field by field through [`Fields`], which knows what
//! was asked for and so can name the nearest option to one that nobody asked for.

use crate::error::{Error, ErrorKind, Result};

/// An option's value: what JSON can hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Setting {
    /// Absent, `null` or `undefined`: the default holds.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number; NaN where JSON text or a query holds one that is not whole.
    Number(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Setting>),
    /// Members in the order of the source.
    Map(Vec<(String, Setting)>),
}

impl Setting {
    fn noun(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "an object",
        }
    }
}

/// Where options come from, which decides how they are spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// camelCase, as in JavaScript.
    JavaScript,
    /// `snake_case`, as in HTTP and in templates.
    Http,
    /// `snake_case`, and every value is text, as in a query string.
    Query,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    Options,
    Template,
}

/// The members of one block of options, taken out by name.
pub struct Fields<'a> {
    path: String,
    members: &'a [(String, Setting)],
    known: Vec<String>,
    internal: Vec<String>,
    surface: Surface,
    owner: Owner,
}

impl<'a> Fields<'a> {
    /// The members of the outermost block.
    pub(crate) fn new(setting: &'a Setting, surface: Surface) -> Result<Self> {
        Self::open(setting, String::new(), surface, Owner::Options)
    }

    fn open(setting: &'a Setting, path: String, surface: Surface, owner: Owner) -> Result<Self> {
        let members: &[_] = match setting {
            Setting::Null => &[],
            Setting::Map(members) => members,
            other => {
                let path = if path.is_empty() { "options" } else { &path };
                return Err(mistyped(path, "an object", other));
            }
        };
        Ok(Self {
            path,
            members,
            known: Vec::new(),
            internal: Vec::new(),
            surface,
            owner,
        })
    }

    /// The full name of a member, as the user writes it.
    pub(crate) fn path(&self, name: &str) -> String {
        let name = self.spelled(name);
        if self.path.is_empty() {
            name
        } else {
            format!("{}.{name}", self.path)
        }
    }

    fn spelled(&self, name: &str) -> String {
        match self.surface {
            Surface::JavaScript if self.owner == Owner::Options => camel_case(name),
            _ => name.into(),
        }
    }

    /// A member by its `snake_case` name, unless it is absent or null. Of members that stand twice
    /// the last one holds, as in JavaScript.
    pub(crate) fn get(&mut self, name: &str) -> Option<&'a Setting> {
        let name = self.spelled(name);
        let value = self.members.iter().rev().find(|(key, _)| *key == name);
        if !self.known.contains(&name) {
            self.known.push(name);
        }
        value
            .map(|(_, value)| value)
            .filter(|value| **value != Setting::Null)
    }

    /// Options that only the package itself sends, not named where options are listed.
    pub(crate) fn internal<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let listed = self.known.len();
        let value = read(self)?;
        let names = self.known.drain(listed..);
        self.internal.extend(names);
        Ok(value)
    }

    /// A block of options, empty where it is absent.
    pub(crate) fn block(&mut self, name: &str) -> Result<Fields<'a>> {
        self.inner(name, Owner::Options)
    }

    /// A template, whose members are `snake_case` everywhere.
    pub(crate) fn template(&mut self, name: &str) -> Result<Option<Fields<'a>>> {
        let given = self.get(name).is_some();
        let fields = self.inner(name, Owner::Template)?;
        Ok(given.then_some(fields))
    }

    fn inner(&mut self, name: &str, owner: Owner) -> Result<Fields<'a>> {
        let path = self.path(name);
        let setting = self.get(name).unwrap_or(&Setting::Null);
        Self::open(setting, path, self.surface, owner)
    }

    /// A member of a list, by its number, as a block of its own.
    pub(crate) fn item(&self, name: &str, number: usize, item: &'a Setting) -> Result<Fields<'a>> {
        let path = format!("{}[{number}]", self.path(name));
        Self::open(item, path, self.surface, self.owner)
    }

    pub(crate) fn text(&mut self, name: &str) -> Result<Option<&'a str>> {
        match self.get(name) {
            None => Ok(None),
            Some(Setting::Text(text)) => Ok(Some(text)),
            Some(other) => Err(mistyped(&self.path(name), "text", other)),
        }
    }

    pub(crate) fn bool(&mut self, name: &str, default: bool) -> Result<bool> {
        match (self.get(name), self.surface) {
            (None, _) => Ok(default),
            (Some(Setting::Bool(value)), _) => Ok(*value),
            (Some(Setting::Text(text)), Surface::Query) if text == "true" => Ok(true),
            (Some(Setting::Text(text)), Surface::Query) if text == "false" => Ok(false),
            (Some(other), _) => Err(mistyped(&self.path(name), "true or false", other)),
        }
    }

    /// A whole number from `least` to `most`.
    pub(crate) fn whole(&mut self, name: &str, least: u64, most: u64) -> Result<Option<u64>> {
        let wanted = format!("a whole number from {least} to {most}");
        let number = match (self.get(name), self.surface) {
            (None, _) => return Ok(None),
            (Some(Setting::Number(number)), _) => *number,
            (Some(Setting::Text(text)), Surface::Query) => whole_number(text),
            (Some(other), _) => return Err(mistyped(&self.path(name), &wanted, other)),
        };
        if number.fract() == 0.0 && number >= least as f64 && number <= most as f64 {
            Ok(Some(number as u64))
        } else {
            Err(Error::invalid_option(
                self.path(name),
                format!("takes {wanted}"),
            ))
        }
    }

    /// One ASCII character that is neither a line break nor a control character other than tab.
    pub(crate) fn ascii(&mut self, name: &str, default: u8) -> Result<u8> {
        match self.text(name)?.map(str::as_bytes) {
            None => Ok(default),
            Some(&[byte]) if byte == b'\t' || (0x20..0x7F).contains(&byte) => Ok(byte),
            Some(_) => Err(Error::invalid_option(
                self.path(name),
                "takes one printable ASCII character or a tab",
            )),
        }
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy>(
        &mut self,
        name: &str,
        choices: &[(&str, T)],
        default: T,
    ) -> Result<T> {
        let Some(text) = self.text(name)? else {
            return Ok(default);
        };
        choices
            .iter()
            .find(|(word, _)| *word == text)
            .map(|(_, value)| *value)
            .ok_or_else(|| {
                let words: Vec<_> = choices
                    .iter()
                    .map(|(word, _)| format!("`{}`", printable(word)))
                    .collect();
                let reason = format!(
                    "takes one of {}, not `{}`",
                    words.join(", "),
                    printable(text)
                );
                Error::invalid_option(self.path(name), reason)
            })
    }

    /// Refuses every member that nobody asked for.
    pub(crate) fn finish(self) -> Result<()> {
        let unknown = self
            .members
            .iter()
            .find(|(key, _)| !self.known.contains(key) && !self.internal.contains(key));
        let Some((name, _)) = unknown else {
            return Ok(());
        };
        let nearest = nearest(name, self.known.iter().map(String::as_str)).map(Into::into);
        Err(Error::new(match self.owner {
            Owner::Options => ErrorKind::UnknownOption {
                path: if self.path.is_empty() {
                    name.clone()
                } else {
                    format!("{}.{name}", self.path)
                },
                nearest,
                known: self.known,
            },
            Owner::Template => ErrorKind::UnknownTemplateField {
                name: name.clone(),
                nearest,
                known: self.known,
            },
        }))
    }
}

pub(crate) fn mistyped(path: &str, wanted: &str, found: &Setting) -> Error {
    Error::invalid_option(path, format!("takes {wanted}, not {}", found.noun()))
}

/// The name nearest to one that is not known, unless all are too far off to have been meant.
pub(crate) fn nearest<'a>(name: &str, mut known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    nearest_of(name, &mut known)
}

/// One function for all kinds of iterators, so that the build for browsers holds it once.
fn nearest_of<'a>(name: &str, known: &mut dyn Iterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |name: &str| name.replace(['_', '-', ' '], "").to_ascii_lowercase();
    let wanted = plain(name);
    known
        .map(|candidate| (strsim::osa_distance(&plain(candidate), &wanted), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len().max(3) / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The number that the text of a whole number stands for. No option takes another, and without
/// their parser the build for browsers is smaller.
pub(crate) fn whole_number(text: &str) -> f64 {
    text.parse::<i64>().map_or(f64::NAN, |number| number as f64)
}

/// Text in a message, with line breaks and tabs made visible.
fn printable(text: &str) -> String {
    text.replace('\r', "\\r")
        .replace('\n', "\\n")
        .replace('\t', "\\t")
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        camel.push_str(&first.to_ascii_uppercase());
        camel.push_str(rest);
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(members: &[(String, Setting)], surface: Surface) -> Fields<'_> {
        Fields {
            path: String::new(),
            members,
            known: Vec::new(),
            internal: Vec::new(),
            surface,
            owner: Owner::Options,
        }
    }

    #[test]
    fn an_unknown_member_names_the_nearest() {
        let members = [("delimeter".to_owned(), Setting::Text(";".into()))];
        let mut fields = fields(&members, Surface::Http);
        fields.ascii("delimiter", b',').unwrap();
        let error = fields.finish().unwrap_err();
        assert_eq!(error.code(), "unknown_option");
        assert_eq!(error.hint().unwrap(), "Did you mean `delimiter`?");
    }

    #[test]
    fn javascript_spells_in_camel_case() {
        let members = [("quoteStyle".to_owned(), Setting::Text("always".into()))];
        let mut fields = fields(&members, Surface::JavaScript);
        assert_eq!(fields.text("quote_style").unwrap(), Some("always"));
        assert!(fields.finish().is_ok());
    }

    #[test]
    fn a_wrong_type_says_what_is_taken() {
        let members = [("bom".to_owned(), Setting::Text("true".into()))];
        let error = fields(&members, Surface::Http)
            .bool("bom", false)
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "Option `bom` takes true or false, not text."
        );
        assert!(fields(&members, Surface::Query).bool("bom", false).unwrap());
    }
}
