import { contentOf, isWhole, LOST } from './content.js';
import { ExportError } from './error.js';

// Deeper than any limit that the engine is meant to be given, and shallow enough for every call stack.
const MAX_DEPTH = 1000;

/**
 * Writes rows as JSON text, without the brackets around them: what `JSON.stringify` writes, but a bigint keeps its
 * digits, objects that JSON would empty are written by their content, what is NaN, an infinity or an invalid Date becomes
 * `none`, and what has no content that could be written `lost`, so that the engine can report both.
 *
 * @param {unknown[]} rows
 * @param {number} before how many rows came before these, to name a row in an error
 */
export function encodeRows(rows, before) {
  if (isPlain(rows, 0)) {
    try {
      return JSON.stringify(rows).slice(1, -1);
    } catch {
      // A getter that answered once may throw the second time; the careful way names the row.
    }
  }
  return rows.map((row, index) => encodeRow(row, before + index + 1)).join(',');
}

/** Writes one row, or any other value at the top, as JSON text; `undefined` where JSON has no text for it. */
export function encodeRow(row, number) {
  return new RowEncoder(number).row(row) ?? 'null';
}

/** Writes a value that is no row, such as a list of columns. */
export function encodeValue(value, key) {
  return new RowEncoder(undefined).value(value, key, 0);
}

/** True where `JSON.stringify` writes the value exactly as the engine is to see it. False is always safe. */
export function isPlain(value, depth) {
  try {
    return isPlainValue(value, depth);
  } catch {
    return false;
  }
}

function isPlainValue(value, depth) {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value);
    case 'bigint':
      return false;
    case 'object':
      break;
    default:
      return true;
  }
  if (value === null) return true;
  if (depth > MAX_DEPTH) return false;
  if (value instanceof Date) return value.toJSON === Date.prototype.toJSON && !Number.isNaN(value.getTime());
  if (typeof value.toJSON === 'function' || value instanceof Number) return false;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      if (!isPlainValue(value[index], depth + 1)) return false;
    }
    return true;
  }
  if (!isWhole(value)) return false;
  // Inherited members are looked at too, which costs nothing and can only send a row the careful way.
  for (const key in value) {
    if (!isPlainValue(value[key], depth + 1)) return false;
  }
  return true;
}

/** The careful way: every member is read once, and an error knows its row and column. */
class RowEncoder {
  #row;
  #column;
  #ancestors = [];

  constructor(row) {
    this.#row = row;
  }

  row(row) {
    return this.#guarded(() => this.#write(row, '', 0));
  }

  value(value, key) {
    this.#column = key;
    return this.#guarded(() => this.#write(value, key, 1));
  }

  #guarded(write) {
    try {
      return write();
    } catch (cause) {
      if (cause instanceof ExportError) throw cause;
      throw this.#error('value_threw', `reading the value threw: ${cause?.message ?? cause}`, cause);
    }
  }

  /** Depth 0 is a row, depth 1 a cell, and everything deeper lies inside a cell. */
  #write(given, key, depth) {
    const value = unwrapped(given, key);
    switch (typeof value) {
      case 'string':
        return JSON.stringify(value);
      case 'number':
        if (Number.isFinite(value)) return String(value);
        return depth === 0 ? 'null' : 'none';
      case 'boolean':
      case 'bigint':
        return String(value);
      case 'object':
        break;
      default:
        return undefined;
    }
    if (value === null) return depth > 0 && isInvalidDate(given) ? 'none' : 'null';
    if (JSON.isRawJSON?.(value)) return JSON.stringify(value);
    if (this.#ancestors.includes(value)) throw this.#error('cycle', 'the value holds itself');
    if (depth > MAX_DEPTH) throw this.#error('limit_exceeded', `the value is nested deeper than ${MAX_DEPTH} levels`);
    const content = Array.isArray(value) ? value : contentOf(value);
    if (depth === 0 && (content === LOST || typeof content === 'string' || content instanceof Set)) throw this.#noRow(value);
    if (content === LOST) return 'lost';
    if (typeof content === 'string') return JSON.stringify(content);
    this.#ancestors.push(value);
    const text = this.#container(content, depth);
    this.#ancestors.pop();
    return text;
  }

  #container(content, depth) {
    if (Array.isArray(content)) return this.#array(content, depth);
    if (content instanceof Set) return this.#array([...content], depth);
    if (content instanceof Map) return this.#members(content.keys(), (key) => content.get(key), depth);
    return this.#members(Object.keys(content), (key) => content[key], depth);
  }

  #array(array, depth) {
    const parts = [];
    for (let index = 0; index < array.length; index += 1) {
      if (depth === 0) this.#column = String(index + 1);
      parts.push(this.#write(array[index], String(index), depth + 1) ?? 'null');
    }
    return `[${parts.join(',')}]`;
  }

  #members(names, read, depth) {
    const parts = [];
    for (const name of names) {
      const key = String(name);
      if (depth === 0) this.#column = key;
      const text = this.#write(read(name), key, depth + 1);
      if (text !== undefined) parts.push(`${JSON.stringify(key)}:${text}`);
    }
    return `{${parts.join(',')}}`;
  }

  #noRow(value) {
    const hint = typeof value.then === 'function' ? 'Await it before it is exported.' : 'A row is a record, a Map or a list of cells.';
    const kind = Object.prototype.toString.call(value).slice(8, -1);
    return this.#error('invalid_data', `it is no row but an object of the class ${kind}`, undefined, hint);
  }

  #error(code, message, cause, hint) {
    const place = [];
    if (this.#row !== undefined) place.push(`row ${this.#row}`);
    if (this.#column !== undefined) place.push(`column “${this.#column}”`);
    const sentence = [place.join(', '), message].filter(Boolean).join(': ');
    return new ExportError(code, `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`, {
      row: this.#row,
      column: this.#column,
      ...(cause === undefined ? {} : { cause }),
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

/** What `JSON.stringify` sees in place of a value: the answer of its `toJSON`, the primitive in a boxed one. */
export function unwrapped(value, key) {
  // Node's Buffer would answer with its bytes by number.
  if (ArrayBuffer.isView(value)) return value;
  const object = (typeof value === 'object' && value !== null) || typeof value === 'function';
  const seen = (object || typeof value === 'bigint') && typeof value.toJSON === 'function' ? value.toJSON(key) : value;
  if (seen instanceof Number) return Number(seen);
  if (seen instanceof String) return String(seen);
  if (seen instanceof Boolean || seen instanceof BigInt) return seen.valueOf();
  return seen;
}

export function isInvalidDate(value) {
  return value instanceof Date && Number.isNaN(value.getTime());
}
