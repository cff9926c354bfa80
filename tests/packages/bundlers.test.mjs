// The packed package as bundlers take it: what they build saves and prints the bytes that Node writes.
import assert from 'node:assert/strict';
import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { run } from '../js/installed.mjs';
import { assertFolderSaves, assertPrinted, assertSaves, project, tool, writeHtml } from './app.mjs';

/** There is one file of each engine, the core, the full one and the one with the catalog, also where a worker uses them. */
async function assertEngines(folder) {
  const names = await readdir(folder);
  assert.equal(names.filter((name) => name.endsWith('.wasm')).length, 3, `${names}`);
}

test('Vite: a build', async (context) => {
  const { build } = await import(tool.resolve('vite'));
  const root = await project(context);
  await writeHtml(root, './page.js');
  await build({ root, configFile: false, logLevel: 'warn' });
  await assertEngines(join(root, 'dist/assets'));
  await assertFolderSaves(context, join(root, 'dist'), { worker: true });
});

test('Vite: its development server', async (context) => {
  const { createServer } = await import(tool.resolve('vite'));
  const root = await project(context);
  await writeHtml(root, './page.js');
  const server = await createServer({ root, configFile: false, logLevel: 'warn', server: { host: '127.0.0.1', port: 0 } });
  context.after(() => server.close());
  await server.listen();
  await assertSaves(context, server.resolvedUrls.local[0], { worker: true });
});

/** Runs webpack without a line of configuration that the package would need. */
async function webpack(context, options) {
  const compiler = tool('webpack')({ mode: 'production', ...options });
  const stats = await new Promise((resolve, reject) => compiler.run((error, done) => (error ? reject(error) : resolve(done))));
  await new Promise((resolve) => compiler.close(resolve));
  // It remarks on the size of the engine with the catalog, which a page loads only when it asks for a resource.
  const { warnings } = stats.toJson({ all: false, warnings: true });
  const others = warnings.filter(({ message }) => !/^asset size limit: .*\n.*\n.*\n {2}\w+\.wasm \(\d+ KiB\)$/.test(message));
  assert.equal(stats.hasErrors() || others.length > 0, false, stats.toString());
}

test('webpack: a page', async (context) => {
  const folder = await project(context);
  await webpack(context, { context: folder, entry: './page.js', output: { path: join(folder, 'dist') } });
  await assertEngines(join(folder, 'dist'));
  await writeHtml(join(folder, 'dist'), './main.js');
  await assertFolderSaves(context, join(folder, 'dist'), { worker: true });
});

test('webpack: a program for Node', async (context) => {
  const folder = await project(context);
  const output = { path: join(folder, 'dist'), filename: 'main.mjs', module: true };
  await webpack(context, { context: folder, entry: './main.js', target: 'node', output, experiments: { outputModule: true } });
  await assertEngines(join(folder, 'dist'));
  await assertPrinted(await run(process.execPath, [join(folder, 'dist/main.mjs')]));
});

test('esbuild: a page, beside which the engines lie in a folder `wasm`', async (context) => {
  const folder = await project(context);
  await tool('esbuild').build({ entryPoints: [join(folder, 'page.js')], outfile: join(folder, 'dist/js/main.js'), bundle: true, format: 'esm', minify: true, logLevel: 'silent' });
  const wasm = join(folder, 'node_modules/tablecast/wasm');
  await cp(wasm, join(folder, 'dist/wasm'), { recursive: true, filter: (path) => path === wasm || path.endsWith('.wasm') });
  await assertEngines(join(folder, 'dist/wasm'));
  await writeHtml(join(folder, 'dist'), './js/main.js');
  await assertFolderSaves(context, join(folder, 'dist'));
});

test('esbuild: a program for Node, beside which the package stays', async (context) => {
  const folder = await project(context);
  const outfile = join(folder, 'dist/main.js');
  await tool('esbuild').build({ entryPoints: [join(folder, 'main.js')], outfile, bundle: true, platform: 'node', format: 'esm', packages: 'external', logLevel: 'silent' });
  await assertPrinted(await run(process.execPath, [outfile]));
});
