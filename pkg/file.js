import { readOptions } from './options.js';
import { Run } from './run.js';

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

/** Makes the whole file. Its pieces stay apart, since a Blob takes them as they are. */
export async function exportToFile(engine, data, options) {
  const settings = readOptions(options);
  let run = await Run.start(engine, data, settings);
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
  for (let piece; (piece = await run.next()) !== undefined; ) parts.push(piece);
  return parts;
}
