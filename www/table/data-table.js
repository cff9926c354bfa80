import { cellText, isMissing, isNumber } from '../rows/cell-text.js';
import { element } from '../element.js';

// So many rows decide whether a column is numeric.
const SAMPLE_ROWS = 1000;

/** The table of the page: one page of rows, headings to sort by, boxes to select rows. */
export class DataTable {
  #table;
  #state;
  #columns;
  #pager;
  #numeric = new Set();
  #filters = false;

  /**
   * @param {HTMLTableElement} table
   * @param {import('./table-state.js').TableState} state
   * @param {import('../template/columns.js').Columns} columns
   * @param {import('./pager.js').Pager} pager
   */
  constructor(table, state, columns, pager) {
    this.#table = table;
    this.#state = state;
    this.#columns = columns;
    this.#pager = pager;
    table.append(document.createElement('thead'), document.createElement('tbody'));
    state.addEventListener('rows', () => this.#measure());
    state.addEventListener('order', () => this.#showSort());
    state.addEventListener('selection', () => this.#showSelection());
    columns.addEventListener('change', () => this.#showColumns());
    pager.addEventListener('change', () => this.#showRows());
    table.addEventListener('click', (event) => this.#clicked(event));
    table.addEventListener('input', ({ target }) => {
      if (target.dataset.filter !== undefined) state.filterColumn(target.dataset.filter, target.value);
    });
  }

  /** Shows or hides a field for each column, in which its cells are filtered. */
  showFilters(shown) {
    this.#filters = shown;
    this.#showHead();
    if (shown) this.#table.tHead.querySelector('[data-filter]')?.focus();
    else this.#state.clearColumnFilters();
  }

  #clicked(event) {
    const { target } = event;
    const heading = target.closest('button[data-sort]');
    if (heading !== null) this.#state.sortBy(heading.dataset.sort);
    else if (target.matches('input[data-row]')) this.#state.select(Number(target.dataset.row), target.checked, event.shiftKey);
    else if (target.matches('#select-shown')) this.#state.selectShown(target.checked);
  }

  #measure() {
    const { rows } = this.#state;
    this.#numeric = new Set(rows.keys);
    for (let index = 0; index < Math.min(rows.count, SAMPLE_ROWS); index += 1) {
      rows.cells(index).forEach((value, column) => {
        if (!isMissing(value) && !isNumber(value)) this.#numeric.delete(rows.keys[column]);
      });
    }
  }

  #showColumns() {
    this.#showHead();
    this.#showRows();
  }

  #showHead() {
    const headings = document.createElement('tr');
    const all = element('input', { type: 'checkbox', id: 'select-shown', 'aria-label': 'Select all rows shown' });
    headings.append(element('th', { scope: 'col', class: 'mark' }, all));
    for (const { key, label } of this.#columns.kept) {
      const button = element('button', { type: 'button', class: 'sort', 'data-sort': key }, element('span', {}, label === '' ? key : label));
      headings.append(element('th', { scope: 'col', class: this.#numeric.has(key) ? 'number' : '' }, button));
    }
    const typed = new Map([...this.#table.tHead.querySelectorAll('[data-filter]')].map(({ dataset, value }) => [dataset.filter, value]));
    this.#table.tHead.replaceChildren(headings, ...(this.#filters ? [this.#filterRow(typed)] : []));
    this.#showSort();
    this.#showSelection();
  }

  #filterRow(typed) {
    const row = element('tr', { class: 'filters' }, element('td', {}));
    for (const { key, label } of this.#columns.kept) {
      const field = element('input', { type: 'search', 'data-filter': key, 'aria-label': `Filter ${label}`, placeholder: this.#numeric.has(key) ? '> 0' : 'contains' });
      field.value = typed.get(key) ?? '';
      row.append(element('td', {}, field));
    }
    return row;
  }

  #showSort() {
    const { sort } = this.#state;
    for (const button of this.#table.tHead.querySelectorAll('[data-sort]')) {
      const heading = button.parentElement;
      if (button.dataset.sort === sort?.key) heading.setAttribute('aria-sort', sort.descending ? 'descending' : 'ascending');
      else heading.removeAttribute('aria-sort');
    }
  }

  #showRows() {
    const { rows, order } = this.#state;
    const places = rows.keys;
    const columns = this.#columns.kept.map(({ key }) => ({ place: places.indexOf(key), numeric: this.#numeric.has(key) }));
    const { start, end } = this.#pager;
    const body = document.createDocumentFragment();
    for (let at = start; at < end; at += 1) body.append(this.#row(order[at], at + 1, columns));
    this.#table.tBodies[0].replaceChildren(body);
    this.#showSelection();
  }

  #row(index, number, columns) {
    const box = element('input', { type: 'checkbox', 'data-row': index, 'aria-label': `Select row ${number}` });
    const row = element('tr', {}, element('td', { class: 'mark' }, box));
    const cells = this.#state.rows.cells(index);
    for (const { place, numeric } of columns) {
      const cell = row.insertCell();
      cell.classList.toggle('number', numeric);
      const value = cells[place];
      if (isMissing(value)) cell.append(element('span', { class: 'missing', role: 'img', 'aria-label': 'missing' }, '—'));
      else cell.textContent = cellText(value);
    }
    return row;
  }

  #showSelection() {
    const { selection, order } = this.#state;
    for (const box of this.#table.querySelectorAll('[data-row]')) {
      box.checked = selection.has(Number(box.dataset.row));
      box.closest('tr').classList.toggle('selected', box.checked);
    }
    const all = this.#table.querySelector('#select-shown');
    if (all === null) return;
    const selected = selection.countOf(order);
    all.checked = selected > 0 && selected === order.length;
    all.indeterminate = selected > 0 && selected < order.length;
  }
}
