// What people hand over as data is awaited, read, or refused with what to hand over instead: never a file that nobody asked for.
import assert from 'node:assert/strict';
import test from 'node:test';
import { exportFile, exportResponse, exportStream } from '../../pkg/load/node.js';

const CSV = { format: 'csv' };
const text = async (data, options) => (await exportFile(data, { ...CSV, ...options })).text();

test('a promise is awaited, in every function', async () => {
  const expected = 'a\r\n1\r\n';
  for (const make of [() => Promise.resolve([{ a: 1 }]), () => Promise.resolve('[{"a":1}]'), async () => Promise.resolve({ items: [{ a: 1 }] }), () => ({ then: (resolve) => resolve([{ a: 1 }]) })]) {
    assert.equal(await text(make()), expected);
    const stream = exportStream(make(), CSV);
    assert.equal(await new Response(stream).text(), expected);
    assert.equal((await stream.report).rows, 1);
    assert.equal(await (await exportResponse(make(), CSV)).text(), expected);
  }
});

test('a promise that is rejected ends the export with its reason', async () => {
  const reason = new Error('offline');
  await assert.rejects(text(Promise.reject(reason)), reason);
  await assert.rejects(new Response(exportStream(Promise.reject(reason), CSV)).text(), reason);
});

test('an export of a promise that never comes can be ended', async () => {
  const controller = new AbortController();
  const waiting = text(new Promise(() => {}), { signal: controller.signal });
  controller.abort();
  await assert.rejects(waiting, { name: 'AbortError' });
  await assert.rejects(text(Promise.resolve([]), { signal: AbortSignal.abort() }), { name: 'AbortError' });
});

class List {
  constructor(...rows) {
    rows.forEach((row, index) => (this[index] = row));
    this.length = rows.length;
  }
}

test('a list that is no array is read by its numbered members', async () => {
  assert.equal(await text(new List({ a: 1 }, { a: 2 })), 'a\r\n1\r\n2\r\n');
  assert.equal(await text(new List()), '');
  // A record may have a member of that name.
  assert.equal(await text({ length: 2, width: 3 }), 'length,width\r\n2,3\r\n');
});

const method = () => [];
const GRIDS = {
  DataTables: [{ rows: method, draw: method, ajax: method, context: [] }, /rows\(\{ search/],
  'TanStack Table': [{ getRowModel: method, getState: method, options: {} }, /getPrePaginationRowModel/],
  Tabulator: [{ getData: method, setColumns: method, columnManager: {} }, /getData\('active'\)/],
  'AG Grid': [{ forEachNodeAfterFilterAndSort: method, getDisplayedRowCount: method }, /forEachNodeAfterFilterAndSort/],
};

for (const [name, [grid, call]] of Object.entries(GRIDS)) {
  test(`an object of ${name} is refused with the call that gives its rows`, async () => {
    await assert.rejects(text(grid), ({ code, message, hint }) => {
      assert.equal(code, 'not_tabular');
      assert.match(message, new RegExp(name));
      assert.match(hint, call);
      return true;
    });
  });
}

test('a function in the place of rows is refused', async () => {
  for (const data of [{ rows: method }, { items: method, columns: ['a'] }, { columns: method, rows: [] }]) {
    await assert.rejects(text(data), ({ code, hint }) => code === 'not_tabular' && /Call it/.test(hint));
  }
});
