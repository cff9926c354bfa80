// A line of JSON Lines is one line for every reader, also for those that know all line ends of Unicode.
import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import test from 'node:test';
import { exportFile } from '../../pkg/load/node.js';

const ENDS = ['\u0085', '\u2028', '\u2029'];
const texts = [...ENDS, ...ENDS.map((end) => `a${end}b`), ENDS.join(''), `\\${ENDS[1]}"`, 'é\u2027\u202a\u0084'];
const rows = [
  ...texts.map((text) => ({ text })),
  ...texts.map((text) => ({ nested: { list: [text], [text]: { [text]: text } } })),
  Object.fromEntries(texts.map((text, index) => [`${text}${index}`, index])),
];

/** As `str.splitlines` of Python splits. */
const pythonLines = (text) => text.split(/\r\n|[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]/).slice(0, -1);

for (const [name, data] of [
  ['values', rows],
  ['a generator', () => rows.values()],
  ['JSON text', JSON.stringify(rows)],
  ['a table', { columns: ['text\u2028'], rows: texts.map((text) => [text]) }],
]) {
  test(`of ${name}`, async () => {
    const given = typeof data === 'function' ? data() : data;
    const text = await (await exportFile(given, { format: 'jsonl', lateColumns: 'drop' })).text();
    const expected = name === 'a table' ? data.rows.map(([cell]) => ({ 'text\u2028': cell })) : rows;
    assert.deepEqual(pythonLines(text).map((line) => JSON.parse(line)), expected);
    const lines = [];
    for await (const line of createInterface({ input: Readable.from([Buffer.from(text)]), crlfDelay: Infinity })) lines.push(line);
    assert.equal(lines.length, expected.length);
    // Neighbours of those characters stay as they are.
    assert.equal(text.includes('é\u2027\u202a\u0084'), true);
  });
}
