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
      return await exportResponse(request.body, { format: new URL(request.url).searchParams.get('format') });
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
  const failed = await post('csv', '[{"a":1');
  assert.equal(failed.status, 422);
  assert.deepEqual(await failed.json(), { code: 'invalid_json' });
});
