//! Records in compact JSON text, written by their definition: members in order, checked, counted, those left
//! out that nobody chose.

use std::borrow::Cow;

use super::condition::Verdict;
use super::findings::Findings;
use super::plan::{Holds, Member, Place, Plan};
use super::tape::{self, Token};
use crate::read::Limits;
use crate::report::Notice;
use crate::settings::Setting;
use crate::text::{json, number};
use crate::value::Kind;
use crate::write::{new_line, write_nested};

/// What is known while records are written, one within another.
pub(crate) struct State {
    /// The records that are open.
    pub(super) levels: Vec<Level>,
    pub(super) findings: Findings,
    /// How many records each limit still lets through.
    pub(super) left: Vec<u64>,
    /// The row, or the item of a document's outermost array, that things are noticed in.
    pub(super) row: Option<u64>,
    /// How many records were written that lie in arrays.
    pub(super) records: u64,
    /// A record has become too long.
    pub(super) overflowed: bool,
    /// Where the values of the open records' members stand among the tokens.
    places: Vec<u32>,
    /// Where those members of open records stand that nobody describes.
    others: Vec<u32>,
}

/// A record that is open.
pub(super) struct Level {
    pub(super) place: usize,
    /// The member that is being written.
    pub(super) member: usize,
    /// How many records each of its counts has come to.
    pub(super) counts: Vec<u64>,
}

/// Stands for a member that a record does not have.
const ABSENT: u32 = u32::MAX;

impl State {
    pub(super) fn new(plan: &Plan, limits: &Limits) -> Self {
        Self {
            levels: Vec::new(),
            findings: Findings::new(limits),
            left: plan.limits.clone(),
            row: None,
            records: 0,
            overflowed: false,
            places: Vec::new(),
            others: Vec::new(),
        }
    }

    /// What was noticed and counted, apart from the records that are open, for [`restore`](Self::restore).
    pub(super) fn state(&self) -> Setting {
        let left = self.left.iter().copied();
        Setting::List(vec![
            self.findings.state(),
            Setting::List(left.map(Setting::count).collect()),
            Setting::count(self.records),
            self.row.map_or(Setting::Null, Setting::count),
        ])
    }

    /// Goes on from a state; `None` where it is none.
    pub(super) fn restore(&mut self, state: &Setting) -> Option<()> {
        let [findings, left, records, row] = state.as_list()? else {
            return None;
        };
        let left = left.as_list()?;
        if left.len() != self.left.len() {
            return None;
        }
        for (place, left) in self.left.iter_mut().zip(left) {
            *place = left.as_count()?;
        }
        self.records = records.as_count()?;
        self.row = match row {
            Setting::Null => None,
            row => Some(row.as_count()?),
        };
        self.findings.restore(findings)
    }

    /// Opens a record of a place.
    pub(super) fn enter(&mut self, plan: &Plan, place: usize) {
        self.levels.push(Level {
            place,
            member: 0,
            counts: vec![0; plan.place(place).counts],
        });
    }

    /// Goes to a member of the innermost record.
    pub(super) fn go_to(&mut self, member: usize) {
        if let Some(level) = self.levels.last_mut() {
            level.member = member;
        }
    }

    /// Notes something about a member of the innermost record.
    #[cold]
    pub(super) fn note(&mut self, plan: &Plan, notice: Notice, name: &str) {
        let path = self.path(plan, name);
        self.findings.note_at(notice, &path, self.row, 1);
    }

    /// The name of the member that the innermost record is at.
    pub(super) fn member_name(&self, plan: &Plan) -> String {
        let level = self.levels.last();
        let member = level.and_then(|level| plan.place(level.place).members.get(level.member));
        member.map_or_else(String::new, |member| member.name.clone())
    }

    /// Notes that a record, which may be an outer one, lacks a member.
    #[cold]
    pub(super) fn note_missing(&mut self, plan: &Plan, level: usize, name: &str, in_array: bool) {
        let path = path(plan, self.levels.get(..level).unwrap_or_default(), name);
        let row = self.row.filter(|_| in_array);
        self.findings.note_at(Notice::MissingField, &path, row, 1);
    }

    /// The path of a member of the innermost record.
    pub(super) fn path(&self, plan: &Plan, name: &str) -> String {
        let outer = self.levels.split_last().map_or(&[][..], |(_, outer)| outer);
        path(plan, outer, name)
    }

    /// Notes something about a member of a record that stands in the innermost one's member.
    #[cold]
    fn note_within(&mut self, plan: &Plan, notice: Notice, name: &str) {
        let path = path(plan, &self.levels, name);
        self.findings.note_at(notice, &path, self.row, 1);
    }

    /// Lets a record through the limit of its place, if there is one.
    pub(super) fn pass_limit(&mut self, place: &Place) -> bool {
        let left = place.limit.and_then(|limit| self.left.get_mut(limit));
        match left {
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
            None => true,
        }
    }

    /// Adds to the counts of an array, whose member the innermost record is at, all that it held.
    pub(super) fn count(&mut self, plan: &Plan, records: u64) {
        let names: Vec<&str> = self
            .levels
            .iter()
            .map(|level| {
                let member = plan.place(level.place).members.get(level.member);
                member.map_or("", |member| member.name.as_str())
            })
            .collect();
        for (at, level) in self.levels.iter_mut().enumerate() {
            let place = plan.place(level.place);
            if place.counts == 0 {
                continue;
            }
            let path = names.get(at..).unwrap_or_default();
            for member in &place.members {
                if let Holds::Count(of, number) = &member.holds
                    && of.iter().eq(path)
                    && let Some(count) = level.counts.get_mut(*number)
                {
                    *count += records;
                }
            }
        }
    }
}

/// The path of a member of a record that lies in the members of these.
fn path(plan: &Plan, levels: &[Level], name: &str) -> String {
    let mut path = String::new();
    for level in levels {
        let member = plan.place(level.place).members.get(level.member);
        path.push_str(member.map_or("", |member| &member.name));
        path.push('.');
    }
    path + name
}

/// Writes the values of one text.
pub(super) struct Nested<'a> {
    pub(super) plan: &'a Plan,
    pub(super) state: &'a mut State,
    pub(super) text: &'a [u8],
    pub(super) tokens: &'a [Token],
    /// Whether what is written is indented.
    pub(super) pretty: bool,
    /// How long the text may become that is written to.
    pub(super) most: usize,
}

/// Where a record's members were put that is about to be written.
pub(super) struct Found {
    places: usize,
    others: usize,
}

impl<'a> Nested<'a> {
    /// The kind of a value, and its text as a cell has it.
    fn value(&self, token: Option<&Token>) -> (Kind, Cow<'a, [u8]>) {
        let Some(token) = token else {
            return (Kind::Missing, Cow::Borrowed(&[]));
        };
        let text = token.text(self.text);
        let mut scratch = Vec::new();
        let (kind, escaped, _) = json::cell_of(text, &mut scratch);
        let inside = match (kind, escaped) {
            (Kind::Text, true) => return (kind, Cow::Owned(scratch)),
            (Kind::Text, false) => text.get(1..text.len().saturating_sub(1)),
            (Kind::Null, _) => None,
            _ => Some(text),
        };
        (kind, Cow::Borrowed(inside.unwrap_or_default()))
    }

    /// Finds the members of the record that is this token, and tells whether it is chosen; what is not
    /// chosen is forgotten.
    pub(super) fn choose(&mut self, number: usize, token: usize) -> Option<Found> {
        let place = self.plan.place(number);
        let found = Found {
            places: self.state.places.len(),
            others: self.state.others.len(),
        };
        let behind = found.places + place.members.len();
        self.state.places.resize(behind, ABSENT);
        let end = self.tokens.get(token).map_or(0, |record| record.next);
        let mut key = token as u32 + 1;
        let mut guess = 0;
        while key < end {
            let text = self.tokens.get(key as usize);
            let name = text.map_or(&[][..], |token| token.text(self.text));
            match place.find(name, guess) {
                Some(member) => {
                    guess = member + 1;
                    if let Some(place) = self.state.places.get_mut(found.places + member) {
                        *place = key + 1;
                    }
                }
                None => self.state.others.push(key),
            }
            let value = self.tokens.get(key as usize + 1);
            key = value.map_or(end, |value| value.next);
        }
        if self.is_chosen(place, &found) && self.state.pass_limit(place) {
            return Some(found);
        }
        self.forget(found);
        None
    }

    fn is_chosen(&mut self, place: &Place, found: &Found) -> bool {
        for condition in &place.conditions {
            let verdict = condition.judge(|member| self.value(self.member(found, member)));
            match verdict {
                Verdict::Chosen => continue,
                Verdict::LeftOut => {}
                Verdict::Unclear => {
                    let member = condition.members.first();
                    let member = member.and_then(|member| place.members.get(*member));
                    let name = member.map_or("", |member| &member.name);
                    let notice = Notice::FilterMismatch;
                    self.state.note_within(self.plan, notice, name);
                }
            }
            return false;
        }
        true
    }

    /// The token of a member's value.
    fn member(&self, found: &Found, member: usize) -> Option<&Token> {
        self.tokens.get(self.member_at(found, member)?)
    }

    fn member_at(&self, found: &Found, member: usize) -> Option<usize> {
        let place = *self.state.places.get(found.places + member)?;
        (place != ABSENT).then_some(place as usize)
    }

    fn forget(&mut self, found: Found) {
        self.state.places.truncate(found.places);
        self.state.others.truncate(found.others);
    }

    /// Writes a record that was chosen.
    pub(super) fn record(&mut self, number: usize, found: Found, indent: usize, out: &mut Vec<u8>) {
        let place = self.plan.place(number);
        self.state.enter(self.plan, number);
        out.push(b'{');
        let start = out.len();
        if start > self.most {
            // Few bytes may stand for a record of many members, again and again.
            self.state.overflowed = true;
        }
        for (at, member) in place.members.iter().enumerate() {
            let value = self.member_at(&found, at);
            let is_count = matches!(member.holds, Holds::Count(..));
            if member.left_out || (value.is_none() && member.rule.optional && !is_count) {
                continue;
            }
            self.key(&member.key, start, indent, out);
            self.state.go_to(at);
            self.member_value(member, value, indent + 1, out);
        }
        let mut at = found.others;
        while let Some(&key) = self.state.others.get(at) {
            at += 1;
            let text = self.tokens.get(key as usize);
            let name = text.map_or(&[][..], |token| token.text(self.text));
            if !place.open {
                let mut scratch = Vec::new();
                let (_, _, name) = json::cell_of(name, &mut scratch);
                let name = String::from_utf8_lossy(name);
                self.state.note(self.plan, Notice::UnknownField, &name);
                continue;
            }
            self.key(name, start, indent, out);
            self.plain(key as usize + 1, indent + 1, out);
        }
        self.state.levels.pop();
        if out.len() > start {
            self.new_line(indent, out);
        }
        out.push(b'}');
        self.forget(found);
    }

    /// Writes what stands before a member's value. `start` is where the first one begins.
    fn key(&self, key: &[u8], start: usize, indent: usize, out: &mut Vec<u8>) {
        if out.len() > start {
            out.push(b',');
        }
        self.new_line(indent + 1, out);
        out.extend_from_slice(key);
        out.extend_from_slice(if self.pretty { b": " } else { b":" });
    }

    fn new_line(&self, indent: usize, out: &mut Vec<u8>) {
        new_line(self.pretty.then_some(indent), out);
    }

    /// Checks the value of a member of the innermost record, and writes it. `token` is `None` where the record
    /// has none.
    pub(super) fn member_value(
        &mut self,
        member: &Member,
        token: Option<usize>,
        indent: usize,
        out: &mut Vec<u8>,
    ) {
        if let Holds::Count(_, count) = member.holds {
            let level = self.state.levels.last();
            let count = level.and_then(|level| level.counts.get(count));
            return number::write(count.copied().unwrap_or_default(), out);
        }
        let value = token.and_then(|token| self.tokens.get(token));
        let (kind, text) = self.value(value);
        let mut notice = member.rule.judge(kind, &text);
        if notice.is_none() && kind == Kind::Nested && member.rule.wants_items() {
            let array = token.unwrap_or_default();
            let fit = member.rule.fit_items(self.text, self.tokens, array);
            notice = (!fit).then_some(Notice::FieldType);
        }
        let first = text.first().copied().filter(|_| kind == Kind::Nested);
        if let Some(notice) = notice {
            self.state.note(self.plan, notice, &member.name);
        }
        match (token, &member.holds, first) {
            (None, ..) => out.extend_from_slice(b"null"),
            (Some(token), Holds::Record(inner), Some(b'{')) => match self.choose(*inner, token) {
                Some(found) => self.record(*inner, found, indent, out),
                None => out.extend_from_slice(b"null"),
            },
            (Some(token), Holds::Records(inner), Some(b'[')) => {
                self.records(*inner, token, indent, out);
            }
            (Some(token), ..) => self.plain(token, indent, out),
        }
    }

    /// Writes an array of records.
    fn records(&mut self, number: usize, token: usize, indent: usize, out: &mut Vec<u8>) {
        out.push(b'[');
        let mut count = 0;
        for (at, item) in tape::items(self.tokens, token) {
            let is_record = item.text(self.text).first() == Some(&b'{');
            let found = match is_record {
                true => self.choose(number, at),
                false => None,
            };
            if is_record && found.is_none() {
                continue;
            }
            if self.state.overflowed {
                break;
            }
            self.state.records += 1;
            if count > 0 {
                out.push(b',');
            }
            count += 1;
            self.new_line(indent + 1, out);
            match found {
                Some(found) => self.record(number, found, indent + 1, out),
                None => {
                    self.note_item();
                    self.plain(at, indent + 1, out);
                }
            }
        }
        if count > 0 {
            self.new_line(indent, out);
        }
        out.push(b']');
        self.state.count(self.plan, count);
    }

    /// Something that is no record stands among records.
    pub(super) fn note_item(&mut self) {
        let name = self.state.member_name(self.plan);
        self.state.note(self.plan, Notice::FieldType, &name);
    }

    /// Writes a value as it is.
    pub(super) fn plain(&self, token: usize, indent: usize, out: &mut Vec<u8>) {
        let token = self.tokens.get(token);
        let text = token.map_or(&[][..], |token| token.text(self.text));
        match text {
            [b'{' | b'[', ..] => write_nested(text, self.pretty.then_some(indent), out),
            _ => out.extend_from_slice(text),
        }
    }
}
