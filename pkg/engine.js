import { ExportError, fromEngine, isEngineError } from './error.js';
import { version } from './version.js';

/**
 * The life cycle of the WebAssembly engine: it is loaded once, on first use; a failed load is tried again by the next
 * call; an instance that crashed is dropped with everything that lives in it, and the next call starts a new one.
 */
export class Engine {
  #build;
  #glue;
  #module;
  #loading;
  #instance;
  #started = false;

  /**
   * @param {import('./api.js').Build} build where the runtime finds the engine by itself
   * @param {Engine} [fuller] the engine for what this build does not hold; it holds all that this one does
   */
  constructor(build, fuller) {
    this.#build = build;
    this.fuller = fuller;
  }

  /** The engine that holds everything. */
  get fullest() {
    return this.fuller?.fullest ?? this;
  }

  /** An engine that need not be loaded any more and holds at least what this one does, else this one. */
  get atHand() {
    let found = this;
    while (found !== undefined && found.#module === undefined) found = found.fuller;
    return found ?? this;
  }

  /** Loads from `source` unless an engine is loaded already. */
  async init(source) {
    if (this.#module === undefined && source !== undefined) await this.#loadWith(() => compile(source));
    await this.instance();
  }

  /** The compiled code, for a thread to start it there, and the name of its glue. */
  async code() {
    if (this.#module === undefined) await this.#loadWith(this.#build.load);
    return { build: this.#build.name, module: this.#module };
  }

  /** Starts a thread, for exports with the option `worker`. */
  spawn() {
    if (this.#build.spawn !== undefined) return this.#build.spawn();
    throw new ExportError('no_worker', 'This runtime has no threads, so the option `worker` cannot be used here.', {
      hint: 'Leave it out: the export then runs on the calling thread.',
    });
  }

  /** A running instance: at once where the module is at hand, else a promise. */
  instance() {
    if (this.#instance !== undefined) return this.#instance;
    if (this.#module !== undefined) return this.#start();
    const loaded = this.#loadWith(this.#build.load);
    return loaded instanceof Promise ? loaded.then(() => this.#instance ?? this.#start()) : this.#start();
  }

  #loadWith(load) {
    if (this.#loading !== undefined) return this.#loading;
    const keep = (glue, module) => {
      this.#loading = undefined;
      this.#glue = glue;
      this.#module = module;
    };
    const fail = (cause) => {
      // A failed load is forgotten: the network may be back when the next call comes.
      this.#loading = undefined;
      throw cause instanceof ExportError ? cause : loadFailed(cause);
    };
    let parts;
    try {
      parts = [this.#build.glue(), load()];
    } catch (cause) {
      fail(cause);
    }
    if (parts.every((part) => !(part instanceof Promise))) return keep(...parts);
    this.#loading = Promise.all(parts).then((loaded) => keep(...loaded), fail);
    return this.#loading;
  }

  #start() {
    let found;
    try {
      // The glue keeps one instance in module scope; a later start has to replace the one that crashed.
      if (this.#started) this.#glue.__wbg_reset_state();
      else this.#glue.initSync({ module: this.#module });
      this.#started = true;
      found = this.#glue.version();
    } catch (cause) {
      this.#module = undefined;
      throw loadFailed(cause);
    }
    if (found !== version) {
      this.#module = undefined;
      throw new ExportError('version_mismatch', `The package is version ${version}, its engine ${found}.`, {
        hint: 'Serve the .wasm files of the same package version, and clear caches in between.',
      });
    }
    this.#instance = new Instance(this.#glue, () => {
      this.#instance = undefined;
    });
    return this.#instance;
  }
}

/** One started copy of the engine. */
class Instance {
  #glue;
  #drop;
  #alive = true;

  constructor(glue, drop) {
    this.#glue = glue;
    this.#drop = drop;
  }

  /** An exporter of the engine, guarded. */
  exporter(request) {
    return this.#make('Exporter', request);
  }

  /** A scan that only collects the header, guarded. */
  headerScan(request) {
    return this.#make('HeaderScan', request);
  }

  get alive() {
    return this.#alive;
  }

  #make(name, request) {
    if (!this.#alive) throw crashed();
    const options = JSON.stringify(request);
    try {
      return new Handle(this, new this.#glue[name](options));
    } catch (thrown) {
      throw this.#failure(thrown);
    }
  }

  /** Calls into the engine; after a trap nothing in this instance may be touched again. */
  call(object, method, argument) {
    if (!this.#alive) throw crashed();
    try {
      return object[method](argument);
    } catch (thrown) {
      throw this.#failure(thrown);
    }
  }

  #failure(thrown) {
    if (isEngineError(thrown)) return fromEngine(thrown);
    this.#alive = false;
    this.#drop();
    return crashed(thrown);
  }
}

/** An object that lives in an instance's memory. */
class Handle {
  #instance;
  #object;

  constructor(instance, object) {
    this.#instance = instance;
    this.#object = object;
  }

  push(chunk) {
    this.#call('push', chunk);
  }

  end() {
    this.#call('end');
  }

  /** Hands the next piece to `sink.take`, which has to copy it, and gives what that makes of it. */
  next(sink) {
    return this.#call('next', sink);
  }

  finish() {
    return JSON.parse(this.#call('finish'));
  }

  /** The file's name and types. */
  file() {
    return JSON.parse(this.#call('file'));
  }

  #call(method, argument) {
    // A freed object is a mistake of this package, and no crash that should cost other exports their instance.
    if (this.#object === undefined) throw new ExportError('invalid_state', 'The export is over.');
    return this.#instance.call(this.#object, method, argument);
  }

  /** Gives the memory back, once; in a dropped instance there is none to give back. */
  free() {
    const object = this.#object;
    this.#object = undefined;
    if (object !== undefined && this.#instance.alive) this.#instance.call(object, 'free');
  }
}

function crashed(cause) {
  return new ExportError('engine_crashed', 'The engine stopped in the middle of an export; the next call starts a new one.', {
    cause,
  });
}

function loadFailed(cause) {
  return new ExportError('engine_load_failed', `The engine could not be loaded: ${cause?.message ?? cause}.`, { cause });
}

/** Compiles what `init` was given. */
async function compile(source) {
  const given = await source;
  if (given instanceof WebAssembly.Module) return given;
  if (given instanceof ArrayBuffer || ArrayBuffer.isView(given)) return WebAssembly.compile(given);
  if (typeof Response === 'function' && given instanceof Response) return compileResponse(given);
  if (typeof given === 'string' || given instanceof URL) return compileResponse(await fetch(given));
  throw new ExportError('invalid_option', '`init` takes a URL, a Response, bytes or a WebAssembly.Module.');
}

/** Compiles while the file arrives where the server names its media type, else from the whole file. */
export async function compileResponse(response) {
  if (!response.ok) {
    throw new ExportError('engine_load_failed', `The engine could not be loaded: ${response.url} answered ${response.status}.`);
  }
  const mediaType = response.headers.get('content-type')?.split(';')[0].trim();
  return mediaType === 'application/wasm' && WebAssembly.compileStreaming
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}
