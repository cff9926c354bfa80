import { byId } from '../element.js';
import { saveFile } from '../export/save-file.js';
import { announce, errorText } from '../wording.js';
import { readTemplate } from './read-template.js';

/** The template as JSON text: to read, to change, to keep as a file and to take from one. */
export class TemplateJson {
  #editor;
  #formats;
  #text = byId('template-json');
  #checks = 0;
  #taking = false;

  /** @param formats the choice of the format, which is a part of the document */
  constructor(editor, formats) {
    this.#editor = editor;
    this.#formats = formats;
    editor.addEventListener('change', () => this.#show());
    formats.addEventListener('change', () => this.#show());
    this.#text.addEventListener('input', () => this.#take(this.#text.value));
    this.#text.addEventListener('blur', () => this.#text.getAttribute('aria-invalid') !== 'true' && this.#show());
    byId('template-save').addEventListener('click', () => {
      saveFile(new File([this.#document()], `${byId('template-name').value || 'template'}.json`, { type: 'application/json' }));
    });
    byId('template-open').addEventListener('click', () => byId('template-file').click());
    byId('template-file').addEventListener('change', ({ target }) => this.#open(target));
  }

  #show() {
    // The text that all this comes from is left as it was typed.
    if (this.#taking) return;
    this.#text.value = this.#document();
    this.#complain('');
  }

  #document() {
    const { name, ...rest } = this.#editor.document;
    return JSON.stringify({ ...(name === undefined ? {} : { name }), format: this.#formats.id, ...rest }, undefined, 2);
  }

  async #open(input) {
    const [file] = input.files;
    input.value = '';
    if (file === undefined) return;
    this.#text.value = await file.text();
    if (!(await this.#take(this.#text.value))) return;
    this.#show();
    announce(`The template “${file.name}” is in use.`);
  }

  /** Fills the form from the text if the engine takes it, else says why not. */
  async #take(text) {
    const check = (this.#checks += 1);
    try {
      const { template, format } = await readTemplate(text, this.#formats.id);
      if (check !== this.#checks) return false;
      this.#complain('');
      this.#taking = true;
      this.#formats.choose(format);
      this.#editor.take(template);
      return true;
    } catch (error) {
      if (check === this.#checks) this.#complain(errorText(error));
      return false;
    } finally {
      this.#taking = false;
    }
  }

  #complain(text) {
    byId('template-json-error').textContent = text;
    if (text === '') this.#text.removeAttribute('aria-invalid');
    else this.#text.setAttribute('aria-invalid', 'true');
  }
}
