import { byId } from '../element.js';
import { announce, number } from '../wording.js';

/** Which part of the rows is on the screen. Event: `change`. */
export class Pager extends EventTarget {
  #state;
  #page = 0;
  #size = 15;

  constructor(state) {
    super();
    this.#state = state;
    state.addEventListener('order', () => this.#show(0));
    byId('page-first').addEventListener('click', () => this.#turn(0));
    byId('page-previous').addEventListener('click', () => this.#turn(this.#page - 1));
    byId('page-next').addEventListener('click', () => this.#turn(this.#page + 1));
    byId('page-last').addEventListener('click', () => this.#turn(this.#pages - 1));
    byId('page-size').addEventListener('change', ({ target }) => {
      const first = this.start;
      this.#size = Number(target.value);
      this.#turn(Math.floor(first / this.#size));
    });
  }

  get start() {
    return this.#page * this.#size;
  }

  get end() {
    return Math.min(this.start + this.#size, this.#state.order.length);
  }

  get #pages() {
    return Math.max(1, Math.ceil(this.#state.order.length / this.#size));
  }

  #turn(page) {
    const focused = document.activeElement;
    this.#show(page);
    // At either end the button that was pressed cannot be pressed again; the focus goes to its opposite.
    if (focused?.disabled) byId(this.#page === 0 ? 'page-next' : 'page-previous').focus();
    announce(`Rows ${byId('page-range').textContent}`);
  }

  #show(page) {
    this.#page = Math.min(Math.max(page, 0), this.#pages - 1);
    const { length } = this.#state.order;
    byId('page-range').textContent =
      length === 0 ? 'No rows' : `${number.format(this.start + 1)}–${number.format(this.end)} of ${number.format(length)}`;
    byId('page-first').disabled = byId('page-previous').disabled = this.#page === 0;
    byId('page-last').disabled = byId('page-next').disabled = this.#page === this.#pages - 1;
    byId('table-scroll').scrollTop = 0;
    this.dispatchEvent(new Event('change'));
  }
}
