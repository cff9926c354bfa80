//! Conditions of a selection as SQL, with their values bound.
//!
//! The engine looks at each record again, so what cannot be said in SQL exactly is left to it.

use super::columns::column_of;
use super::object::json_name;
use super::statement::{Slot, Slots, Statement};
use crate::moment::Moment;
use tablecast::{Condition, Field, FieldType, FilterTest, Operand, Record};

/// SQL that holds for the records that a condition chooses; `None` where only the engine can tell.
pub(super) fn sql(
    slots: &mut Slots,
    record: &Record,
    condition: &Condition,
    alias: &str,
) -> Option<String> {
    let mut terms = Vec::new();
    for name in &condition.fields {
        let field = record.field(name)?;
        terms.push(of_field(slots, field, condition, alias)?);
    }
    match terms.is_empty() {
        true => None,
        false => Some(terms.join(" AND ")),
    }
}

/// Whether SQL chooses the same records as a condition, so that nobody else has to look at them.
pub(super) fn is_sql(record: &Record, condition: &Condition) -> bool {
    let statement =
        Statement::write(|slots| sql(slots, record, condition, "t").unwrap_or_default());
    !statement.sql.is_empty()
}

fn of_field(
    slots: &mut Slots,
    field: &Field,
    condition: &Condition,
    alias: &str,
) -> Option<String> {
    let column = column_of(alias, &field.column);
    let is_scalar = matches!(
        field.field_type,
        FieldType::String
            | FieldType::Number
            | FieldType::Integer
            | FieldType::Boolean
            | FieldType::Timestamp
    );
    let operator = match condition.test {
        FilterTest::IsNull if is_scalar => {
            let key = field.file_column.as_deref();
            let key = key.map(|key| format!(" AND {} IS NULL", column_of(alias, key)));
            return Some(format!("{column} IS NULL{}", key.unwrap_or_default()));
        }
        FilterTest::AnyOf { .. } if matches!(field.field_type, FieldType::Array(_)) => {
            let list = slots.place(list(&condition.values)?);
            let items = format!("json_each(iif(json_valid({column}), {column}, '[]'))");
            return Some(format!(
                "EXISTS (SELECT 1 FROM {items} AS item WHERE item.value IN (SELECT value FROM json_each({list})))"
            ));
        }
        FilterTest::OneOf { .. } if is_scalar => {
            let list = slots.place(list(&condition.values)?);
            return Some(format!("{column} IN (SELECT value FROM json_each({list}))"));
        }
        FilterTest::Equals => "=",
        FilterTest::AtLeast => ">=",
        FilterTest::AtMost => "<=",
        FilterTest::LessThan => "<",
        _ => return None,
    };
    // A text in the bucket is in no column.
    if !is_scalar || (operator != "=" && field.file_column.is_some()) {
        return None;
    }
    let value = condition.values.first()?;
    let place = slots.place(slot(value)?);
    Some(match value {
        Operand::Number(_) => format!("{column} {operator} CAST({place} AS NUMERIC)"),
        _ => format!("{column} {operator} {place}"),
    })
}

/// A value as the database compares it: a moment in its one form, a boolean as 0 or 1. `None`: it has none.
fn slot(value: &Operand) -> Option<Slot> {
    match value {
        Operand::Number(digits) if !is_exact(digits) => None,
        Operand::Text(text) | Operand::Number(text) => Some(Slot::Text(text.clone())),
        Operand::Bool(value) => Some(Slot::Number(f64::from(u8::from(*value)))),
        Operand::Moment(moment) => Some(Slot::Text(Moment(*moment).iso())),
        _ => None,
    }
}

/// Several values as one: a JSON array, since a statement may bind 100 values.
fn list(values: &[Operand]) -> Option<Slot> {
    let items = values.iter().map(|value| match value {
        Operand::Number(digits) => is_exact(digits).then(|| digits.clone()),
        value => match slot(value)? {
            Slot::Number(number) => Some(number.to_string()),
            Slot::Text(text) => Some(json_name(&text)),
            _ => None,
        },
    });
    let items: Option<Vec<_>> = items.collect();
    Some(Slot::Text(format!("[{}]", items?.join(","))))
}

/// Whether the database has this very number, or one that compares with all others as it does: a whole number of 64 bits
/// that is written as such, or a binary fraction that is nearest to no other number of so few digits, where it has a
/// fraction for each whole number.
fn is_exact(digits: &str) -> bool {
    const MOST_DIGITS: usize = 15;
    const MOST: f64 = 9_007_199_254_740_992.0;
    if digits.parse::<i64>().is_ok() {
        return true;
    }
    let mantissa = digits.split(['e', 'E']).next().unwrap_or_default();
    let mantissa = mantissa.trim_start_matches(['-', '0', '.']);
    let count = mantissa.bytes().filter(u8::is_ascii_digit).count();
    let number: f64 = digits.parse().unwrap_or(f64::INFINITY);
    // Nothing that is not zero may become zero.
    let is_normal = number.is_normal() || mantissa.is_empty();
    count <= MOST_DIGITS && is_normal && number.abs() < MOST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_the_database_would_round_is_left_to_the_engine() {
        for exact in [
            "0",
            "-0.0",
            "1.50",
            "1e3",
            "-12345.6789",
            "9223372036854775807",
            "-9223372036854775808",
            "9007199254740993",
            "0.000000000000123456789012345",
        ] {
            assert!(is_exact(exact), "{exact}");
        }
        for rounded in [
            "9007199254740993.0",
            "9223372036854775808",
            "0.30000000000000001",
            "1.00000000000001e18",
            "1e400",
            "1e-400",
            "5e-324",
        ] {
            assert!(!is_exact(rounded), "{rounded}");
            let values = ["1", rounded].map(|digits| Operand::Number(digits.into()));
            assert_eq!(list(&values), None);
        }
    }
}
