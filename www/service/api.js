// The service's HTTP interface, as far as the page needs it.

/** Why the service did not do what it was asked, in words, and as data for those who react to it. */
export class ServiceError extends Error {
  name = 'ServiceError';

  /**
   * @param {string} message
   * @param {object} [about]
   * @param {number} [about.status] of the answer; none where there was no answer
   * @param {string} [about.code] such as `EXPORT_NOT_FOUND`
   * @param {string} [about.hint] what to do about it
   * @param {object} [about.details] what the problem names
   * @param {number} [about.retryAfter] seconds
   */
  constructor(message, { status, code, hint, details = {}, retryAfter, cause } = {}) {
    super(message, { cause });
    Object.assign(this, { status, code, hint, details, retryAfter });
  }
}

/** Requests of one person, from the sign-in to the sign-out, which ends those that are still open. */
export class Api {
  #ended = new AbortController();
  #onSignedOut;

  /** @param onSignedOut called once when the service does not know the session any more */
  constructor(onSignedOut = () => {}) {
    this.#onSignedOut = onSignedOut;
  }

  /** Aborted at the sign-out. */
  get signal() {
    return this.#ended.signal;
  }

  end() {
    this.#ended.abort();
  }

  /** Resolves with the document, `undefined` where there is none. */
  get(path, { query, signal } = {}) {
    return this.#request('GET', path, { query, signal });
  }

  /** @param body a value for JSON, or what is JSON text already: a string or a Blob */
  post(path, body, headers) {
    return this.#request('POST', path, { body, headers });
  }

  put(path, body) {
    return this.#request('PUT', path, { body });
  }

  delete(path) {
    return this.#request('DELETE', path);
  }

  /**
   * A file, once all of it has arrived, under the service's name for it.
   *
   * @param {string} path
   * @param {{query?: object, signal?: AbortSignal, onProgress?: (bytes: number) => void}} [asked]
   */
  async file(path, { query, signal, onProgress }) {
    const ending = AbortSignal.any([signal, this.signal]);
    const response = await reached(() => fetch(`${path}${searchOf(query)}`, { signal: ending, cache: 'no-store' }), ending);
    if (!response.ok) {
      const document = objectIn(await reached(() => response.text(), ending));
      this.#check(response);
      throw problem(response, document);
    }
    const name = fileNameOf(response.headers.get('Content-Disposition'));
    if (name === undefined) throw notTheService(response);
    let bytes = 0;
    const counting = new TransformStream({
      transform(piece, controller) {
        bytes += piece.length;
        onProgress?.(bytes);
        controller.enqueue(piece);
      },
    });
    try {
      // The browser keeps a large one on its disk.
      const file = await new Response(response.body.pipeThrough(counting)).blob();
      return new File([file], name, { type: response.headers.get('Content-Type') ?? '' });
    } catch (cause) {
      if (ending.aborted) throw cause;
      throw new ServiceError('The file broke off, so it was not saved.', { code: 'BROKEN_OFF', hint: 'Try again, or export it in the background.', cause });
    }
  }

  async #request(method, path, { query = {}, body, headers, signal } = {}) {
    const { response, text } = await this.#answer(`${path}${searchOf(query)}`, {
      method,
      headers: { Accept: 'application/json', ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
      body: body === undefined || typeof body === 'string' || body instanceof Blob ? body : JSON.stringify(body),
      signal: signal === undefined ? this.signal : AbortSignal.any([signal, this.signal]),
      cache: 'no-store',
    });
    if (response.status === 204) return undefined;
    const document = objectIn(text);
    this.#check(response);
    if (!response.ok) throw problem(response, document);
    if (document === undefined) throw notTheService(response);
    return document;
  }

  /** A session that has ended ends all that is under way. */
  #check({ status }) {
    if (status !== 401) return;
    this.end();
    this.#onSignedOut();
  }

  /** The whole answer: one that breaks off is none. */
  #answer(address, init) {
    return reached(async () => {
      const response = await fetch(address, init);
      const text = await response.text();
      // What was asked before the sign-out is of no use to whoever signs in next.
      init.signal.throwIfAborted();
      return { response, text };
    }, init.signal);
  }
}

/** What comes of talking to the service; not reaching it is told in words. */
async function reached(talk, signal) {
  try {
    return await talk();
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new ServiceError('The service cannot be reached.', { code: 'UNREACHABLE', hint: 'Check the connection, then try again.', cause });
  }
}

function notTheService({ status }) {
  return new ServiceError('What answers here is not the service.', { status, code: 'NOT_THE_SERVICE' });
}

/** The name in a `Content-Disposition` (RFC 6266); undefined where it has none. */
function fileNameOf(disposition) {
  const [, encoded] = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? '') ?? [];
  try {
    if (encoded !== undefined) return decodeURIComponent(encoded);
  } catch {
    // The plain name is there as well.
  }
  return /filename="([^"]*)"/i.exec(disposition ?? '')?.[1];
}

/** Whether an error only says that nobody waits for the answer any more. */
export function isAbort(error) {
  return error?.name === 'AbortError';
}

function searchOf(query) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}

/** A problem document (RFC 9457) as an error; other answers are told by their status. */
function problem(response, document) {
  const { status } = response;
  if (typeof document?.error !== 'string') {
    return new ServiceError(`The service answered ${status} without a reason.`, { status, code: status === 404 ? 'NOT_THE_SERVICE' : undefined });
  }
  const { error: code, message, details } = document;
  const about = { status, code, details: isObject(details) ? details : {}, retryAfter: secondsOf(response.headers.get('Retry-After')) };
  return new ServiceError(String(message ?? code), { ...about, hint: hintOf(document, about) });
}

function hintOf({ hint, message }, { status, details, retryAfter }) {
  if (typeof hint === 'string') return hint;
  if (status === 403 && typeof details.permission === 'string' && !String(message).includes(details.permission)) {
    return `It takes the permission ${details.permission}.`;
  }
  if (retryAfter !== undefined) return `Try again in ${retryAfter === 1 ? 'a second' : `${retryAfter} seconds`}.`;
  return undefined;
}

/** `Retry-After` as seconds: it may also be a date. */
function secondsOf(header) {
  if (header === null) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - Date.now()) / 1000);
  return Number.isFinite(seconds) ? Math.max(1, seconds) : undefined;
}

/** The object that a text is in JSON, if it is one. */
function objectIn(text) {
  try {
    const value = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value) {
  return typeof value === 'object' && value !== null;
}
