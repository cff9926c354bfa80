// The engine's memory depends on the shape of the rows and not on how many there are, and is used again. All of these read
// how much memory WebAssembly has, not a clock; that memory never becomes less, so it is its own peak.
import assert from 'node:assert/strict';
import test from 'node:test';
import { freshApi, wasmBytes, wasmBytesOfThread } from './memory.mjs';

const MB = 1e6;
const MOST = 8 * 2 ** 20;

const rowOf = (index) => ({
  id: index,
  name: `Name ${index} “ü”`,
  amount: (index * 37) / 8,
  note: index % 7 === 0 ? null : `some text, with "quotes" ${'and more '.repeat(index % 9)}`,
  tags: index % 11 === 0 ? ['a', { b: index }] : index % 2 === 0,
});
const ROWS = Array.from({ length: 3000 }, (_, index) => rowOf(index));
const PAGES = Array.from({ length: 30 }, (_, index) => ROWS.slice(100 * index, 100 * index + 100));
const quoted = (cell) => `"${String(typeof cell === 'object' ? JSON.stringify(cell) : cell).replaceAll('"', '""')}"`;

const INPUTS = {
  json: { start: '[', page: (rows) => `${JSON.stringify(rows).slice(1, -1)},`, end: `${JSON.stringify(ROWS[0])}]` },
  'indented json': { start: '[', page: (rows) => `${JSON.stringify(rows, null, 2).slice(1, -1)},`, end: `${JSON.stringify(ROWS[0])}]` },
  jsonl: { start: '', page: (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join(''), end: '' },
  csv: { start: 'id,name,amount,note,tags\n', page: (rows) => rows.map((row) => `${Object.values(row).map(quoted)}\n`).join(''), end: '' },
};

// One knowledge base with items of 20 kB, by pieces of ten of them.
const itemOf = (number) => ({ id: `i${number}`, title: null, text: `“${number}” `.repeat(20_000 / `“${number}” `.length), url: null, status: null, word_count: null, token_count: null, published_at: number % 2 === 0 ? '2026-01-31T12:00:00Z' : null, created_at: null });
const BASE = { id: 'kb', name: '', description: null, reranker_model: null, default_top_n: null, default_top_k: null, default_score_threshold: null, created_at: null, updated_at: null };
const SOURCE = {
  source_connection_id: 's', source_name: null, source_url: null, polling: null, polling_action: null, polling_max_items: null,
  seed: null, retention_days: null, crawl_limit: null, crawl_depth: null,
};
const START = JSON.stringify({ knowledge_base: BASE, sources: [{ ...SOURCE, content_items: [] }] });
const DOCUMENTS = {
  'knowledge base': { start: START.slice(0, -4), page: (rows) => `${rows.slice(0, 10).map(({ id }) => JSON.stringify(itemOf(id))).join(',')},`, end: `${JSON.stringify(itemOf(1))}]}]}` },
};
const RECORDS = {
  name: 'records',
  label: 'Records',
  description: 'What the other streams hold.',
  formats: ['csv'],
  file_name: 'records',
  record: {
    fields: [
      { name: 'tags', type: 'any', description: 'Tags.' },
      { name: 'id', type: 'integer', description: 'A number.' },
      { name: 'name', type: 'string', description: 'A name.' },
      { name: 'note', type: 'string', nullable: true, description: 'A note.' },
    ],
  },
  filters: [{ name: 'from_id', test: 'at_least', field: 'id', description: 'Those from there on.' }],
};
const OF_BASE = { resource: 'knowledge_base', envelope: { softwareVersion: '1', accountId: 'a' } };

/** The same as an object whose items come one by one. */
function baseOf(length) {
  async function* items() {
    for (let bytes = 0; bytes < length; bytes += 20_000) yield itemOf(bytes % 1000);
  }
  return { knowledge_base: BASE, sources: [{ ...SOURCE, content_items: items() }] };
}

/** A stream of about so many bytes, made of the same pages again and again; `read` counts what was asked of it. */
function streamOf(name, length, read = { bytes: 0 }) {
  const { start, page, end } = INPUTS[name] ?? DOCUMENTS[name];
  const pages = PAGES.map((rows) => Buffer.from(page(rows)));
  let number = -1;
  return new ReadableStream(
    {
      pull(controller) {
        const isLast = number >= 0 && read.bytes >= length;
        // Empty chunks would be asked for again and again.
        const piece = number < 0 ? Buffer.from(start || '\n') : isLast ? Buffer.from(end || '\n') : pages[number % pages.length];
        number += 1;
        read.bytes += piece.length;
        if (read.bytes > 200 * MB) throw new Error('The stream is read without an end.');
        controller.enqueue(new Uint8Array(piece));
        if (isLast) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

async function* pagesOf(length) {
  const bytes = JSON.stringify(PAGES[0]).length;
  for (let number = 0; number * bytes < length; number += 1) yield PAGES[number % PAGES.length];
}

/** Row by row, which takes long for a generator that is awaited: these are fewer. */
async function* rowsOf(length) {
  for await (const page of pagesOf(length / 4)) yield* page;
}

async function drained(stream) {
  let bytes = 0;
  for await (const piece of stream) bytes += piece.length;
  return bytes;
}

const STREAMS = {
  'JSON to CSV': [(length) => streamOf('json', length), { format: 'csv' }],
  'indented JSON to JSON': [(length) => streamOf('indented json', length), { format: 'json' }],
  'JSON Lines to Markdown': [(length) => streamOf('jsonl', length), { format: 'markdown', input: { format: 'jsonl' } }],
  'JSON Lines to HTML': [(length) => streamOf('jsonl', length), { format: 'html', input: { format: 'jsonl' } }],
  'CSV to JSON': [(length) => streamOf('csv', length), { format: 'json', input: { format: 'csv' } }],
  'pages of rows to CSV': [pagesOf, { format: 'csv' }],
  'rows to JSON Lines': [rowsOf, { format: 'jsonl' }],
  'JSON to CSV by a definition': [(length) => streamOf('json', length), { resource: RECORDS, filters: { from_id: 1000 } }],
  'one knowledge base': [(length) => streamOf('knowledge base', length), OF_BASE],
  'one knowledge base, filtered': [(length) => streamOf('knowledge base', length), { ...OF_BASE, filters: { from_date: '2026-01-01' }, format: 'json' }],
  'one knowledge base as an object': [baseOf, OF_BASE],
};

// How many rows of JavaScript values go in a batch is learnt from how long they take, and so is their memory.
const VARIES = ['pages of rows to CSV', 'rows to JSON Lines'];

for (const [name, [input, options]] of Object.entries(STREAMS)) {
  test(`${name}: 64 MB take the memory that 4 MB take`, async () => {
    const { exportStream } = await freshApi();
    // The first export leaves gaps, for which the second one may need a page more.
    await drained(exportStream(input(4 * MB), options));
    const small = await drained(exportStream(input(4 * MB), options));
    const after = wasmBytes();
    const large = await drained(exportStream(input(64 * MB), options));
    assert.equal(large > 14 * small, true, `${small} ${large}`);
    if (!VARIES.includes(name)) assert.equal(wasmBytes(), after);
    assert.equal(wasmBytes() <= MOST, true, `${wasmBytes()}`);
  });
}

test('in a thread 64 MB take the memory that 4 MB take', async () => {
  const { exportStream } = await freshApi();
  for (const name of ['json', 'csv']) {
    const options = { format: 'json', input: { format: name }, worker: true };
    await drained(exportStream(streamOf(name, 4 * MB), options));
    const after = await wasmBytesOfThread();
    await drained(exportStream(streamOf(name, 64 * MB), options));
    assert.deepEqual([await wasmBytesOfThread(), wasmBytes() < MOST], [after, true]);
    assert.equal(after > 0 && after <= MOST, true, `${after}`);
  }
});

test('a file of 64 MB is put together outside of WebAssembly', async () => {
  const { exportFile } = await freshApi();
  const bytes = Buffer.from(await new Response(streamOf('json', 64 * MB)).arrayBuffer());
  for (const data of [bytes, new Blob([bytes]), streamOf('json', 64 * MB)]) {
    const file = await exportFile(data, { format: 'csv' });
    assert.equal(file.size > 32 * MB, true, `${file.size}`);
    assert.equal(wasmBytes() <= MOST, true, `${wasmBytes()}`);
  }
});

for (const format of ['csv', 'json', 'html', 'markdown']) {
  test(`rows of 1 MB take a few times as much, however many they are: ${format}`, async () => {
    const { exportStream } = await freshApi();
    const encoder = new TextEncoder();
    const row = encoder.encode(`${JSON.stringify({ id: 1, text: 'some “text”\n'.repeat(80_000) })},`);
    const rows = (count) => ReadableStream.from([encoder.encode('['), ...Array(count).fill(row), encoder.encode('{"id":0,"text":""}]')]);
    await drained(exportStream(rows(4), { format }));
    const after = wasmBytes();
    await drained(exportStream(rows(40), { format }));
    assert.equal(wasmBytes(), after);
    assert.equal(after <= 2 * MOST, true, `${after}`);
  });
}

test('memory is used again, also that of exports that failed or were given up', async () => {
  const { exportFile, exportStream } = await freshApi();
  const text = `[${INPUTS.json.page(ROWS)}${INPUTS.json.end}`;
  const csv = INPUTS.csv.start + INPUTS.csv.page(ROWS);
  const pass = async () => {
    await exportFile(ROWS, { format: 'csv' });
    await exportFile(text, { format: 'html' });
    await exportFile(csv, { format: 'json', input: { format: 'csv' } });
    await assert.rejects(exportFile(text.slice(0, -1), { format: 'csv' }), { code: 'invalid_json' });
    await assert.rejects(exportFile(text, { format: 'csv', limits: { rows: 2500 } }), { code: 'limit_exceeded' });
    await assert.rejects(exportFile(ROWS.map((row, index) => (index === 2000 ? 1 : row)), { format: 'csv' }), { code: 'not_tabular' });
    const reader = exportStream(streamOf('json', Infinity), { format: 'csv' }).getReader();
    await reader.read();
    await reader.cancel();
    await exportFile([...ROWS, { late: 1 }], { format: 'markdown' });
  };
  await pass();
  await pass();
  const after = wasmBytes();
  for (let passes = 0; passes < 28; passes += 1) await pass();
  assert.equal(wasmBytes() <= 1.1 * after, true, `${after} ${wasmBytes()}`);
});

const turns = async (count) => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

for (const worker of [false, true]) {
  test(`no input is read that nobody asked for${worker ? ', with a thread' : ''}`, async () => {
    const { exportStream } = await freshApi();
    // Messages to and from a thread are under way in both directions.
    const ahead = worker ? MB : MB / 10;
    for (const name of Object.keys(INPUTS)) {
      const read = { bytes: 0 };
      const input = { format: name.split(' ').at(-1) };
      const reader = exportStream(streamOf(name, Infinity, read), { format: 'jsonl', input, worker }).getReader();
      const taken = { pieces: 0, bytes: 0 };
      // A slow reader: between two pieces the source is left alone once it has nothing to add to what is under way.
      while (taken.pieces < 20) {
        const { value } = await reader.read();
        taken.pieces += 1;
        taken.bytes += value.length;
        let before;
        do {
          before = read.bytes;
          await turns(20);
        } while (read.bytes > before);
        assert.equal(read.bytes < 1.5 * taken.bytes + ahead, true, `${name}: ${read.bytes} were read for ${taken.bytes}`);
      }
      await reader.cancel();
    }
    if (!worker) assert.equal(wasmBytes() <= MOST, true, `${wasmBytes()}`);
  });
}
