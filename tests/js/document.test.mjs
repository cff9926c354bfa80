// JavaScript values for resources that are documents: as JSON text in pieces, whatever the size of the document.
import assert from 'node:assert/strict';
import test from 'node:test';
import { createApi } from '../../pkg/api.js';
import { echoGlue, emptyModule } from './echo-glue.mjs';

const PIECE = 256 * 1024;

/** The text that the engine is given for a document, and the sizes of what it is given at once. */
async function handed(data, options = {}) {
  const glue = echoGlue({ file: { document: true } });
  const file = await createApi(glue, emptyModule).exportFile(data, options);
  const sizes = glue.events.filter((event) => event.startsWith('push')).map((event) => Number(event.slice(5)));
  return { text: await file.text(), sizes };
}

async function* later(...items) {
  yield* items;
}

test('a document is the text that JSON.stringify writes', async () => {
  const long = '😀"\\\n'.repeat(60_000);
  for (const document of [
    {},
    [],
    { sheets: [{ name: 'a' }], items: [1, 2], rows: [[3]], columns: ['x'], beside: { a: null } },
    { text: long, list: [long, [long]], short: 'x' },
    { list: Array.from({ length: 50_000 }, (_, index) => index), empty: {}, none: [] },
    { nested: Array.from({ length: 300 }, (_, index) => ({ index, inner: Array.from({ length: 40 }, () => ({ text: 'y'.repeat(20) })) })) },
    { gone: undefined, call() {}, sign: Symbol('s'), list: [undefined, () => 1, long], at: new Date(0) },
    { boxed: Object('text'), number: Object(7), seen: { toJSON: () => ({ deep: [1] }) }, unseen: { toJSON: () => undefined }, long },
    Object.assign(Object.create({ inherited: 1 }), { own: long }),
    'text',
    null,
  ]) {
    const { text } = await handed(typeof document === 'string' ? JSON.stringify(document) : document);
    assert.equal(text === JSON.stringify(document), true, text.slice(0, 200));
  }
  // What JSON has no word for is left to the engine to report.
  for (const beside of ['', long]) {
    const given = { never: new Date(NaN), list: [NaN, new Date(NaN)], big: -Infinity, beside };
    assert.equal((await handed(given)).text, `{"never":none,"list":[none,none],"big":none,"beside":${JSON.stringify(beside)}}`);
  }
});

test('a document goes in by pieces, also where one text or one list is most of it', async () => {
  for (const document of [
    { text: 'é'.repeat(1_000_000) },
    { list: Array.from({ length: 100_000 }, (_, index) => ({ index })) },
    { outer: [{ list: Array.from({ length: 100_000 }, () => 'text') }] },
  ]) {
    const { text, sizes } = await handed(document);
    assert.equal(text === JSON.stringify(document), true);
    assert.equal(Math.max(...sizes) <= PIECE, true, `${sizes}`);
    // Many small ones would each be a call into the engine.
    assert.equal(sizes.length < text.length / 10_000, true, `${sizes.length}`);
  }
});

test('a list of a document may come out of an iterable, which is read no faster than the file', async () => {
  const items = Array.from({ length: 5 }, (_, index) => ({ index }));
  const expected = JSON.stringify({ a: items, b: [{ c: items }] });
  assert.equal((await handed({ a: later(...items), b: [{ c: new Set(items) }] })).text, expected);
  let read = 0;
  async function* endless() {
    try {
      for (;;) yield { index: (read += 1), text: 'x'.repeat(1000) };
    } finally {
      read = undefined;
    }
  }
  const stream = createApi(echoGlue({ file: { document: true } }), emptyModule).exportStream({ items: endless() }, {});
  const reader = stream.getReader();
  await reader.read();
  assert.equal(read > 0 && read < 1000, true, `${read}`);
  await reader.cancel();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(read, undefined);
});

test('a bigint keeps its digits', async () => {
  assert.equal((await handed({ id: 12345678901234567890n, list: [1n] })).text, '{"id":12345678901234567890,"list":[1]}');
});

test('what cannot be read is told with its place', async () => {
  const holding = { list: [] };
  holding.list.push({ again: holding });
  await assert.rejects(handed(holding), { code: 'cycle', column: 'list[0].again' });
  const cause = new Error('mine');
  const throwing = {
    list: [
      {
        get text() {
          throw cause;
        },
      },
    ],
  };
  await assert.rejects(handed(throwing), { code: 'value_threw', column: 'list[0].text', cause });
  let deep = {};
  for (let depth = 0; depth < 3000; depth += 1) deep = [deep];
  await assert.rejects(handed({ deep }), { code: 'limit_exceeded' });
  // The caller's own error comes back as it is.
  async function* failing() {
    throw cause;
  }
  await assert.rejects(handed({ list: failing() }), (error) => error === cause);
});

test('bytes of a document go in as they are', async () => {
  const text = '{"list" : [ 1, 2 ]}';
  for (const data of [text, new TextEncoder().encode(text), new Blob([text]), new Response(text), new Blob([text]).stream()]) {
    assert.equal((await handed(data)).text, text);
  }
});
