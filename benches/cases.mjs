// What is measured: a kind of work, a table to do it on, and who does it. Runs in Node and in pages alike.
import { checkRows } from './equal-rows.mjs';
import { AGENT, rowsOf } from './shapes.mjs';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const file = (text) => new Blob([text]);

/** The kinds of work: what goes in, what comes out, and who does it how. */
const KINDS = {
  objectsToCsv: {
    format: 'csv',
    input: (rows) => rows,
    ours: (tablecast, rows) => tablecast.exportFile(rows, { format: 'csv' }),
    yardsticks: { 'JSON.stringify': (rows) => JSON.stringify(rows) },
    others: (peers) => each(peers.objectsToCsv, (format) => (rows) => file(format(rows))),
  },
  arraysToCsv: {
    format: 'csv',
    input: (rows) => ({ columns: Object.keys(rows[0]), rows: rows.map((row) => Object.values(row)) }),
    ours: (tablecast, table) => tablecast.exportFile(table, { format: 'csv' }),
    yardsticks: { 'JSON.stringify': (table) => JSON.stringify(table) },
    others: (peers) => each(peers.arraysToCsv, (format) => (table) => file(format(table))),
  },
  objectsToJson: documents('json', () => ({ 'JSON.stringify(rows, null, 2) → Blob': (rows) => file(JSON.stringify(rows, null, 2)) })),
  objectsToHtml: documents('html', (peers) => each(peers.objectsToHtml, (format) => (rows) => file(format(rows)))),
  objectsToMarkdown: documents('markdown', (peers) => each(peers.objectsToMarkdown, (format) => (rows) => file(format(rows)))),
  jsonBytesToCsv: {
    format: 'csv',
    input: (rows) => encoder.encode(JSON.stringify(rows)),
    ours: (tablecast, bytes) => tablecast.exportFile(bytes, { format: 'csv' }),
    // It gets text, so that decoding is not counted.
    yardsticks: { 'JSON.parse': (bytes, rows, text) => JSON.parse(text) },
    others: (peers) =>
      each(only(peers.objectsToCsv, ['d3-dsv', 'papaparse']), (format) => (bytes) => encoder.encode(format(JSON.parse(decoder.decode(bytes))))),
  },
  csvBytesToJson: {
    format: 'json',
    leniency: { untyped: true },
    input: (rows) => encoder.encode(csvText(rows)),
    ours: (tablecast, bytes) => tablecast.exportFile(bytes, { format: 'json', json: { pretty: false }, input: { format: 'csv' } }),
    yardsticks: {},
    others: (peers) => each(peers.csvToObjects, (parse) => (bytes) => encoder.encode(JSON.stringify(parse(decoder.decode(bytes))))),
  },
  catalogToCsv: catalog('csv'),
  catalogToJson: catalog('json'),
};

/** Bytes of JSON → the file of a resource: each record is put to a filter, checked, and stands in an envelope where there is one. */
function catalog(format) {
  const resource = { resource: 'governance_evaluations', filters: { agent_id: AGENT }, envelope: { softwareVersion: '1.0', accountId: 'acme' } };
  return {
    format,
    input: (rows) => encoder.encode(JSON.stringify(rows)),
    ours: (tablecast, bytes) => tablecast.exportFile(bytes, { format, ...resource }),
    // The same records to the same columns, with nothing known of them.
    plain: (tablecast, bytes) => tablecast.exportFile(bytes, { format }),
    records: (text) => (format === 'json' ? JSON.stringify(itemsOf(JSON.parse(text))) : text),
    yardsticks: {},
    others: () => ({}),
  };
}

function itemsOf({ account_id: account, item_count: count, items }) {
  if (account !== 'acme' || count !== items.length) throw new Error(`the envelope says ${account} and ${count}`);
  return items;
}

/** Objects → what people read, which is measured by indented JSON. */
function documents(format, others) {
  return {
    format,
    input: (rows) => rows,
    ours: (tablecast, rows) => tablecast.exportFile(rows, { format }),
    yardsticks: { 'JSON.stringify(rows, null, 2)': (rows) => JSON.stringify(rows, null, 2) },
    others,
  };
}

/** Every case in the order of the report. `targets`: so many times as fast as that contender (issues 4 and 6). */
export const CASES = [
  { kind: 'objectsToCsv', shape: 'mixed', targets: { 'd3-dsv': 2.2, papaparse: 4, 'csv-stringify': 6, 'JSON.stringify': 1 / 1.1 } },
  { kind: 'objectsToCsv', shape: 'narrow' },
  { kind: 'objectsToCsv', shape: 'wide' },
  { kind: 'objectsToCsv', shape: 'text' },
  { kind: 'objectsToCsv', shape: 'numbers' },
  { kind: 'objectsToCsv', shape: 'flights' },
  { kind: 'objectsToCsv', shape: 'small', repeat: 200, targets: { papaparse: 1 } },
  { kind: 'arraysToCsv', shape: 'mixed', targets: { 'd3-dsv': 2, papaparse: 4 } },
  { kind: 'objectsToJson', shape: 'mixed', targets: { 'JSON.stringify(rows, null, 2)': 1 } },
  { kind: 'objectsToHtml', shape: 'mixed', targets: { 'JSON.stringify(rows, null, 2)': 1, arquero: 3 } },
  { kind: 'objectsToMarkdown', shape: 'mixed', targets: { 'JSON.stringify(rows, null, 2)': 1, arquero: 3 } },
  { kind: 'jsonBytesToCsv', shape: 'mixed', targets: { 'd3-dsv': 10, 'JSON.parse': 4 } },
  { kind: 'jsonBytesToCsv', shape: 'narrow' },
  { kind: 'jsonBytesToCsv', shape: 'wide' },
  { kind: 'jsonBytesToCsv', shape: 'text' },
  { kind: 'jsonBytesToCsv', shape: 'numbers' },
  { kind: 'jsonBytesToCsv', shape: 'flights' },
  { kind: 'csvBytesToJson', shape: 'mixed', targets: { papaparse: 5 } },
  { kind: 'csvBytesToJson', shape: 'text' },
  { kind: 'catalogToCsv', shape: 'evaluations', targets: { 'tablecast, plain': 0.6 } },
  { kind: 'catalogToJson', shape: 'evaluations', targets: { 'tablecast, plain': 0.6 } },
];

/**
 * A case ready to run.
 *
 * @param {{kind: string, shape: string, repeat?: number}} wanted
 * @param {{tablecast: object, peers?: object, flights: object[], rows?: number}} given without `peers`, tablecast and the
 *   runtime's own functions are alone
 * @returns {{inputBytes?: number, contenders: {name: string, run: () => unknown, check: (result: unknown) => Promise<void>}[]}}
 */
export function prepare({ kind, shape, repeat = 1 }, { tablecast, peers, flights, rows: count }) {
  const { format, leniency, input: inputOf, ours, plain, records = (whole) => whole, yardsticks, others } = KINDS[kind];
  const rows = rowsOf(shape, flights, count);
  const input = inputOf(rows);
  const bytes = input instanceof Uint8Array;
  const text = bytes ? decoder.decode(input) : undefined;
  const contender = (name, make, verify) => ({ name, run: repeated(() => make(input, rows, text), repeat), check: verify });
  const holdsRows = (name, read = (whole) => whole) => async (result) => {
    try {
      checkRows(format, read(await textOf(result)), rows, { ...leniency, ...peers?.leniency[name] });
    } catch (error) {
      throw new Error(`${kind}, ${shape}, ${name}: ${error.message}`, { cause: error });
    }
  };
  const unchecked = async () => {};
  return {
    inputBytes: bytes ? input.length : undefined,
    contenders: [
      contender('tablecast', (data) => ours(tablecast, data), holdsRows('tablecast', records)),
      ...(plain === undefined ? [] : [contender('tablecast, plain', (data) => plain(tablecast, data), holdsRows('tablecast, plain'))]),
      ...Object.entries(yardsticks).map(([name, make]) => contender(name, make, unchecked)),
      ...(peers === undefined ? [] : Object.entries(others(peers)).map(([name, make]) => contender(name, make, holdsRows(name)))),
    ],
  };
}

/** Calls often enough for a clock to see it; awaits only what has to be awaited, and gives the last result. */
function repeated(call, times) {
  return async () => {
    let result;
    for (let time = 0; time < times; time += 1) {
      result = call();
      if (result instanceof Promise) result = await result;
    }
    return result;
  };
}

async function textOf(result) {
  return result instanceof Blob ? result.text() : decoder.decode(result);
}

/** CSV as input, made without any contender. */
function csvText(rows) {
  const keys = Object.keys(rows[0]);
  const cell = (value) => {
    const text = value === null ? '' : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [keys, ...rows.map((row) => Object.values(row))].map((cells) => `${cells.map(cell).join(',')}\r\n`).join('');
}

function each(functions, wrap) {
  return Object.fromEntries(Object.entries(functions).map(([name, value]) => [name, wrap(value)]));
}

function only(functions, names) {
  return Object.fromEntries(names.map((name) => [name, functions[name]]));
}
