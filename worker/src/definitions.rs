//! The operator's definitions of resources, with all that this service needs of them: more than the engine, which knows
//! no tables.
//!
//! `cargo xtask build` includes this file, so that it refuses what the service could not serve.

use tablecast::{Content, Error, ErrorKind, RecordId, Resource, Setting};

/// Something that is wrong with a definition.
#[derive(Debug)]
pub(crate) struct Mistake {
    pub(crate) file: String,
    /// The JSON path.
    pub(crate) path: String,
    pub(crate) message: String,
}

/// Reads definitions, given by the names of their files and their texts. Gives each with what it defines.
///
/// # Errors
///
/// Every mistake in every file.
pub(crate) fn read<'a>(
    files: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<Vec<(Setting, Resource)>, Vec<Mistake>> {
    let mut read: Vec<(Setting, Resource)> = Vec::new();
    let mut names = Vec::new();
    let mut mistakes = Vec::new();
    for (file, text) in files {
        let definition = Setting::from_json(text.as_bytes());
        let definition = definition.and_then(|definition| {
            let resource = Resource::from_definition(&definition)?;
            Ok((definition, resource))
        });
        let (definition, resource) = match definition {
            Ok(definition) => definition,
            Err(error) => {
                mistakes.extend(of_engine(file, &error));
                continue;
            }
        };
        for path in without_tables(&definition, &resource) {
            let message = "These records have no `table` to be read from.".to_owned();
            let file = file.to_owned();
            mistakes.push(Mistake {
                file,
                path,
                message,
            });
        }
        let twin = names.iter().find(|(_, name)| *name == resource.name);
        if let Some((other, name)) = twin {
            mistakes.push(Mistake {
                file: file.to_owned(),
                path: "$.name".to_owned(),
                message: format!("{other} defines `{name}`, too."),
            });
        }
        names.push((file, resource.name.clone()));
        read.push((definition, resource));
    }
    match mistakes.is_empty() {
        true => Ok(read),
        false => Err(mistakes),
    }
}

/// What the engine finds wrong with a definition.
pub(crate) fn of_engine(file: &str, error: &Error) -> Vec<Mistake> {
    let mistake = |path: &str, message: String| Mistake {
        file: file.to_owned(),
        path: path.to_owned(),
        message,
    };
    match error.kind() {
        ErrorKind::InvalidDefinition { problems, .. } => problems
            .iter()
            .map(|problem| mistake(&problem.path, problem.message.clone()))
            .collect(),
        _ => vec![mistake("$", error.to_string())],
    }
}

/// The paths where a table is missing: records come from somewhere here, unless they lie in a column of others.
fn without_tables(definition: &Setting, resource: &Resource) -> Vec<String> {
    let path_of = |record: RecordId, around: &str| {
        if resource.record_type(record).table.is_some() {
            return None;
        }
        Some(match resource.record_name(record) {
            Some(name) => format!("$.records.{name}.table"),
            None => format!("{around}.record.table"),
        })
    };
    if let Some(record) = resource.record {
        return path_of(record, "$").into_iter().collect();
    }
    let items = definition.get("envelope").and_then(Setting::as_list);
    let place = |name: &str| {
        let mut items = items.unwrap_or_default().iter();
        items.position(|item| item.get("name").and_then(Setting::as_text) == Some(name))
    };
    let mut paths = Vec::new();
    for member in &resource.envelope {
        let (Content::Record { record, .. } | Content::Records { record, .. }) = member.content
        else {
            continue;
        };
        let around = format!("$.envelope[{}]", place(&member.name).unwrap_or_default());
        let path = path_of(record, &around);
        // Several members may hold records of one type with a name.
        paths.extend(path.filter(|path| !paths.contains(path)));
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTES: &str = r#"{"name": "notes", "label": "Notes", "description": "Notes.", "formats": ["json"],
        "file_name": "notes", "record": {"table": "notes", "fields": [
        {"name": "id", "type": "string", "description": "The id."}]}}"#;

    const BOARD: &str = r#"{"name": "board", "label": "Board", "description": "A board.", "formats": ["json"],
        "file_name": "board", "records": {
            "pin": {"fields": [{"name": "id", "type": "string", "description": "The id."}]},
            "list": {"table": "lists", "fields": [{"name": "id", "type": "string", "description": "The id."}]}
        },
        "envelope": [
            "standard",
            {"name": "lists", "holds": "records", "record": "list", "description": "The lists."},
            {"name": "pins", "holds": "records", "record": "pin", "description": "The pins."},
            {"name": "first", "holds": "record", "record": "pin", "nullable": true, "description": "The first pin."},
            {"name": "owner", "holds": "record", "description": "Whose it is.", "record": {
                "fields": [{"name": "id", "type": "string", "description": "The id."}]
            }}
        ]}"#;

    fn mistakes(texts: &[&str]) -> Vec<String> {
        let names: Vec<_> = (0..texts.len()).map(|n| format!("{n}.json")).collect();
        let files = names.iter().map(String::as_str);
        match read(files.zip(texts.iter().copied())) {
            Ok(definitions) => {
                assert_eq!(definitions.len(), texts.len());
                Vec::new()
            }
            Err(mistakes) => mistakes
                .iter()
                .map(|mistake| format!("{} {}: {}", mistake.file, mistake.path, mistake.message))
                .collect(),
        }
    }

    #[test]
    fn every_mistake_of_every_file_is_told_with_its_place() {
        let broken = NOTES.replace("\"type\": \"string\"", "\"type\": \"strin\"");
        let found = mistakes(&["{", &broken, r#"{"name": "Notes!"}"#]);
        assert!(found.len() > 3, "{found:?}");
        assert!(found[0].starts_with("0.json $: "));
        assert!(found[1].starts_with("1.json $.record.fields[0].type: "));
        assert!(found[2].starts_with("2.json $"));
    }

    #[test]
    fn records_need_a_table_to_be_read_from() {
        let why = "These records have no `table` to be read from.";
        let bare = NOTES.replace("\"table\": \"notes\", ", "");
        let named = r#"{"name": "names", "label": "Names", "description": "Names.", "formats": ["json"],
            "file_name": "names", "record": "name", "records": {"name": {"fields": [
            {"name": "id", "type": "string", "description": "The id."}]}}}"#;
        assert_eq!(
            mistakes(&[&bare, named, BOARD]),
            [
                format!("0.json $.record.table: {why}"),
                format!("1.json $.records.name.table: {why}"),
                format!("2.json $.records.pin.table: {why}"),
                format!("2.json $.envelope[4].record.table: {why}"),
            ]
        );
    }

    #[test]
    fn two_files_do_not_define_the_same_name() {
        assert_eq!(mistakes(&[NOTES]), [""; 0]);
        assert_eq!(
            mistakes(&[NOTES, NOTES]),
            ["1.json $.name: 0.json defines `notes`, too."]
        );
    }
}
