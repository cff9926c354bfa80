// An API of its own with engines of its own, whose memory can be read.
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { createApi } from '../../pkg/api.js';

// The package keeps its memory to itself, so it is caught where instances are made.
let memories = [];
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(...given) {
    super(...given);
    memories.push(this.exports.memory);
  }
};

/** How many bytes of memory the engines have of the API that was made last. It never becomes less. */
export const wasmBytes = () => memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);

const module = (name) => new WebAssembly.Module(readFileSync(new URL(`../../pkg/wasm/${name}_bg.wasm`, import.meta.url)));

let apis = 0;

/** The functions of the package over engines that have not done anything yet. */
export async function freshApi() {
  apis += 1;
  memories = [];
  const number = apis;
  const glue = (name) => import(`../../pkg/wasm/${name}.js?${number}`);
  const fuller = ['full', 'catalog'].map((name) => ({ name, glue: () => glue(name), load: () => module(name) }));
  return createApi(await glue('core'), () => module('core'), fuller, spawn);
}

let thread;

function spawn() {
  thread = new Worker(new URL('./memory-thread.mjs', import.meta.url));
  const worker = thread;
  return {
    listen(receive, fail) {
      worker.on('message', (message) => message.wasmBytes === undefined && receive(message));
      worker.on('error', fail);
    },
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    hold: (busy) => (busy ? worker.ref() : worker.unref()),
    end: () => void worker.terminate(),
  };
}

/** The same of the engine in the thread that was started last. */
export function wasmBytesOfThread() {
  return new Promise((resolve) => {
    const receive = (message) => {
      if (message.wasmBytes === undefined) return;
      thread.off('message', receive);
      thread.unref();
      resolve(message.wasmBytes);
    };
    thread.on('message', receive);
    // A thread without work would let the process end before it answers.
    thread.ref();
    thread.postMessage('tell the memory');
  });
}
