// Files, streams and responses are those of the platform: whatever takes such a thing takes these.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createReadStream, createWriteStream, openAsBlob } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Transform } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import test from 'node:test';
import { createGzip, gunzipSync } from 'node:zlib';
import { exportFile, exportResponse, exportStream } from '../../pkg/load/node.js';

const ROWS = Array.from({ length: 30_000 }, (_, index) => ({ index, text: `Zeile ${index} ä` }));
const OPTIONS = { format: 'csv', filename: 'Zoë rows', now: '2020-02-03T04:05:06Z' };
const EXPECTED = await (await exportFile(ROWS, OPTIONS)).text();

async function folder(context) {
  const path = await mkdtemp(join(tmpdir(), 'tablecast-'));
  context.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A server on the loopback whose handler gets each request as the platform has it; its address. */
async function serve(context, handle) {
  const server = createServer(async (incoming, outgoing) => {
    const request = new Request(`http://localhost${incoming.url}`, {
      method: incoming.method,
      headers: incoming.headers,
      ...(incoming.method === 'GET' ? {} : { body: Readable.toWeb(incoming), duplex: 'half' }),
    });
    const response = await handle(request);
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    Readable.fromWeb(response.body).on('error', () => outgoing.destroy()).pipe(outgoing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}/`;
}

test('a file is uploaded in a form with its name, its type and its bytes', async (context) => {
  const url = await serve(context, async (request) => {
    const form = await request.formData();
    const file = form.get('file');
    return Response.json({ name: file.name, type: file.type, same: (await file.text()) === EXPECTED, note: form.get('note') });
  });
  const form = new FormData();
  form.append('note', 'x');
  form.append('file', await exportFile(ROWS, OPTIONS));
  const response = await fetch(url, { method: 'POST', body: form });
  assert.deepEqual(await response.json(), { name: 'Zoë rows.csv', type: 'text/csv; charset=utf-8', same: true, note: 'x' });
});

test('a file and a stream are bodies of requests', async (context) => {
  const url = await serve(context, async (request) => Response.json({ type: request.headers.get('content-type'), same: (await request.text()) === EXPECTED }));
  const file = await fetch(url, { method: 'POST', body: await exportFile(ROWS, OPTIONS) });
  assert.deepEqual(await file.json(), { type: 'text/csv; charset=utf-8', same: true });
  const stream = exportStream(ROWS, OPTIONS);
  const streamed = await fetch(url, { method: 'PUT', body: stream, duplex: 'half', headers: { 'content-type': stream.type } });
  assert.deepEqual(await streamed.json(), { type: 'text/csv; charset=utf-8', same: true });
  assert.equal((await stream.report).rows, ROWS.length);
});

test('a server answers with a response, and what it answers is data for the next export', async (context) => {
  const url = await serve(context, () => exportResponse(ROWS, { ...OPTIONS, format: 'json' }));
  const response = await fetch(url);
  assert.equal(response.headers.get('content-type'), 'application/json');
  assert.match(response.headers.get('content-disposition'), /^attachment; filename="[\x20-\x7e]*"; filename\*=UTF-8''Zo%C3%AB%20rows\.json$/);
  assert.equal(await (await exportFile(response, OPTIONS)).text(), EXPECTED);
});

test('JSON Lines of a server are known by their media type', async (context) => {
  const url = await serve(context, () => exportResponse(ROWS, { ...OPTIONS, format: 'jsonl' }));
  assert.equal(await (await exportFile(await fetch(url), OPTIONS)).text(), EXPECTED);
  assert.equal(await new Response(exportStream(await fetch(url), { ...OPTIONS, columns: ['index', 'text'] })).text(), EXPECTED);
});

test('a body that breaks off is an error, not a shorter file', async (context) => {
  const start = Buffer.from(JSON.stringify(ROWS)).subarray(0, 100_000);
  let breakOff;
  const url = await serve(context, () => {
    const broken = new Promise((resolve, reject) => {
      breakOff = () => reject(new Error('the disk is gone'));
    });
    return new Response(new ReadableStream({ start: (controller) => controller.enqueue(start), pull: () => broken }));
  });
  for (const read of [exportFile, (data, options) => new Response(exportStream(data, options)).text()]) {
    const response = await fetch(url);
    const outcome = read(response, OPTIONS);
    breakOff();
    await assert.rejects(outcome);
  }
});

test('files of Node are read and written as streams and as blobs', async (context) => {
  const path = await folder(context);
  const input = join(path, 'rows.json');
  const output = join(path, 'rows.csv');
  await writeFile(input, JSON.stringify(ROWS));
  await pipeline(exportStream(createReadStream(input), OPTIONS), createWriteStream(output));
  assert.equal(await readFile(output, 'utf8'), EXPECTED);
  await writeFile(output, exportStream(await openAsBlob(input), OPTIONS));
  assert.equal(await readFile(output, 'utf8'), EXPECTED);
  await writeFile(output, (await exportFile(await openAsBlob(input), OPTIONS)).stream());
  assert.equal(await readFile(output, 'utf8'), EXPECTED);
});

test('streams of Node go in and come out, also through others', async () => {
  const objects = new Transform({ objectMode: true, transform: (row, _, done) => done(null, { ...row, text: row.text }) });
  assert.equal(await text(exportStream(Readable.from(ROWS).pipe(objects), OPTIONS)), EXPECTED);
  const bytes = new PassThrough();
  bytes.end(JSON.stringify(ROWS));
  assert.equal((await buffer(Readable.fromWeb(exportStream(bytes, OPTIONS)))).toString(), EXPECTED);
  assert.equal(gunzipSync(await buffer(Readable.fromWeb(exportStream(ROWS, OPTIONS)).pipe(createGzip()))).toString(), EXPECTED);
  const zipped = exportStream(ROWS, OPTIONS).pipeThrough(new CompressionStream('gzip'));
  assert.equal(await text(zipped.pipeThrough(new DecompressionStream('gzip'))), EXPECTED);
});

test('a stream of Node that fails ends the export with its error, and one whose reader goes away is destroyed', async () => {
  const failure = new RangeError('the disk is gone');
  const failing = Readable.from((function* () {
    yield Buffer.from('[{"a":1},');
    throw failure;
  })(), { objectMode: false });
  await assert.rejects(exportFile(failing, OPTIONS), (error) => error === failure);

  const endless = Readable.from((function* () {
    for (;;) yield { a: 1 };
  })());
  const reader = exportStream(endless, OPTIONS).getReader();
  await reader.read();
  await reader.cancel();
  if (!endless.closed) await new Promise((resolve) => endless.once('close', resolve));
});

test('a stream is iterated, split and piped like any other', async () => {
  const decoder = new TextDecoder();
  let joined = '';
  for await (const piece of exportStream(ROWS, OPTIONS)) joined += decoder.decode(piece, { stream: true });
  assert.equal(joined, EXPECTED);
  const [one, other] = exportStream(ROWS, OPTIONS).tee();
  assert.deepEqual(await Promise.all([text(one), text(other)]), [EXPECTED, EXPECTED]);
  assert.equal(await text(exportStream(ROWS, OPTIONS).pipeThrough(new TextDecoderStream())), EXPECTED);
});

test('a file is cut, joined and cloned like any other', async () => {
  const file = await exportFile(ROWS, OPTIONS);
  assert.equal(await new Blob([file.slice(0, 1000), file.slice(1000)]).text(), EXPECTED);
  assert.equal(await new Response(file).text(), EXPECTED);
  assert.equal(new Response(file).headers.get('content-type'), 'text/csv; charset=utf-8');
  assert.equal(Object.prototype.toString.call(file), '[object File]');
  assert.deepEqual(structuredClone(file.report), file.report);
});
