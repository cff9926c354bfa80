// The schema of resource definitions takes what the engine takes, and refuses what it refuses, as far as a schema can
// see that. `tests/engine/catalog/definition.rs` puts the same definitions and mistakes before the engine.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import { formats } from '../../pkg/load/node.js';

const read = (path) => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));
const SCHEMA = read('pkg/resource.schema.json');
const validate = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true, allErrors: false }).compile(SCHEMA);
const WHOLE = { table: read('tests/definitions/table.json'), document: read('tests/definitions/document.json') };
const MISTAKES = read('tests/definitions/mistakes.json');

/** A definition with another value at a JSON pointer, or with none. */
function changed(definition, at, mistake) {
  if (at === '') return mistake.value;
  const copy = structuredClone(definition);
  const names = at.slice(1).split('/');
  const last = names.pop();
  const place = names.reduce((value, name) => value[name], copy);
  if ('value' in mistake) place[last] = mistake.value;
  else delete place[last];
  return copy;
}

test('every definition that ships is valid', () => {
  const files = readdirSync(new URL('../../src/catalog/', import.meta.url)).filter((name) => name.endsWith('.json'));
  assert.equal(files.length >= 13, true);
  for (const file of files) assert.equal(validate(read(`src/catalog/${file}`)), true, `${file} ${JSON.stringify(validate.errors)}`);
});

test('what uses all that there is is valid', () => {
  for (const definition of Object.values(WHOLE)) assert.equal(validate(definition), true, JSON.stringify(validate.errors));
});

test('each mistake that a schema can see is refused', () => {
  assert.equal(MISTAKES.length > 150, true);
  for (const mistake of MISTAKES) {
    const taken = validate(changed(WHOLE[mistake.in], mistake.at, mistake));
    assert.equal(taken, mistake.beyond_schema === true, JSON.stringify(mistake));
  }
});

test('null counts as absent', () => {
  const absent = { object_table: null, records: null, open: null, switches: null };
  const { filters, switches, ...rest } = WHOLE.table;
  assert.equal(validate({ ...rest, ...absent }), true, JSON.stringify(validate.errors));
});

test('the whole definitions have every member, and every word, that the schema knows', () => {
  const text = JSON.stringify(Object.values(WHOLE));
  const has = (word) => text.includes(JSON.stringify(word));
  for (const { properties, enum: words } of [SCHEMA, ...Object.values(SCHEMA.$defs)]) {
    for (const name of [...Object.keys(properties ?? {}), ...(words ?? [])]) assert.equal(has(name), true, name);
  }
  const { field, filter } = SCHEMA.$defs;
  for (const word of [...field.properties.type.enum, ...filter.properties.test.enum]) assert.equal(has(word), true, word);
});

test('the schema names every format, and keeps filters from the names of their blocks', () => {
  const ids = formats.map(({ id }) => id);
  assert.deepEqual(SCHEMA.properties.formats.items.enum, ids);
  for (const id of ids) assert.equal(SCHEMA.$defs.choice_name.not.enum.includes(id), true, id);
});
