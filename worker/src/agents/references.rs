//! What a definition refers to in the account that it came from.

use super::kinds::{KNOWLEDGE_BASE, Kind, SOLUTION};
use serde::Deserialize;
use serde_json::{Map, Value, json};

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

/// Something that a definition refers to.
#[derive(Debug)]
pub(super) struct Reference {
    pub(super) target: Target,
    /// The category of a warning about it.
    pub(super) category: &'static str,
    pub(super) id: Option<String>,
    /// What it is found by.
    pub(super) name: Option<String>,
    /// What is told about it, beside id and name.
    pub(super) details: Map<String, Value>,
    /// What an import does without it, as the rest of a sentence.
    pub(super) without: String,
}

/// Where to look for it.
#[derive(Debug)]
pub(super) enum Target {
    Of(&'static Kind),
    /// Nowhere: why that is.
    Nowhere(&'static str),
}

impl Definition {
    /// Everything that it refers to: dependencies first, then what depends on them.
    pub(super) fn references(&self) -> Vec<Reference> {
        let mut references = Vec::new();
        for (member, entries) in self.dependencies.iter().flatten() {
            references.extend(dependencies(member, entries));
        }
        references.extend(self.of_trigger());
        for policy in self.governance_policies.iter().flatten() {
            references.extend(policy.references());
        }
        for solution in self.solutions.iter().flatten() {
            let text = |name: &str| solution.get(name).and_then(Value::as_str);
            references.push(Reference {
                id: owned(text("id")),
                name: owned(solution.as_str().or_else(|| text("name"))),
                ..Reference::new(SOLUTION, SOLUTION, "the agent is not put into it".into())
            });
        }
        references
    }

    /// The knowledge base that the trigger waits for; the dependencies tell what it is called.
    fn of_trigger(&self) -> Option<Reference> {
        let id = self.trigger.as_ref()?.knowledge_base_id.clone()?;
        let entry = || self.dependencies.as_ref()?.get("knowledge_bases")?.get(&id);
        let name = entry().and_then(|entry| entry.get("name")?.as_str());
        let without = "the trigger is imported without it".into();
        Some(Reference {
            name: owned(name),
            id: Some(id),
            ..Reference::new("trigger_knowledge_base", KNOWLEDGE_BASE, without)
        })
    }
}

impl Policy {
    /// The knowledge bases that the policy is judged by.
    fn references(&self) -> Vec<Reference> {
        const CATEGORY: &str = "governance_policy_knowledge_base";
        let called = self.policy_name.as_str().unwrap_or_default();
        let without = || format!("the policy `{called}` is imported without it");
        let details = || Map::from_iter([("policy_name".to_owned(), self.policy_name.clone())]);
        match &self.knowledge_base_names {
            Value::Null => Vec::new(),
            Value::Array(names) => names
                .iter()
                .map(|name| Reference {
                    name: owned(name.as_str()),
                    details: details(),
                    ..Reference::new(CATEGORY, KNOWLEDGE_BASE, without())
                })
                .collect(),
            _ => vec![Reference {
                target: Target::Nowhere("`knowledge_base_names` is no array"),
                details: details(),
                ..Reference::new(CATEGORY, KNOWLEDGE_BASE, without())
            }],
        }
    }
}

impl Reference {
    /// One to an object of a kind, which is told by nothing yet.
    fn new(category: &'static str, kind: &str, without: String) -> Self {
        let target = Kind::of(kind).map_or(Target::Nowhere(UNKNOWN), Target::Of);
        Self {
            target,
            category,
            id: None,
            name: None,
            details: Map::new(),
            without,
        }
    }
}

const UNKNOWN: &str = "This kind of object is unknown here";

/// The entries of one kind, by their ids.
fn dependencies(member: &str, entries: &Value) -> Vec<Reference> {
    let kind = Kind::of_member(member);
    let (category, found_by) = kind.map_or(("dependency", "name"), |kind| {
        (kind.category, kind.found_by)
    });
    let reference = |target| Reference {
        target,
        category,
        id: None,
        name: None,
        details: Map::from_iter([("kind".to_owned(), json!(member))]),
        without: "what refers to it is imported without it".to_owned(),
    };
    let Value::Object(entries) = entries else {
        let reason = "Dependencies stand under their ids, and these do not";
        let is_nothing = entries.is_null();
        return Vec::from_iter((!is_nothing).then(|| reference(Target::Nowhere(reason))));
    };
    let entries = entries.iter();
    let references = entries.map(|(id, entry)| {
        let mut reference = reference(kind.map_or(Target::Nowhere(UNKNOWN), Target::Of));
        if kind.is_some() {
            reference.details.clear();
        }
        for (name, value) in entry.as_object().into_iter().flatten() {
            reference.details.insert(name.clone(), value.clone());
        }
        reference.id = Some(id.clone());
        reference.name = owned(entry.get(found_by).and_then(Value::as_str));
        reference
    });
    references.collect()
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}
