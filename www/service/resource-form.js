import { element } from '../element.js';
import { saveFile } from '../export/save-file.js';
import { announce, errorText, size } from '../wording.js';
import { isAbort } from './api.js';
import { whileBusy } from './busy.js';
import { Field, select } from './field.js';
import { FilterField, SwitchField } from './filter-field.js';
import { randomKey } from './random-key.js';

// Problems that name no parameter, but mean one.
const FIELD_OF_CODE = {
  RESOURCE_ID_REQUIRED: 'resource_id',
  RESOURCE_NOT_FOUND: 'resource_id',
  FORMAT_NOT_OFFERED: 'format',
  FORMAT_NOT_BUILT: 'format',
  UNKNOWN_FORMAT: 'format',
};

/** The form of one resource, made of its description alone: which records, which fields, as what, and then the file or a job. */
export class ResourceForm {
  #resource;
  #given;
  #fields = new Map();
  #request;
  #save = element('button', { type: 'submit', class: 'primary' }, 'Download');
  #job = element('button', { type: 'button' }, 'Export in the background');
  #trouble = element('p', { class: 'failure', role: 'alert' });
  #said = element('p', { class: 'said', role: 'status' });
  #progress = element('div', { class: 'progress', hidden: true });
  #running;

  /**
   * @param {object} resource as `GET /v1/resources` describes it
   * @param {object} given
   * @param {import('./api.js').Api} given.api
   * @param {(permission: string) => boolean} given.may
   * @param {{id: string, label: string}[]} given.formats that the service can write
   */
  constructor(resource, given) {
    this.#resource = resource;
    this.#given = given;
    const actions = element('div', { class: 'actions' }, this.#save, ...(given.may('exports:create') ? [this.#job] : []));
    this.element = element(
      'form',
      { autocomplete: 'off', novalidate: true, 'aria-label': `Export of ${resource.label}` },
      ...this.#controls(),
      actions,
      this.#progress,
      this.#trouble,
      this.#said,
    );
    this.#makeProgress();
    this.element.addEventListener('input', () => this.#changed());
    this.element.addEventListener('submit', (event) => {
      event.preventDefault();
      whileBusy(this.#save, () => this.#try(() => this.#download()));
    });
    this.#job.addEventListener('click', () => whileBusy(this.#job, () => this.#try(() => this.#start())));
    this.#changed();
  }

  #controls() {
    const { by_id: byId, filters = [], switches = [] } = this.#resource;
    const parts = [];
    if (byId) {
      const input = element('input', { type: 'text', required: true, autocomplete: 'off', spellcheck: 'false' });
      parts.push(this.#add('resource_id', new Field('ID', input, { note: 'One is exported at a time.' })));
    }
    const choices = [...filters.map((filter) => new FilterField(filter)), ...switches.map((each) => new SwitchField(each))];
    if (choices.length > 0) {
      const fields = choices.map((field) => this.#add(field.name, field));
      parts.push(element('fieldset', { class: 'filters' }, element('legend', {}, 'Which records'), element('div', { class: 'two-columns' }, ...fields)));
    }
    parts.push(this.#add('format', this.#formatField()));
    parts.push(element('details', {}, element('summary', {}, 'More options'), element('div', { class: 'options' }, ...this.#options())));
    return parts;
  }

  #add(name, field) {
    this.#fields.set(name, field);
    return field.element;
  }

  /** Formats that are offered, but that the service cannot write, are told and not given to choose. */
  #formatField() {
    const known = new Map(this.#given.formats.map(({ id, label }) => [id, label]));
    const control = select([]);
    for (const id of this.#resource.formats) {
      const built = known.has(id);
      control.append(element('option', { value: id, disabled: !built }, built ? known.get(id) : `${id.toUpperCase()} (not built yet)`));
    }
    return new Field('Format', control);
  }

  #options() {
    const { record, envelope } = this.#resource;
    const box = (name, label, note, checked = false) => this.#add(name, new Field(label, element('input', { type: 'checkbox', checked }), { note, wide: true }));
    return [
      box('strict', 'Only if everything matches', 'Records that are not as described are refused, and there is no file.'),
      ...(record === undefined || !this.#hasMembers(record) ? [] : [box('flatten', 'Members as columns', 'Those of records in records. In JSON they stay where they are.')]),
      ...(record === undefined || envelope === undefined ? [] : [box('envelope', 'With an envelope', 'In JSON: the type, the account, the time and the number of records around the records.', true)]),
    ];
  }

  /** Whether records hold objects, whose members can become columns. */
  #hasMembers(record) {
    const { fields = [], open } = typeof record === 'string' ? (this.#resource.records?.[record] ?? {}) : record;
    return open === true || fields.some(({ type }) => ['record', 'object', 'any'].includes(type));
  }

  /** Another request, so the key of the last one does not hold for it, and what was said of it is old. */
  #changed() {
    this.#request = undefined;
    this.#trouble.textContent = this.#said.textContent = '';
  }

  /** What is filled in. Throws once it has told what is wrong, and where. */
  #read() {
    const { filters = [], switches = [], by_id: byId } = this.#resource;
    const chosen = {};
    let wrong;
    for (const { name } of [...filters, ...switches]) {
      const field = this.#fields.get(name);
      try {
        const value = field.read();
        if (value !== undefined) chosen[name] = value;
      } catch (error) {
        field.complain(error.message);
        wrong ??= field;
      }
    }
    const id = this.#fields.get('resource_id')?.control.value.trim();
    if (byId && id === '') {
      const field = this.#fields.get('resource_id');
      field.complain('Type or paste the ID of the one to export.');
      wrong = field;
    }
    if (wrong !== undefined) {
      wrong.focus();
      throw new Incomplete();
    }
    return { id, filters: chosen, options: this.#readOptions() };
  }

  #readOptions() {
    const checked = (name) => this.#fields.get(name)?.control.checked;
    return {
      format: this.#fields.get('format').control.value,
      ...(checked('strict') && { strict: true }),
      ...(checked('flatten') && { flatten: true }),
      ...(checked('envelope') === false && { envelope: false }),
    };
  }

  async #download() {
    const { id, filters, options } = this.#read();
    const path = [this.#resource.name, ...(id === undefined ? [] : [id]), 'export'].map(encodeURIComponent).join('/');
    this.#running = new AbortController();
    this.#showProgress(0);
    try {
      const onProgress = (bytes) => this.#showProgress(bytes);
      const file = await this.#given.api.file(`/v1/resources/${path}`, { query: { ...filters, ...options }, signal: this.#running.signal, onProgress });
      saveFile(file);
      this.#said.textContent = `${file.name} is saved: ${size(file.size)}.`;
    } finally {
      if (this.#progress.contains(document.activeElement)) this.#save.focus();
      this.#progress.hidden = true;
    }
  }

  async #start() {
    const { id, filters, options } = this.#read();
    // A request whose answer was lost is sent again as it was, so that it makes no second job.
    this.#request ??= { resource: this.#resource.name, ...(id !== undefined && { resource_id: id }), filters, ...options, key: randomKey() };
    const { key, ...body } = this.#request;
    await this.#given.api.post('/v1/exports', body, { 'Idempotency-Key': key });
    this.#request = undefined;
    this.#said.replaceChildren('The export is started. Its file will be found under ', element('a', { href: '#service' }, 'Exports'), '.');
  }

  async #try(work) {
    this.#trouble.textContent = this.#said.textContent = '';
    try {
      await work();
    } catch (error) {
      if (error instanceof Incomplete) return;
      if (isAbort(error)) this.#said.textContent = this.#running?.signal.aborted ? 'Cancelled: no file was saved.' : '';
      else this.#complain(error);
    }
  }

  /** Shows a problem by the field that it is about, if there is one. */
  #complain(error) {
    const field = this.#fieldOf(error);
    if (field === undefined) {
      this.#trouble.textContent = `No file was made. ${errorText(error)}`;
      return;
    }
    field.complain(errorText(error));
    // The field may lie among further options, which are folded up.
    const details = field.element.closest('details');
    if (details !== null) details.open = true;
    field.focus();
  }

  #fieldOf({ code, details = {} }) {
    // Where two contradict each other, the first one.
    const named = [details.parameter, details.parameters?.[0], details.option, details.options?.[0]].find((name) => typeof name === 'string');
    return this.#fields.get(named?.replace(/^filters\./, '').split(/[.[]/)[0] ?? FIELD_OF_CODE[code]);
  }

  #makeProgress() {
    const cancel = element('button', { type: 'button' }, 'Cancel');
    cancel.addEventListener('click', () => this.#running.abort());
    this.#progress.append(element('progress', { 'aria-label': 'Progress of the download' }), element('p', { class: 'muted' }), cancel);
  }

  #showProgress(bytes) {
    if (this.#progress.hidden) announce('The file is being made.');
    this.#progress.hidden = false;
    this.#progress.querySelector('p').textContent = bytes === 0 ? 'The file is being made…' : `${size(bytes)} have arrived.`;
  }
}

/** Something has to be filled in first, which is told at its field. */
class Incomplete extends Error {}
