// JSON Lines as input: by the option, or by the media type of what carries them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { exportFile } from '../../pkg/load/node.js';

const LINES = '{"a":1}\n{"a":2,"b":"x"}\n';
const EXPECTED = 'a,b\r\n1,\r\n2,x\r\n';

const csv = async (data, input) => (await exportFile(data, { format: 'csv', ...(input && { input }) })).text();

test('the option says what bytes are', async () => {
  assert.equal(await csv(LINES, { format: 'jsonl' }), EXPECTED);
  assert.equal(await csv(new TextEncoder().encode(LINES), { format: 'jsonl' }), EXPECTED);
  await assert.rejects(csv(LINES), { code: 'invalid_json' });
});

test('a media type says it too, and the option goes before it', async () => {
  for (const type of ['application/x-ndjson', 'application/jsonl; charset=utf-8']) {
    assert.equal(await csv(new Blob([LINES], { type })), EXPECTED);
    assert.equal(await csv(new Response(LINES, { headers: { 'Content-Type': type } })), EXPECTED);
  }
  assert.equal(await csv(new Blob([LINES], { type: 'application/json' }), { format: 'jsonl' }), EXPECTED);
  assert.equal(await csv(new Blob(['[{"a":1}]'], { type: 'application/x-ndjson' }), { format: 'json' }), 'a\r\n1\r\n');
});

test('JavaScript values are what they are', async () => {
  assert.equal(await csv([{ a: 1 }], { format: 'jsonl' }), 'a\r\n1\r\n');
});

test('a late column widens the header of JSON Lines in memory', async () => {
  const lines = Array.from({ length: 1500 }, (_, row) => JSON.stringify(row === 1400 ? { a: row, late: 1 } : { a: row }));
  assert.match(await csv(lines.join('\n'), { format: 'jsonl' }), /^a,late\r\n0,\r\n.*\r\n1400,1\r\n/s);
});

test('a path has no place in JSON Lines', async () => {
  await assert.rejects(csv(LINES, { format: 'jsonl', path: 'a' }), { code: 'contradictory_options' });
});
