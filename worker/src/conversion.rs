//! One export: pieces of input → pieces of output.

use tablecast::{DocumentExporter, Exporter, FileInfo, Request, Result};

/// Pieces are joined up to this size, since each one costs a crossing into JavaScript.
const PIECE: usize = 64 * 1024;

/// An export by either of the two shapes of a request.
pub(crate) enum Conversion {
    /// The options stand in the query; the body is data.
    Data(Box<Exporter>),
    /// The body is a document with the options and, behind them, the data.
    Document(Box<DocumentExporter>),
}

impl Conversion {
    /// `query` decides the shape: with any member in it, the body is data.
    pub(crate) fn new(query: Vec<(String, String)>, now: &str) -> Result<Self> {
        if query.is_empty() {
            return Ok(Self::Document(Box::new(DocumentExporter::new(now))));
        }
        let mut request = Request::from_query(query.into_iter())?;
        request.set_now(now);
        Ok(Self::Data(Box::new(Exporter::new(request))))
    }

    /// Takes the next piece of input.
    pub(crate) fn push(&mut self, piece: &[u8]) -> Result<()> {
        match self {
            Self::Data(exporter) => exporter.push_bytes(piece),
            Self::Document(exporter) => exporter.push_bytes(piece),
        }
    }

    /// Says that no more input comes.
    pub(crate) fn end_input(&mut self) -> Result<()> {
        match self {
            Self::Data(exporter) => exporter.end_input(),
            Self::Document(exporter) => exporter.end_input(),
        }
    }

    /// The output that can be had now, at most about [`PIECE`]; empty when more input is needed first.
    pub(crate) fn take_output(&mut self) -> Result<Vec<u8>> {
        let mut output = Vec::new();
        while output.len() < PIECE {
            let piece = match self {
                Self::Data(exporter) => exporter.next_output()?,
                Self::Document(exporter) => exporter.next_output()?,
            };
            match piece {
                Some(piece) => {
                    output.try_reserve(piece.len())?;
                    output.extend_from_slice(piece);
                }
                None => break,
            }
        }
        Ok(output)
    }

    /// Checks, after the last output, that the export is whole.
    pub(crate) fn finish(&mut self) -> Result<()> {
        match self {
            Self::Data(exporter) => exporter.finish().map(drop),
            Self::Document(exporter) => exporter.finish().map(drop),
        }
    }

    /// Name and type of the file: known once there is output.
    pub(crate) fn file(&self) -> Option<&FileInfo> {
        match self {
            Self::Data(exporter) => Some(exporter.file()),
            Self::Document(exporter) => exporter.file(),
        }
    }
}
