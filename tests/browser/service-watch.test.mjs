// How often the page asks after jobs: ever more seldom, only while somebody looks, and not at all when there are none.
import assert from 'node:assert/strict';
import test from 'node:test';
import { openedService, says, signIn } from './service-page.mjs';

const NOON = new Date('2026-01-31T12:00:00Z');

/** The view with one job in it and a clock that only a test moves on. */
async function watching(context) {
  const { page, service } = await openedService(context, { apart: true });
  await page.clock.install({ time: NOON });
  await page.reload();
  // As long as the clock goes on by itself there is no job, so nothing that was asked meanwhile can arrive later.
  await signIn(page, service, 'viewer');
  await says(page, '.list-status', 'There are no such exports.');
  await page.clock.pauseAt(new Date(NOON.getTime() + 3_600_000));
  const job = service.add({ row_count: 0 });
  await page.click('text=Refresh');
  await page.waitForSelector('.jobs li');
  const asked = () => service.requests.filter(({ path }) => path === `/v1/exports/${job.id}`).length;
  return { page, service, job, asked };
}

/** Lets time pass up to the next question, which comes then and not before. */
async function pass({ page, service, job, asked }, milliseconds) {
  const before = asked();
  await page.clock.runFor(milliseconds - 1);
  assert.equal(asked(), before, `it asks before ${milliseconds} ms`);
  const rows = before + 1000;
  service.move(job.id, { row_count: rows });
  await page.clock.runFor(1);
  await says(page, '.facts', `${rows.toLocaleString('en')} rows`);
  assert.equal(asked(), before + 1);
}

test('the pauses grow from one second to five, and begin anew when a job changes', async (context) => {
  const watch = await watching(context);
  const { page, service, job } = watch;
  for (const pause of [1000, 1500, 2250, 3375, 5000, 5000]) await pass(watch, pause);
  service.move(job.id, { status: 'PROCESSING' });
  await page.clock.runFor(5000);
  await says(page, '.status', 'In progress');
  for (const pause of [1000, 1500]) await pass(watch, pause);
});

test('nothing is asked while nobody looks, and soon when somebody does again', async (context) => {
  const { page, service, job, asked } = await watching(context);
  const quiet = async () => {
    const before = asked();
    await page.clock.runFor(60_000);
    assert.equal(asked(), before);
  };
  await page.click('.site-header >> text=Your table');
  await quiet();
  // The list is asked for anew; what it says now shows that it has come.
  service.move(job.id, { row_count: 7 });
  await page.click('.site-header >> text=Service');
  await says(page, '.facts', '7 rows');
  const hide = (hidden) =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { value, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  await hide(true);
  await quiet();
  await hide(false);
  service.move(job.id, { status: 'PROCESSING' });
  await page.clock.runFor(1000);
  await says(page, '.status', 'In progress');
  service.move(job.id, { status: 'READY', row_count: 1, file_size: 1 });
  await page.clock.runFor(1000);
  await says(page, '.status', 'Ready');
  await quiet();
});

test('a service that wants to be left alone is, and what keeps the page from asking is told', async (context) => {
  const { page, service, job, asked } = await watching(context);
  service.fault(`GET /v1/exports/${job.id}`, { status: 429, code: 'RATE_LIMITED', message: 'Too many requests.', headers: { 'Retry-After': '20' } });
  await page.clock.runFor(1000);
  await says(page, '.watch-trouble', 'Too many requests. Try again in 20 seconds. The states shown may be old.');
  const before = asked();
  await page.clock.runFor(19_999);
  assert.equal(asked(), before);
  service.move(job.id, { status: 'PROCESSING' });
  await page.clock.runFor(1);
  await says(page, '.status', 'In progress');
  assert.equal(await page.textContent('.watch-trouble'), '');
});
