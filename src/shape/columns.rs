//! The columns of a table by the definition of its records: where the values of each field come from.
//!
//! Flattened, the fields of a record in a record are columns, too, under their paths. What a definition leaves
//! open, such as the members of an object, becomes columns under the names that the data have for them.

use super::findings::Findings;
use super::plan::{Holds, Plan};
use super::rule::Rule;
use crate::read::{Described, RowBuilder, is_at_or_below};
use crate::table::Header;

/// How deep records in records are columns of their own. Deeper ones are taken as objects of any members.
const FLAT_LEVELS: usize = 64;

/// A column as it leaves the shaper.
pub(crate) struct ShapedColumn {
    pub(crate) name: String,
    /// The column of the source.
    pub(crate) source: Option<u32>,
    /// The record among [`Columns::records`] whose field it is.
    pub(super) record: usize,
    /// The member of that record; `None` for one that no field describes.
    pub(super) member: Option<usize>,
    pub(super) rule: Option<Rule>,
    /// The kinds of cells that need no closer look.
    pub(super) kinds: u32,
    /// The number of its name among the findings.
    pub(super) path: u32,
}

impl ShapedColumn {
    /// A row that lacks it gets a null in its place.
    pub(crate) fn is_required(&self) -> bool {
        self.rule.as_ref().is_some_and(|rule| !rule.optional)
    }

    /// Whether it holds numbers; `None` where no definition says it.
    pub(crate) fn is_numeric(&self) -> Option<bool> {
        self.rule.as_ref().map(Rule::is_numeric)
    }
}

/// A record whose fields are columns: that of the table, or one in it.
pub(super) struct FlatRecord {
    /// Its place in the plan; that of an object of any members is none.
    pub(super) place: usize,
    /// The record that it lies in, and which member of that it is. The table's own lies in itself.
    pub(super) parent: usize,
    pub(super) member: usize,
    /// The path to it; empty for that of the table.
    name: String,
    rule: Option<Rule>,
    /// The column of the source for what is no record with members.
    pub(super) own: Option<u32>,
    /// That column is written.
    pub(super) is_written: bool,
    /// The number of its path among the findings.
    pub(super) path: u32,
    /// How many records each of its counts has come to in the row.
    pub(super) counts: Vec<u64>,
    /// The row has such a record.
    pub(super) is_there: bool,
}

impl FlatRecord {
    pub(super) fn rule(&self) -> Option<&Rule> {
        self.rule.as_ref()
    }
}

/// What stands in the place of a field.
enum Slot {
    /// One column, of a field of this record.
    Field(usize, usize),
    /// The columns of an object, which is this record.
    Object(usize),
    /// The columns of members of this record that nobody describes.
    Others(usize),
}

pub(super) struct Columns {
    pub(super) columns: Vec<ShapedColumn>,
    pub(super) records: Vec<FlatRecord>,
    slots: Vec<Slot>,
    /// For each member of the table's record its column in the source.
    pub(super) sources: Vec<Option<u32>>,
    /// The columns of the source that no field describes and that are left out.
    pub(super) unknown: Vec<String>,
    /// Cells have to be made anew, since there are counts and nested records.
    pub(super) converts: bool,
    /// The names that the header starts with.
    names: Header,
}

impl Columns {
    /// The columns of a table; flattened, no more than `most` of them.
    pub(super) fn new(plan: &Plan, flatten: bool, most: u64) -> Self {
        let mut columns = Self {
            columns: Vec::new(),
            records: Vec::new(),
            slots: Vec::new(),
            sources: Vec::new(),
            unknown: Vec::new(),
            converts: false,
            names: Header::default(),
        };
        columns.add_record(0, (0, 0), String::new(), None);
        let mut open = vec![0];
        columns.expand(plan, 0, flatten.then_some(most), &mut open);
        columns
    }

    /// What the reader is told. What is left out by a switch is known all the same.
    pub(super) fn described(&self, plan: &Plan) -> Described {
        let prefixes = self.slots.iter().filter_map(|slot| match slot {
            Slot::Field(..) => None,
            Slot::Object(record) | Slot::Others(record) => self.records.get(*record),
        });
        let mut prefixes: Vec<_> = prefixes.map(|record| record.name.clone()).collect();
        let left_out = self.records.iter().flat_map(|record| {
            let members = plan.place(record.place).members.iter();
            let members = members.filter(|member| member.left_out);
            members.map(|member| join(&record.name, &member.name))
        });
        let mut names = self.names.names().to_vec();
        for name in left_out {
            names.push(name.clone());
            prefixes.push(name);
        }
        Described { names, prefixes }
    }

    fn add_record(
        &mut self,
        place: usize,
        (parent, member): (usize, usize),
        name: String,
        rule: Option<Rule>,
    ) -> usize {
        self.records.push(FlatRecord {
            place,
            parent,
            member,
            name,
            rule,
            own: None,
            is_written: false,
            path: u32::MAX,
            counts: Vec::new(),
            is_there: false,
        });
        self.records.len() - 1
    }

    /// Lists the columns of a record. `open` are the places that it lies in, itself among them.
    fn expand(&mut self, plan: &Plan, record: usize, flat: Option<u64>, open: &mut Vec<usize>) {
        let Some(FlatRecord { place, name, .. }) = self.records.get(record) else {
            return;
        };
        let (place, prefix) = (plan.place(*place), name.clone());
        for (number, member) in place.members.iter().enumerate() {
            if member.left_out {
                continue;
            }
            let name = join(&prefix, &member.name);
            self.converts |= matches!(member.holds, Holds::Records(_) | Holds::Count(..));
            let is_object = match member.holds {
                Holds::Record(_) => true,
                Holds::Value => member.rule.takes_objects(),
                _ => false,
            };
            let room = flat.filter(|most| (self.names.len() as u64) < *most);
            let Some(flat) = room.filter(|_| is_object) else {
                self.converts |= matches!(member.holds, Holds::Record(_));
                self.names.add(&name);
                self.slots.push(Slot::Field(record, number));
                continue;
            };
            let rule = Some(member.rule.clone());
            match member.holds {
                Holds::Record(inner) if !open.contains(&inner) && open.len() < FLAT_LEVELS => {
                    self.names.add(&name);
                    let inner_record = self.add_record(inner, (record, number), name, rule);
                    open.push(inner);
                    self.expand(plan, inner_record, Some(flat), open);
                    open.pop();
                }
                _ => {
                    let object = self.add_record(usize::MAX, (record, number), name, rule);
                    self.slots.push(Slot::Object(object));
                }
            }
        }
        if place.open {
            self.slots.push(Slot::Others(record));
        }
    }

    /// Finds out where the values of each field come from, once the header is known.
    pub(super) fn begin(&mut self, plan: &Plan, rows: &RowBuilder, findings: &mut Findings) {
        self.columns.clear();
        self.unknown.clear();
        let source = |name: &str| rows.header.find(name.as_bytes(), 0);
        let members = plan.place(0).members.iter();
        self.sources = members.map(|member| source(&member.name)).collect();
        for record in self.records.iter_mut().skip(1) {
            record.own = source(&record.name);
            record.is_written = record.place == usize::MAX;
            record.path = findings.path(&record.name).unwrap_or(u32::MAX);
        }
        for record in &mut self.records {
            record.counts = vec![0; plan.place(record.place).counts];
        }
        let mut found = self.unnamed(plan, rows);
        let slots = std::mem::take(&mut self.slots);
        for slot in &slots {
            let (record, open) = match *slot {
                Slot::Field(record, number) => {
                    let Some(parent) = self.records.get(record) else {
                        continue;
                    };
                    let member = plan.place(parent.place).members.get(number);
                    if let Some(member) = member {
                        let name = join(&parent.name, &member.name);
                        let rule = Some(member.rule.clone());
                        self.add(findings, name, rows, record, (Some(number), rule));
                    }
                    continue;
                }
                Slot::Object(record) => (record, found.remove(record)),
                Slot::Others(record) => (record, found.remove(record)),
            };
            if let (Slot::Object(_), Some(object)) = (slot, self.records.get(record)) {
                // A field that no row has keeps its column.
                if object.own.is_some() || open.is_empty() {
                    let name = object.name.clone();
                    self.add(findings, name, rows, record, (None, None));
                }
            }
            for name in open {
                self.add(findings, name, rows, record, (None, None));
            }
        }
        self.slots = slots;
        self.unknown = found.remove_unknown();
    }

    fn add(
        &mut self,
        findings: &mut Findings,
        name: String,
        rows: &RowBuilder,
        record: usize,
        (member, rule): (Option<usize>, Option<Rule>),
    ) {
        self.columns.push(ShapedColumn {
            source: rows.header.find(name.as_bytes(), self.columns.len() as u32),
            path: findings.path(&name).unwrap_or(u32::MAX),
            kinds: rule.as_ref().map_or(u32::MAX, Rule::kinds),
            name,
            record,
            member,
            rule,
        });
    }

    /// The columns of the source that are named by the data, by the records that they belong to.
    fn unnamed(&self, plan: &Plan, rows: &RowBuilder) -> Found {
        let described = self.described(plan);
        let known = Header::of(described.names.iter().map(String::as_str));
        let mut owners: Vec<_> = self
            .slots
            .iter()
            .filter_map(|slot| match slot {
                Slot::Field(..) => None,
                Slot::Object(record) | Slot::Others(record) => Some(*record),
            })
            .collect();
        let name_of = |record: &usize| self.records.get(*record).map_or("", |record| &record.name);
        owners.sort_by_key(|record| std::cmp::Reverse(name_of(record).len()));
        let mut found = Found {
            names: self.records.iter().map(|_| Vec::new()).collect(),
            unknown: Vec::new(),
        };
        for name in rows.header.names() {
            if known.find(name.as_bytes(), 0).is_some() {
                continue;
            }
            let mut owners = owners.iter();
            let owner = owners.find(|record| is_in(name, name_of(record)));
            let left_out = described.prefixes.iter().any(|prefix| {
                let is_open = owner.is_some_and(|owner| name_of(owner).len() >= prefix.len());
                !is_open && is_in(name, prefix)
            });
            match owner.and_then(|owner| found.names.get_mut(*owner)) {
                _ if left_out => {}
                // The column of an object itself is no further one.
                Some(_) if owner.is_some_and(|owner| name_of(owner) == name) => {}
                Some(names) => names.push(name.clone()),
                None => found.unknown.push(name.clone()),
            }
        }
        found
    }
}

/// Columns that are named by the data.
struct Found {
    /// For each record.
    names: Vec<Vec<String>>,
    unknown: Vec<String>,
}

impl Found {
    fn remove(&mut self, record: usize) -> Vec<String> {
        let names = self.names.get_mut(record);
        names.map(std::mem::take).unwrap_or_default()
    }

    fn remove_unknown(self) -> Vec<String> {
        self.unknown
    }
}

fn join(prefix: &str, name: &str) -> String {
    match prefix {
        "" => name.into(),
        prefix => [prefix, ".", name].concat(),
    }
}

/// Whether a path leads to a record, or into it. The table's own record has no name.
fn is_in(path: &str, record: &str) -> bool {
    record.is_empty() || is_at_or_below(path, record)
}
