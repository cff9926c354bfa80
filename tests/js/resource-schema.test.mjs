// The schema of resource definitions takes what the engine takes, and refuses what it refuses, as far as a schema can
// see that. `tests/engine/catalog/definition.rs` puts the same definitions and mistakes before the engine.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import { exportFile, formats } from '../../pkg/load/node.js';
import { mutations } from './mutations.mjs';

const read = (path) => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));
const SCHEMA = read('pkg/resource.schema.json');
const validate = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true, allErrors: false }).compile(SCHEMA);
const WHOLE = { table: read('tests/definitions/table.json'), document: read('tests/definitions/document.json') };
const MISTAKES = read('tests/definitions/mistakes.json');

/** What no schema can see: where paths lead, what is there twice, and what needs what elsewhere. */
const BEYOND = [
  /leads nowhere/, /leads to one record/, /^There are two /, /^The test `\w+` does not go with /, /is never null/, /is in no array/,
  /may lie in the object store/, /so it has to stay/, /name both/, /looks at fields of one record/, /hold `items`|holds `items`/,
  /^There is no record type/, /^`record` takes one of/, /needs a `parent` here/, /need a `table` with a `parent`/, /stands in one without/,
  /lies in a column/, /`standard` alone/,
];

/** What stands in the place of every value in turn. */
const WRONG = [null, true, 7, '', 'x', 'a b', 'x'.repeat(256), 'a\nb', 'standard', [], ['x', 'x'], [7], {}, { open: true }];

/** The messages of what is wrong with a definition, by the engine. */
async function problems(resource) {
  try {
    await exportFile([], { resource, envelope: false });
    return [];
  } catch (error) {
    if (error.code === 'invalid_definition') return error.details.problems.map(({ message }) => message);
    // `resource` may also be a name.
    return ['unknown_resource', 'invalid_option'].includes(error.code) && typeof resource !== 'object' ? [error.message] : [];
  }
}

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

test('every definition that differs in one place is judged alike, as far as a schema can see', async () => {
  let judged = 0;
  for (const definition of Object.values(WHOLE)) {
    for (const mutated of mutations(definition, WRONG)) {
      // Each sixth: all of them take five seconds.
      judged += 1;
      if (judged % 6 !== 0) continue;
      const found = await problems(mutated);
      const isBeyond = found.length > 0 && found.every((message) => BEYOND.some((pattern) => pattern.test(message)));
      const taken = validate(mutated);
      if (isBeyond) continue;
      assert.equal(taken, found.length === 0, `${JSON.stringify(mutated)}\nengine: ${found.join(' ')}\nschema: ${JSON.stringify(validate.errors)}`);
    }
  }
  assert.equal(judged > 5_000, true, `${judged}`);
});
