// Requests put together at random: whatever comes, the answer is a right one or a problem document, and never our fault.

import assert from "node:assert/strict";
import http from "node:http";
import { after, before, test } from "node:test";
import { checkProblem } from "./problem.mjs";
import { generator } from "../random.mjs";
import { CAP, startService } from "./service.mjs";

const COUNT = 600;
const AT_ONCE = 6;

let service;
before(async () => {
  service = await startService({ vars: { MAX_BODY_BYTES: String(CAP) } });
  await service.addMemories("acme", 20);
  await service.addRecords("acme");
});
after(() => service.close());

const TEXTS = ["", "1", "0", "-1", "null", "true", "csv", "json", "x".repeat(300), "é😀", "' OR 1=1 --", "%00", "%", "%zz", "..", "../../etc/passwd", "[object Object]", "2026-01-31", "9".repeat(40), "{}", "\"", "acme", "globex", "READY", "a,b,,c", "<script>"];
const FORMATS = ["csv", "json", "jsonl", "html", "markdown", "pdf", "xlsx", "docx", ""];
const NAMES = ["format", "user_id", "agent_id", "session_id", "priority", "categories", "created_after", "created_before", "page", "page_size", "status", "mine", "action", "target_id", "account_id", "template", "template_id", "csv.delimiter", "columns", "__proto__", "constructor", "now", "time_zone", "fallback", "strict", "limits.max_columns"];
const MEMBERS = ["format", "resource", "filters", "data", "source", "template", "template_id", "filename", "csv", "json", "html", "columns", "strict", "name", "user_id", "scopes", "expires_at", "key", "account_id", "column_mapping", "preset", "__proto__", "locale", "time_zone", "now", "limits", "input"];
const MESSAGES = ["tools/call", "tools/call", "tools/call", "tools/list", "initialize", "ping", "x"];
const TOOLS = ["list_resources", "describe_resource", "export_resource", "export_resource", "export_agent", "create_export", "list_exports", "get_export", "x"];
const TYPES = ["memories", "account", "knowledge_base", "governance_evaluations", "agent_definition", "x", 1];
const METHODS = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"];
const HEADERS = {
  "content-type": [...Array(20).fill("application/json"), "text/csv", "application/x-ndjson", "text/plain", "", "application/json; charset=utf-16", "multipart/form-data"],
  "content-encoding": ["gzip", "br", "identity", ""],
  "idempotency-key": ["k", "", "x".repeat(300), "a b", "\u00e9"],
  range: ["bytes=0-1", "bytes=-0", "bytes=9-1", "lines=1", "bytes=0-1,3-4", "bytes=" + "9".repeat(50)],
  "if-none-match": ["*", '"a"', "W/", ","],
  "if-modified-since": ["now", "Sun, 06 Nov 1994 08:49:37 GMT"],
  "if-range": ['"a"', "x"],
  origin: ["https://evil.example", "null", "*", "%"],
  "sec-fetch-site": ["cross-site", "same-origin"],
  "x-request-id": ["ok", "no ok", "x".repeat(99)],
  cookie: ["tablecast_session=x", "tablecast_session=", ";;;=", "a=b; tablecast_session=" + "a".repeat(16) + "_" + "0".repeat(64)],
  accept: ["text/html", "application/json;q=0"],
  "accept-encoding": ["br", "identity"],
};

class Maker {
  constructor(seed, ids) {
    this.next = generator(seed);
    this.ids = ids;
  }

  whole(most) {
    return Math.floor(this.next() * most);
  }

  one(list) {
    return list[this.whole(list.length)];
  }

  chance(share) {
    return this.next() < share;
  }

  /** A method and a path, which mostly belong together. */
  target() {
    // A segment of two dots alone would lead out of the API.
    const id = this.chance(0.7) ? this.one(this.ids) : encodeURIComponent(this.one(TEXTS)).replace(/^(\.\.)?$/, "-");
    if (this.chance(0.1)) return [this.one(METHODS), this.one(["/v1", "/v1/", "/api/x", `/v1/exports/${id}/`, "/v1//exports", `/v1/${id}`, "/healthz"])];
    const [path, methods] = this.one([
      ["/v1/exports", ["POST", "POST", "POST", "GET"]],
      ["/v1/exports", ["POST"]],
      ["/api/export", ["POST", "POST", "POST", "GET"]],
      [`/v1/exports/${id}`, ["GET", "GET", "HEAD", "DELETE"]],
      [`/v1/exports/${id}/download`, ["GET", "HEAD"]],
      ["/v1/templates", ["GET", "POST"]],
      [`/v1/templates/${id}`, ["GET", "PUT", "DELETE"]],
      ["/v1/audit", ["GET"]],
      ["/v1/me", ["GET"]],
      ["/v1/keys", ["GET", "POST"]],
      [`/v1/keys/${id}`, ["DELETE"]],
      ["/v1/session", ["POST", "DELETE"]],
      ["/mcp", ["POST"]],
      ["/api/agents/check", ["POST"]],
      [`/api/agents/${id}/export`, ["GET"]],
      ["/v1/resources", ["GET"]],
      [`/v1/resources/${this.one(TYPES)}/export`, ["GET"]],
      [`/v1/resources/${this.one(TYPES)}/${id}/export`, ["GET"]],
    ]);
    return [this.chance(0.92) ? this.one(methods) : this.one(METHODS), path];
  }

  query() {
    if (this.chance(0.6)) return "";
    const parts = Array.from({ length: 1 + this.whole(3) }, () => {
      const name = this.chance(0.9) ? this.one(NAMES) : this.one(TEXTS);
      const value = name === "format" ? this.one(FORMATS) : this.chance(0.6) ? "1" : this.one(TEXTS);
      // Some stand there as no client would write them.
      return this.chance(0.9) ? `${encodeURIComponent(name)}=${encodeURIComponent(value)}` : `${name}=${value}`.replace(/[^!-~]|[#"<>{}|\\^`]/g, "");
    });
    return `?${parts.join("&")}`;
  }

  value(depth = 0) {
    const kind = this.whole(depth > 3 ? 5 : 8);
    if (kind === 0) return null;
    if (kind === 1) return this.chance(0.5);
    if (kind === 2) return this.one([0, -0, 1, -1, 1.5, 1e300, 2 ** 53, 1e-7]);
    if (kind < 5) return this.chance(0.3) ? this.one(FORMATS) : this.one(TEXTS);
    if (kind === 5) return Array.from({ length: this.whole(4) }, () => this.value(depth + 1));
    return Object.fromEntries(Array.from({ length: this.whole(4) }, () => [this.one(MEMBERS), this.value(depth + 1)]));
  }

  document() {
    const data = () => this.one([[{ a: 1 }, { b: "=1" }], { columns: ["a", "a"], rows: [[1], [1, 2, 3]] }, { items: [] }, [1], "x", { columns: [], rows: [] }, [{}], [[1, 2]]]);
    const document = {};
    if (this.chance(0.7)) document.format = this.one(FORMATS);
    if (this.chance(0.3)) document.resource = this.one(TYPES);
    if (this.chance(0.1)) document[this.one(["resource_id", "agent_id", "id"])] = this.one(this.ids);
    if (this.chance(0.3)) document.filters = this.value();
    if (this.chance(0.3)) document.source = this.one([{ type: "analysis", title: this.one(TEXTS) }, this.value()]);
    for (let count = this.chance(0.5) ? 0 : this.whole(3); count > 0; count -= 1) document[this.one(MEMBERS)] = this.value();
    if (this.chance(0.7)) document.data = this.chance(0.7) ? data() : this.value();
    return document;
  }

  body() {
    if (this.chance(0.2)) return "";
    if (this.chance(0.03)) return "x".repeat(CAP + 1);
    const text = JSON.stringify(this.chance(0.8) ? this.document() : this.value());
    const place = this.whole(text.length + 1);
    if (this.chance(0.15)) return text.slice(0, place);
    if (this.chance(0.1)) return text.slice(0, place) + this.one(["\u0000", "}", "]", '"', "\ufeff", "\ud800", ",", "NaN"]) + text.slice(place);
    return text;
  }

  message() {
    const params = this.chance(0.9) ? { name: this.one(TOOLS), arguments: this.chance(0.8) ? { ...this.document(), ...(this.chance(0.5) && { type: this.one(TYPES), data: undefined }) } : this.value() } : this.value();
    return JSON.stringify({ jsonrpc: "2.0", id: this.one([1, "a"]), method: this.one(MESSAGES), params });
  }

  request(keys) {
    const headers = {};
    for (const [name, values] of Object.entries(HEADERS)) {
      if (this.chance(name === "content-type" ? 0.95 : 0.05)) headers[name] = this.one(values);
    }
    if (this.chance(0.95)) headers.authorization = `Bearer ${this.one(keys)}`;
    const [method, path] = this.target();
    const query = this.query();
    const body = method === "GET" || method === "HEAD" || (query && this.chance(0.6)) ? "" : path === "/mcp" && this.chance(0.8) ? this.message() : this.body();
    return { method, path: path + query, headers, body: Buffer.from(body) };
  }
}

const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE });

/** Sends a request as it stands; gives the answer and its text, or nothing where the connection broke off. */
function send({ method, path, headers, body }) {
  const { promise, resolve, reject } = Promise.withResolvers();
  const encoded = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Buffer.from(value, "utf8").toString("latin1")]));
  const length = body.length > 0 || !["GET", "HEAD"].includes(method) ? { "content-length": body.length } : {};
  const request = http.request({ agent, method, path, headers: { ...encoded, ...length }, host: service.url.hostname, port: service.url.port }, (answer) => {
    const pieces = [];
    answer.on("data", (piece) => pieces.push(piece));
    answer.on("end", () => resolve({ status: answer.statusCode, headers: new Headers(Object.entries(answer.headers).map(([name, value]) => [name, String(value)])), text: Buffer.concat(pieces).toString() }));
    answer.on("error", reject);
  });
  request.on("error", reject);
  request.end(body);
  return promise;
}

test(`${COUNT} requests at random are answered, and none with a failure of ours`, async () => {
  const ids = [(await service.start()).id, (await service.over((await service.start("?format=csv")).id)).id, "report", "kb-handbook", "agent-support-desk"];
  const keys = [...Array(10).fill(service.keys.owner), service.keys.member, service.keysOf.globex.owner, "guess"];
  const statuses = new Map();
  const check = async (number) => {
    const request = new Maker(number, ids).request(keys);
    const where = `${number}: ${request.method} ${request.path} ${JSON.stringify(request.headers)} ${request.body.subarray(0, 300)}`.replaceAll(/tc_\w+/g, "key");
    const answer = await send(request).catch((error) => assert.fail(`${where}: ${error}`));
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    if (answer.status >= 500) assert.match(answer.text, /"error":"(FORMAT_NOT_BUILT)"/, `${where} ${answer.text}`);
    assert.ok(answer.headers.get("x-request-id"), `${where} ${answer.status} ${answer.text}`);
    if (answer.text.startsWith('{"jsonrpc"')) {
      assert.doesNotMatch(answer.text, /"code":-32603|\\"error\\":\\"INTERNAL/, `${where} ${answer.text.slice(0, 1000)}`);
    } else if (answer.status >= 400 && request.method !== "HEAD") {
      try {
        checkProblem(answer, answer.text);
      } catch (error) {
        assert.fail(`${where}: ${error.message}`);
      }
    }
  };
  const workers = Array.from({ length: AT_ONCE }, async (_, first) => {
    for (let number = first; number < COUNT; number += AT_ONCE) await check(number);
  });
  await Promise.all(workers);
  agent.destroy();
  // They reach far enough to mean something.
  for (const status of [200, 202, 400, 401, 403, 404, 405, 413, 415, 422]) {
    assert.ok(statuses.get(status) > 0, `${status} of ${JSON.stringify([...statuses])}`);
  }
  // Whatever was accepted comes to an end.
  const { items } = await (await service.fetch("/v1/exports?page_size=100")).json();
  for (const { id } of items) assert.ok(["READY", "FAILED"].includes((await service.over(id)).status));
});
