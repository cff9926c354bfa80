//! Options as they come in, before they are checked: a small tree that any surface can fill.
//!
//! Format and request options are read from it field by field through [`Fields`], which knows what
//! was asked for and so can name the nearest option to one that nobody asked for.

mod value;

pub use value::Setting;

use std::fmt;

use crate::error::{Error, ErrorKind, Result};

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

/// The most characters of a text that is written for each cell, or for each time that it is referred to:
/// without a bound a small request could make a file that no memory holds.
pub(crate) const SHORT: usize = 255;

/// The members of one block of options, taken out by name.
///
/// A block may be laid [over](Self::over) the same block of a template or a preset, whose members
/// hold where its own are silent.
pub struct Fields<'a> {
    own: Layer<'a>,
    /// Each beats those behind it.
    weaker: Vec<Layer<'a>>,
    /// In `snake_case`.
    known: Vec<&'static str>,
    internal: Vec<&'static str>,
}

/// The members that one author gave to a block.
struct Layer<'a> {
    /// Where the block stands. It goes into messages, and so stays empty in a build that has none.
    path: String,
    /// Whose members these are, where the path does not tell; goes behind a member's name.
    whose: String,
    members: &'a [(String, Setting)],
    surface: Surface,
    owner: Owner,
}

impl<'a> Layer<'a> {
    fn open(
        setting: &'a Setting,
        path: String,
        whose: String,
        surface: Surface,
        owner: Owner,
    ) -> Result<Self> {
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
            whose,
            members,
            surface,
            owner,
        })
    }

    /// A member by its `snake_case` name. Of members that stand twice the last one holds, as in
    /// JavaScript.
    fn find(&self, name: &str) -> Option<&'a Setting> {
        let mut members = self.members.iter().rev();
        let found = members.find(|(key, _)| self.spells(key, name));
        found
            .map(|(_, value)| value)
            .filter(|value| **value != Setting::Null)
    }

    fn is_camel_case(&self) -> bool {
        self.surface == Surface::JavaScript && self.owner == Owner::Options
    }

    /// Whether a key here is a `snake_case` name.
    fn spells(&self, key: &str, name: &str) -> bool {
        match self.is_camel_case() {
            true => key.bytes().eq(camel_case(name)),
            false => key == name,
        }
    }

    /// A `snake_case` name as it is spelled here.
    fn spelled(&self, name: &str) -> String {
        match self.is_camel_case() {
            true => camel_case(name).map(char::from).collect(),
            false => name.into(),
        }
    }

    /// The path of a member, given as it is spelled here.
    fn place(&self, name: &str) -> String {
        if cfg!(not(feature = "full")) {
            return String::new();
        }
        let dot = if self.path.is_empty() { "" } else { "." };
        [&self.path, dot, name].concat()
    }

    /// A member's path, and whose it is.
    fn full(&self, name: &str) -> String {
        if cfg!(not(feature = "full")) {
            return String::new();
        }
        self.place(name) + &self.whose
    }

    /// A value below this block as a block of its own.
    fn inner(&self, name: &str, setting: &'a Setting) -> Result<Self> {
        let (path, whose) = (self.place(name), self.whose.clone());
        Self::open(setting, path, whose, self.surface, self.owner)
    }

    fn block(&self, name: &str) -> Result<Self> {
        let setting = self.find(name).unwrap_or(&Setting::Null);
        let name = match cfg!(feature = "full") {
            true => self.spelled(name),
            false => String::new(),
        };
        self.inner(&name, setting)
    }
}

impl<'a> Fields<'a> {
    /// The members of the outermost block.
    pub(crate) fn new(setting: &'a Setting, surface: Surface) -> Result<Self> {
        Layer::open(
            setting,
            String::new(),
            String::new(),
            surface,
            Owner::Options,
        )
        .map(Self::of)
    }

    /// A preset or a template that has no place in the options, since it came by its name. `what` it
    /// is stands in messages.
    pub(crate) fn named(setting: &'a Setting, what: &str, name: &str) -> Result<Self> {
        let whose = match cfg!(feature = "full") {
            true => format!(" of {what} {name}"),
            false => String::new(),
        };
        let surface = Surface::Http;
        Layer::open(setting, String::new(), whose, surface, Owner::Template).map(Self::of)
    }

    fn of(layer: Layer<'a>) -> Self {
        Self {
            own: layer,
            weaker: Vec::new(),
            known: Vec::new(),
            internal: Vec::new(),
        }
    }

    /// Puts the members of another block behind those of this one.
    pub(crate) fn over(mut self, weaker: Self) -> Self {
        self.weaker.push(weaker.own);
        self.weaker.extend(weaker.weaker);
        self
    }

    /// The layer whose value for a member holds; where none has one, the strongest.
    fn layer(&self, name: &str) -> &Layer<'a> {
        let mut layers = std::iter::once(&self.own).chain(&self.weaker);
        let holds = layers.find(|layer| layer.find(name).is_some());
        holds.unwrap_or(&self.own)
    }

    /// The full name of a member, as the user writes it, where its value stands.
    pub(crate) fn path(&self, name: &str) -> String {
        if cfg!(not(feature = "full")) {
            return String::new();
        }
        let layer = self.layer(name);
        layer.full(&layer.spelled(name))
    }

    /// Values may be words for what they mean, as in a query.
    fn takes_words(&self, name: &str) -> bool {
        self.layer(name).surface == Surface::Query
    }

    /// A member by its `snake_case` name, unless it is absent or null.
    pub(crate) fn get(&mut self, name: &'static str) -> Option<&'a Setting> {
        if !self.known.contains(&name) {
            self.known.push(name);
        }
        self.layer(name).find(name)
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
    pub(crate) fn block(&mut self, name: &'static str) -> Result<Fields<'a>> {
        self.get(name);
        let mut fields = Self::of(self.own.block(name)?);
        for layer in &self.weaker {
            fields.weaker.push(layer.block(name)?);
        }
        Ok(fields)
    }

    /// A template, whose members are `snake_case` everywhere and no words for what they mean.
    pub(crate) fn template(&mut self, name: &'static str) -> Result<Fields<'a>> {
        let mut fields = self.block(name)?;
        fields.own.surface = Surface::Http;
        fields.own.owner = Owner::Template;
        Ok(fields)
    }

    /// A member of a list, by its number, as a block of its own.
    pub(crate) fn item(&self, name: &str, number: usize, item: &'a Setting) -> Result<Fields<'a>> {
        let layer = self.layer(name);
        let name = match cfg!(feature = "full") {
            true => format!("{}[{number}]", layer.spelled(name)),
            false => String::new(),
        };
        layer.inner(&name, item).map(Self::of)
    }

    pub(crate) fn text(&mut self, name: &'static str) -> Result<Option<&'a str>> {
        match self.get(name) {
            None => Ok(None),
            Some(Setting::Text(text)) => Ok(Some(text)),
            Some(other) => Err(self.mistyped(name, "text", other)),
        }
    }

    /// Text that may be written many times over, and so is no longer than any sane one.
    pub(crate) fn short_text(&mut self, name: &'static str) -> Result<Option<&'a str>> {
        match self.text(name)? {
            Some(text) if text.chars().count() > SHORT => {
                Err(self.invalid(name, "takes up to 255 characters"))
            }
            text => Ok(text),
        }
    }

    pub(crate) fn bool(&mut self, name: &'static str, default: bool) -> Result<bool> {
        match (self.get(name), self.takes_words(name)) {
            (None, _) => Ok(default),
            (Some(Setting::Bool(value)), _) => Ok(*value),
            (Some(Setting::Text(text)), true) if text == "true" => Ok(true),
            (Some(Setting::Text(text)), true) if text == "false" => Ok(false),
            (Some(other), _) => Err(self.mistyped(name, "true or false", other)),
        }
    }

    /// A whole number from `least` to `most`.
    pub(crate) fn whole(
        &mut self,
        name: &'static str,
        least: u64,
        most: u64,
    ) -> Result<Option<u64>> {
        let wanted = format_args!("a whole number from {least} to {most}");
        let number = match (self.get(name), self.takes_words(name)) {
            (None, _) => return Ok(None),
            (Some(Setting::Number(number)), _) => *number,
            (Some(Setting::Digits(digits)), _) if cfg!(feature = "full") => whole_number(digits),
            (Some(Setting::Text(text)), true) => whole_number(text),
            (Some(other), _) => return Err(self.mistyped(name, wanted, other)),
        };
        if number.fract() == 0.0 && number >= least as f64 && number <= most as f64 {
            Ok(Some(number as u64))
        } else {
            Err(self.invalid(name, format_args!("takes {wanted}")))
        }
    }

    /// One ASCII character that is neither a line break nor a control character other than tab.
    pub(crate) fn ascii(&mut self, name: &'static str, default: u8) -> Result<u8> {
        match self.text(name)?.map(str::as_bytes) {
            None => Ok(default),
            Some(&[byte]) if byte == b'\t' || (0x20..0x7F).contains(&byte) => Ok(byte),
            Some(_) => Err(self.invalid(name, "takes one printable ASCII character or a tab")),
        }
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy>(
        &mut self,
        name: &'static str,
        choices: &[(&str, T)],
        default: T,
    ) -> Result<T> {
        let Some(text) = self.text(name)? else {
            return Ok(default);
        };
        match choices.iter().find(|(word, _)| *word == text) {
            Some((_, value)) => Ok(*value),
            None => Err(self.no_choice(name, text, &mut choices.iter().map(|(word, _)| *word))),
        }
    }

    fn no_choice(&self, name: &str, text: &str, words: &mut dyn Iterator<Item = &str>) -> Error {
        if cfg!(not(feature = "full")) {
            return Error::not_built(name);
        }
        let words: Vec<_> = words.map(|word| format!("`{}`", printable(word))).collect();
        let (words, text) = (words.join(", "), printable(text));
        self.invalid(name, format_args!("takes one of {words}, not `{text}`"))
    }

    /// The error for a member whose value cannot be taken.
    pub(crate) fn invalid(&self, name: &str, reason: impl fmt::Display) -> Error {
        Error::invalid_option(self.path(name), reason)
    }

    /// The error for a member of the wrong type.
    pub(crate) fn mistyped(&self, name: &str, wanted: impl fmt::Display, found: &Setting) -> Error {
        mistyped(self.path(name), wanted, found)
    }

    /// Refuses every member that nobody asked for.
    pub(crate) fn finish(self) -> Result<()> {
        for layer in std::iter::once(&self.own).chain(&self.weaker) {
            let asked_for = |key: &String| {
                let mut names = self.known.iter().chain(&self.internal);
                names.any(|name| layer.spells(key, name))
            };
            let unknown = layer.members.iter().find(|(key, _)| !asked_for(key));
            if let Some((name, _)) = unknown {
                if cfg!(not(feature = "full")) {
                    return Err(Error::not_built(name));
                }
                let known = self.known.iter().map(|name| layer.spelled(name));
                return Err(layer.unknown(name, known.collect()));
            }
        }
        Ok(())
    }
}

impl Layer<'_> {
    #[cold]
    fn unknown(&self, name: &str, known: Vec<String>) -> Error {
        let nearest = nearest(name, known.iter().map(String::as_str)).map(Into::into);
        let path = self.full(name);
        Error::new(match self.owner {
            Owner::Options => ErrorKind::UnknownOption {
                path,
                nearest,
                known,
            },
            // The message says already that it is about a template.
            Owner::Template => ErrorKind::UnknownTemplateField {
                name: path.strip_prefix("template.").unwrap_or(&path).into(),
                nearest,
                known,
            },
        })
    }
}

/// The error for a value of the wrong type.
pub(crate) fn mistyped(
    path: impl Into<String>,
    wanted: impl fmt::Display,
    found: &Setting,
) -> Error {
    Error::invalid_option(path, format_args!("takes {wanted}, not {}", found.noun()))
}

/// The name nearest to one that is not known, unless all are too far off to have been meant.
pub fn nearest<'a>(name: &str, mut known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    nearest_of(name, &mut known)
}

/// One function for all kinds of iterators, so that the build for browsers holds it once.
fn nearest_of<'a>(name: &str, known: &mut dyn Iterator<Item = &'a str>) -> Option<&'a str> {
    if cfg!(not(feature = "full")) {
        return None;
    }
    let plain = |name: &str| name.replace(['_', '-', ' '], "").to_ascii_lowercase();
    // No name is nearly so long, and the time grows with both lengths.
    let wanted = Some(name).filter(|name| name.len() <= SHORT).map(plain)?;
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

/// The bytes of a `snake_case` name in camelCase.
fn camel_case(name: &str) -> impl Iterator<Item = u8> {
    let mut begins_word = false;
    name.bytes().filter_map(move |byte| {
        let upper = std::mem::replace(&mut begins_word, byte == b'_');
        match byte {
            b'_' => None,
            _ if upper => Some(byte.to_ascii_uppercase()),
            _ => Some(byte),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(members: &[(String, Setting)], surface: Surface) -> Fields<'_> {
        layered(members, surface, "", Owner::Options)
    }

    fn layered<'a>(
        members: &'a [(String, Setting)],
        surface: Surface,
        path: &str,
        owner: Owner,
    ) -> Fields<'a> {
        Fields::of(Layer {
            path: path.into(),
            whose: String::new(),
            members,
            surface,
            owner,
        })
    }

    #[test]
    fn a_stronger_layer_hides_a_weaker_one_unless_it_is_silent() {
        let text = |name: &str, value: &str| (name.to_owned(), Setting::Text(value.into()));
        let own = [
            text("nullText", "-"),
            ("trueText".to_owned(), Setting::Null),
        ];
        let template = [text("null_text", "NULL"), text("true_text", "yes")];
        let mut fields = fields(&own, Surface::JavaScript).over(layered(
            &template,
            Surface::Http,
            "template.csv",
            Owner::Template,
        ));
        assert_eq!(fields.text("null_text").unwrap(), Some("-"));
        assert_eq!(fields.text("true_text").unwrap(), Some("yes"));
        assert_eq!(fields.path("null_text"), "nullText");
        assert_eq!(fields.path("true_text"), "template.csv.true_text");
        assert_eq!(fields.path("false_text"), "falseText");
        assert!(fields.finish().is_ok());
    }

    #[test]
    fn a_bad_value_is_named_where_it_stands_and_words_hold_in_a_query_only() {
        let template = [("bom".to_owned(), Setting::Text("true".into()))];
        let error = fields(&[], Surface::Query)
            .over(layered(
                &template,
                Surface::Http,
                "template.csv",
                Owner::Template,
            ))
            .bool("bom", false)
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "Option `template.csv.bom` takes true or false, not text."
        );
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
