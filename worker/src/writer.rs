//! A response's body, written piece by piece through one buffer.

use web_sys::{ReadableStream, ReadableWritablePair, WritableStreamDefaultWriter};
use worker::js_sys::{self, Array, Function, Reflect, Uint8Array};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;

/// Writes into a stream of the runtime, which reads on only as fast as the client does. Other streams would take each
/// piece in memory of its own, which is garbage afterwards.
pub(crate) struct Writer {
    writer: WritableStreamDefaultWriter,
    buffer: Uint8Array,
}

impl Writer {
    /// A writer of pieces of at most so many bytes, and what a response takes as its body.
    pub(crate) fn open(most: u32) -> Result<(ReadableStream, Self), JsValue> {
        // `web-sys` does not have the class, which is the runtime's own.
        let class: Function =
            Reflect::get(&js_sys::global(), &"IdentityTransformStream".into())?.dyn_into()?;
        let pair: ReadableWritablePair =
            Reflect::construct(&class, &Array::new())?.unchecked_into();
        let writer = Self {
            writer: pair.get_writable().get_writer()?,
            buffer: Uint8Array::new_with_length(most),
        };
        Ok((pair.get_readable(), writer))
    }

    /// Writes a piece. Fails when the client has gone away.
    pub(crate) async fn write(&self, bytes: &[u8]) -> Result<(), JsValue> {
        for piece in bytes.chunks(self.buffer.length() as usize) {
            let view = self.buffer.subarray(0, piece.len() as u32);
            view.copy_from(piece);
            JsFuture::from(self.writer.write_with_chunk(&view)).await?;
        }
        Ok(())
    }

    /// Ends the body as a whole one.
    pub(crate) async fn close(self) -> Result<(), JsValue> {
        JsFuture::from(self.writer.close()).await.map(drop)
    }

    /// Breaks the body off, so that nobody takes it for a whole one.
    pub(crate) async fn abort(self, reason: &str) {
        let reason = js_sys::Error::new(reason);
        let _ = JsFuture::from(self.writer.abort_with_reason(&reason)).await;
    }
}
