// Signing in and out, and the keys of an account.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { problem } from "./problem.mjs";
import { newKey, startService } from "./service.mjs";

const HOUR = 3_600_000;

let service;
before(async () => {
  service = await startService({ vars: { SESSION_HOURS: "2" } });
});
after(() => service.close());

const send = (method, path, options = {}) => service.fetch(path, { method, ...options });
const withCookie = (cookie, headers = {}) => ({ key: null, headers: { cookie, ...headers } });
const cookieIn = (response) => response.headers.get("set-cookie").split(";")[0];
const signIn = async (key) => cookieIn(await send("POST", "/v1/session", { key }));

/** The attributes of the cookie that an answer sets, by their names in lower case. */
function attributes(response) {
  const [pair, ...rest] = response.headers.get("set-cookie").split("; ");
  return { pair, ...Object.fromEntries(rest.map((part) => part.toLowerCase().split("=")).map(([name, value]) => [name, value ?? true])) };
}

test("a key is exchanged for a cookie, from the header or from the body", async () => {
  const key = service.keysOf.acme.member;
  for (const options of [{ key }, { key: null, json: { key } }]) {
    const response = await send("POST", "/v1/session", options);
    assert.equal(response.status, 201);
    assert.equal(response.headers.get("cache-control"), "no-store");
    const { pair, ...cookie } = attributes(response);
    assert.match(pair, /^tablecast_session=[a-z0-9]{16}_[0-9a-f]{64}$/);
    assert.deepEqual(cookie, { path: "/", "max-age": "7200", httponly: true, secure: true, samesite: "lax" });
    const me = await response.json();
    assert.deepEqual(me, await (await service.fetch("/v1/me", { key })).json());
    assert.deepEqual(await (await service.fetch("/v1/me", withCookie(pair))).json(), me);
    assert.deepEqual(me, {
      account_id: "acme",
      user_id: "acme-member",
      email: "acme-member@example.com",
      name: "Zoë of acme",
      role: "member",
      permissions: ["exports:create", "exports:download"],
      key_id: key.slice(3, 19),
      expires_at: null,
    });
  }
});

test("what is no key signs nobody in", async () => {
  await problem(await send("POST", "/v1/session", { key: newKey().text }), 401, "UNAUTHENTICATED");
  await problem(await send("POST", "/v1/session", { key: null }), 401, "UNAUTHENTICATED");
  for (const key of ["", "guess", newKey().text]) {
    await problem(await send("POST", "/v1/session", { key: null, json: { key } }), 401, "UNAUTHENTICATED");
  }
  for (const json of [{}, { key: 1 }, { key: null }, [], "x", { key: "x", account_id: "globex" }]) {
    await problem(await send("POST", "/v1/session", { key: null, json }), 422, "INVALID_BODY");
  }
  const body = (text, type = "application/json") => ({ key: null, body: text, headers: { "content-type": type } });
  await problem(await send("POST", "/v1/session", body("{")), 400, "INVALID_JSON");
  await problem(await send("POST", "/v1/session", body("key=x", "application/x-www-form-urlencoded")), 415, "UNSUPPORTED_MEDIA_TYPE");
  await problem(await send("POST", "/v1/session", body(JSON.stringify({ key: "x".repeat(5000) }))), 413, "LIMIT_EXCEEDED");
  // A key stands in no address.
  await problem(await send("POST", `/v1/session?key=${service.keys.owner}`, { key: null }), 422, "UNKNOWN_PARAMETER");
});

test("signing out ends this session and no other", async () => {
  const [first, second] = [await signIn(service.keys.owner), await signIn(service.keys.owner)];
  const response = await send("DELETE", "/v1/session", withCookie(first));
  assert.equal(response.status, 204);
  const { pair, ...cookie } = attributes(response);
  assert.equal(pair, "tablecast_session=");
  assert.deepEqual(cookie, { path: "/", "max-age": "0", httponly: true, secure: true, samesite: "lax" });
  await problem(await service.fetch("/v1/me", withCookie(first)), 401, "UNAUTHENTICATED");
  await problem(await send("DELETE", "/v1/session", withCookie(first)), 401, "UNAUTHENTICATED");
  assert.equal((await service.fetch("/v1/me", withCookie(second))).status, 200);
  // A key has no session to end.
  assert.equal((await send("DELETE", "/v1/session")).status, 204);
  assert.equal((await service.fetch("/v1/me")).status, 200);
});

test("a session lasts its hours, and never longer than its key", async () => {
  const now = Date.UTC(2027, 0, 1);
  const ends = async (key, seconds) => {
    await service.hook("now", now);
    const response = await send("POST", "/v1/session", { key });
    assert.equal(attributes(response)["max-age"], String(seconds));
    const cookie = cookieIn(response);
    await service.hook("now", now + seconds * 1000 - 1);
    assert.equal((await service.fetch("/v1/me", withCookie(cookie))).status, 200);
    await service.hook("now", now + seconds * 1000);
    await problem(await service.fetch("/v1/me", withCookie(cookie)), 401, "UNAUTHENTICATED");
  };
  await ends(service.keys.owner, 7200);
  await ends(await service.addUser("acme", "owner", { expiresAt: now + HOUR }), 3600);
  await service.unhook("now");
});

test("with a session's cookie, only pages of the same origin write", async () => {
  const cookie = await signIn(service.keys.owner);
  const own = service.url.origin;
  const writes = [
    ["POST", "/v1/exports"],
    ["POST", "/api/export?format=csv"],
    ["DELETE", "/v1/exports/00000000-0000-4000-8000-000000000000"],
    ["POST", "/v1/keys"],
    ["POST", "/v1/templates"],
    ["DELETE", "/v1/session"],
  ];
  // The proxy of `wrangler dev` rewrites whatever names its own host, so origins like it are left to the tests in Rust.
  const elsewhere = [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: own, "sec-fetch-site": "same-origin", expected: true },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "same-origin", expected: true },
    { "sec-fetch-site": "none", expected: true },
    { expected: true },
  ];
  const state = () => service.sql("SELECT (SELECT count(*) FROM exports) AS exports, (SELECT count(*) FROM sessions) AS sessions, (SELECT count(*) FROM api_keys) AS keys");
  const before = await state();
  for (const { expected = false, ...headers } of elsewhere.filter((from) => !from.expected)) {
    for (const [method, path] of writes) {
      const response = await send(method, path, withCookie(cookie, headers));
      assert.equal(response.status, 403, `${path} from ${JSON.stringify(headers)}`);
      await problem(response, 403, "CROSS_SITE");
    }
    // Reading changes nothing; what a page of another origin may see of it, CORS decides.
    assert.equal((await service.fetch("/v1/me", withCookie(cookie, headers))).status, 200);
    // A key is never sent along unasked.
    assert.equal((await send("POST", "/v1/exports?format=x", { headers })).status, 422);
  }
  assert.deepEqual(await state(), before);
  for (const { expected, ...headers } of elsewhere.filter((from) => from.expected)) {
    const response = await send("POST", "/v1/exports", withCookie(cookie, headers));
    assert.equal(response.status, 202, JSON.stringify(headers));
  }
});

test("a page of another site signs nobody in", async () => {
  const key = service.keys.owner;
  const headers = { origin: "https://evil.example" };
  await problem(await send("POST", "/v1/session", { key: null, json: { key }, headers }), 403, "CROSS_SITE");
  await problem(await send("POST", "/v1/session", { key, headers: { "sec-fetch-site": "cross-site" } }), 403, "CROSS_SITE");
});

test("a key is made, shown once, works, and is revoked", async () => {
  const response = await send("POST", "/v1/keys", { json: { name: "Nightly", user_id: "acme-member", scopes: ["export.read", "exports:download"], expires_at: "2100-01-01" } });
  assert.equal(response.status, 201);
  assert.equal(response.headers.get("cache-control"), "no-store");
  const { key, ...made } = await response.json();
  assert.match(key, /^tc_[a-z0-9]{16}_[0-9a-f]{64}$/);
  assert.equal(made.id, key.slice(3, 19));
  assert.deepEqual(Object.keys(made), ["id", "name", "user_id", "scopes", "created_by", "created_at", "expires_at", "revoked_at"]);
  assert.deepEqual([made.name, made.user_id, made.scopes, made.created_by, made.expires_at, made.revoked_at], ["Nightly", "acme-member", ["exports:download"], "acme-owner", "2100-01-01T00:00:00.000Z", null]);

  const me = await (await service.fetch("/v1/me", { key })).json();
  assert.deepEqual([me.user_id, me.role, me.permissions, me.key_id], ["acme-member", "member", ["exports:download"], made.id]);
  const list = await (await service.fetch("/v1/keys")).text();
  assert.ok(!list.includes(key.slice(20)), "the list shows no secret");
  const listed = JSON.parse(list).items.find(({ id }) => id === made.id);
  assert.deepEqual(listed, made);

  const cookie = await signIn(key);
  assert.equal((await send("DELETE", `/v1/keys/${made.id}`)).status, 204);
  await problem(await service.fetch("/v1/me", { key }), 401, "UNAUTHENTICATED");
  await problem(await service.fetch("/v1/me", withCookie(cookie)), 401, "UNAUTHENTICATED");
  await problem(await send("POST", "/v1/session", { key }), 401, "UNAUTHENTICATED");
  await problem(await send("DELETE", `/v1/keys/${made.id}`), 404, "KEY_NOT_FOUND");
  const revoked = (await (await service.fetch("/v1/keys")).json()).items.find(({ id }) => id === made.id);
  assert.ok(revoked.revoked_at);
  assert.deepEqual(await service.trail(made.id), ["key.create", "key.revoke"]);
});

test("a key is the caller's own and unlimited where nothing else is said", async () => {
  const made = await (await send("POST", "/v1/keys", { json: { name: "Plain" } })).json();
  assert.deepEqual([made.user_id, made.scopes, made.expires_at], ["acme-owner", null, null]);
  const me = await (await service.fetch("/v1/me", { key: made.key })).json();
  assert.equal(me.permissions.length, 6);
});

test("what cannot be a key's is refused by its name, and nothing is made", async () => {
  const count = () => service.sql("SELECT (SELECT count(*) FROM api_keys) AS keys, (SELECT count(*) FROM audit) AS audit");
  const before = await count();
  for (const [json, parameter] of [
    [{ name: "x", scopes: ["exports:everything"] }, "scopes"],
    [{ name: "x", scopes: ["exports:create", "EXPORTS:CREATE"] }, "scopes"],
    [{ name: "" }, "name"],
    [{ name: "  " }, "name"],
    [{ name: "x".repeat(256) }, "name"],
    [{ name: "x", user_id: "globex-owner" }, "user_id"],
    [{ name: "x", user_id: "nobody" }, "user_id"],
    [{ name: "x", expires_at: "soon" }, "expires_at"],
    [{ name: "x", expires_at: "2001-01-01" }, "expires_at"],
  ]) {
    const document = await problem(await send("POST", "/v1/keys", { json }), 422, "INVALID_PARAMETER");
    assert.deepEqual(document.details, { parameter }, JSON.stringify(json));
  }
  for (const json of [{}, { name: 1 }, { name: "x", role: "owner" }, { name: "x", account_id: "globex" }, { name: "x", scopes: "all" }, null]) {
    await problem(await send("POST", "/v1/keys", { json }), 422, "INVALID_BODY");
  }
  const body = (text, type = "application/json") => ({ body: text, headers: { "content-type": type } });
  await problem(await send("POST", "/v1/keys", body("{")), 400, "INVALID_JSON");
  await problem(await send("POST", "/v1/keys", body("name=x", "text/plain")), 415, "UNSUPPORTED_MEDIA_TYPE");
  await problem(await send("POST", "/v1/keys"), 415, "UNSUPPORTED_MEDIA_TYPE");
  await problem(await send("POST", "/v1/keys", body(JSON.stringify({ name: "x".repeat(20_000) }))), 413, "LIMIT_EXCEEDED");
  await problem(await send("POST", "/v1/keys?user_id=acme-viewer", { json: { name: "x" } }), 422, "UNKNOWN_PARAMETER");
  assert.deepEqual(await count(), before);
});

test("the database holds hashes, and neither it nor the log a secret or the contents of a cell", async () => {
  const secrets = [];
  const keep = (token) => {
    secrets.push(token.split("_").at(-1));
    return token;
  };
  for (const roles of Object.values(service.keysOf)) Object.values(roles).forEach(keep);
  const made = keep((await (await send("POST", "/v1/keys", { json: { name: "Busy" } })).json()).key);
  const cookie = keep(await signIn(made));
  const wrong = keep(newKey().text);

  const word = "Quetzalcoatlus";
  await service.addMemories("acme", 20, { prefix: "busy", content: word });
  const json = { format: "csv", source: { type: "analysis", title: "Busy" }, data: [{ name: word, "=1+1": word }] };
  const started = [await service.start("?format=csv"), await service.start("", { json }), await service.start("", { json: { strict: true, ...json, data: [{ a: `=${word}` }] } })];
  for (const { id } of started) {
    const document = await service.over(id);
    const response = await service.fetch(`/v1/exports/${id}/download`, withCookie(cookie));
    assert.equal((await response.text()).includes(word), document.status === "READY");
  }
  await send("POST", "/api/export?format=csv", { json: [{ [word]: word }] });
  await send("POST", "/api/export?format=csv", { json: [{ [word]: word }, 7] });
  await send("POST", "/v1/exports", { json: { format: "csv", [word]: word, data: [] } });
  await send("POST", `/v1/exports?user_id=${word}`);
  await send("POST", "/v1/exports", { body: `{"${word}`, headers: { "content-type": "application/json" } });
  await service.fetch("/v1/me", { key: wrong });
  await service.fetch(`/v1/exports/${wrong}`);
  await service.fetch(`/v1/me?key=${wrong}`);
  await send("POST", "/v1/session", { key: null, json: { key: wrong } });
  await service.sweep();
  for (const point of ["create.row", "create.input"]) {
    await service.hook(`at:${point}`, "fail");
    await send("POST", "/v1/exports", { json });
    await service.unhook(`at:${point}`);
  }

  const log = JSON.stringify(service.logs());
  assert.ok(log.includes("request_id"), "there is a log");
  const tables = {};
  for (const { name } of await service.sql("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'")) {
    tables[name] = JSON.stringify(await service.sql(`SELECT * FROM "${name}"`));
  }
  const database = Object.values(tables).join("\n");
  for (const secret of secrets) {
    assert.equal(secret.length, 64);
    assert.ok(!log.includes(secret), "no secret in the log");
    assert.ok(!database.includes(secret), "no secret in the database");
  }
  assert.ok(tables.api_keys.includes(createHash("sha256").update(made.split("_")[2]).digest("hex")));
  assert.ok(!log.includes(word), log.slice(Math.max(0, log.indexOf(word) - 300), log.indexOf(word) + 100));
  assert.ok(!tables.audit.includes(word), "no contents in the trail");
});
