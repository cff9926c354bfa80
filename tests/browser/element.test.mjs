// <tablecast-button> by mouse, by keyboard and by script, under a strict policy.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportFile } from '../../pkg/load/node.js';
import { violations, violationsInSchemes } from './axe.mjs';
import { blankPage, downloadBy, runner } from './site.mjs';

const TABLE = { columns: ['Name', 'Code'], rows: [['Zoë', '007'], ['=1+1', '8']] };

async function opened(context, options) {
  const page = await blankPage(context, options);
  await page.goto(`${(await runner()).url}/element.html`);
  await page.waitForFunction(() => customElements.get('tablecast-button'));
  await page.evaluate(() => {
    window.events = [];
    for (const name of ['start', 'progress', 'done', 'error']) {
      document.addEventListener(`tablecast-${name}`, ({ type, target, detail }) => {
        window.events.push({ type: type.slice(10), id: target.id, ...detail, error: detail.error?.name === 'ExportError' ? detail.error.code : detail.error?.name });
      });
    }
  });
  return page;
}

const focused = (page) =>
  page.evaluate(() => {
    const { activeElement } = document;
    const inner = activeElement.shadowRoot?.activeElement;
    return [activeElement.id, inner?.textContent ?? null];
  });
const expanded = (page) => page.locator('#several').getByRole('button', { name: 'Export' }).getAttribute('aria-expanded');
const status = (page, id) => page.locator(`#${id} [role="status"]`);
const eventTypes = (page) => page.evaluate(() => window.events.map(({ type }) => type).filter((type) => type !== 'progress'));

/** Saves by what `act` does, and compares with what Node makes of the table. */
async function saves(page, act, format, options = {}) {
  const [download] = await Promise.all([page.waitForEvent('download'), act()]);
  const file = await exportFile(TABLE, { format, ...options });
  assert.equal(download.suggestedFilename(), file.name);
  const stream = await download.createReadStream();
  const chunks = await stream.toArray();
  assert.equal(Buffer.concat(chunks).equals(Buffer.from(await file.arrayBuffer())), true);
}

test('with one format it is a plain button that saves the table', async (context) => {
  const page = await opened(context);
  const button = page.locator('#single').getByRole('button', { name: 'Download CSV' });
  assert.equal(await button.getAttribute('aria-haspopup'), null);
  await saves(page, () => button.click(), 'csv');
  await status(page, 'single').getByText('CSV saved. Rows: 2. 1 text of column “Name”').waitFor();
  assert.deepEqual(await eventTypes(page), ['start', 'done']);
  assert.deepEqual(page.complaints, []);
});

test('with several formats it opens a menu of them', async (context) => {
  const page = await opened(context);
  const several = page.locator('#several');
  await several.getByRole('button', { name: 'Export' }).click();
  assert.deepEqual(await several.getByRole('menuitem').allTextContents(), ['CSV', 'JSON', 'JSON Lines', 'HTML', 'Copy', 'Print']);
  await saves(page, () => several.getByRole('menuitem', { name: 'JSON', exact: true }).click(), 'json', { filename: 'members' });
  assert.equal(await expanded(page), 'false');
  assert.deepEqual(await focused(page), ['several', 'Export']);
  await several.getByRole('button', { name: 'Export' }).click();
  await page.click('h1');
  assert.equal(await expanded(page), 'false');
  await several.getByRole('button', { name: 'Export' }).click();
  await several.getByRole('button', { name: 'Export' }).click();
  assert.equal(await expanded(page), 'false');
  assert.deepEqual(page.complaints, []);
});

test('the menu follows the keys of a menu button', async (context) => {
  const page = await opened(context);
  await page.focus('#several');
  const press = async (key, ...expected) => {
    await page.keyboard.press(key);
    assert.deepEqual(await focused(page), expected, key);
  };
  await press('Enter', 'several', 'CSV');
  await press('ArrowDown', 'several', 'JSON');
  await press('ArrowUp', 'several', 'CSV');
  await press('ArrowUp', 'several', 'Print');
  await press('ArrowDown', 'several', 'CSV');
  await press('End', 'several', 'Print');
  await press('Home', 'several', 'CSV');
  await press('j', 'several', 'JSON');
  await press('j', 'several', 'JSON Lines');
  await press('h', 'several', 'HTML');
  await press('q', 'several', 'HTML');
  await press('Escape', 'several', 'Export');
  assert.equal(await expanded(page), 'false');
  await press('ArrowUp', 'several', 'Print');
  await press('Escape', 'several', 'Export');
  await press('ArrowDown', 'several', 'CSV');
  await press('Tab', 'after', null);
  assert.equal(await expanded(page), 'false');
  await press('Shift+Tab', 'several', 'Export');
  await press('Space', 'several', 'CSV');
  await press('Shift+Tab', 'single', 'Download CSV');
  await page.focus('#several');
  await press('Space', 'several', 'CSV');
  await saves(page, () => page.keyboard.press('Enter'), 'csv', { filename: 'members' });
  assert.deepEqual(await focused(page), ['several', 'Export']);
});

test('it copies and prints', async (context) => {
  const page = await opened(context, { permissions: ['clipboard-read', 'clipboard-write'] });
  const choose = async (name) => {
    await page.locator('#several').getByRole('button', { name: 'Export' }).click();
    await page.locator('#several').getByRole('menuitem', { name }).click();
  };
  await choose('Copy');
  await status(page, 'several').getByText('Copied. Rows: 2.').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "Name\tCode\nZoë\t007\n'=1+1\t8\n");
  await choose('Print');
  await status(page, 'several').getByText('Handed to the print view. Rows: 2.').waitFor();
  assert.equal(await page.frameLocator('iframe').locator('td').first().textContent(), 'Zoë');
});

test('a long export shows how far it is, and can be cancelled by keyboard', async (context) => {
  const page = await opened(context);
  await page.evaluate(() => {
    // Rows without end come as fast as they are taken, so only a cancel ends them.
    document.querySelector('#single').data = async function* () {
      for (let id = 0; ; id += 1) yield { id, text: `row ${id}` };
    };
  });
  await page.locator('#single').getByRole('button', { name: 'Download CSV' }).click();
  await page.locator('#single').getByText(/^Rows: \d+,\d{3},\d{3}$|^Rows: \d+,\d{3}$/).waitFor();
  assert.equal(await page.locator('#single progress').getAttribute('aria-label'), 'Download CSV');
  assert.equal(await page.locator('#single').getByRole('button', { name: 'Download CSV' }).getAttribute('aria-disabled'), 'true');
  await page.locator('#single').getByRole('button', { name: 'Cancel' }).focus();
  await page.keyboard.press('Enter');
  await status(page, 'single').getByText('Export cancelled.').waitFor();
  assert.deepEqual(await focused(page), ['single', 'Download CSV']);
  assert.equal(await page.locator('#single progress').isVisible(), false);
  assert.deepEqual(await eventTypes(page), ['start', 'error']);
  const { error, rows } = await page.evaluate(() => ({ error: window.events.at(-1).error, rows: window.events.find(({ type }) => type === 'progress').rows }));
  assert.equal(error, 'AbortError');
  assert.equal(rows > 0, true);
});

test('waiting for data can be cancelled, and the element may leave the page', async (context) => {
  const page = await opened(context);
  await page.evaluate(() => {
    document.querySelector('#single').data = () => new Promise(() => {});
  });
  await page.locator('#single').getByRole('button', { name: 'Download CSV' }).click();
  await page.locator('#single').getByRole('button', { name: 'Cancel' }).click();
  await status(page, 'single').getByText('Export cancelled.').waitFor();
  await page.evaluate(async () => {
    const element = document.querySelector('#single');
    const ended = element.export();
    element.remove();
    await ended;
  });
});

test('a button that leaves the page in the middle of an export ends it, and works when it comes back', async (context) => {
  const page = await opened(context);
  const outcome = await page.evaluate(async () => {
    const element = document.querySelector('#single');
    const parent = element.parentNode;
    element.data = () => [{ get a() { element.remove(); return 1; } }];
    // What is no longer in the page tells only its own listeners.
    let error;
    element.addEventListener('tablecast-error', ({ detail }) => (error = detail.error.name), { once: true });
    const gone = await element.export();
    parent.append(element);
    element.data = [{ a: 1 }];
    return { gone, error, rows: (await element.export())?.rows };
  });
  assert.deepEqual(outcome, { gone: undefined, error: 'AbortError', rows: 1 });
});

test('names that every object has are no formats, and break nothing', async (context) => {
  const page = await opened(context);
  const text = await page.evaluate(async () => {
    const element = document.querySelector('#single');
    element.setAttribute('formats', 'constructor');
    await element.export();
    return [element.shadowRoot.querySelector('[part=label]').textContent, window.events.at(-1).error];
  });
  assert.deepEqual(text, ['Download constructor', 'unknown_format']);
});

test('a failure is announced, told to listeners, and leaves the button ready', async (context) => {
  const page = await opened(context);
  await page.evaluate(() => document.querySelector('#single').setAttribute('for', '#nothing'));
  const button = page.locator('#single').getByRole('button', { name: 'Download CSV' });
  await button.click();
  await status(page, 'single').getByText('Nothing was exported. “#nothing” names no `table` element').waitFor();
  assert.equal(await page.evaluate(() => window.events.at(-1).error), 'not_tabular');
  await page.evaluate(() => {
    document.querySelector('#single').data = () => {
      throw new Error('no rows today');
    };
  });
  await button.click();
  await status(page, 'single').getByText('Nothing was exported. no rows today').waitFor();
  await page.evaluate(() => {
    document.querySelector('#single').data = [{ a: 1 }];
    document.querySelector('#single').setAttribute('template', '{broken');
  });
  await button.click();
  await status(page, 'single').getByText('The attribute `template` is no JSON').waitFor();
});

test('data, options, attributes and events shape the export', async (context) => {
  const page = await opened(context);
  await page.evaluate(() => {
    const element = document.querySelector('#single');
    element.data = async () => [{ a: 1, b: 'x' }];
    element.setAttribute('filename', 'from the attribute');
    element.setAttribute('template', '{"column_mapping": {"b": "B"}}');
    element.options = { csv: { delimiter: ';' }, filename: 'from the property' };
  });
  const { name, bytes } = await downloadBy(page, '#single');
  assert.equal(name, 'from the property.csv');
  assert.equal(bytes.toString(), 'B\r\nx\r\n');
  const prevented = await page.evaluate(async () => {
    const element = document.querySelector('#single');
    element.addEventListener('tablecast-start', (event) => event.preventDefault());
    return element.export();
  });
  assert.equal(prevented, undefined);
});

test('properties that are set before the element is defined count', async (context) => {
  const page = await opened(context);
  const report = await page.evaluate(() => {
    const element = document.createElement('tablecast-button');
    // An element that was made before its definition has plain members.
    Object.defineProperty(element, 'data', { value: [{ a: 1 }], configurable: true, writable: true, enumerable: true });
    document.body.append(element);
    return element.export('csv');
  });
  assert.equal(report.rows, 1);
});

test('every word can be translated', async (context) => {
  const page = await opened(context);
  await page.evaluate(() => {
    const element = document.querySelector('#several');
    element.lang = 'de';
    element.labels = { button: 'Ausgeben', print: 'Drucken', done: '{format}: {rows} Zeilen' };
    element.setAttribute('label-copy', 'Kopieren');
    element.data = Array.from({ length: 1234 }, (_, id) => ({ id }));
  });
  const several = page.locator('#several');
  await several.getByRole('button', { name: 'Ausgeben' }).click();
  assert.deepEqual((await several.getByRole('menuitem').allTextContents()).slice(-2), ['Kopieren', 'Drucken']);
  await several.getByRole('menuitem', { name: 'CSV' }).click();
  await status(page, 'several').getByText('CSV: 1.234 Zeilen').waitFor();
});

for (const [name, options, look] of [
  ['in each scheme of colours', {}, violationsInSchemes],
  ['on a phone', { viewport: { width: 320, height: 600 }, hasTouch: true, isMobile: true }, violations],
]) {
  test(`axe finds nothing to complain about ${name}`, async (context) => {
    const page = await opened(context, options);
    assert.deepEqual(await look(page), []);
    await page.locator('#several').getByRole('button', { name: 'Export' }).click();
    assert.deepEqual(await look(page), []);
    await page.keyboard.press('Escape');
    await page.evaluate(() => {
      document.querySelector('#single').data = () => new Promise(() => {});
      document.querySelector('#single').export();
    });
    await page.locator('#single').getByRole('button', { name: 'Cancel' }).waitFor();
    assert.deepEqual(await look(page), []);
    if (options.hasTouch) {
      const heights = await page.locator('tablecast-button').getByRole('button').evaluateAll((buttons) => buttons.map((button) => button.getBoundingClientRect().height));
      assert.equal(Math.min(...heights) >= 44, true, `${heights}`);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320);
    }
  });
}

test('in a page that goes from right to left the menu starts at the right', async (context) => {
  const page = await opened(context);
  await page.evaluate(() => {
    document.dir = 'rtl';
  });
  await page.locator('#several').getByRole('button', { name: 'Export' }).click();
  const [button, menu] = await page.evaluate(() =>
    ['[part="button"]', '[part="menu"]'].map((part) => document.querySelector('#several').shadowRoot.querySelector(part).getBoundingClientRect().right),
  );
  assert.equal(Math.abs(button - menu) <= 1, true, `${button} ${menu}`);
});
