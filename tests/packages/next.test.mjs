// The packed package in an app of Next.js: in a server component, in a route handler, and in the browser.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { ROOT, run } from '../js/installed.mjs';
import { assertSaves, BUILT, expected, NAMES, project, tool } from './app.mjs';

const FILES = {
  'next.config.js': `export default { serverExternalPackages: ['tablecast'], turbopack: { root: ${JSON.stringify(ROOT)} } };
`,
  'app/layout.js': `export default function Layout({ children }) {
  return <html lang="en"><body>{children}</body></html>;
}
`,
  'app/page.js': `import { exportFile, formats } from 'tablecast';
import { others, rows } from '../rows.js';
import { Save } from './save.js';

export const dynamic = 'force-dynamic';

export default async function Page() {
  const built = formats.filter(({ built }) => built).map(({ id }) => id);
  const exports = [...built.map((format) => [rows, { format }]), ...Object.values(others)];
  const files = await Promise.all(exports.map(([data, options]) => exportFile(data, options)));
  const texts = await Promise.all(files.map((file) => file.text()));
  const names = [...built, ...Object.keys(others)];
  return names.map((name, index) => <section key={name}><pre title={texts[index]} /><Save name={name} /></section>);
}
`,
  // A button does nothing before its page is alive.
  'app/save.js': `'use client';
import { useEffect, useState } from 'react';
import { download } from 'tablecast';
import { others, rows } from '../rows.js';

export function Save({ name }) {
  const [alive, setAlive] = useState(false);
  useEffect(() => setAlive(true), []);
  const [data, options] = others[name] ?? [rows, { format: name }];
  return <button id={name} disabled={!alive} onClick={() => download(data, options)}>{name}</button>;
}
`,
  'app/files/[format]/route.js': `import { ExportError, exportResponse } from 'tablecast';
import { rows } from '../../../rows.js';

export async function GET(request, { params }) {
  return exportResponse(rows, await params);
}

export async function POST(request, { params }) {
  try {
    return await exportResponse(request.body, await params);
  } catch (error) {
    if (!(error instanceof ExportError)) throw error;
    return Response.json({ code: error.code }, { status: 422 });
  }
}
`,
};

test('Next.js: a server component, a route handler and a client component', async (context) => {
  // Next.js looks for itself above the app, so the app lies inside of the repository.
  const folder = await project(context, join(ROOT, 'target/packages'));
  for (const [name, text] of Object.entries(FILES)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const next = tool.resolve('next/dist/bin/next');
  const options = { cwd: folder, env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' } };
  await run(process.execPath, [next, 'build'], options);

  const server = spawn(process.execPath, [next, 'start', '--hostname', '127.0.0.1', '--port', '0'], { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
  context.after(async () => {
    const ended = once(server, 'exit');
    server.kill();
    await ended;
  });
  const url = await address(server);

  const page = await (await fetch(url)).text();
  const shown = page.split('<pre title="').slice(1).map((rest) => unescaped(rest.split('"')[0]));
  assert.deepEqual(shown, await Promise.all(NAMES.map(async (name) => (await expected(name)).text())));
  for (const id of BUILT) {
    const file = await expected(id);
    const response = await fetch(new URL(`/files/${id}`, url));
    assert.equal(response.headers.get('content-type'), file.type);
    assert.equal(response.headers.get('cache-control'), 'no-store');
    assert.equal(await response.text(), await file.text());
  }
  const failed = await fetch(new URL('/files/csv', url), { method: 'POST', body: '[{"a":1' });
  assert.deepEqual([failed.status, await failed.json()], [422, { code: 'invalid_json' }]);

  await assertSaves(context, url);
});

/** The address that the server prints once it listens. */
async function address(server) {
  let printed = '';
  for await (const chunk of server.stdout) {
    printed += chunk;
    const found = /http:\/\/127\.0\.0\.1:\d+(?=\s)/.exec(printed);
    if (found !== null && printed.includes('Ready')) {
      server.stdout.resume();
      return found[0];
    }
  }
  throw new Error(`the server ended: ${printed}`);
}

/** The text of an attribute as React writes it. */
function unescaped(text) {
  const characters = { amp: '&', lt: '<', gt: '>', quot: '"', '#x27': "'" };
  return text.replace(/&(amp|lt|gt|quot|#x27);/g, (_, name) => characters[name]);
}
