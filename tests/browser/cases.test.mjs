// The golden cases give the same bytes in Chromium as everywhere: as one file, and streamed in random chunks. What a click saves
// is held to the same bytes in each format by demo.test.mjs and by tests/packages. The same is held of Rust by
// tests/golden/main.rs, of Node by tests/js/cases.test.mjs, and of workerd by tests/worker/cases.test.mjs.
import test, { after, before, describe } from 'node:test';
import { cases, check, chunkLengths } from '../js/cases.mjs';
import { browser, open, site } from './site.mjs';

describe('Chromium', () => {
  let page;
  before(async () => {
    page = await open(await browser(), `${(await site()).url}/runner/`);
    await page.waitForFunction(() => window.exported);
  });
  after(() => page.context().close());

  for (const [index, golden] of cases.entries()) {
    test(golden.name, async () => {
      // Neighbours are cut in different ways.
      const chunkings = ['whole', `random ${1 + (index % 2)}`];
      const outcomes = await exported(page, golden, chunkings);
      await check(golden, async (_, format, chunking) => outcomes(format, chunking), { chunkings });
    });
  }
});

/** Exports in the page, in every format and chunking at once; gives a function that tells what came of each. */
async function exported(page, golden, chunkings) {
  const wanted = golden.formats.flatMap((format) => chunkings.map((chunking) => ({ name: `${format} ${chunking}`, format, chunking })));
  const exports = wanted.map(({ format, chunking }) => ({
    options: golden.optionsIn(format),
    ...(chunking !== 'whole' && { lengths: chunkLengths(golden.input.length, chunking) }),
  }));
  const outcomes = await page.evaluate(([input, all]) => window.exported(input, all), [golden.input.toString('base64'), exports]);
  const named = new Map(wanted.map(({ name }, index) => [name, outcomes[index]]));
  return (format, chunking) => {
    const { bytes, report, error } = named.get(`${format} ${chunking}`);
    if (error !== undefined) throw error;
    return { bytes: Buffer.from(bytes, 'base64'), report };
  };
}
