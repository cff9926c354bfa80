// Every type of resource through the package: what the references say of it, asserted on the files that come out.
import assert from 'node:assert/strict';
import test from 'node:test';
import { exportFile, exportStream, formats } from '../../pkg/load/node.js';
import { generator } from '../random.mjs';
import { formatsOf } from '../resources/cases.mjs';
import { check } from '../resources/check.mjs';
import { goldenFiles, storedFiles, storeFiles } from '../resources/golden.mjs';
import { definition, INVOICES, invoices } from '../resources/invoices.mjs';
import { expectedFile, flatFile, isTold, plainFile, shaped } from '../resources/model.mjs';
import { ACCOUNT_ID, allDocuments, documentsOf, DOCUMENTS, PRODUCED, recordsOf, SOFTWARE_VERSION, TABLES } from '../resources/records.mjs';
import { fieldsOf, hasEnvelope, itemsOf, reference, Walk } from '../resources/reference.mjs';
import { chunkLengths, streamOf } from './cases.mjs';

const NOW = '2026-11-21T08:30:00.000Z';
const GIVEN = { softwareVersion: SOFTWARE_VERSION, accountId: ACCOUNT_ID };
/** What the envelope holds beside the records. */
const envelopeOf = (name) => ({
  export_type: name,
  software_version: SOFTWARE_VERSION,
  account_id: ACCOUNT_ID,
  exported_at: NOW,
  exportedAt: NOW,
});

/** Warnings that are no fault of the records: what the formula guard did, and members beside an array that was named. */
const HARMLESS = ['formula_guarded', 'envelope_member'];

/** The text of the file, which nothing was wrong with. */
async function fileOf(input, options) {
  const file = await exportFile(input, { now: NOW, envelope: GIVEN, ...options });
  assert.deepEqual(file.report.warnings.filter(({ code }) => !HARMLESS.includes(code)), [], options.resource.name ?? options.resource);
  return file.text();
}

/** Runs a table type through `check`. */
function checkTable(walk, name, records, type = reference[name], resource = name) {
  const run = (request) => fileOf(JSON.stringify({ items: records }), { resource, ...request });
  const formats = type.formats.filter((format) => isTold(format, type));
  return check(walk, name, { [itemsOf(type).name]: records }, run, { type, envelope: envelopeOf(name), formats });
}

const walk = new Walk();

for (const name of TABLES) {
  test(`${name}: each format and each filter gives the file that its reference describes`, () => checkTable(walk, name, recordsOf(name, 24)));
}

for (const name of DOCUMENTS) {
  test(`${name}: each document comes as its reference describes it, by each filter`, async () => {
    for (const document of allDocuments(name)) {
      const run = (request) => fileOf(JSON.stringify(document), { resource: name, ...request });
      await check(walk, name, document, run, { envelope: envelopeOf(name) });
    }
  });
}

for (const [name, items] of Object.entries(PRODUCED)) {
  test(`${name}: as CSV and JSON, and as PDF where that is built`, async () => {
    for (const format of ['csv', 'json']) {
      assert.equal(await fileOf({ items }, { resource: name, format }), plainFile(items, format), format);
      walk.format(name, format);
    }
    const columns = Object.keys(items[0]);
    const rows = items.map((item) => columns.map((column) => item[column]));
    assert.equal(await fileOf({ columns, rows }, { resource: name, format: 'csv' }), plainFile(items, 'csv'));
    await assert.rejects(exportFile({ items }, { resource: name, format: 'pdf' }), { code: 'format_not_built' });
    const file = await exportFile({ items }, { resource: name, format: 'pdf', fallback: 'html' });
    assert.equal(file.type, 'text/html; charset=utf-8');
    walk.format(name, 'pdf');
    for (const format of ['jsonl', 'html', 'markdown', 'xlsx']) {
      await assert.rejects(exportFile({ items }, { resource: name, format }), { code: 'format_not_offered' }, format);
    }
  });
}

test('nothing that the references say is left out', () => {
  walk.done();
});

/** What there is of each type, as input: the records of a table, or a document. */
const inputs = [
  ...TABLES.map((name) => ({ name, value: { items: recordsOf(name, 24) } })),
  ...DOCUMENTS.map((name) => ({ name, value: documentsOf(name, 4)[3] })),
];

test('a format that a type is not offered in is refused with those that it is', async () => {
  for (const { name, value } of inputs) {
    const { others } = formatsOf(name, formats.map(({ id }) => id));
    // Beside what the reference says, memories were offered before as everything that can be written.
    for (const format of name === 'memories' ? ['xlsx', 'pdf'] : others) {
      await assert.rejects(exportFile(value, { resource: name, format, envelope: GIVEN }), (error) => {
        assert.equal(error.code, 'format_not_offered', `${name} as ${format}: ${error.message}`);
        const told = `${error.message} ${error.hint} ${JSON.stringify(error.details)}`;
        for (const offered of reference[name].formats) assert.match(told, new RegExp(`\\b${offered}\\b`), `${name} as ${format}`);
        return true;
      });
    }
  }
});

test('where no format is asked for, the file has the first that is offered, and the name of the type', async () => {
  for (const { name, value } of inputs) {
    const file = await exportFile(value, { resource: name, envelope: GIVEN, now: NOW });
    assert.equal(file.report.format, reference[name].formats[0], name);
    assert.match(file.name, /2026-11-21\.json$/, name);
    assert.equal(await file.text(), await fileOf(value, { resource: name, format: reference[name].formats[0] }), name);
  }
});

test('texts, bytes, objects, and streams however they are cut give the same file', async () => {
  const random = generator(4);
  for (const { name, value: long } of inputs) {
    const value = TABLES.includes(name) ? { items: long.items.slice(0, 6) } : long;
    const text = JSON.stringify(value);
    const bytes = Buffer.from(text);
    const options = { resource: name, format: 'json', filters: SOME_FILTERS[name] };
    const whole = await fileOf(text, options);
    for (const input of [bytes, value, new Blob([bytes]), JSON.stringify(value, null, 3)]) assert.equal(await fileOf(input, options), whole, name);
    for (const chunking of ['byte by byte', 'random 1', 'chunks of 7', `chunks of ${20 + Math.floor(random() * 200)}`]) {
      const stream = exportStream(streamOf(bytes, chunkLengths(bytes.length, chunking)), { now: NOW, envelope: GIVEN, ...options });
      assert.equal(await new Response(stream).text(), whole, `${name}, ${chunking}`);
    }
  }
});

/** Filters that leave something of each type that has any. */
const SOME_FILTERS = {
  governance_policies: { enabled: true },
  governance_evaluations: { verdict: 'flag' },
  knowledge_base: { from_date: '2026-02-01' },
  solution: { include_content: true },
  agent_traces: { limit: 5, include_step_io: false },
  agent_evaluations: { status: 'passed' },
  memories: { categories: ['one', '007'] },
};

/** A record with its members in another order, and those of the records inside. */
function shuffled(value, type, record, random) {
  const facts = fieldsOf(type, record).filter(({ name }) => name in value);
  const members = facts.map(({ name, record: inner }) => {
    const of = (item) => (inner === undefined || item === null ? item : shuffled(item, type, inner, random));
    return [name, Array.isArray(value[name]) ? value[name].map(of) : of(value[name])];
  });
  return Object.fromEntries(members.map((member) => [random(), member]).sort(([a], [b]) => a - b).map(([, member]) => member));
}

test('the order of members in the input is of no account', async () => {
  const random = generator(5);
  for (const { name, value } of inputs) {
    const type = reference[name];
    const options = { resource: name, format: 'json', filters: SOME_FILTERS[name] };
    const other = TABLES.includes(name)
      ? { items: value.items.map((item) => shuffled(item, type, itemsOf(type).record, random)) }
      : shuffled(value, type, undefined, random);
    assert.equal(await fileOf(JSON.stringify(other), options), await fileOf(value, options), name);
  }
});

test('a file that was exported is input for the same file', async () => {
  for (const { name, value } of inputs) {
    const options = { resource: name, format: 'json', ...(name === 'solution' ? { filters: { include_content: true } } : {}) };
    const first = await fileOf(value, options);
    const path = TABLES.includes(name) && hasEnvelope(reference[name]) ? itemsOf(reference[name]).name : undefined;
    if (path !== undefined) assert.equal(await fileOf(first, { ...options, input: { path } }), first, name);
    if (path === undefined || path === 'items') assert.equal(await fileOf(first, options), first, name);
  }
});

test('nested fields become columns where they are to be flattened', async () => {
  const tables = [...TABLES.map((name) => [name, name, reference[name], recordsOf(name, 12)]), ['invoices', definition, INVOICES, invoices(12)]];
  for (const [name, resource, type, records] of tables.filter(([, , { formats: offered }]) => offered.includes('csv'))) {
    const text = await fileOf(records, { resource, format: 'csv', flatten: true });
    const header = text.split('\r\n', 1)[0].split(',');
    assert.equal(text, flatFile(name, { [itemsOf(type).name]: records }, header, { type }), name);
  }
});

test('without its envelope a table is an array of its records', async () => {
  for (const name of TABLES) {
    const records = recordsOf(name, 5);
    const expected = expectedFile(name, { [itemsOf(reference[name]).name]: records }, { envelope: false });
    assert.equal(await fileOf(records, { resource: name, format: 'json', envelope: false }), expected, name);
  }
});

test('a table of no records has its envelope and its header', async () => {
  for (const name of TABLES) {
    const document = { [itemsOf(reference[name]).name]: [] };
    for (const format of reference[name].formats.filter((id) => isTold(id, reference[name]))) {
      const expected = expectedFile(name, document, { format, envelope: envelopeOf(name) });
      assert.equal(await fileOf([], { resource: name, format }), expected, `${name} as ${format}`);
    }
  }
});

test('a value that the envelope needs and nobody gave is asked for by its name', async () => {
  for (const name of ['governance_policies', 'agent_traces']) {
    const code = 'invalid_option';
    await assert.rejects(exportFile([], { resource: name, envelope: { softwareVersion: '1' } }), { code, message: /envelope\.accountId/ });
    await assert.rejects(exportFile([], { resource: name, envelope: { accountId: '1' } }), { code, message: /envelope\.softwareVersion/ });
  }
});

test('members of an agent definition that nobody describes are kept behind the others', async () => {
  const [document] = documentsOf('agent_definition', 1);
  const future = { version: 3, '=odd': ['größer', null] };
  const given = JSON.stringify({ x_future: future, ...document, x_more: null });
  const expected = JSON.stringify({ ...shaped('agent_definition', document, { envelope: envelopeOf('agent_definition') }), x_future: future, x_more: null }, null, 2);
  assert.equal(await fileOf(given, { resource: 'agent_definition' }), expected);
});

test('the files by which the engine in Rust is checked are those of the model', () => {
  const files = goldenFiles();
  if (process.env.UPDATE_GOLDEN) storeFiles(files);
  const stored = storedFiles();
  assert.deepEqual([...stored.keys()].sort(), [...files.keys()].sort());
  for (const [path, text] of files) assert.equal(stored.get(path), text, path);
});

test('a type that a user describes in one file works as those that ship do', async () => {
  const records = invoices(24);
  const open = new Walk(() => false);
  await checkTable(open, 'invoices', records, INVOICES, definition);
  const seen = new Set(records.map(({ status }) => status));
  assert.deepEqual([...seen], INVOICES.records.Invoice.find(({ name }) => name === 'status').values);
  for (const format of ['html', 'markdown']) {
    // The rest of such a file is as around any other table.
    const { invoices: plain } = shaped('invoices', { invoices: records }, { type: INVOICES });
    const options = { format, filename: 'invoices' };
    assert.equal(await fileOf(records, { ...options, resource: definition }), await (await exportFile(plain, options)).text());
  }
  const file = await exportFile(records, { resource: definition, now: NOW, envelope: GIVEN });
  assert.deepEqual([file.name, file.report.format], ['invoices-2026-11-21.csv', 'csv']);
});
