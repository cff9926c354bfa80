import { element } from '../element.js';
import { Field } from './field.js';

/** The choice of a template for a new export, among those that fit the format. */
export class TemplateChoice {
  #templates;
  #select = element('select', {});
  #format;
  #ofPage = false;

  /** @param {import('./template-store.js').TemplateStore} templates */
  constructor(templates) {
    this.#templates = templates;
    this.field = new Field('Template', this.#select, { wide: true });
    templates.addEventListener('change', () => this.#fill());
    this.#fill();
  }

  /**
   * @param {string} format
   * @param {boolean} ofPage whether the columns of the page's own table may be chosen
   */
  offer(format, ofPage) {
    const began = ofPage && !this.#ofPage;
    this.#format = format;
    this.#ofPage = ofPage;
    this.#fill();
    // The rows of the page are written as the page shows them, until something else is chosen.
    if (began) this.#select.value = 'page';
  }

  /** The members of a request: `template_id`, or a `template`, or none. */
  read(pageTemplate) {
    const { value } = this.#select;
    if (value === '') return {};
    if (value === 'page') return pageTemplate === undefined ? {} : { template: pageTemplate };
    return { template_id: value.slice('id:'.length) };
  }

  #fill() {
    const { value } = this.#select;
    const fitting = this.#templates.items.filter(({ format }) => format == null || format === this.#format);
    const group = (label, templates) =>
      templates.length === 0 ? [] : [element('optgroup', { label }, ...templates.map(({ id, name }) => element('option', { value: `id:${id}` }, name)))];
    this.#select.replaceChildren(
      element('option', { value: '' }, 'None'),
      ...(this.#ofPage ? [element('option', { value: 'page' }, 'Columns of “Your table”')] : []),
      ...group(
        'Own',
        fitting.filter(({ system }) => !system),
      ),
      ...group(
        'System',
        fitting.filter(({ system }) => system),
      ),
    );
    this.#select.value = value;
    if (this.#select.selectedIndex < 0) this.#select.selectedIndex = 0;
  }
}
