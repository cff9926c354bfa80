//! Nested values: an array or object inside a cell becomes compact JSON text.
//!
//! The text is what `JSON.stringify` gives for the parsed value, but that numbers stay as they
//! stand. It is written over the source: it is never longer, and what it overwrites was read
//! before.

#[cfg(feature = "catalog")]
use super::parser::Parser;
use super::parser::{Event, Span};
#[cfg(feature = "catalog")]
use crate::error::{Error, Result};
#[cfg(feature = "catalog")]
use crate::read::{Limits, Source};
use crate::table::Header;
use crate::text::json;

/// The nested value that is being read.
#[derive(Default)]
pub(crate) struct Nested {
    /// Where the value starts in the buffer.
    start: usize,
    /// Where the compact text ends.
    end: usize,
    /// For each open container the number of members in `members` when it was opened.
    frames: Vec<Frame>,
    /// The members of the open objects.
    members: Vec<Member>,
    scratch: Vec<u8>,
    /// What the value held that must be reported.
    pub(crate) lone_surrogates: u64,
    pub(crate) duplicate_keys: u64,
    pub(crate) non_finite: u64,
    pub(crate) unrepresentable: u64,
}

#[derive(Clone, Copy)]
struct Frame {
    start: usize,
    members: usize,
    object: bool,
    empty: bool,
}

/// A member of an object, by offsets into the buffer.
#[derive(Clone, Copy)]
struct Member {
    start: usize,
    key_end: usize,
    end: usize,
}

impl Nested {
    /// Starts with a value whose opening bracket was just read and stands at `start`. A value without brackets
    /// is complete at once.
    pub(crate) fn begin(&mut self, start: usize, event: Event, bytes: &mut [u8]) -> Option<Span> {
        self.start = start;
        self.end = start;
        self.frames.clear();
        self.members.clear();
        (self.lone_surrogates, self.duplicate_keys) = (0, 0);
        (self.non_finite, self.unrepresentable) = (0, 0);
        self.event(event, bytes)
    }

    /// Makes a whole JSON text compact, in its place.
    ///
    /// # Errors
    ///
    /// `invalid_json`, and `limit_exceeded` where it is nested too deeply.
    #[cfg(feature = "catalog")]
    pub(crate) fn whole(&mut self, text: &mut [u8]) -> Result<Span> {
        let mut parser = Parser::new(Source::Json, &Limits::default());
        parser.extend(text);
        parser.end(text);
        let mut whole = None;
        let mut begun = false;
        while let Some(event) = parser.next(text)? {
            let complete = match begun {
                false => self.begin(parser.token, event, text),
                true => self.event(event, text),
            };
            begun = true;
            whole = complete.or(whole);
        }
        // What is no whole value is an error of the parser.
        whole.ok_or_else(|| Error::invalid_json("it ends too early"))
    }

    pub(crate) fn start(&self) -> usize {
        self.start
    }

    /// Tells that the buffer lost `shift` bytes before the value.
    pub(crate) fn moved(&mut self, shift: usize) {
        self.start -= shift;
        self.end -= shift;
        for frame in &mut self.frames {
            frame.start -= shift;
        }
        for member in &mut self.members {
            member.start -= shift;
            member.key_end -= shift;
            member.end -= shift;
        }
    }

    /// Takes the next event; gives the compact text when the value is complete.
    pub(crate) fn event(&mut self, event: Event, bytes: &mut [u8]) -> Option<Span> {
        match event {
            Event::EndObject | Event::EndArray => self.close(bytes),
            Event::Key(span) => {
                self.separate(bytes);
                let start = self.end;
                self.string(span, bytes);
                // The colon is written with the value: it must have been read before.
                self.members.push(Member {
                    start,
                    key_end: self.end,
                    end: self.end,
                });
            }
            _ => {
                match self.frames.last() {
                    Some(frame) if frame.object => self.put(b":", bytes),
                    Some(_) => self.separate(bytes),
                    None => {}
                }
                match event {
                    Event::BeginObject => self.open(b"{", true, bytes),
                    Event::BeginArray => self.open(b"[", false, bytes),
                    Event::Text(span) => self.string(span, bytes),
                    Event::Number(span) | Event::Bool(span) => self.copy(span, bytes),
                    Event::NonFinite => {
                        self.non_finite += 1;
                        self.put(b"null", bytes);
                    }
                    Event::Unrepresentable => {
                        self.unrepresentable += 1;
                        self.put(b"null", bytes);
                    }
                    _ => self.put(b"null", bytes),
                }
                self.end_member();
            }
        }
        self.frames.is_empty().then_some(Span {
            start: self.start,
            end: self.end,
            escaped: true,
        })
    }

    /// A comma, where the container holds something already.
    fn separate(&mut self, bytes: &mut [u8]) {
        if let Some(frame) = self.frames.last_mut()
            && !std::mem::take(&mut frame.empty)
        {
            self.put(b",", bytes);
        }
    }

    fn end_member(&mut self) {
        if self.frames.last().is_some_and(|frame| frame.object)
            && let Some(member) = self.members.last_mut()
        {
            member.end = self.end;
        }
    }

    fn open(&mut self, bracket: &[u8], object: bool, bytes: &mut [u8]) {
        self.frames.push(Frame {
            start: self.end,
            members: self.members.len(),
            object,
            empty: true,
        });
        self.put(bracket, bytes);
    }

    fn close(&mut self, bytes: &mut [u8]) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        if frame.object {
            self.put(b"}", bytes);
            self.drop_duplicates(frame, bytes);
            self.members.truncate(frame.members);
        } else {
            self.put(b"]", bytes);
        }
        self.end_member();
    }

    /// Of members with the same key the last value is kept, at the first place.
    fn drop_duplicates(&mut self, frame: Frame, bytes: &mut [u8]) {
        let members = self.members.get(frame.members..).unwrap_or_default();
        let slice = |from: usize, to: usize| bytes.get(from..to).unwrap_or_default();
        // For each key its place and the member that holds: the last one.
        let mut keys = Keys::default();
        let mut kept: Vec<Member> = Vec::new();
        for member in members {
            let place = keys.place(slice(member.start, member.key_end));
            match kept.get_mut(place) {
                Some(earlier) => *earlier = *member,
                None => kept.push(*member),
            }
        }
        if kept.len() == members.len() {
            return;
        }
        self.duplicate_keys += (members.len() - kept.len()) as u64;
        self.scratch.clear();
        self.scratch.push(b'{');
        for (number, member) in kept.into_iter().enumerate() {
            if number > 0 {
                self.scratch.push(b',');
            }
            self.scratch
                .extend_from_slice(slice(member.start, member.end));
        }
        self.scratch.push(b'}');
        self.end = frame.start;
        let scratch = std::mem::take(&mut self.scratch);
        self.put(&scratch, bytes);
        self.scratch = scratch;
    }

    fn string(&mut self, span: Span, bytes: &mut [u8]) {
        #[cfg(feature = "catalog")]
        let as_it_stands = !span.escaped || {
            let literal = bytes.get(span.start..span.end);
            json::is_canonical(literal.unwrap_or_default())
        };
        #[cfg(not(feature = "catalog"))]
        let as_it_stands = !span.escaped;
        if as_it_stands {
            // The quotes on both sides belong to the string and stand beside the span.
            self.copy(
                Span {
                    start: span.start - 1,
                    end: span.end + 1,
                    ..span
                },
                bytes,
            );
            return;
        }
        let mut text = std::mem::take(&mut self.scratch);
        text.clear();
        let literal = bytes.get(span.start..span.end).unwrap_or_default();
        self.lone_surrogates += u64::from(json::unescape(literal, &mut text));
        let mut canonical = Vec::new();
        json::write_string(&text, &mut canonical);
        self.put(&canonical, bytes);
        self.scratch = text;
    }

    fn copy(&mut self, span: Span, bytes: &mut [u8]) {
        bytes.copy_within(span.start..span.end, self.end);
        self.end += span.end - span.start;
    }

    fn put(&mut self, text: &[u8], bytes: &mut [u8]) {
        if let Some(place) = bytes.get_mut(self.end..self.end + text.len()) {
            place.copy_from_slice(text);
            self.end += text.len();
        }
    }
}

/// The keys of one object, each with its place. Few are compared one by one, many are looked up.
#[derive(Default)]
struct Keys<'a> {
    few: Vec<&'a [u8]>,
    many: Header,
}

impl<'a> Keys<'a> {
    const FEW: usize = 24;

    /// The place of a key: that of its equal, else the next free one.
    fn place(&mut self, key: &'a [u8]) -> usize {
        if let Some(place) = self.few.iter().position(|other| *other == key) {
            return place;
        }
        if self.few.len() < Self::FEW {
            self.few.push(key);
            return self.few.len() - 1;
        }
        let place = match self.many.find(key, 0) {
            Some(place) => place,
            None => self.many.add(&String::from_utf8_lossy(key)),
        };
        Self::FEW + place as usize
    }
}
