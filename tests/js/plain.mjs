// A second, plain implementation of what the engine does with records: JSON.parse judges the text, and the rules are
// written down as README.md tells them. It shares no code with the package; tests/engine/plain.rs is its like in Rust.

/** Numbers that are the same in every run (xorshift). */
export class Random {
  #state;

  constructor(seed) {
    this.#state = seed;
  }

  below(end) {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % end;
  }

  of(list) {
    return list[this.below(list.length)];
  }

  /** Where to cut so many bytes: the lengths of chunks of at most `longest`. */
  cuts(total, longest) {
    const lengths = [];
    for (let rest = total; rest > 0; rest -= lengths.at(-1)) lengths.push(Math.min(rest, 1 + this.below(longest)));
    return lengths;
  }
}

/** A number as it is spelt. */
class Spelt {
  constructor(text) {
    this.text = text;
  }
}

/** An object with every member that it was written with, in order. */
class Members {
  constructor(list) {
    this.list = list;
  }

  /** “Of keys that stand twice the last value counts, at the first place.” */
  get last() {
    return new Map(this.list);
  }
}

/** Reads a JSON document; throws what JSON.parse throws. Half a surrogate pair becomes U+FFFD. */
export function read(given) {
  const text = given.replace(/^\uFEFF/, '');
  JSON.parse(text);
  const token = /[ \t\n\r]*([{}[\]:,]|"(?:[^"\\]|\\.)*"|[^{}[\]:,"\s]+)/y;
  const next = () => token.exec(text)[1];
  const value = (start) => {
    if (start[0] === '"') return replaced(JSON.parse(start));
    if (start === '[' || start === '{') {
      const list = [];
      for (let part = next(); part !== ']' && part !== '}'; part = next()) {
        if (part === ',') continue;
        if (start === '[') {
          list.push(value(part));
        } else {
          next();
          list.push([replaced(JSON.parse(part)), value(next())]);
        }
      }
      return start === '[' ? list : new Members(list);
    }
    return /^[-\d]/.test(start) ? new Spelt(start) : JSON.parse(start);
  };
  return value(next());
}

/** A text without halves of surrogate pairs. */
export function replaced(text) {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD');
}

/** Compact JSON text. */
function compact(value) {
  if (value instanceof Spelt) return value.text;
  if (Array.isArray(value)) return `[${value.map(compact)}]`;
  if (value instanceof Members) return `{${[...value.last].map(([key, inner]) => `${JSON.stringify(key)}:${compact(inner)}`)}}`;
  return JSON.stringify(value);
}

/** JSON text that is indented by two spaces. */
function indented(value, depth = 0) {
  const isList = Array.isArray(value);
  if (!isList && !(value instanceof Members)) return compact(value);
  const parts = isList
    ? value.map((item) => indented(item, depth + 1))
    : [...value.last].map(([key, inner]) => `${JSON.stringify(key)}: ${indented(inner, depth + 1)}`);
  const [open, close] = isList ? '[]' : '{}';
  if (parts.length === 0) return open + close;
  const line = `\n${'  '.repeat(depth)}`;
  return `${open}${line}  ${parts.join(`,${line}  `)}${line}${close}`;
}

/** The code with which a document is refused that is no table. */
export const NOT_TABULAR = 'not_tabular';

/** A table: names, and rows of cells. A cell that is `undefined` is missing. */
export class Table {
  /** @param {string[]} columns @param {unknown[][]} rows */
  constructor(columns, rows) {
    this.columns = columns;
    this.rows = rows;
  }

  /**
   * The table of a document that was read: an array of records, `{items}`, or one record. `NOT_TABULAR` where it is none,
   * `undefined` where it is of a shape that is not told here.
   */
  static of(document) {
    let records = document;
    if (document instanceof Members) {
      const envelope = document.list.filter(([key]) => ['items', 'rows', 'columns'].includes(key));
      if (envelope.length > 1 || envelope[0]?.[0] === 'columns') return undefined;
      records = envelope.length === 0 ? [document] : envelope[0][1];
    }
    if (!Array.isArray(records) || !records.every((record) => record instanceof Members)) return NOT_TABULAR;
    const columns = [...new Set(records.flatMap(({ list }) => list.map(([key]) => key)))];
    const rows = records.map((record) => {
      const { last } = record;
      return columns.map((column) => last.get(column));
    });
    return new Table(columns, rows);
  }

  #records() {
    return this.rows.map((row) => new Members(this.columns.map((column, index) => [column, row[index]]).filter(([, cell]) => cell !== undefined)));
  }

  json(pretty = true) {
    return pretty ? indented(this.#records()) : compact(this.#records());
  }

  jsonLines() {
    return this.#records().map((record) => oneLine(compact(record))).join('');
  }

  csv(options) {
    if (this.columns.length === 0) return '';
    const { delimiter, quote, terminator } = { ...CSV, ...options };
    let first = true;
    const lines = [this.columns, ...this.rows].map((row) => {
      const line = row.map((cell) => {
        const field = csvField(cell, { ...CSV, ...options }, first);
        first = false;
        return field;
      });
      return line.join(delimiter) || quote + quote;
    });
    return lines.map((line) => line + terminator).join('');
  }

  /** With the option `html.fragment`. Columns of numbers alone are not told here. */
  html() {
    const head = this.columns.map((column) => `<th scope="col">${htmlText(column)}</th>`).join('');
    const rows = this.rows.map((row) => `<tr>${row.map((cell) => `<td>${htmlText(shown(cell))}</td>`).join('')}</tr>\n`);
    return `<table>\n<thead>\n<tr>${head}</tr>\n</thead>\n<tbody>\n${rows.join('')}</tbody>\n</table>\n`;
  }

  /** Columns of numbers alone are not told here. */
  markdown() {
    const line = (cells) => `${cells.map((cell) => `| ${cell} `).join('')}|\n`;
    const rows = [this.columns, ...this.rows].map((row) => line(row.map((cell) => markdownText(shown(cell)))));
    rows.splice(1, 0, line(this.columns.map(() => '---')));
    return rows.join('');
  }
}

/** What stands in a cell where nothing else is said of its kind. */
function shown(cell) {
  if (cell === null || cell === undefined) return '';
  return typeof cell === 'string' ? cell : compact(cell);
}

const CSV = { delimiter: ',', quote: '"', quoteStyle: 'necessary', terminator: '\r\n', formulaGuard: true };

/** A field: quotes where they are needed or asked for, null is nothing, and texts go behind the guard. */
function csvField(cell, { delimiter, quote, quoteStyle, formulaGuard }, first) {
  if (cell === null || cell === undefined) return '';
  const text = shown(cell);
  const field = typeof cell === 'string' && formulaGuard && isDangerous(text) ? `'${text}` : text;
  const needed =
    [delimiter, quote, '\r', '\n'].some((special) => field.includes(special)) ||
    field === '' ||
    field === '\\.' ||
    (first && /^(ID|\uFEFF)/.test(text));
  if (!needed && quoteStyle !== 'always' && !(quoteStyle === 'nonNumeric' && !(cell instanceof Spelt))) return field;
  return quote + field.replaceAll(quote, quote + quote) + quote;
}

/** README, The formula guard. */
function isDangerous(text) {
  return (
    /^['\u0020\u00A0\u3000\uFEFF]*[=+\-@\t\r\n\0＝＋－＠]/.test(text) &&
    !/^[+-](\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?%?$/.test(text.replaceAll('\n', '\r\r')) &&
    !/^\+\d{1,3}( \d{1,4}){1,6}$/.test(text.replaceAll('\n', '\r\r'))
  );
}

const HTML = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '\r': '&#13;', '\0': '\uFFFD' };

function htmlText(text) {
  return text.replace(/[&<>"'\r\0]/g, (found) => HTML[found]);
}

/** What readers of Markdown trim stands at the ends by its number; what they then would not take is lost. */
function markdownText(text) {
  const [, start, inner, end] = /^([\s\x1c-\x1f\x85]*)(.*?)([\s\x1c-\x1f\x85]*)$/su.exec(text);
  const numbers = (part) => [...part].map((character) => `&#${/[\x0b\x1c-\x1f\x85]/.test(character) ? 65533 : character.codePointAt(0)};`).join('');
  const escaped = inner
    .replaceAll('\0', '\uFFFD')
    .replace(/[!-/:-@[-`{-~]/g, '\\$&')
    .replace(/[\t\n\r]/g, (found) => `&#${found.codePointAt(0)};`);
  return numbers(start) + escaped + numbers(end);
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** What becomes of a document: its file, or the code of an error; `undefined` where that is not known here. */
export function plain(bytes, write) {
  let document;
  try {
    document = read(decoder.decode(bytes));
  } catch {
    return 'invalid_json';
  }
  const table = Table.of(document);
  return table instanceof Table ? { file: write(table) } : table;
}

/** A line of JSON Lines: one also for readers that know all line ends of Unicode. */
export function oneLine(json) {
  return `${json.replace(/[\u0085\u2028\u2029]/g, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}
