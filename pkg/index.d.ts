/**
 * tablecast turns table data into files: one engine, the same bytes in browsers, Node and edge workers.
 *
 * @example
 * import { exportFile } from 'tablecast';
 * const file = await exportFile([{ name: 'Ada', born: 1815 }], { format: 'csv' });
 * file.name;            // "export.csv"
 * await file.text();    // "name,born\r\nAda,1815\r\n"
 * file.report.rows;     // 1
 */
import type { FormatId } from './wasm/formats.js';

export type { FormatId };

/** A file format that the engine knows. */
export interface FormatInfo {
  /** What `format` takes. */
  readonly id: FormatId;
  /** The name for people, such as "CSV". */
  readonly label: string;
  /** The file name extension, without the dot. */
  readonly extension: string;
  /** The media type, without parameters. */
  readonly mediaType: string;
  /** Whether this build can write it. A format that is not built rejects with `format_not_built`. */
  readonly built: boolean;
}

/** Every format the engine knows, in the order in which to show them. Known without loading the engine. */
export const formats: readonly FormatInfo[];

/** A row: an object whose keys name the columns, or an array of cells in column order. */
export type Row = object | readonly unknown[];

/**
 * Rows from anywhere. An iterable gives rows, or pages (arrays) of rows. There, the first array that is not empty
 * decides: if all of its elements are objects or arrays, arrays are pages; else each array is one row of cells.
 */
export type Rows = readonly unknown[] | Iterable<unknown> | AsyncIterable<unknown>;

/** A table whose columns are named apart from its rows, which are arrays of cells or objects. */
export interface TableData {
  columns: readonly (string | { key: string; label?: string })[];
  rows: Rows;
}

/** A list of records, as APIs answer. Other members, such as a page number, are left out and reported. */
export interface ItemsData {
  items: Rows;
}

/** JSON as text or bytes, in UTF-8. A response has to be successful (`ok`). */
export type JsonBytes =
  | string
  | ArrayBuffer
  | ArrayBufferView
  | Blob
  | Response
  | ReadableStream<Uint8Array>
  | NodeByteStream;

/** A byte stream of Node, such as `fs.createReadStream` gives. */
export interface NodeByteStream extends AsyncIterable<unknown> {
  readonly readableObjectMode: boolean;
}

/**
 * What can be exported: `{columns, rows}`, `{items}`, an array of objects, an array of arrays, any sync or async
 * iterable of rows or of pages of rows, one object (a single row), or JSON bytes.
 *
 * Values are written as `JSON.stringify` sees them, with two differences: a `bigint` keeps its digits; NaN and the
 * infinities are written as null is, and reported.
 */
export type TableSource = TableData | ItemsData | Rows | JsonBytes | object;

/**
 * What the values of a column are. A value that is not of its column's type is left as it is, and reported as
 * `type_mismatch`.
 *
 * - `text`: numbers and booleans become text
 * - `integer`, `number`, `percent` (1 is 100 %), `currency`: numbers, also given as text that is a JSON number
 * - `boolean`: also `1`, `0`, `"true"` and `"false"`
 * - `date`: ISO 8601; of a moment the date in `timeZone`; a mere date is never shifted
 * - `datetime`: ISO 8601, or milliseconds since 1970 as a number; a moment is written in `timeZone`, a time without an
 *   offset stays as it is
 * - `duration`: seconds as a number, `"PT1H30M"` or `"1:30:00"`
 * - `link`: in HTML a link, where the value is an address of https, http or mailto
 */
export type ColumnType =
  | 'text'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'date'
  | 'datetime'
  | 'duration'
  | 'percent'
  | 'currency'
  | 'link';

/** How a column looks. */
export interface ColumnAppearance {
  /** What the values are. Default: what `format` shows, else what the data says. */
  type?: ColumnType;
  /**
   * How values are shown: an Excel number-format code (ECMA-376 part 1, section 18.8.31), such as `"#,##0.00"`,
   * `"0.0%"` or `"dd.mm.yyyy"`. It means the same in every format: JSON gets the shown text, too. Taken are
   * `0 # ? . , % E+ @ General`, dates and times, `[h] [m] [s]`, quoted text, `[$€]`, up to four sections; colours have no
   * effect; conditions, fractions and other locales are refused. With `csv.decimal: ","` the marks within numbers
   * change places. Default: values as they stand.
   */
  format?: string;
  /** The width in characters, 1 to 255, where there is a page. Default: by the content. */
  width?: number;
  /** Where text stands, in HTML and Markdown. Default: numbers at the right. */
  align?: 'left' | 'center' | 'right';
  /**
   * What the row of totals shows, in HTML and Markdown: exact decimal sums, the least, the greatest, the average to six
   * more places, or how many cells hold a value. Default: nothing.
   */
  total?: 'sum' | 'count' | 'average' | 'min' | 'max';
}

/** What a column is called and how it looks. */
export interface ColumnOptions<T = any> extends ColumnAppearance {
  /**
   * The key of the record, the column's name in `{columns, rows}`, or the path to a member of a nested record:
   * `"user.name"`, `"tags.0"`. A key that has dots itself goes before the path.
   */
  key: string;
  /** The heading. Default: the key. */
  label?: string;
  /** Computes the cell from its row. Runs in JavaScript, so it needs rows that are JavaScript values. */
  value?: (row: T) => unknown;
}

/** A stored way to write a table. The same JSON document works in every runtime and over HTTP, so keys are snake_case. */
export interface Template {
  name?: string;
  /** The format, where the options name none. */
  format?: FormatId;
  /**
   * Which columns appear, in which order and under which headings. As a dictionary, keys that look like integers come
   * first, as in every JavaScript object; the list form keeps any order.
   */
  column_mapping?: Readonly<Record<string, string>> | readonly (string | ({ key: string; label?: string } & ColumnAppearance))[];
  /** What the row of totals is called, in its first column without a total. Default: nothing. */
  total_label?: string;
  /** Text above the table where there is a page. May hold `{name}` and `{date}`. */
  header_text?: string;
  /** Text below the table where there is a page. May hold `{name}`, `{date}` and `{rows}`. */
  footer_text?: string;
}

/** How CSV is written (RFC 4180, UTF-8). */
export interface CsvOptions {
  /** One ASCII character. Default: `","`. */
  delimiter?: string;
  /** One ASCII character. Default: `"\""`. */
  quote?: string;
  /** Which cells are quoted. Default: `"necessary"`. */
  quoteStyle?: 'necessary' | 'always' | 'non_numeric';
  /** The end of a line. Default: `"\r\n"`. */
  terminator?: '\r\n' | '\n';
  /** A byte order mark at the start, which Excel wants. Default: false. */
  bom?: boolean;
  /** A first line with the headings. Default: true. */
  header?: boolean;
  /** What stands for null. Default: nothing. */
  nullText?: string;
  /** Default: `"true"`. */
  trueText?: string;
  /** Default: `"false"`. */
  falseText?: string;
  /** The decimal mark of numbers. Default: `"."`. */
  decimal?: '.' | ',';
  /** Whether text that a spreadsheet would run as a formula gets a leading `'`. Default: true. */
  formulaGuard?: boolean;
}

/** How JSON is written. */
export interface JsonOptions {
  /** Indented by two spaces, instead of one line. Default: true. */
  pretty?: boolean;
  /** The name of the member that holds the rows. Default: null, a bare array. */
  root?: string | null;
}

/** How HTML is written. */
export interface HtmlOptions {
  /** The title of the document. Default: the template's name, else the file's. */
  title?: string;
  /** The language of the document, as a BCP 47 tag. */
  lang?: string;
  /** The direction of the text. Default: not stated, which is left to right. */
  dir?: 'ltr' | 'rtl' | 'auto';
  /** Only the table, instead of a complete document. Default: false. */
  fragment?: boolean;
}

/** Limits of an export. Going beyond one rejects with `limit_exceeded`. */
export interface Limits {
  /** How deep arrays and objects may be nested. Default and most: 128. */
  depth?: number;
  /** Default: 16,384. */
  columns?: number;
  /** Default: no limit. */
  rows?: number;
  /** Bytes of input in one row. Default: 32 MiB. */
  rowBytes?: number;
  /** Bytes of input. Default: no limit. */
  inputBytes?: number;
  /** Bytes of the file. Default: no limit. */
  outputBytes?: number;
}

/** How far an export is. */
export interface Progress {
  /** Rows handed to the engine so far; absent where the data are bytes. */
  rows?: number;
  /** Bytes of the file so far. */
  bytes: number;
}

/** Everything that can be set. An unknown option rejects with `unknown_option`, which names the one that was meant. */
export interface ExportOptions {
  /** The format. Default: the template's; without either, an error. */
  format?: FormatId;
  template?: Template;
  /** The columns, their order and their headings. Needed for an array of arrays. Default: as they come in the data. */
  columns?: readonly (string | ColumnOptions)[];
  /** The file's name; what no file system takes is removed, and the extension is added. Default: the template's name, else "export". */
  filename?: string;
  /**
   * Makes the members of nested records columns of their own: `{user: {name}}` becomes `user.name`. Arrays and empty
   * objects stay JSON text. Default: false.
   */
  flatten?: boolean;
  /** What happens to a column that first appears after the look-ahead of a stream. Default: `"error"`. */
  lateColumns?: 'error' | 'drop';
  /** The time that `{date}` and the file's `lastModified` show, in RFC 3339. Default: the present. */
  now?: string | Date;
  /**
   * The time zone in which moments are written: `"UTC"`, an offset from `"-23:59"` to `"+23:59"`, or a name of the IANA
   * time zone database, as `"Europe/Berlin"`. Default: `"UTC"`. For the first name a table of 20 kB (gzip) is loaded;
   * an unknown name rejects with `unknown_time_zone`, which names the nearest one.
   */
  timeZone?: string;
  /** What the engine refuses to go beyond. */
  limits?: Limits;
  /** How bytes are read. */
  input?: {
    /**
     * What bytes are. Default: `"auto"`, what the media type of a `Blob` or `Response` says
     * (`application/x-ndjson` and its like are JSON Lines), else JSON. Nothing is guessed from the bytes.
     */
    format?: 'auto' | 'json' | 'jsonl';
    /** Where in the JSON the table is, as keys with dots between them, such as `result.rows`. Default: at the top. */
    path?: string;
  };
  /** Ends the export; it rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called as the file grows. An error that it throws ends the export. */
  onProgress?: (progress: Progress) => void;
  /** Reserved: exports run on the calling thread. */
  worker?: false;
  csv?: CsvOptions;
  json?: JsonOptions;
  html?: HtmlOptions;
}

/** Something that a reader of the file should know. */
export interface Warning {
  /** Stable, snake_case. */
  code: string;
  /** One sentence. */
  message: string;
  column?: string;
  /** How often it happened. */
  count: number;
  /** The first row it happened in, counted from 1. */
  firstRow?: number;
}

/** What an export did. */
export interface Report {
  format: FormatId;
  rows: number;
  columns: number;
  /** The size of the file. */
  bytes: number;
  warnings: Warning[];
}

/** A file with the report of its export. */
export interface ExportedFile extends File {
  readonly report: Report;
}
export const ExportedFile: { prototype: ExportedFile };

/** A file that is made while it is read, a piece for each pull. Cancelling it frees what it holds. */
export interface ExportedStream extends ReadableStream<Uint8Array> {
  /** The file's name. Empty until the engine is loaded: in Node and workerd at once, in browsers after `init()`. */
  readonly name: string;
  /** The file's media type. Empty until the engine is loaded. */
  readonly type: string;
  /** Resolves when everything was read; rejects with what ended the stream before. */
  readonly report: Promise<Report>;
}
export const ExportedStream: { prototype: ExportedStream };

/**
 * Makes a file. Data in memory are read a second time where a column turns up late; iterables and streams then reject
 * with `late_column`.
 *
 * @throws {ExportError} (as a rejection) for data, options or limits; or the reason of `signal`.
 */
export function exportFile(data: TableSource, options?: ExportOptions): Promise<ExportedFile>;

/**
 * Makes a file as a stream, never ahead of its reader. It does not throw: an error, also one in the options, ends the
 * stream and rejects its `report`.
 */
export function exportStream(data: TableSource, options?: ExportOptions): ExportedStream;

/**
 * Makes a response with the file as its body and the headers of a download. It waits for the first output, so that an
 * error before that is a rejection to answer with; a later one breaks the body off.
 *
 * @throws {ExportError} (as a rejection)
 */
export function exportResponse(data: TableSource, options?: ExportOptions): Promise<Response>;

/**
 * Makes a file and has the browser save it.
 *
 * @throws {ExportError} (as a rejection) also with `no_document` where there is no page.
 */
export function download(data: TableSource, options?: ExportOptions): Promise<Report>;

/**
 * Loads the engine ahead of time, or from another place. Optional: the first export loads it. Calling it again does
 * nothing once an engine is loaded, and tries again after a failure.
 *
 * @throws {ExportError} (as a rejection) with `engine_load_failed` or `version_mismatch`.
 */
export function init(
  source?: string | URL | BufferSource | Response | WebAssembly.Module | PromiseLike<string | URL | BufferSource | Response | WebAssembly.Module>,
): Promise<void>;

/**
 * What went wrong. Codes of the engine are the same in every runtime; this package adds:
 *
 * - `cycle`: a value holds itself
 * - `value_threw`: a getter, a `toJSON` or a column's `value` function threw; see `cause`
 * - `invalid_data`: the response failed, or the stream is in use or gives no bytes
 * - `engine_load_failed`, `version_mismatch`: the engine could not be started
 * - `engine_crashed`: the engine trapped; the next call starts a new one
 * - `no_document`: `download` outside of a page
 */
export class ExportError extends Error {
  /** Stable, snake_case. */
  readonly code: string;
  /** The row, counted from 1. */
  readonly row?: number;
  readonly column?: string;
  /** What to do about it. */
  readonly hint?: string;
  /** More, by code. Errors of a JSON text give the `line` and `column` they happen at, both counted from 1. */
  readonly details?: Readonly<Record<string, unknown>>;
  private constructor();
}
