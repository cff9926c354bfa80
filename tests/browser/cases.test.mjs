// The golden cases give the same bytes in Chromium as everywhere: downloaded, and streamed byte by byte and in random chunks.
// The same is held of Rust by tests/engine/golden.rs, of Node by tests/js/cases.test.mjs, and of workerd by tests/worker/cases.test.mjs.
import test, { after, before, describe } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cases, check, chunkLengths, CHUNKINGS } from '../js/cases.mjs';
import { downloadBy, launch, open, serve, SITE } from './site.mjs';

const STREAMED = CHUNKINGS.filter((chunking) => chunking !== 'whole');

// A page of Chromium drops what comes after ten downloads, until a second has gone by since the first of them.
const DOWNLOADS = 10;
const REST_MS = 1000;

describe('Chromium', () => {
  let site;
  let browser;
  before(async () => {
    site = await serve(SITE, { '/runner/': fileURLToPath(new URL('runner/', import.meta.url)) });
    browser = await launch();
  });
  after(async () => {
    await browser.close();
    site.close();
  });

  /** Pages that are open: `{page, downloads, since}`, where `since` is when the first of the downloads had come. */
  const idle = [];

  /** A page that so many files can be downloaded from. */
  async function take(files) {
    const isReady = ({ downloads, since }) => downloads + files <= DOWNLOADS || performance.now() - since > REST_MS;
    const index = idle.findIndex(isReady);
    const [taken] = index < 0 ? [{ page: await openRunner(), downloads: 0 }] : idle.splice(index, 1);
    if (taken.downloads + files > DOWNLOADS) taken.downloads = 0;
    return taken;
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
      idle.push(taken);
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
  if (taken.downloads === 0) taken.since = performance.now();
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
