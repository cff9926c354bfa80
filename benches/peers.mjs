// The packages that tablecast is compared with, each called as its documentation has it, with the options without which
// it would not write the same rows.
import { Parser } from '@json2csv/plainjs';
import { from } from 'arquero';
import { stringify } from 'csv-stringify/browser/esm/sync';
import { csvFormat, csvFormatRows } from 'd3-dsv';
import { generateCsv, mkConfig } from 'export-to-csv';
import { writeCsvObjects } from 'hucre/csv';
import Papa from 'papaparse';

/** Objects → the text of CSV. */
export const objectsToCsv = {
  'd3-dsv': (rows) => csvFormat(rows),
  papaparse: (rows) => Papa.unparse(rows),
  'csv-stringify': (rows) => stringify(rows, { header: true, cast: { boolean: String } }),
  '@json2csv/plainjs': (rows) => new Parser().parse(rows),
  'export-to-csv': (rows) =>
    String(generateCsv(mkConfig({ useKeysAsHeaders: true, useBom: false, boolDisplay: { true: 'true', false: 'false' } }))(rows)),
  hucre: (rows) => writeCsvObjects(rows),
};

/** `{columns, rows}` with arrays of cells → the text of CSV. */
export const arraysToCsv = {
  'd3-dsv': ({ columns, rows }) => csvFormatRows([columns, ...rows]),
  papaparse: ({ columns, rows }) => Papa.unparse({ fields: columns, data: rows }),
};

/** Objects → a table for people. */
export const objectsToHtml = { arquero: (rows) => from(rows).toHTML({ limit: Infinity }) };
export const objectsToMarkdown = { arquero: (rows) => from(rows).toMarkdown({ limit: Infinity }) };

/** The text of CSV → objects. */
export const csvToObjects = { papaparse: (text) => Papa.parse(text, { header: true, skipEmptyLines: true }).data };

/** Where a package writes something else than the value, and has no option against it; see `checkRows`. */
export const leniency = {
  arquero: { rounded: true, nullText: 'null' },
  'export-to-csv': { nullText: 'null' },
  hucre: { rounded: true },
};

