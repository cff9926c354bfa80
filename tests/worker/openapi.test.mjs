// The published description of the API, held against the service: each answer has to be one that it describes.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { formats } from "../../pkg/wasm/formats.js";
import { ACTIVE, CAP, RATE, startService } from "./service.mjs";

/** What no answer of this file shows, each with its reason. */
const UNSEEN = {
  // A connection that fails while a body comes in leaves nobody to answer to.
  INCOMPLETE_BODY: "no client is left to read it",
  OUT_OF_MEMORY: "takes a value as large as memory",
  // Errors of jobs alone, which are held against the service where crashes and limits are.
  JOB_TOO_LARGE: "an error of jobs",
  DELIVERY_FAILED: "an error of jobs",
  ATTEMPTS_EXHAUSTED: "an error of jobs",
};

let service;
let description;
let ajv;
/** What was seen: `operationId status`, and codes. */
const seen = new Set();
const codes = new Set();

before(async () => {
  service = await startService({ vars: { MAX_BODY_BYTES: String(CAP) } });
  description = await (await service.fetch("/openapi.json", { key: null })).json();
  ajv = addFormats(new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false, allErrors: true }));
  // The words of OpenAPI at the top; in schemas all others are those of JSON Schema, or a mistake.
  ajv.addVocabulary(Object.keys(description));
  ajv.addSchema(description, "openapi.json");
  for (const account of ["acme", "globex"]) {
    await service.addMemories(account, 5);
    await service.addRecords(account);
  }
});
after(() => service.close());

/** Objects of the types that are exported one at a time. */
const OBJECTS = {
  agent_definition: "agent-support-desk",
  analysis: "analysis-october",
  conversation: "conversation-oven",
  data_table: "table-costs",
  knowledge_base: "kb-handbook",
  memory_bank: "bank-support",
  solution: "solution-support",
};

/** The paths of files of resources, with the id of an object where they have one. */
function filesOfResources() {
  const paths = Object.keys(description.paths).filter((path) => /^\/v1\/resources\/|^\/api\/agents\//.test(path) && path.endsWith("/export"));
  return paths.map((path) => {
    const type = /^\/v1\/resources\/(\w+)\//.exec(path)?.[1] ?? "agent_definition";
    return { type, path: path.replace("{id}", OBJECTS[type]), isById: path.includes("{id}") };
  });
}

/** A check of the schema at this place, as the keys that lead to it. */
function schemaAt(...keys) {
  const path = keys.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
  return ajv.compile({ $ref: `openapi.json#${encodeURI(path)}` });
}

const checks = new Map();

function check(keys, value, what) {
  const name = keys.join(" ");
  if (!checks.has(name)) checks.set(name, schemaAt(...keys));
  const validate = checks.get(name);
  assert.ok(validate(value), `${what}: ${JSON.stringify(value)?.slice(0, 500)} ${JSON.stringify(validate.errors)}`);
}

/** What a `$ref` names, with the keys that lead to it. */
function resolved(keys) {
  let value = description;
  for (const key of keys) value = value[key];
  return value?.$ref ? resolved(value.$ref.slice(2).split("/")) : { keys, value };
}

function operations() {
  return Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => method !== "parameters")
      .map(([method, operation]) => ({ path, method, operation })),
  );
}

/** The operation of a request. */
function find(method, path) {
  const matches = (pattern) => new RegExp(`^${pattern.replace(/\{\w+\}/g, "[^/]+")}$`).test(path);
  return operations().find((row) => row.method === method.toLowerCase() && matches(row.path));
}

const types = (answer) => answer.headers.get("content-type")?.split(";")[0];

/** Checks an answer against the part of the description that these keys lead to. */
async function compare(answer, keys, what) {
  const { value: response, keys: place } = resolved(keys);
  assert.ok(response, `${what} is not described`);
  for (const name of Object.keys(response.headers)) {
    const { value: header, keys: at } = resolved([...place, "headers", name]);
    const text = answer.headers.get(name);
    assert.ok(text !== null || !header.required, `${what}: no ${name}`);
    if (text !== null) {
      check([...at, "schema"], header.schema.type === "integer" ? Number(text) : text, `${what}: ${name}`);
    }
  }
  // Headers that tell of the answer are described wherever they come.
  for (const [name] of answer.headers) {
    const isKnown = Object.keys(description.components.headers).some((known) => known.toLowerCase() === name);
    const isDescribed = Object.keys(response.headers).some((described) => described.toLowerCase() === name);
    const isOfTransport = ["content-length", "cache-control"].includes(name);
    assert.ok(!isKnown || isDescribed || isOfTransport, `${what}: ${name} is not described`);
  }
  const text = await answer.text();
  if (!response.content) {
    assert.equal(text, "", what);
    return null;
  }
  const type = types(answer);
  assert.ok(response.content[type], `${what}: ${type} is not described`);
  const body = /[/+]json$/.test(type) ? JSON.parse(text) : text;
  check([...place, "content", type, "schema"], body, what);
  return body;
}

/** Sends a request and checks its answer against the description; gives the answer's body. */
async function call(method, path, { status, error, from = service, ...options } = {}) {
  const answer = await from.fetch(path, { method, ...options });
  const found = find(method, path.split("?")[0]);
  const what = `${found.operation.operationId} ${answer.status}`;
  const keys = ["paths", found.path, found.method, "responses", String(answer.status)];
  const body = await compare(answer, keys, what);
  assert.equal(answer.status, status ?? 200, `${what}: ${JSON.stringify(body)}`);
  seen.add(what);
  if (answer.status >= 400) {
    // What is wrong with a message has a number.
    const code = body.error?.code ?? body.error;
    assert.equal(code, error, JSON.stringify(body));
    codes.add(code);
  } else if (options.json !== undefined) {
    // What is taken has to be what the description says is taken.
    const { keys: request } = resolved(["paths", found.path, found.method, "requestBody"]);
    check([...request, "content", "application/json", "schema"], options.json, `${what}: request`);
  }
  return { body, headers: answer.headers };
}

const TEMPLATE = { name: "Items", format: "csv", column_mapping: { a: "A" }, csv: { delimiter: ";" } };

test("the document is valid OpenAPI 3.1, and every schema in it is a strict one", async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(description));
  assert.ok(valid, JSON.stringify(errors));
  assert.equal(validator.version, "3.1");
  assert.deepEqual(validator.resolveRefs().openapi, description.openapi);
  for (const name of Object.keys(description.components.schemas)) schemaAt("components", "schemas", name);
  let compiled = 0;
  const compileAll = (value, keys) => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, member] of Object.entries(value)) {
      if (key === "schema") {
        schemaAt(...keys, key);
        compiled += 1;
      } else {
        compileAll(member, [...keys, key]);
      }
    }
  };
  compileAll(description.paths, ["paths"]);
  assert.ok(compiled > 200, `${compiled}`);
});

test("every operation is told in words, and every example is valid", () => {
  for (const { path, method, operation } of operations()) {
    assert.ok(operation.summary && operation.operationId && operation.tags.length === 1, `${method} ${path}`);
    for (const response of Object.values(operation.responses)) assert.ok(response.description && response.headers["X-Request-Id"]);
    const parameters = (operation.parameters ?? []).map((_, at) => resolved(["paths", path, method, "parameters", at]).value);
    for (const parameter of parameters) assert.ok(parameter.description, `${operation.operationId}: ${parameter.name}`);
    if (!operation.requestBody) continue;
    const { keys, value } = resolved(["paths", path, method, "requestBody"]);
    for (const [type, { examples = {} }] of Object.entries(value.content)) {
      for (const example of Object.values(examples)) check([...keys, "content", type, "schema"], example.value, operation.operationId);
    }
  }
});

test("actions of the audit trail are those of the source", () => {
  const source = new URL("../../worker/src/", import.meta.url);
  const files = readdirSync(source, { recursive: true }).filter((file) => file.endsWith(".rs"));
  const text = files.map((file) => readFileSync(new URL(file, source), "utf8")).join("");
  const written = new Set(text.match(/(?<=["'])(export|account|agent|template|key|session|permission)\.[a-z]+(?=["'])/g));
  // Permissions have the same form.
  for (const scope of description.components.schemas.Scope.enum) written.delete(scope);
  const listed = description.components.schemas.AuditAction.enum;
  assert.deepEqual(listed.filter((action) => !written.has(action)), []);
  assert.deepEqual([...written].filter((action) => !listed.includes(action)), []);
});

test("open routes", async () => {
  await call("GET", "/healthz", { key: null });
  await call("GET", "/openapi.json", { key: null });
});

test("what no route answers is described beside the paths", async () => {
  for (const [method, path, name] of [
    ["GET", "/v1/nothing", "NotFound"],
    ["POST", "/api", "NotFound"],
    ["PATCH", "/v1/exports", "MethodNotAllowed"],
    ["POST", "/healthz", "MethodNotAllowed"],
  ]) {
    const answer = await service.fetch(path, { method });
    const body = await compare(answer, ["components", "responses", name], name);
    codes.add(body.error);
  }
});

test("who calls: sessions and keys", async () => {
  const { headers } = await call("POST", "/v1/session", { status: 201 });
  const cookie = headers.get("set-cookie").split(";")[0];
  await call("POST", "/v1/session", { status: 201, key: null, json: { key: service.keys.viewer } });
  await call("GET", "/v1/me", { key: null, headers: { cookie } });
  await call("GET", "/v1/me?x=1", { status: 422, error: "UNKNOWN_PARAMETER" });
  await call("DELETE", "/v1/session", { status: 204, key: null, headers: { cookie } });
  await call("DELETE", "/v1/session?x=1", { status: 422, error: "UNKNOWN_PARAMETER" });
  const origin = "https://other.test";
  await call("DELETE", "/v1/session", { status: 403, error: "CROSS_SITE", key: null, headers: { cookie, origin } });
  await call("POST", "/v1/session", { status: 403, error: "CROSS_SITE", headers: { origin } });
  const signIn = (body, type = "application/json") => ({ key: null, body, headers: { "content-type": type } });
  await call("POST", "/v1/session", { status: 400, error: "INVALID_JSON", ...signIn("{") });
  await call("POST", "/v1/session", { status: 413, error: "LIMIT_EXCEEDED", ...signIn(`"${"x".repeat(5000)}"`) });
  await call("POST", "/v1/session", { status: 415, error: "UNSUPPORTED_MEDIA_TYPE", ...signIn("{}", "text/plain") });
  await call("POST", "/v1/session", { status: 422, error: "INVALID_BODY", ...signIn("{}") });

  const json = { name: "Reports", scopes: ["export.read"], expires_at: "2099-12-31" };
  const { body } = await call("POST", "/v1/keys", { status: 201, json });
  await call("POST", "/v1/keys", { status: 201, json: { name: "All", user_id: "acme-viewer", scopes: null, expires_at: null } });
  await call("POST", "/v1/keys", { status: 400, error: "INVALID_JSON", ...signIn("["), key: service.keys.owner });
  await call("POST", "/v1/keys", { status: 413, error: "LIMIT_EXCEEDED", json: { name: "x".repeat(20_000) } });
  await call("POST", "/v1/keys", { status: 415, error: "UNSUPPORTED_MEDIA_TYPE", body: "a,b", headers: { "content-type": "text/csv" } });
  await call("POST", "/v1/keys", { status: 422, error: "INVALID_PARAMETER", json: { name: " " } });
  await call("GET", "/v1/keys");
  await call("GET", "/v1/keys?page=0", { status: 422, error: "INVALID_PARAMETER" });
  await call("DELETE", `/v1/keys/${body.id}`, { status: 204 });
  await call("DELETE", `/v1/keys/${body.id}`, { status: 404, error: "KEY_NOT_FOUND" });
  await call("DELETE", `/v1/keys/${body.id}?x=1`, { status: 422, error: "UNKNOWN_PARAMETER" });
});

test("templates", async () => {
  const { body, headers } = await call("POST", "/v1/templates", { status: 201, json: TEMPLATE });
  const path = headers.get("location");
  assert.equal(path, `/v1/templates/${body.id}`);
  await call("GET", "/v1/templates?page_size=100");
  await call("GET", "/v1/templates?page_size=101", { status: 422, error: "INVALID_PARAMETER" });
  await call("GET", path);
  await call("GET", "/v1/templates/report");
  await call("GET", `${path}?x=1`, { status: 422, error: "UNKNOWN_PARAMETER" });
  await call("PUT", path, { json: { ...TEMPLATE, preset: "excel-de", format: null } });
  const type = (value) => ({ "content-type": value });
  for (const [method, where] of [["POST", "/v1/templates"], ["PUT", path]]) {
    const coded = { ...type("application/json"), "content-encoding": "gzip" };
    await call(method, where, { status: 400, error: "INVALID_JSON", body: "{", headers: type("application/json") });
    await call(method, where, { status: 400, error: "INVALID_GZIP", body: "{}", headers: coded });
    await call(method, where, { status: 413, error: "LIMIT_EXCEEDED", json: { name: "x".repeat(70_000) } });
    await call(method, where, { status: 415, error: "UNSUPPORTED_MEDIA_TYPE", body: "a", headers: type("text/plain") });
    await call(method, where, { status: 422, error: "UNKNOWN_TEMPLATE_FIELD", json: { ...TEMPLATE, colour: "red" } });
    await call(method, where, { status: 422, error: "UNKNOWN_PRESET", json: { ...TEMPLATE, preset: "excels" } });
    await call(method, where, { status: 501, error: "FORMAT_NOT_BUILT", json: { ...TEMPLATE, format: "xlsx" } });
  }
  await call("PUT", "/v1/templates/report", { status: 403, error: "SYSTEM_TEMPLATE", json: TEMPLATE });
  await call("DELETE", "/v1/templates/report", { status: 403, error: "SYSTEM_TEMPLATE" });
  await call("DELETE", `${path}?x=1`, { status: 422, error: "UNKNOWN_PARAMETER" });
  await call("DELETE", path, { status: 204 });
  await call("DELETE", path, { status: 404, error: "TEMPLATE_NOT_FOUND" });
  await call("GET", path, { status: 404, error: "TEMPLATE_NOT_FOUND" });
  await call("PUT", path, { status: 404, error: "TEMPLATE_NOT_FOUND", json: TEMPLATE });
});

test("files of data in the body", async () => {
  const rows = [{ a: 1 }, { a: "=1+1" }];
  for (const { id, built } of formats) {
    if (built) await call("POST", `/api/export?format=${id}`, { json: rows });
  }
  const own = (await service.fetch("/v1/templates", { method: "POST", json: TEMPLATE })).headers.get("location");
  const template_id = own.split("/").pop();
  await call("POST", "/api/export", { json: { template_id, strict: false, limits: { rows: 10 }, data: rows } });
  await call("POST", "/api/export", { json: { format: "html", html: { lang: "en" }, columns: ["a"], rows } });
  await call("POST", "/api/export?format=csv&csv.delimiter=;&columns=a&time_zone=Europe/Berlin", { json: rows });
  const send = (path, type, body, expected) =>
    call("POST", `/api/export${path}`, { body, headers: { "content-type": type }, ...expected });
  const json = "application/json";
  await send("?format=json", "text/csv", "a\n1\n");
  await send("?format=json", "text/tab-separated-values", "a\tb\n1\t2\n");
  await send("?format=json", "application/x-ndjson", '{"a":1}\n{"a":2}\n');
  const gzip = { headers: { "content-type": json, "content-encoding": "gzip" } };
  await call("POST", "/api/export?format=csv", { body: gzipSync('[{"a":1}]'), ...gzip });

  await call("POST", "/api/export?format=csv", { body: "[]", ...gzip, status: 400, error: "INVALID_GZIP" });
  await send("?format=csv", json, "[{", { status: 400, error: "INVALID_JSON" });
  await send("?format=json", "text/csv", 'a\n"', { status: 400, error: "INVALID_CSV" });
  await send("?template_id=nothing&format=csv", json, "[]", { status: 404, error: "TEMPLATE_NOT_FOUND" });
  await send("?format=csv&limits.rows=1", json, JSON.stringify(rows), { status: 413, error: "LIMIT_EXCEEDED" });
  await send("?format=csv", json, "x".repeat(CAP + 1), { status: 413, error: "LIMIT_EXCEEDED" });
  await send("?format=csv", "text/plain", "a", { status: 415, error: "UNSUPPORTED_MEDIA_TYPE" });
  const coded = { "content-type": json, "content-encoding": "br" };
  await call("POST", "/api/export?format=csv", { body: "[]", headers: coded, status: 415, error: "UNSUPPORTED_MEDIA_TYPE" });
  await send("?format=xlsx", json, "[]", { status: 501, error: "FORMAT_NOT_BUILT" });
  const wide = JSON.stringify([...Array(1001).fill({ a: 1 }), { b: 1 }]);
  const late = `{"rows":${JSON.stringify(Array(1001).fill([1]))},"columns":["a"]}`;
  for (const [query, body, error] of [
    ["?format=csv", "7", "NOT_TABULAR"],
    ["?format=csv&strict=true", JSON.stringify(rows), "STRICT"],
    ["?format=csvs", "[]", "UNKNOWN_FORMAT"],
    ["?format=csv&colour=red", "[]", "UNKNOWN_OPTION"],
    ["?format=csv&preset=x", "[]", "UNKNOWN_PRESET"],
    ["?format=csv&template=x", "[]", "UNKNOWN_TEMPLATE"],
    ['?format=csv&template={"x":1}', "[]", "UNKNOWN_TEMPLATE_FIELD"],
    ["?format=csv&time_zone=Europe/Berlim", "[]", "UNKNOWN_TIME_ZONE"],
    ["?format=csv&csv.delimiter=ab", "[]", "INVALID_OPTION"],
    ["?format=csv&input.delimiter=;", "[]", "CONTRADICTORY_OPTIONS"],
    ["?format=json&template=spreadsheet", "[]", "TEMPLATE_FORMAT_MISMATCH"],
    ["?format=csv&template=report&template_id=report", "[]", "CONTRADICTORY_PARAMETERS"],
    ["", '{"template_id":7,"data":[]}', "INVALID_PARAMETER"],
    ["", '{"data":[],"format":"csv"}', "OPTIONS_AFTER_DATA"],
    ["?format=csv", wide, "LATE_COLUMN"],
    ["?format=csv", late, "COLUMNS_AFTER_ROWS"],
  ]) {
    await send(query, json, body, { status: 422, error });
  }
});

test("files of each type of resource", async () => {
  const files = filesOfResources();
  assert.equal(files.length, 14);
  for (const { type, path, isById } of files) {
    const { headers } = await call("GET", path);
    assert.ok(headers.get("content-disposition"));
    await call("GET", `${path}?colour=red`, { status: 422, error: "UNKNOWN_PARAMETER" });
    await call("GET", `${path}?template_id=nothing`, { status: 404, error: "TEMPLATE_NOT_FOUND" });
    await call("GET", `${path}?template=%7B`, { status: 400, error: "INVALID_JSON" });
    const deep = `{"name":${"[".repeat(200)}${"]".repeat(200)}}`;
    await call("GET", `${path}?template=${encodeURIComponent(deep)}`, { status: 413, error: "LIMIT_EXCEEDED" });
    if (isById) await call("GET", path.replace(OBJECTS[type], "nothing"), { status: 404, error: "RESOURCE_NOT_FOUND" });
    const { formats } = (await (await service.fetch("/v1/resources")).json()).items.find(({ name }) => name === type);
    for (const format of formats.filter((format) => format !== "pdf")) await call("GET", `${path}?format=${format}`);
    if (formats.includes("pdf")) {
      await call("GET", `${path}?format=pdf`);
      await call("GET", `${path}?format=pdf&fallback=error`, { status: 501, error: "FORMAT_NOT_BUILT" });
    }
    const unoffered = { status: 422, error: "FORMAT_NOT_OFFERED" };
    if (!formats.includes("xlsx")) await call("GET", `${path}?format=xlsx`, unoffered);
  }
  const { body } = await call("GET", "/v1/resources");
  assert.equal(body.total, 13);
  await call("GET", "/v1/resources?page=0", { status: 422, error: "INVALID_PARAMETER" });
  await call("GET", "/v1/resources/governance_evaluations/export?verdict=block&unresolved_only=true&envelope=false");
  await call("GET", "/v1/resources/agent_traces/export?include_step_io=false&limit=2");
  await call("GET", "/v1/resources/solution/solution-support/export?include_content=true");
  await call("GET", "/v1/resources/knowledge_base/kb-press/export?from_date=2025-07-01&to_date=2026-01-01T00:00:00Z");
  await call("GET", "/v1/resources/agent_definition/agent-travel/export");
  await service.sql("UPDATE content_items SET text_key = 'nowhere' WHERE account_id = 'globex' AND id = 'item-009'");
  const missing = { key: service.keysOf.globex.owner, status: 500, error: "TEXT_MISSING" };
  await call("GET", "/v1/resources/knowledge_base/kb-handbook/export", missing);

  const json = { resource: "knowledge_base", json: { pretty: false }, envelope: { software_version: "1", account_id: "a" } };
  const data = { knowledge_base: {}, sources: [] };
  await call("POST", "/api/export", { json: { ...json, filters: { from_date: "2026-01-01" }, data } });
  const post = (json, error) => call("POST", "/api/export", { json, status: 422, error });
  await post({ ...json, data: [] }, "NOT_A_DOCUMENT");
  await post({ ...json, format: "csv", data }, "FORMAT_NOT_OFFERED");
  await post({ ...json, resource: "knowledge_bases", data }, "UNKNOWN_RESOURCE");
  await post({ ...json, resource: { name: "x" }, data }, "INVALID_DEFINITION");
  const twice = JSON.stringify({ ...json, data }).replace(/}}$/, ',"sources":[]}}');
  await call("POST", "/api/export", { body: twice, headers: { "content-type": "application/json" }, status: 422, error: "LATE_MEMBER" });
});

test("a definition that cannot be used keeps the service from answering anything else", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tablecast-broken-"));
  const paths = ["first.json", "second.json"].map((name) => join(folder, name));
  await writeFile(paths[0], '{"name": "notes", "formats": ["docx"]}');
  await writeFile(paths[1], "{");
  const from = await startService({ resources: paths });
  try {
    for (const path of ["/healthz", "/openapi.json", "/v1/resources", "/v1/me"]) {
      const { body } = await call("GET", path, { from, key: from.keys.owner, status: 500, error: "BROKEN_DEFINITION" });
      const { problems } = body.details;
      assert.deepEqual([...new Set(problems.map(({ file }) => file))], ["first.json", "second.json"]);
      assert.ok(problems.some((problem) => problem.path === "$.formats[0]"));
    }
  } finally {
    await from.close();
    await rm(folder, { recursive: true });
  }
});

test("all data of a user", async () => {
  const { body } = await call("GET", "/api/export");
  assert.ok(body.agents.length > 0);
  await call("GET", "/api/export?x=1", { status: 422, error: "UNKNOWN_PARAMETER" });
});

test("definitions of agents", async () => {
  const { body: definition } = await call("GET", "/api/agents/agent-support-desk/export");
  const post = (json, expected) => call("POST", "/api/agents/check", { json, ...expected });
  await post(definition);
  const { body } = await post({ ...definition, solutions: ["Nothing like it"], dependencies: { agents: { a1: { name: "Other" } } } });
  assert.equal(body.import_warnings.length, 2);
  await post({ ...definition, export_version: "3", agent: null }, { status: 422, error: "AGENT_DEFINITION_INVALID" });
  const typed = (text, type = "application/json", coding = "identity") => ({ body: text, headers: { "content-type": type, "content-encoding": coding } });
  for (const [options, status, error] of [
    [typed("{"), 400, "INVALID_JSON"],
    [typed("{}", "application/json", "gzip"), 400, "INVALID_GZIP"],
    [typed(JSON.stringify("x".repeat(2 ** 21))), 413, "LIMIT_EXCEEDED"],
    [typed("a", "text/csv"), 415, "UNSUPPORTED_MEDIA_TYPE"],
  ]) {
    await call("POST", "/api/agents/check", { ...options, status, error });
  }
  await call("POST", "/api/agents/check?x=1", { json: definition, status: 422, error: "UNKNOWN_PARAMETER" });
});

test("asking for exports, and their history", async () => {
  const key = { "idempotency-key": "one" };
  await call("POST", "/v1/exports?format=csv&categories=c0,c1&priority=HIGH&created_after=2026-01-01", { status: 202, headers: key });
  await call("POST", "/v1/exports?format=json", { status: 422, error: "IDEMPOTENCY_KEY_REUSED", headers: key });
  const filters = { user_id: "u1", categories: ["c0"], created_before: "2026-02-01T00:00:00Z", agent_id: null };
  const { body } = await call("POST", "/v1/exports", { status: 202, json: { resource: "memories", filters, format: "csv", template_id: null } });
  const done = await service.over(body.id);
  assert.equal(done.status, "READY");
  const source = { type: "data_table", id: "t1", title: "Table" };
  const data = { columns: ["a", { key: "b", label: "B" }], rows: [[1, "=1"]] };
  const ofData = await call("POST", "/v1/exports", { status: 202, json: { format: "html", source, template_id: "report", data } });
  const ofStrict = await call("POST", "/v1/exports", { status: 202, json: { format: "csv", strict: true, rows: [{ a: "=1" }] } });
  await call("GET", `/v1/exports/${(await service.over(ofData.body.id)).id}`);
  const failed = await service.over(ofStrict.body.id);
  assert.equal(failed.error.code, "STRICT");
  await call("GET", `/v1/exports/${failed.id}`);
  await call("GET", "/v1/exports?mine=true&page_size=100");
  await call("GET", "/v1/exports?status=DONE", { status: 422, error: "INVALID_PARAMETER" });
  await call("GET", `/v1/exports/${body.id}?x=1`, { status: 422, error: "UNKNOWN_PARAMETER" });
  await call("DELETE", `/v1/exports/${body.id}?x=1`, { status: 422, error: "UNKNOWN_PARAMETER" });
  await call("DELETE", `/v1/exports/${body.id}`, { status: 204 });
  await call("DELETE", `/v1/exports/${body.id}`, { status: 404, error: "EXPORT_NOT_FOUND" });
  await call("GET", `/v1/exports/${body.id}`, { status: 404, error: "EXPORT_NOT_FOUND" });

  const post = (json, status, error) => call("POST", "/v1/exports", { json, status, error });
  await post({ resource: "memory" }, 422, "UNKNOWN_RESOURCE");
  await post({ resource: "memories", data: [] }, 422, "CONTRADICTORY_PARAMETERS");
  await post({ resource: "solution" }, 422, "RESOURCE_ID_REQUIRED");
  await post({ resource: "solution", resource_id: "nothing" }, 404, "RESOURCE_NOT_FOUND");
  await post({ resource: "solution", resource_id: "solution-press", format: "csv" }, 422, "FORMAT_NOT_OFFERED");
  const ofObject = { resource: "solution", resource_id: "solution-press", filters: { include_content: true }, envelope: true };
  const solution = await call("POST", "/v1/exports", { status: 202, json: ofObject });
  assert.equal((await service.over(solution.body.id)).status, "READY");
  await call("GET", `/v1/exports/${solution.body.id}`);
  await post({ template_id: "nothing", data: [] }, 404, "TEMPLATE_NOT_FOUND");
  await post({ data: 7 }, 422, "NOT_TABULAR");
  await post({ data: [{ a: "x".repeat(CAP + 1) }] }, 413, "LIMIT_EXCEEDED");
  await call("POST", "/v1/exports?format=csv", { json: { data: [] }, status: 422, error: "QUERY_AND_BODY" });
  await post({ format: "xlsx", data: [] }, 501, "FORMAT_NOT_BUILT");
  const typed = (body, type) => ({ body, headers: { "content-type": type } });
  await call("POST", "/v1/exports", { ...typed("{", "application/json"), status: 400, error: "INVALID_JSON" });
  await call("POST", "/v1/exports", { ...typed("a\n", "text/csv"), status: 415, error: "UNSUPPORTED_MEDIA_TYPE" });
});

test("downloads", async () => {
  const { id } = await service.over((await service.start("?format=csv")).id);
  const path = `/v1/exports/${id}/download`;
  const { headers } = await call("GET", path);
  const etag = headers.get("etag");
  const get = (sent, status, error) => call("GET", path, { headers: sent, status, error });
  await get({ range: "bytes=0-9" }, 206);
  await get({ "if-none-match": etag }, 304);
  await get({ "if-match": '"other"' }, 412, "PRECONDITION_FAILED");
  await get({ range: "bytes=9999999-" }, 416, "RANGE_NOT_SATISFIABLE");
  await call("GET", `${path}?x=1`, { status: 422, error: "UNKNOWN_PARAMETER" });
  const html = await service.over((await service.start("?format=html")).id);
  await call("GET", `/v1/exports/${html.id}/download`);
  const state = (status) => service.sql("UPDATE exports SET status = ? WHERE id = ?", status, id);
  await state("PROCESSING");
  await get({}, 409, "EXPORT_NOT_READY");
  await state("FAILED");
  await get({}, 409, "EXPORT_FAILED");
  await state("EXPIRED");
  await get({}, 410, "EXPORT_EXPIRED");
  await call("GET", `/v1/exports/${crypto.randomUUID()}/download`, { status: 404, error: "EXPORT_NOT_FOUND" });
});

test("messages for tools", async () => {
  const message = (method, params) => ({ jsonrpc: "2.0", id: 1, method, ...(params && { params }) });
  const post = (json, expected) => call("POST", "/mcp", { json, ...expected });
  await post(message("initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "x", version: "1" } }));
  await post({ jsonrpc: "2.0", method: "notifications/initialized" }, { status: 202 });
  await post(message("tools/list"));
  await post(message("tools/call", { name: "list_exports", arguments: {} }));
  assert.equal((await post(message("tools/call", { name: "nothing" }))).body.error.code, -32602);
  const newest = { headers: { "mcp-protocol-version": "2026-07-28", "mcp-method": "nothing" } };
  const _meta = { "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} };
  await post(message("nothing", { _meta }), { ...newest, status: 404, error: -32601 });
  await post(message("tools/list", { _meta }), { ...newest, status: 400, error: -32020 });
  await post([], { status: 400, error: -32600 });
  const coded = { "content-type": "application/json", "content-encoding": "gzip" };
  await call("POST", "/mcp", { body: "{}", headers: coded, status: 400, error: "INVALID_GZIP" });
  await post(message("ping"), { headers: { origin: "https://other.test" }, status: 403, error: "ORIGIN_NOT_ALLOWED" });
  await post(message("ping", { x: "x".repeat(2 ** 20) }), { status: 413, error: "LIMIT_EXCEEDED" });
  await call("POST", "/mcp", { body: "a", headers: { "content-type": "text/csv" }, status: 415, error: "UNSUPPORTED_MEDIA_TYPE" });
  await call("POST", "/mcp?x=1", { json: message("ping"), status: 422, error: "UNKNOWN_PARAMETER" });
});

test("too much", async () => {
  const key = service.keysOf.globex.owner;
  const { id } = await service.over((await service.start("", { key })).id, { key });
  await service.sql(
    `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${ACTIVE})
     INSERT INTO exports (id, account_id, created_by, status, format, options, not_before, created_at, updated_at)
     SELECT 'waiting' || n, 'globex', 'globex-owner', 'PENDING', 'csv', '{}', 9e15, 0, 9e15 FROM numbers`,
  );
  await call("POST", "/v1/exports", { key, status: 429, error: "TOO_MANY_ACTIVE_EXPORTS" });
  await service.sql(
    `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${RATE})
     INSERT INTO audit (account_id, at, action) SELECT 'globex', ?, 'export.stream' FROM numbers`,
    Date.now(),
  );
  const limited = { key, status: 429, error: "RATE_LIMITED" };
  await call("POST", "/v1/exports", limited);
  await call("GET", "/api/export", limited);
  for (const { type, path } of filesOfResources()) {
    if (type === "knowledge_base") await service.sql("UPDATE content_items SET text_key = NULL WHERE account_id = 'globex'");
    await call("GET", path, limited);
  }
  await call("POST", "/api/agents/check", { ...limited, json: {} });
  await call("GET", `/v1/exports/${id}/download`, limited);
  await call("POST", "/api/export?format=csv", { ...limited, json: [{ a: 1 }] });
});

test("the audit trail", async () => {
  await service.fetch("/v1/audit", { key: service.keys.viewer });
  for (let page = 1, size = 100; ; page += 1) {
    const { body } = await call("GET", `/v1/audit?page=${page}&page_size=${size}`);
    if (body.items.length < size) break;
  }
  await call("GET", "/v1/audit?action=export.create&user_id=acme-owner");
  await call("GET", "/v1/audit?x=1", { status: 422, error: "UNKNOWN_PARAMETER" });
});

/** Every operation that is not open, with a path that leads to it. */
const closed = () =>
  operations()
    .filter(({ operation }) => operation["x-permission"])
    .map((row) => ({ ...row, path: row.path.replace("{id}", "nothing"), method: row.method.toUpperCase() }));

test("no operation is done without its credentials and its permission", async () => {
  const none = await service.addUser("acme", "viewer", { scopes: [], id: "nobody" });
  for (const { method, path, operation } of closed()) {
    const headers = { authorization: "Bearer guess" };
    await call(method, path, { key: null, headers, status: 401, error: "UNAUTHENTICATED" });
    if (operation["x-permission"].length > 0) {
      await call(method, path, { key: none, status: 403, error: "FORBIDDEN" });
    }
  }
});

test("what goes wrong on the service's side is told as such", async () => {
  await service.sql("ALTER TABLE users RENAME TO users_elsewhere");
  for (const { method, path } of closed()) await call(method, path, { status: 500, error: "INTERNAL" });
  await service.sql("ALTER TABLE users_elsewhere RENAME TO users");
  await call("GET", "/v1/me");
});

// Runs after all others.
test("every answer and every code that is described was seen", () => {
  const described = operations().flatMap(({ operation }) =>
    Object.keys(operation.responses).map((status) => `${operation.operationId} ${status}`),
  );
  assert.deepEqual(described.filter((answer) => !seen.has(answer)), []);
  const listed = description.components.schemas.ErrorCode.oneOf.map((row) => row.const);
  assert.deepEqual(listed.filter((code) => !codes.has(code)).toSorted(), Object.keys(UNSEEN).toSorted());
});
