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
  await page.selectOption('#csv-terminator', { label: 'LF' });
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

test('a preset takes the place of the options', async (context) => {
  const rows = [{ name: 'Zoë', value: 1.5, yes: true }];
  const page = await opened(context, { rows });
  await page.click('#format-options summary');
  await page.selectOption('#csv-delimiter', { label: 'Pipe' });
  await page.selectOption('#preset', { label: 'Excel in German' });
  assert.equal(await page.isHidden('#csv-delimiter'), true);
  const { bytes } = await downloaded(page);
  assert.equal(bytes.toString(), '\uFEFFname;value;yes\r\nZoë;1,5;WAHR\r\n');
  await page.selectOption('#preset', { label: 'My own settings' });
  assert.equal((await downloaded(page)).bytes.toString(), 'name|value|yes\r\nZoë|1.5|true\r\n');
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

test('types, number formats, alignment and totals of columns are in the template, the preview and the file', async (context) => {
  const page = await opened(context, { rows: FIRST });
  const column = page.locator('li[data-key="home_score"]');
  await page.click('[aria-label="More for home_score"]');
  await column.getByLabel('Number format').fill('0.00');
  await column.getByLabel('Alignment').selectOption({ label: 'Left' });
  await column.getByLabel('Total').selectOption({ label: 'Sum' });
  const template = { column_mapping: ['date', 'division', 'home_team', 'away_team', { key: 'home_score', format: '0.00', align: 'left', total: 'sum' }, 'away_score'] };
  assert.deepEqual(JSON.parse(await page.inputValue('#template-json')), { format: 'csv', ...template });
  await choose(page, 'html');
  const { bytes } = await downloaded(page);
  assert.equal(bytes.equals(await bytesOf(FIRST, { format: 'html', template })), true);
  assert.match(bytes.toString(), new RegExp(`${FIRST.reduce((sum, row) => sum + row.home_score, 0)}\\.00`));

  await page.click('.template-json summary');
  await page.fill('#template-json', JSON.stringify({ column_mapping: [{ key: 'home_score', type: 'percent', width: 12 }] }));
  await page.waitForFunction(() => document.querySelectorAll('[data-sort]').length === 1);
  assert.equal(await column.getByLabel('Type').evaluate((select) => select.selectedOptions[0].textContent), 'Percent');
  await column.getByLabel('Type').selectOption({ label: 'Text' });
  assert.deepEqual(JSON.parse(await page.inputValue('#template-json')).column_mapping, [{ key: 'home_score', type: 'text', width: 12 }]);
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
  // The export goes on in messages of its own. They are held once it is long, so that it cannot end before it is cancelled.
  await page.evaluate(() => {
    const { postMessage } = MessagePort.prototype;
    const held = [];
    let hold = () => document.querySelector('#progress').checkVisibility() && /^\d/.test(document.querySelector('#progress-text').textContent);
    MessagePort.prototype.postMessage = function (...message) {
      if (hold()) held.push(() => postMessage.apply(this, message));
      else postMessage.apply(this, message);
    };
    window.release = () => {
      hold = () => false;
      for (const send of held) send();
    };
  });
  await page.click('#download');
  await page.getByText(/^[\d,]+ of 1,000,000 rows, /).waitFor();
  const value = await page.$eval('#progress-bar', (bar) => bar.value);
  assert.equal(value > 0 && value < 1, true, `the bar is at ${value}`);
  // The page answers while the file is made.
  await page.click('#page-next');
  assert.match(await page.textContent('#page-range'), /^16–30 /);
  await page.focus('#cancel');
  await page.keyboard.press('Enter');
  await page.evaluate(() => window.release());
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

test('the table is copied as cells, also only the rows and columns that are chosen', async (context) => {
  const page = await opened(context, { rows: [{ code: '007', goals: 2, note: '=1' }, { code: '008', goals: 3, note: null }], permissions: ['clipboard-read', 'clipboard-write'] });
  await page.uncheck('[aria-label="Keep the column note"]');
  await page.fill('[aria-label="Heading of the column code"]', 'Code');
  await page.check('[aria-label="Select row 2"]');
  await page.check('#scope [value="selected"]');
  await page.click('#copy');
  await page.waitForSelector('#report .success');
  assert.match(await page.textContent('#report'), /^The table is on the clipboard: 1 row, 2 columns/);
  const [text, html] = await page.evaluate(async () => {
    const [item] = await navigator.clipboard.read();
    return Promise.all(['text/plain', 'text/html'].map(async (type) => (await item.getType(type)).text()));
  });
  assert.equal(text, 'Code\tgoals\n008\t3\n');
  assert.match(html, /<td[^>]*>008<\/td><td[^>]*>3<\/td>/);
  assert.deepEqual(page.complaints, []);
});

test('the table is printed as the page that HTML makes of it', async (context) => {
  const page = await opened(context, { rows: FIRST });
  await page.fill('#header-text', 'Three matches');
  await page.click('#print');
  await page.waitForSelector('#report .success');
  assert.match(await page.textContent('#report'), /^The print view is open: 3 rows, 6 columns/);
  const printed = await page.locator('body > iframe').getAttribute('srcdoc');
  assert.match(printed, /<h1>Three matches<\/h1>/);
  assert.equal(printed.split('<tr>').length - 1, 4);
  assert.deepEqual(page.complaints, []);
});
