// Objects that JSON would empty are written by their content, wherever they lie; those without any are reported by column and row.
import assert from 'node:assert/strict';
import test from 'node:test';
import { exportFile } from '../../pkg/load/node.js';

class Money {
  #cents = 500;

  toString() {
    return `${this.#cents / 100}.00`;
  }
}

class Sealed {
  #secret = 1;

  get secret() {
    return this.#secret;
  }
}

const CONTENT = {
  'a Map is an object': [new Map([['k', 1], ['__proto__', { deep: new Map([[2, 'two']]) }]]), { k: 1, ['__proto__']: { deep: { 2: 'two' } } }],
  'a Set is an array': [new Set(['x', new Set([1])]), ['x', [1]]],
  'bytes are Base64': [new Uint8Array([1, 2, 3, 255]), 'AQID/w=='],
  'a part of a buffer is that part': [new Uint8Array([9, 1, 2, 9]).subarray(1, 3), 'AQI='],
  'a DataView is its bytes': [new DataView(new Uint8Array([1, 2, 3]).buffer, 1), 'AgM='],
  'an ArrayBuffer is its bytes': [new Uint8Array([1, 2, 3]).buffer, 'AQID'],
  'a shared buffer is its bytes': [new SharedArrayBuffer(3), 'AAAA'],
  'a Buffer of Node is its bytes': [Buffer.from('abc'), 'YWJj'],
  'many bytes': [new Uint8Array(100_000).fill(255), Buffer.alloc(100_000, 255).toString('base64')],
  'an error is its text': [Object.assign(new TypeError('disk full'), { code: 'ENOSPC' }), 'TypeError: disk full'],
  'a regular expression is its source': [/a+/g, '/a+/g'],
  'parameters of a URL are its query': [new URLSearchParams('a=1&b=2'), 'a=1&b=2'],
  'an object that only shows itself as text is that text': [new Money(), '5.00'],
  'an object with toJSON says itself what it is': [new URL('https://example.org/a'), 'https://example.org/a'],
  'an empty object is empty': [{}, {}],
  'an empty object without a prototype is empty': [Object.create(null), {}],
};

const jsonOf = async (data, options) => JSON.parse(await (await exportFile(data, { format: 'json', ...options })).text());

for (const [rule, [value, expected]] of Object.entries(CONTENT)) {
  test(rule, async () => {
    const row = { id: 1, v: value, deep: { list: [value] } };
    const file = await exportFile([row], { format: 'json', strict: true });
    assert.deepEqual(JSON.parse(await file.text()), [{ id: 1, v: expected, deep: { list: [expected] } }]);
    assert.deepEqual(await jsonOf({ columns: ['id', 'v'], rows: [[1, value]] }), [{ id: 1, v: expected }]);
    assert.deepEqual(await jsonOf([{ id: 1 }], { columns: ['id', { key: 'v', value: () => value }] }), [{ id: 1, v: expected }]);
  });
}

const LOST = {
  'a promise': () => Promise.resolve(5),
  'a Blob': () => new Blob(['x']),
  'a WeakMap': () => new WeakMap(),
  'a generator': () => [1].values(),
  'an object with nothing but private fields': () => new Sealed(),
  'a response': () => new Response('x'),
  'headers': () => new Headers({ a: 'b' }),
};

for (const [name, make] of Object.entries(LOST)) {
  test(`${name} is reported`, async () => {
    const rows = [{ a: 1, v: 'x' }, { a: 2, v: make() }, { a: 3, v: { list: [make(), make()] } }];
    const { report, ...file } = await exportFile(rows, { format: 'json' }).then(async (made) => ({ report: made.report, text: await made.text() }));
    assert.deepEqual(JSON.parse(file.text).map(({ v }) => v), ['x', null, { list: [null, null] }]);
    assert.deepEqual(report.warnings.map(({ code, column, count, firstRow }) => [code, column, count, firstRow]), [['unrepresentable', 'v', 3, 2]]);
    await assert.rejects(exportFile(rows, { format: 'csv', strict: true }), { code: 'strict' });
    await assert.rejects(exportFile([{ a: 1 }, make()], { format: 'csv' }), ({ code, row, hint }) => code === 'invalid_data' && row === 2 && hint.length > 0);
  });
}

test('an async function of a column is reported', async () => {
  const columns = ['b', { key: 'a', value: async (row) => row.a }];
  const { report } = await exportFile([{ a: 1, b: 1 }, { a: 2, b: 2 }], { format: 'csv', columns });
  assert.deepEqual(report.warnings.map(({ code, column, count }) => [code, column, count]), [['unrepresentable', 'a', 2]]);
});

test('rows that are Maps are records, among others', async () => {
  const rows = [{ a: 1 }, new Map([['a', 2], ['b', 3]]), { b: 4 }];
  assert.equal(await (await exportFile(rows, { format: 'csv' })).text(), 'a,b\r\n1,\r\n2,3\r\n,4\r\n');
});

test('a row that is content of another kind is an error that names it', async () => {
  for (const [row, kind] of [[new Set([1]), 'Set'], [new Uint8Array(1), 'Uint8Array'], [new Error('x'), 'Error'], [/x/, 'RegExp'], [Promise.resolve({}), 'Promise']]) {
    await assert.rejects(exportFile([{ a: 1 }, row], { format: 'csv' }), ({ code, message, row: place }) => {
      assert.deepEqual([code, place], ['invalid_data', 2]);
      assert.match(message, new RegExp(kind));
      return true;
    });
  }
});

test('numbers that are not finite are reported wherever they lie', async () => {
  const csv = { format: 'csv' };
  for (const [data, options] of [
    [[{ a: NaN, b: 1 }], csv],
    [[{ a: [1, NaN] }], csv],
    [[{ a: { n: [Infinity] } }], csv],
    [[{ a: { n: Infinity }, b: 1 }], { ...csv, flatten: true }],
    [[{ a: { n: NaN, m: 1 } }], { ...csv, columns: ['a.n', 'a.m'] }],
    [[{ a: { d: new Date(NaN) } }], csv],
    [{ columns: ['a'], rows: [[[NaN]]] }, csv],
  ]) {
    const { report } = await exportFile(data, options);
    assert.deepEqual(report.warnings.map(({ code, count, firstRow }) => [code, count, firstRow]), [['non_finite', 1, 1]], JSON.stringify(data));
    await assert.rejects(exportFile(data, { ...options, strict: true }), { code: 'strict' });
  }
});
