import { element } from '../element.js';
import { errorText } from '../wording.js';
import { AuditPanel } from './audit-panel.js';
import { whileBusy } from './busy.js';
import { ExportsPanel } from './exports-panel.js';
import { ResourcesPanel } from './resources-panel.js';
import { TemplateStore } from './template-store.js';
import { TemplatesPanel } from './templates-panel.js';

// The parts of the service: how the address names them, what they are called, which permission they take.
const PARTS = [
  { part: '', name: 'Exports', permission: undefined, make: (given) => new ExportsPanel(given) },
  { part: 'resources', name: 'Resources', permission: 'exports:download', make: (given) => new ResourcesPanel(given) },
  { part: 'templates', name: 'Templates', permission: 'exports:templates', make: (given) => new TemplatesPanel(given) },
  { part: 'audit', name: 'Audit', permission: 'audit:read', make: (given) => new AuditPanel(given) },
];

/** What somebody who is signed in may do, and nothing else. It ends with the session. */
export class Workspace {
  #api;
  #given;
  #offered;
  #panels = new Map();
  #place = element('div', {});
  #links;
  #who;

  /**
   * @param {object} given
   * @param {object} given.me the document of `GET /v1/me`
   * @param {import('./api.js').Api} given.api
   * @param {() => void} given.signOut called when the session is ended
   */
  constructor({ me, api, formats, table, signOut }) {
    this.#api = api;
    const may = (permission) => me.permissions.includes(permission);
    this.#given = { me, may, api, formats, table, templates: new TemplateStore(api) };
    this.#offered = PARTS.filter(({ permission }) => permission === undefined || may(permission));
    this.#links = this.#offered.map(({ part, name }) => element('a', { href: part === '' ? '#service' : `#service/${part}` }, name));
    this.#who = element('p', { class: 'who', tabindex: -1 }, ...whoIs(me));
    const parts = element('nav', { class: 'parts', 'aria-label': 'Service' }, ...this.#links);
    const bar = element('div', { class: 'session-bar' }, ...(this.#offered.length > 1 ? [parts] : []), this.#session(signOut));
    this.element = element('div', { class: 'workspace' }, bar, this.#place);
  }

  /** Shows a part, and what is named within it; one that does not exist for this person leads to the exports. */
  show(part, detail) {
    const wanted = this.#offered.find((offered) => offered.part === part) ?? this.#offered[0];
    this.#links.forEach((link, index) => {
      if (this.#offered[index] === wanted) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    });
    if (!this.#panels.has(wanted)) this.#panels.set(wanted, wanted.make(this.#given));
    const panel = this.#panels.get(wanted);
    if (this.#place.firstChild !== panel.element) this.#place.replaceChildren(panel.element);
    panel.show(detail);
  }

  focus() {
    this.#who.focus();
  }

  end() {
    this.#api.end();
  }

  #session(signOut) {
    const button = element('button', { type: 'button' }, 'Sign out');
    const trouble = element('p', { class: 'failure', role: 'alert' });
    button.addEventListener('click', () =>
      whileBusy(button, async () => {
        trouble.textContent = '';
        try {
          await this.#api.delete('/v1/session');
          signOut();
        } catch (error) {
          trouble.textContent = errorText(error);
        }
      }),
    );
    return element('div', { class: 'session' }, this.#who, button, trouble);
  }
}

function whoIs({ name, email, role, account_id: account }) {
  return [element('strong', {}, name ?? email), ' ', element('span', { class: 'muted' }, `${role} of ${account}`)];
}
