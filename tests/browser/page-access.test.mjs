// Whoever comes to the page, and with whatever: keyboard, screen reader, phone, dark, colours of their own.
import assert from 'node:assert/strict';
import test from 'node:test';
import { violations } from './axe.mjs';
import { bytesOf, downloaded, opened, paste, ROWS } from './page.mjs';

const PROFILES = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  phone: { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true },
  'forced-colours': { forcedColors: 'active' },
};

for (const [name, profile] of Object.entries(PROFILES)) {
  test(`axe finds nothing to complain about on the ${name} page, in any of its states`, async (context) => {
    const page = await opened(context, profile);
    assert.deepEqual(await violations(page), []);

    await page.click('#column-filters');
    await page.click('[data-sort="date"]');
    await page.check('[aria-label="Select row 1"]');
    await page.uncheck('[aria-label="Keep the column division"]');
    await page.click('.template-json summary');
    await page.click('#format-options summary');
    await downloaded(page);
    await page.waitForSelector('#report .success');
    assert.deepEqual(await violations(page), []);

    await page.check('#formats [value="html"]', { force: true });
    await page.waitForSelector('#preview iframe');
    await page.fill('#template-json', '{"x');
    await page.waitForFunction(() => document.querySelector('#template-json-error').textContent !== '');
    assert.deepEqual(await violations(page), []);

    await paste(page, '{"a" 1}');
    await page.waitForSelector('#paste-dialog[open]');
    await page.waitForFunction(() => document.querySelector('#paste-error').textContent !== '');
    assert.deepEqual(await violations(page), []);
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

for (const colorScheme of ['light', 'dark']) {
  for (const width of [320, 390, 768, 1280]) {
    test(`nothing sticks out of a ${colorScheme} page of ${width} px`, async (context) => {
      const page = await opened(context, { colorScheme, viewport: { width, height: 800 } });
      await page.click('#column-filters');
      await page.click('#format-options summary');
      await page.click('.template-json summary');
      await page.check('#select-shown');
      await downloaded(page);
      await page.waitForSelector('#report .success');
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
      const [red] = (await page.$eval('body', (body) => getComputedStyle(body).backgroundColor)).match(/\d+/);
      assert.equal(Number(red) < 128, colorScheme === 'dark');
    });
  }
}
