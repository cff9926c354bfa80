// Holds one surface of the product to what the references say of a type of resource: its files are the model's byte by
// byte, and what was seen in them is marked off.

import assert from 'node:assert/strict';
import { filterSets } from './cases.mjs';
import { droppedBy, expectedFile, shaped } from './model.mjs';
import { at } from './records.mjs';
import { fieldsOf, hasEnvelope, inFileOrder, itemsOf, reference } from './reference.mjs';

/**
 * Asks for a type in every format, and by every filter in one format after the other.
 *
 * @param {Walk} walk
 * @param {string} name
 * @param {object} document what there is to be exported, see `expectedFile`
 * @param {(request: {format: string, filters: object}) => Promise<string>} run gives the file
 * @param {{type?: object, formats?: string[], sets?: {single?: string, filters: object}[], envelope?: object, spelt?: (text: string) => string}} [how]
 *   `formats` are those that this surface can make, `envelope` gives members of it, `spelt` spells the expected file as the
 *   surface does
 */
export async function check(walk, name, document, run, how = {}) {
  const { type = reference[name], formats = type.formats, envelope = {}, sets = filterSets(document, type), spelt = (text) => text } = how;
  const requests = [
    ...formats.map((format) => ({ format, filters: {} })),
    ...sets.map(({ single, filters }, index) => ({ single, filters, format: formats[index % formats.length] })),
  ];
  const texts = await Promise.all(requests.map(({ format, filters }) => run({ format, filters })));
  for (const [index, { single, format, filters }] of requests.entries()) {
    const place = `${name} as ${format} by ${JSON.stringify(filters)}`;
    const text = texts[index];
    assert.equal(text, spelt(expectedFile(name, document, { format, filters, envelope, type })), place);
    walk.format(name, format);
    const chosen = shaped(name, document, { filters, envelope, type });
    if (format === 'json') {
      const file = hasEnvelope(type) ? JSON.parse(text) : { [itemsOf(type).name]: JSON.parse(text) };
      walk.object(name, file, { dropped: droppedBy(filters, type), open: type.open, type });
    }
    const filter = type.filters.find((known) => known.name === single);
    if (filter === undefined) continue;
    const path = filter.fields[0].split('.');
    const count = (value) => at(value, filter.test === 'limit' ? path : path.slice(0, -1)).length;
    walk.filter(name, single, filters[single], count(document), count(chosen));
  }
}

/** The fields of a type, each with the path to it and its facts; those of nested records too. */
export function* allFields(type, record, path = []) {
  for (const fact of inFileOrder(fieldsOf(type, record))) {
    const place = [...path, fact.name];
    yield { path: place, fact };
    if (fact.record !== undefined) yield* allFields(type, fact.record, place);
  }
}
