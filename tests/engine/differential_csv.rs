//! CSV is read as a plain reader reads it that looks at one character after the other, and refused
//! where that refuses it, in one piece and in chunks of any size.

use std::collections::BTreeSet;

use crate::differential::in_every_way;
use crate::documents::damage;
use crate::plain::{Node, Table, Warnings};
use crate::run::{Random, options};

/// Reads CSV by the rules of README's table of inputs: “the first record names the columns; an
/// empty cell is null, `""` is empty text; short rows are filled, longer ones get columns”. The
/// error is the code.
fn plain_csv(text: &[u8], delimiter: char, infer: bool) -> Result<Table, &'static str> {
    let text = std::str::from_utf8(text).map_err(|_| "invalid_csv")?;
    let mut rest = text
        .strip_prefix('\u{FEFF}')
        .unwrap_or(text)
        .chars()
        .peekable();
    let ends_line = |next: Option<&char>| matches!(next, None | Some('\r' | '\n'));
    let mut records = Vec::new();
    loop {
        // Lines without anything are no rows.
        while rest.next_if(|next| ends_line(Some(next))).is_some() {}
        if rest.peek().is_none() {
            break;
        }
        let mut record = Vec::new();
        loop {
            let mut cell = String::new();
            let quoted = rest.next_if_eq(&'"').is_some();
            if quoted {
                loop {
                    match rest.next().ok_or("invalid_csv")? {
                        '"' if rest.next_if_eq(&'"').is_some() => cell.push('"'),
                        '"' => break,
                        other => cell.push(other),
                    }
                }
                if !ends_line(rest.peek()) && rest.peek() != Some(&delimiter) {
                    return Err("invalid_csv");
                }
            }
            while !ends_line(rest.peek()) && rest.peek() != Some(&delimiter) {
                cell.extend(rest.next());
            }
            record.push(match &*cell {
                "" if !quoted => Node::Null,
                "true" | "false" if infer && !quoted => Node::Bool(cell == "true"),
                _ if infer && !quoted && is_short_number(&cell) => Node::Number(cell),
                _ => Node::Text(cell),
            });
            if rest.next_if_eq(&delimiter).is_none() {
                break;
            }
        }
        records.push(record);
    }
    let mut records = records.into_iter();
    let header = records.next().ok_or("invalid_csv")?;
    let rows: Vec<_> = records.collect();
    let width = rows
        .iter()
        .map(Vec::len)
        .chain([header.len()])
        .max()
        .unwrap();
    let names = (1..=width).zip(header.into_iter().map(Some).chain(std::iter::repeat(None)));
    let columns = names.map(|(number, name)| match name {
        Some(Node::Text(name)) if !name.is_empty() => name,
        Some(Node::Number(name)) => name,
        Some(Node::Bool(name)) => name.to_string(),
        _ => format!("column_{number}"),
    });
    let filled = |row: Vec<Node>| {
        let mut cells: Vec<_> = row.into_iter().map(Some).collect();
        cells.resize(width, None);
        cells
    };
    Ok(Table {
        columns: columns.collect(),
        rows: rows.into_iter().map(filled).collect(),
        positional: true,
        warnings: Warnings::new(),
    })
}

/// “With `infer` unquoted JSON numbers of at most 15 digits.” A number whose exponent has more than
/// two digits is beyond what is told of 15 digits.
fn is_short_number(text: &str) -> bool {
    let starts = text.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    let ends = text.ends_with(|last: char| last.is_ascii_digit());
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).count();
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, ""));
    starts
        && ends
        && serde_json::from_str::<serde_json::Number>(text).is_ok()
        && digits(mantissa) <= 15
        && digits(exponent) <= 2
}

const DELIMITERS: [char; 5] = [',', ',', ';', '\t', '|'];

/// Compares with the plain reader. Tells whether the text was taken.
fn check(text: &[u8], delimiter: char, infer: bool, random: &mut Random) -> bool {
    let types = if infer { "infer" } else { "text" };
    let input = serde_json::json!({
        "input": { "format": "csv", "delimiter": delimiter.to_string(), "types": types }
    });
    let options = options(&input.to_string(), Some("jsonl"));
    let outcome = in_every_way(&options, text, random);
    let shown = String::from_utf8_lossy(text);
    match plain_csv(text, delimiter, infer) {
        Err(code) => {
            let found = outcome.map_err(|error| error.code().to_owned());
            assert_eq!(found, Err(code.into()), "{shown:?}");
            false
        }
        Ok(table) => {
            let (file, report) = outcome.unwrap_or_else(|error| panic!("{error}: {shown:?}"));
            assert_eq!(report.rows, table.rows.len() as u64, "{shown:?}");
            let names: BTreeSet<_> = table.columns.iter().collect();
            // Names that stand twice are told apart, which is a matter of the writer.
            if names.len() == table.columns.len() {
                assert_eq!(file, table.to_json_lines(), "{shown:?}");
            }
            true
        }
    }
}

/// A cell of any characters, short or as long as a few blocks.
fn random_cell(random: &mut Random) -> String {
    const WORDS: [&str; 16] = [
        "",
        "",
        "true",
        "false",
        "null",
        "0",
        "-1.5e3",
        "007",
        "123456789012345",
        "1234567890123456",
        "1e100",
        ".5",
        "1.",
        "-",
        "+1",
        "=1",
    ];
    const ODD: [&str; 14] = [
        ",", ";", "\t", "|", "\"", "\"\"", "\r", "\n", "\r\n", "é", "日", "😀", "\0", "\u{FEFF}",
    ];
    if random.below(3) == 0 {
        return WORDS[random.below(WORDS.len())].into();
    }
    let mut cell = String::new();
    let odd = [0, 0, 2, 10, 50][random.below(5)];
    let longest = [4, 17, 40, 70][random.below(4)];
    let length = random.below(longest);
    while cell.len() < length {
        match random.below(100) {
            roll if roll < odd => cell.push_str(ODD[random.below(ODD.len())]),
            roll if roll < odd + 3 => cell.push(char::from(random.below(128) as u8)),
            _ => cell.push(char::from(b'a' + random.below(26) as u8)),
        }
    }
    cell
}

/// CSV in which cells are enclosed where they must be, and at will.
fn random_csv(random: &mut Random, delimiter: char) -> String {
    let width = 1 + random.below(6);
    let terminator = ["\r\n", "\n", "\r"][random.below(3)];
    let mut text = String::new();
    if random.below(8) == 0 {
        text.push('\u{FEFF}');
    }
    let names = (1..=width).map(|number| format!("c{number}"));
    text += &names.collect::<Vec<_>>().join(&delimiter.to_string());
    for _ in 0..random.below(12) {
        text += terminator;
        if random.below(20) == 0 {
            text += terminator;
        }
        let cells = match random.below(12) {
            0 => random.below(width + 3),
            _ => width,
        };
        for number in 0..cells {
            if number > 0 {
                text.push(delimiter);
            }
            let cell = random_cell(random);
            let special =
                |character| matches!(character, '"' | '\r' | '\n') || character == delimiter;
            if cell.contains(special) || random.below(4) == 0 {
                text += &format!("\"{}\"", cell.replace('"', "\"\""));
            } else {
                text += &cell;
            }
        }
    }
    if random.below(2) == 0 {
        text += terminator;
    }
    text
}

#[test]
fn csv_is_read_as_by_a_plain_reader() {
    let mut random = Random(0xC5F);
    for _ in 0..800 {
        let delimiter = DELIMITERS[random.below(5)];
        let text = random_csv(&mut random, delimiter);
        let infer = random.below(2) == 0;
        assert!(check(text.as_bytes(), delimiter, infer, &mut random));
        // What has no place for null another reader sees alike.
        let mut theirs = csv::ReaderBuilder::new();
        theirs.flexible(true).delimiter(delimiter as u8);
        let theirs = theirs.from_reader(text.as_bytes()).into_records().count();
        let table = plain_csv(text.as_bytes(), delimiter, infer).unwrap();
        assert_eq!(theirs, table.rows.len(), "{text:?}");
    }
}

#[test]
fn damaged_csv_is_refused_or_read_for_what_it_says_now() {
    let mut random = Random(0xC5FBAD);
    let (mut refused, mut taken) = (0, 0);
    for _ in 0..300 {
        let delimiter = DELIMITERS[random.below(5)];
        let sound = random_csv(&mut random, delimiter).into_bytes();
        for _ in 0..8 {
            let mut text = sound.clone();
            damage(&mut random, &mut text);
            let infer = random.below(2) == 0;
            match check(&text, delimiter, infer, &mut random) {
                true => taken += 1,
                false => refused += 1,
            }
        }
    }
    assert!(refused > 200 && taken > 800, "{refused} {taken}");
}

#[test]
fn any_tokens_of_csv_are_read_as_by_a_plain_reader() {
    const TOKENS: [&str; 12] = [
        "a",
        "\"",
        "\"\"",
        ",",
        "\n",
        "\r",
        "\r\n",
        "é",
        "1",
        "sixteen letters!",
        " ",
        "\",\"",
    ];
    let mut random = Random(0x70CE);
    let mut taken = 0;
    for _ in 0..5_000 {
        let mut text = String::from(["a,b,c\n", "a\n", ""][random.below(3)]);
        for _ in 0..random.below(24) {
            text.push_str(TOKENS[random.below(TOKENS.len())]);
        }
        taken += usize::from(check(text.as_bytes(), ',', false, &mut random));
    }
    assert!((1_000..4_000).contains(&taken), "{taken}");
}

#[test]
fn every_byte_is_judged_at_every_place_of_a_cell() {
    let mut random = Random(0xB17E);
    for byte in 0..=u8::MAX {
        for quoted in [false, true] {
            let quote: &[u8] = if quoted { b"\"" } else { b"" };
            for place in (byte as usize % 3..36).step_by(3) {
                let text = [b"a,b,c\r\n1,", quote, &[b'x'; 40][..place], &[byte]].concat();
                let text = [&text, &[b'y'; 20][..place % 20], quote, b",3\r\n4,5,6"].concat();
                check(&text, ',', false, &mut random);
            }
        }
    }
}

#[test]
fn csv_that_is_not_utf_8_is_refused_at_its_place() {
    let mut random = Random(0xBAD);
    let options = options(r#"{"input": {"format": "csv"}}"#, Some("jsonl"));
    let malformed: [&[u8]; 6] = [
        b"\x80",
        b"\xC3(",
        b"\xE2\x82",
        b"\xED\xA0\x80",
        b"\xF0\x9F\x98",
        b"\xFF",
    ];
    for place in 0..70 {
        for (quote, before, behind) in [
            ("", "x", 0),
            ("\"", "x", 25),
            ("\"", "é", 1),
            ("", "日", 17),
        ] {
            let start = format!("a,b\r\n1,2\r\n1,{quote}{}", before.repeat(place));
            let end = format!("{}{quote},2\r\n3,4\r\n", "y".repeat(behind));
            for malformed in malformed {
                let text = [start.as_bytes(), malformed, end.as_bytes()].concat();
                let error = in_every_way(&options, &text, &mut random).unwrap_err();
                let location = error.location();
                let found = (error.code(), location.line, location.row, location.column);
                let column = (start.len() - "a,b\r\n1,2\r\n".len() + 1) as u64;
                assert_eq!(
                    found,
                    ("invalid_csv", Some(3), Some(2), Some(column)),
                    "{error}"
                );
            }
        }
    }
}
