//! Random JSON documents of records, spelt in every way in which JSON can be, and damage to them.

use crate::run::Random;

/// Keys that begin like one another, need escapes, are empty or long, or mean something elsewhere.
const KEYS: [&str; 28] = [
    "id",
    "a",
    "ab",
    "abc",
    "abcdef",
    "abcdefg",
    "abcdefgh",
    "abcdefgh\":",
    "abcdefghijklmnop",
    "abcdefghijklmnopq",
    "",
    " ",
    "é",
    "日本語",
    "日本語の長い列の名前です",
    "😀",
    "say \"hi\"",
    "back\\slash",
    "line\nbreak",
    "\u{1}",
    "items",
    "rows",
    "columns",
    "__proto__",
    "=1+1",
    "ID",
    "null",
    "1",
];

/// How tokens are set apart.
#[derive(Clone, Copy, PartialEq)]
enum Space {
    None,
    /// As `JSON.stringify(…, null, 2)` does.
    Indented,
    Random,
}

/// Writes one document.
struct Writer<'a> {
    random: &'a mut Random,
    text: String,
    space: Space,
    depth: usize,
}

/// An array of up to so many records, or the same within `{items}`, or one record alone.
pub fn random_document(random: &mut Random, most_rows: usize) -> String {
    let space = [Space::None, Space::None, Space::Indented, Space::Random][random.below(4)];
    let long = "long ".repeat(1 + random.below(60));
    let keys: Vec<String> = (0..1 + random.below(7))
        .map(|_| match random.below(20) {
            0 => long.clone(),
            _ => KEYS[random.below(KEYS.len())].into(),
        })
        .collect();
    let count = random.below(most_rows + 1);
    let shape = random.below(12);
    let mut writer = Writer {
        random,
        text: String::new(),
        space,
        depth: 0,
    };
    writer.gap();
    match shape {
        0 => {
            // One record is a table unless it looks like an envelope.
            let is_envelope = |key: &String| matches!(&**key, "items" | "rows" | "columns");
            let keys: Vec<_> = keys.into_iter().filter(|key| !is_envelope(key)).collect();
            writer.record(&keys);
        }
        1 => {
            writer.open('{');
            if writer.random.below(2) == 0 {
                writer.key("total");
                writer.value();
                writer.comma();
            }
            writer.key("items");
            writer.records(&keys, count);
            writer.close('}');
        }
        _ => writer.records(&keys, count),
    }
    writer.gap();
    writer.text
}

/// JSON Lines: up to so many records, each on a line of its own.
pub fn random_lines(random: &mut Random, most: usize) -> String {
    let keys: Vec<String> = (0..1 + random.below(5))
        .map(|_| KEYS[random.below(KEYS.len())].into())
        .collect();
    let mut writer = Writer {
        random,
        text: String::new(),
        space: Space::None,
        depth: 0,
    };
    for _ in 0..writer.random.below(most + 1) {
        let before = writer.one_of(&["", "", "", " ", "\n", "\t"]);
        writer.text.push_str(before);
        writer.record(&keys);
        let behind = writer.one_of(&["\n", "\n", "\r\n", " \n", "\n\n", " \r\n \r\n"]);
        writer.text.push_str(behind);
    }
    if writer.random.below(2) == 0 {
        writer.text.truncate(writer.text.trim_end().len());
    }
    writer.text
}

impl Writer<'_> {
    fn one_of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.random.below(list.len())]
    }

    /// White space where it means nothing.
    fn gap(&mut self) {
        if self.space != Space::Random {
            return;
        }
        for _ in 0..self.random.below(4) {
            let space = self.one_of(&[" ", "  ", "\n", "\t", "\r\n", "\r", "                  "]);
            self.text.push_str(space);
        }
    }

    fn new_line(&mut self) {
        match self.space {
            Space::Indented => {
                self.text.push('\n');
                self.text.push_str(&"  ".repeat(self.depth));
            }
            _ => self.gap(),
        }
    }

    fn open(&mut self, bracket: char) {
        self.text.push(bracket);
        self.depth += 1;
        self.new_line();
    }

    fn close(&mut self, bracket: char) {
        self.depth -= 1;
        self.new_line();
        self.text.push(bracket);
    }

    fn comma(&mut self) {
        self.gap();
        self.text.push(',');
        self.new_line();
    }

    fn key(&mut self, key: &str) {
        self.string(key);
        self.gap();
        self.text.push(':');
        match self.space {
            Space::Indented => self.text.push(' '),
            _ => self.gap(),
        }
    }

    fn records(&mut self, keys: &[String], count: usize) {
        self.open('[');
        for number in 0..count {
            if number > 0 {
                self.comma();
            }
            self.record(keys);
        }
        self.close(']');
    }

    /// A record that has the keys in their order, mostly.
    fn record(&mut self, keys: &[String]) {
        let mut keys = keys.to_vec();
        if !keys.is_empty() {
            let (at, other) = (self.random.below(keys.len()), self.random.below(keys.len()));
            match self.random.below(16) {
                0 => keys.swap(at, other),
                1 => keys.reverse(),
                2 => drop(keys.remove(at)),
                3 => keys.truncate(at),
                4 => drop(keys.drain(..at)),
                5 => keys.insert(at, keys[other].clone()),
                6 => {
                    let key = self.one_of(&KEYS[..20]);
                    keys.insert(at, key.into());
                }
                7 => keys[at].push('x'),
                _ => {}
            }
        }
        self.open('{');
        for (number, key) in keys.iter().enumerate() {
            if number > 0 {
                self.comma();
            }
            self.key(key);
            self.value();
        }
        self.close('}');
    }

    fn value(&mut self) {
        match self.random.below(if self.depth > 5 { 14 } else { 16 }) {
            0 => self.text.push_str("null"),
            1 => self.text.push_str("true"),
            2 => self.text.push_str("false"),
            3..=5 => self.number(),
            6..=13 => {
                let text = self.random_text();
                self.string(&text);
            }
            14 => {
                self.open('[');
                for number in 0..self.random.below(4) {
                    if number > 0 {
                        self.comma();
                    }
                    self.value();
                }
                self.close(']');
            }
            _ => {
                let count = self.random.below(4);
                let keys: Vec<_> = (0..count).map(|_| self.one_of(&KEYS).into()).collect();
                self.record(&keys);
            }
        }
    }

    /// A number in one of all its spellings.
    fn number(&mut self) {
        let digits = |writer: &mut Self, most: usize| {
            for _ in 0..=writer.random.below(most) {
                let digit = writer.one_of(&['0', '1', '5', '9']);
                writer.text.push(digit);
            }
        };
        if self.random.below(3) == 0 {
            self.text.push('-');
        }
        let longest = self.one_of(&[1, 4, 9, 40]);
        match self.random.below(4) {
            0 => self.text.push('0'),
            _ => {
                let first = self.one_of(&['1', '2', '9']);
                self.text.push(first);
                if self.random.below(3) > 0 {
                    digits(self, longest);
                }
            }
        }
        if self.random.below(3) == 0 {
            self.text.push('.');
            digits(self, longest);
        }
        if self.random.below(4) == 0 {
            let sign = self.one_of(&["e", "E", "e+", "E+", "e-", "E-"]);
            self.text.push_str(sign);
            digits(self, 3);
        }
    }

    /// A text whose length lies around those of blocks, of characters of all lengths.
    fn random_text(&mut self) -> String {
        const SKIPPED: [&str; 5] = ["'", " ", "\u{A0}", "\u{3000}", "\u{FEFF}"];
        const STARTS: [&str; 16] = [
            "=", "+", "-", "@", "\t", "\n", "\r", "\0", "＝", "＋", "－", "＠", "ID", "\\.",
            "+1 23", "-1.5e3",
        ];
        const WIDE: [char; 10] = [
            'é',
            'ß',
            '\u{7FF}',
            '\u{800}',
            '日',
            '\u{2028}',
            '\u{FFFD}',
            '😀',
            '\u{10FFFF}',
            '\u{80}',
        ];
        if self.random.below(25) == 0 {
            return self
                .one_of(&["NULL", "-", "\\.", "ID", "true", "'", "1", "="])
                .into();
        }
        let length = match self.random.below(8) {
            0 => 0,
            1 => self.one_of(&[1, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65]),
            _ => self.random.below(71),
        };
        let mut text = String::new();
        if self.random.below(5) == 0 {
            for _ in 0..self.random.below(3) {
                text.push_str(self.one_of(&SKIPPED));
            }
            text.push_str(self.one_of(&STARTS));
        }
        // How many characters of a hundred are no letters.
        let odd = self.one_of(&[0, 0, 0, 3, 10, 60]);
        let kind = self.random.below(4);
        while text.len() < length {
            text.push(match self.random.below(100) {
                roll if roll >= odd => char::from(b'a' + self.random.below(26) as u8),
                _ => match kind {
                    0 => char::from(self.random.below(128) as u8),
                    1 => self.one_of(&WIDE),
                    2 => self.one_of(&['"', '\\', '\n', ',', ';', '\r', '\t', '\0', '\'']),
                    _ => match self.random.below(2) {
                        0 => self.one_of(&WIDE),
                        _ => char::from(self.random.below(128) as u8),
                    },
                },
            });
        }
        text
    }

    /// A string in one of its spellings: what must be escaped is, and a little more.
    fn string(&mut self, text: &str) {
        self.text.push('"');
        let escapes = self.random.below(8) == 0;
        for character in text.chars() {
            let short = match character {
                '"' => Some("\\\""),
                '\\' => Some("\\\\"),
                '\n' => Some("\\n"),
                '\r' => Some("\\r"),
                '\t' => Some("\\t"),
                '\u{8}' => Some("\\b"),
                '\u{C}' => Some("\\f"),
                '/' if escapes => Some("\\/"),
                _ => None,
            };
            let at_will = escapes && self.random.below(8) == 0;
            match short {
                Some(short) if !at_will => self.text.push_str(short),
                _ if at_will || character < ' ' => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        self.text.push_str(&match self.random.below(2) {
                            0 => format!("\\u{unit:04x}"),
                            _ => format!("\\u{unit:04X}"),
                        });
                    }
                }
                _ => self.text.push(character),
            }
        }
        self.text.push('"');
    }
}

/// Breaks a text in one to three places, or makes it another that is still sound.
pub fn damage(random: &mut Random, text: &mut Vec<u8>) {
    const BYTES: &[u8] =
        b"\"\"\\\\{}[],,:: \n\t\r\0\x1F\x7F0123456789-+.eEtrufalsn/x\x80\xBF\xC2\xE2\xED\xF0\xFF";
    for _ in 0..=random.below(8) / 6 {
        let mut at = random.below(text.len() + 1);
        if random.below(4) == 0 {
            // At the edge of a block.
            at = (at & !15).saturating_sub(random.below(2)).min(text.len());
        }
        let byte = match random.below(4) {
            0 => random.below(256) as u8,
            _ => BYTES[random.below(BYTES.len())],
        };
        let len = random.below(20).min(text.len() - at);
        match random.below(7) {
            0 | 1 if at < text.len() => text[at] = byte,
            2 if at < text.len() => text[at] ^= 1 << random.below(8),
            3 if at < text.len() => drop(text.remove(at)),
            4 => {
                let slice = text[at..at + len].to_vec();
                let to = random.below(text.len() + 1);
                drop(text.splice(to..to, slice));
            }
            5 => drop(text.drain(at..at + len)),
            6 if random.below(4) == 0 => text.truncate(at),
            _ => text.insert(at, byte),
        }
    }
}
