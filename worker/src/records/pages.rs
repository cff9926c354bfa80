//! An array of records, page by page.

use super::columns::TEXT_COLUMN;
use super::packer::{self, Packer};
use super::plan::Pages;
use super::statement::Values;
use super::{Cursor, LARGE};
use crate::problem::Problem;
use crate::store::{self, Store};
use serde::Deserialize;
use std::collections::VecDeque;
use worker::js_sys::Array;
use worker::wasm_bindgen::{JsCast, JsValue};

/// How many rows, and about how many bytes of them, a page has at most.
const PAGE_ROWS: usize = 2000;
const PAGE_BYTES: u64 = 1 << 20;

/// How many sizes are asked for at once: a statement costs as much as some hundred rows by itself.
const SIZES: u64 = 10_000;

/// What is known of the records behind the cursor.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    /// Their sizes, as far as they were asked for.
    sizes: VecDeque<u64>,
    /// These sizes are those of all that there were.
    all: bool,
    /// There is nothing behind the cursor.
    pub(super) is_end: bool,
}

/// What comes next in an array.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The sizes have to be asked for.
    Unknown,
    /// There is nothing more.
    End,
    /// A record that is read in parts.
    Large,
    /// As many records, at once.
    Page(u64),
}

/// A page that was read.
pub(super) struct Page {
    pub(super) rows: u64,
    pub(super) records: Records,
    pub(super) next: Cursor,
}

/// The records of a page, as the engine takes them.
pub(super) enum Records {
    /// JSON, with commas between them.
    Text(String),
    /// Packed, which is a piece of its own.
    Packed(Vec<u8>),
}

impl Ahead {
    /// What comes next, where the array may have `left` more records.
    pub(super) fn next(&self, left: Option<u64>) -> Next {
        if self.is_end || left == Some(0) {
            return Next::End;
        }
        match self.sizes.front() {
            None => return Next::Unknown,
            Some(size) if *size >= LARGE => return Next::Large,
            Some(_) => {}
        }
        let mut bytes = 0;
        let before_last = self.sizes.iter().take(PAGE_ROWS - 1).take_while(|size| {
            bytes += **size;
            bytes < PAGE_BYTES && **size < LARGE
        });
        let before_last = before_last.count();
        let fits = |size: &u64| *size < LARGE;
        // The record that reaches the bytes is the last one, unless it is read in parts.
        let count = before_last as u64 + u64::from(self.sizes.get(before_last).is_some_and(fits));
        // Where all fit, one more is asked for. A record that was stored since the sizes were read would else push the
        // last one out of the last page, and out of the file.
        let more = self.all && count == self.sizes.len() as u64;
        let count = count + u64::from(more);
        Next::Page(left.map_or(count, |left| count.min(left)))
    }

    /// Takes the sizes of the records behind the cursor, at most [`SIZES`] of them.
    fn know(&mut self, sizes: Vec<u64>) {
        self.all = (sizes.len() as u64) < SIZES;
        self.is_end = sizes.is_empty();
        self.sizes = sizes.into();
    }

    /// As many records were read of those that were asked for.
    fn read(&mut self, count: u64, asked: u64) {
        self.is_end = count < asked;
        let known = usize::try_from(count).unwrap_or(usize::MAX);
        self.sizes.drain(..known.min(self.sizes.len()));
    }

    /// One record was read.
    pub(super) fn pass(&mut self) {
        self.sizes.pop_front();
    }

    /// What was known does not hold any more.
    fn forget(&mut self) {
        *self = Self::default();
    }
}

impl Pages {
    /// Asks for the sizes of the records behind the cursor.
    pub(super) async fn look(
        &self,
        values: &Values<'_>,
        store: &Store,
        ahead: &mut Ahead,
    ) -> Result<(), Problem> {
        #[derive(Deserialize)]
        struct Sizes {
            sizes: String,
        }
        let values = Values {
            limit: self.most.unwrap_or(u64::MAX).min(SIZES),
            ..*values
        };
        let statement = self.sizes.bind(store, &values)?;
        let found: Option<Sizes> = statement.first(None).await?;
        let sizes = found.and_then(|found| serde_json::from_str(&found.sizes).ok());
        ahead.know(sizes.ok_or_else(damaged)?);
        Ok(())
    }

    /// Reads the records behind the cursor, `values.limit` of them at most. One that has to be read in parts ends the page.
    /// Those that are read as fields are packed by `packer`.
    pub(super) async fn read(
        &self,
        values: &Values<'_>,
        store: &Store,
        ahead: &mut Ahead,
        packer: Option<&Packer>,
    ) -> Result<Page, Problem> {
        let mut rows = store::raw(&self.records.bind(store, values)?).await?;
        // A record may be stored since the sizes were read.
        let is_long = |row: JsValue| {
            let flag = row.unchecked_into::<Array>().at(-1);
            flag.as_f64().is_some_and(|flag| flag != 0.0)
        };
        let found = rows.length();
        let large = match self.tells_long {
            true => (0..found).find(|place| is_long(rows.get(*place))),
            false => None,
        };
        match large {
            None => ahead.read(found.into(), values.limit),
            Some(place) => {
                rows = rows.slice(0, place);
                ahead.forget();
            }
        }
        let next = match rows.length() {
            0 => values.cursor.clone(),
            _ => {
                let last: Array = rows.at(-1).unchecked_into();
                Cursor {
                    id: text_at(&last, 0)?,
                    created_at: text_at(&last, 1)?,
                }
            }
        };
        Ok(Page {
            rows: rows.length().into(),
            records: match packer {
                Some(packer) => Records::Packed(packer.pack(&rows)?),
                None => Records::Text(packer::joined(&rows, TEXT_COLUMN)?),
            },
            next,
        })
    }
}

/// The text in a column of a row.
pub(super) fn text_at(row: &Array, column: u32) -> Result<String, Problem> {
    let value: JsValue = row.get(column);
    value.as_string().ok_or_else(damaged)
}

pub(super) fn damaged() -> Problem {
    Problem::internal("a page of records is damaged")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ahead(sizes: &[u64]) -> Ahead {
        let mut ahead = Ahead::default();
        ahead.know(sizes.to_vec());
        ahead
    }

    #[test]
    fn a_page_ends_with_the_record_that_reaches_its_bytes() {
        const HALF: u64 = LARGE / 2;
        let count = PAGE_BYTES / HALF;
        let sizes = vec![HALF; count as usize + 1];
        assert_eq!(ahead(&sizes).next(None), Next::Page(count));
        assert_eq!(ahead(&sizes).next(Some(3)), Next::Page(3));
        let full = vec![1; SIZES as usize];
        let mut ahead = ahead(&full);
        for _ in 0..full.len() / PAGE_ROWS {
            assert_eq!(ahead.next(None), Next::Page(PAGE_ROWS as u64));
            ahead.read(PAGE_ROWS as u64, PAGE_ROWS as u64);
        }
        assert_eq!(ahead.next(None), Next::Unknown);
    }

    #[test]
    fn a_large_record_has_no_page() {
        assert_eq!(ahead(&[LARGE, 5]).next(None), Next::Large);
        assert_eq!(ahead(&[5, 5, LARGE]).next(None), Next::Page(2));
        assert_eq!(ahead(&[PAGE_BYTES]).next(Some(0)), Next::End);
    }

    #[test]
    fn a_record_that_is_stored_meanwhile_pushes_none_out_of_the_file() {
        let mut ahead = ahead(&[5, 5, 5]);
        assert_eq!(ahead.next(None), Next::Page(4));
        ahead.read(4, 4);
        assert_eq!(ahead.next(None), Next::Unknown);
        ahead.know(vec![7]);
        assert_eq!(ahead.next(None), Next::Page(2));
        ahead.read(1, 2);
        assert_eq!(ahead.next(None), Next::End);
    }

    #[test]
    fn sizes_serve_more_than_one_page() {
        const HALF: u64 = LARGE / 2;
        let count = PAGE_BYTES / HALF;
        let mut ahead = ahead(&vec![HALF; count as usize + 2]);
        ahead.read(count, count);
        assert_eq!(ahead.next(None), Next::Page(3));
        ahead.read(2, 3);
        assert_eq!(ahead.next(None), Next::End);
    }

    #[test]
    fn nothing_is_asked_for_where_there_is_nothing() {
        assert_eq!(Ahead::default().next(None), Next::Unknown);
        assert_eq!(ahead(&[]).next(None), Next::End);
    }
}
