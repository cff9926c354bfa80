//! Request shapes: options as JavaScript and HTTP send them become a [`Request`].

use crate::error::{Error, ErrorKind, Result};
use crate::export::{Exporter, FileInfo, Request};
use crate::read::json::{Event, Parser, Tree, string};
use crate::read::{KnownHeader, LateColumns, Limits, Source};
use crate::report::Report;
use crate::settings::{Fields, Setting, Surface};
use crate::table::Column;
use crate::template::Template;
use crate::text::date::offset;
use crate::write::{FORMATS, Format};
use crate::zone::{Zone, nearest};

impl Request {
    /// Checks options and makes a request of them.
    ///
    /// # Errors
    ///
    /// `unknown_format`, `format_not_built`, `unknown_option`, `invalid_option`,
    /// `contradictory_options`, `unknown_template_field`, `template_format_mismatch`.
    pub fn new(options: &Setting, surface: Surface) -> Result<Self> {
        let mut fields = Fields::new(options, surface)?;
        let template = match fields.template("template")? {
            Some(template) => Template::from_fields(template)?,
            None => Template::default(),
        };
        let format = format(&mut fields, template.format.as_deref());
        // The blocks of all formats are checked, so that a mistake in them is not found only when
        // their turn comes.
        let mut writers = Vec::new();
        for format in FORMATS.iter().filter(|format| format.is_built()) {
            writers.push((format.id, format.writer(fields.block(format.id)?)?));
        }
        let late_columns = [("error", LateColumns::Error), ("drop", LateColumns::Drop)];
        let columns = match fields.get("columns") {
            Some(columns) => Some(Column::list(&fields, "columns", columns, false)?),
            None => None,
        };
        if columns.is_some() && template.column_mapping.is_some() {
            return Err(Error::new(ErrorKind::ContradictoryOptions {
                first: fields.path("columns"),
                second: "template.column_mapping".into(),
                reason: "each says which columns to write".into(),
            }));
        }
        let wanted = columns.as_ref().or(template.column_mapping.as_ref());
        if cfg!(not(feature = "typed")) && wanted.is_some_and(|columns| has_path(columns)) {
            let path = fields.path("columns");
            return Err(Error::new(ErrorKind::NotBuilt { path }));
        }
        let late_columns = fields.choice("late_columns", &late_columns, LateColumns::Error)?;
        let flatten = fields.bool("flatten", false)?;
        let mut input = fields.block("input")?;
        let path = input.text("path")?.unwrap_or_default();
        let path = path.split('.').filter(|step| !step.is_empty());
        let path: Vec<String> = path.map(Into::into).collect();
        let formats = [
            ("auto", None),
            ("json", Some(Source::Json)),
            ("jsonl", Some(Source::JsonLines)),
        ];
        let input_format = input.choice("format", &formats, None)?;
        input.finish()?;
        let filename = fields.text("filename")?.map(Into::into);
        let limits = Limits::from_fields(fields.block("limits")?)?;
        let zone = zone(&mut fields, surface)?;
        let date = date(&mut fields, &zone)?;
        let (mut source, mut known) = (Source::Json, None);
        if surface == Surface::JavaScript {
            let sources = [
                ("json", Source::Json),
                ("jsonl", Source::JsonLines),
                ("values", Source::Values),
            ];
            fields.internal(|fields| {
                source = fields.choice("source", &sources, Source::Json)?;
                known = known_header(fields)?;
                Ok(())
            })?;
        }
        // Values are what they are; bytes are what the user says, else what their media type says.
        if let (Some(said), Source::Json | Source::JsonLines) = (input_format, source) {
            source = said;
        }
        check_path(source, &path)?;
        // A misspelt `format` is told before the lack of one.
        fields.finish()?;
        let format = format?;
        let writer = writers.into_iter().find(|(id, _)| *id == format.id);
        Ok(Self {
            format,
            writer: match writer {
                Some((_, writer)) => writer,
                None => return Err(Error::new(ErrorKind::FormatNotBuilt { id: format.id })),
            },
            template,
            columns,
            filename,
            date,
            zone,
            source,
            source_said: input_format.is_some(),
            path,
            document: false,
            late_columns,
            flatten,
            limits,
            known,
        })
    }

    /// Sets what the bytes of the input are, from their media type, unless the options did.
    ///
    /// # Errors
    ///
    /// `contradictory_options` where the options name a path, and the input is JSON Lines.
    pub fn set_default_source(&mut self, source: Source) -> Result<()> {
        if !self.source_said {
            check_path(source, &self.path)?;
            self.source = source;
        }
        Ok(())
    }

    /// Makes a request of the parameters of a query string. Members of blocks are written with
    /// dots (`csv.delimiter=;`), a template is JSON text, columns are separated by commas.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and `invalid_json` for a template that is no JSON.
    pub fn from_query(parameters: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        let mut options: Vec<(String, Setting)> = Vec::new();
        for (name, value) in parameters {
            let setting = match name.as_str() {
                "template" => Setting::from_json(value.as_bytes())?,
                "columns" => Setting::List(
                    value
                        .split(',')
                        .map(|key| Setting::Text(key.into()))
                        .collect(),
                ),
                // In a query that was written by hand, a `+` arrives as a space.
                "time_zone" => Setting::Text(value.replacen(' ', "+", 1)),
                _ => Setting::Text(value),
            };
            let (block, member) = match name.split_once('.') {
                Some((block, member)) => (block.to_owned(), Some(member.to_owned())),
                None => (name, None),
            };
            let twice = |name: &str| Error::invalid_option(name, "stands twice in the query");
            let known = options.iter_mut().find(|(name, _)| *name == block);
            match (known, member) {
                (None, None) => options.push((block, setting)),
                (None, Some(member)) => {
                    options.push((block, Setting::Map(vec![(member, setting)])));
                }
                (Some((_, Setting::Map(members))), Some(member))
                    if members.iter().all(|(name, _)| *name != member) =>
                {
                    members.push((member, setting));
                }
                (Some(_), None) => return Err(twice(&block)),
                (Some(_), Some(member)) => return Err(twice(&format!("{block}.{member}"))),
            }
        }
        Self::new(&Setting::Map(options), Surface::Query)
    }
}

/// The format of the request, which must be the template's where both name one.
fn format(fields: &mut Fields<'_>, template: Option<&str>) -> Result<&'static Format> {
    let template = template.map(Format::find).transpose()?;
    let requested = fields.text("format")?.map(Format::find).transpose()?;
    match (requested, template) {
        (Some(requested), Some(template)) if requested.id != template.id => {
            Err(Error::new(ErrorKind::TemplateFormatMismatch {
                template: template.id.into(),
                requested: requested.id.into(),
            }))
        }
        (Some(format), _) | (None, Some(format)) => Ok(format),
        (None, None) => {
            let ids: Vec<_> = FORMATS.iter().map(|format| format.id).collect();
            let reason = format!("is missing; there are {}", ids.join(", "));
            Err(Error::invalid_option(fields.path("format"), reason))
        }
    }
}

/// Whether a key may be a path into a nested record.
fn has_path(columns: &[Column]) -> bool {
    columns.iter().any(|column| column.key.contains('.'))
}

/// In JSON Lines there is nothing to go down into.
fn check_path(source: Source, path: &[String]) -> Result<()> {
    if source == Source::JsonLines && !path.is_empty() {
        return Err(Error::new(ErrorKind::ContradictoryOptions {
            first: "input.format".into(),
            second: "input.path".into(),
            reason: "in JSON Lines every line is a row".into(),
        }));
    }
    Ok(())
}

/// The date of `now` in the zone; empty where it is not given.
fn date(fields: &mut Fields<'_>, zone: &Zone) -> Result<String> {
    let Some(now) = fields.text("now")? else {
        return Ok(String::new());
    };
    zone.date_at(now).ok_or_else(|| {
        let reason = "takes a moment in RFC 3339, as 2026-01-31T12:00:00Z";
        Error::invalid_option(fields.path("now"), reason)
    })
}

/// The time zone: UTC, a fixed offset, or a name.
fn zone(fields: &mut Fields<'_>, surface: Surface) -> Result<Zone> {
    let name = fields.text("time_zone")?.unwrap_or("UTC");
    if name == "UTC" {
        Ok(Zone::default())
    } else if let Some(seconds) = offset(name.as_bytes()) {
        Ok(Zone::fixed(seconds))
    } else if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        let reason = "takes UTC, an offset as +02:00, or a name as Europe/Berlin";
        Err(Error::invalid_option(fields.path("time_zone"), reason))
    } else if surface == Surface::JavaScript {
        fields.internal(|fields| zone_of_package(fields, name))
    } else {
        Zone::named(name)
    }
}

/// A named zone: the package looks it up in the table, and passes on its line, or all names where
/// there is none.
fn zone_of_package(fields: &mut Fields<'_>, name: &str) -> Result<Zone> {
    let Some(found) = fields.text("zone_found")? else {
        return Zone::named(name);
    };
    Zone::from_compact(found).ok_or_else(|| {
        Error::new(ErrorKind::UnknownTimeZone {
            name: name.into(),
            nearest: nearest(name, found),
        })
    })
}

/// The header that the package passes on from a scan to the export that follows.
fn known_header(fields: &mut Fields<'_>) -> Result<Option<KnownHeader>> {
    if fields.get("header").is_none() {
        return Ok(None);
    }
    let mut header = fields.block("header")?;
    let names = header.get("names").unwrap_or(&Setting::Null);
    let names = Column::list(&header, "names", names, false)?;
    let declared = match header.get("declared") {
        Some(columns) => Some(Column::list(&header, "declared", columns, false)?),
        None => None,
    };
    header.finish()?;
    Ok(Some(KnownHeader {
        names: names.into_iter().map(|column| column.key).collect(),
        declared,
    }))
}

/// An export whose input is a request document: an object with the options, and behind them the
/// table as `data`, or in its place `items` or `rows`.
///
/// The table streams: options must come before it. The calls are those of [`Exporter`].
pub struct DocumentExporter {
    stage: Stage,
    limits: Limits,
    now: String,
}

enum Stage {
    Head(Head),
    Export(Box<Exporter>),
    Failed,
}

/// The options at the start of the document, as far as they were read.
struct Head {
    bytes: Vec<u8>,
    parser: Parser,
    tree: Tree,
    /// The option whose value is being read.
    name: Option<String>,
    options: Vec<(String, Setting)>,
    /// No format came before the data. Perhaps it comes behind them, which is another mistake.
    no_format: Option<Error>,
}

/// How many bytes the options of a request document may take.
const MAX_HEAD: usize = 1 << 20;

impl DocumentExporter {
    /// An exporter for one file. `limits` are the most that the document may ask for, and `now` is
    /// the moment of the export in RFC 3339.
    pub fn new(limits: Limits, now: &str) -> Self {
        Self {
            stage: Stage::Head(Head {
                bytes: Vec::new(),
                parser: Parser::new(Source::Json, &limits),
                tree: Tree::default(),
                name: None,
                options: Vec::new(),
                no_format: None,
            }),
            limits,
            now: now.into(),
        }
    }

    /// The name and type of the file, once the options were read.
    pub fn file(&self) -> Option<&FileInfo> {
        match &self.stage {
            Stage::Export(exporter) => Some(exporter.file()),
            _ => None,
        }
    }

    /// Takes the next bytes of the document.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with the options, `options_after_data`, and all of
    /// [`Exporter::push_bytes`].
    pub fn push_bytes(&mut self, chunk: &[u8]) -> Result<()> {
        match &mut self.stage {
            Stage::Export(exporter) => exporter.push_bytes(chunk),
            Stage::Head(head) => {
                head.bytes.try_reserve(chunk.len())?;
                head.bytes.extend_from_slice(chunk);
                head.parser.extend(&head.bytes);
                self.read_head()
            }
            Stage::Failed => Err(failed()),
        }
    }

    /// Tells that the document is complete.
    ///
    /// # Errors
    ///
    /// `invalid_json` or `not_tabular` where it ended before its data.
    pub fn end_input(&mut self) -> Result<()> {
        if let Stage::Head(head) = &mut self.stage {
            head.parser.end(&head.bytes);
            self.read_head()?;
        }
        if let Stage::Export(exporter) = &mut self.stage {
            exporter.end_input();
        }
        Ok(())
    }

    /// As [`Exporter::next_output`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn next_output(&mut self) -> Result<Option<&[u8]>> {
        match &mut self.stage {
            Stage::Export(exporter) => exporter.next_output(),
            Stage::Head(_) => Ok(None),
            Stage::Failed => Err(failed()),
        }
    }

    /// As [`Exporter::finish`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn finish(self) -> Result<Report> {
        match self.stage {
            Stage::Export(exporter) => exporter.finish(),
            Stage::Head(_) | Stage::Failed => Err(failed()),
        }
    }

    fn read_head(&mut self) -> Result<()> {
        let Stage::Head(mut head) = std::mem::replace(&mut self.stage, Stage::Failed) else {
            return Err(failed());
        };
        self.stage = match head.read()? {
            None => Stage::Head(head),
            Some(member) => {
                let options = Setting::Map(std::mem::take(&mut head.options));
                let mut request = match Request::new(&options, Surface::Http) {
                    Ok(request) => request,
                    Err(error) if error.is_missing_format() => {
                        head.no_format = Some(error);
                        self.stage = Stage::Head(head);
                        return self.read_head();
                    }
                    Err(error) => return Err(error),
                };
                if request.source != Source::Json {
                    return Err(Error::new(ErrorKind::ContradictoryOptions {
                        first: "input.format".into(),
                        second: member,
                        reason: "what stands in a JSON document is JSON".into(),
                    }));
                }
                request.limits = request.limits.within(&self.limits);
                request.set_default_now(&self.now);
                request.path.insert(0, member);
                request.document = true;
                let mut exporter = Exporter::new(request);
                // The exporter reads the document from its start, so that the places in its
                // errors are those of the document.
                exporter.push_bytes(&head.bytes)?;
                Stage::Export(Box::new(exporter))
            }
        };
        Ok(())
    }
}

impl Head {
    /// Reads options up to the table; gives the name of the member that holds it.
    fn read(&mut self) -> Result<Option<String>> {
        loop {
            let event = self.parser.next(&self.bytes)?;
            if self.parser.pos() > MAX_HEAD || (event.is_none() && self.bytes.len() > MAX_HEAD) {
                let limit = Error::limit("options_bytes", MAX_HEAD as u64);
                return Err(self.no_format.take().unwrap_or(limit));
            }
            let Some(event) = event else {
                return Ok(None);
            };
            if let Some(error) = &self.no_format {
                match (event, self.parser.depth()) {
                    (Event::Key(key), 1) => {
                        let name = string(key, &self.bytes);
                        let late = Error::new(ErrorKind::OptionsAfterData { name });
                        return Err(self.parser.located(late));
                    }
                    (_, 0) => return Err(error.clone()),
                    _ => continue,
                }
            }
            if let Some(name) = &self.name {
                if let Some(value) = self.tree.event(event, &self.bytes) {
                    self.options.push((name.clone(), value));
                    self.name = None;
                }
                continue;
            }
            match event {
                Event::BeginObject => {}
                Event::Key(key) => {
                    let name = string(key, &self.bytes);
                    if matches!(name.as_str(), "data" | "items" | "rows") {
                        return Ok(Some(name));
                    }
                    self.name = Some(name);
                }
                Event::EndObject => {
                    let reason = "the request has no `data`, `items` or `rows`";
                    return Err(self.parser.located(Error::not_tabular(reason)));
                }
                _ => {
                    let reason = "is missing; for bare data it stands in the query, as ?format=csv";
                    return Err(self.parser.located(Error::invalid_option("format", reason)));
                }
            }
        }
    }
}

impl Error {
    fn is_missing_format(&self) -> bool {
        matches!(self.kind(), ErrorKind::InvalidOption { path, .. } if path == "format")
    }
}

fn failed() -> Error {
    Error::new(ErrorKind::InvalidState {
        reason: "The export has failed before, or its input has not ended.",
    })
}
