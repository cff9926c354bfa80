import { byId } from '../element.js';
import { announce } from '../wording.js';
import { ColumnItem } from './column-item.js';
import { dragToReorder } from './drag.js';

/** The list of columns, in which they are set and moved: by button, by key, by dragging. */
export class ColumnsEditor {
  #columns;
  #list = byId('columns');
  #items = new Map();

  constructor(columns) {
    this.#columns = columns;
    columns.addEventListener('change', () => this.#show());
    this.#list.addEventListener('input', (event) => this.#typed(event));
    this.#list.addEventListener('click', ({ target }) => {
      const step = target.closest('button[data-step]');
      if (step !== null && step.getAttribute('aria-disabled') !== 'true') this.#step(keyOf(step), Number(step.dataset.step));
    });
    this.#list.addEventListener('keydown', (event) => this.#pressed(event));
    dragToReorder(this.#list, (item, to) => this.#move(item.dataset.key, to));
    byId('columns-all').addEventListener('click', () => columns.keepAll(true));
    byId('columns-none').addEventListener('click', () => columns.keepAll(false));
  }

  #typed({ target }) {
    const key = keyOf(target);
    const column = this.#columns.list.find((each) => each.key === key);
    this.#columns.set(key, this.#items.get(key).read(column));
  }

  #pressed(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!event.altKey || step === undefined) return;
    event.preventDefault();
    this.#step(keyOf(event.target), step);
  }

  #step(key, step) {
    this.#move(key, this.#columns.list.findIndex((column) => column.key === key) + step);
  }

  #move(key, to) {
    const { list } = this.#columns;
    if (to < 0 || to >= list.length) return;
    this.#columns.move(key, to);
    announce(`${key} is now column ${to + 1} of ${list.length}`);
  }

  /** Brings the list in line with the columns. Items stay the same elements, so a focus in them stays too. */
  #show() {
    const { list } = this.#columns;
    this.#items = new Map(list.map(({ key }) => [key, this.#items.get(key) ?? new ColumnItem(key)]));
    list.forEach((column, index) => this.#items.get(column.key).show(column, index === 0, index === list.length - 1));
    const wanted = [...this.#items.values()].map((item) => item.element);
    const same = wanted.length === this.#list.children.length && wanted.every((item, index) => item === this.#list.children[index]);
    if (same) return;
    const focused = document.activeElement;
    this.#list.replaceChildren(...wanted);
    if (this.#list.contains(focused)) focused.focus();
  }
}

function keyOf(control) {
  return control.closest('li').dataset.key;
}
