//! Files on their way into the bucket, in bounded memory: a small one in one piece, a large one in equal parts.

use crate::problem::Problem;
use serde::{Deserialize, Serialize};
use worker::{Bucket, Env, HttpMetadata, UploadedPart};

/// The size of a part but for the last. R2 takes parts from 5 MiB on, all of one size, and 10,000 of them: files up to
/// 52 GB.
const PART: usize = 5 << 20;

/// The files of the service.
pub(crate) fn bucket(env: &Env) -> Result<Bucket, Problem> {
    Ok(env.bucket("FILES")?)
}

/// Whether a key is one that this service writes: `inputs/<account>/<export>` or `exports/<account>/<export>/…`.
pub(crate) fn is_ours(key: &str) -> bool {
    key.starts_with("inputs/") || key.starts_with("exports/")
}

/// A file that is being written.
pub(crate) struct Upload {
    bucket: Bucket,
    key: String,
    metadata: HttpMetadata,
    /// What is not sent yet, less than a part.
    pending: Vec<u8>,
    /// The multipart upload, from the first full part on.
    upload_id: Option<String>,
    parts: Vec<Part>,
    size: u64,
}

/// A part that was sent.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Part {
    number: u16,
    etag: String,
}

/// An upload that goes on elsewhere; `pending` is kept apart.
#[derive(Deserialize, Serialize)]
pub(crate) struct Paused {
    pub(crate) upload_id: Option<String>,
    parts: Vec<Part>,
    size: u64,
}

impl Upload {
    pub(crate) fn new(bucket: Bucket, key: impl Into<String>, content_type: &str) -> Self {
        Self {
            bucket,
            key: key.into(),
            metadata: HttpMetadata {
                content_type: Some(content_type.to_owned()),
                ..HttpMetadata::default()
            },
            pending: Vec::new(),
            upload_id: None,
            parts: Vec::new(),
            size: 0,
        }
    }

    /// An upload that was [paused](Self::pause), with what was pending then.
    pub(crate) fn resume(
        bucket: Bucket,
        key: &str,
        content_type: &str,
        paused: Paused,
        pending: Vec<u8>,
    ) -> Self {
        Self {
            pending,
            upload_id: paused.upload_id,
            parts: paused.parts,
            size: paused.size,
            ..Self::new(bucket, key, content_type)
        }
    }

    /// The multipart upload, if there is one already.
    pub(crate) fn upload_id(&self) -> Option<&str> {
        self.upload_id.as_deref()
    }

    /// Takes the next bytes, and sends what is full.
    pub(crate) async fn write(&mut self, mut bytes: &[u8]) -> Result<(), Problem> {
        self.size += bytes.len() as u64;
        loop {
            let room = PART - self.pending.len();
            let (now, later) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
            let wanted = self.pending.len() + now.len();
            if wanted > self.pending.capacity() {
                // Doubled as usual, but never past a part.
                let capacity = (self.pending.capacity() * 2).clamp(64 << 10, PART);
                let capacity = capacity.max(wanted);
                self.pending.reserve_exact(capacity - self.pending.len());
            }
            self.pending.extend_from_slice(now);
            bytes = later;
            if self.pending.len() < PART {
                return Ok(());
            }
            self.send_part().await?;
        }
    }

    async fn send_part(&mut self) -> Result<(), Problem> {
        let upload = match &self.upload_id {
            Some(id) => self.bucket.resume_multipart_upload(&*self.key, id)?,
            None => {
                let upload = self
                    .bucket
                    .create_multipart_upload(&*self.key)
                    .http_metadata(self.metadata.clone())
                    .execute()
                    .await?;
                self.upload_id = Some(upload.upload_id().await);
                upload
            }
        };
        let number = u16::try_from(self.parts.len() + 1)
            .map_err(|_| Problem::internal("a file has more parts than the bucket takes"))?;
        let bytes = std::mem::take(&mut self.pending);
        let part = upload.upload_part(number, bytes).await?;
        self.parts.push(Part {
            number: part.part_number(),
            etag: part.etag(),
        });
        Ok(())
    }

    /// Sends the rest. The file is there afterwards, with as many bytes as were written.
    pub(crate) async fn finish(&mut self) -> Result<u64, Problem> {
        let stored = if self.upload_id.is_none() {
            let put = self
                .bucket
                .put(&*self.key, std::mem::take(&mut self.pending));
            put.http_metadata(self.metadata.clone()).execute().await?
        } else {
            if !self.pending.is_empty() {
                self.send_part().await?;
            }
            let id = self.upload_id.as_deref().unwrap_or_default();
            let upload = self.bucket.resume_multipart_upload(&*self.key, id)?;
            let parts = std::mem::take(&mut self.parts).into_iter();
            let parts = parts.map(|part| UploadedPart::new(part.number, part.etag));
            Some(upload.complete(parts).await?)
        };
        match stored {
            Some(object) if object.size() == self.size => Ok(self.size),
            Some(object) => Err(Problem::internal(&format!(
                "the bucket has {} bytes of a file of {}",
                object.size(),
                self.size
            ))),
            None => Err(Problem::internal("the bucket did not take a file")),
        }
    }

    /// Gives it up: nothing of it stays in the bucket.
    pub(crate) async fn abandon(self) {
        if let Some(id) = &self.upload_id
            && let Err(problem) = abort(&self.bucket, &self.key, id).await
        {
            // The bucket ends uploads by itself that were begun a week ago.
            worker::console_error!(
                "an upload stays unfinished: {}",
                problem.cause().unwrap_or_default()
            );
        }
    }

    /// Stops for now; gives what goes on later, and the bytes that were not sent yet.
    pub(crate) fn pause(self) -> (Paused, Vec<u8>) {
        let paused = Paused {
            upload_id: self.upload_id,
            parts: self.parts,
            size: self.size,
        };
        (paused, self.pending)
    }
}

/// What the bucket says of an upload that it does not know.
const NO_SUCH_UPLOAD: &str = "(10024)";

/// Ends a multipart upload that will not be completed. One that is not there any more needs no ending.
pub(crate) async fn abort(bucket: &Bucket, key: &str, upload_id: &str) -> Result<(), Problem> {
    let upload = bucket.resume_multipart_upload(key, upload_id)?;
    match upload.abort().await {
        Err(error) if !error.to_string().contains(NO_SUCH_UPLOAD) => Err(error.into()),
        _ => Ok(()),
    }
}
