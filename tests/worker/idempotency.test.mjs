// Idempotency-Key: the same request again makes nothing new, however often and however closely together it comes.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { problem } from "./problem.mjs";
import { startService } from "./service.mjs";

const DAY = 24 * 3_600_000;

let service;
before(async () => {
  service = await startService();
  await service.addMemories("acme", 10);
});
after(() => service.close());

const post = (idempotencyKey, query = "", options = {}) =>
  service.fetch(`/v1/exports${query}`, { method: "POST", ...options, headers: { "idempotency-key": idempotencyKey, ...options.headers } });

async function accepted(response) {
  const document = await response.json();
  assert.equal(response.status, 202, JSON.stringify(document));
  assert.equal(response.headers.get("location"), `/v1/exports/${document.id}`);
  return document;
}

const idOf = async (...request) => (await accepted(await post(...request))).id;

/** What there is of exports: rows, objects, and lines of the trail about their creation. */
async function state() {
  const [counts] = await service.sql("SELECT (SELECT count(*) FROM exports) AS exports, (SELECT count(*) FROM audit WHERE action = 'export.create') AS created");
  return { ...counts, objects: await service.objects() };
}

for (const [what, query, options] of [
  ["a query", "?format=csv", {}],
  ["a resource in a body", "", { json: { resource: "memories", format: "csv" } }],
  ["data in a body", "", { json: { format: "csv", data: Array.from({ length: 500 }, (_, n) => ({ n })) } }],
]) {
  test(`100 posts at once with one key and ${what} make one export, one file, one line of the trail`, async () => {
    const before = await state();
    const answers = await Promise.all(Array.from({ length: 100 }, () => post(`many-${what}`, query, options)));
    const documents = await Promise.all(answers.map(accepted));
    const ids = new Set(documents.map(({ id }) => id));
    assert.equal(ids.size, 1);
    const [id] = ids;
    const document = await service.over(id);
    assert.equal(document.status, "READY");
    const now = await state();
    assert.equal(now.exports, before.exports + 1);
    assert.equal(now.created, before.created + 1);
    // What the others brought along is gone at once; what the one was made of goes with the next sweep.
    const added = (objects) => objects.filter((key) => !before.objects.includes(key) && key !== `inputs/acme/${id}`);
    assert.deepEqual(added(now.objects), [`exports/acme/${id}/1`]);
    await service.sweep();
    assert.deepEqual((await service.objects()).filter((key) => key.startsWith("inputs/")), []);
    assert.deepEqual(await service.trail(id), ["export.create", "export.complete"]);
    // Once it is over, the same request still gives it.
    assert.deepEqual(await accepted(await post(`many-${what}`, query, options)), document);
  });
}

test("another request with the same key is refused", async () => {
  const id = await idOf("taken", "?format=csv&user_id=u1");
  const others = [
    ["?format=csv&user_id=u2", {}],
    ["?format=csv", {}],
    ["", {}],
    ["?user_id=u1&format=csv", {}],
    ["", { json: { resource: "memories", format: "csv", filters: { user_id: "u1" } } }],
    ["", { json: { data: [{ a: 1 }] } }],
  ];
  const before = await state();
  for (const [query, options] of others) await problem(await post("taken", query, options), 422, "IDEMPOTENCY_KEY_REUSED");
  assert.deepEqual(await state(), before);
  assert.equal(await idOf("taken", "?format=csv&user_id=u1"), id);
  const data = await idOf("taken data", "", { json: { data: [{ a: 1 }] } });
  await problem(await post("taken data", "", { json: { data: [{ a: 2 }] } }), 422, "IDEMPOTENCY_KEY_REUSED");
  assert.equal(await idOf("taken data", "", { json: { data: [{ a: 1 }] } }), data);
});

test("of different requests at once with one key, one wins and the others are refused", async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => post("race", "", { json: { data: [{ n: n % 2 }] } })));
  const won = answers.filter(({ status }) => status === 202);
  const ids = new Set((await Promise.all(won.map((answer) => answer.json()))).map(({ id }) => id));
  assert.equal(ids.size, 1);
  assert.equal(won.length, 10);
  for (const lost of answers.filter(({ status }) => status !== 202)) await problem(lost, 422, "IDEMPOTENCY_KEY_REUSED");
  await service.over([...ids][0]);
  await service.sweep();
  assert.deepEqual((await service.objects()).filter((key) => key.startsWith("inputs/")), []);
});

test("each account and each user has keys of its own; the keys of one user share them", async () => {
  const ids = new Set();
  for (const key of [service.keysOf.acme.owner, service.keysOf.acme.member, service.keysOf.globex.owner, service.keysOf.globex.member]) {
    ids.add(await idOf("shared", "?format=csv", { key }));
  }
  assert.equal(ids.size, 4);
  const second = await service.addUser("acme", "owner");
  assert.ok(ids.has(await idOf("shared", "?format=csv", { key: second })));
  for (const id of ids) {
    const [row] = await service.sql("SELECT account_id FROM exports WHERE id = ?", id);
    assert.deepEqual((await service.trail(id)).slice(0, 1), ["export.create"], row.account_id);
  }
});

test("without a key, and with another one, each request makes an export", async () => {
  const ids = [await idOf("one"), await idOf("two"), (await service.start()).id, (await service.start()).id];
  assert.equal(new Set(ids).size, 4);
});

test("a key holds for 24 hours to the millisecond", async () => {
  const now = Date.UTC(2027, 0, 1);
  await service.hook("now", now);
  const id = await idOf("daily", "?format=csv");
  await service.hook("now", now + DAY - 1);
  assert.equal(await idOf("daily", "?format=csv"), id);
  await problem(await post("daily", "?format=json"), 422, "IDEMPOTENCY_KEY_REUSED");
  await service.hook("now", now + DAY);
  const next = await idOf("daily", "?format=json");
  assert.notEqual(next, id);
  // The new one holds from now on.
  assert.equal(await idOf("daily", "?format=json"), next);
  await problem(await post("daily", "?format=csv"), 422, "IDEMPOTENCY_KEY_REUSED");
  await service.unhook("now");
});

test("the key of an export that was deleted makes a new one", async () => {
  const id = await idOf("deleted", "?format=csv");
  await service.over(id);
  assert.equal((await service.fetch(`/v1/exports/${id}`, { method: "DELETE" })).status, 204);
  assert.notEqual(await idOf("deleted", "?format=csv"), id);
});

test("a request that was refused leaves its key free", async () => {
  await problem(await post("corrected", "?format=docx"), 422, "INVALID_PARAMETER");
  await problem(await post("corrected", "", { json: { data: [1] } }), 422, "NOT_TABULAR");
  await idOf("corrected", "?format=csv");
});

test("a request that comes again gets what it made, although what it was about is gone", async () => {
  const day = "2026-01-01T00:00:00.000Z";
  await service.sql("INSERT INTO knowledge_bases (id, account_id, name, created_at) VALUES ('gone', 'acme', 'Docs', ?)", day);
  const template = await (await service.fetch("/v1/templates", { method: "POST", json: { name: "List", format: "csv" } })).json();
  const requests = [
    ["object", { json: { resource: "knowledge_base", resource_id: "gone" } }, "RESOURCE_NOT_FOUND"],
    ["template", { json: { resource: "memories", template_id: template.id } }, "TEMPLATE_NOT_FOUND"],
  ];
  const made = new Map();
  for (const [key, options] of requests) made.set(key, await service.over(await idOf(key, "", options)));
  await service.sql("DELETE FROM knowledge_bases WHERE id = 'gone'");
  assert.equal((await service.fetch(`/v1/templates/${template.id}`, { method: "DELETE" })).status, 204);
  for (const [key, options, code] of requests) {
    assert.deepEqual(await accepted(await post(key, "", options)), made.get(key));
    await problem(await post(`new-${key}`, "", options), 404, code);
    await problem(await service.fetch("/v1/exports", { method: "POST", ...options }), 404, code);
    // Another request, or another user, has not made it.
    await problem(await post(key, "", { json: { ...options.json, filename: "x" } }), 404, code);
    await problem(await post(key, "", { ...options, key: service.keys.member }), 404, code);
  }
  const now = Date.now();
  await service.hook("now", now + DAY);
  for (const [key, options, code] of requests) await problem(await post(key, "", options), 404, code);
  await service.unhook("now");
});

test("a key that is no key is refused", async () => {
  for (const key of ["", "x".repeat(256), "\t", "é", "a\u00a0b"]) {
    const document = await problem(await post(key, "?format=csv"), 422, "INVALID_PARAMETER");
    assert.deepEqual(document.details, { parameter: "Idempotency-Key" });
  }
  for (const key of ["x".repeat(255), '"8e03978e-40d5-43dd-bc93-6894a57f9324"', "a b ~!"]) await idOf(key, "?format=csv");
});
