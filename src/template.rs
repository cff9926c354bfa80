//! Templates: which columns a file shows, in which order, under which labels, and the text around
//! the table.

use std::collections::BinaryHeap;

use crate::error::{Error, Result};
use crate::settings::{Fields, Setting, mistyped};
use crate::table::{Align, Column, Header};

/// A template: one JSON document, the same everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    /// What the template is called; also the default for the file's name.
    pub name: Option<String>,
    /// The id of the format that the template is made for.
    pub format: Option<String>,
    /// The columns to write, in this order. `None` writes all.
    pub column_mapping: Option<Vec<Column>>,
    /// Text above the table, in formats that have a page.
    pub header_text: Option<String>,
    /// Text below the table, in formats that have a page.
    pub footer_text: Option<String>,
    /// What the row of totals is called, in its first column that has no total.
    pub total_label: Option<String>,
}

impl Template {
    /// Reads what concerns the table and the text around it. The rest of a template, a preset and
    /// options of formats, is for whoever reads those.
    pub(crate) fn from_fields(fields: &mut Fields<'_>) -> Result<Self> {
        let name = fields.short_text("name")?.map(str::to_owned);
        let mut text = |name: &'static str| Ok::<_, Error>(fields.text(name)?.map(str::to_owned));
        Ok(Self {
            name,
            format: text("format")?,
            header_text: text("header_text")?,
            footer_text: text("footer_text")?,
            total_label: text("total_label")?,
            column_mapping: match fields.get("column_mapping") {
                None => None,
                Some(Setting::Map(members)) => Some(dictionary(fields, members)?),
                Some(list) => Some(Column::list(fields, "column_mapping", list)?),
            },
        })
    }
}

/// A mapping as a dictionary from key to label. A key that stands twice keeps its first place and
/// its last label.
fn dictionary(fields: &Fields<'_>, members: &[(String, Setting)]) -> Result<Vec<Column>> {
    let mut columns: Vec<Column> = Vec::new();
    let mut keys = Header::default();
    for (key, label) in members {
        let Setting::Text(label) = label else {
            let path = fields.path("column_mapping") + "." + key;
            return Err(mistyped(path, "the column's label as text", label));
        };
        let place = keys.find(key.as_bytes(), 0);
        match place.and_then(|place| columns.get_mut(place as usize)) {
            Some(column) => column.label = label.clone(),
            None => {
                keys.add(key);
                columns.push(Column {
                    label: label.clone(),
                    ..Column::new(key.as_str())
                });
            }
        }
    }
    // Whoever uses the build without `full` is JavaScript, which has ordered them so already.
    if cfg!(not(feature = "full")) {
        return Ok(columns);
    }
    // Keys that are array indices come first, by their number, as in JavaScript.
    let (indices, mut names): (Vec<_>, Vec<_>) = columns
        .into_iter()
        .partition(|column| array_index(&column.key).is_some());
    let numbers = indices.iter().map(|column| array_index(&column.key));
    let order: BinaryHeap<_> = numbers.zip(0..indices.len()).collect();
    let ordered = order.into_sorted_vec();
    let mut ordered: Vec<Column> = ordered
        .into_iter()
        .filter_map(|(_, place)| indices.get(place).cloned())
        .collect();
    ordered.append(&mut names);
    Ok(ordered)
}

/// The number of a key that JavaScript orders by number: an array index, ECMA-262 section 6.1.7.
fn array_index(key: &str) -> Option<u32> {
    let canonical = key == "0" || key.starts_with(|first: char| ('1'..='9').contains(&first));
    let index: u32 = key.parse().ok().filter(|_| canonical)?;
    (index < u32::MAX).then_some(index)
}

/// A column as it is written.
#[derive(Clone, Debug)]
pub(crate) struct OutputColumn {
    pub(crate) label: String,
    /// The column of the source; `None` where the data cannot have it.
    pub(crate) source: Option<u32>,
    /// The values are numbers, by their type or in all of the look-ahead.
    pub(crate) numeric: bool,
    /// Where the text stands, if a user said so.
    pub(crate) align: Option<Align>,
    /// In characters.
    pub(crate) width: Option<u8>,
    /// A user said what the values are.
    pub(crate) typed: bool,
    /// Values are addresses to link to.
    pub(crate) link: bool,
    /// Where a row has no such value, formats of records write null.
    pub(crate) required: bool,
}

impl OutputColumn {
    /// Whether values are addresses to link to. A build without types has none.
    pub(crate) fn is_link(&self) -> bool {
        cfg!(feature = "full") && self.link
    }

    /// Where the text stands; `None` at the start of the line.
    pub(crate) fn alignment(&self) -> Option<Align> {
        self.align.or(self.numeric.then_some(Align::Right))
    }
}

/// The compiled projection: what a writer knows of the table before the first row.
pub(crate) struct Layout {
    pub(crate) columns: Vec<OutputColumn>,
    /// The object around the rows, where the format has one.
    #[cfg(feature = "catalog")]
    pub(crate) envelope: Option<Envelope>,
    /// The title of a document: the template's name, else the file's name.
    pub(crate) title: String,
    pub(crate) header_text: Option<String>,
    pub(crate) footer_text: Option<String>,
    /// What stands in the row of totals, in its first column that has no total.
    pub(crate) total_label: Option<String>,
    /// The row of totals, empty where there is none. Known when all rows are written.
    pub(crate) totals: Vec<Option<String>>,
    /// The day of the export, `YYYY-MM-DD`; empty where it is not known.
    pub(crate) date: String,
}

/// The object around the rows of a table.
#[cfg(feature = "catalog")]
pub(crate) struct Envelope {
    /// The members before the rows, each with its value as JSON text.
    pub(crate) before: Vec<(String, Vec<u8>)>,
    /// The member that holds the rows.
    pub(crate) rows: String,
    /// The members behind them; `None` stands for their number.
    pub(crate) behind: Vec<(String, Option<Vec<u8>>)>,
}

impl Layout {
    /// The text above the table, with `{name}` and `{date}` filled in.
    pub(crate) fn header(&self) -> Option<String> {
        let values = [("{name}", self.title.as_str()), ("{date}", &self.date)];
        self.header_text.as_deref().map(|text| fill(text, &values))
    }

    /// Whether there is a row of totals. A build without types has none.
    pub(crate) fn has_totals(&self) -> bool {
        cfg!(feature = "full") && !self.totals.is_empty()
    }

    /// The cells of the row of totals, none where there is no such row. Tells of each whether it is
    /// the row's label.
    pub(crate) fn total_cells(&self) -> impl Iterator<Item = (&str, bool)> {
        let first = self.totals.iter().position(Option::is_none);
        let cells = self.totals.iter().enumerate();
        cells.map(move |(number, total)| match (total, &self.total_label) {
            (Some(total), _) => (total.as_str(), false),
            (None, Some(label)) if first == Some(number) => (label.as_str(), true),
            (None, _) => ("", false),
        })
    }

    /// The text below the table, with `{name}`, `{date}` and `{rows}` filled in.
    pub(crate) fn footer(&self, rows: u64) -> Option<String> {
        let rows = rows.to_string();
        let values = [
            ("{name}", self.title.as_str()),
            ("{date}", &self.date),
            ("{rows}", &rows),
        ];
        self.footer_text.as_deref().map(|text| fill(text, &values))
    }
}

/// Fills in placeholders. What is filled in is not looked at again, and what is no placeholder
/// stays as it is.
fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (plain, behind) = rest.split_at(at);
        filled.push_str(plain);
        let found = values
            .iter()
            .find_map(|(name, value)| Some((value, behind.strip_prefix(name)?)));
        rest = match found {
            Some((value, behind)) => {
                filled.push_str(value);
                behind
            }
            None => {
                filled.push('{');
                behind.strip_prefix('{').unwrap_or_default()
            }
        };
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integer_like_keys_come_first_as_in_javascript() {
        let keys = ["b", "10", "2", "a", "01", "4294967295", "-1", "0"];
        let members: Vec<_> = keys
            .iter()
            .map(|key| ((*key).to_owned(), Setting::Text("x".into())))
            .collect();
        let setting = Setting::Map(members);
        let fields = Fields::new(&Setting::Null, crate::settings::Surface::Http).unwrap();
        let Setting::Map(members) = &setting else {
            return;
        };
        let order = dictionary(&fields, members).unwrap();
        let order: Vec<_> = order.iter().map(|column| column.key.as_str()).collect();
        assert_eq!(order, ["0", "2", "10", "b", "a", "01", "4294967295", "-1"]);
    }

    #[test]
    fn placeholders_are_looked_up_once_and_others_stay() {
        let values = [("{name}", "{date}"), ("{date}", "2026-01-31")];
        assert_eq!(
            fill("{name} {date} {x} {{date}} {", &values),
            "{date} 2026-01-31 {x} {2026-01-31} {"
        );
    }
}
