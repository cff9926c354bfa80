import { element } from '../element.js';
import { announce, counted, errorText } from '../wording.js';
import { isAbort } from './api.js';
import { whileBusy } from './busy.js';
import { Field, select } from './field.js';
import { MemoryFilters } from './memory-filters.js';
import { randomKey } from './random-key.js';
import { TemplateChoice } from './template-choice.js';

// Problems that name no member of the request, but mean one.
const MEMBER_OF_CODE = { TEMPLATE_NOT_FOUND: 'template_id', TEMPLATE_FORMAT_MISMATCH: 'template_id', UNKNOWN_FORMAT: 'format', FORMAT_NOT_BUILT: 'format' };

/** The form that starts a job: over the memories of the account, or over the rows of the page's own table. */
export class NewExport {
  #given;
  #onStarted;
  #request;
  #filters = new MemoryFilters();
  #format;
  #template;
  #ofTable = element('input', { type: 'radio', name: 'subject', value: 'table' });
  #tableCount = element('span', { class: 'muted' });
  #button = element('button', { type: 'submit', class: 'primary' }, 'Start the export');
  #trouble = element('p', { class: 'failure', role: 'alert' });
  #said = element('p', { class: 'said', role: 'status' });

  /** @param onStarted called when there is one more job */
  constructor(given, onStarted) {
    this.#given = given;
    this.#onStarted = onStarted;
    this.#format = new Field('Format', select(given.formats.map(({ id, label }) => [id, label])), { wide: true });
    this.#template = new TemplateChoice(given.templates);
    const form = element(
      'form',
      { autocomplete: 'off', novalidate: true, 'aria-labelledby': 'new-export-title' },
      this.#subject(),
      this.#filters.element,
      element('div', { class: 'two-columns' }, this.#format.element, this.#template.field.element),
      element('div', { class: 'actions' }, this.#button),
      this.#trouble,
      this.#said,
    );
    form.addEventListener('input', () => this.#changed());
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      whileBusy(this.#button, () => this.#submit());
    });
    given.table.addEventListener('change', () => this.#changed());
    this.element = element(
      'section',
      { class: 'card new-export', 'aria-labelledby': 'new-export-title' },
      element('div', { class: 'card-head' }, element('h2', { id: 'new-export-title' }, 'New export')),
      form,
    );
    this.#changed();
  }

  /** Somebody looks at it. */
  async show() {
    try {
      await this.#given.templates.load();
    } catch (error) {
      if (!isAbort(error)) this.#template.field.complain(`The templates are not known. ${errorText(error)}`);
    }
  }

  #subject() {
    const memories = element('input', { type: 'radio', name: 'subject', value: 'memories', checked: true });
    return element(
      'fieldset',
      { class: 'scope' },
      element('legend', {}, 'What'),
      element('label', {}, memories, 'Memories of the account'),
      element('label', {}, this.#ofTable, 'Rows of “Your table” ', this.#tableCount),
    );
  }

  /** Another request, so the key of the last one does not hold for it. */
  #changed() {
    const { count } = this.#given.table;
    this.#request = undefined;
    this.#said.textContent = '';
    this.#tableCount.textContent = counted(count, 'row');
    this.#ofTable.disabled = count === 0;
    this.#filters.element.hidden = this.#ofTable.checked;
    this.#template.offer(this.#format.control.value, this.#ofTable.checked);
  }

  async #submit() {
    this.#trouble.textContent = this.#said.textContent = '';
    try {
      // A request whose answer was lost is sent again as it was, so that it makes no second job.
      this.#request ??= { body: await this.#body(), key: randomKey() };
      const { body, key } = this.#request;
      await this.#given.api.post('/v1/exports', body, { 'Idempotency-Key': key });
      this.#request = undefined;
      this.#said.textContent = 'The export is started: it stands at the top of the history.';
      await this.#onStarted();
    } catch (error) {
      if (!isAbort(error)) this.#complain(error);
    }
  }

  async #body() {
    const { table, api } = this.#given;
    const format = this.#format.control.value;
    const template = this.#template.read(table.template);
    if (!this.#ofTable.checked) return JSON.stringify({ resource: 'memories', filters: this.#filters.read(), format, ...template });
    announce('The rows are being put together.');
    // The data come last, just as the engine has written them.
    const head = JSON.stringify({ format, ...template, source: { type: 'data_table', title: table.name } });
    return new Blob([head.slice(0, -1), ',"data":', await table.rows(api.signal), '}'], { type: 'application/json' });
  }

  /** Shows a problem by the field that it is about, if that can be seen. */
  #complain(error) {
    const field = this.#fieldOf(error);
    if (field === undefined || !field.control.checkVisibility()) {
      this.#trouble.textContent = `No export was started. ${errorText(error)}`;
      return;
    }
    field.complain(errorText(error));
    field.control.focus();
  }

  #fieldOf({ code, details = {} }) {
    // Where two contradict each other, the first one.
    const named = [details.parameter, details.parameters?.[0], details.option, details.field].find((name) => typeof name === 'string');
    const member = named?.replace(/^filters\./, '').split(/[.[]/)[0] ?? MEMBER_OF_CODE[code];
    return { format: this.#format, template: this.#template.field, template_id: this.#template.field }[member] ?? this.#filters.field(member);
  }
}
