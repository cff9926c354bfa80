//! Random records and documents of a made-up resource: the file and what is reported are those of the model.

use serde_json::{Map, Value, json};
use tablecast::{Setting, export_bytes};

use crate::resource_model::{Model, Noticed};
use crate::run::{Random, stream};

/// A library: records in records to any depth, open ones, optional fields, counts at all levels.
pub fn definition(is_document: bool) -> Value {
    let shelf = json!({"open": true, "fields": [
        {"name": "count", "type": "count", "of": "books", "description": "x"},
        {"name": "label", "type": "string", "description": "x"},
        {"name": "books", "type": "records", "record": "book", "nullable": true, "description": "x"},
        {"name": "chapter_count", "type": "count", "of": "books.chapters", "description": "x"},
        {"name": "size", "type": "record", "nullable": true, "optional": true, "description": "x", "record": {"fields": [
            {"name": "w", "type": "number", "description": "x"},
            {"name": "h", "type": "integer", "description": "x"}
        ]}},
        {"name": "shelves", "type": "records", "record": "shelf", "optional": true, "description": "x"}
    ]});
    let book = json!({"fields": [
        {"name": "id", "type": "string", "description": "x"},
        {"name": "title \"é\"", "type": "string", "nullable": true, "description": "x"},
        {"name": "state", "type": "string", "enum": ["in", "out"], "description": "x"},
        {"name": "at", "type": "timestamp", "nullable": true, "description": "x"},
        {"name": "tags", "type": "array", "items": "string", "optional": true, "description": "x"},
        {"name": "chapters", "type": "records", "optional": true, "description": "x", "record": {"open": true, "fields": [
            {"name": "n", "type": "integer", "description": "x"}
        ]}},
        {"name": "more", "type": "any", "nullable": true, "description": "x"}
    ]});
    let mut definition = json!({
        "name": "library", "label": "x", "description": "x", "formats": ["json"], "file_name": "x",
        "records": {"shelf": shelf, "book": book},
    });
    let prefix = match is_document {
        true => "rooms.",
        false => "",
    };
    let path = |path: &str| format!("{prefix}{path}");
    if is_document {
        definition["open"] = json!(true);
        definition["envelope"] = json!([
            "standard",
            {"name": "all_books", "holds": "count", "of": "rooms.books", "description": "x"},
            {"name": "owner", "holds": "record", "nullable": true, "description": "x", "record": {"fields": [
                {"name": "name", "type": "string", "description": "x"},
                {"name": "home", "type": "record", "record": "shelf", "nullable": true, "description": "x"}
            ]}},
            {"name": "rooms", "holds": "records", "record": "shelf", "nullable": true, "description": "x"},
            {"name": "version", "holds": "text", "text": "1", "description": "x"},
            {"name": "settings", "holds": "value", "type": "object", "nullable": true, "optional": true, "description": "x"},
            {"name": "room_count", "holds": "count", "of": "rooms", "description": "x"},
            {"name": "lent", "holds": "records", "record": "book", "description": "x"}
        ]);
    } else {
        definition["record"] = json!("shelf");
    }
    definition["filters"] = json!([
        {"name": "state", "test": "one_of", "field": path("books.state"), "description": "x"},
        {"name": "after", "test": "at_least", "field": path("books.at"), "description": "x"},
        {"name": "label", "test": "equals", "field": path("label"), "description": "x"},
        {"name": "tags", "test": "any_of", "field": path("books.tags"), "description": "x"},
        {"name": "chapters_from", "test": "at_least", "field": path("shelves.books.chapters.n"), "description": "x"},
        {"name": "not_lent", "test": "is_null", "fields": [path("books.title \"é\""), path("books.more")], "description": "x"},
        {"name": "most_books", "test": "limit", "field": path("books"), "description": "x"}
    ]);
    definition["switches"] = json!([
        {"name": "with_chapters", "fields": [path("books.chapters"), path("chapter_count")], "default": true, "description": "x"},
        {"name": "with_sizes", "fields": [path("size"), path("shelves.size")], "default": false, "description": "x"}
    ]);
    definition
}

pub struct Writer<'a> {
    pub random: &'a mut Random,
    /// Members of objects that are read whole may stand twice.
    pub twice: bool,
}

impl Writer<'_> {
    fn pick<'t, T: ?Sized>(&mut self, values: &[&'t T]) -> &'t T {
        values[self.random.below(values.len())]
    }

    /// Any value at all.
    fn junk(&mut self, depth: usize) -> String {
        match self.random.below(if depth > 2 { 6 } else { 8 }) {
            0 => "null".into(),
            1 => self.pick(&["true", "false"]).into(),
            2 => self
                .pick(&["0", "-1.50", "1e+3", "12345678901234567890"])
                .into(),
            3 | 4 => self
                .pick(&["\"\"", "\"a\\n\\u00e9\"", "\"in\"", "\"\\ud83d\\ude00\\/\""])
                .into(),
            5 => self.pick(&["[]", "{}", "[ ]", "{ }"]).into(),
            6 => format!("[{}, {}]", self.junk(depth + 1), self.junk(depth + 1)),
            _ => format!(
                "{{\"x\": {}, \"\\u0079\":{}}}",
                self.junk(depth + 1),
                self.junk(depth + 1)
            ),
        }
    }

    /// A value that is mostly as it should be.
    fn mostly(&mut self, value: String) -> String {
        match self.random.below(12) {
            0 => self.junk(0),
            1 => "null".into(),
            _ => value,
        }
    }

    /// An object of members in any order, of which some are missing and some are new.
    fn object(&mut self, members: Vec<(&str, String)>, whole: bool) -> String {
        let mut texts: Vec<String> = Vec::new();
        for (name, value) in members {
            if self.random.below(10) == 0 {
                continue;
            }
            let value = self.mostly(value);
            if whole && self.twice && self.random.below(20) == 0 {
                texts.push(format!("{name}:{}", self.junk(1)));
            }
            texts.push(format!("{name}: {value}"));
        }
        if self.random.below(4) == 0 {
            texts.push(format!("\"new\\u0022\" : {}", self.junk(0)));
        }
        if self.random.below(6) == 0 {
            texts.push(format!("\"other\":{}", self.junk(0)));
        }
        if self.random.below(3) > 0 {
            for at in (1..texts.len()).rev() {
                texts.swap(at, self.random.below(at + 1));
            }
        }
        let gap = self.pick(&[",", " ,\n ", ", "]);
        format!("{{{}}}", texts.join(gap))
    }

    fn array(&mut self, most: usize, mut item: impl FnMut(&mut Self) -> String) -> String {
        let count = self.random.below(most + 1);
        let items = (0..count).map(|_| match self.random.below(15) {
            0 => self.junk(0),
            _ => item(self),
        });
        format!("[{}]", items.collect::<Vec<_>>().join(", "))
    }

    fn book(&mut self, whole: bool) -> String {
        let tag = |writer: &mut Self| {
            writer
                .pick(&["\"a\"", "\"b\"", "\"c\\\"\"", "\"d\""])
                .to_owned()
        };
        let chapters = self.array(3, |writer| {
            let n = writer.random.below(4).to_string();
            writer.object(vec![("\"n\"", n)], true)
        });
        let members = vec![
            ("\"id\"", format!("\"b{}\"", self.random.below(100))),
            (
                "\"title \\\"\\u00e9\\\"\"",
                self.pick(&["\"T\"", "null", "\"\\\"\""]).into(),
            ),
            (
                "\"state\"",
                self.pick(&["\"in\"", "\"out\"", "\"gone\""]).into(),
            ),
            (
                "\"at\"",
                self.pick(&[
                    "null",
                    "\"2026-01-01T00:00:00Z\"",
                    "\"2025-01-01T00:00:00Z\"",
                    "\"soon\"",
                ])
                .into(),
            ),
            ("\"tags\"", self.array(2, tag)),
            ("\"chapters\"", chapters),
            ("\"more\"", self.junk(0)),
        ];
        self.object(members, whole)
    }

    pub fn shelf(&mut self, depth: usize, whole: bool) -> String {
        let books = self.array(4, |writer| writer.book(whole));
        let mut members = vec![
            ("\"label\"", self.pick(&["\"A\"", "\"B\""]).into()),
            ("\"books\"", books),
            (
                "\"size\"",
                self.pick(&["{\"h\": 1, \"w\": 0.5}", "{\"w\": 1.0}", "null"])
                    .into(),
            ),
        ];
        if depth < 3 && self.random.below(2) == 0 {
            let shelves = self.array(2, |writer| writer.shelf(depth + 1, whole));
            members.push(("\"shelves\"", shelves));
        }
        if self.random.below(3) == 0 {
            members.push(("\"count\"", "17".into()));
        }
        self.object(members, whole)
    }

    pub fn document(&mut self) -> String {
        let owner = match self.random.below(3) {
            0 => "null".into(),
            _ => {
                let home = self.shelf(1, false);
                self.object(
                    vec![("\"name\"", "\"Zo\\u00eb\"".into()), ("\"home\"", home)],
                    false,
                )
            }
        };
        // With a filter on them they are read whole, without one they are not.
        let rooms = self.array(4, |writer| writer.shelf(0, false));
        let members = vec![
            ("\"owner\"", owner),
            ("\"rooms\"", rooms),
            ("\"settings\"", self.junk(0)),
            ("\"lent\"", self.array(3, |writer| writer.book(false))),
            ("\"version\"", "\"0\"".into()),
        ];
        self.object(members, false)
    }

    pub fn filters(&mut self) -> Value {
        let mut filters = Map::new();
        let all = [
            ("state", json!(["in", "gone"][..1])),
            ("after", json!("2026-01-01T00:00:00Z")),
            ("label", json!("A")),
            ("tags", json!(["a", "c\""])),
            ("chapters_from", json!(2)),
            ("not_lent", json!(true)),
            ("most_books", json!(3)),
            ("with_chapters", json!(false)),
            ("with_sizes", json!(true)),
        ];
        for (name, value) in all {
            if self.random.below(6) == 0 {
                filters.insert(name.into(), value);
            }
        }
        Value::Object(filters)
    }
}

pub fn setting(value: &Value) -> Setting {
    Setting::from_json(value.to_string().as_bytes()).unwrap()
}

fn noticed(report: &tablecast::Report) -> Noticed {
    let warnings = report.warnings.iter();
    warnings
        .filter(|warning| warning.code != "duplicate_key")
        .map(|warning| {
            let key = (
                warning.code.to_owned(),
                warning.column.clone().unwrap_or_default(),
            );
            (key, (warning.count, warning.first_row))
        })
        .collect()
}

#[test]
fn random_documents_are_written_as_the_model_writes_them() {
    let definition = definition(true);
    let given = json!({
        "export_type": "library", "software_version": "4", "account_id": "a", "exported_at": "2026-01-31T12:00:00Z",
    });
    for seed in 1..=400 {
        let mut random = Random(seed * 7_919);
        let mut writer = Writer {
            random: &mut random,
            twice: true,
        };
        let filters = writer.filters();
        let input = writer.document();
        let pretty = seed % 2 == 0;
        let options = setting(&json!({
            "resource": definition, "filters": filters, "now": given["exported_at"], "json": {"pretty": pretty},
            "envelope": {"software_version": "4", "account_id": "a"},
        }));
        let (file, report) = match export_bytes(&options, input.as_bytes()) {
            Ok(written) => written,
            Err(error) => panic!("{seed}: {error}\n{input}"),
        };
        let mut model = Model::new(&definition, &filters);
        let value: Value = serde_json::from_str(&input).unwrap();
        let expected = model.document(&value, &given);
        let expected = match pretty {
            true => serde_json::to_string_pretty(&expected).unwrap(),
            false => expected.to_string(),
        };
        assert_eq!(
            String::from_utf8(file.clone()).unwrap(),
            expected,
            "{seed}: {filters} {input}"
        );
        assert_eq!(noticed(&report), model.noticed, "{seed}: {filters} {input}");
        let chunks = random.cut(input.as_bytes(), 40);
        assert_eq!(stream(&options, chunks), Ok((file, report)), "{seed}");
    }
}

#[test]
fn random_tables_are_written_as_the_model_writes_them() {
    let definition = definition(false);
    for seed in 1..=200 {
        let mut random = Random(seed * 104_729);
        let mut writer = Writer {
            random: &mut random,
            twice: true,
        };
        let filters = writer.filters();
        let rows: Vec<_> = (0..4).map(|_| writer.shelf(0, true)).collect();
        let input = format!("[{}]", rows.join(","));
        let options = setting(&json!({ "resource": definition, "filters": filters }));
        let (file, report) = export_bytes(&options, input.as_bytes()).unwrap();
        let mut model = Model::new(&definition, &filters);
        let values: Vec<Value> = rows
            .iter()
            .map(|row| serde_json::from_str(row).unwrap())
            .collect();
        let expected = model.table(&values);
        let found: Vec<Value> = serde_json::from_slice(&file).unwrap();
        // The members that nobody describes stand in the order of the columns.
        assert_eq!(found.len(), expected.len(), "{seed}: {filters} {input}");
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found, expected, "{seed}: {filters} {input}");
            let keys = |value: &Value| {
                let members = value.as_object().unwrap().keys();
                let known = members.filter(|key| !["new\"", "other"].contains(&key.as_str()));
                known.cloned().collect::<Vec<_>>()
            };
            assert_eq!(keys(found), keys(expected), "{seed}: {input}");
        }
        assert_eq!(noticed(&report), model.noticed, "{seed}: {filters} {input}");
    }
}
