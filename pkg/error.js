/** What went wrong in an export: a stable `code`, a sentence, and where it happened. */
export class ExportError extends Error {
  /**
   * @param {string} code stable snake_case code
   * @param {string} message one sentence
   * @param {{row?: number, column?: string, hint?: string, details?: object, cause?: unknown}} [more]
   */
  constructor(code, message, more = {}) {
    super(message, 'cause' in more ? { cause: more.cause } : undefined);
    this.code = code;
    // Members that are not known stay absent, so that a printed error shows only what there is.
    for (const name of ['row', 'column', 'hint', 'details']) {
      if (more[name] !== undefined) this[name] = more[name];
    }
  }

  get name() {
    return 'ExportError';
  }
}

/** The engine throws JSON text; whatever else leaves it is a crash. */
export function isEngineError(thrown) {
  return typeof thrown === 'string';
}

/** Makes the one error class out of what the engine threw. */
export function fromEngine(thrown) {
  const { code, message, ...more } = JSON.parse(thrown);
  return new ExportError(code, message, more);
}
