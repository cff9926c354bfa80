// The service's view of the page: who gets in, what each role is offered, and what is said when things go wrong.
import assert from 'node:assert/strict';
import test from 'node:test';
import { complaints, offers, openedService, says, signIn, unreachable } from './service-page.mjs';
import { blankPage, site } from './site.mjs';

const shown = (page, selector) => page.waitForSelector(selector, { state: 'visible' });

test('nothing is asked of the service until its view is looked at', async (context) => {
  const { page, service, url } = await openedService(context);
  await shown(page, '.sign-in');
  service.requests.length = 0;
  await page.goto(`${url}/#demo`);
  await page.reload();
  await shown(page, '#preview > *');
  assert.deepEqual(service.requests, []);
  await page.click('.site-header >> text=Service');
  await shown(page, '.sign-in');
  assert.deepEqual(service.requests.map(({ method, path }) => `${method} ${path}`), ['GET /v1/me']);
  assert.equal(await page.isHidden('#table'), true);
  await page.goBack();
  await shown(page, '#table');
  assert.deepEqual(complaints(page), []);
});

test('a wrong key is refused in words, a right one signs in, and the page keeps neither', async (context) => {
  const { page, service } = await openedService(context);
  await page.fill('.sign-in input', 'tc_wrong');
  await page.keyboard.press('Enter');
  await says(page, '.sign-in .failure', 'This key is not valid');
  assert.equal(await page.inputValue('.sign-in input'), '');
  assert.equal(await page.getAttribute('.sign-in input', 'aria-invalid'), 'true');

  await signIn(page, service, 'owner');
  assert.equal(await page.textContent('.who'), 'Ada owner owner of acme');
  const kept = await page.evaluate(() => [document.documentElement.outerHTML, JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie, location.href].join());
  assert.equal(kept.includes(service.key('owner')), false);
  assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length), 0);

  // The cookie holds for the next visit.
  await page.reload();
  await shown(page, '.workspace');
  assert.deepEqual(complaints(page), []);
});

const EXPORTS = ['Exports', 'Resources', 'Sign out', 'Refresh', 'Download'];
const OFFERS = {
  owner: ['Templates', 'Audit', ...EXPORTS, 'Start the export', 'Delete'],
  member: [...EXPORTS, 'Start the export'],
  viewer: EXPORTS,
};

for (const [role, expected] of Object.entries(OFFERS)) {
  test(`what ${role}s may do is offered, and nothing else`, async (context) => {
    const { page, service } = await openedService(context);
    service.move(service.add().id, { status: 'READY', file_name: 'memories.csv', row_count: 1, file_size: 5 });
    await signIn(page, service, role);
    await shown(page, '.jobs li');
    assert.deepEqual((await offers(page)).sort(), expected.toSorted());
    // Nor does an address lead there.
    await page.evaluate(() => (location.hash = '#service/audit'));
    await shown(page, role === 'owner' ? '.audit td' : '.jobs li');
    assert.equal(await page.isVisible('#audit-title'), role === 'owner');
    assert.equal(service.audit.some(({ action }) => action === 'permission.denied'), false);
    assert.deepEqual(complaints(page), []);
  });
}

test('permissions decide, not the name of the role', async (context) => {
  const { page, service } = await openedService(context);
  service.people[service.key('owner')].permissions = ['exports:download', 'exports:delete'];
  service.add();
  await signIn(page, service, 'owner');
  await shown(page, '.jobs li');
  assert.deepEqual((await offers(page)).sort(), ['Delete', 'Exports', 'Refresh', 'Resources', 'Sign out']);
});

test('signing out ends the session and takes all of it off the page', async (context) => {
  const { page, service } = await openedService(context, { role: 'owner' });
  await unreachable(page, '/v1/session');
  await page.click('text=Sign out');
  await says(page, '.session .failure', 'The service cannot be reached.');
  await page.click('text=Sign out');
  await says(page, '.sign-in', 'You are signed out.');
  assert.equal(await page.textContent('#service').then((text) => text.includes('Ada')), false);
  assert.equal(await page.evaluate(() => document.activeElement.matches('.sign-in input')), true);
  await page.reload();
  await shown(page, '.sign-in');
});

test('a session that has ended leads back to the sign-in, whatever was being done', async (context) => {
  const { page, service } = await openedService(context, { role: 'owner' });
  const job = service.add();
  await page.click('text=Refresh');
  await shown(page, `[data-id="${job.id}"]`);
  await page.click(`[data-id="${job.id}"] >> text=Delete`);
  await shown(page, 'dialog[open]');
  service.endSessions();
  // It is the watch that finds out, and the question goes away with the rest.
  await says(page, '.sign-in', 'Your session has ended.');
  assert.equal(await page.locator('dialog[open]').count(), 0);

  await signIn(page, service, 'owner');
  service.endSessions();
  await page.click('text=Start the export');
  await says(page, '.sign-in', 'Your session has ended.');
});

test('a denied request, a lost connection and an answer without reason are told in sentences', async (context) => {
  const { page, service } = await openedService(context, { role: 'owner' });
  const refreshed = async (fault, text) => {
    if (fault !== undefined) service.fault('GET /v1/exports', fault);
    await page.click('text=Refresh');
    await says(page, '.history .failure', text);
  };
  await shown(page, '.history .list-status');
  await unreachable(page, '/v1/exports');
  await refreshed(undefined, 'The service cannot be reached. Check the connection, then try again.');
  await refreshed({ status: 502, text: '<h1>Bad gateway</h1>' }, 'The service answered 502 without a reason.');
  await refreshed(
    { status: 403, code: 'FORBIDDEN', message: 'Your role does not allow this', details: { permission: 'exports:download' } },
    'Your role does not allow this. It takes the permission exports:download.',
  );
  await refreshed({ status: 429, code: 'RATE_LIMITED', message: 'Too many requests.', headers: { 'Retry-After': '17' } }, 'Too many requests. Try again in 17 seconds.');
  service.add();
  await page.click('.history button:text("Try again")');
  await shown(page, '.jobs li');
  assert.equal(await page.locator('.history .failure:not(:empty)').count(), 0);
});

test('a service that answers late is waited for', async (context) => {
  const { page, service } = await openedService(context, { role: 'owner' });
  let go;
  service.fault('GET /v1/exports', { until: new Promise((resolve) => (go = resolve)) });
  await page.click('text=Refresh');
  await says(page, '.history', 'Loading…');
  // What is asked for later counts; the first answer comes too late for it.
  service.add({ format: 'json' });
  await page.selectOption('[aria-label="Format"]', 'json');
  await shown(page, '.jobs li');
  service.add({ format: 'csv' });
  go();
  await page.click('text=Refresh');
  await page.waitForFunction(() => document.querySelector('.history .list-trouble').hidden);
  assert.equal(await page.locator('.jobs li').count(), 1);
});

test('a page without a service says so', async (context) => {
  const page = await blankPage(context);
  await page.goto(`${(await site()).url}/#service`);
  await says(page, '.notice', 'This page is served without the service.');
  // The table needs none.
  await page.click('text=Your table');
  await shown(page, '#preview > *');
});

test('a key or a file that misses its field in the service view does not become a table', async (context) => {
  const { page, service } = await openedService(context);
  await shown(page, '.sign-in');
  const title = await page.textContent('#table-title');
  const prevented = await page.evaluate((text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', text);
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(['[{"a":1}]'], 'a.json'));
    const drop = new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true });
    document.body.dispatchEvent(new DragEvent('dragover', { dataTransfer, bubbles: true, cancelable: true }));
    document.body.dispatchEvent(drop);
    return drop.defaultPrevented && !document.body.classList.contains('drop');
  }, service.key('owner'));
  assert.equal(prevented, true);
  assert.equal(await page.locator('dialog[open]').count(), 0);
  assert.equal(await page.textContent('#table-title'), title);
});
