// Node: the engine is read from disk, at once, so that names and types are known without waiting.
import { readFileSync } from 'node:fs';
import { createApi } from '../api.js';
import * as catalogGlue from '../wasm/catalog.js';
import * as glue from '../wasm/core.js';
import * as fullGlue from '../wasm/full.js';

const full = {
  name: 'full',
  glue: () => fullGlue,
  load: () => new WebAssembly.Module(readFileSync(new URL('../wasm/full_bg.wasm', import.meta.url))),
};

const catalog = {
  name: 'catalog',
  glue: () => catalogGlue,
  load: () => new WebAssembly.Module(readFileSync(new URL('../wasm/catalog_bg.wasm', import.meta.url))),
};

export const { exportFile, exportStream, exportResponse, download, copy, print, init } = /* @__PURE__ */ createApi(
  glue,
  () => new WebAssembly.Module(readFileSync(new URL('../wasm/core_bg.wasm', import.meta.url))),
  [full, catalog],
  async () => (await import('./worker-node.js')).spawn(),
);
export { fromTable } from '../from-table.js';
export { ExportError, ExportedFile, ExportedStream, formats } from '../api.js';
