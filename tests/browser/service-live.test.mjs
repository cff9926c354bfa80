// The page and the service together: sign in, have a file made, download it, and find it in the history and the trail.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test, { after, before } from 'node:test';
import { startService } from '../worker/service.mjs';
import { launch, open } from './site.mjs';

const MEMORIES = 2500;

let service;
let browser;

before(async () => {
  service = await startService();
  await service.addMemories('acme', MEMORIES);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await service?.close();
});

async function signedIn(context, role) {
  const page = await open(browser, new URL('/#service', service.url).href);
  context.after(() => page.close());
  await page.fill('.sign-in input', service.keys[role]);
  await page.click('.sign-in button');
  await page.waitForSelector('.workspace');
  return page;
}

/** Starts the export that the form describes, waits for its file, and reads it. */
async function made(page) {
  const started = page.waitForResponse((response) => response.request().method() === 'POST' && response.status() === 202);
  await page.click('text=Start the export');
  const { id } = await (await started).json();
  await page.waitForSelector(`[data-id="${id}"] .status[data-status="READY"]`);
  const [download] = await Promise.all([page.waitForEvent('download'), page.click(`[data-id="${id}"] .button`)]);
  return { id, name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
}

test('a member has all memories made into a file, and the owner finds both in the history and the trail', async (context) => {
  const page = await signedIn(context, 'member');
  await page.locator('.new-export').getByLabel('Format').selectOption('jsonl');
  const { id, name, text } = await made(page);
  assert.match(name, /\.jsonl$/);
  const memories = text.trimEnd().split('\n').map((line) => JSON.parse(line));
  assert.equal(memories.length, MEMORIES);
  assert.equal(new Set(memories.map((memory) => memory.id)).size, MEMORIES);
  assert.match(await page.textContent('.jobs li:first-child .facts'), /2,500 rows.*by you/);

  const owner = await signedIn(context, 'owner');
  await owner.waitForSelector(`[data-id="${id}"] .button`);
  await owner.click('.parts >> text=Audit');
  await owner.waitForSelector('.audit td');
  const trail = await owner.$$eval('.audit tbody tr', (rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
  const actions = trail.filter(([, , , on]) => on.includes(id)).map(([, , action]) => action);
  assert.deepEqual(actions, ['export.download', 'export.complete', 'export.create']);

  await owner.click('.parts >> text=Exports');
  await owner.click(`[data-id="${id}"] >> text=Delete`);
  await owner.click('dialog[open] .primary');
  await owner.waitForSelector(`[data-id="${id}"]`, { state: 'detached' });
});

test('filters choose the memories of the file', async (context) => {
  const page = await signedIn(context, 'member');
  await page.getByLabel('User', { exact: true }).fill('u1');
  await page.getByLabel('Priority', { exact: true }).selectOption('MEDIUM');
  await page.getByLabel('Categories').fill('d1, d2');
  await page.getByLabel('Created from').fill('2026-01-01');
  await page.getByLabel('Created up to').fill('2026-01-01');
  await page.locator('.new-export').getByLabel('Format').selectOption('jsonl');
  const { text } = await made(page);
  const memories = text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  const expected = await service.sql(
    `SELECT id FROM memories WHERE account_id = 'acme' AND user_id = 'u1' AND priority = 'MEDIUM'
     AND EXISTS (SELECT 1 FROM json_each(categories) WHERE value IN ('d1', 'd2')) ORDER BY created_at, id`,
  );
  assert.notEqual(expected.length, 0);
  assert.deepEqual(memories.map(({ id }) => id), expected.map(({ id }) => id));
  await page.getByLabel('Created up to').fill('2025-12-31');
  await page.click('text=Start the export');
  await page.waitForSelector('.field .failure:not(:empty)');
});

test('the rows of the page come back as the page itself would have written them', async (context) => {
  const page = await signedIn(context, 'member');
  await page.click('text=Rows of “Your table”');
  const { text } = await made(page);
  await page.click('.site-header >> text=Your table');
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#download')]);
  assert.equal(text === (await readFile(await download.path(), 'utf8')), true);
});

test('a viewer downloads what others have made, and is offered nothing else', async (context) => {
  const page = await signedIn(context, 'viewer');
  await page.waitForSelector('.jobs .button');
  assert.equal(await page.locator('.new-export').count(), 0);
  assert.deepEqual(await page.$$eval('.jobs li:first-child :is(a, button)', (all) => all.map((each) => each.textContent)), ['Download']);
  assert.deepEqual(await page.locator('.parts a').allTextContents(), ['Exports', 'Resources']);
});
