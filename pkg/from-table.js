import { ExportError } from './error.js';
import { readCell, readLabel } from './cell-text.js';

/**
 * Reads a `table` element of the page as data for every export. Only what the DOM holds can be read: rows that a script
 * adds later, or shows on another page, are not there yet.
 *
 * @param {HTMLTableElement | Element | string} target the table, an element around it, or a selector of either
 * @param {{hidden?: boolean, types?: 'infer' | 'text'}} [options]
 * @returns {{columns: string[], rows: unknown[][]}}
 */
export function fromTable(target, { hidden = false, types = 'infer' } = {}) {
  const table = found(target);
  const { head, body } = parts(table, hidden);
  // Cells of rows that are left out may span into others, so all have their places first.
  const headGrid = shownOf(head, hidden);
  const bodyGrid = shownOf(body, hidden);
  const width = [...headGrid, ...bodyGrid].reduce((most, row) => Math.max(most, row.length), 0);
  const columns = Array.from({ length: width }, (_, index) => ({
    index,
    cells: headGrid.map((row) => row[index]?.cell),
    label: labelOf(headGrid, index, width),
  }));
  const listed = columns.filter((column) => isListed(column, table, bodyGrid, hidden));
  const rows = bodyGrid.map((row) =>
    listed.map(({ index }) => {
      const slot = row[index];
      // A cell over several rows stands for each of them; over several columns it is one value.
      return slot === undefined || slot.column !== index ? null : slot.value(hidden);
    }),
  );
  if (types === 'infer') listed.forEach((_, place) => inferNumbers(rows, place));
  return { columns: listed.map(({ label, index }) => label || `Column ${index + 1}`), rows };
}

function found(target) {
  if (typeof document === 'undefined') {
    throw new ExportError('no_document', '`fromTable` reads a table of a page, and there is none.');
  }
  let element = target;
  if (typeof target === 'string') {
    try {
      element = document.querySelector(target);
    } catch (cause) {
      throw new ExportError('invalid_option', `“${target}” is no selector.`, { cause });
    }
  }
  const table = element?.localName === 'table' ? element : element?.querySelector?.('table');
  if (table) return table;
  const named = typeof target === 'string' ? `“${target}” names` : 'The element is';
  throw new ExportError('not_tabular', `${named} no \`table\` element, and holds none.`, {
    hint: 'Call `fromTable` once the page is loaded.',
  });
}

/** The rows of the header and of the body. Rows of `tfoot` are sums of what stands above, and left out. */
function parts(table, hidden) {
  const head = [];
  const body = [];
  for (const child of table.children) {
    if (child.localName === 'tbody' && !hidden && isHidden(child)) continue;
    const rows = child.localName === 'tr' ? [child] : [...child.children].filter(({ localName }) => localName === 'tr');
    if (child.localName === 'thead') head.push(...rows);
    else if (child.localName === 'tbody' || child.localName === 'tr') body.push(...rows);
  }
  // Without a thead the first rows may be one nevertheless.
  if (head.length === 0) {
    const first = body.findIndex(({ children }) => [...children].some(({ localName }) => localName === 'td'));
    head.push(...body.splice(0, first < 0 ? body.length : first));
  }
  return { head, body };
}

/** The slots of the rows that are shown. */
function shownOf(rows, hidden) {
  return grid(rows, hidden).filter((_, number) => rows[number].dataset.export !== 'false' && (hidden || !isHidden(rows[number])));
}

/**
 * The slots of each row, with cells that span rows or columns in each of theirs (HTML section 4.9.12). A cell that is not
 * displayed takes no place on the page, so it has none here, unless `hidden` asks for it.
 */
function grid(rows, hidden) {
  const slots = rows.map(() => []);
  rows.forEach((row, number) => {
    let column = 0;
    for (const cell of row.cells) {
      const style = getComputedStyle(cell);
      if (style.display === 'none' && !hidden) continue;
      while (slots[number][column] !== undefined) column += 1;
      const slot = new Slot(cell, style, column);
      const below = cell.rowSpan === 0 ? rows.length : number + cell.rowSpan;
      for (let y = number; y < Math.min(below, rows.length); y += 1) {
        // A rowspan ends with its section.
        if (rows[y].parentNode !== row.parentNode) break;
        for (let x = column; x < column + cell.colSpan; x += 1) slots[y][x] ??= slot;
      }
      column += cell.colSpan;
    }
  });
  return slots;
}

/** A cell in the place where it begins. */
class Slot {
  #value;
  #style;

  constructor(cell, style, column) {
    this.cell = cell;
    this.#style = style;
    this.column = column;
  }

  /** What the cell holds, read once. */
  value(hidden) {
    if (this.#value === undefined) this.#value = readCell(this.cell, this.#style, hidden);
    return this.#value;
  }
}

/** The headings above a column, from the top. One that stands over the whole table tells no columns apart. */
function labelOf(headGrid, index, width) {
  const slots = new Set(headGrid.map((row) => row[index]).filter((slot) => slot !== undefined));
  const telling = [...slots].filter(({ cell }) => slots.size === 1 || width === 1 || cell.colSpan < width);
  const labels = telling.map(({ cell }) => readLabel(cell)).filter((label) => label !== '');
  return labels.filter((label, at) => label !== labels[at - 1]).join(' / ');
}

function isListed({ index, cells, label }, table, bodyGrid, hidden) {
  const leaf = cells.findLast((cell) => cell !== undefined) ?? bodyGrid[0]?.[index]?.cell;
  if (cells.some((cell) => cell?.dataset.export === 'false' || cell?.getAttribute('aria-hidden') === 'true')) return false;
  const col = colOf(table, index);
  if (col?.dataset.export === 'false') return false;
  if (!hidden && ((leaf !== undefined && isHidden(leaf)) || (col !== undefined && isHidden(col)))) return false;
  // A column without a heading that holds icons, buttons or boxes to choose rows by is there to be clicked.
  return label !== '' || cells.length === 0 || !bodyGrid.every((row) => row[index] === undefined || isControl(row[index].cell));
}

/** The `col` element of a column. */
function colOf(table, index) {
  let before = 0;
  for (const col of table.querySelectorAll(':scope > colgroup > col')) {
    before += col.span;
    if (index < before) return col;
  }
  return undefined;
}

const CONTROLS = 'button, [role="button"], input, svg, img, i, [aria-hidden="true"]';

function isControl(cell) {
  return [...cell.childNodes].every((node) => (node.nodeType === Node.ELEMENT_NODE ? node.matches(CONTROLS) : node.nodeType === Node.COMMENT_NODE || node.data.trim() === ''));
}

function isHidden(element) {
  if (element.hidden) return true;
  const { display, visibility } = getComputedStyle(element);
  return display === 'none' || visibility === 'collapse';
}

// Numbers as JSON writes them, so no `007`.
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?$/;
// Spreadsheets keep so many digits.
const DIGITS = 15;

/** Whether a text is a number that a spreadsheet would not change: few digits, or a fraction that a double gives back. */
function isNumber(text) {
  if (!NUMBER.test(text)) return false;
  const digits = text.replace(/^-?[0.]*/, '').replace('.', '').length;
  return digits <= DIGITS || (text.includes('.') && String(Number(text)) === text);
}

/** Texts of a column that are numbers, all of them, become numbers; `1.50` stays as long as it is where that can be said. */
function inferNumbers(rows, place) {
  if (!rows.every((row) => row[place] === null || (typeof row[place] === 'string' && isNumber(row[place])))) return;
  for (const row of rows) {
    const text = row[place];
    if (text === null) continue;
    const number = Number(text);
    if (String(number) === text) row[place] = number;
    else if (typeof JSON.rawJSON === 'function') row[place] = JSON.rawJSON(text);
  }
}
