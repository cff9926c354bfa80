import { byId } from '../element.js';

// The fields of the form and the members of a template that they are.
const TEXTS = [
  ['template-name', 'name'],
  ['header-text', 'header_text'],
  ['footer-text', 'footer_text'],
];
const OWN_MEMBERS = ['format', 'column_mapping', ...TEXTS.map(([, member]) => member)];

/** The form of the template: the columns, the texts around the table. Event: `change`. */
export class TemplateEditor extends EventTarget {
  #columns;
  #rest = {};

  constructor(columns) {
    super();
    this.#columns = columns;
    const form = byId('template');
    form.addEventListener('submit', (event) => event.preventDefault());
    for (const [id] of TEXTS) byId(id).addEventListener('input', () => this.#changed());
    columns.addEventListener('change', () => this.#changed());
    form.addEventListener('reset', (event) => {
      event.preventDefault();
      this.take({});
    });
  }

  /** What differs from the data as they come; `undefined` where nothing does. */
  get template() {
    const template = { ...this.#rest, ...(this.#columns.untouched ? {} : { column_mapping: this.#columns.mapping }), ...this.#texts() };
    return Object.keys(template).length === 0 ? undefined : template;
  }

  /** The same with every column named, as a document to keep. */
  get document() {
    const { name, ...texts } = this.#texts();
    return { ...(name === undefined ? {} : { name }), ...this.#rest, column_mapping: this.#columns.mapping, ...texts };
  }

  /** Fills the form. What it has no field for is kept and goes along. */
  take(template) {
    for (const [id, member] of TEXTS) byId(id).value = template[member] ?? '';
    this.#rest = Object.fromEntries(Object.entries(template).filter(([member]) => !OWN_MEMBERS.includes(member)));
    this.#columns.take(template.column_mapping);
  }

  #texts() {
    const filled = TEXTS.map(([id, member]) => [member, byId(id).value]).filter(([, text]) => text !== '');
    return Object.fromEntries(filled);
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
