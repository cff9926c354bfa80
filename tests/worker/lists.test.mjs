// The history of exports, the trail, and the pages of every list.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { problem } from "./problem.mjs";
import { startService } from "./service.mjs";

const HOUR = 3_600_000;
const DAY = Date.UTC(2027, 0, 1);

let service;
/** The exports of acme, in the order in which they were asked for. */
const exports = [];

before(async () => {
  service = await startService();
  await service.addMemories("acme", 3);
  const make = async (moment, query, options = {}) => {
    await service.hook("now", moment);
    exports.push(await service.over((await service.start(query, options)).id));
  };
  // Seven at one moment, so that only their ids order them.
  for (let count = 0; count < 7; count += 1) await make(DAY, count % 2 ? "?format=csv" : "?format=json", count % 3 ? {} : { key: service.keys.member });
  for (let count = 1; count < 5; count += 1) await make(DAY + count, "?format=csv");
  await make(DAY + 5, "", { json: { format: "csv", strict: true, data: [{ a: "=1" }] } });
  await service.hook("at:job.claimed", "kill");
  await service.hook("now", DAY + 6);
  const { id } = await service.start("?format=csv");
  await service.begun(id);
  exports.push(await service.read(id));
  await service.unhook("at:job.claimed");
  await service.hook("at:create.row", "kill");
  await service.fetch("/v1/exports", { method: "POST", key: service.keys.member });
  await service.unhook("at:create.row");
  const [row] = await service.sql("SELECT id FROM exports WHERE status = 'PENDING'");
  exports.push(await service.read(row.id));
  await service.start("?format=csv", { key: service.keysOf.globex.owner });
});
after(() => service.close());

const get = (path, options) => service.fetch(path, options);

async function list(path, options) {
  const response = await get(path, options);
  const document = await response.json();
  assert.equal(response.status, 200, JSON.stringify(document));
  assert.deepEqual(Object.keys(document), ["items", "page", "page_size", "total"]);
  return document;
}

/** Newest first, then by id. */
const ordered = (rows) => rows.toSorted((a, b) => (a.created_at === b.created_at ? (a.id < b.id ? -1 : 1) : a.created_at < b.created_at ? 1 : -1));

test("the history holds the account's exports as they are, newest first, then by id", async () => {
  const { items, page, page_size: size, total } = await list("/v1/exports");
  assert.deepEqual([page, size, total], [1, 20, exports.length]);
  assert.deepEqual(items, ordered(exports));
});

test("pages together are the list, without a gap and without a repetition", async () => {
  for (const size of [1, 3, 5, 100]) {
    const items = [];
    for (let page = 1; ; page += 1) {
      const part = await list(`/v1/exports?page=${page}&page_size=${size}`);
      assert.deepEqual([part.page, part.page_size, part.total], [page, size, exports.length]);
      if (part.items.length === 0) break;
      items.push(...part.items);
    }
    assert.deepEqual(items, ordered(exports));
  }
  const far = await list("/v1/exports?page=4294967295&page_size=100");
  assert.deepEqual(far.items, []);
});

test("filters select by status, format and maker, and together", async () => {
  for (const [query, select] of [
    ["status=READY", (row) => row.status === "READY"],
    ["status=FAILED", (row) => row.status === "FAILED"],
    ["status=PENDING", (row) => row.status === "PENDING"],
    ["status=PROCESSING", (row) => row.status === "PROCESSING"],
    ["status=EXPIRED", () => false],
    ["format=csv", (row) => row.format === "csv"],
    ["format=json", (row) => row.format === "json"],
    ["format=html", () => false],
    ["mine=true", (row) => row.created_by === "acme-owner"],
    ["mine=false", () => true],
    ["mine=true&format=json&status=READY", (row) => row.created_by === "acme-owner" && row.format === "json" && row.status === "READY"],
  ]) {
    const { items, total } = await list(`/v1/exports?${query}`);
    const expected = ordered(exports).filter(select);
    assert.deepEqual(items, expected, query);
    assert.equal(total, expected.length);
  }
  const { items } = await list("/v1/exports?mine=true", { key: service.keys.member });
  assert.deepEqual(items, ordered(exports).filter((row) => row.created_by === "acme-member"));
  assert.ok(items.length > 1);
});

test("the clock decides which exports are ready and which expired", async () => {
  const ready = ordered(exports).filter((row) => row.status === "READY");
  const ends = ready.map((row) => Date.parse(row.expires_at));
  const last = Math.max(...ends);
  for (const now of [DAY + 72 * HOUR, DAY + 72 * HOUR + 2, last - 1, last]) {
    await service.hook("now", now);
    const over = ready.filter((row) => Date.parse(row.expires_at) <= now).map((row) => row.id);
    const left = ready.filter((row) => Date.parse(row.expires_at) > now).map((row) => row.id);
    const [expired, still] = [await list("/v1/exports?status=EXPIRED"), await list("/v1/exports?status=READY")];
    assert.deepEqual([expired.items.map((row) => row.id), expired.total], [over, over.length]);
    assert.deepEqual([still.items.map((row) => row.id), still.total], [left, left.length]);
    assert.ok(expired.items.every((row) => row.status === "EXPIRED"));
  }
  await service.hook("now", DAY + 6);
});

test("pages and filters that are none are refused on every list", async () => {
  for (const path of ["/v1/exports", "/v1/audit", "/v1/templates", "/v1/keys"]) {
    for (const [query, parameter] of [
      ["page=0", "page"], ["page=-1", "page"], ["page=x", "page"], ["page=", "page"], ["page=1.5", "page"], ["page=1e3", "page"], ["page=%2B1", "page"],
      ["page=99999999999", "page"], ["page_size=0", "page_size"], ["page_size=101", "page_size"], ["page_size=all", "page_size"],
      ["page=1&page=2", "page"],
    ]) {
      const document = await problem(await get(`${path}?${query}`), 422, "INVALID_PARAMETER");
      assert.deepEqual(document.details, { parameter }, `${path}?${query}`);
    }
    for (const name of ["account_id", "tenant", "sort", "pagesize"]) {
      const document = await problem(await get(`${path}?${name}=globex`), 422, "UNKNOWN_PARAMETER");
      assert.equal(document.details.parameter, name);
    }
    const { items, total } = await list(`${path}?page=1000`);
    assert.deepEqual(items, []);
    assert.ok(total > 0);
  }
  for (const [query, parameter] of [["status=ready", "status"], ["status=DONE", "status"], ["format=docx", "format"], ["mine=yes", "mine"]]) {
    const document = await problem(await get(`/v1/exports?${query}`), 422, "INVALID_PARAMETER");
    assert.deepEqual(document.details, { parameter });
  }
});

test("keys and templates come in pages too", async () => {
  for (let count = 0; count < 4; count += 1) {
    await service.hook("now", DAY + 10 + Math.floor(count / 2));
    await get("/v1/templates", { method: "POST", json: { name: `T${count}` } });
    await get("/v1/keys", { method: "POST", json: { name: `K${count}` } });
  }
  for (const path of ["/v1/templates", "/v1/keys"]) {
    const whole = await list(path);
    assert.equal(whole.items.length, whole.total);
    const own = whole.items.filter((item) => !item.system);
    assert.deepEqual(own, ordered(own));
    const items = [];
    for (let page = 1; page <= whole.total; page += 1) items.push(...(await list(`${path}?page=${page}&page_size=1`)).items);
    assert.deepEqual(items, whole.items);
  }
});

test("the trail tells who did what, newest first, and is searched by action, user and target", async () => {
  await (await get(`/v1/exports/${exports[0].id}/download`, { key: service.keys.viewer, headers: { "x-request-id": "look" } })).arrayBuffer();
  await get("/v1/audit", { key: service.keys.member });
  const rows = [];
  for (let page = 1; ; page += 1) {
    const part = await list(`/v1/audit?page=${page}&page_size=7`);
    if (part.items.length === 0) {
      assert.equal(part.total, rows.length);
      break;
    }
    rows.push(...part.items);
  }
  assert.deepEqual(rows, rows.toSorted((a, b) => (a.at === b.at ? b.id - a.id : a.at < b.at ? 1 : -1)));
  assert.deepEqual(Object.keys(rows[0]), ["id", "at", "user_id", "key_id", "action", "target_type", "target_id", "request_id", "details"]);
  assert.doesNotMatch(JSON.stringify(rows), /globex/);
  const look = rows.find((row) => row.request_id === "look");
  assert.deepEqual([look.action, look.user_id, look.key_id, look.target_type, look.target_id], ["export.download", "acme-viewer", service.keys.viewer.slice(3, 19), "export", exports[0].id]);
  for (const [query, select] of [
    ["action=export.create", (row) => row.action === "export.create"],
    ["action=export.fail", (row) => row.action === "export.fail"],
    ["action=permission.denied", (row) => row.action === "permission.denied"],
    ["user_id=acme-member", (row) => row.user_id === "acme-member"],
    [`target_id=${exports[0].id}`, (row) => row.target_id === exports[0].id],
    [`target_id=${exports[0].id}&action=export.create&user_id=acme-member`, (row) => row.target_id === exports[0].id && row.action === "export.create"],
    ["user_id=globex-owner", () => false],
    ["action=' OR 1=1 --", () => false],
  ]) {
    const { items, total } = await list(`/v1/audit?page_size=100&${query}`);
    assert.deepEqual(items, rows.filter(select), query);
    assert.equal(total, items.length);
  }
  // What the service does by itself has no user.
  assert.ok(rows.filter((row) => row.action === "export.complete").every((row) => row.user_id === null && row.key_id === null));
});

test("the trail can be added to and nothing else", async () => {
  const all = () => service.sql("SELECT * FROM audit ORDER BY id");
  const before = await all();
  assert.ok(before.length > 10);
  const { id } = before[0];
  for (const sql of [
    "DELETE FROM audit",
    `DELETE FROM audit WHERE id = ${id}`,
    "UPDATE audit SET user_id = 'nobody'",
    `UPDATE OR REPLACE audit SET id = ${id} WHERE id = ${before[1].id}`,
    `INSERT OR REPLACE INTO audit (id, account_id, at, action) VALUES (${id}, 'acme', 0, 'export.create')`,
    `REPLACE INTO audit (id, account_id, at, action) VALUES (${id}, 'acme', 0, 'export.create')`,
  ]) {
    await assert.rejects(service.sql(sql), /append-only/, sql);
  }
  assert.deepEqual(await all(), before);
});

test("the trail holds no contents", async () => {
  const word = "Quetzalcoatlus";
  const json = { format: "csv", source: { type: "analysis", title: "Costs" }, data: [{ [word]: word }] };
  const { id } = await service.over((await service.start("", { json })).id);
  await (await get(`/v1/exports/${id}/download`)).arrayBuffer();
  const failing = await service.over((await service.start("", { json: { strict: true, ...json, data: [{ [word]: `=${word}` }] } })).id);
  assert.equal(failing.status, "FAILED");
  await (await get("/api/export?format=csv", { method: "POST", json: [{ [word]: word }] })).arrayBuffer();
  await get(`/v1/exports/${id}`, { method: "DELETE" });
  const text = JSON.stringify(await service.sql("SELECT * FROM audit"));
  assert.ok(text.includes(id));
  assert.doesNotMatch(text, new RegExp(word));
});
