// A page with one button per format, as a user of the package would write it. The test sets the case and clicks.
import { download, exportStream, formats } from '/pkg/load/browser.js';

let golden;
let outcome;

/** Sets what the buttons export. */
window.setCase = (input, options) => {
  golden = { input: decoded(input), options };
};

/** Resolves with what came of the last click. */
window.outcome = () => outcome;

/** Runs the case as a true stream whose chunks have these lengths. */
window.streamed = async (lengths, options) => {
  const stream = exportStream(streamOf(golden.input, lengths), options);
  const pieces = [];
  try {
    const reader = stream.getReader();
    for (let read; !(read = await reader.read()).done; ) pieces.push(read.value);
    return { bytes: encoded(new Uint8Array(await new Blob(pieces).arrayBuffer())), report: await stream.report };
  } catch (error) {
    return { error: plain(error) };
  }
};

for (const id of [...formats.map((format) => format.id), undefined]) {
  const button = document.createElement('button');
  button.id = id ?? 'no-format';
  button.textContent = `Download ${button.id}`;
  button.addEventListener('click', () => {
    const options = id === undefined ? golden.options : { ...golden.options, format: id };
    outcome = download(golden.input, options).then(
      (report) => ({ report }),
      (error) => ({ error: plain(error) }),
    );
  });
  document.body.append(button);
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
