import { failureText } from './report.js';

const ROWS = 8;

/** The first rows in the chosen format, made by the engine. */
export class Preview {
  #pane;
  #formats;
  #make;
  #format;
  #asked = 0;

  /** @param make (format id, count of rows) → Promise<File> */
  constructor(pane, choice, formats, make) {
    this.#pane = pane;
    this.#formats = formats;
    this.#make = make;
    this.#format = formats[0]?.id;
    choice.append(...formats.map((format) => this.#option(format)));
    choice.addEventListener('change', ({ target }) => {
      this.#format = target.value;
      this.update();
    });
  }

  async update() {
    // Of several changes in quick succession only the last one is shown.
    this.#asked += 1;
    const asked = this.#asked;
    const shown = await this.#render().catch((error) => paragraph(failureText(error)));
    if (asked === this.#asked) this.#pane.replaceChildren(shown);
  }

  async #render() {
    const file = await this.#make(this.#format, ROWS);
    const text = await file.text();
    return file.type.startsWith('text/html') ? framed(text) : plain(text);
  }

  #option({ id, label }) {
    const option = document.createElement('label');
    const radio = document.createElement('input');
    radio.type = 'radio';
    radio.name = 'preview-format';
    radio.value = id;
    radio.checked = id === this.#format;
    option.append(radio, label);
    return option;
  }
}

function framed(html) {
  const frame = document.createElement('iframe');
  frame.title = 'Preview of the HTML file';
  // An empty sandbox: no scripts, no forms, no navigation, an origin of its own.
  frame.setAttribute('sandbox', '');
  frame.srcdoc = html;
  return frame;
}

function plain(text) {
  const pre = document.createElement('pre');
  pre.tabIndex = 0;
  pre.setAttribute('role', 'region');
  pre.setAttribute('aria-label', 'Preview of the file');
  pre.textContent = text;
  return pre;
}

function paragraph(text) {
  const element = document.createElement('p');
  element.className = 'failure';
  element.textContent = text;
  return element;
}
