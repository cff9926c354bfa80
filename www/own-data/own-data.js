import { byId } from '../element.js';
import { warningList } from '../export/report.js';
import { inputOfFile, inputOfText } from '../rows/input-format.js';
import { readTable } from '../rows/read-table.js';
import { announce, counted, errorText } from '../wording.js';
import { PasteDialog } from './paste-dialog.js';

/** One's own data: a chosen file, a dropped one, a pasted text. */
export class OwnData {
  #take;
  #wanted;
  #dialog;
  #reading = new AbortController();

  /**
   * @param take called with the rows that were read
   * @param {() => boolean} wanted whether there is a table to see what is pasted or dropped now
   */
  constructor(take, wanted) {
    this.#take = take;
    this.#wanted = wanted;
    this.#dialog = new PasteDialog((blob, input) => this.#read(blob, 'pasted', input));
    byId('open-file').addEventListener('click', () => byId('file').click());
    byId('file').addEventListener('change', ({ target }) => {
      const [file] = target.files;
      // The same file can be chosen again once it is mended.
      if (file !== undefined) this.#openFile(file).finally(() => (target.value = ''));
    });
    byId('paste').addEventListener('click', () => this.#dialog.show());
    document.addEventListener('paste', (event) => this.#pasted(event));
    this.#listenForDrops();
  }

  /** Takes away what was said of the last data. */
  clear() {
    this.#reading.abort();
    this.#say();
  }

  async #openFile(file) {
    try {
      await this.#read(file, file.name.replace(/\.[^.]+?(\.gz)?$/i, ''), await inputOfFile(file), file.name);
    } catch (error) {
      if (error?.name !== 'AbortError') this.#fail(`“${file.name}” was not read.`, error);
    }
  }

  async #pasted(event) {
    const editable = event.target instanceof Element && event.target.closest('input, textarea, [contenteditable]');
    if (editable || this.#dialog.open || !this.#wanted()) return;
    const [file] = event.clipboardData.files;
    const text = event.clipboardData.getData('text/plain');
    if (file === undefined && text === '') return;
    event.preventDefault();
    // A spreadsheet puts a picture beside the text.
    if (text === '') await this.#openFile(file);
    else await this.#readText(text);
  }

  async #readText(text) {
    const input = inputOfText(text);
    try {
      await this.#read(new Blob([text]), 'pasted', input);
    } catch (error) {
      this.#dialog.show(text, input, error);
    }
  }

  async #read(blob, name, input, title = 'Pasted table') {
    this.#reading.abort();
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    this.#say(`Reading ${title}…`);
    try {
      const { rows, warnings } = await readTable(blob, name, input, signal);
      await this.#take(rows, title);
      this.#say(warnings.length === 0 ? '' : 'To know about these data:', warnings);
      announce(`${title}: ${counted(rows.count, 'row')}, ${counted(rows.keys.length, 'column')}`);
    } catch (error) {
      if (!signal.aborted) this.#say();
      throw error;
    }
  }

  #fail(what, error) {
    byId('data-status').hidden = false;
    byId('data-error').textContent = `${what} ${errorText(error)}`;
  }

  #say(text = '', warnings = []) {
    byId('data-error').textContent = '';
    byId('data-note').textContent = text;
    byId('data-warnings').replaceChildren(...(warnings.length === 0 ? [] : [warningList(warnings)]));
    byId('data-status').hidden = text === '';
  }

  #listenForDrops() {
    const holdsFile = ({ dataTransfer }) => dataTransfer?.types.includes('Files');
    const show = (over) => document.body.classList.toggle('drop', over);
    document.addEventListener('dragover', (event) => {
      if (!holdsFile(event)) return;
      event.preventDefault();
      // Elsewhere the browser would leave the page for the file.
      if (!this.#wanted()) event.dataTransfer.dropEffect = 'none';
      show(this.#wanted());
    });
    document.addEventListener('dragleave', ({ relatedTarget }) => relatedTarget === null && show(false));
    document.addEventListener('drop', (event) => {
      if (!holdsFile(event)) return;
      event.preventDefault();
      show(false);
      const [file] = event.dataTransfer.files;
      if (file !== undefined && this.#wanted()) this.#openFile(file);
    });
  }
}
