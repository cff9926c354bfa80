// Streams JSON through the package in a process of its own and tells how much memory that took:
// node stream.mjs <entry of the package> <megabytes of input>
import { writeSync } from 'node:fs';
import { rowsOf } from './shapes.mjs';

const PIECE_ROWS = 300;

const [entry, megabytes] = process.argv.slice(2);

// The package keeps its memory to itself, so it is caught where instances are made.
const memories = [];
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(...given) {
    super(...given);
    memories.push(this.exports.memory);
  }
};
const { exportStream } = await import(entry);

// The input is made of the same few pieces again and again, so that the memory is the export's and not the input's.
const rows = rowsOf('mixed', [], 20 * PIECE_ROWS);
const pieces = Array.from({ length: 20 }, (_, index) =>
  Buffer.from(`${JSON.stringify(rows.slice(index * PIECE_ROWS, (index + 1) * PIECE_ROWS)).slice(1, -1)},`),
);
const last = Buffer.from(`${JSON.stringify(rows[0])}]`);
let inputBytes = 0;
let inputRows = 0;
let number = -1;
const input = new ReadableStream(
  {
    pull(controller) {
      let piece;
      if (number < 0) piece = Buffer.from('[');
      else if (inputBytes < megabytes * 1e6) piece = pieces[number % pieces.length];
      else piece = last;
      if (number >= 0) inputRows += piece === last ? 1 : PIECE_ROWS;
      number += 1;
      inputBytes += piece.length;
      controller.enqueue(piece);
      if (piece === last) controller.close();
    },
  },
  { highWaterMark: 0 },
);

const start = performance.now();
const output = exportStream(input, { format: 'csv' });
let outputBytes = 0;
for await (const piece of output) outputBytes += piece.length;
const report = await output.report;
if (report.rows !== inputRows) throw new Error(`${report.rows} rows came of ${inputRows}`);
writeSync(
  1,
  JSON.stringify({
    inputBytes,
    outputBytes,
    milliseconds: performance.now() - start,
    wasmBytes: memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0),
    // The most that the process ever had in memory, of which Node itself is the greater part.
    processBytes: process.resourceUsage().maxRSS * 1024,
  }),
);
