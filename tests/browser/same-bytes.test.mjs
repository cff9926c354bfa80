// The same cases give the same bytes in Rust, Node, Chromium and workerd: whole, byte by byte, and in random chunks.
import test, { after, describe } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createTestHarness } from 'wrangler';
import { ROOT, run } from '../js/installed.mjs';
import { cases, check, chunkLengths, runInNode, streamOf } from '../js/cases.mjs';
import { downloadBy, launch, open, serve, SITE } from './site.mjs';

test('Rust: every case gives its files', () => run('cargo', ['test', '--quiet', '--locked', '--test', 'engine', 'golden'], { cwd: ROOT }));

describe('Node', () => {
  for (const golden of cases) test(golden.name, () => check(golden, runInNode));
});

describe('Chromium', async () => {
  const site = await serve(SITE, { '/runner/': fileURLToPath(new URL('runner/', import.meta.url)) });
  const browser = await launch();
  after(async () => {
    await browser.close();
    site.close();
  });
  const page = await open(browser, `${site.url}/runner/`);
  await page.waitForSelector('#no-format');

  /** Clicks the button of the format and reads the downloaded file; or streams in the page. */
  async function runInChromium(golden, format, chunking) {
    await page.evaluate(([input, options]) => window.setCase(input, options), [golden.input.toString('base64'), golden.optionsIn(null)]);
    const { bytes, report, error } = await (chunking === 'whole' ? clicked(golden, format) : streamed(golden, format, chunking));
    if (error !== undefined) throw error;
    return { bytes, report };
  }

  async function clicked(golden, format) {
    const button = `#${format ?? 'no-format'}`;
    // Where an error is expected no download comes that could be waited for.
    const saved = golden.error === undefined ? await downloadBy(page, button) : await page.click(button);
    return { ...saved, ...(await page.evaluate(() => window.outcome())) };
  }

  async function streamed(golden, format, chunking) {
    const lengths = chunkLengths(golden.input.length, chunking);
    const result = await page.evaluate(([given, options]) => window.streamed(given, options), [lengths, golden.optionsIn(format)]);
    return result.error === undefined ? { ...result, bytes: Buffer.from(result.bytes, 'base64') } : result;
  }

  for (const golden of cases) test(golden.name, () => check(golden, runInChromium));
});

describe('workerd', async () => {
  const harness = createTestHarness({
    root: fileURLToPath(new URL('../../worker/', import.meta.url)),
    workers: [{ configPath: 'wrangler.jsonc', vars: { ALLOW_ANONYMOUS: '1' } }],
  });
  after(() => harness.close());
  const { url } = await harness.listen();

  /** Posts the input to the worker: bare where the query can say everything, else inside of a request document. */
  async function runInWorkerd(golden, format, chunking) {
    const bare = Object.keys(golden.options).length === 0 && format !== null;
    const body = bare ? golden.input : requestDocument(golden, format);
    const response = await fetch(new URL(`/api/export${bare ? `?format=${format}` : ''}`, url), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: chunking === 'whole' ? body : streamOf(body, chunkLengths(body.length, chunking)),
      duplex: 'half',
    });
    if (!response.ok) {
      const { error, message } = await response.json();
      throw Object.assign(new Error(message), { code: error.toLowerCase() });
    }
    return { bytes: Buffer.from(await response.arrayBuffer()) };
  }

  for (const golden of cases) test(golden.name, () => check(golden, runInWorkerd, false));
});

/** Options first, then the bytes of the input as they are. */
function requestDocument(golden, format) {
  const options = JSON.stringify({ ...(format === null ? {} : { format }), ...golden.options }).slice(1, -1);
  return Buffer.concat([Buffer.from(`{${options}${options === '' ? '' : ','}"data":`), golden.input, Buffer.from('}')]);
}
