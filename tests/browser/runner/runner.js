// A page that exports what a test hands it, as one file or as a stream.
import { exportFile, exportStream } from '/pkg/load/browser.js';

/**
 * Exports an input once for each of these options; `lengths` beside them are those of the chunks of a true stream.
 *
 * @returns {Promise<({bytes: string, report: object} | {error: object})[]>}
 */
window.exported = (input, exports) => {
  const bytes = decoded(input);
  return Promise.all(
    exports.map(async ({ options, lengths }) => {
      try {
        return lengths === undefined ? await whole(bytes, options) : await streamed(bytes, lengths, options);
      } catch (error) {
        return { error: plain(error) };
      }
    }),
  );
};

async function whole(bytes, options) {
  const file = await exportFile(bytes, options);
  return { bytes: encoded(await file.bytes()), report: file.report };
}

async function streamed(bytes, lengths, options) {
  const stream = exportStream(streamOf(bytes, lengths), options);
  // Read by hand, since a response would put an error of its own in the place of the stream's.
  const pieces = await Array.fromAsync(stream);
  return { bytes: encoded(await new Blob(pieces).bytes()), report: await stream.report };
}

function streamOf(bytes, lengths) {
  let start = 0;
  const rest = [...lengths];
  return new ReadableStream({
    pull(controller) {
      if (rest.length === 0) return controller.close();
      const end = start + rest.shift();
      controller.enqueue(bytes.slice(start, end));
      start = end;
    },
  });
}

/** An error as an object that crosses from the page to the test. */
function plain({ name, code, message, hint, row, column, details }) {
  return { name, code, message, hint, row, column, details };
}

function decoded(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function encoded(bytes) {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
