//! Filters and switches.

use std::collections::BTreeSet;

use super::block::{Block, Problems, quoted};
use super::path::{Found, Paths, Target, split};
use crate::catalog::{Content, Field, FieldType, Filter, FilterTest, Items, Switch};
use crate::settings::Setting;
use crate::write::FORMATS;

/// How many values a filter takes where the definition does not say, and at most.
const MOST: u64 = 20;
const MOST_MOST: u64 = 1_000;

/// How many filters and switches there are at most, and how many paths in one of them.
const MOST_FILTERS: usize = 100;
const MOST_SWITCHES: usize = 32;
const MOST_PATHS: usize = 32;

/// What stands beside filters in a query.
const OPTIONS: [&str; 18] = [
    "columns",
    "envelope",
    "fallback",
    "filename",
    "filters",
    "flatten",
    "format",
    "input",
    "late_columns",
    "limits",
    "now",
    "preset",
    "resource",
    "resource_id",
    "strict",
    "template",
    "template_id",
    "time_zone",
];

const TESTS: [(&str, FilterTest); 8] = [
    ("equals", FilterTest::Equals),
    ("one_of", FilterTest::OneOf { most: MOST }),
    ("any_of", FilterTest::AnyOf { most: MOST }),
    ("at_least", FilterTest::AtLeast),
    ("at_most", FilterTest::AtMost),
    ("less_than", FilterTest::LessThan),
    ("is_null", FilterTest::IsNull),
    ("limit", FilterTest::Limit),
];

/// The filters and switches of a definition while they are read.
pub(super) struct Choices<'r, 'a, 'p> {
    pub(super) problems: &'p Problems,
    pub(super) paths: Paths<'r, 'a, 'p>,
    names: BTreeSet<String>,
    pub(super) filters: Vec<Filter>,
    pub(super) switches: Vec<Switch>,
}

impl<'r, 'a, 'p> Choices<'r, 'a, 'p> {
    pub(super) fn read(
        block: &mut Block<'a, 'p>,
        paths: Paths<'r, 'a, 'p>,
        problems: &'p Problems,
    ) -> Self {
        let mut choices = Self {
            problems,
            paths,
            names: BTreeSet::new(),
            filters: Vec::new(),
            switches: Vec::new(),
        };
        for (path, item) in choices.items(block, "filters", MOST_FILTERS) {
            if let Some(mut block) = Block::open(item, path, "A filter", problems) {
                let filter = choices.filter(&mut block);
                block.finish();
                choices.filters.extend(filter);
            }
        }
        for (path, item) in choices.items(block, "switches", MOST_SWITCHES) {
            if let Some(mut block) = Block::open(item, path, "A switch", problems) {
                let switch = choices.switch(&mut block);
                block.finish();
                choices.switches.extend(switch);
            }
        }
        choices
    }

    /// A list that may be empty, too.
    fn items(
        &self,
        block: &mut Block<'a, 'p>,
        name: &'static str,
        most: usize,
    ) -> Vec<(String, &'a Setting)> {
        match block.get(name) {
            Some(Setting::List(items)) if items.is_empty() => Vec::new(),
            _ => block.list(name, most).unwrap_or_default(),
        }
    }

    /// The name of a filter or a switch, which are given side by side.
    fn name(&mut self, block: &mut Block<'a, 'p>) -> Option<&'a str> {
        let name = block.name("name")?;
        let is_format = FORMATS.iter().any(|format| format.id == name);
        if is_format || OPTIONS.contains(&name) {
            let taken = format_args!(
                "`name` is not {}, which is an option of exports.",
                quoted(name)
            );
            block.problem("name", taken);
        } else if !self.names.insert(name.into()) {
            let twice = format_args!("There are two filters or switches {}.", quoted(name));
            block.problem("name", twice);
        }
        Some(name)
    }

    fn filter(&mut self, block: &mut Block<'a, 'p>) -> Option<Filter> {
        let name = self.name(block);
        let description = block.needed_text("description");
        let test = block.word("test", &TESTS);
        let most = block.whole("most", 1, MOST_MOST).unwrap_or(MOST);
        let test = match test {
            Some(FilterTest::OneOf { .. }) => Some(FilterTest::OneOf { most }),
            Some(FilterTest::AnyOf { .. }) => Some(FilterTest::AnyOf { most }),
            None => None,
            other => {
                block.idle("most", "the tests `one_of` and `any_of`");
                other
            }
        };
        let fields = self.filter_fields(block, test);
        Some(Filter {
            name: name?.into(),
            fields: fields?,
            test: test?,
            description: description.unwrap_or_default().into(),
        })
    }

    /// The paths of the fields that a filter looks at.
    fn filter_fields(
        &self,
        block: &mut Block<'a, 'p>,
        test: Option<FilterTest>,
    ) -> Option<Vec<Vec<String>>> {
        let several = block.get("fields");
        if test == Some(FilterTest::Limit) {
            block.idle("fields", "the test `is_null`");
            return self.limit(block);
        }
        if several.is_none() {
            let at = block.path_of("field");
            let path = split(block.needed_text("field")?, &at, self.problems)?;
            if let Some(target) = self.target(&path, &at, "`field`") {
                self.check_test(&target, test, &at);
            }
            return Some(vec![path]);
        }
        if test.is_some_and(|test| test != FilterTest::IsNull) {
            block.idle("fields", "the test `is_null`");
        }
        block.idle("field", "no `fields` beside it");
        let mut paths: Vec<Vec<String>> = Vec::new();
        for (at, text) in block.texts("fields", MOST_PATHS)? {
            let path = split(text, &at, self.problems)?;
            if let Some(target) = self.target(&path, &at, "It") {
                self.check_test(&target, test, &at);
            }
            if paths
                .first()
                .is_some_and(|first| before(first) != before(&path))
            {
                let message = "A filter looks at fields of one record.";
                self.problems.add(at, message);
            }
            paths.push(path);
        }
        Some(paths)
    }

    /// The path of the array whose length a filter limits.
    fn limit(&self, block: &mut Block<'a, 'p>) -> Option<Vec<Vec<String>>> {
        if self.paths.record.is_some() && block.get("field").is_none() {
            return Some(Vec::new());
        }
        let at = block.path_of("field");
        let path = split(block.needed_text("field")?, &at, self.problems)?;
        match self.paths.records_at(&path) {
            Found::Yes((_, true)) | Found::Unsure => {}
            Found::Yes(_) => {
                block.problem(
                    "field",
                    "`field` leads to one record, and no array of them.",
                );
            }
            Found::No(why) => {
                block.problem("field", format_args!("`field` leads nowhere: {why}."));
            }
        }
        Some(vec![path])
    }

    fn target(&self, path: &[String], at: &str, what: &str) -> Option<Target<'r>> {
        match self.paths.field_at(path) {
            Found::Yes(target) => Some(target),
            Found::No(why) => {
                let message = format_args!("{what} leads nowhere: {why}.");
                self.problems.add(at, message);
                None
            }
            Found::Unsure => None,
        }
    }

    /// Whether a field is one that a test can look at.
    fn check_test(&self, target: &Target<'_>, test: Option<FilterTest>, at: &str) {
        let Some(test) = test else {
            return;
        };
        let field = target.field;
        let name = quoted(&field.name);
        if !target.in_array {
            let message =
                format_args!("The record that holds {name} is in no array, so none is chosen.");
            self.problems.add(at, message);
        }
        if field.file_column.is_some() {
            let message =
                format_args!("{name} may lie in the object store, where no filter looks.");
            self.problems.add(at, message);
        } else if !fits(test, field) {
            let kind = field.field_type.name();
            let test = test.name();
            let message =
                format_args!("The test `{test}` does not go with {name}, of type `{kind}`.");
            self.problems.add(at, message);
        } else if test == FilterTest::IsNull && !field.nullable && !field.optional {
            let message = format_args!("{name} is never null.");
            self.problems.add(at, message);
        }
    }

    fn switch(&mut self, block: &mut Block<'a, 'p>) -> Option<Switch> {
        let name = self.name(block);
        let description = block.needed_text("description");
        let default = block.bool("default", true);
        block.needed("fields");
        let fields = block.texts("fields", MOST_PATHS);
        let mut paths = Vec::new();
        let mut places = Vec::new();
        for (at, text) in fields.iter().flatten() {
            if let Some(path) = split(text, at, self.problems) {
                paths.push(path);
                places.push(at);
            }
        }
        for (path, at) in paths.iter().zip(places) {
            if self.target(path, at, "It").is_some() {
                self.check_dropped(path, at, &paths);
            }
        }
        fields?;
        Some(Switch {
            name: name?.into(),
            fields: paths,
            default,
            description: description.unwrap_or_default().into(),
        })
    }

    /// What a filter looks at must stay, and what is counted as long as its count.
    fn check_dropped(&self, path: &[String], at: &str, together: &[Vec<String>]) {
        for filter in &self.filters {
            if filter.fields.iter().any(|field| field.starts_with(path)) {
                let filter = quoted(&filter.name);
                let message = format_args!("The filter {filter} looks at it, so it has to stay.");
                self.problems.add(at, message);
            }
        }
        let mut at_record = None;
        for length in 0..path.len() {
            let (before, behind) = path.split_at(length);
            let found = match (at_record, before.split_last()) {
                (Some(record), Some((name, _))) => {
                    let name = std::slice::from_ref(name);
                    self.paths.records.walk(record, name)
                }
                _ => self.paths.records_at(before),
            };
            let Found::Yes(record) = found else {
                continue;
            };
            at_record = Some(record);
            let (record, _) = record;
            for count in self.paths.records.counts_of(record, behind) {
                let is_dropped = together.iter().any(|dropped| {
                    let last = dropped.split_last();
                    last.is_some_and(|(name, rest)| name == count && rest == before)
                });
                if !is_dropped {
                    let count = quoted(count);
                    let message = format_args!("{count} counts what is in it: name both.");
                    self.problems.add(at, message);
                }
            }
        }
        let mut counts = self.paths.envelope.iter();
        let is_counted = counts.any(|member| match &member.content {
            Content::Count(of) => self.paths.record.is_none() && of.starts_with(path),
            _ => false,
        });
        if is_counted {
            let message = "The envelope counts what is in it, so it has to stay.";
            self.problems.add(at, message);
        }
    }
}

/// The path of the record that holds a field.
fn before(path: &[String]) -> Option<&[String]> {
    path.split_last().map(|(_, before)| before)
}

/// Whether a test can look at a field of this type.
fn fits(test: FilterTest, field: &Field) -> bool {
    use FieldType::{Array, Boolean, Count, Integer, Number, String, Timestamp};
    let field_type = &field.field_type;
    match test {
        FilterTest::Equals => {
            matches!(field_type, String | Number | Integer | Boolean | Timestamp)
        }
        FilterTest::OneOf { .. } => matches!(field_type, String | Number | Integer),
        FilterTest::AnyOf { .. } => matches!(field_type, Array(Items::String)),
        FilterTest::AtLeast | FilterTest::AtMost | FilterTest::LessThan => {
            matches!(field_type, Number | Integer | Timestamp)
        }
        FilterTest::IsNull => !matches!(field_type, Count(_)),
        FilterTest::Limit => false,
    }
}
