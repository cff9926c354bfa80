// What the file of a resource must be: a plain implementation of what the references and README.md say, for records as small
// as those of tests. It shares nothing with the engine and its definitions.

import assert from 'node:assert/strict';
import { oneLine, read, Table } from '../js/plain.mjs';
import { fieldsOf, hasEnvelope, inFileOrder, itemsOf, reference } from './reference.mjs';

/**
 * The file of a resource.
 *
 * @param {string} name the type of resource
 * @param {object} document what there is: `{<member>: records}` for a table, else the whole document
 * @param {{format?: string, filters?: object, envelope?: object | false, type?: object}} [request]
 *   `envelope` gives values of members, in place of the document's own; `type` holds the facts of a type that no reference has
 */
export function expectedFile(name, document, { format = 'json', filters = {}, envelope = {}, type = reference[name] } = {}) {
  const chosen = shaped(name, document, { filters, envelope: envelope || {}, type });
  const { name: member, record } = itemsOf(type);
  if (format === 'json' && envelope !== false && hasEnvelope(type)) return JSON.stringify(chosen, null, 2);
  const records = chosen[member];
  if (format === 'json') return JSON.stringify(records, null, 2);
  if (format === 'jsonl') return records.map((item) => oneLine(JSON.stringify(item))).join('');
  const dropped = droppedBy(filters, type);
  const fields = inFileOrder(fieldsOf(type, record)).map((fact) => fact.name).filter((field) => !dropped.includes(`${member}.${field}`));
  const rows = records.map((item) => fields.map((field) => item[field]));
  return new Table(fields, read(JSON.stringify(rows)))[format]();
}

/** The file of records that nothing is around, whatever members the first of them has. */
export function plainFile(records, format) {
  if (format === 'json') return JSON.stringify(records, null, 2);
  const fields = Object.keys(records[0]);
  return new Table(fields, read(JSON.stringify(records.map((item) => fields.map((field) => item[field])))))[format]();
}

/**
 * The table with `flatten`, as CSV: objects become columns, named by their paths, where their fields stood. Which of them
 * comes first within a field is told by the file's own header.
 */
export function flatFile(name, document, header, { type = reference[name] } = {}) {
  const { name: member, record } = itemsOf(type);
  const records = shaped(name, document, { type })[member].map((item) => Object.fromEntries(leaves(item)));
  const fields = inFileOrder(fieldsOf(type, record)).map((fact) => fact.name);
  const place = (column) => fields.findIndex((field) => column === field || column.startsWith(`${field}.`));
  const columns = [...new Set(records.flatMap((item) => Object.keys(item)))];
  assert.deepEqual([...header].sort(), columns.sort(), name);
  assert.deepEqual(header.map(place), header.map(place).sort((a, b) => a - b), name);
  return new Table(header, read(JSON.stringify(records.map((item) => header.map((column) => item[column] ?? null))))).csv();
}

function leaves(value, path = []) {
  const isInner = typeof value === 'object' && value !== null && !Array.isArray(value) && (path.length === 0 || Object.keys(value).length > 0);
  return isInner ? Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key])) : [[path.join('.'), value]];
}

/** Whether the files of a format are told here: not those around a table, nor those that set columns of numbers apart. */
export function isTold(format, type) {
  if (format !== 'markdown') return ['json', 'jsonl', 'csv'].includes(format);
  return !fieldsOf(type, itemsOf(type).record).some((fact) => ['number', 'integer'].includes(fact.type));
}

/** The document that the file holds, its members in the order of the file. */
export function shaped(name, document, { filters = {}, envelope = {}, type = reference[name] } = {}) {
  const conditions = [];
  const limits = [];
  const dropped = droppedBy(filters, type);
  for (const filter of type.filters) {
    const value = filters[filter.name];
    if (value === undefined || filter.test === 'switch') continue;
    const paths = filter.fields.map((field) => field.split('.'));
    if (filter.test === 'limit') {
      limits.push({ path: filter.fields[0], most: value });
    } else if (value !== false || filter.test !== 'is_null') {
      conditions.push({ path: paths[0].slice(0, -1).join('.'), fields: paths.map((path) => path.at(-1)), test: filter.test, value });
    }
  }

  const shape = (value, facts, path) => {
    const made = {};
    for (const fact of inFileOrder(facts)) {
      const place = [...path, fact.name];
      if (dropped.includes(place.join('.'))) continue;
      let inner = fact.text ?? value[fact.name] ?? null;
      if (fact.counts !== undefined) {
        inner = counted(made, fact.counts.split('.'));
      } else if (fact.record !== undefined && inner !== null) {
        const fields = fieldsOf(type, fact.record);
        inner = Array.isArray(inner) ? chosen(inner, place).map((item) => shape(item, fields, place)) : shape(inner, fields, place);
      }
      made[fact.name] = inner;
    }
    return made;
  };
  const chosen = (records, path) => {
    const place = path.join('.');
    const kept = records.filter((record) => conditions.every((condition) => condition.path !== place || holds(record, condition)));
    const limit = limits.find((known) => known.path === place);
    return limit ? kept.slice(0, limit.most) : kept;
  };
  const file = shape({ ...document, ...envelope }, type.envelope, []);
  // What nobody describes stands behind.
  return type.open ? { ...file, ...Object.fromEntries(Object.entries(document).filter(([key]) => !(key in file))) } : file;
}

/** The paths of what switches leave out of a file. */
export function droppedBy(filters, type) {
  const off = type.filters.filter(({ name, test, default: usual }) => test === 'switch' && !(filters[name] ?? usual));
  return off.flatMap(({ fields }) => fields);
}

function counted(value, [name, ...rest]) {
  return rest.length === 0 ? value[name].length : value[name].reduce((sum, item) => sum + counted(item, rest), 0);
}

function holds(record, { fields, test, value }) {
  const [field] = fields.map((name) => record[name] ?? null);
  switch (test) {
    case 'equals':
      return field === value;
    case 'is_null':
      return fields.every((name) => (record[name] ?? null) === null);
    case 'one_of':
      return value.includes(field);
    case 'any_of':
      return field !== null && [value].flat().some((item) => field.includes(item));
    case 'at_least':
      return field !== null && ordered(field) >= ordered(value);
    case 'at_most':
      return field !== null && ordered(field) <= ordered(value);
    case 'less_than':
      return field !== null && ordered(field) < ordered(value);
    default:
      throw new Error(`a test that is not known here: ${test}`);
  }
}

/** A number, or the moment that a text names. */
function ordered(value) {
  return typeof value === 'number' ? value : Date.parse(value);
}
