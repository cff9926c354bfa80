//! What of a definition's references the caller's account lacks.
//!
//! An object is found by its name, and a user by the address. Its id says which one is meant where several have the name,
//! and is all there is where the definition tells no name.

use super::kinds::{KINDS, Kind};
use super::references::{Reference, Target};
use crate::problem::Problem;
use crate::store::{self, Store};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};

/// The most bytes of ids, or of names, that one statement asks for.
const MAX_ASKED: usize = 128 << 10;

/// Names that are longer are not looked for: nothing is called so.
const MAX_NAME: usize = 4096;

/// An item that an import would leave out.
#[derive(Debug, Serialize)]
pub(super) struct Warning {
    category: &'static str,
    message: String,
    details: Map<String, Value>,
}

/// What the account has, by table.
type Account = HashMap<&'static str, Found>;

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
    let account = look_up(references, account_id, store).await?;
    let warnings = references.iter();
    let warnings = warnings.filter_map(|reference| warning(reference, &account));
    Ok(warnings.collect())
}

/// Looks for everything at once: ids and names, of each kind.
async fn look_up(
    references: &[Reference],
    account_id: &str,
    store: &Store,
) -> Result<Account, Problem> {
    #[derive(Deserialize)]
    struct Row {
        /// `None`: the row tells how many objects have the name.
        id: Option<String>,
        name: Option<String>,
        count: u64,
    }
    let mut statements = Vec::new();
    let mut tables = Vec::new();
    for kind in &KINDS {
        let Kind { table, column, .. } = kind;
        let mut ids = HashSet::new();
        let mut names = HashSet::new();
        for reference in references {
            if matches!(reference.target, Target::Of(of) if of.table == *table) {
                ids.extend(reference.id.clone());
                names.extend(reference.name.as_deref().map(|name| kind.key(name)));
            }
        }
        let by_id = format!(
            "SELECT id, {column} AS name, 1 AS count FROM {table}
             WHERE account_id = ?1 AND id IN (SELECT value FROM json_each(?2))"
        );
        let by_name = format!(
            "SELECT NULL AS id, {column} AS name, count(*) AS count FROM {table}
             WHERE account_id = ?1 AND {column} IN (SELECT value FROM json_each(?2)) GROUP BY 2"
        );
        for (sql, asked) in [(by_id, ids), (by_name, names)] {
            for list in lists(&asked) {
                statements.push(store.statement(&sql, &[account_id.into(), (&list).into()])?);
                tables.push(*table);
            }
        }
    }
    let mut account = Account::new();
    if statements.is_empty() {
        return Ok(account);
    }
    let results = store.batch(statements).await?;
    for (number, table) in tables.into_iter().enumerate() {
        let found = account.entry(table).or_default();
        for Row { id, name, count } in store::rows(&results, number)? {
            let name = name.unwrap_or_default();
            match id {
                Some(id) => drop(found.ids.insert(id, name)),
                None => drop(found.names.insert(name, count)),
            }
        }
    }
    Ok(account)
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

/// Why an import leaves it out; `None`: it does not.
fn warning(reference: &Reference, account: &Account) -> Option<Warning> {
    let (reason, found_by) = match reference.target {
        Target::Nowhere(reason) => (reason.to_owned(), "name"),
        Target::Of(kind) => (reason(reference, kind, account)?, kind.found_by),
    };
    let mut details = Map::new();
    for (name, value) in [("id", &reference.id), (found_by, &reference.name)] {
        if let Some(value) = value {
            details.insert(name.to_owned(), json!(value));
        }
    }
    for (name, value) in &reference.details {
        let detail = details.entry(name.clone());
        detail.or_insert_with(|| value.clone());
    }
    Some(Warning {
        category: reference.category,
        message: format!("{reason}; {}.", reference.without),
        details,
    })
}

/// Why it is not the one object that is meant; `None`: it is.
fn reason(reference: &Reference, kind: &Kind, account: &Account) -> Option<String> {
    let Kind { noun, found_by, .. } = kind;
    let found = account.get(kind.table);
    let of_id = found.and_then(|found| found.ids.get(reference.id.as_ref()?));
    let Some(name) = &reference.name else {
        let reason = || format!("A {noun} that has no {found_by} cannot be found");
        return of_id.is_none().then(reason);
    };
    let key = kind.key(name);
    match found.and_then(|found| found.names.get(&key)) {
        Some(1) => None,
        Some(_) if of_id == Some(&key) => None,
        Some(count) => Some(format!(
            "`{name}` is the {found_by} of {count} objects, so the {noun} is not certain"
        )),
        None => Some(format!("The account has no {noun} `{name}`")),
    }
}
#[cfg(test)]
mod tests {
    use super::super::references::Definition;
    use super::*;

    const DEFINITION: &str = r#"{
        "agent": {"name": "A"},
        "trigger": {"trigger_type": "content_added", "knowledge_base_id": "k1"},
        "governance_policies": [{"policy_name": "P", "knowledge_base_names": ["Docs", "Laws"]}, {"policy_name": "Q"}, {"policy_name": "R", "knowledge_base_names": 1}],
        "dependencies": {
            "knowledge_bases": {"k1": {"name": "Docs", "source_count": 2}, "k2": {"name": "Twins"}},
            "users": {"u1": {"name": "Ada", "email": "Ada@example.com"}},
            "memory_banks": {"m1": {}, "m2": {"name": "Notes"}},
            "models": {"x": {"name": "large"}}, "agents": [], "solutions": null
        },
        "solutions": [{"id": "s1", "name": "Support"}, "Sales", 7]
    }"#;

    /// A table, the ids in it with their names, and names with how many objects have them.
    type Has<'a> = (&'static str, &'a [(&'a str, &'a str)], &'a [(&'a str, u64)]);

    /// What is left out where the account has this.
    fn left_out(has: &[Has<'_>]) -> Vec<Warning> {
        let definition: Definition = serde_json::from_str(DEFINITION).unwrap();
        let mut account = Account::new();
        for (table, ids, names) in has {
            let ids = ids.iter();
            let names = names.iter();
            let found = Found {
                ids: ids
                    .map(|(id, name)| ((*id).to_owned(), (*name).to_owned()))
                    .collect(),
                names: names
                    .map(|(name, count)| ((*name).to_owned(), *count))
                    .collect(),
            };
            account.insert(table, found);
        }
        let references = definition.references();
        references
            .iter()
            .filter_map(|reference| warning(reference, &account))
            .collect()
    }

    #[test]
    fn an_empty_account_has_nothing_of_it() {
        let warnings = left_out(&[]);
        let told: Vec<_> = warnings
            .iter()
            .map(|warning| (warning.category, warning.message.as_str()))
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
                    "agent",
                    &*format!("Dependencies stand under their ids, and these do not; {without}")
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
                    "governance_policy_knowledge_base",
                    "`knowledge_base_names` is no array; the policy `R` is imported without it."
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
            json!(warnings[0].details),
            json!({"id": "k1", "name": "Docs", "source_count": 2})
        );
        assert_eq!(
            json!(warnings[2].details),
            json!({"id": "u1", "email": "Ada@example.com", "name": "Ada"})
        );
        assert_eq!(
            json!(warnings[5].details),
            json!({"id": "x", "name": "large", "kind": "models"})
        );
        assert_eq!(
            json!(warnings[8].details),
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
                &*format!("Dependencies stand under their ids, and these do not; {without}"),
                "`Docs` is the name of 2 objects, so the knowledge base is not certain; the policy `P` is imported without it.",
                "`knowledge_base_names` is no array; the policy `R` is imported without it.",
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
