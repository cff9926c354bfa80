// The views of the page, one shown at a time: the address says which, so each can be linked to and gone back to.
import { byId } from './element.js';

const TABLE = { place: byId('table-view'), title: document.title, skip: 'Skip to the table', target: 'demo' };
const SERVICE = { place: byId('service'), title: 'tablecast: the service', skip: 'Skip to the service', target: 'service' };

/** Which view is shown. Event: `change`. */
export class Views extends EventTarget {
  #shown;

  constructor() {
    super();
    addEventListener('hashchange', () => this.#show());
    byId('skip').addEventListener('click', (event) => {
      event.preventDefault();
      byId(this.#shown.target).focus();
    });
    this.#show();
  }

  get service() {
    return this.#shown === SERVICE;
  }

  /** The part of the service that the address names: `templates` in `#service/templates`. */
  get part() {
    return location.hash.split('/')[1] ?? '';
  }

  /** What the address names within the part: `memories` in `#service/resources/memories`. */
  get detail() {
    return location.hash.split('/')[2] ?? '';
  }

  #show() {
    const before = this.#shown;
    this.#shown = location.hash.split('/')[0] === '#service' ? SERVICE : TABLE;
    for (const view of [TABLE, SERVICE]) view.place.hidden = view !== this.#shown;
    for (const link of document.querySelectorAll('.site-header nav a')) {
      if (link.hash === `#${this.#shown.target}`) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    document.title = this.#shown.title;
    byId('skip').textContent = this.#shown.skip;
    byId('skip').hash = this.#shown.target;
    // What the address names was hidden when the browser looked for it.
    if (before !== undefined && before !== this.#shown) {
      if (this.service) scrollTo(0, 0);
      else byId(location.hash.slice(1))?.scrollIntoView();
    }
    this.dispatchEvent(new Event('change'));
  }
}
