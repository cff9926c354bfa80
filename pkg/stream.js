import { readOptions } from './options.js';
import { startRun } from './run.js';
import { openSource } from './source.js';

/** A file that is made while it is read: one piece for each pull, and nothing ahead of the reader. */
export class ExportedStream extends ReadableStream {
  #making;

  constructor(engine, data, options) {
    const making = new Making(engine, data, options);
    super(making.source(), { highWaterMark: 0 });
    this.#making = making;
  }

  /** The file's name; empty until the run has started, which in Node and workerd is at once but for zones with names. */
  get name() {
    return this.#making.run?.file.name ?? '';
  }

  /** The file's media type; empty as long as the name is. */
  get type() {
    return this.#making.run?.file.mediaType ?? '';
  }

  /** The report, when everything was read; rejects with what ended the stream before. */
  get report() {
    return this.#making.report;
  }
}

/** What happens behind an exported stream. */
class Making {
  run;
  report;
  #started;
  #settle;
  #controller;

  constructor(engine, data, options) {
    this.report = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Whoever reads the stream learns of its error there; nobody has to look at the report as well.
    this.report.catch(() => {});
    try {
      const settings = readOptions(options);
      const source = openSource(data, settings);
      const start = (opened) => startRun(engine, opened, settings);
      const started = source instanceof Promise ? source.then(start) : start(source);
      if (started instanceof Promise) this.#started = started.then((run) => this.#keep(run));
      else this.#keep(started);
    } catch (error) {
      this.#started = Promise.reject(error);
    }
    this.#started?.catch((error) => this.#fail(error));
  }

  source() {
    return {
      start: (controller) => {
        this.#controller = controller;
      },
      pull: async (controller) => {
        await this.#started;
        await pullInto(controller, this.run);
        if (this.run.report !== undefined) this.#settle.resolve(this.run.report);
      },
      cancel: (reason = new DOMException('the exported stream was cancelled', 'AbortError')) => {
        this.#settle.reject(reason);
        // Where the engine still loads, its run ends as soon as it has begun; the reader need not wait for that.
        if (this.run !== undefined) this.run.cancel(reason);
        else this.#started.then(() => this.run.cancel(reason)).catch(() => {});
      },
    };
  }

  #keep(run) {
    this.run = run;
    run.onFailure = (reason) => this.#fail(reason);
  }

  #fail(reason) {
    this.#settle.reject(reason);
    this.#controller?.error(reason);
  }
}

/** Moves the next piece of a run into a stream, or closes it. */
export async function pullInto(controller, run) {
  const piece = await run.next();
  if (piece === undefined) controller.close();
  else controller.enqueue(piece);
}
