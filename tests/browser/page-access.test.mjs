// Whoever comes to the page, and with whatever: keyboard, screen reader, phone, dark, colours of their own.
import assert from 'node:assert/strict';
import test from 'node:test';
import { violations, violationsInSchemes } from './axe.mjs';
import { bytesOf, downloaded, opened, paste, ROWS } from './page.mjs';

const PHONE = { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true };

for (const [name, profile, look] of [
  ['wide page, in each scheme of colours', {}, violationsInSchemes],
  ['page of a phone', PHONE, violations],
]) {
  test(`axe finds nothing to complain about on the ${name}, in any of its states`, async (context) => {
    const page = await opened(context, profile);
    assert.deepEqual(await look(page), []);

    await page.click('#column-filters');
    await page.click('[data-sort="date"]');
    await page.check('[aria-label="Select row 1"]');
    await page.uncheck('[aria-label="Keep the column division"]');
    await page.click('.template-json summary');
    await page.click('#format-options summary');
    await downloaded(page);
    await page.waitForSelector('#report .success');
    assert.deepEqual(await look(page), []);

    await page.check('#formats [value="html"]', { force: true });
    await page.waitForSelector('#preview iframe');
    await page.fill('#template-json', '{"x');
    await page.waitForFunction(() => document.querySelector('#template-json-error').textContent !== '');
    assert.deepEqual(await look(page), []);

    await paste(page, '{"a" 1}');
    await page.waitForSelector('#paste-dialog[open]');
    await page.waitForFunction(() => document.querySelector('#paste-error').textContent !== '');
    assert.deepEqual(await look(page, '#paste-dialog'), []);
  });
}

test('every control has a name, and what changes is announced', async (context) => {
  const page = await opened(context);
  const unnamed = await page.$$eval('button, input, select, textarea, iframe', (controls) =>
    controls
      .filter((control) => !(control.getAttribute('aria-label') || control.title || control.labels?.[0]?.textContent.trim() || control.textContent.trim()))
      .map((control) => control.outerHTML),
  );
  assert.deepEqual(unnamed, []);
  assert.equal(await page.getAttribute('#report', 'role'), 'status');
  assert.equal(await page.getAttribute('#announcer', 'role'), 'status');
});

/** Presses Tab until the focus is on an element, as somebody without a mouse does. */
async function tabTo(page, selector) {
  for (let presses = 0; presses < 150; presses += 1) {
    await page.keyboard.press('Tab');
    const there = await page.evaluate((wanted) => {
      const focused = document.activeElement;
      if (focused === null || focused === document.body) return false;
      const { outlineStyle } = getComputedStyle(focused.closest('.choice label') ?? focused);
      if (outlineStyle === 'none') throw new Error(`the focus cannot be seen on ${focused.outerHTML}`);
      return focused.matches(wanted);
    }, selector);
    if (there) return;
  }
  assert.fail(`Tab never comes to ${selector}`);
}

test('a table is filtered, sorted, picked from and saved with the keyboard alone', async (context) => {
  const page = await opened(context);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
  await page.keyboard.press('Enter');
  await tabTo(page, '#filter');
  await page.keyboard.type('Chelsea');
  await page.waitForFunction(() => / of 6,508 rows/.test(document.querySelector('#table-size').textContent));
  await tabTo(page, '[data-sort="home_team"]');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[aria-sort="ascending"]');
  await tabTo(page, '[data-row]');
  await page.keyboard.press('Space');
  await tabTo(page, '[aria-label="Keep the column division"]');
  await page.keyboard.press('Space');
  await tabTo(page, '[aria-label="Move home_team up"]');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await tabTo(page, '#formats :checked');
  await page.keyboard.press('ArrowRight');
  await tabTo(page, '#scope :checked');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await tabTo(page, '#download');
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  const text = await download.createReadStream().then(async (stream) => Buffer.concat(await stream.toArray()).toString());
  const [first] = ROWS.filter((row) => JSON.stringify(row).includes('Chelsea')).sort((a, b) => a.home_team.localeCompare(b.home_team, 'en'));
  assert.deepEqual(
    text,
    (await bytesOf([first], { format: 'json', columns: ['home_team', 'date', 'away_team', 'home_score', 'away_score'] })).toString(),
  );
});

test('Escape closes the dialog and gives the focus back', async (context) => {
  const page = await opened(context);
  await page.focus('#paste');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#paste-dialog[open]');
  await page.keyboard.press('Escape');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'paste');
});

test('nothing sticks out of a page of any width, and dark is dark', async (context) => {
  const page = await opened(context, { viewport: { width: 320, height: 800 } });
  await page.click('#column-filters');
  await page.click('#format-options summary');
  await page.click('.template-json summary');
  await page.check('#select-shown');
  await downloaded(page);
  await page.waitForSelector('#report .success');
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const width of [320, 390, 768, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      await page.waitForFunction((wanted) => innerWidth === wanted, width);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, `${colorScheme}, ${width} px`);
    }
    const [red] = (await page.$eval('body', (body) => getComputedStyle(body).backgroundColor)).match(/\d+/);
    assert.equal(Number(red) < 128, colorScheme === 'dark');
  }
});
