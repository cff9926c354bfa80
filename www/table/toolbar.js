import { byId } from '../element.js';
import { announce, counted, number } from '../wording.js';

/** What stands around the table: the filter, and how many rows are shown and selected. */
export class Toolbar {
  #state;
  #announced = false;

  constructor(state, table) {
    this.#state = state;
    const filter = byId('filter');
    filter.addEventListener('input', () => state.filter(filter.value));
    byId('column-filters').addEventListener('click', ({ currentTarget }) => {
      const shown = currentTarget.getAttribute('aria-pressed') !== 'true';
      currentTarget.setAttribute('aria-pressed', shown);
      table.showFilters(shown);
    });
    byId('clear-selection').addEventListener('click', () => {
      state.clearSelection();
      byId('select-shown').focus();
    });
    state.addEventListener('rows', () => {
      filter.value = '';
      this.#announced = false;
      byId('column-filters').setAttribute('aria-pressed', 'false');
      table.showFilters(false);
      this.#showSelection();
    });
    state.addEventListener('busy', () => {
      byId('table-size').textContent = 'Looking through the rows…';
    });
    state.addEventListener('order', () => this.#showSize());
    state.addEventListener('selection', () => {
      this.#showSelection();
      announce(`${counted(state.selection.count, 'row')} selected`);
    });
  }

  #showSize() {
    const { rows, order, sort } = this.#state;
    const all = `${counted(rows.count, 'row')}, ${counted(rows.keys.length, 'column')}`;
    const size = order.length === rows.count ? all : `${number.format(order.length)} of ${all}`;
    byId('table-size').textContent = size;
    this.#showSelection();
    // The first order is that of the page as it opens, which nobody asked for.
    if (this.#announced) announce(sort === undefined ? size : `${size}, sorted by ${sort.key}, ${sort.descending ? 'descending' : 'ascending'}`);
    this.#announced = true;
  }

  #showSelection() {
    const { selection, order } = this.#state;
    const { count } = selection;
    const hidden = count - selection.countOf(order);
    byId('selection').hidden = count === 0;
    byId('selection-size').textContent = `${number.format(count)} selected${hidden === 0 ? '' : `, ${number.format(hidden)} of them filtered out`}`;
  }
}
