import { exportFile } from '../pkg/load/browser.js';

/** What the service may be given of the page's own table. Event: `change`. */
export class PageTable extends EventTarget {
  #state;
  #scope;
  #editor;

  constructor({ state, scope, editor }) {
    super();
    this.#state = state;
    this.#scope = scope;
    this.#editor = editor;
    for (const source of [scope, editor]) source.addEventListener('change', () => this.dispatchEvent(new Event('change')));
  }

  /** What the rows are called; nothing while there are none. */
  get name() {
    return this.#state.rows?.name;
  }

  /** How many rows are chosen for an export on the page. */
  get count() {
    return this.#state.rows === undefined ? 0 : this.#scope.count;
  }

  /** The template of the page, `undefined` where nothing is set. */
  get template() {
    return this.#editor.template;
  }

  /** The template with every column named, as a document to keep. */
  get document() {
    return this.#editor.document;
  }

  /** These rows as a JSON array, written by the engine, which alters no digit. */
  async rows(signal) {
    const { data, input } = this.#scope.source(signal);
    return exportFile(data, { format: 'json', json: { pretty: false }, ...(input && { input }), signal });
  }
}
