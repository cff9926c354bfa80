// How long a page is kept from everything else: half a frame, so that the other half is left to paint in.
const SLICE_MS = 8;
// Outside of pages the host gets its turns by the amount of input, where somebody waits to cancel or to see progress.
const SLICE_BYTES = 1024 * 1024;

// A page, or a worker of one: there clicks, paints and messages wait for the running task to end.
const inBrowser = typeof document === 'object' || typeof WorkerGlobalScope === 'function';

// All exports of a thread share the slice, since together they make up the task that everything else waits for.
let sliceStart = 0;

/** Gives the host a turn now and then, so that a long export is many short tasks. */
export class Turns {
  #watched;
  #bytes = 0;

  /** @param {boolean} watched whether somebody may cancel the export or looks at its progress */
  constructor(watched) {
    this.#watched = watched;
    sliceStart = performance.now();
  }

  /** Whether the slice is used up. A short export never gets there, so it pays nothing. */
  get due() {
    return inBrowser ? performance.now() - sliceStart >= SLICE_MS : this.#watched && this.#bytes >= SLICE_BYTES;
  }

  /** Counts input that was worked off. */
  count(bytes) {
    this.#bytes += bytes;
  }

  /** Resolves once the host had its turn. */
  async give() {
    await hostTurn();
    this.#bytes = 0;
    sliceStart = performance.now();
  }
}

let channel;
const waiting = [];

/**
 * Resolves in a task of its own.
 *
 * It takes the quickest way that the runtime has. In a page that is a message: frames come between messages, while what
 * `scheduler.yield` puts off goes before them, and nested calls of `setTimeout` wait at least four milliseconds.
 */
export function hostTurn() {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') {
      setImmediate(resolve);
    } else if (inBrowser) {
      channel ??= openChannel();
      waiting.push(resolve);
      channel.postMessage(undefined);
    } else {
      setTimeout(resolve);
    }
  });
}

function openChannel() {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => waiting.shift()();
  return port2;
}
