// Templates of the account and the audit trail, as the page shows them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { complaints, openedService, says } from './service-page.mjs';

const names = (page) => page.$$eval('.jobs h3', (headings) => headings.map((heading) => heading.textContent));
const named = (page, wanted) =>
  page.waitForFunction((list) => JSON.stringify([...document.querySelectorAll('.jobs h3')].map((heading) => heading.textContent)) === list, JSON.stringify(wanted));
const DIALOG = 'dialog[open]';
const save = async (page, text) => {
  await page.fill(`${DIALOG} textarea`, text);
  await page.click(`${DIALOG} >> text=Save`);
};

test('a template is written, changed and deleted; those of the system are only read and copied', async (context) => {
  const { page, service } = await openedService(context, { role: 'owner', part: '/templates' });
  await named(page, ['Report', 'Spreadsheet']);
  assert.deepEqual(await page.$$eval('.jobs button', (buttons) => buttons.map((button) => button.textContent)), ['Copy…', 'Copy…']);

  await page.click('text=New template…');
  await save(page, '{"name": "Items", "format": "csv",\n "column_mapping": {"id": "Id", "amount": 1.50}}');
  await says(page, `${DIALOG} .failure`, 'column_mapping.amount');
  // The text goes to the service as it was typed.
  const text = '{"name": "Items", "format": "csv",\n "column_mapping": {"id": "Id"}}';
  await save(page, text);
  await named(page, ['Items', 'Report', 'Spreadsheet']);
  assert.equal(service.requests.findLast(({ method }) => method === 'POST').body, text);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'templates-title');

  await page.click('[aria-label="Edit Items"]');
  assert.deepEqual(JSON.parse(await page.inputValue(`${DIALOG} textarea`)), JSON.parse(text));
  await save(page, '{"name": "Items 2", "footer_text": "{rows} rows"}');
  await named(page, ['Items 2', 'Report', 'Spreadsheet']);
  assert.equal(service.templates.length, 1);

  await page.click('[aria-label="Copy Spreadsheet"]');
  await page.click(`${DIALOG} >> text=Save`);
  await named(page, ['Spreadsheet (copy)', 'Items 2', 'Report', 'Spreadsheet']);
  assert.equal(service.templates[0].template.preset, 'excel');

  await page.click('[aria-label="Delete Items 2"]');
  await page.click(`${DIALOG} .primary`);
  await named(page, ['Spreadsheet (copy)', 'Report', 'Spreadsheet']);
  // Somebody else was faster.
  await page.click('[aria-label="Delete Spreadsheet (copy)"]');
  service.templates.length = 0;
  await page.click(`${DIALOG} .primary`);
  await named(page, ['Report', 'Spreadsheet']);
  assert.deepEqual(complaints(page), []);
});

test('what is no template is told in the dialog, by the engine of the page or by the service', async (context) => {
  const { page, service } = await openedService(context, { role: 'owner', part: '/templates' });
  await page.click('text=New template…');
  await save(page, '{"name" "Items"}');
  await says(page, `${DIALOG} .failure`, 'line 1, column 9');
  assert.equal(await page.getAttribute(`${DIALOG} textarea`, 'aria-invalid'), 'true');
  await save(page, '{"name": "Items", "footer": "x"}');
  await says(page, `${DIALOG} .failure`, 'has no field `footer`');
  assert.equal(service.requests.some(({ method, path }) => method === 'POST' && path === '/v1/templates'), false);
  await save(page, '{"header_text": "x"}');
  await says(page, `${DIALOG} .failure`, 'A template needs a `name`.');
  service.fault('POST /v1/templates', { status: 429, code: 'RATE_LIMITED', message: 'Too many requests.', headers: { 'Retry-After': '3' } });
  await save(page, '{"name": "Items"}');
  await says(page, `${DIALOG} .failure`, 'Too many requests. Try again in 3 seconds.');
  // What the engine of the page was not built for is for the service to judge.
  await save(page, '{"name": "Book", "format": "xlsx"}');
  await named(page, ['Book', 'Report', 'Spreadsheet']);
});

test('the columns of the page become a template of the account, which is offered for the next export', async (context) => {
  const { page, service } = await openedService(context, { role: 'owner' });
  await page.click('text=Your table');
  await page.fill('[aria-label="Heading of the column date"]', 'Day');
  await page.uncheck('[aria-label="Keep the column division"]');
  await page.click('.site-header >> text=Service');
  await page.click('.parts >> text=Templates');
  await page.click('text=New template…');
  await page.click(`${DIALOG} >> text=Columns of`);
  await page.click(`${DIALOG} >> text=Save`);
  await named(page, ['My template', 'Report', 'Spreadsheet']);
  const mapping = { date: 'Day', home_team: 'home_team', away_team: 'away_team', home_score: 'home_score', away_score: 'away_score' };
  assert.deepEqual(service.templates[0].template, { name: 'My template', column_mapping: mapping });
  await page.click('.parts >> text=Exports');
  await page.waitForSelector('.new-export option:text("My template")', { state: 'attached' });
  assert.deepEqual(await page.$$eval('.new-export optgroup', (groups) => groups.map(({ label }) => label)), ['Own', 'System']);
});

test('templates beyond the first page of the list are there too', async (context) => {
  const { page, service } = await openedService(context);
  service.templates = Array.from({ length: 205 }, (_, index) => ({ id: `t${index}`, name: `Template ${index}`, system: false, format: null, template: { name: `Template ${index}` }, created_by: 'u-owner' }));
  await page.fill('.sign-in input', service.key('owner'));
  await page.keyboard.press('Enter');
  await page.click('.parts >> text=Templates');
  await page.waitForFunction(() => document.querySelectorAll('.jobs li').length === 207);
  assert.equal((await names(page)).includes('Template 204'), true);
});

test('templates that cannot be loaded are told where they would be', async (context) => {
  const { page, service } = await openedService(context, { role: 'owner' });
  await page.waitForSelector('.new-export optgroup', { state: 'attached' });
  service.fault('GET /v1/templates', { status: 503, code: 'UNAVAILABLE', message: 'Not now.' });
  await page.click('.parts >> text=Templates');
  await says(page, '.failure', 'Not now.');
  service.fault('GET /v1/templates', { status: 503, code: 'UNAVAILABLE', message: 'Not now either.' });
  await page.click('.parts >> text=Exports');
  await says(page, '.new-export .field .failure', 'The templates are not known. Not now either.');
});

test('the audit trail tells who did what, by action and page by page', async (context) => {
  const { page, service } = await openedService(context, { role: 'owner' });
  for (let index = 0; index < 11; index += 1) {
    service.audit.unshift({ id: 100 + index, at: '2026-01-31T12:00:00.000Z', user_id: null, key_id: null, action: 'export.expire', target_type: 'export', target_id: `job-${index}`, request_id: null, details: {} });
  }
  await page.click('text=Start the export');
  await page.waitForSelector('.jobs li');
  await page.click('.parts >> text=Audit');
  const rows = (count) => page.waitForFunction((wanted) => document.querySelectorAll('.audit tbody tr').length === wanted, count);
  await rows(10);
  const [newest] = await page.$$eval('.audit tbody tr', ([row]) => [[...row.cells].map((cell) => cell.textContent)]);
  assert.deepEqual(newest.slice(1), ['u-owner', 'export.create', `export ${service.exports[0].id}`, 'format: csv']);
  await says(page, '.audit td', 'the service');
  await page.click('#service [aria-label="Next page"]');
  await rows(3);
  await page.selectOption('[aria-label="Action"]', 'session.create');
  await rows(1);
  await page.selectOption('[aria-label="Action"]', 'key.revoke');
  await says(page, '#service', 'There are no such entries.');
  assert.equal(await page.isVisible('.audit'), false);
  assert.deepEqual(complaints(page), []);
});
