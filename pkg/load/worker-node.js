// Starts a thread in Node.
import { Worker } from 'node:worker_threads';

export function spawn() {
  const worker = new Worker(new URL('./thread-node.js', import.meta.url), { name: 'tablecast' });
  return {
    listen(receive, fail) {
      worker.on('message', receive);
      worker.on('error', fail);
      worker.on('messageerror', fail);
      worker.on('exit', (code) => fail(new Error(`the worker exited with code ${code}`)));
    },
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    // A thread without work lets the process end.
    hold: (busy) => (busy ? worker.ref() : worker.unref()),
    end: () => void worker.terminate(),
  };
}
