// workerd compiles no code at run time: it gives the engine as a module that was compiled at deployment. There is no
// later download to spare, so the build that holds everything is the only one.
import { createApi } from '../api.js';
import * as glue from '../wasm/catalog.js';
import module from '../wasm/catalog_bg.wasm';

export const { exportFile, exportStream, exportResponse, download, copy, print, init } = /* @__PURE__ */ createApi(glue, () => module);
export { fromTable } from '../from-table.js';
export { ExportError, ExportedFile, ExportedStream, formats } from '../api.js';
