import { byId, element } from '../element.js';
import { announce } from '../wording.js';
import { dragToReorder } from './drag.js';

/** The list of columns: a box to keep each, a field for its heading, and three ways to move it. */
export class ColumnsEditor {
  #columns;
  #list = byId('columns');

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
    if (target.type === 'checkbox') this.#columns.set(keyOf(target), { kept: target.checked });
    else if (target.type === 'text') this.#columns.set(keyOf(target), { label: target.value });
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
    const items = new Map([...this.#list.children].map((item) => [item.dataset.key, item]));
    const { list } = this.#columns;
    const focused = document.activeElement;
    const wanted = list.map((column, index) => {
      const item = items.get(column.key) ?? columnItem(column.key);
      update(item, column, index === 0, index === list.length - 1);
      return item;
    });
    const same = wanted.length === this.#list.children.length && wanted.every((item, index) => item === this.#list.children[index]);
    if (same) return;
    this.#list.replaceChildren(...wanted);
    if (this.#list.contains(focused)) focused.focus();
  }
}

function columnItem(key) {
  return element(
    'li',
    { 'data-key': key },
    element('span', { class: 'handle', 'aria-hidden': 'true', title: 'Drag to move' }),
    element('input', { type: 'checkbox', 'aria-label': `Keep the column ${key}` }),
    element('input', { type: 'text', 'aria-label': `Heading of the column ${key}`, placeholder: key, autocomplete: 'off' }),
    element('button', { type: 'button', class: 'step', 'data-step': -1, 'aria-label': `Move ${key} up` }, '↑'),
    element('button', { type: 'button', class: 'step', 'data-step': 1, 'aria-label': `Move ${key} down` }, '↓'),
    element('p', { class: 'note' }, `${key} is not in the data.`),
  );
}

function update(item, { label, kept, known }, first, last) {
  const [box, field] = item.querySelectorAll('input');
  box.checked = kept;
  if (field.value !== label) field.value = label;
  field.disabled = !kept;
  const [up, down] = item.querySelectorAll('button[data-step]');
  // A button that is only marked as disabled keeps the focus when a column arrives at the end of the list.
  up.setAttribute('aria-disabled', first);
  down.setAttribute('aria-disabled', last);
  item.querySelector('.note').hidden = known;
}

function keyOf(control) {
  return control.closest('li').dataset.key;
}
