// The export panel of the page: options, names, templates as documents, long exports.
import assert from 'node:assert/strict';
import test from 'node:test';
import { bytesOf, choose, downloaded, opened, ROWS, sized } from './page.mjs';

const FIRST = ROWS.slice(0, 3);

test('options of a format change the file and the preview, and hold while other formats are looked at', async (context) => {
  const page = await opened(context, { rows: [{ name: 'Zoë; =1', value: 1.5 }, { name: '=1', value: null }] });
  await page.click('#format-options summary');
  await page.selectOption('#csv-delimiter', { label: 'Semicolon' });
  await page.selectOption('#csv-decimal', { label: 'Comma' });
  await page.selectOption('#csv-terminator', { label: 'LF (Unix)' });
  await page.check('#csv-bom');
  await page.uncheck('#csv-formulaGuard');
  const expected = '\uFEFFname;value\n"Zoë; =1";1,5\n=1;\n';
  await page.waitForFunction((text) => document.querySelector('#preview pre')?.textContent === text, expected.slice(1));
  await choose(page, 'json');
  assert.equal(await page.isHidden('#csv-delimiter'), true);
  await page.uncheck('#json-pretty');
  await page.fill('#json-root', 'items');
  assert.equal((await downloaded(page)).bytes.toString(), '{"items":[{"name":"Zoë; =1","value":1.5},{"name":"=1","value":null}]}');
  await choose(page, 'csv');
  assert.equal((await downloaded(page)).bytes.toString(), expected);
  await choose(page, 'html');
  await page.fill('#html-title', 'A <title>');
  await page.fill('#html-lang', 'de');
  assert.match((await downloaded(page)).bytes.toString(), /<html lang="de">[^]*<title>A &lt;title&gt;<\/title>/);
  assert.deepEqual(page.complaints, []);
});

test('options that contradict each other are told in the preview and in the report', async (context) => {
  const page = await opened(context, { rows: FIRST });
  await page.click('#format-options summary');
  await page.selectOption('#csv-decimal', { label: 'Comma' });
  await page.waitForSelector('#preview .failure');
  await page.click('#download');
  await page.waitForSelector('#report .failure');
  assert.match(await page.textContent('#report'), /^No file was made\. .*delimiter.*decimal/s);
});

test('the file has the name that is typed, made safe, else that of the template', async (context) => {
  const page = await opened(context, { rows: FIRST });
  await page.fill('#template-name', 'My matches');
  assert.equal((await downloaded(page)).name, 'My matches.csv');
  await page.fill('#filename', '../a:b');
  const { name } = await downloaded(page);
  assert.equal(/[/:]/.test(name), false, name);
  assert.match(name, /\.csv$/);
});

test('the template is shown as JSON, kept as a file, and taken from one', async (context) => {
  const page = await opened(context, { rows: FIRST });
  await page.click('.template-json summary');
  await page.uncheck('[aria-label="Keep the column division"]');
  await page.fill('[aria-label="Heading of the column date"]', 'Day');
  await page.fill('#template-name', 'Days');
  const { name, bytes } = await downloaded(page, '#template-save');
  assert.equal(name, 'Days.json');
  const saved = JSON.parse(bytes.toString());
  assert.deepEqual(saved, {
    name: 'Days',
    format: 'csv',
    column_mapping: { date: 'Day', home_team: 'home_team', away_team: 'away_team', home_score: 'home_score', away_score: 'away_score' },
  });
  assert.equal(await page.inputValue('#template-json'), bytes.toString());
  await page.click('button[type="reset"]');
  assert.equal(await page.inputValue('[aria-label="Heading of the column date"]'), 'date');

  const other = { name: 'Other', format: 'html', column_mapping: [{ key: 'away_team', label: 'Guest' }, 'home_team', 'referee'], header_text: '{name}' };
  await page.setInputFiles('#template-file', { name: 'other.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(other)) });
  await page.waitForFunction(() => document.querySelector('#template-name').value === 'Other');
  assert.equal(await page.isChecked('#formats [value="html"]'), true);
  assert.equal(await page.textContent('li[data-key="referee"] .note'), 'referee is not in the data.');
  const html = await downloaded(page);
  assert.equal(html.bytes.equals(await bytesOf(FIRST, { format: 'html', template: other, filename: 'Other' })), true);
  await page.waitForSelector('#report li');
  assert.match(await page.textContent('#report'), /The data has no column “referee”/);
  assert.deepEqual(page.complaints, []);
});

test('a template that is typed is in use as soon as it holds, and else says what is wrong with it', async (context) => {
  const page = await opened(context, { rows: FIRST });
  await page.click('.template-json summary');
  const error = (text) => page.waitForFunction((wanted) => document.querySelector('#template-json-error').textContent.includes(wanted), text);
  await page.fill('#template-json', '{"column_mapping": {"date": "Day"},\n "footer": "x"}');
  await error('has no field `footer`');
  assert.equal(await page.getAttribute('#template-json', 'aria-invalid'), 'true');
  await page.fill('#template-json', '{"column_mapping": {"date" "Day"}}');
  await error('line 1, column 28');
  await page.fill('#template-json', '{"column_mapping": {"date": "Day"}}');
  await page.waitForFunction(() => document.querySelectorAll('[data-sort]').length === 1);
  assert.equal(await page.textContent('#template-json-error'), '');
  assert.equal((await downloaded(page)).bytes.toString(), `Day\r\n${FIRST.map(({ date }) => `${date}\r\n`).join('')}`);
});

test('the preview of HTML stands in a frame that runs nothing', async (context) => {
  const page = await opened(context, { rows: FIRST });
  await choose(page, 'html');
  await page.fill('#header-text', '{name} of {date}');
  await page.waitForSelector('#preview iframe');
  assert.equal(await page.getAttribute('#preview iframe', 'sandbox'), '');
});

test('a long export shows how far it is, is cancelled without a file, and the page goes on', async (context) => {
  const page = await opened(context);
  const saved = [];
  page.on('download', (download) => saved.push(download.suggestedFilename()));
  await page.click('#million');
  await sized(page, '1,000,000 rows, 6 columns');
  await page.click('#download');
  await page.waitForSelector('#progress', { state: 'visible' });
  assert.match(await page.textContent('#progress-text'), /^[\d,]+ of 1,000,000 rows, /);
  const value = await page.$eval('#progress-bar', (bar) => bar.value);
  assert.equal(value > 0 && value < 1, true, `the bar is at ${value}`);
  // The page answers while the file is made.
  await page.click('#page-next');
  assert.match(await page.textContent('#page-range'), /^16–30 /);
  await page.focus('#cancel');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#progress', { state: 'hidden' });
  assert.equal(await page.textContent('#report'), 'Cancelled: no file was saved.');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'download');
  assert.deepEqual(saved, []);

  await page.fill('#filter', 'Bergen 12.5 T00:');
  await page.waitForFunction(() => /^[\d,]+ of 1,000,000 rows/.test(document.querySelector('#table-size').textContent));
  const { name, bytes } = await downloaded(page);
  assert.equal(name, 'readings.csv');
  assert.match(bytes.toString(), /^reading,time,station,temperature,humidity,checked\r\n(\d+,\d{4}-\d\d-\d\dT[^,]+,Bergen,[^\n]+\r\n)+$/);
  assert.deepEqual(page.complaints, []);
});
