// Reads files back and compares them with the rows that they were made of, so that no contender is measured for work it
// did not do. The readers are plain on purpose: they are none of the contenders' own.

/**
 * Throws unless a file holds the rows.
 *
 * @param {'csv' | 'json' | 'html' | 'markdown'} format
 * @param {string} text of the file
 * @param {object[]} rows
 * @param {object} [leniency]
 * @param {boolean} [leniency.rounded] numbers may have fewer digits, as they do where they are shown to people
 * @param {string} [leniency.nullText] what else may stand for null
 * @param {boolean} [leniency.untyped] the JSON was made of CSV, where all is text, and null and empty text are one
 */
export function checkRows(format, text, rows, leniency = {}) {
  const keys = Object.keys(rows[0]);
  const found = READERS[format](text);
  if (format === 'json') return checkRecords(found, rows, keys, leniency);
  const [header, ...records] = found;
  if (header.join('\n') !== keys.join('\n')) throw new Error(`the header is ${header.join(', ')}`);
  checkCount(records, rows);
  rows.forEach((row, index) => {
    const record = records[index];
    if (record.length !== keys.length) throw new Error(`row ${index + 1} has ${record.length} cells`);
    keys.forEach((key, column) => {
      if (!holds(record[column], row[key], leniency)) throw mismatch(index, key, record[column], row[key]);
    });
  });
}

const READERS = { csv: readCsv, json: JSON.parse, html: readHtml, markdown: readMarkdown };

function checkRecords(records, rows, keys, { untyped }) {
  checkCount(records, rows);
  rows.forEach((row, index) => {
    const record = records[index];
    if (Object.keys(record).join('\n') !== keys.join('\n')) throw new Error(`row ${index + 1} has the keys ${Object.keys(record).join(', ')}`);
    for (const key of keys) {
      const equal = untyped ? (record[key] ?? '') === cellText(row[key]) : record[key] === row[key];
      if (!equal) throw mismatch(index, key, record[key], row[key]);
    }
  });
}

function checkCount(found, rows) {
  if (found.length !== rows.length) throw new Error(`${found.length} rows instead of ${rows.length}`);
}

function mismatch(index, key, found, wanted) {
  return new Error(`row ${index + 1}, ${key}: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`);
}

function cellText(value) {
  return value === null ? '' : String(value);
}

function holds(cell, value, { rounded, nullText }) {
  if (cell === cellText(value)) return true;
  if (value === null) return cell === nullText;
  return rounded === true && typeof value === 'number' && Math.abs(Number(cell.replace('−', '-')) - value) < 1e-6;
}

/** RFC 4180, with any end of line. */
function readCsv(text) {
  const records = [];
  let record = [];
  let at = 0;
  while (at < text.length) {
    let cell = '';
    if (text[at] === '"') {
      for (;;) {
        const end = text.indexOf('"', at + 1);
        if (end < 0) throw new Error('a quote is never closed');
        cell += text.slice(at + 1, end);
        at = end + 1;
        if (text[at] !== '"') break;
        cell += '"';
      }
    } else {
      const start = at;
      while (at < text.length && text[at] !== ',' && text[at] !== '\n' && text[at] !== '\r') at += 1;
      cell = text.slice(start, at);
    }
    record.push(cell);
    if (text[at] === ',') {
      at += 1;
      if (at < text.length && text[at] !== '\n' && text[at] !== '\r') continue;
      record.push('');
    }
    if (text[at] === '\r') at += 1;
    if (text[at] === '\n') at += 1;
    records.push(record);
    record = [];
  }
  return records;
}

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

function decoded(text) {
  return text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (found, decimal, hexadecimal, name) => {
    if (name !== undefined) return ENTITIES[name] ?? found;
    return String.fromCodePoint(decimal === undefined ? Number.parseInt(hexadecimal, 16) : Number(decimal));
  });
}

function readHtml(text) {
  const lines = text.slice(text.indexOf('<thead')).split(/<tr[^>]*>/).slice(1);
  return lines.map((line) => Array.from(line.matchAll(/<t[dh](?:\s[^>]*)?>([^<]*)/g), ([, cell]) => decoded(cell)));
}

function readMarkdown(text) {
  const lines = text.split(/\r?\n/).filter((line) => line.startsWith('|'));
  // The second line only tells how columns are aligned.
  lines.splice(1, 1);
  return lines.map((line) => {
    const cells = line.slice(1, line.trimEnd().lastIndexOf('|')).split(/(?<!\\)\|/);
    return cells.map((cell) => decoded(cell.trim().replace(/\\([!-/:-@[-`{-~])/g, '$1')));
  });
}
