//! What of a definition's references the caller's account lacks.
//!
//! An object is found by its name, and a user by the address. Its id says which one is meant where several have the name,
//! and is all there is where the definition tells no name.

use super::kinds::{KINDS, Kind};
use super::references::{Definition, Place, Reference, Target};
use crate::problem::Problem;
use crate::raw::{member, members};
use crate::store::{self, Store};
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;
use std::collections::{HashMap, HashSet};

/// The most bytes of ids, or of names, that one statement asks for.
const MAX_ASKED: usize = 128 << 10;

/// Names that are longer are not looked for: nothing is called so.
const MAX_NAME: usize = 4096;

/// How many warnings are told, and after how many bytes no further one is. One long text that much refers to would else
/// take many times the memory of the definition.
const MAX_WARNINGS: usize = 10_000;
const MAX_BYTES: usize = 4 << 20;

/// What an import would leave out.
#[derive(Debug, Default, Serialize)]
pub(super) struct Warnings {
    /// One for each item, as many as are told.
    import_warnings: Vec<Warning>,
    /// How many there are beyond these.
    #[serde(skip_serializing_if = "is_zero")]
    more_import_warnings: u64,
    #[serde(skip)]
    bytes: usize,
}

/// An item that an import would leave out.
#[derive(Debug, Serialize)]
struct Warning {
    category: &'static str,
    message: String,
    /// An object of what the definition tells about it, digit by digit.
    details: Box<RawValue>,
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
    definition: &Definition<'_>,
    account_id: &str,
    store: &Store,
) -> Result<Warnings, Problem> {
    let account = look_up(definition, account_id, store).await?;
    Ok(warnings(definition, &account))
}

/// What is asked for of one kind.
#[derive(Default)]
struct Asked {
    ids: HashSet<String>,
    names: HashSet<String>,
}

/// Looks for everything at once: ids and names, of each kind.
async fn look_up(
    definition: &Definition<'_>,
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
    let mut asked: HashMap<&str, Asked> = HashMap::new();
    definition.references(&mut |reference| {
        let Target::Of(kind) = reference.target else {
            return;
        };
        let of_kind = asked.entry(kind.table).or_default();
        let fits = |text: &&str| text.len() <= MAX_NAME;
        if let Some(id) = reference.id.as_deref().filter(fits)
            && !of_kind.ids.contains(id)
        {
            of_kind.ids.insert(id.to_owned());
        }
        if let Some(name) = reference.name.as_deref().filter(fits) {
            let key = kind.key(name);
            if !of_kind.names.contains(&*key) {
                of_kind.names.insert(key.into_owned());
            }
        }
    });
    let mut statements = Vec::new();
    let mut tables = Vec::new();
    for Kind { table, column, .. } in &KINDS {
        let Asked { ids, names } = asked.remove(table).unwrap_or_default();
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
    for text in texts {
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

/// What an import into an account that has this would leave out.
fn warnings(definition: &Definition<'_>, account: &Account) -> Warnings {
    let mut warnings = Warnings::default();
    definition.references(&mut |reference| {
        let (reason, found_by) = match reference.target {
            Target::Nowhere(reason) => (Some(reason.to_owned()), "name"),
            Target::Of(kind) => (reason(reference, kind, account), kind.found_by),
        };
        if let Some(reason) = reason {
            warnings.add(reference, found_by, &reason);
        }
    });
    warnings
}

impl Warnings {
    fn add(&mut self, reference: &Reference<'_>, found_by: &str, reason: &str) {
        if self.import_warnings.len() >= MAX_WARNINGS || self.bytes >= MAX_BYTES {
            self.more_import_warnings += 1;
            return;
        }
        let warning = Warning {
            category: reference.category,
            message: format!("{reason}; {}.", reference.place.without()),
            details: details(reference, found_by),
        };
        self.bytes += warning.message.len() + warning.details.get().len();
        self.import_warnings.push(warning);
    }
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// What the definition tells about an item: its id, what it is found by, and what else there is.
fn details(reference: &Reference<'_>, found_by: &str) -> Box<RawValue> {
    let mut text = String::from("{");
    let mut put = |name: &str, value: &str| {
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(&json!(name).to_string());
        text.push(':');
        text.push_str(value);
    };
    let first = [("id", &reference.id), (found_by, &reference.name)];
    for (name, value) in first {
        if let Some(value) = value {
            put(name, &json!(value).to_string());
        }
    }
    match reference.place {
        Place::Dependencies { kind, entry } => {
            if let Some(kind) = kind {
                let own = entry.and_then(|entry| member(entry, "kind"));
                let value = own.map(|own| own.get().to_owned());
                put("kind", &value.unwrap_or_else(|| json!(kind).to_string()));
            }
            if let Some(entry) = entry {
                members(entry, &mut |name, value| {
                    let is_told =
                        |(told, value): &(&str, &Option<_>)| *told == name && value.is_some();
                    let is_kind = kind.is_some() && name == "kind";
                    if !is_kind && !first.iter().any(is_told) {
                        put(&name, value.get());
                    }
                });
            }
        }
        Place::Policy(name) => put("policy_name", name.unwrap_or(RawValue::NULL).get()),
        Place::Trigger | Place::Solutions => {}
    }
    text.push('}');
    RawValue::from_string(text).unwrap_or_default()
}

/// Why it is not the one object that is meant; `None`: it is.
fn reason(reference: &Reference, kind: &Kind, account: &Account) -> Option<String> {
    let Kind { noun, found_by, .. } = kind;
    let found = account.get(kind.table);
    let of_id = found.and_then(|found| found.ids.get(reference.id.as_deref()?));
    let Some(name) = &reference.name else {
        let reason = || format!("A {noun} that has no {found_by} cannot be found");
        return of_id.is_none().then(reason);
    };
    let key = kind.key(name);
    match found.and_then(|found| found.names.get(&*key)) {
        Some(1) => None,
        Some(_) if of_id.is_some_and(|of_id| *of_id == key) => None,
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
        let definition: Definition<'_> = serde_json::from_str(DEFINITION).unwrap();
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
        let warnings = warnings(&definition, &account);
        assert_eq!(warnings.more_import_warnings, 0);
        warnings.import_warnings
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
    }

    /// How many warnings about a definition are told to an empty account, how many are not, and what bytes they have.
    fn counted(definition: &str) -> (usize, u64, usize) {
        let definition: Definition<'_> = serde_json::from_str(definition).unwrap();
        let warnings = warnings(&definition, &Account::new());
        let text = serde_json::to_string(&warnings).unwrap();
        let more = warnings.more_import_warnings;
        assert_eq!(text.contains("more_import_warnings"), more > 0);
        (warnings.import_warnings.len(), more, text.len())
    }

    #[test]
    fn of_many_warnings_the_first_are_told() {
        let sevens = format!(r#"{{"solutions":[{}7]}}"#, "7,".repeat(1_000_000));
        let (told, more, _) = counted(&sevens);
        assert_eq!(
            (told, more),
            (MAX_WARNINGS, 1_000_001 - MAX_WARNINGS as u64)
        );
        let all = format!(r#"{{"solutions":[{}7]}}"#, "7,".repeat(MAX_WARNINGS - 1));
        assert_eq!((counted(&all).0, counted(&all).1), (MAX_WARNINGS, 0));
    }

    #[test]
    fn a_long_name_that_much_refers_to_is_not_told_again_and_again() {
        let (name, names) = ("x".repeat(1 << 20), r#""a","#.repeat(200));
        let policy = format!(r#"{{"policy_name":"{name}","knowledge_base_names":[{names}"b"]}}"#);
        let (told, more, bytes) = counted(&format!(r#"{{"governance_policies":[{policy}]}}"#));
        assert_eq!((told, more), (2, 199));
        assert!(bytes < 2 * MAX_BYTES);
    }

    #[test]
    fn digits_and_depth_are_as_the_definition_has_them() {
        let deep = format!("{}1e999{}", "[".repeat(126), "]".repeat(126));
        let text = format!(
            r#"{{"dependencies":{{"agents":{{"a1":{{"size":0.10000000000000000001,"deep":{deep}}}}}}},"solutions":[1e999]}}"#
        );
        let definition: Definition<'_> = serde_json::from_str(&text).unwrap();
        let warnings = warnings(&definition, &Account::new()).import_warnings;
        let details: Vec<_> = warnings
            .iter()
            .map(|warning| warning.details.get())
            .collect();
        let expected = format!(r#"{{"id":"a1","size":0.10000000000000000001,"deep":{deep}}}"#);
        assert_eq!(details, [&*expected, "{}"]);
    }
}
