//! Data in the bucket, read piece by piece.

use crate::problem::Problem;
use crate::reader::Reader;
use worker::{Bucket, ResponseBody};

/// An object of the bucket that is read piece by piece.
pub(crate) struct Object(Reader);

impl Object {
    /// `None`: there is none of this key.
    pub(crate) async fn open(bucket: &Bucket, key: &str) -> Result<Option<Self>, Problem> {
        let object = bucket.get(key).execute().await?;
        let body = object.as_ref().and_then(worker::Object::body);
        match body.map(|body| body.response_body()).transpose()? {
            Some(ResponseBody::Stream(stream)) => Ok(Some(Self(Reader::new(&stream)))),
            _ => Ok(None),
        }
    }

    /// The next piece; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<&[u8]>, Problem> {
        Ok(self.0.next().await.map_err(worker::Error::from)?)
    }

    /// All that is left.
    pub(crate) async fn all(mut self) -> Result<Vec<u8>, Problem> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.next().await? {
            bytes.extend_from_slice(piece);
        }
        Ok(bytes)
    }
}
