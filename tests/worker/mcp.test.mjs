// The exports as tools, for a client of the Model Context Protocol that its own project wrote, and message by message.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { problem } from "./problem.mjs";
import { FRIENDS, RATE, startService } from "./service.mjs";

const [FRIEND] = FRIENDS;
const NEWEST = "2026-07-28";
const HANDSHAKES = ["2025-11-25", "2025-06-18", "2025-03-26"];

let service;
const clients = [];
before(async () => {
  service = await startService();
  await service.sql("INSERT INTO knowledge_bases (id, account_id, name, created_at) VALUES ('kb1', 'acme', 'Docs', '2026-01-01T00:00:00.000Z')");
  await service.sql(
    `INSERT INTO agents (id, account_id, user_id, name, model, status, created_at, updated_at)
     VALUES ('agent1', 'acme', 'acme-owner', 'Agent of acme', 'm', 'running', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z')`,
  );
  for (const account of ["acme", "globex"]) await service.addMemories(account, 5, { prefix: `${account}-`, content: `note of ${account}` });
});
after(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await service.close();
});

/** A client with this key, which speaks the newest revision, or one of the handshake. */
async function connect({ key = service.keys.owner, mode = { pin: NEWEST } } = {}) {
  const client = new Client({ name: "tests", version: "1" }, { versionNegotiation: { mode } });
  const headers = key ? { authorization: `Bearer ${key}` } : {};
  await client.connect(new StreamableHTTPClientTransport(new URL("/mcp", service.url), { requestInit: { headers } }));
  clients.push(client);
  return client;
}

/** Calls a tool that has to work; gives its result. */
async function run(client, name, args = {}) {
  const result = await client.callTool({ name, arguments: args });
  assert.ok(!result.isError, result.content[0].text);
  return result.structuredContent;
}

/** Calls a tool that has to fail with this code; gives the problem. */
async function fail(client, name, args, code) {
  const result = await client.callTool({ name, arguments: args });
  assert.equal(result.isError, true, JSON.stringify(result));
  const given = JSON.parse(result.content[0].text);
  assert.equal(given.error, code, result.content[0].text);
  assert.ok(given.message.endsWith("."), given.message);
  return given;
}

const lastAudit = async () => (await service.sql("SELECT max(id) AS id FROM audit"))[0].id ?? 0;
const auditSince = async (id) => service.sql("SELECT action, account_id, user_id, target_id, details FROM audit WHERE id > ? ORDER BY id", id);

/** Reads an export until it is over. */
async function over(client, id) {
  for (;;) {
    const found = await run(client, "get_export", { id });
    if (!["PENDING", "PROCESSING"].includes(found.status)) return found;
  }
}

const TOOLS = ["list_resources", "describe_resource", "export_resource", "export_agent", "create_export", "get_export", "list_exports"];
const READING = TOOLS.filter((name) => name !== "create_export");

for (const mode of ["legacy", { pin: NEWEST }, "auto"]) {
  test(`a client that connects as ${JSON.stringify(mode)} gets a file made`, async () => {
    const client = await connect({ mode });
    assert.equal(client.getNegotiatedProtocolVersion(), mode === "legacy" ? "2025-11-25" : NEWEST);
    assert.equal(client.getServerVersion().name, "tablecast");
    assert.match(client.getInstructions(), /create_export/);
    const { tools } = await client.listTools();
    assert.deepEqual(tools.map((tool) => tool.name), TOOLS);
    const created = await run(client, "create_export", { resource: "memories", format: "csv", filters: { user_id: "u1" }, filename: "mine" });
    assert.deepEqual([created.status, created.format, created.resource, created.file_name, created.download_url], ["PENDING", "csv", "memories", "mine.csv", null]);
    const done = await over(client, created.id);
    assert.equal(done.status, "READY");
    assert.equal(done.row_count, 2);
    assert.equal(done.download_url, new URL(`/v1/exports/${created.id}/download`, service.url).href);
    const file = await fetch(done.download_url, { headers: { authorization: `Bearer ${service.keys.owner}` } });
    assert.equal((await file.text()).split("\r\n").length, 4);
    const list = await run(client, "list_exports", { status: "READY", page_size: 1 });
    assert.deepEqual(list.items, [done]);
  });
}

test("tools are described for models: what they do, what they take and what they give", async () => {
  const client = await connect();
  const { tools } = await client.listTools();
  for (const tool of tools) {
    assert.ok(tool.title && tool.description.length > 50, tool.name);
    assert.deepEqual(tool.annotations, { title: tool.title, readOnlyHint: READING.includes(tool.name), destructiveHint: false, idempotentHint: READING.includes(tool.name), openWorldHint: false });
    assert.equal(tool.outputSchema.type, "object");
    for (const [name, schema] of Object.entries(tool.inputSchema.properties)) assert.ok(schema.description, `${tool.name} ${name}`);
  }
  const input = (name) => tools.find((tool) => tool.name === name).inputSchema;
  assert.deepEqual(input("create_export").required, ["resource"]);
  assert.ok(input("create_export").properties.resource.enum.includes("memories"));
  assert.ok(input("create_export").properties.format.enum.includes("csv"));
  assert.deepEqual(input("export_resource").properties.type.enum, input("create_export").properties.resource.enum);
  assert.deepEqual(input("list_resources"), { type: "object", properties: {}, additionalProperties: false });
  assert.deepEqual(input("get_export"), { type: "object", properties: { id: { type: "string", format: "uuid", description: "The export's id." } }, required: ["id"], additionalProperties: false });
  assert.deepEqual(Object.keys(input("list_exports").properties), ["page", "page_size", "status", "format", "mine"]);
});

test("each role sees and calls the tools whose routes it may use, and every refusal is written down", async () => {
  const roles = { owner: TOOLS, member: TOOLS, viewer: READING };
  for (const [role, allowed] of Object.entries(roles)) {
    const client = await connect({ key: service.keys[role] });
    const { tools } = await client.listTools();
    assert.deepEqual(tools.map((tool) => tool.name), allowed, role);
    const begin = await lastAudit();
    if (allowed.includes("create_export")) {
      await run(client, "create_export", { resource: "memories" });
    } else {
      const refused = await fail(client, "create_export", { resource: "memories" }, "FORBIDDEN");
      assert.deepEqual([refused.status, refused.details], [403, { permission: "exports:create" }]);
      const [row, ...more] = await auditSince(begin);
      assert.deepEqual([row.action, row.account_id, row.user_id, more.length], ["permission.denied", "acme", "acme-viewer", 0]);
      assert.deepEqual(JSON.parse(row.details), { permission: "exports:create", route: "POST /v1/exports" });
    }
  }
  const none = await connect({ key: await service.addUser("acme", "owner", { scopes: [] }) });
  assert.deepEqual((await none.listTools()).tools, []);
  for (const name of TOOLS) await fail(none, name, {}, "FORBIDDEN");
  const reads = await connect({ key: await service.addUser("acme", "owner", { scopes: ["export.read"] }) });
  assert.deepEqual((await reads.listTools()).tools.map((tool) => tool.name), READING);
  const creates = await connect({ key: await service.addUser("acme", "owner", { scopes: ["export.write"] }) });
  assert.deepEqual((await creates.listTools()).tools.map((tool) => tool.name), ["create_export"]);
});

test("types of resources are named and described as the routes have them", async () => {
  const client = await connect();
  const { items } = await run(client, "list_resources");
  const ofRoute = (await (await service.fetch("/v1/resources")).json()).items;
  assert.deepEqual(items.map((item) => item.name), ofRoute.map((item) => item.name));
  const memories = items.find((item) => item.name === "memories");
  assert.deepEqual([memories.by_id, memories.formats.includes("csv")], [false, true]);
  assert.equal(items.find((item) => item.name === "knowledge_base").by_id, true);
  for (const item of ofRoute) assert.deepEqual(await run(client, "describe_resource", { type: item.name }), item);
});

test("a file stands in the answer, byte for byte as the route gives it, and is written down as that", async () => {
  const client = await connect();
  await service.hook("now", Date.UTC(2026, 2, 1));
  for (const [args, path] of [
    [{ type: "memories" }, "/v1/resources/memories/export"],
    [{ type: "memories", format: "csv", filters: { user_id: "u1", categories: ["c1", "c2"] }, preset: "excel-de" }, "/v1/resources/memories/export?format=csv&user_id=u1&categories=c1,c2&preset=excel-de"],
    [{ type: "memories", format: "jsonl", filters: null, strict: true }, "/v1/resources/memories/export?format=jsonl&strict=true"],
    [{ type: "memories", format: "json", envelope: false, json: { pretty: false } }, "/v1/resources/memories/export?format=json&envelope=false&json.pretty=false"],
    [{ type: "memories", filters: { user_id: "nobody" } }, "/v1/resources/memories/export?user_id=nobody"],
    [{ type: "knowledge_base", resource_id: "kb1" }, "/v1/resources/knowledge_base/kb1/export"],
    [{ type: "knowledge_base", resource_id: "kb1", filters: { from_date: "2027-01-01" } }, "/v1/resources/knowledge_base/kb1/export?from_date=2027-01-01"],
  ]) {
    const begin = await lastAudit();
    const result = await client.callTool({ name: "export_resource", arguments: args });
    const [row] = await auditSince(begin);
    const response = await service.fetch(path);
    // A mark of the byte order counts.
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(await response.arrayBuffer());
    assert.equal(response.status, 200, text);
    assert.deepEqual(result.content, [{ type: "text", text }], path);
    const { structuredContent: file } = result;
    assert.equal(file.text, text);
    assert.equal(file.bytes, Buffer.byteLength(text));
    assert.equal(file.content_type, response.headers.get("content-type"));
    assert.ok(response.headers.get("content-disposition").includes(`"${file.file_name}"`), file.file_name);
    const rows = await auditSince(begin);
    const { id: _, ...again } = rows.at(-1);
    assert.deepEqual({ ...row }, again);
    assert.equal(row.action, "export.stream");
  }
  const guarded = await run(client, "export_resource", { type: "memories", format: "csv" });
  assert.ok(Array.isArray(guarded.warnings) && guarded.rows === 5, JSON.stringify(guarded.warnings));
  await service.unhook("now");
});

test("the definition of an agent stands in the answer as the route gives it", async () => {
  const client = await connect();
  await service.hook("now", Date.UTC(2026, 2, 1));
  const text = await (await service.fetch("/api/agents/agent1/export")).text();
  const file = await run(client, "export_agent", { agent_id: "agent1" });
  assert.equal(file.text, text);
  assert.equal(JSON.parse(text).agent.name, "Agent of acme");
  assert.match(file.file_name, /^agent-agent1-2026-03-01\.json$/);
  const unknown = await fail(client, "export_agent", { agent_id: randomUUID() }, "RESOURCE_NOT_FOUND");
  const other = await connect({ key: service.keysOf.globex.owner });
  assert.deepEqual(await fail(other, "export_agent", { agent_id: "agent1" }, "RESOURCE_NOT_FOUND"), unknown);
  await fail(client, "export_agent", {}, "INVALID_PARAMETER");
  await fail(client, "export_agent", { agent_id: "agent1", format: "csv" }, "UNKNOWN_PARAMETER");
  await service.unhook("now");
});

test("a file of more than 256 KiB is refused as a whole, and a job makes it", async () => {
  const client = await connect({ key: await service.addUser("hooli", "owner") });
  const args = { type: "memories", format: "csv" };
  const put = (length) =>
    service.sql(
      `INSERT OR REPLACE INTO memories (id, account_id, content, user_id, agent_id, session_id, categories, created_at, updated_at)
       VALUES ('large', 'hooli', ?, 'u', 'a', 's', '[]', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z')`,
      "x".repeat(length),
    );
  await put(1);
  const { bytes } = await run(client, "export_resource", args);
  await put(2 ** 18 - bytes + 1);
  assert.equal((await run(client, "export_resource", args)).bytes, 2 ** 18);
  await put(2 ** 18 - bytes + 2);
  const refused = await fail(client, "export_resource", args, "LIMIT_EXCEEDED");
  assert.match(refused.hint, /create_export/);
  assert.deepEqual(refused.details, { limit: "answer_bytes", max: 2 ** 18 });
  assert.ok(JSON.stringify(refused).length < 1000);
  const { type: resource, ...rest } = args;
  const done = await over(client, (await run(client, "create_export", { resource, ...rest })).id);
  assert.equal(done.file_size, 2 ** 18 + 1);
});

test("an object of another account is as unknown as one that never was", async () => {
  const client = await connect({ key: service.keysOf.globex.owner });
  const args = { type: "knowledge_base", resource_id: "nothing" };
  const unknown = await fail(client, "export_resource", args, "RESOURCE_NOT_FOUND");
  assert.deepEqual(await fail(client, "export_resource", { ...args, resource_id: "kb1" }, "RESOURCE_NOT_FOUND"), unknown);
  await fail(client, "create_export", { resource: "knowledge_base", resource_id: "kb1" }, "RESOURCE_NOT_FOUND");
  const { text } = await run(client, "export_resource", { type: "memories" });
  assert.doesNotMatch(text, /note of acme/);
});

test("another account's exports are as unknown as what never was", async () => {
  const [ours, theirs] = [await connect(), await connect({ key: service.keysOf.globex.owner })];
  const { id } = await run(ours, "create_export", { resource: "memories" });
  const unknown = await fail(theirs, "get_export", { id: randomUUID() }, "EXPORT_NOT_FOUND");
  assert.deepEqual(await fail(theirs, "get_export", { id }, "EXPORT_NOT_FOUND"), unknown);
  assert.deepEqual(await fail(theirs, "get_export", { id: "x" }, "EXPORT_NOT_FOUND"), unknown);
  assert.equal((await run(theirs, "list_exports")).total, 0);
  for (const name of ["account_id", "tenant"]) {
    await fail(theirs, "create_export", { resource: "memories", [name]: "acme" }, "UNKNOWN_OPTION");
    await fail(theirs, "list_exports", { [name]: "acme" }, "UNKNOWN_PARAMETER");
    await fail(theirs, "get_export", { id, [name]: "acme" }, "UNKNOWN_PARAMETER");
  }
});

test("the same key asks for the same export once, over either way in", async () => {
  const client = await connect();
  const args = { resource: "memories", format: "jsonl", idempotency_key: "once" };
  const begin = await lastAudit();
  const all = await Promise.all([1, 2, 3].map(() => run(client, "create_export", args)));
  assert.equal(new Set(all.map((row) => row.id)).size, 1);
  assert.equal((await auditSince(begin)).filter((row) => row.action === "export.create").length, 1);
  await fail(client, "create_export", { ...args, format: "csv" }, "IDEMPOTENCY_KEY_REUSED");
  const { idempotency_key, ...json } = args;
  const overHttp = await service.fetch("/v1/exports", { method: "POST", json, headers: { "idempotency-key": idempotency_key } });
  assert.equal((await overHttp.json()).id, all[0].id);
});

test("what is wrong with arguments is told to the model, with what there is", async () => {
  const client = await connect();
  for (const [name, args, code, words] of [
    ["create_export", {}, "INVALID_PARAMETER", /`resource` is missing/],
    ["create_export", { resource: "memory" }, "UNKNOWN_RESOURCE", /./],
    ["create_export", { resource: 7 }, "INVALID_PARAMETER", /./],
    ["create_export", { resource: "memories", format: "csvs" }, "UNKNOWN_FORMAT", /./],
    ["create_export", { resource: "memories", format: "xlsx" }, "FORMAT_NOT_OFFERED", /./],
    ["create_export", { resource: "memories", colour: "red" }, "UNKNOWN_OPTION", /./],
    ["create_export", { resource: "memories", data: [] }, "UNKNOWN_OPTION", /./],
    ["create_export", { resource: "memories", template_id: "nothing" }, "TEMPLATE_NOT_FOUND", /./],
    ["create_export", { resource: "memories", idempotency_key: 1 }, "INVALID_PARAMETER", /`idempotency_key` is a text/],
    ["create_export", { resource: "memories", idempotency_key: "" }, "INVALID_PARAMETER", /`idempotency_key` has 1 to 255/],
    ["create_export", { resource: "knowledge_base" }, "RESOURCE_ID_REQUIRED", /./],
    ["list_resources", { type: "memories" }, "UNKNOWN_PARAMETER", /./],
    ["describe_resource", {}, "INVALID_PARAMETER", /`type` is missing/],
    ["describe_resource", { type: "memory" }, "UNKNOWN_RESOURCE", /./],
    ["export_resource", {}, "INVALID_PARAMETER", /`type` is missing/],
    ["export_resource", { type: ["memories"] }, "INVALID_PARAMETER", /`type` is a text/],
    ["export_resource", { type: "memory" }, "UNKNOWN_RESOURCE", /./],
    ["export_resource", { type: "knowledge_base" }, "RESOURCE_ID_REQUIRED", /./],
    ["export_resource", { type: "memories", resource_id: "x" }, "INVALID_PARAMETER", /resource_id/],
    ["export_resource", { type: "memories", format: "csvs" }, "UNKNOWN_FORMAT", /./],
    ["export_resource", { type: "knowledge_base", resource_id: "kb1", format: "csv" }, "FORMAT_NOT_OFFERED", /./],
    ["export_resource", { type: "memories", colour: "red" }, "UNKNOWN_PARAMETER", /colour/],
    ["export_resource", { type: "memories", account_id: "globex" }, "UNKNOWN_PARAMETER", /account_id/],
    ["export_resource", { type: "memories", filters: { users: "u1" } }, "UNKNOWN_PARAMETER", /./],
    ["export_resource", { type: "memories", filters: [] }, "INVALID_PARAMETER", /./],
    ["export_resource", { type: "memories", filters: { created_after: "soon" } }, "INVALID_PARAMETER", /./],
    ["export_resource", { type: "memories", filters: { priority: "high" } }, "INVALID_PARAMETER", /./],
    ["get_export", {}, "INVALID_PARAMETER", /`id` is missing/],
    ["get_export", { id: [] }, "INVALID_PARAMETER", /./],
    ["list_exports", { page: 0 }, "INVALID_PARAMETER", /whole number/],
    ["list_exports", { page_size: 101 }, "INVALID_PARAMETER", /from 1 to 100/],
    ["list_exports", { status: "DONE" }, "INVALID_PARAMETER", /READY/],
    ["list_exports", { mine: "maybe" }, "INVALID_PARAMETER", /true, false/],
    ["list_exports", { x: 1 }, "UNKNOWN_PARAMETER", /./],
  ]) {
    const given = await fail(client, name, args, code);
    assert.match(given.message, words, JSON.stringify(args));
  }
  const misspelt = await fail(client, "create_export", { resource: "memory" }, "UNKNOWN_RESOURCE");
  assert.match(misspelt.hint, /memories/);
  // Numbers and booleans are taken as JSON has them, and null counts as absent.
  assert.equal((await run(client, "list_exports", { page: 1, page_size: 2, mine: true, format: null })).page_size, 2);
});

test("tools count for the rate, and say when there is room again", async () => {
  const key = await service.addUser("initech", "owner");
  await service.sql(
    `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${RATE})
     INSERT INTO audit (account_id, at, action) SELECT 'initech', ?, 'export.stream' FROM numbers`,
    Date.now(),
  );
  const given = await fail(await connect({ key }), "create_export", { resource: "memories" }, "RATE_LIMITED");
  assert.ok(Number(given.retry_after) > 0 && Number(given.retry_after) <= 60);
});

test("what fails on our side says nothing about it", async () => {
  await service.hook("at:create.row", "fail");
  const given = await fail(await connect(), "create_export", { resource: "memories" }, "INTERNAL");
  await service.unhook("at:create.row");
  assert.deepEqual(Object.keys(given).toSorted(), ["error", "message", "status"]);
});

/** Sends one message, or a body as it stands. */
function send(message, { headers, ...options } = {}) {
  const body = typeof message === "string" || message instanceof Buffer ? message : JSON.stringify(message);
  return service.fetch("/mcp", { method: "POST", body, headers: { "content-type": "application/json", accept: "application/json, text/event-stream", ...headers }, ...options });
}

const request = (method, params, id = 1) => ({ jsonrpc: "2.0", id, method, ...(params && { params }) });
const META = { "io.modelcontextprotocol/protocolVersion": NEWEST, "io.modelcontextprotocol/clientCapabilities": {} };
const modern = (method, params, headers) => [
  request(method, { ...params, _meta: META }),
  { headers: { "mcp-protocol-version": NEWEST, "mcp-method": method, ...headers } },
];

/** The error of a message, whose answer has to have this status. */
async function error(response, status, code) {
  const text = await response.text();
  assert.equal(response.status, status, text);
  assert.equal(response.headers.get("content-type"), "application/json");
  const document = JSON.parse(text);
  assert.equal(document.jsonrpc, "2.0");
  assert.equal(document.error.code, code, text);
  return document;
}

async function result(response) {
  const document = await response.json();
  assert.equal(response.status, 200, JSON.stringify(document));
  assert.ok(document.result, JSON.stringify(document));
  return document.result;
}

test("a handshake agrees on the client's revision, or on the newest that has one", async () => {
  const hello = (protocolVersion) => request("initialize", { protocolVersion, capabilities: {}, clientInfo: { name: "x", version: "1" } });
  for (const [wanted, agreed] of [...HANDSHAKES.map((version) => [version, version]), ["2024-11-05", "2025-11-25"], [NEWEST, "2025-11-25"], ["2099-01-01", "2025-11-25"]]) {
    const { protocolVersion, capabilities, serverInfo } = await result(await send(hello(wanted)));
    assert.equal(protocolVersion, agreed);
    assert.deepEqual(capabilities, { tools: {} });
    assert.equal(serverInfo.name, "tablecast");
  }
  const response = await send(hello("2025-06-18"));
  assert.equal(response.headers.get("mcp-session-id"), null);
  for (const params of [undefined, {}, { protocolVersion: 1, capabilities: {}, clientInfo: { name: "x", version: "1" } }, { protocolVersion: "2025-06-18", capabilities: {} }]) {
    await error(await send(request("initialize", params)), 200, -32602);
  }
});

test("requests of the handshake's revisions need no session, and have no words of later ones", async () => {
  for (const version of [null, ...HANDSHAKES]) {
    const headers = version ? { "mcp-protocol-version": version } : {};
    assert.deepEqual(await result(await send(request("ping"), { headers })), {});
    const list = await result(await send(request("tools/list"), { headers: { ...headers, "mcp-session-id": "made-up" } }));
    assert.deepEqual(Object.keys(list), ["tools"]);
    const called = await result(await send(request("tools/call", { name: "list_exports" }), { headers }));
    assert.deepEqual(Object.keys(called).toSorted(), ["content", "isError", "structuredContent"]);
    await error(await send(request("server/discover"), { headers }), 200, -32601);
  }
});

test("requests of 2026-07-28 carry their revision, and answers say that they are whole", async () => {
  const discovered = await result(await send(...modern("server/discover")));
  assert.deepEqual(discovered.supportedVersions, [NEWEST, ...HANDSHAKES]);
  assert.equal(discovered.cacheScope, "public");
  const list = await result(await send(...modern("tools/list")));
  assert.equal(list.cacheScope, "private");
  const called = await result(await send(...modern("tools/call", { name: "list_exports" }, { "mcp-name": "list_exports" })));
  for (const given of [discovered, list, called]) {
    assert.equal(given.resultType, "complete");
    assert.equal(given._meta["io.modelcontextprotocol/serverInfo"].name, "tablecast");
  }
  for (const method of ["ping", "initialize", "logging/setLevel", "resources/list", "nothing"]) {
    await error(await send(...modern(method)), 404, -32601);
  }
});

test("headers that are missing, or say something else than the body, are refused", async () => {
  const [list, { headers }] = modern("tools/list");
  const without = (name) => Object.fromEntries(Object.entries(headers).filter(([other]) => other !== name));
  const cases = [without("mcp-protocol-version"), without("mcp-method"), { ...headers, "mcp-method": "tools/call" }, { ...headers, "mcp-protocol-version": "2025-11-25" }];
  for (const given of cases) {
    const document = await error(await send(list, { headers: given }), 400, -32020);
    assert.equal(document.id, 1);
  }
  for (const name of [undefined, { "mcp-name": "get_export" }, { "mcp-name": "LIST_EXPORTS" }]) {
    await error(await send(...modern("tools/call", { name: "list_exports" }, name)), 400, -32020);
  }
  const encoded = `=?base64?${Buffer.from("list_exports").toString("base64")}?=`;
  await result(await send(...modern("tools/call", { name: "list_exports" }, { "mcp-name": encoded })));
  await error(await send(request("tools/list"), { headers }), 400, -32602);
  for (const version of ["2024-11-05", "2099-01-01", "x"]) {
    const document = await error(await send(request("tools/list"), { headers: { "mcp-protocol-version": version } }), 400, -32022);
    assert.deepEqual(document.error.data, { requested: version, supported: [NEWEST, ...HANDSHAKES] });
  }
});

test("what is no message is refused, and nothing of it is done", async () => {
  const create = request("tools/call", { name: "create_export", arguments: { resource: "memories" } });
  const begin = await lastAudit();
  for (const [body, code, id] of [
    ["", -32700],
    ["{", -32700],
    [JSON.stringify(create).slice(0, -1), -32700],
    [`${"[".repeat(200)}${"]".repeat(200)}`, -32700],
    [[], -32600],
    [[create], -32600],
    [[create, request("ping", undefined, 2)], -32600],
    [null, -32600],
    [{}, -32600],
    [{ ...create, jsonrpc: "1.0" }, -32600, 1],
    [{ ...create, jsonrpc: undefined }, -32600, 1],
    [{ ...create, id: null }, -32600],
    [{ ...create, id: 1.5 }, -32600],
    [{ ...create, id: [1] }, -32600],
    [{ ...create, method: 1 }, -32600, 1],
    [{ jsonrpc: "2.0", id: 1, result: {} }, -32600, 1],
    [{ ...create, params: [] }, -32602, 1],
  ]) {
    const document = await error(await send(body), 400, code);
    assert.equal(document.id, id, JSON.stringify(body));
  }
  assert.deepEqual(await auditSince(begin), []);
});

test("a notification is taken without an answer, and nothing comes of it", async () => {
  const begin = await lastAudit();
  for (const method of ["notifications/initialized", "notifications/cancelled", "notifications/made-up", "tools/call"]) {
    const response = await send({ jsonrpc: "2.0", method, params: { name: "create_export", arguments: { resource: "memories" } } });
    assert.equal(response.status, 202);
    assert.equal(await response.text(), "");
  }
  assert.deepEqual(await auditSince(begin), []);
});

test("ids come back as they were sent", async () => {
  for (const id of [0, -1, 2 ** 53 - 1, "", "a", "1", "é😀", "x".repeat(1000)]) {
    const response = await send(request("ping", {}, id));
    assert.deepEqual(await response.json(), { jsonrpc: "2.0", id, result: {} });
  }
});

test("methods, tools and parameters that do not exist are errors of the protocol", async () => {
  for (const method of ["", "tools", "tools/call/x", "resources/list", "prompts/list", "completion/complete", "__proto__"]) {
    await error(await send(request(method)), 200, -32601);
  }
  for (const params of [undefined, {}, { name: 1 }, { name: "list_exports", arguments: [] }, { name: "list_exports", arguments: "x" }]) {
    await error(await send(request("tools/call", params)), 200, -32602);
  }
  for (const name of ["nothing", "LIST_EXPORTS", "", "constructor"]) {
    const document = await error(await send(request("tools/call", { name })), 200, -32602);
    assert.match(document.error.message, /there are list_resources/);
  }
  await error(await send(request("tools/list", { cursor: "x" })), 200, -32602);
  await error(await send(request("tools/list", { cursor: 1 })), 200, -32602);
});

test("without credentials nothing is answered, not even a handshake", async () => {
  for (const message of [request("ping"), request("initialize"), { jsonrpc: "2.0", method: "notifications/initialized" }, "{"]) {
    const response = await send(message, { key: null });
    assert.match(response.headers.get("www-authenticate"), /^Bearer realm="tablecast"/);
    await problem(response, 401, "UNAUTHENTICATED");
  }
  await problem(await send(request("ping"), { key: "tc_guess" }), 401, "UNAUTHENTICATED");
  await assert.rejects(connect({ key: null, mode: "legacy" }), (thrown) => thrown.constructor.name !== "AssertionError");
  const signedIn = await service.fetch("/v1/session", { method: "POST" });
  const cookie = signedIn.headers.get("set-cookie").split(";")[0];
  assert.deepEqual(await result(await send(request("ping"), { key: null, headers: { cookie } })), {});
});

test("pages call from the origins of the list alone, even with a key", async () => {
  const own = service.url.origin;
  for (const origin of ["https://evil.example", "null", own, `${FRIEND}.evil.example`, FRIEND.toUpperCase()]) {
    for (const key of [service.keys.owner, null]) await problem(await send(request("ping"), { key, headers: { origin } }), 403, "ORIGIN_NOT_ALLOWED");
  }
  const response = await send(request("ping"), { headers: { origin: FRIEND } });
  assert.equal(response.headers.get("access-control-allow-origin"), FRIEND);
  assert.deepEqual(await result(response), {});
});

test("there is no stream from the server and no session to end", async () => {
  for (const method of ["GET", "DELETE", "PUT"]) {
    const response = await service.fetch("/mcp", { method, headers: { accept: "text/event-stream", "mcp-session-id": "x" } });
    assert.equal(response.headers.get("allow"), "POST");
    await problem(response, 405, "METHOD_NOT_ALLOWED");
  }
});

test("a body is JSON of at most 1 MiB, in gzip too", async () => {
  const ping = JSON.stringify(request("ping"));
  assert.deepEqual(await result(await send(gzipSync(ping), { headers: { "content-encoding": "gzip" } })), {});
  for (const type of ["text/plain", "text/csv", "application/x-ndjson", ""]) {
    await problem(await send(ping, { headers: { "content-type": type } }), 415, "UNSUPPORTED_MEDIA_TYPE");
  }
  const large = JSON.stringify(request("ping", { x: "x".repeat(2 ** 20) }));
  await problem(await send(large), 413, "LIMIT_EXCEEDED");
  await problem(await send(gzipSync(large), { headers: { "content-encoding": "gzip" } }), 413, "LIMIT_EXCEEDED");
  await problem(await service.fetch("/mcp?account_id=globex", { method: "POST", json: request("ping") }), 422, "UNKNOWN_PARAMETER");
});
