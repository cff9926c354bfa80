// The demo page as a person has it before them: opened with its data, and the steps that several tests take on it.
import { readFile } from 'node:fs/promises';
import { exportFile } from '../../pkg/load/node.js';
import { answerFirst, blankPage, site } from './site.mjs';

export { ROWS } from './matches.mjs';

/**
 * Opens the page and waits for its first preview.
 *
 * @param context of the test, to whose end the page is its own
 * @param {object} [options] of `blankPage`, and `rows`, which stand in for those of the page
 */
export async function opened(context, { rows, ...options } = {}) {
  const page = await blankPage(context, options);
  page.on('dialog', (dialog) => {
    page.complaints.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  if (rows !== undefined) answerFirst(context, async (request, response) => rowsFor(request, response, rows));
  await page.goto((await site()).url);
  await page.waitForSelector('#preview > *');
  return page;
}

function rowsFor({ url }, response, rows) {
  if (url !== '/data/matches.json') return false;
  response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }).end(JSON.stringify(rows));
  return true;
}

export const choose = (page, format) => page.check(`#formats input[value="${format}"]`, { force: true });

/** Clicks the button and reads the file that the browser saves. */
export async function downloaded(page, button = '#download') {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click(button)]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/** The text of the file in a format. */
export async function textAs(page, format) {
  await choose(page, format);
  const { bytes } = await downloaded(page);
  return bytes.toString();
}

/** What the library makes of the same data in Node. */
export async function bytesOf(rows, options) {
  return Buffer.from(await (await exportFile(rows, { filename: 'matches', ...options })).arrayBuffer());
}

/** The texts of the cells of a column on the page, counted from 1. */
export const cells = (page, column) => page.$$eval(`#table tbody td:nth-child(${column + 1})`, (all) => all.map((cell) => cell.textContent));

/** Waits until the line beside the title says how many rows are shown. */
export const sized = (page, text) => page.waitForFunction((wanted) => document.querySelector('#table-size').textContent === wanted, text);

/** Has the page get a text as Ctrl+V gives it. */
export const paste = (page, text) =>
  page.evaluate((pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', pasted);
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, text);
