// The golden cases of tests/cases, and how a runtime is held to them. tests/golden/main.rs writes and checks them in Rust.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { exportFile, exportStream, formats } from '../../pkg/load/node.js';
import { generator } from '../random.mjs';

const CASES = new URL('../cases/', import.meta.url);

/** How the input is cut. `whole` is a one-shot export, the others are true streams. */
export const CHUNKINGS = ['whole', 'byte by byte', 'random 1', 'random 2'];

/** The input in chunks of each small size, around the sixteen bytes that the engine looks at in one go. */
export const SMALL_CHUNKINGS = Array.from({ length: 33 }, (_, index) => `chunks of ${index + 1}`);

/** One folder of tests/cases. */
class Case {
  constructor(name) {
    this.name = name;
    this.folder = new URL(`${name}/`, CASES);
    this.input = this.#read(existsSync(new URL('input.csv', this.folder)) ? 'input.csv' : 'input.json');
    /** The options as HTTP has them. */
    this.options = this.#json('options.json');
    const { formats: ids, stream_error: streamError } = this.#json('case.json') ?? {};
    this.formats = ids ?? formats.filter(({ built }) => built).map(({ id }) => id);
    this.streamError = streamError;
    this.error = this.#json('expected.error.json');
    this.reports = this.#json('expected.report.json');
  }

  /** The options as JavaScript has them. */
  optionsIn(format) {
    return { ...camelCased(this.options), ...(format === null ? {} : { format }) };
  }

  /** The format that is written; where none is asked for, the options bring it in some way. */
  written(format) {
    return format ?? Object.keys(this.reports)[0];
  }

  /** The file that is expected in a format. */
  expected(format) {
    const id = this.written(format);
    return this.#read(`expected.${formats.find((known) => known.id === id).extension}`);
  }

  #read(file) {
    return readFileSync(new URL(file, this.folder));
  }

  #json(file) {
    return existsSync(new URL(file, this.folder)) ? JSON.parse(this.#read(file)) : undefined;
  }
}

// The package says itself what time it is.
const WITHOUT_TIME = 'error-resource-now';

export const cases = readdirSync(CASES)
  .filter((name) => name !== WITHOUT_TIME)
  .sort()
  .map((name) => new Case(name));

/**
 * Runs a case in a runtime in every format and chunking, and compares what comes out.
 *
 * @param {Case} golden
 * @param {(golden: Case, format: string | null, chunking: string) => Promise<{bytes: Buffer, report?: object}>} run
 *   rejects with the error of the export
 * @param {{oneShot?: boolean, lateCode?: string, chunkings?: string[],
 *   formats?: (string | null)[]}} [runtime] whether `whole` input is at hand a second
 *   time, the code that may stand for any error after output has begun, how the input is to be cut, and what is to be
 *   written
 */
export async function check(golden, run, { oneShot = true, lateCode, chunkings = CHUNKINGS, formats: written = golden.formats } = {}) {
  for (const format of written) {
    for (const chunking of chunkings) {
      const place = `${golden.name}, ${format ?? 'no format'}, ${chunking}`;
      const fails = golden.streamError !== undefined && (chunking !== 'whole' || !oneShot);
      if (fails) {
        const codes = [golden.streamError, lateCode];
        await assert.rejects(run(golden, format, chunking), ({ code, message }) => codes.includes(code) || assert.fail(`${place}: ${message}`));
      } else if (golden.error !== undefined) {
        await assert.rejects(run(golden, format, chunking), (thrown) => matches(thrown, golden.error, place));
      } else {
        const { bytes, report } = await run(golden, format, chunking);
        assert.equal(bytes.equals(golden.expected(format)), true, `${place}: the bytes differ:\n${bytes.toString()}`);
        if (report !== undefined) assert.deepEqual(report, golden.reports[golden.written(format)], place);
      }
    }
  }
}

/** Whether an error has the expected code and, where it names one, the expected place. */
function matches(thrown, { code, row, line, column }, place) {
  assert.equal(thrown.code, code, `${place}: ${thrown.stack ?? thrown.message}`);
  if (row !== undefined && 'row' in thrown) assert.equal(thrown.row, row, place);
  if (line !== undefined && 'details' in thrown) assert.deepEqual(thrown.details, { line, column }, place);
  return true;
}

/** Where to cut an input of so many bytes: the lengths of its chunks. */
export function chunkLengths(total, chunking) {
  if (chunking === 'whole') return [total];
  if (chunking.startsWith('chunks of')) {
    const size = Number(chunking.slice(10));
    return Array.from({ length: Math.ceil(total / size) }, (_, index) => Math.min(size, total - index * size));
  }
  const random = chunking.startsWith('random') ? generator(Number(chunking.slice(7))) : () => 0;
  const lengths = [];
  for (let rest = total; rest > 0; rest -= lengths.at(-1)) lengths.push(Math.min(rest, 1 + Math.floor(random() ** 3 * 4000)));
  return lengths;
}

/** A stream that gives bytes in chunks of these lengths. */
export function streamOf(bytes, lengths) {
  let start = 0;
  let index = 0;
  return new ReadableStream({
    pull(controller) {
      if (index === lengths.length) return controller.close();
      controller.enqueue(new Uint8Array(bytes.subarray(start, start + lengths[index])));
      start += lengths[index];
      index += 1;
    },
  });
}

/** Runs a case in this Node, with some options more. */
export async function runInNode(golden, format, chunking, more) {
  const options = { ...golden.optionsIn(format), ...more };
  if (chunking === 'whole') {
    const file = await exportFile(golden.input, options);
    return { bytes: Buffer.from(await file.arrayBuffer()), report: file.report };
  }
  const stream = exportStream(streamOf(golden.input, chunkLengths(golden.input.length, chunking)), options);
  const bytes = Buffer.from(await new Response(stream).arrayBuffer());
  return { bytes, report: await stream.report };
}

// Templates and definitions are the same documents everywhere, and so are the names of filters.
const DOCUMENTS = ['template', 'resource', 'filters'];

/** Names of options are camelCase in JavaScript; documents are the same everywhere, and values are values. */
function camelCased(options) {
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => {
      const block = !DOCUMENTS.includes(key) && typeof value === 'object' && value !== null && !Array.isArray(value);
      return [key.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()), block ? camelCased(value) : value];
    }),
  );
}
