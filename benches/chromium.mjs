// Measures in Chromium: the cases, and how soon a page has its first file.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { serve } from '../tests/browser/site.mjs';

/**
 * A browser with what its pages need.
 *
 * @param {string} folder for what is built
 * @param {string} packed the folder of the installed package
 * @param {string} data the folder of the real data
 */
export async function openChromium(folder, packed, data) {
  await buildSite(folder, packed);
  const site = await serve(folder, { '/tablecast/': `${packed}/`, '/data/': `${data}/` });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-gpu', '--js-flags=--expose-gc'],
  });
  const inPage = async (run, argument) => {
    // A context of its own has neither the heap nor the caches of the last.
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      page.setDefaultTimeout(0);
      await page.goto(`${site.url}/index.html`);
      return await page.evaluate(run, argument);
    } finally {
      await context.close();
    }
  };
  return {
    version: browser.version(),
    measure: (wanted, effort) => inPage(measureInPage, { wanted, effort }),
    start: () => inPage(startInPage),
    async close() {
      await browser.close();
      site.close();
    },
  };
}

async function buildSite(folder, packed) {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'index.html'), '<!doctype html><meta charset="utf-8"><title>Benchmarks</title>\n');
  const shared = { bundle: true, format: 'esm', minify: true, logLevel: 'warning' };
  const here = import.meta.dirname;
  await build({
    ...shared,
    stdin: { contents: "export { measure } from './measure.mjs'; export * as peers from './peers.mjs';", resolveDir: here },
    outfile: join(folder, 'measure.js'),
  });
  // What an app that exports files loads first. What is imported on use only is no part of that.
  await build({
    ...shared,
    entryPoints: [join(packed, 'load/browser.js')],
    outfile: join(folder, 'app.js'),
    plugins: [
      {
        name: 'leave what is imported on use',
        setup: ({ onResolve }) => onResolve({ filter: /.*/ }, ({ kind, path }) => (kind === 'dynamic-import' ? { path, external: true } : undefined)),
      },
    ],
  });
}

/** Runs in the page. */
async function measureInPage({ wanted, effort }) {
  const [tablecast, { measure, peers }, flights] = await Promise.all([
    import('/tablecast/load/browser.js'),
    import('/measure.js'),
    fetch('/data/flights-20k.json').then((response) => response.json()),
  ]);
  return measure(wanted, { tablecast, peers, flights }, effort);
}

/** Runs in the page: from the bytes of the code to the first file, in milliseconds. */
async function startInPage() {
  const [script, engine] = await Promise.all([
    fetch('/app.js').then((response) => response.blob()),
    fetch('/tablecast/wasm/core_bg.wasm').then((response) => response.arrayBuffer()),
  ]);
  const rows = Array.from({ length: 100 }, (_, id) => ({ id, name: `Name ${id}`, amount: id / 8, active: id % 2 === 0, day: '2026-01-31' }));
  const address = URL.createObjectURL(script);
  // What the fetching left to do is done before the clock starts.
  await new Promise((resolve) => setTimeout(resolve, 100));
  const start = performance.now();
  const { init, exportFile } = await import(address);
  const imported = performance.now();
  await init(engine);
  const compiled = performance.now();
  const file = await exportFile(rows, { format: 'csv' });
  const end = performance.now();
  if (file.report.rows !== 100) throw new Error(`${file.report.rows} rows`);
  return { import: imported - start, compile: compiled - imported, export: end - compiled, total: end - start };
}
