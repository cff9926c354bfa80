//! Data in the bucket, read piece by piece.

use crate::problem::Problem;
use futures_util::StreamExt;
use tablecast::{HeaderScan, KnownHeader, Request};
use worker::{Bucket, ByteStream};

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
