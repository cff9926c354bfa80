//! Running one export in every way in which input can come.

use tablecast::{Error, Exporter, Report, Request, Setting, Surface};

/// A small generator of repeatable numbers (xorshift), so that a failing case can be run again.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }

    /// Cuts the input into chunks of random sizes, empty ones among them.
    pub fn cut<'a>(&mut self, mut input: &'a [u8], longest: usize) -> Vec<&'a [u8]> {
        let mut chunks = Vec::new();
        while !input.is_empty() {
            let (chunk, rest) = input.split_at(self.below(longest + 1).min(input.len()));
            chunks.push(chunk);
            input = rest;
        }
        chunks
    }
}

/// The options with the format added.
pub fn options(options: &str, format: Option<&str>) -> Setting {
    let setting = Setting::from_json(options.as_bytes()).unwrap();
    let (Setting::Map(mut members), Some(format)) = (setting.clone(), format) else {
        return setting;
    };
    members.push(("format".into(), Setting::Text(format.into())));
    Setting::Map(members)
}

/// What a true stream gives: the file and its report, or an error and what was written before it.
pub type Streamed = Result<(Vec<u8>, Report), (Error, Vec<u8>)>;

/// Pushes chunk after chunk, taking all output between two of them.
pub fn stream<'a>(options: &Setting, chunks: impl IntoIterator<Item = &'a [u8]>) -> Streamed {
    let mut file = Vec::new();
    match stream_into(&mut file, options, chunks) {
        Ok(report) => Ok((file, report)),
        Err(error) => Err((error, file)),
    }
}

fn stream_into<'a>(
    file: &mut Vec<u8>,
    options: &Setting,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Report, Error> {
    let mut exporter = Exporter::new(Request::new(options, Surface::Http)?);
    for chunk in chunks {
        exporter.push_bytes(chunk)?;
        while let Some(piece) = exporter.next_output()? {
            file.extend_from_slice(piece);
        }
    }
    exporter.end_input();
    while let Some(piece) = exporter.next_output()? {
        file.extend_from_slice(piece);
    }
    exporter.finish()
}
