// What a table is on the clipboard: text for editors, and HTML from which spreadsheets take cells.
import { fileFrom } from './file.js';
import { readOptions } from './options.js';
import { withoutFormat } from './own-format.js';
import { Input } from './run.js';
import { openSource } from './source.js';
import { Turns } from './turns.js';

/** Makes both texts, by media type, and the report. */
export async function makeTexts(engine, data, options = {}) {
  const shared = withoutFormat(options, 'copy');
  const { signal, onProgress, ...later } = shared;
  const textSettings = readOptions({ ...shared, format: 'csv', csv: { terminator: '\n', ...shared.csv, delimiter: '\t', bom: false } });
  const guard = shared.csv?.formulaGuard ?? true;
  const html = { formulaGuard: guard, ...shared.html, fragment: true, spreadsheet: true };
  // Rows are counted once, while the text is made.
  const htmlSettings = readOptions({ ...later, ...(signal === undefined ? {} : { signal }), format: 'html', html });
  const source = await kept(await openSource(data, textSettings), signal);
  const text = await fileFrom(engine, source, textSettings);
  const table = await fileFrom(engine, source, htmlSettings);
  return {
    'text/plain': new Blob([text], { type: 'text/plain' }),
    'text/html': new Blob([table], { type: 'text/html' }),
    report: { ...text.report, warnings: union(text.report.warnings, table.report.warnings) },
  };
}

/** A source that two files can be made of: what can be read only once is kept. */
async function kept(source, signal) {
  if (source.repeatable) return source;
  signal?.throwIfAborted();
  const reading = source.open();
  const input = new Input(reading, new Turns(signal !== undefined));
  const abort = () => input.cancel(signal.reason);
  signal?.addEventListener('abort', abort);
  try {
    const chunks = [];
    for (let chunk; (chunk = await input.read()) !== undefined; ) chunks.push(new Uint8Array(chunk));
    return { ...source, repeatable: true, open: () => ({ chunks: chunks.values(), cancel() {}, count: reading.count }) };
  } catch (error) {
    input.cancel(error);
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

/** What only the second text warns of goes behind what both do. */
function union(warnings, others) {
  const key = ({ code, column }) => JSON.stringify([code, column]);
  const known = new Set(warnings.map(key));
  return [...warnings, ...others.filter((warning) => !known.has(key(warning)))];
}
