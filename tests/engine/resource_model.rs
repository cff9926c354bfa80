//! Documents and tables of a resource against a plain model: whole values in memory, walked once by the
//! definition's JSON.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// What was noticed: how often, and in which row first, by code and path.
pub type Noticed = BTreeMap<(String, String), (u64, Option<u64>)>;

/// What is chosen of a resource, and what else the model needs to know.
pub struct Model<'a> {
    pub definition: &'a Value,
    pub filters: &'a Value,
    pub noticed: Noticed,
    row: Option<u64>,
    left: BTreeMap<String, u64>,
}

impl<'a> Model<'a> {
    pub fn new(definition: &'a Value, filters: &'a Value) -> Self {
        let limits = list(&definition["filters"]).filter(|filter| filter["test"] == "limit");
        let limits = limits.filter_map(|filter| {
            let most = filters[text(&filter["name"])].as_u64()?;
            Some((filter["field"].as_str().unwrap_or_default().into(), most))
        });
        Self {
            definition,
            filters,
            noticed: Noticed::new(),
            row: None,
            left: limits.collect(),
        }
    }

    /// The document that is written; `given` are the members that the options say.
    pub fn document(&mut self, input: &Value, given: &Value) -> Value {
        let mut members = Vec::new();
        for member in list(&self.definition["envelope"]) {
            if member == "standard" {
                for (name, holds) in STANDARD {
                    members.push(json!({ "name": name, "holds": holds }));
                }
            } else {
                members.push(member.clone());
            }
        }
        let open = self.definition["open"] == true;
        self.object(&members, open, input, "", Some(given))
    }

    /// The rows that are written of a table.
    pub fn table(&mut self, rows: &[Value]) -> Vec<Value> {
        let record = self.record_type(&self.definition["record"]);
        let mut written = Vec::new();
        for (number, row) in (1..).zip(rows) {
            self.row = Some(number);
            written.extend(self.record(&record, row, ""));
        }
        written
    }

    fn record_type(&self, named: &Value) -> Value {
        match named.as_str() {
            Some(name) => self.definition["records"][name].clone(),
            None => named.clone(),
        }
    }

    fn note(&mut self, code: &str, path: &str) {
        let place = self.noticed.entry((code.into(), path.into()));
        place.or_insert((0, self.row)).0 += 1;
    }

    /// A record as it is written; `None` where it is not chosen.
    fn record(&mut self, record: &Value, input: &Value, path: &str) -> Option<Value> {
        for filter in list(&self.definition["filters"]) {
            let Some(wanted) = self.filters.get(text(&filter["name"])) else {
                continue;
            };
            let fields: Vec<_> = match filter["fields"].as_array() {
                Some(fields) => fields.iter().map(text).collect(),
                None => vec![filter["field"].as_str().unwrap_or_default()],
            };
            let split = fields[0].rsplit_once('.').unwrap_or(("", fields[0]));
            if split.0 != path || filter["test"] == "limit" {
                continue;
            }
            let values = fields.iter().map(|field| {
                let name = field.rsplit_once('.').map_or(*field, |(_, name)| name);
                input.get(name).unwrap_or(&Value::Null)
            });
            match chosen(text(&filter["test"]), &values.collect::<Vec<_>>(), wanted) {
                Some(true) => {}
                Some(false) => return None,
                None => {
                    let path = join(path, split.1);
                    self.note("filter_mismatch", &path);
                    return None;
                }
            }
        }
        if let Some(left) = self.left.get_mut(path) {
            *left = left.checked_sub(1)?;
        }
        let fields: Vec<_> = list(&record["fields"]).cloned().collect();
        Some(self.object(&fields, record["open"] == true, input, path, None))
    }

    fn is_off(&self, path: &str) -> bool {
        list(&self.definition["switches"]).any(|switch| {
            let on = self.filters.get(text(&switch["name"]));
            let on = on.unwrap_or(&switch["default"]) == &Value::Bool(true);
            !on && list(&switch["fields"]).any(|field| field == path)
        })
    }

    fn object(
        &mut self,
        members: &[Value],
        open: bool,
        input: &Value,
        path: &str,
        given: Option<&Value>,
    ) -> Value {
        let mut written = Map::new();
        let kind = |member: &Value| text(member.get("type").unwrap_or(&member["holds"])).to_owned();
        let (counts, others): (Vec<_>, Vec<_>) =
            members.iter().partition(|member| kind(member) == "count");
        // In which a count is written, it has the arrays to count.
        let mut whole = Map::new();
        for member in others {
            let name = text(&member["name"]);
            let path = join(path, name);
            if self.is_off(&path) {
                continue;
            }
            let value = match (kind(member).as_str(), given) {
                ("text", Some(_)) => {
                    match input.get(name) {
                        None => {}
                        Some(Value::Null) => self.note("null_not_allowed", &path),
                        Some(Value::String(said)) if *said == text(&member["text"]) => {}
                        Some(Value::String(_)) => self.note("outside_enum", &path),
                        Some(_) => self.note("field_type", &path),
                    }
                    Some(member["text"].clone())
                }
                (_, Some(given)) if given.get(name).is_some() => Some(given[name].clone()),
                _ => self.member(member, input.get(name), &path),
            };
            let Some(value) = value else {
                continue;
            };
            whole.insert(name.into(), value.clone());
            written.insert(name.into(), value);
            for count in &counts {
                let of = text(&count["of"]);
                let (first, rest) = of.split_once('.').unwrap_or((of, ""));
                let is_off = self.is_off(&join(
                    path.rsplit_once('.').map_or("", |(path, _)| path),
                    of,
                ));
                if first == name && !is_off {
                    let count_value = total(&whole[name], rest);
                    written.insert(text(&count["name"]).into(), json!(count_value));
                }
            }
        }
        for count in &counts {
            // Its array is optional, and not there.
            let of = text(&count["of"]);
            let name = text(&count["name"]);
            if !self.is_off(&join(path, of)) && !written.contains_key(name) {
                written.insert(name.into(), json!(0));
            }
        }
        let described = |name: &str| members.iter().any(|member| member["name"] == name);
        for (name, value) in input.as_object().into_iter().flatten() {
            if described(name) {
                continue;
            }
            match open {
                true => {
                    written.insert(name.clone(), value.clone());
                }
                false => self.note("unknown_field", &join(path, name)),
            }
        }
        order(written, members, open)
    }

    /// The value of a member as it is written; `None` where it is left out.
    fn member(&mut self, member: &Value, value: Option<&Value>, path: &str) -> Option<Value> {
        let Some(value) = value else {
            if member["optional"] == true {
                return None;
            }
            self.note("missing_field", path);
            return Some(Value::Null);
        };
        if value.is_null() {
            if member["nullable"] != true {
                self.note("null_not_allowed", path);
            }
            return Some(Value::Null);
        }
        let kind = text(member.get("type").unwrap_or(&member["holds"]));
        let of_enum = |value: &Value| {
            let known = member["enum"].as_array();
            known.is_none_or(|known| known.contains(value))
        };
        let fits = match kind {
            "string" | "software_version" | "account_id" | "moment" => value.is_string(),
            "number" => value.is_number(),
            "integer" => value.is_number() && !value.to_string().contains(['.', 'e', 'E']),
            "boolean" => value.is_boolean(),
            "timestamp" => value.as_str().is_some_and(is_moment),
            "array" | "records" => value.is_array(),
            "object" | "record" => value.is_object(),
            _ => true,
        };
        if !fits {
            self.note("field_type", path);
            return Some(value.clone());
        }
        match kind {
            "string" if !of_enum(value) => self.note("outside_enum", path),
            "array" => {
                let wrong = list(value).find_map(|item| match member["items"].as_str() {
                    Some("string") if !item.is_string() => Some("field_type"),
                    Some("object") if !item.is_object() => Some("field_type"),
                    _ => (!of_enum(item)).then_some("outside_enum"),
                });
                if let Some(code) = wrong {
                    self.note(code, path);
                }
            }
            "record" => {
                let record = self.record_type(&member["record"]);
                return Some(self.record(&record, value, path).unwrap_or(Value::Null));
            }
            "records" => return Some(self.records(member, value, path)),
            _ => {}
        }
        Some(value.clone())
    }

    fn records(&mut self, member: &Value, value: &Value, path: &str) -> Value {
        let record = self.record_type(&member["record"]);
        let outer = self.row;
        let mut written = Vec::new();
        for (number, item) in (1..).zip(list(value)) {
            self.row = outer.or(Some(number));
            if item.is_object() {
                written.extend(self.record(&record, item, path));
            } else {
                self.note("field_type", path);
                written.push(item.clone());
            }
        }
        self.row = outer;
        Value::Array(written)
    }
}

/// The members in the order of the definition, each count behind its array, and the others behind them.
fn order(mut written: Map<String, Value>, members: &[Value], _: bool) -> Value {
    let is_count = |member: &Value| member.get("of").is_some();
    let mut names = Vec::new();
    for member in members.iter().filter(|member| !is_count(member)) {
        names.push(text(&member["name"]));
        for count in members.iter().filter(|member| is_count(member)) {
            if text(&count["of"]).split('.').next() == member["name"].as_str() {
                names.push(text(&count["name"]));
            }
        }
    }
    let mut ordered = Map::new();
    for name in names {
        if let Some(value) = written.shift_remove(name) {
            ordered.insert(name.into(), value);
        }
    }
    ordered.append(&mut written);
    Value::Object(ordered)
}

const STANDARD: [(&str, &str); 4] = [
    ("export_type", "type"),
    ("software_version", "software_version"),
    ("account_id", "account_id"),
    ("exported_at", "moment"),
];

/// How many items the arrays have at a path below a value.
fn total(value: &Value, path: &str) -> u64 {
    let Some(items) = value.as_array() else {
        // A record that arrays are in.
        return match path.split_once('.').unwrap_or((path, "")) {
            ("", _) => 0,
            (name, rest) => total(&value[name], rest),
        };
    };
    match path.split_once('.').unwrap_or((path, "")) {
        ("", _) => items.len() as u64,
        (name, rest) => items.iter().map(|item| total(&item[name], rest)).sum(),
    }
}

/// Whether values meet a condition; `None` where they cannot be judged.
fn chosen(test: &str, values: &[&Value], wanted: &Value) -> Option<bool> {
    if test == "is_null" {
        return Some(wanted == false || values.iter().all(|value| value.is_null()));
    }
    let value = values[0];
    if value.is_null() {
        return Some(false);
    }
    let alike = |value: &Value, wanted: &Value| match (value, wanted) {
        (Value::String(value), Value::String(wanted)) => Some(value == wanted),
        (Value::Number(value), Value::Number(wanted)) => Some(value.as_f64() == wanted.as_f64()),
        (Value::Bool(value), Value::Bool(wanted)) => Some(value == wanted),
        _ => None,
    };
    match test {
        "equals" => alike(value, wanted),
        "one_of" => {
            let found: Vec<_> = list(wanted).map(|wanted| alike(value, wanted)).collect();
            match found.contains(&Some(true)) {
                true => Some(true),
                false if found.contains(&None) => None,
                false => Some(false),
            }
        }
        "any_of" => {
            let items = value.as_array()?;
            Some(
                items
                    .iter()
                    .any(|item| list(wanted).any(|wanted| item == wanted)),
            )
        }
        _ => {
            let order = match (value, wanted) {
                (Value::Number(value), Value::Number(wanted)) => {
                    value.as_f64()?.partial_cmp(&wanted.as_f64()?)?
                }
                // All moments of these tests are UTC, of the same length.
                (Value::String(value), Value::String(wanted)) => {
                    is_moment(value).then_some(())?;
                    value.as_str().cmp(wanted.as_str())
                }
                _ => return None,
            };
            Some(match test {
                "at_least" => order.is_ge(),
                "at_most" => order.is_le(),
                _ => order.is_lt(),
            })
        }
    }
}

/// Moments as the random values of these tests have them.
fn is_moment(text: &str) -> bool {
    text.len() == 20 && text.starts_with("20") && text.ends_with('Z')
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn join(path: &str, name: &str) -> String {
    match path {
        "" => name.into(),
        path => format!("{path}.{name}"),
    }
}
