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
import type { Resources } from './wasm/resources.js';

export type { FormatId, Resources };

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

/**
 * JSON, JSON Lines or CSV as text or bytes, in UTF-8, or any of them in gzip data. The option `input` says which. A
 * response has to be successful (`ok`).
 */
export type InputBytes =
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
 * iterable of rows or of pages of rows, one object (a single row), or bytes of JSON, JSON Lines or CSV.
 *
 * Values are written as `JSON.stringify` sees them, with three differences: a `bigint` keeps its digits; NaN, the infinities
 * and invalid Dates are written as null is, and reported as `non_finite` wherever they lie; objects that JSON would empty are
 * written by their content: a Map as an object (as a row: a record), a Set as an array, bytes as Base64 (RFC 4648, section 4),
 * an object that only has `toString`, such as `URLSearchParams` or an Error, as that text. What has no content that can be
 * written, such as a promise or a Blob, is written as null is, and reported as `unrepresentable`; as a row it rejects with
 * `invalid_data`.
 */
export type TableSource = TableData | ItemsData | Rows | InputBytes | object;

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
   * effect; conditions, fractions and other locales are refused, as are codes of more than 255 characters. With
   * `csv.decimal: ","` the marks within numbers
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

/** Values for many options of CSV (and of JSON for `machine`) by one name; README has the table of them. */
export type Preset = 'excel' | 'excel-de' | 'google-sheets' | 'postgres' | 'tsv' | 'machine';

/** A template that ships with the engine. */
export type SystemTemplate = 'report' | 'spreadsheet' | 'spreadsheet-de' | 'database' | 'dataset';

type SnakeName<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${SnakeName<Rest>}`
  : '';

/** The same members under the names that JSON documents of this package have for them. */
type SnakeCase<Block> = { [Name in keyof Block as SnakeName<Name & string>]: Block[Name] };

/**
 * A stored way to write a table. The same JSON document works in every runtime and over HTTP, so keys are snake_case.
 * Its JSON Schema is `tablecast/template.schema.json`.
 */
export interface Template {
  /** What it is called; also the file's name and a document's title, where nothing else is said. Up to 255 characters. */
  name?: string;
  /** The only format it is made for; another one rejects with `template_format_mismatch`. Default: any. */
  format?: FormatId;
  /** The blocks of this template beat it. An option `preset` takes its place. */
  preset?: Preset;
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
  /** Options of formats, each beaten by the same option of the export. */
  csv?: SnakeCase<CsvOptions>;
  json?: SnakeCase<JsonOptions>;
  html?: SnakeCase<HtmlOptions>;
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
  /**
   * What stands for null, never quoted. Default: nothing. With the formula guard, none of the three texts may start a
   * formula; a lone `-` is none. Each has at most 255 characters.
   */
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
  /**
   * Indented by two spaces, instead of one line. A nested value whose indentation would take more than 1 MiB and make
   * it more than eight times as long stays on one line. Default: true.
   */
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
  /**
   * Made for spreadsheets, which open HTML files and take cells from the clipboard: text that looks like something
   * else, such as `007`, is marked as text, line breaks stay in their cell, and formulas are guarded. Default: false.
   */
  spreadsheet?: boolean;
  /** With `spreadsheet`, whether text that would run as a formula gets a leading `'`. Default: true. */
  formulaGuard?: boolean;
}

/** The name of a resource that ships with the engine. */
export type ResourceName = keyof Resources;

/**
 * A record of a resource that ships: a row of a table, or the whole of a document. What a switch may leave out, and what
 * the engine writes by itself, such as counts, need not be there.
 */
export type ResourceRecord<Name extends ResourceName> = Resources[Name]['record'];

/** The JSON file of a resource that ships, as `JSON.parse` gives it; with `envelope: false` a table is its `items` alone. */
export type ResourceFile<Name extends ResourceName> = Resources[Name]['envelope'];

/** What the filters and switches of a resource that ships take. */
export type ResourceFilters<Name extends ResourceName> = Resources[Name]['filters'];

/** What a filter or a switch of a resource of one's own takes: a value of its field, several of them, or true. */
export type FilterValue = string | number | boolean | Date | readonly (string | number | boolean | Date)[] | null | undefined;

/** What kind of value a field holds. */
export type ResourceValueType = 'string' | 'number' | 'integer' | 'boolean' | 'timestamp' | 'array' | 'object' | 'any';

/** A value of a record, or a member of an envelope that holds one. */
export interface ResourceValue {
  name: string;
  /** One sentence for readers of the file. */
  description: string;
  /** `timestamp` is text in RFC 3339; `object` has members that nobody describes. */
  type: ResourceValueType;
  /** Of an `array`: what its values are. */
  items?: 'string' | 'object' | 'any';
  /** Whether it may be null. Default: false. */
  nullable?: boolean;
  /** Whether a record may lack it: then it is left out, where one that has to be there is written as null. Default: false. */
  optional?: boolean;
  /** All texts that it may be. Default: any. */
  enum?: readonly string[];
  /** The column in the database of the Worker. Default: the name. */
  column?: string;
  /** The column with the key of a text that is too long for `column`, and lies in the object store. Worker only. */
  file_column?: string;
}

/** A field that holds a record or several, by their description or by the name that `records` gives it. */
export interface ResourceNesting {
  name: string;
  description: string;
  type: 'record' | 'records';
  record: string | ResourceRecordType;
  nullable?: boolean;
  optional?: boolean;
  /** The column that holds it as JSON, where the record type has no table. Worker only. */
  column?: string;
}

/** A field that the engine writes behind the array that it counts. */
export interface ResourceCount {
  name: string;
  description: string;
  type: 'count';
  /** The path from this record to the array. */
  of: string;
}

/** What a record is made of. Fields are written in this order. */
export interface ResourceRecordType {
  /** Only an open record may have none. */
  fields?: readonly (ResourceValue | ResourceNesting | ResourceCount)[];
  /** Whether members that no field describes are kept, behind the fields. Default: false, they are left out and reported. */
  open?: boolean;
  /** Where the Worker finds it: the table, the user's id in it, the column of the record that it belongs to, of other members. */
  table?: string;
  user_column?: string;
  parent?: string | { table: string; parent: string; child: string };
  open_column?: string;
}

/** A member of the object around the records of a JSON file. */
export type ResourceMember =
  | 'standard'
  | ({ name: string; description: string } & (
      | { holds: 'type' | 'software_version' | 'account_id' | 'moment' | 'items' }
      | { holds: 'text'; text: string }
      | { holds: 'count'; of: string }
      | { holds: 'record' | 'records'; record: string | ResourceRecordType; nullable?: boolean }
      | ({ holds: 'value' } & Omit<ResourceValue, 'name' | 'description'>)
    ));

/** A condition on records, under a name of its own. Its field is a path: the records that hold the last field are chosen. */
export type ResourceFilter = { name: string; description: string } & (
  | { test: 'equals' | 'at_least' | 'at_most' | 'less_than'; field: string }
  | { test: 'one_of' | 'any_of'; field: string; /** The most values. Default: 20. */ most?: number }
  | { test: 'is_null'; field: string }
  | { test: 'is_null'; /** All have to be null. */ fields: readonly string[] }
  | { test: 'limit'; /** The path of the array; a table has none. */ field?: string }
);

/** Fields that are in the file only where the switch is on. */
export interface ResourceSwitch {
  name: string;
  description: string;
  fields: readonly string[];
  /** Default: true. */
  default?: boolean;
}

/**
 * The description of a resource, as `resource` takes it and as the Worker reads it from a file. Its JSON Schema is
 * `tablecast/resource.schema.json`.
 *
 * With `record` it is a table, of any format. Without, it is one JSON document, whose members `envelope` names; they hold
 * records and lists of them to any depth.
 */
export interface ResourceDefinition {
  $schema?: string;
  /** Of `a` to `z`, digits and `_`, beginning with a letter; at most 64 characters. */
  name: string;
  /** The name for people. */
  label: string;
  description: string;
  /** The formats that it is offered in; the first is the default. */
  formats: readonly FormatId[];
  /**
   * The file's name, in which `{date}` is filled in. `{user_id}` and `{resource_id}`, cut to eight characters as
   * `{resource_id:8}`, are known to the Worker alone; elsewhere they are left out, as is what joins them to the rest.
   */
  file_name: string;
  /** The Worker's table of the objects of which one is exported at a time, by its id. */
  object_table?: string;
  /** Types of records that others name; they may name themselves. */
  records?: Readonly<Record<string, ResourceRecordType>>;
  record?: string | ResourceRecordType;
  /** `"standard"`: export_type, software_version, account_id, exported_at, item_count, items. Default: none. */
  envelope?: 'standard' | readonly ResourceMember[];
  /** Of a document: whether members that nobody describes are kept, behind the others. Default: false. */
  open?: boolean;
  filters?: readonly ResourceFilter[];
  switches?: readonly ResourceSwitch[];
}

/** What `filters` takes, by the resource. */
export type FiltersOf<Chosen> = Chosen extends ResourceName ? ResourceFilters<Chosen> : Readonly<Record<string, FilterValue>>;

/** Values for the members of an envelope that nobody else knows. */
export interface EnvelopeValues {
  /** The version of the program that the data come from. */
  softwareVersion?: string;
  /** The account that the data belong to. */
  accountId?: string;
}

/** Limits of an export. Going beyond one rejects with `limit_exceeded`. */
export interface Limits {
  /** How deep arrays and objects may be nested. Default and most: 128. */
  depth?: number;
  /** Default: 16,384. */
  columns?: number;
  /** Default: no limit. */
  rows?: number;
  /** Bytes of input in one row; of rows that are JavaScript values, the UTF-8 bytes of their texts. Default: 32 MiB. */
  rowBytes?: number;
  /** Bytes of input, after decompression. Default: no limit. */
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

/**
 * How bytes are read. An option that does not go with what they are rejects with `contradictory_options`.
 *
 * CSV is RFC 4180 in UTF-8: the first record names the columns, an empty name becomes `column_N`, and names may stand
 * twice. Lines end with CRLF, LF or CR. An empty cell is null, an empty cell in quotes is empty text, so what was written
 * as CSV is read as it was. A row that is shorter than the header is filled up with nulls (`ragged_row`), the cells of a
 * longer one get columns of their own (`extra_cell`), and lines that hold nothing are passed over (`blank_line`). Text
 * behind a closing quote, a quote that is never closed, bytes that are not UTF-8 and no bytes at all reject with
 * `invalid_csv`. The apostrophe of a formula guard is left where it is.
 */
export interface InputOptions {
  /**
   * What bytes are. Default: `"auto"`, what the media type of a `Blob` or `Response` says (`application/x-ndjson` and
   * its like are JSON Lines, `text/csv` and `text/tab-separated-values` are CSV), else JSON. Nothing is guessed from the
   * bytes.
   */
  format?: 'auto' | 'json' | 'jsonl' | 'csv';
  /** Where in the JSON the table is, as keys with dots between them, such as `result.rows`. Default: at the top. */
  path?: string;
  /**
   * What separates the cells of CSV: one ASCII character. Default: `","`, but a tab where the media type is
   * `text/tab-separated-values`.
   */
  delimiter?: string;
  /**
   * What the cells of CSV are. Default: `"text"`, so that `007` and long identifiers stay what they are. With `"infer"` a
   * cell without quotes becomes a number where it is one of JSON with at most 15 digits and two in its exponent, and a
   * boolean where it is `true` or `false`.
   */
  types?: 'text' | 'infer';
  /**
   * Whether the bytes are gzip data. Default: `"auto"`, which they are where the media type of a `Blob` or `Response` is
   * `application/gzip` or `application/x-gzip`; `format` then says what they hold. Data that are broken, cut off or
   * followed by others reject with `invalid_gzip`.
   */
  compression?: 'auto' | 'none' | 'gzip';
}

/** Everything that can be set. An unknown option rejects with `unknown_option`, which names the one that was meant. */
export interface ExportOptions<Chosen extends ResourceName | ResourceDefinition = ResourceName | ResourceDefinition> {
  /** The format. Default: the template's, else the preset's, else the first of the `resource`; without any, an error. */
  format?: FormatId;
  /** A template, or the id of one that ships with the engine. It is beaten by what the options say. */
  template?: Template | SystemTemplate;
  /** Values for many options at once, beaten by the template and the options; without a `format` they mean CSV. */
  preset?: Preset;
  /**
   * What the records are: the name of a resource that ships, or a definition of one's own. The records are checked against
   * it, and written as it describes them: its fields in its order, its formats only, its file's name. What does not match
   * is kept and reported (`missing_field`, `unknown_field`, `field_type`, `null_not_allowed`, `outside_enum`), or refused
   * with `strict`. The first use loads the build with the catalog. Default: none.
   *
   * Data of a resource that is a document are that document, as JSON or as an object. In an object, a list may also be an
   * iterable, which is read as the file grows.
   */
  resource?: Chosen;
  /** Which records are chosen, and which fields that can be left out are in the file. Default: all; fields by their switch. */
  filters?: FiltersOf<Chosen>;
  /**
   * What stands around the records in JSON: `false` for nothing, or values for its members. Default: what `resource` says;
   * the other formats have none.
   */
  envelope?: false | EnvelopeValues;
  /**
   * Whether warnings are errors: the export then rejects with `strict` and the warnings in `details`. What the
   * look-ahead shows does so before any output; what shows later does so before the last piece. Default: false.
   */
  strict?: boolean;
  /**
   * What happens where the build does not hold `pdf`: `format_not_built`, or an HTML file with the warning
   * `pdf_fallback`. Default: `"error"`; over HTTP `"html"`.
   */
  fallback?: 'error' | 'html';
  /** The columns, their order and their headings. Needed for an array of arrays. Default: as they come in the data. */
  columns?: readonly (string | ColumnOptions)[];
  /** The file's name; what no file system takes is removed, and the extension is added. Default: the template's name, else the resource's, else "export". */
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
  /** How bytes are read. JavaScript values are what they are. */
  input?: InputOptions;
  /** Ends the export; it rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called as the file grows. An error that it throws ends the export. */
  onProgress?: (progress: Progress) => void;
  /**
   * Whether the engine runs in a thread of its own: a module worker in browsers, a worker thread in Node. Rows are still
   * read and packed on the calling thread, in slices of a few milliseconds, and `value` functions run there; the file's
   * bytes are the same. The first such export starts the thread, all use it, and a minute after the last it is ended.
   * A content security policy needs `worker-src 'self'`. Where there are no threads, as in workerd, it rejects with
   * `no_worker`. Default: false.
   */
  worker?: boolean;
  /**
   * Whether the arrays that an iterable gives are pages of rows; `false`: each is one row, a list of cells. Default: the first
   * array that is not empty decides. It is a page where it holds nothing but objects and lists, and where the data name their
   * `columns` only if these are records with any of them, or lists of as many cells. An array that can be both rejects with
   * `invalid_data`, and so does a page that holds anything else.
   */
  pages?: boolean;
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
  /**
   * The file's name. Empty until the engine is loaded, in Node and workerd at once, in browsers after `init()`; with a
   * `timeZone` that has a name, until its table was looked into.
   */
  readonly name: string;
  /** The file's media type. Empty as long as the name is. */
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
export function exportFile<const Chosen extends ResourceName | ResourceDefinition>(
  data: TableSource,
  options?: ExportOptions<Chosen>,
): Promise<ExportedFile>;

/**
 * Makes a file as a stream, never ahead of its reader. It does not throw: an error, also one in the options, ends the
 * stream and rejects its `report`.
 */
export function exportStream<const Chosen extends ResourceName | ResourceDefinition>(
  data: TableSource,
  options?: ExportOptions<Chosen>,
): ExportedStream;

/**
 * Makes a response with the file as its body and the headers of a download. It waits for the first output, so that an
 * error before that is a rejection to answer with; a later one breaks the body off.
 *
 * @throws {ExportError} (as a rejection)
 */
export function exportResponse<const Chosen extends ResourceName | ResourceDefinition>(
  data: TableSource,
  options?: ExportOptions<Chosen>,
): Promise<Response>;

/**
 * Makes a file and has the browser save it.
 *
 * @throws {ExportError} (as a rejection) also with `no_document` where there is no page.
 */
export function download<const Chosen extends ResourceName | ResourceDefinition>(
  data: TableSource,
  options?: ExportOptions<Chosen>,
): Promise<Report>;

/** Options of a function that decides the format itself. A format in the template is passed over. */
export type FormatlessOptions = Omit<ExportOptions, 'format'>;

/**
 * Puts a table on the clipboard: as text with tabs between cells (`csv` options apply), and as HTML from which
 * spreadsheets take cells, so that numbers are numbers and `007` stays text. Formulas are guarded in both.
 *
 * Browsers allow it only while they handle a click or a key, so call it there, before anything is awaited; the data may
 * be a promise. The report is that of the text, with what only the HTML warns of added.
 *
 * @throws {ExportError} (as a rejection) also with `no_clipboard` or `clipboard_refused`.
 */
export function copy(data: TableSource | PromiseLike<TableSource>, options?: FormatlessOptions): Promise<Report>;

/**
 * Opens the browser's print view with the table as an HTML document (`html` options apply). The document stands in a
 * hidden frame in which no script runs. Resolves once the browser was told to print.
 *
 * @throws {ExportError} (as a rejection) also with `no_document` where there is no page.
 */
export function print(data: TableSource, options?: FormatlessOptions): Promise<Report>;

/** How a table of the page is read. */
export interface FromTableOptions {
  /** Also what is not displayed: rows, columns, by `hidden` or by their style. Default: false. */
  hidden?: boolean;
  /**
   * Whether a column of which all cells are numbers, as JSON writes them in up to 15 digits, holds numbers. `007` and
   * `1,234` are text in any case. A number such as `1.50` keeps its form where `JSON.rawJSON` exists. Default: `"infer"`.
   */
  types?: 'infer' | 'text';
}

/**
 * Reads a `table` element of the page. All rows count that are in the DOM and displayed, those of `tfoot` aside, and the
 * table itself may be hidden.
 *
 * - Labels come from `thead`, else from the first rows that hold only `th`; headings in several rows are joined with " / ".
 *   Equal labels are kept.
 * - A cell that spans rows counts for each of them; one that spans columns, for the first.
 * - A cell is its text as `innerText` shows it (line breaks, collapsed white space, what is typed into inputs), unless it
 *   has a machine value: `data-value` or `data-export` on the cell, or a `data`, `time`, `meter` or checkbox that is all of
 *   it. An empty cell is null.
 * - Left out are rows and columns with `data-export="false"` (on the `tr`, `col` or heading), columns whose heading has
 *   `aria-hidden="true"`, and columns without a heading that hold only buttons, boxes or icons.
 *
 * @param table the table, an element around it, or a selector of either; its first match is taken.
 * @throws {ExportError} with `not_tabular` where there is no such table, `no_document` outside of a page.
 *
 * @example
 * download(fromTable('#members'), { format: 'csv' });
 */
export function fromTable(table: Element | string, options?: FromTableOptions): { columns: string[]; rows: unknown[][] };

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
 * - `invalid_gzip`: gzip data are broken or cut off
 * - `invalid_data`: the response failed, or the stream is in use or gives no bytes
 * - `engine_load_failed`, `version_mismatch`: the engine could not be started
 * - `engine_crashed`: the engine trapped; the next call starts a new one
 * - `no_document`: `download`, `print` or `fromTable` outside of a page
 * - `no_worker`: `worker: true` where there are no threads
 * - `worker_failed`: the worker could not be started; see `cause`
 * - `no_clipboard`: `copy` where there is no clipboard, as on pages that came over plain http
 * - `clipboard_refused`: the browser did not let the page copy; see `cause`
 */
export class ExportError extends Error {
  /** Stable, snake_case. */
  readonly code: string;
  /** The row, counted from 1. */
  readonly row?: number;
  readonly column?: string;
  /** What to do about it. */
  readonly hint?: string;
  /**
   * More, by code. Errors of JSON or CSV text give the `line` and `column` they happen at, both counted from 1; `strict` gives
   * the `warnings`, as a report has them; `invalid_definition` gives the `problems`, all of them, each with its `path` in the
   * definition and a `message`.
   */
  readonly details?: Readonly<Record<string, unknown>>;
  private constructor();
}
