// With `worker: true` the engine runs in a worker of the page: same bytes, under a strict policy.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportFile, formats } from '../../pkg/load/node.js';
import { blankPage, runner } from './site.mjs';

const BUILT = formats.filter(({ built }) => built).map(({ id }) => id);
const ROWS = Array.from({ length: 3000 }, (_, index) => ({ index, text: `row ${index} “ü”`, code: `00${index}`, ...(index === 2500 ? { late: true } : {}) }));

async function opened(context, options) {
  const page = await blankPage(context, options);
  await page.goto(`${(await runner()).url}/strict.html`);
  return page;
}

test('every format gives the bytes that Node writes, from one worker', async (context) => {
  const page = await opened(context);
  const made = await page.evaluate(
    async ([rows, ids]) => {
      const { exportFile } = await import('/pkg/load/browser.js');
      const files = ids.map((format) => exportFile(rows, { format, worker: true }));
      return Promise.all((await Promise.all(files)).map(async (file) => ({ text: await file.text(), report: file.report, name: file.name, type: file.type })));
    },
    [ROWS, BUILT],
  );
  for (const [index, format] of BUILT.entries()) {
    const file = await exportFile(ROWS, { format });
    assert.deepEqual(made[index], { text: await file.text(), report: file.report, name: file.name, type: file.type });
  }
  assert.equal(page.workers().length, 1);
  assert.deepEqual(page.complaints, []);
});

test('what only the fuller engine holds works too', async (context) => {
  const page = await opened(context);
  const options = { format: 'html', html: { fragment: true, spreadsheet: true } };
  const text = await page.evaluate(
    async ([rows, options]) => (await (await import('/pkg/load/browser.js')).exportFile(rows, { ...options, worker: true })).text(),
    [ROWS, options],
  );
  assert.equal(text, await (await exportFile(ROWS, options)).text());
});

test('an error is typed, and the worker goes on', async (context) => {
  const page = await opened(context);
  const outcome = await page.evaluate(async () => {
    const { exportFile, ExportError } = await import('/pkg/load/browser.js');
    const error = await exportFile('[{"a":1', { format: 'csv', worker: true }).catch((thrown) => thrown);
    const file = await exportFile([{ a: 1 }], { format: 'csv', worker: true });
    return [error instanceof ExportError, error.code, error.details, await file.text()];
  });
  assert.deepEqual(outcome, [true, 'invalid_json', { line: 1, column: 8 }, 'a\r\n1\r\n']);
  assert.equal(page.workers().length, 1);
});

test('an export can be ended while it runs', async (context) => {
  const page = await opened(context);
  const ended = await page.evaluate(async () => {
    const { exportFile } = await import('/pkg/load/browser.js');
    // Rows without end, so only the abort ends them.
    const rows = (function* () {
      for (let index = 0; ; index += 1) yield { index, text: `row ${index}` };
    })();
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    return exportFile(rows, { format: 'csv', worker: true, signal: controller.signal, onProgress }).catch(({ name }) => name);
  });
  assert.equal(ended, 'AbortError');
});

test('a worker that fails ends its exports, and the next one starts another', async (context) => {
  const page = await opened(context);
  const outcome = await page.evaluate(async () => {
    const { createApi } = await import('/pkg/api.js');
    const { compileResponse } = await import('/pkg/engine.js');
    const glue = await import('/pkg/wasm/core.js');
    const { spawn } = await import('/pkg/load/worker-browser.js');
    const Native = Worker;
    let started = 0;
    const load = async () => compileResponse(await fetch('/pkg/wasm/core_bg.wasm'));
    const api = createApi(glue, load, undefined, () => {
      started += 1;
      if (started === 1) {
        globalThis.Worker = class extends Native {
          constructor(_, options) {
            super('/failing-thread.js', options);
          }
        };
      }
      try {
        return spawn();
      } finally {
        globalThis.Worker = Native;
      }
    });
    const options = { format: 'csv', worker: true };
    const failures = await Promise.all([1, 2].map(() => api.exportFile([{ a: 1 }], options).catch(({ name, code }) => [name, code])));
    return { failures, text: await (await api.exportFile([{ a: 1 }], options)).text(), started };
  });
  assert.deepEqual(outcome, {
    failures: [
      ['ExportError', 'engine_crashed'],
      ['ExportError', 'engine_crashed'],
    ],
    text: 'a\r\n1\r\n',
    started: 2,
  });
});

test('a worker that may not be started is an error that names the policy', async (context) => {
  const page = await opened(context);
  await page.route('**/thread-browser.js', (route) => route.abort());
  const failure = await page.evaluate(async () => {
    const { exportFile } = await import('/pkg/load/browser.js');
    return exportFile([{ a: 1 }], { format: 'csv', worker: true }).catch(({ name, code, hint }) => ({ name, code, hint }));
  });
  assert.deepEqual([failure.name, failure.code], ['ExportError', 'worker_failed']);
  assert.match(failure.hint, /worker-src 'self'/);
});

test('a worker that has nothing to do for long is ended, and started again', async (context) => {
  const page = await opened(context, { apart: true });
  await page.clock.install();
  const once = () =>
    page.evaluate(async () => (await (await import('/pkg/load/browser.js')).exportFile([{ a: 1 }], { format: 'csv', worker: true })).report.rows);
  assert.equal(await once(), 1);
  assert.equal(page.workers().length, 1);
  const closed = page.workers()[0].waitForEvent('close');
  await page.clock.runFor('02:00');
  await closed;
  assert.equal(await once(), 1);
  assert.equal(page.workers().length, 1);
});
