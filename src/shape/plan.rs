//! A resource and what was chosen of it, made ready: which members a record has at each place where records
//! stand, in the order of the file.

use super::condition::Condition;
use super::rule::Rule;
use crate::catalog::{self, Content, Field, FieldType, RecordId, Resource, Selection};
use crate::table::Header;
use crate::text::json;

/// All places where records stand. The first is that of a table's records, or the document itself.
#[derive(Default)]
pub(crate) struct Plan {
    pub(super) places: Vec<Place>,
    /// How many records each limit lets through.
    pub(super) limits: Vec<u64>,
}

/// What a record holds at one place: the same type of record may stand at several, of which only some have
/// conditions.
#[derive(Default)]
pub(crate) struct Place {
    /// In the order of the file, counts behind their arrays.
    pub(super) members: Vec<Member>,
    /// Names as JSON writes them, with their quotes.
    names: Header,
    pub(super) conditions: Vec<Condition>,
    /// The limit on how many there are.
    pub(super) limit: Option<usize>,
    /// Members that nobody describes are kept.
    pub(super) open: bool,
    /// How many members are counts.
    pub(super) counts: usize,
    /// Arrays of records lie in it, and whether it is chosen is known from the start: so it can be written
    /// while it is read.
    pub(super) streams: bool,
}

pub(super) struct Member {
    pub(super) name: String,
    /// The name as JSON writes it, with its quotes.
    pub(super) key: Vec<u8>,
    pub(super) holds: Holds,
    pub(super) rule: Rule,
    /// A switch leaves it out.
    pub(super) left_out: bool,
}

/// What a member holds, besides what its rule says.
pub(super) enum Holds {
    Value,
    /// A record of the place with this number.
    Record(usize),
    /// An array of such records.
    Records(usize),
    /// How many records the array holds that this path leads to, from the record on. It is the count of
    /// this number in its record.
    Count(Vec<String>, usize),
    /// What the options say, as JSON text, whatever the data have.
    Given(Vec<u8>),
    /// What the options could say, and otherwise the data must: the option's number.
    Awaited(usize),
}

/// What the options say of the members of an envelope.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given {
    pub(crate) software_version: Option<String>,
    pub(crate) account_id: Option<String>,
    /// The moment of the export, in RFC 3339.
    pub(crate) now: Option<String>,
    /// What these options are called, in this order, by whoever gives them.
    pub(crate) options: [&'static str; 3],
}

impl Place {
    /// The member that has a key, as JSON writes it. `guess` is looked at first.
    pub(super) fn find(&self, key: &[u8], guess: usize) -> Option<usize> {
        let found = self.names.find(key, guess as u32)?;
        Some(found as usize)
    }

    /// The member that has a name.
    pub(super) fn find_name(&self, name: &str) -> Option<usize> {
        self.find(&literal(name), 0)
    }

    fn add(&mut self, name: &str, holds: Holds, rule: Rule) {
        self.push(Member {
            name: name.into(),
            key: literal(name),
            holds,
            rule,
            left_out: false,
        });
    }

    fn push(&mut self, mut member: Member) {
        if let Holds::Count(_, number) = &mut member.holds {
            *number = self.counts;
            self.counts += 1;
        }
        self.names.add(&String::from_utf8_lossy(&member.key));
        self.members.push(member);
    }
}

impl Member {
    /// The array beside it whose records it counts, or the records that it counts lie in.
    fn counted(&self) -> Option<&str> {
        match &self.holds {
            Holds::Count(path, _) => path.first().map(String::as_str),
            _ => None,
        }
    }
}

static NO_PLACE: Place = Place {
    members: Vec::new(),
    names: Header::new(),
    conditions: Vec::new(),
    limit: None,
    open: false,
    counts: 0,
    streams: false,
};

impl Plan {
    pub(crate) fn new(resource: &Resource, selection: &Selection, given: &Given) -> Self {
        let conditions = selection.conditions.iter();
        let conditions = conditions.map(|condition| Choice {
            path: &condition.record_path,
            kind: ChoiceKind::Condition(condition),
        });
        let limits = (0..)
            .zip(&selection.limits)
            .map(|(number, (path, _))| Choice {
                path,
                kind: ChoiceKind::Limit(number),
            });
        let left_out = selection.left_out.iter().map(|path| Choice {
            path,
            kind: ChoiceKind::LeftOut,
        });
        let choices = conditions.chain(limits).chain(left_out).collect();
        let mut builder = Builder {
            resource,
            given,
            plan: Self {
                places: Vec::new(),
                limits: selection.limits.iter().map(|(_, most)| *most).collect(),
            },
            plain: vec![None; resource.records.len()],
            queue: Vec::new(),
        };
        match resource.record {
            Some(record) => {
                builder.place(record, choices);
            }
            None => builder.document(choices),
        }
        builder.finish()
    }

    /// The place with this number.
    pub(super) fn place(&self, number: usize) -> &Place {
        self.places.get(number).unwrap_or(&NO_PLACE)
    }

    /// Leaves out the counts of arrays that are left out.
    fn drop_counts(&mut self) {
        let mut dropped = Vec::new();
        for (number, place) in self.places.iter().enumerate() {
            for (at, member) in place.members.iter().enumerate() {
                if let Holds::Count(path, _) = &member.holds
                    && self.is_left_out(number, path)
                {
                    dropped.push((number, at));
                }
            }
        }
        for (number, at) in dropped {
            let place = self.places.get_mut(number);
            if let Some(member) = place.and_then(|place| place.members.get_mut(at)) {
                member.left_out = true;
            }
        }
    }

    /// Whether a switch leaves out what lies at a path.
    fn is_left_out(&self, mut number: usize, path: &[String]) -> bool {
        for name in path {
            let place = self.place(number);
            let member = place.members.iter().find(|member| member.name == *name);
            match member {
                Some(member) if member.left_out => return true,
                Some(Member {
                    holds: Holds::Record(next) | Holds::Records(next),
                    ..
                }) => number = *next,
                _ => return false,
            }
        }
        false
    }

    /// Finds the places that can be written while they are read.
    fn find_streams(&mut self) {
        // A record within a record comes behind it in the list, unless types refer to each other in a circle.
        loop {
            let mut changed = false;
            for number in (0..self.places.len()).rev() {
                let place = self.place(number);
                let holds_arrays = |member: &Member| match member.holds {
                    _ if member.left_out => false,
                    Holds::Records(_) => true,
                    Holds::Record(inner) => self.place(inner).streams,
                    _ => false,
                };
                let streams = number == 0
                    || (place.conditions.is_empty() && place.members.iter().any(holds_arrays));
                if let Some(place) = self.places.get_mut(number) {
                    changed |= place.streams != streams;
                    place.streams = streams;
                }
            }
            if !changed {
                return;
            }
        }
    }
}

/// What was chosen at a path: of records, or of a field.
#[derive(Clone, Copy)]
struct Choice<'a> {
    /// What is left of the path at the place where the choice stands.
    path: &'a [String],
    kind: ChoiceKind<'a>,
}

#[derive(Clone, Copy)]
enum ChoiceKind<'a> {
    Condition(&'a catalog::Condition),
    Limit(usize),
    LeftOut,
}

struct Builder<'a> {
    resource: &'a Resource,
    given: &'a Given,
    plan: Plan,
    /// For each type of record its place where nothing was chosen. It may lie in itself.
    plain: Vec<Option<usize>>,
    /// Places whose members are still to be found.
    queue: Vec<(usize, RecordId, Vec<Choice<'a>>)>,
}

impl<'a> Builder<'a> {
    /// The number of a place. Its members are found later: definitions may be nested more deeply than calls.
    fn place(&mut self, record: RecordId, choices: Vec<Choice<'a>>) -> usize {
        let is_plain = choices.is_empty();
        let plain = self.plain.get_mut(record.0);
        let number = self.plan.places.len();
        if let Some(plain) = plain.filter(|_| is_plain) {
            if let Some(known) = *plain {
                return known;
            }
            *plain = Some(number);
        }
        self.plan.places.push(Place::default());
        self.queue.push((number, record, choices));
        number
    }

    fn document(&mut self, choices: Vec<Choice<'a>>) {
        self.plan.places.push(Place::default());
        let resource = self.resource;
        let mut place = Place {
            open: resource.open,
            ..Place::default()
        };
        let given = |value: &Option<String>, option| match value {
            Some(text) => Holds::Given(literal(text)),
            None => Holds::Awaited(option),
        };
        for member in &resource.envelope {
            let (holds, rule) = match &member.content {
                Content::Type => (
                    Holds::Given(literal(&resource.name)),
                    Rule::of_one(&resource.name),
                ),
                Content::Text(text) => (Holds::Given(literal(text)), Rule::of_one(text)),
                Content::SoftwareVersion => {
                    (given(&self.given.software_version, 0), Rule::of_text())
                }
                Content::AccountId => (given(&self.given.account_id, 1), Rule::of_text()),
                Content::Moment => (given(&self.given.now, 2), Rule::of_text()),
                // A document has no rows.
                Content::Items => continue,
                Content::Record { record, nullable } => {
                    let inner = self.place(*record, within(&choices, &member.name));
                    (Holds::Record(inner), Rule::of_records(false, *nullable))
                }
                Content::Records { record, nullable } => {
                    let inner = self.place(*record, within(&choices, &member.name));
                    (Holds::Records(inner), Rule::of_records(true, *nullable))
                }
                Content::Count(path) => (Holds::Count(path.clone(), 0), Rule::of_text()),
                Content::Value(field) => (self.holds(field, &choices), Rule::of(field)),
            };
            place.add(&member.name, holds, rule);
        }
        self.complete(0, place, &choices);
    }

    fn finish(mut self) -> Plan {
        while let Some((number, record, choices)) = self.queue.pop() {
            let record = self.resource.record_type(record);
            let mut place = Place {
                open: record.open,
                ..Place::default()
            };
            for field in &record.fields {
                place.add(&field.name, self.holds(field, &choices), Rule::of(field));
            }
            self.complete(number, place, &choices);
        }
        self.plan.drop_counts();
        self.plan.find_streams();
        self.plan
    }

    fn holds(&mut self, field: &Field, choices: &[Choice<'a>]) -> Holds {
        match &field.field_type {
            FieldType::Record(record) => {
                Holds::Record(self.place(*record, within(choices, &field.name)))
            }
            FieldType::Records(record) => {
                Holds::Records(self.place(*record, within(choices, &field.name)))
            }
            FieldType::Count(path) => Holds::Count(path.clone(), 0),
            _ => Holds::Value,
        }
    }

    /// Puts the members into the order of the file, and adds what was chosen at the place itself.
    fn complete(&mut self, number: usize, place: Place, choices: &[Choice<'a>]) {
        let Place { members, open, .. } = place;
        let mut place = Place {
            open,
            ..Place::default()
        };
        let (counts, others): (Vec<_>, Vec<_>) = members
            .into_iter()
            .partition(|member| matches!(member.holds, Holds::Count(..)));
        let mut counts: Vec<_> = counts.into_iter().map(Some).collect();
        for member in others {
            let name = member.name.clone();
            place.push(member);
            for count in &mut counts {
                let array = count.as_ref().and_then(|count| count.counted());
                if array == Some(name.as_str())
                    && let Some(count) = count.take()
                {
                    place.push(count);
                }
            }
        }
        for count in counts.into_iter().flatten() {
            place.push(count);
        }
        for choice in choices {
            match (choice.kind, choice.path) {
                (ChoiceKind::Condition(condition), []) => {
                    let members = condition.fields.iter();
                    let members = members.filter_map(|name| place.find_name(name));
                    let condition = Condition::of(condition, members.collect());
                    place.conditions.push(condition);
                }
                (ChoiceKind::Limit(limit), []) => place.limit = Some(limit),
                (ChoiceKind::LeftOut, [name]) => {
                    let found = place.find_name(name);
                    if let Some(member) = found.and_then(|at| place.members.get_mut(at)) {
                        member.left_out = true;
                    }
                }
                _ => {}
            }
        }
        if let Some(empty) = self.plan.places.get_mut(number) {
            *empty = place;
        }
    }
}

/// The choices that stand within a member.
fn within<'a>(choices: &[Choice<'a>], name: &str) -> Vec<Choice<'a>> {
    let inner = choices.iter().filter_map(|choice| {
        let (first, path) = choice.path.split_first()?;
        // The member itself is left out, and all that is in it.
        let is_itself = path.is_empty() && matches!(choice.kind, ChoiceKind::LeftOut);
        (first == name && !is_itself).then_some(Choice { path, ..*choice })
    });
    inner.collect()
}

/// A text as a JSON string.
fn literal(text: &str) -> Vec<u8> {
    let mut literal = Vec::new();
    json::write_string(text.as_bytes(), &mut literal);
    literal
}
