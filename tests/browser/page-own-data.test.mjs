// One's own data on the page: pasted, chosen, dropped, and mended where they cannot be read.
import assert from 'node:assert/strict';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { bytesOf, cells, downloaded, opened, paste, sized, textAs } from './page.mjs';

// Digits, zeros and keys that go wrong where JavaScript's own numbers and objects are in between.
const EXACT = '[{"10":"first","id":12345678901234567890,"price":1.50,"2":null},\n {"10":"second","id":12345678901234567891,"price":-0,"late":{"a":[1.0]}}]';
const EXACT_CSV = '10,id,price,2,late\r\nfirst,12345678901234567890,1.50,,\r\nsecond,12345678901234567891,-0,,"{""a"":[1.0]}"\r\n';

const choose = (page, files) => page.setInputFiles('#file', files);
const file = (name, text, mimeType = '') => ({ name, mimeType, buffer: Buffer.from(text) });

/** Drops a file on the page, as a person does who drags it there. */
const drop = (page, name, text) =>
  page.evaluate(
    ([fileName, content]) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([content], fileName));
      const over = new DragEvent('dragover', { dataTransfer, bubbles: true, cancelable: true });
      document.body.dispatchEvent(over);
      if (!over.defaultPrevented || !document.body.classList.contains('drop')) throw new Error('the page does not take the file');
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    },
    [name, text],
  );

test('a JSON file is shown, and no digit of it is lost, whether all or some rows go into the file', async (context) => {
  const page = await opened(context);
  await choose(page, file('prices.json', EXACT, 'application/json'));
  await sized(page, '2 rows, 5 columns');
  assert.equal(await page.textContent('#table-title'), 'prices.json');
  assert.deepEqual(await page.$$eval('[data-sort]', (buttons) => buttons.map((button) => button.textContent)), ['10', 'id', 'price', '2', 'late']);
  assert.deepEqual(await cells(page, 2), ['12345678901234567890', '12345678901234567891']);
  assert.deepEqual(await cells(page, 3), ['1.50', '-0']);
  assert.deepEqual(await cells(page, 5), ['—', '{"a":[1.0]}']);

  const whole = await downloaded(page);
  assert.equal(whole.name, 'prices.csv');
  assert.equal(whole.bytes.toString(), EXACT_CSV);
  // The two ids are the same number to JavaScript.
  await page.click('[data-sort="id"]');
  await page.click('[data-sort="id"]');
  await page.waitForFunction(() => document.querySelector('#table tbody td:nth-child(3)').textContent.endsWith('1'));
  const [header, first, second, end] = EXACT_CSV.split('\r\n');
  assert.equal(await textAs(page, 'csv'), [header, second, first, end].join('\r\n'));
  assert.match(await textAs(page, 'json'), /12345678901234567891,\n {4}"price": -0/);

  await page.click('#matches');
  await sized(page, '6,508 rows, 6 columns');
  assert.deepEqual(page.complaints, []);
});

test('a pasted text is taken for what its first characters say', async (context) => {
  const page = await opened(context);
  await paste(page, '{"items": [{"name": "Zoë"}, {"name": "Max"}], "page": 1}');
  await sized(page, '2 rows, 1 column');
  assert.equal(await page.textContent('#data-warnings li'), 'Members beside the rows that were not written: “page”.');
  await paste(page, '{"n": 1}\n{"n": 2}\n{"n": 3}\n');
  await sized(page, '3 rows, 1 column');
  assert.equal(await page.isHidden('#data-status'), true);
  const { name, bytes } = await downloaded(page);
  assert.equal(name, 'pasted.csv');
  assert.equal(bytes.toString(), 'n\r\n1\r\n2\r\n3\r\n');
  assert.deepEqual(page.complaints, []);
});

test('a CSV file is a table, with its delimiter found and its zeros kept', async (context) => {
  const page = await opened(context);
  const text = 'code;name;amount\r\n007;"Müller; Söhne";1,5\r\n12345678901234567890;Zoë;\r\n';
  await choose(page, file('codes.csv', text, 'text/csv'));
  await sized(page, '2 rows, 3 columns');
  assert.deepEqual(await cells(page, 1), ['007', '12345678901234567890']);
  assert.deepEqual(await cells(page, 2), ['Müller; Söhne', 'Zoë']);
  assert.deepEqual(await cells(page, 3), ['1,5', '—']);
  assert.deepEqual(JSON.parse(await textAs(page, 'json')), [
    { code: '007', name: 'Müller; Söhne', amount: '1,5' },
    { code: '12345678901234567890', name: 'Zoë', amount: null },
  ]);

  // As a spreadsheet gives its cells.
  await paste(page, 'name\tgoals\nAjax\t3\nPSV\t12\n');
  await sized(page, '2 rows, 2 columns');
  await page.click('[data-sort="goals"]');
  await page.click('[data-sort="goals"]');
  await page.waitForFunction(() => document.querySelector('#table tbody td:nth-child(3)').textContent === '12');
  assert.equal(await textAs(page, 'csv'), 'name,goals\r\nPSV,12\r\nAjax,3\r\n');

  await paste(page, 'a,b\n1,"2');
  await page.waitForSelector('#paste-dialog[open]');
  assert.match(await page.textContent('#paste-error'), /not valid CSV/);
  await page.fill('#paste-text', 'a,b\n1,"2"');
  await page.selectOption('#paste-types', { label: 'Recognised' });
  await page.click('#paste-form button[type="submit"]');
  await sized(page, '1 row, 2 columns');
  assert.equal(await textAs(page, 'jsonl'), '{"a":1,"b":"2"}\n');
  await paste(page, 'a,b');
  await sized(page, '0 rows, 2 columns');
  assert.deepEqual(page.complaints, []);
});

test('a table with columns of its own is shown even without rows', async (context) => {
  const page = await opened(context);
  await paste(page, '{"columns": ["a", "b \\"x\\""], "rows": []}');
  await sized(page, '0 rows, 2 columns');
  assert.equal(await page.textContent('#page-range'), 'No rows');
  assert.equal((await downloaded(page)).bytes.toString(), 'a,"b ""x"""\r\n');
});

test('a compressed file is read, and its rows are exported', async (context) => {
  const page = await opened(context);
  await choose(page, { name: 'names.csv.gz', mimeType: 'application/gzip', buffer: gzipSync('name,code\nZoë,007\n') });
  await sized(page, '1 row, 2 columns');
  const { name, bytes } = await downloaded(page);
  assert.equal(name, 'names.csv');
  assert.equal(bytes.toString(), 'name,code\r\nZoë,007\r\n');
});

test('a file is dropped on the page', async (context) => {
  const page = await opened(context);
  await drop(page, 'lines.ndjson', '{"a":1}\n{"a":2}\n');
  await sized(page, '2 rows, 1 column');
  assert.equal(await page.textContent('#table-title'), 'lines.ndjson');
  assert.equal(await page.$eval('body', (body) => body.classList.contains('drop')), false);
});

test('wrong JSON is told with line and column, in the dialog at its place, and can be mended there', async (context) => {
  const page = await opened(context);
  await paste(page, '[{"a": 1},\n {"a" 2}]');
  await page.waitForSelector('#paste-dialog[open]');
  await page.waitForFunction(() => document.querySelector('#paste-error').textContent !== '');
  assert.equal(await page.textContent('#paste-error'), 'The input is not valid JSON: `:` belongs here (line 2, column 7).');
  const [start, line] = await page.$eval('#paste-text', (area) => [area.selectionStart, area.value.split('\n')[1][6]]);
  assert.equal(start, '[{"a": 1},\n'.length + 6);
  assert.equal(line, '2');
  assert.equal(await page.textContent('#table-title'), 'Football matches, 2013–2017');
  await page.fill('#paste-text', '[{"a": 1},\n {"a": 2}]');
  await page.click('#paste-form button[type="submit"]');
  await sized(page, '2 rows, 1 column');
  assert.equal(await page.isHidden('#paste-dialog'), true);
});

test('a file that cannot be read is told in words, and the table before it stays', async (context) => {
  const page = await opened(context);
  await choose(page, file('broken.json', '[{"a": 1},\n {"a": }]'));
  await page.waitForFunction(() => document.querySelector('#data-error').textContent !== '');
  assert.match(await page.textContent('#data-error'), /^“broken\.json” was not read\. The input is not valid JSON: .* \(line 2, column 8\)\.$/);
  await choose(page, file('number.json', '42'));
  await page.waitForFunction(() => document.querySelector('#data-error').textContent.startsWith('“number.json”'));
  assert.match(await page.textContent('#data-error'), /holds no table: it is a number/);
  assert.equal(await page.textContent('#table-title'), 'Football matches, 2013–2017');
  const { bytes } = await downloaded(page);
  assert.equal(bytes.length > 100_000, true);
});

test('the dialog finds a table below a path', async (context) => {
  const page = await opened(context);
  await page.click('#paste');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'paste-text');
  await page.fill('#paste-text', '{"result": {"list": [{"a": 1}, {"a": 2}]}}');
  assert.match(await page.$eval('#paste-format', (select) => select.selectedOptions[0].textContent), /: JSON$/);
  await page.fill('#paste-path', 'result.list');
  await page.keyboard.press('Enter');
  await sized(page, '2 rows, 1 column');
  assert.equal(await textAs(page, 'jsonl'), '{"a":1}\n{"a":2}\n');
});

test('names of members that every object has are columns like others', async (context) => {
  const page = await opened(context);
  const text = '[{"__proto__": 1, "constructor": 2, "toString": 3}, {"__proto__": 4}]';
  await paste(page, text);
  await sized(page, '2 rows, 3 columns');
  assert.deepEqual(await cells(page, 1), ['1', '4']);
  assert.deepEqual(await cells(page, 2), ['2', '—']);
  assert.equal((await downloaded(page)).bytes.equals(await bytesOf(text, { format: 'csv' })), true);
  await page.fill('[aria-label="Heading of the column __proto__"]', 'first');
  assert.match(await textAs(page, 'csv'), /^first,constructor,toString\r\n1,2,3\r\n/);
  assert.deepEqual(page.complaints, []);
});
