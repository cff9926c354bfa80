// Streams and responses give the file piece by piece, no faster than they are read, and end cleanly.
import assert from 'node:assert/strict';
import test from 'node:test';
import { createApi } from '../../pkg/api.js';
import { copy, download, exportFile, ExportedFile, ExportedStream, exportResponse, exportStream, fromTable, print } from '../../pkg/load/node.js';
import { echoGlue, emptyModule } from './echo-glue.mjs';

const ROWS = Array.from({ length: 20_000 }, (_, index) => ({ index, text: `row ${index}` }));
const OPTIONS = { format: 'csv', filename: 'rows', now: '2020-02-03T04:05:06Z' };

async function* endless(counter) {
  for (;;) {
    counter.rows += 1;
    yield { index: counter.rows };
  }
}

test('a file has a name, a type, a date, its bytes and a report', async () => {
  const file = await exportFile(ROWS, OPTIONS);
  assert.equal(file instanceof ExportedFile && file instanceof File, true);
  assert.equal(file.name, 'rows.csv');
  assert.equal(file.type, 'text/csv; charset=utf-8');
  assert.equal(file.lastModified, Date.parse(OPTIONS.now));
  assert.equal(file.report.rows, ROWS.length);
  assert.equal(file.report.columns, 2);
  assert.equal(file.report.bytes, file.size);
  assert.equal(file.report.format, 'csv');
});

test('a stream gives the same bytes as the file, and the report at its end', async () => {
  const stream = exportStream(ROWS, OPTIONS);
  assert.equal(stream instanceof ExportedStream && stream instanceof ReadableStream, true);
  assert.equal(stream.name, 'rows.csv');
  assert.equal(stream.type, 'text/csv; charset=utf-8');
  const file = await exportFile(ROWS, OPTIONS);
  assert.equal(await new Response(stream).text(), await file.text());
  assert.deepEqual(await stream.report, file.report);
});

test('a stream is made no faster than it is read', async () => {
  const counter = { rows: 0 };
  const reader = exportStream(endless(counter), OPTIONS).getReader();
  assert.equal(counter.rows, 0);
  await reader.read();
  const first = counter.rows;
  assert.equal(first > 0 && first < 100_000, true, `${first} rows were taken for the first piece`);
  await reader.cancel();
  assert.equal(counter.rows, first);
});

test('cancelling a stream frees the engine and cancels the source', async () => {
  const echo = echoGlue();
  const cancelled = [];
  const source = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(5)),
    cancel: (reason) => void cancelled.push(reason),
  });
  const stream = createApi(echo, emptyModule).exportStream(source, {});
  const reader = stream.getReader();
  await reader.read();
  await reader.cancel('enough');
  assert.deepEqual(cancelled, ['enough']);
  assert.equal(echo.events.at(-1), 'free');
  await assert.rejects(stream.report, (reason) => reason === 'enough');
});

test('cancelling a stream ends a read of its source that never comes', async () => {
  const cancelled = [];
  const source = new ReadableStream({ cancel: (reason) => void cancelled.push(reason) });
  const stream = exportStream(source, OPTIONS);
  const reader = stream.getReader();
  const pending = reader.read();
  await reader.cancel('enough');
  assert.deepEqual(await pending, { done: true, value: undefined });
  assert.deepEqual(cancelled, ['enough']);
});

test('cancelling while the engine loads ends the export as soon as it has begun', async () => {
  const echo = echoGlue();
  let loaded;
  const api = createApi(echo, () => new Promise((resolve) => (loaded = resolve)));
  const stream = api.exportStream(ROWS, {});
  assert.equal(stream.name, '');
  await stream.cancel();
  loaded(emptyModule());
  await assert.rejects(stream.report, { name: 'AbortError' });
  await api.init();
  await api.init();
  assert.deepEqual(echo.events.filter((event) => event !== 'start'), ['new', 'free']);
});

test('a generator is closed when the reader has enough', async () => {
  let closed = false;
  async function* rows() {
    try {
      yield* endless({ rows: 0 });
    } finally {
      closed = true;
    }
  }
  const reader = exportStream(rows(), OPTIONS).getReader();
  await reader.read();
  await reader.cancel();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(closed, true);
});

test('an error ends the stream and its report, and nobody has to look at the report', async () => {
  const unhandled = [];
  const note = (reason) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  for (const [data, options] of [['[{"a":1', OPTIONS], [ROWS, { format: 'cvs' }], [undefined, OPTIONS]]) {
    const stream = exportStream(data, options);
    const read = await stream.getReader().read().catch((error) => error);
    assert.equal(read.name, 'ExportError');
    await assert.rejects(stream.report, (error) => error === read);
    await assert.rejects(exportStream(data, options).getReader().read(), { name: 'ExportError' });
  }
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  assert.deepEqual(unhandled, []);
});

test('a signal ends an export before, while and after it waits', async () => {
  await assert.rejects(exportFile(ROWS, { ...OPTIONS, signal: AbortSignal.abort() }), { name: 'AbortError' });

  const waiting = new AbortController();
  const cancelled = [];
  const source = new ReadableStream({
    pull: () => void setImmediate(() => waiting.abort('enough')),
    cancel: (reason) => void cancelled.push(reason),
  }, { highWaterMark: 0 });
  await assert.rejects(exportFile(source, { ...OPTIONS, signal: waiting.signal }), (reason) => reason === 'enough');
  assert.deepEqual(cancelled, ['enough']);

  const reading = new AbortController();
  const stream = exportStream(endless({ rows: 0 }), { ...OPTIONS, signal: reading.signal });
  const reader = stream.getReader();
  await reader.read();
  reading.abort();
  await assert.rejects(reader.read(), { name: 'AbortError' });
  await assert.rejects(stream.report, { name: 'AbortError' });
});

test('a signal ends an export of data in memory, which lets the host have its turns', async () => {
  const controller = new AbortController();
  const rows = Array.from({ length: 200_000 }, (_, index) => ({ index, text: `row ${index}` }));
  setImmediate(() => controller.abort());
  await assert.rejects(exportFile(rows, { ...OPTIONS, signal: controller.signal }), { name: 'AbortError' });
});

test('progress grows to the size of the file', async () => {
  const seen = [];
  const file = await exportFile(ROWS, { ...OPTIONS, onProgress: (progress) => seen.push(progress) });
  assert.deepEqual(seen.at(-1), { rows: ROWS.length, bytes: file.size });
  assert.deepEqual(seen.map(({ bytes }) => bytes), seen.map(({ bytes }) => bytes).toSorted((a, b) => a - b));
  const ofBytes = [];
  await exportFile(JSON.stringify(ROWS), { ...OPTIONS, onProgress: (progress) => ofBytes.push(progress) });
  assert.deepEqual(ofBytes.at(-1), { bytes: file.size });
});

test('an error of the progress callback ends the export', async () => {
  const failure = new Error('mine');
  const onProgress = () => {
    throw failure;
  };
  await assert.rejects(exportFile(ROWS, { ...OPTIONS, onProgress }), (error) => error === failure);
});

test('a response has the file as its body and the headers of a download', async () => {
  const response = await exportResponse(ROWS, OPTIONS);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'text/csv; charset=utf-8');
  assert.match(response.headers.get('content-disposition'), /^attachment; filename="rows\.csv"/);
  assert.equal(response.headers.get('cache-control'), 'no-store');
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(response.headers.get('content-security-policy'), null);
  assert.equal(await response.text(), await (await exportFile(ROWS, OPTIONS)).text());
});

test('a response with HTML is sandboxed', async () => {
  const response = await exportResponse(ROWS, { format: 'html' });
  assert.equal(response.headers.get('content-security-policy'), "sandbox; default-src 'none'; style-src 'unsafe-inline'");
  await response.body.cancel();
});

test('an error ahead of the first output rejects, a later one breaks the body off', async () => {
  await assert.rejects(exportResponse('[{"a":1', OPTIONS), { code: 'invalid_json' });
  await assert.rejects(exportResponse(ROWS, { format: 'cvs' }), { code: 'unknown_format' });
  const broken = await exportResponse(JSON.stringify(ROWS).slice(0, -1), OPTIONS);
  await assert.rejects(broken.text(), { code: 'invalid_json' });
});

test('what needs a page says so where there is none', async () => {
  await assert.rejects(download(ROWS, OPTIONS), { name: 'ExportError', code: 'no_document' });
  await assert.rejects(print(ROWS), { name: 'ExportError', code: 'no_document' });
  await assert.rejects(copy(ROWS), { name: 'ExportError', code: 'no_clipboard' });
  assert.throws(() => fromTable('table'), { name: 'ExportError', code: 'no_document' });
});
