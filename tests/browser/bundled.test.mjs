// The packed package as bundlers take it: in a Vite build opened in Chromium, and in a worker that wrangler bundles.
import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { createTestHarness } from 'wrangler';
import { exportFile, formats } from '../../pkg/load/node.js';
import { installed, ROOT, run } from '../js/installed.mjs';
import { downloadBy, launch, open, serve } from './site.mjs';

const ROWS = [{ name: 'Zoë "Z"', born: 1990, note: null }, { name: '=1+1', born: 12.5, note: { a: [1] } }];
const NAMED_ZONE = {
  template: { name: 'dated', format: 'html', footer_text: 'on {date}.' },
  timeZone: 'Asia/Tokyo',
  now: '2026-01-01T15:00:00Z',
};

test('a Vite build of the packed package saves the bytes that Node writes', async (context) => {
  const { folder } = await installed(context);
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>app</title><script type="module" src="./app.js"></script>');
  await writeFile(
    join(folder, 'app.js'),
    `import { download, formats } from 'tablecast';
for (const { id } of formats.filter(({ built }) => built)) {
  const button = document.createElement('button');
  button.id = id;
  button.onclick = () => download(${JSON.stringify(ROWS)}, { format: id });
  document.body.append(button);
}
const named = document.createElement('button');
named.id = 'named-zone';
named.onclick = () => download(${JSON.stringify(ROWS)}, ${JSON.stringify(NAMED_ZONE)});
document.body.append(named);
`,
  );
  await run(process.execPath, [join(ROOT, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'], { cwd: folder });
  const assets = await readdir(join(folder, 'dist/assets'));
  assert.equal(assets.filter((name) => name.endsWith('.wasm')).length, 1, `${assets}`);

  const site = await serve(join(folder, 'dist'));
  const browser = await launch();
  context.after(async () => {
    await browser.close();
    site.close();
  });
  const page = await open(browser, site.url);
  for (const { id } of formats.filter(({ built }) => built)) {
    const { name, bytes } = await downloadBy(page, `#${id}`);
    const file = await exportFile(ROWS, { format: id });
    assert.equal(name, file.name);
    assert.equal(bytes.equals(Buffer.from(await file.arrayBuffer())), true);
  }
  const chunks = () => page.evaluate(() => performance.getEntriesByType('resource').filter(({ name }) => /zones/.test(name)).length);
  assert.equal(await chunks(), 0, 'the table of time zones was loaded before a zone with a name was asked for');
  const { bytes } = await downloadBy(page, '#named-zone');
  assert.equal(bytes.equals(Buffer.from(await (await exportFile(ROWS, NAMED_ZONE)).arrayBuffer())), true);
  assert.match(bytes.toString(), /on 2026-01-02\./);
  assert.equal(await chunks(), 1);
  assert.deepEqual(page.complaints.filter((text) => !text.includes('favicon') && !text.includes('404')), []);
});

test('a worker bundled by wrangler answers with the bytes that Node writes', async (context) => {
  const { folder } = await installed(context);
  await writeFile(join(folder, 'wrangler.json'), JSON.stringify({ name: 'app', main: 'worker.js', compatibility_date: '2026-10-01' }));
  await writeFile(
    join(folder, 'worker.js'),
    `import { exportResponse, ExportError } from 'tablecast';
export default {
  async fetch(request) {
    try {
      const { format, timeZone } = Object.fromEntries(new URL(request.url).searchParams);
      return await exportResponse(request.body, { format, timeZone });
    } catch (error) {
      if (!(error instanceof ExportError)) throw error;
      return Response.json({ code: error.code }, { status: 422 });
    }
  },
};
`,
  );
  const harness = createTestHarness({ root: folder, workers: [{ configPath: 'wrangler.json' }] });
  context.after(() => harness.close());
  const { url } = await harness.listen();
  const post = (format, body) => fetch(new URL(`/?format=${format}`, url), { method: 'POST', body });

  for (const { id } of formats.filter(({ built }) => built)) {
    const response = await post(id, JSON.stringify(ROWS));
    const file = await exportFile(ROWS, { format: id });
    assert.equal(response.headers.get('content-type'), file.type);
    assert.equal(response.headers.get('cache-control'), 'no-store');
    assert.equal(Buffer.from(await response.arrayBuffer()).equals(Buffer.from(await file.arrayBuffer())), true);
  }
  const named = await post('csv&timeZone=Asia/Tokyo', JSON.stringify(ROWS));
  assert.equal(await named.text(), await (await exportFile(ROWS, { format: 'csv' })).text());
  const unknown = await post('csv&timeZone=Asia/Tokio', JSON.stringify(ROWS));
  assert.deepEqual(await unknown.json(), { code: 'unknown_time_zone' });
  const failed = await post('csv', '[{"a":1');
  assert.equal(failed.status, 422);
  assert.deepEqual(await failed.json(), { code: 'invalid_json' });
});
