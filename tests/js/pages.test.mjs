// An iterable gives the rows that an array of the same items has, or pages of them; `pages` says which where both are possible.
import assert from 'node:assert/strict';
import test from 'node:test';
import { exportFile } from '../../pkg/load/node.js';

const text = async (data, options) => (await exportFile(data, { format: 'csv', ...options })).text();

/** The same items as a generator, sync and async. */
const iterables = (items) => [
  items.values(),
  (async function* () {
    yield* items;
  })(),
];

const LISTS = [
  ['cells that are lists', { columns: ['tags', 'refs'] }, [[['a'], ['b']], [['c'], ['d']]]],
  ['one column of objects', { columns: ['geo'] }, [[{ lat: 1 }], [{ lat: 2 }]]],
  ['empty lists first', { columns: ['a', 'b'] }, [[], [], [['x'], 1]]],
  ['nothing but empty lists', { columns: ['a', 'b'] }, [[], []]],
  ['dates and nulls', { columns: ['a', 'b'] }, [[new Date(0), null], [{ x: 1 }, []]]],
];

for (const [name, table, rows] of LISTS) {
  test(`in a table with columns, lists of other cells are rows: ${name}`, async () => {
    const expected = await text({ ...table, rows });
    for (const iterable of iterables(rows)) assert.equal(await text({ ...table, rows: iterable }), expected);
    for (const iterable of iterables(rows)) assert.equal(await text(iterable, { ...table, pages: false }), expected);
    for (const iterable of iterables([rows, [], rows])) {
      assert.equal(await text({ ...table, rows: iterable }, { pages: true }), await text({ ...table, rows: [...rows, ...rows] }));
    }
  });
}

test('beside columns, arrays of records that have them are pages, and so are arrays of whole rows', async () => {
  for (const [columns, pages, expected] of [
    [['a', 'b'], [[{ a: 1, b: 2 }], [{ a: 3, b: 4 }, { b: 5 }]], 'a,b\r\n1,2\r\n3,4\r\n,5\r\n'],
    [['a'], [[{ a: 1 }], [{ x: 2 }]], 'a\r\n1\r\n""\r\n'],
    [['a', 'b'], [[[1, 2], [3, 4], [5, 6]], [[7, 8]]], 'a,b\r\n1,2\r\n3,4\r\n5,6\r\n7,8\r\n'],
  ]) {
    for (const iterable of iterables(pages)) assert.equal(await text({ columns, rows: iterable }), expected);
  }
});

test('arrays that can be both are an error that says what to set', async () => {
  const both = [[[1, 2], [3, 4]]];
  for (const iterable of iterables(both)) {
    await assert.rejects(text({ columns: ['a', 'b'], rows: iterable }), ({ code, hint }) => code === 'invalid_data' && /pages: true/.test(hint));
  }
  assert.equal(await text({ columns: ['a', 'b'], rows: both.values() }, { pages: true }), 'a,b\r\n1,2\r\n3,4\r\n');
  assert.equal(await text({ columns: ['a', 'b'], rows: both.values() }, { pages: false }), 'a,b\r\n"[1,2]","[3,4]"\r\n');
});

test('arrays of records are pages, alone and in a table without columns', async () => {
  const pages = [[{ a: 1 }, { a: 2 }], [], [{ a: 3 }]];
  const expected = 'a\r\n1\r\n2\r\n3\r\n';
  for (const options of [{}, { pages: true }, { columns: ['a'] }]) {
    for (const iterable of iterables(pages)) assert.equal(await text(iterable, options), expected);
  }
  for (const iterable of iterables(pages)) assert.equal(await text({ items: iterable }), expected);
});

test('a page that holds no row is an error, with its place', async () => {
  for (const stray of [7, 'x', null, new Date(0), true]) {
    const [sync, later] = iterables([[{ a: 1 }], [{ a: 2 }, stray]]);
    for (const iterable of [sync, later]) {
      await assert.rejects(text(iterable), ({ code, row, hint }) => {
        assert.deepEqual([code, row], ['invalid_data', 3]);
        assert.match(hint, /pages: false/);
        return true;
      });
    }
  }
});

test('`pages` is true or false', async () => {
  await assert.rejects(text([], { pages: 'yes' }), { code: 'invalid_option' });
});
