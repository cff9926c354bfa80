// Records and requests with something wrong about them: what is told of each field, each filter and each definition, and
// that no file looks whole which is not.
import assert from 'node:assert/strict';
import test from 'node:test';
import { exportFile, exportStream } from '../../pkg/load/node.js';
import { allFields } from '../resources/check.mjs';
import { definition } from '../resources/invoices.mjs';
import { ACCOUNT_ID, changed, documentsOf, DOCUMENTS, recordsOf, SOFTWARE_VERSION, TABLES } from '../resources/records.mjs';
import { itemsOf, reference } from '../resources/reference.mjs';
import { chunkLengths, streamOf } from './cases.mjs';

const NOW = '2026-11-21T08:30:00.000Z';
const OPTIONS = { now: NOW, format: 'json', envelope: { softwareVersion: SOFTWARE_VERSION, accountId: ACCOUNT_ID } };
/** Members that the export itself fills. */
const FILLED = ['export_type', 'software_version', 'account_id', 'exported_at', 'exportedAt', 'version', 'export_version'];

/** Everything that is in the files of a type, so that each field has a value: its switches on. */
const filtersOf = (name) => Object.fromEntries(reference[name].filters.filter(({ test: kind }) => kind === 'switch').map((filter) => [filter.name, true]));

/** A sound input of a type in which each field has a value, and its fields by their paths. */
function soundInput(name) {
  const type = reference[name];
  if (!TABLES.includes(name)) {
    return { value: documentsOf(name, 1)[0], fields: [...allFields(type)].filter(({ path }) => path.length > 1 || !FILLED.includes(path[0])) };
  }
  return { value: recordsOf(name, 1), fields: [...allFields(type, itemsOf(type).record)] };
}

/** What the report says about the records. */
async function warningsOf(name, value, more) {
  const { report } = await exportFile(value, { ...OPTIONS, resource: name, filters: filtersOf(name), ...more });
  return report.warnings.map(({ code, column, count, firstRow }) => ({ code, column, count, firstRow }));
}

/** The one thing that is wrong with a value: told in the report, and with `strict` the reason to refuse it. */
async function isTold(name, value, code, path) {
  const column = path.join('.');
  const told = await warningsOf(name, value);
  assert.deepEqual(told.map((warning) => [warning.code, warning.column, warning.count]), [[code, column, 1]], `${name} ${column}`);
  await assert.rejects(warningsOf(name, value, { strict: true }), (error) => {
    assert.equal(error.code, 'strict', error.message);
    assert.deepEqual(error.details.warnings.map((warning) => [warning.code, warning.column]), [[code, column]]);
    return true;
  });
}

const WRONG = { string: 17, integer: 0.5, number: 'one', boolean: 'yes', object: [1], array: { length: 1 } };
const tally = { fields: 0, nullable: 0, values: 0, moments: 0 };

for (const name of [...TABLES, ...DOCUMENTS]) {
  test(`${name}: each field is held to its type, to null, and to its values`, async () => {
    const { value, fields } = soundInput(name);
    assert.deepEqual(await warningsOf(name, value), []);
    assert.deepEqual(await warningsOf(name, value, { strict: true }), []);
    for (const { path, fact } of fields) {
      // What is counted is not read, and of what has no type in the reference nothing is known.
      if (fact.counts !== undefined || fact.type === undefined) continue;
      tally.fields += 1;
      const set = (inner) => changed(value, path, (record, field) => void (record[field] = inner));
      if (fact.nullable) {
        tally.nullable += 1;
        assert.deepEqual(await warningsOf(name, set(null)), [], `${name} ${path.join('.')}`);
      } else {
        await isTold(name, set(null), 'null_not_allowed', path);
      }
      await isTold(name, changed(value, path, (record, field) => void delete record[field]), 'missing_field', path);
      await isTold(name, set(WRONG[fact.type]), 'field_type', path);
      if (fact.values) {
        tally.values += 1;
        await isTold(name, set('unheard_of'), 'outside_enum', path);
      } else if (/(_at|At)$/.test(fact.name)) {
        tally.moments += 1;
        await isTold(name, set('yesterday'), 'field_type', path);
      }
    }
  });

  test(`${name}: a member that nobody describes is told, and left out of records`, async () => {
    const { value, fields } = soundInput(name);
    const records = new Set(fields.filter(({ fact }) => fact.type !== undefined).map(({ path }) => path.slice(0, -1).join('.')));
    for (const place of records) {
      if (place === '' && !TABLES.includes(name)) continue;
      const path = [...(place === '' ? [] : place.split('.')), 'unheard_of'];
      const odd = changed(value, path, (record, field) => void (record[field] = 1));
      await isTold(name, odd, 'unknown_field', path);
      const file = await exportFile(odd, { ...OPTIONS, resource: name, filters: filtersOf(name) });
      assert.doesNotMatch(await file.text(), /unheard_of/);
    }
  });
}

test('all fields of the references were held to what is said of them', () => {
  assert.deepEqual(tally, { fields: 255, nullable: 159, values: 20, moments: 37 });
});

test('a text that the definition has itself is told where the document has another', async () => {
  const version = { ...documentsOf('agent_definition', 1)[0], export_version: '3' };
  await isTold('agent_definition', version, 'outside_enum', ['export_version']);
  const type = { ...documentsOf('memory_bank', 1)[0], export_type: 'solution' };
  await isTold('memory_bank', type, 'outside_enum', ['export_type']);
});

test('what is no number is told within documents too', async () => {
  for (const wrong of [NaN, Infinity, new Date(NaN)]) {
    const value = documentsOf('knowledge_base', 1)[0];
    const base = { ...value.knowledge_base, default_score_threshold: wrong };
    await isTold('knowledge_base', { ...value, knowledge_base: base }, 'non_finite', ['knowledge_base']);
  }
});
