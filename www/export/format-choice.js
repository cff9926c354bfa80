import { element } from '../element.js';

/** The choice of the format, for the preview and the file alike. Event: `change`. */
export class FormatChoice extends EventTarget {
  #fieldset;
  #formats;

  /** @param formats the formats to offer, in their order */
  constructor(fieldset, formats) {
    super();
    this.#fieldset = fieldset;
    this.#formats = formats;
    fieldset.append(
      ...formats.map(({ id, label }, index) =>
        element('label', {}, element('input', { type: 'radio', name: 'format', value: id, checked: index === 0 }), label),
      ),
    );
    fieldset.addEventListener('change', () => this.#changed());
  }

  get id() {
    return this.#fieldset.querySelector(':checked').value;
  }

  get label() {
    return this.#formats.find(({ id }) => id === this.id).label;
  }

  get extension() {
    return this.#formats.find(({ id }) => id === this.id).extension;
  }

  choose(id) {
    const radio = this.#fieldset.querySelector(`input[value="${CSS.escape(id)}"]`);
    if (radio === null || radio.checked) return;
    radio.checked = true;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
