import { readOptions } from './options.js';
import { startRun } from './run.js';
import { openSource } from './source.js';

/** A finished file with the report of its export. */
export class ExportedFile extends File {
  /** What the export did. */
  report;

  constructor(parts, name, { report, ...properties }) {
    super(parts, name, properties);
    this.report = report;
  }
}

// What a wider header cures, so that data in memory can be read again with all their columns known.
const CURED_BY_HEADER = ['late_column', 'columns_after_rows'];

// A Blob copies its bytes at once, but other Blobs by reference: pieces become one now and then, so that the end of a
// large file takes no longer than that of a small one.
const BLOB_BYTES = 1024 * 1024;

/** Makes the whole file. */
export async function exportToFile(engine, data, options) {
  const settings = readOptions(options);
  return fileFrom(engine, openSource(data, settings.computed, settings.request.input), settings);
}

/** Makes the whole file from a source that is open already. */
export async function fileFrom(engine, source, settings) {
  let run = await startRun(engine, source, settings);
  let parts;
  try {
    parts = await collect(run);
  } catch (error) {
    if (!run.restartable || !CURED_BY_HEADER.includes(error?.code)) throw error;
    run = await run.restart();
    parts = await collect(run);
  }
  const { file, report } = run;
  return new ExportedFile(parts, file.name, {
    type: file.mediaType,
    lastModified: Date.parse(settings.request.now),
    report,
  });
}

async function collect(run) {
  const parts = [];
  let pieces = [];
  let bytes = 0;
  for (let piece; (piece = await run.next()) !== undefined; ) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes >= BLOB_BYTES) {
      parts.push(new Blob(pieces));
      pieces = [];
      bytes = 0;
    }
  }
  return [...parts, ...pieces];
}
