// Runs test files that share what is slow to start, in as many processes as there are cores: `lane.mjs`. A lane takes the
// next file when it is done with one. `TEST_NAME` picks tests by name or by their file's path.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ENDED } from './reporter.mjs';

const { TEST_NAME, TEST_COUNTS } = process.env;
const own = (file) => fileURLToPath(new URL(file, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tablecast-lanes-'));

// The longest first, as far as that can be told, so that the lanes end together: what starts the service takes its time.
const weight = (file) => {
  const text = readFileSync(file, 'utf8');
  return text.length * (/startService|startJobs/.test(text) ? 3 : 1);
};
const files = process.argv.slice(2).sort((a, b) => weight(b) - weight(a));

/** Starts a lane; gives whether it passed and what it counted. */
async function lane(number) {
  const counts = join(folder, `${number}`);
  const named = TEST_NAME === undefined ? [] : [`--test-name-pattern=/${TEST_NAME.replace(/[^\w ]/g, '\\$&')}|^${ENDED}$/i`];
  const child = fork(own('lane.mjs'), {
    execArgv: ['--no-warnings', `--test-reporter=${own('reporter.mjs')}`, ...named],
    env: { ...process.env, TEST_COUNTS: counts },
  });
  // A process that ends before it was told to has left tests out, whatever its exit code says.
  let isDismissed = false;
  child.on('message', () => {
    isDismissed = files.length === 0;
    child.send(files.shift() ?? null);
  });
  const [code] = await once(child, 'exit');
  // A lane without a file counts nothing.
  const [tests, ...skipped] = (existsSync(counts) ? readFileSync(counts, 'utf8') : '0').split('\n');
  return { passed: code === 0 && isDismissed, tests: Number(tests), skipped };
}

const lanes = Math.max(2, availableParallelism());
const ended = await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)));
rmSync(folder, { recursive: true });
const tests = ended.reduce((sum, each) => sum + each.tests, 0);
if (TEST_COUNTS !== undefined) writeFileSync(TEST_COUNTS, [tests, ...ended.flatMap(({ skipped }) => skipped)].join('\n'));
process.exitCode = ended.every(({ passed }) => passed) ? 0 : 1;
