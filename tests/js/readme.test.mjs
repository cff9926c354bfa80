// The README's tables name what there is: resources, options, warnings and errors.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';

const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const README = read('README.md');
const CATALOG = readdirSync(new URL('../../src/catalog/', import.meta.url)).filter((file) => file.endsWith('.json')).sort();

test('every resource that ships is listed, with its kind, its formats, its filters and its switches', () => {
  const section = README.split('### Resources\n')[1].split('\n##')[0];
  const rows = [...section.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map(([, name, rest]) => [name, ...rest.split(' | ').map((cell) => cell.trim())]);
  const described = CATALOG.map((file) => {
    const { name, object_table: table, record, formats, filters = [], switches = [] } = JSON.parse(read(`src/catalog/${file}`));
    const kind = `${record === undefined ? 'document' : 'table'}${table === undefined ? '' : ', by id'}`;
    return [name, kind, formats.join(', '), [...filters, ...switches].map((each) => `\`${each.name}\``).join(', ')];
  });
  assert.deepEqual(rows.slice(1), described);
  assert.equal(README.includes('Thirteen ship'), described.length === 13);
});

/** What a test finds in a source, which has to be no less than it ought to be. */
function found(path, expression, least) {
  const names = [...read(path).matchAll(expression)].map(([, name]) => name);
  assert.equal(names.length >= least, true, `${path}: ${names}`);
  return names;
}

// What only a mistake of the package could bring about.
const UNTOLD = ['invalid_state'];

test('every code of an error and of a warning is told', () => {
  const codes = [
    ...found('src/error/mod.rs', /ErrorKind::\w+(?: \{ \.\. \})? => "([a-z_]+)"/g, 25),
    ...found('src/report.rs', /^ +[A-Z]\w+ = "([a-z_]+)",$/gm, 25),
  ];
  for (const code of codes) assert.equal(README.includes(`\`${code}\``) || UNTOLD.includes(code), true, code);
});

test('every option is told', () => {
  const types = read('pkg/index.d.ts');
  const block = types.split('export interface ExportOptions<')[1].split('\n}')[0];
  const options = [...block.matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => name);
  assert.equal(options.length > 15, true, `${options}`);
  for (const option of options) assert.match(README, new RegExp(`\`${option}[\`.]`), option);
});
