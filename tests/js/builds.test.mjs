// What the core build makes, the full build makes too, byte for byte; what it does not hold, it says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { createApi } from '../../pkg/api.js';
import * as core from '../../pkg/wasm/core.js';
import * as full from '../../pkg/wasm/full.js';
import { cases } from './cases.mjs';

const module = (name) => new WebAssembly.Module(readFileSync(new URL(`../../pkg/wasm/${name}_bg.wasm`, import.meta.url)));
const BUILDS = [[core, 'core'], [full, 'full']].map(([glue, name]) => createApi(glue, () => module(name)));

async function outcome(api, data, options) {
  try {
    const file = await api.exportFile(data, options);
    return { name: file.name, type: file.type, text: await file.text(), report: file.report };
  } catch (error) {
    const { code, message, row, hint, details } = error;
    return { code, message, row, hint, details };
  }
}

/** Whether the core made the file itself. */
async function compare(data, options, place) {
  const [small, whole] = await Promise.all(BUILDS.map((api) => outcome(api, data, options)));
  assert.notEqual(whole.code, 'not_built', place);
  if (small.code === 'not_built') return false;
  assert.deepEqual(small, whole, place);
  return true;
}

test('every golden case, in every format, is the same in both builds or not built in the core', async () => {
  let same = 0;
  for (const golden of cases) {
    for (const format of golden.formats) {
      const options = { ...golden.optionsIn(format), now: '2026-01-31T12:00:00Z' };
      same += await compare(golden.input, options, `${golden.name}, ${format}`);
    }
  }
  assert.equal(same > 300, true, `${same}`);
});

test('what only the full build holds is never passed over by the core', async () => {
  const data = [{ a: { b: 1 }, 'c.d': 2 }];
  const column = (members) => ({ columns: [{ key: 'a', ...members }] });
  for (const options of [
    column({ type: 'number' }),
    column({ format: '0' }),
    column({ total: 'sum' }),
    { columns: ['a.b'] },
    { columns: ['c.d'] },
    { template: { column_mapping: { 'a.b': 'B' } } },
    { template: { column_mapping: [{ key: 'a', type: 'text' }] } },
    { html: { spreadsheet: true } },
    { template: { html: { spreadsheet: true } } },
    { input: { format: 'csv' } },
  ]) {
    const input = options.input === undefined ? data : 'a\n1\n';
    assert.equal(await compare(input, { format: 'html', ...options }, JSON.stringify(options)), false, JSON.stringify(options));
  }
});
