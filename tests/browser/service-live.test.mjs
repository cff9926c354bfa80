// The page and the service together: sign in, have a file made, download it, and find it in the history and the trail.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test, { after, before } from 'node:test';
import { startService } from '../worker/service.mjs';
import { violations } from './axe.mjs';
import { open, profile } from './site.mjs';

const MEMORIES = 2500;

let service;

before(async () => {
  service = await startService();
  await service.addMemories('acme', MEMORIES);
  for (const account of ['acme', 'globex']) await service.addRecords(account);
});
after(() => service?.close());

async function signedIn(context, role, part = '') {
  const page = await open(await profile(context), new URL(`/#service${part}`, service.url).href);
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

/** Clicks “Download” in the form of a resource and reads the file. */
async function downloaded(page) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('.resource .primary')]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
}

test('every type of resource has a form, and the table of its fields', async (context) => {
  const page = await signedIn(context, 'viewer', '/resources');
  const { items } = await (await service.fetch('/v1/resources?page_size=100', { key: service.keys.viewer })).json();
  await page.waitForSelector('.resource-head');
  const types = await page.locator('.resource-head option').evaluateAll((all) => all.map(({ value }) => value));
  assert.equal(types.length, 13);
  assert.deepEqual(types, items.map(({ name }) => name));
  for (const [index, { name: type, description }] of items.entries()) {
    await page.selectOption('.resource-head select', type);
    // The address changes before the form does.
    await page.waitForFunction((text) => document.querySelector('.resource-description').textContent === text, description);
    for (let opened = 0; opened < 6 && opened < (await page.locator('.opener').count()); opened += 1) await page.click(`.opener >> nth=${opened}`);
    assert.notEqual(await page.locator('.fields td').count(), 0, type);
    // What stands around the service's view is the same for all of them.
    assert.deepEqual(await violations(page, index === 0 ? undefined : '#service'), [], type);
  }
  assert.deepEqual(page.complaints.filter((text) => !text.startsWith('Failed to load resource')), []);
});

test('the records of a resource come as a file at once, those that the form chooses', async (context) => {
  const page = await signedIn(context, 'viewer', '/resources/governance_evaluations');
  const form = page.locator('.resource form');
  await form.getByLabel('Verdict').selectOption('flag');
  await form.getByLabel('Unresolved only').check();
  await form.getByLabel('Format').selectOption('jsonl');
  const { name, text } = await downloaded(page);
  assert.match(name, /^governance-evaluations-\d{4}-\d\d-\d\d\.jsonl$/);
  const expected = await service.sql("SELECT id FROM governance_evaluations WHERE account_id = 'acme' AND verdict = 'flag' AND resolved_at IS NULL ORDER BY created_at, id");
  assert.notEqual(expected.length, 0);
  assert.deepEqual(text.trimEnd().split('\n').map((line) => JSON.parse(line).id), expected.map(({ id }) => id));
});

test('one object comes by its ID, at once and in the background, and mistakes are told at their fields', async (context) => {
  const page = await signedIn(context, 'member', '/resources/knowledge_base');
  const form = page.locator('.resource form');
  const failure = (label) => form.locator('.field').filter({ has: page.getByLabel(label, { exact: true }) }).locator('.failure:not(:empty)');
  await form.getByLabel('ID', { exact: true }).fill('no-such-base');
  await page.click('.resource .primary');
  await failure('ID').waitFor();
  const [{ id }] = await service.sql("SELECT id FROM knowledge_bases WHERE account_id = 'acme' ORDER BY id");
  await form.getByLabel('ID', { exact: true }).fill(id);
  await form.getByLabel('From date').fill('2026-02-01T00:00:00');
  await form.getByLabel('To date').fill('2026-01-01T00:00:00');
  await page.click('.resource .primary');
  await failure('From date').waitFor();
  await form.getByLabel('From date').fill('');
  await form.getByLabel('To date').fill('');
  const { name, text } = await downloaded(page);
  assert.match(name, new RegExp(`^knowledge-base-${id.slice(0, 8)}-.*\\.json$`));
  const { export_type: type, knowledge_base: base, total_content_items: count } = JSON.parse(text);
  assert.deepEqual([type, base.id, count > 0], ['knowledge_base', id, true]);

  await page.click('text=Export in the background');
  await page.click('.resource .said a');
  await page.waitForSelector('.jobs li:first-child .status[data-status="READY"]');
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('.jobs li:first-child .button')]);
  const { exported_at: then, ...inBackground } = JSON.parse(await readFile(await download.path(), 'utf8'));
  const { exported_at: now, ...atOnce } = JSON.parse(text);
  assert.deepEqual(inBackground, atOnce);
});

test('a template is written, used, copied, changed and deleted', async (context) => {
  const page = await signedIn(context, 'owner', '/templates');
  const names = () => page.$$eval('.jobs h3', (headings) => headings.map((heading) => heading.textContent));
  const named = (wanted) => page.waitForFunction((name) => [...document.querySelectorAll('.jobs h3')].some((heading) => heading.textContent === name), wanted);
  const save = async (text) => {
    await page.fill('dialog[open] textarea', text);
    await page.click('dialog[open] >> text=Save');
  };
  await page.click('text=New template…');
  await save('{"name": "Ids", "format": "xlsx", "column_mapping": {"id": "Id"}, "unheard_of": 1}');
  await page.waitForSelector('dialog[open] .failure:not(:empty)');
  await save('{"name": "Ids", "format": "csv", "column_mapping": {"id": "Id"}}');
  await named('Ids');
  await page.click('[aria-label="Copy Spreadsheet"]');
  await page.click('dialog[open] >> text=Save');
  await named('Spreadsheet (copy)');
  await page.click('[aria-label="Edit Ids"]');
  await save('{"name": "Ids of memories", "format": "csv", "column_mapping": {"id": "Id", "priority": "How urgent"}}');
  await named('Ids of memories');

  await page.click('.parts >> text=Exports');
  await page.locator('.new-export').getByLabel('Format').selectOption('csv');
  await page.locator('.new-export').getByLabel('Template').selectOption('Ids of memories');
  await page.getByLabel('Priority', { exact: true }).selectOption('HIGH');
  const { text } = await made(page);
  assert.equal(text.split('\r\n')[0], 'Id,How urgent');

  await page.click('.parts >> text=Templates');
  for (const name of ['Ids of memories', 'Spreadsheet (copy)']) {
    await named(name);
    await page.click(`[aria-label="Delete ${name}"]`);
    await page.click('dialog[open] .primary');
    await page.waitForFunction((gone) => ![...document.querySelectorAll('.jobs h3')].some((heading) => heading.textContent === gone), name);
  }
  assert.equal((await names()).includes('Report'), true);
  assert.deepEqual(await service.sql('SELECT name FROM templates'), []);
});
