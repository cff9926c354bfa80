// How the page tells what a resource holds.
import { element } from '../element.js';

/** A name of a definition as people read it: `screening_point` → “Screening point”. */
export function words(name) {
  const spaced = name.replaceAll('_', ' ').replace(/\b(id|io|url)\b/g, (short) => short.toUpperCase());
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

const ITEMS = { string: 'strings', object: 'objects', any: 'values' };

// What members of an envelope hold that is not described as a field is.
const HELD = { software_version: 'string', account_id: 'string', moment: 'timestamp', items: 'list of records' };

/** What a field, or a member of an envelope, holds: text and the values that are possible. */
export function typeText(field) {
  const parts = [mainType(field)];
  for (const value of field.enum ?? []) parts.push(parts.length === 1 ? ': ' : ', ', element('code', {}, ...breakable(value)));
  if (field.nullable) parts.push(' or null');
  if (field.optional) parts.push(', may be missing');
  return parts;
}

function mainType({ type, holds, items, of, text }) {
  switch (type ?? holds) {
    case 'array':
      return `list of ${ITEMS[items] ?? ITEMS.any}`;
    case 'record':
      return 'record';
    case 'records':
      return 'list of records';
    case 'count':
      return `count of ${of}`;
    case 'text':
      return `“${text}”`;
    case 'type':
      return 'the type of resource';
    case 'any':
      return 'any value';
    default:
      return HELD[holds] ?? type ?? holds;
  }
}

/** A name that may be broken behind each of its words, where there is little room. */
export function breakable(name) {
  return name.split('_').flatMap((word, index) => (index === 0 ? [word] : ['_', element('wbr', {}), word]));
}
