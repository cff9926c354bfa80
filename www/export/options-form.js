import { choiceField } from '../choice-field.js';
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

  /** The blocks of options for some formats, with what is not at its default. */
  optionsFor(...formats) {
    const blocks = formats.map((format) => [format, this.#changed(format)]);
    return Object.fromEntries(blocks.filter(([, block]) => Object.keys(block).length > 0));
  }

  #changed(format) {
    const fields = this.#groups.get(format)?.fields ?? [];
    return Object.fromEntries(fields.map(({ option, read }) => [option, read()]).filter(([, value]) => value !== undefined));
  }

  #show() {
    for (const [format, { group }] of this.#groups) group.hidden = format !== this.#formats.id;
    const { id, label } = this.#formats;
    byId('format-options-title').textContent = `${label} options`;
    byId('format-options').hidden = !this.#groups.has(id);
  }
}

/** A field, and how to read it: `undefined` at its default. */
function field(format, row) {
  const id = `${format}-${row.option}`;
  if (row.checked === undefined) return choiceField(row, { id });
  const box = element('input', { id, type: 'checkbox', checked: row.checked });
  return { row: element('label', { class: 'box' }, box, row.label), read: () => (box.checked === row.checked ? undefined : box.checked) };
}
