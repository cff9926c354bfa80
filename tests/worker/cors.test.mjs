// Which pages of other origins may read answers, and the id that every answer carries.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { problem } from "./problem.mjs";
import { FRIENDS, startService } from "./service.mjs";

let service;
before(async () => {
  service = await startService();
});
after(() => service.close());

const listed = (response, name) => (response.headers.get(name) ?? "").split(",").map((part) => part.trim()).filter(Boolean);

/** A request of each kind of answer: a document, a file, nothing, and errors of every stage. */
const REQUESTS = [
  ["/healthz", { key: null }, 200],
  ["/v1/me", {}, 200],
  ["/v1/exports", {}, 200],
  ["/api/export?format=csv", { method: "POST", json: [{ a: 1 }] }, 200],
  ["/v1/session", { method: "DELETE" }, 204],
  ["/v1/me", { key: null }, 401],
  ["/v1/nothing", {}, 404],
  ["/v1/me", { method: "PUT" }, 405],
  ["/v1/exports?page=0", {}, 422],
  ["/v1/exports", { method: "POST", body: "x", headers: { "content-type": "text/plain" } }, 415],
];

async function each(headers, check) {
  for (const [path, options, status] of REQUESTS) {
    const response = await service.fetch(path, { ...options, headers: { ...options.headers, ...headers } });
    await response.arrayBuffer();
    assert.equal(response.status, status, path);
    check(response, path);
  }
}

test("an origin of the list may read every answer, with credentials, under its own name", async () => {
  for (const origin of FRIENDS) {
    await each({ origin }, (response, path) => {
      assert.equal(response.headers.get("access-control-allow-origin"), origin, path);
      assert.equal(response.headers.get("access-control-allow-credentials"), "true");
      assert.deepEqual(listed(response, "access-control-expose-headers").toSorted(), ["Content-Disposition", "ETag", "Location", "Retry-After", "X-Request-Id"]);
      assert.ok(listed(response, "vary").includes("Origin"), path);
    });
  }
});

test("no other origin may read anything, and none is ever named by a star", async () => {
  const others = ["https://evil.example", "http://app.example", "https://app.example:8443", "https://app.example.evil.example", "https://APP.example", "https://tools.example", "https://slash.example", "https://example.org", "example.org", "null", "*"];
  for (const origin of others) {
    await each({ origin }, (response, path) => {
      for (const [name] of response.headers) assert.doesNotMatch(name, /^access-control/, `${origin} ${path}`);
      assert.ok(listed(response, "vary").includes("Origin"), path);
    });
  }
});

test("without an origin an answer still varies by it", async () => {
  await each({}, (response, path) => {
    assert.equal(response.headers.get("access-control-allow-origin"), null);
    assert.ok(listed(response, "vary").includes("Origin"), path);
  });
});

const preflight = (path, origin, method = "POST") =>
  service.fetch(path, {
    method: "OPTIONS",
    key: null,
    headers: { origin, "access-control-request-method": method, "access-control-request-headers": "authorization, content-type, idempotency-key" },
  });

test("a preflight is answered without credentials, with the methods of the path", async () => {
  for (const [path, methods] of [
    ["/v1/exports", ["GET", "POST"]],
    ["/v1/exports/7", ["DELETE", "GET"]],
    ["/v1/exports/7/download", ["GET"]],
    ["/v1/templates/7", ["DELETE", "GET", "PUT"]],
    ["/api/export", ["GET", "POST"]],
    ["/v1/session", ["DELETE", "POST"]],
    ["/mcp", ["POST"]],
  ]) {
    const response = await preflight(path, FRIENDS[0]);
    assert.equal(response.status, 204, path);
    assert.equal(response.headers.get("access-control-allow-origin"), FRIENDS[0]);
    assert.equal(response.headers.get("access-control-allow-credentials"), "true");
    assert.deepEqual(listed(response, "access-control-allow-methods").toSorted(), methods);
    assert.deepEqual(listed(response, "access-control-allow-headers").toSorted(), ["Authorization", "Content-Type", "Idempotency-Key", "MCP-Protocol-Version", "Mcp-Method", "Mcp-Name"]);
    assert.ok(Number(response.headers.get("access-control-max-age")) > 0);
    assert.deepEqual(listed(response, "vary").toSorted(), ["Access-Control-Request-Headers", "Access-Control-Request-Method", "Origin"]);
    assert.ok(response.headers.get("x-request-id"));
  }
});

test("a preflight of another origin, or of a path that does not exist, allows nothing", async () => {
  const response = await preflight("/v1/exports", "https://evil.example");
  assert.equal(response.headers.get("access-control-allow-origin"), null);
  await problem(await preflight("/v1/nothing", FRIENDS[0]), 404, "NOT_FOUND");
});

test("OPTIONS that is no preflight is a method like any other", async () => {
  const response = await service.fetch("/v1/exports", { method: "OPTIONS", headers: { origin: FRIENDS[0] } });
  assert.deepEqual(listed(response, "allow").toSorted(), ["GET", "POST"]);
  await problem(response, 405, "METHOD_NOT_ALLOWED");
});

test("a session's cookie writes from the list's origins and from no other", async () => {
  const signedIn = await service.fetch("/v1/session", { method: "POST", headers: { origin: FRIENDS[1] } });
  assert.equal(signedIn.status, 201);
  const cookie = signedIn.headers.get("set-cookie").split(";")[0];
  const write = (origin) => service.fetch("/v1/exports", { method: "POST", key: null, headers: { cookie, origin } });
  assert.equal((await write(FRIENDS[0])).status, 202);
  await problem(await write("https://evil.example"), 403, "CROSS_SITE");
});

test("every answer has a request id of its own", async () => {
  const seen = new Set();
  await each({}, (response) => seen.add(response.headers.get("x-request-id")));
  assert.equal(seen.size, REQUESTS.length);
  assert.ok(!seen.has(null));
});

test("a plain request id is given back; another is replaced", async () => {
  for (const id of ["a", "7f3c-42_x.y", "x".repeat(64)]) {
    await each({ "x-request-id": id }, (response) => assert.equal(response.headers.get("x-request-id"), id));
  }
  for (const id of ["x".repeat(65), "a b", "a,b", "<script>", "{}", "a/b", "Ã©"]) {
    const response = await service.fetch("/v1/me", { headers: { "x-request-id": id } });
    assert.match(response.headers.get("x-request-id"), /^[0-9a-f-]{36}$/, id);
  }
});

test("what fails on our side says nothing about it, under the same headers", async () => {
  await service.hook("at:create.row", "fail");
  const response = await service.fetch("/v1/exports", { method: "POST", headers: { origin: FRIENDS[0], "x-request-id": "failing" } });
  await service.unhook("at:create.row");
  assert.equal(response.headers.get("access-control-allow-origin"), FRIENDS[0]);
  assert.equal(response.headers.get("x-request-id"), "failing");
  const document = await problem(response, 500, "INTERNAL");
  assert.deepEqual(Object.keys(document).toSorted(), ["detail", "error", "message", "status", "title", "type"]);
  assert.doesNotMatch(document.message, /create\.row|stopped/);
});
