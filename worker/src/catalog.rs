//! The types of resources that this service exports: those of the engine, and the operator's own.
//!
//! The operator's definitions are files in `worker/resources`, which the build puts into a module. The shim hands it on
//! as the variable `RESOURCES`: a JSON array of `{"file", "text"}`.

use crate::call;
use crate::definitions::{self, Mistake};
use crate::problem::Problem;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::OnceLock;
use tablecast::{Resource, Setting};
use worker::Env;

/// All types of resources, in alphabetical order.
#[derive(Debug)]
pub(crate) struct Catalog(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    resource: Resource,
    /// The definition, where it is the operator's.
    own: Option<Setting>,
}

/// A definition as the build hands it on.
#[derive(Deserialize)]
struct Definition {
    file: String,
    text: String,
}

/// The catalog of this deployment.
///
/// # Errors
///
/// `BROKEN_DEFINITION`, with every problem of every definition.
pub(crate) fn of(env: &Env) -> Result<&'static Catalog, Problem> {
    static CATALOG: OnceLock<Result<Catalog, Vec<Value>>> = OnceLock::new();
    let catalog = CATALOG.get_or_init(|| Catalog::read(&call::text(env, "RESOURCES")));
    catalog
        .as_ref()
        .map_err(|problems| Problem::broken_definition(problems))
}

impl Catalog {
    /// The engine's definitions, and those in a text. One of the operator's takes the place of one that ships with the
    /// engine under the same name.
    fn read(definitions: &str) -> Result<Self, Vec<Value>> {
        let definitions = match definitions {
            "" => "[]",
            text => text,
        };
        let definitions: Vec<Definition> = serde_json::from_str(definitions)
            .map_err(|error| vec![json!({"message": error.to_string()})])?;
        let files = definitions.iter();
        let files = files.map(|definition| (&*definition.file, &*definition.text));
        let own = definitions::read(files).map_err(|mistakes| told(&mistakes))?;
        let own = own.into_iter().map(|(definition, resource)| Entry {
            resource,
            own: Some(definition),
        });
        let mut entries: Vec<Entry> = own.collect();
        for name in Resource::names() {
            if entries.iter().any(|entry| entry.resource.name == name) {
                continue;
            }
            match Resource::find(name) {
                Ok(resource) => entries.push(Entry {
                    resource,
                    own: None,
                }),
                Err(error) => return Err(told(&definitions::of_engine(name, &error))),
            }
        }
        entries.sort_by(|one, other| one.resource.name.cmp(&other.resource.name));
        Ok(Self(entries))
    }

    pub(crate) fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.0.iter().map(|entry| &entry.resource)
    }

    /// Finds a type by its name.
    ///
    /// # Errors
    ///
    /// `UNKNOWN_RESOURCE`, with the names that there are, and the one that was meant.
    pub(crate) fn find(&self, name: &str) -> Result<&Resource, Problem> {
        let found = self.resources().find(|resource| resource.name == name);
        found.ok_or_else(|| Problem::unknown_resource(name, self.resources()))
    }

    /// Puts the definition into options that name a type of the operator's, which the engine does not know.
    ///
    /// # Errors
    ///
    /// `UNKNOWN_RESOURCE`.
    pub(crate) fn resolve(&self, options: &mut Setting) -> Result<(), Problem> {
        if let Some(name) = options.get("resource").and_then(Setting::as_text) {
            let option = self.option(self.find(name)?);
            options.insert("resource", option);
        }
        Ok(())
    }

    /// The engine's option `resource` for a type: its name, or its definition, which the engine does not know.
    pub(crate) fn option(&self, resource: &Resource) -> Setting {
        let entry = self
            .0
            .iter()
            .find(|entry| entry.resource.name == resource.name);
        let own = entry.and_then(|entry| entry.own.clone());
        own.unwrap_or_else(|| Setting::Text(resource.name.clone()))
    }
}

/// Mistakes as an answer tells them.
fn told(mistakes: &[Mistake]) -> Vec<Value> {
    let mistakes = mistakes.iter();
    let told = mistakes.map(
        |mistake| json!({"file": mistake.file, "path": mistake.path, "message": mistake.message}),
    );
    told.collect()
}

#[cfg(test)]
impl Catalog {
    /// The engine's definitions alone.
    pub(crate) fn shipped() -> Self {
        Self::read("").unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definitions(texts: &[&str]) -> String {
        let texts = texts.iter().enumerate();
        let files: Vec<_> = texts
            .map(|(number, text)| json!({"file": format!("{number}.json"), "text": text}))
            .collect();
        json!(files).to_string()
    }

    const NOTES: &str = r#"{"name": "notes", "label": "Notes", "description": "Notes.", "formats": ["csv"],
        "file_name": "notes", "record": {"table": "notes", "fields": [
        {"name": "id", "type": "string", "description": "The id."}]}}"#;

    #[test]
    fn the_operators_types_stand_among_the_engines() {
        let catalog = Catalog::read(&definitions(&[NOTES])).unwrap();
        let names: Vec<_> = catalog.resources().map(|resource| &resource.name).collect();
        assert!(names.is_sorted());
        assert_eq!(names.len(), Resource::names().count() + 1);
        let notes = catalog.find("notes").unwrap();
        assert!(matches!(catalog.option(notes), Setting::Map(_)));
        let memories = catalog.find("memories").unwrap();
        assert_eq!(catalog.option(memories), Setting::Text("memories".into()));
        assert_eq!(
            Catalog::read("").unwrap().resources().count(),
            names.len() - 1
        );
    }

    #[test]
    fn a_type_of_the_operators_takes_the_place_of_the_engines() {
        let own = NOTES.replace("\"name\": \"notes\"", "\"name\": \"memories\"");
        let catalog = Catalog::read(&definitions(&[&own])).unwrap();
        assert_eq!(catalog.find("memories").unwrap().label, "Notes");
    }

    #[test]
    fn every_problem_of_every_file_is_told() {
        let broken = NOTES.replace("\"type\": \"string\"", "\"type\": \"strin\"");
        let bare = NOTES.replace("\"table\": \"notes\", ", "");
        let problems = Catalog::read(&definitions(&["{", &broken, &bare, NOTES])).unwrap_err();
        let files: Vec<_> = problems.iter().map(|problem| &problem["file"]).collect();
        assert_eq!(files, ["0.json", "1.json", "2.json", "3.json"]);
        assert_eq!(problems[2]["path"], "$.record.table");
        assert!(
            problems[1]["path"]
                .as_str()
                .unwrap()
                .starts_with("$.record.fields[0]")
        );
    }

    #[test]
    fn what_was_meant_is_told() {
        let catalog = Catalog::read("").unwrap();
        let problem = catalog.find("memory").unwrap_err();
        assert_eq!(
            (problem.status(), problem.code()),
            (422, "UNKNOWN_RESOURCE")
        );
    }
}
