// The service's view for whoever comes, with whatever, and with whatever the service answers.
import assert from 'node:assert/strict';
import test from 'node:test';
import { violations, violationsInSchemes } from './axe.mjs';
import { PAYLOADS } from './payloads.mjs';
import { FakeService } from './service-fake.mjs';
import { complaints, openedService, says, signIn } from './service-page.mjs';

const READY = { status: 'READY', file_name: 'memories.csv', row_count: 1234, file_size: 45678, report: { warnings: [{ code: 'x', message: 'Two cells were guarded.' }] } };

/** A service with something of every kind in it. */
function filled() {
  const service = new FakeService();
  for (let index = 0; index < 8; index += 1) service.move(service.add().id, READY);
  service.add({ status: 'EXPIRED', expires_at: '2026-02-03T12:00:00.000Z' });
  service.move(service.add({ priority: 'HIGH', categories: ['work'] }).id, READY);
  service.move(service.add().id, { status: 'FAILED', error: { code: 'X', message: 'the data end in the middle of a row' } });
  service.move(service.add().id, { status: 'PROCESSING' });
  service.templates.push({ id: 't1', name: 'Items', system: false, format: 'csv', template: { name: 'Items' }, created_by: 'u-owner', updated_at: '2026-01-31T12:00:00.000Z' });
  return service;
}

const PHONE = { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true };

for (const [name, profile, look] of [
  ['wide service view, in each scheme of colours', {}, violationsInSchemes],
  ['service view of a phone', PHONE, violations],
]) {
  test(`axe finds nothing to complain about in the ${name}, and nothing sticks out of it`, async (context) => {
    const { page, service } = await openedService(context, { ...profile, service: filled() });
    const sound = async (within) => {
      assert.deepEqual(await look(page, within), []);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
    };
    await page.fill('.sign-in input', 'wrong');
    await page.keyboard.press('Enter');
    await says(page, '.sign-in .failure', 'not valid');
    await sound();
    await signIn(page, service, 'owner');
    await page.waitForSelector('.jobs li');
    await page.click('.jobs summary >> visible=true');
    service.fault('POST /v1/exports', { status: 422, code: 'INVALID_PARAMETER', message: 'This is no user.', details: { parameter: 'user_id' } });
    await page.click('text=Start the export');
    await says(page, '.field .failure', 'This is no user.');
    await sound();
    await page.click('text=Rows of “Your table”');
    await page.click('.jobs button >> nth=0');
    await page.waitForSelector('dialog[open]');
    await sound('dialog[open]');
    await page.keyboard.press('Escape');
    await page.click('.parts >> text=Templates');
    await page.click('.jobs summary >> nth=0');
    await sound();
    await page.click('text=New template…');
    await page.fill('dialog[open] textarea', '{');
    await page.click('dialog[open] >> text=Save');
    await page.waitForSelector('dialog[open] .failure:not(:empty)');
    await sound('dialog[open]');
    await page.keyboard.press('Escape');
    await page.click('.parts >> text=Audit');
    await page.waitForSelector('.audit td');
    await sound();
    await page.click('.parts >> text=Resources');
    await page.click('.opener');
    await page.click('.envelope summary');
    await page.click('.resource summary');
    service.fault('GET /v1/resources/invoices/export', { status: 422, code: 'INVALID_OPTION', message: 'This is no state.', details: { option: 'filters.currencies' } });
    await page.click('.resource .primary');
    await says(page, '.resource .field .failure', 'This is no state.');
    await sound();
    await page.selectOption('.resource-head select', 'folder');
    await page.click('.opener');
    await sound();
    assert.deepEqual(complaints(page), []);
  });
}

test('every control has a name, and nothing has the same id twice', async (context) => {
  const { page, service } = await openedService(context, { service: filled() });
  await signIn(page, service, 'owner');
  await page.waitForSelector('.jobs li');
  for (const part of ['Resources', 'Templates', 'Audit', 'Exports']) {
    await page.click(`.parts >> text=${part}`);
    await page.waitForSelector('#service :is(.jobs li, .audit td, .fields td)');
    const unnamed = await page.$$eval('#service :is(button, input, select, textarea, a)', (controls) =>
      controls.filter((control) => !(control.getAttribute('aria-label') || control.labels?.[0]?.textContent.trim() || control.textContent.trim())).map((control) => control.outerHTML),
    );
    assert.deepEqual(unnamed, []);
    const ids = await page.$$eval('[id]', (elements) => elements.map(({ id }) => id));
    assert.equal(new Set(ids).size, ids.length);
  }
});

/** Presses Tab until the focus is on an element, as somebody without a mouse does. */
async function tabTo(page, selector) {
  for (let presses = 0; presses < 100; presses += 1) {
    await page.keyboard.press('Tab');
    const there = await page.evaluate((wanted) => {
      const focused = document.activeElement;
      if (focused === document.body) return false;
      if (getComputedStyle(focused).outlineStyle === 'none') throw new Error(`the focus cannot be seen on ${focused.outerHTML}`);
      return focused.matches(wanted);
    }, selector);
    if (there) return;
  }
  assert.fail(`Tab never comes to ${selector}`);
}

test('an export is asked for, watched, downloaded and deleted with the keyboard alone', async (context) => {
  const service = new FakeService();
  // An address that names an element would have Tab begin there.
  const { page } = await openedService(context, { service, part: '/' });
  await page.waitForSelector('.sign-in');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the service');
  await page.keyboard.press('Enter');
  await tabTo(page, '.sign-in input');
  await page.keyboard.type(service.key('owner'));
  await page.keyboard.press('Enter');
  await page.waitForSelector('.workspace');
  assert.equal(await page.evaluate(() => document.activeElement.className), 'who');
  await tabTo(page, '.new-export [value="memories"]');
  await tabTo(page, '.new-export .primary');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.jobs li');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Start the export');
  const [job] = service.exports;
  await tabTo(page, '.jobs button');
  service.move(job.id, READY);
  // The focus stays where it is when the job changes under it.
  await says(page, '.jobs .status', 'Ready');
  assert.equal(await page.evaluate(() => document.activeElement.matches('.jobs button')), true);
  await page.keyboard.press('Shift+Tab');
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  assert.equal(download.suggestedFilename(), 'memories.csv');
  await tabTo(page, '.jobs button');
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog[open]');
  // Enter alone deletes nothing.
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Cancel');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await says(page, '.list-status', 'There are no such exports.');
  assert.deepEqual(service.exports, []);
});

/** A resource with a foreign text wherever one can stand. */
function oddResource(text) {
  const field = (more) => ({ name: text(), type: 'string', description: text(), ...more });
  return {
    name: 'odd',
    label: text(),
    description: text(),
    formats: ['json', text()],
    by_id: false,
    records: { inner: { fields: [field({ enum: [text(), text()] }), field({ type: text() })] } },
    record: { fields: [field({ type: 'records', record: 'inner' }), field({ type: 'count', of: text() }), field({ type: 'array', items: text() })] },
    envelope: [{ name: text(), holds: 'text', text: text(), description: text() }],
    filters: [field({ test: 'equals', enum: [text(), text()] }), field({ test: 'one_of', most: 3, enum: [text(), text()] }), field({ test: 'is_null', type: 'boolean' }), field({ test: text(), type: text() })],
    switches: [{ name: text(), description: text(), fields: [text()], default: true }],
  };
}

test('texts of the service stay texts, wherever they are shown', async (context) => {
  const service = new FakeService();
  const { page } = await openedService(context, { service, role: 'owner' });
  const foreign = [];
  page.on('request', (request) => request.url().includes('foreign.test') && foreign.push(request.url()));
  const elements = () =>
    page.evaluate(() => document.querySelectorAll('script:not([src="./main.js"]), img:not([src="./favicon.svg"]), svg, math, form[action], video, audio, object, embed, iframe:not(#preview iframe), base, #service :is(style, link, meta), [onerror], [onload], [onfocus]').length);
  const TEXTS = ['name', 'email', 'role', 'account_id'];
  const me = service.people[service.key('owner')];
  let next = 0;
  const text = () => PAYLOADS[next++ % PAYLOADS.length];
  while (next < PAYLOADS.length) {
    for (const member of TEXTS) me[member] = text();
    service.exports = [];
    for (let index = 0; index < 10; index += 1) {
      const job = service.add({ user_id: text(), agent_id: text(), categories: [text(), text()], created_by: text(), source: { type: text(), title: text() }, format: text() });
      Object.assign(job, index % 2 === 0 ? { status: 'FAILED', error: { code: text(), message: text() } } : { status: 'READY', file_name: text(), row_count: 1, file_size: 1, expires_at: text(), report: { warnings: [{ message: text() }] } });
    }
    service.exports.push({ ...service.exports[0], id: text() });
    service.templates = Array.from({ length: 130 }, (_, index) => ({ id: `${index}`, name: text(), format: text(), system: false, template: { [text()]: text() }, updated_at: text() }));
    service.audit = Array.from({ length: 10 }, (_, id) => ({ id, at: text(), user_id: text(), action: text(), target_type: text(), target_id: text(), details: { [text()]: text(), list: [text()] } }));
    service.resources = [oddResource(text)];
    await page.reload();
    await page.waitForSelector('.jobs li');
    assert.equal(await page.textContent('.who'), `${me.name} ${me.role} of ${me.account_id}`);
    await page.$$eval('.jobs details', (all) => all.forEach((details) => (details.open = true)));
    const titles = await page.$$eval('.jobs h3', (all) => all.map((each) => each.textContent));
    assert.deepEqual(titles, service.exports.slice(0, 10).map(({ source }) => source.title || 'Memories'));
    service.fault('POST /v1/exports', { status: 422, code: text(), message: `x${text()}`, details: { parameter: text() } });
    await page.click('.new-export .primary');
    await page.waitForSelector('.new-export form > .failure:not(:empty)');
    await page.click('.parts a >> nth=1');
    await page.waitForSelector('.fields td');
    await page.click('.opener');
    service.fault('GET /v1/resources/odd/export', { status: 422, code: text(), message: `x${text()}`, details: { parameter: text() } });
    await page.click('.resource .primary');
    await page.waitForSelector('.resource form > .failure:not(:empty)');
    assert.equal(await elements(), 0);
    await page.click('.parts a >> nth=2');
    await page.waitForSelector('.jobs pre', { state: 'attached' });
    await page.$$eval('.jobs details', (all) => all.forEach((details) => (details.open = true)));
    await page.click('.parts a >> nth=3');
    await page.waitForSelector('.audit td');
    assert.equal(await elements(), 0);
    await page.click('.parts a >> nth=0');
    assert.equal(await page.evaluate(() => window.ran), undefined);
  }
  assert.deepEqual(foreign, []);
  assert.deepEqual(complaints(page), []);
});
