//! What was noticed about records, by the path of the member that it concerns.

use crate::read::{Limits, notes_of, notes_state};
use crate::report::{Notes, Notice, Warning, warning};
use crate::settings::Setting;
use crate::table::Header;

/// Counts what was noticed. Paths are numbered in the order in which they came.
pub(crate) struct Findings {
    paths: Header,
    notes: Notes,
    /// Of unknown members an input may hold any number.
    most_paths: usize,
    most_bytes: u64,
    bytes: u64,
    /// How many values there were under names that are not remembered.
    beyond: u64,
}

impl Findings {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            paths: Header::default(),
            notes: Notes::default(),
            most_paths: limits.columns as usize,
            most_bytes: limits.row_bytes,
            bytes: 0,
            beyond: 0,
        }
    }

    /// The number of a path; `None` where there are too many to remember.
    pub(crate) fn path(&mut self, path: &str) -> Option<u32> {
        if let Some(number) = self.paths.find(path.as_bytes(), 0) {
            return Some(number);
        }
        let bytes = self.bytes + path.len() as u64;
        if self.paths.len() >= self.most_paths || bytes > self.most_bytes {
            return None;
        }
        self.bytes = bytes;
        Some(self.paths.add(path))
    }

    /// Counts a notice about a path that has a number.
    #[cold]
    pub(crate) fn note(&mut self, notice: Notice, path: u32, row: u64) {
        self.notes.cell(notice, path, row);
    }

    #[cold]
    pub(super) fn note_many(&mut self, notice: Notice, path: u32, row: u64, count: u64) {
        self.notes.count(notice, Some(path), Some(row), count);
    }

    /// Counts a notice about a path.
    #[cold]
    pub(crate) fn note_at(&mut self, notice: Notice, path: &str, row: Option<u64>, count: u64) {
        match self.path(path) {
            Some(path) => self.notes.count(notice, Some(path), row, count),
            None => self.beyond += count,
        }
    }

    /// All that was noticed, for [`restore`](Self::restore).
    pub(super) fn state(&self) -> Setting {
        let paths = self.paths.names().iter().cloned();
        Setting::List(vec![
            Setting::List(paths.map(Setting::Text).collect()),
            notes_state(&self.notes),
            Setting::count(self.beyond),
        ])
    }

    /// Takes over what was noticed; `None` where the state does not tell.
    pub(super) fn restore(&mut self, state: &Setting) -> Option<()> {
        let [paths, notes, beyond] = state.as_list()? else {
            return None;
        };
        for path in paths.as_list()? {
            self.path(path.as_text()?);
        }
        self.notes = notes_of(notes)?;
        self.beyond = beyond.as_count()?;
        Some(())
    }

    pub(crate) fn warnings(&self) -> Vec<Warning> {
        let known = self.notes.warnings(|path| self.paths.name(path));
        let mut warnings: Vec<_> = known.collect();
        if self.beyond > 0 {
            let detail = "members of further names, too many to tell";
            let beyond = Notice::UnmappedColumn;
            warnings.push(warning(beyond, None, self.beyond, None, detail));
        }
        warnings
    }
}
