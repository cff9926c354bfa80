import { element } from '../element.js';

/**
 * Asks before something that cannot be undone. The focus starts on the safe side, and comes back to where it was.
 *
 * @param {string} question
 * @param {string} deed what the button is called that goes on
 * @param {AbortSignal} signal takes the question back
 * @returns {Promise<boolean>} whether to go on
 */
export function ask(question, deed, signal) {
  const cancel = element('button', { type: 'button' }, 'Cancel');
  const go = element('button', { type: 'button', class: 'primary' }, deed);
  const dialog = element(
    'dialog',
    { class: 'ask', 'aria-label': deed },
    element('div', { class: 'ask-content' }, element('p', {}, question), element('div', { class: 'dialog-actions' }, cancel, go)),
  );
  document.body.append(dialog);
  const close = () => dialog.close();
  signal.addEventListener('abort', close);
  return new Promise((resolve) => {
    let agreed = false;
    cancel.addEventListener('click', close);
    go.addEventListener('click', () => {
      agreed = true;
      close();
    });
    dialog.addEventListener('close', () => {
      signal.removeEventListener('abort', close);
      dialog.remove();
      resolve(agreed);
    });
    dialog.showModal();
  });
}
