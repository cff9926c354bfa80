/** The form for a small template: which columns, under which headings, and the texts around the table. */
export class TemplateForm {
  #form;
  #columns;

  /** Called after every change. */
  onChange = () => {};

  constructor(form, keys) {
    this.#form = form;
    this.#columns = keys.map((key) => new ColumnRow(key));
    form.querySelector('#columns').append(...this.#columns.map((column) => column.element));
    form.addEventListener('submit', (event) => event.preventDefault());
    form.addEventListener('input', () => this.#changed());
    // The fields have their old values again only after the event.
    form.addEventListener('reset', () => queueMicrotask(() => this.#changed()));
  }

  /** The options of an export in a format. An untouched form gives no template, so the data go as they are. */
  options(format) {
    const template = this.#template();
    return { format, filename: 'matches', ...(Object.keys(template).length === 0 ? {} : { template }) };
  }

  #template() {
    const template = {};
    if (this.#columns.some((column) => !column.untouched)) {
      const kept = this.#columns.filter((column) => column.kept);
      template.column_mapping = Object.fromEntries(kept.map((column) => [column.key, column.heading]));
    }
    const header = this.#form.querySelector('#header-text').value;
    const footer = this.#form.querySelector('#footer-text').value;
    if (header !== '') template.header_text = header;
    if (footer !== '') template.footer_text = footer;
    return template;
  }

  #changed() {
    for (const column of this.#columns) column.update();
    this.onChange();
  }
}

/** One column of the form: a box to keep it and a field for its heading. */
class ColumnRow {
  key;
  element;
  #box;
  #field;

  constructor(key) {
    this.key = key;
    this.#box = document.createElement('input');
    this.#box.type = 'checkbox';
    // The attribute, not the property, is what a reset of the form goes back to.
    this.#box.defaultChecked = true;
    this.#box.setAttribute('aria-label', `Keep the column ${key}`);
    this.#field = document.createElement('input');
    this.#field.type = 'text';
    this.#field.defaultValue = key;
    this.#field.setAttribute('aria-label', `Heading of the column ${key}`);
    this.element = document.createElement('li');
    this.element.append(this.#box, this.#field);
  }

  get kept() {
    return this.#box.checked;
  }

  get heading() {
    return this.#field.value;
  }

  get untouched() {
    return this.kept && this.heading === this.key;
  }

  update() {
    this.#field.disabled = !this.kept;
  }
}
