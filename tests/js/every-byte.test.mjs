// Every byte that a text can hold is judged at every place of a text: the engine looks at sixteen at a time, which tests of
// the engine in Rust do in another way than the built one.
import assert from 'node:assert/strict';
import test from 'node:test';
import { exportFile } from '../../pkg/load/node.js';
import { Table } from './plain.mjs';

/** Characters whose bytes in UTF-8 are all that there are. */
const CHARACTERS = [
  ...Array.from({ length: 0x80 }, (_, code) => String.fromCodePoint(code)),
  // Each second byte, and each first byte of two, three and four.
  ...Array.from({ length: 0x40 }, (_, low) => String.fromCodePoint(0x80 + low)),
  ...Array.from({ length: 0x1e }, (_, high) => String.fromCodePoint((high + 2) << 6)),
  ...Array.from({ length: 0x10 }, (_, high) => String.fromCodePoint(Math.max(high << 12, 0x800) + 0x20)),
  ...Array.from({ length: 0x05 }, (_, high) => String.fromCodePoint(Math.max(high << 18, 0x10000) + 0x3f)),
  // The first and the last of each length in UTF-8, and those around the surrogates.
  '\u0080', '\u07ff', '\u0800', '\ud7ff', '\ue000', '\u{10000}', '\u{10ffff}',
  '\u2028', '\u2029', '\u3000', '\uFEFF', '\uFFFD', '\uFFFF', '＝',
].filter((character) => !/\p{Surrogate}/u.test(character));

const LONGEST = 40;

/** A character that may mean something to a format. */
const isSpecial = (character) => /[\0-\x1f !-/:-@[-`{-\x7f]/.test(character);

/** Texts with each character at each place, of each length where it means something, else of those around blocks. */
function* texts() {
  for (const character of CHARACTERS) {
    for (let place = 0; place < LONGEST; place += 1) {
      for (let length = place + 1; length <= LONGEST; length += 1) {
        const nearBlock = length === place + 1 || length % 16 < 2 || length === LONGEST;
        if (isSpecial(character) || nearBlock) yield 'x'.repeat(place) + character + 'y'.repeat(length - place - 1);
      }
    }
  }
}

const TEXTS = [...texts()];

/** In each row a text stands in the middle and at the end. */
const ROWS = TEXTS.map((text, index) => ({ id: `r${index}`, middle: text, last: TEXTS.at(-1 - index) }));
const EXPECTED = new Table(['id', 'middle', 'last'], ROWS.map(Object.values));
const JSON_TEXT = JSON.stringify(ROWS);

const FORMATS = [
  [{ format: 'csv' }, (table) => table.csv()],
  [{ format: 'csv', csv: { delimiter: ';', quote: "'", terminator: '\n' } }, (table) => table.csv({ delimiter: ';', quote: "'", terminator: '\n' })],
  [{ format: 'csv', csv: { delimiter: '\t', formulaGuard: false } }, (table) => table.csv({ delimiter: '\t', formulaGuard: false })],
  [{ format: 'csv', csv: { delimiter: 'x', quote: 'y' } }, (table) => table.csv({ delimiter: 'x', quote: 'y' })],
  [{ format: 'csv', csv: { quoteStyle: 'always' } }, (table) => table.csv({ quoteStyle: 'always' })],
  [{ format: 'csv', csv: { quoteStyle: 'non_numeric', quote: '`' } }, (table) => table.csv({ quoteStyle: 'always', quote: '`' })],
  [{ format: 'json', json: { pretty: false } }, (table) => table.json(false)],
  [{ format: 'json' }, (table) => table.json()],
  [{ format: 'jsonl' }, (table) => table.jsonLines()],
  [{ format: 'html', html: { fragment: true } }, (table) => table.html()],
  [{ format: 'markdown' }, (table) => table.markdown()],
];

/** Compares line by line, so that a failure shows the first one that differs and not megabytes. */
function same(found, expected, place) {
  if (found === expected) return;
  const lines = expected.split('\n');
  const index = found.split('\n').findIndex((line, number) => line !== lines[number]);
  assert.equal(found.split('\n')[index], lines[index], `${place}, line ${index + 1}`);
  assert.fail(`${place}: the lengths differ`);
}

for (const [options, expected] of FORMATS) {
  const name = JSON.stringify(options);
  test(`${name} of JSON bytes and of packed rows`, async () => {
    const file = expected(EXPECTED);
    same(await (await exportFile(JSON_TEXT, options)).text(), file, 'JSON text');
    same(await (await exportFile(ROWS, options)).text(), file, 'packed rows');
    same(await (await exportFile({ columns: ['id', 'middle', 'last'], rows: ROWS.map(Object.values) }, options)).text(), file, 'packed lists');
  });
}

test('escapes stand for the same as what they escape', async () => {
  const unit = (text, index) => `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`;
  const rows = EXPECTED.rows.filter((_, index) => index % 3 === 0);
  const records = rows.map((row) => `{${row.map((text, index) => `"${EXPECTED.columns[index]}":"${text.replace(/[^xy]/g, (found) => unit(found, 0))}"`)}}`);
  const escaped = `[${records}]`;
  const expected = new Table(EXPECTED.columns, rows);
  same(await (await exportFile(escaped, { format: 'csv' })).text(), expected.csv(), 'csv');
  same(await (await exportFile(escaped, { format: 'jsonl' })).text(), expected.jsonLines(), 'jsonl');
});

test('keys are found whatever they hold and wherever it stands', async () => {
  const keys = TEXTS.filter((_, index) => index % 29 === 0);
  for (let start = 0; start < keys.length; start += 500) {
    const columns = [...new Set(keys.slice(start, start + 500))];
    const record = `{${columns.map((key, index) => `${JSON.stringify(key)}:"v${index}"`)}}`;
    const table = new Table(columns, Array(3).fill(columns.map((_, index) => `v${index}`)));
    same(await (await exportFile(`[${record},${record},${record}]`, { format: 'jsonl' })).text(), table.jsonLines(), 'keys');
    same(await (await exportFile(`[${record},${record},${record}]`, { format: 'csv' })).text(), table.csv(), 'labels');
  }
});

test('the last field of a document, where no whole block is left', async () => {
  for (const character of CHARACTERS) {
    for (let length = 0; length <= LONGEST; length += isSpecial(character) ? 1 : 5) {
      const text = 'x'.repeat(length) + character;
      const table = new Table(['a', 'b'], [['1', '2'], ['3', text]]);
      const json = JSON.stringify([{ a: '1', b: '2' }, { a: '3', b: text }]);
      assert.equal(await (await exportFile(json, { format: 'csv' })).text(), table.csv());
      assert.equal(await (await exportFile(json, { format: 'json', json: { pretty: false } })).text(), json);
      // CSV that ends without a line end, where the text is the last thing of all.
      const special = /[",\r\n]/.test(text);
      const csv = `a,b\n1,2\n3,${special ? `"${text.replaceAll('"', '""')}"` : text}`;
      assert.equal(await (await exportFile(csv, { format: 'json', json: { pretty: false }, input: { format: 'csv' } })).text(), json);
    }
  }
});

for (const delimiter of [',', ';', '\t', '|']) {
  test(`CSV with ${JSON.stringify(delimiter)} as input`, async () => {
    const expected = EXPECTED.json(false);
    const input = { format: 'csv', delimiter };
    const rows = [EXPECTED.columns, ...EXPECTED.rows];
    const quoted = (text) => `"${text.replaceAll('"', '""')}"`;
    // A quote that is not the first character of a cell is a character like any other.
    const needed = (text) => text === '' || text[0] === '"' || /[\r\n]/.test(text) || text.includes(delimiter);
    for (const field of [quoted, (text) => (needed(text) ? quoted(text) : text)]) {
      const csv = rows.map((row) => row.map(field).join(delimiter)).join('\r\n');
      same(await (await exportFile(csv, { format: 'json', json: { pretty: false }, input })).text(), expected, 'CSV');
    }
  });
}

test('bytes that are no UTF-8 are refused wherever they stand', async () => {
  const malformed = [[0x80], [0xbf], [0xc1, 0xbf], [0xc3, 0x28], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0x98], [0xf4, 0x90, 0x80, 0x80], [0xff]];
  const usual = '{"a":"usual text","b":1},'.repeat(8);
  for (let place = 0; place <= 70; place += 1) {
    for (const bytes of malformed) {
      for (const filler of ['x', 'é']) {
        const start = `[${usual}{"a":"${filler.repeat(place)}`;
        const json = Buffer.concat([Buffer.from(start), Buffer.from(bytes), Buffer.from(`${filler.repeat(place % 20)}","b":2},{"a":"z","b":3}]`)]);
        const column = Buffer.byteLength(start) + 1;
        await assert.rejects(exportFile(json, { format: 'csv' }), { code: 'invalid_json', details: { line: 1, column } });
        const csv = Buffer.concat([Buffer.from(`a,b\n1,2\n3,${filler.repeat(place)}`), Buffer.from(bytes), Buffer.from(`${'y'.repeat(place % 20)},5\n`)]);
        const details = { line: 3, column: 3 + Buffer.byteLength(filler.repeat(place)) };
        await assert.rejects(exportFile(csv, { format: 'csv', input: { format: 'csv' } }), { code: 'invalid_csv', details });
      }
    }
  }
});
