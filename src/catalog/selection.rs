//! What a request chooses: its filters and switches, checked against the definition.

use std::cmp::Ordering;
use std::fmt::Display;

use super::{Field, FieldType, Filter, FilterTest, Resource, Switch};
use crate::error::{Error, ErrorKind, Result};
use crate::settings::{Setting, Surface, nearest};
use crate::text::{date, decimal, json};

/// The most characters of a value.
const MOST_CHARACTERS: usize = 255;

/// What was chosen.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Selection {
    /// What records have to meet, all of it, in the order of the definition's filters.
    pub conditions: Vec<Condition>,
    /// How many records there may be at most, of those that meet the conditions: the path of the array, empty for
    /// the records of a table type, and their number.
    pub limits: Vec<(Vec<String>, u64)>,
    /// The paths of fields that switches leave out.
    pub left_out: Vec<Vec<String>>,
    /// What was given, by name, in the order of the definition: lists as lists, and numbers and booleans as such
    /// also where they came as text. Selecting it again gives the same.
    pub given: Setting,
}

/// What a record has to meet.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Condition {
    /// The filter that asks for it.
    pub filter: String,
    /// The path of the records; empty for the records of a table type.
    pub record_path: Vec<String>,
    /// The names of the fields in the record: one, or for [`FilterTest::IsNull`] any number.
    pub fields: Vec<String>,
    /// When it is met.
    pub test: FilterTest,
    /// What the field is compared with: one value, several for [`FilterTest::OneOf`] and
    /// [`FilterTest::AnyOf`], none for [`FilterTest::IsNull`]. A moment that is finer than a millisecond is
    /// rounded there so that it chooses the same of whole milliseconds, or for [`FilterTest::Equals`] no fewer.
    pub values: Vec<Operand>,
    /// Such a moment as it was given: milliseconds, and the digits of what is finer.
    pub(crate) finer: Option<(i64, Vec<u8>)>,
}

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operand {
    /// A text.
    Text(String),
    /// A number as JSON writes it.
    Number(String),
    /// `true` or `false`.
    Bool(bool),
    /// A moment, in milliseconds since 1970-01-01T00:00:00Z.
    Moment(i64),
}

impl Resource {
    /// Checks what a request gives to filters and switches, by their names, which are spelled as in the definition
    /// wherever they come from. Values may be text for every type; a query gives several separated by commas.
    ///
    /// ```
    /// use tablecast::{Operand, Resource, Setting, Surface};
    ///
    /// let evaluations = Resource::find("governance_evaluations")?;
    /// let filters = Setting::from_json(br#"{"verdict": "block", "unresolved_only": true}"#)?;
    /// let selection = evaluations.select(&filters, Surface::Http)?;
    /// assert_eq!(selection.conditions[0].values, [Operand::Text("block".into())]);
    /// assert_eq!(selection.conditions[1].fields, ["resolved_at"]);
    ///
    /// let filters = Setting::from_json(br#"{"verdict": "blok"}"#)?;
    /// let error = evaluations.select(&filters, Surface::Http).unwrap_err();
    /// assert_eq!(error.code(), "invalid_option");
    /// # Ok::<_, tablecast::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `unknown_option`, `invalid_option` and `contradictory_options`, with the path `filters.verdict`, or in a
    /// query with the name alone.
    pub fn select(&self, filters: &Setting, surface: Surface) -> Result<Selection> {
        let members: &[_] = match filters {
            Setting::Null => &[],
            Setting::Map(members) => members,
            other => {
                let reason = format_args!(
                    "takes an object of filters by their names, not {}",
                    other.noun()
                );
                return Err(Error::invalid_option("filters", reason));
            }
        };
        for (name, _) in members {
            if self.filter(name).is_none() && self.switch(name).is_none() {
                return Err(self.unknown(name, surface));
            }
        }
        let mut selection = Selection::default();
        let mut given = Vec::new();
        for filter in &self.filters {
            if let Some(value) = filters.get(&filter.name) {
                let asked = Asked::of(&filter.name, value, surface);
                let kept = self.filtered(filter, &asked, &mut selection)?;
                given.push((filter.name.clone(), kept));
            }
        }
        for switch in &self.switches {
            let on = match filters.get(&switch.name) {
                None => switch.default,
                Some(value) => {
                    let on = Asked::of(&switch.name, value, surface).bool()?;
                    given.push((switch.name.clone(), Setting::Bool(on)));
                    on
                }
            };
            if !on {
                selection.leave_out(switch);
            }
        }
        selection.check(surface)?;
        selection.given = Setting::Map(given);
        Ok(selection)
    }

    /// Adds what a filter asks for to a selection, and gives the values as they are kept.
    fn filtered(
        &self,
        filter: &Filter,
        asked: &Asked<'_>,
        selection: &mut Selection,
    ) -> Result<Setting> {
        let (values, kept) = match filter.test {
            FilterTest::Limit => {
                let limit = asked.limit()?;
                let path = filter.fields.first().cloned().unwrap_or_default();
                selection.limits.push((path, limit));
                return Ok(Setting::count(limit));
            }
            FilterTest::IsNull => match asked.bool()? {
                true => (Vec::new(), Setting::Bool(true)),
                // All records, null or not.
                false => return Ok(Setting::Bool(false)),
            },
            FilterTest::OneOf { most } | FilterTest::AnyOf { most } => {
                let items = asked.items(most)?;
                let mut values = Vec::new();
                let mut kept = Vec::new();
                for item in &items {
                    let (value, as_kept) = self.operand(filter, asked, item)?;
                    if !values.contains(&value) {
                        values.push(value);
                    }
                    kept.push(as_kept);
                }
                (values, Setting::List(kept))
            }
            _ => {
                let (value, kept) = self.operand(filter, asked, asked.value)?;
                (vec![value], kept)
            }
        };
        let finer = match (values.as_slice(), asked.value) {
            ([Operand::Moment(_)], Setting::Text(text)) => date::iso(text.as_bytes()),
            _ => None,
        };
        let finer = finer.filter(|(_, finer)| !finer.is_empty());
        let paths = filter.fields.iter().filter_map(|path| path.split_last());
        let record_path = paths.clone().next().map(|(_, before)| before.to_vec());
        selection.conditions.push(Condition {
            filter: filter.name.clone(),
            record_path: record_path.unwrap_or_default(),
            fields: paths.map(|(name, _)| name.clone()).collect(),
            test: filter.test,
            values,
            finer: finer.map(|(moment, finer)| (moment, finer.to_vec())),
        });
        Ok(kept)
    }

    /// A value as it is compared, and as it is kept.
    fn operand(
        &self,
        filter: &Filter,
        asked: &Asked<'_>,
        value: &Setting,
    ) -> Result<(Operand, Setting)> {
        let any_text = Field::of_any_text();
        let field = self.field_of(filter).unwrap_or(&any_text);
        match field.field_type {
            FieldType::Number | FieldType::Integer => {
                let number = asked.number(value, field.field_type == FieldType::Integer)?;
                Ok((Operand::Number(number.clone()), Setting::Digits(number)))
            }
            FieldType::Boolean => {
                let value = asked.bool_of(value)?;
                Ok((Operand::Bool(value), Setting::Bool(value)))
            }
            FieldType::Timestamp => {
                let up = matches!(filter.test, FilterTest::AtLeast | FilterTest::LessThan);
                let text = asked.text(value, "a date of ISO 8601")?;
                let moment = moment(text, up).ok_or_else(|| {
                    let forms =
                        "a date or a moment of ISO 8601, as `2026-01-31` or `2026-01-31T12:00:00Z`";
                    asked.invalid(format_args!("takes {forms}, not `{}`", shown(text)))
                })?;
                Ok((Operand::Moment(moment), Setting::Text(text.into())))
            }
            _ => {
                let text = asked.text(value, "text")?;
                asked.check_words(text, &field.values)?;
                Ok((Operand::Text(text.into()), Setting::Text(text.into())))
            }
        }
    }

    fn unknown(&self, name: &str, surface: Surface) -> Error {
        let filters = self.filters.iter().map(|filter| &filter.name);
        let switches = self.switches.iter().map(|switch| &switch.name);
        let known: Vec<_> = filters.chain(switches).cloned().collect();
        Error::new(ErrorKind::UnknownOption {
            path: path_of(name, surface),
            nearest: nearest(name, known.iter().map(String::as_str)).map(Into::into),
            known,
        })
    }
}

impl Selection {
    fn leave_out(&mut self, switch: &Switch) {
        for field in &switch.fields {
            if !self.left_out.contains(field) {
                self.left_out.push(field.clone());
            }
        }
    }

    /// Conditions that no record can meet are a mistake.
    fn check(&self, surface: Surface) -> Result<()> {
        for (number, first) in self.conditions.iter().enumerate() {
            for second in self.conditions.iter().skip(number + 1) {
                if let Some(reason) = first.excludes(second).or_else(|| second.excludes(first)) {
                    let first = path_of(&first.filter, surface);
                    let second = path_of(&second.filter, surface);
                    return Err(Error::contradiction(first, second, reason));
                }
            }
        }
        Ok(())
    }
}

impl Condition {
    /// Why no record can meet both.
    fn excludes(&self, other: &Self) -> Option<&'static str> {
        let shares = self.fields.iter().any(|field| other.fields.contains(field));
        if !shares || self.record_path != other.record_path {
            return None;
        }
        let order = self.order(other);
        match (self.test, other.test) {
            (FilterTest::IsNull, FilterTest::IsNull) => None,
            (FilterTest::IsNull, _) => Some("a field that is null has no such value"),
            (FilterTest::AtLeast, FilterTest::LessThan) => order
                .is_some_and(Ordering::is_ge)
                .then_some("nothing lies at or behind the one and before the other"),
            (FilterTest::AtLeast, FilterTest::AtMost) => order
                .is_some_and(Ordering::is_gt)
                .then_some("nothing lies between them"),
            _ => None,
        }
    }

    /// How the values of two conditions compare; `None` where they are no numbers or moments.
    fn order(&self, other: &Self) -> Option<Ordering> {
        match (self.values.first()?, other.values.first()?) {
            (Operand::Number(first), Operand::Number(second)) => {
                decimal::compare(first.as_bytes(), second.as_bytes())
            }
            _ => Some(self.moment()?.cmp(&other.moment()?)),
        }
    }

    /// The moment that is asked for, to its last digit.
    fn moment(&self) -> Option<(i64, &[u8])> {
        match (&self.finer, self.values.first()) {
            (Some((moment, finer)), _) => Some((*moment, finer)),
            (None, Some(Operand::Moment(moment))) => Some((*moment, &[])),
            _ => None,
        }
    }
}

impl Operand {
    /// The moment of a date, or of a date and a time, of ISO 8601: a date is its midnight, and what has no offset
    /// is UTC. Years have four digits. What is finer than a millisecond counts as the next one, so that comparing
    /// with whole milliseconds stays exact.
    ///
    /// ```
    /// use tablecast::Operand;
    ///
    /// assert_eq!(Operand::from_iso("1970-01-01T02:00:00.0001+02:00"), Some(Operand::Moment(1)));
    /// assert_eq!(Operand::from_iso("1970-01-02"), Some(Operand::Moment(86_400_000)));
    /// assert_eq!(Operand::from_iso("tomorrow"), None);
    /// ```
    pub fn from_iso(text: &str) -> Option<Self> {
        moment(text, true).map(Self::Moment)
    }
}

fn moment(text: &str, up: bool) -> Option<i64> {
    let (millis, finer) = date::iso(text.as_bytes())?;
    let moment = millis + i64::from(up && !finer.is_empty());
    (moment < date::END).then_some(moment)
}

impl Field {
    /// What a filter is taken for to look at that has lost its field.
    fn of_any_text() -> Self {
        Self {
            name: String::new(),
            column: String::new(),
            field_type: FieldType::String,
            nullable: false,
            optional: false,
            values: Vec::new(),
            file_column: None,
            description: String::new(),
        }
    }
}

/// How a filter is called in errors.
fn path_of(name: &str, surface: Surface) -> String {
    match surface {
        Surface::Query => name.into(),
        Surface::JavaScript | Surface::Http => ["filters.", name].concat(),
    }
}

/// Text in a message: cut where it is long.
fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(60).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
        .replace('\n', "\\n")
        .replace('\r', "\\r")
        .replace('\t', "\\t")
}

/// What was given to a filter or a switch.
struct Asked<'a> {
    name: &'a str,
    value: &'a Setting,
    surface: Surface,
}

impl<'a> Asked<'a> {
    fn of(name: &'a str, value: &'a Setting, surface: Surface) -> Self {
        Self {
            name,
            value,
            surface,
        }
    }

    fn invalid(&self, reason: impl Display) -> Error {
        Error::invalid_option(path_of(self.name, self.surface), reason)
    }

    fn mistyped(&self, wanted: &str, found: &Setting) -> Error {
        self.invalid(format_args!("takes {wanted}, not {}", found.noun()))
    }

    fn bool(&self) -> Result<bool> {
        self.bool_of(self.value)
    }

    fn bool_of(&self, value: &Setting) -> Result<bool> {
        match value {
            Setting::Bool(value) => Ok(*value),
            Setting::Text(text) if text == "true" => Ok(true),
            Setting::Text(text) if text == "false" => Ok(false),
            Setting::Text(text) => {
                Err(self.invalid(format_args!("takes true or false, not `{}`", shown(text))))
            }
            other => Err(self.mistyped("true or false", other)),
        }
    }

    /// A whole number from 1 on.
    fn limit(&self) -> Result<u64> {
        let count = match self.value {
            Setting::Text(text) => Setting::Digits(text.clone()).as_count(),
            other => other.as_count(),
        };
        let count = count.filter(|count| *count > 0);
        count.ok_or_else(|| self.invalid("takes a whole number from 1 on"))
    }

    /// The items of a list; in a query it may be one text with commas.
    fn items(&self, most: u64) -> Result<Vec<Setting>> {
        let items = match (self.value, self.surface) {
            (Setting::List(items), _) => items.clone(),
            (Setting::Text(text), Surface::Query) => {
                let items = text
                    .split(',')
                    .map(|item| Setting::Text(item.trim().into()));
                items.collect()
            }
            (other, _) => return Err(self.mistyped("a list", other)),
        };
        match items.len() as u64 {
            0 => Err(self.invalid("takes at least one value")),
            count if count > most => Err(self.invalid(format_args!("takes up to {most} values"))),
            _ => Ok(items),
        }
    }

    fn text<'v>(&self, value: &'v Setting, wanted: &str) -> Result<&'v str> {
        let Setting::Text(text) = value else {
            return Err(self.mistyped(wanted, value));
        };
        if text.is_empty() || text.chars().count() > MOST_CHARACTERS {
            let reason = format_args!("takes values of 1 to {MOST_CHARACTERS} characters");
            return Err(self.invalid(reason));
        }
        Ok(text)
    }

    /// A number as JSON writes it.
    fn number(&self, value: &Setting, is_whole: bool) -> Result<String> {
        let wanted = match is_whole {
            true => "a whole number",
            false => "a number",
        };
        let text = match value {
            Setting::Number(number) => number.to_string(),
            Setting::Digits(text) | Setting::Text(text) => text.clone(),
            other => return Err(self.mistyped(wanted, other)),
        };
        let fits = !is_whole
            || text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'-');
        if fits && text.len() <= MOST_CHARACTERS && json::is_number(text.as_bytes()) {
            return Ok(text);
        }
        Err(self.invalid(format_args!("takes {wanted}, not `{}`", shown(&text))))
    }

    /// Refuses what is none of the only values that there are.
    fn check_words(&self, text: &str, words: &[String]) -> Result<()> {
        if words.is_empty() || words.iter().any(|word| word == text) {
            return Ok(());
        }
        let all: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
        let all = all.join(", ");
        let text_shown = shown(text);
        Err(match nearest(text, words.iter().map(String::as_str)) {
            Some(nearest) => self.invalid(format_args!(
                "takes one of {all}, not `{text_shown}`; `{nearest}` is the nearest"
            )),
            None => self.invalid(format_args!("takes one of {all}, not `{text_shown}`")),
        })
    }
}
