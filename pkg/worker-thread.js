// What runs in the thread: the engine, and a loop for each export.
import { Engine } from './engine.js';
import { ExportError } from './error.js';
import * as catalog from './wasm/catalog.js';
import * as core from './wasm/core.js';
import * as full from './wasm/full.js';

// All are here from the start, since not every bundler can load more into a thread later; they are small without their
// engines, of which the calling thread sends the one that it has.
const GLUE = { core, full, catalog };

/**
 * Answers the calling thread.
 *
 * @param {(message: object, transfer?: Transferable[]) => void} post
 * @returns {(message: object) => void} what to call with each message that comes
 */
export function serve(post) {
  let engine;
  const jobs = new Map();
  return (message) => {
    switch (message.type) {
      case 'start':
        engine = new Engine({ glue: () => GLUE[message.build], load: () => message.module });
        engine.init().then(
          () => post({ type: 'ready' }),
          (error) => post({ type: 'failed', error: plain(error) }),
        );
        break;
      case 'export':
      case 'scan': {
        const { job, type, request } = message;
        const work = new Job((answer, transfer) => post({ ...answer, job }, transfer));
        jobs.set(job, work);
        work.run(engine, type, request).finally(() => jobs.delete(job));
        break;
      }
      default:
        jobs.get(message.job)?.receive(message);
    }
  };
}

/** One export or scan. Between two chunks it waits, so that others get their turn. */
class Job {
  #post;
  #chunks = [];
  #demand = 0;
  #cancelled = false;
  #wake = () => {};

  constructor(post) {
    this.#post = post;
  }

  receive({ type, bytes, pieces }) {
    if (type === 'chunk') this.#chunks.push(bytes);
    else if (type === 'end') this.#chunks.push(undefined);
    else if (type === 'pull') this.#demand += pieces;
    else this.#cancelled = true;
    this.#wake();
  }

  async run(engine, type, request) {
    try {
      const instance = await engine.instance();
      await (type === 'scan' ? this.#scan(instance.headerScan(request)) : this.#export(instance.exporter(request)));
    } catch (error) {
      if (!this.#cancelled) this.#post({ type: 'error', error: plain(error) });
    }
  }

  async #export(exporter) {
    try {
      this.#post({ type: 'started', file: exporter.file() });
      for (let complete = false; ; ) {
        await this.#until(() => this.#demand > 0);
        const piece = exporter.next({ take: (bytes) => bytes.slice() });
        if (piece !== undefined) {
          this.#demand -= 1;
          this.#post({ type: 'piece', bytes: piece }, [piece.buffer]);
        } else if (complete) {
          this.#post({ type: 'done', report: exporter.finish() });
          return;
        } else {
          complete = !(await this.#feed(exporter));
          if (complete) exporter.end();
        }
      }
    } finally {
      exporter.free();
    }
  }

  async #scan(scan) {
    try {
      while (await this.#feed(scan));
      this.#post({ type: 'header', header: scan.finish() });
    } finally {
      scan.free();
    }
  }

  /** Hands one chunk over; false at the end of the input. */
  async #feed(taker) {
    await this.#until(() => this.#chunks.length > 0);
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return false;
    taker.push(chunk);
    this.#post({ type: 'taken' });
    return true;
  }

  async #until(holds) {
    for (;;) {
      if (this.#cancelled) throw new ExportError('invalid_state', 'The export was cancelled.');
      if (holds()) return;
      await new Promise((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** An error as an object that can be sent. */
function plain(error) {
  const { code, message, row, column, hint, details, cause } = error;
  // A cause of the engine is a trap, whose kind and text say all.
  const text = cause === undefined ? undefined : new Error(String(cause?.message ?? cause));
  return { code: code ?? 'engine_crashed', message, row, column, hint, details, ...(text === undefined ? {} : { cause: text }) };
}
