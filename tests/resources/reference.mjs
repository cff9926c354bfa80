// What the references say of each type of resource: its formats, the members of its envelope, the fields of its records and
// its filters, as reference.json holds them. Nothing here was taken from the definitions of the catalog, which are held to it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

/** By name: `{formats, envelope, records, filters}`. A fact without a type has none in the reference either. */
export const reference = JSON.parse(readFileSync(new URL('reference.json', import.meta.url), 'utf8'));

/** How much there is to be shown; a fact that gets lost would be asserted by no test. */
const EXTENT = { types: 13, formats: 27, members: 65, records: 27, fields: 258, filters: 24 };

/** The fields of a fact's records, or those of the envelope. */
export function fieldsOf(type, record) {
  return record === undefined ? type.envelope : type.records[record];
}

/** The first member of the envelope that holds records; in a table type it is the only one. */
export function itemsOf(type) {
  return type.envelope.find(({ record }) => record !== undefined);
}

/** Whether anything stands around the records. */
export function hasEnvelope(type) {
  return type.envelope.length > 1;
}

/** The facts in the order of a file: a count stands right behind the array that it counts. */
export function inFileOrder(facts) {
  const ordered = facts.filter(({ counts }) => counts === undefined);
  for (const fact of facts.filter(({ counts }) => counts !== undefined)) {
    const [array] = fact.counts.split('.');
    const isBehind = ({ name, counts }) => name === array || counts?.split('.')[0] === array;
    ordered.splice(ordered.findLastIndex(isBehind) + 1, 0, fact);
  }
  return ordered;
}

/** Which facts have been seen in files. Each test that is done asks what is left. */
export class Walk {
  #left = new Set();

  /** @param {(name: string) => boolean} [isWalked] which types are walked */
  constructor(isWalked = () => true) {
    const extent = { types: 0, formats: 0, members: 0, records: 0, fields: 0, filters: 0 };
    for (const [name, type] of Object.entries(reference)) {
      extent.types += 1;
      extent.formats += type.formats.length;
      extent.members += type.envelope.length;
      extent.filters += type.filters.length;
      extent.records += Object.keys(type.records).length;
      for (const fields of Object.values(type.records)) extent.fields += fields.length;
      if (isWalked(name)) this.#add(name, type);
    }
    assert.deepEqual(extent, EXTENT);
    this.extent = extent;
  }

  #add(name, type) {
    for (const format of type.formats) this.#left.add(`${name}: format ${format}`);
    for (const { name: filter, test, values = [] } of type.filters) {
      for (const value of values) this.#left.add(`${name}: filter ${filter} by ${value}`);
      for (const value of test === 'switch' ? [true, false] : []) this.#left.add(`${name}: filter ${filter} by ${value}`);
      if (test !== 'switch') this.#left.add(`${name}: filter ${filter} chooses some and leaves out others`);
    }
    for (const [record, fields] of [['', type.envelope], ...Object.entries(type.records)]) {
      for (const fact of fields) {
        const field = `${name}: ${record}.${fact.name}`;
        this.#left.add(`${field} is ${fact.type ?? 'there'}`);
        if (fact.nullable) this.#left.add(`${field} is null`);
        for (const value of fact.values ?? []) this.#left.add(`${field} is ${value}`);
      }
    }
  }

  /** Marks that a file of this type came in a format. */
  format(name, format) {
    this.#left.delete(`${name}: format ${format}`);
  }

  /** Marks what a filter did: `all` and `chosen` are how many records there are without it and with it. */
  filter(name, filter, value, all, chosen) {
    this.#left.delete(`${name}: filter ${filter} by ${value}`);
    if (chosen > 0 && chosen < all) this.#left.delete(`${name}: filter ${filter} chooses some and leaves out others`);
  }

  /**
   * Holds an object of a file to the facts: it has these members and no others, in this order, of these types, null only
   * where that is allowed. `dropped` are the paths of fields that a switch has left out.
   */
  object(name, value, { record, dropped = [], path = [], open = false, type = reference[name] } = {}) {
    const facts = inFileOrder(fieldsOf(type, record)).filter((fact) => !dropped.includes([...path, fact.name].join('.')));
    const place = `${name}: ${record ?? ''}`;
    const members = Object.keys(value);
    assert.deepEqual(open ? members.slice(0, facts.length) : members, facts.map((fact) => fact.name), place);
    for (const fact of facts) {
      const inner = value[fact.name];
      const field = `${place}.${fact.name}`;
      if (inner === null) {
        assert.ok(fact.nullable || fact.type === undefined, `${field} is null`);
        this.#left.delete(`${field} is null`);
        if (fact.type === undefined) this.#left.delete(`${field} is there`);
        continue;
      }
      if (fact.type !== undefined) assert.ok(isOfType(inner, fact), `${field}: ${JSON.stringify(inner)} is no ${fact.type}`);
      this.#left.delete(`${field} is ${fact.type ?? 'there'}`);
      if (fact.values) {
        assert.ok(fact.values.includes(inner), `${field}: ${inner}`);
        this.#left.delete(`${field} is ${inner}`);
      }
      if (fact.record === undefined) continue;
      for (const item of Array.isArray(inner) ? inner : [inner]) {
        this.object(name, item, { record: fact.record, dropped, path: [...path, fact.name], type });
      }
    }
  }

  /** Fails where a fact was not seen, other than those that `isElsewhere` names. */
  done(isElsewhere = () => false) {
    assert.deepEqual([...this.#left].filter((fact) => !isElsewhere(fact)), []);
  }
}

function isOfType(value, { type, items }) {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value) && (items === undefined || value.every((item) => isOfType(item, { type: items })));
    case 'object':
      return typeof value === 'object' && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}
