//! The members of a document put in the order of its definition, while they come in any order.
//!
//! What comes in its turn is written at once. What comes before its turn is held, as the text that it will be in
//! the file, until all that stands before it has come, or its object has ended. Once more than [`HELD_BYTES`] are
//! held, what has not come is taken for missing.

use super::super::nested::{Nested, State};
use super::super::plan::{Given, Holds, Plan};
use super::super::tape::{self, Token};
use super::frame::{Array, Frame, Object};
use crate::error::{Error, ErrorKind, Result};
use crate::read::Limits;
use crate::report::Notice;
use crate::text::{json, number};
use crate::write::{new_line, write_nested};

/// How much may be held for members that have not come.
const HELD_BYTES: usize = 1 << 20;

/// How many times as long as the most that a row may take a record may become.
const GROWTH: usize = 8;

pub(super) struct Arranger {
    pub(super) plan: Plan,
    pub(super) state: State,
    given: Given,
    /// What goes to the file.
    pub(super) main: Vec<u8>,
    /// Members before their turn that are not complete, one within another.
    pub(super) buffers: Vec<Vec<u8>>,
    /// The objects and arrays that are written while they are read.
    pub(super) frames: Vec<Frame>,
    /// How many bytes the complete members take that are held.
    pub(super) held: usize,
    pretty: bool,
    limits: Limits,
    tokens: Vec<Token>,
}

/// What is to be done with a member whose key was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// The described member of this number.
    Member(usize),
    /// The member of this number, which the definition has the text of: it is only compared.
    Fixed(usize),
    /// A member that nobody describes and that is kept, by its key.
    Other(Vec<u8>),
    Skip,
}

/// How a member's value, or an item of an array, is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Whole, before it is written.
    Whole,
    /// An array of records of this place, one by one.
    Records(usize),
    /// A record of this place, member by member.
    Record(usize),
    /// Not at all.
    Skip,
}

impl Arranger {
    pub(super) fn new(plan: Plan, given: Given, limits: &Limits, pretty: bool) -> Self {
        Self {
            state: State::new(&plan, limits),
            plan,
            given,
            main: Vec::new(),
            buffers: Vec::new(),
            frames: Vec::new(),
            held: 0,
            pretty,
            limits: limits.clone(),
            tokens: Vec::new(),
        }
    }

    /// Where what is read now is written to.
    fn out(&mut self) -> &mut Vec<u8> {
        match self.buffers.last_mut() {
            Some(buffer) => buffer,
            None => &mut self.main,
        }
    }

    /// Where the members of a frame are written to, apart from one that is before its turn.
    fn out_of(&mut self, frame: usize) -> &mut Vec<u8> {
        let outer = self.frames.iter().take(frame);
        let buffers = outer.filter(|frame| frame.is_own()).count();
        let buffer = buffers.checked_sub(1);
        match buffer.and_then(|buffer| self.buffers.get_mut(buffer)) {
            Some(buffer) => buffer,
            None => &mut self.main,
        }
    }

    fn object(&mut self, frame: usize) -> Option<&mut Object> {
        match self.frames.get_mut(frame) {
            Some(Frame::Object(object)) => Some(object),
            _ => None,
        }
    }

    /// The number of the innermost frame.
    fn top(&self) -> usize {
        self.frames.len().saturating_sub(1)
    }

    /// How deep the values within the innermost frame stand.
    fn indent(&self) -> usize {
        self.frames.last().map_or(0, |frame| frame.indent() + 1)
    }

    /// Starts an object of a place.
    pub(super) fn begin_object(&mut self, place: usize) {
        let indent = self.indent();
        let level = self.state.levels.len();
        let members = self.plan.place(place).members.len();
        self.state.enter(&self.plan, place);
        self.out().push(b'{');
        let object = Object::new(level, place, indent, members);
        self.frames.push(Frame::Object(object));
        self.write_ready(self.top());
    }

    /// Ends the innermost object.
    pub(super) fn end_object(&mut self) -> Result<()> {
        let top = self.top();
        self.write_all(top, true)?;
        self.write_others(top);
        self.state.levels.pop();
        if let Some(Frame::Object(object)) = self.frames.pop() {
            if !object.empty {
                let indent = self.pretty.then_some(object.indent);
                new_line(indent, self.out());
            }
            self.out().push(b'}');
        }
        self.complete()
    }

    /// Starts an array of records of a place.
    pub(super) fn begin_array(&mut self, place: usize) {
        let indent = self.indent();
        self.out().push(b'[');
        self.frames.push(Frame::Array(Array {
            place,
            indent,
            count: 0,
            read: 0,
        }));
    }

    /// Ends the innermost array.
    pub(super) fn end_array(&mut self) -> Result<()> {
        if let Some(Frame::Array(array)) = self.frames.pop() {
            if array.count > 0 {
                let indent = self.pretty.then_some(array.indent);
                new_line(indent, self.out());
            }
            self.out().push(b']');
            self.state.count(&self.plan, array.count);
        }
        if !self.in_array() {
            self.state.row = None;
        }
        self.complete()
    }

    fn in_array(&self) -> bool {
        self.frames.iter().any(Frame::is_array)
    }

    /// What is to be done with a member of the innermost object, of this key in JSON.
    pub(super) fn turn(&mut self, key: &[u8], name: &str) -> Result<Turn> {
        let Some(Frame::Object(object)) = self.frames.last_mut() else {
            return Ok(Turn::Skip);
        };
        let place = self.plan.place(object.place);
        let Some(number) = place.find(key, object.guess) else {
            if !place.open {
                self.state.note(&self.plan, Notice::UnknownField, name);
                return Ok(Turn::Skip);
            }
            if object.names.find(key, 0).is_some() {
                return Err(self.late(name, true));
            }
            if object.names.len() as u64 >= self.limits.columns {
                return Err(Error::limit("columns", self.limits.columns));
            }
            object.name_bytes += key.len() as u64;
            if object.name_bytes > self.limits.row_bytes {
                return Err(Error::limit("row_bytes", self.limits.row_bytes));
            }
            object.names.add(&String::from_utf8_lossy(key));
            return Ok(Turn::Other(key.to_vec()));
        };
        object.guess = number + 1;
        let Some(member) = place.members.get(number) else {
            return Ok(Turn::Skip);
        };
        match member.holds {
            Holds::Given(_) if member.rule.has_values() => {
                self.state.go_to(number);
                return Ok(Turn::Fixed(number));
            }
            Holds::Given(_) | Holds::Count(..) => return Ok(Turn::Skip),
            _ if member.left_out => return Ok(Turn::Skip),
            _ => {}
        }
        let came = object.came.get_mut(number);
        if came.is_some_and(|came| std::mem::replace(came, true)) {
            return Err(self.late(name, true));
        }
        if number < object.next {
            return Err(self.late(name, false));
        }
        self.state.go_to(number);
        Ok(Turn::Member(number))
    }

    fn late(&self, name: &str, again: bool) -> Error {
        let path = self.state.path(&self.plan, name);
        Error::new(ErrorKind::LateMember { path, again })
    }

    /// How the value of a member of the innermost object is read that starts as an object or an array.
    pub(super) fn way_of_member(&self, number: usize, is_object: bool) -> Way {
        let Some(Frame::Object(object)) = self.frames.last() else {
            return Way::Skip;
        };
        let place = self.plan.place(object.place);
        match place.members.get(number).map(|member| &member.holds) {
            Some(Holds::Records(inner)) if !is_object => Way::Records(*inner),
            Some(Holds::Record(inner)) if is_object && self.plan.place(*inner).streams => {
                Way::Record(*inner)
            }
            _ => Way::Whole,
        }
    }

    /// Goes on to the next item of the innermost array, and tells how it is read.
    pub(super) fn next_item(&mut self, is_object: bool) -> Way {
        let is_outermost = !self.in_outer_array();
        let Some(Frame::Array(array)) = self.frames.last_mut() else {
            return Way::Skip;
        };
        array.read += 1;
        if is_outermost {
            self.state.row = Some(array.read);
        }
        let (inner, place) = (array.place, self.plan.place(array.place));
        if !(is_object && place.streams) {
            return Way::Whole;
        }
        match self.state.pass_limit(place) {
            true => Way::Record(inner),
            false => Way::Skip,
        }
    }

    fn in_outer_array(&self) -> bool {
        let outer = self.frames.split_last().map_or(&[][..], |(_, outer)| outer);
        outer.iter().any(Frame::is_array)
    }

    /// Writes what stands before an item of the innermost array.
    pub(super) fn begin_item(&mut self) -> Result<()> {
        let Some(Frame::Array(array)) = self.frames.last_mut() else {
            return Ok(());
        };
        let is_first = array.count == 0;
        array.count += 1;
        let indent = self.pretty.then_some(array.indent + 1);
        self.state.records += 1;
        if self.state.records > self.limits.rows {
            return Err(Error::limit("rows", self.limits.rows));
        }
        let out = self.out();
        if !is_first {
            out.push(b',');
        }
        new_line(indent, out);
        Ok(())
    }

    /// Writes a whole item of the innermost array, given as compact JSON text.
    pub(super) fn item(&mut self, text: &[u8]) -> Result<()> {
        let Some(Frame::Array(array)) = self.frames.last() else {
            return Ok(());
        };
        let (number, indent) = (array.place, array.indent + 1);
        let mut tokens = std::mem::take(&mut self.tokens);
        tape::read(text, &mut tokens);
        let is_record = text.first() == Some(&b'{');
        let mut found = None;
        if is_record {
            found = self.nested(text, &tokens).choose(number, 0);
            if found.is_none() {
                self.tokens = tokens;
                return Ok(());
            }
        }
        self.begin_item()?;
        let mut out = std::mem::take(self.out());
        let most = self.most(&out);
        let mut nested = self.nested(text, &tokens);
        nested.most = most;
        match found {
            Some(found) => nested.record(number, found, indent, &mut out),
            None => {
                nested.note_item();
                nested.plain(0, indent, &mut out);
            }
        }
        self.put_back(out, tokens)?;
        self.settle()
    }

    /// Starts a member of the innermost object: what stands before its value.
    pub(super) fn begin_member(&mut self, number: usize) {
        let top = self.top();
        let Some(object) = self.object(top) else {
            return;
        };
        if object.next == number {
            self.write_key(top, number);
            return;
        }
        object.own = true;
        self.buffers.push(Vec::new());
    }

    /// Writes the whole value of a member of the innermost object, given as compact JSON text.
    pub(super) fn value(&mut self, number: usize, text: &[u8]) -> Result<()> {
        self.begin_member(number);
        let indent = self.indent();
        let mut tokens = std::mem::take(&mut self.tokens);
        tape::read(text, &mut tokens);
        let mut out = std::mem::take(self.out());
        let most = self.most(&out);
        if let Some(Frame::Object(object)) = self.frames.last()
            && let Some(member) = self.plan.place(object.place).members.get(number)
        {
            let mut nested = Nested {
                plan: &self.plan,
                state: &mut self.state,
                text,
                tokens: &tokens,
                pretty: self.pretty,
                most,
            };
            nested.member_value(member, Some(0), indent, &mut out);
        }
        self.put_back(out, tokens)?;
        self.complete()
    }

    /// Compares a member of the innermost object with the text that the definition has for it, which is written in
    /// any case.
    pub(super) fn fixed(&mut self, number: usize, text: &[u8]) {
        let Some(Frame::Object(object)) = self.frames.last() else {
            return;
        };
        let Some(member) = self.plan.place(object.place).members.get(number) else {
            return;
        };
        let mut scratch = Vec::new();
        let (kind, _, value) = json::cell_of(text, &mut scratch);
        if let Some(notice) = member.rule.judge(kind, value) {
            self.state.note(&self.plan, notice, &member.name);
        }
    }

    /// Takes a member of the innermost object that nobody describes.
    pub(super) fn other(&mut self, key: Vec<u8>, text: &[u8]) -> Result<()> {
        let indent = self.pretty.then_some(self.indent());
        let mut value = Vec::new();
        write_nested(text, indent, &mut value);
        let top = self.top();
        let Some(object) = self.object(top) else {
            return Ok(());
        };
        if object.flows {
            self.write_head(top, &key);
            self.out_of(top).extend_from_slice(&value);
        } else {
            let len = key.len() + value.len();
            object.others.push((key, value));
            self.held += len;
        }
        self.settle()
    }

    fn nested<'a>(&'a mut self, text: &'a [u8], tokens: &'a [Token]) -> Nested<'a> {
        Nested {
            plan: &self.plan,
            state: &mut self.state,
            text,
            tokens,
            pretty: self.pretty,
            most: usize::MAX,
        }
    }

    /// How long the text may become that is written to, with one more record.
    fn most(&self, out: &[u8]) -> usize {
        let growth = usize::try_from(self.limits.row_bytes).unwrap_or(usize::MAX);
        out.len().saturating_add(growth.saturating_mul(GROWTH))
    }

    fn put_back(&mut self, out: Vec<u8>, tokens: Vec<Token>) -> Result<()> {
        *self.out() = out;
        self.tokens = tokens;
        match self.state.overflowed {
            true => Err(Error::limit("row_bytes", self.limits.row_bytes)),
            false => Ok(()),
        }
    }

    /// A value is complete: the document, an item, or the member that the innermost object is at.
    fn complete(&mut self) -> Result<()> {
        let top = self.top();
        let number = self.state.levels.last().map_or(0, |level| level.member);
        let Some(Frame::Object(object)) = self.frames.last_mut() else {
            return self.settle();
        };
        if std::mem::take(&mut object.own) {
            let buffer = self.buffers.pop().unwrap_or_default();
            self.held += buffer.len();
            if let Some(place) = object.held.get_mut(number) {
                *place = Some(buffer);
            }
        } else {
            object.next = number + 1;
            self.write_ready(top);
        }
        self.settle()
    }

    /// Writes the members of an object that are known, up to the first that is not.
    fn write_ready(&mut self, frame: usize) {
        loop {
            let Some(Frame::Object(object)) = self.frames.get_mut(frame) else {
                return;
            };
            let number = object.next;
            let Some(member) = self.plan.place(object.place).members.get(number) else {
                return;
            };
            let level = self.state.levels.get(object.level);
            let mut value = Vec::new();
            match &member.holds {
                _ if member.left_out => {
                    object.next += 1;
                    continue;
                }
                Holds::Count(_, count) => {
                    let count = level.and_then(|level| level.counts.get(*count));
                    number::write(count.copied().unwrap_or_default(), &mut value);
                }
                Holds::Given(text) => value.clone_from(text),
                _ => match object.held.get_mut(number).and_then(Option::take) {
                    Some(held) => {
                        self.held -= held.len();
                        value = held;
                    }
                    None => return,
                },
            }
            object.next += 1;
            self.write_key(frame, number);
            self.out_of(frame).append(&mut value);
        }
    }

    /// Writes the members of an object up to one of them. What has not come is missing, since the object has ended
    /// or too much else is held for it.
    fn write_up_to(&mut self, frame: usize, end: usize, has_ended: bool) -> Result<()> {
        loop {
            self.write_ready(frame);
            let Some(Frame::Object(object)) = self.frames.get_mut(frame) else {
                return Ok(());
            };
            let number = object.next;
            let member = self.plan.place(object.place).members.get(number);
            let Some(member) = member.filter(|_| number < end) else {
                return Ok(());
            };
            if let Holds::Awaited(option) = member.holds {
                return Err(match has_ended {
                    true => self.given.missing(option),
                    false => self.given.late(option, &member.name),
                });
            }
            object.next += 1;
            if member.rule.optional {
                continue;
            }
            let level = object.level;
            let name = &member.name;
            let outer = self.frames.iter().take(frame);
            let in_array = outer.into_iter().any(Frame::is_array);
            self.state.note_missing(&self.plan, level, name, in_array);
            self.write_key(frame, number);
            self.out_of(frame).extend_from_slice(b"null");
        }
    }

    /// Writes all described members of an object.
    fn write_all(&mut self, frame: usize, has_ended: bool) -> Result<()> {
        self.write_up_to(frame, usize::MAX, has_ended)
    }

    /// Writes the members of an object that nobody describes.
    fn write_others(&mut self, frame: usize) {
        let Some(object) = self.object(frame) else {
            return;
        };
        for (key, value) in std::mem::take(&mut object.others) {
            self.held -= key.len() + value.len();
            self.write_head(frame, &key);
            self.out_of(frame).extend_from_slice(&value);
        }
    }

    fn write_key(&mut self, frame: usize, number: usize) {
        let Some(Frame::Object(object)) = self.frames.get(frame) else {
            return;
        };
        let member = self.plan.place(object.place).members.get(number);
        let key = member.map(|member| member.key.clone()).unwrap_or_default();
        self.write_head(frame, &key);
    }

    /// Writes what stands before the value of a member.
    fn write_head(&mut self, frame: usize, key: &[u8]) {
        let pretty = self.pretty;
        let Some(object) = self.object(frame) else {
            return;
        };
        let is_first = std::mem::take(&mut object.empty);
        let indent = pretty.then_some(object.indent + 1);
        let out = self.out_of(frame);
        if !is_first {
            out.push(b',');
        }
        new_line(indent, out);
        out.extend_from_slice(key);
        out.extend_from_slice(if pretty { b": " } else { b":" });
    }

    /// Takes members for missing where too much is held for them, in the outermost object first: what is held
    /// within others is a part of what these hold.
    pub(super) fn settle(&mut self) -> Result<()> {
        let mut frame = 0;
        while self.held_bytes() > HELD_BYTES && frame < self.frames.len() {
            self.relieve(frame)?;
            frame += 1;
        }
        Ok(())
    }

    fn held_bytes(&self) -> usize {
        let buffers = self.buffers.iter().map(Vec::len);
        self.held + buffers.sum::<usize>()
    }

    /// Writes what an object holds.
    fn relieve(&mut self, frame: usize) -> Result<()> {
        let Some(Frame::Object(object)) = self.frames.get(frame) else {
            return Ok(());
        };
        let level = self.state.levels.get(object.level);
        let number = level.map_or(0, |level| level.member);
        if frame < self.top() && !object.own {
            // A member is being written, and what is held stands behind it.
        } else if object.own {
            self.write_up_to(frame, number, false)?;
            self.write_key(frame, number);
            let before = self.frames.iter().take(frame);
            let buffer = before.filter(|frame| frame.is_own()).count();
            if buffer < self.buffers.len() {
                let mut text = self.buffers.remove(buffer);
                self.out_of(frame).append(&mut text);
            }
            if let Some(object) = self.object(frame) {
                object.own = false;
            }
        } else if !object.others.is_empty() {
            // They stand behind all others.
            self.write_all(frame, false)?;
            self.write_others(frame);
            if let Some(object) = self.object(frame) {
                object.flows = true;
            }
        } else if let Some(last) = object.held.iter().rposition(Option::is_some) {
            self.write_up_to(frame, last + 1, false)?;
        }
        Ok(())
    }
}
