// A long export leaves the page its turns, so that it stays alive.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, open, serveRunner } from './site.mjs';

let site;
let browser;
before(async () => {
  site = await serveRunner();
  browser = await launch();
});
after(async () => {
  await browser.close();
  site.close();
});

async function opened(context) {
  const page = await open(browser, `${site.url}/blank.html`);
  context.after(() => page.close());
  return page;
}

const SOURCES = ['array', 'text', 'generator', 'blob', 'late column', 'array to a worker'];

for (const source of SOURCES) {
  test(`timers and frames go on while an export runs: ${source}`, async (context) => {
    const page = await opened(context);
    const turns = await page.evaluate(async (source) => {
      const { exportFile, init } = await import('/pkg/load/browser.js');
      await init();
      const rows = Array.from({ length: 400_000 }, (_, index) => ({ index, text: `row ${index}` }));
      const data = {
        array: () => rows,
        text: () => JSON.stringify(rows),
        generator: () => new Set(rows).values(),
        blob: () => new Blob([JSON.stringify(rows)]),
        'late column': () => [...rows, { late: true }],
        'array to a worker': () => rows,
      }[source]();
      const seen = { timers: 0, frames: 0 };
      const tick = () => {
        seen.timers += 1;
        timer = setTimeout(tick);
      };
      const frame = () => {
        seen.frames += 1;
        request = requestAnimationFrame(frame);
      };
      let timer = setTimeout(tick);
      let request = requestAnimationFrame(frame);
      const { report } = await exportFile(data, { format: 'csv', worker: source.endsWith('worker') });
      clearTimeout(timer);
      cancelAnimationFrame(request);
      return { ...seen, rows: report.rows };
    }, source);
    assert.equal(turns.rows >= 400_000, true);
    assert.equal(turns.timers > 1 && turns.frames > 1, true, JSON.stringify(turns));
    assert.deepEqual(page.complaints, []);
  });
}

test('a long export can be ended from the page', async (context) => {
  const page = await opened(context);
  const outcome = await page.evaluate(async () => {
    const { exportFile, init } = await import('/pkg/load/browser.js');
    await init();
    const rows = Array.from({ length: 400_000 }, (_, index) => ({ index, text: `row ${index}` }));
    const controller = new AbortController();
    setTimeout(() => controller.abort());
    return exportFile(rows, { format: 'csv', signal: controller.signal }).then(
      () => 'made',
      (error) => error.name,
    );
  });
  assert.equal(outcome, 'AbortError');
});
