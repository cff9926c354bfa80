// What is asked of each type of resource: every format, every filter with values that choose some and not others, both
// states of every switch, and several of them together.

import { shaped } from './model.mjs';
import { at } from './records.mjs';
import { itemsOf, reference } from './reference.mjs';

/** A value that no record has. */
const NOWHERE = 'ffffffff-0000-4000-8000-000000000000';
const MOMENTS = {
  at_least: ['2026-03-01', '2026-03-01T01:00:00+01:00', '2026-02-28T23:59:59.999Z', '2030-01-01', '2020-01-01'],
  less_than: ['2026-03-01', '2026-03-01T00:00:00.001Z', '2026-04-01T00:00:00Z', '2030-01-01'],
};

/**
 * Sets of filters for a type, from values that the document holds: each filter by itself, with each of its values, then all
 * pairs of neighbours. `single` names the filter that a set is about.
 *
 * @returns {{single?: string, filters: object}[]}
 */
export function filterSets(document, type) {
  const values = type.filters.map((filter) => ({ name: filter.name, values: valuesOf(filter, document) }));
  const sets = values.flatMap(({ name, values: all }) => all.map((value) => ({ single: name, filters: { [name]: value } })));
  values.slice(1).forEach(({ name, values: [first, second = first] }, index) => {
    const before = values[index];
    sets.push({ filters: { [before.name]: before.values[0], [name]: second } });
  });
  if (values.length > 2) sets.push({ filters: Object.fromEntries(values.map(({ name, values: all }) => [name, all.at(-1)])) });
  return sets;
}

/** For each filter the first set by which some of the document is chosen and some is not, and the set of all together. */
export function tellingSets(document, type) {
  const whole = JSON.stringify(shaped('', document, { type }));
  const found = new Map();
  for (const { single, filters } of filterSets(document, type)) {
    const chosen = shaped('', document, { type, filters });
    const records = chosen[itemsOf(type).name];
    const tells = JSON.stringify(chosen) !== whole && (!Array.isArray(records) || records.length > 0);
    if (tells && !found.has(single)) found.set(single, { single, filters });
  }
  return [...found.values()];
}

function valuesOf({ test, values, fields }, document) {
  const path = fields[0].split('.');
  const found = [...new Set(at(document, path).filter((value) => value !== ''))];
  const isMoment = /(_at|At)$/.test(path.at(-1));
  switch (test) {
    case 'is_null':
    case 'switch':
      return [true, false];
    case 'limit':
      return [1, 3, 1000];
    case 'any_of':
      return [[found[0]], [found[1], found.at(-1)], [NOWHERE]];
    case 'one_of':
      return [[found[0]], [found[0], found[1]]];
    case 'at_most':
      return [0, 0.1, 1e22];
    case 'at_least':
    case 'less_than':
      return isMoment ? MOMENTS[test] : [0.1, 1e21, -100];
    default:
      if (values) return values;
      if (typeof found[0] === 'boolean') return [true, false];
      return [...found.slice(0, 2), ...(path.at(-1).endsWith('_id') ? [NOWHERE] : [])];
  }
}

/** Formats that are offered of this type, and those that are not, of all that the engine knows. */
export function formatsOf(name, known, type = reference[name]) {
  return { offered: type.formats, others: known.filter((id) => !type.formats.includes(id)) };
}
