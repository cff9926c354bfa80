import { element } from '../element.js';
import { announce, errorText } from '../wording.js';
import { isAbort } from './api.js';
import { ask } from './ask.js';
import { moment } from './moment.js';
import { editTemplate } from './template-dialog.js';

/** The templates: those of the account are written here, those of the system are read and copied. */
export class TemplatesPanel {
  #given;
  #heading = element('h2', { id: 'templates-title', tabindex: -1 }, 'Templates');
  #list = element('ul', { class: 'jobs', 'aria-labelledby': 'templates-title' });
  #status = element('p', { class: 'muted list-status' });
  #trouble = element('p', { class: 'failure list-status', role: 'alert' });

  constructor(given) {
    this.#given = given;
    const add = element('button', { type: 'button', class: 'primary' }, 'New template…');
    add.addEventListener('click', () => this.#write('New template', { name: 'My template', column_mapping: { id: 'Id' } }));
    this.element = element(
      'section',
      { class: 'card', 'aria-labelledby': 'templates-title' },
      element('div', { class: 'card-head' }, this.#heading, add),
      this.#status,
      this.#trouble,
      this.#list,
    );
    given.templates.addEventListener('change', () => this.#show());
  }

  /** Somebody looks at it. */
  async show() {
    if (this.#given.templates.items.length === 0) this.#status.textContent = 'Loading…';
    await this.#try(() => this.#given.templates.load());
    this.#status.textContent = '';
  }

  #show() {
    const { items } = this.#given.templates;
    const own = items.filter(({ system }) => !system);
    const ofSystem = items.filter(({ system }) => system);
    this.#list.replaceChildren(...[...own, ...ofSystem].map((template) => this.#item(template)));
  }

  #item(template) {
    const { name, format, system, template: document, updated_at: updated } = template;
    const label = this.#given.formats.find(({ id }) => id === format)?.label ?? format ?? 'any format';
    const facts = element('p', { class: 'muted facts' }, element('span', {}, label));
    if (updated != null) facts.append(element('span', {}, 'changed ', moment(updated)));
    const actions = element('div', { class: 'bar' }, ...(system ? this.#systemActions(template) : this.#ownActions(template)));
    const badge = system ? [element('span', { class: 'status' }, 'System')] : [];
    const text = element('pre', { tabindex: 0, role: 'region', 'aria-label': `Template ${name} as JSON` }, JSON.stringify(document, undefined, 2));
    const details = element('details', {}, element('summary', {}, 'As JSON'), text);
    return element('li', {}, element('div', { class: 'job-head' }, element('h3', {}, name), ...badge, actions), facts, details);
  }

  #systemActions({ name, template }) {
    return [button('Copy…', `Copy ${name}`, () => this.#write('New template', { ...template, name: `${name} (copy)` }))];
  }

  #ownActions({ id, name, template }) {
    return [
      button('Edit…', `Edit ${name}`, () => this.#write(`Change “${name}”`, template, id)),
      button('Delete', `Delete ${name}`, () => this.#remove(id, name)),
    ];
  }

  async #write(title, template, id) {
    const { templates, table, api } = this.#given;
    const save = (text) => (id === undefined ? templates.create(text) : templates.replace(id, text));
    if (!(await editTemplate({ title, template, ofPage: () => table.document, save, signal: api.signal }))) return;
    this.#heading.focus();
    announce('The template is saved.');
    await this.#try(() => templates.load());
  }

  async #remove(id, name) {
    const { templates, api } = this.#given;
    if (!(await ask(`Delete the template “${name}” for everyone in the account? Exports that were made with it stay.`, 'Delete', api.signal))) return;
    if (!(await this.#try(() => templates.remove(id)))) return;
    this.#heading.focus();
    announce('The template is deleted.');
    await this.#try(() => templates.load());
  }

  /** Whether it went well; if not, the page says why. */
  async #try(work) {
    this.#trouble.textContent = '';
    try {
      await work();
      return true;
    } catch (error) {
      if (!isAbort(error)) this.#trouble.textContent = errorText(error);
      return false;
    }
  }
}

function button(text, name, onClick) {
  const made = element('button', { type: 'button', 'aria-label': name }, text);
  made.addEventListener('click', onClick);
  return made;
}
