// The filters and switches of a resource as fields of a form. What they are is in the resource's description; none of
// them has code of its own.
import { element } from '../element.js';
import { Field, select } from './field.js';
import { words } from './resource-words.js';

/** The field of a filter, by what it takes. */
export class FilterField extends Field {
  #read;

  /** @param {object} filter as `GET /v1/resources` describes it */
  constructor(filter) {
    const { control, read, wide, note } = kindOf(filter);
    super(words(filter.name), control, { note: [filter.description, note].filter(Boolean).join(' '), wide });
    this.name = filter.name;
    this.#read = read;
  }

  /** What is filled in, `undefined` where nothing is. Throws what has to be told at the field. */
  read() {
    return this.#read();
  }
}

/** The field of a switch, which is a box. What it says by default is not sent. */
export class SwitchField extends Field {
  #default;

  constructor({ name, description, default: preset }) {
    super(words(name), element('input', { type: 'checkbox', checked: preset }), { note: description, wide: true });
    this.name = name;
    this.#default = preset;
  }

  read() {
    const { checked } = this.control;
    return checked === this.#default ? undefined : checked;
  }
}

function kindOf(filter) {
  const { test, type, enum: values } = filter;
  if (test === 'is_null') return box();
  if (test === 'limit') return numeric({ min: 1, step: 1 });
  if (test === 'one_of' || test === 'any_of') return values === undefined ? several(filter) : boxes(values);
  if (values !== undefined) return choice(values.map((value) => [value, value]), (value) => value);
  if (type === 'boolean') return choice([['true', 'Yes'], ['false', 'No']], (value) => value === 'true');
  if (type === 'timestamp') return moment();
  if (type === 'number' || type === 'integer') return numeric({ step: type === 'integer' ? 1 : 'any' });
  return text();
}

function text() {
  const control = element('input', { type: 'text', autocomplete: 'off', spellcheck: 'false' });
  return { control, read: () => given(control.value.trim()) };
}

function several({ most }) {
  const { control } = text();
  return {
    control,
    wide: true,
    note: `Separated by commas, up to ${most}. One of them is enough.`,
    read() {
      const values = control.value.split(',').map((value) => value.trim());
      const found = values.filter((value) => value !== '');
      if (found.length > most) throw new Error(`These are ${found.length}, and at most ${most} are taken.`);
      return found.length === 0 ? undefined : found;
    },
  };
}

function boxes(values) {
  const inputs = values.map((value) => element('input', { type: 'checkbox', value }));
  const labels = inputs.map((input) => element('label', { class: 'box' }, input, input.value));
  return {
    control: element('fieldset', { class: 'boxes' }, element('div', {}, ...labels)),
    wide: true,
    note: 'One of them is enough.',
    read() {
      const found = inputs.filter(({ checked }) => checked).map(({ value }) => value);
      return found.length === 0 ? undefined : found;
    },
  };
}

function choice(values, valueOf) {
  const control = select([['', 'Any'], ...values]);
  return { control, read: () => (control.value === '' ? undefined : valueOf(control.value)) };
}

function box() {
  const control = element('input', { type: 'checkbox' });
  return { control, wide: true, read: () => control.checked || undefined };
}

function numeric(attributes) {
  const control = element('input', { type: 'number', inputmode: attributes.step === 'any' ? 'decimal' : 'numeric', ...attributes });
  return {
    control,
    read() {
      // The words are the browser's: it knows what was typed and in which language.
      if (!control.validity.valid) throw new Error(control.validationMessage);
      return given(control.value) && exact(control.value);
    },
  };
}

/**
 * What was typed as a number, which a field takes in more forms than JSON does; as text where a number of JavaScript
 * does not hold all of its digits.
 */
export function exact(typed) {
  const number = Number(typed);
  if (String(number) === typed) return number;
  const [, sign, whole, rest] = /^(-?)0*(\d*)(.*)$/.exec(typed);
  return `${sign}${whole || '0'}${rest}`;
}

/** A moment of UTC, since that is what the records have. */
function moment() {
  const control = element('input', { type: 'datetime-local', step: 1, max: '9999-12-31T23:59:59' });
  return {
    control,
    wide: true,
    note: 'The time is that of UTC.',
    read() {
      if (!control.validity.valid) throw new Error(control.validationMessage);
      return given(control.value) && new Date(`${control.value}Z`).toISOString();
    },
  };
}

function given(value) {
  return value === '' ? undefined : value;
}
