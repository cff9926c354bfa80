// Every route with every kind of caller: who is let in, who is not, and that nobody sees another account.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { checkProblem, problem } from "./problem.mjs";
import { ACCOUNTS, newKey, ROLES, startService } from "./service.mjs";

const PERMISSIONS = {
  owner: ["exports:create", "exports:download", "exports:delete", "exports:templates", "audit:read", "keys:manage"],
  member: ["exports:create", "exports:download"],
  viewer: ["exports:download"],
};
const ALL = PERMISSIONS.owner;

const TEMPLATE = { name: "Items", format: "csv", column_mapping: { a: "A" } };

/**
 * The routes. `needs` is nothing for a route that is open to everybody, `[]` for one that takes any credentials, else
 * the permissions of which one is enough. `id` makes what the route is about, `missing` is what an unknown id gets.
 */
const ROUTES = [
  { route: "GET /healthz", status: 200 },
  { route: "GET /openapi.json", status: 200 },
  { route: "POST /api/export", needs: ["exports:create"], status: 200, query: "?format=csv", json: [{ a: 1 }] },
  { route: "GET /api/export", needs: ["exports:download"], status: 200 },
  { route: "POST /api/agents/check", needs: ["exports:download"], status: 422, json: {} },
  { route: "GET /api/agents/:id/export", needs: ["exports:download"], status: 200, id: (account) => `agent-${account}`, missing: "RESOURCE_NOT_FOUND" },
  { route: "GET /v1/resources", needs: ["exports:download"], status: 200 },
  { route: "GET /v1/resources/:type/export", type: "agent_traces", needs: ["exports:download"], status: 200 },
  { route: "GET /v1/resources/:type/:id/export", type: "knowledge_base", needs: ["exports:download"], status: 200, id: (account) => `kb-${account}`, missing: "RESOURCE_NOT_FOUND" },
  { route: "POST /v1/exports", needs: ["exports:create"], status: 202, query: "?user_id=nobody" },
  { route: "GET /v1/exports", needs: ["exports:download"], status: 200 },
  { route: "GET /v1/exports/:id", needs: ["exports:download"], status: 200, id: readyExport, missing: "EXPORT_NOT_FOUND" },
  { route: "DELETE /v1/exports/:id", needs: ["exports:delete"], status: 204, id: newExport, missing: "EXPORT_NOT_FOUND" },
  { route: "GET /v1/exports/:id/download", needs: ["exports:download"], status: 200, id: readyExport, missing: "EXPORT_NOT_FOUND" },
  { route: "GET /v1/templates", needs: ["exports:create", "exports:templates"], status: 200 },
  { route: "POST /v1/templates", needs: ["exports:templates"], status: 201, json: TEMPLATE },
  { route: "GET /v1/templates/:id", needs: ["exports:create", "exports:templates"], status: 200, id: oneTemplate, missing: "TEMPLATE_NOT_FOUND" },
  { route: "PUT /v1/templates/:id", needs: ["exports:templates"], status: 200, id: oneTemplate, json: TEMPLATE, missing: "TEMPLATE_NOT_FOUND" },
  { route: "DELETE /v1/templates/:id", needs: ["exports:templates"], status: 204, id: newTemplate, missing: "TEMPLATE_NOT_FOUND" },
  { route: "GET /v1/audit", needs: ["audit:read"], status: 200 },
  { route: "POST /v1/session", needs: [], status: 201 },
  { route: "DELETE /v1/session", needs: [], status: 204 },
  { route: "GET /v1/me", needs: [], status: 200 },
  { route: "GET /v1/keys", needs: ["keys:manage"], status: 200 },
  { route: "POST /v1/keys", needs: ["keys:manage"], status: 201, json: { name: "another" } },
  { route: "DELETE /v1/keys/:id", needs: ["keys:manage"], status: 204, id: keyRow, missing: "KEY_NOT_FOUND" },
  // What its tools need, tests/worker/mcp.test.mjs asks.
  { route: "POST /mcp", needs: [], status: 200, json: { jsonrpc: "2.0", id: 1, method: "tools/list" } },
].map((row) => {
  const [method, path] = row.route.split(" ");
  return { ...row, method, path: path.replace(":type", row.type) };
});

const CLOSED = ROUTES.filter((route) => route.needs);
const NAMED = CLOSED.filter((route) => route.id);

let service;
/** By account: an export with its file, and a template. */
const ready = {};
const templates = {};

before(async () => {
  service = await startService();
  for (const account of ACCOUNTS) {
    await service.addMemories(account, 5, { prefix: `${account}-memory-`, content: `note of ${account}` });
    const document = await service.over((await service.start("", { key: owner(account) })).id, { key: owner(account) });
    assert.equal(document.status, "READY");
    ready[account] = document.id;
    const moment = "2026-01-01T00:00:00.000Z";
    await service.sql(
      `INSERT INTO agents (id, account_id, user_id, name, model, status, created_at, updated_at)
       VALUES (?1, ?2, ?3, ?1, 'm', 'running', ?4, ?4)`, `agent-${account}`, account, `${account}-owner`, moment,
    );
    await service.sql("INSERT INTO agent_runs (id, account_id, created_at) VALUES (?, ?, ?)", `run-${account}`, account, moment);
    await service.sql("INSERT INTO knowledge_bases (id, account_id, name, created_at) VALUES (?1, ?2, ?1, ?3)", `kb-${account}`, account, moment);
    templates[account] = await newTemplate(account);
  }
});
after(() => service.close());

const owner = (account) => service.keysOf[account].owner;

function readyExport(account) {
  return ready[account];
}

/** An export that nobody begins, since its time has not come. */
async function newExport(account) {
  const id = randomUUID();
  await service.sql(
    `INSERT INTO exports (id, account_id, created_by, status, format, options, not_before, created_at, updated_at)
     VALUES (?, ?, ?, 'PENDING', 'csv', '{}', 9e15, 0, 0)`, id, account, `${account}-owner`,
  );
  return id;
}

function oneTemplate(account) {
  return templates[account];
}

async function newTemplate(account) {
  const template = { ...TEMPLATE, name: `Items of ${account}` };
  const response = await service.fetch("/v1/templates", { method: "POST", key: owner(account), json: template });
  assert.equal(response.status, 201);
  return (await response.json()).id;
}

/** A key that is only there to be revoked. */
async function keyRow(account) {
  return /^tc_([^_]+)_/.exec(await service.addUser(account, "viewer"))[1];
}

/** Calls a route about this id. */
function call(route, id, options) {
  const path = route.path.replace(":id", id) + (route.query ?? "");
  return service.fetch(path, { method: route.method, json: route.json, ...options });
}

async function cookieOf(key) {
  const response = await service.fetch("/v1/session", { method: "POST", key });
  assert.equal(response.status, 201);
  return response.headers.get("set-cookie").split(";")[0];
}

/** Calls routes and checks that exactly these permissions, those of this user, decide about each of them. */
async function checkRoutes(routes, permissions, account, userId, credentials) {
  const [{ last }] = await service.sql("SELECT max(id) AS last FROM audit");
  const other = ACCOUNTS.find((name) => name !== account);
  const denials = [];
  for (const route of routes) {
    const where = `${route.route} as ${userId}`;
    const id = route.id ? await route.id(account) : "";
    const response = await call(route, id, credentials);
    const text = await response.text();
    const isAllowed = !route.needs || route.needs.length === 0 || route.needs.some((name) => permissions.includes(name));
    if (isAllowed) {
      assert.equal(response.status, route.status, `${where}: ${text}`);
    } else {
      assert.equal(response.status, 403, `${where}: ${text}`);
      const document = checkProblem(response, text);
      const permission = route.needs.join(" or ");
      assert.equal(document.error, "FORBIDDEN");
      assert.deepEqual(document.details, { permission });
      denials.push([account, userId, response.headers.get("x-request-id"), { permission, route: route.route }]);
    }
    assert.doesNotMatch(text, new RegExp(other), where);
    assert.ok(!text.includes(ready[other]) && !text.includes(templates[other]), where);
  }
  // What was denied is written down, once, and nothing else is.
  const rows = await service.sql("SELECT * FROM audit WHERE action = 'permission.denied' AND id > ? ORDER BY id", last);
  assert.deepEqual(rows.map((row) => [row.account_id, row.user_id, row.request_id, JSON.parse(row.details)]), denials);
}

test("the table of this test is the Worker's own", () => {
  const source = readFileSync(new URL("../../worker/src/routes.rs", import.meta.url), "utf8");
  const [table] = /const ROUTES[^;]*;[^;]*;/.exec(source);
  const routes = Array.from(table.matchAll(/route\(\s*"(\w+)",\s*"([^"]+)"/g), ([, method, path]) => `${method} ${path}`);
  assert.ok(routes.length > 20);
  assert.deepEqual(routes.toSorted(), ROUTES.map((row) => row.route).toSorted());
});

test("the published description names exactly the routes that there are", async () => {
  const response = await service.fetch("/openapi.json", { key: null });
  assert.equal(response.status, 200);
  const { paths } = await response.json();
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods)
      .filter((method) => ["get", "put", "post", "delete", "patch"].includes(method))
      .map((method) => `${method.toUpperCase()} ${path.replace(/\{\w+\}/g, ":id").replace(/^(\/v1\/resources)\/\w+\//, "$1/:type/")}`),
  );
  assert.deepEqual([...new Set(routes)].toSorted(), ROUTES.map((row) => row.route).toSorted());
});

for (const account of ACCOUNTS) {
  for (const role of ROLES) {
    test(`what ${account}'s ${role} may do is what the role has, with a key and with a session`, async () => {
      const key = service.keysOf[account][role];
      await checkRoutes(ROUTES, PERMISSIONS[role], account, `${account}-${role}`, { key });
      const ofSessions = ROUTES.filter(({ route }) => route !== "POST /v1/session");
      const isEnding = ({ route }) => route === "DELETE /v1/session";
      const cookie = await cookieOf(key);
      // The last one ends the session.
      const routes = [...ofSessions.filter((route) => !isEnding(route)), ...ofSessions.filter(isEnding)];
      await checkRoutes(routes, PERMISSIONS[role], account, `${account}-${role}`, { key: null, headers: { cookie } });
    });
  }
}

test("HEAD is answered as GET is, without a body", async () => {
  for (const route of ROUTES.filter(({ method }) => method === "GET")) {
    for (const key of [null, service.keysOf.acme.owner, service.keysOf.acme.viewer]) {
      const id = route.id ? await route.id("acme") : "";
      const got = await call(route, id, { key });
      await got.arrayBuffer();
      const head = await call(route, id, { key, method: "HEAD" });
      assert.equal(head.status, got.status, route.route);
      assert.equal((await head.arrayBuffer()).byteLength, 0);
    }
  }
});

test("a key's scopes take away from its role, in either spelling", async () => {
  const scopes = { ...Object.fromEntries(ALL.map((name) => [name, name])), "export.write": "exports:create", "export.read": "exports:download" };
  for (const [scope, permission] of Object.entries(scopes)) {
    const key = await service.addUser("acme", "owner", { scopes: [scope] });
    await checkRoutes(CLOSED, [permission], "acme", "acme-owner", { key });
  }
});

test("a scope that the role does not have gives nothing, and no scopes at all allow nothing", async () => {
  const beyond = await service.addUser("acme", "viewer", { scopes: ["exports:delete", "keys:manage", "exports:create"] });
  const none = await service.addUser("acme", "owner", { scopes: [] });
  await checkRoutes(CLOSED, [], "acme", "acme-viewer", { key: beyond });
  await checkRoutes(CLOSED, [], "acme", "acme-owner", { key: none });
});

/** Every third of these routes. */
const everySo = (routes, first) => routes.filter((_, index) => index % 3 === first % 3);

/** Checks that each of these routes answers these credentials with 401, and does nothing. */
async function checkShutOut(credentials, isPresented, routes = CLOSED) {
  const ids = { ":export": ready.acme, ":template": templates.acme, ":key": /^tc_([^_]+)/.exec(owner("acme"))[1] };
  const rows = () => service.sql("SELECT (SELECT count(*) FROM audit) AS audit, (SELECT count(*) FROM exports) AS exports");
  const before = await rows();
  for (const route of routes) {
    const kind = /^\/v1\/(\w+)s\/:id/.exec(route.path)?.[1];
    const response = await call(route, ids[`:${kind}`] ?? "nothing", credentials);
    const challenge = response.headers.get("www-authenticate");
    await problem(response, 401, "UNAUTHENTICATED");
    assert.equal(/error="invalid_token"/.test(challenge), isPresented, route.route);
    assert.match(challenge, /^Bearer realm="tablecast"/);
  }
  assert.deepEqual(await rows(), before);
}

test("without credentials nothing is answered but what is open", async () => {
  await checkShutOut({ key: null }, false);
  await checkShutOut({ key: null, headers: { cookie: "theme=dark; tablecast_sessions=1" } }, false);
});

test("credentials that were never issued are refused on every route", async () => {
  const key = owner("acme");
  const id = key.slice(3, 19);
  const header = (authorization) => ({ key: null, headers: { authorization } });
  await checkShutOut({ key: newKey().text }, true);
  // The id of a key that exists, and another secret.
  await checkShutOut({ key: `tc_${id}_${"0".repeat(64)}` }, true);
  const forms = ["Bearer guess", "Bearer", key, `Basic ${key}`, `Bearer ${key}0`, `Bearer ${key.toUpperCase()}`, `Bearer ${key.slice(3)}`, `Bearer ' OR 1=1 --`, `Bearer ${key} ${key}`];
  // What is no key is known before the route is: each route gets a few of them, and each of them comes to a few routes.
  for (const [index, malformed] of forms.entries()) await checkShutOut(header(malformed), true, everySo(CLOSED, index));
  // A header beats a cookie, even where the cookie is good.
  await checkShutOut({ key: null, headers: { authorization: "Bearer guess", cookie: await cookieOf(key) } }, true);
});

test("a cookie that is no session is refused on every route", async () => {
  // Signing in looks at no cookie.
  const routes = CLOSED.filter(({ route }) => route !== "POST /v1/session");
  const key = owner("acme");
  const cookie = await cookieOf(key);
  const ended = await cookieOf(key);
  assert.equal((await service.fetch("/v1/session", { method: "DELETE", key: null, headers: { cookie: ended } })).status, 204);
  const forms = ["tablecast_session=", "tablecast_session=guess", `${cookie.slice(0, -1)}${cookie.endsWith("0") ? 1 : 0}`, `tablecast_session=${key}`, `tablecast_session=${key.slice(3)}`];
  for (const [index, wrong] of forms.entries()) await checkShutOut({ key: null, headers: { cookie: wrong } }, true, everySo(routes, index));
  await checkShutOut({ key: null, headers: { cookie: ended } }, true, routes);
  // A session's token is no key either.
  await checkShutOut({ key: `tc_${cookie.split("=")[1]}` }, true);
});

test("a revoked key and its sessions are refused on every route", async () => {
  const key = await service.addUser("acme", "owner");
  const cookie = await cookieOf(key);
  const response = await service.fetch(`/v1/keys/${key.slice(3, 19)}`, { method: "DELETE" });
  assert.equal(response.status, 204);
  await checkShutOut({ key }, true);
  assert.equal((await service.fetch("/v1/me", { key: null, headers: { cookie } })).status, 401);
});

test("a key holds until the millisecond at which it expires", async () => {
  const end = Date.UTC(2027, 0, 1);
  const key = await service.addUser("acme", "owner", { expiresAt: end });
  await service.hook("now", end - 1);
  const response = await service.fetch("/v1/me", { key });
  assert.equal(response.status, 200);
  assert.equal((await response.json()).expires_at, "2027-01-01T00:00:00.000Z");
  await service.hook("now", end);
  await checkShutOut({ key }, true);
  await service.unhook("now");
});

test("a tenant in the query is as unknown as any other parameter, on every route", async () => {
  for (const route of CLOSED) {
    const id = route.id ? await route.id("globex") : "";
    for (const name of ["account_id", "tenant"]) {
      const query = route.query ? `${route.query}&${name}=acme` : `?${name}=acme`;
      const document = await problem(await call({ ...route, query }, id, { key: owner("globex") }), 422, route.path === "/api/export" && route.method === "POST" ? "UNKNOWN_OPTION" : "UNKNOWN_PARAMETER");
      assert.equal(document.details.parameter ?? document.details.option, name, route.route);
    }
  }
});

test("another account's id, an unknown one and what is no id get the same answer", async () => {
  const unknown = [randomUUID(), "aaaaaaaaaaaaaaaa", "0", "%00", "%27%20OR%201%3D1", "..%2f..", "x".repeat(300), "null", "%F0%9F%98%80"];
  for (const route of NAMED) {
    const id = await route.id("acme");
    const document = await problem(await call(route, id, { key: owner("globex") }), 404, route.missing);
    for (const other of unknown) {
      const response = await call(route, other, { key: owner("globex") });
      assert.deepEqual(await problem(response, 404, route.missing), document, `${route.route} ${other}`);
    }
    // It is all still there.
    assert.equal((await call(route, id, { key: owner("acme") })).status, route.status);
  }
});

test("another account's template is as unknown in a request for an export", async () => {
  const key = owner("globex");
  for (const id of [templates.acme, randomUUID()]) {
    const json = { format: "csv", template_id: id, data: [{ a: 1 }] };
    await problem(await service.fetch("/v1/exports", { method: "POST", key, json }), 404, "TEMPLATE_NOT_FOUND");
    await problem(await service.fetch("/v1/exports", { method: "POST", key, json: { resource: "memories", template_id: id } }), 404, "TEMPLATE_NOT_FOUND");
    await problem(await service.fetch("/api/export", { method: "POST", key, json }), 404, "TEMPLATE_NOT_FOUND");
    await problem(await service.fetch(`/api/export?format=csv&template_id=${id}`, { method: "POST", key, json: [{ a: 1 }] }), 404, "TEMPLATE_NOT_FOUND");
  }
});

test("what another account does leaves lists, counts and trails as they were", async () => {
  const view = async () => {
    const lists = ["/v1/exports", "/v1/templates", "/v1/keys", "/v1/audit", "/api/export"];
    const answers = await Promise.all(lists.map((path) => service.fetch(path, { key: owner("globex") })));
    const documents = await Promise.all(answers.map((answer) => answer.json()));
    const [exports, , keys, audit] = documents;
    for (const list of [exports, keys, audit]) assert.equal(Math.min(list.total, list.page_size), list.items.length);
    // The account's own look at itself is in the trail, and says when it was taken.
    return documents.slice(0, 3);
  };
  const before = await view();
  for (const route of ROUTES) {
    const id = route.id ? await route.id("acme") : "";
    await (await call(route, id, { key: owner("acme") })).arrayBuffer();
  }
  assert.deepEqual(await view(), before);
});
