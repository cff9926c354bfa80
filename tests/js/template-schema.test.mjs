// The schema of templates and the engine judge alike: what one takes the other takes, what one refuses the other refuses.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import { exportFile, formats } from '../../pkg/load/node.js';
import { cases } from './cases.mjs';
import { mutations } from './mutations.mjs';

const SCHEMA = JSON.parse(readFileSync(new URL('../../pkg/template.schema.json', import.meta.url), 'utf8'));
const SHIPPED = new URL('../../src/builtin/', import.meta.url);
const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(SCHEMA);

/** How the engine refuses a template for itself, and not for what it is used for. */
const REFUSALS = ['invalid_option', 'unknown_template_field', 'unknown_format', 'unknown_preset'];

/** What no schema can read: the codes of number formats. */
const NUMBER_FORMAT = /`template\.column_mapping\[\d+\]\.format` (?!takes text)/;

/** What stands in the place of every value in turn. */
const WRONG = [null, true, 7, 0, 256, -1, 1.5, '', 'x', 'ab', 'l'.repeat(255), 'l'.repeat(256), 'a\nb', 'é', 'CSV', [], ['x'], [7], [null], {}, { x: 1 }, { x: 'y' }];

const COMPLETE = {
  name: 'Complete',
  format: 'csv',
  preset: 'tsv',
  column_mapping: ['a', { key: 'b', label: 'B', type: 'number', format: '0.00', width: 255, align: 'right', total: 'sum' }],
  header_text: '{name}',
  footer_text: '{rows}',
  total_label: 'Sum',
  csv: {
    delimiter: ';',
    quote: "'",
    quote_style: 'always',
    terminator: '\n',
    bom: true,
    header: false,
    null_text: 'NULL',
    true_text: 'yes',
    false_text: 'no',
    decimal: ',',
    formula_guard: false,
  },
  json: { pretty: false, root: 'rows' },
  jsonl: {},
  html: { title: 'T', lang: 'de-CH', dir: 'rtl', fragment: true, spreadsheet: true, formula_guard: false },
  markdown: {},
};

async function verdict(template) {
  const options = typeof template.format === 'string' ? { template } : { template, format: 'csv' };
  try {
    await exportFile([{ a: 1 }], options);
    return { taken: true, options };
  } catch (error) {
    const refused = REFUSALS.includes(error.code) && !NUMBER_FORMAT.test(error.message);
    return { taken: !refused, code: error.code, message: error.message };
  }
}

async function compare(template) {
  const { taken, message } = await verdict(template);
  assert.equal(validate(template), taken, `${JSON.stringify(template)}\nengine: ${message ?? 'takes it'}\nschema: ${JSON.stringify(validate.errors)}`);
}

test('the complete template has every member that the schema knows', () => {
  const names = (schema) => Object.keys(schema.properties ?? {}).sort();
  assert.deepEqual(Object.keys(COMPLETE).sort(), names(SCHEMA));
  assert.deepEqual(Object.keys(COMPLETE.column_mapping[1]).sort(), names(SCHEMA.$defs.column));
  for (const block of ['csv', 'json', 'html']) assert.deepEqual(Object.keys(COMPLETE[block]).sort(), names(SCHEMA.$defs[block]));
});

test('the schema names every format and every preset', () => {
  const { format, preset } = SCHEMA.properties;
  assert.deepEqual(format.enum, [...formats.map(({ id }) => id), null]);
  const presets = readdirSync(new URL('presets/', SHIPPED)).map((file) => file.replace('.json', ''));
  assert.deepEqual([...preset.enum].sort(), [...presets, null].sort());
});

test('every template of the golden cases is judged alike', async () => {
  const templates = cases.map(({ options }) => options.template).filter((template) => typeof template === 'object' && !Array.isArray(template));
  assert.equal(templates.length > 10, true);
  for (const template of templates) await compare(template);
});

test('every system template is valid', async () => {
  for (const file of readdirSync(new URL('templates/', SHIPPED))) {
    const template = JSON.parse(readFileSync(new URL(`templates/${file}`, SHIPPED), 'utf8'));
    assert.equal(validate(template), true, file);
    assert.equal((await verdict(template)).taken, true, file);
  }
});

test('every template that differs in one place is judged alike', async () => {
  const dictionary = { format: 'html', column_mapping: { a: 'A', 1: 'B' } };
  let judged = 0;
  for (const template of [COMPLETE, dictionary, {}]) {
    await compare(template);
    for (const mutated of mutations(template, WRONG)) {
      await compare(mutated);
      judged += 1;
    }
  }
  assert.equal(judged > 500, true, `${judged}`);
});

test('each wrong value is refused with its path', async () => {
  const { message } = await verdict({ csv: { delimiter: ';;' } });
  assert.match(message, /`template\.csv\.delimiter`/);
});
