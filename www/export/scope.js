import { byId } from '../element.js';
import { number } from '../wording.js';

const KINDS = ['shown', 'all', 'selected'];

/** Which rows go into the file: those shown, all, or those selected. Event: `change`. */
export class Scope extends EventTarget {
  #state;
  #place = byId('scope');

  constructor(state) {
    super();
    this.#state = state;
    this.#place.addEventListener('change', () => this.#changed());
    for (const event of ['order', 'selection']) state.addEventListener(event, () => this.#update());
  }

  get kind() {
    return this.#place.querySelector(':checked').value;
  }

  /** How many rows there are. */
  get count() {
    return this.#countOf(this.kind);
  }

  /** The data and how they are read, as the export functions take them. */
  source(signal) {
    const { rows, order, untouched } = this.#state;
    if (this.kind === 'selected') return rows.chosen(this.#state.selectedOrder(signal));
    // Data that are neither filtered nor sorted go to the engine just as they came.
    return this.kind === 'all' || untouched ? rows.all() : rows.chosen(order);
  }

  /** The same for the first rows only. */
  async firstRows(count, signal) {
    const { rows, order } = this.#state;
    if (this.kind === 'selected') return rows.chosen((await this.#state.selectedOrder(signal)).slice(0, count));
    if (this.kind === 'all') return rows.chosen([...Array(Math.min(count, rows.count)).keys()]);
    return rows.chosen(order.slice(0, count));
  }

  #countOf(kind) {
    const { rows, order, selection } = this.#state;
    return { shown: order.length, all: rows.count, selected: selection.count }[kind];
  }

  #update() {
    for (const kind of KINDS) byId(`scope-${kind}-count`).textContent = number.format(this.#countOf(kind));
    const selected = this.#place.querySelector('[value="selected"]');
    selected.disabled = this.#state.selection.count === 0;
    if (selected.disabled && selected.checked) this.#place.querySelector('[value="shown"]').checked = true;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
