//! The options that concern a resource: `resource`, `filters`, `envelope`.

use crate::catalog::Resource;
use crate::error::{Error, ErrorKind, Result};
use crate::export::{Chosen, Request};
use crate::read::Source;
use crate::settings::{Fields, Setting, Surface};
use crate::shape::Given;
use crate::template::Template;
use crate::write::Format;

/// Reads what the options say of a resource.
pub(super) fn chosen(fields: &mut Fields<'_>, surface: Surface) -> Result<Option<Box<Chosen>>> {
    let resource = match fields.get("resource") {
        None => None,
        Some(Setting::Text(name)) => Some(Resource::find(name)?),
        Some(definition @ Setting::Map(_)) => Some(Resource::from_definition(definition)?),
        Some(other) => {
            let wanted = "the name of a resource, or the definition of one";
            return Err(fields.mistyped("resource", wanted, other));
        }
    };
    let filters = fields.get("filters");
    let envelope = fields.get("envelope").is_some();
    let Some(resource) = resource else {
        let lone = [("filters", filters.is_some()), ("envelope", envelope)];
        return match lone.into_iter().find(|(_, given)| *given) {
            Some((name, _)) => Err(fields.invalid(name, "needs a `resource` beside it")),
            None => Ok(None),
        };
    };
    let selection = resource.select(filters.unwrap_or(&Setting::Null), surface)?;
    let mut given = Given {
        options: match surface {
            Surface::JavaScript => ["envelope.softwareVersion", "envelope.accountId", "now"],
            _ => ["envelope.software_version", "envelope.account_id", "now"],
        },
        now: fields.text("now")?.map(Into::into),
        ..Given::default()
    };
    let is_block = matches!(fields.get("envelope"), Some(Setting::Map(_)));
    let envelope = match is_block {
        true => {
            let mut values = fields.block("envelope")?;
            given.software_version = values.text("software_version")?.map(Into::into);
            given.account_id = values.text("account_id")?.map(Into::into);
            values.finish()?;
            true
        }
        false => fields.bool("envelope", true)?,
    };
    if !envelope && resource.is_document() {
        let reason = "the file of this resource is one object, which nothing is around";
        return Err(contradiction(fields, "envelope", reason));
    }
    Ok(Some(Box::new(Chosen {
        resource,
        selection,
        envelope,
        given,
    })))
}

fn contradiction(fields: &Fields<'_>, name: &str, reason: &str) -> Error {
    Error::contradiction(fields.path("resource"), fields.path(name), reason)
}

/// Refuses a format that the resource is not offered in.
pub(super) fn check_format(chosen: &Chosen, asked: &'static Format) -> Result<()> {
    let resource = &chosen.resource;
    let offered = resource.formats.iter().map(|format| format.id);
    let offered: Vec<_> = offered.collect();
    match offered.contains(&asked.id) {
        true => Ok(()),
        false => Err(Error::new(ErrorKind::FormatNotOffered {
            id: asked.id,
            resource: resource.name.clone(),
            offered,
        })),
    }
}

/// Refuses options of tables for a resource whose file is a document.
pub(super) fn check_columns(
    chosen: &Chosen,
    fields: &Fields<'_>,
    template: &Template,
    has_columns: bool,
    flatten: bool,
) -> Result<()> {
    if !chosen.resource.is_document() {
        return Ok(());
    }
    let reason = "the file of this resource is a document, which has no columns";
    if has_columns {
        return Err(contradiction(fields, "columns", reason));
    }
    if flatten {
        return Err(contradiction(fields, "flatten", reason));
    }
    if template.column_mapping.is_some() {
        let mapping = "template.column_mapping";
        return Err(Error::contradiction(
            fields.path("resource"),
            mapping,
            reason,
        ));
    }
    Ok(())
}

impl Request {
    /// Refuses what goes with no resource, or not with this one, once the writer and the source are known.
    pub(super) fn check_resource(&self) -> Result<()> {
        let Some(chosen) = &self.chosen else {
            return Ok(());
        };
        let is_document = chosen.resource.is_document();
        if is_document && !matches!(self.source, Source::Json | Source::Values) {
            let reason = "the input of this resource is one JSON document";
            return Err(Error::contradiction("resource", "input.format", reason));
        }
        let Some(options) = self.writer.json_options() else {
            return Ok(());
        };
        let has_envelope = chosen.envelope && !chosen.resource.envelope.is_empty();
        if options.root.is_some() && has_envelope {
            let reason = "the definition of the resource says what is around its records";
            return Err(Error::contradiction("resource", "json.root", reason));
        }
        Ok(())
    }
}
