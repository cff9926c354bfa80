/**
 * `import 'tablecast/element'` defines the element `<tablecast-button>`. Where there is no page it does nothing.
 *
 * @example
 * <tablecast-button for="#members" formats="csv json copy print" filename="members"></tablecast-button>
 */
import type { FormatId, FormatlessOptions, Progress, Report, TableSource } from './index.js';

/** What the button can make: a file of a format, or what `copy` and `print` do. */
export type ButtonFormat = FormatId | 'copy' | 'print';

/** Where the button's table comes from: the table itself, or a function that is called at each export. */
export type ButtonData = TableSource | (() => TableSource | PromiseLike<TableSource>);

/** What the button says. `{format}`, `{rows}`, `{total}` and `{message}` stand for what is known by these names. */
export interface ButtonLabels {
  /** On the button, where it opens a menu. Default: "Export". */
  button: string;
  /** On the button, where there is one format. Default: "Download {format}". */
  single: string;
  /** Default: "Copy". */
  copy: string;
  /** Default: "Print". */
  print: string;
  /** Default: "Cancel". */
  cancel: string;
  /** Announced at the start. Default: "Exporting {format}…". */
  running: string;
  /** Beside the progress bar. Default: "Rows: {rows}". */
  rows: string;
  /** The same where the number of rows is known. Default: "Rows: {rows} of {total}". */
  rowsOf: string;
  /** Announced at the end, followed by the report's warnings. Default: "{format} saved. Rows: {rows}." */
  done: string;
  /** Default: "Copied. Rows: {rows}." */
  copied: string;
  /** Default: "Handed to the print view. Rows: {rows}." */
  printed: string;
  /** Default: "Export cancelled." */
  cancelled: string;
  /** Default: "Nothing was exported. {message}" */
  failed: string;
}

/**
 * A button that exports a table. With several formats it opens a menu of them.
 *
 * Attributes:
 *
 * - `for`: a selector of the table, read as `fromTable` does; the property `data` goes before it
 * - `formats`: ids with spaces between them; `copy` and `print` are entries too. Default: `csv`
 * - `filename`, `preset`; `template`: the id of a template, or a template as JSON
 * - `label`: what stands on the button; `label-cancel`, `label-rows-of` …: the other `labels`
 * - `disabled`
 *
 * Parts: `base button label caret menu item running progress rows cancel status`. Custom properties:
 * `--tablecast-background -color -border -radius -gap -font -menu-background -menu-color -accent -accent-color`.
 *
 * Events, which bubble: `tablecast-start` (preventing it prevents the export), `tablecast-progress`, `tablecast-done`,
 * `tablecast-error`. An export that was cancelled ends with an error named `AbortError`.
 */
export class TablecastButton extends HTMLElement {
  data: ButtonData | undefined;
  /** Options of the export, which go before the attributes. */
  get options(): FormatlessOptions;
  set options(options: FormatlessOptions | undefined);
  /** Other words for what the button says; attributes go before them. */
  get labels(): Partial<ButtonLabels>;
  set labels(labels: Partial<ButtonLabels> | undefined);
  get formats(): string[];
  set formats(formats: Iterable<ButtonFormat>);
  disabled: boolean;
  /** Exports as one of the formats, as a click does. Default: the first. Undefined where nothing was exported. */
  export(format?: ButtonFormat): Promise<Report | undefined>;
  /** Ends the export that is running. */
  cancel(): void;
}

/** The events of the button. */
export interface TablecastButtonEventMap {
  'tablecast-start': CustomEvent<{ format: ButtonFormat }>;
  'tablecast-progress': CustomEvent<Progress & { total?: number }>;
  'tablecast-done': CustomEvent<{ format: ButtonFormat; report: Report }>;
  'tablecast-error': CustomEvent<{ format: ButtonFormat; error: unknown }>;
}

declare global {
  interface HTMLElementTagNameMap {
    'tablecast-button': TablecastButton;
  }
  interface HTMLElementEventMap extends TablecastButtonEventMap {}
}
