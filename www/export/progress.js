import { byId } from '../element.js';
import { number, size } from '../wording.js';

// What is done sooner needs no bar, which would only flash.
const PATIENCE_MS = 200;

/** The bar of an export that takes its time, with a button to cancel it. */
export class ProgressBar {
  #place = byId('progress');
  #bar = byId('progress-bar');
  #text = byId('progress-text');
  #cancel = byId('cancel');
  #timer;
  #began = 0;
  #total = 0;
  #onCancel = () => {};

  constructor() {
    this.#cancel.addEventListener('click', () => this.#onCancel());
    this.#place.addEventListener('keydown', ({ key }) => key === 'Escape' && this.#onCancel());
  }

  /** @param {number} total how many rows there will be */
  begin(total, onCancel) {
    this.#total = total;
    this.#onCancel = onCancel;
    this.#bar.removeAttribute('value');
    this.#text.textContent = 'Starting…';
    this.#began = performance.now();
    this.#timer = setTimeout(() => this.#show(), PATIENCE_MS);
  }

  /** What `onProgress` tells. */
  update({ rows, bytes }) {
    // An export that only yields to the page leaves no time for timers.
    if (performance.now() - this.#began > PATIENCE_MS) this.#show();
    if (rows === undefined) {
      this.#text.textContent = `${size(bytes)} so far`;
      return;
    }
    this.#bar.value = rows / Math.max(this.#total, 1);
    this.#text.textContent = `${number.format(rows)} of ${number.format(this.#total)} rows, ${size(bytes)}`;
  }

  /** Takes the bar away. Returns whether the focus was in it. */
  end() {
    clearTimeout(this.#timer);
    const focused = this.#place.contains(document.activeElement);
    this.#place.hidden = true;
    return focused;
  }

  #show() {
    this.#place.hidden = false;
  }
}
