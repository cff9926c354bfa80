// One's own data: the library reads them, so that the page takes exactly what an export takes.
import { exportFile } from '../pkg/load/browser.js';
import { JsonLines, parseLines } from './json-lines.js';
import { inSlices } from './time-slices.js';

/**
 * @param {Blob} source
 * @param {string} name
 * @param {object} input how to read it, as the option `input` says
 * @param {AbortSignal} [signal]
 * @returns {Promise<{rows: JsonLines, warnings: object[]}>}
 */
export async function readTable(source, name, input, signal) {
  const file = await exportFile(source, { format: 'jsonl', input, signal });
  const text = await file.text();
  const lines = text.split('\n').slice(0, -1);
  const { keys, rows } = await inSlices(parseLines(lines), signal);
  const header = lines.length === 0 ? await headerOf(source, input) : keys;
  return { rows: new JsonLines({ name, keys: header, lines, rows, source, input }), warnings: file.report.warnings };
}

/** The columns of a table that has no rows to tell them. */
async function headerOf(source, input) {
  const file = await exportFile(source, { format: 'csv', input, csv: { quoteStyle: 'always', formulaGuard: false } });
  return [...(await file.text()).matchAll(/"((?:[^"]|"")*)"/g)].map(([, name]) => name.replaceAll('""', '"'));
}
