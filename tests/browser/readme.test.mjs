// The README's examples do what it says, as they are printed.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { installed, ROOT, run } from '../js/installed.mjs';
import { serve as serveWorker } from '../worker/server.mjs';
import { downloadBy, launch, open, serve } from './site.mjs';

const README = await readFile(join(ROOT, 'README.md'), 'utf8');
const section = (title) => README.split(`### ${title}\n`)[1].split(/\n##+ /)[0];
const examples = (title, language) =>
  [...section(title).matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, code]) => code);

test('the example for a web page saves the file', async (context) => {
  const { folder } = await installed(context);
  const [page] = examples('On a web page', 'html');
  const [importMap] = section('On a web page').match(/\{"imports".*?\}\}/);
  await writeFile(join(folder, 'index.html'), `<!doctype html><script type="importmap">${importMap}</script>${page}`);
  const site = await serve(folder, { '/tablecast/': join(folder, 'node_modules/tablecast') });
  const browser = await launch();
  context.after(async () => {
    await browser.close();
    site.close();
  });
  const { name, bytes } = await downloadBy(await open(browser, site.url), '#save');
  assert.equal(name, 'members.csv');
  assert.equal(bytes.toString(), "name,code,joined\r\nZoë Müller,007,2026-01-31\r\n'=1+1,008,\r\n");
});

test('the example for Node writes the file and prints its name and rows', async (context) => {
  const { folder } = await installed(context);
  const [code] = examples('In Node, or any other JavaScript', 'js');
  await writeFile(join(folder, 'main.js'), code);
  assert.equal(await run(process.execPath, ['main.js'], { cwd: folder }), 'Item list.csv 2\n');
  assert.equal(await readFile(join(folder, 'Item list.csv'), 'utf8'), 'Amount,Item\r\n100,Item A\r\n1.5,Item B\r\n');
});

test('the curl lines get their files from the worker', async (context) => {
  const { folder } = await installed(context);
  const worker = await serveWorker();
  const [file, page] = examples('Over HTTP', 'sh');
  const shell = (line) => {
    assert.match(line, /http:\/\/localhost:8787\//);
    return run('sh', ['-c', line.replace('http://localhost:8787', worker.url.origin)], { cwd: folder });
  };
  await shell(file);
  assert.equal(await readFile(join(folder, 'items.csv'), 'utf8'), 'name,value\r\nItem A,100\r\n');
  assert.match(await shell(page), /^<!DOCTYPE html>\n<html lang="en">.*<td>Item A<\/td><td>100<\/td>/s);
});
