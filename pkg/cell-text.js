// The text of a table's cells, as `innerText` shows it, but without the layout that each `innerText` may cost.

// What these hold is not shown as text, whatever their style.
const SKIPPED = new Set(['script', 'style', 'template', 'noscript', 'svg', 'datalist', 'object', 'video', 'audio', 'canvas', 'iframe']);

/**
 * What a cell stands for: its machine value where it has one, else its text; null where it is empty or not visible.
 *
 * @param {HTMLTableCellElement} cell
 * @param {CSSStyleDeclaration} style the computed style of the cell
 * @param {boolean} hidden whether what is not visible is read, too
 */
export function readCell(cell, style, hidden) {
  const visible = hidden || isVisible(style);
  const stated = cell.dataset.value ?? cell.dataset.export;
  if (stated !== undefined && visible) return stated === '' ? null : stated;
  const only = onlyChild(cell);
  const space = spaceOf(style);
  // Most cells hold one text and nothing else.
  if (only?.nodeType === Node.TEXT_NODE && space !== BREAKS) {
    if (!visible) return null;
    return finished(space === KEEP ? only.data : collapsed(only.data), space);
  }
  if (only?.nodeType === Node.ELEMENT_NODE && (hidden || isVisible(getComputedStyle(only)))) {
    const value = valueOf(only);
    if (value !== undefined) return value;
  }
  const text = new Text({ controls: true, hidden });
  text.add(cell, style);
  return finished(text.text, space) ?? (visible ? finished(alternative(cell), COLLAPSE) : null);
}

/** The text of a heading, in one line. What can be typed in there is a filter, and no heading. */
export function readLabel(cell) {
  const text = new Text({ controls: false, hidden: false });
  text.add(cell, getComputedStyle(cell));
  return collapsed(text.text.trim() || cell.abbr || cell.ariaLabel || alternative(cell)).trim();
}

// What becomes of white space (CSS Text 4, section 3.1): it collapses, but for line breaks, or not at all.
const COLLAPSE = 0;
const BREAKS = 1;
const KEEP = 2;

/** A table that is in no document has no styles. */
function isVisible({ visibility }) {
  return visibility === 'visible' || visibility === '';
}

function spaceOf({ whiteSpace, whiteSpaceCollapse = whiteSpace }) {
  if (/^(pre-line|preserve-breaks)/.test(whiteSpaceCollapse)) return BREAKS;
  return /^(pre|break-spaces)/.test(whiteSpaceCollapse) ? KEEP : COLLAPSE;
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

// Display types whose boxes begin a line and end it. Items of a flex container or a grid have one of them, too.
const BLOCK = /^(block|flex|grid|flow-root|list-item|table|table-row|table-caption)$/;
// The elements that have one of them in a browser's own style sheet, for tables that are in no document.
const BLOCKS = new Set(
  'address article aside blockquote dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tr ul'.split(' '),
);

/** The display type of an element, or where it has no style the one that matters here. */
function displayOf({ display }, name) {
  if (display !== '') return display;
  if (BLOCKS.has(name)) return 'block';
  return name === 'td' || name === 'th' ? 'table-cell' : 'inline';
}

/** Gathers text from nodes. */
class Text {
  text = '';
  #controls;
  #hidden;
  // Whether a space at the end goes where a line ends.
  #loose = true;

  constructor({ controls, hidden }) {
    this.#controls = controls;
    this.#hidden = hidden;
  }

  /** Adds what an element of this computed style holds. */
  add(parent, style) {
    const space = spaceOf(style);
    const visible = this.#hidden || isVisible(style);
    for (let node = parent.firstChild; node !== null; node = node.nextSibling) {
      if (node.nodeType === Node.ELEMENT_NODE) this.#element(node);
      else if (node.nodeType === Node.TEXT_NODE && visible) this.#write(node.data, space);
    }
  }

  #element(element) {
    const name = element.localName;
    if (name === 'br') {
      this.#lineEnd();
      return;
    }
    if (SKIPPED.has(name) || element.getAttribute('aria-hidden') === 'true') return;
    const style = getComputedStyle(element);
    const display = displayOf(style, name);
    if (display === 'none' || style.contentVisibility === 'hidden') return;
    if (['input', 'select', 'textarea'].includes(name)) {
      if (this.#controls && (this.#hidden || isVisible(style))) this.#write(entered(element), KEEP);
      return;
    }
    const block = BLOCK.test(display);
    if (block) this.#lineStart();
    if (name === 'details' && !element.open && !this.#hidden) this.#summary(element);
    else this.add(element, style);
    if (block) this.#lineStart();
    if (display === 'table-cell' && element.nextElementSibling !== null) this.text = `${this.#trimmed()}\t`;
  }

  /** What is shown of details that are closed. */
  #summary(details) {
    const summary = [...details.children].find(({ localName }) => localName === 'summary');
    if (summary !== undefined) this.#element(summary);
  }

  #write(data, space) {
    this.#loose = space !== KEEP;
    if (space === KEEP) {
      this.text += data;
      return;
    }
    const [first, ...others] = space === BREAKS ? data.split(/\r\n?|\n/) : [data];
    this.#writeLine(first);
    for (const line of others) {
      this.#lineEnd();
      this.#writeLine(line);
    }
  }

  #writeLine(data) {
    const text = collapsed(data);
    const spaced = this.text === '' || ' \n\t'.includes(this.text.at(-1));
    this.text += spaced && text.startsWith(' ') ? text.slice(1) : text;
  }

  #lineEnd() {
    this.text = `${this.#trimmed()}\n`;
  }

  /** Begins a line, unless one begins here. */
  #lineStart() {
    this.text = this.#trimmed();
    if (this.text !== '' && !this.text.endsWith('\n')) this.text += '\n';
  }

  #trimmed() {
    return this.#loose && this.text.endsWith(' ') ? this.text.slice(0, -1) : this.text;
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

function finished(text, space) {
  const trimmed = space === KEEP ? text.replace(/^\n|\n$/g, '') : text.replace(/^[ \n]+|[ \n]+$/g, '');
  return trimmed === '' ? null : trimmed;
}
