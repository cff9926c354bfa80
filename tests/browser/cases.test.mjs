// The golden cases give the same bytes in Chromium as everywhere: downloaded, and streamed byte by byte and in random chunks.
// The same is held of Rust by tests/engine/golden.rs, of Node by tests/js/cases.test.mjs, and of workerd by tests/worker/cases.test.mjs.
import test, { after, before, describe } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cases, check, chunkLengths, CHUNKINGS } from '../js/cases.mjs';
import { downloadBy, launch, open, serve, SITE } from './site.mjs';

const STREAMED = CHUNKINGS.filter((chunking) => chunking !== 'whole');

// Chromium drops the eleventh download of a page.
const DOWNLOADS = 10;

describe('Chromium', () => {
  let site;
  let browser;
  before(async () => {
    site = await serve(SITE, { '/runner/': fileURLToPath(new URL('runner/', import.meta.url)) });
    browser = await launch();
  });
  after(async () => {
    await upcoming;
    await browser.close();
    site.close();
  });

  let current;
  /** The page after this one, which opens meanwhile. */
  let upcoming;

  /** A page that so many files can be downloaded from. */
  async function take(files) {
    if (current === undefined || current.downloads + files > DOWNLOADS) {
      await current?.page.close();
      current = { page: await (upcoming ?? openRunner()), downloads: 0 };
      upcoming = openRunner();
    }
    return current;
  }

  async function openRunner() {
    // Each page has a profile of its own, else only the last one would be in front, and a click on another would wait.
    const page = await open(browser, `${site.url}/runner/`);
    await page.waitForSelector('#no-format');
    return page;
  }

  for (const golden of cases) {
    test(golden.name, async () => {
      const taken = await take(golden.error === undefined ? golden.formats.length : 0);
      const { page } = taken;
      await page.evaluate(([input, options]) => window.setCase(input, options), [golden.input.toString('base64'), golden.optionsIn(null)]);
      const streams = await streamed(page, golden);
      await check(golden, async (_, format, chunking) => {
        const { bytes, report, error } = chunking === 'whole' ? await clicked(taken, golden, format) : streams.get(`${format} ${chunking}`);
        if (error !== undefined) throw error;
        return { bytes, report };
      });
    });
  }
});

/** Clicks the button of the format and reads the downloaded file. */
async function clicked(taken, golden, format) {
  const { page } = taken;
  const button = `#${format ?? 'no-format'}`;
  // Where an error is expected no download comes that could be waited for.
  if (golden.error !== undefined) {
    await page.click(button);
    return page.evaluate(() => window.outcome());
  }
  const saved = await downloadBy(page, button);
  taken.downloads += 1;
  return { ...saved, ...(await page.evaluate(() => window.outcome())) };
}

/** Streams in the page, in every format and chunking at once: what came of each, by both their names. */
async function streamed(page, golden) {
  const lengths = STREAMED.map((chunking) => chunkLengths(golden.input.length, chunking));
  const options = golden.formats.map((format) => golden.optionsIn(format));
  const results = await page.evaluate(
    ([cuts, all]) => Promise.all(all.map((each) => Promise.all(cuts.map((cut) => window.streamed(cut, each))))),
    [lengths, options],
  );
  const named = golden.formats.flatMap((format, row) => STREAMED.map((chunking, column) => [`${format} ${chunking}`, results[row][column]]));
  return new Map(named.map(([name, { bytes, ...rest }]) => [name, bytes === undefined ? rest : { ...rest, bytes: Buffer.from(bytes, 'base64') }]));
}
