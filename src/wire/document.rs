//! A request document: options and data in one JSON body.

use crate::error::{Error, ErrorKind, Result};
use crate::export::{Exporter, FileInfo, Request};
use crate::read::json::{Event, Parser, Tree, string};
use crate::read::{Limits, Source};
use crate::report::Report;
use crate::settings::{Setting, Surface};
use crate::write::HTTP_FALLBACK;

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
                let mut request = match Request::checked(&options, Surface::Http, HTTP_FALLBACK) {
                    Ok(request) => request,
                    Err(error) if error.is_missing_format() => {
                        head.no_format = Some(error);
                        self.stage = Stage::Head(head);
                        return self.read_head();
                    }
                    Err(error) => return Err(error),
                };
                if request.source != Source::Json {
                    let reason = "what stands in a JSON document is JSON";
                    return Err(Error::contradiction("input.format", member, reason));
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
