import { element } from '../element.js';
import { announce, errorText, number } from '../wording.js';
import { isAbort } from './api.js';

const PAGE_SIZE = 10;

/** A list that the service gives page by page: what is asked for, what came, and the buttons that turn the pages. */
export class PagedList {
  #api;
  #path;
  #query;
  #show;
  #page = 1;
  #total = 0;
  #asking = new AbortController();
  #status = element('p', { class: 'muted list-status' });
  #trouble = element('p', { class: 'failure', role: 'alert' });
  #again = element('button', { type: 'button', hidden: true }, 'Try again');
  #range = element('span', { class: 'muted' });
  #previous = element('button', { type: 'button', 'aria-label': 'Previous page', disabled: true }, '‹');
  #next = element('button', { type: 'button', 'aria-label': 'Next page', disabled: true }, '›');

  /**
   * @param {object} list
   * @param {import('./api.js').Api} list.api
   * @param {string} list.path
   * @param {string} list.name what the pages are of, for screen readers
   * @param {string} list.empty what is said when there is nothing
   * @param {() => object} list.query the filters
   * @param {(items: object[]) => void} list.show
   */
  constructor({ api, path, name, empty, query, show }) {
    this.#api = api;
    this.#path = path;
    this.#query = query;
    this.#show = show;
    this.empty = empty;
    this.status = element('div', { class: 'list-trouble' }, this.#status, this.#trouble, this.#again);
    const buttons = element('span', { class: 'pager-buttons' }, this.#previous, this.#next);
    this.pager = element('div', { class: 'pager', role: 'group', 'aria-label': `Pages of ${name}`, hidden: true }, this.#range, buttons);
    this.#previous.addEventListener('click', () => this.#turn(-1));
    this.#next.addEventListener('click', () => this.#turn(1));
    this.#again.addEventListener('click', () => this.load());
  }

  /** Asks for a page, the present one by default; what was asked before does not count any more. */
  async load(page = this.#page) {
    this.#asking.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    this.#say({ status: 'Loading…' });
    try {
      const answer = await this.#api.get(this.#path, { query: { ...this.#query(), page, page_size: PAGE_SIZE }, signal });
      const last = Math.max(1, Math.ceil(answer.total / PAGE_SIZE));
      // The last item of the last page may be gone.
      if (page > last) {
        await this.load(last);
        return;
      }
      this.#page = page;
      this.#total = answer.total;
      this.#show(answer.items);
      this.#say({ status: answer.total === 0 ? this.empty : '' });
      this.#showPager(last);
    } catch (error) {
      if (!isAbort(error)) this.#say({ trouble: errorText(error) });
    }
  }

  async #turn(step) {
    await this.load(this.#page + step);
    // At either end the button that was pressed cannot be pressed again; the focus goes to its opposite.
    const [pressed, opposite] = step < 0 ? [this.#previous, this.#next] : [this.#next, this.#previous];
    if (pressed.disabled && !opposite.disabled) opposite.focus();
    announce(this.#range.textContent);
  }

  #showPager(last) {
    const from = (this.#page - 1) * PAGE_SIZE + 1;
    const to = Math.min(this.#page * PAGE_SIZE, this.#total);
    this.#range.textContent = `${number.format(from)}–${number.format(to)} of ${number.format(this.#total)}`;
    this.pager.hidden = last === 1;
    this.#previous.disabled = this.#page === 1;
    this.#next.disabled = this.#page === last;
  }

  #say({ status = '', trouble = '' }) {
    this.#status.textContent = status;
    this.#trouble.textContent = trouble;
    this.#again.hidden = trouble === '';
    this.status.hidden = status === '' && trouble === '';
  }
}
