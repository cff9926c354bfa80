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
  for (const chunk of openSource(data).open().chunks) text += unpacker.text(chunk);
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

test('integers and decimals of every length are written as String writes them', async () => {
  const numbers = [];
  for (let power = 0; power < 24; power += 1) {
    for (const digits of [1, 9, 5, 1.5, 1.25, 9.999999, 1.000001, 0.1234567, 0.05]) {
      for (const near of [-1, 0, 1]) numbers.push(digits * 10 ** power + near, -digits / 10 ** power, near / 10 ** power);
    }
  }
  for (let bit = 0; bit < 64; bit += 1) for (const near of [-1, 0, 1]) numbers.push(2 ** bit + near, near - 2 ** bit);
  const file = await exportFile(numbers.map((n) => ({ n })), { format: 'csv' });
  assert.deepEqual((await file.text()).split('\r\n').slice(1, -1), numbers.map(String));
});

test('a date is written as toJSON writes it, whatever its year', async () => {
  const most = 8.64e15;
  const times = [0, -1, 1, most, -most, 253402300799999, 253402300800000, -62167219200000, -62167219200001, -62198755200000, 951782400000];
  for (let count = 0; count < 20_000; count += 1) times.push(of([1, -1]) * Math.floor((below(2 ** 32) / 2 ** 32) * 10 ** below(17)));
  const dates = times.filter((time) => Math.abs(time) <= most).map((time) => new Date(time));
  const file = await exportFile(dates.map((at) => ({ at })), { format: 'csv' });
  const guarded = (text) => (/^[+-]/.test(text) ? `'${text}` : text);
  assert.deepEqual((await file.text()).split('\r\n').slice(1, -1), dates.map((date) => guarded(date.toJSON())));
  const invalid = await exportFile([{ at: new Date(NaN), id: 1 }], { format: 'csv' });
  assert.equal(await invalid.text(), 'at,id\r\n,1\r\n');
  assert.deepEqual(invalid.report.warnings.map(({ code }) => code), ['non_finite']);
});

test('a date is asked for its text where somebody changed how dates are written', async () => {
  const csv = async (at) => (await (await exportFile([{ at }], { format: 'csv', now: '2026-01-31T12:00:00Z' })).text()).split('\r\n')[1];
  const own = Object.assign(new Date(0), { toJSON: () => 'own' });
  const inner = Object.assign(new Date(0), { toISOString: () => 'inner' });
  const never = Object.assign(new Date(0), { valueOf: () => NaN });
  class Day extends Date {
    toJSON() {
      return super.toJSON().slice(0, 10);
    }
  }
  assert.deepEqual(await Promise.all([own, inner, never, new Day(0)].map(csv)), ['own', 'inner', '""', '1970-01-01']);
  for (const name of ['toJSON', 'toISOString']) {
    const original = Date.prototype[name];
    Date.prototype[name] = () => 'patched';
    try {
      assert.equal(await csv(new Date(0)), 'patched', name);
    } finally {
      Date.prototype[name] = original;
    }
  }
  // Nothing but its prototype makes this a date.
  await assert.rejects(csv(Object.create(Date.prototype)), { code: 'value_threw', row: 1, column: 'at' });
});

test('a date of a library that was there first is left to the library', async () => {
  const original = Date.prototype.toISOString;
  Date.prototype.toISOString = function () {
    return `theirs ${original.call(this)}`;
  };
  try {
    const { Packer } = await import('../../pkg/pack.js?patched');
    const packer = new Packer();
    packer.pack([[new Date(0)]], 0, 1);
    assert.equal(`[${new Unpacker().text(packer.flush())}]`, JSON.stringify([[new Date(0)]]));
  } finally {
    Date.prototype.toISOString = original;
  }
});

test('texts of every length and script arrive whole', async () => {
  const texts = [];
  for (const piece of ['a', 'é', '日', '😀', 'aé日😀', 'a\ud83d', '\ude00\ud83d']) {
    for (const length of [1, 2, 31, 63, 64, 65, 200, 5000]) texts.push(piece.repeat(length).slice(0, length), `${'x'.repeat(length)}${piece}`);
  }
  const file = await exportFile(texts.map((text) => ({ text })), { format: 'jsonl' });
  const found = (await file.text()).trim().split('\n').map((line) => JSON.parse(line).text);
  assert.deepEqual(found, texts.map((text) => text.toWellFormed()));
  const lone = texts.filter((text) => !text.isWellFormed()).length;
  assert.deepEqual(file.report.warnings.map(({ code, count }) => [code, count]), [['lone_surrogate', lone]]);
});

test('surrogates of two cells that stand side by side make no pair', async () => {
  const file = await exportFile([{ a: 'x\ud83d', b: '\ude00y' }], { format: 'csv' });
  assert.equal(await file.text(), 'a,b\r\nx\ufffd,\ufffdy\r\n');
});

test('only members of its own make up a record, and each is read once', async () => {
  const reads = [];
  const getter = (key, value) => ({ enumerable: true, get: () => (reads.push(key), value) });
  class Model {
    a = 1;
  }
  Model.prototype.shared = 'of all';
  const hidden = Object.defineProperty({ a: 2 }, 'b', { value: 'hidden', enumerable: false });
  const data = [
    new Model(),
    hidden,
    Object.defineProperties({}, { a: getter('a', 3), c: getter('c', 'first') }),
    Object.defineProperties({}, { c: getter('c', 'second'), a: getter('a', 4) }),
    Object.create({ inherited: 1 }, { a: { value: 5, enumerable: true } }),
    new Proxy({ a: 6, c: 'proxy' }, { get: (target, key) => (typeof key === 'string' && key in target && reads.push(`proxy ${key}`), target[key]) }),
  ];
  const expected = 'a,c\r\n1,\r\n2,\r\n3,first\r\n4,second\r\n5,\r\n6,proxy\r\n';
  assert.equal(await (await exportFile(data, { format: 'csv' })).text(), expected);
  assert.deepEqual(reads, ['a', 'c', 'c', 'a', 'proxy a', 'proxy c']);
  Object.defineProperty(Object.prototype, 'everywhere', { value: 1, enumerable: true, configurable: true, writable: true });
  try {
    assert.equal(await (await exportFile(data, { format: 'csv' })).text(), expected);
  } finally {
    delete Object.prototype.everywhere;
  }
});

test('a getter that takes later members away, or adds some, changes its record as JSON.stringify sees it', async () => {
  const taking = { get a() { delete this.b; return 1; }, b: 2, c: 3 };
  const adding = { get a() { this.z = 1; return 4; }, b: 5, c: 6 };
  const file = await exportFile([{ a: 0, b: 0, c: 0 }, taking, adding], { format: 'csv' });
  assert.equal(await file.text(), 'a,b,c\r\n0,0,0\r\n1,,3\r\n4,5,6\r\n');
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
