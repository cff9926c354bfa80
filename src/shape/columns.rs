//! The columns of a table by the definition of its records: where the values of each field come from.
//!
//! Flattened, the fields of a record in a record are columns, too, under their paths. What a definition leaves
//! open, such as the members of an object, becomes columns under the names that the data have for them.

use super::findings::Findings;
use super::plan::{Holds, Plan};
use super::rule::Rule;
use crate::read::{Described, RowBuilder, is_at_or_below, places};
use crate::settings::Setting;
use crate::table::Header;
use crate::value::{Kind, Row, Rows};

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
    /// That column is written: of an object always, of a record where the look-ahead has such a value.
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
    /// The column of what stands in place of this record.
    Own(usize),
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
    /// Flattened, for each of them the columns of the source that lie within it.
    within: Vec<Vec<u32>>,
    /// The columns of the source that no field describes and that are left out, and of each whether its name is
    /// that of a field, which has its values from another column.
    pub(super) unknown: Vec<(String, bool)>,
    flatten: bool,
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
            within: Vec::new(),
            unknown: Vec::new(),
            flatten,
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
        let open = self.open().filter_map(|record| self.records.get(record));
        let mut prefixes = Header::of(open.map(|record| record.name.as_str()));
        let left_out = self.records.iter().flat_map(|record| {
            let members = plan.place(record.place).members.iter();
            let members = members.filter(|member| member.left_out);
            members.map(|member| join(&record.name, &member.name))
        });
        let mut names = self.names.clone();
        for name in left_out {
            names.add(&name);
            prefixes.add(&name);
        }
        Described { names, prefixes }
    }

    /// The records in which the data name columns.
    fn open(&self) -> impl Iterator<Item = usize> {
        self.slots.iter().filter_map(|slot| match slot {
            Slot::Field(..) | Slot::Own(_) => None,
            Slot::Object(record) | Slot::Others(record) => Some(*record),
        })
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
            is_written: place == usize::MAX,
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
                    self.slots.push(Slot::Own(inner_record));
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

    /// Finds out where the values of each field come from, once the header is known. `held` are the rows of the
    /// look-ahead.
    pub(super) fn begin(
        &mut self,
        plan: &Plan,
        rows: &RowBuilder,
        held: Rows<'_>,
        findings: &mut Findings,
    ) {
        self.columns.clear();
        self.unknown.clear();
        let source = |name: &str| rows.header.find(name.as_bytes(), 0);
        let members = plan.place(0).members.iter();
        self.sources = members.map(|member| source(&member.name)).collect();
        self.find_within(plan, rows);
        for record in self.records.iter_mut().skip(1) {
            record.own = source(&record.name);
            record.is_written |= held.iter().any(|row| is_value(&row, record.own));
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
                        let column = source(&name);
                        let rule = Some(member.rule.clone());
                        self.add(findings, name, column, record, (Some(number), rule));
                    }
                    continue;
                }
                Slot::Own(record) => (record, Vec::new()),
                Slot::Object(record) => (record, found.remove(record)),
                Slot::Others(record) => (record, found.remove(record)),
            };
            if let Some(object) = self.records.get(record) {
                let has_own = match slot {
                    Slot::Own(_) => object.is_written,
                    // A field that no row has keeps its column.
                    Slot::Object(_) => object.own.is_some() || open.is_empty(),
                    _ => false,
                };
                if has_own {
                    let (name, own) = (object.name.clone(), object.own);
                    self.add(findings, name, own, record, (None, None));
                }
            }
            for column in open {
                let name = rows.header.name(column).unwrap_or_default().into();
                self.add(findings, name, Some(column), record, (None, None));
            }
        }
        self.slots = slots;
        self.unknown = found.unknown;
    }

    fn add(
        &mut self,
        findings: &mut Findings,
        name: String,
        source: Option<u32>,
        record: usize,
        (member, rule): (Option<usize>, Option<Rule>),
    ) {
        self.columns.push(ShapedColumn {
            source,
            path: findings.path(&name).unwrap_or(u32::MAX),
            kinds: rule.as_ref().map_or(u32::MAX, Rule::kinds),
            name,
            record,
            member,
            rule,
        });
    }

    /// Finds the columns of the source that lie within the members of the table's record.
    fn find_within(&mut self, plan: &Plan, rows: &RowBuilder) {
        let members = &plan.place(0).members;
        self.within = members.iter().map(|_| Vec::new()).collect();
        if !self.flatten {
            return;
        }
        let names = Header::of(members.iter().map(|member| member.name.as_str()));
        for (column, name) in (0..).zip(rows.header.names()) {
            for place in places(name).skip(1) {
                let member = names.find(place.as_bytes(), 0);
                if let Some(member) = member.and_then(|at| self.within.get_mut(at as usize)) {
                    member.push(column);
                }
            }
        }
    }

    /// Whether a member of the table's record is an object in a row, which has columns of its own then.
    pub(super) fn is_object(
        &self,
        plan: &Plan,
        member: usize,
        row: &Row<'_>,
        rows: &RowBuilder,
    ) -> bool {
        if !self.flatten {
            return false;
        }
        let mut within = self.within.get(member).into_iter().flatten();
        if within.any(|column| row.cell_of(Some(*column)).kind != Kind::Missing) {
            return true;
        }
        let members = &plan.place(0).members;
        let own = members.get(member).map_or("", |member| &member.name);
        let mut left_out = rows.left_out_of(row.number);
        left_out.any(|(_, name)| name != own && is_at_or_below(name, own))
    }

    /// The columns of the source that are named by the data, by the records that they belong to.
    fn unnamed(&self, plan: &Plan, rows: &RowBuilder) -> Found {
        let Described { names, prefixes } = self.described(plan);
        // Behind these come the prefixes of what is left out.
        let owners: Vec<_> = self.open().collect();
        let mut found = Found {
            names: self.records.iter().map(|_| Vec::new()).collect(),
            unknown: Vec::new(),
        };
        for (column, name) in (0..).zip(rows.header.names()) {
            let key = name.as_bytes();
            let is_described = names.find(key, 0).is_some();
            if is_described && rows.header.find(key, 0) == Some(column) {
                continue;
            }
            let mut places = places(name).chain([""]);
            let prefix = places.find_map(|place| prefixes.find(place.as_bytes(), 0));
            let Some(prefix) = prefix else {
                found.unknown.push((name.clone(), is_described));
                continue;
            };
            let Some(owner) = owners.get(prefix as usize) else {
                continue;
            };
            // The column of an object itself is no further one.
            let is_own = *owner > 0 && prefixes.name(prefix) == Some(name);
            if let Some(columns) = found.names.get_mut(*owner).filter(|_| !is_own) {
                columns.push(column);
            }
        }
        found
    }

    /// The numbers of the records that have a column for what stands in their place, for
    /// [`restore`](Self::restore).
    pub(super) fn state(&self) -> Setting {
        let records = (0..).zip(&self.records);
        let written = records.filter(|(_, record)| record.is_written && record.place != usize::MAX);
        Setting::List(written.map(|(number, _)| Setting::count(number)).collect())
    }

    /// Takes them over; `None` where there are no such records.
    pub(super) fn restore(&mut self, state: &Setting) -> Option<()> {
        for number in state.as_list()? {
            let number = usize::try_from(number.as_count()?).ok()?;
            self.records.get_mut(number)?.is_written = true;
        }
        Some(())
    }
}

/// Columns that are named by the data.
struct Found {
    /// For each record.
    names: Vec<Vec<u32>>,
    unknown: Vec<(String, bool)>,
}

impl Found {
    fn remove(&mut self, record: usize) -> Vec<u32> {
        let names = self.names.get_mut(record);
        names.map(std::mem::take).unwrap_or_default()
    }
}

/// Whether a row has a value in a column that is no record, empty or not.
pub(super) fn is_value(row: &Row<'_>, column: Option<u32>) -> bool {
    let (cell, text) = row.cell(column);
    !matches!(cell.kind, Kind::Missing | Kind::Null) && text != b"{}"
}

fn join(prefix: &str, name: &str) -> String {
    match prefix {
        "" => name.into(),
        prefix => [prefix, ".", name].concat(),
    }
}
