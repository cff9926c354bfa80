// The demo page: it saves what Node writes, its form makes templates, and it fits every screen.
import assert from 'node:assert/strict';
import test from 'node:test';
import { exportFile, formats } from '../../pkg/load/node.js';
import { bytesOf, choose, downloaded, opened, ROWS } from './page.mjs';

const BUILT = formats.filter(({ built }) => built).map(({ id }) => id);

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

for (const format of BUILT) {
  test(`the ${format} file and its preview follow the form, and are what Node writes`, async (context) => {
    const page = await opened(context);
    assert.deepEqual(await page.$$eval('#formats input', (radios) => radios.map(({ value }) => value)), BUILT);
    await choose(page, format);
    await setTemplate(page);
    const expected = (await bytesOf(ROWS.slice(0, 8), { format, template: TEMPLATE })).toString();
    await page.waitForFunction((text) => {
      const shown = document.querySelector('#preview').firstElementChild;
      return (shown.srcdoc ?? shown.textContent) === text;
    }, expected);
    const { bytes } = await downloaded(page);
    assert.equal(bytes.equals(await bytesOf(ROWS, { format, template: TEMPLATE })), true);

    await page.click('button[type="reset"]');
    const again = await downloaded(page);
    const file = await exportFile(ROWS, { format, filename: 'matches' });
    assert.equal(again.name, file.name);
    assert.equal(again.bytes.equals(await bytesOf(ROWS, { format })), true);
    // The report of the download before stood there without the sixth column.
    await page.waitForFunction(() => / 6 columns/.test(document.querySelector('#report').textContent));
    assert.match(await page.textContent('#report'), /6,508 rows, 6 columns, .* made in .* m?s\./);
    assert.deepEqual(page.complaints, []);
  });
}

test('rows that try to be markup, formulas or scripts stay text', async (context) => {
  const nasty = '<img src=x onerror=alert(1)><script>alert(2)</script>';
  const rows = [{ [nasty]: nasty, formula: '=1+1', __name__: null }, { [nasty]: '</table>', formula: '\u2028' }];
  const page = await opened(context, { rows });
  assert.equal(await page.textContent('#table td:nth-child(2)'), nasty);
  for (const format of BUILT) {
    await choose(page, format);
    const { bytes } = await downloaded(page);
    assert.equal(bytes.equals(await bytesOf(rows, { format })), true);
  }
  await choose(page, 'html');
  await page.waitForSelector('#preview iframe');
  await page.frameLocator('#preview iframe').locator('td').first().waitFor();
  assert.deepEqual(page.complaints, []);
});

test('the report names what was changed, and an export that fails says why', async (context) => {
  const rows = [{ formula: '=1+1' }];
  const page = await opened(context, { rows });
  await downloaded(page);
  await page.waitForSelector('#report li');
  const { report } = await exportFile(rows, { format: 'csv' });
  assert.deepEqual(await page.$$eval('#report li', (items) => items.map((item) => item.textContent)), report.warnings.map(({ message }) => message));

  await page.route('**/core_bg.wasm', (route) => route.abort());
  await page.reload();
  await page.waitForSelector('#preview .failure');
  await page.click('#download');
  await page.waitForSelector('#report .failure');
  assert.match(await page.textContent('#report'), /^No file was made\. The engine could not be loaded/);
  await page.unroute('**/core_bg.wasm');
  await downloaded(page);
});

test('data that do not come are told in words', async (context) => {
  const page = await opened(context);
  await page.route('**/data/matches.json', (route) => route.fulfill({ status: 500 }));
  await page.reload();
  await page.waitForSelector('#report .failure');
  assert.match(await page.textContent('#report'), /the server answered 500/);
});
