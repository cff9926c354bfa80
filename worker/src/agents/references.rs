//! What a definition refers to in the account that it came from, and what of it another account lacks.
//!
//! An object is found by its name, and a user by the address. Its id says which one is meant where several have the name,
//! and is all there is where the definition tells no name.

use crate::problem::Problem;
use crate::store::{self, Store};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};

/// The most bytes of ids, or of names, that one statement asks for.
const MAX_ASKED: usize = 128 << 10;

/// Names that are longer are not looked for: nothing is called so.
const MAX_NAME: usize = 4096;

/// The parts of a definition that refer to something. All else is passed over.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Definition {
    trigger: Option<Trigger>,
    governance_policies: Option<Vec<Policy>>,
    /// By kind, then by id: what it is called.
    dependencies: Option<Map<String, Value>>,
    solutions: Option<Vec<Value>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Trigger {
    knowledge_base_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Policy {
    policy_name: Value,
    knowledge_base_names: Value,
}

/// A kind of object that definitions refer to.
#[derive(Debug, PartialEq, Eq)]
struct Kind {
    /// Its member of `dependencies`.
    member: &'static str,
    /// The category of warnings about it.
    category: &'static str,
    /// What people call it.
    noun: &'static str,
    table: &'static str,
    /// The member of an entry that it is found by, and what this is in the table.
    found_by: &'static str,
    column: &'static str,
}

const fn kind(
    member: &'static str,
    category: &'static str,
    noun: &'static str,
    found_by: &'static str,
    column: &'static str,
) -> Kind {
    Kind {
        member,
        category,
        noun,
        table: member,
        found_by,
        column,
    }
}

const KNOWLEDGE_BASE: Kind = kind(
    "knowledge_bases",
    "knowledge_base",
    "knowledge base",
    "name",
    "name",
);
const SOLUTION: Kind = kind("solutions", "solution", "solution", "name", "name");

#[rustfmt::skip]
const KINDS: [Kind; 7] = [
    KNOWLEDGE_BASE,
    kind("memory_banks", "memory_bank", "memory bank", "name", "name"),
    kind("source_connections", "source_connection", "content source", "name", "name"),
    kind("agents", "agent", "agent", "name", "name"),
    kind("governance_policies", "governance_policy", "governance policy", "name", "policy_name"),
    SOLUTION,
    kind("users", "user", "user", "email", "lower(email)"),
];

/// Something that a definition refers to.
#[derive(Debug)]
pub(super) struct Reference {
    /// Its place in [`KINDS`]; `None`: a kind that there is none of here.
    kind: Option<usize>,
    category: String,
    id: Option<String>,
    /// What it is found by in another account.
    name: Option<String>,
    /// What is told about it, beside id and name.
    details: Map<String, Value>,
    /// What an import does without it, as the rest of a sentence.
    without: String,
}

/// An item that an import would leave out.
#[derive(Debug, serde::Serialize)]
pub(super) struct Warning {
    category: String,
    message: String,
    details: Value,
}

impl Kind {
    /// What a name is compared as: addresses are the same in any case.
    fn key(&self, name: &str) -> String {
        match self.found_by {
            "email" => name.to_ascii_lowercase(),
            _ => name.to_owned(),
        }
    }
}

impl Definition {
    /// Everything that it refers to: dependencies first, then what depends on them.
    pub(super) fn references(&self) -> Vec<Reference> {
        let mut references = Vec::new();
        for (member, entries) in self.dependencies.iter().flatten() {
            dependencies(member, entries, &mut references);
        }
        let trigger = self.trigger.as_ref();
        if let Some(id) = trigger.and_then(|trigger| trigger.knowledge_base_id.as_ref()) {
            references.push(Reference {
                category: "trigger_knowledge_base".to_owned(),
                id: Some(id.clone()),
                name: self.name_of(&KNOWLEDGE_BASE, id),
                without: "the trigger is imported without it".to_owned(),
                ..Reference::to(&KNOWLEDGE_BASE)
            });
        }
        for policy in self.governance_policies.iter().flatten() {
            let Value::Array(names) = &policy.knowledge_base_names else {
                continue;
            };
            for name in names {
                let called = policy.policy_name.as_str().unwrap_or_default();
                references.push(Reference {
                    category: "governance_policy_knowledge_base".to_owned(),
                    name: name.as_str().map(str::to_owned),
                    details: members(json!({"policy_name": policy.policy_name})),
                    without: format!("the policy `{called}` is imported without it"),
                    ..Reference::to(&KNOWLEDGE_BASE)
                });
            }
        }
        for solution in self.solutions.iter().flatten() {
            let text = |name: &str| solution.get(name).and_then(Value::as_str);
            references.push(Reference {
                id: text("id").map(str::to_owned),
                name: solution
                    .as_str()
                    .or_else(|| text("name"))
                    .map(str::to_owned),
                without: "the agent is not put into it".to_owned(),
                ..Reference::to(&SOLUTION)
            });
        }
        references
    }

    /// What the dependencies call an object.
    fn name_of(&self, kind: &Kind, id: &str) -> Option<String> {
        let entries = self.dependencies.as_ref()?.get(kind.member)?;
        let name = entries.get(id)?.get(kind.found_by)?.as_str()?;
        Some(name.to_owned())
    }
}

/// The entries of one kind, by their ids.
fn dependencies(member: &str, entries: &Value, references: &mut Vec<Reference>) {
    let kind = KINDS.iter().position(|kind| kind.member == member);
    let known = kind.and_then(|kind| KINDS.get(kind));
    let category = known.map_or("dependency", |kind| kind.category);
    let found_by = known.map_or("name", |kind| kind.found_by);
    for (id, entry) in entries.as_object().into_iter().flatten() {
        let mut details = match entry {
            Value::Object(entry) => entry.clone(),
            _ => Map::new(),
        };
        if known.is_none() {
            details.insert("kind".into(), json!(member));
        }
        references.push(Reference {
            kind,
            category: category.to_owned(),
            id: Some(id.clone()),
            name: entry
                .get(found_by)
                .and_then(Value::as_str)
                .map(str::to_owned),
            details,
            without: "what refers to it is imported without it".to_owned(),
        });
    }
}

impl Reference {
    /// One that tells nothing yet.
    fn to(kind: &Kind) -> Self {
        Self {
            kind: KINDS.iter().position(|other| other == kind),
            category: kind.category.to_owned(),
            id: None,
            name: None,
            details: Map::new(),
            without: String::new(),
        }
    }

    /// Why an import leaves it out; `None`: it does not.
    fn warning(&self, found: &[Found]) -> Option<Warning> {
        let kind = self.kind.and_then(|kind| KINDS.get(kind));
        let found = self.kind.and_then(|kind| found.get(kind));
        let reason = match (kind, found) {
            (Some(kind), Some(found)) => self.reason(kind, found)?,
            _ => "This kind of object is unknown here".to_owned(),
        };
        let mut details = Map::new();
        let found_by = kind.map_or("name", |kind| kind.found_by);
        for (name, value) in [("id", &self.id), (found_by, &self.name)] {
            if let Some(value) = value {
                details.insert(name.to_owned(), json!(value));
            }
        }
        for (name, value) in &self.details {
            details.entry(name.clone()).or_insert_with(|| value.clone());
        }
        Some(Warning {
            category: self.category.clone(),
            message: format!("{reason}; {}.", self.without),
            details: Value::Object(details),
        })
    }

    /// Why it is not the one object that is meant; `None`: it is.
    fn reason(&self, kind: &Kind, found: &Found) -> Option<String> {
        let Kind { noun, found_by, .. } = kind;
        let of_id = self.id.as_ref().and_then(|id| found.ids.get(id));
        let Some(name) = &self.name else {
            let reason = || format!("A {noun} that has no {found_by} cannot be found");
            return of_id.is_none().then(reason);
        };
        let key = kind.key(name);
        match found.names.get(&key) {
            Some(1) => None,
            Some(_) if of_id == Some(&key) => None,
            Some(count) => Some(format!(
                "`{name}` is the {found_by} of {count} objects, so the {noun} is not certain"
            )),
            None => Some(format!("The account has no {noun} `{name}`")),
        }
    }
}

/// What the account has of one kind.
#[derive(Debug, Default)]
struct Found {
    /// The name of each that was asked for by its id.
    ids: HashMap<String, String>,
    /// How many objects each name has.
    names: HashMap<String, u64>,
}

/// What an import into the account would leave out.
pub(super) async fn unresolved(
    references: &[Reference],
    account_id: &str,
    store: &Store,
) -> Result<Vec<Warning>, Problem> {
    let mut statements = Vec::new();
    // Which kind a statement asks about, and whether it asks for ids.
    let mut asked = Vec::new();
    #[derive(Deserialize)]
    struct Row {
        id: Option<String>,
        name: Option<String>,
        count: u64,
    }
    for (number, kind) in KINDS.iter().enumerate() {
        let Kind { table, column, .. } = kind;
        let of_kind = || references.iter().filter(|other| other.kind == Some(number));
        let ids: HashSet<_> = of_kind().filter_map(|other| other.id.clone()).collect();
        let names = of_kind().filter_map(|other| Some(kind.key(other.name.as_ref()?)));
        let names: HashSet<_> = names.collect();
        let select = |columns: &str, asked: &str, rest: &str| {
            format!(
                "SELECT {columns} FROM {table} WHERE account_id = ?1
                 AND {asked} IN (SELECT value FROM json_each(?2)) {rest}"
            )
        };
        let by_id = select(&format!("id, {column} AS name, 1 AS count"), "id", "");
        let columns = format!("NULL AS id, {column} AS name, count(*) AS count");
        let by_name = select(&columns, column, "GROUP BY 2");
        for (is_id, sql, values) in [(true, by_id, ids), (false, by_name, names)] {
            for list in lists(&values) {
                statements.push(store.statement(&sql, &[account_id.into(), (&list).into()])?);
                asked.push((number, is_id));
            }
        }
    }
    let mut found: Vec<Found> = KINDS.iter().map(|_| Found::default()).collect();
    if !statements.is_empty() {
        let results = store.batch(statements).await?;
        for (place, (kind, is_id)) in asked.into_iter().enumerate() {
            let Some(found) = found.get_mut(kind) else {
                continue;
            };
            for Row { id, name, count } in store::rows(&results, place)? {
                let name = name.unwrap_or_default();
                match (is_id, id) {
                    (true, Some(id)) => drop(found.ids.insert(id, name)),
                    _ => drop(found.names.insert(name, count)),
                }
            }
        }
    }
    let warnings = references.iter();
    Ok(warnings
        .filter_map(|reference| reference.warning(&found))
        .collect())
}

/// Texts as JSON arrays, none of which has more bytes than a statement may ask for.
fn lists(texts: &HashSet<String>) -> Vec<String> {
    let mut lists = Vec::new();
    let mut list = String::new();
    for text in texts.iter().filter(|text| text.len() <= MAX_NAME) {
        list.push(if list.is_empty() { '[' } else { ',' });
        list.push_str(&json!(text).to_string());
        if list.len() > MAX_ASKED {
            list.push(']');
            lists.push(std::mem::take(&mut list));
        }
    }
    if !list.is_empty() {
        list.push(']');
        lists.push(list);
    }
    lists
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFINITION: &str = r#"{
        "agent": {"name": "A"},
        "trigger": {"trigger_type": "content_added", "knowledge_base_id": "k1"},
        "governance_policies": [{"policy_name": "P", "knowledge_base_names": ["Docs", "Laws"]}, {"policy_name": "Q"}],
        "dependencies": {
            "knowledge_bases": {"k1": {"name": "Docs", "source_count": 2}, "k2": {"name": "Twins"}},
            "users": {"u1": {"name": "Ada", "email": "Ada@example.com"}},
            "memory_banks": {"m1": {}, "m2": {"name": "Notes"}},
            "models": {"x": {"name": "large"}}
        },
        "solutions": [{"id": "s1", "name": "Support"}, "Sales", 7]
    }"#;

    /// What is left out where the account has this: kind, ids, and names with their counts.
    fn left_out(has: &[(&str, &[(&str, &str)], &[(&str, u64)])]) -> Vec<Warning> {
        let definition: Definition = serde_json::from_str(DEFINITION).unwrap();
        let found: Vec<_> = KINDS
            .iter()
            .map(|kind| {
                let mut found = Found::default();
                for (_, ids, names) in has.iter().filter(|(member, ..)| *member == kind.member) {
                    let ids = ids
                        .iter()
                        .map(|(id, name)| ((*id).to_owned(), (*name).to_owned()));
                    found.ids = ids.collect();
                    let names = names
                        .iter()
                        .map(|(name, count)| ((*name).to_owned(), *count));
                    found.names = names.collect();
                }
                found
            })
            .collect();
        let references = definition.references();
        references
            .iter()
            .filter_map(|reference| reference.warning(&found))
            .collect()
    }

    #[test]
    fn an_empty_account_has_nothing_of_it() {
        let warnings = left_out(&[]);
        let told: Vec<_> = warnings
            .iter()
            .map(|warning| (warning.category.as_str(), warning.message.as_str()))
            .collect();
        let without = "what refers to it is imported without it.";
        assert_eq!(
            told,
            [
                (
                    "knowledge_base",
                    &*format!("The account has no knowledge base `Docs`; {without}")
                ),
                (
                    "knowledge_base",
                    &*format!("The account has no knowledge base `Twins`; {without}")
                ),
                (
                    "user",
                    &*format!("The account has no user `Ada@example.com`; {without}")
                ),
                (
                    "memory_bank",
                    &*format!("A memory bank that has no name cannot be found; {without}")
                ),
                (
                    "memory_bank",
                    &*format!("The account has no memory bank `Notes`; {without}")
                ),
                (
                    "dependency",
                    &*format!("This kind of object is unknown here; {without}")
                ),
                (
                    "trigger_knowledge_base",
                    "The account has no knowledge base `Docs`; the trigger is imported without it."
                ),
                (
                    "governance_policy_knowledge_base",
                    "The account has no knowledge base `Docs`; the policy `P` is imported without it."
                ),
                (
                    "governance_policy_knowledge_base",
                    "The account has no knowledge base `Laws`; the policy `P` is imported without it."
                ),
                (
                    "solution",
                    "The account has no solution `Support`; the agent is not put into it."
                ),
                (
                    "solution",
                    "The account has no solution `Sales`; the agent is not put into it."
                ),
                (
                    "solution",
                    "A solution that has no name cannot be found; the agent is not put into it."
                ),
            ]
        );
        assert_eq!(
            warnings[0].details,
            json!({"id": "k1", "name": "Docs", "source_count": 2})
        );
        assert_eq!(
            warnings[2].details,
            json!({"id": "u1", "email": "Ada@example.com", "name": "Ada"})
        );
        assert_eq!(
            warnings[5].details,
            json!({"id": "x", "name": "large", "kind": "models"})
        );
        assert_eq!(
            warnings[7].details,
            json!({"name": "Docs", "policy_name": "P"})
        );
    }

    #[test]
    fn an_object_is_found_by_its_name_and_by_its_id_where_that_is_not_enough() {
        let warnings = left_out(&[
            (
                "knowledge_bases",
                &[("k1", "Docs"), ("k2", "Other")],
                &[("Docs", 2), ("Laws", 1), ("Twins", 2)],
            ),
            ("users", &[], &[("ada@example.com", 1)]),
            ("memory_banks", &[("m1", "Bank"), ("m2", "Bank")], &[]),
            ("solutions", &[("s1", "Other")], &[("Sales", 1)]),
        ]);
        let told: Vec<_> = warnings.iter().map(|warning| &*warning.message).collect();
        let without = "what refers to it is imported without it.";
        assert_eq!(
            told,
            [
                &*format!(
                    "`Twins` is the name of 2 objects, so the knowledge base is not certain; {without}"
                ),
                &*format!("The account has no memory bank `Notes`; {without}"),
                &*format!("This kind of object is unknown here; {without}"),
                "`Docs` is the name of 2 objects, so the knowledge base is not certain; the policy `P` is imported without it.",
                "The account has no solution `Support`; the agent is not put into it.",
                "A solution that has no name cannot be found; the agent is not put into it.",
            ]
        );
    }

    #[test]
    fn many_names_are_asked_for_in_several_lists() {
        let texts: HashSet<_> = (0..20_000)
            .map(|number| format!("a name of {number}"))
            .collect();
        let lists = lists(&texts);
        assert!(lists.len() > 2 && lists.iter().all(|list| list.len() < MAX_ASKED + MAX_NAME));
        let read = lists
            .iter()
            .flat_map(|list| serde_json::from_str::<Vec<String>>(list).unwrap());
        assert_eq!(read.collect::<HashSet<_>>(), texts);
        assert!(super::lists(&HashSet::new()).is_empty());
        let long = HashSet::from(["x".repeat(MAX_NAME + 1)]);
        assert!(super::lists(&long).is_empty());
    }
}
