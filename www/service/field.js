import { element } from '../element.js';

let made = 0;

/** A control with its label, a note, and a place to say what is wrong with it. */
export class Field {
  #error;

  /**
   * @param {string} label
   * @param {HTMLElement} control a `fieldset` of several gets the label as its legend
   * @param {object} [about]
   * @param {string} [about.note]
   * @param {boolean} [about.wide] takes the whole width of a form with two columns
   */
  constructor(label, control, { note, wide = false } = {}) {
    this.control = control;
    made += 1;
    const id = (part) => `service-${part}-${made}`;
    control.id = id('field');
    this.#error = element('p', { class: 'failure', id: id('error'), role: 'alert' });
    const noteLine = note === undefined ? [] : [element('p', { class: 'note', id: id('note') }, note)];
    control.setAttribute('aria-describedby', [...noteLine, this.#error].map((line) => line.id).join(' '));
    control.addEventListener('input', () => this.complain(''));
    this.element = element('div', { class: wide ? 'field wide' : 'field' }, ...labelled(label, control), ...noteLine, this.#error);
  }

  /** Says what is wrong with what the control holds; an empty text takes that back. */
  complain(text) {
    this.#error.textContent = text;
    for (const control of this.#inputs) {
      if (text === '') control.removeAttribute('aria-invalid');
      else control.setAttribute('aria-invalid', 'true');
    }
  }

  focus() {
    this.#inputs[0].focus();
  }

  get #inputs() {
    return this.control.matches('fieldset') ? [...this.control.querySelectorAll('input')] : [this.control];
  }
}

function labelled(label, control) {
  if (control.type === 'checkbox') return [element('label', { class: 'box' }, control, label)];
  if (!control.matches('fieldset')) return [element('label', { for: control.id }, label), control];
  control.prepend(element('legend', {}, label));
  return [control];
}

/** A list of choices: rows of `[value, name]`. */
export function select(choices, attributes = {}) {
  return element('select', attributes, ...choices.map(([value, name]) => element('option', { value }, name)));
}
