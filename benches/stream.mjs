// Streams JSON through the package in a process of its own and tells how much memory that took:
// node stream.mjs <entry of the package> <what, a member of STREAMS> <megabytes of input>
import { writeSync } from 'node:fs';
import { rowsOf } from './shapes.mjs';

const [entry, what, megabytes] = process.argv.slice(2);

// The package keeps its memory to itself, so it is caught where instances are made.
const memories = [];
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(...given) {
    super(...given);
    memories.push(this.exports.memory);
  }
};
const { exportStream } = await import(entry);

/** What goes in: a beginning, pieces of a few records again and again, an end; and what comes of it. */
const STREAMS = { rows: rowStream, base: baseStream };

function rowStream() {
  const PIECE_ROWS = 300;
  const rows = rowsOf('mixed', [], 20 * PIECE_ROWS);
  return {
    start: '[',
    pieces: Array.from({ length: 20 }, (_, index) => rows.slice(index * PIECE_ROWS, (index + 1) * PIECE_ROWS)),
    last: rows[0],
    end: ']',
    options: { format: 'csv' },
  };
}

/** One knowledge base, of which all but some hundred bytes are items of 20 kB in one array. */
function baseStream() {
  const texts = rowsOf('text', [], 1000).map(({ history }) => history);
  const item = (number) => ({
    id: `item-${number}`,
    title: texts[number].slice(0, 40),
    text: texts.join('\n').slice(500 * number, 500 * number + 18_000),
    url: null,
    status: 'indexed',
    word_count: 3000,
    token_count: null,
    published_at: '2026-01-31T12:00:00.000Z',
    created_at: null,
  });
  const sizes = { polling: null, polling_action: null, polling_max_items: null, seed: null, retention_days: null, crawl_limit: null, crawl_depth: null };
  const source = { source_connection_id: 's', source_name: null, source_url: null, ...sizes, content_items: [] };
  const base = { id: 'b', name: 'Base', description: null, reranker_model: null, default_top_n: null, default_top_k: null, default_score_threshold: null, created_at: null, updated_at: null };
  return {
    start: JSON.stringify({ knowledge_base: base, sources: [source] }).slice(0, -4),
    pieces: Array.from({ length: 20 }, (_, index) => Array.from({ length: 5 }, (_, number) => item(5 * index + number))),
    last: item(0),
    end: ']}]}',
    options: { resource: 'knowledge_base', filters: { from_date: '2026-01-01' }, envelope: { softwareVersion: '1.0', accountId: 'acme' } },
  };
}

const { start: first, pieces: lists, last: record, end, options } = STREAMS[what]();
// The input is made of the same few pieces again and again, so that the memory is the export's and not the input's.
const pieces = lists.map((list) => Buffer.from(`${JSON.stringify(list).slice(1, -1)},`));
const last = Buffer.from(`${JSON.stringify(record)}${end}`);
let inputBytes = 0;
let records = 0;
let number = -1;
const input = new ReadableStream(
  {
    pull(controller) {
      let piece;
      if (number < 0) piece = Buffer.from(first);
      else if (inputBytes < megabytes * 1e6) piece = pieces[number % pieces.length];
      else piece = last;
      if (number >= 0) records += piece === last ? 1 : lists[0].length;
      number += 1;
      inputBytes += piece.length;
      controller.enqueue(piece);
      if (piece === last) controller.close();
    },
  },
  { highWaterMark: 0 },
);

const start = performance.now();
const output = exportStream(input, options);
let outputBytes = 0;
let tail = '';
for await (const piece of output) {
  outputBytes += piece.length;
  tail = (tail + Buffer.from(piece.subarray(-200)).toString('latin1')).slice(-200);
}
const report = await output.report;
// A document tells at its end how many items it holds.
const found = what === 'rows' ? report.rows : Number(/"total_content_items": (\d+)\n}$/.exec(tail)?.[1]);
if (found !== records) throw new Error(`${found} records came of ${records}`);
writeSync(
  1,
  JSON.stringify({
    inputBytes,
    outputBytes,
    records,
    milliseconds: performance.now() - start,
    wasmBytes: memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0),
    // The most that the process ever had in memory, of which Node itself is the greater part.
    processBytes: process.resourceUsage().maxRSS * 1024,
  }),
);
