// What is published is whole: it installs, runs from plain Node, and its types say what it does.
import assert from 'node:assert/strict';
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { installed, ROOT, run } from './installed.mjs';

test('the packed package works from plain Node, and ships nothing but itself', async (context) => {
  const { folder, files } = await installed(context);
  for (const file of ['api.js', 'index.d.ts', 'element.js', 'element.d.ts', 'resource.schema.json', 'template.schema.json', 'document.js', 'worker-run.js', 'load/thread-browser.js', 'load/browser.js', 'load/node.js', 'load/workerd.js', 'wasm/core.js', 'wasm/core_bg.wasm', 'wasm/full.js', 'wasm/full_bg.wasm', 'wasm/catalog.js', 'wasm/catalog_bg.wasm', 'wasm/resources.d.ts', 'wasm/formats.js', 'wasm/formats.d.ts', 'wasm/zones.js']) {
    assert.equal(files.includes(file), true, `${file} is missing in ${files}`);
  }
  assert.deepEqual(files.filter((file) => /test|\.rs$|\.tgz$|^\./.test(file)), []);

  await writeFile(
    join(folder, 'main.js'),
    `import { exportFile, formats } from 'tablecast';
const file = await exportFile([{ name: 'Ada', born: 1815 }], { format: 'csv' });
console.log(JSON.stringify([file.name, await file.text(), file.report.rows, formats[0].id]));
`,
  );
  const printed = await run(process.execPath, ['main.js'], { cwd: folder });
  assert.deepEqual(JSON.parse(printed), ['export.csv', 'name,born\r\nAda,1815\r\n', 1, 'csv']);
});

test('the packed package works from CommonJS', async (context) => {
  const { folder } = await installed(context);
  await writeFile(
    join(folder, 'main.cjs'),
    `const { exportFile } = require('tablecast');
exportFile([{ name: 'Ada' }], { format: 'csv' }).then((file) => file.text()).then((text) => console.log(JSON.stringify(text)));
`,
  );
  assert.equal(JSON.parse(await run(process.execPath, ['main.cjs'], { cwd: folder })), 'name\r\nAda\r\n');
});

test('the element can be imported where there is no page', async (context) => {
  const { folder } = await installed(context);
  await writeFile(join(folder, 'main.js'), "import { TablecastButton } from 'tablecast/element';\nconsole.log(typeof TablecastButton);\n");
  assert.equal(await run(process.execPath, ['main.js'], { cwd: folder }), 'function\n');
});

test('the types accept what works and refuse what does not', async (context) => {
  const { folder } = await installed(context);
  await copyFile(new URL('usage.ts', import.meta.url), join(folder, 'usage.ts'));
  await writeFile(join(folder, 'definitions.ts'), await definitions());
  const compilerOptions = {
    strict: true,
    noEmit: true,
    exactOptionalPropertyTypes: true,
    target: 'es2023',
    lib: ['es2023', 'dom', 'dom.iterable', 'dom.asynciterable'],
    types: [],
  };
  for (const resolution of [
    { module: 'nodenext', moduleResolution: 'nodenext' },
    { module: 'esnext', moduleResolution: 'bundler' },
  ]) {
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...compilerOptions, ...resolution }, files: ['usage.ts', 'definitions.ts'] }));
    await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '--project', folder], { cwd: folder });
  }
});

/** Every definition that there is, as an object that has to be of the type. */
async function definitions() {
  const files = await readdir(join(ROOT, 'src/catalog'));
  const paths = [...files.filter((file) => file.endsWith('.json')).map((file) => `src/catalog/${file}`), 'tests/resources/invoices.json'];
  const texts = await Promise.all(paths.map((path) => readFile(join(ROOT, path), 'utf8')));
  assert.equal(texts.length > 10, true);
  return `import type { ResourceDefinition } from 'tablecast';\nexport const all: ResourceDefinition[] = [${texts}];\n`;
}
