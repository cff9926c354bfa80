// The demo page as a person has it before them: opened with its data, and the steps that several tests take on it.
import { readFile } from 'node:fs/promises';
import { after } from 'node:test';
import { exportFile } from '../../pkg/load/node.js';
import { launch, serve, SITE } from './site.mjs';

export { ROWS } from './matches.mjs';

const site = await serve(SITE);
const browser = await launch();
after(async () => {
  await browser.close();
  site.close();
});

/**
 * Opens the page and waits for its first preview.
 *
 * @param context of the test, which closes the page
 * @param {object} [options] of the browser's profile, and `rows`, which stand in for those of the page
 */
export async function opened(context, { rows, ...options } = {}) {
  const page = await browser.newPage(options);
  context.after(() => page.close());
  page.complaints = [];
  page.on('pageerror', (error) => page.complaints.push(error.message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) page.complaints.push(message.text());
  });
  page.on('dialog', (dialog) => {
    page.complaints.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  if (rows !== undefined) await page.route('**/data/matches.json', (route) => route.fulfill({ json: rows }));
  await page.goto(site.url);
  await page.waitForSelector('#preview > *');
  return page;
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
