// The apps that are built: a page with a button per export, a program that prints the file of each, and what both give.
import assert from 'node:assert/strict';
import { copyFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { exportFile, formats } from '../../pkg/load/node.js';
import { downloadBy, open, profile, serve } from '../browser/site.mjs';
import { ROOT } from '../js/installed.mjs';
import { installedCopy } from './installed-once.mjs';
import { others, rows } from './rows.js';

/** Loads a development tool from the repository. */
export const tool = createRequire(join(ROOT, 'package.json'));

/** The formats that the engine can write. */
export const BUILT = formats.filter(({ built }) => built).map(({ id }) => id);

/** Every export of an app, by name: one for each format, and the others. */
const EXPORTS = { ...Object.fromEntries(BUILT.map((id) => [id, [rows, { format: id }]])), ...others };

/** The names of these exports. */
export const NAMES = Object.keys(EXPORTS);

/** The file that Node writes without any tool in between. */
export function expected(name) {
  return exportFile(...EXPORTS[name]);
}

const PAGE = `import { download, formats } from 'tablecast';
import { others, rows } from './rows.js';
const exports = { ...Object.fromEntries(formats.filter(({ built }) => built).map(({ id }) => [id, [rows, { format: id }]])), ...others };
for (const [name, [data, options]] of Object.entries(exports)) {
  const button = document.createElement('button');
  button.id = name;
  button.onclick = () => download(data, options);
  document.body.append(button);
}
const threaded = document.createElement('button');
threaded.id = 'in-worker';
threaded.onclick = () => download(rows, { format: 'csv', worker: true });
document.body.append(threaded);
`;

const PROGRAM = `import { exportFile, formats } from 'tablecast';
import { others, rows } from './rows.js';
const exports = { ...Object.fromEntries(formats.filter(({ built }) => built).map(({ id }) => [id, [rows, { format: id }]])), ...others };
const files = {};
for (const [name, [data, options]] of Object.entries(exports)) {
  const file = await exportFile(data, options);
  files[name] = [file.name, await file.text()];
}
console.log(JSON.stringify(files));
`;

/** A project with the packed package, `page.js`, `main.js` and the rows. */
export async function project(context, parent) {
  const folder = await installedCopy(context, parent);
  await copyFile(new URL('rows.js', import.meta.url), join(folder, 'rows.js'));
  await writeFile(join(folder, 'page.js'), PAGE);
  await writeFile(join(folder, 'main.js'), PROGRAM);
  return folder;
}

/** Writes the HTML of a page that runs one script. */
export function writeHtml(folder, script) {
  return writeFile(join(folder, 'index.html'), `<!doctype html><title>app</title><body><script type="module" src="${script}"></script>`);
}

/** What `main.js` printed has to be the files of this Node. */
export async function assertPrinted(printed) {
  const files = JSON.parse(printed);
  assert.deepEqual(Object.keys(files), NAMES);
  for (const name of NAMES) {
    const file = await expected(name);
    assert.deepEqual(files[name], [file.name, await file.text()]);
  }
}

/**
 * Clicks the button of each export; the browser has to save the files of this Node, and to complain of nothing.
 *
 * @param {{worker?: boolean}} [more] whether the tool knows how to bring the package's worker along
 */
export async function assertSaves(context, url, { worker = false } = {}) {
  const owner = await profile(context);
  let page = await open(owner, url);
  const { complaints } = page;
  for (const button of NAMES) {
    const { name, bytes } = await downloadBy(page, `#${button}:enabled`);
    const file = await expected(button);
    assert.equal(name, file.name);
    assert.equal(bytes.toString(), await file.text());
  }
  if (worker) {
    // Chromium lets a page save ten files, and then asks.
    page = await open(owner, url);
    const threaded = await downloadBy(page, '#in-worker');
    assert.equal(threaded.bytes.toString(), await (await expected('csv')).text());
    assert.equal(page.workers().length, 1);
  }
  assert.deepEqual([...complaints, ...page.complaints].filter((text) => !text.includes('favicon') && !text.includes('404')), []);
}

/** The same with the files of a folder, served as they lie there. */
export async function assertFolderSaves(context, folder, more) {
  const site = await serve(folder);
  context.after(() => site.close());
  await assertSaves(context, site.url, more);
}
