// The caller's own code runs while its data are read: it may end the export, throw, or take the data away.
import assert from 'node:assert/strict';
import test from 'node:test';
import { exportFile } from '../../pkg/load/node.js';

const MINE = new Error('mine');

/** Data that end the export while they are read, in every way in which they can. */
const ENDING = {
  getter: (end) => ({ data: [{ get a() { return end(); } }, { a: 2 }] }),
  'getter within an envelope': (end) => ({ data: { rows: [{ get a() { return end(); } }] } }),
  toJSON: (end) => ({ data: [{ a: { toJSON: end } }] }),
  generator: (end) => ({ data: (function* () { yield { a: end() }; yield { a: 2 }; })() }),
  'computed column': (end) => ({ data: [{ a: 1 }], columns: [{ key: 'a', value: end }] }),
};

for (const worker of [false, true]) {
  for (const [name, make] of Object.entries(ENDING)) {
    test(`a ${name} may abort the export${worker ? ' in a worker' : ''}, which rejects with the signal's reason`, async () => {
      const controller = new AbortController();
      const { data, columns } = make(() => {
        controller.abort(MINE);
        return 1;
      });
      await assert.rejects(exportFile(data, { format: 'csv', worker, columns, signal: controller.signal }), MINE);
      assert.equal(await (await exportFile([{ a: 1 }], { format: 'csv', worker })).text(), 'a\r\n1\r\n');
    });
  }
}

test('bytes that are taken away in the middle never make a file that looks whole', async () => {
  const bytes = new TextEncoder().encode(`a\n${'1\n'.repeat(600_000)}`);
  const onProgress = () => {
    if (bytes.length > 0) structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  };
  await assert.rejects(exportFile(bytes, { format: 'csv', input: { format: 'csv' }, onProgress }), { code: 'invalid_data' });
  // They are gone already, and were no empty file.
  await assert.rejects(exportFile(bytes, { format: 'csv', input: { format: 'jsonl' } }), { code: 'invalid_data' });
});

test('bytes that are taken away right after the call are missed too', async () => {
  const bytes = new TextEncoder().encode('a\n1\n');
  const file = exportFile(bytes, { format: 'csv', input: { format: 'csv' }, timeZone: 'Europe/Berlin' });
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  await assert.rejects(file, { code: 'invalid_data' });
});

test('what throws when the data are looked at is an error with a code', async () => {
  const thrower = () => {
    throw MINE;
  };
  const proxy = new Proxy({}, { get: thrower, getPrototypeOf: thrower, ownKeys: thrower });
  const row = { get a() { return thrower(); } };
  for (const data of [proxy, { get rows() { return thrower(); } }, { get items() { return thrower(); } }, { toJSON: thrower }]) {
    await assert.rejects(exportFile(data, { format: 'csv' }), { name: 'ExportError', code: 'value_threw', cause: MINE });
  }
  const computed = { format: 'csv', columns: [{ key: 'b', value: () => 1 }] };
  await assert.rejects(exportFile([{}, row], computed), { code: 'value_threw', row: 2, cause: MINE });
});

test('a computed column goes with what toJSON says, and is computed from the row itself', async () => {
  class Model {
    secret = 1;
    toJSON() {
      return { a: 5 };
    }
  }
  const columns = ['a', { key: 'b', value: (model) => model.secret }];
  const file = await exportFile([new Model()], { format: 'csv', columns });
  assert.equal(await file.text(), 'a,b\r\n5,1\r\n');
});

test('an option that is a bigint is refused, and not passed over', async () => {
  const options = { format: 'html', columns: [{ key: 'a', width: 5n }] };
  await assert.rejects(exportFile([{ a: 1 }], options), { code: 'invalid_option', message: /`columns\[0\]\.width`/ });
});

test('a path leads into values as into their JSON, whatever stands beside it', async () => {
  const list = [{ a: 1 }];
  for (const [path, data] of [
    ['result.list', { columns: ['x'], result: { list } }],
    ['data.rows', { items: 3, data: { rows: list } }],
    ['rows.list', { rows: { list } }],
    ['rows', { rows: list, meta: 2 }],
  ]) {
    const options = { format: 'csv', input: { path } };
    const [values, text] = await Promise.all([data, JSON.stringify(data)].map((given) => exportFile(given, options)));
    assert.equal(await values.text(), 'a\r\n1\r\n', path);
    assert.deepEqual([await text.text(), text.report], [await values.text(), values.report], path);
  }
  const computed = { format: 'csv', input: { path: 'data' }, columns: [{ key: 'b', value: () => 1 }] };
  await assert.rejects(exportFile({ data: list }, computed), { code: 'invalid_option' });
});
