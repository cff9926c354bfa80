// What the benchmarks measure is the whole work: their files hold their rows, and a file that does not is noticed.
// Nothing is timed here, and the packages to compare with are not needed.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { CASES, prepare } from '../../benches/cases.mjs';
import { checkRows } from '../../benches/equal-rows.mjs';
import { rowsOf } from '../../benches/shapes.mjs';
import * as tablecast from '../../pkg/load/node.js';

const flights = JSON.parse(await readFile(new URL('../../node_modules/vega-datasets/data/flights-20k.json', import.meta.url), 'utf8'));

test('every benchmark makes a file that holds its rows', async () => {
  for (const wanted of CASES) {
    const { contenders } = prepare({ ...wanted, repeat: 1 }, { tablecast, flights, rows: 25 });
    for (const { name, run, check } of contenders) if (name.startsWith('tablecast')) await check(await run());
  }
});

test('the benchmarks notice a file that holds other rows', async () => {
  const rows = rowsOf('mixed', flights, 5);
  const changed = {
    'a row is missing': rows.slice(1),
    'a column is missing': rows.map(({ code, ...rest }) => rest),
    'a number is another': rows.map((row) => ({ ...row, amount: row.amount + 0.01 })),
    'a text is another': rows.map((row) => ({ ...row, name: `${row.name}s` })),
    'null has become text': rows.map((row) => ({ ...row, note: row.note ?? 'null' })),
  };
  for (const format of ['csv', 'json', 'html', 'markdown']) {
    const textOf = async (data) => (await tablecast.exportFile(data, { format })).text();
    checkRows(format, await textOf(rows), rows);
    for (const [what, others] of Object.entries(changed)) {
      const text = await textOf(others);
      assert.throws(() => checkRows(format, text, rows), Error, `${format}: ${what}`);
    }
  }
});
