import { element } from '../element.js';
import { errorText } from '../wording.js';
import { isAbort } from './api.js';
import { everyItem } from './every-item.js';
import { Field, select } from './field.js';
import { ResourceFields } from './resource-fields.js';
import { ResourceForm } from './resource-form.js';
import { typeText } from './resource-words.js';

/** The resources of the service: one is chosen, and what it holds, what it can be chosen by and its export are shown. */
export class ResourcesPanel {
  #given;
  #resources;
  #shown = new Map();
  #choice = new Field('Resource', select([]));
  #description = element('p', { class: 'muted resource-description' });
  #form = element('div', {});
  #fields = element('div', {});
  #status = element('p', { class: 'muted list-status' });
  #trouble = element('p', { class: 'failure', role: 'alert' });
  #again = element('button', { type: 'button' }, 'Try again');
  #detail = '';

  /** @param given see `ResourceForm` */
  constructor(given) {
    this.#given = given;
    // The address says what is shown, so that it can be linked to and gone back to.
    this.#choice.control.addEventListener('change', ({ target }) => (location.hash = `#service/resources/${target.value}`));
    this.#again.addEventListener('click', async () => {
      await this.#load();
      // The button is gone.
      if (this.#resources !== undefined) this.#choice.focus();
    });
    this.element = element('div', {}, element('section', { class: 'card notice' }, this.#status, this.#trouble, this.#again));
  }

  /** Somebody looks at it; at the resource of this name, or at the first. */
  async show(name) {
    this.#detail = name;
    if (this.#resources === undefined) await this.#load();
    else this.#choose();
  }

  async #load() {
    this.#say({ status: 'Loading…' });
    try {
      this.#resources = await everyItem(this.#given.api, '/v1/resources');
    } catch (error) {
      if (!isAbort(error)) this.#say({ trouble: `The resources are not known. ${errorText(error)}` });
      return;
    }
    if (this.#resources.length === 0) {
      this.#say({ status: 'The service offers no resources.' });
      return;
    }
    this.#choice.control.replaceChildren(...this.#resources.map(({ name, label }) => element('option', { value: name }, label)));
    const form = element('section', { class: 'card resource', 'aria-labelledby': 'resource-title' }, this.#head(), this.#form);
    this.element.className = 'exports';
    this.element.replaceChildren(form, this.#fields);
    this.#choose();
  }

  #head() {
    const title = element('h2', { id: 'resource-title' }, 'Export a resource');
    return element('div', { class: 'resource-head' }, title, this.#choice.element, this.#description);
  }

  #choose() {
    if (this.#resources.length === 0) return;
    const resource = this.#resources.find(({ name }) => name === this.#detail) ?? this.#resources[0];
    this.#choice.control.value = resource.name;
    this.#description.textContent = resource.description;
    // What was filled in stays while others are looked at.
    if (!this.#shown.has(resource)) this.#shown.set(resource, { form: new ResourceForm(resource, this.#given), fields: fieldsCard(resource) });
    const { form, fields } = this.#shown.get(resource);
    this.#form.replaceChildren(form.element);
    this.#fields.replaceChildren(fields);
  }

  #say({ status = '', trouble = '' }) {
    this.#status.textContent = status;
    this.#trouble.textContent = trouble;
    this.#again.hidden = trouble === '';
  }
}

/** What a file holds: the fields, and for a table the members of JSON around them. */
function fieldsCard(resource) {
  const { record, envelope = [] } = resource;
  const around = record === undefined || envelope.length === 0 ? [] : [envelopeList(envelope)];
  return element(
    'section',
    { class: 'card', 'aria-labelledby': 'fields-title' },
    element('div', { class: 'card-head' }, element('h2', { id: 'fields-title' }, 'Fields')),
    new ResourceFields(resource).element,
    ...around,
  );
}

function envelopeList(envelope) {
  const entries = envelope.flatMap((member) => [
    element('dt', {}, element('code', {}, member.name), ' ', element('span', { class: 'muted' }, ...typeText(member))),
    element('dd', {}, member.description),
  ]);
  return element('details', { class: 'envelope' }, element('summary', {}, 'Around the records, in JSON'), element('dl', {}, ...entries));
}
