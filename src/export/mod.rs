//! The exporter: push input, take output, finish.

mod request;
#[cfg(feature = "catalog")]
mod resource;
#[cfg(feature = "full")]
mod suspend;
#[cfg(feature = "catalog")]
mod suspend_resource;
mod whole;

pub use request::{FileInfo, Request};
#[cfg(feature = "catalog")]
pub(crate) use resource::Chosen;
pub use whole::{HeaderScan, export_bytes};

use crate::error::{Error, ErrorKind, Result};
use crate::read::{self, Goal, LISTED, Reader, Status};
use crate::report::{Notes, Notice, Report, Warning, warning};
#[cfg(feature = "catalog")]
use crate::shape::{DocumentShaper, RowShaper, ShapedColumn};
use crate::table::{Column, ColumnType, Header};
use crate::template::{Layout, OutputColumn};
use crate::typed::{Place, Typing};
use crate::value::{Kind, Rows};

/// Output is handed over when it has about this many bytes.
const OUTPUT_BYTES: usize = 64 << 10;

/// How many characters of a name a sentence shows.
const NAME_LEN: usize = 40;

enum Stage {
    /// Rows are held back until the header is known.
    LookAhead,
    Rows,
    /// The input so far has ended and was written; a further exporter goes on.
    Paused,
    Done,
    Failed,
}

/// Turns input into a file, piece by piece.
///
/// ```
/// use tablecast::{Exporter, Request, Setting, Surface};
///
/// let options = Setting::from_json(br#"{"format": "csv"}"#)?;
/// let mut exporter = Exporter::new(Request::new(&options, Surface::Http)?);
/// exporter.push_bytes(br#"[{"name": "Zo\u00eb", "code": "007"}]"#)?;
/// exporter.end_input();
/// let mut file = Vec::new();
/// while let Some(piece) = exporter.next_output()? {
///     file.extend_from_slice(piece);
/// }
/// let report = exporter.finish()?;
/// assert_eq!(String::from_utf8_lossy(&file), "name,code\r\nZoë,007\r\n");
/// assert_eq!(report.rows, 1);
/// # Ok::<_, tablecast::Error>(())
/// ```
pub struct Exporter {
    request: Request,
    file: FileInfo,
    reader: Box<dyn Reader>,
    layout: Option<Layout>,
    projection: Vec<(Column, Option<u32>)>,
    /// What converts the cells, where a column has a type or a path.
    typing: Option<Typing>,
    /// What chooses and checks rows, where a resource describes them.
    #[cfg(feature = "catalog")]
    shaper: Option<Box<RowShaper>>,
    /// What reads and writes in place of reader and writer, where a resource's file is a document.
    #[cfg(feature = "catalog")]
    document: Option<Box<DocumentShaper>>,
    stage: Stage,
    /// What the reader said when it gave the batch that is being written.
    status: Status,
    /// How many rows of the batch were written.
    written: usize,
    /// How many rows are written between two looks at how much output there is.
    step: usize,
    out: Vec<u8>,
    /// When the input ends, the file does not.
    paused: bool,
    /// With `strict`, the piece that is handed over only when the next one is known to be sound.
    kept: Vec<u8>,
    bytes: u64,
    rows: u64,
    notes: Notes,
}

impl Exporter {
    /// An exporter for one file.
    pub fn new(request: Request) -> Self {
        #[cfg_attr(not(feature = "catalog"), expect(unused_mut))]
        let mut reading = request.reading();
        Self {
            file: request.file(),
            #[cfg(feature = "catalog")]
            document: request.document(&reading),
            #[cfg(feature = "catalog")]
            shaper: request.shaper(&mut reading),
            reader: read::open(reading),
            request,
            layout: None,
            projection: Vec::new(),
            typing: None,
            stage: Stage::LookAhead,
            status: Status::NeedInput,
            written: 0,
            step: 1,
            out: Vec::new(),
            paused: false,
            kept: Vec::new(),
            bytes: 0,
            rows: 0,
            notes: Notes::default(),
        }
    }

    /// The name and type of the file.
    pub fn file(&self) -> &FileInfo {
        &self.file
    }

    /// Takes the next bytes of the input, cut wherever it was convenient. Nothing is read yet:
    /// that is done by [`next_output`](Self::next_output), so call it between two pushes.
    ///
    /// # Errors
    ///
    /// `limit_exceeded` where the input is longer than `limits.input_bytes`, `out_of_memory`.
    pub fn push_bytes(&mut self, chunk: &[u8]) -> Result<()> {
        self.check_alive()?;
        #[cfg(feature = "catalog")]
        if let Some(document) = &mut self.document {
            let result = document.push(chunk);
            return self.settle(result);
        }
        let result = self.reader.push(chunk);
        self.settle(result)
    }

    /// Tells that the input is complete.
    pub fn end_input(&mut self) {
        #[cfg(feature = "catalog")]
        if let Some(document) = &mut self.document {
            document.end();
        }
        self.reader.end();
    }

    /// The next piece of the file; `None` where all input so far was used up. Pieces hold about
    /// 64 KiB.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with the input. The exporter is of no use afterwards.
    pub fn next_output(&mut self) -> Result<Option<&[u8]>> {
        self.check_alive()?;
        self.out.clear();
        let result = match self.request.strict {
            true => self.advance_strictly(),
            false => self.advance(),
        };
        self.settle(result)?;
        self.bytes += self.out.len() as u64;
        if self.bytes > self.request.limits.output_bytes {
            let limit = Error::limit("output_bytes", self.request.limits.output_bytes);
            self.settle(Err(limit))?;
        }
        Ok((!self.out.is_empty()).then_some(&self.out))
    }

    /// What the export did, once all of its output was taken.
    ///
    /// # Errors
    ///
    /// `invalid_state` where the input was not ended or not all output was taken.
    pub fn finish(self) -> Result<Report> {
        if !matches!(self.stage, Stage::Done) {
            return Err(Error::new(ErrorKind::InvalidState {
                reason: "An export is finished when its input has ended and its output was taken.",
            }));
        }
        Ok(Report {
            format: self.request.format.id,
            rows: self.rows,
            columns: self.column_count(),
            bytes: self.bytes,
            warnings: self.warnings(),
        })
    }

    fn column_count(&self) -> u64 {
        #[cfg(feature = "catalog")]
        if let Some(document) = &self.document {
            return document.members();
        }
        self.projection.len() as u64
    }

    fn check_alive(&self) -> Result<()> {
        match self.stage {
            Stage::Failed => Err(Error::new(ErrorKind::InvalidState {
                reason: "The export has failed before.",
            })),
            _ => Ok(()),
        }
    }

    fn settle<T>(&mut self, result: Result<T>) -> Result<T> {
        if result.is_err() {
            self.stage = Stage::Failed;
            self.out.clear();
        }
        result
    }

    /// Reads and writes until there is output to hand over, or no more input.
    fn advance(&mut self) -> Result<()> {
        #[cfg(feature = "catalog")]
        if self.advance_document()? {
            return Ok(());
        }
        loop {
            match self.stage {
                Stage::LookAhead => {
                    self.status = self.reader.read(Goal::LookAhead)?;
                    if self.status == Status::NeedInput {
                        return Ok(());
                    }
                    if self.is_paused() && self.reader.batch().ends.is_empty() {
                        // Rows to come may still name the columns.
                        self.stage = Stage::Paused;
                        return Ok(());
                    }
                    self.begin()?;
                }
                Stage::Rows => {}
                Stage::Paused | Stage::Done | Stage::Failed => return Ok(()),
            }
            let all = self.write_rows()?;
            if self.out.len() >= OUTPUT_BYTES {
                return Ok(());
            }
            if all && self.status == Status::End {
                if self.is_paused() {
                    self.stage = Stage::Paused;
                    return Ok(());
                }
                if let Some(layout) = &mut self.layout {
                    if let Some(typing) = &self.typing {
                        layout.totals = typing.totals(&mut self.notes);
                    }
                    let (rows, notes) = (self.rows, &mut self.notes);
                    self.request.writer.end(layout, rows, &mut self.out, notes);
                }
                self.stage = Stage::Done;
                return Ok(());
            }
            if all {
                self.status = self.reader.read(Goal::Batch)?;
                if self.status == Status::NeedInput && self.reader.batch().ends.is_empty() {
                    return Ok(());
                }
            }
        }
    }

    /// As [`advance`](Self::advance), but that a warning is an error. One piece is kept back, so
    /// that a file which is refused at its end never was whole.
    fn advance_strictly(&mut self) -> Result<()> {
        loop {
            self.advance()?;
            let warnings = match self.has_output() {
                false => Vec::new(),
                true => self.warnings(),
            };
            if !warnings.is_empty() {
                return Err(Error::new(ErrorKind::Strict { warnings }));
            }
            let done = matches!(self.stage, Stage::Paused | Stage::Done);
            if done {
                self.kept.append(&mut self.out);
            } else if self.out.is_empty() {
                return Ok(());
            }
            std::mem::swap(&mut self.out, &mut self.kept);
            if done || !self.out.is_empty() {
                return Ok(());
            }
        }
    }

    /// The look-ahead is over.
    fn has_output(&self) -> bool {
        #[cfg(feature = "catalog")]
        if let Some(document) = &self.document {
            return document.has_begun();
        }
        self.layout.is_some()
    }

    /// The header is known: what stands before the first row is written.
    fn begin(&mut self) -> Result<()> {
        self.reader.fix_header()?;
        self.project()?;
        let layout = self.layout(&self.numeric())?;
        let mut labels = Header::default();
        let mut firsts = Vec::new();
        for (number, column) in layout.columns.iter().enumerate() {
            match labels.find(column.label.as_bytes(), 0) {
                Some(first) => {
                    let first = firsts.get(first as usize).copied();
                    self.notes.count(Notice::DuplicateLabel, first, None, 1);
                }
                None => {
                    labels.add(&column.label);
                    firsts.push(number as u32);
                }
            }
        }
        if layout.columns.is_empty() {
            self.notes.count(Notice::NoColumns, None, None, 1);
        }
        self.request
            .writer
            .begin(&layout, &mut self.out, &mut self.notes);
        self.start(layout);
        Ok(())
    }

    /// Finds out where the values of each column come from.
    fn project(&mut self) -> Result<()> {
        #[cfg(feature = "catalog")]
        if self.shaper.is_some() {
            return self.project_shaped();
        }
        self.projection = self.reader.rows().projection();
        let most = self.request.limits.columns;
        if self.projection.len() as u64 > most {
            return Err(Error::limit("columns", most));
        }
        let rows = self.reader.rows();
        let places = self.projection.iter().map(|(column, source)| {
            let place = Place {
                column: *source,
                path: rows.path(column),
            };
            (column, place)
        });
        let decimal = self.request.writer.decimal();
        self.typing = Typing::new(places, &self.request.zone, decimal);
        Ok(())
    }

    /// Which columns hold numbers, by their type or in all of the rows that are held.
    fn numeric(&self) -> Vec<bool> {
        // What the held rows are converted to is only looked at here: they are written later.
        let mut preview = self.typing.clone();
        let held = match &mut preview {
            Some(typing) => typing.convert(self.reader.batch(), &mut Notes::default()),
            None => self.reader.batch(),
        };
        let columns = (0..).zip(&self.projection);
        columns
            .map(|(number, (column, source))| {
                let known = column.column_type.map(ColumnType::is_numeric);
                let known = known.or_else(|| self.is_field_numeric(number as usize));
                known.unwrap_or_else(|| match self.typing {
                    Some(_) => is_numeric(held, number),
                    None => source.is_some_and(|source| is_numeric(held, source)),
                })
            })
            .collect()
    }

    /// Whether a column holds numbers, where the definition of a resource says it.
    fn is_field_numeric(&self, column: usize) -> Option<bool> {
        #[cfg(feature = "catalog")]
        if let Some(shaper) = &self.shaper {
            return shaper.projected(column)?.is_numeric();
        }
        let _ = column;
        None
    }

    /// What the writer is told of the table.
    fn layout(&self, numeric: &[bool]) -> Result<Layout> {
        let template = &self.request.template;
        let typed = self.typing.is_some();
        let columns = (0..).zip(self.projection.iter().zip(numeric)).map(
            |(number, ((column, source), numeric))| OutputColumn {
                label: column.label.clone(),
                source: if typed { Some(number) } else { *source },
                numeric: *numeric,
                align: column.align,
                width: column.width,
                typed: column.column_type.is_some(),
                link: column.column_type == Some(ColumnType::Link),
                required: self.is_required(number as usize),
            },
        );
        let name = self.file.name.rsplit_once('.').map_or("", |(stem, _)| stem);
        Ok(Layout {
            columns: columns.collect(),
            #[cfg(feature = "catalog")]
            envelope: self.request.envelope()?,
            title: template.name.as_deref().unwrap_or(name).into(),
            header_text: template.header_text.clone(),
            footer_text: template.footer_text.clone(),
            total_label: template.total_label.clone(),
            totals: Vec::new(),
            date: self.request.date.clone(),
        })
    }

    /// Whether a row that lacks a column has an empty cell there.
    fn is_required(&self, column: usize) -> bool {
        #[cfg(feature = "catalog")]
        if let Some(shaper) = &self.shaper {
            let column = shaper.projected(column);
            return column.is_some_and(ShapedColumn::is_required);
        }
        let _ = column;
        self.reader.rows().is_positional()
    }

    /// From now on rows are written.
    fn start(&mut self, layout: Layout) {
        // A row takes at least about this much, since JSON repeats the labels.
        let row_bytes: usize = layout
            .columns
            .iter()
            .map(|column| column.label.len() + 8)
            .sum();
        self.step = (OUTPUT_BYTES / row_bytes.max(64)).max(1);
        self.layout = Some(layout);
        self.stage = Stage::Rows;
    }

    fn is_paused(&self) -> bool {
        cfg!(feature = "full") && self.paused
    }

    /// Writes the next rows of the batch until there is output to hand over; tells whether all of
    /// them were written.
    fn write_rows(&mut self) -> Result<bool> {
        let Self {
            reader,
            request,
            typing,
            out,
            notes,
            layout,
            ..
        } = self;
        let batch = reader.batch();
        let count = batch.ends.len();
        // With `strict`, a warning in the look-ahead comes before any output.
        let most = match request.strict && self.rows == 0 {
            true => usize::MAX,
            false => OUTPUT_BYTES,
        };
        while self.written < count && out.len() < most {
            let rows = batch.part(self.written, self.step);
            self.written += rows.ends.len();
            let Some(layout) = layout else {
                continue;
            };
            let mut write = |rows: Rows<'_>| {
                self.rows += rows.ends.len() as u64;
                let rows = match typing {
                    Some(typing) => typing.convert(rows, notes),
                    None => rows,
                };
                request.writer.rows(layout, rows, out, notes);
            };
            #[cfg(feature = "catalog")]
            if let Some(shaper) = &mut self.shaper {
                shaper.each(rows, reader.rows(), &mut write)?;
                continue;
            }
            write(rows);
        }
        let all = self.written == count;
        if all {
            self.reader.release();
            self.written = 0;
        }
        Ok(all)
    }

    /// What is to be told of columns that were asked for and do not come, and of others that come.
    fn column_warnings(&self, warnings: &mut Vec<Warning>) {
        #[cfg(feature = "catalog")]
        if let Some(shaper) = &self.shaper {
            return warnings.extend(self.shaped_warnings(shaper));
        }
        let rows = self.reader.rows();
        // A column may still come as long as rows do.
        let complete = matches!(self.stage, Stage::Done);
        let mut there = None;
        for (number, (column, source)) in self.projection.iter().enumerate() {
            if complete && !rows.has(*source) && !self.is_path_found(number) {
                let there = there.get_or_insert_with(|| list(&rows.all_names(), 0));
                let key = Some(column.key.as_str());
                warnings.push(warning(Notice::MissingColumn, key, 1, None, there));
            }
        }
        let unmapped = rows.unmapped(&self.projection);
        if !unmapped.is_empty() {
            let (count, names) = (unmapped.len() as u64, list(&unmapped, 0));
            warnings.push(warning(Notice::UnmappedColumn, None, count, None, &names));
        }
    }

    fn is_path_found(&self, column: usize) -> bool {
        let typing = self.typing.as_ref();
        typing.is_some_and(|typing| typing.has_found(column))
    }

    fn warnings(&self) -> Vec<Warning> {
        let rows = self.reader.rows();
        let mut warnings = Vec::new();
        if self.request.fell_back() {
            warnings.push(warning(Notice::PdfFallback, None, 1, None, ""));
        }
        #[cfg(feature = "catalog")]
        if let Some(document) = &self.document {
            self.beside_warning(document.beside(), &mut warnings);
            warnings.extend(document.warnings());
            return warnings;
        }
        self.column_warnings(&mut warnings);
        self.beside_warning(self.reader.beside(), &mut warnings);
        warnings.extend(rows.warnings());
        let label = |number: u32| {
            let column = self.projection.get(number as usize)?;
            Some(column.0.label.as_str())
        };
        warnings.extend(self.notes.warnings(label));
        warnings
    }

    /// What is to be told of members beside the table.
    fn beside_warning(&self, (beside, count): (&[String], u64), warnings: &mut Vec<Warning>) {
        if count > 0 {
            let more = (count as usize).saturating_sub(beside.len());
            let beside: Vec<_> = beside.iter().map(String::as_str).collect();
            let names = list(&beside, more);
            warnings.push(warning(Notice::EnvelopeMember, None, count, None, &names));
        }
    }
}

/// Names in a sentence, of which a long list is cut, as is a long name. There are `more` than these.
fn list(names: &[&str], more: usize) -> String {
    let mut list = String::new();
    for name in names.iter().take(LISTED) {
        if !list.is_empty() {
            list.push_str(", ");
        }
        let cut = name.char_indices().nth(NAME_LEN);
        let shown = cut.and_then(|(end, _)| name.get(..end));
        list.push('“');
        list.push_str(shown.unwrap_or(name));
        list.push_str(if shown.is_some() { "…”" } else { "”" });
    }
    match names.len().saturating_sub(LISTED) + more {
        _ if list.is_empty() => "none".into(),
        0 => list,
        more => format!("{list} and {more} more"),
    }
}

/// Whether a column holds numbers and nothing else, empty cells aside.
fn is_numeric(rows: Rows<'_>, column: u32) -> bool {
    let mut numbers = 0;
    rows.iter().all(|row| match row.cell(Some(column)).0.kind {
        Kind::Number => {
            numbers += 1;
            true
        }
        Kind::Missing | Kind::Null => true,
        Kind::Bool | Kind::Text | Kind::Nested | Kind::Formatted => false,
    }) && numbers > 0
}
