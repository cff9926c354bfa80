//! SQL that writes a record as JSON, with the records inside of it, and SQL that tells how large that is.

use super::columns::column_of;
use super::plan::{Place, Planner, Spot};
use super::statement::{Slot, Slots, joined, text};
use tablecast::{Field, FieldType};

/// No number of the database has more bytes.
const NUMBER: usize = 24;

/// How many members one call of `json_object` writes: a function takes 32 arguments.
const MEMBERS: usize = 15;

/// What becomes of a field.
pub(super) enum Kept {
    /// It is not read.
    No,
    /// It is a column of the record's table.
    Own,
    /// It holds records of another table.
    Nested { spot: Spot, many: bool },
}

/// A part of a record's text.
enum Segment {
    /// Members that one call of `json_object` writes.
    Members(Vec<String>),
    /// SQL for one member, without a comma.
    Text(String),
    /// SQL for any number of members, with a comma before each.
    Any(String),
}

/// SQL for the text of a record. What holds itself is left out inside: such a record is [long](is_long).
pub(super) fn object(planner: &Planner<'_>, slots: &mut Slots, spot: &Spot, alias: &str) -> String {
    let record = planner.resource.record_type(spot.record);
    let mut segments: Vec<Segment> = Vec::new();
    for field in &record.fields {
        match planner.kept(spot, field) {
            Kept::No => {}
            Kept::Own => {
                let value = value(field, &column_of(alias, &field.column));
                let member = format!("{}, {value}", text(&field.name));
                match segments.last_mut() {
                    _ if may_lack(field) => {
                        let column = column_of(alias, &field.column);
                        let one = without_end(&format!("substr(json_object({member}), 2)"));
                        let one = format!("iif({column} IS NULL, '', ',' || {one})");
                        segments.push(Segment::Any(one));
                    }
                    Some(Segment::Members(members)) if members.len() < MEMBERS => {
                        members.push(member);
                    }
                    _ => segments.push(Segment::Members(vec![member])),
                }
            }
            Kept::Nested { spot, many } => {
                let value = nested(planner, slots, &spot, many, alias);
                let name = text(&format!("{}:", json_name(&field.name)));
                segments.push(Segment::Text(format!("{name} || {value}")));
            }
        }
    }
    if let Some(column) = record.open_column.as_ref().filter(|_| record.open) {
        let object = open(&column_of(alias, column));
        if segments.is_empty() {
            return format!("coalesce({object}, '{{}}')");
        }
        let members = without_end(&format!("substr({object}, 2)"));
        segments.push(Segment::Any(format!(
            "coalesce(',' || nullif({members}, ''), '')"
        )));
    }
    whole(&segments)
}

/// One text of all segments.
fn whole(segments: &[Segment]) -> String {
    match segments {
        [] => return "'{}'".to_owned(),
        [Segment::Members(members)] => return call(members),
        _ => {}
    }
    let is_any = |segment: &Segment| matches!(segment, Segment::Any(_));
    if segments.iter().any(is_any) {
        // Nobody knows which member is the first one, so that each has a comma before it.
        let terms: Vec<_> = segments.iter().flat_map(with_comma).collect();
        return format!("('{{' || substr({}, 2) || '}}')", joined(&terms, "||"));
    }
    let mut terms = Vec::new();
    let last = segments.len() - 1;
    for (number, segment) in segments.iter().enumerate() {
        let is_first = number == 0;
        match segment {
            // The braces of the first and the last call are those of the record.
            Segment::Members(members) => {
                let mut members = call(members);
                if !is_first {
                    members = format!("substr({members}, 2)");
                    terms.push("','".to_owned());
                }
                terms.push(match number == last {
                    true => members,
                    false => without_end(&members),
                });
            }
            Segment::Text(members) | Segment::Any(members) => {
                terms.push(text(if is_first { "{" } else { "," }));
                terms.push(members.clone());
            }
        }
    }
    if !matches!(segments.last(), Some(Segment::Members(_))) {
        terms.push("'}'".to_owned());
    }
    joined(&terms, "||")
}

/// The members of a segment, each with a comma before it.
fn with_comma(segment: &Segment) -> Vec<String> {
    match segment {
        Segment::Members(members) => {
            let members = without_end(&format!("substr({}, 2)", call(members)));
            vec!["','".to_owned(), members]
        }
        Segment::Text(member) => vec!["','".to_owned(), member.clone()],
        Segment::Any(members) => vec![members.clone()],
    }
}

fn call(members: &[String]) -> String {
    format!("json_object({})", members.join(", "))
}

/// A text without its last character.
fn without_end(expression: &str) -> String {
    // With a negative length come the characters before the place, and the place -1 is the last one.
    format!("substr({expression}, -1, -2147483647)")
}

/// A column's further members as the text of an object; null where there are none.
fn open(column: &str) -> String {
    format!(
        "CASE WHEN NOT json_valid({column}) THEN NULL WHEN json_type({column}) = 'object' THEN json({column}) END"
    )
}

/// The text of the records that belong to one.
fn nested(
    planner: &Planner<'_>,
    slots: &mut Slots,
    spot: &Spot,
    many: bool,
    outer: &str,
) -> String {
    if spot.is_repeated() {
        return text(if many { "[]" } else { "null" });
    }
    let alias = next(outer);
    let item = object(planner, slots, spot, &alias);
    let rows = inside(planner, slots, spot, many, outer);
    match many {
        false => format!("coalesce((SELECT {item} {rows}), 'null')"),
        true => format!(
            "(SELECT '[' || coalesce(group_concat(item, ',' ORDER BY created_at, id), '') || ']'
              FROM (SELECT {item} AS item, {alias}.created_at AS created_at, {alias}.id AS id {rows}))"
        ),
    }
}

/// SQL from `FROM` on for the records that belong to one.
fn inside(
    planner: &Planner<'_>,
    slots: &mut Slots,
    spot: &Spot,
    many: bool,
    outer: &str,
) -> String {
    let alias = next(outer);
    let rows = planner.rows(slots, spot, Place::Of(outer), &alias);
    let chosen = planner.chosen(slots, spot, &alias);
    if !many {
        return format!("{rows}{chosen} ORDER BY {alias}.id LIMIT 1");
    }
    let until = slots.place(Slot::Until);
    let limit = planner.most(spot).map(|most| {
        let most = slots.place(Slot::Number(most as f64));
        format!(" ORDER BY {alias}.created_at, {alias}.id LIMIT {most}")
    });
    let limit = limit.unwrap_or_default();
    format!("{rows} AND {alias}.created_at <= {until}{chosen}{limit}")
}

/// The name of the table of the records inside of those of this one.
fn next(alias: &str) -> String {
    let number = alias.trim_start_matches('t').parse().unwrap_or(0);
    format!("t{}", number + 1)
}

/// SQL for about how many bytes the text of a record has.
pub(super) fn size(planner: &Planner<'_>, slots: &mut Slots, spot: &Spot, alias: &str) -> String {
    let record = planner.resource.record_type(spot.record);
    let mut frame = 2;
    let mut terms = Vec::new();
    let octets = |column: &str| format!("coalesce(octet_length({column}), 0)");
    for field in &record.fields {
        match planner.kept(spot, field) {
            Kept::No => continue,
            Kept::Own => match field.field_type {
                // A number would be written as text for this alone.
                FieldType::Number | FieldType::Integer | FieldType::Boolean => {
                    let column = column_of(alias, &field.column);
                    let octets = octets(&column);
                    terms.push(format!(
                        "iif(typeof({column}) = 'text', {octets}, {NUMBER})"
                    ));
                }
                _ => terms.push(octets(&column_of(alias, &field.column))),
            },
            Kept::Nested { spot, .. } if spot.is_repeated() => {}
            Kept::Nested { spot, many } => {
                let size = size(planner, slots, &spot, &next(alias));
                let rows = inside(planner, slots, &spot, many, alias);
                terms.push(format!(
                    "(SELECT coalesce(sum(size), 0) FROM (SELECT {size} AS size {rows}))"
                ));
            }
        }
        // Quotes, a colon and a comma.
        frame += field.name.len() + 6;
    }
    if let Some(column) = record.open_column.as_ref().filter(|_| record.open) {
        terms.push(octets(&column_of(alias, column)));
    }
    terms.push(frame.to_string());
    joined(&terms, "+")
}

/// SQL that holds for records that have to be read in parts, whatever their size: a text lies in the bucket, or there are
/// records of a type that holds itself. `None`: it holds for none.
pub(super) fn is_long(
    planner: &Planner<'_>,
    slots: &mut Slots,
    spot: &Spot,
    alias: &str,
) -> Option<String> {
    let record = planner.resource.record_type(spot.record);
    let mut terms = Vec::new();
    for field in &record.fields {
        match planner.kept(spot, field) {
            Kept::No => {}
            Kept::Own => {
                if let Some(key) = &field.file_column {
                    terms.push(format!("{} IS NOT NULL", column_of(alias, key)));
                }
            }
            Kept::Nested { spot, many } => {
                let long = match spot.is_repeated() {
                    true => Some("TRUE".to_owned()),
                    false => is_long(planner, slots, &spot, &next(alias)),
                };
                if let Some(long) = long {
                    let rows = inside(planner, slots, &spot, many, alias);
                    terms.push(format!(
                        "EXISTS (SELECT 1 FROM (SELECT {long} AS long {rows}) WHERE long)"
                    ));
                }
            }
        }
    }
    (!terms.is_empty()).then(|| joined(&terms, "OR"))
}

/// The value of a field as an argument of `json_object`.
fn value(field: &Field, column: &str) -> String {
    match &field.field_type {
        FieldType::Boolean => boolean(column),
        FieldType::String | FieldType::Timestamp | FieldType::Number | FieldType::Integer => {
            column.to_owned()
        }
        _ => json(column),
    }
}

/// A column of 0 and 1.
pub(super) fn boolean(column: &str) -> String {
    format!("CASE {column} WHEN 1 THEN json('true') WHEN 0 THEN json('false') ELSE {column} END")
}

/// Whether a record lacks a field whose column is null.
pub(super) fn may_lack(field: &Field) -> bool {
    field.optional && !field.nullable
}

/// A column of JSON. What is none stays a text, which the engine reports, so that one row does not spoil the others.
pub(super) fn json(column: &str) -> String {
    format!("CASE WHEN json_valid({column}) THEN json({column}) ELSE {column} END")
}

/// The same as a text of its own.
pub(super) fn json_text(column: &str) -> String {
    format!(
        "CASE WHEN json_valid({column}) THEN json({column}) WHEN {column} IS NOT NULL THEN json_quote({column}) END"
    )
}

/// A name in quotes, as JSON writes it.
pub(super) fn json_name(name: &str) -> String {
    serde_json::Value::from(name).to_string()
}
