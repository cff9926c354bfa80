import { Turns } from './turns.js';
import { zoneOptions } from './zones.js';

/** The input, pulled piece by piece, and let go of whenever the export ends. */
export class Input {
  #reading;
  #turns;
  #interrupt;
  #cancelled;

  /**
   * @param {import('./source.js').Reading} reading
   * @param {Turns} turns
   */
  constructor(reading, turns) {
    this.#reading = reading;
    this.#turns = turns;
  }

  get rows() {
    return this.#reading.count?.rows;
  }

  /**
   * The next bytes, or `undefined` at the end: at once where they are at hand, since waiting costs a small export more than
   * its bytes do, else as a promise. Fails as soon as the input is cancelled.
   */
  read() {
    return this.#turns.due ? this.#turns.give().then(() => this.#pull()) : this.#pull();
  }

  #pull() {
    if (this.#cancelled !== undefined) throw this.#cancelled.reason;
    const next = this.#reading.chunks.next();
    return next instanceof Promise ? this.#interruptible(next).then((later) => this.#taken(later)) : this.#taken(next);
  }

  #taken({ done, value }) {
    // A getter in the data may have ended the export.
    if (this.#cancelled !== undefined) throw this.#cancelled.reason;
    if (done) return undefined;
    this.#turns.count(value.length);
    return value;
  }

  /** Ends a read that is under way and cancels the source. */
  cancel(reason) {
    this.#cancelled = { reason };
    this.#interrupt?.(reason);
    this.#reading.cancel(reason);
  }

  #interruptible(next) {
    return new Promise((resolve, reject) => {
      this.#interrupt = reject;
      next.then(resolve, reject);
    });
  }
}

// What only the build with the catalog knows, so that no other has to be loaded to say so.
const OF_CATALOG = ['resource', 'filters', 'envelope'];

/** Starts an export: at once where the engine is at hand and no zone has to be looked up, else it returns a promise. */
export function startRun(engine, source, settings) {
  settings.signal?.throwIfAborted();
  const zone = zoneOptions(settings.request.timeZone);
  if (zone === undefined) return startOn(engine, source, settings);
  return zone.then((options) => startOn(engine, source, { ...settings, request: { ...settings.request, ...options } }));
}

/** Starts here, or in a thread, whose code is loaded then. */
function startOn(engine, source, settings) {
  const able = OF_CATALOG.some((name) => (settings.request[name] ?? undefined) !== undefined) ? engine.fullest : engine;
  if (!settings.worker) return Run.start(able.atHand, source, settings);
  return import('./worker-run.js').then(({ WorkerRun }) => WorkerRun.start(able.atHand, source, settings));
}

/** What the engine is asked for: the options, what the input is, and the header that a scan of it found. */
export function requestOf({ request }, { dialect }, header) {
  const asked = { ...request, source: dialect };
  return header === undefined ? asked : { ...asked, header };
}

/** Tells how far the export is, where somebody wants to know. */
export function reportProgress({ onProgress }, rows, bytes) {
  onProgress?.(rows === undefined ? { bytes } : { rows, bytes });
}

/** One export under way: input goes in and pieces of the file come out as they are asked for. */
export class Run {
  #engine;
  #source;
  #settings;
  #header;
  #exporter;
  #input;
  #turns;
  #bytes = 0;
  #ended = false;
  #closed;

  /** The report, once `next` has given everything. */
  report = undefined;

  /** The file's name, media type and Content-Disposition, and whether the input is a document and no table. */
  file;

  /** Called with the reason when the run fails or is cancelled. */
  onFailure = () => {};

  /** What `next` gives for a piece. The piece lies in the engine's memory, so it has to be copied at once. */
  keep = (piece) => piece.slice();

  /** A run on this engine, or on a fuller one where this one does not hold what the options ask for. */
  static start(engine, source, settings) {
    const begin = (instance) => {
      try {
        return new Run(instance, engine, source, settings);
      } catch (error) {
        if (error?.code !== 'not_built' || engine.fuller === undefined) throw error;
        return Run.start(engine.fuller.atHand, source, settings);
      }
    };
    const instance = engine.instance();
    return instance instanceof Promise ? instance.then(begin) : begin(instance);
  }

  constructor(instance, engine, source, settings, header) {
    this.#engine = engine;
    this.#source = source;
    this.#settings = settings;
    this.#header = header;
    settings.signal?.throwIfAborted();
    this.#turns = new Turns(settings.signal !== undefined || settings.onProgress !== undefined);
    this.#exporter = instance.exporter(this.#request());
    try {
      this.file = this.#exporter.file();
      this.#input = this.#openInput();
    } catch (error) {
      this.#exporter.free();
      throw error;
    }
    settings.signal?.addEventListener('abort', this.#onAbort);
  }

  /** The next piece of the file, or `undefined` at its end. After a failure everything is let go of. */
  async next() {
    if (this.#closed !== undefined) throw this.#closed.reason;
    try {
      for (;;) {
        // One piece of input may become many of output, so the turn is looked at for each of them.
        if (this.#turns.due) await this.#turn();
        const kept = this.#exporter.next(this);
        if (kept !== undefined) {
          reportProgress(this.#settings, this.#input.rows, this.#bytes);
          return kept;
        }
        if (this.#ended) return this.#finish();
        let chunk = this.#input.read();
        if (chunk instanceof Promise) chunk = await chunk;
        if (chunk !== undefined) {
          this.#exporter.push(chunk);
        } else {
          this.#exporter.end();
          this.#ended = true;
        }
      }
    } catch (error) {
      this.cancel(error);
      throw error;
    }
  }

  /** Gives up: frees the engine's memory and cancels the source. */
  cancel(reason) {
    if (this.#closed !== undefined) return;
    this.#close(reason);
    this.onFailure(reason);
  }

  /** Whether the same data can be read once more with a header from `restart`. */
  get restartable() {
    return this.#source.repeatable && this.#header === undefined;
  }

  /** Reads all the data for their header only, and starts again with it. */
  async restart() {
    const { signal } = this.#settings;
    const scan = (await this.#engine.instance()).headerScan(this.#request());
    const input = this.#openInput();
    try {
      for (let chunk; (chunk = await input.read()) !== undefined; ) {
        scan.push(chunk);
        signal?.throwIfAborted();
      }
      const header = scan.finish();
      return new Run(await this.#engine.instance(), this.#engine, this.#source, this.#settings, header);
    } finally {
      input.cancel();
      scan.free();
    }
  }

  #onAbort = () => this.cancel(this.#settings.signal.reason);

  #openInput() {
    return new Input(this.#source.open(this.file.document), this.#turns);
  }

  async #turn() {
    await this.#turns.give();
    if (this.#closed !== undefined) throw this.#closed.reason;
  }

  #request() {
    return requestOf(this.#settings, this.#source, this.#header);
  }

  /** Called by the engine, which nothing in here may call in turn. */
  take(piece) {
    this.#bytes += piece.length;
    return this.keep(piece);
  }

  #finish() {
    this.report = this.#exporter.finish();
    this.#close();
    return undefined;
  }

  #close(reason) {
    this.#closed = { reason };
    this.#settings.signal?.removeEventListener('abort', this.#onAbort);
    this.#input.cancel(reason);
    this.#exporter.free();
  }
}
