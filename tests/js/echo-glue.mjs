// A stand-in for the built engine whose file is its input as JSON text, so that tests see what the package hands to an engine, and
// can make an engine fail in ways that the real one does not.
import { Unpacker } from './unpacked.mjs';

/** @param {object} [behaviour] hooks that run in place of the engine's own work, and `file`: more that is known of its file */
export function echoGlue(behaviour = {}) {
  const glue = {
    /** What happened to engine objects, in order. */
    events: [],
    /** The requests that exporters were made with. */
    requests: [],
    initSync() {
      glue.events.push('start');
    },
    __wbg_reset_state() {
      glue.events.push('restart');
    },
    version: () => '0.1.0',
    Exporter: class {
      #pieces = [];
      #unpacker = new Unpacker();

      constructor(options) {
        const request = JSON.parse(options);
        behaviour.make?.(request);
        glue.requests.push(request);
        glue.events.push('new');
      }

      file() {
        return JSON.stringify({ name: 'export.txt', mediaType: 'text/plain', disposition: 'attachment; filename="export.txt"', ...behaviour.file });
      }

      push(chunk) {
        glue.events.push(`push ${chunk.length}`);
        const text = glue.requests.at(-1).source === 'values' ? new TextEncoder().encode(this.#unpacker.text(chunk)) : chunk.slice();
        behaviour.push?.(text);
        this.#pieces.push(text);
      }

      end() {
        glue.events.push('end');
        behaviour.end?.();
      }

      next(sink) {
        const piece = this.#pieces.shift();
        return piece && sink.take(piece);
      }

      finish() {
        return JSON.stringify({ format: 'txt', rows: 0, columns: 0, bytes: 0, warnings: [] });
      }

      free() {
        glue.events.push('free');
      }
    },
    HeaderScan: class {
      constructor() {
        glue.events.push('scan');
      }

      push() {}

      finish() {
        return JSON.stringify(['a', 'b']);
      }

      free() {
        glue.events.push('free scan');
      }
    },
  };
  return glue;
}

/** An empty module: enough for an engine that is not WebAssembly at all. */
export function emptyModule() {
  return new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
}
