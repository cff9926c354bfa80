//! An incremental JSON parser, RFC 8259, that turns bytes into events.
//!
//! The parser owns no text. It is called with the buffer that it has read so far and gives spans
//! of it, and it may stop at any byte: a token that is not complete yet is left in the buffer and
//! taken up again where its scan ended, so input that comes byte by byte costs no more than input
//! that comes at once.

use super::super::{Limits, Source};
use crate::error::{Error, Result};
#[cfg(feature = "catalog")]
use crate::settings::Setting;
use crate::text::json::{escape_len, is_number};
use crate::text::{scan, utf8};

/// A slice of the buffer that was handed to the parser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// A string that holds at least one escape.
    pub(crate) escaped: bool,
}

/// One step through a document. The span of a string lies between its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    BeginObject,
    EndObject,
    BeginArray,
    EndArray,
    Key(Span),
    Text(Span),
    Number(Span),
    Bool(Span),
    Null,
    /// A number that JSON cannot hold, in [`Source::Values`].
    NonFinite,
    /// A value that has no form in a file, in [`Source::Values`].
    Unrepresentable,
}

impl Event {
    /// What a user would call the value that starts here.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::BeginObject | Self::EndObject => "an object",
            Self::BeginArray | Self::EndArray => "an array",
            Self::Key(_) | Self::Text(_) => "text",
            Self::Number(_) | Self::NonFinite => "a number",
            Self::Bool(_) => "a boolean",
            Self::Null => "null",
            Self::Unrepresentable => "a value without a form in a file",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Expect {
    Value,
    /// A value, or the end of an array that has none yet.
    FirstValue,
    Key,
    /// A key, or the end of an object that has none yet.
    FirstKey,
    Colon,
    /// A comma or the end of the array or object.
    Next,
    /// Nothing but white space.
    Nothing,
    /// In JSON Lines, another value on a line of its own, or nothing.
    NextLine,
}

pub(crate) struct Parser {
    /// The next byte to read, within the buffer.
    pub(super) pos: usize,
    /// Where the last event started, within the buffer.
    pub(super) token: usize,
    /// Up to here the buffer is known to be UTF-8.
    pub(super) valid: usize,
    /// How far an incomplete token was scanned; 0 where there is none.
    pub(super) scanned: usize,
    /// The incomplete token holds an escape.
    escaped: bool,
    /// Behind `valid` stands what is not UTF-8.
    malformed: bool,
    ended: bool,
    pub(super) expect: Expect,
    /// One bit per open container, the innermost lowest: set for objects.
    containers: u128,
    depth: u32,
    max_depth: u32,
    values: bool,
    pub(super) lines: bool,
    /// In JSON Lines, the line of the value that is or was read last.
    pub(super) value_line: u64,
    pub(super) line: u64,
    /// Where the line starts, counted from the start of the input.
    pub(super) line_start: u64,
    /// How many bytes of the input have left the buffer.
    pub(super) dropped: u64,
}

impl Parser {
    pub(crate) fn new(source: Source, limits: &Limits) -> Self {
        Self {
            pos: 0,
            token: 0,
            valid: 0,
            scanned: 0,
            escaped: false,
            malformed: false,
            ended: false,
            expect: match source {
                Source::JsonLines => Expect::NextLine,
                _ => Expect::Value,
            },
            containers: 0,
            depth: 0,
            max_depth: limits.depth.min(128) as u32,
            values: source == Source::Values,
            lines: source == Source::JsonLines,
            value_line: 0,
            line: 1,
            line_start: 0,
            dropped: 0,
        }
    }

    /// Where the next token starts within the buffer.
    pub(crate) fn pos(&self) -> usize {
        self.pos
    }

    /// Where the next token starts within the whole input.
    pub(crate) fn offset(&self) -> u64 {
        self.dropped + self.pos as u64
    }

    /// How many arrays and objects are open.
    pub(crate) fn depth(&self) -> u32 {
        self.depth
    }

    /// The document and the input are complete.
    pub(crate) fn is_done(&self) -> bool {
        self.ended && self.may_end()
    }

    fn may_end(&self) -> bool {
        matches!(self.expect, Expect::Nothing | Expect::NextLine)
    }

    /// All of the buffer was read, and a value of an array may come next.
    pub(crate) fn is_between(&self, len: usize) -> bool {
        self.pos == len && matches!(self.expect, Expect::FirstValue | Expect::Next)
    }

    /// Passes over values of an array that were read by others, up to a place in the buffer.
    pub(crate) fn pass(&mut self, to: usize) {
        self.pos = to;
        self.token = to;
        self.valid = to;
        self.expect = Expect::Next;
    }

    /// Starts with a value in a row, which ends at a place in the buffer.
    pub(crate) fn enter(&mut self, start: usize, end: usize) {
        self.pass(end);
        self.pos = start;
        self.depth += 1;
        self.containers = self.containers << 1 | 1;
        self.expect = Expect::Value;
    }

    /// Where the document is that goes on in another input, as data: how deep, in which containers, and what
    /// may follow. `None` in the middle of a value.
    #[cfg(feature = "catalog")]
    pub(crate) fn state(&self, len: usize) -> Option<Setting> {
        let expect = match self.expect {
            Expect::FirstValue => 0,
            Expect::FirstKey => 1,
            Expect::Next => 2,
            Expect::Key => 3,
            Expect::Value if self.depth > 0 && !self.in_object() => 4,
            Expect::Nothing => 5,
            Expect::Value if self.depth == 0 => 6,
            _ => return None,
        };
        (self.pos == len && self.scanned == 0).then(|| {
            Setting::List(vec![
                Setting::count(self.depth.into()),
                Setting::Text(self.containers.to_string()),
                Setting::count(expect),
            ])
        })
    }

    /// Goes on from a [state](Self::state); `None` where it is none.
    #[cfg(feature = "catalog")]
    pub(crate) fn restore(&mut self, state: &Setting) -> Option<()> {
        let [depth, containers, expect] = state.as_list()? else {
            return None;
        };
        let depth = u32::try_from(depth.as_count()?).ok()?;
        self.depth = (depth <= self.max_depth).then_some(depth)?;
        self.containers = containers.as_text()?.parse().ok()?;
        self.expect = match expect.as_count()? {
            0 => Expect::FirstValue,
            1 => Expect::FirstKey,
            2 => Expect::Next,
            3 => Expect::Key,
            4 | 6 => Expect::Value,
            5 => Expect::Nothing,
            _ => return None,
        };
        Some(())
    }

    /// Goes back out of the row.
    pub(crate) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.containers >>= 1;
    }

    /// Looks at bytes that were appended to the buffer.
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        if self.malformed {
            return;
        }
        let fresh = bytes.get(self.valid..).unwrap_or_default();
        let (valid, malformed) = utf8::valid_up_to(fresh);
        self.valid += valid;
        self.malformed = malformed;
        // A byte order mark may start a document (RFC 8259, section 8.1).
        const MARK: &[u8] = "\u{FEFF}".as_bytes();
        if self.offset() == 0 && self.valid >= MARK.len() && bytes.starts_with(MARK) {
            self.pos = MARK.len();
            self.line_start = MARK.len() as u64;
        }
    }

    /// Tells that no more bytes will come.
    pub(crate) fn end(&mut self, bytes: &[u8]) {
        self.ended = true;
        self.malformed |= self.valid < bytes.len();
    }

    /// Tells that the buffer lost bytes before the next token: what stood at `from` stands at `to`.
    pub(crate) fn moved(&mut self, from: usize, to: usize) {
        let shift = from - to;
        self.pos -= shift;
        self.token = self.token.saturating_sub(shift);
        self.valid -= shift;
        self.scanned = self.scanned.saturating_sub(shift);
        self.dropped += shift as u64;
    }

    /// An error at the last event.
    pub(crate) fn located(&self, error: Error) -> Error {
        self.located_at(self.token, error)
    }

    fn located_at(&self, pos: usize, error: Error) -> Error {
        if self.values {
            // Nobody ever saw that text.
            return error;
        }
        let column = self.dropped + pos as u64 - self.line_start + 1;
        error.at(self.line, column)
    }

    #[cold]
    fn invalid<T>(&self, pos: usize, reason: &str) -> Result<T> {
        Err(self.located_at(pos, Error::invalid_json(reason)))
    }

    /// The next event; `None` where more input is needed or the document [is done](Self::is_done).
    pub(crate) fn next(&mut self, bytes: &[u8]) -> Result<Option<Event>> {
        let text = bytes.get(..self.valid).unwrap_or_default();
        loop {
            self.skip_space(text);
            let Some(&byte) = text.get(self.pos) else {
                return self.out_of_text();
            };
            self.token = self.pos;
            if self.lines {
                self.check_line()?;
            }
            match (self.expect, byte) {
                (Expect::FirstValue, b']') => return Ok(Some(self.close())),
                (Expect::Value | Expect::FirstValue | Expect::NextLine, _) => {
                    return self.value(text, byte);
                }
                (Expect::FirstKey, b'}') => return Ok(Some(self.close())),
                (Expect::Key | Expect::FirstKey, b'"') => {
                    let Some(span) = self.string(text)? else {
                        return Ok(None);
                    };
                    self.expect = Expect::Colon;
                    return Ok(Some(Event::Key(span)));
                }
                (Expect::Colon, b':') => {
                    self.pos += 1;
                    self.expect = Expect::Value;
                }
                (Expect::Next, b',') => {
                    self.pos += 1;
                    self.expect = if self.in_object() {
                        Expect::Key
                    } else {
                        Expect::Value
                    };
                }
                (Expect::Next, b'}') if self.in_object() => return Ok(Some(self.close())),
                (Expect::Next, b']') if !self.in_object() => return Ok(Some(self.close())),
                _ => return self.invalid(self.pos, self.wanted()),
            }
        }
    }

    /// In JSON Lines a value stands on one line, alone.
    fn check_line(&mut self) -> Result<()> {
        let between = self.expect == Expect::NextLine;
        match (between, self.line == self.value_line) {
            (true, true) if self.scanned == 0 => {
                self.invalid(self.pos, "each value needs a line of its own")
            }
            (true, _) => {
                self.value_line = self.line;
                Ok(())
            }
            (false, true) => Ok(()),
            (false, false) => self.invalid(self.pos, "a value must end on its line"),
        }
    }

    fn wanted(&self) -> &'static str {
        match self.expect {
            Expect::Value | Expect::NextLine => "a value belongs here",
            Expect::FirstValue => "a value or `]` belongs here",
            Expect::Key => "a name in double quotes belongs here",
            Expect::FirstKey => "a name in double quotes or `}` belongs here",
            Expect::Colon => "`:` belongs here",
            Expect::Next if self.in_object() => "`,` or `}` belongs here",
            Expect::Next => "`,` or `]` belongs here",
            Expect::Nothing => "the document is complete, but more text follows",
        }
    }

    #[cold]
    fn out_of_text(&self) -> Result<Option<Event>> {
        if self.malformed {
            return self.invalid(self.valid, "the text is not UTF-8");
        }
        if self.ended && !self.may_end() {
            return self.invalid(self.valid, "it ends too early");
        }
        Ok(None)
    }

    pub(super) fn skip_space(&mut self, text: &[u8]) {
        while let Some(&byte) = text.get(self.pos) {
            match byte {
                b' ' | b'\t' | b'\r' => {}
                b'\n' => {
                    self.line += 1;
                    self.line_start = self.dropped + self.pos as u64 + 1;
                }
                _ => return,
            }
            self.pos += 1;
        }
    }

    pub(super) fn in_object(&self) -> bool {
        self.containers & 1 == 1
    }

    fn value(&mut self, text: &[u8], byte: u8) -> Result<Option<Event>> {
        let event = match byte {
            b'"' => self.string(text)?.map(Event::Text),
            b'-' | b'0'..=b'9' => self.number(text)?.map(Event::Number),
            b'{' => return self.open(true).map(Some),
            b'[' => return self.open(false).map(Some),
            b't' => self.literal(text, b"true")?.map(Event::Bool),
            b'f' => self.literal(text, b"false")?.map(Event::Bool),
            b'n' if self.values && text.get(self.pos + 1) != Some(&b'u') => {
                self.literal(text, b"none")?.map(|_| Event::NonFinite)
            }
            b'n' => self.literal(text, b"null")?.map(|_| Event::Null),
            b'l' if self.values => self.literal(text, b"lost")?.map(|_| Event::Unrepresentable),
            _ => return self.invalid(self.pos, self.wanted()),
        };
        if event.is_some() {
            self.complete_value();
        }
        Ok(event)
    }

    fn complete_value(&mut self) {
        self.expect = match self.depth {
            0 if self.lines => Expect::NextLine,
            0 => Expect::Nothing,
            _ => Expect::Next,
        };
    }

    /// One more array or object may be opened.
    pub(crate) fn check_depth(&self) -> Result<()> {
        if self.depth == self.max_depth {
            let limit = Error::limit("depth", u64::from(self.max_depth));
            return Err(self.located(limit));
        }
        Ok(())
    }

    pub(super) fn open(&mut self, object: bool) -> Result<Event> {
        self.check_depth()?;
        self.pos += 1;
        self.depth += 1;
        self.containers = self.containers << 1 | u128::from(object);
        Ok(if object {
            self.expect = Expect::FirstKey;
            Event::BeginObject
        } else {
            self.expect = Expect::FirstValue;
            Event::BeginArray
        })
    }

    pub(super) fn close(&mut self) -> Event {
        let event = if self.in_object() {
            Event::EndObject
        } else {
            Event::EndArray
        };
        self.pos += 1;
        self.depth = self.depth.saturating_sub(1);
        self.containers >>= 1;
        self.complete_value();
        event
    }

    /// A token that reaches the end of the text; its scan goes on at `scanned`.
    fn incomplete<T>(&mut self, scanned: usize) -> Result<Option<T>> {
        self.scanned = scanned;
        if self.malformed || self.ended {
            self.out_of_text()?;
            // A line may be the last one, but not half of it.
            return self.invalid(self.valid, "it ends too early");
        }
        Ok(None)
    }

    fn string(&mut self, text: &[u8]) -> Result<Option<Span>> {
        let start = self.pos + 1;
        let mut at = start.max(self.scanned);
        loop {
            let rest = text.get(at..).unwrap_or_default();
            let plain = scan::json_plain(rest);
            if plain == rest.len() {
                return self.incomplete(text.len());
            }
            at += plain;
            match rest.get(plain..).unwrap_or_default() {
                [b'"', ..] => break,
                [b'\\', behind @ ..] => match escape_len(behind) {
                    Ok(Some(len)) => {
                        self.escaped = true;
                        at += 1 + len;
                    }
                    Ok(None) => return self.incomplete(at),
                    Err(()) => return self.invalid(at, "this is no escape"),
                },
                _ => return self.invalid(at, "a control character must be escaped"),
            }
        }
        let span = Span {
            start,
            end: at,
            escaped: self.escaped,
        };
        self.pos = at + 1;
        self.scanned = 0;
        self.escaped = false;
        Ok(Some(span))
    }

    fn number(&mut self, text: &[u8]) -> Result<Option<Span>> {
        let from = self.pos.max(self.scanned);
        let rest = text.get(from..).unwrap_or_default();
        let len = rest
            .iter()
            .position(|byte| !matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'));
        let end = match len {
            Some(len) => from + len,
            None if self.ended && !self.malformed => text.len(),
            None => return self.incomplete(text.len()),
        };
        if !is_number(text.get(self.pos..end).unwrap_or_default()) {
            return self.invalid(self.pos, "this is no number");
        }
        let span = Span {
            start: self.pos,
            end,
            escaped: false,
        };
        self.pos = end;
        self.scanned = 0;
        Ok(Some(span))
    }

    fn literal(&mut self, text: &[u8], word: &[u8]) -> Result<Option<Span>> {
        let rest = text.get(self.pos..).unwrap_or_default();
        if rest.starts_with(word) {
            let start = self.pos;
            self.pos += word.len();
            self.scanned = 0;
            return Ok(Some(Span {
                start,
                end: self.pos,
                escaped: false,
            }));
        }
        if word.starts_with(rest) {
            return self.incomplete(text.len());
        }
        self.invalid(self.pos, "a value belongs here")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parses the text in chunks of the given size and writes the events down.
    fn events(text: &[u8], chunk: usize) -> Result<String> {
        events_of(Source::Json, text, chunk)
    }

    fn events_of(source: Source, text: &[u8], chunk: usize) -> Result<String> {
        let mut parser = Parser::new(source, &Limits::default());
        let mut buffer = Vec::new();
        let mut log = String::new();
        let mut chunks = text.chunks(chunk.max(1));
        loop {
            while let Some(event) = parser.next(&buffer)? {
                let text = |span: Span| String::from_utf8_lossy(&buffer[span.start..span.end]);
                log += &match event {
                    Event::BeginObject => "{".into(),
                    Event::EndObject => "}".into(),
                    Event::BeginArray => "[".into(),
                    Event::EndArray => "]".into(),
                    Event::Key(span) => format!("{}:", text(span)),
                    Event::Text(span) => format!("'{}' ", text(span)),
                    Event::Number(span) | Event::Bool(span) => format!("{} ", text(span)),
                    Event::Null => "null ".into(),
                    Event::NonFinite => "none ".into(),
                    Event::Unrepresentable => "lost ".into(),
                };
            }
            if parser.is_done() {
                return Ok(log);
            }
            // Drop what was read, as a reader does.
            let from = parser.pos();
            buffer.drain(..from);
            parser.moved(from, 0);
            match chunks.next() {
                Some(chunk) => {
                    buffer.extend_from_slice(chunk);
                    parser.extend(&buffer);
                }
                None => parser.end(&buffer),
            }
        }
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        for chunk in 1..=text.len() {
            assert_eq!(events(text.as_bytes(), chunk).unwrap(), expected, "{chunk}");
        }
    }

    #[track_caller]
    fn check_error(text: impl AsRef<[u8]>, line: u64, column: u64) {
        let text = text.as_ref();
        for chunk in 1..=text.len().max(1) {
            let error = events(text, chunk).unwrap_err();
            assert_eq!(error.code(), "invalid_json");
            let location = error.location();
            let found = (location.line, location.column);
            assert_eq!(
                found,
                (Some(line), Some(column)),
                "{error} in chunks of {chunk}"
            );
        }
    }

    #[test]
    fn every_value_is_found_in_chunks_of_any_size() {
        check(
            " { \"a\" : [1, -0.5e+3, \"x\\n\\u00e4ä€😀\", true, false, null, {}, []] }\n",
            "{a:[1 -0.5e+3 'x\\n\\u00e4ä€😀' true false null {}[]]}",
        );
        check("\u{FEFF}12", "12 ");
        check("\"\"", "'' ");
    }

    #[test]
    fn errors_name_line_and_column_in_chunks_of_any_size() {
        check_error("", 1, 1);
        check_error("[1,\n 2,,3]", 2, 4);
        check_error("[1,]", 1, 4);
        check_error("{\"a\" 1}", 1, 6);
        check_error("{\"a\":1,}", 1, 8);
        check_error("[1}", 1, 3);
        check_error("[01]", 1, 2);
        check_error("[1.]", 1, 2);
        check_error("[tru]", 1, 2);
        check_error("\"\\x\"", 1, 2);
        check_error("\"\\u12g4\"", 1, 2);
        check_error("[\"a\nb\"]", 1, 4);
        check_error("[1] 2", 1, 5);
        check_error("[\"abc", 1, 6);
        check_error("\n[1, 2", 2, 6);
        check_error(b"[\"a\xFF\"]", 1, 4);
        check_error(b"[\"a\xE4\"]", 1, 4);
        check_error(b"[\"\xE2\x82", 1, 3);
        check_error("[none]", 1, 2);
        check_error("[lost]", 1, 2);
    }

    #[test]
    fn json_lines_hold_one_value_per_line() {
        let lines = |text: &str, chunk| events_of(Source::JsonLines, text.as_bytes(), chunk);
        for chunk in 1..40 {
            let log = lines("{\"a\": 1}\r\n\n [true] \ntrue\n12\n\"x\"", chunk).unwrap();
            assert_eq!(log, "{a:1 }[true ]true 12 'x' ");
            assert_eq!(lines("", chunk).unwrap(), "");
            for (text, column) in [("1 2", 3), ("{} {}", 4), ("tru true", 1), ("true true", 6)] {
                let error = lines(text, chunk).unwrap_err();
                assert_eq!(error.location().column, Some(column), "{text}");
            }
            let error = lines("{}\n{\"a\":\n1}", chunk).unwrap_err();
            assert_eq!(error.location().line, Some(3));
            for cut in ["{}\n{", "{}\n\"ab", "{}\n\"a\\", "{}\ntru", "n"] {
                assert_eq!(lines(cut, chunk).unwrap_err().code(), "invalid_json");
            }
        }
    }

    #[test]
    fn depth_is_bounded() {
        let open = "[".repeat(129);
        assert_eq!(
            events(open.as_bytes(), 7).unwrap_err().code(),
            "limit_exceeded"
        );
        let deep = format!("{}{}", "[".repeat(128), "]".repeat(128));
        assert!(events(deep.as_bytes(), 7).is_ok());
    }
}
