//! An export that is streamed: its input → the engine → the body of the answer.
//!
//! Nothing is sent before the engine's first output, which comes after its look-ahead, so that errors in the options and
//! in the first rows become problem documents. A later error breaks the response off: the client sees an aborted
//! connection and never a file that looks whole.

use crate::call::Call;
use crate::problem::Problem;
use crate::writer::Writer;
use serde_json::json;
use tablecast::{Exporter, FileInfo, Report};
use worker::{Response, ResponseBody, ResponseBuilder, console_error};

/// A file in HTML may come from anybody's data: whatever opens it under our origin must not run anything in it.
pub(crate) const HTML_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'";

/// Pieces are joined up to this size, since each one costs a crossing into JavaScript.
const PIECE: u32 = 128 << 10;

/// Where the input of an export comes from, piece by piece.
pub(crate) trait Input {
    /// The next piece; `None` at the end.
    async fn next(&mut self) -> Result<Option<&[u8]>, Problem>;
}

/// The export in progress.
pub(crate) struct Flow<I> {
    pub(crate) input: I,
    file: FileInfo,
    /// `None` when the file is whole.
    exporter: Option<Exporter>,
    input_ended: bool,
    /// The piece of the file that is to be written next; nothing when the file is whole.
    output: Vec<u8>,
    /// What was noticed, once the file is whole.
    report: Option<Report>,
}

impl<I: Input + 'static> Flow<I> {
    pub(crate) fn new(input: I, exporter: Exporter) -> Self {
        Self {
            input,
            file: exporter.file().clone(),
            exporter: Some(exporter),
            input_ended: false,
            output: Vec::new(),
            report: None,
        }
    }

    /// The name and type of the file.
    pub(crate) fn file(&self) -> &FileInfo {
        &self.file
    }

    /// Makes the next piece, about [`PIECE`] at most, reading only as much of the input as it takes. When the first one
    /// is there, it is sure that there is a file.
    pub(crate) async fn advance(&mut self) -> Result<(), Problem> {
        self.output.clear();
        while let Some(exporter) = &mut self.exporter {
            while self.output.len() < PIECE as usize {
                let Some(piece) = exporter.next_output()? else {
                    break;
                };
                self.output
                    .try_reserve(piece.len())
                    .map_err(tablecast::Error::from)?;
                self.output.extend_from_slice(piece);
            }
            if !self.output.is_empty() {
                break;
            }
            if self.input_ended {
                if let Some(exporter) = self.exporter.take() {
                    self.report = Some(exporter.finish()?);
                }
                break;
            }
            match self.input.next().await? {
                Some(piece) => exporter.push_bytes(piece)?,
                None => {
                    exporter.end_input();
                    self.input_ended = true;
                }
            }
        }
        Ok(())
    }

    /// The answer with the file, of which the first piece was made: the rest is made while it is sent.
    pub(crate) fn answer(self, call: &Call<'_>) -> Result<Response, Problem> {
        let response = headed(&self.file)?;
        if self.output.is_empty() {
            return Ok(response.empty());
        }
        let (readable, writer) = Writer::open(PIECE).map_err(worker::Error::from)?;
        // The runtime lets the rest go on when the client has gone away, so that it ends in order.
        call.context.wait_until(self.pour(writer));
        Ok(response.body(ResponseBody::Stream(readable)))
    }

    /// The whole file, of which the first piece was made, and what was noticed; `None` where it has more bytes than that.
    pub(crate) async fn collect(
        mut self,
        most: usize,
    ) -> Result<Option<(Vec<u8>, Report)>, Problem> {
        let mut file = Vec::new();
        while !self.output.is_empty() {
            if file.len() + self.output.len() > most {
                return Ok(None);
            }
            file.extend_from_slice(&self.output);
            self.advance().await?;
        }
        let missing = || Problem::internal("a file that is whole has no report");
        Ok(Some((file, self.report.ok_or_else(missing)?)))
    }

    /// Writes the file to its end, unless something is wrong with the rest of the input, or the client goes away.
    async fn pour(mut self, writer: Writer) {
        while !self.output.is_empty() {
            if writer.write(&self.output).await.is_err() {
                return;
            }
            if let Err(problem) = self.advance().await {
                // All that can still be done is to end the connection before the file's end.
                let line =
                    json!({"error": problem.code(), "cause": problem.cause(), "broken_off": true});
                console_error!("{line}");
                return writer.abort(problem.code()).await;
            }
        }
        // A client that has gone away just now misses nothing but the end.
        drop(writer.close().await);
    }
}

fn headed(file: &FileInfo) -> Result<ResponseBuilder, Problem> {
    let response = Response::builder()
        .with_header("Content-Type", &file.content_type)?
        .with_header("Content-Disposition", &file.content_disposition)?
        .with_header("Cache-Control", "no-store")?
        .with_header("X-Content-Type-Options", "nosniff")?;
    match file.content_type.starts_with("text/html") {
        true => Ok(response.with_header("Content-Security-Policy", HTML_POLICY)?),
        false => Ok(response),
    }
}
