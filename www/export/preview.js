import { element } from '../element.js';
import { errorText } from '../wording.js';

const ROWS = 8;
const QUIET_MS = 120;

/** The first rows in the chosen format, made by the engine. */
export class Preview {
  #pane;
  #make;
  #timer;
  #making = new AbortController();

  /** @param make (count of rows, signal) → Promise<File> */
  constructor(pane, make) {
    this.#pane = pane;
    this.#make = make;
  }

  /** Shows what there is now, after the last of several changes in quick succession. */
  update() {
    clearTimeout(this.#timer);
    this.#making.abort();
    this.#making = new AbortController();
    const { signal } = this.#making;
    this.#timer = setTimeout(async () => {
      const shown = await this.#render(signal).catch((error) => element('p', { class: 'failure' }, errorText(error)));
      if (!signal.aborted) this.#show(shown);
    }, QUIET_MS);
  }

  async #render(signal) {
    const file = await this.#make(ROWS, signal);
    const text = await file.text();
    return file.type.startsWith('text/html') ? framed(text) : plain(text);
  }

  #show(shown) {
    const [before] = this.#pane.children;
    // The same element keeps where it was scrolled to and the focus.
    if (before?.localName === 'pre' && shown.localName === 'pre') before.textContent = shown.textContent;
    else if (before?.localName !== 'iframe' || before.srcdoc !== shown.srcdoc) this.#pane.replaceChildren(shown);
  }
}

function framed(html) {
  // An empty sandbox: no scripts, no forms, no navigation, an origin of its own.
  return element('iframe', { title: 'Preview of the HTML file', sandbox: '', srcdoc: html });
}

function plain(text) {
  return element('pre', { tabindex: 0, role: 'region', 'aria-label': 'Preview of the file' }, text);
}
