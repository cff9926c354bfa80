// The section of the report about the service.
import { median, megabytes, met, milliseconds, rate, table, times } from '../figures.mjs';

const PEER = 'Hono + papaparse';

const FASTER = 4;
const LESS_MEMORY = 5;
const CREATIONS = 200;
const READS = 300;
const WASM_BYTES = 32 * 2 ** 20;

/** The Markdown of what `measureService` gave; nothing of what was not asked for. */
export function serviceSection(service, about) {
  const exported = [...exportRows(service.exports), ...memoryRows(service.memory)];
  const records = recordRows(service.catalog);
  const jobs = [...rateRows(service.rates), ...jobRows(service.job)];
  if (exported.length + records.length + jobs.length === 0) return [];
  return [
    '## The service, in local workerd',
    `Workers in workerd ${about.workerd}, each in a process of its own and with the same bindings, asked by one client on the same machine. The other Worker is written as one usually is: Hono ${about.hono}, \`JSON.parse\`, papaparse ([\`benches/service/peer/worker.mjs\`](benches/service/peer/worker.mjs)).`,
    ...(exported.length === 0 ? [] : [table(['`POST /api/export`', 'tablecast', PEER, 'ratio', 'target', ''], exported)]),
    ...(records.length === 0 ? [] : [table(['`GET /v1/resources/governance_evaluations/export`', 'tablecast', PEER, 'ratio', 'target', ''], records)]),
    ...(jobs.length === 0 ? [] : [table(['export jobs', 'measured', 'target', ''], jobs)]),
    notes(service),
  ];
}

function exportRows(exports) {
  if (exports === undefined) return [];
  const { inputBytes, contenders } = exports;
  const [ours, theirs] = [contenders.tablecast, contenders[PEER]];
  const time = (contender) => `${milliseconds(median(contender.times))}, ${rate(inputBytes, median(contender.times))}`;
  const ratio = median(theirs.times) / median(ours.times);
  const work = (contender) => milliseconds(median(contender.processor));
  const first = ({ firstByteAfter }) => (firstByteAfter === undefined ? 'when all is sent' : `when ${megabytes(firstByteAfter)} are sent`);
  return [
    [`${megabytes(inputBytes)} of JSON → CSV: time`, `**${time(ours)}**`, time(theirs), times(ratio), `≥ ${times(FASTER)}`, met(ratio >= FASTER)],
    ['processor time of workerd', work(ours), work(theirs), times(median(theirs.processor) / median(ours.processor)), '', ''],
    ['the first byte comes', first(ours), first(theirs), '', 'before all is sent', met(ours.firstByteAfter < inputBytes)],
  ];
}

function recordRows(catalog) {
  if (catalog === undefined) return [];
  const { records, evaluations, formats } = catalog;
  const counts = `${records.toLocaleString('en-US')} of ${evaluations.toLocaleString('en-US')} records`;
  return Object.entries(formats).flatMap(([format, { fileBytes, contenders }]) => {
    const [ours, theirs] = [contenders.tablecast, contenders[PEER]].map(({ times: all, reads, statements }) => {
      const [whole, read] = [median(all), median(reads)];
      return { whole, read, own: whole - read, statements };
    });
    // What lies within what the clock tells apart is nothing.
    const ratio = ours.own > 0 ? theirs.own / ours.own : Infinity;
    const reading = ({ read, statements }) => `${milliseconds(read)}, ${statements} statement${statements === 1 ? '' : 's'}`;
    return [
      [`${counts} of D1 → ${format.toUpperCase()}, ${megabytes(fileBytes)}: time`, `**${milliseconds(ours.whole)}**`, milliseconds(theirs.whole), times(theirs.whole / ours.whole), '', ''],
      ["of it D1's own: the same statements by a Worker that does nothing else", reading(ours), reading(theirs), '', '', ''],
      ['the rest', milliseconds(ours.own), milliseconds(theirs.own), ratio === Infinity ? 'all' : times(ratio), `≥ ${times(FASTER)}`, met(ratio >= FASTER)],
    ];
  });
}

function memoryRows(memory) {
  if (memory === undefined) return [];
  const [ours, theirs] = [memory.contenders.tablecast, memory.contenders[PEER]].map(median);
  return [
    ['growth of the memory of workerd', megabytes(ours), megabytes(theirs), times(theirs / ours), `≥ ${times(LESS_MEMORY)}`, met(theirs / ours >= LESS_MEMORY)],
  ];
}

function rateRows(rates) {
  if (rates === undefined) return [];
  const row = (what, measured, least) => [what, `${Math.round(measured)} a second`, `≥ ${least} a second`, met(measured >= least)];
  return [row('created', median(rates.creations), CREATIONS), row('status read', median(rates.reads), READS)];
}

function jobRows(job) {
  if (job === undefined) return [];
  const count = job.memories.toLocaleString('en-US');
  return [
    [`a job of ${count} memories → CSV, ${megabytes(job.fileBytes)}, from the request to the file`, milliseconds(job.milliseconds), '', ''],
    ['processor time of workerd, database and bucket included', milliseconds(job.processor), '', ''],
    ['most memory of WebAssembly (`report.peak_wasm_bytes`)', megabytes(job.wasmBytes), `≤ ${megabytes(WASM_BYTES)}`, met(job.wasmBytes <= WASM_BYTES)],
  ];
}

function notes({ exports, catalog, memory, rates }) {
  const lines = [];
  if (exports !== undefined) lines.push(`Times are medians of ${exports.contenders.tablecast.times.length} exports, in which both take turns, and count until the last byte has arrived.`);
  if (catalog !== undefined) {
    lines.push('Both read tables that are the same: the other Worker all records by one statement, tablecast page by page, so that it needs no more memory for a larger table. What each asks of the database is asked a second time by a Worker that makes no file of it, and that time is subtracted.');
  }
  if (memory !== undefined) {
    const { contenders, exports: count } = memory;
    lines.push(`Memory is the most resident memory during ${count} exports, one after another, less that of the process before; the median of ${contenders.tablecast.length} fresh processes.`);
  }
  if (rates !== undefined) {
    lines.push(`Jobs are created and read over ${rates.connections} connections, with an API key and the audit trail; each rate is the median of ${rates.creations.length} windows of time. While they are created, the same workerd, which has one thread, also does them: each is an export of ${rates.memories} memories.`);
  }
  lines.push('In local workerd the database and the bucket are part of the same process. Deployed, they are other machines, so rates will differ.');
  return lines.map((line) => `- ${line}`).join('\n');
}
