// workerd compiles no code at run time: it gives the engine as a module that was compiled at deployment.
import { createApi } from '../api.js';
import * as glue from '../wasm/core.js';
import module from '../wasm/core_bg.wasm';

export const { exportFile, exportStream, exportResponse, download, copy, print, init } = /* @__PURE__ */ createApi(glue, () => module);
export { fromTable } from '../from-table.js';
export { ExportError, ExportedFile, ExportedStream, formats } from '../api.js';
