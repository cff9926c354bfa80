// Static servers on the loopback and a Chromium to look at them, both one for all tests of a process.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { shared } from '../runner/shared.mjs';

/** The assembled site: the demo page, the package at /pkg/, the data at /data/. */
export const SITE = fileURLToPath(new URL('../../target/site/', import.meta.url));

const MEDIA_TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

const nothing = async () => false;

/**
 * Serves a folder on a free port, and further folders below the paths that `mounts` gives them.
 *
 * @param {(request, response) => Promise<boolean>} [answer] comes first; tells whether it has answered
 */
export async function serve(folder, mounts = {}, answer = nothing) {
  const server = createServer(async (request, response) => {
    if (await answer(request, response)) return;
    const { pathname } = new URL(request.url, 'http://localhost');
    const path = normalize(decodeURIComponent(pathname.endsWith('/') ? `${pathname}index.html` : pathname));
    try {
      const mount = Object.keys(mounts).find((prefix) => path.startsWith(prefix));
      const body = await readFile(mount === undefined ? join(folder, path) : join(mounts[mount], path.slice(mount.length)));
      // A page has a hundred scripts, which nobody changes while tests run; data are the tests' own.
      const caching = extname(path) === '.json' ? 'no-store' : 'max-age=3600';
      response.writeHead(200, { 'Content-Type': MEDIA_TYPES[extname(path)] ?? 'application/octet-stream', 'Cache-Control': caching });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** Forgets what was asked and not read yet. */
    disconnect() {
      server.closeAllConnections();
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const folder = (path) => fileURLToPath(new URL(path, import.meta.url));

/** What answers before the files of `site` do. */
let first = nothing;

/** The site of the demo page, with the pages of `runner/` at /runner/. */
export const site = shared(
  () => serve(SITE, { '/runner/': folder('runner/') }, (request, response) => first(request, response)),
  (server) => server.close(),
);

/** Has something answer the requests to `site`, until the test is over. */
export function answerFirst(context, answer) {
  first = answer;
  context.after(() => (first = nothing));
}

/** The pages of `runner/`, with the package as it lies in the tree at /pkg/. */
export const runner = shared(
  () => serve(folder('runner/'), { '/pkg/': folder('../../pkg/') }),
  (server) => server.close(),
);

// Chromium takes the last list of features alone, so this one holds what Playwright turns off for the sake of tests, too.
const FEATURES_OFF = [
  // The list of suggestions below the address is two more pages in every window.
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
];

/** The browser. */
export const browser = shared(
  () =>
    chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-gpu', `--disable-features=${FEATURES_OFF}`],
    }),
  (started) => started.close(),
);

/**
 * Makes a profile of a test's own, with nothing in it; its pages close with it.
 *
 * @param context of the test or the suite, which closes it
 * @param {object} [options] of the profile
 */
export async function profile(context, options) {
  const made = await (await browser()).newContext(options);
  context.after(() => made.close());
  return made;
}

/** A page of a profile that notes in `page.complaints` what the browser complains about. */
export async function newPage(owner) {
  return noting(await owner.newPage());
}

function noting(page) {
  page.complaints = [];
  page.on('pageerror', (error) => page.complaints.push(error.message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) page.complaints.push(message.text());
  });
  return page;
}

/** The page that tests without a profile of their own have one after the other: what it has loaded once it need not ask for. */
const common = shared(
  async () => (await browser()).newPage(),
  (page) => page.context().close(),
);

/**
 * Gives a test a page with nothing on it.
 *
 * @param {object} [options] of the profile of the page, which is the test's own where there are any; `apart: true` asks for
 *   such a page without options, for a test that changes its clock
 */
export async function blankPage(context, { apart, ...options } = {}) {
  if (apart || Object.keys(options).length > 0) return newPage(await profile(context, options));
  const page = noting(await common());
  context.after(async () => {
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.goto('about:blank');
    await page.emulateMedia({ colorScheme: null, forcedColors: null });
    await page.context().clearCookies();
    for (const event of ['pageerror', 'console', 'dialog', 'download', 'request']) page.removeAllListeners(event);
    (await site()).disconnect();
  });
  return page;
}

/** Opens such a page. */
export async function open(owner, url) {
  const page = await newPage(owner);
  await page.goto(url);
  return page;
}

/** Clicks a button and reads the file that the browser saves. */
export async function downloadBy(page, button) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click(button)]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}
