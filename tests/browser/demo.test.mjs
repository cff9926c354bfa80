// The demo page: its buttons save what Node writes, its form makes templates, and it fits every screen.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { exportFile, formats } from '../../pkg/load/node.js';
import { downloadBy, launch, open, serve, SITE } from './site.mjs';

const BUILT = formats.filter(({ built }) => built).map(({ id }) => id);
const ROWS = JSON.parse(await readFile(join(SITE, 'data/matches.json'), 'utf8'));

const site = await serve(SITE);
const browser = await launch();
after(async () => {
  await browser.close();
  site.close();
});

const ready = (page) => page.waitForSelector('#preview > *');

async function opened(context, options) {
  const page = await open(browser, site.url, options);
  context.after(() => page.close());
  await ready(page);
  return page;
}

/** The page with other rows behind it. */
async function openedWith(context, rows) {
  const page = await browser.newPage();
  context.after(() => page.close());
  page.complaints = [];
  page.on('pageerror', (error) => page.complaints.push(error.message));
  page.on('dialog', (dialog) => {
    page.complaints.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  await page.route('**/data/matches.json', (route) => route.fulfill({ json: rows }));
  await page.goto(site.url);
  await ready(page);
  return page;
}

async function bytesOf(rows, options) {
  return Buffer.from(await (await exportFile(rows, { filename: 'matches', ...options })).arrayBuffer());
}

async function setTemplate(page) {
  await page.uncheck('[aria-label="Keep the column division"]');
  await page.fill('[aria-label="Heading of the column home_team"]', 'Home <team>');
  await page.fill('#header-text', 'Matches & "more"');
  await page.fill('#footer-text', '{rows} matches');
}

const TEMPLATE = {
  column_mapping: { date: 'date', home_team: 'Home <team>', away_team: 'away_team', home_score: 'home_score', away_score: 'away_score' },
  header_text: 'Matches & "more"',
  footer_text: '{rows} matches',
};

test('there is one button for each format that is built', async (context) => {
  const page = await opened(context);
  const offered = await page.$$eval('#formats button', (buttons) => buttons.map(({ dataset }) => dataset.format));
  assert.deepEqual(offered, BUILT);
  assert.deepEqual(page.complaints, []);
});

for (const format of BUILT) {
  test(`the ${format} button saves the bytes that Node writes, and the report says so`, async (context) => {
    const page = await opened(context);
    const { name, bytes } = await downloadBy(page, `button[data-format="${format}"]`);
    const file = await exportFile(ROWS, { format, filename: 'matches' });
    assert.equal(name, file.name);
    assert.equal(bytes.equals(await bytesOf(ROWS, { format })), true);
    await page.waitForSelector('#report .success');
    assert.match(await page.textContent('#report'), /6,508 rows, 6 columns, .* made in .* ms\./);
    assert.deepEqual(page.complaints, []);
  });

  test(`the ${format} button follows the template form`, async (context) => {
    const page = await opened(context);
    await setTemplate(page);
    const { bytes } = await downloadBy(page, `button[data-format="${format}"]`);
    assert.equal(bytes.equals(await bytesOf(ROWS, { format, template: TEMPLATE })), true);
    await page.click('button[type="reset"]');
    const again = await downloadBy(page, `button[data-format="${format}"]`);
    assert.equal(again.bytes.equals(await bytesOf(ROWS, { format })), true);
  });

  test(`the preview shows the first rows as ${format}`, async (context) => {
    const page = await opened(context);
    await page.check(`input[name="preview-format"][value="${format}"]`, { force: true });
    await setTemplate(page);
    const expected = (await bytesOf(ROWS.slice(0, 8), { format, template: TEMPLATE })).toString();
    await page.waitForFunction((text) => {
      const shown = document.querySelector('#preview').firstElementChild;
      return (shown.srcdoc ?? shown.textContent) === text;
    }, expected);
    assert.deepEqual(page.complaints, []);
  });
}

test('rows that try to be markup, formulas or scripts stay text', async (context) => {
  const nasty = '<img src=x onerror=alert(1)><script>alert(2)</script>';
  const rows = [{ [nasty]: nasty, formula: '=1+1', __name__: null }, { [nasty]: '</table>', formula: '\u2028' }];
  const page = await openedWith(context, rows);
  assert.equal(await page.textContent('#table td'), nasty);
  for (const format of BUILT) {
    await page.check(`input[name="preview-format"][value="${format}"]`, { force: true });
    const { bytes } = await downloadBy(page, `button[data-format="${format}"]`);
    assert.equal(bytes.equals(await bytesOf(rows, { format })), true);
  }
  await page.check('input[name="preview-format"][value="html"]', { force: true });
  await page.waitForSelector('#preview iframe');
  await page.frameLocator('#preview iframe').locator('td').first().waitFor();
  assert.deepEqual(page.complaints, []);
});

test('the report names what was changed, and an export that fails says why', async (context) => {
  const rows = [{ formula: '=1+1' }];
  const page = await openedWith(context, rows);
  await downloadBy(page, 'button[data-format="csv"]');
  await page.waitForSelector('#report li');
  const { report } = await exportFile(rows, { format: 'csv' });
  assert.deepEqual(await page.$$eval('#report li', (items) => items.map((item) => item.textContent)), report.warnings.map(({ message }) => message));

  await page.route('**/core_bg.wasm', (route) => route.abort());
  await page.route('**/data/matches.json', (route) => route.fulfill({ json: rows }));
  await page.reload();
  await page.waitForSelector('#preview .failure');
  await page.click('button[data-format="csv"]');
  await page.waitForSelector('#report .failure');
  assert.match(await page.textContent('#report'), /^No file was made\. The engine could not be loaded/);
  await page.unroute('**/core_bg.wasm');
  await downloadBy(page, 'button[data-format="csv"]');
});

test('data that do not come are told in words', async (context) => {
  const page = await browser.newPage();
  context.after(() => page.close());
  await page.route('**/data/matches.json', (route) => route.fulfill({ status: 500 }));
  await page.goto(site.url);
  await page.waitForSelector('#report .failure');
  assert.match(await page.textContent('#report'), /the server answered 500/);
});

test('the table turns its pages', async (context) => {
  const page = await opened(context);
  const range = () => page.textContent('#page-range');
  assert.equal(await range(), '1–10 of 6,508');
  assert.equal(await page.isDisabled('#page-previous'), true);
  await page.click('#page-next');
  assert.equal(await range(), '11–20 of 6,508');
  await page.click('#page-last');
  assert.equal(await range(), '6,501–6,508 of 6,508');
  assert.equal(await page.isDisabled('#page-next'), true);
  await page.selectOption('#page-size', '100');
  assert.equal(await page.locator('#table tbody tr').count(), 8);
  await page.click('#page-first');
  assert.equal(await page.locator('#table tbody tr').count(), 100);
});

test('numbers stand at the right, and the header stays in view', async (context) => {
  const page = await opened(context);
  await page.selectOption('#page-size', '100');
  const style = (selector, name) => page.$eval(selector, (element, property) => getComputedStyle(element)[property], name);
  assert.equal(await style('#table tbody tr td:nth-child(5)', 'textAlign'), 'end');
  assert.equal(await style('#table tbody tr td:nth-child(3)', 'textAlign'), 'start');
  await page.$eval('#table-scroll', (region) => region.scrollTo(0, 500));
  const [region, head] = await page.$$eval('#table-scroll, #table th:first-child', (elements) => elements.map((element) => element.getBoundingClientRect().top));
  assert.equal(Math.abs(head - region) < 3, true, `the header is at ${head}, its region at ${region}`);
});

test('every control has a name, and what changes is announced', async (context) => {
  const page = await opened(context);
  const unnamed = await page.$$eval('button, input, select, iframe', (controls) =>
    controls
      .filter((control) => !(control.getAttribute('aria-label') || control.title || control.labels?.[0]?.textContent.trim() || control.textContent.trim()))
      .map((control) => control.outerHTML),
  );
  assert.deepEqual(unnamed, []);
  assert.equal(await page.getAttribute('#report', 'aria-live'), 'polite');
});

for (const colorScheme of ['light', 'dark']) {
  for (const width of [320, 390, 768, 1280]) {
    test(`nothing sticks out of a ${colorScheme} page of ${width} px`, async (context) => {
      const page = await opened(context, { colorScheme, viewport: { width, height: 800 } });
      await downloadBy(page, `button[data-format="${BUILT[0]}"]`);
      await page.waitForSelector('#report .success');
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
      const [red] = (await page.$eval('body', (body) => getComputedStyle(body).backgroundColor)).match(/\d+/);
      assert.equal(Number(red) < 128, colorScheme === 'dark');
    });
  }
}
