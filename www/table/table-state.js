import { arranged } from '../rows/arrange.js';
import { rowTest } from '../rows/match.js';
import { Selection } from '../rows/selection.js';
import { inSlices } from '../rows/time-slices.js';

/**
 * What the table shows: rows, filter, order, selected rows.
 *
 * Events: `rows` (others are there), `busy`, `order` (filter and sort are done), `selection`.
 */
export class TableState extends EventTarget {
  rows;
  selection;

  /** The indices of the rows that pass the filter, in the order of the table. */
  order = new Uint32Array();

  /** `{key, descending}`, or `undefined` for the order in which the rows came. */
  sort;

  #text = '';
  #columnTexts = new Map();
  #arranging = new AbortController();

  /** Takes other rows, without filter, order and selection. Resolves when they are in order. */
  take(rows) {
    this.rows = rows;
    this.selection = new Selection(rows.count);
    this.sort = undefined;
    this.#text = '';
    this.#columnTexts.clear();
    this.order = new Uint32Array();
    this.#tell('rows');
    return this.#arrange();
  }

  /** Whether all rows are shown as they came. */
  get untouched() {
    return this.sort === undefined && this.order.length === this.rows.count;
  }

  filter(text) {
    this.#text = text;
    return this.#arrange();
  }

  filterColumn(key, text) {
    this.#columnTexts.set(key, text);
    return this.#arrange();
  }

  clearColumnFilters() {
    if (this.#columnTexts.size === 0) return undefined;
    this.#columnTexts.clear();
    return this.#arrange();
  }

  /** From unsorted to ascending, to descending, and back. */
  sortBy(key) {
    if (this.sort?.key !== key) this.sort = { key, descending: false };
    else this.sort = this.sort.descending ? undefined : { key, descending: true };
    return this.#arrange();
  }

  select(index, selected, asRange) {
    if (asRange) this.selection.setRange(this.order, index, selected);
    else this.selection.set(index, selected);
    this.#tell('selection');
  }

  selectShown(selected) {
    this.selection.setAll(this.order, selected);
    this.#tell('selection');
  }

  clearSelection() {
    this.selection.clear();
    this.#tell('selection');
  }

  /** All selected rows, also those that the filter hides, in the order of the table. */
  selectedOrder(signal) {
    const { selection } = this;
    return inSlices(arranged(this.rows, { keeps: (_cells, index) => selection.has(index), sort: this.#sortColumn() }), signal);
  }

  async #arrange() {
    this.#arranging.abort();
    this.#arranging = new AbortController();
    const { signal } = this.#arranging;
    const { keys } = this.rows;
    const texts = new Map([...this.#columnTexts].map(([key, text]) => [keys.indexOf(key), text]));
    this.#tell('busy');
    try {
      const order = await inSlices(arranged(this.rows, { keeps: rowTest(this.#text, texts), sort: this.#sortColumn() }), signal);
      if (signal.aborted) return;
      this.order = order;
      this.#tell('order');
    } catch (error) {
      // What was asked for later has taken over.
      if (!signal.aborted) throw error;
    }
  }

  #sortColumn() {
    if (this.sort === undefined) return undefined;
    return { column: this.rows.keys.indexOf(this.sort.key), descending: this.sort.descending };
  }

  #tell(type) {
    this.dispatchEvent(new Event(type));
  }
}
