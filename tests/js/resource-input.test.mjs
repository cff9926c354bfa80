// Requests that cannot be meant as they stand, definitions with mistakes, and documents that end early or in an odd order.
import assert from 'node:assert/strict';
import test from 'node:test';
import { exportFile, exportStream } from '../../pkg/load/node.js';
import { definition } from '../resources/invoices.mjs';
import { ACCOUNT_ID, documentsOf, DOCUMENTS, recordsOf, SOFTWARE_VERSION, TABLES } from '../resources/records.mjs';
import { reference } from '../resources/reference.mjs';
import { streamOf } from './cases.mjs';

const OPTIONS = {
  now: '2026-11-21T08:30:00.000Z',
  envelope: { softwareVersion: SOFTWARE_VERSION, accountId: ACCOUNT_ID },
};

/** The error of a request, which has to have a code and to name each of these. */
async function refused(options, code, ...told) {
  await assert.rejects(exportFile([], { ...OPTIONS, ...options }), (error) => {
    const text = `${error.message} ${error.hint ?? ''} ${JSON.stringify(error.details ?? {})}`;
    assert.equal(error.code, code, `${JSON.stringify(options)}: ${text}`);
    for (const name of told) assert.equal(text.includes(name), true, `“${name}” is not in: ${text}`);
    return true;
  });
}

test('an unknown type is answered with what was meant, and with all types', async () => {
  await refused({ resource: 'governance_polices' }, 'unknown_resource', 'governance_policies');
  await refused({ resource: 'knowledgeBase' }, 'unknown_resource', 'knowledge_base');
  await refused({ resource: 'nothing like it' }, 'unknown_resource', ...Object.keys(reference));
  await refused({ resource: 17 }, 'invalid_option', 'resource');
});

test('an unknown filter is answered with what was meant, and with all filters', async () => {
  for (const [name, { filters }] of Object.entries(reference)) {
    for (const filter of filters) {
      const mistyped = filter.name.slice(0, -1);
      await refused({ resource: name, filters: { [mistyped]: '1' } }, 'unknown_option', `filters.${mistyped}`, filter.name);
    }
    const all = filters.map((filter) => filter.name);
    await refused({ resource: name, filters: { quite_unlike: '1' } }, 'unknown_option', 'filters.quite_unlike', ...all);
  }
});

test('a value that a filter does not take is answered with those that it takes, and with what was meant', async () => {
  for (const [name, { filters }] of Object.entries(reference)) {
    for (const filter of filters.filter(({ values }) => values)) {
      const mistyped = `${filter.values[0]}x`;
      await refused({ resource: name, filters: { [filter.name]: mistyped } }, 'invalid_option', `filters.${filter.name}`, ...filter.values);
    }
  }
  const invalid = (resource, filters) => refused({ resource, filters }, 'invalid_option', ...Object.keys(filters).map((filter) => `filters.${filter}`));
  for (const value of ['maybe', '', 2, [], {}]) await invalid('governance_policies', { enabled: value });
  for (const value of [0, -1, 1.5, 'many', '', '1.0', [3], true]) await invalid('agent_traces', { limit: value });
  for (const value of ['no', 1, {}]) await invalid('agent_traces', { include_step_io: value });
  await invalid('knowledge_base', { from_date: '' });
  await invalid('memories', { categories: Array.from({ length: 21 }, (_, index) => `c${index}`) });
  await invalid('memories', { categories: [] });
});

test('a date that is not ISO 8601 is refused', async () => {
  const dates = ['01.03.2026', '03/01/2026', 'yesterday', '2026-13-01', '2026-02-30', '2026-3-1', '20260301', '1772323200', '2026-03-01T25:00:00Z', 20260301];
  for (const [name, filter] of [['knowledge_base', 'from_date'], ['knowledge_base', 'to_date'], ['memories', 'created_after'], ['memories', 'created_before']]) {
    for (const date of dates) await refused({ resource: name, filters: { [filter]: date } }, 'invalid_option', `filters.${filter}`, 'ISO 8601');
  }
});

test('a range that nothing can lie in is a contradiction', async () => {
  for (const [first, second] of [['2026-03-02', '2026-03-01'], ['2026-03-01', '2026-03-01T00:00:00Z'], ['2026-03-01T00:30:00+01:00', '2026-02-28T23:30:00Z']]) {
    await refused({ resource: 'knowledge_base', filters: { from_date: first, to_date: second } }, 'contradictory_options', 'from_date', 'to_date');
    await refused({ resource: 'memories', filters: { created_after: first, created_before: second } }, 'contradictory_options', 'created_after', 'created_before');
  }
  await refused({ resource: definition, filters: { min_total: 2, max_total: 1.5 } }, 'contradictory_options', 'min_total', 'max_total');
});

test('options that do not go together are refused', async () => {
  await refused({ filters: { verdict: 'flag' } }, 'invalid_option', 'resource');
  for (const name of DOCUMENTS) {
    for (const more of [{ columns: ['id'] }, { flatten: true }, { json: { root: 'all' } }, { template: { column_mapping: { id: 'Id' } } }]) {
      await refused({ resource: name, ...more }, 'contradictory_options');
    }
  }
});

test('a definition with mistakes is answered with all of them, each with its path', async () => {
  const broken = structuredClone(definition);
  broken.name = 'In voices';
  broken.formats = ['json', 'cvs'];
  broken.file_name = 'invoices-{day}';
  delete broken.label;
  broken.records.line.fields[2].type = 'int';
  broken.records.line.fields[7].of = 'batch';
  broken.record.fields[2].enums = ['open'];
  broken.record.fields[10].record = 'lines';
  broken.record.fields.push({ name: 'id', type: 'string', description: 'Another one.' });
  broken.envelope[2].holds = 'everything';
  broken.filters[0].field = 'state';
  broken.filters[2].test = 'at_least';
  broken.filters[5].test = 'more';
  broken.filters[8].field = 'status';
  broken.switches[0].fields[3] = 'liness';
  broken.sheets = true;
  const paths = [
    '$.name', '$.formats[1]', '$.file_name', '$', '$.records.line.fields[2].type', '$.records.line.fields[7].of',
    '$.record.fields[2].enums', '$.record.fields[10].record', '$.record.fields[13].name', '$.envelope[2].holds',
    '$.filters[0].field', '$.filters[2].field', '$.filters[5].test', '$.filters[8].field', '$.switches[0].fields[3]', '$.sheets',
  ];
  await assert.rejects(exportFile([], { ...OPTIONS, resource: broken }), (error) => {
    assert.equal(error.code, 'invalid_definition', error.message);
    assert.deepEqual(error.details.problems.map(({ path }) => path).sort(), paths.sort(), JSON.stringify(error.details, null, 1));
    for (const { message } of error.details.problems) assert.match(message, /^\S.{10,}/);
    return true;
  });
});

/** What a stream gave, and the error with which it ended. */
async function outcome(input, options) {
  const stream = exportStream(input, { ...OPTIONS, ...options });
  let text = '';
  try {
    for await (const piece of stream.pipeThrough(new TextDecoderStream())) text += piece;
    return { text };
  } catch (error) {
    await assert.rejects(stream.report, { code: error.code });
    return { text, error };
  }
}

const isWhole = (text) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** What a byte is, for telling places of a document apart. */
function kindOf(byte) {
  if (byte === undefined) return 'none';
  if (byte >= 0x80) return byte >= 0xc0 ? 'lead' : 'continued';
  const letter = String.fromCharCode(byte);
  return /[a-z]/i.test(letter) ? 'letter' : /\d/.test(letter) ? 'digit' : letter;
}

test('input that ends early never makes a file that looks whole', async () => {
  const inputs = [...TABLES.map((name) => [name, { items: recordsOf(name, 2) }]), ...DOCUMENTS.map((name) => [name, documentsOf(name, 1)[0]])];
  let cuts = 0;
  for (const [name, value] of inputs) {
    const bytes = Buffer.from(JSON.stringify(value));
    const seen = new Map();
    for (let end = 0; end < bytes.length; end += 1) {
      // Two places of each kind, and all of the last ones.
      const kind = `${kindOf(bytes[end - 1])} ${kindOf(bytes[end])}`;
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
      if (seen.get(kind) > 2 && end < bytes.length - 20) continue;
      cuts += 1;
      const { text, error } = await outcome(streamOf(bytes, [end]), { resource: name, format: 'json' });
      assert.equal(error?.code, 'invalid_json', `${name} cut at ${end}: ${error?.message ?? text}`);
      assert.equal(text, '', `${name} cut at ${end}`);
    }
  }
  assert.equal(cuts > 1000, true, `${cuts} places`);
});

/** A knowledge base of so many items of 2 KB, its first member last where that is wanted. */
function knowledgeBase(items, { last = [] } = {}) {
  const [document] = documentsOf('knowledge_base', 1);
  const [source] = document.sources;
  const [item] = source.content_items;
  source.content_items = Array.from({ length: items }, (_, index) => ({ ...item, id: `${index}`, text: `${index} größer `.repeat(160) }));
  document.sources = [source];
  const members = Object.entries(document);
  return Object.fromEntries([...members.filter(([name]) => !last.includes(name)), ...members.filter(([name]) => last.includes(name))]);
}

test('a long document that ends early ends its file with an error', async () => {
  const bytes = Buffer.from(JSON.stringify(knowledgeBase(2000)));
  const whole = await outcome(streamOf(bytes, [bytes.length]), { resource: 'knowledge_base' });
  assert.equal(isWhole(whole.text), true, whole.error?.message);
  for (const share of [0.5, 0.9, 0.99999]) {
    const { text, error } = await outcome(streamOf(bytes, [Math.floor(bytes.length * share)]), { resource: 'knowledge_base' });
    assert.equal(error?.code, 'invalid_json');
    assert.equal(text.length > 0 && text.length < whole.text.length && whole.text.startsWith(text) && !isWhole(text), true);
  }
});

test('members may come in any order as long as little is held for them; one that comes too late is named', async () => {
  const options = { resource: 'knowledge_base', format: 'json' };
  for (const name of DOCUMENTS) {
    const document = documentsOf(name, 3)[2];
    const backwards = Object.fromEntries(Object.entries(document).reverse());
    const texts = [document, backwards].map(async (value) => (await exportFile(JSON.stringify(value), { ...OPTIONS, ...options, resource: name })).text());
    assert.equal(await texts[0], await texts[1], name);
  }
  const late = Buffer.from(JSON.stringify(knowledgeBase(2000, { last: ['knowledge_base'] })));
  const { text, error } = await outcome(streamOf(late, [late.length]), options);
  assert.equal(error?.code, 'late_member', error?.message);
  assert.match(`${error.message} ${error.hint}`, /knowledge_base/);
  assert.equal(isWhole(text), false);
});
