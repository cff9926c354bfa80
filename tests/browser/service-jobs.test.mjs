// Exports by the service, as the page asks for them, watches them, and gives them to whoever wants the file.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { complaints, openedService, says } from './service-page.mjs';
import { ROWS } from './matches.mjs';

const posts = (service) => service.requests.filter(({ method, path }) => method === 'POST' && path === '/v1/exports');
const sent = (service) => JSON.parse(posts(service).at(-1).body);
const start = async (page) => {
  await page.click('text=Start the export');
  await page.waitForSelector('.jobs li');
};
const item = (job) => `.jobs [data-id="${job.id}"]`;

/** Waits for the sentence that a screen reader is told. */
const announced = (page, text) => says(page, '#announcer', text);

test('a job is started, watched to its end, and its file is downloaded', async (context) => {
  const { page, service } = await openedService(context, { role: 'member' });
  await page.selectOption('.new-export select >> nth=1', 'csv');
  await start(page);
  const [job] = service.exports;
  assert.deepEqual(sent(service), { resource: 'memories', filters: {}, format: 'csv' });
  await says(page, '.said', 'The export is started');
  await says(page, `${item(job)} .status`, 'Waiting');
  assert.equal(await page.isVisible(`${item(job)} .button`), false);

  service.move(job.id, { status: 'PROCESSING', attempts: 1 });
  await says(page, `${item(job)} .status`, 'In progress');
  await announced(page, 'The CSV export of “Memories” is in progress.');
  const report = { warnings: [{ code: 'formula', message: 'Two cells were guarded.' }] };
  service.move(job.id, { status: 'READY', file_name: 'memories.csv', row_count: 2, file_size: 1234, report, content: 'id\r\n1\r\n2\r\n' });
  await announced(page, 'The CSV export of “Memories” is ready: 2 rows, 1.23 kB.');
  assert.match(await page.textContent(`${item(job)} .facts`), /CSV.*memories\.csv.*2 rows.*1\.23 kB.*by you.*until /);
  await page.click(`${item(job)} summary`);
  assert.equal(await page.textContent(`${item(job)} details li`), 'Two cells were guarded.');

  const [download] = await Promise.all([page.waitForEvent('download'), page.click(`${item(job)} .button`)]);
  assert.equal(download.suggestedFilename(), 'memories.csv');
  assert.equal(await readFile(await download.path(), 'utf8'), 'id\r\n1\r\n2\r\n');
  assert.deepEqual(service.audit.map(({ action }) => action), ['export.download', 'export.create', 'session.create']);
  assert.deepEqual(complaints(page), []);
});

test('a job that fails says why', async (context) => {
  const { page, service } = await openedService(context, { role: 'member' });
  await start(page);
  const [job] = service.exports;
  service.move(job.id, { status: 'FAILED', error: { code: 'INVALID_JSON', message: 'the data end in the middle of a row' } });
  await says(page, `${item(job)} .failure`, 'The data end in the middle of a row.');
  await announced(page, 'has failed: the data end in the middle of a row');
  assert.equal(await page.isVisible(`${item(job)} .button`), false);
});

test('the filters of the form become those of the request', async (context) => {
  const { page, service } = await openedService(context, { role: 'member' });
  await page.getByLabel('User', { exact: true }).fill(' u1 ');
  await page.getByLabel('Agent', { exact: true }).fill('a1');
  await page.getByLabel('Session', { exact: true }).fill('s1');
  await page.getByLabel('Priority', { exact: true }).selectOption('HIGH');
  await page.getByLabel('Categories').fill('work, , travel,');
  await page.getByLabel('Created from').fill('2026-01-31');
  await page.getByLabel('Created up to').fill('2026-02-28');
  await page.locator('.new-export').getByLabel('Format').selectOption('jsonl');
  await start(page);
  const filters = { user_id: 'u1', agent_id: 'a1', session_id: 's1', priority: 'HIGH', categories: ['work', 'travel'], created_after: '2026-01-31T00:00:00.000Z', created_before: '2026-03-01T00:00:00.000Z' };
  assert.deepEqual(sent(service), { resource: 'memories', filters, format: 'jsonl' });
  await says(page, '.jobs .note', 'Only user u1, agent a1, session s1, priority HIGH, category work or travel');
});

test('the templates that fit the format are offered, and the chosen one goes along', async (context) => {
  const { page, service } = await openedService(context, { role: 'member' });
  const template = page.locator('.new-export').getByLabel('Template');
  await page.waitForSelector('.new-export optgroup', { state: 'attached' });
  const names = () => template.locator('option').allTextContents();
  assert.deepEqual(await names(), ['None', 'Report', 'Spreadsheet']);
  await page.locator('.new-export').getByLabel('Format').selectOption('html');
  assert.deepEqual(await names(), ['None', 'Report']);
  await template.selectOption('Report');
  await start(page);
  assert.deepEqual(sent(service), { resource: 'memories', filters: {}, format: 'html', template_id: 'report' });
});

test('the rows of the page go along as data, as they are shown there and under its template', async (context) => {
  const { page, service } = await openedService(context, { role: 'member' });
  await page.click('.site-header >> text=Your table');
  await page.fill('#filter', 'Chelsea 2016');
  await page.waitForFunction(() => / of 6,508 rows/.test(document.querySelector('#table-size').textContent));
  await page.uncheck('[aria-label="Keep the column division"]');
  await page.click('.site-header >> text=Service');
  await page.click('text=Rows of “Your table”');
  assert.equal(await page.isVisible('.new-export >> text=Categories'), false);
  await start(page);
  const columns = Object.keys(ROWS[0]).filter((key) => key !== 'division');
  const request = sent(service);
  assert.deepEqual(request.source, { type: 'data_table', title: 'matches' });
  assert.deepEqual(Object.keys(request.template.column_mapping), columns);
  const expected = ROWS.filter((row) => ['chelsea', '2016'].every((word) => Object.values(row).some((value) => String(value).toLowerCase().includes(word))));
  assert.deepEqual(request.data, expected);
  // Options have to come before the data.
  assert.equal(Object.keys(request).at(-1), 'data');
  await says(page, '.jobs h3', 'matches');
});

test('problems are told by the field that they are about, all others below the form', async (context) => {
  const { page, service } = await openedService(context, { role: 'member' });
  const categories = page.getByLabel('Categories');
  await categories.fill(Array.from({ length: 21 }, (_, index) => `c${index}`).join());
  await page.click('text=Start the export');
  await says(page, '.field .failure', 'There are more than 20 categories.');
  assert.equal(await categories.getAttribute('aria-invalid'), 'true');
  assert.equal(await categories.evaluate((field) => field === document.activeElement), true);
  await categories.fill('c1');
  assert.equal(await categories.getAttribute('aria-invalid'), null);

  for (const [fault, text] of [
    [{ status: 429, code: 'TOO_MANY_ACTIVE_EXPORTS', message: 'There are 100 active exports.', headers: { 'Retry-After': '1' } }, 'No export was started. There are 100 active exports. Try again in a second.'],
    [{ status: 422, code: 'CONTRADICTORY_OPTIONS', message: 'These contradict.', details: { options: ['a', 'b'] } }, 'No export was started. These contradict.'],
    [{ status: 413, code: 'LIMIT_EXCEEDED', message: 'The body has more than 100000000 bytes.' }, 'The body has more than 100000000 bytes.'],
  ]) {
    service.fault('POST /v1/exports', fault);
    await page.click('text=Start the export');
    await says(page, '.new-export form > .failure', text);
  }
  service.fault('POST /v1/exports', { status: 404, code: 'TEMPLATE_NOT_FOUND', message: 'There is no such template.' });
  await page.click('text=Start the export');
  await says(page, '.field .failure', 'There is no such template.');
  assert.deepEqual(service.exports, []);
});

test('a request whose answer is lost is repeated under its key; another one gets another key', async (context) => {
  const { page, service } = await openedService(context, { role: 'member' });
  service.fault('POST /v1/exports', { lost: true });
  await page.click('text=Start the export');
  await says(page, '.new-export form > .failure', 'The service cannot be reached.');
  await start(page);
  await page.getByLabel('User', { exact: true }).fill('u1');
  await page.click('text=Start the export');
  await page.waitForFunction(() => document.querySelectorAll('.jobs li').length === 2);
  const [lost, repeated, other] = posts(service).map(({ headers }) => headers['idempotency-key']);
  assert.match(lost, /^[0-9a-f]{32}$/);
  assert.equal(repeated, lost);
  assert.equal(service.exports.length, 2);
  assert.notEqual(other, lost);
});

test('the button starts one job, however often it is pressed', async (context) => {
  const { page, service } = await openedService(context, { role: 'member' });
  let go;
  service.fault('POST /v1/exports', { until: new Promise((resolve) => (go = resolve)) });
  await page.click('text=Start the export');
  await page.waitForSelector('.new-export .primary[aria-disabled="true"]');
  await page.click('text=Start the export', { force: true });
  go();
  await page.waitForSelector('.jobs li');
  await page.waitForSelector('.new-export .primary:not([aria-disabled])');
  assert.equal(posts(service).length, 1);
});

test('the history is filtered and paged', async (context) => {
  const { page, service } = await openedService(context, { role: 'owner' });
  for (let index = 0; index < 12; index += 1) service.add({ status: 'READY', format: index % 2 === 0 ? 'csv' : 'json', row_count: index, created_by: index < 3 ? 'u-member' : 'u-owner' });
  service.add({ status: 'EXPIRED', expires_at: '2026-02-03T12:00:00.000Z' });
  const count = (wanted) => page.waitForFunction((items) => document.querySelectorAll('.jobs li').length === items, wanted);
  await page.click('text=Refresh');
  await count(10);
  assert.equal(await page.textContent('.history .pager span'), '1–10 of 13');
  await says(page, '.jobs .facts', 'expired ');
  await page.click('.history [aria-label="Next page"]');
  await count(3);
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Previous page');
  assert.match(await page.textContent('.jobs'), /by u-member/);
  await page.selectOption('[aria-label="Status"]', 'EXPIRED');
  await count(1);
  assert.equal(await page.isVisible('.history .pager'), false);
  await page.selectOption('[aria-label="Status"]', '');
  await page.selectOption('[aria-label="Format"]', 'json');
  await count(6);
  await page.check('text=Only mine');
  await count(5);
  await page.selectOption('[aria-label="Status"]', 'FAILED');
  await says(page, '.history .list-status', 'There are no such exports.');
  // A new job is shown whatever was looked for.
  await start(page);
  await says(page, '.jobs .status', 'Waiting');
  await count(10);
  assert.deepEqual(complaints(page), []);
});

test('an export is deleted after a question, also while it is in progress or when somebody was faster', async (context) => {
  const { page, service } = await openedService(context, { role: 'owner' });
  const [first, second] = [service.add(), service.add()];
  await page.click('text=Refresh');
  await page.click(`${item(first)} >> text=Delete`);
  await page.click('dialog[open] >> text=Cancel');
  await page.waitForSelector('dialog[open]', { state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Delete');
  assert.equal(service.exports.length, 2);

  await page.click(`${item(first)} >> text=Delete`);
  service.fault(`DELETE /v1/exports/${first.id}`, { status: 403, code: 'FORBIDDEN', message: 'This is not allowed.' });
  await page.click('dialog[open] .primary');
  await says(page, `${item(first)} .failure`, 'This is not allowed.');
  await page.click(`${item(first)} >> text=Delete`);
  await page.click('dialog[open] .primary');
  await page.waitForSelector(item(first), { state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement.id), 'history-title');

  await page.click(`${item(second)} >> text=Delete`);
  service.exports.length = 0;
  await page.click('dialog[open] .primary');
  await page.waitForSelector(item(second), { state: 'detached' });
});

test('an export that somebody else deletes while it is watched goes away', async (context) => {
  const { page, service } = await openedService(context, { role: 'viewer' });
  const job = service.add();
  await page.click('text=Refresh');
  await page.waitForSelector(item(job));
  service.exports.length = 0;
  await page.waitForSelector(item(job), { state: 'detached' });
});
