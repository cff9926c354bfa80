//! From the events of the parser to values for the arranger.

use super::arranger::{Arranger, Turn, Way};
use crate::error::{Error, ErrorKind, Result};
use crate::read::json::{Event, Nested, Parser, Span, string};
use crate::read::{LISTED, Reading, Status, TIDY_AT, append, count_input};
use crate::report::{Notice, Warning};
use crate::shape::plan::{Given, Plan};
use crate::text::json;

/// How much is written before any of it is given out, so that most errors come before.
const WITHHELD_BYTES: usize = 1 << 20;

/// Reads a document, and writes it by its definition.
pub(crate) struct DocumentShaper {
    pub(super) arranger: Arranger,
    reading: Reading,
    /// What the document is called in messages.
    name: String,
    pub(super) parser: Parser,
    pub(super) bytes: Vec<u8>,
    input_bytes: u64,
    nested: Nested,
    /// The text of a value that is not in the buffer as it is wanted.
    scratch: Vec<u8>,
    pub(super) step: Step,
    /// Output may be given out.
    pub(super) begun: bool,
    /// Where the value that is read whole, or else the next token, starts in the input.
    unit: u64,
    found: bool,
    /// The first members beside the document, on the way down to it.
    beside: Vec<String>,
    beside_count: u64,
}

/// What the next event belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The value at this level of the path.
    Path(usize),
    /// The members of the object at this level of the path.
    PathMembers(usize),
    /// The members of the innermost object.
    Members,
    /// The value of a member.
    Value(Turn),
    /// The records of the innermost array.
    Items,
    /// The inside of a value that is read whole: the member that it belongs to, or an item.
    Whole(Option<Turn>),
    /// A value that is passed over, complete when the parser is back at this depth; and where to go on.
    Skip(u32, Home),
    /// The document is complete.
    Finished,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Home {
    Members,
    Items,
    Path(usize),
}

impl DocumentShaper {
    /// A shaper for a document type; `pretty` tells whether the file is indented.
    pub(crate) fn new(
        plan: Plan,
        given: Given,
        name: &str,
        reading: Reading,
        pretty: bool,
    ) -> Self {
        Self {
            arranger: Arranger::new(plan, given, &reading.limits, pretty),
            name: name.into(),
            parser: Parser::new(reading.source, &reading.limits),
            reading,
            bytes: Vec::new(),
            input_bytes: 0,
            nested: Nested::default(),
            scratch: Vec::new(),
            step: Step::Path(0),
            begun: false,
            unit: 0,
            found: false,
            beside: Vec::new(),
            beside_count: 0,
        }
    }

    /// Takes the next bytes of the input.
    pub(crate) fn push(&mut self, chunk: &[u8]) -> Result<()> {
        count_input(&mut self.input_bytes, chunk.len(), &self.reading.limits)?;
        self.tidy();
        append(&mut self.bytes, chunk)?;
        self.parser.extend(&self.bytes);
        Ok(())
    }

    /// Tells that the input is complete.
    pub(crate) fn end(&mut self) {
        self.parser.end(&self.bytes);
    }

    /// Reads until there are `enough` bytes to be given out, which are moved to `out`, or the input is used up.
    pub(crate) fn read(&mut self, enough: usize, out: &mut Vec<u8>) -> Result<Status> {
        loop {
            let most = match self.begun {
                true => enough,
                false => WITHHELD_BYTES,
            };
            if self.arranger.main.len() >= most {
                self.begun = true;
                self.give(out);
                return Ok(Status::Enough);
            }
            let event = self.parser.next(&self.bytes);
            let Some(event) = event.map_err(|error| self.place(error))? else {
                self.check_unit(self.bytes.len())?;
                if !self.parser.is_done() {
                    return Ok(Status::NeedInput);
                }
                self.begun = true;
                self.give(out);
                return Ok(Status::End);
            };
            let result = self.event(event);
            result.map_err(|error| self.place(error))?;
            self.check_unit(self.parser.pos())?;
            if !matches!(self.step, Step::Whole(_)) {
                self.unit = self.parser.offset();
            }
        }
    }

    /// Output was given out, or all that there is.
    pub(crate) fn has_begun(&self) -> bool {
        self.begun
    }

    /// Gives out what was written.
    pub(crate) fn give(&mut self, out: &mut Vec<u8>) {
        out.append(&mut self.arranger.main);
    }

    /// How many records of arrays were written.
    pub(crate) fn records(&self) -> u64 {
        self.arranger.state.records
    }

    /// How many members the document has by its definition.
    pub(crate) fn members(&self) -> u64 {
        self.arranger.plan.place(0).members.len() as u64
    }

    pub(crate) fn warnings(&self) -> Vec<Warning> {
        self.arranger.state.findings.warnings()
    }

    /// The members that stood beside the document and were not written: the first of them, and how many there
    /// are.
    pub(crate) fn beside(&self) -> (&[String], u64) {
        (&self.beside, self.beside_count)
    }

    /// Takes the next event.
    fn event(&mut self, event: Event) -> Result<()> {
        match (std::mem::replace(&mut self.step, Step::Finished), event) {
            (Step::Skip(depth, home), _) => {
                self.step = match self.parser.depth() == depth {
                    true => self.home(home),
                    false => Step::Skip(depth, home),
                };
                Ok(())
            }
            (Step::Whole(turn), _) => {
                let complete = self.nested.event(event, &mut self.bytes);
                match complete {
                    Some(span) => self.whole(turn, span),
                    None => {
                        self.step = Step::Whole(turn);
                        Ok(())
                    }
                }
            }
            (Step::Members, Event::Key(key)) => self.member(key),
            (Step::Members, _) => {
                self.arranger.end_object()?;
                self.leave();
                Ok(())
            }
            (Step::Value(turn), _) => self.value(turn, event),
            (Step::Items, Event::EndArray) => {
                self.arranger.end_array()?;
                self.leave();
                Ok(())
            }
            (Step::Items, _) => self.item(event),
            (Step::Path(level), _) => self.path_value(level, event),
            (Step::PathMembers(level), Event::Key(key)) => self.path_member(level, key),
            (Step::PathMembers(level), _) => {
                if !self.found {
                    let wanted = self.path(level + 1);
                    return Err(self.no_document(format!("it has no member {wanted}")));
                }
                self.step = match level.checked_sub(1) {
                    Some(outer) => Step::PathMembers(outer),
                    None => Step::Finished,
                };
                Ok(())
            }
            (Step::Finished, _) => Ok(()),
        }
    }

    fn home(&self, home: Home) -> Step {
        match home {
            Home::Members => Step::Members,
            Home::Items => Step::Items,
            Home::Path(level) => Step::PathMembers(level),
        }
    }

    /// Goes on behind an object or an array that is complete.
    pub(super) fn leave(&mut self) {
        self.step = match self.arranger.frames.last() {
            Some(frame) if frame.is_array() => Step::Items,
            Some(_) => Step::Members,
            None => match self.reading.path.len().checked_sub(1) {
                Some(level) => Step::PathMembers(level),
                None => Step::Finished,
            },
        };
    }

    /// The key of a member of the innermost object.
    fn member(&mut self, key: Span) -> Result<()> {
        let mut literal = std::mem::take(&mut self.scratch);
        literal.clear();
        let lone = write_text(key, &self.bytes, &mut literal);
        let name = string(key, &self.bytes);
        if lone {
            self.note(Notice::LoneSurrogate, &name, 1);
        }
        let turn = self.arranger.turn(&literal, &name)?;
        self.scratch = literal;
        self.step = match turn {
            Turn::Skip => Step::Skip(self.parser.depth(), Home::Members),
            turn => Step::Value(turn),
        };
        Ok(())
    }

    /// The first event of a member's value.
    fn value(&mut self, turn: Turn, event: Event) -> Result<()> {
        let is_object = matches!(event, Event::BeginObject);
        if let (Turn::Member(number), true) = (&turn, is_object || event == Event::BeginArray) {
            match self.arranger.way_of_member(*number, is_object) {
                Way::Records(place) => {
                    self.arranger.begin_member(*number);
                    self.arranger.begin_array(place);
                    self.step = Step::Items;
                    return Ok(());
                }
                Way::Record(place) => {
                    self.arranger.begin_member(*number);
                    self.arranger.begin_object(place);
                    self.step = Step::Members;
                    return Ok(());
                }
                Way::Whole | Way::Skip => {}
            }
        }
        self.begin_whole(Some(turn), event)
    }

    /// The first event of an item of the innermost array.
    fn item(&mut self, event: Event) -> Result<()> {
        let is_object = matches!(event, Event::BeginObject);
        match self.arranger.next_item(is_object) {
            Way::Record(place) => {
                self.arranger.begin_item()?;
                self.arranger.begin_object(place);
                self.step = Step::Members;
                Ok(())
            }
            Way::Skip => {
                self.step = Step::Skip(self.parser.depth() - 1, Home::Items);
                Ok(())
            }
            Way::Whole | Way::Records(_) => self.begin_whole(None, event),
        }
    }

    /// Starts with a value that is read whole, which it may be already.
    fn begin_whole(&mut self, turn: Option<Turn>, event: Event) -> Result<()> {
        let mut text = std::mem::take(&mut self.scratch);
        text.clear();
        match event {
            Event::BeginObject | Event::BeginArray => {
                self.scratch = text;
                let start = self.parser.pos() - 1;
                self.nested.begin(start, event, &mut self.bytes);
                self.step = Step::Whole(turn);
                return Ok(());
            }
            Event::Text(span) => {
                if write_text(span, &self.bytes, &mut text) {
                    self.note_value(Notice::LoneSurrogate, turn.as_ref(), 1);
                }
            }
            Event::Number(span) | Event::Bool(span) => {
                text.extend_from_slice(self.bytes.get(span.start..span.end).unwrap_or_default());
            }
            _ => {
                match event {
                    Event::NonFinite => self.note_value(Notice::NonFinite, turn.as_ref(), 1),
                    Event::Unrepresentable => {
                        self.note_value(Notice::Unrepresentable, turn.as_ref(), 1);
                    }
                    _ => {}
                }
                text.extend_from_slice(b"null");
            }
        }
        let result = self.put(turn, &text);
        self.scratch = text;
        result
    }

    /// A value that was read whole is complete.
    fn whole(&mut self, turn: Option<Turn>, span: Span) -> Result<()> {
        for (notice, count) in [
            (Notice::LoneSurrogate, self.nested.lone_surrogates),
            (Notice::DuplicateKey, self.nested.duplicate_keys),
            (Notice::NonFinite, self.nested.non_finite),
            (Notice::Unrepresentable, self.nested.unrepresentable),
        ] {
            if count > 0 {
                self.note_value(notice, turn.as_ref(), count);
            }
        }
        let bytes = std::mem::take(&mut self.bytes);
        let text = bytes.get(span.start..span.end).unwrap_or_default();
        let result = self.put(turn, text);
        self.bytes = bytes;
        result
    }

    /// Hands on a whole value.
    fn put(&mut self, turn: Option<Turn>, text: &[u8]) -> Result<()> {
        match turn {
            Some(Turn::Member(number)) => self.arranger.value(number, text)?,
            Some(Turn::Fixed(number)) => self.arranger.fixed(number, text),
            Some(Turn::Other(key)) => self.arranger.other(key, text)?,
            Some(Turn::Skip) => {}
            None => self.arranger.item(text)?,
        }
        self.leave();
        Ok(())
    }

    /// Notes something about a value that is read whole.
    #[cold]
    fn note_value(&mut self, notice: Notice, turn: Option<&Turn>, count: u64) {
        let arranger = &self.arranger;
        let name = match turn {
            Some(Turn::Other(key)) => {
                let mut scratch = Vec::new();
                let (_, _, name) = json::cell_of(key, &mut scratch);
                String::from_utf8_lossy(name).into_owned()
            }
            _ => arranger.state.member_name(&arranger.plan),
        };
        self.note(notice, &name, count);
    }

    /// Notes something about a member of the innermost object.
    #[cold]
    fn note(&mut self, notice: Notice, name: &str, count: u64) {
        let Arranger { plan, state, .. } = &mut self.arranger;
        let path = state.path(plan, name);
        state.findings.note_at(notice, &path, state.row, count);
    }

    /// The value at a level of the path to the document.
    fn path_value(&mut self, level: usize, event: Event) -> Result<()> {
        if event != Event::BeginObject {
            let (path, noun) = (self.path(level), event.noun());
            return Err(self.no_document(format!("{path} is {noun}, not an object")));
        }
        if level < self.reading.path.len() {
            self.step = Step::PathMembers(level);
            return Ok(());
        }
        self.arranger.begin_object(0);
        self.step = Step::Members;
        Ok(())
    }

    fn path_member(&mut self, level: usize, key: Span) -> Result<()> {
        let name = string(key, &self.bytes);
        if self.found && self.reading.document && level == 0 {
            return Err(Error::new(ErrorKind::OptionsAfterData { name }));
        }
        if self.reading.path.get(level) != Some(&name) {
            // Beside the data of a request document stand its options.
            if !(self.reading.document && level == 0) {
                self.beside_count += 1;
                if self.beside.len() < LISTED {
                    self.beside.push(name);
                }
            }
            self.step = Step::Skip(self.parser.depth(), Home::Path(level));
            return Ok(());
        }
        if self.found {
            let path = self.path(level + 1);
            return Err(self.no_document(format!("it has {path} twice")));
        }
        self.found = level + 1 == self.reading.path.len();
        self.step = Step::Path(level + 1);
        Ok(())
    }

    /// The path down to a level, as a user writes it.
    fn path(&self, level: usize) -> String {
        match self.reading.path.get(..level) {
            Some(steps @ [_, ..]) => format!("`{}`", steps.join(".")),
            _ => "it".into(),
        }
    }

    fn no_document(&self, reason: String) -> Error {
        Error::new(ErrorKind::NotADocument {
            resource: self.name.clone(),
            reason,
        })
    }

    /// Adds to an error the record where it was found, and the line where that helps.
    #[cold]
    fn place(&self, error: Error) -> Error {
        let error = match error.location().line {
            // Options have no place in the input.
            None if matches!(error.kind(), ErrorKind::InvalidOption { .. }) => return error,
            None => self.parser.located(error),
            Some(_) => error,
        };
        match self.arranger.state.row {
            Some(row) => error.in_row(row),
            None => error,
        }
    }

    /// A value that is read whole, or a token outside of those with the white space before it, must end within
    /// the limit.
    fn check_unit(&self, pos: usize) -> Result<()> {
        let behind = self.parser.offset() + pos as u64 - self.parser.pos() as u64;
        let limit = self.reading.limits.row_bytes;
        match behind - self.unit <= limit {
            true => Ok(()),
            false => Err(self.place(Error::limit("row_bytes", limit))),
        }
    }

    /// Drops what was read.
    fn tidy(&mut self) {
        let is_whole = matches!(self.step, Step::Whole(_));
        let tail = match is_whole {
            true => self.nested.start(),
            false => self.parser.pos(),
        };
        if tail < TIDY_AT {
            return;
        }
        self.bytes.drain(..tail);
        self.parser.moved(tail, 0);
        if is_whole {
            self.nested.moved(tail);
        }
    }
}

/// Writes a text as JSON, and tells whether it held half a surrogate pair.
fn write_text(span: Span, bytes: &[u8], out: &mut Vec<u8>) -> bool {
    let literal = bytes.get(span.start..span.end).unwrap_or_default();
    if !span.escaped || json::is_canonical(literal) {
        // The quotes on both sides belong to the string and stand beside the span.
        let literal = bytes.get(span.start - 1..=span.end);
        out.extend_from_slice(literal.unwrap_or_default());
        return false;
    }
    let mut text = Vec::new();
    let lone = json::unescape(literal, &mut text);
    json::write_string(&text, out);
    lone
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Resource, Selection};
    use crate::read::Limits;

    /// The most bytes that the buffers had room for while a knowledge base of so many items was written.
    fn peak(items: usize) -> usize {
        let resource = Resource::find("knowledge_base").unwrap();
        let given = Given {
            software_version: Some("1".into()),
            account_id: Some("a".into()),
            now: Some("2026-01-31T12:00:00Z".into()),
            ..Given::default()
        };
        let plan = Plan::new(&resource, &Selection::default(), &given);
        let reading = Reading {
            limits: Limits::default(),
            ..Reading::default()
        };
        let mut shaper = DocumentShaper::new(plan, given, "knowledge_base", reading, true);
        let text = "A \\\"text\\\" in lines.\\n".repeat(60);
        let mut out = Vec::new();
        let mut most = 0;
        let mut push = |shaper: &mut DocumentShaper, input: &str| {
            for chunk in input.as_bytes().chunks(1500) {
                shaper.push(chunk).unwrap();
                out.clear();
                while shaper.read(64 << 10, &mut out).unwrap() == Status::Enough {}
                let arranger = &shaper.arranger;
                let buffers = arranger.buffers.iter().map(Vec::capacity);
                let held = [
                    shaper.bytes.capacity(),
                    shaper.scratch.capacity(),
                    arranger.main.capacity(),
                    arranger.held + buffers.sum::<usize>(),
                    out.capacity(),
                ];
                most = most.max(held.iter().sum());
            }
        };
        push(
            &mut shaper,
            r#"{"knowledge_base": {}, "sources": [{"content_items": ["#,
        );
        for number in 0..items {
            let comma = if number > 0 { "," } else { "" };
            push(
                &mut shaper,
                &format!("{comma}{{\"text\": \"{text}\", \"id\": \"{number}\"}}"),
            );
        }
        push(&mut shaper, "]}]}");
        shaper.end();
        assert_eq!(shaper.read(64 << 10, &mut Vec::new()).unwrap(), Status::End);
        assert_eq!(shaper.records(), items as u64 + 1);
        most
    }

    #[test]
    fn a_document_takes_no_more_memory_the_more_records_it_has() {
        let few = peak(1_200);
        assert_eq!(peak(3_600), few);
        assert!(few < 4 << 20, "{few}");
    }
}
