// Short enough that a click or a key press is answered at once, with room for painting in a frame of 16 ms.
const SLICE_MS = 8;

/**
 * Runs a generator to its end without holding up the page: after each slice of time the page gets a turn.
 *
 * @template T
 * @param {Generator<void, T>} steps
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>} what the generator returns
 */
export async function inSlices(steps, signal) {
  for (;;) {
    const end = performance.now() + SLICE_MS;
    do {
      const step = steps.next();
      if (step.done) return step.value;
    } while (performance.now() < end);
    await turn();
    signal?.throwIfAborted();
  }
}

// A message waits its turn behind frames and clicks, and comes sooner than a timer, which browsers hold back.
const { port1: inbox, port2: outbox } = new MessageChannel();
const waiting = [];
inbox.onmessage = () => waiting.shift()();

function turn() {
  return new Promise((resolve) => {
    waiting.push(resolve);
    outbox.postMessage(undefined);
  });
}
