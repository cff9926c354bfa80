//! Which columns of the source are written, and what is said of the others.

use super::rows::{RowBuilder, RowKind};
use crate::read::KnownHeader;
use crate::report::{Notice, Warning, warning};
use crate::table::Column;

impl RowBuilder {
    /// The columns to write, with the source column of each.
    pub(crate) fn projection(&self) -> Vec<(Column, Option<u32>)> {
        let selected = match (self.kind, &self.wanted, &self.declared) {
            (Some(RowKind::List), None, _) => None,
            (Some(RowKind::List), Some(_), None) => None,
            (_, Some(wanted), _) => Some(wanted),
            (_, None, declared) => declared.as_ref(),
        };
        if let Some(columns) = selected {
            if self.kind == Some(RowKind::List) {
                let keys = columns.iter().map(|column| column.key.as_str());
                let sources = self.header.by_occurrence(keys);
                return columns.iter().cloned().zip(sources).collect();
            }
            let source = |column: &Column| self.header.find(column.key.as_bytes(), 0);
            return columns
                .iter()
                .map(|column| (column.clone(), source(column)))
                .collect();
        }
        let labelled = self.declared.as_ref().or(self.wanted.as_ref());
        let labelled = labelled.map_or(&[][..], Vec::as_slice);
        let names = self.header.names().iter().enumerate();
        names
            .map(|(number, name)| {
                let column = labelled.get(number).filter(|column| column.key == *name);
                let column = column
                    .cloned()
                    .unwrap_or_else(|| Column::new(name.as_str()));
                (column, Some(number as u32))
            })
            .collect()
    }

    /// Where a column that was asked for lies within a nested record: the source column, and the
    /// steps down from there.
    pub(crate) fn path(&self, column: &Column) -> Option<(u32, Vec<String>)> {
        if self.flatten || self.wanted.is_none() {
            return None;
        }
        let (root, steps) = column.key.split_once('.')?;
        let source = self.header.find(root.as_bytes(), 0)?;
        Some((source, steps.split('.').map(Into::into).collect()))
    }

    /// The header was written.
    pub(crate) fn is_fixed(&self) -> bool {
        self.fixed
    }

    /// Rows are lists.
    pub(crate) fn is_positional(&self) -> bool {
        self.kind == Some(RowKind::List)
    }

    /// The data was seen to have a column, or had no chance to show it.
    pub(crate) fn has(&self, column: Option<u32>) -> bool {
        match column {
            _ if self.complete == 0 && self.declared.is_none() => true,
            Some(column) => self.header.is_seen(column),
            None => false,
        }
    }

    /// The columns that the data has, whether they are written or not.
    pub(crate) fn all_names(&self) -> Vec<&str> {
        let mut names = self.header.seen_names();
        names.append(&mut self.left_out.seen_names());
        names
    }

    /// The columns that were left out because nobody asked for them.
    pub(crate) fn unmapped(&self, written: &[(Column, Option<u32>)]) -> Vec<&str> {
        if self.wanted.is_none() && self.declared.is_none() {
            return Vec::new();
        }
        let mut is_written = vec![false; self.header.len()];
        for (column, source) in written {
            let root = self.path(column).map(|(root, _)| root);
            for source in [*source, root].into_iter().flatten() {
                if let Some(flag) = is_written.get_mut(source as usize) {
                    *flag = true;
                }
            }
        }
        let mut names = Vec::new();
        for (column, written) in (0..).zip(is_written) {
            if !written && self.header.is_seen(column) {
                names.extend(self.header.name(column));
            }
        }
        names.append(&mut self.left_out.seen_names());
        names
    }

    /// The warnings on columns of the source, and on columns that came too late.
    pub(crate) fn warnings(&self) -> Vec<Warning> {
        let noticed = self.notes.warnings(|column| self.header.name(column));
        let late = self
            .left_out_notes
            .warnings(|column| self.left_out.name(column));
        let mut warnings: Vec<_> = noticed.chain(late).collect();
        if self.left_out_beyond > 0 {
            let count = self.left_out_beyond;
            let detail = "values of further columns, too many to name";
            warnings.push(warning(Notice::UnmappedColumn, None, count, None, detail));
        }
        warnings
    }

    /// The header for a second pass.
    pub(crate) fn known(&self) -> KnownHeader {
        KnownHeader {
            names: self.header.names().to_vec(),
            declared: self.declared.clone(),
        }
    }
}
