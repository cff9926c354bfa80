// Starts a thread in browsers. Bundlers know the expression and build a file of the thread's own.
import { ExportError } from '../error.js';

export function spawn() {
  if (typeof Worker !== 'function') {
    throw new ExportError('no_worker', 'No worker can be started here.', { hint: 'Leave the option `worker` out.' });
  }
  const worker = new Worker(new URL('./thread-browser.js', import.meta.url), { type: 'module', name: 'tablecast' });
  return {
    listen(receive, fail) {
      worker.onmessage = ({ data }) => receive(data);
      worker.onerror = fail;
      worker.onmessageerror = fail;
    },
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    hold() {},
    end: () => worker.terminate(),
  };
}
