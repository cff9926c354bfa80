import { choiceField } from '../choice-field.js';
import { byId, element } from '../element.js';
import { FORMAT_OPTIONS, PRESETS } from './format-options.js';

/** The options of the chosen format, as fields made from the table of options. Event: `change`. */
export class OptionsForm extends EventTarget {
  #formats;
  #groups = new Map();
  #preset = choiceField(PRESETS, { id: 'preset' });

  constructor(formats) {
    super();
    this.#formats = formats;
    const place = byId('format-options');
    for (const [format, rows] of Object.entries(FORMAT_OPTIONS)) {
      const fields = rows.map((row) => ({ ...row, ...field(format, row) }));
      const group = element('div', { class: 'options', hidden: true }, ...fields.map(({ row }) => row));
      if (format === PRESETS.format) group.prepend(this.#preset.row);
      this.#groups.set(format, { group, fields });
      place.append(group);
    }
    place.addEventListener('input', () => {
      this.#show();
      this.dispatchEvent(new Event('change'));
    });
    formats.addEventListener('change', () => this.#show());
    this.#show();
  }

  /** The options for some formats: a block of each with what is not at its default, or the preset. */
  optionsFor(...formats) {
    const preset = formats.includes(PRESETS.format) ? this.#preset.read() : undefined;
    const blocks = formats.map((format) => [format, this.#changed(format)]).filter(([, block]) => Object.keys(block).length > 0);
    return { ...(preset && { preset }), ...Object.fromEntries(blocks) };
  }

  #changed(format) {
    if (format === PRESETS.format && this.#preset.read() !== undefined) return {};
    const fields = this.#groups.get(format)?.fields ?? [];
    return Object.fromEntries(fields.map(({ option, read }) => [option, read()]).filter(([, value]) => value !== undefined));
  }

  #show() {
    for (const [format, { group }] of this.#groups) group.hidden = format !== this.#formats.id;
    for (const { row } of this.#groups.get(PRESETS.format).fields) row.hidden = this.#preset.read() !== undefined;
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
