// A thread that works until it is handed a chunk; then it fails as a browser's own thread would.
import '/pkg/load/thread-browser.js';

const receive = globalThis.onmessage;
globalThis.onmessage = (event) => {
  if (event.data.type === 'chunk') throw new Error('the thread is out of memory');
  receive(event);
};
