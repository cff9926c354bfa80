// The packed package, which npm installs once for all tests of a process: each works on a copy.
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installed } from '../js/installed.mjs';
import { shared } from '../runner/shared.mjs';

const original = shared(
  async () => {
    let remove;
    const { folder } = await installed({ after: (end) => (remove = end) });
    return { folder, remove };
  },
  ({ remove }) => remove(),
);

/** A project with the packed package in it, in a folder of `parent`; `context` removes it after its test. */
export async function installedCopy(context, parent = tmpdir()) {
  const { folder: from } = await original();
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'tablecast-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  await cp(from, folder, { recursive: true });
  return folder;
}
