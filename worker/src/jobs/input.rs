//! Where a job's rows come from: pages of records, or data in the bucket.

use super::lease::Claimed;
use super::records::{Page, Resource};
use crate::exports::Filters;
use crate::problem::Problem;
use crate::store::{Bind, Store};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use tablecast::{HeaderScan, KnownHeader, Request};
use worker::js_sys::{Array, JsString};
use worker::wasm_bindgen::JsCast;
use worker::{Bucket, ByteStream};

/// How many rows, and about how many bytes of them, a page has at most. A row alone may have more: the database takes
/// up to 2 MB.
const PAGE_ROWS: u32 = 2000;
const PAGE_BYTES: u32 = 1 << 20;

/// The last record that was read; all others come behind it.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub(super) struct Cursor {
    created_at: String,
    id: String,
    /// How many records were read.
    pub(super) rows: u64,
}

/// A page that was read.
pub(super) struct Records<'a> {
    job: &'a Claimed,
    page: Page,
}

pub(super) struct Read {
    /// The records as JSON, with commas between them.
    pub(super) text: String,
    pub(super) rows: u64,
    /// Where the next page begins; `None` where there are no more records.
    pub(super) next: Option<Cursor>,
}

impl<'a> Records<'a> {
    pub(super) fn new(resource: &Resource, job: &'a Claimed) -> Result<Self, Problem> {
        let filters: Filters = serde_json::from_str(&job.filters)
            .map_err(|_| Problem::internal("the filters of a job are damaged"))?;
        let page = Page::of(resource, &filters, PAGE_ROWS, PAGE_BYTES);
        Ok(Self { job, page })
    }

    /// The records behind the cursor that existed when the job was created.
    ///
    /// The database writes each as JSON, so that a page crosses into WebAssembly as one text.
    pub(super) async fn page(&self, cursor: &Cursor, store: &Store) -> Result<Read, Problem> {
        let created = self.job.created_at.iso();
        let mut values: Vec<Bind<'_>> = vec![
            (&self.job.account_id).into(),
            (&cursor.created_at).into(),
            (&cursor.id).into(),
            (&created).into(),
        ];
        values.extend(self.page.values().map(Bind::from));
        let statement = store.statement(self.page.sql(), &values)?;
        let rows = statement.raw_js_value().await?;
        let Some(last) = rows.last() else {
            return Ok(Read {
                text: String::new(),
                rows: 0,
                next: None,
            });
        };
        let text_at = |row: &Array, column: u32| {
            row.get(column)
                .as_string()
                .ok_or_else(|| Problem::internal("a page of records is damaged"))
        };
        let last: &Array = last.unchecked_ref();
        let next = Cursor {
            created_at: text_at(last, 1)?,
            id: text_at(last, 2)?,
            rows: cursor.rows,
        };
        let count = rows.len() as u64;
        let texts: Array = rows
            .into_iter()
            .map(|row| row.unchecked_into::<Array>().get(0))
            .collect();
        let text: JsString = texts.join(",");
        Ok(Read {
            text: text.into(),
            rows: count,
            next: Some(next),
        })
    }
}

/// An object of the bucket that is read piece by piece.
pub(super) struct Object(ByteStream);

impl Object {
    pub(super) async fn open(bucket: &Bucket, key: &str) -> Result<Self, Problem> {
        let missing = || Problem::internal("an object of a job is missing");
        let object = bucket.get(key).execute().await?.ok_or_else(missing)?;
        let body = object.body().ok_or_else(missing)?;
        Ok(Self(body.stream()?))
    }

    /// The next piece; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        Ok(self.0.next().await.transpose()?)
    }

    /// All that is left.
    pub(super) async fn all(mut self) -> Result<Vec<u8>, Problem> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.next().await? {
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes)
    }
}

/// The header of all data in an object.
pub(super) async fn header(
    bucket: &Bucket,
    key: &str,
    request: &Request,
) -> Result<KnownHeader, Problem> {
    let mut scan = HeaderScan::new(request);
    let mut object = Object::open(bucket, key).await?;
    while let Some(piece) = object.next().await? {
        scan.push_bytes(&piece)?;
    }
    Ok(scan.finish()?)
}
