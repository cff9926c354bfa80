//! What a definition refers to in the account that it came from.

use super::kinds::{KNOWLEDGE_BASE, Kind, SOLUTION};
use crate::raw::{items, member, members, text};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The parts of a definition that refer to something, where they stand in its text. All else is passed over.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Definition<'a> {
    #[serde(borrow)]
    trigger: Option<&'a RawValue>,
    #[serde(borrow)]
    governance_policies: Option<&'a RawValue>,
    /// By kind, then by id: what it is called.
    #[serde(borrow)]
    dependencies: Option<&'a RawValue>,
    #[serde(borrow)]
    solutions: Option<&'a RawValue>,
}

/// Something that a definition refers to.
#[derive(Debug)]
pub(super) struct Reference<'a> {
    pub(super) target: Target,
    /// The category of a warning about it.
    pub(super) category: &'static str,
    pub(super) id: Option<Cow<'a, str>>,
    /// What it is found by.
    pub(super) name: Option<Cow<'a, str>>,
    pub(super) place: Place<'a>,
}

/// Where to look for it.
#[derive(Debug)]
pub(super) enum Target {
    Of(&'static Kind),
    /// Nowhere: why that is.
    Nowhere(&'static str),
}

/// Where a definition refers to something.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'a> {
    /// Among what it depends on.
    Dependencies {
        /// The member that it stands in, where that has to be told.
        kind: Option<&'a str>,
        /// What is told about it.
        entry: Option<&'a RawValue>,
    },
    Trigger,
    /// In a policy of this name.
    Policy(Option<&'a RawValue>),
    Solutions,
}

impl<'a> Definition<'a> {
    /// Looks at everything that it refers to: dependencies first, then what depends on them.
    pub(super) fn references(&self, look: &mut dyn FnMut(&Reference<'_>)) {
        if let Some(dependencies) = self.dependencies {
            members(dependencies, &mut |member, entries| {
                look_at_dependencies(&member, entries, look);
            });
        }
        if let Some(reference) = self.of_trigger() {
            look(&reference);
        }
        if let Some(policies) = self.governance_policies {
            items(policies, &mut |policy| look_at_policy(policy, look));
        }
        if let Some(solutions) = self.solutions {
            items(solutions, &mut |solution| {
                let named = |name| member(solution, name).and_then(text);
                let mut reference = Reference::new(SOLUTION, SOLUTION, Place::Solutions);
                reference.id = named("id");
                reference.name = text(solution).or_else(|| named("name"));
                look(&reference);
            });
        }
    }

    /// The knowledge base that the trigger waits for; the dependencies tell what it is called.
    fn of_trigger(&self) -> Option<Reference<'a>> {
        let id = text(member(self.trigger?, "knowledge_base_id")?)?;
        let entry = || member(member(self.dependencies?, "knowledge_bases")?, &id);
        let name = entry().and_then(|entry| text(member(entry, "name")?));
        let reference = Reference::new("trigger_knowledge_base", KNOWLEDGE_BASE, Place::Trigger);
        Some(Reference {
            name,
            id: Some(id),
            ..reference
        })
    }
}

impl<'a> Reference<'a> {
    /// One to an object of a kind, which is told by nothing yet.
    fn new(category: &'static str, kind: &str, place: Place<'a>) -> Self {
        let target = Kind::of(kind).map_or(Target::Nowhere(UNKNOWN), Target::Of);
        Self {
            target,
            category,
            id: None,
            name: None,
            place,
        }
    }
}

impl Place<'_> {
    /// What an import does without what is referred to, as the rest of a sentence.
    pub(super) fn without(self) -> Cow<'static, str> {
        match self {
            Self::Dependencies { .. } => "what refers to it is imported without it".into(),
            Self::Trigger => "the trigger is imported without it".into(),
            Self::Policy(name) => {
                let called = name.and_then(text).unwrap_or_default();
                format!("the policy `{called}` is imported without it").into()
            }
            Self::Solutions => "the agent is not put into it".into(),
        }
    }
}

const UNKNOWN: &str = "This kind of object is unknown here";

/// Looks at the knowledge bases that a policy is judged by.
fn look_at_policy(policy: &RawValue, look: &mut dyn FnMut(&Reference<'_>)) {
    const CATEGORY: &str = "governance_policy_knowledge_base";
    let place = Place::Policy(member(policy, "policy_name"));
    let reference = || Reference::new(CATEGORY, KNOWLEDGE_BASE, place);
    let Some(names) = member(policy, "knowledge_base_names") else {
        return;
    };
    let is_list = items(names, &mut |name| {
        look(&Reference {
            name: text(name),
            ..reference()
        });
    });
    if !is_list && names.get() != "null" {
        look(&Reference {
            target: Target::Nowhere("`knowledge_base_names` is no array"),
            ..reference()
        });
    }
}

/// Looks at the entries of one kind, by their ids.
fn look_at_dependencies(name: &str, entries: &RawValue, look: &mut dyn FnMut(&Reference<'_>)) {
    let kind = Kind::of_member(name);
    let (category, found_by) = kind.map_or(("dependency", "name"), |kind| {
        (kind.category, kind.found_by)
    });
    let is_object = members(entries, &mut |id, entry| {
        look(&Reference {
            target: kind.map_or(Target::Nowhere(UNKNOWN), Target::Of),
            category,
            id: Some(id),
            name: member(entry, found_by).and_then(text),
            place: Place::Dependencies {
                kind: kind.is_none().then_some(name),
                entry: Some(entry),
            },
        });
    });
    if !is_object && entries.get() != "null" {
        look(&Reference {
            target: Target::Nowhere("Dependencies stand under their ids, and these do not"),
            category,
            id: None,
            name: None,
            place: Place::Dependencies {
                kind: Some(name),
                entry: None,
            },
        });
    }
}
