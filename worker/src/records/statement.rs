//! Statements whose values are bound when they run.

use super::Cursor;
use crate::problem::Problem;
use crate::store::{Bind, Store};
use worker::D1PreparedStatement;

/// What a statement binds: something that differs from page to page, or the value of a filter.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Slot {
    /// The tenant.
    Account,
    /// The user whose data are exported.
    User,
    /// The id of what the records belong to.
    Parent,
    /// Where the last record stood that was read, and its id.
    After,
    AfterId,
    /// The moment up to which records count.
    Until,
    /// How many records there may be.
    Limit,
    Text(String),
    Number(f64),
}

/// SQL, and what its `?1`, `?2` and so on stand for.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub(super) sql: String,
    slots: Vec<Slot>,
}

/// What the slots of a statement hold this time.
pub(super) struct Values<'a> {
    pub(super) account_id: &'a str,
    pub(super) user_id: &'a str,
    pub(super) parent: &'a str,
    pub(super) cursor: &'a Cursor,
    pub(super) until: &'a str,
    pub(super) limit: u64,
}

impl Statement {
    /// Makes a statement of SQL that is written with places for values.
    pub(super) fn write(sql: impl FnOnce(&mut Slots) -> String) -> Self {
        let mut slots = Slots(Vec::new());
        Self {
            sql: sql(&mut slots),
            slots: slots.0,
        }
    }

    #[cfg(test)]
    pub(super) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    pub(super) fn bind(
        &self,
        store: &Store,
        values: &Values<'_>,
    ) -> Result<D1PreparedStatement, Problem> {
        let bound = self.slots.iter().map(|slot| match slot {
            Slot::Account => values.account_id.into(),
            Slot::User => values.user_id.into(),
            Slot::Parent => values.parent.into(),
            Slot::After => (&values.cursor.created_at).into(),
            Slot::AfterId => (&values.cursor.id).into(),
            Slot::Until => values.until.into(),
            Slot::Limit => values.limit.into(),
            Slot::Text(text) => text.into(),
            Slot::Number(number) => Bind::Number(*number),
        });
        let bound: Vec<Bind<'_>> = bound.collect();
        store.statement(&self.sql, &bound)
    }
}

/// The slots of a statement that is being written.
pub(super) struct Slots(Vec<Slot>);

impl Slots {
    /// The place of a value in the SQL. Equal ones share a place, since a statement may bind 100 values.
    pub(super) fn place(&mut self, slot: Slot) -> String {
        let known = self.0.iter().position(|other| *other == slot);
        let number = known.unwrap_or_else(|| {
            self.0.push(slot);
            self.0.len() - 1
        });
        format!("?{}", number + 1)
    }
}

/// A name of a table or a column.
pub(super) fn name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text that is always the same.
pub(super) fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Joins expressions by an operator. It halves them again and again, since a chain of many operators is deeper than the
/// database allows an expression to be.
pub(super) fn joined(terms: &[String], operator: &str) -> String {
    match terms {
        [] => String::new(),
        [only] => only.clone(),
        terms => {
            let (first, second) = terms.split_at(terms.len() / 2);
            let (first, second) = (joined(first, operator), joined(second, operator));
            format!("({first} {operator} {second})")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_a_place() {
        let statement = Statement::write(|slots| {
            let places = [Slot::Account, Slot::Text("a".into()), Slot::Account];
            places.map(|slot| slots.place(slot)).join(" ")
        });
        assert_eq!(statement.sql, "?1 ?2 ?1");
        assert_eq!(statement.slots, [Slot::Account, Slot::Text("a".into())]);
    }

    #[test]
    fn no_name_and_no_text_leaves_its_quotes() {
        assert_eq!(name("a\" OR 1"), "\"a\"\" OR 1\"");
        assert_eq!(text("it's"), "'it''s'");
    }

    #[test]
    fn many_terms_make_a_flat_expression() {
        let terms: Vec<_> = (0..100).map(|number| number.to_string()).collect();
        let sum = joined(&terms, "+");
        let depth = sum.bytes().take_while(|byte| *byte == b'(').count();
        assert!((6..=7).contains(&depth), "{depth}");
        assert_eq!(sum.matches('+').count(), 99);
        assert_eq!(joined(&terms[..2], "||"), "(0 || 1)");
    }
}
