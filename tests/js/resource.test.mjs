// Exports of a resource through everything that the package has: whatever the data are given as, and whatever comes of them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { exportFile, exportResponse, exportStream } from '../../pkg/load/node.js';

const NOW = '2026-01-31T12:00:00.000Z';
const OPTIONS = { now: NOW, envelope: { softwareVersion: '7.1', accountId: 'acme' } };

const INVOICES = {
  name: 'invoices',
  label: 'Invoices',
  description: 'What customers have to pay.',
  formats: ['json', 'csv'],
  file_name: 'invoices-{date}',
  record: {
    fields: [
      { name: 'id', type: 'string', description: 'The number.' },
      { name: 'sent_at', type: 'timestamp', nullable: true, description: 'When it went out.' },
      { name: 'lines', type: 'records', record: { fields: [{ name: 'article', type: 'string', description: 'What was sold.' }] }, description: 'What is charged.' },
      { name: 'line_count', type: 'count', of: 'lines', description: 'How many lines there are.' },
    ],
  },
  envelope: 'standard',
  filters: [{ name: 'sent_after', test: 'at_least', field: 'sent_at', description: 'Those from then on.' }],
};

const invoice = (number) => ({ id: `R-${number}`, sent_at: new Date(1e9 * number), lines: Array.from({ length: number % 3 }, (_, line) => ({ article: `a${line}` })) });
const ROWS = Array.from({ length: 2000 }, (_, index) => invoice(index));
const JSON_TEXT = JSON.stringify(ROWS);

const item = (number) => ({ id: `i${number}`, title: `Item ${number}`, text: '“ü” '.repeat(number % 500), url: null, status: 'indexed', word_count: number, token_count: number, published_at: NOW, created_at: NOW });
const source = (number, items) => ({
  source_connection_id: `s${number}`, source_name: 'Source', source_url: null, polling: null, polling_action: null, polling_max_items: null,
  seed: null, retention_days: null, crawl_limit: null, crawl_depth: null, content_items: items,
});
const BASE = { id: 'kb', name: 'Base', description: null, reranker_model: null, default_top_n: 1, default_top_k: 1, default_score_threshold: 0.5, created_at: NOW, updated_at: NOW };
const ITEMS = Array.from({ length: 1500 }, (_, index) => item(index));
const DOCUMENT = { knowledge_base: BASE, sources: [source(1, ITEMS), source(2, []), source(3, ITEMS.slice(0, 10))] };
const DOCUMENT_TEXT = JSON.stringify(DOCUMENT);

async function* pages() {
  for (let start = 0; start < ROWS.length; start += 300) yield ROWS.slice(start, start + 300);
}

async function* later(items) {
  yield* items;
}

const bytes = (text) => new TextEncoder().encode(text);

const TABLES = {
  'an array': () => ROWS,
  'a generator': () => ROWS.values(),
  pages,
  '{items}': () => ({ items: ROWS }),
  'the file of an earlier export': async () => exportFile(ROWS, { ...OPTIONS, resource: INVOICES }),
  text: () => JSON_TEXT,
  bytes: () => bytes(JSON_TEXT),
  'a stream': () => new Blob([JSON_TEXT]).stream(),
  'a response': () => new Response(JSON_TEXT),
};

const DOCUMENTS = {
  'an object': () => DOCUMENT,
  'an object with lists out of iterables': () => ({ ...DOCUMENT, sources: later([source(1, later(ITEMS)), source(2, new Set()), source(3, ITEMS.slice(0, 10).values())]) }),
  text: () => DOCUMENT_TEXT,
  bytes: () => bytes(DOCUMENT_TEXT),
  'a blob': () => new Blob([DOCUMENT_TEXT]),
  'a stream': () => new Blob([DOCUMENT_TEXT]).stream(),
};

for (const [kind, inputs, resource, rows] of [
  ['table', TABLES, INVOICES, 2000],
  ['document', DOCUMENTS, 'knowledge_base', undefined],
]) {
  for (const worker of [false, true]) {
    test(`a ${kind} is the same file whatever it is given as${worker ? ', in a thread' : ''}`, async () => {
      const options = { ...OPTIONS, resource, worker };
      const [, first] = Object.entries(inputs)[0];
      const expected = await exportFile(await first(), { ...options, worker: false });
      for (const [name, make] of Object.entries(inputs)) {
        const file = await exportFile(await make(), options);
        assert.equal((await file.text()) === (await expected.text()), true, name);
        assert.deepEqual(file.report.warnings.filter(({ code }) => code !== 'envelope_member'), [], name);
        const stream = exportStream(await make(), options);
        assert.equal((await new Response(stream).text()) === (await expected.text()), true, name);
        assert.equal(stream.name, expected.name);
        assert.equal((await stream.report).bytes, expected.size);
        assert.equal((await (await exportResponse(await make(), options)).text()) === (await expected.text()), true, name);
      }
      assert.deepEqual([expected.type, expected.report.rows], ['application/json', rows ?? expected.report.rows]);
      assert.match(expected.name, kind === 'table' ? /^invoices-2026-01-31\.json$/ : /^knowledge-base-2026-01-31\.json$/);
      const { items, item_count: count, ...around } = JSON.parse(await expected.text());
      assert.equal(around.exported_at, NOW);
      if (kind === 'table') assert.deepEqual([count, items.length, items[2].line_count], [2000, 2000, 2]);
      else assert.equal(around.total_content_items, 1510);
    });
  }
}

test('a filter takes a Date, and CSV is input like any other', async () => {
  const filters = { sent_after: new Date(1e12) };
  const file = await exportFile(ROWS, { ...OPTIONS, resource: INVOICES, filters });
  assert.equal(file.report.rows, 1000);
  const csv = 'id,sent_at,lines\r\nR-1,2001-09-09T01:46:40Z,[]\r\nR-2,2000-01-01T00:00:00Z,[]\r\n';
  const read = await exportFile(csv, { ...OPTIONS, resource: INVOICES, filters, format: 'csv', input: { format: 'csv' } });
  assert.equal(await read.text(), 'id,sent_at,lines,line_count\r\nR-1,2001-09-09T01:46:40Z,[],0\r\n');
});

test('a document may have members that make a table of other data', async () => {
  const definition = {
    ...INVOICES,
    formats: ['json'],
    record: undefined,
    filters: undefined,
    envelope: ['items', 'rows', 'columns', 'sheets'].map((name) => ({ name, holds: 'value', type: 'array', items: 'any', description: 'A list.' })),
  };
  const document = { sheets: [{}], items: [1], rows: [[2]], columns: ['a'] };
  const options = { now: NOW, resource: definition, json: { pretty: false } };
  const text = JSON.stringify({ items: [1], rows: [[2]], columns: ['a'], sheets: [{}] });
  for (const data of [document, JSON.stringify(document)]) assert.equal(await (await exportFile(data, options)).text(), text);
});

test('every problem of a definition is told, with its path', async () => {
  const definition = { ...INVOICES, label: 7, filters: [{ ...INVOICES.filters[0], field: 'send_at' }] };
  await assert.rejects(exportFile(ROWS, { ...OPTIONS, resource: definition }), ({ name, code, details }) => {
    assert.deepEqual([name, code, details.resource], ['ExportError', 'invalid_definition', 'invoices']);
    assert.deepEqual(details.problems.map(({ path }) => path), ['$.label', '$.filters[0].field']);
    assert.equal(details.problems.every(({ message }) => message.endsWith('.')), true);
    return true;
  });
});

test('what is wrong with the options or the records is told before there is a response', async () => {
  const refused = async (code, data, options) => {
    for (const run of [exportFile, exportResponse]) await assert.rejects(run(data, { ...OPTIONS, resource: INVOICES, ...options }), { name: 'ExportError', code });
  };
  await refused('unknown_resource', ROWS, { resource: 'invoice' });
  await refused('format_not_offered', ROWS, { format: 'html' });
  await refused('unknown_option', ROWS, { filters: { sent_befor: NOW } });
  await refused('invalid_option', ROWS, { filters: { sent_after: 'soon' } });
  await refused('strict', [{ id: 1 }], { strict: true });
  await refused('not_a_document', [1, 2], { resource: 'knowledge_base' });
  await refused('contradictory_options', DOCUMENT, { resource: 'knowledge_base', columns: [{ key: 'a', value: () => 1 }] });
});
