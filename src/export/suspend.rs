//! Exports that one process begins and another goes on with.

use super::{Exporter, Request, Stage};
use crate::error::{Error, ErrorKind, Result};
use crate::read::{notes_of, notes_state};
use crate::report::Notes;
use crate::settings::Setting;
use crate::value::Rows;

/// The version of the states that this engine writes and reads.
pub(super) const VERSION: u64 = 1;

/// # Suspending
///
/// An export that outgrows one process is cut between two rows. The first process
/// [pauses](Self::pause) in place of [ending the input](Self::end_input), takes the output and
/// [suspends](Self::suspend); the next one [resumes](Self::resume) from the text that this gave, with a
/// request of the same options. What the parts give, one behind the other, is the file, and the last
/// part's report is that of the whole.
///
/// The input of each part is a JSON document of its own, an array of objects, or JSON Lines; an empty
/// array will do. Limits on bytes of input hold for each part, and lines in errors count from its start,
/// while rows count through.
///
/// The header, and which columns hold numbers, are fixed by the first part that has rows, at the latest. So
/// the file is byte for byte that of an uncut export where that part reached [the end of the
/// look-ahead](Self::has_begun), or where the columns are declared with their types; else columns that the
/// part did not have are late ones, and alignment goes by its rows. With `strict` the last piece is not held
/// back over a pause: whoever puts the parts together throws them away when a later one fails.
///
/// The document of a resource is cut likewise, but that its parts are those of one text: the input of a part
/// ends between two records of an array that is written while it is read, at any depth, before the comma or
/// behind it, and that of the next part goes on there.
///
/// ```
/// use tablecast::{Exporter, Request, Setting, Surface};
///
/// let options = Setting::from_json(br#"{"format": "csv"}"#)?;
/// let mut file = Vec::new();
///
/// let mut exporter = Exporter::new(Request::new(&options, Surface::Http)?);
/// exporter.push_bytes(br#"[{"name": "Zo\u00eb"}]"#)?;
/// exporter.pause();
/// while let Some(piece) = exporter.next_output()? {
///     file.extend_from_slice(piece);
/// }
/// let state = exporter.suspend()?;
///
/// let mut exporter = Exporter::resume(Request::new(&options, Surface::Http)?, &state)?;
/// exporter.push_bytes(br#"[{"name": "Bob"}]"#)?;
/// exporter.end_input();
/// while let Some(piece) = exporter.next_output()? {
///     file.extend_from_slice(piece);
/// }
/// assert_eq!(exporter.finish()?.rows, 2);
/// assert_eq!(String::from_utf8_lossy(&file), "name\r\nZoë\r\nBob\r\n");
/// # Ok::<_, tablecast::Error>(())
/// ```
impl Exporter {
    /// Tells that the input of this part is complete, and that more rows may come in another. The
    /// output is to be taken as after [`end_input`](Self::end_input).
    pub fn pause(&mut self) {
        self.paused = true;
        self.reader.end();
    }

    /// Whether the look-ahead is over, so that a pause changes nothing in the file.
    pub fn has_begun(&self) -> bool {
        #[cfg(feature = "catalog")]
        if self.document.is_some() {
            return true;
        }
        self.layout.is_some()
    }

    /// Whether the input may be cut here, once all output that there is was taken: a document cannot be where a
    /// record is read whole, because a filter decides about it or because it holds no records.
    pub fn can_pause(&self) -> bool {
        #[cfg(feature = "catalog")]
        if let Some(document) = &self.document {
            return document.is_between();
        }
        true
    }

    /// The state from which [`resume`](Self::resume) goes on, as compact JSON text: the header, counts
    /// and totals, but nothing of the rows.
    ///
    /// # Errors
    ///
    /// `invalid_state` where the export was not paused, not all output was taken, or the input was no
    /// array of objects.
    pub fn suspend(self) -> Result<String> {
        if !matches!(self.stage, Stage::Paused) {
            return Err(invalid(
                "An export is suspended when it was paused and its output was taken.",
            ));
        }
        check_input(&self.request)?;
        #[cfg(feature = "catalog")]
        if self.document.is_some() {
            return self.suspend_document();
        }
        let source = self.reader.rows().state();
        let Some(source) = source.filter(|_| self.reader.beside().1 == 0) else {
            return Err(invalid(ROWS));
        };
        let mut state = Setting::default();
        state.insert("v", Setting::count(VERSION));
        let format = self.request.format.id;
        state.insert("format", Setting::Text(format.into()));
        if let Some(layout) = &self.layout {
            let columns = self.projection.iter().map(|(column, _)| {
                let names = [&column.key, &column.label];
                Setting::List(names.map(|name| Setting::Text(name.clone())).into())
            });
            let numeric = layout.columns.iter();
            let numeric = numeric.map(|column| if column.numeric { '1' } else { '0' });
            state.insert("rows", Setting::count(self.rows));
            state.insert("bytes", Setting::count(self.bytes));
            state.insert("columns", Setting::List(columns.collect()));
            state.insert("numeric", Setting::Text(numeric.collect()));
            state.insert("notes", notes_state(&self.notes));
            #[cfg(feature = "catalog")]
            self.add_shaper_state(&mut state);
            state.insert("source", source);
            if let Some(typing) = &self.typing {
                state.insert("typed", typing.state());
            }
        }
        Ok(state.to_json())
    }

    /// An exporter that goes on where another one was [suspended](Self::suspend). `request` is one of
    /// the same options, the moment of the export among them.
    ///
    /// # Errors
    ///
    /// `invalid_state` where the state is damaged, of another version of the engine, or of an export
    /// to another format or with other columns.
    pub fn resume(request: Request, state: &str) -> Result<Self> {
        check_input(&request)?;
        let damaged = || invalid("The text is no state of a suspended export.");
        let state = Setting::from_json(state.as_bytes()).map_err(|_| damaged())?;
        let version = state.get("v").and_then(Setting::as_count);
        if version.ok_or_else(damaged)? != VERSION {
            return Err(invalid(
                "The export was suspended by another version of the engine.",
            ));
        }
        let format = state.get("format").and_then(Setting::as_text);
        if format.ok_or_else(damaged)? != request.format.id {
            return Err(invalid(OTHER));
        }
        let mut exporter = Self::new(request);
        #[cfg(feature = "catalog")]
        exporter.restore_resource(&state)?;
        if let Some(source) = state.get("source") {
            let count = |name| state.get(name).and_then(Setting::as_count);
            exporter.rows = count("rows").ok_or_else(damaged)?;
            exporter.bytes = count("bytes").ok_or_else(damaged)?;
            // Of a resource more rows may have been read than were written.
            let read = count("read").unwrap_or(exporter.rows);
            if read == 0 {
                return Err(damaged());
            }
            let reader = exporter.reader.rows_mut();
            reader.restore(source, read).ok_or_else(damaged)?;
            exporter.project()?;
            exporter.check_columns(&state)?;
            exporter.restore(&state).ok_or_else(damaged)?;
        }
        Ok(exporter)
    }

    /// The columns to write must be those that were written.
    fn check_columns(&self, state: &Setting) -> Result<()> {
        let columns = state.get("columns").and_then(Setting::as_list);
        let columns = columns.unwrap_or_default();
        let same = columns.len() == self.projection.len()
            && columns
                .iter()
                .zip(&self.projection)
                .all(|(names, (column, _))| {
                    let texts = names.as_list().unwrap_or_default().iter();
                    texts
                        .map(Setting::as_text)
                        .eq([Some(column.key.as_str()), Some(&column.label)])
                });
        let typed = state.get("typed").is_some() == self.typing.is_some();
        match same && typed {
            true => Ok(()),
            false => Err(invalid(OTHER)),
        }
    }

    /// Takes over what was written and noticed so far; `None` where the state does not tell.
    fn restore(&mut self, state: &Setting) -> Option<()> {
        if let Some(typing) = &mut self.typing {
            typing.restore(state.get("typed")?)?;
        }
        self.notes = notes_of(state.get("notes")?)?;
        let numeric: Vec<_> = state.get("numeric")?.as_text()?.bytes().collect();
        if numeric.len() != self.projection.len() {
            return None;
        }
        let numeric: Vec<_> = numeric.iter().map(|flag| *flag == b'1').collect();
        let layout = self.layout(&numeric).ok()?;
        // The writer is brought to where it was: it has written what stands before the rows, and a
        // row. That is all that the writers of text know.
        let (writer, mut nowhere) = (&mut self.request.writer, Notes::default());
        let row = Rows {
            bytes: &[],
            cells: &[],
            start: 0,
            ends: &[0],
            first: self.rows,
        };
        writer.begin(&layout, &mut Vec::new(), &mut nowhere);
        if self.rows > 0 {
            writer.rows(&layout, row, &mut Vec::new(), &mut nowhere);
        }
        self.start(layout);
        Some(())
    }
}

const ROWS: &str = "Only the export of an array of objects, or of JSON Lines, can be suspended.";
pub(super) const OTHER: &str = "The export was suspended with other columns or another format.";

/// The rows of a part must be those of the whole input.
fn check_input(request: &Request) -> Result<()> {
    let has_rows = !request.source.is_delimited();
    match has_rows && request.path.is_empty() {
        true => Ok(()),
        false => Err(invalid(ROWS)),
    }
}

pub(super) fn invalid(reason: &'static str) -> Error {
    Error::new(ErrorKind::InvalidState { reason })
}
