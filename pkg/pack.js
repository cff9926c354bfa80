import { isInvalidDate, isPlain, unwrapped } from './values.js';

// What a cell holds. The engine reads the same numbers, in `src/read/json/packed.rs`.
const MISSING = 0;
const NULL = 1;
const FALSE = 2;
const TRUE = 3;
const NON_FINITE = 4;
const INTEGER = 5;
const DECIMAL = 6;
const WIDE_NUMBER = 7;
const BIGINT = 8;
const TEXT = 9;
const LONE_SURROGATE = 10;
const NESTED = 11;

// Numbers with up to six digits behind the point go as integers, of which the engine takes the zeros off. Below 10^15
// no other number of so few digits is as near to the value, so that is how JavaScript spells it, too.
const DECIMAL_SCALE = 1e6;
const DECIMAL_END = 1e15;

// Set in a run of rows that are lists; the other bits are their length.
const LIST = 0x80000000;
const MAX_LENGTH = 1_000_000;
// Records whose keys never repeat are better off as JSON text, of which the engine has nothing to remember.
const MAX_SHAPES = 1000;
const MAX_SHAPE_KEYS = 50_000;

// How many cells a batch has room for at first: small exports are many.
const FIRST_CELLS = 512;

// What stands before the numbers, which are aligned for that.
const HEAD_BYTES = 32;

const encoder = new TextEncoder();

/**
 * Packs rows, so that no value crosses to the engine alone: a batch becomes numbers, lengths, kinds and one text.
 *
 * What is out of the ordinary, such as a row that holds itself, is not packed, but left to be written as JSON text.
 */
export class Packer {
  #rows = 0;
  // The rows of the batch by runs of one shape: its number and how many rows have it.
  #runs = [];
  #runShape = -1;
  #runStart = 0;
  #kinds = new Uint8Array(FIRST_CELLS);
  #cells = 0;
  #numbers = new Float64Array(FIRST_CELLS);
  #numberCount = 0;
  // Numbers of many digits: `JSON.stringify` writes a list of them faster than they can be spelt one by one.
  #wideNumbers = [];
  #wideCount = 0;
  // All texts of the batch, one behind the other, and the length of each in UTF-16 units.
  #text = '';
  #lengths = new Uint32Array(FIRST_CELLS);
  #textCount = 0;
  // The keys of the shapes that the engine does not know yet.
  #newShapes = [];
  #shapes = new Map();
  #shapeKeys = 0;
  // The keys that the last record was matched with, which the next probably has too, and the number of their shape.
  #keys = [];
  #shape = -1;
  // The prototype of the last record that was no plain object.
  #prototype;
  #output = new Uint8Array(0);

  /**
   * Packs as many of the rows as can be, and gives the index of the first that was not.
   *
   * All that the loop touches lies in variables of its own, which makes it twice as fast.
   */
  pack(rows, from, to) {
    let kinds = this.#kinds;
    let numbers = this.#numbers;
    let lengths = this.#lengths;
    const wideNumbers = this.#wideNumbers;
    // Those of a row that was not packed in the end.
    wideNumbers.length = this.#wideCount;
    let cell = this.#cells;
    let number = this.#numberCount;
    let textCount = this.#textCount;
    let text = this.#text;
    let index = from;
    try {
      next: for (; index < to; index += 1) {
        // What is complete is kept whatever the row brings.
        this.#cells = cell;
        this.#numberCount = number;
        this.#textCount = textCount;
        this.#text = text;
        this.#wideCount = wideNumbers.length;
        const row = rows[index];
        if (typeof row !== 'object' || row === null || typeof row.toJSON === 'function') break;
        const isList = Array.isArray(row);
        const values = isList ? row : this.#values(row);
        if (values === undefined) break;
        const { length } = values;
        const shape = isList ? LIST + length : this.#shape;
        if (cell + length > kinds.length) {
          if (length > MAX_LENGTH) break;
          this.#grow(2 * (cell + length));
          kinds = this.#kinds;
          numbers = this.#numbers;
          lengths = this.#lengths;
        }
        for (let at = 0; at < length; at += 1) {
          let value = values[at];
          let textKind = TEXT;
          if (typeof value === 'object' ? value !== null : typeof value === 'bigint' || typeof value === 'function') {
            const plain = plainCell(value, isList ? String(at) : this.#keys[at]);
            if (plain === undefined) break next;
            ({ value, textKind } = plain);
          }
          if (typeof value === 'string') {
            kinds[cell++] = textKind;
            lengths[textCount++] = value.length;
            text += value;
          } else if (typeof value === 'number') {
            if ((value | 0) === value || Number.isSafeInteger(value)) {
              kinds[cell++] = INTEGER;
              numbers[number++] = value;
              continue;
            }
            const scaled = Math.round(value * DECIMAL_SCALE);
            if (scaled / DECIMAL_SCALE === value && scaled < DECIMAL_END && scaled > -DECIMAL_END) {
              kinds[cell++] = DECIMAL;
              numbers[number++] = scaled;
            } else if (Number.isFinite(value)) {
              kinds[cell++] = WIDE_NUMBER;
              wideNumbers.push(value);
            } else {
              kinds[cell++] = NON_FINITE;
            }
          } else if (typeof value === 'boolean') {
            kinds[cell++] = value ? TRUE : FALSE;
          } else if (value === null) {
            kinds[cell++] = NULL;
          } else {
            kinds[cell++] = isList ? NULL : MISSING;
          }
        }
        if (shape !== this.#runShape) this.#endRun(shape);
        this.#rows += 1;
      }
    } catch {
      // A getter threw. The careful way asks once more and names the place.
    }
    if (index === to) {
      this.#cells = cell;
      this.#numberCount = number;
      this.#textCount = textCount;
      this.#text = text;
      this.#wideCount = wideNumbers.length;
    }
    return index;
  }

  /** The batch as bytes, which hold until the next one is asked for; `undefined` where it has no rows. */
  flush() {
    if (this.#rows === 0) return undefined;
    this.#endRun(-1);
    const keys = this.#newShapes.flat();
    const words = [...this.#newShapes.map((shape) => shape.length), ...this.#runs, ...keys.map((key) => key.length)];
    const texts = keys.length + this.#textCount;
    const wide = this.#takeWideNumbers();
    const wordsAt = HEAD_BYTES + 8 * this.#numberCount;
    const kindsAt = wordsAt + 4 * (words.length + this.#textCount);
    const textAt = kindsAt + this.#cells;
    const before = wide + keys.join('');
    // A unit of UTF-16 takes at most three bytes of UTF-8.
    const most = textAt + 3 * (before.length + this.#text.length);
    if (this.#output.length < most) this.#output = new Uint8Array(2 * most);
    const output = this.#output;
    const room = output.subarray(textAt);
    let { read, written } = encoder.encodeInto(before + this.#text, room);
    if (written !== read && this.#hasLoneSurrogate()) {
      ({ written } = encoder.encodeInto(before + this.#replaceLoneSurrogates(), room));
    }
    // The first byte is zero, with which no JSON text starts.
    const head = [0, this.#newShapes.length, this.#runs.length / 2, texts, this.#numberCount, this.#cells, wide.length];
    new Uint32Array(output.buffer, 0, head.length).set(head);
    new Float64Array(output.buffer, HEAD_BYTES, this.#numberCount).set(this.#numbers.subarray(0, this.#numberCount));
    const wordsOut = new Uint32Array(output.buffer, wordsAt, words.length + this.#textCount);
    wordsOut.set(words);
    wordsOut.set(this.#lengths.subarray(0, this.#textCount), words.length);
    output.set(this.#kinds.subarray(0, this.#cells), kindsAt);
    this.#rows = this.#cells = this.#numberCount = this.#textCount = this.#wideCount = this.#runStart = 0;
    this.#text = '';
    this.#runs = [];
    this.#newShapes = [];
    return output.subarray(0, textAt + written);
  }

  /** The numbers of many digits as text, with a comma behind each. */
  #takeWideNumbers() {
    const numbers = this.#wideNumbers;
    numbers.length = this.#wideCount;
    if (numbers.length === 0) return '';
    this.#wideNumbers = [];
    // Somebody may have given arrays a `toJSON`.
    return typeof numbers.toJSON === 'function' ? `${numbers.join()},` : `${JSON.stringify(numbers).slice(1, -1)},`;
  }

  #endRun(next) {
    if (this.#runShape >= 0) this.#runs.push(this.#runShape, this.#rows - this.#runStart);
    this.#runShape = next;
    this.#runStart = this.#rows;
  }

  /** The cells of a record in the order of the shape's keys; `undefined` where it cannot be packed. */
  #values(row) {
    const prototype = Object.getPrototypeOf(row);
    if (prototype !== Object.prototype && prototype !== this.#prototype && !this.#isRecord(row, prototype)) return undefined;
    const found = Object.keys(row);
    const values = Object.values(row);
    // A proxy may answer differently each time.
    if (found.length !== values.length) return undefined;
    if (this.#shape < 0 && !this.#changeShape(found)) return undefined;
    const keys = this.#keys;
    let same = 0;
    while (same < found.length && found[same] === keys[same]) same += 1;
    if (same === keys.length && same === found.length) return values;
    return aligned(keys, found, values) ?? (this.#changeShape(found) ? aligned(this.#keys, found, values) : undefined);
  }

  /** `JSON.stringify` writes the object as a record. */
  #isRecord(row, prototype) {
    if (prototype === null) return !JSON.isRawJSON?.(row);
    if (/(Number|String|Boolean|BigInt)]$/.test(Object.prototype.toString.call(prototype))) return false;
    this.#prototype = prototype;
    return true;
  }

  #grow(length) {
    this.#kinds = copied(this.#kinds, new Uint8Array(length));
    this.#numbers = copied(this.#numbers, new Float64Array(length));
    this.#lengths = copied(this.#lengths, new Uint32Array(length));
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

  /** Whether a text of the batch holds half a surrogate pair. Two of them may have come to stand side by side. */
  #hasLoneSurrogate() {
    const text = this.#text;
    if (!isWellFormed(text)) return true;
    let at = 0;
    for (let index = 0; index < this.#textCount; index += 1) {
      if (isLowSurrogate(text.charCodeAt(at))) return true;
      at += this.#lengths[index];
    }
    return false;
  }

  /** Marks the cells whose text holds half a surrogate pair; gives all texts with U+FFFD in its place. */
  #replaceLoneSurrogates() {
    const texts = [];
    let at = 0;
    for (let cell = 0; cell < this.#cells; cell += 1) {
      if (this.#kinds[cell] < BIGINT) continue;
      const end = at + this.#lengths[texts.length];
      const text = this.#text.slice(at, end);
      if (!isWellFormed(text)) this.#kinds[cell] = LONE_SURROGATE;
      texts.push(text.replace(/\p{Surrogate}/gu, '\uFFFD'));
      at = end;
    }
    return texts.join('');
  }
}

/** What `JSON.stringify` would see in place of an object, a function or a bigint; `undefined` where only the careful way knows. */
function plainCell(value, key) {
  if (typeof value === 'bigint') return value.toJSON === undefined ? { value: String(value), textKind: BIGINT } : undefined;
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

function isLowSurrogate(unit) {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function isWellFormed(text) {
  return text.isWellFormed?.() ?? !/\p{Surrogate}/u.test(text);
}
