//! Streams of the runtime, read in large pieces.

use web_sys::{
    ReadableStream, ReadableStreamByobReader, ReadableStreamGetReaderOptions,
    ReadableStreamReaderMode,
};
use worker::js_sys::{ArrayBuffer, Reflect, Uint8Array};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;

/// The most bytes of a piece.
const SIZE: u32 = 256 << 10;

/// Reads a stream of bytes into a buffer of its own. A reader without one gets pieces of 4 KiB from the runtime, and
/// each piece costs a crossing.
pub(crate) struct Reader {
    reader: ReadableStreamByobReader,
    /// `None` while the runtime has it, which keeps it where there is nothing more to read.
    buffer: Option<ArrayBuffer>,
    /// The last piece.
    piece: Vec<u8>,
}

impl Reader {
    pub(crate) fn new(stream: &ReadableStream) -> Self {
        let options = ReadableStreamGetReaderOptions::new();
        options.set_mode(ReadableStreamReaderMode::Byob);
        Self {
            reader: stream.get_reader_with_options(&options).unchecked_into(),
            buffer: Some(ArrayBuffer::new(SIZE)),
            piece: Vec::new(),
        }
    }

    /// What has come, up to a buffer full; `None` at the end, and after a failure.
    pub(crate) async fn next(&mut self) -> Result<Option<&[u8]>, JsValue> {
        let Some(buffer) = self.buffer.take() else {
            return Ok(None);
        };
        let view = Uint8Array::new(&buffer);
        let read = JsFuture::from(self.reader.read_with_array_buffer_view(&view)).await?;
        let value = Reflect::get(&read, &"value".into())?;
        if Reflect::get(&read, &"done".into())?.is_truthy() {
            return Ok(None);
        }
        let value: Uint8Array = value.dyn_into()?;
        self.buffer = Some(value.buffer());
        self.piece.resize(value.length() as usize, 0);
        value.copy_to(&mut self.piece);
        Ok(Some(&self.piece))
    }
}
