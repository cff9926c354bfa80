import { copyTable } from './copy.js';
import { saveFile } from './download.js';
import { Engine } from './engine.js';
import { exportToFile } from './file.js';
import { exportToResponse } from './response.js';
import { ExportedStream } from './stream.js';

export { ExportError } from './error.js';
export { ExportedFile } from './file.js';
export { ExportedStream } from './stream.js';
export { formats } from './wasm/formats.js';

/**
 * The functions of the package over one engine. Entry points differ only in how they find the engine's files.
 *
 * @param {object} glue the module that wasm-bindgen made
 * @param {() => WebAssembly.Module | Promise<WebAssembly.Module>} load
 * @param {Build[]} [fuller] builds that are loaded when an export asks for what the ones before do not hold; each holds all
 *   that they do
 * @param {() => object | Promise<object>} [spawn] starts a thread, where the runtime has them
 *
 * @typedef {object} Build
 * @property {string} [name] the name of the glue in a thread
 * @property {() => object | Promise<object>} glue
 * @property {() => WebAssembly.Module | Promise<WebAssembly.Module>} load
 * @property {() => object | Promise<object>} [spawn]
 */
export function createApi(glue, load, fuller = [], spawn) {
  const builds = [{ name: 'core', glue: () => glue, load }, ...fuller];
  const engine = builds.reduceRight((next, build) => new Engine({ ...build, spawn }, next), undefined);
  return {
    init: (source) => engine.init(source),
    exportFile: (data, options) => exportToFile(engine, data, options),
    exportStream: (data, options) => new ExportedStream(engine, data, options),
    exportResponse: (data, options) => exportToResponse(engine, data, options),
    download: async (data, options) => {
      const file = await exportToFile(engine, data, options);
      saveFile(file);
      return file.report;
    },
    copy: (data, options) => copyTable(engine, data, options),
    // Printing is rare, and its code is loaded then.
    print: async (data, options) => (await import('./print.js')).printTable(engine, data, options),
  };
}
