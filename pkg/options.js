import { ExportError } from './error.js';

// What lies deeper is taken for a cycle.
const MAX_DEPTH = 32;

/**
 * Splits the options into what the engine reads and what only JavaScript can do.
 *
 * The engine gets a plain copy, as JSON text: getters and proxies run here, where throwing does no harm, and never in the middle of
 * a call into WebAssembly, which would leave its memory in disorder.
 *
 * @returns {{request: object, signal?: AbortSignal, onProgress?: Function, worker?: boolean, pages?: boolean, computed: {key: string, name: string, index: number, value: Function}[]}}
 *   `key` is where a computed cell goes in its row, `name` the key that the caller gave
 */
export function readOptions(options = {}) {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ExportError('invalid_option', 'The options have to be an object.', {
      hint: "Give the format as {format: 'csv'}.",
    });
  }
  const { signal, onProgress, worker, pages, ...rest } = options;
  if (signal !== undefined && typeof signal?.throwIfAborted !== 'function') {
    throw new ExportError('invalid_option', 'Option `signal` has to be an AbortSignal.');
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw new ExportError('invalid_option', 'Option `onProgress` has to be a function.');
  }
  if (worker !== undefined && typeof worker !== 'boolean') {
    throw new ExportError('invalid_option', 'Option `worker` has to be true or false.');
  }
  if (pages !== undefined && typeof pages !== 'boolean') {
    throw new ExportError('invalid_option', 'Option `pages` has to be true or false.');
  }
  const { columns, computed } = splitColumns(rest.columns);
  const request = plainCopy({ ...rest, columns, now: rest.now ?? new Date() }, '', 0);
  return { request, signal, onProgress, worker, pages, computed };
}

/** Takes the `value` functions out of the columns. */
function splitColumns(columns) {
  const computed = [];
  if (!Array.isArray(columns)) return { columns, computed };
  const taken = readKeys(columns);
  const plain = columns.map((column, index) => {
    if (typeof column !== 'object' || column === null || column.value === undefined) return column;
    const { value, ...rest } = column;
    if (typeof value !== 'function') throw new ExportError('invalid_option', `Option \`columns[${index}].value\` has to be a function.`);
    const key = String(rest.key);
    if (!taken.has(key)) {
      taken.add(key);
      computed.push({ key, name: key, index, value });
      return rest;
    }
    // Another column shows what is there, so this one gets a place that no data have.
    const own = `${key}\0${index}`;
    computed.push({ key: own, name: key, index, value });
    return { ...rest, key: own, label: rest.label ?? key };
  });
  return { columns: plain, computed };
}

/** The keys that columns without a function read, and the starts of those that are paths. */
function readKeys(columns) {
  const read = new Set();
  for (const column of columns) {
    if (typeof column?.value === 'function') continue;
    const key = String(column?.key ?? column);
    for (let end = key.length; end > 0; end = key.lastIndexOf('.', end - 1)) read.add(key.slice(0, end));
  }
  return read;
}

function plainCopy(value, path, depth) {
  if (depth > MAX_DEPTH) throw new ExportError('invalid_option', `Option \`${path.slice(0, 80)}…\` is nested too deeply, or holds itself.`);
  switch (typeof value) {
    case 'function':
    case 'symbol':
    case 'bigint':
      throw new ExportError('invalid_option', `Option \`${path}\` is a ${typeof value}, which no option takes.`);
    case 'number':
      // JSON has no word for these; `null` would stand for the default.
      if (!Number.isFinite(value)) throw new ExportError('invalid_option', `Option \`${path}\` is ${value}, which no option takes.`);
      return value;
    case 'object':
      break;
    default:
      return value;
  }
  if (value === null) return null;
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new ExportError('invalid_option', `Option \`${path}\` is an invalid Date.`);
    return value.toISOString();
  }
  if (Array.isArray(value)) return value.map((item, index) => plainCopy(item, `${path}[${index}]`, depth + 1));
  const copy = {};
  for (const key of Object.keys(value)) {
    const member = value[key];
    if (member === undefined) continue;
    const copied = plainCopy(member, path === '' ? key : `${path}.${key}`, depth + 1);
    // An assignment to `__proto__` would set the prototype instead of making the member.
    Object.defineProperty(copy, key, { value: copied, enumerable: true, configurable: true, writable: true });
  }
  return copy;
}
