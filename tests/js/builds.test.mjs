// What a build makes, the fuller ones make too, byte for byte; what it does not hold, it says, and a fuller one is loaded.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { createApi } from '../../pkg/api.js';
import { spawn } from '../../pkg/load/worker-node.js';
import * as catalog from '../../pkg/wasm/catalog.js';
import * as core from '../../pkg/wasm/core.js';
import * as full from '../../pkg/wasm/full.js';
import { cases } from './cases.mjs';

const NAMES = ['core', 'full', 'catalog'];
const GLUE = { core, full, catalog };
const module = (name) => new WebAssembly.Module(readFileSync(new URL(`../../pkg/wasm/${name}_bg.wasm`, import.meta.url)));
const MODULES = Object.fromEntries(NAMES.map((name) => [name, module(name)]));
const BUILDS = NAMES.map((name) => createApi(GLUE[name], () => MODULES[name]));

async function outcome(api, data, options) {
  try {
    const file = await api.exportFile(data, options);
    return { name: file.name, type: file.type, text: await file.text(), report: file.report };
  } catch (error) {
    const { code, message, row, hint, details } = error;
    return { code, message, row, hint, details };
  }
}

/** The least build that made the file itself. */
async function compare(data, options, place) {
  const outcomes = await Promise.all(BUILDS.map((api) => outcome(api, data, options)));
  const able = outcomes.findIndex(({ code }) => code !== 'not_built');
  assert.notEqual(able, -1, place);
  for (const each of outcomes.slice(able + 1)) assert.deepEqual(each, outcomes[able], place);
  return NAMES[able];
}

test('every golden case, in every format, is the same in all builds or not built in the lesser ones', async () => {
  const counts = { core: 0, full: 0, catalog: 0 };
  for (const golden of cases) {
    for (const format of golden.formats) {
      const options = { ...golden.optionsIn(format), now: '2026-01-31T12:00:00Z' };
      counts[await compare(golden.input, options, `${golden.name}, ${format}`)] += 1;
    }
  }
  assert.equal(counts.core > 300 && counts.full > 50 && counts.catalog > 0, true, JSON.stringify(counts));
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
    assert.equal(await compare(input, { format: 'html', ...options }, JSON.stringify(options)), 'full', JSON.stringify(options));
  }
});

/** The functions of the package over builds that note when they are loaded. */
function noting() {
  const loaded = [];
  const builds = NAMES.map((name) => ({
    name,
    glue: () => GLUE[name],
    load() {
      loaded.push(name);
      return MODULES[name];
    },
  }));
  return { api: createApi(core, builds[0].load, builds.slice(1), spawn), loaded };
}

const ROWS = [{ a: 1 }];
const DESCRIBED = {
  resource: {
    name: 'sums',
    label: 'Sums',
    description: 'Numbers.',
    formats: ['csv'],
    file_name: 'sums',
    record: { fields: [{ name: 'a', type: 'number', description: 'A number.' }] },
  },
};
const TYPED = { format: 'csv', columns: [{ key: 'a', type: 'integer' }] };

for (const worker of [false, true]) {
  const thread = worker ? ', in a thread' : '';

  test(`a fuller build is loaded when it is asked for, and none that is not needed${thread}`, async () => {
    const { api, loaded } = noting();
    await api.exportFile(ROWS, { format: 'csv', worker });
    assert.deepEqual(loaded, ['core']);
    await api.exportFile(ROWS, { ...TYPED, worker });
    await api.exportFile(ROWS, { format: 'csv', worker });
    assert.deepEqual(loaded, ['core', 'full']);
    await api.exportFile(ROWS, { ...DESCRIBED, worker });
    assert.deepEqual(loaded, ['core', 'full', 'catalog']);
  });

  test(`the build with the catalog is the only one where a resource comes first, and serves all that follows${thread}`, async () => {
    for (const options of [DESCRIBED, { format: 'csv', filters: {} }, { format: 'csv', envelope: false }]) {
      const { api, loaded } = noting();
      await api.exportFile(ROWS, { ...options, worker }).catch(({ code }) => assert.equal(code, 'invalid_option'));
      for (const other of [{ format: 'csv' }, TYPED]) await api.exportFile(ROWS, { ...other, worker });
      assert.deepEqual(loaded, ['catalog']);
    }
    const { api, loaded } = noting();
    assert.equal(await new Response(api.exportStream(ROWS, { ...DESCRIBED, worker })).text(), 'a\r\n1\r\n');
    assert.equal(await (await api.exportResponse(ROWS, { ...DESCRIBED, worker })).text(), 'a\r\n1\r\n');
    assert.deepEqual(loaded, ['catalog']);
  });
}
