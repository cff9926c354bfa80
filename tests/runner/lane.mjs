// One process of `run.mjs`: runs each test file that it is sent as a suite, one after the other.
import { createRequire } from 'node:module';
import { relative, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { ENDED } from './reporter.mjs';
import { stop } from './shared.mjs';

const require = createRequire(import.meta.url);

process.on('message', async (file) => {
  if (file === null) {
    await stop();
    return process.disconnect();
  }
  // Loaded while the suite is made, the tests and hooks of the file belong to it.
  describe(relative(process.cwd(), file), () => require(resolve(file)));
  test(ENDED, () => process.send('next'));
});

process.send('next');
