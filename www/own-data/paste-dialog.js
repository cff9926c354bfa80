import { byId } from '../element.js';
import { inputOfText } from '../rows/input-format.js';
import { errorText } from '../wording.js';

const NAMES = { json: 'JSON', jsonl: 'JSON Lines', csv: 'CSV' };

/** The dialog into which a table is pasted or typed, and where one that cannot be read is mended. */
export class PasteDialog {
  #dialog = byId('paste-dialog');
  #text = byId('paste-text');
  #format = byId('paste-format');
  #read;

  /** @param read (Blob, input) → Promise; a rejection is shown in the dialog */
  constructor(read) {
    this.#read = read;
    byId('paste-cancel').addEventListener('click', () => this.#dialog.close());
    byId('paste-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#text.addEventListener('input', () => this.#showGuess());
    this.#format.addEventListener('change', () => this.#showFields());
  }

  get open() {
    return this.#dialog.open;
  }

  /** Opens it, with a text that could not be read and the reason where there is one. */
  show(text = '', input = undefined, problem = undefined) {
    this.#text.value = text;
    this.#format.value = 'auto';
    byId('paste-path').value = '';
    this.#showFields();
    this.#fill(input ?? {});
    this.#complain(problem);
    this.#dialog.showModal();
    this.#text.focus();
    if (problem !== undefined) this.#pointAt(problem);
  }

  async #submit() {
    this.#complain(undefined);
    try {
      await this.#read(new Blob([this.#text.value]), this.#input());
      this.#dialog.close();
    } catch (error) {
      this.#complain(error);
      this.#pointAt(error);
    }
  }

  #input() {
    const format = this.#format.value === 'auto' ? inputOfText(this.#text.value).format : this.#format.value;
    if (format === 'csv') return { format, delimiter: byId('paste-delimiter').value, types: byId('paste-types').value };
    const path = byId('paste-path').value;
    return format === 'json' && path !== '' ? { format, path } : { format };
  }

  #fill({ format, delimiter }) {
    if (format !== undefined) this.#format.value = format;
    if (delimiter !== undefined) byId('paste-delimiter').value = delimiter;
    this.#showFields();
  }

  #showGuess() {
    const { delimiter } = inputOfText(this.#text.value);
    if (this.#format.value === 'auto' && delimiter !== undefined) byId('paste-delimiter').value = delimiter;
    this.#showFields();
  }

  #showFields() {
    const { format } = this.#input();
    const empty = this.#text.value.trim() === '';
    const guess = empty ? '' : `: ${NAMES[inputOfText(this.#text.value).format]}`;
    this.#format.options[0].textContent = `By its first characters${guess}`;
    const undecided = empty && this.#format.value === 'auto';
    for (const field of this.#dialog.querySelectorAll('[data-input-format]')) field.hidden = undecided || field.dataset.inputFormat !== format;
  }

  #complain(error) {
    byId('paste-error').textContent = error === undefined ? '' : errorText(error);
    if (error === undefined) this.#text.removeAttribute('aria-invalid');
    else this.#text.setAttribute('aria-invalid', 'true');
  }

  /** Selects the place in the text that an error names. */
  #pointAt({ details }) {
    if (!(details?.line > 0)) return;
    const lines = this.#text.value.split('\n');
    const before = lines.slice(0, details.line - 1).reduce((length, line) => length + line.length + 1, 0);
    const start = Math.min(before + (details.column ?? 1) - 1, this.#text.value.length);
    this.#text.focus();
    this.#text.setSelectionRange(start, start + 1);
  }
}
