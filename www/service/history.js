import { element } from '../element.js';
import { announce, errorText } from '../wording.js';
import { ask } from './ask.js';
import { isAbort } from './api.js';
import { select } from './field.js';
import { JobItem } from './job-item.js';
import { isActive, STATUSES, subject, turnText } from './job-wording.js';
import { PagedList } from './paged-list.js';
import { Watch } from './watch.js';

/** The exports of the account, newest first; those that are being made are watched. */
export class History {
  #given;
  #items = [];
  #list;
  #watch;
  #heading = element('h2', { id: 'history-title', tabindex: -1 }, 'History');
  #jobs = element('ul', { class: 'jobs', 'aria-labelledby': 'history-title' });
  #trouble = element('p', { class: 'muted watch-trouble', role: 'status' });
  #status = select([['', 'Any status'], ...STATUSES], { 'aria-label': 'Status' });
  #format;
  #mine = element('input', { type: 'checkbox' });

  constructor(given) {
    const { api, formats } = given;
    this.#given = given;
    this.#format = select([['', 'Any format'], ...formats.map(({ id, label }) => [id, label])], { 'aria-label': 'Format' });
    this.#list = new PagedList({
      api,
      path: '/v1/exports',
      name: 'the history',
      empty: 'There are no such exports.',
      query: () => ({ status: this.#status.value, format: this.#format.value, mine: this.#mine.checked ? 'true' : '' }),
      show: (jobs) => this.#show(jobs),
    });
    this.#watch = new Watch({
      jobs: () => this.#items.filter(({ job }) => isActive(job)),
      visible: () => !document.hidden && this.element.checkVisibility(),
      ask: (item) => this.#look(item),
      onTrouble: (error) => this.#showTrouble(error),
      signal: api.signal,
    });
    this.element = element('section', { class: 'card history', 'aria-labelledby': 'history-title' }, this.#head(), this.#trouble, this.#list.status, this.#jobs, this.#list.pager);
  }

  /** Somebody looks at it again. */
  async load() {
    await this.#list.load();
  }

  /** Shows a job that has just been started, whatever was looked for before. */
  async showNewest() {
    this.#status.value = this.#format.value = '';
    this.#mine.checked = false;
    await this.#list.load(1);
  }

  #head() {
    const refresh = element('button', { type: 'button', class: 'link' }, 'Refresh');
    refresh.addEventListener('click', () => this.#list.load());
    const filters = element('div', { class: 'bar', role: 'search', 'aria-label': 'Exports' }, this.#status, this.#format, element('label', { class: 'box' }, this.#mine, 'Only mine'));
    filters.addEventListener('change', () => this.#list.load(1));
    return element('div', { class: 'card-head' }, element('div', { class: 'titles' }, this.#heading, refresh), filters);
  }

  #show(jobs) {
    const known = new Map(this.#items.map((item) => [item.job.id, item]));
    const given = { ...this.#given, remove: (item) => this.#remove(item) };
    this.#items = jobs.map((job) => {
      const item = known.get(job.id);
      item?.show(job);
      return item ?? new JobItem(job, given);
    });
    const focused = document.activeElement;
    this.#jobs.replaceChildren(...this.#items.map((item) => item.element));
    this.#jobs.hidden = jobs.length === 0;
    if (this.#jobs.contains(focused)) focused.focus();
    this.#watch.begin();
  }

  async #look(item) {
    try {
      const job = await this.#given.api.get(`/v1/exports/${encodeURIComponent(item.job.id)}`);
      if (!item.show(job)) return false;
      announce(turnText(job, this.#labelOf(job)));
      return true;
    } catch (error) {
      // Somebody else has deleted it.
      if (error.code !== 'EXPORT_NOT_FOUND') throw error;
      await this.#list.load();
      return true;
    }
  }

  async #remove({ job }) {
    const { api } = this.#given;
    const question = `Delete the ${this.#labelOf(job)} export of “${subject(job)}” for everyone in the account? Its file goes with it.`;
    if (!(await ask(question, 'Delete', api.signal))) return;
    await api.delete(`/v1/exports/${encodeURIComponent(job.id)}`).catch((error) => {
      if (error.code !== 'EXPORT_NOT_FOUND') throw error;
    });
    this.#heading.focus();
    announce('The export is deleted.');
    await this.#list.load();
  }

  #showTrouble(error) {
    this.#trouble.textContent = error === undefined || isAbort(error) ? '' : `${errorText(error)} The states shown may be old.`;
  }

  #labelOf({ format }) {
    return this.#given.formats.find(({ id }) => id === format)?.label ?? format;
  }
}
