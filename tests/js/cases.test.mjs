// Every golden case gives its files in this Node, whatever the chunks and whatever the data are handed over as.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { createApi } from '../../pkg/api.js';
import { exportFile, exportStream } from '../../pkg/load/node.js';
import { openSource } from '../../pkg/source.js';
import * as catalog from '../../pkg/wasm/catalog.js';
import { cases, check, chunkLengths, runInNode, SMALL_CHUNKINGS, streamOf } from './cases.mjs';
import { Unpacker } from './unpacked.mjs';

for (const golden of cases) {
  test(golden.name, () => check(golden, runInNode));
}

test('in chunks of each small size', async () => {
  for (const golden of cases) {
    // Larger inputs would be cut in the same way a thousand times over. How they are cut is up to the readers, so each size
    // goes with one of the formats.
    if (golden.input.length >= 4000) continue;
    for (const [number, format] of golden.formats.entries()) {
      const chunkings = SMALL_CHUNKINGS.filter((_, size) => size % golden.formats.length === number);
      await check(golden, runInNode, { chunkings, formats: [format] });
    }
  }
});

const inCatalog = createApi(catalog, () => new WebAssembly.Module(readFileSync(new URL('../../pkg/wasm/catalog_bg.wasm', import.meta.url))));

test('in the build that holds everything', async () => {
  const run = async (golden, format, chunking) => {
    const lengths = chunkLengths(golden.input.length, chunking);
    const options = golden.optionsIn(format);
    const file = inCatalog.exportStream(streamOf(golden.input, lengths), options);
    return { bytes: Buffer.from(await new Response(file).arrayBuffer()), report: await file.report };
  };
  for (const golden of cases) await check(golden, run, { oneShot: false, chunkings: ['random 1', 'chunks of 16', 'chunks of 17'] });
});

/** The file and its report, or the error. */
async function outcome(making) {
  try {
    const file = await making();
    return { text: await file.text(), report: await file.report };
  } catch ({ name, code, message, row, column }) {
    return { name, code, message, row, column };
  }
}

const fileOf = (data, options) => outcome(() => exportFile(data, options));

const streamed = (data, options) =>
  outcome(() => {
    const stream = exportStream(data, options);
    return { text: () => new Response(stream).text(), report: stream.report.catch(() => {}) };
  });

/** Inputs that are one JSON value, and that value. */
function* values() {
  for (const golden of cases) {
    try {
      yield [golden, JSON.parse(golden.input)];
    } catch {
      // It is CSV, JSON Lines, or broken on purpose.
    }
  }
}

/** As values go to the engine: what names the columns goes first. */
function columnsFirst(value) {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value.columns === undefined) return value;
  return { columns: value.columns, ...value };
}

test('as JavaScript values, packed, and as the text that packed rows stand for', async () => {
  let count = 0;
  for (const [golden, value] of values()) {
    // A string is JSON text to the package, and what bytes are is not asked of values.
    if (typeof value === 'string' || golden.options.input !== undefined) continue;
    for (const format of golden.formats) {
      const options = { ...golden.optionsIn(format), now: '2026-01-31T12:00:00Z' };
      const { details, ...expected } = await fileOf(JSON.stringify(columnsFirst(value)), options);
      assert.deepEqual(await fileOf(value, options), expected, `${golden.name}, ${format}`);
      count += 1;
      if (!Array.isArray(value)) continue;
      const unpacker = new Unpacker();
      let text = '';
      // A chunk holds until the next one is asked for.
      for (const chunk of openSource(value).open().chunks) text += unpacker.text(chunk);
      const found = await fileOf(text, options);
      // That half a surrogate pair was replaced is no part of the text.
      assert.deepEqual([found.text, found.code], [expected.text, expected.code], `${golden.name}, ${format}, unpacked`);
    }
  }
  assert.equal(count > 300, true, `${count}`);
});

test('with their rows repeated, in chunks around those that the package and the engine make', async () => {
  let count = 0;
  for (const [golden, value] of values()) {
    const rows = Array.isArray(value) ? value : (value?.items ?? value?.rows);
    if (golden.error !== undefined || !Array.isArray(rows) || rows.length === 0 || golden.options.input !== undefined) continue;
    const times = Math.ceil(140_000 / JSON.stringify(rows).length);
    // Rows that have no place in the look-ahead may bring no column that is not known.
    const many = Array(times).fill(rows).flat();
    const table = columnsFirst({ ...value, [value.items === undefined ? 'rows' : 'items']: many });
    const data = Array.isArray(value) ? many : table;
    const bytes = Buffer.from(JSON.stringify(data));
    const format = golden.formats[count % golden.formats.length];
    const options = { ...golden.optionsIn(format), now: '2026-01-31T12:00:00Z', lateColumns: 'drop' };
    const expected = await fileOf(bytes, options);
    assert.equal(expected.code, undefined, `${golden.name}: ${expected.message}`);
    assert.deepEqual(await fileOf(data, options), expected, `${golden.name}, ${format}, packed`);
    for (const size of [1021, 65535, 65536, 65537]) {
      const found = await streamed(streamOf(bytes, chunkLengths(bytes.length, `chunks of ${size}`)), options);
      assert.deepEqual(found, expected, `${golden.name}, ${format}, by ${size}`);
    }
    count += 1;
  }
  assert.equal(count > 50, true, `${count}`);
});
