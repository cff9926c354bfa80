// Gzip data as input: by the option, or by the media type of what carries them.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { exportFile, exportStream } from '../../pkg/load/node.js';
import { streamOf } from './cases.mjs';

const ROWS = Array.from({ length: 3000 }, (_, id) => ({ id, name: `row ${id}` }));
const JSON_TEXT = JSON.stringify(ROWS);
const GZIP = gzipSync(JSON_TEXT);

const csv = async (data, input, options) =>
  (await exportFile(data, { format: 'csv', ...(input && { input }), ...options })).text();
const expected = await csv(JSON_TEXT);

const SOURCES = {
  'a Uint8Array': () => GZIP,
  'an ArrayBuffer': () => new Uint8Array(GZIP).buffer,
  'a Blob': () => new Blob([GZIP]),
  'a Response': () => new Response(GZIP),
  'a ReadableStream': () => streamOf(GZIP, [1, 9, 100, GZIP.length - 110]),
  'a ReadableStream byte by byte': () => streamOf(GZIP, Array(GZIP.length).fill(1)),
  'a byte stream of Node': () => Readable.from([GZIP], { objectMode: false }),
};

for (const [name, make] of Object.entries(SOURCES)) {
  test(`gzip data come out of ${name}`, async () => {
    assert.equal(await csv(make(), { compression: 'gzip' }), expected);
  });
}

test('a media type says that bytes are gzip data, and the option what they hold', async () => {
  for (const type of ['application/gzip', 'application/x-gzip', 'Application/GZIP; x=y']) {
    assert.equal(await csv(new Blob([GZIP], { type })), expected);
    assert.equal(await csv(new Response(GZIP, { headers: { 'Content-Type': type } }), { compression: 'auto' }), expected);
    assert.equal(await csv(new Blob([gzipSync(expected)], { type }), { format: 'csv' }), expected);
    assert.equal(await csv(new Blob([JSON_TEXT], { type }), { compression: 'none' }), expected);
  }
  assert.equal(await csv(new Blob([gzipSync(expected)], { type: 'text/csv' }), { compression: 'gzip' }), expected);
});

test('nothing is sniffed', async () => {
  await assert.rejects(csv(GZIP), { code: 'invalid_json' });
  await assert.rejects(csv(new Blob([GZIP], { type: 'application/json' })), { code: 'invalid_json' });
});

test('gzip data that are broken, cut off or followed by others are refused', async () => {
  const checksum = Buffer.from(GZIP);
  checksum[GZIP.length - 8] ^= 1;
  const damaged = { checksum, text: Buffer.from(JSON_TEXT), empty: Buffer.alloc(0), twice: Buffer.concat([GZIP, gzipSync(' ')]) };
  for (const length of [1, 5, 10, 11, GZIP.length >> 1, GZIP.length - 9, GZIP.length - 8, GZIP.length - 4, GZIP.length - 1]) {
    damaged[`first ${length} bytes`] = GZIP.subarray(0, length);
  }
  damaged['more behind'] = Buffer.concat([GZIP, Buffer.from('more')]);
  for (const [name, bytes] of Object.entries(damaged)) {
    for (const data of [bytes, streamOf(bytes, Array(Math.ceil(bytes.length / 50)).fill(50))]) {
      const failed = (error) => error.name === 'ExportError' && error.code === 'invalid_gzip';
      await assert.rejects(csv(data, { compression: 'gzip' }), failed, name);
    }
  }
});

test('damage inside of gzip data is found, if not by what they then hold, by their checksum', async () => {
  for (let at = 12; at < GZIP.length; at += 97) {
    const damaged = Buffer.from(GZIP);
    damaged[at] ^= 0x10;
    await assert.rejects(csv(damaged, { compression: 'gzip' }), ({ code }) => ['invalid_gzip', 'invalid_json', 'late_column'].includes(code));
  }
});

test('a stream whose gzip data break off never ends as if it were whole', async () => {
  const long = gzipSync(JSON.stringify(Array.from({ length: 100_000 }, (_, id) => ({ id, at: Math.sin(id) }))));
  const stream = exportStream(streamOf(long.subarray(0, -20), [long.length - 20]), { format: 'csv', input: { compression: 'gzip' } });
  let pieces = 0;
  await assert.rejects(async () => {
    for await (const _ of stream) pieces += 1;
  }, { code: 'invalid_gzip' });
  assert.ok(pieces > 1);
  await assert.rejects(stream.report, { code: 'invalid_gzip' });
});

test('the limit of input counts what the data hold, so a bomb ends early', async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000, 0x20));
  const limits = { inputBytes: 1_000_000 };
  await assert.rejects(csv(bomb, { compression: 'gzip' }, { limits }), { code: 'limit_exceeded' });
  assert.equal(await csv(GZIP, { compression: 'gzip' }, { limits: { inputBytes: JSON_TEXT.length } }), expected);
});

test('a late column is found in gzip data that can be read twice', async () => {
  const rows = [...ROWS, { id: 3000, late: 1 }];
  const data = gzipSync(JSON.stringify(rows));
  assert.equal(await csv(data, { compression: 'gzip' }), await csv(rows));
  await assert.rejects(csv(streamOf(data, [data.length]), { compression: 'gzip' }), { code: 'late_column' });
});

test('the source is let go of when the export ends early, and its own error comes back', async () => {
  let endless;
  const cancelled = new Promise((resolve) => {
    endless = new ReadableStream({ start: (controller) => controller.enqueue(GZIP.subarray(0, 500)), cancel: resolve });
  });
  const abort = new AbortController();
  const pending = csv(endless, { compression: 'gzip' }, { signal: abort.signal });
  abort.abort(new Error('enough'));
  await assert.rejects(pending, { message: 'enough' });
  await cancelled;

  const failure = new RangeError('the network is away');
  const failing = new ReadableStream({ pull: (controller) => controller.error(failure) });
  await assert.rejects(csv(failing, { compression: 'gzip' }), (error) => error === failure);
  await assert.rejects(csv(streamOf(GZIP, [5]), { compression: 'gzip' }), { code: 'invalid_gzip' });
});

test('a misspelt option is named, and so is a word that the option does not take', async () => {
  await assert.rejects(csv(GZIP, { compresion: 'gzip' }), {
    code: 'unknown_option',
    message: 'There is no option `input.compresion`.',
    hint: 'Did you mean `compression`?',
  });
  await assert.rejects(csv(GZIP, { compression: 'zip' }), { code: 'invalid_option' });
  await assert.rejects(csv(GZIP, { compression: true }), { code: 'invalid_option' });
});
