// With `strict`, a warning is an error that carries the warnings, and no file looks whole.
import assert from 'node:assert/strict';
import test from 'node:test';
import { exportFile, exportResponse, exportStream } from '../../pkg/load/node.js';

const OPTIONS = { format: 'csv', strict: true };

test('the error carries the warnings as a report has them', async () => {
  const rows = [{ a: 1 }, { a: '=1+1' }];
  const { report } = await exportFile(rows, { format: 'csv' });
  assert.equal(report.warnings.length, 1);
  await assert.rejects(exportFile(rows, OPTIONS), (error) => {
    assert.equal(error.code, 'strict');
    assert.deepEqual(error.details, { warnings: report.warnings });
    assert.equal(error.message.includes(report.warnings[0].message), true);
    return true;
  });
});

test('without warnings the file is the same', async () => {
  const texts = [OPTIONS, { format: 'csv' }].map(async (options) => (await exportFile([{ a: 1 }], options)).text());
  assert.equal(await texts[0], await texts[1]);
});

test('a response is refused before it begins', async () => {
  await assert.rejects(exportResponse([{ a: '=1' }], OPTIONS), { code: 'strict' });
});

test('a stream ends with the error and without its last piece', async () => {
  async function* rows() {
    for (let id = 0; id < 50_000; id += 1) yield { id };
  }
  const columns = ['id', 'missing'];
  const whole = await (await exportFile(rows(), { format: 'csv', columns })).text();
  const stream = exportStream(rows(), { ...OPTIONS, columns });
  let text = '';
  await assert.rejects(
    async () => {
      for await (const piece of stream.pipeThrough(new TextDecoderStream())) text += piece;
    },
    { code: 'strict' },
  );
  await assert.rejects(stream.report, { code: 'strict' });
  assert.equal(text.length > 0 && text.length < whole.length && whole.startsWith(text), true);
});
