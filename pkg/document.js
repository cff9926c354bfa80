// JavaScript values as the text of one JSON document, for resources that are documents and no tables.
import { contentOf, isWhole, LOST } from './content.js';
import { ExportError } from './error.js';
import { isIterable } from './rows.js';
import { isInvalidDate, unwrapped } from './values.js';

// The length that a piece is meant to have, in UTF-16 units. What surely takes less is left to `JSON.stringify`.
const PIECE_UNITS = 64 * 1024;
// What a value takes in JSON besides its texts: a number, a date, quotes and a comma.
const VALUE_UNITS = 26;

// Deeper than the engine takes, so that it is the engine that says so of what is small, and shallow enough for the stack.
const MAX_DEPTH = 200;
// A path that is longer is cut.
const PATH_UNITS = 100;

/**
 * A document as JSON text, piece by piece, so that it is never in memory as one text.
 *
 * It is what `JSON.stringify` writes, but that a bigint keeps its digits, that a number which is NaN or infinite and a Date that
 * is none are `none`, for the engine to report, and that what an array holds may also come out of an iterable, whose values are
 * read as they are needed: a database can be the list of a document.
 */
export async function* documentPieces(document) {
  const writer = new DocumentWriter();
  const pieces = writer.write(document, '');
  if (pieces !== undefined) yield* pieces;
  yield writer.taken();
}

class DocumentWriter {
  #text = '';
  #ancestors = [];

  /** The text that is in no piece yet. */
  taken() {
    const text = this.#text;
    this.#text = '';
    return text;
  }

  /**
   * Writes a value that is already what JSON sees: at once where that is little. Else, or where a piece is full, it gives what
   * has to be handed over first.
   */
  write(value, path) {
    if (typeof value === 'string' && value.length > PIECE_UNITS) return this.#longText(value);
    if (typeof value === 'object' && value !== null && !JSON.isRawJSON?.(value) && !isShort(value)) {
      const content = isList(value) ? value : read(() => contentOf(value), path);
      if (typeof content === 'object') return this.#long(content, path);
      if (typeof content === 'string') return this.write(content, path);
      this.#text += 'lost';
    } else {
      this.#text += typeof value === 'bigint' ? String(value) : isNoNumber(value) ? 'none' : read(() => JSON.stringify(value), path);
    }
    return this.#text.length < PIECE_UNITS ? undefined : [this.taken()];
  }

  async *#long(value, path) {
    if (this.#ancestors.includes(value)) throw failure('cycle', path, 'the value holds itself');
    if (this.#ancestors.length > MAX_DEPTH) throw failure('limit_exceeded', path, `the value is nested deeper than ${MAX_DEPTH} levels`);
    this.#ancestors.push(value);
    yield* isList(value) ? this.#list(value, path) : this.#members(value, path);
    this.#ancestors.pop();
  }

  async *#list(list, path) {
    let index = -1;
    const write = (item) => {
      index += 1;
      const place = `${path}[${index}]`;
      const value = read(() => unwrapped(item, String(index)), place);
      this.#text += index === 0 ? '' : ',';
      return this.write(isInvalidDate(item) ? NaN : hasJson(value) ? value : null, place);
    };
    this.#text += '[';
    // An iterable that nobody has to wait for is not awaited, which would cost more than its values.
    if (typeof list[Symbol.asyncIterator] === 'function') {
      for await (const item of list) {
        const pieces = write(item);
        if (pieces !== undefined) yield* pieces;
      }
    } else {
      for (const item of list) {
        const pieces = write(item);
        if (pieces !== undefined) yield* pieces;
      }
    }
    this.#text += ']';
  }

  async *#members(object, path) {
    let separator = '{';
    const isMap = object instanceof Map;
    for (const name of read(() => [...(isMap ? object.keys() : Object.keys(object))], path)) {
      const key = String(name);
      const place = path === '' ? key : `${path}.${key}`;
      const value = read(() => {
        const given = isMap ? object.get(name) : object[key];
        return isInvalidDate(given) ? NaN : unwrapped(given, key);
      }, place);
      if (!hasJson(value)) continue;
      this.#text += `${separator}${JSON.stringify(key)}:`;
      separator = ',';
      const pieces = this.write(value, place);
      if (pieces !== undefined) yield* pieces;
    }
    this.#text += separator === '{' ? '{}' : '}';
  }

  async *#longText(text) {
    this.#text += '"';
    for (let start = 0; start < text.length; ) {
      let end = start + PIECE_UNITS;
      // A surrogate stays with its pair.
      if (/[\ud800-\udbff]/.test(text.charAt(end - 1))) end += 1;
      this.#text += JSON.stringify(text.slice(start, end)).slice(1, -1);
      yield this.taken();
      start = end;
    }
    this.#text += '"';
  }
}

/** Whether an array of JSON is made of it. */
function isList(value) {
  return Array.isArray(value) || (isIterable(value) && !(ArrayBuffer.isView(value) || value instanceof Map));
}

/** Whether JSON has a word for it: members without one are left out. */
function hasJson(value) {
  return value !== undefined && typeof value !== 'function' && typeof value !== 'symbol';
}

function isNoNumber(value) {
  return typeof value === 'number' && !Number.isFinite(value);
}

/** Whether `JSON.stringify` writes the value as this module would, in no more than a piece. */
function isShort(value) {
  try {
    return roomBehind(value, PIECE_UNITS) >= 0;
  } catch {
    return false;
  }
}

/** How much of a room is left behind a value; less than nothing where it takes more, or has to be written with care. */
function roomBehind(value, room) {
  switch (typeof value) {
    case 'string':
      return room - value.length - VALUE_UNITS;
    case 'bigint':
      return -1;
    case 'number':
      return isNoNumber(value) ? -1 : room - VALUE_UNITS;
    case 'object':
      break;
    default:
      return room - VALUE_UNITS;
  }
  if (value === null) return room - VALUE_UNITS;
  if (value instanceof Date) return value.toJSON === Date.prototype.toJSON && !isInvalidDate(value) ? room - VALUE_UNITS : -1;
  if (typeof value.toJSON === 'function') return -1;
  let left = room - VALUE_UNITS;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length && left >= 0; index += 1) left = roomBehind(value[index], left);
    return left;
  }
  if (isIterable(value) || !isWhole(value)) return -1;
  // Inherited members are looked at too, which can only send a value the careful way.
  for (const key in value) {
    if (left < 0) break;
    left = roomBehind(value[key], left - key.length);
  }
  return left;
}

/** Calls into the caller's data, whose getters and `toJSON` may throw. */
function read(look, path) {
  try {
    return look();
  } catch (cause) {
    throw failure('value_threw', path, `reading the value threw: ${cause?.message ?? cause}`, cause);
  }
}

function failure(code, path, reason, cause) {
  const place = path.length > PATH_UNITS ? `${path.slice(0, PATH_UNITS)}…` : path;
  const sentence = place === '' ? reason : `“${place}”: ${reason}`;
  return new ExportError(code, `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`, {
    ...(place === '' ? {} : { column: place }),
    ...(cause === undefined ? {} : { cause }),
  });
}
