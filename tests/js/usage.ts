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
  type ResourceDefinition,
  type ResourceFile,
  type ResourceName,
  type ResourceRecord,
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

// Resources that ship: filters and switches by their names, with values of the right kind.
const evaluation: ResourceRecord<'governance_evaluations'> = {
  id: 'e1',
  policy_id: 'p1',
  policy_name: null,
  screening_point: 'agent_input',
  verdict: 'flag',
  score: 0.5,
  flag_threshold_used: 0.4,
  block_threshold_used: 0.8,
  explanation: null,
  content_excerpt: null,
  agent_id: null,
  agent_run_id: null,
  source_connection_id: null,
  content_version_id: null,
  resolved_at: null,
  resolved_by: null,
  resolution_note: null,
  created_at: '2026-01-31T12:00:00.000Z',
};
const evaluations = await exportFile([evaluation], {
  resource: 'governance_evaluations',
  format: 'json',
  filters: { verdict: 'flag', screening_point: 'agent_input', unresolved_only: true },
  envelope: { softwareVersion: '1.0', accountId: 'acme' },
  strict: true,
});
const written: ResourceFile<'governance_evaluations'> = JSON.parse(await evaluations.text());
const verdicts: ('pass' | 'flag' | 'block')[] = written.items.map(({ verdict }) => verdict);
exportStream([], { resource: 'knowledge_base', filters: { from_date: new Date(0), to_date: '2026-01-31' }, envelope: false });
await exportResponse([], { resource: 'agent_traces', filters: { status: 'failed', limit: 10, include_step_io: false } });
const base: ResourceFile<'knowledge_base'> = JSON.parse('{}');
const titles: (string | null)[] = base.sources.flatMap(({ content_items: items }) => items.map(({ title }) => title));
const steps: ResourceRecord<'agent_definition'>['agent']['definition']['steps'] = [{ id: 's1', steps: [{ id: 's2', steps: null }], whatever: 1 }];
const names: readonly ResourceName[] = ['memories', 'account', 'data_table'];

// Resources of one's own.
const invoices: ResourceDefinition = {
  name: 'invoices',
  label: 'Invoices',
  description: 'What customers have to pay.',
  formats: ['json', 'csv'],
  file_name: 'invoices-{date}',
  records: { line: { fields: [{ name: 'article', type: 'string', description: 'What is sold.' }] } },
  record: {
    fields: [
      { name: 'id', type: 'string', description: 'The number.' },
      { name: 'state', type: 'string', enum: ['sent', 'paid'], description: 'How far it is.' },
      { name: 'lines', type: 'records', record: 'line', description: 'What is charged.' },
      { name: 'line_count', type: 'count', of: 'lines', description: 'How many lines there are.' },
    ],
    open: true,
  },
  envelope: ['standard', { name: 'invoices', holds: 'items', description: 'The invoices.' }],
  filters: [
    { name: 'state', test: 'one_of', field: 'state', most: 2, description: 'Those in some states.' },
    { name: 'limit', test: 'limit', description: 'So many at most.' },
  ],
  switches: [{ name: 'include_lines', fields: ['lines'], default: false, description: 'Whether the lines are there.' }],
};
await exportFile([{ id: '1' }], { resource: invoices, filters: { state: ['sent'], limit: 5, include_lines: true } });
await download([], { resource: { ...invoices, name: 'others' }, format: 'csv' });
// A definition out of a JSON module has texts where the type has a choice of words.
await exportFile([], { resource: { ...invoices, formats: JSON.parse('["csv"]') } as ResourceDefinition });
for (const name of names) await exportFile([], { resource: name });

// @ts-expect-error There is no such resource.
await exportFile([], { resource: 'governance_evaluation' });
// @ts-expect-error It has no such filter.
await exportFile([], { resource: 'governance_evaluations', filters: { verdikt: 'flag' } });
// @ts-expect-error The filter takes other words.
await exportFile([], { resource: 'governance_evaluations', filters: { verdict: 'flagged' } });
// @ts-expect-error The filter takes a boolean.
exportStream([], { resource: 'governance_evaluations', filters: { unresolved_only: 'yes' } });
// @ts-expect-error The limit is a number.
await exportResponse([], { resource: 'agent_traces', filters: { limit: 'ten' } });
// @ts-expect-error An account has no filters.
await exportFile([], { resource: 'account', filters: { verdict: 'flag' } });
// @ts-expect-error The words of an envelope are those of JavaScript.
await exportFile([], { resource: 'memories', envelope: { account_id: 'acme' } });
// @ts-expect-error There are no such members of a definition.
const mislabelled: ResourceDefinition = { ...invoices, labels: 'Invoices' };
// @ts-expect-error A count says of what.
const countless: ResourceDefinition = { ...invoices, record: { fields: [{ name: 'lines', type: 'count', description: 'How many.' }] } };
// @ts-expect-error A record has this field.
const incomplete: ResourceRecord<'governance_evaluations'> = { id: 'e1' };

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

export { bytes, copied, countless, ids, incomplete, labels, made, mislabelled, printed, reader, saved, steps, streamed, titles, verdicts, warned };
