// Rows of the database as the engine reads them: packed, so that no value crosses into WebAssembly alone.
//
// `src/read/json/packed.rs` tells how a batch is laid out. `pkg/pack.js` makes the same of any JavaScript values; here each
// column is known to hold texts or JSON.

import { encode } from "../pkg/encode.js";

const encoder = new TextEncoder();

const MISSING = 0;
const NULL = 1;
const FALSE = 2;
const TRUE = 3;
const SMALL_INTEGER = 5;
const NUMBER = 6;
const NUMERAL = 8;
const TEXT = 9;
const LONE_SURROGATE = 10;
const NESTED = 11;

const KIND_BITS = 4;

// The engine writes numbers between these as JavaScript does. Others have an exponent.
const MIN_FRACTION = 1e-6;

const HEAD_BYTES = 32;

/** Packs the pages of one array of records. */
export class Packer {
  #fields;
  // The first batch tells the engine what the fields are called.
  #names;
  #bytes = new Uint8Array(1 << 20);
  #words = new Uint32Array();
  #numbers = new Float64Array();

  /**
   * @param {{name: string, column: number, isJson: boolean, mayLack: boolean}[]} fields a column holds texts, or else JSON,
   *   of which numbers may stand as numbers; where it is null the record may lack the field
   */
  constructor(fields) {
    this.#fields = fields;
    this.#names = fields.map(({ name }) => name);
  }

  /**
   * A batch of rows, which holds until the next one is packed.
   *
   * @param {(string | number | null)[][]} rows
   */
  pack(rows) {
    const fields = this.#fields;
    const count = rows.length * fields.length;
    if (count > this.#words.length) {
      this.#words = new Uint32Array(count);
      this.#numbers = new Float64Array(count);
    }
    const words = this.#words;
    const numbers = this.#numbers;
    let bytes = this.#bytes;
    let end = HEAD_BYTES;
    let cell = 0;
    let number = 0;
    for (const row of rows) {
      for (const { column, isJson, mayLack } of fields) {
        let value = row[column];
        let kind = TEXT;
        if (typeof value === "number") {
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
          value = String(value);
          kind = NUMERAL;
        } else if (value === null) {
          words[cell++] = mayLack ? MISSING : NULL;
          continue;
        } else if (typeof value !== "string") {
          throw new TypeError(`column ${column} holds neither text nor number`);
        } else if (isJson) {
          kind = kindOf(value);
          if (kind < SMALL_INTEGER) {
            words[cell++] = kind;
            continue;
          }
        }
        const most = end + 3 * value.length;
        if (most > bytes.length) bytes = this.#room(most, end);
        let behind = encode(value, bytes, end);
        if (behind < 0) {
          behind = ~behind;
          if (kind === TEXT) kind = LONE_SURROGATE;
        }
        words[cell++] = ((behind - end) << KIND_BITS) | kind;
        end = behind;
      }
    }
    return this.#batch(rows.length, end, number);
  }

  #batch(rows, keysAt, numberCount) {
    const names = this.#names.splice(0);
    const encoded = encoder.encode(names.join(""));
    const textEnd = keysAt + encoded.length;
    const numbersAt = (textEnd + 7) & ~7;
    const cells = rows * this.#fields.length;
    const shapes = names.length === 0 ? [] : [names.length, ...names.map((name) => encoder.encode(name).length)];
    const wordsAt = numbersAt + 8 * numberCount;
    const length = wordsAt + 4 * (shapes.length + 2 + cells);
    const bytes = length > this.#bytes.length ? this.#room(length, keysAt) : this.#bytes;
    const { buffer } = bytes;
    bytes.set(encoded, keysAt);
    new Uint32Array(buffer, 0, 6).set([0, keysAt, textEnd, numberCount, names.length === 0 ? 0 : 1, 1]);
    new Float64Array(buffer, numbersAt, numberCount).set(this.#numbers.subarray(0, numberCount));
    const words = new Uint32Array(buffer, wordsAt, shapes.length + 2 + cells);
    words.set([...shapes, 0, rows]);
    words.set(this.#words.subarray(0, cells), shapes.length + 2);
    return bytes.subarray(0, length);
  }

  /** Makes room for so many bytes, of which the first are there. */
  #room(length, filled) {
    const bytes = new Uint8Array(2 * length);
    bytes.set(this.#bytes.subarray(0, filled));
    this.#bytes = bytes;
    return bytes;
  }
}

/** What JSON text holds. */
function kindOf(text) {
  switch (text[0]) {
    case "n":
      return NULL;
    case "f":
      return FALSE;
    case "t":
      return TRUE;
    case "[":
    case "{":
    case '"':
      return NESTED;
    default:
      return NUMERAL;
  }
}

/** The texts in a column of rows as UTF-8, with commas between them. */
export function joined(rows, column) {
  return encoder.encode(rows.map((row) => row[column]).join(","));
}
