//! Record types and their fields.

use std::collections::{BTreeMap, BTreeSet};

use super::block::{Block, Problems, is_identifier, is_name, member_path, not_one_of, quoted};
use super::path::Found;
use crate::catalog::{Field, FieldType, Items, Parent, Record, RecordId};
use crate::settings::Setting;

/// How deep record types may stand in each other. One with a name can refer to itself, and so go deeper.
const MOST_DEEP: usize = 32;

/// How many fields a record type has at most, and how many values a field that takes no others.
const MOST_FIELDS: usize = 1_000;
const MOST_VALUES: usize = 1_000;

/// Stands for a type that could not be read.
const UNKNOWN: RecordId = RecordId(usize::MAX);

/// The record types of a definition while they are read.
pub(super) struct Records<'a, 'p> {
    pub(super) problems: &'p Problems,
    pub(super) list: Vec<Record>,
    pub(super) names: Vec<&'a str>,
    of_names: BTreeMap<&'a str, RecordId>,
    /// Types of which not all fields are known, and fields whose type is not: what is said of a path through
    /// them would hide the mistake itself.
    unsure_records: BTreeSet<RecordId>,
    unsure_fields: BTreeSet<(RecordId, String)>,
    uses: Vec<Use>,
    counts: BTreeMap<RecordId, Vec<Count>>,
    depth: usize,
}

/// A place where a record type is used.
struct Use {
    /// The record around it; `None` in the envelope, and for the records of a table type.
    owner: Option<RecordId>,
    record: RecordId,
    /// Where that is written.
    path: String,
    /// The column that holds it where it has no table.
    column: Option<String>,
}

/// A field that counts records.
struct Count {
    name: String,
    of: Vec<String>,
    path: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain(&'static FieldType),
    Array,
    Record,
    Records,
    Count,
}

const TYPES: [(&str, Kind); 11] = [
    ("string", Kind::Plain(&FieldType::String)),
    ("number", Kind::Plain(&FieldType::Number)),
    ("integer", Kind::Plain(&FieldType::Integer)),
    ("boolean", Kind::Plain(&FieldType::Boolean)),
    ("timestamp", Kind::Plain(&FieldType::Timestamp)),
    ("array", Kind::Array),
    ("object", Kind::Plain(&FieldType::Object)),
    ("record", Kind::Record),
    ("records", Kind::Records),
    ("count", Kind::Count),
    ("any", Kind::Plain(&FieldType::Any)),
];

const ITEMS: [(&str, Items); 3] = [
    ("string", Items::String),
    ("object", Items::Object),
    ("any", Items::Any),
];

impl<'a, 'p> Records<'a, 'p> {
    pub(super) fn new(problems: &'p Problems) -> Self {
        Self {
            problems,
            list: Vec::new(),
            names: Vec::new(),
            of_names: BTreeMap::new(),
            unsure_records: BTreeSet::new(),
            unsure_fields: BTreeSet::new(),
            uses: Vec::new(),
            counts: BTreeMap::new(),
            depth: 0,
        }
    }

    /// Reads the types that have a name. They are known before any of them is read, since they may refer to
    /// each other.
    pub(super) fn named(&mut self, block: &mut Block<'a, 'p>) {
        let Some(setting) = block.get("records") else {
            return;
        };
        let path = block.path_of("records");
        let Some(types) = Block::open(setting, path, "`records`", self.problems) else {
            return;
        };
        for (name, _) in types.members() {
            let id = RecordId(self.list.len());
            self.names.push(name);
            self.of_names.insert(name, id);
            self.list.push(Record::default());
        }
        for (number, (name, setting)) in types.members().iter().enumerate() {
            let path = member_path(types.path(), name);
            if !is_name(name) {
                let wanted =
                    "The name of a record type is of small letters, digits and `_`, a letter first";
                let message = format_args!("{wanted}, and not {}.", quoted(name));
                self.problems.add(path.clone(), message);
            }
            self.read(RecordId(number), setting, path);
        }
    }

    /// Reads the member `record`: a type, or the name of one. `owner` is the record around it, and `column`
    /// holds it where it has no table.
    pub(super) fn used(
        &mut self,
        block: &mut Block<'a, 'p>,
        owner: Option<RecordId>,
        column: Option<String>,
    ) -> RecordId {
        let Some(setting) = block.needed("record") else {
            return UNKNOWN;
        };
        let path = block.path_of("record");
        let record = match setting {
            Setting::Text(name) => match self.of_names.get(name.as_str()) {
                Some(id) => *id,
                None if self.problems.is_full() => return UNKNOWN,
                None if self.names.is_empty() => {
                    let none =
                        format_args!("There is no record type {} in `records`.", quoted(name));
                    self.problems.add(path, none);
                    return UNKNOWN;
                }
                None => {
                    let names = self.names.iter().copied();
                    self.problems.add(path, not_one_of("record", name, names));
                    return UNKNOWN;
                }
            },
            setting => {
                self.list.push(Record::default());
                let record = RecordId(self.list.len() - 1);
                self.read(record, setting, path.clone());
                record
            }
        };
        self.uses.push(Use {
            owner,
            record,
            path,
            column,
        });
        record
    }

    fn read(&mut self, id: RecordId, setting: &'a Setting, path: String) {
        self.depth += 1;
        let record = match self.depth {
            0..=MOST_DEEP => self.record(id, setting, path),
            _ => {
                let deep = format_args!("Record types stand in each other up to {MOST_DEEP} deep.");
                self.problems.add(path, deep);
                None
            }
        };
        self.depth -= 1;
        match (record, self.list.get_mut(id.0)) {
            (Some(record), Some(place)) => *place = record,
            _ => drop(self.unsure_records.insert(id)),
        }
    }

    fn record(&mut self, id: RecordId, setting: &'a Setting, path: String) -> Option<Record> {
        let mut block = Block::open(setting, path, "A record type", self.problems)?;
        let has_table = block.get("table").is_some();
        // What is given stays given where it is wrong, so that nothing is said to be missing.
        let mut table = block.identifier("table");
        let mut parent = parent(&mut block, self.problems);
        if has_table && table.is_none() {
            table = Some(String::new());
        }
        if block.get("parent").is_some() && parent.is_none() {
            parent = Some(Parent::Column(String::new()));
        }
        let mut record = Record {
            table,
            parent,
            user_column: block.identifier("user_column"),
            open: block.bool("open", false),
            open_column: block.identifier("open_column"),
            fields: Vec::new(),
        };
        if !has_table {
            for name in ["user_column", "parent", "open_column"] {
                block.idle(name, "`table`");
            }
        } else if !record.open {
            block.idle("open_column", "`open`");
        }
        match (block.get("fields"), record.open) {
            // Members that nobody describes may be all that there is.
            (None, true) => {}
            (Some(Setting::List(items)), true) if items.is_empty() => {}
            (None, false) => drop(block.needed("fields")),
            _ => match block.list("fields", MOST_FIELDS) {
                Some(items) => record.fields = self.fields(id, has_table, items),
                None => drop(self.unsure_records.insert(id)),
            },
        }
        block.finish();
        Some(record)
    }

    fn fields(
        &mut self,
        owner: RecordId,
        has_table: bool,
        items: Vec<(String, &'a Setting)>,
    ) -> Vec<Field> {
        let mut fields = Vec::new();
        let mut names = BTreeSet::new();
        for (path, item) in items {
            let Some(mut block) = Block::open(item, path, "A field", self.problems) else {
                self.unsure_records.insert(owner);
                continue;
            };
            let field = self.field(&mut block, Some(owner), has_table);
            if let Some(Setting::Text(name)) = block.get("name")
                && !names.insert(name)
            {
                block.problem(
                    "name",
                    format_args!("There are two fields {}.", quoted(name)),
                );
            }
            block.finish();
            fields.extend(field);
        }
        fields
    }

    /// Reads a field, or without an owner a value of the envelope. The caller finishes the block, which may
    /// have more members.
    pub(super) fn field(
        &mut self,
        block: &mut Block<'a, 'p>,
        owner: Option<RecordId>,
        has_table: bool,
    ) -> Option<Field> {
        let name = block.line("name");
        let column = block.identifier("column");
        let stored = column.as_deref().or(name).map(str::to_owned);
        let kind = block.word("type", &TYPES);
        let field_type = self.field_type(block, kind, owner, (name, stored));
        // Reading them makes them known, so that one in the wrong place is not called unknown.
        let values = block.texts("enum", MOST_VALUES).unwrap_or_default();
        let is_text = kind == Some(Kind::Plain(&FieldType::String));
        for (member, goes_with, fits) in [
            ("items", "the type `array`", kind == Some(Kind::Array)),
            (
                "record",
                "the types `record` and `records`",
                matches!(kind, Some(Kind::Record | Kind::Records)),
            ),
            ("of", "the type `count`", kind == Some(Kind::Count)),
            ("enum", "the type `string`", is_text),
            ("file_column", "the type `string`", is_text),
        ] {
            match fits || kind.is_none() {
                true => drop(block.get(member)),
                false => block.idle(member, goes_with),
            }
        }
        let file_column = block.identifier("file_column").filter(|_| is_text);
        let nullable = block.bool("nullable", false);
        let optional = block.bool("optional", false);
        let description = block.needed_text("description");
        if kind == Some(Kind::Count) {
            for name in ["column", "nullable", "optional"] {
                block.idle(name, "fields that are stored, and a count is counted");
            }
        }
        if file_column.is_some() && !has_table && owner.is_some() {
            block.idle("file_column", "a record type that has a `table`");
        }
        let is_stored = matches!(kind, Some(Kind::Plain(_) | Kind::Array));
        if let (Some(name), None, true, true) = (name, &column, is_stored, has_table)
            && !is_identifier(name)
        {
            let needed = format_args!("{} is no name for a column: add `column`.", quoted(name));
            block.problem("name", needed);
        }
        match (owner, name, &field_type) {
            (Some(owner), None, _) => drop(self.unsure_records.insert(owner)),
            (Some(owner), Some(name), None) => {
                self.unsure_fields.insert((owner, name.into()));
            }
            _ => {}
        }
        let name = name?.to_owned();
        Some(Field {
            column: column.unwrap_or_else(|| name.clone()),
            field_type: field_type?,
            nullable,
            optional,
            values: values.into_iter().map(|(_, text)| text.into()).collect(),
            file_column,
            description: description.unwrap_or_default().into(),
            name,
        })
    }

    fn field_type(
        &mut self,
        block: &mut Block<'a, 'p>,
        kind: Option<Kind>,
        owner: Option<RecordId>,
        (name, column): (Option<&str>, Option<String>),
    ) -> Option<FieldType> {
        let Some(owner) = owner else {
            return match kind? {
                Kind::Plain(plain) => Some(plain.clone()),
                Kind::Array => Some(FieldType::Array(block.word("items", &ITEMS)?)),
                Kind::Record | Kind::Records | Kind::Count => {
                    let message =
                        "A value is none of `record`, `records`, `count`: `holds` takes these.";
                    block.problem("type", message);
                    None
                }
            };
        };
        Some(match kind? {
            Kind::Plain(plain) => plain.clone(),
            Kind::Array => FieldType::Array(block.word("items", &ITEMS)?),
            Kind::Record => FieldType::Record(self.used(block, Some(owner), column)),
            Kind::Records => FieldType::Records(self.used(block, Some(owner), column)),
            Kind::Count => {
                let path = block.path_of("of");
                let of = super::path::split(block.needed_text("of")?, &path, self.problems)?;
                self.counts.entry(owner).or_default().push(Count {
                    name: name.unwrap_or_default().into(),
                    of: of.clone(),
                    path,
                });
                FieldType::Count(of)
            }
        })
    }

    /// The field of a record type.
    pub(super) fn field_of(&self, id: RecordId, name: &str) -> Found<&Field> {
        if !self.unsure_fields.is_empty() && self.unsure_fields.contains(&(id, name.into())) {
            return Found::Unsure;
        }
        let Some(record) = self.list.get(id.0) else {
            return Found::Unsure;
        };
        match record.field(name) {
            Some(field) => Found::Yes(field),
            None if self.unsure_records.contains(&id) || self.problems.is_full() => Found::Unsure,
            None => {
                let names = record.fields.iter().map(|field| field.name.as_str());
                Found::No(super::path::no_such(name, names))
            }
        }
    }

    /// The record type that a path leads to from another, and whether an array holds it.
    pub(super) fn walk(&self, start: (RecordId, bool), path: &[String]) -> Found<(RecordId, bool)> {
        let mut at = start;
        for name in path {
            at = match self.field_of(at.0, name) {
                Found::Yes(field) => match field.field_type {
                    FieldType::Record(record) => (record, false),
                    FieldType::Records(record) => (record, true),
                    _ => return Found::No(format!("{} holds no records", quoted(name))),
                },
                Found::No(message) => return Found::No(message),
                Found::Unsure => return Found::Unsure,
            };
        }
        match self.list.get(at.0.0) {
            Some(_) => Found::Yes(at),
            None => Found::Unsure,
        }
    }

    /// The fields of a record type that count what lies at a path from it, or beyond.
    pub(super) fn counts_of<'r>(
        &'r self,
        owner: RecordId,
        path: &'r [String],
    ) -> impl Iterator<Item = &'r str> {
        let counts = self.counts.get(&owner).into_iter().flatten();
        let counts = counts.filter(move |count| count.of.starts_with(path));
        counts.map(|count| count.name.as_str())
    }

    /// Checks what can only be judged once all types are known.
    pub(super) fn check(&self, object_table: Option<&str>) {
        let counts = self.counts.iter();
        let counts = counts.flat_map(|(owner, counts)| counts.iter().map(|count| (*owner, count)));
        for (owner, count) in counts {
            match self.walk((owner, false), &count.of) {
                Found::Yes((_, true)) | Found::Unsure => {}
                Found::Yes(_) => {
                    let path = count.path.clone();
                    self.problems
                        .add(path, "`of` leads to one record, and no array of them.");
                }
                Found::No(why) => {
                    let path = count.path.clone();
                    self.problems
                        .add(path, format_args!("`of` leads nowhere: {why}."));
                }
            }
        }
        for used in &self.uses {
            let is_unsure = |id: &RecordId| self.unsure_records.contains(id);
            if is_unsure(&used.record) || used.owner.as_ref().is_some_and(is_unsure) {
                continue;
            }
            if let Some(why) = self.misplaced(used, object_table) {
                self.problems.add(used.path.clone(), why);
            }
        }
    }

    /// Why a database could not tell which records belong there.
    fn misplaced(&self, used: &Use, object_table: Option<&str>) -> Option<String> {
        let record = self.list.get(used.record.0)?;
        let owner = used.owner.and_then(|owner| self.list.get(owner.0));
        let table = record.table.as_deref();
        let around = match owner {
            Some(owner) => owner.table.as_deref(),
            None => object_table,
        };
        let in_column = used.column.as_deref();
        match (around, table) {
            // The exported object itself.
            (Some(around), Some(table)) if owner.is_none() && around == table => None,
            (Some(_), Some(_)) if record.parent.is_none() => Some(
                "A record type with a `table` needs a `parent` here, which tells what its records belong to."
                    .into(),
            ),
            (Some(_), None) => match in_column {
                Some(column) if !is_identifier(column) => Some(format!(
                    "A record type without a `table` lies in a column, and {} is no name for one.",
                    quoted(column)
                )),
                Some(_) => None,
                None => Some("The records of an object need a `table` with a `parent`.".into()),
            },
            (None, Some(_)) if owner.is_some() => {
                Some("A record type with a `table` stands in one without.".into())
            }
            _ => None,
        }
    }
}

/// `"user_id"`, or `{"table": "members", "parent": "team_id", "child": "user_id"}`.
fn parent(block: &mut Block<'_, '_>, problems: &Problems) -> Option<Parent> {
    match block.get("parent")? {
        Setting::Text(_) => block.identifier("parent").map(Parent::Column),
        Setting::Map(_) => {
            let setting = block.get("parent")?;
            let path = block.path_of("parent");
            let mut link = Block::open(setting, path, "`parent`", problems)?;
            let [table, parent, child] = ["table", "parent", "child"].map(|name| {
                link.needed(name)?;
                link.identifier(name)
            });
            link.finish();
            Some(Parent::Link {
                table: table?,
                parent: parent?,
                child: child?,
            })
        }
        other => {
            block.mistyped("parent", "a column or a table that links", other);
            None
        }
    }
}
