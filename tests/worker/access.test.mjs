// Who may call what, before any data is looked at.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { problem } from "./problem.mjs";
import { serve } from "./server.mjs";

let open;
let closed;
before(async () => {
  [open, closed] = await Promise.all([serve(), serve({ ALLOW_ANONYMOUS: "" })]);
});
after(() => Promise.all([open.close(), closed.close()]));

test("without ALLOW_ANONYMOUS an export needs credentials", async () => {
  const response = await closed.exportJson([{ a: 1 }], "?format=csv");
  assert.equal(response.headers.get("www-authenticate"), 'Bearer realm="tablecast"');
  await problem(response, 401, "UNAUTHENTICATED");
});

test("credentials that nobody issued are refused as such", async () => {
  const response = await closed.exportJson([{ a: 1 }], "?format=csv", { authorization: "Bearer guess" });
  assert.match(response.headers.get("www-authenticate"), /error="invalid_token"/);
  await problem(response, 401, "UNAUTHENTICATED");
});

// An empty one is what `closed` has, and none at all is what tests/worker/matrix.test.mjs has.
test("ALLOW_ANONYMOUS lets nobody in unless it is exactly 1", async () => {
  const server = await serve({ ALLOW_ANONYMOUS: "true" });
  await problem(await server.exportJson([{ a: 1 }], "?format=csv"), 401, "UNAUTHENTICATED");
  await server.close();
});

test("the health check is open to everybody and never cached", async () => {
  const response = await closed.fetch("/healthz");
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.equal((await closed.fetch("/healthz", { method: "HEAD" })).status, 200);
});

test("another method on a known path names those that exist", async () => {
  const allowed = { "/healthz": ["GET"], "/api/export": ["GET", "POST"], "/v1/exports": ["GET", "POST"], "/v1/exports/7": ["DELETE", "GET"], "/v1/exports/7/download": ["GET"], "/v1/session": ["DELETE", "POST"] };
  for (const [path, methods] of Object.entries(allowed)) {
    for (const method of ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"].filter((method) => !methods.includes(method))) {
      const response = await open.fetch(path, { method });
      assert.deepEqual(response.headers.get("allow").split(", ").toSorted(), methods);
      await problem(response, 405, "METHOD_NOT_ALLOWED");
    }
  }
});

test("an unknown path of the API is a problem, not a page", async () => {
  for (const path of ["/api", "/api/", "/api/export/", "/api/nothing", "/v1", "/v1/", "/v1/exports/", "/v1/exports//download", "/v1/exports/7/download/", "/v1/EXPORTS", "/v1/nothing"]) {
    await problem(await open.fetch(path), 404, "NOT_FOUND");
  }
});

test("ALLOW_ANONYMOUS opens one route and no other", async () => {
  for (const [method, path] of [["GET", "/api/export"], ["GET", "/v1/exports"], ["POST", "/v1/exports"], ["GET", "/v1/templates"], ["GET", "/v1/audit"], ["GET", "/v1/keys"], ["GET", "/v1/me"]]) {
    await problem(await open.fetch(path, { method }), 401, "UNAUTHENTICATED");
  }
});

test("an unknown path elsewhere is 404", async () => {
  assert.equal((await open.fetch("/nothing-here.txt")).status, 404);
});

test("a body of a type that is no input is refused with those that are", async () => {
  for (const type of ["text/plain", "text/tsv", "application/x-www-form-urlencoded", "application/jsonp"]) {
    const response = await open.exportJson([{ a: 1 }], "?format=csv", { "content-type": type });
    assert.equal(response.headers.get("accept-post"), "application/json, application/x-ndjson, text/csv, text/tab-separated-values");
    await problem(response, 415, "UNSUPPORTED_MEDIA_TYPE");
  }
});

test("JSON types with parameters or a suffix are taken", async () => {
  for (const type of ["application/json; charset=utf-8", "Application/JSON", "application/vnd.api+json"]) {
    const response = await open.exportJson([{ a: 1 }], "?format=csv", { "content-type": type });
    assert.equal(response.status, 200, type);
    assert.equal(await response.text(), "a\r\n1\r\n");
  }
});

test("JSON Lines are known by their media type, and take their options from the query", async () => {
  const lines = '{"a":1}\n{"a":2,"b":"x"}\n';
  const type = { "content-type": "application/x-ndjson" };
  const response = await open.exportJson(lines, "?format=csv", type);
  assert.equal(await response.text(), "a,b\r\n1,\r\n2,x\r\n");
  await problem(await open.exportJson(lines, "", type), 422, "INVALID_OPTION");
  await problem(await open.exportJson(lines, "?format=csv&input.path=a", type), 422, "CONTRADICTORY_OPTIONS");
  await problem(await open.exportJson('{"a":1} {"a":2}', "?format=csv", type), 400, "INVALID_JSON");
});

test("a body that says it is too large is refused before it is read", async () => {
  const small = await serve({ ALLOW_ANONYMOUS: "1", MAX_BODY_BYTES: "1000" });
  const response = await small.exportJson([{ a: "x".repeat(1000) }], "?format=csv");
  const document = await problem(response, 413, "LIMIT_EXCEEDED");
  assert.deepEqual(document.details, { limit: "body_bytes", max: 1000 });
  assert.equal((await small.exportJson([{ a: 1 }], "?format=csv")).status, 200);
  await small.close();
});

test("a body that turns out too large while it comes in is refused", async () => {
  const small = await serve({ ALLOW_ANONYMOUS: "1", MAX_BODY_BYTES: "1000" });
  const connection = await small.connect();
  connection.start("?format=csv");
  connection.send(`[{"a":"${"x".repeat(1000)}`);
  const response = await connection.all();
  assert.match(response, /^HTTP\/1\.1 413 /);
  assert.match(response, /"error":"LIMIT_EXCEEDED"/);
  await small.close();
});
