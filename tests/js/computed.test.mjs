// Columns made by a function: each shows its own values, whatever keys the others read.
import assert from 'node:assert/strict';
import test from 'node:test';
import { exportFile } from '../../pkg/load/node.js';

const ROWS = [{ at: '2026-01-31T08:30:00Z', n: 5, u: { a: 1, b: 2 } }];
const date = { key: 'at', label: 'Date', value: (row) => row.at.slice(0, 10) };
const time = { key: 'at', label: 'Time', value: (row) => row.at.slice(11, 16) };
const double = { key: 'n', label: 'Double', value: (row) => row.n * 2 };

for (const [name, columns, expected] of [
  ['two functions of one key', [date, time], 'Date,Time\r\n2026-01-31,08:30\r\n'],
  ['a key as it is, before a function of it', [{ key: 'n', label: 'Raw' }, double], 'Raw,Double\r\n5,10\r\n'],
  ['a key as it is, after a function of it', [double, 'n'], 'Double,n\r\n10,5\r\n'],
  ['paths into what a function replaces', ['u.a', { key: 'u', label: 'U', value: () => 'whole' }, 'u.b'], 'u.a,U,u.b\r\n1,whole,2\r\n'],
  ['a function of a path, beside the path', ['u.a', { key: 'u.a', label: 'More', value: (row) => row.u.a + 1 }], 'u.a,More\r\n1,2\r\n'],
  ['a function without a label of its own', ['n', { key: 'n', value: () => 7 }], 'n,n\r\n5,7\r\n'],
  ['a key that the rows lack', ['n', { key: 'x', value: () => 1 }, { key: 'x', label: 'y', value: () => 2 }], 'n,x,y\r\n5,1,2\r\n'],
]) {
  test(name, async () => {
    const options = { format: 'csv', columns };
    assert.equal(await (await exportFile(ROWS, options)).text(), expected);
    assert.equal(await (await exportFile({ items: ROWS }, options)).text(), expected);
    assert.equal(await (await exportFile(ROWS.values(), options)).text(), expected);
    assert.deepEqual(ROWS, [{ at: '2026-01-31T08:30:00Z', n: 5, u: { a: 1, b: 2 } }]);
  });
}

test('rows that are lists', async () => {
  const columns = [
    { key: 'at', label: 'Date', value: (row) => row[0].slice(0, 10) },
    { key: 'at', label: 'Time', value: (row) => row[0].slice(11, 16) },
    'n',
    { key: 'n', label: 'Double', value: (row) => row[1] * 2 },
  ];
  const expected = 'Date,Time,n,Double\r\n2026-01-31,08:30,5,10\r\n';
  const rows = [['2026-01-31T08:30:00Z', 5]];
  assert.equal(await (await exportFile({ columns: ['at', 'n'], rows }, { format: 'csv', columns })).text(), expected);
});

test('what a column reports, it reports under its label', async () => {
  const columns = ['n', { key: 'n', label: 'Sum', value: () => '=1+1' }];
  const { report } = await exportFile(ROWS, { format: 'csv', columns });
  assert.deepEqual(report.warnings.filter(({ code }) => code === 'formula_guarded').map(({ column }) => column), ['Sum']);
  const failing = [date, { ...time, value: () => { throw new Error('no'); } }];
  await assert.rejects(exportFile(ROWS, { format: 'csv', columns: failing }), ({ code, row, column }) => {
    assert.deepEqual([code, row, column], ['value_threw', 1, 'at']);
    return true;
  });
});
