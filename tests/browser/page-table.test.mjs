// The table of the page: sorted, filtered, picked from, turned.
import assert from 'node:assert/strict';
import test from 'node:test';
import { bytesOf, cells, downloaded, opened, ROWS, sized, textAs } from './page.mjs';

const announced = (page, text) => page.waitForFunction((wanted) => document.querySelector('#announcer').textContent.includes(wanted), text);
const sortOf = (page, key) => page.$eval(`[data-sort="${key}"]`, (button) => button.parentElement.getAttribute('aria-sort'));

test('a heading sorts up, down and not at all, and says so', async (context) => {
  const page = await opened(context);
  await page.click('[data-sort="home_score"]');
  await announced(page, 'sorted by home_score, ascending');
  assert.equal(await sortOf(page, 'home_score'), 'ascending');
  assert.deepEqual(new Set(await cells(page, 5)), new Set(['0']));
  await page.focus('[data-sort="home_score"]');
  await page.keyboard.press('Enter');
  await announced(page, 'sorted by home_score, descending');
  assert.equal(await sortOf(page, 'home_score'), 'descending');
  const most = Math.max(...ROWS.map((row) => row.home_score));
  assert.equal((await cells(page, 5))[0], String(most));
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('[aria-sort]') === null);
  assert.equal((await cells(page, 3))[0], ROWS[0].home_team);
});

test('equal rows keep their order, numbers go by value, and missing values come last both ways', async (context) => {
  const values = [10, 9, null, '9b', 'é', 'z', 9, 'É', true];
  const page = await opened(context, { rows: values.map((value, index) => ({ value, index })) });
  const order = async () => (await cells(page, 2)).join();
  await page.click('[data-sort="value"]');
  await announced(page, 'ascending');
  assert.equal(await order(), '1,6,0,3,4,7,8,5,2');
  await page.click('[data-sort="value"]');
  await announced(page, 'descending');
  assert.equal(await order(), '5,8,7,4,3,0,1,6,2');
});

test('the file holds the rows as they are shown: filtered, sorted, with the columns kept', async (context) => {
  const page = await opened(context);
  await page.fill('#filter', 'real MADRID');
  const wanted = ROWS.filter((row) => /madrid/i.test(JSON.stringify(row)) && /real/i.test(JSON.stringify(row)));
  await sized(page, `${wanted.length} of 6,508 rows, 6 columns`);
  await page.click('[data-sort="date"]');
  await page.click('[data-sort="date"]');
  await announced(page, 'descending');
  await page.uncheck('[aria-label="Keep the column division"]');
  const sorted = [...wanted].sort((a, b) => (a.date < b.date ? 1 : a.date > b.date ? -1 : 0));
  const expected = sorted.map(({ division, ...rest }) => rest);
  assert.deepEqual(JSON.parse(await textAs(page, 'json')), expected);
  const lines = (await textAs(page, 'jsonl')).trimEnd().split('\n');
  assert.deepEqual(lines.map(JSON.parse), expected);
  assert.equal((await downloaded(page)).bytes.toString(), await bytesOf(expected, { format: 'jsonl' }).then(String));

  await page.check('#scope [value="all"]');
  assert.equal(JSON.parse(await textAs(page, 'json')).length, ROWS.length);
});

test('columns are filtered by a part of the text or by comparison', async (context) => {
  const page = await opened(context);
  await page.click('#column-filters');
  assert.equal(await page.evaluate(() => document.activeElement.dataset.filter), 'date');
  await page.fill('[data-filter="division"]', 'serie');
  await page.fill('[data-filter="home_score"]', '>= 5');
  await page.fill('[data-filter="date"]', '< 2016');
  const wanted = ROWS.filter((row) => row.division === 'Serie A' && row.home_score >= 5 && row.date < '2016');
  await sized(page, `${wanted.length} of 6,508 rows, 6 columns`);
  assert.deepEqual(JSON.parse(await textAs(page, 'json')), wanted);
  await page.click('#column-filters');
  await sized(page, '6,508 rows, 6 columns');
});

test('rows are selected one by one, as a range, and all that are shown', async (context) => {
  const page = await opened(context);
  await page.check('[aria-label="Select row 2"]');
  await page.click('[aria-label="Select row 5"]', { modifiers: ['Shift'] });
  await announced(page, '4 rows selected');
  await page.uncheck('[aria-label="Select row 3"]');
  await announced(page, '3 rows selected');
  await page.check('#scope [value="selected"]');
  const wanted = [ROWS[1], ROWS[3], ROWS[4]];
  assert.deepEqual(JSON.parse(await textAs(page, 'json')), wanted);
  assert.equal(await page.$eval('#select-shown', (box) => box.indeterminate), true);

  await page.fill('#filter', 'Arsenal');
  const arsenal = ROWS.filter((row) => JSON.stringify(row).includes('Arsenal'));
  await sized(page, `${arsenal.length} of 6,508 rows, 6 columns`);
  assert.match(await page.textContent('#selection-size'), /^3 selected, 3 of them filtered out$/);
  await page.check('#select-shown');
  await announced(page, `${arsenal.length + 3} rows selected`);
  assert.deepEqual(JSON.parse(await textAs(page, 'json')), [...wanted, ...arsenal]);

  await page.click('#clear-selection');
  assert.equal(await page.isHidden('#selection'), true);
  assert.equal(await page.isChecked('#scope [value="shown"]'), true);
});

test('columns are put in another order by button, by key and by dragging, in the table and in the file', async (context) => {
  const page = await opened(context);
  const headings = () => page.$$eval('[data-sort]', (buttons) => buttons.map((button) => button.textContent).join());
  await page.click('[aria-label="Move away_score up"]');
  assert.equal(await headings(), 'date,division,home_team,away_team,away_score,home_score');
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Move away_score up');
  await announced(page, 'away_score is now column 5 of 6');
  await page.focus('[aria-label="Heading of the column date"]');
  await page.keyboard.press('Alt+ArrowDown');
  assert.equal(await headings(), 'division,date,home_team,away_team,away_score,home_score');
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Heading of the column date');

  const place = async (key) => (await page.locator(`#columns li[data-key="${key}"] .handle`)).boundingBox();
  const [from, to] = [await place('home_score'), await place('division')];
  await page.mouse.move(from.x + 5, from.y + 5);
  await page.mouse.down();
  await page.mouse.move(to.x + 5, to.y + 40, { steps: 4 });
  await page.mouse.move(to.x + 5, to.y + 2, { steps: 4 });
  await page.mouse.up();
  assert.equal(await headings(), 'home_score,division,date,home_team,away_team,away_score');
  const [header] = (await textAs(page, 'csv')).split('\r\n');
  assert.equal(header, 'home_score,division,date,home_team,away_team,away_score');
  await page.click('#columns-none');
  assert.equal(await headings(), '');
  await page.click('#columns-all');
  assert.equal(await headings(), 'home_score,division,date,home_team,away_team,away_score');
  assert.deepEqual(page.complaints, []);
});

test('the table turns its pages', async (context) => {
  const page = await opened(context);
  const range = () => page.textContent('#page-range');
  assert.equal(await range(), '1–15 of 6,508');
  assert.equal(await page.isDisabled('#page-previous'), true);
  await page.click('#page-next');
  assert.equal(await range(), '16–30 of 6,508');
  await announced(page, 'Rows 16–30 of 6,508');
  await page.click('#page-last');
  assert.equal(await range(), '6,496–6,508 of 6,508');
  assert.equal(await page.isDisabled('#page-next'), true);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'page-previous');
  await page.selectOption('#page-size', '100');
  assert.equal(await range(), '6,401–6,500 of 6,508');
  await page.click('#page-first');
  assert.equal(await page.locator('#table tbody tr').count(), 100);
});

test('numbers stand at the right, and the header stays in view', async (context) => {
  const page = await opened(context);
  await page.selectOption('#page-size', '100');
  const style = (selector, name) => page.$eval(selector, (element, property) => getComputedStyle(element)[property], name);
  assert.equal(await style('#table tbody tr td:nth-child(6)', 'textAlign'), 'end');
  assert.equal(await style('#table tbody tr td:nth-child(4)', 'textAlign'), 'start');
  await page.$eval('#table-scroll', (region) => region.scrollTo(0, 500));
  const [region, head] = await page.$$eval('#table-scroll, #table th:first-child', (elements) => elements.map((element) => element.getBoundingClientRect().top));
  assert.equal(Math.abs(head - region) < 3, true, `the header is at ${head}, its region at ${region}`);
});
