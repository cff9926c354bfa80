import { ExportError } from './error.js';
import { Packer } from './pack.js';
import { encodeRow, encodeRows, encodeValue } from './values.js';

// The most rows per piece of input: many enough for what a piece costs by itself to vanish.
const BATCH_ROWS = 500;
// The length that a piece is meant to have, in bytes or UTF-16 units, and the time that it may take to make: wide rows
// and slow getters go by fewer, so that a page is never kept busy for long.
const BATCH_LENGTH = 64 * 1024;
const BATCH_MS = 2;

/** Makes batches of rows into pieces of input. Where batches end never shows in the file. */
class Batches {
  /** How many rows the next batch takes, learnt from the last. */
  size = 16;
  #start = performance.now();
  #packer = new Packer();
  #count;

  constructor(count) {
    this.#count = count;
  }

  /** A batch begins that needs no waiting. Gives its size. */
  begin() {
    this.#start = performance.now();
    return this.size;
  }

  /** The rows from one index to another: packed, but from the first on that cannot be, as JSON text. */
  *pieces(rows, from, to) {
    const before = this.#count.rows - from;
    const next = this.#packer.pack(rows, from, to);
    const packed = this.#packer.flush();
    const separator = before + next === 0 ? '' : ',';
    let text = next === to ? '' : separator + encodeRows(Array.from(rows.slice(next, to)), before + next);
    // A number, which is no row, ends only with what stands behind it.
    if (/[0-9]$/.test(text)) text += ' ';
    this.#count.rows = before + to;
    this.#learn(to - from, (packed?.length ?? 0) + text.length);
    if (packed !== undefined) yield packed;
    if (next < to) yield text;
  }

  #learn(rows, length) {
    const load = Math.max(length / BATCH_LENGTH, (performance.now() - this.#start) / BATCH_MS);
    // The next rows may be heavier than these were, so the size grows by steps.
    const fitting = load === 0 ? BATCH_ROWS : Math.floor(rows / load);
    this.size = Math.max(1, Math.min(BATCH_ROWS, 4 * rows, fitting));
    this.#start = performance.now();
  }
}

/** Counts the rows that were handed to the engine. */
export class RowCount {
  rows = 0;
}

/** True for a value that is a table by its members and not a row of one. */
export function isEnvelope(value) {
  return ['rows', 'items', 'columns'].some((key) => Object.hasOwn(value, key) && value[key] !== undefined);
}

/** An array of rows as pieces of input: JSON text, and between it rows that are packed. */
export function* arrayPieces(rows, change, count) {
  yield '[';
  yield* arrayBatches(rows, change, count);
  yield ']';
}

/**
 * The same for rows, or pages of rows, that come one after the other.
 *
 * @param {{change: Function, pages?: boolean, columns?: unknown[]}} reading `pages` says whether arrays are pages; else the
 *   first one does, seen beside the columns of the data
 */
export async function* iterablePieces(iterable, reading, count) {
  yield '[';
  yield* iterableBatches(iterable, reading, count);
  yield ']';
}

/** True for a list that is no array: what a generator returns, a Set, a stream of objects. */
export function isIterable(value) {
  return (
    typeof value === 'object' &&
    value !== null &&
    (typeof value[Symbol.asyncIterator] === 'function' || typeof value[Symbol.iterator] === 'function')
  );
}

/** The same for `{columns, rows}` or `{items}`. Rows may be an array or any iterable. */
export async function* envelopePieces(table, { computed, pages }, count) {
  // Columns go first, whatever the object's order, so that no second pass is needed to learn them.
  const keys = Object.keys(table);
  if (keys.includes('columns')) keys.unshift(...keys.splice(keys.indexOf('columns'), 1));
  const given = member(table, 'columns');
  const [columns, change] = computeInColumns(given, computed);
  const reading = { change, pages, ...(Array.isArray(given) && { columns: given }) };
  let separator = '{';
  for (const key of keys) {
    const value = key === 'columns' ? columns : member(table, key);
    if (key === 'rows' || key === 'items') {
      const batches = batchesOf(value, reading, count);
      if (batches !== undefined) {
        yield `${separator}${JSON.stringify(key)}:[`;
        yield* batches;
        yield ']';
        separator = ',';
        continue;
      }
    }
    const text = key === 'columns' || key === 'rows' || key === 'items' ? encodeValue(value, key) : nameOnly(value);
    if (text === undefined) continue;
    yield `${separator}${JSON.stringify(key)}:${text}`;
    separator = ',';
  }
  yield separator === '{' ? '{}' : '}';
}

function member(table, key) {
  try {
    return table[key];
  } catch (cause) {
    throw threw(cause);
  }
}

/** The error for a getter or a proxy that threw when the data were looked at. */
export function threw(cause, row) {
  const place = row === undefined ? 'Reading the data' : `Row ${row}: reading it`;
  return new ExportError('value_threw', `${place} threw: ${cause?.message ?? cause}.`, { row, cause });
}

/** What lies beside the rows is no part of the table: the engine only gets its name, for the report. */
function nameOnly(value) {
  return value === undefined || typeof value === 'function' || typeof value === 'symbol' ? undefined : 'null';
}

/** The JSON text of one value that is no list of rows. */
export function* singleText(value, change, count) {
  count.rows = 1;
  yield encodeRow(change(value, 1), 1);
}

/** A function that puts computed cells into a row, leaving the row itself as it is. */
export function rowChange(computed) {
  if (computed.length === 0) return unchanged;
  return (row, number) => {
    if (typeof row !== 'object' || row === null) return row;
    const changed = copyOf(row, number);
    if (typeof changed !== 'object' || changed === null) return changed;
    computed.forEach(({ key, name, index, value }) => {
      Object.defineProperty(changed, Array.isArray(changed) ? index : key, {
        value: compute(value, row, number, name),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    });
    return changed;
  };
}

/** A row as JSON has it, in an object of its own. */
function copyOf(row, number) {
  try {
    const plain = typeof row.toJSON === 'function' ? row.toJSON(String(number - 1)) : row;
    if (typeof plain !== 'object' || plain === null) return plain;
    return Array.isArray(plain) ? [...plain] : { ...plain };
  } catch (cause) {
    throw threw(cause, number);
  }
}

function unchanged(row) {
  return row;
}

function compute(value, row, number, key) {
  try {
    return value(row);
  } catch (cause) {
    throw new ExportError('value_threw', `Row ${number}, column “${key}”: the \`value\` function threw: ${cause?.message ?? cause}.`, {
      row: number,
      column: key,
      cause,
    });
  }
}

/** In a table with columns of its own, a computed column takes the place of its key there, or one at the end. */
function computeInColumns(given, computed) {
  if (computed.length === 0 || !Array.isArray(given)) return [given, rowChange(computed)];
  const columns = [...given];
  const placed = computed.map(({ key, name, value }) => {
    let index = columns.findIndex((column) => (column?.key ?? column) === key);
    if (index < 0) index = columns.push(key) - 1;
    return { key, name, index, value };
  });
  return [columns, rowChange(placed)];
}

function batchesOf(rows, reading, count) {
  if (Array.isArray(rows)) return arrayBatches(rows, reading.change, count);
  return isIterable(rows) ? iterableBatches(rows, reading, count) : undefined;
}

function* arrayBatches(rows, change, count) {
  const batches = new Batches(count);
  for (let start = 0; start < rows.length; ) {
    const end = Math.min(start + batches.begin(), rows.length);
    if (change === unchanged) {
      yield* batches.pieces(rows, start, end);
    } else {
      // `Array.from` makes holes visible, so that they become null as in JSON.
      const batch = Array.from(rows.slice(start, end), (row, index) => change(row, start + index + 1));
      yield* batches.pieces(batch, 0, batch.length);
    }
    start = end;
  }
}

/** Rows out of an iterable. A sync one is not awaited row by row, which would cost more than the export itself. */
async function* iterableBatches(iterable, reading, count) {
  const batcher = new Batcher(reading, count);
  if (typeof iterable[Symbol.asyncIterator] === 'function') {
    for await (const item of iterable) yield* batcher.add(item);
  } else {
    for (const item of iterable) yield* batcher.add(item);
  }
  yield* batcher.end();
}

/** Gathers rows, or pages of rows, into batches. */
class Batcher {
  #change;
  #count;
  #batch = [];
  #batches;
  #paged;
  #columns;
  #undecided = [];

  constructor({ change, pages, columns }, count) {
    this.#change = change;
    this.#paged = pages;
    this.#columns = columns;
    this.#count = count;
    this.#batches = new Batches(count);
  }

  *add(item) {
    if (ArrayBuffer.isView(item)) {
      throw new ExportError('invalid_data', 'The iterable gives bytes, not rows.', {
        hint: 'Wrap it as ReadableStream.from(iterable) to export JSON bytes.',
      });
    }
    if (!Array.isArray(item)) return yield* this.#addRows([item]);
    // The first array that is not empty decides whether arrays are pages of rows or rows of cells.
    if (this.#paged === undefined) {
      if (item.length === 0) {
        this.#undecided.push(item);
        return;
      }
      this.#paged = isPage(item, this.#columns);
      yield* this.#decided();
    }
    if (!this.#paged) return yield* this.#addRows([item]);
    const stray = item.findIndex((row) => !isRow(row));
    if (stray >= 0) throw this.#noRow(item[stray], stray);
    yield* this.#addRows(item);
  }

  #noRow(value, index) {
    const row = this.#count.rows + this.#batch.length + index + 1;
    const what = value === null ? 'null' : value instanceof Date ? 'a Date' : `a ${typeof value}`;
    return new ExportError('invalid_data', `Row ${row}: a page holds ${what} where a row is expected.`, {
      row,
      hint: 'Set `pages: false` where the iterable gives rows that are arrays of cells.',
    });
  }

  /** Empty arrays that came first are rows of no cells, or pages of no rows. */
  *#decided() {
    const empty = this.#undecided.splice(0);
    if (!this.#paged) yield* this.#addRows(empty);
  }

  *#addRows(rows) {
    for (const row of rows) {
      this.#batch.push(this.#change(row, this.#count.rows + this.#batch.length + 1));
      if (this.#batch.length >= this.#batches.size) yield* this.#flush();
    }
  }

  *end() {
    this.#paged ??= this.#columns === undefined;
    yield* this.#decided();
    yield* this.#flush();
  }

  *#flush() {
    const batch = this.#batch;
    this.#batch = [];
    if (batch.length > 0) yield* this.#batches.pieces(batch, 0, batch.length);
  }
}

/**
 * Whether an array is a page of rows and not a row of cells. Beside columns it is one of records that have any of them, or of
 * lists that are as long as a row.
 */
function isPage(items, columns) {
  if (!items.every(isRow)) return false;
  if (columns === undefined) return true;
  const keys = new Set(columns.map((column) => String(column?.key ?? column)));
  if (!items.some(Array.isArray)) return items.some((record) => Object.keys(record).some((key) => keys.has(key)));
  const isFull = items.every((list) => Array.isArray(list) && list.length === columns.length);
  if (isFull && items.length === columns.length) {
    throw new ExportError('invalid_data', 'The iterable gives arrays of lists that can be pages of rows as well as rows whose cells are lists.', {
      hint: 'Set `pages: true` for pages, `pages: false` for rows.',
    });
  }
  return isFull;
}

function isRow(value) {
  return typeof value === 'object' && value !== null && !(value instanceof Date);
}
