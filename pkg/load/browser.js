// Browsers and bundlers: the engine is a file beside this one, found by a URL that bundlers know how to move.
import { createApi } from '../api.js';
import { compileResponse } from '../engine.js';
import * as glue from '../wasm/core.js';

const full = {
  name: 'full',
  glue: () => import('../wasm/full.js'),
  load: async () => compileResponse(await fetch(new URL('../wasm/full_bg.wasm', import.meta.url))),
};

const catalog = {
  name: 'catalog',
  glue: () => import('../wasm/catalog.js'),
  load: async () => compileResponse(await fetch(new URL('../wasm/catalog_bg.wasm', import.meta.url))),
};

export const { exportFile, exportStream, exportResponse, download, copy, print, init } = /* @__PURE__ */ createApi(
  glue,
  async () => compileResponse(await fetch(new URL('../wasm/core_bg.wasm', import.meta.url))),
  [full, catalog],
  async () => (await import('./worker-browser.js')).spawn(),
);
export { fromTable } from '../from-table.js';
export { ExportError, ExportedFile, ExportedStream, formats } from '../api.js';
