// CSV and gzip data as a page has them: files that a person picked, and responses.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { gzipSync } from 'node:zlib';
import { browser, open, runner } from './site.mjs';

let page;
before(async () => {
  page = await open(await browser(), `${(await runner()).url}/blank.html`);
});
after(() => page.context().close());

const CSV = 'name,code\r\n"Zoë, M.",007\r\n,""\r\n';

/** Exports a file of this type in the page: what the file holds, or the code of the error. */
function exported(bytes, type, options) {
  return page.evaluate(
    async ([base64, type, options]) => {
      const { exportFile } = await import('/pkg/load/browser.js');
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      try {
        return await (await exportFile(new File([bytes], 'picked', { type }), options)).text();
      } catch ({ name, code }) {
        return `${name}: ${code}`;
      }
    },
    [Buffer.from(bytes).toString('base64'), type, options],
  );
}

test('a file is read as its type says', async () => {
  assert.equal(await exported(CSV, 'text/csv', { format: 'csv' }), CSV);
  assert.equal(await exported('a\tb\n1\t2\n', 'text/tab-separated-values', { format: 'csv' }), 'a,b\r\n1,2\r\n');
  const input = { format: 'csv' };
  assert.equal(await exported(gzipSync(CSV), 'application/gzip', { format: 'csv', input }), CSV);
  assert.equal(await exported(gzipSync('[{"a":1}]'), 'application/x-gzip', { format: 'csv' }), 'a\r\n1\r\n');
});

test('gzip data that are broken, cut off or followed by others are refused', async () => {
  const whole = gzipSync(CSV);
  const input = { format: 'csv', compression: 'gzip' };
  assert.equal(await exported(whole, '', { format: 'csv', input }), CSV);
  for (const bytes of [CSV, '', whole.subarray(0, 15), whole.subarray(0, -8), whole.subarray(0, -1), Buffer.concat([whole, whole])]) {
    assert.equal(await exported(bytes, '', { format: 'csv', input }), 'ExportError: invalid_gzip');
  }
});

test('a bomb of gzip data ends at the limit', async () => {
  const bomb = gzipSync(Buffer.alloc(100_000_000, 0x20));
  const options = { format: 'csv', input: { compression: 'gzip' }, limits: { inputBytes: 1_000_000 } };
  assert.equal(await exported(bomb, '', options), 'ExportError: limit_exceeded');
});
