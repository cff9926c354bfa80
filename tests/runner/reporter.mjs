// Prints a line for each file, with its time, and all that is known of a test that fails. What was counted goes to the file
// that TEST_COUNTS names: the number of tests, then a line for each that was skipped.
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { inspect } from 'node:util';

/** The name of the test with which a lane notices that a file has ended. */
export const ENDED = 'the file has ended';

export default async function* report(events) {
  const skipped = [];
  let tests = 0;
  let file = { tests: 0, failed: 0, milliseconds: 0 };
  function* ended(name, milliseconds) {
    if (file.tests + file.failed > 0) yield line(name, { ...file, milliseconds });
    file = { tests: 0, failed: 0, milliseconds: 0 };
  }
  for await (const { type, data } of events) {
    if (type === 'test:stderr' || type === 'test:stdout') yield data.message;
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const { name, details, nesting } = data;
    if (name === ENDED) continue;
    if (type === 'test:fail') yield failure(data);
    if (/\.test\.mjs$/.test(name)) {
      // In a lane a file is a suite. Node itself reports as a test a file that broke off, and one without tests.
      if (details.type === 'suite') yield* ended(name, details.duration_ms);
      continue;
    }
    if (nesting === 0 && file.path !== data.file) {
      yield* ended(file.path, file.milliseconds);
      file.path = data.file;
    }
    if (nesting === 0) file.milliseconds += details.duration_ms;
    if (details.type === 'suite') continue;
    if (data.skip === undefined) {
      tests += 1;
      file.tests += 1;
    } else if (data.skip !== 'test name does not match pattern') {
      skipped.push(data.skip === true ? name : `${name} (${data.skip})`);
    }
    if (type === 'test:fail') file.failed += 1;
  }
  yield* ended(file.path, file.milliseconds);
  if (process.env.TEST_COUNTS) writeFileSync(process.env.TEST_COUNTS, [tests, ...skipped].join('\n'));
}

function line(name, { tests, failed, milliseconds }) {
  const seconds = (milliseconds / 1000).toFixed(1).padStart(7);
  const failures = failed === 0 ? '' : `, ${failed} FAILED`;
  return `${seconds} s  ${relative(process.cwd(), name ?? '')}  ${tests} tests${failures}\n`;
}

function failure({ name, file, line, details: { error } }) {
  // What failed inside of a test was reported when it did.
  if (error.failureType === 'subtestsFailed') return '';
  return `\nFAILED: ${name}\n${relative(process.cwd(), file ?? '')}:${line}\n${inspect(error.cause ?? error)}\n\n`;
}
