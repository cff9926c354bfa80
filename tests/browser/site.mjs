// A static server on the loopback and a Chromium to look at it.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

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

/**
 * Serves a folder on a free port, and further folders below the paths that `mounts` gives them.
 *
 * @param {(request, response) => Promise<boolean>} [answer] comes first; tells whether it has answered
 */
export async function serve(folder, mounts = {}, answer = async () => false) {
  const server = createServer(async (request, response) => {
    if (await answer(request, response)) return;
    const { pathname } = new URL(request.url, 'http://localhost');
    const path = normalize(decodeURIComponent(pathname.endsWith('/') ? `${pathname}index.html` : pathname));
    try {
      const mount = Object.keys(mounts).find((prefix) => path.startsWith(prefix));
      const body = await readFile(mount === undefined ? join(folder, path) : join(mounts[mount], path.slice(mount.length)));
      response.writeHead(200, { 'Content-Type': MEDIA_TYPES[extname(path)] ?? 'application/octet-stream' });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Serves the pages of `runner/`, with the package as it lies in the tree at /pkg/. */
export function serveRunner(mounts = {}) {
  const folder = (path) => fileURLToPath(new URL(path, import.meta.url));
  return serve(folder('runner/'), { '/pkg/': folder('../../pkg/'), ...mounts });
}

/** Starts a browser. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-gpu'],
  });
}

/** Opens a page, in a browser or in one of its profiles, that notes in `page.complaints` what the browser complains about. */
export async function open(opener, url, options) {
  const page = await opener.newPage(options);
  page.complaints = [];
  page.on('pageerror', (error) => page.complaints.push(error.message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) page.complaints.push(message.text());
  });
  await page.goto(url);
  return page;
}

/** Clicks a button and reads the file that the browser saves. */
export async function downloadBy(page, button) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click(button)]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}
