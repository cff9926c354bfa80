import { ExportError } from './error.js';

// A runtime may hold all that a piece becomes, which is up to a thousand times as much.
const PIECE_BYTES = 16 * 1024;
// At the end of gzip data stands the size of what they hold, as 32 bits (RFC 1952, section 2.3.1).
const SIZE_BYTES = 4;

/**
 * What chunks of gzip data hold, decompressed as it is asked for.
 *
 * @param {AsyncIterator<Uint8Array> | Iterator<Uint8Array>} chunks
 * @param {(reason: unknown) => void} cancel lets go of what the chunks come from
 */
export function decompressed({ chunks, cancel }) {
  if (typeof DecompressionStream !== 'function') {
    throw new ExportError('invalid_option', 'Gzip data need `DecompressionStream`, which this runtime does not have.', {
      hint: 'Decompress the data first.',
    });
  }
  let failure;
  let end = new Uint8Array();
  const compressed = new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await chunks.next();
          if (done) return controller.close();
          end = Uint8Array.of(...end, ...value.subarray(-SIZE_BYTES)).slice(-SIZE_BYTES);
          for (let start = 0; start < value.length; start += PIECE_BYTES) {
            controller.enqueue(value.subarray(start, start + PIECE_BYTES));
          }
        } catch (error) {
          failure = { error };
          throw error;
        }
      },
    },
    { highWaterMark: 0 },
  );
  const reader = compressed.pipeThrough(new DecompressionStream('gzip')).getReader();
  let size = 0;
  const next = async () => {
    const read = await reader.read().catch((cause) => {
      // An error of the caller's own source comes back as it is.
      throw failure === undefined ? invalid('The data are not whole gzip data', cause) : failure.error;
    });
    size = (size + (read.value?.length ?? 0)) >>> 0;
    // Not every runtime sees by itself that data are cut off, or that more data follow.
    if (read.done && (end.length < SIZE_BYTES || new DataView(end.buffer).getUint32(0, true) !== size)) {
      throw invalid('The gzip data are cut off, or more data follow them');
    }
    return read;
  };
  return {
    next,
    cancel(reason) {
      reader.cancel(reason).catch(() => {});
      cancel(reason);
    },
  };
}

function invalid(found, cause) {
  return new ExportError('invalid_gzip', `${found}.`, {
    hint: "Set `input.compression` to 'none' if they are not compressed.",
    ...(cause === undefined ? {} : { cause }),
  });
}
