// The files under tests/resources/cases, by which tests/engine/reference.rs holds the engine in Rust to the same model. Each
// folder holds inputs of one type, and cases.json: the options of each run with the input and the file that comes of it.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tellingSets } from './cases.mjs';
import { INVOICES, invoices } from './invoices.mjs';
import { expectedFile, isTold } from './model.mjs';
import { ACCOUNT_ID, documentsOf, DOCUMENTS, recordsOf, SOFTWARE_VERSION, TABLES } from './records.mjs';
import { itemsOf, reference } from './reference.mjs';

const FOLDER = new URL('cases/', import.meta.url);
const NOW = '2026-11-21T08:30:00.000Z';
const EXTENSIONS = { markdown: 'md' };

/** The files as they have to be: their texts by their paths. */
export function goldenFiles() {
  const files = new Map();
  for (const name of TABLES) addTable(files, name, recordsOf(name, 7), reference[name]);
  addTable(files, 'invoices', invoices(5), INVOICES);
  for (const name of DOCUMENTS) addDocuments(files, name, documentsOf(name, 3));
  return files;
}

/** The files as they are. */
export function storedFiles() {
  if (!existsSync(FOLDER)) return new Map();
  const names = readdirSync(FOLDER, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(names.map(({ parentPath, name }) => [`${parentPath.split('/').at(-1)}/${name}`, readFileSync(`${parentPath}/${name}`, 'utf8')]));
}

/** Writes the files anew. */
export function storeFiles(files) {
  rmSync(FOLDER, { recursive: true, force: true });
  for (const [path, text] of files) {
    mkdirSync(new URL(path.split('/')[0], FOLDER), { recursive: true });
    writeFileSync(new URL(path, FOLDER), text);
  }
}

function addTable(files, name, records, type) {
  const document = { [itemsOf(type).name]: records };
  const formats = type.formats.filter((format) => isTold(format, type));
  const plain = formats.map((format) => ({ format, filters: {} }));
  const sets = tellingSets(document, type).map(({ filters }, index) => ({ format: formats[index % formats.length], filters }));
  add(files, name, 'input', { items: records }, document, [...plain, ...sets], type);
}

function addDocuments(files, name, documents) {
  const type = reference[name];
  documents.forEach((document, number) => {
    const sets = tellingSets(document, type).map(({ filters }) => ({ format: 'json', filters }));
    add(files, name, `input-${number + 1}`, document, document, [{ format: 'json', filters: {} }, ...sets], type);
  });
}

function add(files, name, input, value, document, requests, type) {
  const path = `${name}/cases.json`;
  const cases = JSON.parse(files.get(path) ?? '[]');
  files.set(`${name}/${input}.json`, `${JSON.stringify(value)}\n`);
  const envelope = { export_type: name, software_version: SOFTWARE_VERSION, account_id: ACCOUNT_ID, exported_at: NOW, exportedAt: NOW };
  for (const { format, filters } of requests) {
    const file = `${cases.length + 1}.${EXTENSIONS[format] ?? format}`;
    files.set(`${name}/${file}`, expectedFile(name, document, { format, filters, envelope, type }));
    const given = { software_version: SOFTWARE_VERSION, account_id: ACCOUNT_ID };
    cases.push({ input: `${input}.json`, file, options: { resource: name, format, filters, now: NOW, envelope: given } });
  }
  files.set(path, `[\n${cases.map((one) => `  ${JSON.stringify(one)}`).join(',\n')}\n]\n`);
}
