// Packed rows stand for the JSON text that the careful way writes, and the engine reads them as it reads that text.
import assert from 'node:assert/strict';
import test from 'node:test';
import { exportFile } from '../../pkg/load/node.js';
import { openSource } from '../../pkg/source.js';
import { encodeRow } from '../../pkg/values.js';
import { Unpacker } from './unpacked.mjs';

let state = 20260101;
const below = (end) => {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % end;
};
const of = (list) => list[below(list.length)];

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);

/** A number of any size and any number of digits. */
function number() {
  words[0] = below(2 ** 32);
  words[1] = below(2 ** 32);
  const digits = below(2 ** 31) * of([1, 1e3, 1e6, -1]);
  return of([float[0], digits, digits / 10 ** below(18), digits * 10 ** below(18), (digits + 0.5) / 2 ** below(40), below(1000) / 100]);
}

const TEXTS = ['', 'a', 'é', '日本', '😀', '\ud83d', '\udc00x', '\ufffd', '"', '\\', '\n', '\u0000', ',', '007'];
const CELLS = [
  number,
  number,
  () => of(TEXTS) + of(TEXTS),
  () => of([NaN, Infinity, -Infinity, -0, 0, null, undefined, true, false, 2n ** 70n, -1n]),
  () => of([() => 1, Symbol('s'), new Date(below(2 ** 31)), new Date(NaN), Object(1), Object('x'), Object(false)]),
  () => of([[], {}, [1, { a: 'é' }], { b: [NaN, 1n] }, { toJSON: () => 'told' }, { toJSON: () => [1] }, new Map([[1, 2]])]),
];

/** Rows whose keys are some of a few, mostly in the same order. */
function rows(kinds, count) {
  const keys = ['id', 'é', 'c', '1', '__proto__', 'd', 'toString'];
  return Array.from({ length: count }, () => {
    const chosen = keys.filter(() => below(4) > 0);
    if (below(10) === 0) chosen.reverse();
    const row = below(8) === 0 ? Object.create(null) : {};
    for (const key of chosen) Object.defineProperty(row, key, { value: of(kinds)(), enumerable: true, writable: true });
    return row;
  });
}

function unpacked(data) {
  const unpacker = new Unpacker();
  let text = '';
  for (const chunk of openSource(data, []).open().chunks) text += unpacker.text(chunk);
  return text;
}

/** U+FFFD is all that packed text can say of half a surrogate pair. */
const replaced = (text) => text.replace(/\\u[d][89a-f][0-9a-f]{2}/g, '\uFFFD');

test('packed rows stand for the text of the careful way', () => {
  for (let round = 0; round < 300; round += 1) {
    const records = rows(CELLS, below(60));
    const lists = records.map((record) => Object.values(record));
    for (const data of [records, lists, [...records, null, ...lists]]) {
      const careful = `[${data.map((row, index) => encodeRow(row, index + 1))}]`;
      assert.equal(replaced(unpacked(data)), replaced(careful), `round ${round}`);
    }
  }
});

test('a number is written as String writes it', async () => {
  const numbers = Array.from({ length: 100_000 }, number);
  const file = await exportFile({ columns: ['n'], rows: numbers.map((value) => [value]) }, { format: 'csv' });
  const lines = (await file.text()).split('\r\n').slice(1, -1);
  assert.deepEqual(lines, numbers.map((value) => (Number.isFinite(value) ? String(value) : '""')));
});

test('ragged records give the columns of their JSON text, in its order', async () => {
  for (let round = 0; round < 60; round += 1) {
    const data = rows(CELLS.slice(0, 3), 1 + below(400)).map((row, index) => (below(100) === 0 ? { ...row, [`new${index}`]: 1 } : row));
    for (const options of [{ format: 'csv' }, { format: 'json' }, { format: 'csv', columns: ['c', 'id', 'none'] }, { format: 'jsonl', flatten: true }]) {
      const finite = data.map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => typeof value !== 'number' || Number.isFinite(value))));
      const [file, expected] = [await exportFile(finite, options), await exportFile(JSON.stringify(finite), options)];
      assert.equal(await file.text(), await expected.text());
      assert.deepEqual(file.report, expected.report);
    }
  }
});

test('records whose keys never repeat are exported all the same', async () => {
  const data = Array.from({ length: 3000 }, (_, index) => ({ [`key ${index}`]: index, id: index }));
  const expected = await exportFile(JSON.stringify(data), { format: 'jsonl' });
  assert.equal(await (await exportFile(data, { format: 'jsonl' })).text(), await expected.text());
});

test('an `Array.prototype.toJSON` of somebody else changes no number', async () => {
  Object.defineProperty(Array.prototype, 'toJSON', { value: () => 'theirs', configurable: true });
  try {
    const file = await exportFile(new Set([{ a: 0.1 + 0.2 }]), { format: 'csv' });
    assert.equal(await file.text(), `a\r\n${0.1 + 0.2}\r\n`);
  } finally {
    delete Array.prototype.toJSON;
  }
});
