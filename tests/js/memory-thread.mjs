// The thread of the package, which also tells how much memory its engine has.
import { parentPort } from 'node:worker_threads';

const memories = [];
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(...given) {
    super(...given);
    memories.push(this.exports.memory);
  }
};

// Messages wait until somebody listens, so the package's own listener comes first.
await import('../../pkg/load/thread-node.js');
parentPort.on('message', (message) => {
  if (message !== 'tell the memory') return;
  parentPort.postMessage({ wasmBytes: memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0) });
});
