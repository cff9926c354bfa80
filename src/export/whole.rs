//! Input that lies in memory as a whole: it can be read twice, so a late column widens the header.

use super::{Exporter, OUTPUT_BYTES, Request};
use crate::error::{Error, ErrorKind, Result};
use crate::read::{self, Goal, KnownHeader, Reader, Status};
use crate::report::Report;
use crate::settings::Setting;

/// A pass over the whole input that collects its header and writes nothing.
///
/// Where an input can be read twice, an export that failed with `late_column` or
/// `columns_after_rows` starts anew with the header that this pass found.
pub struct HeaderScan {
    reader: Box<dyn Reader>,
    /// The file is a document, which has no header.
    #[cfg(feature = "catalog")]
    idle: bool,
}

impl HeaderScan {
    /// A scan of the input that `request` describes.
    pub fn new(request: &Request) -> Self {
        #[cfg_attr(not(feature = "catalog"), expect(unused_mut))]
        let mut reading = request.reading();
        #[cfg(feature = "catalog")]
        request.shaper(&mut reading);
        Self {
            reader: read::open(reading),
            #[cfg(feature = "catalog")]
            idle: request.takes_document(),
        }
    }

    /// Takes the next bytes of the input.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with the input.
    pub fn push_bytes(&mut self, chunk: &[u8]) -> Result<()> {
        #[cfg(feature = "catalog")]
        if self.idle {
            return Ok(());
        }
        self.reader.push(chunk)?;
        self.advance()
    }

    /// The header, when all input was pushed.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with the end of the input.
    pub fn finish(mut self) -> Result<KnownHeader> {
        #[cfg(feature = "catalog")]
        if self.idle {
            return Ok(KnownHeader::default());
        }
        self.reader.end();
        self.advance()?;
        self.reader.fix_header()?;
        Ok(self.reader.rows().known())
    }

    fn advance(&mut self) -> Result<()> {
        while self.reader.read(Goal::Batch)? == Status::Enough {
            self.reader.release();
        }
        self.reader.release();
        Ok(())
    }
}

/// Exports input that lies in memory as a whole: the file and its report.
///
/// `options` are read as HTTP spells them. A column that appears late widens the header.
///
/// # Errors
///
/// Whatever is wrong with the options or the input.
///
/// ```
/// let options = tablecast::Setting::from_json(br#"{"format": "json", "json": {"pretty": false}}"#)?;
/// let (file, report) = tablecast::export_bytes(&options, br#"{"columns": ["a"], "rows": [[1]]}"#)?;
/// assert_eq!(file, br#"[{"a":1}]"#);
/// assert!(report.warnings.is_empty());
/// # Ok::<_, tablecast::Error>(())
/// ```
pub fn export_bytes(options: &Setting, input: &[u8]) -> Result<(Vec<u8>, Report)> {
    use crate::settings::Surface::Http;
    match export_once(Request::new(options, Http)?, input) {
        Err(error) if error.needs_header() => {
            let mut request = Request::new(options, Http)?;
            let mut scan = HeaderScan::new(&request);
            for chunk in input.chunks(OUTPUT_BYTES) {
                scan.push_bytes(chunk)?;
            }
            request.set_known_header(scan.finish()?);
            export_once(request, input)
        }
        result => result,
    }
}

fn export_once(request: Request, input: &[u8]) -> Result<(Vec<u8>, Report)> {
    let mut exporter = Exporter::new(request);
    let mut file = Vec::new();
    let mut chunks = input.chunks(OUTPUT_BYTES);
    loop {
        let chunk = chunks.next();
        match chunk {
            Some(chunk) => exporter.push_bytes(chunk)?,
            None => exporter.end_input(),
        }
        while let Some(piece) = exporter.next_output()? {
            file.try_reserve(piece.len())?;
            file.extend_from_slice(piece);
        }
        if chunk.is_none() {
            return Ok((file, exporter.finish()?));
        }
    }
}

impl Error {
    /// The input can be exported all the same, if it can be read twice: see [`HeaderScan`].
    pub fn needs_header(&self) -> bool {
        matches!(
            self.kind(),
            ErrorKind::LateColumn { .. } | ErrorKind::ColumnsAfterRows
        )
    }
}
