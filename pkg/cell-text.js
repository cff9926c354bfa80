// The text of a table's cells, as `innerText` shows it, but without the layout that each `innerText` may cost.

const BLOCKS = new Set(
  'address article aside blockquote dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tr ul'.split(' '),
);
const SKIPPED = new Set(['script', 'style', 'template', 'noscript', 'svg', 'datalist', 'object', 'video', 'audio', 'canvas', 'iframe']);

/**
 * What a cell stands for: its machine value where it has one, else its text; null where it is empty.
 *
 * @param {HTMLTableCellElement} cell
 * @param {boolean} preserved whether white space is shown as it is
 */
export function readCell(cell, preserved) {
  const stated = cell.dataset.value ?? cell.dataset.export;
  if (stated !== undefined) return stated === '' ? null : stated;
  const only = onlyChild(cell);
  // Most cells hold one text and nothing else.
  if (only?.nodeType === Node.TEXT_NODE) return finished(preserved ? only.data : collapsed(only.data), preserved);
  if (only?.nodeType === Node.ELEMENT_NODE) {
    const value = valueOf(only);
    if (value !== undefined) return value;
  }
  const text = new Text(preserved, true);
  text.add(cell);
  return finished(text.text, preserved) ?? finished(alternative(cell), false);
}

/** The text of a heading, in one line. What can be typed in there is a filter, and no heading. */
export function readLabel(cell) {
  const text = new Text(false, false);
  text.add(cell);
  return collapsed(text.text.trim() || cell.abbr || cell.ariaLabel || alternative(cell)).trim();
}

/** The one child that is not white space. */
function onlyChild(element) {
  let only;
  for (let node = element.firstChild; node !== null; node = node.nextSibling) {
    if (node.nodeType === Node.COMMENT_NODE || (node.nodeType === Node.TEXT_NODE && element.firstChild !== element.lastChild && node.data.trim() === '')) continue;
    if (only !== undefined) return undefined;
    only = node;
  }
  return only;
}

/** The machine value of an element that is all of a cell. */
function valueOf(element) {
  switch (element.localName) {
    case 'data':
      return element.getAttribute('value') ?? undefined;
    case 'time':
      return element.getAttribute('datetime') ?? undefined;
    case 'meter':
    case 'progress':
      return String(element.value);
    case 'input':
      return element.type === 'checkbox' || element.type === 'radio' ? element.checked : undefined;
    default:
      return undefined;
  }
}

/** Gathers text from nodes. */
class Text {
  text = '';
  #preserved;
  #controls;

  constructor(preserved, controls) {
    this.#preserved = preserved;
    this.#controls = controls;
  }

  add(parent) {
    for (let node = parent.firstChild; node !== null; node = node.nextSibling) {
      if (node.nodeType === Node.TEXT_NODE) this.#write(node.data, this.#preserved);
      else if (node.nodeType === Node.ELEMENT_NODE) this.#element(node);
    }
  }

  #element(element) {
    const name = element.localName;
    if (name === 'br') {
      this.text = `${this.#trimmed()}\n`;
      return;
    }
    if (SKIPPED.has(name) || element.getAttribute('aria-hidden') === 'true' || getComputedStyle(element).display === 'none') return;
    if (['input', 'select', 'textarea'].includes(name)) {
      if (this.#controls) this.#write(entered(element), true);
      return;
    }
    const block = BLOCKS.has(name);
    const preserved = this.#preserved;
    if (block) this.#lineBreak();
    this.#preserved ||= name === 'pre';
    this.add(element);
    this.#preserved = preserved;
    if (block) this.#lineBreak();
    if ((name === 'td' || name === 'th') && element.nextElementSibling !== null) this.text = `${this.#trimmed()}\t`;
  }

  #write(data, preserved) {
    if (preserved) {
      this.text += data;
      return;
    }
    const text = collapsed(data);
    const spaced = this.text === '' || ' \n\t'.includes(this.text.at(-1));
    this.text += spaced && text.startsWith(' ') ? text.slice(1) : text;
  }

  /** Begins a line, unless one begins here. */
  #lineBreak() {
    this.text = this.#trimmed();
    if (this.text !== '' && !this.text.endsWith('\n')) this.text += '\n';
  }

  #trimmed() {
    return !this.#preserved && this.text.endsWith(' ') ? this.text.slice(0, -1) : this.text;
  }
}

/** What stands in a form control. */
function entered(control) {
  switch (control.type) {
    case 'select-one':
    case 'select-multiple':
      return Array.from(control.selectedOptions, ({ text }) => text).join(', ');
    case 'checkbox':
    case 'radio':
    case 'hidden':
    case 'password':
    case 'button':
    case 'submit':
    case 'reset':
    case 'image':
    case 'file':
      return '';
    default:
      return control.value;
  }
}

/** What pictures say where there is no text. */
function alternative(cell) {
  return Array.from(cell.querySelectorAll('img[alt]'), ({ alt }) => alt.trim()).filter(Boolean).join(' ');
}

/** White space as CSS collapses it; a no-break space stays. */
function collapsed(text) {
  return text.replace(/[ \t\r\n\f]+/g, ' ');
}

function finished(text, preserved) {
  const trimmed = preserved ? text.replace(/^\n|\n$/g, '') : text.replace(/^[ \n]+|[ \n]+$/g, '');
  return trimmed === '' ? null : trimmed;
}
