// Thousands of texts that try to be markup, in every place of an HTML file, stay texts in Chromium: no script runs, nothing is
// fetched, no element is foreign. The document's own policy is taken away, so that the escaping stands by itself.
import assert from 'node:assert/strict';
import test from 'node:test';
import { exportFile } from '../../pkg/load/node.js';
import { PAYLOADS } from './payloads.mjs';
import { profile } from './site.mjs';

const PAGE = 'http://page.test/';
const POLICY = /<meta http-equiv="Content-Security-Policy"[^>]*>\n/;

/** An empty page that notes whatever happens in it, and the documents that it can fetch. */
async function opened(context) {
  const page = await (await profile(context)).newPage();
  page.documents = new Map([[PAGE, '<!doctype html>']]);
  page.incidents = [];
  await page.route('**/*', (route) => {
    const url = route.request().url();
    const body = page.documents.get(url);
    if (body !== undefined) return route.fulfill({ contentType: 'text/html', body });
    page.incidents.push(`request: ${url}`);
    return route.abort();
  });
  page.on('dialog', (dialog) => {
    page.incidents.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on('popup', () => page.incidents.push('a window'));
  page.on('pageerror', (error) => page.incidents.push(`error: ${error.message}`));
  page.on('console', (message) => page.incidents.push(`console: ${message.text()}`));
  await page.goto(PAGE);
  return page;
}

async function assertQuiet(page) {
  // A page that went elsewhere has no `ran`, and requests were noted.
  assert.deepEqual(page.incidents, []);
  assert.equal(await page.evaluate(() => `${window.ran}`), 'undefined');
}

/** What a parser makes of a text that HTML carries: NUL becomes U+FFFD, as do lone surrogates in UTF-8. */
function carried(text) {
  return text.replaceAll('\0', '\ufffd').toWellFormed();
}

/** Runs in the page: every node below one, told by its kind and attributes, and the texts of the cells. */
function look(root) {
  const kinds = {};
  const walker = root.ownerDocument.createTreeWalker(root, NodeFilter.SHOW_ALL);
  for (let node = root; node !== null; node = walker.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) continue;
    const kind = node.nodeType === Node.ELEMENT_NODE ? [node.localName, ...node.getAttributeNames()].join(' ') : node.nodeName;
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  const texts = (selector) => Array.from(root.querySelectorAll(selector), (element) => element.textContent);
  return { kinds, header: texts('thead th'), cells: texts('tbody td'), around: texts('title, h1, footer, caption, tfoot td') };
}

test('there are thousands of payloads', () => assert.equal(PAYLOADS.length > 2500, true, `${PAYLOADS.length}`));

for (const policy of ['with its policy', 'without its policy']) {
  test(`cells and labels of a document ${policy}`, async (context) => {
    const page = await opened(context);
    const columns = PAYLOADS.map((text, index) => `${text}${index}`);
    const tables = [
      { columns: ['a', 'b'], rows: PAYLOADS.map((text, index) => [text, PAYLOADS.at(-1 - index)]) },
      { columns, rows: [PAYLOADS] },
      { columns: ['nested'], rows: PAYLOADS.map((text) => [[text, { [text]: text }]]) },
    ];
    for (const { columns, rows } of tables) {
      let text = await (await exportFile({ columns, rows }, { format: 'html', filename: 'x' })).text();
      assert.match(text, POLICY);
      if (policy === 'without its policy') text = text.replace(POLICY, '');
      const url = `${PAGE}table`;
      page.documents.set(url, text);
      await page.goto(url);
      const seen = await page.evaluate(`(${look})(document.documentElement)`);
      assert.deepEqual(seen.header, columns.map(carried));
      assert.deepEqual(seen.cells, rows.flat().map((cell) => carried(typeof cell === 'string' ? cell : JSON.stringify(cell))));
      const { kinds } = seen;
      assert.deepEqual([kinds['th scope'], kinds.td, kinds.tr], [columns.length, rows.length * columns.length, rows.length + 1]);
      const known = ['html', 'head', 'meta charset', 'meta http-equiv content', 'meta name content', 'title', 'style', 'body', 'div class', 'table', 'thead', 'tbody', 'tr', 'th scope', 'td'];
      assert.deepEqual(Object.keys(kinds).filter((kind) => !known.includes(kind)), []);
      await assertQuiet(page);
    }
  });
}

// What braces name is filled in; that is no matter here.
const TEXTS = PAYLOADS.filter((payload) => payload !== '').map((payload) => payload.replace(/\{(?=name|date|rows)/g, '{ '));

/** A file with texts around the table, in a label and in a cell, without its policy. */
async function fileAround([title, header, footer], options) {
  const template = { name: title, header_text: header, footer_text: footer, column_mapping: [{ key: 'a', label: header }] };
  const file = await exportFile({ columns: ['a'], rows: [[footer]] }, { format: 'html', template, filename: 'x', ...options });
  return (await file.text()).replace(POLICY, '');
}

/** Has a frame of the page parse documents, one after the other, as it parses what it loads: scripts may run. */
function lookIntoFrame(documents) {
  const frame = document.body.appendChild(document.createElement('iframe'));
  const seen = documents.map((text) => {
    frame.contentDocument.open();
    frame.contentDocument.write(text);
    frame.contentDocument.close();
    return window.look(frame.contentDocument.documentElement);
  });
  frame.remove();
  return seen;
}

test('every payload as title, as text above and as text below the table of a whole document', async (context) => {
  const page = await opened(context);
  await page.evaluate(`window.look = ${look}`);
  const given = TEXTS.map((_, index) => [0, 1, 2].map((place) => TEXTS.at(index - place)));
  for (let start = 0; start < given.length; start += 500) {
    const batch = given.slice(start, start + 500);
    const seen = await page.evaluate(lookIntoFrame, await Promise.all(batch.map((texts) => fileAround(texts))));
    batch.forEach((texts, index) => {
      const { kinds, header, cells, around } = seen[index];
      const [title, above, below] = texts.map(carried);
      assert.deepEqual([around, header, cells], [[title, above, below], [above], [below]]);
      assert.deepEqual(
        kinds,
        { html: 1, head: 1, 'meta charset': 1, 'meta name content': 1, title: 1, style: 1, body: 1, h1: 1, 'div class': 1, table: 1, thead: 1, tbody: 1, tr: 2, 'th scope': 1, td: 1, footer: 1 },
        title + above + below,
      );
    });
    await assertQuiet(page);
  }
});

test('fragments put into a page, and parsed again from what the browser writes of them', async (context) => {
  const page = await opened(context);
  await page.evaluate(`window.look = ${look}`);
  for (let start = 0; start < TEXTS.length; start += 500) {
    const batch = TEXTS.slice(start, start + 500);
    const seen = await page.evaluate(
      (texts) =>
        texts.map((text) => {
          const place = document.createElement('div');
          document.body.append(place);
          place.innerHTML = text;
          const first = window.look(place);
          place.innerHTML = String(place.innerHTML);
          const rounds = [first, window.look(place)];
          place.remove();
          return rounds;
        }),
      await Promise.all(batch.map((text) => fileAround([text, text, text], { html: { fragment: true } }))),
    );
    batch.forEach((payload, index) => {
      seen[index].forEach(({ kinds, header, cells, around }, round) => {
        // Browsers write a carriage return as it is, and so lose it by themselves.
        const text = round === 0 ? carried(payload) : carried(payload).replace(/\r\n?/g, '\n');
        assert.deepEqual([header, cells, around], [[text], [text], [text, text]]);
        assert.deepEqual(kinds, { div: 1, table: 1, caption: 1, thead: 1, tbody: 1, tfoot: 1, tr: 3, 'th scope': 1, td: 1, 'td colspan': 1 }, payload);
      });
    });
    await assertQuiet(page);
  }
});

test('a language is a tag or refused', async () => {
  for (const payload of PAYLOADS) {
    const outcome = await exportFile([{ a: 1 }], { format: 'html', html: { lang: payload } }).then((file) => file.text(), ({ code }) => code);
    if (outcome === 'invalid_option') continue;
    assert.match(payload, /^[A-Za-z0-9-]+$/);
    assert.equal(outcome.includes(`<html lang="${payload}">`), true, payload);
  }
});
