// With `worker: true` an export runs in a thread of its own, and all else is as without it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { Worker } from 'node:worker_threads';
import { createApi } from '../../pkg/api.js';
import { exportFile, exportResponse, exportStream } from '../../pkg/load/node.js';
import { spawn } from '../../pkg/load/worker-node.js';
import * as glue from '../../pkg/wasm/core.js';
import { cases, check, runInNode } from './cases.mjs';
import { echoGlue, emptyModule } from './echo-glue.mjs';
import { installed, run } from './installed.mjs';

const ROWS = Array.from({ length: 5000 }, (_, index) => ({ index, text: `row ${index} “ü”`, code: `00${index}` }));
const JSON_TEXT = JSON.stringify(ROWS);
const BYTES = new TextEncoder().encode(JSON_TEXT);
const OPTIONS = { format: 'csv', now: '2020-02-03T04:05:06Z' };

for (const golden of cases) {
  test(`the same comes of the case ${golden.name}`, () =>
    check(golden, (_, format, chunking) =>
      // A chunk for each byte shows nothing that random ones do not, and takes a message for each.
      runInNode(golden, format, chunking === 'byte by byte' ? 'random 3' : chunking, { worker: true }),
    ));
}

const SOURCES = {
  'an array': () => ROWS,
  'an array with a late column': () => [...ROWS, { late: true }],
  'a generator': () => new Set(ROWS).values(),
  'an async generator of pages': () =>
    (async function* () {
      for (let start = 0; start < ROWS.length; start += 700) yield ROWS.slice(start, start + 700);
    })(),
  '{columns, rows}': () => ({ columns: ['a', 'b', 'c'], rows: ROWS.map(Object.values) }),
  '{items}': () => ({ items: ROWS }),
  'a text': () => JSON_TEXT,
  bytes: () => BYTES,
  'an ArrayBuffer': () => BYTES.buffer,
  'a Blob': () => new Blob([BYTES]),
  'a Response': () => new Response(BYTES),
  'a stream': () => new Blob([BYTES]).stream(),
  nothing: () => [],
};

for (const [name, make] of Object.entries(SOURCES)) {
  test(`the same file comes from ${name}`, async () => {
    const here = await exportFile(make(), OPTIONS);
    const there = await exportFile(make(), { ...OPTIONS, worker: true });
    assert.equal(await there.text(), await here.text());
    assert.deepEqual(there.report, here.report);
    assert.deepEqual([there.name, there.type, there.lastModified], [here.name, here.type, here.lastModified]);
  });
}

test("the caller's buffers stay the caller's", async () => {
  const bytes = BYTES.slice();
  const buffer = Buffer.from('[{"a":1}]');
  const small = new TextEncoder().encode('[{"a":1}]');
  const chunks = [small.slice()];
  await exportFile(bytes, { ...OPTIONS, worker: true });
  await exportFile(small, { ...OPTIONS, worker: true });
  await exportFile(buffer, { ...OPTIONS, worker: true });
  await exportFile(ReadableStream.from(chunks), { ...OPTIONS, worker: true });
  assert.deepEqual([bytes.length, small.length, chunks[0].length, buffer.toString()], [BYTES.length, 9, 9, '[{"a":1}]']);
});

test('streams, responses and computed columns work too', async () => {
  const columns = ['index', { key: 'twice', value: ({ index }) => index * 2 }];
  const expected = await (await exportFile(ROWS, { ...OPTIONS, columns })).text();
  const stream = exportStream(ROWS, { ...OPTIONS, columns, worker: true });
  assert.equal(await new Response(stream).text(), expected);
  assert.equal((await stream.report).rows, ROWS.length);
  assert.deepEqual([stream.name, stream.type], ['export.csv', 'text/csv; charset=utf-8']);
  const response = await exportResponse(ROWS, { ...OPTIONS, columns, worker: true });
  assert.equal(await response.text(), expected);
});

test('exports at the same time do not mix', async () => {
  const files = await Promise.all(Array.from({ length: 8 }, (_, index) => exportFile(ROWS.slice(index * 10), { ...OPTIONS, worker: true })));
  for (const [index, file] of files.entries()) {
    assert.equal(await file.text(), await (await exportFile(ROWS.slice(index * 10), OPTIONS)).text());
  }
});

const FAILURES = {
  'JSON that breaks off': () => ['[{"a":1', {}],
  'an unknown option': () => [ROWS, { csv: { delimeter: ';' } }],
  'an unknown format': () => [ROWS, { format: 'cvs' }],
  'a limit': () => [ROWS, { limits: { rows: 10 } }],
  'a late column': () => [[...ROWS, { late: 1 }].values(), {}],
  'a computed column that throws': () => [
    ROWS,
    {
      columns: [
        {
          key: 'x',
          value: ({ index }) => {
            if (index === 2000) throw new Error('mine');
            return index;
          },
        },
      ],
    },
  ],
};

for (const [name, make] of Object.entries(FAILURES)) {
  test(`an error is the same: ${name}`, async () => {
    const failure = (worker) => {
      const [data, options] = make();
      return exportFile(data, { ...OPTIONS, ...options, worker }).then(assert.fail, (error) => error);
    };
    const [here, there] = [await failure(false), await failure(true)];
    const told = ({ name, code, message, hint, row, column, details }) => ({ name, code, message, hint, row, column, details });
    assert.deepEqual(told(there), told(here));
    assert.equal(there.name, 'ExportError');
    assert.equal((await exportFile([{ a: 1 }], { ...OPTIONS, worker: true })).size, 6);
  });
}

async function* endless(counter) {
  try {
    for (;;) {
      counter.rows += 1;
      yield { index: counter.rows };
    }
  } finally {
    counter.closed = true;
  }
}

const turns = async (count) => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

test('a stream that nobody reads goes no further than its few pieces', async () => {
  const counter = { rows: 0 };
  const reader = exportStream(endless(counter), { ...OPTIONS, worker: true }).getReader();
  await reader.read();
  let before;
  do {
    before = counter.rows;
    await turns(200);
  } while (counter.rows > before);
  assert.equal(counter.rows < 600_000, true, `${counter.rows}`);
  await reader.cancel();
  await turns(10);
  assert.equal(counter.closed, true);
});

test('an export can be ended, before it starts and at any time', async () => {
  const reason = new Error('enough');
  for (const pieces of [0, 1, 5]) {
    const counter = { rows: 0 };
    const controller = new AbortController();
    const reader = exportStream(endless(counter), { ...OPTIONS, worker: true, signal: controller.signal }).getReader();
    for (let piece = 0; piece < pieces; piece += 1) await reader.read();
    controller.abort(reason);
    await assert.rejects(reader.read(), (error) => error === reason);
  }
  await assert.rejects(exportFile(ROWS, { ...OPTIONS, worker: true, signal: AbortSignal.abort(reason) }), (error) => error === reason);
  const controller = new AbortController();
  const onProgress = () => controller.abort(reason);
  await assert.rejects(exportFile(endless({ rows: 0 }), { ...OPTIONS, worker: true, signal: controller.signal, onProgress }), (error) => error === reason);
  await exportFile(ROWS, { ...OPTIONS, worker: true });
});

test('progress is told', async () => {
  const seen = [];
  const { size } = await exportFile(ROWS, { ...OPTIONS, worker: true, onProgress: (progress) => seen.push(progress) });
  assert.deepEqual(seen.at(-1), { rows: ROWS.length, bytes: size });
});

const WASM = new WebAssembly.Module(readFileSync(new URL('../../pkg/wasm/core_bg.wasm', import.meta.url)));

test('a thread is started once; after it stopped, live exports fail and the next call starts another', async () => {
  const ports = [];
  const api = createApi(glue, () => WASM, undefined, () => {
    const port = spawn();
    ports.push(port);
    return port;
  });
  const options = { ...OPTIONS, worker: true };
  await Promise.all([api.exportFile(ROWS, options), api.exportFile(ROWS, options)]);
  assert.equal(ports.length, 1);
  const live = api.exportStream(endless({ rows: 0 }), options).getReader();
  await live.read();
  ports[0].end();
  await assert.rejects(
    (async () => {
      for (;;) await live.read();
    })(),
    { name: 'ExportError', code: 'engine_crashed' },
  );
  assert.equal((await api.exportFile(ROWS, options)).report.rows, ROWS.length);
  assert.equal(ports.length, 2);
});

test('a thread that cannot be started is an error, and is tried again', async () => {
  let broken = true;
  const api = createApi(glue, () => WASM, undefined, () => {
    if (!broken) return spawn();
    const worker = new Worker(new URL('data:text/javascript,throw new Error("no thread today")'));
    return {
      listen: (_, fail) => worker.on('error', fail),
      post() {},
      hold() {},
      end() {},
    };
  });
  const options = { ...OPTIONS, worker: true };
  await assert.rejects(api.exportFile(ROWS, options), ({ name, code, message, hint }) => {
    assert.deepEqual([name, code], ['ExportError', 'worker_failed']);
    assert.match(message, /no thread today/);
    assert.match(hint, /worker-src/);
    return true;
  });
  broken = false;
  assert.equal((await api.exportFile(ROWS, options)).report.rows, ROWS.length);
});

test('where there are no threads that is said', async () => {
  const api = createApi(echoGlue(), emptyModule);
  await assert.rejects(api.exportFile(ROWS, { worker: true }), { name: 'ExportError', code: 'no_worker' });
  const stream = api.exportStream(ROWS, { worker: true });
  await assert.rejects(stream.getReader().read(), { code: 'no_worker' });
  await assert.rejects(exportFile(ROWS, { ...OPTIONS, worker: 'yes' }), { code: 'invalid_option' });
});

test('a process whose exports are done ends by itself', async (context) => {
  const { folder } = await installed(context);
  await writeFile(
    join(folder, 'main.js'),
    `import { exportFile } from 'tablecast';
const file = await exportFile([{ a: 1 }], { format: 'csv', worker: true });
console.log(JSON.stringify(await file.text()));
`,
  );
  assert.equal(await run(process.execPath, ['main.js'], { cwd: folder }), '"a\\r\\n1\\r\\n"\n');
});
