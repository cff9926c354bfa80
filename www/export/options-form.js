import { byId, element } from '../element.js';
import { FORMAT_OPTIONS } from './format-options.js';

/** The options of the chosen format, as fields made from the table of options. Event: `change`. */
export class OptionsForm extends EventTarget {
  #formats;
  #groups = new Map();

  constructor(formats) {
    super();
    this.#formats = formats;
    const place = byId('format-options');
    for (const [format, rows] of Object.entries(FORMAT_OPTIONS)) {
      const fields = rows.map((row) => ({ ...row, ...field(format, row) }));
      const group = element('div', { class: 'options', hidden: true }, ...fields.map(({ row }) => row));
      this.#groups.set(format, { group, fields });
      place.append(group);
    }
    place.addEventListener('input', () => this.dispatchEvent(new Event('change')));
    formats.addEventListener('change', () => this.#show());
    this.#show();
  }

  /** The block of options for the chosen format: those that are not at their defaults. */
  get options() {
    const { id } = this.#formats;
    const changed = (this.#groups.get(id)?.fields ?? [])
      .map(({ option, read }) => [option, read()])
      .filter(([, value]) => value !== undefined);
    return changed.length === 0 ? {} : { [id]: Object.fromEntries(changed) };
  }

  #show() {
    for (const [format, { group }] of this.#groups) group.hidden = format !== this.#formats.id;
    const { id, label } = this.#formats;
    byId('format-options-title').textContent = `${label} options`;
    byId('format-options').hidden = !this.#groups.has(id);
  }
}

/** A field, and how to read it: `undefined` at its default. */
function field(format, { option, label, choices, text, checked }) {
  const id = `${format}-${option}`;
  if (choices !== undefined) {
    const select = element('select', { id }, ...choices.map(([, name], index) => element('option', { value: index }, name)));
    const read = () => (select.selectedIndex === 0 ? undefined : choices[select.selectedIndex][0]);
    return { row: element('label', { class: 'field' }, label, select), read };
  }
  if (text !== undefined) {
    const input = element('input', { id, type: 'text', placeholder: text, autocomplete: 'off' });
    return { row: element('label', { class: 'field wide' }, label, input), read: () => (input.value === '' ? undefined : input.value) };
  }
  const box = element('input', { id, type: 'checkbox', checked });
  return { row: element('label', { class: 'box' }, box, label), read: () => (box.checked === checked ? undefined : box.checked) };
}
