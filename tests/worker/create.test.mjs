// Asking for an export: what each parameter selects, what a body may hold, and what is refused.

import assert from "node:assert/strict";
import net from "node:net";
import { after, before, test } from "node:test";
import { csvParse } from "d3-dsv";
import { problem } from "./problem.mjs";
import { CAP, startService } from "./service.mjs";

let service;
/** The memories of acme as objects, oldest first. */
let memories;
before(async () => {
  service = await startService({ vars: { MAX_BODY_BYTES: String(CAP) } });
  await service.addMemories("acme", 70, { prefix: "a" });
  await service.addMemories("acme", 30, { prefix: "b", begin: "2026-02-01T00:00:00Z" });
  await service.addMemories("globex", 40, { prefix: "g" });
  const rows = await service.sql("SELECT * FROM memories WHERE account_id = 'acme' ORDER BY created_at, id");
  memories = rows.map(({ account_id: _, ...row }) => ({ ...row, categories: JSON.parse(row.categories), metadata: JSON.parse(row.metadata) }));
});
after(() => service.close());

const post = (query = "", options = {}) => service.fetch(`/v1/exports${query}`, { method: "POST", ...options });

/** The finished export and the text of its file. */
async function made(query, options) {
  const accepted = await service.start(query, options);
  const document = await service.over(accepted.id);
  assert.equal(document.status, "READY", JSON.stringify(document.error));
  const response = await service.fetch(`/v1/exports/${document.id}/download`);
  assert.equal(response.status, 200);
  return { accepted, document, text: await response.text() };
}

const encoded = (parameters) => `?${new URLSearchParams(parameters)}`;

/** Queries, and the memories that each one selects. */
const SELECTIONS = [
  [{}, () => true],
  [{ user_id: "u1" }, (row) => row.user_id === "u1"],
  [{ agent_id: "a0" }, (row) => row.agent_id === "a0"],
  [{ session_id: "s2" }, (row) => row.session_id === "s2"],
  [{ priority: "LOW" }, (row) => row.priority === "LOW"],
  [{ priority: "MEDIUM" }, (row) => row.priority === "MEDIUM"],
  [{ priority: "HIGH" }, (row) => row.priority === "HIGH"],
  [{ categories: "d3" }, (row) => row.categories.includes("d3")],
  [{ categories: "c1,d3, d4" }, (row) => row.categories.some((name) => ["c1", "d3", "d4"].includes(name))],
  [{ categories: Array.from({ length: 20 }, (_, n) => (n === 7 ? "d6" : `none${n}`)).join(",") }, (row) => row.categories.includes("d6")],
  [{ created_after: "2026-02-01" }, (row) => row.created_at >= "2026-02-01T00:00:00.000Z"],
  [{ created_after: "2026-01-01T00:00:10Z" }, (row) => row.created_at >= "2026-01-01T00:00:10.000Z"],
  [{ created_after: "2026-01-01T00:00:10.0001Z" }, (row) => row.created_at > "2026-01-01T00:00:10.000Z"],
  [{ created_before: "2026-02-01" }, (row) => row.created_at < "2026-02-01T00:00:00.000Z"],
  [{ created_before: "2026-01-01T00:00:10Z" }, (row) => row.created_at < "2026-01-01T00:00:10.000Z"],
  [{ created_before: "2026-01-01T02:00:10+02:00" }, (row) => row.created_at < "2026-01-01T00:00:10.000Z"],
  [{ created_after: "2026-01-01T00:00:05Z", created_before: "2026-01-01T00:00:06Z" }, (row) => row.created_at === "2026-01-01T00:00:05.000Z"],
  [{ user_id: "u0", agent_id: "a1", session_id: "s1" }, (row) => row.user_id === "u0" && row.agent_id === "a1" && row.session_id === "s1"],
  [
    { user_id: "u2", priority: "HIGH", categories: "d1,d2,d5", created_before: "2026-02-01" },
    (row) => row.user_id === "u2" && row.priority === "HIGH" && row.categories.some((name) => ["d1", "d2", "d5"].includes(name)) && row.created_at < "2026-02",
  ],
  [{ user_id: "nobody" }, () => false],
  [{ user_id: "' OR 1=1 --" }, () => false],
  [{ user_id: "u%" }, () => false],
  [{ categories: "c" }, () => false],
];

for (const [parameters, isSelected] of SELECTIONS) {
  test(`${JSON.stringify(parameters)} selects what a plain filter does`, async () => {
    const { accepted, document, text } = await made(encoded(parameters));
    const expected = memories.filter(isSelected);
    if (Object.keys(parameters).length < 5 && !/nobody|OR|%|"c"/.test(JSON.stringify(parameters))) {
      assert.ok(expected.length > 0 && (expected.length < memories.length || Object.keys(parameters).length === 0));
    }
    assert.deepEqual(JSON.parse(text), expected);
    assert.equal(document.row_count, expected.length);
    for (const name of ["user_id", "agent_id", "session_id", "priority", "categories", "created_after", "created_before"]) {
      const given = parameters[name] ?? null;
      const shown = name === "categories" && given ? given.split(",").map((value) => value.trim()) : given;
      assert.deepEqual(accepted[name], shown, name);
      assert.deepEqual(document[name], shown, name);
    }
    // The same as a body.
    const { categories, ...rest } = parameters;
    const filters = { ...rest, ...(categories ? { categories: categories.split(",").map((value) => value.trim()) } : {}) };
    const body = await made("", { json: { resource: "memories", filters } });
    assert.equal(body.text, text);
  });
}

test("an export is accepted with its place and the whole object of the reference", async () => {
  const response = await post("?format=csv");
  assert.equal(response.status, 202);
  assert.equal(response.headers.get("cache-control"), "no-store");
  const document = await response.json();
  assert.match(document.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(response.headers.get("location"), `/v1/exports/${document.id}`);
  const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
  assert.match(document.created_at, moment);
  const { id, created_at: createdAt, updated_at: updatedAt, file_name: fileName, ...rest } = document;
  assert.equal(updatedAt, createdAt);
  assert.equal(fileName, `memories-${createdAt.slice(0, 10)}.csv`);
  assert.deepEqual(rest, {
    format: "csv", status: "PENDING", resource: "memories", user_id: null, agent_id: null, session_id: null,
    priority: null, categories: null, created_after: null, created_before: null, created_by: "acme-owner",
    resource_id: null, filters: {}, source: null, template_id: null, row_count: null, file_size: null, sha256: null, error: null, report: null,
    attempts: 0, completed_at: null, expires_at: null,
  });
  const over = await service.over(id);
  assert.deepEqual(Object.keys(over), Object.keys(document));
  assert.equal(over.status, "READY");
  assert.equal(over.row_count, memories.length);
  assert.equal(over.attempts, 1);
  assert.equal(Date.parse(over.expires_at) - Date.parse(over.completed_at), 72 * 3_600_000);
  assert.deepEqual([over.report.format, over.report.rows, over.report.columns, over.report.bytes], ["csv", memories.length, 10, over.file_size]);
  assert.ok(over.report.peak_wasm_bytes > 0);
  assert.deepEqual(await service.trail(id), ["export.create", "export.complete"]);
});

test("each format holds the same memories", async () => {
  const ids = memories.map((row) => row.id);
  const csv = csvParse((await made("?format=csv")).text);
  assert.deepEqual(csv.columns, Object.keys(memories[0]));
  assert.deepEqual(csv.map((row) => row.id), ids);
  assert.deepEqual(csv.map((row) => [row.content, JSON.parse(row.categories), row.priority]), memories.map((row) => [row.content, row.categories, row.priority ?? ""]));
  const lines = (await made("?format=jsonl")).text.trimEnd().split("\n");
  assert.deepEqual(lines.map((line) => JSON.parse(line)), memories);
  const markdown = (await made("?format=markdown")).text.trimEnd().split("\n");
  assert.equal(markdown.length, memories.length + 2);
  assert.deepEqual(markdown.slice(2).map((line) => line.split("|")[1].trim()), ids);
  const html = (await made("?format=html")).text;
  assert.deepEqual(Array.from(html.matchAll(/<tr><td[^>]*>([ab]\d{7})</g), ([, id]) => id), ids);
});

test("in place of PDF comes an HTML page, unless that is not wanted", async () => {
  await service.sql("INSERT INTO conversations (id, account_id, created_at) VALUES ('c1', 'acme', '2026-01-01T00:00:00.000Z')");
  const conversation = { resource: "conversation", resource_id: "c1" };
  for (const json of [{ ...conversation, format: "pdf" }, { format: "pdf", data: [{ a: 1 }] }]) {
    const { document, text } = await made("", { json });
    assert.equal(document.format, "html");
    assert.match(document.file_name, /\.html$/);
    assert.deepEqual(document.report.warnings.map(({ code }) => code).filter((code) => code === "pdf_fallback"), ["pdf_fallback"]);
    assert.match(text, /^<!DOCTYPE html>/);
  }
  await problem(await post("", { json: { ...conversation, format: "pdf", fallback: "error" } }), 501, "FORMAT_NOT_BUILT");
  await problem(await post("", { json: { format: "xlsx", data: [] } }), 501, "FORMAT_NOT_BUILT");
  // Memories are offered in neither.
  for (const format of ["pdf", "xlsx"]) {
    const { details } = await problem(await post(`?format=${format}`), 422, "FORMAT_NOT_OFFERED");
    assert.deepEqual(details, { format, resource: "memories", offered: ["json", "csv", "markdown", "jsonl", "html"] });
  }
});

test("no memories make a header in CSV and an empty array in JSON", async () => {
  assert.equal((await made("?format=csv&user_id=nobody")).text, `${Object.keys(memories[0]).join(",")}\r\n`);
  assert.deepEqual(JSON.parse((await made("?user_id=nobody")).text), []);
  assert.equal((await made("?format=jsonl&user_id=nobody")).text, "");
});

test("memories that are created after the export are not in it", async () => {
  const day = Date.UTC(2028, 0, 1);
  await service.hook("now", day + 30_000);
  await service.addMemories("globex", 60, { prefix: "late", begin: "2028-01-01T00:00:00Z" });
  const key = service.keysOf.globex.owner;
  const document = await service.over((await service.start("?created_after=2028-01-01", { key })).id, { key });
  await service.unhook("now");
  // The moment of the export itself counts.
  assert.equal(document.row_count, 31);
});

test("data of the request come as a table, as a list or as items, in any format", async () => {
  const table = { columns: ["name", "n"], rows: [["é", 1], [null, 12345678901234567890n]] };
  const json = (value) => JSON.stringify(value, (_, part) => (typeof part === "bigint" ? JSON.rawJSON(String(part)) : part));
  const list = [{ name: "é", n: 1 }, { name: null, n: 12345678901234567890n }];
  for (const data of [table, list, { items: list }]) {
    const body = json({ format: "csv", source: { type: "data_table", id: "t1", title: "Été: 1/2" }, data });
    const { document, text } = await made("", { body, headers: { "content-type": "application/json" } });
    assert.equal(text, "name,n\r\né,1\r\n,12345678901234567890\r\n");
    assert.equal(document.resource, null);
    assert.deepEqual(document.source, { type: "data_table", id: "t1", title: "Été: 1/2" });
    assert.equal(document.file_name, "Été_ 1-2.csv");
  }
  const plain = await made("", { json: { data: [{ a: 1 }] } });
  assert.equal(plain.document.format, "json");
  assert.deepEqual(JSON.parse(plain.text), [{ a: 1 }]);
  for (const type of ["conversation", "data_table", "analysis", "resource"]) {
    const { document } = await made("", { json: { source: { type }, data: [] } });
    assert.deepEqual(document.source, { type });
  }
  await service.sweep();
  assert.deepEqual((await service.objects()).filter((key) => key.startsWith("inputs/")), []);
});

test("a column that comes late widens the header, since the data can be read twice", async () => {
  const data = [...Array.from({ length: 30_000 }, (_, n) => ({ n })), { n: 30_000, late: "x" }];
  const { text } = await made("", { json: { format: "csv", data } });
  assert.ok(text.startsWith("n,late\r\n0,\r\n"));
  assert.ok(text.endsWith("\r\n30000,x\r\n"));
});

test("options and a template stand before the data, or before nothing for a resource", async () => {
  const template = { name: "Short", format: "csv", column_mapping: { content: "Note", id: "Number" } };
  const { text } = await made("", { json: { resource: "memories", template, csv: { delimiter: ";" }, filename: "short", filters: { session_id: "s1" } } });
  const expected = memories.filter((row) => row.session_id === "s1");
  assert.deepEqual(text.split("\r\n")[0], "Note;Number");
  assert.equal(text.split("\r\n").length, expected.length + 2);
  const response = await service.fetch("/v1/templates", { method: "POST", json: template });
  const { id } = await response.json();
  const stored = await made("", { json: { resource: "memories", template_id: id, csv: { delimiter: ";" }, filters: { session_id: "s1" } } });
  assert.equal(stored.document.template_id, id);
  assert.equal(stored.text, text);
  const system = await made("", { json: { template_id: "dataset", data: [{ a: 1 }] } });
  assert.deepEqual([system.document.template_id, JSON.parse(system.text)], ["dataset", { items: [{ a: 1 }] }]);
  const inline = await made("", { json: { template: { column_mapping: { a: "A" } }, format: "csv", data: [{ a: 1, b: 2 }] } });
  assert.equal(inline.text, "A\r\n1\r\n");
});

test("an export keeps the template that it was asked for with", async () => {
  const template = { name: "First", format: "csv", column_mapping: { a: "First" } };
  const { id } = await (await service.fetch("/v1/templates", { method: "POST", json: template })).json();
  await service.hook("at:job.claimed", "kill");
  const waiting = await service.start("", { json: { template_id: id, data: [{ a: 1 }] } });
  const changed = { ...template, column_mapping: { a: "Second" } };
  assert.equal((await service.fetch(`/v1/templates/${id}`, { method: "PUT", json: changed })).status, 200);
  await service.begun(waiting.id);
  await service.unhook("at:job.claimed");
  // The lease runs out, and the sweep starts the job again.
  await service.hook("now", Date.now() + 10 * 60_000);
  await service.sweep();
  const document = await service.over(waiting.id);
  assert.equal(await (await service.fetch(`/v1/exports/${document.id}/download`)).text(), "First\r\n1\r\n");
  await service.unhook("now");
});

test("what a query may not hold is refused by its name", async () => {
  const invalid = [
    ["format=docx", "format"],
    ["format=", "format"],
    ["format=CSV", "format"],
    ["priority=high", "priority"],
    ["priority=", "priority"],
    ["categories=", "categories"],
    ["categories=a,,b", "categories"],
    [`categories=${Array(21).fill("c").join(",")}`, "categories"],
    ["user_id=", "user_id"],
    [`user_id=${"x".repeat(256)}`, "user_id"],
    [`agent_id=${"x".repeat(256)}`, "agent_id"],
    ["session_id=", "session_id"],
    ["created_after=soon", "created_after"],
    ["created_after=2026-02-30", "created_after"],
    ["created_after=1767225600", "created_after"],
    ["created_before=", "created_before"],
    ["format=csv&format=csv", "format"],
    ["user_id=a&user_id=b", "user_id"],
  ];
  for (const [query, parameter] of invalid) {
    const document = await problem(await post(`?${query}`), 422, "INVALID_PARAMETER");
    assert.equal(document.details.parameter, parameter, query);
  }
  for (const name of ["account_id", "account", "tenant", "tenant_id", "status", "page", "Format", "resource", "csv.delimiter"]) {
    const document = await problem(await post(`?format=csv&${name}=globex`), 422, "UNKNOWN_PARAMETER");
    assert.equal(document.details.parameter, name);
    assert.ok(document.details.known.includes("created_before"));
  }
  for (const query of ["created_after=2026-02-01&created_before=2026-01-01", "created_after=2026-01-01&created_before=2026-01-01"]) {
    const document = await problem(await post(`?${query}`), 422, "CONTRADICTORY_PARAMETERS");
    assert.deepEqual(document.details.parameters, ["created_after", "created_before"]);
  }
});

test("what a body may not hold is refused by its name", async () => {
  const data = [{ a: 1 }];
  const memory = (more) => ({ resource: "memories", ...more });
  const cases = [
    [{}, "INVALID_PARAMETER", "resource"],
    [{ format: "csv" }, "INVALID_PARAMETER", "resource"],
    [{ resource: 7 }, "INVALID_PARAMETER", "resource"],
    [{ resource: "invoices" }, "UNKNOWN_RESOURCE"],
    [{ resource: "knowledge_base" }, "RESOURCE_ID_REQUIRED"],
    [memory({ resource_id: "m1" }), "INVALID_PARAMETER", "resource_id"],
    [memory({ resource_id: 7 }), "INVALID_PARAMETER", "resource_id"],
    [{ resource_id: "m1", data }, "CONTRADICTORY_PARAMETERS"],
    [memory({ envelope: { account_id: "globex" } }), "INVALID_PARAMETER", "envelope"],
    [memory({ data }), "CONTRADICTORY_PARAMETERS"],
    [memory({ source: { type: "analysis" } }), "CONTRADICTORY_PARAMETERS"],
    [{ filters: { user_id: "u1" }, data }, "CONTRADICTORY_PARAMETERS"],
    [memory({ filters: [] }), "INVALID_PARAMETER", "filters"],
    [memory({ filters: "u1" }), "INVALID_PARAMETER", "filters"],
    [memory({ filters: { account_id: "globex" } }), "UNKNOWN_PARAMETER", "account_id"],
    [memory({ filters: { tenant: "globex" } }), "UNKNOWN_PARAMETER", "tenant"],
    [memory({ filters: { user_id: 7 } }), "INVALID_PARAMETER", "user_id"],
    [memory({ filters: { user_id: ["u1"] } }), "INVALID_PARAMETER", "user_id"],
    [memory({ filters: { priority: "URGENT" } }), "INVALID_PARAMETER", "priority"],
    [memory({ filters: { categories: "c1" } }), "INVALID_PARAMETER", "categories"],
    [memory({ filters: { categories: [] } }), "INVALID_PARAMETER", "categories"],
    [memory({ filters: { categories: [1] } }), "INVALID_PARAMETER", "categories"],
    [memory({ filters: { categories: Array(21).fill("c") } }), "INVALID_PARAMETER", "categories"],
    [memory({ filters: { created_after: "soon" } }), "INVALID_PARAMETER", "created_after"],
    [memory({ filters: { created_after: "2026-02-01", created_before: "2026-01-01" } }), "CONTRADICTORY_PARAMETERS"],
    [memory({ account_id: "globex" }), "UNKNOWN_OPTION"],
    [{ account_id: "globex", data }, "UNKNOWN_OPTION"],
    [{ tenant: "globex", data }, "UNKNOWN_OPTION"],
    [memory({ format: "docx" }), "UNKNOWN_FORMAT"],
    [memory({ format: 7 }), "INVALID_OPTION"],
    [memory({ csv: { delimeter: ";" } }), "UNKNOWN_OPTION"],
    [memory({ format: "csv", csv: { delimiter: "ab" } }), "INVALID_OPTION"],
    [memory({ template: { column_maping: {} } }), "UNKNOWN_TEMPLATE_FIELD"],
    [memory({ template: "reports" }), "UNKNOWN_TEMPLATE"],
    [memory({ format: "csv", template: { format: "html" } }), "TEMPLATE_FORMAT_MISMATCH"],
    [memory({ template_id: 7 }), "INVALID_PARAMETER", "template_id"],
    [memory({ template: "report", template_id: "report" }), "CONTRADICTORY_PARAMETERS"],
    [memory({ time_zone: "Europe/Berln" }), "UNKNOWN_TIME_ZONE"],
    [{ source: "analysis", data }, "INVALID_PARAMETER"],
    [{ source: {}, data }, "INVALID_PARAMETER", "source.type"],
    [{ source: { type: "table" }, data }, "INVALID_PARAMETER", "source.type"],
    [{ source: { type: "analysis", id: 7 }, data }, "INVALID_PARAMETER", "source.id"],
    [{ source: { type: "analysis", title: "x".repeat(256) }, data }, "INVALID_PARAMETER", "source.title"],
    [{ source: { type: "analysis", account_id: "globex" }, data }, "UNKNOWN_PARAMETER", "source.account_id"],
    [{ data: [1, 2, 3] }, "NOT_TABULAR"],
    [{ data: "text" }, "NOT_TABULAR"],
    [{ data, format: "csv" }, "OPTIONS_AFTER_DATA"],
    [{ format: "csv", data, template: { name: "Late" } }, "OPTIONS_AFTER_DATA"],
    [[], "INVALID_OPTION"],
  ];
  for (const [json, error, parameter] of cases) {
    const response = await post("", { json });
    const document = await problem(response, 422, error);
    if (parameter) assert.equal(document.details.parameter, parameter, JSON.stringify(json));
  }
  await problem(await post("", { json: memory({ template_id: "reports" }) }), 404, "TEMPLATE_NOT_FOUND");
});

test("what to export stands in the query or in a body, not in both", async () => {
  await problem(await post("?format=csv", { json: { resource: "memories" } }), 422, "QUERY_AND_BODY");
  await problem(await post("?user_id=u1", { json: { data: [{ a: 1 }] } }), 422, "QUERY_AND_BODY");
});

test("a body that is no JSON, or ends early, is refused with its place", async () => {
  const send = (body) => post("", { body, headers: { "content-type": "application/json" } });
  for (const body of ["{", "{]", "nothing", '{"format":"csv","data":[{"a":1}', '{"format":"csv","data":[{"a":1,}]}', '{"resource":"memories"}x', '{"resource":"memories"', "\u0000"]) {
    const document = await problem(await send(body), 400, "INVALID_JSON");
    assert.ok(document.line >= 1 && document.column >= 1, body);
  }
});

test("a body of another type, or in another coding, is refused", async () => {
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/csv", "application/x-ndjson", "application/jsonp"]) {
    await problem(await post("", { body: "{}", headers: { "content-type": type } }), 415, "UNSUPPORTED_MEDIA_TYPE");
  }
  await problem(await post("", { body: "{}", headers: { "content-type": "application/json", "content-encoding": "br" } }), 415, "UNSUPPORTED_MEDIA_TYPE");
  assert.equal((await post("", { body: '{"resource":"memories"}', headers: { "content-type": "application/vnd.api+json" } })).status, 202);
});

const row = `{"a":"${"x".repeat(9990)}"},`;

test("a body that says it is over the cap is refused", async () => {
  const body = `{"format":"csv","data":[${row.repeat(41)}`;
  const document = await problem(await post("", { body, headers: { "content-type": "application/json" } }), 413, "LIMIT_EXCEEDED");
  assert.deepEqual(document.details, { limit: "body_bytes", max: CAP });
});

test("a body that turns out to be over the cap is refused before its end, and leaves nothing behind", async () => {
  const objects = await service.objects();
  const socket = net.connect(Number(service.url.port), service.url.hostname);
  socket.on("error", () => {});
  socket.write(
    `POST /v1/exports HTTP/1.1\r\nHost: ${service.url.host}\r\nAuthorization: Bearer ${service.keys.owner}\r\n` +
      "Content-Type: application/json\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n",
  );
  for (const piece of ['{"format":"csv","data":[', ...Array(41).fill(row)]) socket.write(`${piece.length.toString(16)}\r\n${piece}\r\n`);
  let answer = "";
  for await (const data of socket) {
    answer += data.toString("latin1");
    if (answer.includes('"max":')) break;
  }
  assert.match(answer, /^HTTP\/1\.1 413 /);
  assert.match(answer, /"error":"LIMIT_EXCEEDED"/);
  assert.deepEqual(await service.objects(), objects);
});

test("data as long as the cap are exported whole", async () => {
  const rows = Array.from({ length: 39 }, (_, n) => ({ n, text: "x".repeat(10_000) }));
  const body = JSON.stringify({ format: "csv", data: rows }).padEnd(CAP);
  const { document } = await made("", { body, headers: { "content-type": "application/json" } });
  assert.equal(document.row_count, 39);
});

test("a title that reads like a path names the whole file", async () => {
  const json = { format: "csv", source: { type: "analysis", title: "../etc/Q1\\Q2" }, data: [{ a: 1 }] };
  const { file_name: name } = await service.start("", { json });
  assert.match(name, /etc-Q1-Q2\.csv$/);
  assert.doesNotMatch(name, /[\\/]/);
});

test("nothing that was refused has left a row, a line of the trail or an object", async () => {
  const count = () => service.sql("SELECT (SELECT count(*) FROM exports) AS exports, (SELECT count(*) FROM audit) AS audit, (SELECT count(*) FROM idempotency_keys) AS keys");
  const [before, objects] = [await count(), await service.objects()];
  const headers = { "idempotency-key": "refused" };
  await problem(await post("?format=docx", { headers }), 422, "INVALID_PARAMETER");
  await problem(await post("", { headers, json: { format: "csv", data: [{ a: 1 }, 7] } }), 422, "NOT_TABULAR");
  await problem(await post("", { headers, json: { data: [{ a: 1 }], format: "csv" } }), 422, "OPTIONS_AFTER_DATA");
  assert.deepEqual(await count(), before);
  assert.deepEqual(await service.objects(), objects);
});
