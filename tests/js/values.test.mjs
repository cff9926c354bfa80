// JavaScript values become the JSON text that `JSON.stringify` writes, and what it would lose is kept or refused.
import assert from 'node:assert/strict';
import test from 'node:test';
import { encodeRows } from '../../pkg/values.js';
import { exportFile } from '../../pkg/load/node.js';

const encoded = (rows) => `[${encodeRows(rows, 0)}]`;

class Point {
  x = 1;
  get y() {
    return 2;
  }
}

const JSON_SAFE = {
  scalars: [{ a: 1, b: -0, c: 1e21, d: 1e-7, e: 'é', f: true, g: null }],
  'absent members': [{ a: undefined, b: () => 1, c: Symbol('s'), d: 1 }],
  'absent cells': [[undefined, () => 1, Symbol('s'), 1]],
  'absent rows': [undefined, null, { a: 1 }],
  'a hole in an array': [[1, , 3]], // eslint-disable-line no-sparse-arrays
  dates: [{ when: new Date(0) }],
  'toJSON of a nested value': [{ a: { toJSON: (key) => `for ${key}` } }],
  'toJSON of a row': [{ toJSON: () => ({ a: 1 }) }],
  'toJSON that gives nothing': [{ a: { toJSON: () => undefined }, b: 1 }],
  'boxed primitives': [{ a: Object(1), b: Object('x'), c: Object(true) }],
  'instances of a class': [new Point()],
  'objects without a prototype': [Object.assign(Object.create(null), { a: 1 })],
  'inherited members': [Object.create({ inherited: 1 }, { own: { value: 2, enumerable: true } })],
  'keys that name parts of prototypes': JSON.parse('[{"__proto__":1,"constructor":2,"toString":3}]'),
  'lone surrogates': [{ a: '\ud800', '\udfff': 'x\udc00y' }],
  'control characters and quotes': [{ a: '\u0000"\\\n\u2028' }],
  nested: [{ a: { b: [1, { c: [] }] }, d: {} }],
  'integer-like keys': [{ b: 1, 10: 2, 2: 3 }],
};

for (const [name, rows] of Object.entries(JSON_SAFE)) {
  test(`JSON text is that of JSON.stringify: ${name}`, () => {
    assert.equal(encoded(rows), JSON.stringify(rows));
  });

  test(`the careful way writes the same: ${name}`, () => {
    // One bigint sends the whole batch the careful way.
    assert.equal(encoded([...rows, [10n]]), JSON.stringify([...rows, [10]]));
  });

  test(`a file is the same from values and from their JSON text: ${name}`, async () => {
    const outcome = (data) => exportFile(data, { format: 'csv', now: '2020-01-01T00:00:00Z' }).then((file) => file.text(), ({ code }) => code);
    assert.equal(await outcome(rows), await outcome(JSON.stringify(rows)));
  });
}

test('a bigint keeps its digits, in a cell and nested', () => {
  assert.equal(encoded([{ a: 2n ** 64n, b: [-(2n ** 70n)] }]), '[{"a":18446744073709551616,"b":[-1180591620717411303424]}]');
});

test('what is not finite is marked, in a cell and nested', () => {
  assert.equal(encoded([{ a: NaN, b: -Infinity, c: [NaN], d: 1 }]), '[{"a":none,"b":none,"c":[none],"d":1}]');
  assert.equal(encoded([[Infinity, Object(NaN)]]), '[[none,none]]');
});

test('an invalid date is marked', () => {
  assert.equal(encoded([{ a: new Date(NaN), b: [new Date(NaN)] }]), '[{"a":none,"b":[none]}]');
});

test('what JSON would empty is written by its content, and marked where it has none', () => {
  const rows = [{ a: new Map([[1, 2]]), b: new Set([1]), c: /x/, d: Promise.resolve(), e: [new Blob([])], f: new Uint8Array([1, 2, 255]) }];
  assert.equal(encoded(rows), '[{"a":{"1":2},"b":[1],"c":"/x/","d":lost,"e":[lost],"f":"AQL/"}]');
});

test('a text that says none stays a text', () => {
  assert.equal(encoded([{ a: 'none', b: NaN }]), '[{"a":"none","b":none}]');
});

test('a cell that is not finite is reported and written as null is', async () => {
  const rows = [{ a: NaN, b: 1 }, { a: 2, b: Infinity }];
  const nulls = [{ a: null, b: 1 }, { a: 2, b: null }];
  const file = await exportFile(rows, { format: 'csv' });
  assert.equal(await file.text(), await (await exportFile(nulls, { format: 'csv' })).text());
  assert.notEqual(file.report.warnings.length, 0);
});

test('digits of a bigint arrive in the file', async () => {
  const file = await exportFile([{ id: 12345678901234567890n }], { format: 'csv' });
  assert.equal(await file.text(), 'id\r\n12345678901234567890\r\n');
});

test('a cycle is an error that names its row and column', async () => {
  const row = { a: 1 };
  row.self = { row };
  await assert.rejects(exportFile([{ a: 0 }, row], { format: 'csv' }), { name: 'ExportError', code: 'cycle', row: 2, column: 'self' });
});

test('the same object twice is no cycle', () => {
  const shared = { x: 1 };
  assert.equal(encoded([{ a: shared, b: shared, c: 1n }]), '[{"a":{"x":1},"b":{"x":1},"c":1}]');
});

test('a getter that throws is an error with its cause', async () => {
  const cause = new Error('no value today');
  const rows = [
    {
      get a() {
        throw cause;
      },
    },
  ];
  await assert.rejects(exportFile(rows, { format: 'csv' }), (error) => {
    assert.equal(error.code, 'value_threw');
    assert.equal(error.column, 'a');
    assert.equal(error.cause, cause);
    return true;
  });
});

test('a toJSON that throws and a proxy that throws are errors too', async () => {
  const refuse = () => {
    throw new Error('no');
  };
  for (const value of [{ toJSON: refuse }, new Proxy({}, { ownKeys: refuse }), new Proxy({}, { get: refuse })]) {
    await assert.rejects(exportFile([{ value }], { format: 'csv' }), { code: 'value_threw' });
  }
});

test('nesting beyond every limit is refused, not a stack overflow', async () => {
  let deep = [];
  for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
  await assert.rejects(exportFile([{ deep }], { format: 'csv' }), { code: 'limit_exceeded', column: 'deep' });
});

test('no prototype is touched', async () => {
  await exportFile(JSON.parse('[{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}]'), {
    format: 'json',
    template: JSON.parse('{"column_mapping":{"__proto__":"p","constructor":"c"}}'),
  });
  assert.equal({}.polluted, undefined);
});
