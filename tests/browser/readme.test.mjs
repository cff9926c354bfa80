// The README's examples do what it says, as they are printed.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { ROOT, run } from '../js/installed.mjs';
import { installedCopy } from '../packages/installed-once.mjs';
import { serve as serveWorker } from '../worker/server.mjs';
import { downloadBy, open, profile, serve } from './site.mjs';

const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const section = (title) => README.split(`### ${title}\n`)[1].split(/\n##+ /)[0];
const examples = (title, language) =>
  [...section(title).matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, code]) => code);

/** The pages of the README's section, each opened in a browser with the packed package beside it. */
async function pages(context) {
  const folder = await installedCopy(context);
  const [importMap] = section('On a web page').match(/\{"imports".*?\}\}/);
  const codes = examples('On a web page', 'html');
  for (const [index, code] of codes.entries()) {
    await writeFile(join(folder, `${index}.html`), `<!doctype html><script type="importmap">${importMap}</script>${code}`);
  }
  const site = await serve(folder, { '/tablecast/': join(folder, 'node_modules/tablecast') });
  context.after(() => site.close());
  const owner = await profile(context, { permissions: ['clipboard-read', 'clipboard-write'] });
  return Promise.all(codes.map((_, index) => open(owner, `${site.url}/${index}.html`)));
}

const MEMBERS = 'Name,Code\r\nZoë Müller,007\r\n';

test('the examples for a web page save, copy and print', async (context) => {
  const [rows, table, element] = await pages(context);
  const { name, bytes } = await downloadBy(rows, '#save');
  assert.equal(name, 'members.csv');
  assert.equal(bytes.toString(), "name,code,joined\r\nZoë Müller,007,2026-01-31\r\n'=1+1,008,\r\n");

  assert.equal((await downloadBy(table, '#save')).bytes.toString(), MEMBERS);
  await table.bringToFront();
  // Tests before this one may have left something there.
  await table.evaluate(() => navigator.clipboard.writeText(''));
  await table.click('#clip');
  const copied = await table.evaluate(async () => {
    for (;;) {
      const text = await navigator.clipboard.readText();
      if (text.includes('007')) return text;
      await new Promise(requestAnimationFrame);
    }
  });
  assert.match(copied, /^Name\tCode\r?\nZoë Müller\t007/);
  await table.click('#paper');
  await table.waitForSelector('iframe', { state: 'attached' });

  await element.click('tablecast-button');
  const saved = await downloadBy(element, 'tablecast-button [role=menuitem] >> nth=0');
  assert.equal(saved.name, 'members.csv');
  assert.equal(saved.bytes.toString(), MEMBERS);
});

test('the example for Node writes the file and prints its name and rows', async (context) => {
  const folder = await installedCopy(context);
  const [code] = examples('In Node, or any other JavaScript', 'js');
  await writeFile(join(folder, 'main.js'), code);
  assert.equal(await run(process.execPath, ['main.js'], { cwd: folder }), 'Item list.csv 2\n');
  assert.equal(await readFile(join(folder, 'Item list.csv'), 'utf8'), 'Amount,Item\r\n100,Item A\r\n1.5,Item B\r\n');
});

test('the example with types prints its table', async (context) => {
  const folder = await installedCopy(context);
  const [, code] = examples('In Node, or any other JavaScript', 'js');
  await writeFile(join(folder, 'main.js'), code);
  const lines = ['| Buyer | Paid | Sum |', '| --- | --- | ---: |', '| Zoë | 01\\.02\\.2026 00\\:30 | 1\\,234\\.50 |', '| Ada |  | 99\\.95 |', '| Total |  | 1\\,334\\.45 |'];
  assert.equal(await run(process.execPath, ['main.js'], { cwd: folder }), `${lines.join('\n')}\n\n`);
});

test('the example of a resource of one\'s own writes what its definition says', async (context) => {
  const folder = await installedCopy(context);
  const [definition] = examples('Your own resource', 'json');
  const [code] = examples('Your own resource', 'js');
  await writeFile(join(folder, 'invoices.json'), definition);
  await writeFile(join(folder, 'main.js'), code);
  const printed = await run(process.execPath, ['main.js'], { cwd: folder });
  const end = printed.indexOf('\n}') + 2;
  const { exported_at: moment, ...file } = JSON.parse(printed.slice(0, end));
  assert.match(moment, /^\d{4}-\d\d-\d\dT/);
  assert.deepEqual(Object.entries(file), [
    ['export_type', 'invoices'],
    ['software_version', '7.1'],
    ['account_id', 'acme'],
    ['invoices', [{ id: 'R-1', state: 'sent', paid_at: null, lines: [{ article: 'Paper', amount: 12.5 }], line_count: 1 }]],
    ['invoice_count', 1],
  ]);
  assert.match(printed.slice(end), /^\n.*“note”.*\n$/);
});

test('the curl lines get their files from the worker', async (context) => {
  const folder = await installedCopy(context);
  const worker = await serveWorker();
  context.after(() => worker.close());
  const [file, page] = examples('Over HTTP', 'sh');
  const shell = (line) => {
    assert.match(line, /http:\/\/localhost:8787\//);
    return run('sh', ['-c', line.replace('http://localhost:8787', worker.url.origin)], { cwd: folder });
  };
  await shell(file);
  assert.equal(await readFile(join(folder, 'items.csv'), 'utf8'), 'name,value\r\nItem A,100\r\n');
  assert.match(await shell(page), /^<!DOCTYPE html>\n<html lang="en">.*<td>Item A<\/td><td>100<\/td>/s);
});
