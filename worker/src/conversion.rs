//! One export: pieces of input → pieces of output.

use tablecast::{DocumentExporter, Exporter, FileInfo, Limits, Request, Result, Source};

/// Pieces are joined up to this size, since each one costs a crossing into JavaScript.
const PIECE: usize = 64 * 1024;

/// An export in progress.
pub(crate) struct Conversion {
    engine: Engine,
    file: Option<FileInfo>,
}

/// The two shapes of a request.
enum Engine {
    /// The options stand in the query; the body is data.
    Data(Box<Exporter>),
    /// The body is a document with the options and, behind them, the data.
    Document(Box<DocumentExporter>),
    /// The export is whole.
    Finished,
}

impl Conversion {
    /// `query` decides the shape: with any member in it, the body is data. So is what is no JSON.
    pub(crate) fn new(
        query: Vec<(String, String)>,
        source: Source,
        limits: Limits,
        now: &str,
    ) -> Result<Self> {
        let engine = if query.is_empty() && source == Source::Json {
            Engine::Document(Box::new(DocumentExporter::new(limits, now)))
        } else {
            let mut request = Request::from_query(query)?;
            *request.limits_mut() = request.limits_mut().within(&limits);
            request.set_default_source(source)?;
            request.set_default_now(now);
            Engine::Data(Box::new(Exporter::new(request)))
        };
        Ok(Self { engine, file: None })
    }

    /// Takes the next piece of input.
    pub(crate) fn push(&mut self, piece: &[u8]) -> Result<()> {
        match &mut self.engine {
            Engine::Data(exporter) => exporter.push_bytes(piece),
            Engine::Document(exporter) => exporter.push_bytes(piece),
            Engine::Finished => Ok(()),
        }
    }

    /// Says that no more input comes.
    pub(crate) fn end_input(&mut self) -> Result<()> {
        match &mut self.engine {
            Engine::Data(exporter) => {
                exporter.end_input();
                Ok(())
            }
            Engine::Document(exporter) => exporter.end_input(),
            Engine::Finished => Ok(()),
        }
    }

    /// The output that can be had now, about [`PIECE`] at most; empty when more input is needed first.
    pub(crate) fn take_output(&mut self) -> Result<Vec<u8>> {
        let mut output = Vec::new();
        while output.len() < PIECE {
            let piece = match &mut self.engine {
                Engine::Data(exporter) => exporter.next_output()?,
                Engine::Document(exporter) => exporter.next_output()?,
                Engine::Finished => None,
            };
            let Some(piece) = piece else { break };
            output.try_reserve(piece.len())?;
            output.extend_from_slice(piece);
        }
        Ok(output)
    }

    /// Checks, after the last output, that the export is whole.
    pub(crate) fn finish(&mut self) -> Result<()> {
        self.keep_file();
        match std::mem::replace(&mut self.engine, Engine::Finished) {
            Engine::Data(exporter) => exporter.finish().map(drop),
            Engine::Document(exporter) => exporter.finish().map(drop),
            Engine::Finished => Ok(()),
        }
    }

    /// Name and type of the file: known once there is output, and when the export is whole.
    pub(crate) fn file(&mut self) -> Option<&FileInfo> {
        self.keep_file();
        self.file.as_ref()
    }

    /// The engine is used up by finishing, and an empty file has a name too.
    fn keep_file(&mut self) {
        if self.file.is_none() {
            self.file = match &self.engine {
                Engine::Data(exporter) => Some(exporter.file().clone()),
                Engine::Document(exporter) => exporter.file().cloned(),
                Engine::Finished => None,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes out of a body that arrives in these pieces.
    fn convert(query: &[(&str, &str)], pieces: &[&str]) -> Result<String> {
        let query = query
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut conversion = Conversion::new(
            query.collect(),
            Source::Json,
            Limits::default(),
            "2026-01-31T12:00:00Z",
        )?;
        let mut output = Vec::new();
        for piece in pieces {
            conversion.push(piece.as_bytes())?;
            output.extend(conversion.take_output()?);
        }
        conversion.end_input()?;
        loop {
            let piece = conversion.take_output()?;
            if piece.is_empty() {
                break;
            }
            output.extend(piece);
        }
        conversion.finish()?;
        assert!(conversion.file().is_some());
        Ok(String::from_utf8(output).unwrap())
    }

    #[test]
    fn with_a_query_the_body_is_data() {
        assert_eq!(
            convert(&[("format", "csv")], &["[{\"a\":", "1}]"]).unwrap(),
            "a\r\n1\r\n"
        );
    }

    #[test]
    fn without_a_query_the_body_is_a_document() {
        let document = ["{\"format\":\"csv\",\"da", "ta\":[{\"a\":1}]}"];
        assert_eq!(convert(&[], &document).unwrap(), "a\r\n1\r\n");
    }

    #[test]
    fn a_moment_in_the_query_is_kept() {
        let template = r#"{"header_text": "{date}"}"#;
        let page = |query: &[(&str, &str)]| convert(query, &["[{\"a\":1}]"]).unwrap();
        assert!(page(&[("format", "html"), ("template", template)]).contains("2026-01-31"));
        let given = page(&[
            ("format", "html"),
            ("template", template),
            ("now", "1999-12-31T00:00:00Z"),
        ]);
        assert!(given.contains("1999-12-31"));
    }

    #[test]
    fn an_empty_file_has_a_name_and_is_whole() {
        let query = [("format", "csv"), ("csv.header", "false")];
        assert_eq!(convert(&query, &["[]"]).unwrap(), "");
    }

    #[test]
    fn a_body_that_ends_early_is_an_error() {
        assert_eq!(
            convert(&[], &["{\"format\":\"csv\""]).unwrap_err().code(),
            "invalid_json"
        );
        assert_eq!(
            convert(&[("format", "csv")], &["[{"]).unwrap_err().code(),
            "invalid_json"
        );
    }
}
