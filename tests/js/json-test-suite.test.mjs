// Nicolas Seriot's JSONTestSuite through the built engine: whole, in chunks of every size, and in a cell among records that
// are as usual. JSON.parse is the judge; tests/engine/hostile.rs runs the suite in Rust.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { exportFile, exportStream } from '../../pkg/load/node.js';
import { streamOf } from './cases.mjs';
import { ROOT, run } from './installed.mjs';
import { NOT_TABULAR, plain } from './plain.mjs';

// The pinned development package `json-syntax` carries the files, and cargo knows where it lies.
const metadata = JSON.parse(await run('cargo', ['metadata', '--format-version=1', '--locked'], { cwd: ROOT, maxBuffer: 2 ** 28 }));
const { manifest_path: manifest } = metadata.packages.find(({ name }) => name === 'json-syntax');
const FOLDER = join(dirname(manifest), 'tests', 'inputs');
const FILES = readdirSync(FOLDER).sort().map((name) => ({ name, bytes: readFileSync(join(FOLDER, name)) }));

// The engine's limit, which JSON.parse does not have.
const DEPTH = 128;

/** The table's file, or the code that the export is to fail with. */
function expected(bytes, write) {
  return plain(bytes, write) ?? NOT_TABULAR;
}

async function outcome(making) {
  try {
    return { file: await making() };
  } catch ({ code, row, details }) {
    return { code, row, details };
  }
}

const whole = (bytes, options) => outcome(async () => (await exportFile(bytes, options)).text());

function inChunks(bytes, size, options) {
  const lengths = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => Math.min(size, bytes.length - index * size));
  return outcome(() => new Response(exportStream(streamOf(bytes, lengths), options)).text());
}

/** Whether brackets may be nested deeper than the engine takes them. */
const isDeep = (bytes) => bytes.filter((byte) => byte === 0x5b || byte === 0x7b).length > DEPTH;

function check(found, bytes, write, place) {
  if (isDeep(bytes) && found.code === 'limit_exceeded') return;
  const right = expected(bytes, write);
  if (typeof right === 'string') assert.equal(found.code, right, place);
  else assert.equal(found.file, right.file, `${place}: ${found.code}`);
}

const FORMATS = [
  [{ format: 'csv' }, (table) => table.csv()],
  [{ format: 'json' }, (table) => table.json()],
];

test('the suite is there', () => {
  const count = (start) => FILES.filter(({ name }) => name.startsWith(start)).length;
  assert.deepEqual([count('n_'), count('y_') >= 95], [188, true]);
});

test('every file as a document, in chunks of every size', async () => {
  for (const { name, bytes } of FILES) {
    for (const [options, write] of FORMATS) {
      const found = await whole(bytes, options);
      check(found, bytes, write, `${name}, ${options.format}`);
      if (name.startsWith('n_')) assert.match(found.code, /^(invalid_json|limit_exceeded)$/, name);
      for (let size = 1; size <= Math.min(bytes.length - 1, 40); size += 1) {
        if (bytes.length < 2000 || size === 7) assert.deepEqual(await inChunks(bytes, size, options), found, `${name} by ${size}`);
      }
    }
  }
});

test('every file in a cell among usual records, where the fast way comes upon it', async () => {
  const usual = '{"id":1,"name":"as usual","x":true}';
  for (const { name, bytes } of FILES) {
    for (const [start, end] of [
      ['{"id":1,"name":', ',"x":true}'],
      ['{"id":', ',"name":"as usual","x":true}'],
      ['{"id":1,"name":"as usual","x":', '}'],
      ['{"id":1,"name":"', '","x":true}'],
      ['{"id":1,"', '":"as usual","x":true}'],
      ['', ''],
    ]) {
      const row = Buffer.concat([Buffer.from(start), bytes, Buffer.from(end)]);
      const document = Buffer.concat([Buffer.from(`[${`${usual},`.repeat(12)}`), row, Buffer.from(`,${usual}]`)]);
      const [options, write] = FORMATS[start.length % 2];
      const found = await whole(document, options);
      const place = `${name} in ${start}…${end}`;
      check(found, document, write, place);
      const sizes = start === '{"id":1,"name":' && document.length < 1000 ? [1, 13, 33] : [16];
      for (const size of sizes) assert.deepEqual(await inChunks(document, size, options), found, `${place} by ${size}`);
    }
  }
});

test('every file as a line among usual ones', async () => {
  const options = { format: 'jsonl', input: { format: 'jsonl' } };
  for (const { name, bytes } of FILES) {
    const lines = Buffer.concat([Buffer.from('{"a":1}\n{"a":2}\n'), bytes, Buffer.from('\n{"a":3}\n')]);
    const found = await whole(lines, options);
    for (const size of [1, 16]) {
      if (lines.length < 2000) assert.deepEqual(await inChunks(lines, size, options), found, `${name} by ${size}`);
    }
    const own = expected(bytes, String);
    // What is broken over several lines is no line, and what has none is passed over.
    const broken = own === 'invalid_json' && !/^[ \t\r\n]*$/.test(bytes.toString('latin1')) && !bytes.includes(0x0a);
    if (broken || isDeep(bytes)) assert.match(found.code, /^(invalid_json|limit_exceeded)$/, name);
  }
});
