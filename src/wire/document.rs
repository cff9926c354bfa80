//! A request document: options and data in one JSON body.

use crate::error::{Error, ErrorKind, Result};
use crate::export::{Exporter, FileInfo, Request};
use crate::read::json::{Event, Parser, Tree, string};
use crate::read::{Limits, Source};
use crate::report::Report;
use crate::settings::{Setting, Surface};
use crate::write::HTTP_FALLBACK;

/// How many bytes the options of a request document may take.
const MAX_HEAD: usize = 1 << 20;

/// The members of a request document that hold the table.
const DATA: [&str; 3] = ["data", "items", "rows"];

/// The start of a request document: the options that stand before the table.
///
/// They can be looked at and changed before an export is made of them. The exporter then reads the
/// document from its first byte, so that the places in its errors are those of the document.
///
/// ```
/// use tablecast::{DocumentHead, Exporter, Limits, Request, Setting};
///
/// let limits = Limits::default();
/// let mut start = DocumentHead::new(&limits);
/// start.push_bytes(br#"{"template_id": "t1", "data": [{"a": 1}"#)?;
/// let mut head = start.read()?.expect("the options end where the data begin");
/// assert_eq!(head.member.as_deref(), Some("data"));
/// assert_eq!(head.options.remove("template_id"), Some(Setting::Text("t1".into())));
/// head.options.insert("template", Setting::from_json(br#"{"format": "csv"}"#)?);
///
/// let request = Request::for_document(&head.options, "data", &limits, "2026-01-31T12:00:00Z")?;
/// let mut exporter = Exporter::new(request);
/// exporter.push_bytes(start.bytes())?;
/// exporter.push_bytes(b"]}")?;
/// exporter.end_input();
/// assert_eq!(exporter.next_output()?, Some(&b"a\r\n1\r\n"[..]));
/// # Ok::<_, tablecast::Error>(())
/// ```
pub struct DocumentHead {
    bytes: Vec<u8>,
    parser: Parser,
    tree: Tree,
    stage: HeadStage,
    /// The option whose value is being read.
    name: Option<String>,
    options: Vec<(String, Setting)>,
    needs_data: bool,
}

enum HeadStage {
    Options,
    /// The document ended without a table, and nothing may follow.
    Closed,
    Read,
    /// The options lack the format. Perhaps it comes behind the table, which is another mistake.
    Refused(Error),
}

/// What stands before the table of a request document.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// The options, a [`Setting::Map`].
    pub options: Setting,
    /// The member that holds the table: `data`, `items` or `rows`. `None` where the document has none.
    pub member: Option<String>,
}

impl DocumentHead {
    /// The start of a document that must hold a table.
    pub fn new(limits: &Limits) -> Self {
        Self {
            bytes: Vec::new(),
            parser: Parser::new(Source::Json, limits),
            tree: Tree::default(),
            stage: HeadStage::Options,
            name: None,
            options: Vec::new(),
            needs_data: true,
        }
    }

    /// The document may be options alone.
    #[must_use]
    pub fn with_optional_data(mut self) -> Self {
        self.needs_data = false;
        self
    }

    /// Takes the next bytes of the document. Nothing is read yet: that is done by
    /// [`read`](Self::read), so call it between two pushes.
    ///
    /// # Errors
    ///
    /// `out_of_memory`.
    pub fn push_bytes(&mut self, chunk: &[u8]) -> Result<()> {
        self.bytes.try_reserve(chunk.len())?;
        self.bytes.extend_from_slice(chunk);
        self.parser.extend(&self.bytes);
        Ok(())
    }

    /// Tells that the document is complete. [`read`](Self::read) is to follow.
    pub fn end_input(&mut self) {
        self.parser.end(&self.bytes);
    }

    /// All bytes that were pushed, from which an [`Exporter`] is to start.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Reads on. Gives the options when the table begins, or where there may be none, when the
    /// document has ended; `None` before that, and once they were given.
    ///
    /// # Errors
    ///
    /// `invalid_json`, `limit_exceeded` (`options_bytes`) where the options take more than 1 MiB,
    /// `not_tabular` where the table is missing, `invalid_option` where the document is no object, and
    /// what [`refuse`](Self::refuse) leads to.
    pub fn read(&mut self) -> Result<Option<Head>> {
        loop {
            if let HeadStage::Read = self.stage {
                return Ok(None);
            }
            let event = self.parser.next(&self.bytes)?;
            if self.parser.pos() > MAX_HEAD || (event.is_none() && self.bytes.len() > MAX_HEAD) {
                return Err(match &self.stage {
                    HeadStage::Refused(error) => error.clone(),
                    _ => Error::limit("options_bytes", MAX_HEAD as u64),
                });
            }
            let Some(event) = event else {
                return Ok(match self.stage {
                    HeadStage::Closed if self.parser.is_done() => Some(self.head(None)),
                    _ => None,
                });
            };
            if let HeadStage::Refused(error) = &self.stage {
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
                    if DATA.contains(&name.as_str()) {
                        return Ok(Some(self.head(Some(name))));
                    }
                    self.name = Some(name);
                }
                Event::EndObject if !self.needs_data => self.stage = HeadStage::Closed,
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

    fn head(&mut self, member: Option<String>) -> Head {
        self.stage = HeadStage::Read;
        Head {
            options: Setting::Map(std::mem::take(&mut self.options)),
            member,
        }
    }

    /// Takes the error of [`Request::for_document`]. Where it is that the format is missing, the
    /// document is to be pushed and [read](Self::read) on: a format behind the table is
    /// `options_after_data` there, and only without one it is this error that comes.
    ///
    /// # Errors
    ///
    /// Any other error, at once.
    pub fn refuse(&mut self, error: Error) -> Result<()> {
        if !error.is_missing_format() {
            return Err(error);
        }
        self.stage = HeadStage::Refused(error);
        Ok(())
    }
}

impl Request {
    /// Makes a request of options of an HTTP API whose records come from elsewhere. In place of a
    /// format that is not built, one that is may be written, as `fallback` says. `limits` are the most
    /// that the options may ask for, and `now` is the moment of the export in RFC 3339.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn for_http(options: &Setting, limits: &Limits, now: &str) -> Result<Self> {
        let mut request = Self::checked(options, Surface::Http, HTTP_FALLBACK)?;
        request.limits = request.limits.within(limits);
        request.set_default_now(now);
        Ok(request)
    }

    /// Makes a request of the options of a request document whose table is this member. The exporter
    /// of it reads the document from its first byte; see [`DocumentHead`].
    ///
    /// # Errors
    ///
    /// As [`for_http`](Self::for_http), and `contradictory_options` where the options say that the
    /// table is something else than JSON.
    pub fn for_document(
        options: &Setting,
        member: &str,
        limits: &Limits,
        now: &str,
    ) -> Result<Self> {
        let mut request = Self::for_http(options, limits, now)?;
        if request.source != Source::Json {
            let reason = "what stands in a JSON document is JSON";
            return Err(Error::contradiction("input.format", member, reason));
        }
        request.path.insert(0, member.into());
        request.document = true;
        Ok(request)
    }
}

/// An export whose input is a request document: an object with the options, and behind them the
/// table as `data`, or in its place `items` or `rows`.
///
/// The table streams: options must come before it. The calls are those of [`Exporter`]. Where the
/// options are to be looked at first, see [`DocumentHead`].
pub struct DocumentExporter {
    stage: Stage,
    limits: Limits,
    now: String,
}

enum Stage {
    Head(Box<DocumentHead>),
    Export(Box<Exporter>),
    Failed,
}

impl DocumentExporter {
    /// An exporter for one file. `limits` are the most that the document may ask for, and `now` is
    /// the moment of the export in RFC 3339.
    pub fn new(limits: Limits, now: &str) -> Self {
        Self {
            stage: Stage::Head(Box::new(DocumentHead::new(&limits))),
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
                head.push_bytes(chunk)?;
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
            head.end_input();
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
        let Stage::Head(mut start) = std::mem::replace(&mut self.stage, Stage::Failed) else {
            return Err(failed());
        };
        if let Some(Head { options, member }) = start.read()? {
            let member = member.unwrap_or_default();
            match Request::for_document(&options, &member, &self.limits, &self.now) {
                Ok(request) => {
                    let mut exporter = Exporter::new(request);
                    exporter.push_bytes(start.bytes())?;
                    self.stage = Stage::Export(Box::new(exporter));
                    return Ok(());
                }
                Err(error) => start.refuse(error)?,
            }
            // What was pushed may tell already.
            start.read()?;
        }
        self.stage = Stage::Head(start);
        Ok(())
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
