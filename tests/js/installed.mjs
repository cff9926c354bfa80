// The package as its users get it: packed, and installed into an empty folder.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const PACKAGE = fileURLToPath(new URL('../../pkg/', import.meta.url));
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const execute = promisify(execFile);

/** Runs a program and gives what it printed; fails with everything that it printed. */
export async function run(program, args, options) {
  try {
    return (await execute(program, args, options)).stdout;
  } catch (error) {
    throw new Error(`${program} ${args.join(' ')}\n${error.stdout}\n${error.stderr}`, { cause: error });
  }
}

/** An empty project with the packed package in it, in a folder of `parent`; `context` removes it after its test. */
export async function installed(context, parent = tmpdir()) {
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'tablecast-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const packed = JSON.parse(await run('npm', ['pack', '--json', '--silent', '--pack-destination', folder], { cwd: PACKAGE }));
  const [{ filename, files }] = Array.isArray(packed) ? packed : Object.values(packed);
  await writeFile(join(folder, 'package.json'), '{"private": true, "type": "module"}\n');
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--ignore-scripts', join(folder, filename)], { cwd: folder });
  return { folder, files: files.map(({ path }) => path) };
}
