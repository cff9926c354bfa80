import { ExportError } from './error.js';
import { refuseGrid, refuseMethods } from './grid-object.js';
import { decompressed } from './gzip.js';
import { arrayPieces, envelopePieces, isEnvelope, isIterable, iterablePieces, RowCount, rowChange, singleText, threw } from './rows.js';

// The largest piece of input that is copied into the engine's memory at once, in bytes.
const CHUNK_BYTES = 256 * 1024;
// UTF-16 units per piece of text; a unit takes at most three bytes of UTF-8.
const CHUNK_UNITS = CHUNK_BYTES / 4;
const BACKSLASH = 0x5c;

/**
 * @typedef {object} Source where the engine's input comes from
 * @property {'json' | 'jsonl' | 'csv' | 'tsv' | 'values'} dialect what the caller's bytes are by their media type, or text
 *   made from JavaScript values
 * @property {boolean} repeatable whether it can be opened a second time and give the same bytes
 * @property {boolean} [isOwn] whether its buffers are made here, so that nobody misses them
 * @property {(document?: boolean) => Reading} open for a table, or for one JSON document as which a value is read whole
 *
 * @typedef {object} Reading
 * @property {AsyncIterator<Uint8Array> | Iterator<Uint8Array>} chunks
 * @property {(reason: unknown) => void} cancel lets go of what the chunks come from
 * @property {RowCount} [count] the rows so far, where they are counted here
 */

/**
 * Finds out what the data are: at once, but for a promise, which is awaited, and a `table` element, whose reader is loaded.
 *
 * @param {object} [settings] what `readOptions` made of the options
 * @returns {Source | Promise<Source>}
 */
export function openSource(data, settings = {}) {
  const later = laterData(data, settings.signal);
  if (later !== undefined) return later.then((value) => openSource(value, settings));
  const { computed = [], pages, request } = settings;
  try {
    return sourceOf(data, { computed, pages, input: request?.input });
  } catch (cause) {
    throw cause instanceof ExportError ? cause : threw(cause);
  }
}

/** A promise of the data, where they are not at hand. */
function laterData(data, signal) {
  if (isA(data, 'HTMLTableElement')) return import('./from-table.js').then(({ fromTable }) => fromTable(data));
  if (!isPromise(data)) return undefined;
  if (signal === undefined) return Promise.resolve(data);
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    Promise.resolve(data)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort));
  });
}

function isPromise(data) {
  if (typeof data !== 'object' || data === null) return false;
  try {
    return typeof data.then === 'function';
  } catch (cause) {
    throw threw(cause);
  }
}

function sourceOf(data, { computed, pages, input }) {
  const type = mediaTypeOf(data);
  const dialect = DIALECTS[type] ?? 'json';
  const bytes = byteSource(data, (input?.format ?? dialect) === 'csv');
  if (bytes !== undefined) {
    if (computed.length > 0) throw noRows();
    const compression = input?.compression ?? 'auto';
    const { repeatable, open } = bytes;
    if (compression !== 'gzip' && (compression !== 'auto' || !GZIP.includes(type))) return { dialect, repeatable, open };
    return { dialect, repeatable, open: () => decompressedReading(open()) };
  }
  const value = typeof data?.toJSON === 'function' ? askedOnce(data.toJSON('')) : data;
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol') {
    throw new ExportError('not_tabular', `The data is no table: it is ${value === undefined ? 'undefined' : `a ${typeof value}`}.`);
  }
  const reserved = Array.isArray(value?.sheets) && !isEnvelope(value);
  const table = tableSource(value, { computed, pages }, String(input?.path ?? '').split('.').find(Boolean));
  const open = (document) => {
    if (document) return documentReading(value);
    if (reserved) {
      throw new ExportError('not_tabular', '`sheets`, several tables in one file, is reserved for a later version.', {
        hint: 'Export one table after the other.',
      });
    }
    return table.open();
  };
  return { ...table, open };
}

/** The value as one JSON document. Few exports need the code for it. */
function documentReading(value) {
  return generatorReading(
    (async function* () {
      const { documentPieces } = await import('./document.js');
      yield* encodedLater(documentPieces(value));
    })(),
  );
}

/** The answer of a `toJSON` as `JSON.stringify` takes it: without asking it for an answer in turn. */
function askedOnce(value) {
  return typeof value?.toJSON === 'function' ? { ...value, toJSON: undefined } : value;
}

// What bytes are by their media type; the option `input.format` goes before it. None of the names in use for JSON Lines
// is registered.
const DIALECTS = {
  'application/x-ndjson': 'jsonl',
  'application/ndjson': 'jsonl',
  'application/jsonl': 'jsonl',
  'application/x-jsonlines': 'jsonl',
  'text/csv': 'csv',
  'text/tab-separated-values': 'tsv',
};

const GZIP = ['application/gzip', 'application/x-gzip'];

/** The media type of bytes that have one, without parameters. */
function mediaTypeOf(data) {
  let type = '';
  if (isA(data, 'Blob')) type = data.type;
  if (isA(data, 'Response')) type = data.headers.get('content-type') ?? '';
  return type.split(';')[0].trim().toLowerCase();
}

function byteSource(data, isCsv) {
  if (typeof data === 'string') return inMemory(() => encoded(textSlices(isCsv ? checked(data) : data)));
  const bytes = bytesOf(data);
  if (bytes !== undefined) {
    const { length } = bytes;
    return inMemory(() => slices(bytes, length));
  }
  if (isA(data, 'Blob')) return { repeatable: true, open: () => streamReading(data.stream()) };
  if (isA(data, 'ReadableStream')) return { repeatable: false, open: () => streamReading(data) };
  if (isA(data, 'Response')) return { repeatable: false, open: () => streamReading(bodyOf(data)) };
  // A stream of Node that is not in object mode gives Buffers.
  if (data?.readableObjectMode === false && isIterable(data)) {
    return { repeatable: false, open: () => iteratorReading(data[Symbol.asyncIterator](), (reason) => data.destroy(reason)) };
  }
  return undefined;
}

/** `step` is the member that leads to the table, where it lies deeper in the value. */
function tableSource(value, { computed, pages }, step) {
  if (step !== undefined && step !== 'rows' && step !== 'items') {
    if (computed.length > 0) {
      throw new ExportError('invalid_option', 'Option `columns[].value` needs rows that are at hand, but `input.path` leads deeper into the data.', {
        hint: 'Give what lies there as the data.',
      });
    }
    return values(true, (count) => encoded(singleText(value, rowChange([]), count)));
  }
  const change = rowChange(computed);
  if (Array.isArray(value)) return values(true, (count) => encoded(arrayPieces(value, change, count)));
  if (typeof value === 'object' && value !== null) {
    refuseGrid(value);
    if (isArrayLike(value)) return values(true, (count) => encoded(arrayPieces(Array.from(value), change, count)));
    if (isEnvelope(value)) {
      refuseMethods(value);
      const repeatable = [value.rows, value.items].every((rows) => Array.isArray(rows) || !isIterable(rows));
      return values(repeatable, (count) => encodedLater(envelopePieces(value, { computed, pages }, count)));
    }
    if (isIterable(value)) return values(false, (count) => encodedLater(iterablePieces(value, { change, pages }, count)));
  }
  return values(true, (count) => encoded(singleText(value, change, count)));
}

/** A list by its length and numbered members that is neither an array nor a record which has a member `length`. */
function isArrayLike(value) {
  const { length } = value;
  const prototype = Object.getPrototypeOf(value);
  if (!Number.isInteger(length) || length < 0 || prototype === Object.prototype || prototype === null || isIterable(value)) return false;
  return length === 0 || (length - 1) in value;
}

function values(repeatable, chunksOf) {
  const open = () => {
    const count = new RowCount();
    return { ...generatorReading(chunksOf(count)), count };
  };
  return { dialect: 'values', repeatable, isOwn: true, open };
}

function inMemory(chunksOf) {
  return { repeatable: true, open: () => generatorReading(chunksOf()) };
}

function generatorReading(chunks) {
  const cancel = async () => {
    try {
      // A generator that is waiting cannot be interrupted; it ends as soon as what it waits for has come.
      await chunks.return();
    } catch {
      // One that is running, as what it reads ends the export, cannot be ended from within; nobody asks it again.
    }
  };
  return { chunks, cancel: () => void cancel() };
}

function streamReading(stream) {
  if (stream.locked) throw new ExportError('invalid_data', 'The stream is locked: something else is reading it.');
  const reader = stream.getReader();
  return iteratorReading({ next: () => reader.read() }, (reason) => void reader.cancel(reason).catch(() => {}));
}

/** Cuts what an iterator of bytes gives into slices. */
function iteratorReading(iterator, cancel) {
  let rest = slices(new Uint8Array());
  const next = async () => {
    for (;;) {
      const slice = rest.next();
      if (!slice.done) return slice;
      const { done, value } = await iterator.next();
      if (done) return { done: true, value: undefined };
      const bytes = bytesOf(value);
      if (bytes === undefined) {
        throw new ExportError('invalid_data', `The stream gives a ${typeof value} where bytes are expected.`, {
          hint: 'Pipe text through a TextEncoderStream; give objects as an async iterable.',
        });
      }
      rest = slices(bytes);
    }
  };
  return { chunks: { next }, cancel };
}

function decompressedReading(reading) {
  const chunks = decompressed(reading);
  return iteratorReading(chunks, chunks.cancel);
}

function bodyOf(response) {
  if (!response.ok) throw new ExportError('invalid_data', `The response has status ${response.status}, so its body is not the data.`);
  if (response.bodyUsed) throw new ExportError('invalid_data', 'The body of the response was read already.');
  return response.body ?? new Blob([]).stream();
}

/** The bytes of a buffer or a view, without a copy. */
function bytesOf(data) {
  if (data instanceof Uint8Array) return data;
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : undefined;
}

/** True for an instance of a class that not every runtime has. */
function isA(data, name) {
  return typeof globalThis[name] === 'function' && data instanceof globalThis[name];
}

function* slices(bytes, length = bytes.length) {
  // A buffer that is transferred is empty from then on: what is left of it must not pass for all that it held.
  const check = () => {
    if (bytes.length === length && (length > 0 || !isDetached(bytes.buffer))) return;
    throw new ExportError('invalid_data', 'The buffer of the data was transferred or resized, so that the data are gone.', {
      hint: 'Transfer it when the export is over, or give the export a copy.',
    });
  };
  check();
  for (let start = 0; start < length; start += CHUNK_BYTES) {
    check();
    yield bytes.subarray(start, start + CHUNK_BYTES);
  }
}

/** True for a buffer that was transferred. Runtimes that do not say so, such as Node 20, refuse a view of it. */
function isDetached(buffer) {
  if (buffer.detached !== undefined) return buffer.detached;
  try {
    return new Uint8Array(buffer).length !== buffer.byteLength;
  } catch {
    return true;
  }
}

function* textSlices(text) {
  for (let start = 0; start < text.length; ) {
    let end = start + CHUNK_UNITS;
    // Each slice is encoded by itself, so a surrogate stays with its pair and with the backslashes before it.
    while (text.charCodeAt(end - 1) === BACKSLASH) end += 1;
    if (isHighSurrogate(text.charCodeAt(end - 1))) end += 1;
    yield wellFormed(text.slice(start, end));
    start = end;
  }
}

function isHighSurrogate(unit) {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/**
 * UTF-8 has no lone surrogates, so each becomes its JSON escape: the engine sees and reports it. After an unpaired
 * backslash it would complete another escape, so there it becomes U+FFFD, which is as invalid as before.
 */
function wellFormed(text) {
  if (text.isWellFormed?.()) return text;
  return text.replace(/\\*\p{Surrogate}/gu, (found) => {
    const backslashes = found.length - 1;
    const surrogate = found.charCodeAt(backslashes);
    return found.slice(0, -1) + (backslashes % 2 === 1 ? '\uFFFD' : `\\u${surrogate.toString(16)}`);
  });
}

/** CSV has no escapes: encoded, half a surrogate pair would become another character without a word. */
function checked(text) {
  if (/\p{Surrogate}/u.test(text)) {
    throw new ExportError('invalid_csv', 'The input is not valid CSV: its text holds half a surrogate pair.');
  }
  return text;
}

const encoder = new TextEncoder();

function* encoded(pieces) {
  for (const piece of pieces) yield* encodedPiece(piece);
}

async function* encodedLater(pieces) {
  for await (const piece of pieces) yield* encodedPiece(piece);
}

/** Text becomes bytes; rows that are packed stay in one piece. */
function* encodedPiece(piece) {
  if (typeof piece === 'string') yield* slices(encoder.encode(piece));
  else yield piece;
}

function noRows() {
  return new ExportError('invalid_option', 'Option `columns[].value` needs rows that are JavaScript values, but the data are bytes.', {
    hint: 'Parse the data first.',
  });
}
