// Resources of the service: what they hold, the form that their description makes, and their files.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { complaints, openedService, says, unreachable } from './service-page.mjs';

const opened = async (context, options = {}) => {
  const { page, service } = await openedService(context, { role: 'member', part: '/resources', ...options });
  return { page, service, form: page.locator('.resource form') };
};

const exportsOf = (service, type) => service.requests.filter(({ path }) => path.startsWith(`/v1/resources/${type}`));

/** Clicks “Download” and reads the file: the stand-in writes what it was asked for. */
async function downloaded(page) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('.resource .primary')]);
  return { name: download.suggestedFilename(), asked: JSON.parse(await readFile(await download.path(), 'utf8')) };
}

const rows = (page) => page.$$eval('.fields tbody tr', (all) => all.map((row) => [...row.cells].map((cell) => cell.textContent)));

test('a resource is described: its fields, those of records in it when they are asked for, and what stands around them', async (context) => {
  const { page } = await opened(context);
  await page.waitForSelector('.fields td');
  assert.equal(await page.inputValue('.resource-head select'), 'invoices');
  await says(page, '.resource-description', 'What customers have to pay');
  const outer = await rows(page);
  assert.deepEqual(outer.slice(2, 3), [['state', 'string: draft, sent, paid', 'The state of it.']]);
  assert.deepEqual(outer.map(([name]) => name), ['id', 'customer_id', 'state', 'amount', 'labels', 'paid_at', 'lines', 'line_count']);
  assert.deepEqual(outer.slice(4).map(([, holds]) => holds), ['list of strings', 'timestamp or null', 'list of records', 'count of lines']);
  await page.click('.opener');
  const inner = await rows(page);
  assert.deepEqual(inner.slice(7, 10), [['lines.article', 'string', 'The article of it.'], ['lines.amount', 'number', 'What it costs, in euros.'], ['lines.extra', 'object, may be missing', 'Whatever else.']]);
  assert.equal(await page.getAttribute('.opener', 'aria-expanded'), 'true');
  await page.click('.opener');
  assert.deepEqual(await rows(page), outer);
  await page.click('.envelope summary');
  assert.deepEqual(await page.locator('.envelope dt code').allTextContents(), ['export_type', 'software_version', 'account_id', 'exported_at', 'item_count', 'items']);
  assert.deepEqual(complaints(page), []);
});

test('records that hold their own kind open as deep as somebody looks, and close together', async (context) => {
  const { page } = await opened(context, { part: '/resources/folder' });
  await page.waitForSelector('.fields td');
  const before = await rows(page);
  assert.deepEqual(before.map(([name]) => name), ['export_type', 'software_version', 'account_id', 'exported_at', 'folder', 'note']);
  for (let depth = 0; depth < 4; depth += 1) await page.click('.opener >> nth=' + depth);
  const names = (await rows(page)).map(([name]) => name);
  assert.equal(names.includes('folder.entries.entries.entries.title'), true, `${names}`);
  assert.equal(names.filter((name) => name === 'others').length, 4);
  await page.click('.opener >> nth=0');
  assert.deepEqual(await rows(page), before);
});

test('the file comes at once, under the name that the service gives it', async (context) => {
  const { page, service, form } = await opened(context);
  await page.waitForSelector('.fields td');
  const { name, asked } = await downloaded(page);
  assert.equal(name, 'invoices-Zoë.json');
  assert.deepEqual(asked, { path: '/v1/resources/invoices/export', format: 'json' });
  await says(page, '.resource .said', `invoices-Zoë.json is saved: ${JSON.stringify(asked).length} bytes.`);
  await form.getByLabel('Format').selectOption('csv');
  assert.equal(await page.textContent('.resource .said'), '');
  assert.equal((await downloaded(page)).asked.format, 'csv');
  assert.deepEqual(await form.getByLabel('Format').locator('option').evaluateAll((all) => all.map(({ textContent, disabled }) => [textContent, disabled])), [
    ['JSON', false],
    ['CSV', false],
    ['XLSX (not built yet)', true],
  ]);
  assert.equal(exportsOf(service, 'invoices').length, 2);
  assert.deepEqual(complaints(page), []);
});

test('every kind of filter and switch is a field of the form, and what is filled in goes along', async (context) => {
  const { page, service, form } = await opened(context);
  await form.getByLabel('Customer ID').fill(' c 1 ');
  await form.getByLabel('State').selectOption('paid');
  await form.getByLabel('Reminded').selectOption('No');
  await form.getByLabel('EUR').check();
  await form.getByLabel('JPY').check();
  await form.getByLabel('Labels').fill('red, , green');
  await form.getByLabel('From amount').fill('0.5');
  await form.getByLabel('Priority').fill('-2');
  await form.getByLabel('Created after').fill('2026-01-31T12:30:00');
  await form.getByLabel('Created before').fill('2026-02-28T00:00:05');
  await form.getByLabel('Unpaid only').check();
  await form.getByLabel('Limit').fill('10');
  await form.getByLabel('Include lines').uncheck();
  await form.getByLabel('Include notes').check();
  await page.click('text=More options');
  await form.getByLabel('Only if everything matches').check();
  await form.getByLabel('With an envelope').uncheck();
  const { asked } = await downloaded(page);
  const filters = {
    customer_id: 'c 1',
    state: 'paid',
    reminded: 'false',
    currencies: 'EUR,JPY',
    labels: 'red,green',
    from_amount: '0.5',
    priority: '-2',
    created_after: '2026-01-31T12:30:00.000Z',
    created_before: '2026-02-28T00:00:05.000Z',
    unpaid_only: 'true',
    limit: '10',
    include_lines: 'false',
    include_notes: 'true',
  };
  assert.deepEqual(asked, { path: '/v1/resources/invoices/export', ...filters, format: 'json', strict: 'true', envelope: 'false' });

  await page.click('text=Export in the background');
  await says(page, '.resource .said', 'The export is started.');
  const { body, headers } = service.requests.findLast(({ method }) => method === 'POST');
  assert.deepEqual(JSON.parse(body), {
    resource: 'invoices',
    filters: { ...filters, reminded: false, currencies: ['EUR', 'JPY'], labels: ['red', 'green'], from_amount: 0.5, priority: -2, unpaid_only: true, limit: 10, include_lines: false, include_notes: true },
    format: 'json',
    strict: true,
    envelope: false,
  });
  assert.match(headers['idempotency-key'], /^[0-9a-f]{32}$/);
  await page.click('.resource .said a');
  await page.waitForSelector('.jobs li');
  assert.equal(await page.textContent('.jobs h3'), 'Invoices');
  assert.match(await page.textContent('.jobs .note'), /^Only customer ID c 1, state paid, reminded: no, currencies EUR or JPY, labels red or green, .*unpaid only, limit 10, include lines: no, include notes$/);
});

test('one object is exported by its ID, which is asked for', async (context) => {
  const { page, service, form } = await opened(context, { part: '/resources/folder' });
  const id = form.getByLabel('ID', { exact: true });
  await page.click('.resource .primary');
  await says(page, '.field .failure', 'Type or paste the ID');
  assert.equal(await id.evaluate((control) => control === document.activeElement && control.getAttribute('aria-invalid')), 'true');
  assert.deepEqual(exportsOf(service, 'folder'), []);
  await id.fill('a/b');
  assert.equal(await page.textContent('.field .failure'), '');
  assert.deepEqual((await downloaded(page)).asked, { path: '/v1/resources/folder/a%2Fb/export', format: 'json' });
  await page.click('text=Export in the background');
  await says(page, '.resource .said', 'The export is started.');
  await page.click('.parts >> text=Exports');
  await says(page, '.jobs .facts', 'ID a/b');
  await page.goBack();
  assert.deepEqual(JSON.parse(service.requests.findLast(({ method }) => method === 'POST').body), { resource: 'folder', resource_id: 'a/b', filters: {}, format: 'json' });
  await id.fill('gone');
  await page.click('.resource .primary');
  await says(page, '.field .failure', 'There is no such folder.');
});

test('what is wrong is told at the field that it is about, before anything is asked or by the service', async (context) => {
  const { page, service, form } = await opened(context);
  const failure = (label) => form.locator('.field').filter({ has: page.getByLabel(label, { exact: true }) }).locator('.failure');
  await form.getByLabel('Limit').fill('0');
  await form.getByLabel('Labels').fill('a,b,c');
  await form.getByLabel('Created after').pressSequentially('01');
  await page.click('.resource .primary');
  assert.match(await failure('Labels').textContent(), /at most 2/);
  assert.notEqual(await failure('Limit').textContent(), '');
  assert.notEqual(await failure('Created after').textContent(), '');
  assert.equal(await form.getByLabel('Labels').evaluate((control) => control === document.activeElement), true);
  assert.deepEqual(exportsOf(service, 'invoices'), []);
  await page.evaluate(() => document.querySelector('.resource form').reset());

  const told = async (details, message, label) => {
    service.fault('GET /v1/resources/invoices/export', { status: 422, code: 'INVALID_OPTION', message, details });
    await page.click('.resource .primary');
    await says(page, '.resource .failure', message);
    assert.equal(await failure(label).textContent(), message);
    assert.equal(await form.getByLabel(label, { exact: true }).evaluate((control) => control === document.activeElement), true);
  };
  await told({ option: 'state' }, 'This is no state.', 'State');
  await told({ options: ['filters.created_after', 'filters.created_before'] }, 'The one lies behind the other.', 'Created after');
  await told({ parameter: 'format' }, 'This is no format.', 'Format');
  // It lies among the options that are folded up.
  await told({ parameter: 'strict' }, 'This cannot be.', 'Only if everything matches');
  service.fault('GET /v1/resources/invoices/export', { status: 422, code: 'STRICT', message: 'There are warnings.', details: { warnings: [] } });
  await page.click('.resource .primary');
  await says(page, '.resource form > .failure', 'No file was made. There are warnings.');
  assert.deepEqual(complaints(page), []);
});

test('a file that breaks off is not saved, and one that takes long can be cancelled', async (context) => {
  const { page, service } = await opened(context);
  const downloads = [];
  page.on('download', (download) => downloads.push(download));
  await page.waitForSelector('.fields td');
  await unreachable(page, '/v1/resources/invoices/export');
  await page.click('.resource .primary');
  await says(page, '.resource form > .failure', 'The service cannot be reached.');
  service.fault('GET /v1/resources/invoices/export', { broken: true });
  await page.click('.resource .primary');
  await says(page, '.resource form > .failure', 'The file broke off, so it was not saved.');
  let go;
  service.fault('GET /v1/resources/invoices/export', { until: new Promise((resolve) => (go = resolve)) });
  await page.click('.resource .primary');
  await page.waitForSelector('.resource progress', { state: 'visible' });
  await page.click('.resource >> text=Cancel');
  await says(page, '.resource .said', 'Cancelled: no file was saved.');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Download');
  go();
  assert.deepEqual(downloads, []);
  assert.equal((await downloaded(page)).name, 'invoices-Zoë.json');
});

test('the address says which resource is shown, and what was filled in stays', async (context) => {
  const { page, form } = await opened(context);
  await form.getByLabel('Customer ID').fill('c1');
  await page.selectOption('.resource-head select', 'folder');
  await says(page, '.fields th', 'folder');
  assert.match(page.url(), /#service\/resources\/folder$/);
  await page.goBack();
  await says(page, '.fields th', 'customer_id');
  assert.equal(await page.inputValue('.resource-head select'), 'invoices');
  assert.equal(await form.getByLabel('Customer ID').inputValue(), 'c1');
});

test('whoever may only download is offered no job', async (context) => {
  const { page } = await opened(context, { role: 'viewer' });
  await page.waitForSelector('.fields td');
  assert.deepEqual(await page.$$eval('.resource .actions button', (all) => all.map((each) => each.textContent)), ['Download']);
});

test('resources that cannot be had are told, and asked for again', async (context) => {
  const { page, service } = await opened(context, { part: '' });
  service.fault('GET /v1/resources', { status: 503, code: 'UNAVAILABLE', message: 'Not now.' });
  await page.click('.parts >> text=Resources');
  await says(page, '.notice .failure', 'The resources are not known. Not now.');
  await page.click('text=Try again');
  await page.waitForSelector('.fields td');
  assert.equal(await page.evaluate(() => document.activeElement.matches('.resource-head select')), true);

  service.resources = [];
  await page.reload();
  await says(page, '.notice', 'The service offers no resources.');
});
