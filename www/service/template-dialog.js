import { element } from '../element.js';
import { readTemplate } from '../template/read-template.js';
import { errorText } from '../wording.js';
import { whileBusy } from './busy.js';
import { Field } from './field.js';

// What the engine of the page cannot judge is left to that of the service.
const UNDECIDED = ['format_not_built', 'engine_load_failed', 'engine_crashed'];

/**
 * The dialog in which a template is written as JSON.
 *
 * @param {object} dialog
 * @param {string} dialog.title
 * @param {object} dialog.template what to begin with
 * @param {() => object} dialog.ofPage the template of the page's own table
 * @param {(text: string) => Promise<void>} dialog.save a rejection is shown in the dialog
 * @param {AbortSignal} dialog.signal closes it
 * @returns {Promise<boolean>} whether it was saved
 */
export function editTemplate({ title, template, ofPage, save, signal }) {
  const area = element('textarea', { rows: 14, spellcheck: 'false' });
  const text = new Field('Template as JSON', area);
  const put = (document) => {
    area.value = JSON.stringify(document, undefined, 2);
    text.complain('');
  };
  put(template);
  const take = element('button', { type: 'button' }, 'Columns of “Your table”');
  const cancel = element('button', { type: 'button' }, 'Cancel');
  const go = element('button', { type: 'submit', class: 'primary' }, 'Save');
  const form = element(
    'form',
    { autocomplete: 'off', novalidate: true },
    element('h2', { id: 'template-dialog-title' }, title),
    text.element,
    element('div', { class: 'dialog-actions' }, take, element('span', { class: 'spacer' }), cancel, go),
  );
  const dialog = element('dialog', { class: 'template-dialog', 'aria-labelledby': 'template-dialog-title' }, form);
  document.body.append(dialog);
  const close = () => dialog.close();
  signal.addEventListener('abort', close);
  return new Promise((resolve) => {
    let saved = false;
    take.addEventListener('click', () => put({ name: nameIn(area.value), ...ofPage() }));
    cancel.addEventListener('click', close);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      whileBusy(go, async () => {
        try {
          await check(area.value);
          await save(area.value);
          saved = true;
          close();
        } catch (error) {
          text.complain(errorText(error));
          area.focus();
        }
      });
    });
    dialog.addEventListener('close', () => {
      signal.removeEventListener('abort', close);
      dialog.remove();
      resolve(saved);
    });
    dialog.showModal();
    area.focus();
  });
}

async function check(text) {
  try {
    await readTemplate(text, 'csv');
  } catch (error) {
    if (!UNDECIDED.includes(error.code)) throw error;
  }
}

/** The name that a document has already; the columns of the page need not come with one. */
function nameIn(text) {
  try {
    return JSON.parse(text).name ?? 'My template';
  } catch {
    return 'My template';
  }
}
