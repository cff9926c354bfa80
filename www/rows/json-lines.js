import { ExactNumber } from './cell-text.js';

const PIECE_ROWS = 1000;
// A number that `JSON.parse` might change: sixteen digits, a fraction, an exponent, or a zero below zero.
const DELICATE = /\d{16}|\d[.eE]|-0/;
const WHOLE_KEY = /^(?:0|[1-9]\d*)$/;
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/**
 * One's own data: the bytes as they came, and each row as a line of JSON, which is what the page shows and picks from.
 * Files are made from the bytes or from the lines, so no digit of theirs goes through a JavaScript number.
 */
export class JsonLines {
  #source;
  #input;
  #lines;
  #rows;

  /**
   * @param {object} table
   * @param {string} table.name
   * @param {string[]} table.keys
   * @param {string[]} table.lines
   * @param {unknown[][]} table.rows the cells of the lines
   * @param {Blob} table.source
   * @param {object} table.input how the source is read
   */
  constructor({ name, keys, lines, rows, source, input }) {
    this.name = name;
    this.keys = keys;
    this.count = lines.length;
    this.#lines = lines;
    this.#rows = rows;
    this.#source = source;
    this.#input = input;
  }

  cells(index) {
    return this.#rows[index];
  }

  all() {
    return { data: this.#source, input: this.#input };
  }

  /** @param indices an array of them, or a promise of one */
  chosen(indices) {
    return { data: streamOf(this.#text(indices)) };
  }

  async *#text(indices) {
    let piece = `{"columns":${JSON.stringify(this.keys)},"rows":[`;
    let count = 0;
    for (const index of await indices) {
      if (count > 0) piece += ',';
      piece += this.#lines[index];
      count += 1;
      if (count % PIECE_ROWS === 0) {
        yield piece;
        piece = '';
      }
    }
    yield `${piece}]}`;
  }
}

/** Reads lines into cells, a step for some rows at a time. Returns `{keys, rows}`. */
export function* parseLines(lines) {
  const places = new Map();
  const rows = [];
  for (const line of lines) {
    const record = DELICATE.test(line) ? JSON.parse(line, keepingDigits) : JSON.parse(line);
    const keys = Object.keys(record);
    const cells = [];
    for (const key of keys.some((name) => WHOLE_KEY.test(name)) ? keysInOrder(line) : keys) {
      if (!places.has(key)) places.set(key, places.size);
      cells[places.get(key)] = record[key];
    }
    rows.push(cells);
    if (rows.length % PIECE_ROWS === 0) yield;
  }
  return { keys: [...places.keys()], rows };
}

/** Browsers that show a reviver the source text keep every digit on the screen; in the others only files have them all. */
function keepingDigits(_key, value, context) {
  const exact = typeof value === 'number' && context?.source !== undefined && context.source !== String(value);
  return exact ? new ExactNumber(context.source) : value;
}

/** The keys of an object as they stand in its text: objects of JavaScript put whole numbers first. */
function keysInOrder(line) {
  const keys = [];
  let depth = 0;
  let last;
  for (const [token] of line.matchAll(TOKEN)) {
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    else if (token === ':' && depth === 1) keys.push(JSON.parse(last));
    last = token;
  }
  return keys;
}

function streamOf(texts) {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await texts.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    cancel: () => void texts.return(),
  });
}
