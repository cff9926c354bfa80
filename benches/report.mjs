// The report of a run, as Markdown.
import { code, kilobytes, median, megabytes, met, milliseconds, rate, table, times } from './figures.mjs';
import { serviceSection } from './service/report.mjs';
import { SHAPES } from './shapes.mjs';

const KINDS = {
  objectsToCsv: 'Objects → CSV',
  arraysToCsv: 'Arrays of cells → CSV',
  objectsToJson: 'Objects → indented JSON',
  objectsToHtml: 'Objects → HTML',
  objectsToMarkdown: 'Objects → Markdown',
  jsonBytesToCsv: 'Bytes of JSON → CSV',
  csvBytesToJson: 'Bytes of CSV → JSON',
  catalogToCsv: 'Bytes of JSON → CSV of a resource: filtered and checked',
  catalogToJson: 'Bytes of JSON → JSON of a resource: filtered, checked, in its envelope',
};

// What takes part as a measure only: it does not make the file.
const YARDSTICKS = ['JSON.stringify', 'JSON.stringify(rows, null, 2)', 'JSON.parse'];

const CORE_BYTES = 70_000;
const WASM_BYTES = 8_000_000;
const START_MILLISECONDS = 25;
// The memory of a process counts as flat if it grows by no more than this: Node alone varies as much.
const FLAT = 1.1;

/** The text of BENCHMARKS.md. */
export function report(results) {
  const { about } = results;
  const peers = Object.entries(about.peers).map(([name, version]) => `${name} ${version}`);
  return `${[
    '# Benchmarks',
    `Written by \`cargo xtask bench\`, all from one run: ${about.date}, commit ${about.commit}. The command needs what the other commands need, installs the packages to compare with, and takes a quarter of an hour to twenty minutes; let nothing else run meanwhile. \`--quick\` prints a rough report in a few minutes.`,
    table(
      ['', ''],
      [
        ['machine', about.machine],
        ['quiet', `load ${about.load.toFixed(1)} before the run; half of all times lie within ${spread(results.cases)} % of their median`],
        ['Node', about.node],
        ['Chromium', `${about.chromium}, headless`],
        ['tablecast', `${about.tablecast}, packed and installed; ${about.rustc}`],
        ['others', peers.join(', ')],
      ],
    ),
    'Times are medians of a few rounds, in which all take turns. **2.0×** means that tablecast takes half the time.',
    '## Targets',
    table(['what', 'against', 'target', 'Node', 'Chromium', ''], targetRows(results)),
    'What the time is made of where a target is missed, and what stands in the way, is told in [benches/PROFILE.md](benches/PROFILE.md).',
    ...caseSections(results.cases),
    ...streamSection(results.streams),
    ...baseSection(results.bases),
    ...startSection(results.starts),
    ...serviceSection(results.service, about),
    '## What is compared',
    NOTES,
  ].join('\n\n')}\n`;
}

const NOTES = [
  'The tables come from a generator with a fixed seed ([`benches/shapes.mjs`](benches/shapes.mjs)); flights are `flights-20k.json` of vega-datasets, from the U.S. Bureau of Transportation Statistics.',
  'From objects and arrays everybody makes a `Blob`. From bytes the others make bytes, and tablecast a `File`. `JSON.stringify` and `JSON.parse` are yardsticks: they only turn objects into a string, or a string into objects.',
  'Each file is read back by readers of our own and has to hold the same rows ([`benches/equal-rows.mjs`](benches/equal-rows.mjs)). Three things are let pass: Arquero shows at most six decimal places, hucre rounds numbers below one millionth, and Arquero and export-to-csv write `null` for null.',
  'Others run with their default options, so they do not look for formulas; tablecast does.',
  'Garbage is collected before each measurement, outside of the time. What is collected within it counts.',
  'On a page tablecast gives way every 8 ms, so that the page stays alive; the others keep it busy to the end.',
]
  .map((note) => `- ${note}`)
  .join('\n');

function targetRows({ cases, streams, bases, starts, core }) {
  const rows = [];
  for (const { kind, shape, targets } of casesOnce(cases)) {
    const what = `${KINDS[kind]}, ${size(shape)}`;
    for (const [name, least] of Object.entries(targets ?? {})) {
      const ratios = perRuntime(cases, kind, shape, ({ times }) => median(times[name]) / median(times.tablecast));
      rows.push([what, code(name), least < 1 ? `at most ${(1 / least).toFixed(1)} × its time` : `≥ ${times(least)}`, ...shown(ratios, least)]);
    }
    if (kind === 'objectsToCsv' || kind === 'jsonBytesToCsv') {
      const ratios = perRuntime(cases, kind, shape, (result) => fastest(result).time / median(result.times.tablecast));
      rows.push([what, 'the fastest of the others', '≥ 1.0×', ...shown(ratios, 1)]);
    }
  }
  if (streams.length > 1) {
    const [first, last] = [streams[0], streams.at(-1)];
    const growth = last.heldProcessBytes / first.heldProcessBytes;
    rows.push([`Stream of ${megabytes(last.inputBytes)} of JSON → CSV`, 'wasm memory', `≤ ${megabytes(WASM_BYTES)}`, megabytes(last.wasmBytes), '', met(last.wasmBytes <= WASM_BYTES)]);
    rows.push(['', `memory of the process, V8's young space held, against a stream of ${megabytes(first.inputBytes)}`, `≤ ${times(FLAT)}`, times(growth), '', met(growth <= FLAT)]);
  }
  const base = bases.at(-1);
  if (base !== undefined) {
    rows.push([baseLabel(base), 'wasm memory', `≤ ${megabytes(WASM_BYTES)}`, megabytes(base.wasmBytes), '', met(base.wasmBytes <= WASM_BYTES)]);
  }
  rows.push(['Core: wasm and glue, gzip -9', '', `≤ ${kilobytes(CORE_BYTES)}`, kilobytes(core), kilobytes(core), met(core <= CORE_BYTES)]);
  if (starts.length > 0) {
    const start = median(starts.map(({ total }) => total));
    rows.push(['Start: bytes of the code → first file of 100 rows', '', `≤ ${START_MILLISECONDS} ms`, '', milliseconds(start), met(start <= START_MILLISECONDS)]);
  }
  return rows;
}

function caseSections(cases) {
  const kinds = [...new Set(cases.map(({ kind }) => kind))];
  return kinds.flatMap((kind) => {
    const own = cases.filter((result) => result.kind === kind);
    const names = Object.keys(own[0].times).filter((name) => own.some(({ times }) => name in times));
    const rows = own.map((result) => {
      const ours = median(result.times.tablecast);
      const cells = names.map((name) => {
        if (name === 'tablecast') return `**${milliseconds(ours)}**${result.inputBytes === undefined ? '' : `, ${rate(result.inputBytes, ours)}`}`;
        const theirs = median(result.times[name]);
        return `${milliseconds(theirs)}, ${times(theirs / ours)}`;
      });
      return [size(result.shape), result.runtime, ...cells];
    });
    return [`## ${KINDS[kind]}`, table(['table', 'runtime', ...names.map(code)], rows)];
  });
}

function streamSection(streams) {
  if (streams.length === 0) return [];
  return [
    '## A stream of JSON → a stream of CSV, in Node',
    "Each in a process of its own. The memory of the process is the most that it ever had, Node itself included. V8's space for young objects grows up to a limit in every program that makes some, so the last column is a second run with that space held at its least (`--max-semi-space-size=1`).",
    streamTable(streams),
  ];
}

function baseSection(bases) {
  if (bases.length === 0) return [];
  return [
    '## One knowledge base as a stream, in Node',
    'One JSON document whose single source holds items of 20 kB in one array, which a filter looks at each, exported as the resource `knowledge_base`. Measured as the streams above.',
    streamTable(bases, ['items', ({ records }) => records.toLocaleString('en-US')]),
  ];
}

function baseLabel({ records }) {
  return `One knowledge base of ${records.toLocaleString('en-US')} items as a stream`;
}

/** @param {...[string, (stream: object) => string]} more columns in front */
function streamTable(streams, ...more) {
  const columns = [
    ...more,
    ['input', ({ inputBytes }) => megabytes(inputBytes)],
    ['output', ({ outputBytes }) => megabytes(outputBytes)],
    ['time', (stream) => milliseconds(stream.milliseconds)],
    ['input per second', (stream) => rate(stream.inputBytes, stream.milliseconds)],
    ['wasm memory', ({ wasmBytes }) => megabytes(wasmBytes)],
    ['memory of the process', ({ processBytes }) => megabytes(processBytes)],
    ["with V8's young space held", ({ heldProcessBytes }) => megabytes(heldProcessBytes)],
  ];
  return table(
    columns.map(([name]) => name),
    streams.map((stream) => columns.map(([, cell]) => cell(stream))),
  );
}

function startSection(starts) {
  if (starts.length === 0) return [];
  const part = (name) => milliseconds(median(starts.map((start) => start[name])));
  return [
    '## Start, in Chromium',
    'A new page has the code in memory: the package as a bundler leaves it, and the core. Medians of each part.',
    table(['import', 'compile and start', 'first file, 100 × 5', 'all'], [[part('import'), part('compile'), part('export'), part('total')]]),
  ];
}

/** Each case once, though it ran in several runtimes. */
function casesOnce(cases) {
  return cases.filter(({ kind, shape }, index) => cases.findIndex((other) => other.kind === kind && other.shape === shape) === index);
}

function perRuntime(cases, kind, shape, ratioOf) {
  return ['Node', 'Chromium'].map((runtime) => {
    const found = cases.find((result) => result.kind === kind && result.shape === shape && result.runtime === runtime);
    return found === undefined ? undefined : ratioOf(found);
  });
}

function fastest({ times }) {
  const others = Object.entries(times).filter(([name]) => name !== 'tablecast' && !YARDSTICKS.includes(name));
  return others.map(([name, all]) => ({ name, time: median(all) })).reduce((best, other) => (other.time < best.time ? other : best));
}

/** The ratios of the runtimes, and whether all that were measured reach the target. */
function shown(ratios, least) {
  return [...ratios.map((ratio) => (ratio === undefined ? '' : times(ratio))), met(ratios.every((ratio) => ratio === undefined || ratio >= least))];
}

/** How far a time lies from the median of its contender, in the middle of all, in per cent. */
function spread(cases) {
  const spreads = cases.flatMap(({ times }) =>
    Object.values(times).map((all) => {
      const middle = median(all);
      return median(all.map((time) => Math.abs(time - middle))) / middle;
    }),
  );
  return spreads.length === 0 ? 0 : Math.round(100 * median(spreads));
}

function size(shape) {
  const { label, rows, columns } = SHAPES[shape];
  return `${label}, ${rows.toLocaleString('en-US')} × ${columns}`;
}
