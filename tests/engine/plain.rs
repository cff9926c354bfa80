//! A second, plain implementation of what the engine does with records and CSV: `serde_json` reads
//! the text, and the rules are written down as README.md and [`tablecast::CsvOptions`] tell them. It
//! shares no code with the engine and knows nothing of chunks, blocks or speed.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A JSON value with every member that it was written with, and numbers as they were spelt.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Node>),
    Record(Vec<(String, Node)>),
}

impl Node {
    /// Reads a document, which may start with a byte order mark.
    pub fn read(text: &[u8]) -> Result<Self, serde_json::Error> {
        let text = text.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(text);
        let mut node: Self = serde_json::from_slice(text)?;
        node.spell_numbers(&mut numbers(text).into_iter());
        Ok(node)
    }

    /// `serde_json` keeps all digits of a number, but spells every exponent alike.
    fn spell_numbers(&mut self, spelt: &mut impl Iterator<Item = String>) {
        match self {
            Self::Number(number) => {
                let token = spelt.next().unwrap();
                let mut alike = token.replace('E', "e");
                if alike.contains('e') && !alike.contains("e-") && !alike.contains("e+") {
                    alike = alike.replace('e', "e+");
                }
                assert_eq!(*number, alike);
                *number = token;
            }
            Self::List(items) => items.iter_mut().for_each(|item| item.spell_numbers(spelt)),
            Self::Record(members) => {
                let values = members.iter_mut().map(|(_, value)| value);
                values.for_each(|value| value.spell_numbers(spelt));
            }
            _ => {}
        }
    }

    /// What `JSON.stringify` gives: of members of one name the last value, at the first place.
    fn compact(&self) -> String {
        match self {
            Self::Null => "null".into(),
            Self::Bool(value) => value.to_string(),
            Self::Number(text) => text.clone(),
            Self::Text(text) => serde_json::to_string(text).unwrap(),
            Self::List(items) => {
                let items: Vec<_> = items.iter().map(Self::compact).collect();
                format!("[{}]", items.join(","))
            }
            Self::Record(members) => {
                let members = last_values(members).into_iter().map(|(key, value)| {
                    format!(
                        "{}:{}",
                        serde_json::to_string(key).unwrap(),
                        value.compact()
                    )
                });
                format!("{{{}}}", members.collect::<Vec<_>>().join(","))
            }
        }
    }

    /// How many members another of the same name has taken the place of, at any depth.
    fn duplicates(&self) -> u64 {
        match self {
            Self::List(items) => items.iter().map(Self::duplicates).sum(),
            Self::Record(members) => {
                let here = members.len() - last_values(members).len();
                let within = members.iter().map(|(_, value)| value.duplicates());
                here as u64 + within.sum::<u64>()
            }
            _ => 0,
        }
    }
}

/// The numbers of a sound document, one after the other, as they are spelt.
fn numbers(text: &[u8]) -> Vec<String> {
    let mut outside = Vec::new();
    let (mut in_string, mut escaped) = (false, false);
    for &byte in text {
        outside.push(if in_string { b' ' } else { byte });
        in_string = (byte == b'"') != in_string || (in_string && escaped);
        escaped = byte == b'\\' && !escaped;
    }
    let ends = |byte: &u8| !matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
    let tokens = outside
        .split(ends)
        .filter(|token| matches!(token, [b'-' | b'0'..=b'9', ..]));
    tokens
        .map(|token| String::from_utf8(token.into()).unwrap())
        .collect()
}

/// “Of keys that stand twice the last value counts, at the first place.” (README, Input)
fn last_values(members: &[(String, Node)]) -> Vec<(&String, &Node)> {
    let mut values: Vec<(&String, &Node)> = Vec::new();
    for (key, value) in members {
        match values.iter_mut().find(|(known, _)| *known == key) {
            Some(known) => known.1 = value,
            None => values.push((key, value)),
        }
    }
    values
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
        Ok(Node::Number(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
        // Only numbers with a minus come this way.
        let digits = number.unsigned_abs();
        Ok(Node::Number(format!("-{digits}")))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Node, A::Error> {
        let mut record = Vec::new();
        while let Some(key) = members.next_key::<String>()? {
            // So `arbitrary_precision` hands over other numbers than small integers.
            if key == "$serde_json::private::Number" {
                return Ok(Node::Number(members.next_value()?));
            }
            record.push((key, members.next_value()?));
        }
        Ok(Node::Record(record))
    }
}

/// The text with U+FFFD in place of each half of a surrogate pair: the engine takes it for that,
/// `serde_json` refuses it.
pub fn without_lone_surrogates(text: &[u8]) -> Vec<u8> {
    let unit = |at: usize| -> Option<u32> {
        let digits = text.get(at..at + 6)?.strip_prefix(b"\\u")?;
        let all = digits.iter().all(u8::is_ascii_hexdigit);
        all.then(|| u32::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap())
    };
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let len = match unit(at) {
            Some(0xD800..0xDC00) if matches!(unit(at + 6), Some(0xDC00..0xE000)) => 12,
            Some(0xD800..0xE000) => {
                out.extend_from_slice(b"\\ufffd");
                at += 6;
                continue;
            }
            Some(_) => 6,
            None if text[at] == b'\\' => 2,
            None => 1,
        };
        let end = (at + len).min(text.len());
        out.extend_from_slice(&text[at..end]);
        at = end;
    }
    out
}

/// What a report says: code, column, count and first row of a warning.
pub type Warnings = BTreeSet<(&'static str, Option<String>, u64, Option<u64>)>;

/// Counts for one warning of one column.
#[derive(Default)]
struct Count(u64, Option<u64>);

impl Count {
    fn add(&mut self, count: u64, row: Option<u64>) {
        if count > 0 {
            self.0 += count;
            self.1 = self.1.or(row);
        }
    }

    fn tell(self, code: &'static str, column: Option<&str>, warnings: &mut Warnings) {
        if self.0 > 0 {
            warnings.insert((code, column.map(Into::into), self.0, self.1));
        }
    }
}

/// A table as the engine is to see it. A cell that is `None` is missing.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Option<Node>>>,
    /// Rows are lists, which have a cell for each column also where that is missing.
    pub positional: bool,
    pub warnings: Warnings,
}

impl Table {
    /// The table in a document: “`[{…}, {…}]`, `{items: [{…}]}`”, “`{…}` without `items`, `columns`
    /// or `rows`: one record” (README, Input). The error is the code; `None` where the document is
    /// of a shape that is not told here.
    pub fn of_json(document: &Node) -> Option<Result<Self, &'static str>> {
        let rows = match document {
            Node::List(rows) => rows,
            Node::Record(members) => {
                let envelope = |key: &str| matches!(key, "items" | "rows" | "columns");
                let found: Vec<_> = members.iter().filter(|(key, _)| envelope(key)).collect();
                match found.as_slice() {
                    [] => return Some(Self::of_records(&[members])),
                    [(key, Node::List(rows))] if key != "columns" => rows,
                    [(key, _)] if key != "columns" => return Some(Err("not_tabular")),
                    _ => return None,
                }
            }
            _ => return Some(Err("not_tabular")),
        };
        Some(Self::of_rows(rows))
    }

    /// “JSON Lines: one record per line.” Lines without anything are passed over.
    pub fn of_json_lines(text: &[u8]) -> Result<Self, &'static str> {
        let text = text.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(text);
        let mut rows = Vec::new();
        for line in text.split(|byte| *byte == b'\n') {
            if !line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r')) {
                rows.push(Node::read(line).map_err(|_| "invalid_json")?);
            }
        }
        Self::of_rows(&rows)
    }

    fn of_rows(rows: &[Node]) -> Result<Self, &'static str> {
        let mut records = Vec::new();
        for row in rows {
            match row {
                Node::Record(members) => records.push(members.as_slice()),
                _ => return Err("not_tabular"),
            }
        }
        Self::of_records(&records)
    }

    /// “Records; the header is the union of their keys, in the order in which they first appear.”
    fn of_records(records: &[impl AsRef<[(String, Node)]>]) -> Result<Self, &'static str> {
        let mut columns: Vec<String> = Vec::new();
        for (key, _) in records.iter().flat_map(AsRef::as_ref) {
            if !columns.contains(key) {
                columns.push(key.clone());
            }
        }
        let mut warnings = Warnings::new();
        if columns.is_empty() {
            warnings.insert(("no_columns", None, 1, None));
        }
        for column in &columns {
            let mut duplicates = Count::default();
            for (record, number) in records.iter().zip(1..) {
                let members = record.as_ref().iter().filter(|(key, _)| key == column);
                let values: Vec<_> = members.map(|(_, value)| value).collect();
                let within = values.iter().map(|value| value.duplicates()).sum::<u64>();
                let here = values.len().saturating_sub(1) as u64;
                duplicates.add(here + within, Some(number));
            }
            duplicates.tell("duplicate_key", Some(column), &mut warnings);
        }
        let row = |record: &[(String, Node)]| -> Vec<_> {
            let value = |column: &String| record.iter().rfind(|(key, _)| key == column);
            let cells = columns.iter().map(value);
            cells
                .map(|cell| cell.map(|(_, value)| value.clone()))
                .collect()
        };
        Ok(Self {
            rows: records.iter().map(|record| row(record.as_ref())).collect(),
            columns,
            positional: false,
            warnings,
        })
    }

    /// JSON “as `JSON.stringify` writes it” (README, Formats), with `indent` or on one line.
    pub fn to_json(&self, pretty: bool) -> String {
        let rows = (0..self.rows.len()).map(|row| self.record(row)).collect();
        let text = Node::List(rows);
        if pretty {
            return indented(&text, 0);
        }
        text.compact()
    }

    /// “One JSON object per line.”
    pub fn to_json_lines(&self) -> String {
        let lines = (0..self.rows.len()).map(|row| self.record(row).compact() + "\n");
        // A value stays on one line for readers that know all line ends of Unicode, too.
        let lines = lines.map(|line| {
            line.replace('\u{85}', "\\u0085")
                .replace('\u{2028}', "\\u2028")
                .replace('\u{2029}', "\\u2029")
        });
        lines.collect()
    }

    fn record(&self, row: usize) -> Node {
        let cells = self.columns.iter().zip(&self.rows[row]);
        let members = cells.filter_map(|(column, cell)| match cell {
            Some(value) => Some((column.clone(), value.clone())),
            None => self.positional.then(|| (column.clone(), Node::Null)),
        });
        Node::Record(members.collect())
    }

    /// CSV, by the rules in the documentation of [`tablecast::CsvOptions`] and in README's table of
    /// options, with what the report says of it.
    pub fn to_csv(&self, dialect: &Dialect) -> (String, Warnings) {
        let mut warnings = self.warnings.clone();
        if self.columns.is_empty() {
            return (String::new(), warnings);
        }
        let mut guarded: Vec<Count> = Vec::new();
        let mut null_rows = Count::default();
        let mut lines = Vec::new();
        let mut first = true;
        if dialect.header {
            let mut fields = Vec::new();
            for column in &self.columns {
                let (field, guard) = dialect.text(column, std::mem::take(&mut first));
                fields.push(field);
                guarded.push(Count(guard, None));
            }
            lines.push(fields.join(&dialect.delimiter));
        }
        guarded.resize_with(self.columns.len(), Count::default);
        for (row, number) in self.rows.iter().zip(1..) {
            let mut fields = Vec::new();
            for (cell, guarded) in row.iter().zip(&mut guarded) {
                let first = std::mem::take(&mut first);
                let (field, guard) = dialect.cell(cell.as_ref().unwrap_or(&Node::Null), first);
                fields.push(field);
                guarded.add(guard, Some(number));
            }
            let line = fields.join(&dialect.delimiter);
            null_rows.add(u64::from(line.is_empty()), Some(number));
            lines.push(line);
        }
        let mut file = String::new();
        for line in lines {
            // “A row that consists of one null is written as `""`.”
            file += &if line.is_empty() {
                dialect.quote.repeat(2)
            } else {
                line
            };
            file += dialect.terminator;
        }
        for (count, column) in guarded.into_iter().zip(&self.columns) {
            count.tell("formula_guarded", Some(column), &mut warnings);
        }
        null_rows.tell("null_row", None, &mut warnings);
        (file, warnings)
    }
}

fn indented(node: &Node, depth: usize) -> String {
    let parts: Vec<_> = match node {
        Node::List(items) => items.iter().map(|item| indented(item, depth + 1)).collect(),
        Node::Record(members) => last_values(members)
            .into_iter()
            .map(|(key, value)| {
                format!(
                    "{}: {}",
                    serde_json::to_string(key).unwrap(),
                    indented(value, depth + 1)
                )
            })
            .collect(),
        other => return other.compact(),
    };
    let [open, close] = if matches!(node, Node::List(_)) {
        ["[", "]"]
    } else {
        ["{", "}"]
    };
    if parts.is_empty() {
        return format!("{open}{close}");
    }
    let (inner, outer) = ("  ".repeat(depth + 1), "  ".repeat(depth));
    format!(
        "{open}\n{inner}{}\n{outer}{close}",
        parts.join(&format!(",\n{inner}"))
    )
}

/// How CSV is written.
#[derive(Clone, Debug)]
pub struct Dialect {
    pub delimiter: String,
    pub quote: String,
    pub quote_style: &'static str,
    pub terminator: &'static str,
    pub header: bool,
    pub null_text: &'static str,
    pub true_text: &'static str,
    pub false_text: &'static str,
    pub decimal: char,
    pub formula_guard: bool,
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            delimiter: ",".into(),
            quote: "\"".into(),
            quote_style: "necessary",
            terminator: "\r\n",
            header: true,
            null_text: "",
            true_text: "true",
            false_text: "false",
            decimal: '.',
            formula_guard: true,
        }
    }
}

impl Dialect {
    /// The options that ask for it.
    pub fn options(&self) -> String {
        serde_json::json!({ "csv": {
            "delimiter": self.delimiter,
            "quote": self.quote,
            "quote_style": self.quote_style,
            "terminator": self.terminator,
            "header": self.header,
            "null_text": self.null_text,
            "true_text": self.true_text,
            "false_text": self.false_text,
            "decimal": self.decimal.to_string(),
            "formula_guard": self.formula_guard,
        }})
        .to_string()
    }

    /// A field, and how many times the guard was needed.
    fn cell(&self, cell: &Node, first: bool) -> (String, u64) {
        let field = match cell {
            Node::Text(text) => return self.text(text, first),
            // “Null never is” enclosed.
            Node::Null => self.null_text.into(),
            Node::Bool(true) => self.field("", self.true_text, false, first),
            Node::Bool(false) => self.field("", self.false_text, false, first),
            Node::Number(text) => {
                let text = text.replace('.', &self.decimal.to_string());
                self.field("", &text, true, first)
            }
            nested => self.field("", &nested.compact(), false, first),
        };
        (field, 0)
    }

    /// “Such a text gets one leading `'`.” (README, The formula guard)
    fn text(&self, text: &str, first: bool) -> (String, u64) {
        let guarded = self.formula_guard && is_dangerous(text, self.decimal);
        let guard = if guarded { "'" } else { "" };
        (self.field(guard, text, false, first), u64::from(guarded))
    }

    fn field(&self, guard: &str, text: &str, numeric: bool, first: bool) -> String {
        let written = format!("{guard}{text}");
        let special = [self.delimiter.as_str(), &self.quote, "\r", "\n"];
        let enclosed = match self.quote_style {
            "always" => true,
            "non_numeric" if !numeric => true,
            _ => {
                special.iter().any(|special| written.contains(special))
                    // “Text that equals it is quoted, so empty text is `""`.”
                    || written == self.null_text
                    // No file is taken for SYLK, and none loses a byte order mark that is text.
                    || (first && (text.starts_with("ID") || text.starts_with('\u{FEFF}')))
                    // PostgreSQL takes this line for the end of the data.
                    || text == "\\."
            }
        };
        match enclosed {
            true => {
                let doubled = written.replace(&self.quote, &self.quote.repeat(2));
                format!("{0}{doubled}{0}", self.quote)
            }
            false => written,
        }
    }
}

/// “After leading `'`, spaces and U+FEFF, a first character of `= + - @`, tab, line break, NUL or a
/// full-width `＝ ＋ － ＠` makes a text dangerous, unless all of it is a number (`-1.5e3`) or a phone
/// number (`+33 1 23`).” (README, The formula guard; the spaces are U+0020, U+00A0 and U+3000)
fn is_dangerous(text: &str, decimal: char) -> bool {
    let rest = text.trim_start_matches(['\'', ' ', '\u{A0}', '\u{3000}', '\u{FEFF}']);
    let starts = [
        '=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠',
    ];
    rest.starts_with(starts) && !is_signed_number(text, decimal) && !is_phone_number(text)
}

fn is_signed_number(text: &str, decimal: char) -> bool {
    let digits = |text: &str| text.chars().all(|digit| digit.is_ascii_digit());
    let Some(number) = text.strip_prefix(['+', '-']) else {
        return false;
    };
    let number = number.strip_suffix('%').unwrap_or(number);
    let (mantissa, exponent) = match number.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (number, None),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !unsigned.is_empty() && digits(unsigned)
    });
    let (whole, fraction) = mantissa.split_once(decimal).unwrap_or((mantissa, ""));
    exponent_fits && digits(whole) && digits(fraction) && whole.len() + fraction.len() > 0
}

fn is_phone_number(text: &str) -> bool {
    let Some(number) = text.strip_prefix('+') else {
        return false;
    };
    let groups: Vec<_> = number.split(' ').collect();
    let most = |index: usize| if index == 0 { 3 } else { 4 };
    (2..=7).contains(&groups.len())
        && groups.iter().enumerate().all(|(index, group)| {
            (1..=most(index)).contains(&group.len())
                && group.chars().all(|digit| digit.is_ascii_digit())
        })
}
