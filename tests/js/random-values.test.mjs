// `exportFile(value)` equals `exportFile(JSON.stringify(value))` for values of every kind that JSON can take. What JSON would
// empty is put into `JSON.stringify` by its content.
import assert from 'node:assert/strict';
import test from 'node:test';
import { exportFile } from '../../pkg/load/node.js';
import { Random } from './plain.mjs';

const TEXTS = ['', 'a', '007', 'é', '日本', '😀', '\ud83d', '\udc00x', '\u0000', '\u2028', '"', '\\', '\n', ',', '=1+1', '__proto__', 'constructor', '<b>', '|', '1', '02', 'none', 'null'];
const NUMBERS = [0, -0, 1, -1, 0.1, 1e21, 1e-7, 123456789012345680000, 2 ** 53, -(2 ** 31), 5e-324, 1.7976931348623157e308];

class Point {
  x = 1;
  #secret = 2;
  static z = 3;

  get y() {
    return this.#secret;
  }
}

class Money {
  constructor(amount) {
    this.amount = amount;
  }

  toJSON(key) {
    return `${key}: ${this.amount}`;
  }
}

class Rows extends Array {}

const own = (object, key, descriptor) => Object.defineProperty(object, key, { enumerable: true, configurable: true, ...descriptor });

/** Values that are no plain data, but which JSON.stringify takes without a complaint. */
const UNUSUAL = [
  () => undefined,
  () => () => 1,
  () => Symbol('s'),
  () => new Date(0),
  () => new Date(-1e12),
  () => new Map([[1, 2]]),
  () => new Set([1]),
  () => new WeakMap(),
  () => /x/g,
  () => new Error('no'),
  () => new Point(),
  () => new Money(5),
  () => Object(1.5),
  () => Object('boxed'),
  () => Object(false),
  () => Object(Symbol('s')),
  () => Object.freeze({ frozen: Object.freeze([1]) }),
  () => Object.assign(Object.create(null), { bare: 1 }),
  () => Object.create({ inherited: 1 }, { hidden: { value: 2 }, shown: { value: 3, enumerable: true } }),
  () => own({}, 'computed', { get: () => 'from a getter' }),
  () => own({ [Symbol('key')]: 1 }, 'b', { value: [undefined] }),
  () => new Proxy({ a: 1, b: [2] }, {}),
  () => new Proxy([1, 2], {}),
  () => new Proxy({}, { ownKeys: () => ['p'], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }), get: (_, key) => (key === 'p' ? 'proxied' : undefined) }),
  () => [1, , 3], // eslint-disable-line no-sparse-arrays
  () => new Array(3),
  () => Object.assign([1], { extra: 2 }),
  () => Rows.from([1, 2]),
  () => new Uint8Array([1, 2]),
  () => new Float64Array([0.5]),
  () => new ArrayBuffer(2),
  () => new URL('http://localhost/a?b'),
  () => new URLSearchParams('a=b'),
  () => new Blob(['x']),
  () => Buffer.from('ab'),
  () => Promise.resolve(1),
  () => globalThis.Math,
  () => JSON,
  () => (function () { return arguments; })(1, 2), // eslint-disable-line prefer-rest-params
  () => Object.assign(() => 1, { toJSON: () => 'a function with toJSON' }),
  () => ({ toJSON: () => ({ toJSON: () => 'not asked again', a: 1 }) }),
  () => ({ toJSON: 'no function' }),
  () => ({ toJSON: () => undefined }),
];

function value(random, depth) {
  switch (random.below(depth > 3 ? 5 : 9)) {
    case 0:
      return null;
    case 1:
      return random.below(2) === 0;
    case 2:
      return random.of(NUMBERS);
    case 3:
    case 4:
      return random.of(TEXTS) + random.of(TEXTS);
    case 5:
      return Array.from({ length: random.below(4) }, () => value(random, depth + 1));
    case 6:
      return record(random, depth + 1);
    default:
      return random.of(UNUSUAL)();
  }
}

function record(random, depth) {
  const object = random.below(5) === 0 ? Object.create(null) : {};
  for (let count = random.below(6); count > 0; count -= 1) own(object, random.of(TEXTS), { value: value(random, depth), writable: true });
  return object;
}

/** The file and its report without what only one of the two sources can know, or the error's code. */
async function outcome(data, options) {
  try {
    const file = await exportFile(data, { now: '2020-01-01T00:00:00Z', ...options });
    return { text: await file.text(), report: file.report };
  } catch (error) {
    assert.equal(error.name, 'ExportError', error.stack);
    return { code: error.code };
  }
}

const isObject = (value) => typeof value === 'object' && value !== null;
/** What JSON writes as an empty object, or as its bytes by number, by the kinds that stand in UNUSUAL. */
const LOST = [WeakMap, Blob, Promise];
const AS_TEXT = [RegExp, Error, URLSearchParams, Symbol];

const isA = (value, classes) => isObject(value) && classes.some((each) => value instanceof each);

function content(value) {
  if (value instanceof ArrayBuffer) return Buffer.from(value).toString('base64');
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Set) return [...value];
  if (isA(value, AS_TEXT)) return value.toString();
  return value;
}

/** The JSON text that stands for the data, and how many values are lost on the way. */
function plainJson(data) {
  let lost = 0;
  const text = JSON.stringify(data, function (key, seen) {
    const given = this[key];
    if (isA(given, LOST)) {
      lost += 1;
      return null;
    }
    return ArrayBuffer.isView(given) ? content(given) : content(seen);
  });
  return { text, lost };
}

async function same(data, options, seed) {
  const { text, lost } = plainJson(data);
  const found = await outcome(data, options);
  if (found.report !== undefined) {
    const { warnings } = found.report;
    const told = warnings.filter(({ code }) => code === 'unrepresentable');
    assert.equal(told.reduce((sum, { count }) => sum + count, 0), lost, `seed ${seed}`);
    found.report.warnings = warnings.filter((warning) => !told.includes(warning));
  }
  assert.deepEqual(found, await outcome(text, options), `seed ${seed}`);
}

/** Whether a value is content that is no row, but a text or nothing. */
const isNoRow = (value) => isA(value, [...LOST, ...AS_TEXT, ArrayBuffer, Set]) || ArrayBuffer.isView(value);

const FORMATS = ['csv', 'json', 'jsonl', 'html', 'markdown'];

test('records of any values', async () => {
  for (let seed = 1; seed <= 1500; seed += 1) {
    const random = new Random(seed);
    const rows = Array.from({ length: random.below(8) }, () => record(random, 0));
    await same(rows, { format: random.of(FORMATS) }, seed);
  }
});

test('tables of any values', async () => {
  for (let seed = 1; seed <= 800; seed += 1) {
    const random = new Random(seed);
    const columns = Array.from({ length: 1 + random.below(4) }, (_, index) => random.of(TEXTS).replace(/[\ud800-\udfff]/g, '') + index);
    const rows = Array.from({ length: random.below(8) }, () => Array.from({ length: random.below(6) }, () => value(random, 0)));
    await same({ columns, rows }, { format: random.of(FORMATS) }, seed);
    await same({ rows, columns }, { format: random.of(FORMATS) }, seed);
    await same(rows, { format: random.of(FORMATS), columns }, seed);
    await same({ items: rows.map((row) => Object.fromEntries(row.entries())) }, { format: random.of(FORMATS) }, seed);
  }
});

test('anything at all in the place of a table', async () => {
  for (let seed = 1; seed <= 1500; seed += 1) {
    const random = new Random(seed);
    const data = value(random, 0);
    // A list that is no array is read row by row, and a function, undefined or a buffer is not JSON text.
    if (typeof data === 'string' || JSON.stringify(data) === undefined) continue;
    if (isObject(data) && (Symbol.iterator in data || data instanceof Blob || data instanceof ArrayBuffer) && !Array.isArray(data)) continue;
    if (isNoRow(data) || (Array.isArray(data) && data.some(isNoRow))) {
      // A number or the like among the rows may come first.
      assert.match((await outcome(data, { format: 'csv' })).code, /^(invalid_data|not_tabular)$/, `seed ${seed}`);
      continue;
    }
    await same(data, { format: random.of(FORMATS) }, seed);
  }
});

test('every unusual value, as a row, as a cell, in a cell, and as all data', async () => {
  for (const [number, make] of UNUSUAL.entries()) {
    for (const format of FORMATS) {
      if (isNoRow(make())) {
        const error = await exportFile([{ a: 1 }, make()], { format }).catch((thrown) => thrown);
        assert.deepEqual([error.code, error.row], ['invalid_data', 2], `row ${number}`);
      } else {
        await same([make(), make()], { format }, `row ${number}`);
      }
      await same([{ a: make(), b: 1 }], { format }, `cell ${number}`);
      await same([{ a: [make(), { b: make() }] }], { format }, `nested ${number}`);
      await same({ columns: ['a', 'b'], rows: [[make(), 1], ...(isNoRow(make()) ? [] : [make()])] }, { format }, `table ${number}`);
    }
  }
});

test('a row with many and with large cells', async () => {
  const wide = Object.fromEntries(Array.from({ length: 16_000 }, (_, index) => [`column ${index}`, index]));
  const large = { text: 'ä"\n'.repeat(1_000_000), nested: Array.from({ length: 200_000 }, (_, index) => index) };
  const sparse = [];
  sparse[5000] = { a: 1 };
  for (const format of ['csv', 'json']) {
    await same([wide, wide], { format });
    await same([large, { text: 1n === 1n }], { format });
    await same(sparse, { format });
  }
});

test('values that change with each look are read once and still make a whole file', async () => {
  let reads = 0;
  const row = own({}, 'a', { get: () => (reads += 1) % 2 === 0 ? NaN : { deep: 1n } });
  const file = await exportFile([row, row], { format: 'json' });
  JSON.parse(await file.text());
  let keys = 0;
  const shifting = new Proxy({}, { ownKeys: () => [`k${(keys += 1)}`], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }), get: (_, key) => (key === 'toJSON' ? undefined : 1) });
  JSON.parse(await (await exportFile([shifting, { b: shifting }], { format: 'json' })).text());
});

test('an error inside of the data names its place and leaves the next export unharmed', async () => {
  const refuse = () => {
    throw new Error('no');
  };
  const cycle = { list: [] };
  cycle.list.push(cycle);
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const faulty = {
    getter: own({}, 'x', { get: refuse }),
    toJSON: { toJSON: refuse },
    'toJSON getter': own({}, 'toJSON', { get: refuse }),
    'proxy keys': new Proxy({}, { ownKeys: refuse }),
    'proxy length': new Proxy([], { get: (target, key) => (key === 'length' ? refuse() : target[key]) }),
    'revoked proxy': revoked.proxy,
    cycle,
  };
  for (const [name, bad] of Object.entries(faulty)) {
    const rows = [...Array.from({ length: 2000 }, () => ({ a: 1 })), { a: 1, b: [bad] }];
    for (const data of [rows, { items: rows }, new Set(rows)]) {
      await assert.rejects(exportFile(data, { format: 'csv', columns: ['a', 'b'] }), { name: 'ExportError', code: name === 'cycle' ? 'cycle' : 'value_threw', row: 2001, column: 'b' }, name);
    }
    await assert.rejects(exportFile([bad], { format: 'csv' }), { name: 'ExportError' }, name);
    assert.equal(await (await exportFile([{ a: 1 }], { format: 'csv' })).text(), 'a\r\n1\r\n');
  }
});
