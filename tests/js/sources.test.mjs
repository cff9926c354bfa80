// Every kind of data gives the same file as its JSON text.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import test from 'node:test';
import { createApi } from '../../pkg/api.js';
import { exportFile } from '../../pkg/load/node.js';
import { echoGlue, emptyModule } from './echo-glue.mjs';

const ROWS = [
  { name: 'Ada', born: 1815, note: 'a,b' },
  { name: 'Zoë', born: null, note: '' },
];
const JSON_TEXT = JSON.stringify(ROWS);
const BYTES = new TextEncoder().encode(JSON_TEXT);

const csv = async (data, options) => (await exportFile(data, { format: 'csv', ...options })).text();

/** The JSON text that the engine is given. */
async function handed(data, options) {
  const glue = echoGlue();
  const api = createApi(glue, emptyModule);
  return (await api.exportFile(data, options)).text();
}

function streamOf(...chunks) {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function* later(...items) {
  yield* items;
}

function* generated(...items) {
  yield* items;
}

const padded = new Uint8Array([0, 0, ...BYTES, 0]);

const SOURCES = {
  'a Uint8Array': () => BYTES,
  'an ArrayBuffer': () => BYTES.slice().buffer,
  'a Buffer': () => Buffer.from(BYTES),
  'a DataView into a larger buffer': () => new DataView(padded.buffer, 2, BYTES.length),
  'a Blob': () => new Blob([BYTES]),
  'a File': () => new File([BYTES], 'rows.json'),
  'a Response': () => new Response(BYTES),
  'a ReadableStream': () => streamOf(BYTES.slice(0, 7), new Uint8Array(), BYTES.slice(7)),
  'a byte stream of Node': () => Readable.from([Buffer.from(BYTES)], { objectMode: false }),
  'an array of objects': () => ROWS,
  'a generator of rows': () => generated(...ROWS),
  'an async generator of rows': () => later(...ROWS),
  'an async generator of pages': () => later([ROWS[0]], [], [ROWS[1]]),
  'a Set of rows': () => new Set(ROWS),
  'an object stream of Node': () => Readable.from(ROWS),
  '{items}': () => ({ items: ROWS }),
  '{items} with a generator': () => ({ items: generated(...ROWS) }),
  '{columns, rows} of arrays': () => ({ columns: ['name', 'born', 'note'], rows: ROWS.map(Object.values) }),
  '{rows, columns}': () => ({ rows: ROWS.map(Object.values), columns: ['name', 'born', 'note'] }),
  '{columns, rows} of objects': () => ({ columns: ['name', 'born', 'note'], rows: ROWS }),
};

for (const [name, make] of Object.entries(SOURCES)) {
  test(`the same file comes from ${name}`, async () => {
    assert.equal(await csv(make()), await csv(JSON_TEXT));
  });
}

test('a lone object is one row', async () => {
  assert.equal(await csv(ROWS[0]), await csv([ROWS[0]]));
});

test('arrays of cells out of an iterable are rows', async () => {
  assert.equal(await handed(generated([1, 2], [3, 4])), '[[1,2],[3,4]]');
  assert.equal(await handed(later([[1, 2], [3, 4]], [[5, 6]])), '[[1,2],[3,4],[5,6]]');
  assert.equal(await handed(later()), '[]');
});

test('columns go ahead of the rows, and other members give only their names', async () => {
  const data = { total: 2, rows: [[1]], secret: { a: 1 }, nothing: undefined, columns: ['a'] };
  assert.equal(await handed(data), '{"columns":["a"],"total":null,"rows":[[1]],"secret":null}');
});

/** What an engine is handed for these rows, push by push. */
async function pushes(data) {
  const texts = [];
  const glue = echoGlue({ push: (chunk) => void texts.push(new TextDecoder().decode(chunk)) });
  const file = await createApi(glue, emptyModule).exportFile(data, {});
  assert.deepEqual(JSON.parse(await file.text()), [...data]);
  assert.equal(glue.requests[0].source, 'values');
  return texts;
}

test('rows are handed over in batches of 500 at most', async () => {
  const rows = Array.from({ length: 5000 }, (_, index) => ({ index }));
  for (const data of [rows, new Set(rows)]) {
    const counts = (await pushes(data)).map((text) => text.split('index').length - 1);
    assert.equal(Math.max(...counts) <= 500, true, `${counts}`);
    assert.equal(counts.length < 1000, true, `${counts}`);
  }
});

test('wide rows are handed over in smaller batches', async () => {
  const rows = Array.from({ length: 100 }, (_, index) => ({ index, text: 'x'.repeat(50_000) }));
  for (const data of [rows, new Set(rows)]) {
    const counts = (await pushes(data)).map((text) => text.split('index').length - 1);
    // The first batch cannot know how wide rows are, and is cut into slices.
    assert.deepEqual(counts.slice(10).filter((count) => count > 1), [], `${counts}`);
  }
});

test('bytes are handed over in slices of 256 KiB at most', async () => {
  const glue = echoGlue();
  const bytes = new Uint8Array(600_000).fill(32);
  for (const data of [bytes, 'é'.repeat(300_000)]) {
    await createApi(glue, emptyModule).exportFile(data, {});
  }
  const sizes = glue.events.filter((event) => event.startsWith('push')).map((event) => Number(event.slice(5)));
  assert.equal(Math.max(...sizes) <= 256 * 1024, true);
  assert.equal(sizes.reduce((sum, size) => sum + size), 1_200_000);
  assert.equal(glue.requests[0].source, 'json');
});

test('a surrogate pair is never torn apart between two slices of a text', async () => {
  for (const start of ['', 'a', 'ab']) {
    const text = start + '😀'.repeat(100_000);
    assert.equal(await handed(text), text);
  }
});

test('a lone surrogate in a text reaches the engine as its escape', async () => {
  assert.equal(await handed('"\ud800x"'), '"\\ud800x"');
  assert.equal(await handed('"\\\\\udc00"'), '"\\\\\\udc00"');
  assert.equal(await handed('"\\\ud800"'), '"\\\uFFFD"');
});

test('a lone surrogate keeps its backslashes, wherever a text is cut', async () => {
  for (const before of ['', '\\', '\\\\', '\\\\\\']) {
    const expected = before.length % 2 === 1 ? '\uFFFD' : '\\ud800';
    for (let length = 65_530; length < 65_540; length += 1) {
      const start = 'a'.repeat(length) + before;
      assert.equal(await handed(`${start}\ud800b`), `${start}${expected}b`);
    }
  }
});

test('a computed column runs in JavaScript', async () => {
  const columns = ['name', { key: 'century', value: (row) => (row.born === null ? null : Math.ceil(row.born / 100)) }];
  assert.equal(
    await handed(ROWS, { columns }),
    '[{"name":"Ada","born":1815,"note":"a,b","century":19},{"name":"Zoë","born":null,"note":"","century":null}]',
  );
  const table = { columns: ['a'], rows: [[1], [2]] };
  assert.equal(await handed(table, { columns: [{ key: 'b', value: ([a]) => a * 2 }, 'a'] }), '{"columns":["a","b"],"rows":[[1,2],[2,4]]}');
  assert.equal(await handed([[1], [2]], { columns: ['a', { key: 'b', value: ([a]) => a + 1 }] }), '[[1,2],[2,3]]');
});

test('a computed column that throws is an error with its row', async () => {
  const fail = (row) => row.missing.deeper;
  await assert.rejects(handed(ROWS, { columns: [{ key: 'x', value: fail }] }), { code: 'value_threw', row: 1, column: 'x' });
  await assert.rejects(handed(JSON_TEXT, { columns: [{ key: 'x', value: fail }] }), { code: 'invalid_option' });
});

test('what is no table is refused', async () => {
  for (const data of [undefined, () => 1, Symbol('s'), null, 1, true, 10n, new Date(0), { sheets: [{ name: 'a', data: [] }] }]) {
    await assert.rejects(exportFile(data, { format: 'csv' }), { name: 'ExportError', code: 'not_tabular' });
  }
});

test('what is no row is told, wherever it stands among rows', async () => {
  const rows = Array.from({ length: 100 }, (_, id) => ({ id }));
  for (const nothing of [1, -0.5, true, 'a', null]) {
    for (let at = 0; at < rows.length; at += 1) {
      const data = rows.with(at, nothing);
      await assert.rejects(exportFile(data, { format: 'csv' }), { code: 'not_tabular', row: at + 1 }, `${nothing} at ${at}`);
    }
  }
});

test('data that cannot be read are refused', async () => {
  const used = new Response('[]');
  await used.text();
  const locked = streamOf(BYTES);
  locked.getReader();
  for (const data of [used, locked, new Response('{}', { status: 500 }), streamOf('text'), later(BYTES)]) {
    await assert.rejects(exportFile(data, { format: 'csv' }), { name: 'ExportError', code: 'invalid_data' });
  }
});

test('an error of the caller\'s own source comes back as it is', async () => {
  const failure = new RangeError('the database is away');
  async function* rows() {
    yield { a: 1 };
    throw failure;
  }
  const bytes = new ReadableStream({ pull: (controller) => controller.error(failure) });
  for (const data of [rows(), bytes]) await assert.rejects(exportFile(data, { format: 'csv' }), (error) => error === failure);
});

test('empty bytes are invalid JSON, and no rows are an empty table', async () => {
  await assert.rejects(csv(''), { code: 'invalid_json' });
  await assert.rejects(csv(new Response(null)), { code: 'invalid_json' });
  assert.equal(await csv({ columns: ['a', 'b'], rows: [] }), 'a,b\r\n');
});

test('data in memory are read again where a column turns up late', async () => {
  const rows = Array.from({ length: 3000 }, (_, index) => ({ index }));
  rows.push({ index: 3000, late: 'yes' });
  for (const data of [rows, JSON.stringify(rows), new Blob([JSON.stringify(rows)])]) {
    const text = await csv(data);
    assert.equal(text.startsWith('index,late\r\n0,\r\n'), true);
    assert.equal(text.endsWith('3000,yes\r\n'), true);
  }
  await assert.rejects(csv(later(...rows)), { code: 'late_column' });
});

test('rows ahead of their columns are read again from a text', async () => {
  const rows = Array.from({ length: 3000 }, (_, index) => [index, `${index}`]);
  assert.equal(await csv(JSON.stringify({ rows, columns: ['a', 'b'] })), await csv({ columns: ['a', 'b'], rows }));
});
