//! Definitions as JSON, read with every mistake in them.
//!
//! | file | holds |
//! |---|---|
//! | `block.rs` | reading an object's members, where mistakes are noted down |
//! | `path.rs` | paths to fields |
//! | `record.rs`, `envelope.rs`, `filter.rs` | the parts of a definition |

mod block;
mod envelope;
mod filter;
mod path;
mod record;

use super::{Resource, file_name};
use crate::error::{Error, ErrorKind, Result};
use crate::settings::Setting;
use crate::write::{FORMATS, Format};
use block::{Block, Problems, not_one_of};
use envelope::Envelope;
use filter::Choices;
use path::Paths;
use record::Records;

/// The longest definition, as compact JSON text.
const MAX_BYTES: usize = 1 << 20;

impl Resource {
    /// Reads a definition, as `tablecast/resource.schema.json` describes its members.
    ///
    /// ```
    /// use tablecast::{Resource, Setting};
    ///
    /// let notes = Setting::from_json(br#"{
    ///     "name": "notes", "label": "Notes", "description": "What was written down.",
    ///     "formats": ["json", "csv"], "file_name": "notes-{date}", "envelope": "standard",
    ///     "record": {"fields": [
    ///         {"name": "id", "type": "string", "description": "The note's id."},
    ///         {"name": "text", "type": "string", "nullable": true, "description": "What it says."}
    ///     ]},
    ///     "filters": [{"name": "id", "field": "id", "test": "equals", "description": "The one note."}]
    /// }"#)?;
    /// let notes = Resource::from_definition(&notes)?;
    /// assert_eq!(notes.envelope.len(), 6);
    /// # Ok::<_, tablecast::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `invalid_definition`, with all problems that there are, up to a thousand, and the JSON path of each.
    pub fn from_definition(definition: &Setting) -> Result<Self> {
        let problems = Problems::default();
        let resource = match definition.to_json().len() {
            0..=MAX_BYTES => read(definition, &problems),
            _ => {
                problems.add(
                    "$",
                    format_args!("A definition has up to {MAX_BYTES} bytes."),
                );
                None
            }
        };
        match resource {
            Some(resource) if problems.is_empty() => Ok(resource),
            _ => Err(Error::new(ErrorKind::InvalidDefinition {
                name: definition
                    .get("name")
                    .and_then(Setting::as_text)
                    .filter(|name| block::is_name(name))
                    .map(Into::into),
                problems: problems.into_list(),
            })),
        }
    }
}

fn read(definition: &Setting, problems: &Problems) -> Option<Resource> {
    let mut block = Block::open(definition, "$".into(), "A definition", problems)?;
    // For editors.
    block.text("$schema");
    let name = block.name("name");
    let label = block.line("label");
    let description = block.needed_text("description");
    let formats = formats(&mut block, problems);
    let file_name = block.line("file_name");
    if file_name.is_some_and(|pattern| !file_name::is_valid(pattern)) {
        let placeholders = "`{date}`, `{user_id}` and `{resource_id}`";
        let message = format_args!(
            "`file_name` takes {placeholders}, cut as `{{user_id:8}}` to so many characters."
        );
        block.problem("file_name", message);
    }
    let object_table = block.identifier("object_table");
    let mut records = Records::new(problems);
    records.named(&mut block);
    let is_table = block.get("record").is_some();
    let record = is_table.then(|| records.used(&mut block, None, None));
    let envelope = Envelope::read(&mut block, is_table, &mut records);
    if !is_table {
        if block.get("envelope").is_none() {
            let message = "There is neither a `record` nor an `envelope` that holds some.";
            problems.add("$", message);
        }
        for (path, format) in &formats {
            if !format.holds_documents {
                let id = format.id;
                let message = format_args!("`{id}` holds a table, and there is no `record`.");
                problems.add(path.clone(), message);
            }
        }
    }
    let open = block.bool("open", false);
    if is_table {
        block.idle(
            "open",
            "a definition without `record`, whose own record type can be open",
        );
    }
    records.check(object_table.as_deref());
    let paths = Paths {
        records: &records,
        record,
        envelope: &envelope.members,
        is_unsure: envelope.is_unsure,
    };
    envelope.check_counts(paths);
    let choices = Choices::read(&mut block, paths, problems);
    let (filters, switches) = (choices.filters, choices.switches);
    block.finish();
    Some(Resource {
        name: name?.into(),
        label: label?.into(),
        description: description?.into(),
        formats: formats.into_iter().map(|(_, format)| format).collect(),
        object_table,
        record_names: records.names.into_iter().map(Into::into).collect(),
        records: records.list,
        record,
        envelope: envelope.members,
        open,
        filters,
        switches,
        file_name: file_name?.into(),
    })
}

/// The formats, each with its path.
fn formats(block: &mut Block<'_, '_>, problems: &Problems) -> Vec<(String, &'static Format)> {
    let mut formats = Vec::new();
    block.needed("formats");
    for (path, id) in block.texts("formats", FORMATS.len()).unwrap_or_default() {
        match FORMATS.iter().find(|format| format.id == id) {
            Some(format) => formats.push((path, format)),
            None => {
                let ids = FORMATS.iter().map(|format| format.id);
                problems.add(path, not_one_of("formats", id, ids));
            }
        }
    }
    formats
}
