// CSV as input: by the option, or by the media type of what carries it.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { exportFile, exportStream } from '../../pkg/load/node.js';
import { streamOf } from './cases.mjs';

const TEXT = 'name,code\r\n"Zoë, M.",007\r\n,""\r\n';
const BYTES = new TextEncoder().encode(TEXT);
const RECORDS = [
  { name: 'Zoë, M.', code: '007' },
  { name: null, code: '' },
];

const read = async (data, input, options) =>
  JSON.parse(await (await exportFile(data, { format: 'json', ...(input && { input }), ...options })).text());

test('the option says that bytes are CSV', async () => {
  for (const data of [TEXT, BYTES, new Blob([BYTES]), new Response(BYTES), streamOf(BYTES, [3, 8, BYTES.length - 11])]) {
    assert.deepEqual(await read(data, { format: 'csv' }), RECORDS);
  }
  await assert.rejects(read(TEXT), { code: 'invalid_json' });
});

test('a media type says it too, and the option goes before it', async () => {
  for (const type of ['text/csv', 'Text/CSV; charset=utf-8; header=present']) {
    assert.deepEqual(await read(new Blob([BYTES], { type })), RECORDS);
    assert.deepEqual(await read(new Response(BYTES, { headers: { 'Content-Type': type } })), RECORDS);
  }
  assert.deepEqual(await read(new Blob(['[{"a":1}]'], { type: 'text/csv' }), { format: 'json' }), [{ a: 1 }]);
  assert.deepEqual(await read(new Blob([BYTES], { type: 'application/json' }), { format: 'csv' }), RECORDS);
});

test('tabs separate the cells of text/tab-separated-values, unless a delimiter is given', async () => {
  const tabs = new Blob(['a\tb\n1\t"2\t,"\n'], { type: 'text/tab-separated-values' });
  assert.deepEqual(await read(tabs), [{ a: '1', b: '2\t,' }]);
  assert.deepEqual(await read(tabs, { format: 'csv' }), [{ a: '1', b: '2\t,' }]);
  const semicolons = new Blob(['a;b\n1;2\n'], { type: 'text/tab-separated-values' });
  assert.deepEqual(await read(semicolons, { delimiter: ';' }), [{ a: '1', b: '2' }]);
});

test('cells are text unless types are inferred', async () => {
  const csv = 'a,b,c\n1,true,"1"\n';
  assert.deepEqual(await read(csv, { format: 'csv' }), [{ a: '1', b: 'true', c: '1' }]);
  assert.deepEqual(await read(csv, { format: 'csv', types: 'text' }), [{ a: '1', b: 'true', c: '1' }]);
  assert.deepEqual(await read(csv, { format: 'csv', types: 'infer' }), [{ a: 1, b: true, c: '1' }]);
});

test('JavaScript values are what they are', async () => {
  assert.deepEqual(await read(RECORDS, { format: 'csv', delimiter: ';', types: 'infer' }), RECORDS);
});

test('an error of CSV knows its place', async () => {
  const broken = { name: 'ExportError', code: 'invalid_csv', row: 2, details: { line: 4, column: 2 } };
  await assert.rejects(read('a\n"1\n2"\n""x\n', { format: 'csv' }), { ...broken, details: { line: 4, column: 3 } });
  await assert.rejects(read('', { format: 'csv' }), { code: 'invalid_csv' });
  await assert.rejects(read('a\nx\ud800\n', { format: 'csv' }), { code: 'invalid_csv' });
});

test('options of CSV contradict JSON, and a path contradicts CSV', async () => {
  for (const input of [{ delimiter: ';' }, { types: 'infer' }, { format: 'jsonl', types: 'text' }, { format: 'csv', path: 'a' }]) {
    await assert.rejects(read('[]', input), { code: 'contradictory_options' });
  }
});

test('a late cell widens the header of CSV in memory', async () => {
  const lines = Array.from({ length: 1500 }, (_, row) => (row === 1400 ? `${row},late` : `${row}`));
  const csv = `a\n${lines.join('\n')}\n`;
  for (const data of [csv, new Blob([csv], { type: 'text/csv' })]) {
    assert.deepEqual((await read(data, { format: 'csv' }))[1400], { a: '1400', column_2: 'late' });
  }
  const stream = exportStream(streamOf(Buffer.from(csv), [csv.length]), { format: 'csv', input: { format: 'csv' } });
  await assert.rejects(new Response(stream).text(), { code: 'late_column' });
});

test('every case of csv-spectrum is read as it says', async () => {
  const folder = new URL('./', import.meta.resolve('csv-spectrum'));
  const names = readdirSync(new URL('csvs/', folder));
  assert.ok(names.length >= 12, names.join(' '));
  for (const name of names) {
    const stated = JSON.parse(readFileSync(new URL(`json/${name.replace('.csv', '.json')}`, folder)));
    // One case states its only row bare, with another number than stands in its CSV.
    const expected = Array.isArray(stated) ? stated : [{ ...stated, 'Contact Phone Number': '2095257564' }];
    const csv = readFileSync(new URL(`csvs/${name}`, folder));
    const found = await read(csv, { format: 'csv' });
    // It has no null: a cell that holds nothing is empty text.
    const filled = found.map((row) => Object.fromEntries(Object.entries(row).map(([key, cell]) => [key, cell ?? ''])));
    assert.deepEqual(filled, expected, fileURLToPath(new URL(`csvs/${name}`, folder)));
  }
});
