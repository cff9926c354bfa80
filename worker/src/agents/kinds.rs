//! The one table of the kinds of objects that definitions refer to.

use std::borrow::Cow;

/// A kind of object.
#[derive(Debug)]
pub(super) struct Kind {
    /// Its member of `dependencies`, and its table.
    pub(super) table: &'static str,
    /// The category of warnings about it.
    pub(super) category: &'static str,
    /// What people call it.
    pub(super) noun: &'static str,
    /// The member of an entry that it is found by.
    pub(super) found_by: &'static str,
    /// What that is in the table.
    pub(super) column: &'static str,
}

#[rustfmt::skip]
pub(super) static KINDS: [Kind; 7] = [
    kind("knowledge_bases", KNOWLEDGE_BASE, "knowledge base", "name", "name"),
    kind("memory_banks", "memory_bank", "memory bank", "name", "name"),
    kind("source_connections", "source_connection", "content source", "name", "name"),
    kind("agents", "agent", "agent", "name", "name"),
    kind("governance_policies", "governance_policy", "governance policy", "name", "policy_name"),
    kind("solutions", SOLUTION, "solution", "name", "name"),
    kind("users", "user", "user", "email", "lower(email)"),
];

/// Kinds that definitions refer to elsewhere as well.
pub(super) const KNOWLEDGE_BASE: &str = "knowledge_base";
pub(super) const SOLUTION: &str = "solution";

const fn kind(
    table: &'static str,
    category: &'static str,
    noun: &'static str,
    found_by: &'static str,
    column: &'static str,
) -> Kind {
    Kind {
        table,
        category,
        noun,
        found_by,
        column,
    }
}

impl Kind {
    /// The kind of this category.
    pub(super) fn of(category: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.category == category)
    }

    /// The kind of this member of `dependencies`.
    pub(super) fn of_member(member: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.table == member)
    }

    /// What a name is compared as: addresses are the same in any case.
    pub(super) fn key<'a>(&self, name: &'a str) -> Cow<'a, str> {
        match self.found_by {
            "email" => name.to_ascii_lowercase().into(),
            _ => name.into(),
        }
    }
}
