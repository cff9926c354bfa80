// Copying and printing: what the clipboard and the printed frame hold, and what is said where that cannot be.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportFile } from '../../pkg/load/node.js';
import { open, profile, runner } from './site.mjs';

const ROWS = [
  { name: 'Zoë "Z"', code: '007', amount: 12.5, note: 'a\tb\nc' },
  { name: '=1+1', code: '1/2', amount: -3, note: null },
];

async function opened(context, { permissions = [], path = 'blank.html' } = {}) {
  return open(await profile(context, { permissions }), `${(await runner()).url}/${path}`);
}

/** Copies in answer to a click, as a page would, and reads the clipboard back. */
async function copied(page, data, options) {
  await page.evaluate(
    ([data, options]) => {
      document.title = 'not clicked';
      document.body.innerHTML = '<button>Copy</button>';
      document.querySelector('button').onclick = async () => {
        const { copy } = await import('/pkg/load/browser.js');
        const input = data.generated ? data.generated.values() : data;
        window.outcome = copy(input, options).then(
          (report) => ({ report }),
          ({ name, code, hint }) => ({ error: { name, code, hint } }),
        );
        document.title = 'clicked';
      };
    },
    [data, options],
  );
  await page.click('button');
  await page.waitForFunction(() => document.title === 'clicked');
  return page.evaluate(async () => {
    const { report, error } = await window.outcome;
    if (error !== undefined) return { error };
    const [item] = await navigator.clipboard.read();
    const read = async (type) => (await item.getType(type)).text();
    return { report, types: item.types.toSorted(), text: await read('text/plain'), html: await read('text/html') };
  });
}

const CLIPBOARD = ['clipboard-read', 'clipboard-write'];

test('a copied table is text with tabs, and HTML that a spreadsheet takes cells from', async (context) => {
  const page = await opened(context, { permissions: CLIPBOARD });
  const { report, types, text, html } = await copied(page, ROWS);
  assert.deepEqual(types, ['text/html', 'text/plain']);
  const tabbed = await exportFile(ROWS, { format: 'csv', csv: { delimiter: '\t', terminator: '\n' } });
  assert.equal(text, await tabbed.text());
  assert.equal(text.split('\n')[0], 'name\tcode\tamount\tnote');
  assert.deepEqual(report, tabbed.report);
  assert.equal(report.warnings.some(({ code }) => code === 'formula_guarded'), true);

  const cells = await page.evaluate((html) => {
    const table = new DOMParser().parseFromString(html, 'text/html').querySelector('table');
    return [...table.rows].map((row) => [...row.cells].map((cell) => [cell.innerHTML, cell.dataset.sheetsValue ?? null, cell.getAttribute('style')?.includes('mso-number-format:\\@') ?? false]));
  }, html);
  assert.deepEqual(cells[1].slice(1, 3), [
    ['007', '{"1":2,"2":"007"}', true],
    ['12.5', null, false],
  ]);
  assert.match(cells[1][3][0], /^a\tb<br[^>]*>c$/);
  assert.equal(cells[2][0][0], "'=1+1");
  assert.deepEqual(page.complaints, []);
});

test('options shape what is copied, and a template may name another format', async (context) => {
  const page = await opened(context, { permissions: CLIPBOARD });
  const { text, html } = await copied(page, ROWS, {
    template: { format: 'json', column_mapping: { code: 'Code' } },
    csv: { header: false, formulaGuard: false },
  });
  assert.equal(text, '007\n1/2\n');
  assert.match(html, /<th[^>]*>Code<\/th>/);
  assert.equal((await copied(page, [{ a: '=1' }], { csv: { formulaGuard: false } })).html.includes('&#39;=1'), false);
});

test('what can be read only once is copied as both', async (context) => {
  const page = await opened(context, { permissions: CLIPBOARD });
  const { text, html, report } = await copied(page, { generated: ROWS });
  assert.equal(report.rows, 2);
  assert.equal(text.includes('007') && html.includes('007'), true);
});

test('an export that fails says why it was not copied', async (context) => {
  const page = await opened(context, { permissions: CLIPBOARD });
  for (const [data, options, code] of [
    ['[{"a":1', undefined, 'invalid_json'],
    [ROWS, { csv: { delimeter: ',' } }, 'unknown_option'],
    [ROWS, { format: 'csv' }, 'invalid_option'],
  ]) {
    const { error } = await copied(page, data, options);
    assert.deepEqual([error.name, error.code], ['ExportError', code]);
  }
});

test('a clipboard that is refused, and one that is not there, are told apart', async (context) => {
  const page = await opened(context);
  const { url } = await runner();
  await (await page.context().newCDPSession(page)).send('Browser.setPermission', {
    permission: { name: 'clipboard-write', allowWithoutSanitization: false },
    setting: 'denied',
    origin: url,
  });
  const refused = await page.evaluate(async () => {
    const { copy } = await import('/pkg/load/browser.js');
    return copy([{ a: 1 }]).catch(({ name, code, hint }) => ({ name, code, hint: typeof hint }));
  });
  assert.deepEqual(refused, { name: 'ExportError', code: 'clipboard_refused', hint: 'string' });

  // A page that came over plain http has no clipboard.
  const insecure = await open(page.context(), 'about:blank');
  await insecure.route('http://page.test/**', async (route) => {
    const { pathname } = new URL(route.request().url());
    route.fulfill({ response: await insecure.request.get(`${url}${pathname}`) });
  });
  await insecure.goto('http://page.test/blank.html');
  const missing = await insecure.evaluate(async () => {
    const { copy } = await import('/pkg/load/browser.js');
    return copy([{ a: 1 }]).catch(({ name, code, hint }) => ({ name, code, hint: typeof hint }));
  });
  assert.deepEqual(missing, { name: 'ExportError', code: 'no_clipboard', hint: 'string' });
});

/** Prints, and gives the document in the frame as it was then. */
const printed = (page, data, options) =>
  page.evaluate(
    async ([data, options]) => {
      const { print } = await import('/pkg/load/browser.js');
      const events = [];
      const listen = ({ target: { contentWindow: view } }) => {
        view.addEventListener('beforeprint', () => events.push(view.getComputedStyle(view.document.querySelector('td')).borderBottomStyle));
      };
      document.addEventListener('load', listen, { capture: true, once: true });
      try {
        const report = await print(data, options);
        const frame = document.querySelector('iframe');
        const cells = [...frame.contentDocument.querySelectorAll('td')].map((cell) => cell.textContent);
        return { report, cells, events, sandbox: frame.sandbox.value, frames: document.querySelectorAll('iframe').length, title: frame.contentDocument.title };
      } catch ({ name, code }) {
        return { error: { name, code } };
      }
    },
    [data, options],
  );

test('a printed table is the HTML document in a frame without scripts', async (context) => {
  const page = await opened(context);
  const { report, ...rest } = await printed(page, ROWS, { filename: 'members' });
  assert.deepEqual(rest, {
    cells: ROWS.flatMap((row) => Object.values(row).map((value) => String(value ?? ''))),
    events: ['solid'],
    sandbox: 'allow-same-origin allow-modals',
    frames: 1,
    title: 'members',
  });
  assert.deepEqual(report, (await exportFile(ROWS, { format: 'html', filename: 'members' })).report);
  assert.deepEqual(page.complaints, []);
});

test('the frame is removed after printing, and never stands twice', async (context) => {
  const page = await opened(context);
  await page.clock.install();
  await printed(page, ROWS);
  assert.equal((await printed(page, ROWS)).frames, 1);
  // Headless browsers print nothing, so they never tell that it is over.
  await page.evaluate(() => document.querySelector('iframe').contentWindow.dispatchEvent(new Event('afterprint')));
  await page.clock.runFor('02:00');
  assert.equal(await page.locator('iframe').count(), 0);
});

test('a printed table has its style under a policy that forbids styles in documents', async (context) => {
  const page = await opened(context, { path: 'strict.html' });
  const { events, error } = await printed(page, ROWS);
  assert.equal(error, undefined);
  assert.deepEqual(events, ['solid']);
});

test('print fails as an export does, and names what it does not take', async (context) => {
  const page = await opened(context);
  assert.equal((await printed(page, '[{"a":1')).error.code, 'invalid_json');
  assert.equal((await printed(page, ROWS, { format: 'html' })).error.code, 'invalid_option');
});
