import { choiceField } from '../choice-field.js';
import { element } from '../element.js';
import { COLUMN_SETTINGS } from './column-settings.js';

let items = 0;

/** One column in the list: a box to keep it, its heading, buttons to move it, and more that can be set for it. */
export class ColumnItem {
  element;
  #box;
  #heading;
  #up;
  #down;
  #more;
  #note;
  #settings;

  constructor(key) {
    const id = `column-settings-${(items += 1)}`;
    this.#box = element('input', { type: 'checkbox', 'aria-label': `Keep the column ${key}` });
    this.#heading = element('input', { type: 'text', 'aria-label': `Heading of the column ${key}`, placeholder: key, autocomplete: 'off' });
    this.#up = element('button', { type: 'button', class: 'step', 'data-step': -1, 'aria-label': `Move ${key} up` }, '↑');
    this.#down = element('button', { type: 'button', class: 'step', 'data-step': 1, 'aria-label': `Move ${key} down` }, '↓');
    this.#more = element('button', { type: 'button', class: 'step more', 'aria-label': `More for ${key}`, 'aria-expanded': 'false', 'aria-controls': id }, '⋯');
    this.#note = element('p', { class: 'note' }, `${key} is not in the data.`);
    this.#settings = COLUMN_SETTINGS.map((row) => ({ member: row.member, ...choiceField(row) }));
    const panel = element('div', { class: 'options', id, hidden: true, role: 'group', 'aria-label': `More for ${key}` }, ...this.#settings.map(({ row }) => row));
    this.#more.addEventListener('click', () => {
      panel.hidden = !panel.hidden;
      this.#more.setAttribute('aria-expanded', !panel.hidden);
    });
    const handle = element('span', { class: 'handle', 'aria-hidden': 'true', title: 'Drag to move' });
    this.element = element('li', { 'data-key': key }, handle, this.#box, this.#heading, this.#up, this.#down, this.#more, this.#note, panel);
  }

  /** What is set in the fields, given what was set before, of which some may have no field. */
  read({ settings }) {
    const fields = this.#settings.map(({ member, read }) => [member, read()]);
    const all = { ...settings, ...Object.fromEntries(fields) };
    const set = Object.entries(all).filter(([, value]) => value !== undefined);
    return { kept: this.#box.checked, label: this.#heading.value, settings: Object.fromEntries(set) };
  }

  show({ label, kept, known, settings }, first, last) {
    this.#box.checked = kept;
    // A field that is being typed in keeps its cursor.
    if (this.#heading.value !== label) this.#heading.value = label;
    this.#heading.disabled = !kept;
    // A button that is only marked as disabled keeps the focus when a column arrives at the end of the list.
    this.#up.setAttribute('aria-disabled', first);
    this.#down.setAttribute('aria-disabled', last);
    this.#more.classList.toggle('set', Object.keys(settings).length > 0);
    this.#note.hidden = known;
    for (const field of this.#settings) field.show(settings[field.member]);
  }
}
