//! Exports of a resource: what its definition says of the rows, and the object around them.

use super::{Exporter, OUTPUT_BYTES, Request, Stage, list};
use crate::catalog::{Content, Resource, Selection};
use crate::error::{Error, Result};
use crate::read::{Reading, Status};
use crate::report::{Notice, Warning, warning};
use crate::shape::{DocumentShaper, Given, Plan, RowShaper};
use crate::table::Column;
use crate::template::Envelope;
use crate::text::json;
use crate::typed::Typing;

/// A resource, and what was chosen of it.
pub(crate) struct Chosen {
    pub(crate) resource: Resource,
    pub(crate) selection: Selection,
    /// Whether the members around the records of a table are written, where the format has a place for
    /// them.
    pub(crate) envelope: bool,
    pub(crate) given: Given,
}

impl Request {
    /// What reads and writes a document, where the resource's file is one.
    pub(super) fn document(&self, reading: &Reading) -> Option<Box<DocumentShaper>> {
        let Chosen {
            resource,
            selection,
            given,
            ..
        } = self.chosen.as_deref()?;
        if !resource.is_document() {
            return None;
        }
        let plan = Plan::new(resource, selection, given);
        let options = self.writer.json_options();
        let pretty = options.is_none_or(|options| options.pretty);
        let (given, reading) = (given.clone(), reading.clone());
        let shaper = DocumentShaper::new(plan, given, &resource.name, reading, pretty);
        Some(Box::new(shaper))
    }

    /// What stands between the reader and the writer of a table, where a resource describes its records. The
    /// reader is told what they hold.
    pub(super) fn shaper(&self, reading: &mut Reading) -> Option<Box<RowShaper>> {
        let Chosen {
            resource,
            selection,
            ..
        } = self.chosen.as_deref()?;
        let record = resource.record_type(resource.record?);
        let shaper = RowShaper::new(resource, selection, reading);
        let described = shaper.described();
        // Where nothing is open, the header is known.
        let is_open = reading.flatten || record.open;
        let names = described.names.names().iter();
        reading.wanted = (!is_open).then(|| names.map(Column::new).collect());
        reading.names_positions = false;
        reading.described = Some(described);
        Some(Box::new(shaper))
    }

    /// The object around the rows, where the format has one.
    pub(super) fn envelope(&self) -> Result<Option<Envelope>> {
        let Some(chosen) = self.chosen.as_ref() else {
            return Ok(None);
        };
        let Chosen {
            resource,
            envelope,
            given,
            ..
        } = &**chosen;
        let has_place = self.writer.json_options().is_some();
        if !(has_place && *envelope) || resource.envelope.is_empty() {
            return Ok(None);
        }
        let mut whole = Envelope {
            before: Vec::new(),
            rows: String::new(),
            behind: Vec::new(),
        };
        let mut counts = Vec::new();
        let mut items = None;
        for member in &resource.envelope {
            let value = match &member.content {
                Content::Items => {
                    items = Some(member.name.clone());
                    continue;
                }
                Content::Count(_) => {
                    counts.push((member.name.clone(), None));
                    continue;
                }
                Content::Type => literal(&resource.name),
                Content::Text(text) => literal(text),
                Content::SoftwareVersion => given.needed(&given.software_version, 0)?,
                Content::AccountId => given.needed(&given.account_id, 1)?,
                Content::Moment => given.needed(&given.now, 2)?,
                // Only a document has these, whose input brings them along.
                Content::Record { .. } | Content::Records { .. } | Content::Value(_) => {
                    b"null".to_vec()
                }
            };
            match items {
                Some(_) => whole.behind.push((member.name.clone(), Some(value))),
                None => whole.before.push((member.name.clone(), value)),
            }
        }
        whole.rows = items.unwrap_or_default();
        counts.append(&mut whole.behind);
        whole.behind = counts;
        Ok(Some(whole))
    }
}

fn literal(text: &str) -> Vec<u8> {
    let mut literal = Vec::new();
    json::write_string(text.as_bytes(), &mut literal);
    literal
}

impl Given {
    /// The value of a member of an envelope, as JSON text. `option` is the number of the option that says it.
    fn needed(&self, value: &Option<String>, option: usize) -> Result<Vec<u8>> {
        match value {
            Some(value) => Ok(literal(value)),
            None => Err(self.missing(option)),
        }
    }

    /// The error for a value that nobody gave.
    pub(crate) fn missing(&self, option: usize) -> Error {
        let path = self.options.get(option).copied().unwrap_or_default();
        Error::invalid_option(path, "is missing, and the file has a member for it")
    }

    /// The error for a value that nobody gave and that did not come in time in the document.
    pub(crate) fn late(&self, option: usize, name: &str) -> Error {
        let path = self.options.get(option).copied().unwrap_or_default();
        let reason = format_args!(
            "is missing, and `{name}` did not come before more than 1 MiB of what stands behind it in the file: \
            give the option, or put the member before the long ones"
        );
        Error::invalid_option(path, reason)
    }
}

impl Exporter {
    /// Finds out where the values of each column come from, of rows that a resource describes.
    pub(super) fn project_shaped(&mut self) -> Result<()> {
        let Some(shaper) = &mut self.shaper else {
            return Ok(());
        };
        shaper.begin(self.reader.rows(), self.reader.batch());
        let request = &self.request;
        let wanted = request.columns.as_ref();
        let wanted = wanted.or(request.template.column_mapping.as_ref());
        let projection = shaper.project(wanted);
        let columns = projection.iter();
        self.projection = columns
            .map(|(column, place)| (column.clone(), place.column))
            .collect();
        let columns = projection.iter();
        let places = columns.map(|(column, place)| (column, place.clone()));
        self.typing = Typing::new(places, &request.zone, request.writer.decimal());
        Ok(())
    }

    /// Reads and writes a document until there is output to hand over, or no more input.
    pub(super) fn advance_document(&mut self) -> Result<bool> {
        let Some(document) = &mut self.document else {
            return Ok(false);
        };
        if !matches!(self.stage, Stage::LookAhead) {
            return Ok(true);
        }
        let status = document.read(OUTPUT_BYTES, &mut self.out)?;
        self.rows = document.records();
        match status {
            Status::End => self.stage = Stage::Done,
            Status::NeedInput if self.paused => self.pause_document()?,
            _ => {}
        }
        Ok(true)
    }

    /// What the reader of a file of a resource should know, besides what the writer noticed.
    pub(super) fn shaped_warnings(&self, shaper: &RowShaper) -> Vec<Warning> {
        let rows = self.reader.rows();
        let mut warnings = Vec::new();
        let complete = matches!(self.stage, Stage::Done);
        let mut there = None;
        for (number, (column, _)) in self.projection.iter().enumerate() {
            // That a field is missing is told row by row.
            if complete && shaper.projected(number).is_none() && !self.is_path_found(number) {
                let there = there.get_or_insert_with(|| {
                    let names = shaper.columns().iter();
                    let names: Vec<_> = names.map(|column| column.name.as_str()).collect();
                    list(&names, 0)
                });
                let key = Some(column.key.as_str());
                warnings.push(warning(Notice::MissingColumn, key, 1, None, there));
            }
        }
        let unmapped = shaper.unmapped(rows);
        if !unmapped.is_empty() {
            let (count, names) = (unmapped.len() as u64, list(&unmapped, 0));
            warnings.push(warning(Notice::UnmappedColumn, None, count, None, &names));
        }
        warnings.extend(shaper.warnings());
        warnings
    }
}
