import { element } from '../element.js';
import { Field, select } from './field.js';

const DAY_MS = 24 * 60 * 60 * 1000;

// Each row makes one field and, where something is filled in, one member of `filters`.
const ROWS = [
  { member: 'user_id', label: 'User', read: text },
  { member: 'agent_id', label: 'Agent', read: text },
  { member: 'session_id', label: 'Session', read: text },
  { member: 'priority', label: 'Priority', choices: [['', 'Any'], ['LOW', 'Low'], ['MEDIUM', 'Medium'], ['HIGH', 'High']], read: text },
  { member: 'categories', label: 'Categories', wide: true, placeholder: 'work, travel', note: 'Separated by commas. One of them is enough.', read: list },
  { member: 'created_after', label: 'Created from', type: 'date', read: startOfDay },
  { member: 'created_before', label: 'Created up to', type: 'date', read: endOfDay },
];

/** Which memories are exported: all, unless a field says less. */
export class MemoryFilters {
  #rows = ROWS.map((row) => ({ ...row, field: new Field(row.label, controlOf(row), row) }));

  constructor() {
    const note = element('p', { class: 'note wide' }, 'Empty fields keep all. Days are those of UTC; the last one is included.');
    this.element = element('div', { class: 'two-columns' }, ...this.#rows.map(({ field }) => field.element), note);
  }

  /** The `filters` of a request. */
  read() {
    const filled = this.#rows.map(({ member, field, read }) => [member, read(field.control.value.trim())]);
    return Object.fromEntries(filled.filter(([, value]) => value !== undefined));
  }

  /** The field of a filter, `undefined` where a name is none. */
  field(member) {
    return this.#rows.find((row) => row.member === member)?.field;
  }
}

function controlOf({ choices, type = 'text', placeholder }) {
  return choices === undefined ? element('input', { type, placeholder, autocomplete: 'off', spellcheck: 'false' }) : select(choices);
}

function text(value) {
  return value === '' ? undefined : value;
}

function list(value) {
  const names = value.split(',').map((name) => name.trim());
  const given = names.filter((name) => name !== '');
  return given.length === 0 ? undefined : given;
}

function startOfDay(value) {
  return value === '' ? undefined : new Date(value).toISOString();
}

/** The bound is exclusive, so it is the start of the next day. */
function endOfDay(value) {
  return value === '' ? undefined : new Date(Date.parse(value) + DAY_MS).toISOString();
}
