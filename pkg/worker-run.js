// Exports in a thread of their own. Rows are packed on the calling thread, since objects cannot be shared; chunks of
// bytes go to the thread and pieces of the file come back, both without a copy, and never more than a few at a time.
import { ExportError } from './error.js';
import { Input, reportProgress, requestOf } from './run.js';
import { Turns } from './turns.js';

const CHUNKS_IN_FLIGHT = 4;
const PIECES_IN_FLIGHT = 8;
// A thread that has had nothing to do for so long is ended; the next export starts another.
const IDLE_MS = 60_000;

const threads = new WeakMap();

/** The engine's thread, ready: it is started by the first export, and again after a crash. */
async function threadOf(engine) {
  let thread = threads.get(engine);
  if (thread === undefined || thread.ended) {
    thread = new Thread(engine);
    threads.set(engine, thread);
  }
  await thread.ready;
  return thread;
}

class Thread {
  ended = false;
  ready;
  #port;
  #answer;
  #jobs = new Map();
  #lastJob = 0;
  #idle;

  constructor(engine) {
    this.ready = this.#start(engine).catch((error) => {
      this.#end();
      throw error;
    });
  }

  async #start(engine) {
    const [code, port] = await Promise.all([engine.code(), engine.spawn()]);
    this.#port = port;
    await new Promise((resolve, reject) => {
      this.#answer = ({ error }) => (error === undefined ? resolve() : reject(revived(error)));
      port.listen(
        (message) => (message.job === undefined ? this.#answer(message) : this.#jobs.get(message.job)?.(message)),
        (cause) => {
          reject(startFailed(cause));
          this.#crash(cause);
        },
      );
      port.post({ type: 'start', ...code });
    });
    this.#rest();
  }

  /** Begins a job, whose messages are handed to `receive`. */
  open(receive) {
    const job = (this.#lastJob += 1);
    this.#jobs.set(job, receive);
    clearTimeout(this.#idle);
    this.#port.hold(true);
    return {
      post: (message, transfer) => {
        if (!this.ended) this.#port.post({ ...message, job }, transfer);
      },
      end: () => {
        this.#jobs.delete(job);
        if (!this.ended && this.#jobs.size === 0) this.#rest();
      },
    };
  }

  /** Without a job the thread keeps no process alive. */
  #rest() {
    this.#port.hold(false);
    this.#idle = setTimeout(() => this.#end(), IDLE_MS);
    this.#idle.unref?.();
  }

  #crash(cause) {
    this.#end();
    const error = new ExportError('engine_crashed', 'The worker stopped in the middle of an export; the next call starts a new one.', { cause });
    for (const receive of this.#jobs.values()) receive({ type: 'error', error });
  }

  #end() {
    this.ended = true;
    clearTimeout(this.#idle);
    this.#port?.end();
  }
}

/** What is said with the thread about one job: input goes there as it has room, answers come back in order. */
class Conversation {
  #job;
  #input;
  #isOwn;
  #room = 0;
  #pumping = false;
  #complete = false;
  #answers = [];
  #wake = () => {};
  #closed;

  constructor(thread, opening) {
    this.#job = thread.open((message) => this.#receive(message));
    this.#job.post(opening);
  }

  /** Begins to send the input. `isOwn` says that its buffers are nobody else's. */
  feed(input, isOwn) {
    this.#input = input;
    this.#isOwn = isOwn;
    this.#room = CHUNKS_IN_FLIGHT;
    this.#pump();
  }

  post(message) {
    this.#job.post(message);
  }

  /** The next answer. */
  async answer() {
    for (;;) {
      if (this.#closed !== undefined) throw this.#closed.reason;
      const answer = this.#answers.shift();
      if (answer?.type === 'error') throw revived(answer.error);
      if (answer !== undefined) return answer;
      await new Promise((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  close(reason) {
    if (this.#closed !== undefined) return;
    this.#closed = { reason };
    this.#job.post({ type: 'cancel' });
    this.#job.end();
    this.#input?.cancel(reason);
    this.#wake();
  }

  #receive(message) {
    if (message.type === 'taken') {
      this.#room += 1;
      this.#pump();
    } else {
      this.#answers.push(message);
      this.#wake();
    }
  }

  async #pump() {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#room > 0 && !this.#complete && this.#closed === undefined) {
        const chunk = await this.#input.read();
        if (this.#closed !== undefined) break;
        if (chunk === undefined) {
          this.#complete = true;
          this.#job.post({ type: 'end' });
        } else {
          this.#room -= 1;
          // `slice` would copy nothing of a Buffer of Node.
          const bytes = this.#isOwn && chunk.length === chunk.buffer.byteLength ? chunk : new Uint8Array(chunk);
          this.#job.post({ type: 'chunk', bytes }, [bytes.buffer]);
        }
      }
    } catch (error) {
      this.#receive({ type: 'error', error });
    }
    this.#pumping = false;
  }
}

/** An export in the thread; to be used as a `Run` is. */
export class WorkerRun {
  report = undefined;
  file;
  onFailure = () => {};
  keep = (piece) => piece;
  #engine;
  #source;
  #settings;
  #header;
  #talk;
  #input;
  #bytes = 0;
  #closed;

  static async start(engine, source, settings, header) {
    const { signal } = settings;
    signal?.throwIfAborted();
    const run = new WorkerRun();
    run.#engine = engine;
    run.#source = source;
    run.#settings = settings;
    run.#header = header;
    const thread = await threadOf(engine);
    signal?.throwIfAborted();
    signal?.addEventListener('abort', run.#onAbort);
    run.#talk = new Conversation(thread, { type: 'export', request: run.#request() });
    try {
      ({ file: run.file } = await run.#talk.answer());
      return run;
    } catch (error) {
      run.cancel(error);
      if (error?.code !== 'not_built' || engine.fuller === undefined) throw error;
      return WorkerRun.start(engine.fuller.atHand, source, settings, header);
    }
  }

  /** The next piece of the file, or `undefined` at its end. */
  async next() {
    if (this.#closed !== undefined) throw this.#closed.reason;
    try {
      if (this.#input === undefined) {
        this.#input = this.#openInput();
        this.#talk.post({ type: 'pull', pieces: PIECES_IN_FLIGHT });
        this.#talk.feed(this.#input, this.#source.isOwn);
      }
      const answer = await this.#talk.answer();
      if (answer.type === 'piece') return this.#counted(answer.bytes);
      this.report = answer.report;
      this.#close();
      return undefined;
    } catch (error) {
      this.cancel(error);
      throw error;
    }
  }

  cancel(reason) {
    if (this.#closed !== undefined) return;
    this.#close(reason);
    this.onFailure(reason);
  }

  get restartable() {
    return this.#source.repeatable && this.#header === undefined;
  }

  /** Reads all the data for their header only, and starts again with it. */
  async restart() {
    const { signal } = this.#settings;
    const talk = new Conversation(await threadOf(this.#engine), { type: 'scan', request: this.#request() });
    const abort = () => talk.close(signal.reason);
    signal?.addEventListener('abort', abort);
    try {
      signal?.throwIfAborted();
      talk.feed(this.#openInput(), this.#source.isOwn);
      const { header } = await talk.answer();
      return await WorkerRun.start(this.#engine, this.#source, this.#settings, header);
    } finally {
      signal?.removeEventListener('abort', abort);
      talk.close();
    }
  }

  #onAbort = () => this.cancel(this.#settings.signal.reason);

  #openInput() {
    const { signal, onProgress } = this.#settings;
    return new Input(this.#source.open(this.file.document), new Turns(signal !== undefined || onProgress !== undefined));
  }

  #request() {
    return requestOf(this.#settings, this.#source, this.#header);
  }

  #counted(bytes) {
    this.#talk.post({ type: 'pull', pieces: 1 });
    this.#bytes += bytes.length;
    reportProgress(this.#settings, this.#input.rows, this.#bytes);
    return this.keep(bytes);
  }

  #close(reason) {
    this.#closed = { reason };
    this.#settings.signal?.removeEventListener('abort', this.#onAbort);
    this.#talk?.close(reason);
  }
}

/** An error of this package that came from the thread as a plain object. */
function revived(error) {
  return error instanceof Error || error?.code === undefined ? error : new ExportError(error.code, error.message, error);
}

function startFailed(cause) {
  return new ExportError('worker_failed', `The worker could not be started${cause?.message ? `: ${cause.message}` : ''}.`, {
    hint: "Its file, load/thread-browser.js, has to lie beside the package's others, and a content security policy has to allow `worker-src 'self'`.",
    cause,
  });
}
