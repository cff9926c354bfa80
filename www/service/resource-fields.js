import { element } from '../element.js';
import { breakable, typeText } from './resource-words.js';

/** The table of what a file of a resource holds. Rows of records open to show the rows of what they hold, to any depth. */
export class ResourceFields {
  #records;
  #rows = element('tbody', {});

  /** @param {object} resource as `GET /v1/resources` describes it */
  constructor(resource) {
    const { records = {}, record, envelope = [], label } = resource;
    this.#records = records;
    const fields = record === undefined ? envelope : this.#recordOf(record).fields;
    this.#rows.append(...fields.map((field) => this.#row(field, [])));
    const headings = ['Field', 'Holds', 'Meaning'].map((name) => element('th', { scope: 'col' }, name));
    const table = element('table', { class: 'fields', 'aria-label': `Fields of ${label}` }, element('thead', {}, element('tr', {}, ...headings)), this.#rows);
    this.element = element('div', { class: 'scroll', role: 'region', 'aria-label': `Fields of ${label}`, tabindex: 0 }, table);
  }

  /** A record type is described in place, or by the name that the resource has for it. */
  #recordOf(record) {
    return typeof record === 'string' ? (this.#records[record] ?? { fields: [] }) : record;
  }

  #row(field, path) {
    const { name, description, record } = field;
    const before = path.length === 0 ? [] : [element('span', { class: 'unseen' }, `${path.join('.')}.`)];
    const row = element('tr', {});
    row.dataset.level = path.length;
    const label = element('code', {}, ...before, ...breakable(name));
    const opener = record === undefined ? label : this.#opener(row, label, field, [...path, name]);
    const heading = element('th', { scope: 'row' }, opener);
    heading.style.setProperty('--level', path.length);
    row.append(heading, element('td', {}, ...typeText(field)), element('td', {}, description));
    return row;
  }

  #opener(row, label, { record }, path) {
    const button = element('button', { type: 'button', class: 'opener', 'aria-expanded': 'false' }, label);
    button.addEventListener('click', () => {
      const open = button.getAttribute('aria-expanded') !== 'true';
      button.setAttribute('aria-expanded', open);
      // A record may hold records of its own kind, so its rows are made when somebody wants to see them.
      if (open) row.after(...this.#inner(this.#recordOf(record), path));
      else for (const each of below(row)) each.remove();
    });
    return button;
  }

  #inner({ fields, open }, path) {
    const rows = fields.map((field) => this.#row(field, path));
    return open ? [...rows, othersRow(path)] : rows;
  }
}

/** Says that a record may hold more than is described. */
function othersRow(path) {
  const heading = element('th', { scope: 'row', class: 'muted' }, 'others');
  heading.style.setProperty('--level', path.length);
  const row = element('tr', {}, heading, element('td', {}, 'any value'), element('td', {}, 'Further members are kept as they are.'));
  row.dataset.level = path.length;
  return row;
}

/** The rows that a row has opened. */
function below(row) {
  const found = [];
  for (let next = row.nextElementSibling; next !== null && Number(next.dataset.level) > Number(row.dataset.level); next = next.nextElementSibling) found.push(next);
  return found;
}
