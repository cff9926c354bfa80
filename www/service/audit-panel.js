import { element } from '../element.js';
import { select } from './field.js';
import { moment } from './moment.js';
import { PagedList } from './paged-list.js';

const ACTIONS = [
  'export.create',
  'export.complete',
  'export.download',
  'export.delete',
  'export.expire',
  'export.fail',
  'export.stream',
  'account.export',
  'agent.check',
  'template.create',
  'template.update',
  'template.delete',
  'key.create',
  'key.revoke',
  'session.create',
  'session.delete',
  'permission.denied',
];

/** The trail of who did what, newest first. */
export class AuditPanel {
  #list;
  #action = select([['', 'Every action'], ...ACTIONS.map((action) => [action, action])], { 'aria-label': 'Action' });
  #rows = element('tbody', {});
  #scroll;

  constructor({ api }) {
    this.#list = new PagedList({
      api,
      path: '/v1/audit',
      name: 'the audit trail',
      empty: 'There are no such entries.',
      query: () => ({ action: this.#action.value }),
      show: (entries) => this.#show(entries),
    });
    this.#action.addEventListener('change', () => this.#list.load(1));
    const refresh = element('button', { type: 'button', class: 'link' }, 'Refresh');
    refresh.addEventListener('click', () => this.#list.load());
    const headings = ['When', 'Who', 'Action', 'On', 'Details'].map((name) => element('th', { scope: 'col' }, name));
    const table = element('table', { class: 'audit', 'aria-labelledby': 'audit-title' }, element('thead', {}, element('tr', {}, ...headings)), this.#rows);
    this.#scroll = element('div', { class: 'scroll', role: 'region', 'aria-label': 'Audit trail', tabindex: 0 }, table);
    const title = element('div', { class: 'titles' }, element('h2', { id: 'audit-title' }, 'Audit'), refresh);
    this.element = element(
      'section',
      { class: 'card', 'aria-labelledby': 'audit-title' },
      element('div', { class: 'card-head' }, title, this.#action),
      this.#list.status,
      this.#scroll,
      this.#list.pager,
    );
  }

  /** Somebody looks at it. */
  show() {
    this.#list.load();
  }

  #show(entries) {
    this.#scroll.hidden = entries.length === 0;
    this.#scroll.scrollTop = 0;
    this.#rows.replaceChildren(
      ...entries.map(({ at, user_id: user, action, target_type: type, target_id: id, details }) =>
        element('tr', {}, cell(moment(at)), cell(user ?? 'the service'), cell(element('code', {}, action)), cell([type, id].filter(Boolean).join(' ')), cell(detailText(details))),
      ),
    );
  }
}

function cell(content) {
  return element('td', {}, content);
}

function detailText(details) {
  return Object.entries(details ?? {})
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}
