import { element } from '../element.js';
import { announce, errorText } from '../wording.js';
import { Api, isAbort } from './api.js';
import { SignIn } from './sign-in.js';
import { Workspace } from './workspace.js';

/** The view of the edge service: the sign-in, or what the person who is signed in may do. */
export class Service {
  #views;
  #formats;
  #table;
  #content = element('div', { class: 'service-content' });
  #workspace;
  #looked = false;

  /**
   * @param {HTMLElement} place
   * @param {object} parts
   * @param {import('../views.js').Views} parts.views
   * @param {{id: string, label: string}[]} parts.formats to offer for files
   * @param {import('./page-table.js').PageTable} parts.table
   */
  constructor(place, { views, formats, table }) {
    this.#views = views;
    this.#formats = formats;
    this.#table = table;
    place.append(
      element(
        'div',
        { class: 'intro' },
        element('h1', {}, 'Files made in the background'),
        element('p', {}, 'Ask for an export now, find it in the history, and download it within 72 hours of its end.'),
      ),
      this.#content,
    );
    views.addEventListener('change', () => this.#show());
    this.#show();
  }

  #show() {
    // Nothing is asked of the service before somebody looks at it.
    if (!this.#views.service) return;
    if (!this.#looked) this.#look();
    this.#workspace?.show(this.#views.part, this.#views.detail);
  }

  /** Finds out whether somebody is signed in. */
  async #look() {
    this.#looked = true;
    this.#put(element('p', { class: 'muted' }, 'Looking whether you are signed in…'));
    try {
      this.#enter(await new Api().get('/v1/me'));
    } catch (error) {
      if (error.status === 401) this.#askForKey();
      else this.#tellTrouble(error);
    }
  }

  #askForKey(notice) {
    this.#workspace?.end();
    this.#workspace = undefined;
    const signIn = new SignIn((me) => {
      this.#enter(me);
      announce(`You are signed in as ${me.name ?? me.email}.`);
      this.#workspace.focus();
    }, notice);
    this.#put(signIn.element);
    if (notice !== undefined && this.#views.service) signIn.focus();
  }

  #enter(me) {
    const api = new Api(() => this.#askForKey('Your session has ended. Sign in again to go on.'));
    const signOut = () => this.#askForKey('You are signed out.');
    this.#workspace = new Workspace({ me, api, formats: this.#formats, table: this.#table, signOut });
    this.#put(this.#workspace.element);
    this.#workspace.show(this.#views.part, this.#views.detail);
  }

  #tellTrouble(error) {
    if (isAbort(error)) return;
    const absent = error.code === 'NOT_THE_SERVICE';
    const again = element('button', { type: 'button' }, 'Try again');
    again.addEventListener('click', async () => {
      await this.#look();
      // The button is gone.
      this.#content.querySelector('input, button, a')?.focus();
    });
    const text = absent ? 'This page is served without the service. In a clone of the project, “cargo xtask dev” starts both.' : errorText(error);
    this.#put(element('div', { class: 'card notice' }, element('p', { class: absent ? '' : 'failure', role: 'alert' }, text), again));
  }

  #put(content) {
    this.#content.replaceChildren(content);
  }
}
