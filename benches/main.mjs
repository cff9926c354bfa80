// Runs everything and writes BENCHMARKS.md: `cargo xtask bench` calls it, once the package under test is packed and
// installed in `target/bench/`, as its users have it.
//
//   --quick         few rounds; prints the report and leaves BENCHMARKS.md as it is
//   --only WORDS    only cases whose line holds the words, such as "Node objectsToCsv" or "service"; prints, too
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { CASES } from './cases.mjs';
import { openChromium } from './chromium.mjs';
import { report } from './report.mjs';
import { measureService } from './service/measure.mjs';

const { values: options } = parseArgs({ options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } } });
const partial = options.quick || options.only !== undefined;

const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));
const PACKED = path('target/bench/node_modules/tablecast');
const ENTRY = pathToFileURL(`${PACKED}/load/node.js`).href;
const DATA = path('node_modules/vega-datasets/data');

const effort = options.quick ? { rounds: 3, seconds: 0 } : { rounds: 11, seconds: 8 };
const STREAM_MEGABYTES = options.quick ? [10, 100] : [10, 100, 1000];
// 200 MB of items of 20 kB are 10,000 of them.
const BASE_MEGABYTES = [2, 20, 200];
const STARTS = options.quick ? 5 : 15;

const execute = promisify(execFile);

/** Runs a script of this folder in a Node of its own, and gives what it printed as JSON. */
async function inNode(flags, script, ...given) {
  try {
    return JSON.parse((await execute(process.execPath, [...flags, path(`benches/${script}`), ...given])).stdout);
  } catch (error) {
    throw new Error(`benches/${script} failed: ${error.stderr ?? error}`);
  }
}

const runtimes = {
  Node: (wanted) =>
    inNode(['--expose-gc', '--max-old-space-size=8192'], 'in-node.mjs', JSON.stringify({ entry: ENTRY, flights: `${DATA}/flights-20k.json`, wanted, effort })),
  Chromium: (wanted) => browser.measure(wanted, effort),
};

// A neighbour takes from everybody, but not from everybody alike.
const load = loadavg()[0];
if (load > 0.5) console.error(`other programs are at work (load ${load.toFixed(1)}), so the figures will be rough`);

const asked = (line) => options.only === undefined || line.includes(options.only);
const browser = await openChromium(path('target/bench/site'), PACKED, DATA);
const results = { cases: [], streams: [], bases: [], starts: [] };
try {
  for (const wanted of CASES) {
    for (const [runtime, run] of Object.entries(runtimes)) {
      const line = `${runtime} ${wanted.kind} ${wanted.shape}`;
      if (!asked(line)) continue;
      console.error(line);
      results.cases.push({ ...wanted, runtime, ...(await run(wanted)) });
    }
  }
  for (const [what, sizes, list] of [['rows', STREAM_MEGABYTES, results.streams], ['base', BASE_MEGABYTES, results.bases]]) {
    for (const megabytes of sizes) {
      const line = what === 'rows' ? 'stream' : 'catalog stream';
      if (!asked(line)) continue;
      console.error(`${line} of ${megabytes} MB`);
      const stream = await inNode([], 'stream.mjs', ENTRY, what, String(megabytes));
      // V8 lets its space for young objects grow up to a limit while it works, whatever the program does.
      const held = await inNode(['--max-semi-space-size=1'], 'stream.mjs', ENTRY, what, String(megabytes));
      list.push({ ...stream, heldProcessBytes: held.processBytes });
    }
  }
  for (let sample = 0; asked('start') && sample < STARTS; sample += 1) results.starts.push(await browser.start());
} finally {
  await browser.close();
}

results.service = await measureService(options.quick, asked);

results.core = ['core_bg.wasm', 'core.js'].reduce((sum, file) => sum + gzipSync(readFileSync(`${PACKED}/wasm/${file}`), { level: 9 }).length, 0);
results.about = {
  date: new Date().toISOString().slice(0, 10),
  commit: (await execute('git', ['rev-parse', '--short=10', 'HEAD'], { cwd: path('') })).stdout.trim(),
  machine: `${cpus()[0].model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release()} ${arch()}`,
  load,
  rustc: (await execute('rustc', ['--version'])).stdout.trim(),
  node: `${process.version} (V8 ${process.versions.v8})`,
  chromium: browser.version,
  tablecast: JSON.parse(readFileSync(`${PACKED}/package.json`)).version,
  peers: JSON.parse(readFileSync(path('benches/package.json'))).dependencies,
  workerd: JSON.parse(readFileSync(path('node_modules/workerd/package.json'))).version,
  hono: JSON.parse(readFileSync(path('benches/package.json'))).devDependencies.hono,
};
await mkdir(path('target/bench'), { recursive: true });
await writeFile(path('target/bench/results.json'), JSON.stringify(results));
const text = report(results);
console.log(text);
if (!partial) await writeFile(path('BENCHMARKS.md'), text);
