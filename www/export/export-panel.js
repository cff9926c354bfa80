import * as tablecast from '../pkg/load/browser.js';
import { byId } from '../element.js';
import { ProgressBar } from './progress.js';
import { showCancelled, showFailure, showReport } from './report.js';

/** The buttons that make a file, and what is set for it. */
export class ExportPanel {
  #state;
  #scope;
  #formats;
  #options;
  #editor;
  #progress = new ProgressBar();
  #running = false;

  constructor({ state, scope, formats, options, editor }) {
    this.#state = state;
    this.#scope = scope;
    this.#formats = formats;
    this.#options = options;
    this.#editor = editor;
    byId('export').addEventListener('submit', (event) => event.preventDefault());
    this.#listen('download', () => `The ${formats.label} file is saved`, () => this.#fileOptions());
    this.#listen('copy', () => 'The table is on the clipboard', () => ({ ...this.#shared(), ...options.optionsFor('csv', 'html') }));
    this.#listen('print', () => 'The print view is open', () => ({ ...this.#shared(), ...options.optionsFor('html') }));
    formats.addEventListener('change', () => this.#showNames());
    editor.addEventListener('change', () => this.#showNames());
    state.addEventListener('rows', () => {
      byId('filename').value = '';
      this.#showNames();
    });
  }

  /** Makes the file of the first rows. */
  async preview(count, signal) {
    const { data, input } = await this.#scope.firstRows(count, signal);
    return tablecast.exportFile(data, { ...this.#fileOptions(), ...(input && { input }), signal });
  }

  #fileOptions() {
    const { id } = this.#formats;
    return { format: id, ...this.#shared(), ...this.#options.optionsFor(id) };
  }

  #shared() {
    const { template } = this.#editor;
    const filename = byId('filename').value || this.#defaultName;
    return { filename, ...(template && { template }) };
  }

  get #defaultName() {
    return this.#editor.template?.name ?? this.#state.rows.name;
  }

  #showNames() {
    byId('filename').placeholder = this.#defaultName;
    byId('extension').textContent = `.${this.#formats.extension}`;
    byId('download').textContent = `Download ${this.#formats.label}`;
  }

  /** A button and the function of the library that it calls go by the same name. */
  #listen(name, done, options) {
    const button = byId(name);
    button.hidden = typeof tablecast[name] !== 'function';
    button.addEventListener('click', () => this.#run(button, tablecast[name], done(), options()));
  }

  async #run(button, make, done, options) {
    if (this.#running) return;
    this.#setRunning(true);
    const cancel = new AbortController();
    const { signal } = cancel;
    const began = performance.now();
    this.#progress.begin(this.#scope.count, () => cancel.abort());
    try {
      const { data, input } = this.#scope.source(signal);
      const onProgress = (progress) => this.#progress.update(progress);
      const report = await make(data, { ...options, ...(input && { input }), signal, onProgress });
      showReport(byId('report'), done, report, performance.now() - began);
    } catch (error) {
      if (signal.aborted) showCancelled(byId('report'));
      else showFailure(byId('report'), error);
    } finally {
      if (this.#progress.end()) button.focus();
      this.#setRunning(false);
    }
  }

  /** Buttons that wait stay in the tab order, so that the focus is not lost while a file is made. */
  #setRunning(running) {
    this.#running = running;
    for (const id of ['download', 'copy', 'print']) byId(id).setAttribute('aria-disabled', running);
  }
}
