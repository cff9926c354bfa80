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
    known: Vec<String>,
    internal: Vec<String>,
}

/// The members that one author gave to a block.
struct Layer<'a> {
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
        let name = self.spelled(name);
        let found = self.members.iter().rev().find(|(key, _)| *key == name);
        found
            .map(|(_, value)| value)
            .filter(|value| **value != Setting::Null)
    }

    fn spelled(&self, name: &str) -> String {
        match self.surface {
            Surface::JavaScript if self.owner == Owner::Options => camel_case(name),
            _ => name.into(),
        }
    }

    /// The path of a member, given as it is spelled here.
    fn place(&self, name: &str) -> String {
        let dot = if self.path.is_empty() { "" } else { "." };
        [&self.path, dot, name].concat()
    }

    /// A member's path, and whose it is.
    fn full(&self, name: &str) -> String {
        self.place(name) + &self.whose
    }

    /// A value below this block as a block of its own.
    fn inner(&self, name: &str, setting: &'a Setting) -> Result<Self> {
        let (path, whose) = (self.place(name), self.whose.clone());
        Self::open(setting, path, whose, self.surface, self.owner)
    }

    fn block(&self, name: &str) -> Result<Self> {
        let setting = self.find(name).unwrap_or(&Setting::Null);
        self.inner(&self.spelled(name), setting)
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

    /// A preset or a template that has no place in the options, since it came by its name.
    pub(crate) fn named(setting: &'a Setting, whose: String) -> Result<Self> {
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
        let layer = self.layer(name);
        layer.full(&layer.spelled(name))
    }

    /// Values may be words for what they mean, as in a query.
    fn takes_words(&self, name: &str) -> bool {
        self.layer(name).surface == Surface::Query
    }

    /// A member by its `snake_case` name, unless it is absent or null.
    pub(crate) fn get(&mut self, name: &str) -> Option<&'a Setting> {
        if !self.known.iter().any(|known| known == name) {
            self.known.push(name.into());
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
    pub(crate) fn block(&mut self, name: &str) -> Result<Fields<'a>> {
        self.get(name);
        let mut fields = Self::of(self.own.block(name)?);
        for layer in &self.weaker {
            fields.weaker.push(layer.block(name)?);
        }
        Ok(fields)
    }

    /// A template, whose members are `snake_case` everywhere and no words for what they mean.
    pub(crate) fn template(&mut self, name: &str) -> Result<Fields<'a>> {
        let mut fields = self.block(name)?;
        fields.own.surface = Surface::Http;
        fields.own.owner = Owner::Template;
        Ok(fields)
    }

    /// A member of a list, by its number, as a block of its own.
    pub(crate) fn item(&self, name: &str, number: usize, item: &'a Setting) -> Result<Fields<'a>> {
        let layer = self.layer(name);
        let name = format!("{}[{number}]", layer.spelled(name));
        layer.inner(&name, item).map(Self::of)
    }

    pub(crate) fn text(&mut self, name: &str) -> Result<Option<&'a str>> {
        match self.get(name) {
            None => Ok(None),
            Some(Setting::Text(text)) => Ok(Some(text)),
            Some(other) => Err(mistyped(&self.path(name), "text", other)),
        }
    }

    /// Text that may be written many times over, and so is no longer than any sane one.
    pub(crate) fn short_text(&mut self, name: &str) -> Result<Option<&'a str>> {
        match self.text(name)? {
            Some(text) if text.chars().count() > SHORT => Err(Error::invalid_option(
                self.path(name),
                "takes up to 255 characters",
            )),
            text => Ok(text),
        }
    }

    pub(crate) fn bool(&mut self, name: &str, default: bool) -> Result<bool> {
        match (self.get(name), self.takes_words(name)) {
            (None, _) => Ok(default),
            (Some(Setting::Bool(value)), _) => Ok(*value),
            (Some(Setting::Text(text)), true) if text == "true" => Ok(true),
            (Some(Setting::Text(text)), true) if text == "false" => Ok(false),
            (Some(other), _) => Err(mistyped(&self.path(name), "true or false", other)),
        }
    }

    /// A whole number from `least` to `most`.
    pub(crate) fn whole(&mut self, name: &str, least: u64, most: u64) -> Result<Option<u64>> {
        let wanted = || format!("a whole number from {least} to {most}");
        let number = match (self.get(name), self.takes_words(name)) {
            (None, _) => return Ok(None),
            (Some(Setting::Number(number)), _) => *number,
            (Some(Setting::Text(text)), true) => whole_number(text),
            (Some(other), _) => return Err(mistyped(&self.path(name), &wanted(), other)),
        };
        if number.fract() == 0.0 && number >= least as f64 && number <= most as f64 {
            Ok(Some(number as u64))
        } else {
            Err(Error::invalid_option(
                self.path(name),
                format!("takes {}", wanted()),
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
        let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
        let chosen = self.word(name, &words)?.and_then(|at| choices.get(at));
        Ok(chosen.map_or(default, |(_, value)| *value))
    }

    /// Which of a few words it is.
    fn word(&mut self, name: &str, words: &[&str]) -> Result<Option<usize>> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let place = words.iter().position(|word| *word == text);
        if place.is_some() {
            return Ok(place);
        }
        if cfg!(not(feature = "full")) {
            return Err(Error::not_built(name));
        }
        let words: Vec<_> = words
            .iter()
            .map(|word| format!("`{}`", printable(word)))
            .collect();
        let reason = format!(
            "takes one of {}, not `{}`",
            words.join(", "),
            printable(text)
        );
        Err(Error::invalid_option(self.path(name), reason))
    }

    /// Refuses every member that nobody asked for.
    pub(crate) fn finish(self) -> Result<()> {
        for layer in std::iter::once(&self.own).chain(&self.weaker) {
            let asked_for = |key: &String| {
                let mut names = self.known.iter().chain(&self.internal);
                names.any(|name| layer.spelled(name) == *key)
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

pub(crate) fn mistyped(path: &str, wanted: &str, found: &Setting) -> Error {
    Error::invalid_option(path, format!("takes {wanted}, not {}", found.noun()))
}

/// The name nearest to one that is not known, unless all are too far off to have been meant.
pub(crate) fn nearest<'a>(name: &str, mut known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
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
