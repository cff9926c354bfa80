// A long export leaves the page its turns, so that it stays alive. What is held to here is an order of events, which is the
// same on every machine: a slower one has more turns to give, not fewer.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser, open, runner } from './site.mjs';

let page;
before(async () => {
  page = await open(await browser(), `${(await runner()).url}/blank.html`);
  await page.evaluate(async () => {
    await (await import('/pkg/load/browser.js')).init();
    // Under a clock that runs fast few rows fill many slices.
    const now = performance.now.bind(performance);
    performance.now = () => 100 * now();
  });
});
after(() => page.context().close());

const SOURCES = ['array', 'text', 'generator', 'blob', 'late column', 'array to a worker'];

for (const source of SOURCES) {
  test(`what a page wants to do goes between the slices of an export: ${source}`, async () => {
    const { order, rows } = await page.evaluate(async (source) => {
      const { exportFile } = await import('/pkg/load/browser.js');
      const rows = Array.from({ length: 50_000 }, (_, index) => ({ index, text: `row ${index}` }));
      const data = {
        array: () => rows,
        text: () => JSON.stringify(rows),
        generator: () => new Set(rows).values(),
        blob: () => new Blob([JSON.stringify(rows)]),
        'late column': () => [...rows, { late: true }],
        'array to a worker': () => rows,
      }[source]();
      const order = [];
      setTimeout(() => {
        order.push('timer');
        setTimeout(() => order.push('timer'));
      });
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => order.push('message');
      port2.postMessage(undefined);
      const { report } = await exportFile(data, { format: 'csv', worker: source.endsWith('worker') });
      order.push('file');
      return { order, rows: report.rows };
    }, source);
    assert.equal(rows >= 50_000, true);
    assert.deepEqual([...order.slice(0, -1).sort(), order.at(-1)], ['message', 'timer', 'timer', 'file']);
    assert.deepEqual(page.complaints, []);
  });
}

test('the page is painted, and a click that ends the export arrives', async () => {
  const outcome = page.evaluate(async () => {
    const { exportFile } = await import('/pkg/load/browser.js');
    document.body.innerHTML = '<button disabled>Cancel</button>';
    const button = document.querySelector('button');
    const controller = new AbortController();
    button.onclick = () => controller.abort();
    requestAnimationFrame(() => requestAnimationFrame(() => (button.disabled = false)));
    // Only the click ends it, unless the page never comes to it.
    const rows = (function* () {
      for (let index = 0; index < 50_000_000; index += 1) yield { index };
    })();
    return exportFile(rows, { format: 'csv', signal: controller.signal }).then(
      () => 'made',
      (error) => error.name,
    );
  });
  await page.click('button');
  assert.equal(await outcome, 'AbortError');
});
