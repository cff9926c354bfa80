// Checked by the compiler only: each line is a use that has to be accepted, or one that has to be refused.
import {
  copy,
  download,
  ExportError,
  ExportedFile,
  ExportedStream,
  exportFile,
  exportResponse,
  exportStream,
  formats,
  fromTable,
  init,
  print,
  type ExportOptions,
  type FormatId,
  type Report,
  type Template,
} from 'tablecast';
import type { TablecastButton } from 'tablecast/element';
import 'tablecast/element';

interface Person {
  name: string;
  born: number | null;
}

const people: readonly Person[] = [{ name: 'Ada', born: 1815 }];

async function* pages(): AsyncGenerator<Person[]> {
  yield [...people];
}

const template: Template = {
  name: 'People',
  format: 'html',
  column_mapping: { name: 'Name', born: 'Born' },
  header_text: 'People of {date}',
  footer_text: '{rows} people',
  preset: 'excel-de',
  csv: { quote_style: 'always', null_text: 'NULL', formula_guard: true },
  json: { pretty: false, root: null },
  html: { lang: 'de' },
};

const options: ExportOptions = {
  format: 'csv',
  template,
  columns: ['name', { key: 'century', label: 'Century', value: (row: Person) => row.born }],
  filename: 'people',
  lateColumns: 'drop',
  preset: 'tsv',
  strict: true,
  fallback: 'html',
  worker: true,
  limits: { rows: 1000, outputBytes: 1e9 },
  input: { path: 'result.rows' },
  now: new Date(0),
  timeZone: 'Europe/Berlin',
  signal: new AbortController().signal,
  onProgress: ({ rows, bytes }) => console.log(rows ?? 0, bytes),
  csv: { delimiter: ';', bom: true, quoteStyle: 'always', formulaGuard: false },
  json: { pretty: false, root: null },
  html: { title: 'People', lang: 'en', dir: 'auto', fragment: true },
};

const file: ExportedFile = await exportFile(people, options);
const asFile: File = file;
const bytes: ArrayBuffer = await asFile.arrayBuffer();
const report: Report = file.report;
const warned: string[] = report.warnings.map(({ code, message, column, count, firstRow }) => `${code}${message}${column}${count}${firstRow}`);

const stream: ExportedStream = exportStream(pages(), { format: 'json' });
const reader: ReadableStreamDefaultReader<Uint8Array> = stream.getReader();
const streamed: Report = await stream.report;
const response: Response = await exportResponse({ items: people }, { format: 'html' });
const saved: Report = await download({ columns: ['a', { key: 'b' }], rows: [[1, 2n]] }, { format: 'csv' });
const copied: Report = await copy(people, { columns: ['name'], csv: { formulaGuard: false } });
const printed: Report = await print(fromTable('#people', { hidden: true, types: 'text' }), { html: { title: 'People', spreadsheet: false } });
const table = fromTable(document.querySelector('table')!);
const labels: string[] = table.columns;
const ids: readonly FormatId[] = formats.filter(({ built }) => built).map(({ id }) => id);

const button: TablecastButton = document.createElement('tablecast-button');
button.data = async () => people;
button.formats = ['csv', 'copy'];
button.options = { columns: ['name'], html: { lang: 'en' } };
button.labels = { cancel: 'Stop' };
button.addEventListener('tablecast-progress', ({ detail: { rows, bytes, total } }) => console.log(rows, bytes, total));
button.addEventListener('tablecast-error', ({ detail: { error } }) => console.log(error));
const made: Report | undefined = await button.export('csv');
// @ts-expect-error What the button can make is a format, `copy` or `print`.
button.formats = ['paper'];

await init();
await init(new URL('https://example.com/core_bg.wasm'));
await init(fetch('/core_bg.wasm'));

for (const data of ['[]', new Uint8Array(), new ArrayBuffer(0), new Blob([]), new Response('[]'), response.body!, new Set(people), [[1], [2]], { a: 1 }]) {
  await exportFile(data, { format: 'csv' });
}

await exportFile(new Blob([]), { format: 'json', input: { format: 'csv', delimiter: ';', types: 'infer', compression: 'gzip' } });

try {
  await exportFile(people);
} catch (error) {
  if (error instanceof ExportError) console.log(error.code, error.message, error.hint, error.row, error.column, error.details?.line);
}

// @ts-expect-error A format has to be one of the ids.
await exportFile(people, { format: 'cvs' });
// @ts-expect-error An unknown option is refused.
await exportFile(people, { format: 'csv', delimiter: ';' });
// @ts-expect-error Keys of a template are snake_case, as in HTTP.
await exportFile(people, { template: { columnMapping: {} } });
// @ts-expect-error An unknown option inside of a block is refused too.
await exportFile('a,b', { format: 'json', input: { format: 'csv', delimeter: ';' } });
// @ts-expect-error What is copied has no format of its own.
await copy(people, { format: 'csv' });
// @ts-expect-error A number is no table.
await exportFile(7, { format: 'csv' });
// @ts-expect-error Errors come out of the package only.
new ExportError('a', 'b');
// @ts-expect-error The list of formats is not to be changed.
formats.pop();

export { bytes, copied, ids, labels, made, printed, reader, saved, streamed, warned };
