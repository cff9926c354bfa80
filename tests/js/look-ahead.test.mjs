// What the look-ahead holds is measured in values: cells without one do not use it up.
import assert from 'node:assert/strict';
import test from 'node:test';
import { exportFile } from '../../pkg/load/node.js';

const csv = (rows) => exportFile(rows, { format: 'csv' });

/** Rows that come one after the other, so that nothing is read twice. */
function* rows(count, row) {
  for (let index = 0; index < count; index += 1) yield row(index);
}

test('a thousand rows of two values in five hundred columns are all looked at', async () => {
  const file = await csv(rows(1000, (index) => ({ id: index, [`q${Math.floor(index / 2)}`]: 'y' })));
  assert.deepEqual([file.report.columns, file.report.warnings], [501, []]);
});

test('nulls have no weight', async () => {
  const nulls = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`c${index}`, null]));
  const file = await csv(rows(991, (index) => (index < 990 ? nulls : { late: 1 })));
  assert.deepEqual([file.report.columns, file.report.warnings], [151, []]);
});

test('the thousandth row is looked at, the next one is not', async () => {
  const late = (at) => csv(rows(1100, (index) => (index === at - 1 ? { a: 1, late: 1 } : { a: 1 })));
  assert.equal((await late(1000)).report.columns, 2);
  await assert.rejects(late(1001), { code: 'late_column' });
});

test('a mebibyte of values is enough, and so are two million cells without any', async () => {
  const heavy = (at) => csv(rows(900, (index) => ({ text: 'x'.repeat(4000), ...(index === at && { late: 1 }) })));
  assert.equal((await heavy(100)).report.columns, 2);
  await assert.rejects(heavy(500), { code: 'late_column' });
  const wide = Object.fromEntries(Array.from({ length: 4000 }, (_, index) => [`c${index}`, null]));
  const sparse = (at) => csv(rows(900, (index) => (index === at ? { ...wide, late: 1 } : wide)));
  assert.equal((await sparse(300)).report.columns, 4001);
  await assert.rejects(sparse(800), { code: 'late_column' });
});
