/** Which rows are selected, by their index. */
export class Selection {
  #marks;
  #count = 0;
  #anchor;

  /** @param {number} rows how many rows there are */
  constructor(rows) {
    this.#marks = new Uint8Array(rows);
  }

  get count() {
    return this.#count;
  }

  has(index) {
    return this.#marks[index] === 1;
  }

  /** Selects one row or gives it back; a range may start there later. */
  set(index, selected) {
    this.#mark(index, selected);
    this.#anchor = index;
  }

  /** Does to all rows between the last one that was set and this one what is done to this one. */
  setRange(order, index, selected) {
    const from = order.indexOf(this.#anchor ?? index);
    const to = order.indexOf(index);
    const [first, last] = from < 0 ? [to, to] : [Math.min(from, to), Math.max(from, to)];
    this.setAll(order.subarray(first, last + 1), selected);
    this.#anchor = index;
  }

  setAll(indices, selected) {
    // A loop by index, since there may be a million of them.
    for (let at = 0; at < indices.length; at += 1) this.#mark(indices[at], selected);
  }

  clear() {
    this.#marks.fill(0);
    this.#count = 0;
    this.#anchor = undefined;
  }

  /** How many of these rows are selected. */
  countOf(indices) {
    let count = 0;
    for (let at = 0; at < indices.length; at += 1) count += this.#marks[indices[at]];
    return count;
  }

  #mark(index, selected) {
    this.#count += Number(selected) - this.#marks[index];
    this.#marks[index] = Number(selected);
  }
}
