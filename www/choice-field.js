import { element } from './element.js';

/**
 * A labelled list or line of text, made from a row of a table of options.
 *
 * @param {{label: string, choices?: [unknown, string][], text?: string}} row the first choice is the default
 * @param {object} [attributes] of the control
 * @returns {{row: HTMLElement, read: () => unknown, show: (value: unknown) => void}} `undefined` stands for the default
 */
export function choiceField({ label, choices, text }, attributes = {}) {
  if (choices === undefined) {
    const input = element('input', { ...attributes, type: 'text', placeholder: text, autocomplete: 'off', spellcheck: 'false' });
    return {
      row: element('label', { class: 'field wide' }, label, input),
      read: () => (input.value === '' ? undefined : input.value),
      show: (value = '') => {
        if (input.value !== value) input.value = value;
      },
    };
  }
  const select = element('select', attributes, ...choices.map(([, name], index) => element('option', { value: index }, name)));
  return {
    row: element('label', { class: 'field' }, label, select),
    read: () => (select.selectedIndex <= 0 ? undefined : choices[select.selectedIndex][0]),
    show: (value) => {
      select.selectedIndex = value === undefined ? 0 : choices.findIndex(([choice]) => choice === value);
    },
  };
}
