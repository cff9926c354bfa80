// The same cases give the same bytes in Rust, Node, Chromium and workerd: whole, byte by byte, and in random chunks.
import test, { after, before, describe } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createTestHarness } from 'wrangler';
import { ROOT, run } from '../js/installed.mjs';
import { cases, check, chunkLengths, runInNode, streamOf } from '../js/cases.mjs';
import { downloadBy, launch, open, serve, SITE } from './site.mjs';

test('Rust: every case gives its files', () => run('cargo', ['test', '--quiet', '--locked', '--test', 'engine', 'golden'], { cwd: ROOT }));

describe('Node', () => {
  for (const golden of cases) test(golden.name, () => check(golden, runInNode));
});

describe('Chromium', () => {
  let site;
  let browser;
  let profile;
  before(async () => {
    site = await serve(SITE, { '/runner/': fileURLToPath(new URL('runner/', import.meta.url)) });
    browser = await launch();
    profile = await browser.newContext();
  });
  after(async () => {
    await browser.close();
    site.close();
  });

  let page;
  let downloads = 0;
  for (const golden of cases) {
    test(golden.name, async () => {
      // Chromium drops the eleventh download of a page.
      downloads += golden.formats.length;
      if (page === undefined || downloads > 10) {
        await page?.close();
        page = await open(profile, `${site.url}/runner/`);
        await page.waitForSelector('#no-format');
        downloads = golden.formats.length;
      }
      await page.evaluate(([input, options]) => window.setCase(input, options), [golden.input.toString('base64'), golden.optionsIn(null)]);
      await check(golden, (_, format, chunking) => runInChromium(page, golden, format, chunking));
    });
  }
});

/** Clicks the button of the format and reads the downloaded file; or streams in the page. */
async function runInChromium(page, golden, format, chunking) {
  const { bytes, report, error } = await (chunking === 'whole' ? clicked(page, golden, format) : streamed(page, golden, format, chunking));
  if (error !== undefined) throw error;
  return { bytes, report };
}

async function clicked(page, golden, format) {
  const button = `#${format ?? 'no-format'}`;
  // Where an error is expected no download comes that could be waited for.
  const saved = golden.error === undefined ? await downloadBy(page, button) : await page.click(button);
  return { ...saved, ...(await page.evaluate(() => window.outcome())) };
}

async function streamed(page, golden, format, chunking) {
  const lengths = chunkLengths(golden.input.length, chunking);
  const result = await page.evaluate(([given, options]) => window.streamed(given, options), [lengths, golden.optionsIn(format)]);
  return result.error === undefined ? { ...result, bytes: Buffer.from(result.bytes, 'base64') } : result;
}

describe('workerd', () => {
  const root = fileURLToPath(new URL('../../worker/', import.meta.url));
  const harness = createTestHarness({ root, workers: [{ configPath: 'wrangler.jsonc', vars: { ALLOW_ANONYMOUS: '1' } }] });
  let url;
  before(async () => {
    ({ url } = await harness.listen());
  });
  after(() => harness.close());

  for (const golden of cases) {
    const run = (_, format, chunking) => runInWorkerd(url, golden, format, chunking);
    test(golden.name, () => check(golden, run, { oneShot: false, lateCode: BROKEN_OFF }));
  }
});

// An error after output has begun cannot become a status any more: the connection breaks off.
const BROKEN_OFF = 'broken_off';

/** Posts the input to the worker: bare where the query can say everything, else inside of a request document. */
async function runInWorkerd(url, golden, format, chunking) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await postToWorkerd(url, golden, format, chunking);
    } catch (error) {
      // A client that is still sending may lose the answer to an early error; it asks again.
      if (error.code !== BROKEN_OFF || golden.error === undefined || attempt === 5) throw error;
    }
  }
}

async function postToWorkerd(url, golden, format, chunking) {
  // What is no JSON cannot stand inside of a document; its media type says what it is.
  const mediaType = MEDIA_TYPES[golden.options.input?.format] ?? 'application/json';
  const bare = mediaType !== 'application/json' || (Object.keys(golden.options).length === 0 && format !== null);
  const body = bare ? golden.input : requestDocument(golden, format);
  const response = await fetch(new URL(`/api/export${bare ? `?${queryOf(golden, format)}` : ''}`, url), {
    method: 'POST',
    headers: { 'Content-Type': mediaType },
    body: chunking === 'whole' ? body : streamOf(body, chunkLengths(body.length, chunking)),
    duplex: 'half',
  }).catch(brokenOff);
  if (response.ok) return { bytes: Buffer.from(await response.arrayBuffer().catch(brokenOff)) };
  // Where the worker breaks off at once, wrangler answers in its place, with a page of text.
  const problem = response.headers.get('content-type').startsWith('application/problem+json');
  const { error, message } = problem ? await response.json() : { error: BROKEN_OFF, message: await response.text() };
  throw Object.assign(new Error(message), { code: error.toLowerCase() });
}

function brokenOff(cause) {
  throw Object.assign(new Error(`the connection broke off: ${cause.message}`, { cause }), { code: BROKEN_OFF });
}

const MEDIA_TYPES = { jsonl: 'application/x-ndjson', csv: 'text/csv' };

/** The options as a query holds them. */
function queryOf(golden, format) {
  const query = new URLSearchParams(format === null ? {} : { format });
  for (const [name, value] of Object.entries(golden.options)) {
    if (name === 'template' || (name === 'resource' && typeof value === 'object')) query.set(name, JSON.stringify(value));
    else if (Array.isArray(value)) query.set(name, value.join(','));
    else if (typeof value === 'object') for (const [member, inner] of Object.entries(value)) query.set(`${name}.${member}`, inner);
    else query.set(name, value);
  }
  return query;
}

/** Options first, then the bytes of the input as they are. */
function requestDocument(golden, format) {
  const options = JSON.stringify({ ...(format === null ? {} : { format }), ...golden.options }).slice(1, -1);
  return Buffer.concat([Buffer.from(`{${options}${options === '' ? '' : ','}"data":`), golden.input, Buffer.from('}')]);
}
