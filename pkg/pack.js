import { isWhole } from './content.js';
import { encode, isWellFormed } from './encode.js';
import { isInvalidDate, isPlain, unwrapped } from './values.js';

// What a cell holds: the low bits of its word. The engine reads the same numbers, in `src/read/json/packed.rs`.
const MISSING = 0;
const NULL = 1;
const FALSE = 2;
const TRUE = 3;
const NON_FINITE = 4;
const SMALL_INTEGER = 5;
const NUMBER = 6;
const DATE = 7;
const NUMERAL = 8;
const TEXT = 9;
const LONE_SURROGATE = 10;
const NESTED = 11;

// The high bits are the length of a text in bytes, a small integer, or how many more cells are missing.
const KIND_BITS = 4;
const ONE = 1 << KIND_BITS;
// A unit of UTF-16 takes at most three bytes of UTF-8, and a length has 28 bits.
const MAX_UNITS = 1 << 26;

// The engine writes numbers as JavaScript does, in half the time. What is smaller or larger has an exponent or more
// digits than are certain: that is left to JavaScript.
const MIN_FRACTION = 1e-6;

// Set in a run of rows that are lists; the other bits are their length.
const LIST = 0x80000000;
const MAX_LENGTH = 1_000_000;
// Records whose keys never repeat are better off as JSON text, of which the engine has nothing to remember.
const MAX_SHAPES = 1000;
const MAX_SHAPE_KEYS = 50_000;

// What a batch has room for at first: small exports are many.
const FIRST_CELLS = 512;
const FIRST_BYTES = 4096;

// What stands before the texts.
const HEAD_BYTES = 32;

/**
 * Packs rows, so that no value crosses to the engine alone: a batch becomes texts, numbers and a word for each cell.
 *
 * What is out of the ordinary, such as a row that holds itself, is not packed, but left to be written as JSON text.
 */
export class Packer {
  #rows = 0;
  // The rows of the batch by runs of one shape: its number and how many rows have it.
  #runs = [];
  #runShape = -1;
  #runStart = 0;
  // For each cell its kind and what that says of it, row by row.
  #words = new Uint32Array(FIRST_CELLS);
  #cells = 0;
  #numbers = new Float64Array(FIRST_CELLS);
  #numberCount = 0;
  // The batch, which starts with all its texts, one behind the other.
  #bytes = new Uint8Array(FIRST_BYTES);
  #end = HEAD_BYTES;
  // The keys of the shapes that the engine does not know yet.
  #newShapes = [];
  #shapes = new Map();
  #shapeKeys = 0;
  // The keys that the last record was matched with, which the next probably has too, and the number of their shape.
  #keys = [];
  #shape = -1;
  // The cells of the last record, and how many they are. The list is used again for each.
  #values = [];
  #width = 0;
  // The prototype of the last record that was no plain object.
  #prototype;
  // Whether somebody gave a prototype members that a loop over the keys of a record comes upon.
  #inherits = false;

  /**
   * Packs as many of the rows as can be, and gives the index of the first that was not.
   *
   * All that the loop touches lies in variables of its own, which makes it twice as fast.
   */
  pack(rows, from, to) {
    let words = this.#words;
    let numbers = this.#numbers;
    let bytes = this.#bytes;
    let cell = this.#cells;
    let number = this.#numberCount;
    let end = this.#end;
    let index = from;
    this.#prototype = undefined;
    this.#inherits = hasMembers(Object.prototype);
    try {
      next: for (; index < to; index += 1) {
        const row = rows[index];
        if (typeof row !== 'object' || row === null || typeof row.toJSON === 'function') break;
        const isList = Array.isArray(row);
        if (!isList && !this.#read(row)) break;
        const values = isList ? row : this.#values;
        const length = isList ? row.length : this.#width;
        const shape = isList ? LIST + length : this.#shape;
        if (cell + length > words.length) {
          if (length > MAX_LENGTH) break;
          words = this.#words = copied(words, new Uint32Array(2 * (cell + length)));
          numbers = this.#numbers = copied(numbers, new Float64Array(2 * (cell + length)));
        }
        const first = cell;
        for (let at = 0; at < length; at += 1) {
          let value = values[at];
          let textKind = TEXT;
          // Texts and numbers, which most cells are, pass by what is asked of all others.
          if (typeof value !== 'string' && typeof value !== 'number' && isSpecial(value)) {
            if (isPlainDate(value)) {
              value = getTime.call(value);
              if (!Number.isNaN(value)) {
                words[cell++] = DATE;
                numbers[number++] = value;
                continue;
              }
            } else {
              const plain = plainCell(value, isList ? String(at) : this.#keys[at]);
              if (plain === undefined) break next;
              ({ value, textKind } = plain);
            }
          }
          if (typeof value === 'number') {
            if ((value << KIND_BITS) >> KIND_BITS === value) {
              words[cell++] = (value << KIND_BITS) | SMALL_INTEGER;
              continue;
            }
            const size = Math.abs(value);
            if (size >= MIN_FRACTION && size <= Number.MAX_SAFE_INTEGER) {
              words[cell++] = NUMBER;
              numbers[number++] = value;
              continue;
            }
            if (!Number.isFinite(value)) {
              words[cell++] = NON_FINITE;
              continue;
            }
            value = String(value);
            textKind = NUMERAL;
          }
          if (typeof value === 'string') {
            const most = end + 3 * value.length;
            if (most > bytes.length) {
              if (value.length > MAX_UNITS) break next;
              bytes = this.#room(most, end);
            }
            let behind = encode(value, bytes, end);
            if (behind < 0) {
              behind = ~behind;
              textKind = LONE_SURROGATE;
            }
            words[cell++] = ((behind - end) << KIND_BITS) | textKind;
            end = behind;
          } else if (typeof value === 'boolean') {
            words[cell++] = value ? TRUE : FALSE;
          } else if (value === null || isList) {
            words[cell++] = NULL;
          } else if (cell > first && words[cell - 1] % ONE === MISSING) {
            words[cell - 1] += ONE;
          } else {
            words[cell++] = MISSING;
          }
        }
        if (shape !== this.#runShape) this.#endRun(shape);
        // What is complete is kept whatever the next row brings.
        this.#rows += 1;
        this.#cells = cell;
        this.#numberCount = number;
        this.#end = end;
      }
    } catch {
      // A getter threw. The careful way asks once more and names the place.
    }
    return index;
  }

  /** The batch as bytes, which hold until the next one is asked for; `undefined` where it has no rows. */
  flush() {
    if (this.#rows === 0) return undefined;
    this.#endRun(-1);
    const words = [];
    const keysAt = this.#end;
    for (const keys of this.#newShapes) {
      words.push(keys.length);
      for (const key of keys) words.push(this.#append(key));
    }
    words.push(...this.#runs);
    const textEnd = this.#end;
    const numbersAt = (textEnd + 7) & ~7;
    const wordsAt = numbersAt + 8 * this.#numberCount;
    const length = wordsAt + 4 * (words.length + this.#cells);
    const bytes = length > this.#bytes.length ? this.#room(length, textEnd) : this.#bytes;
    const { buffer } = bytes;
    // The first byte is zero, with which no JSON text starts.
    const head = [0, keysAt, textEnd, this.#numberCount, this.#newShapes.length, this.#runs.length / 2];
    new Uint32Array(buffer, 0, head.length).set(head);
    new Float64Array(buffer, numbersAt, this.#numberCount).set(this.#numbers.subarray(0, this.#numberCount));
    const wordsOut = new Uint32Array(buffer, wordsAt, words.length + this.#cells);
    wordsOut.set(words);
    wordsOut.set(this.#words.subarray(0, this.#cells), words.length);
    this.#rows = this.#cells = this.#numberCount = this.#runStart = 0;
    this.#end = HEAD_BYTES;
    this.#runs = [];
    this.#newShapes = [];
    return bytes.subarray(0, length);
  }

  /** Appends a text to those of the batch, and gives its length in bytes. */
  #append(text) {
    const start = this.#end;
    const most = start + 3 * text.length;
    const bytes = most > this.#bytes.length ? this.#room(most, start) : this.#bytes;
    this.#end = encode(text, bytes, start);
    return this.#end - start;
  }

  /** Makes room for a batch of a length, of which so many bytes are there. */
  #room(length, filled) {
    this.#bytes = copied(this.#bytes.subarray(0, filled), new Uint8Array(2 * length));
    return this.#bytes;
  }

  #endRun(next) {
    if (this.#runShape >= 0) this.#runs.push(this.#runShape, this.#rows - this.#runStart);
    this.#runShape = next;
    this.#runStart = this.#rows;
  }

  /** Reads the cells of a record in the order of the shape's keys; false where it cannot be packed. */
  #read(row) {
    const prototype = Object.getPrototypeOf(row);
    if (prototype !== Object.prototype && prototype !== this.#prototype && !this.#isRecord(row, prototype)) return false;
    const keys = this.#keys;
    const values = this.#values;
    const inherits = this.#inherits;
    let found;
    let width = 0;
    // Such a loop takes a third of the time of `Object.keys` and `Object.values`, and reads every member once, too.
    for (const key in row) {
      if (inherits && !Object.hasOwn(row, key)) continue;
      if (found !== undefined || key !== keys[width]) (found ??= keys.slice(0, width)).push(key);
      values[width++] = row[key];
    }
    if (width === 0 && prototype !== Object.prototype && !isWhole(row)) return false;
    this.#width = keys.length;
    if (found === undefined && this.#shape >= 0) {
      if (width < keys.length) values.fill(undefined, width, keys.length);
      return true;
    }
    return this.#align(found ?? keys.slice(0, width), values.slice(0, width));
  }

  /** Takes the cells of a record that has other keys than the last. */
  #align(found, values) {
    if (this.#shape < 0 && !this.#changeShape(found)) return false;
    const cells = aligned(this.#keys, found, values) ?? (this.#changeShape(found) ? aligned(this.#keys, found, values) : undefined);
    if (cells === undefined) return false;
    this.#values = cells;
    this.#width = cells.length;
    return true;
  }

  /** `JSON.stringify` writes the object as a record. */
  #isRecord(row, prototype) {
    if (prototype === null) return !JSON.isRawJSON?.(row);
    if (/(Number|String|Boolean|BigInt)]$/.test(Object.prototype.toString.call(prototype)) || !isWhole(row)) return false;
    this.#prototype = prototype;
    this.#inherits ||= hasMembers(prototype);
    return true;
  }

  /** Takes the keys of a record that is no part of the last ones. */
  #changeShape(keys) {
    // Where the order of both allows it the keys of both make up the shape, so that neither changes it again.
    const merged = merge(this.#keys, keys) ?? keys;
    const name = JSON.stringify(merged);
    let shape = this.#shapes.get(name);
    if (shape === undefined) {
      shape = this.#shapes.size;
      this.#shapeKeys += merged.length;
      if (shape >= MAX_SHAPES || this.#shapeKeys > MAX_SHAPE_KEYS || !merged.every(isWellFormed)) return false;
      this.#shapes.set(name, shape);
      this.#newShapes.push(merged);
    }
    this.#keys = merged;
    this.#shape = shape;
    return true;
  }
}

// The methods that `toJSON` of a Date goes through, as the runtime brought them.
const { getTime } = Date.prototype;
const { toJSON, toISOString, valueOf, [Symbol.toPrimitive]: toPrimitive } = Date.prototype;
const areNative = [getTime, toJSON, toISOString, valueOf, toPrimitive].every(isNative);

function isNative(method) {
  return /^function [^(]+\(\)\s*\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(method));
}

/** A Date whose JSON is that of every Date: nobody patched what makes it. */
function isPlainDate(value) {
  return (
    value.toJSON === toJSON &&
    areNative &&
    value.toISOString === toISOString &&
    value.valueOf === valueOf &&
    value[Symbol.toPrimitive] === toPrimitive
  );
}

/** A value that stands for another one perhaps. */
function isSpecial(value) {
  return typeof value === 'object' ? value !== null : typeof value === 'bigint' || typeof value === 'function';
}

/** What `JSON.stringify` would see in place of an object, a function or a bigint; `undefined` where only the careful way knows. */
function plainCell(value, key) {
  if (typeof value === 'bigint') return value.toJSON === undefined ? { value: String(value), textKind: NUMERAL } : undefined;
  if (typeof value === 'function') return value.toJSON === undefined ? { value: undefined } : undefined;
  const seen = unwrapped(value, key);
  if (seen === null) return { value: isInvalidDate(value) ? NaN : null };
  if (typeof seen === 'string') return { value: seen, textKind: TEXT };
  if (typeof seen === 'number' || typeof seen === 'boolean' || typeof seen === 'undefined') return { value: seen };
  // An answer of `toJSON` is not asked for an answer in turn, which the careful way heeds.
  if (seen !== value || JSON.isRawJSON?.(value) || !isPlain(value, 1)) return undefined;
  const text = JSON.stringify(value);
  return /^[[{]/.test(text) ? { value: text, textKind: NESTED } : undefined;
}

/** The values of a record in the order of the keys, `undefined` for what it lacks; nothing where it has other keys. */
function aligned(keys, found, values) {
  const cells = [];
  for (let index = 0; index < found.length; index += 1) {
    const place = keys.indexOf(found[index], cells.length);
    if (place < 0) return undefined;
    while (cells.length < place) cells.push(undefined);
    cells.push(values[index]);
  }
  while (cells.length < keys.length) cells.push(undefined);
  return cells;
}

function copied(from, to) {
  to.set(from);
  return to;
}

/** The keys of both lists in an order that holds for both; `undefined` where there is none. */
function merge(first, second) {
  const places = new Map(first.map((key, place) => [key, place]));
  const merged = [];
  let taken = 0;
  for (const key of second) {
    const place = places.get(key);
    if (place < taken) return undefined;
    while (taken <= place) merged.push(first[taken++]);
    if (place === undefined) merged.push(key);
  }
  return [...merged, ...first.slice(taken)];
}

function hasMembers(prototype) {
  for (const _ in prototype) return true;
  return false;
}
