// The worker as wrangler runs it, and a client that sees every byte of a connection.

import { once } from "node:events";
import net from "node:net";
import { startHarness } from "./service.mjs";

/** The most bytes of a body, where it is not said otherwise. */
export const CAP = 8_000_000;

/** Starts the worker with these variables. Close it when the tests are done. */
export async function serve(vars = { ALLOW_ANONYMOUS: "1", MAX_BODY_BYTES: String(CAP) }) {
  const { url, close } = await startHarness(vars);
  return {
    url,
    close,
    fetch: (path, options) => fetch(new URL(path, url), options),
    /** `POST /api/export` with a body that is JSON already, or a value that becomes JSON. */
    exportJson: (body, query = "", headers = {}) =>
      fetch(new URL(`/api/export${query}`, url), {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    connect: () => Connection.open(url),
  };
}

/** A connection that sends one `POST /api/export` in chunks and collects what comes back as it comes. */
class Connection {
  static async open(url) {
    const socket = net.connect(Number(url.port), url.hostname);
    await once(socket, "connect");
    return new Connection(socket);
  }

  #socket;
  #received = Buffer.alloc(0);
  #ended = false;
  #wake = () => {};

  constructor(socket) {
    this.#socket = socket;
    socket.on("data", (data) => {
      this.#received = Buffer.concat([this.#received, data]);
      this.#wake();
    });
    // An aborted connection may be reset; either way nothing more comes.
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#ended = true;
      this.#wake();
    });
  }

  /** Sends the head of the request; the body follows by `send`, the end by `finish`. */
  start(query = "") {
    this.#socket.write(
      `POST /api/export${query} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n` +
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
  }

  send(text) {
    const bytes = Buffer.from(text);
    this.#socket.write(`${bytes.length.toString(16)}\r\n`);
    this.#socket.write(bytes);
    this.#socket.write("\r\n");
  }

  finish() {
    this.#socket.write("0\r\n\r\n");
  }

  /** Goes away without a word. */
  vanish() {
    this.#socket.destroy();
  }

  /** Everything received, once `condition` holds for it or the connection has ended. */
  async until(condition) {
    while (!this.#ended && !condition(this.#received.toString("latin1"))) {
      await new Promise((resolve) => (this.#wake = resolve));
    }
    return this.#received.toString("latin1");
  }

  /** Everything received, once the connection has ended. */
  all() {
    return this.until(() => false);
  }
}

/** Whether a chunked response ends as a whole one does. */
export const endsWhole = (response) => response.endsWith("\r\n0\r\n\r\n");

/** The body of a chunked response, as far as it came. */
export function chunkedBody(response) {
  let rest = response.slice(response.indexOf("\r\n\r\n") + 4);
  let body = "";
  for (;;) {
    const length = Number.parseInt(rest, 16);
    if (!(length > 0)) return body;
    const start = rest.indexOf("\r\n") + 2;
    body += rest.slice(start, start + length);
    rest = rest.slice(start + length + 2);
  }
}

/** Rows `from`, `from + 1`, … as JSON, each followed by a comma. */
export function rows(from, count) {
  return Array.from({ length: count }, (_, i) => `{"id":${from + i},"name":"row ${from + i}"},`).join("");
}
