// The packed package in runtimes: Node, Deno, Bun, and a worker that wrangler bundles.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { createTestHarness } from 'wrangler';
import { ROOT, run } from '../js/installed.mjs';
import { assertPrinted, BUILT, expected, project } from './app.mjs';

// Packages of runtimes carry their programs in packages of their own, one for each platform.
const BUN = join(ROOT, `node_modules/@oven/bun-${process.platform}-${process.arch === 'arm64' ? 'aarch64' : 'x64'}/bin/bun`);
const DENO = join(ROOT, `node_modules/@deno/${process.platform}-${process.arch}${process.platform === 'linux' ? '-glibc' : ''}/deno`);
const DENO_RUN = ['run', '--no-remote', '--no-prompt', '--allow-read', '--allow-env'];
const CASES = new URL('golden-cases.mjs', import.meta.url).pathname;

for (const [name, program, args] of [
  ['Node', process.execPath, []],
  ['Deno', DENO, DENO_RUN],
  ['Bun (JavaScriptCore)', BUN, []],
]) {
  test(`${name}: the files of the package`, async (context) => {
    const cwd = await project(context);
    const env = { ...process.env, DENO_DIR: join(cwd, '.deno'), DENO_NO_UPDATE_CHECK: '1' };
    await assertPrinted(await run(program, [...args, 'main.js'], { cwd, env }));
    if (name === 'Node') return;
    const printed = await run(program, [...args, CASES], { cwd: ROOT, env });
    assert.match(printed, /^all of [1-9]\d+ cases\n$/);
  });
}

test('workerd: a worker bundled by wrangler', async (context) => {
  const folder = await project(context);
  await writeFile(join(folder, 'wrangler.json'), JSON.stringify({ name: 'app', main: 'worker.js', compatibility_date: '2026-10-01' }));
  await writeFile(
    join(folder, 'worker.js'),
    `import { exportResponse, ExportError } from 'tablecast';
import { rows } from './rows.js';
export default {
  async fetch(request) {
    const format = new URL(request.url).searchParams.get('format');
    try {
      return await exportResponse(request.body ?? rows, { format });
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
  for (const id of BUILT) {
    const response = await fetch(new URL(`/?format=${id}`, url));
    const file = await expected(id);
    assert.equal(response.headers.get('content-type'), file.type);
    assert.equal(response.headers.get('cache-control'), 'no-store');
    assert.equal(await response.text(), await file.text());
  }
  const posted = await fetch(new URL('/?format=csv', url), { method: 'POST', body: '[{"a":1}]' });
  assert.equal(await posted.text(), 'a\r\n1\r\n');
  const failed = await fetch(new URL('/?format=csv', url), { method: 'POST', body: '[{"a":1' });
  assert.deepEqual([failed.status, await failed.json()], [422, { code: 'invalid_json' }]);
});
