// A worker that dies or a binding that fails at each point between the steps in the database, the queue and the bucket:
// the job ends all the same, its file is whole, and nothing else stays behind.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { HOUR, LEASE, SECOND, SEVERAL_PARTS, startJobsOfAllSizes } from "./jobs.mjs";

let jobs;

/** Rows of so many bytes each. */
const rows = (count, bytes) =>
  Array.from({ length: count }, (_, number) => ({ number, text: String(number % 10).repeat(bytes) }));

const data = (rows) => ({ method: "POST", json: { format: "csv", source: { type: "data_table" }, data: rows } });

const KINDS = {
  memories: ["?format=csv&user_id=small", { method: "POST" }],
  "data of the request": ["", data(rows(20, 10))],
  "a file of several parts": SEVERAL_PARTS,
  "a continued job": ["?format=jsonl&user_id=many", { method: "POST" }],
  "a continued job of several parts": ["?format=html&user_id=long", { method: "POST" }],
  "a continued document": ["", { method: "POST", json: { resource: "knowledge_base", resource_id: "base", now: "2026-05-04T03:02:01Z" } }],
};

const CREATE = ["create.input", "create.written", "create.row", "create.sent"];

const both = (points) => points.flatMap((point) => [[point, "kill"], [point, "fail"]]);
const either = (points) => points.map((point, index) => [point, index % 2 ? "fail" : "kill"]);
/** Where each kind is disturbed. What all kinds go through is cheap with few memories; the others have what differs. */
const POINTS = {
  memories: both(["job.claim", "job.claimed", "job.page", "job.made", "job.stored", "job.ready"]),
  "data of the request": either(["job.claimed", "job.made", "job.stored", "job.ready"]),
  "a file of several parts": [...both(["job.renew"]), ...either(["job.made", "job.stored"])],
  "a continued job": [...both(["job.tail", "job.paused", "job.continued", "job.resumed"]), ...either(["job.ready", "job.made", "job.stored"])],
  "a continued job of several parts": [...either(["job.tail", "job.renew", "job.stored", "job.paused", "job.resumed"]), ["job.resumed", "fail"]],
  "a continued document": either(["job.page", "job.tail", "job.paused", "job.made", "job.resumed"]),
};

before(async () => {
  jobs = await startJobsOfAllSizes();
});
after(() => jobs.close());

/** What a job gives that nothing disturbs. */
async function undisturbed([query, options]) {
  const { id } = await jobs.start(query, options);
  await jobs.over(id);
  await jobs.tidy();
  const row = await jobs.check(id);
  await jobs.remove(id);
  return row;
}

for (const [kind, request] of Object.entries(KINDS)) {
  let whole;
  test(`${kind}: undisturbed`, async () => {
    whole = await undisturbed(request);
    assert.equal(whole.attempts, 1);
    if (kind.includes("parts")) assert.ok(whole.file_size > 5 << 20);
    if (kind.includes("continued")) assert.ok(whole.fence > 1);
  });

  for (const [point, how] of POINTS[kind]) {
    test(`${kind}: ${how} at ${point}`, async () => {
      await jobs.hook(`at:${point}`, how);
      const { id } = await jobs.start(...request);
      await jobs.reached(point);
      await jobs.move(LEASE + SECOND);
      await jobs.end(id);
      await jobs.tidy();
      const row = await jobs.check(id, { sha: whole.sha256 });
      assert.equal(row.row_count, whole.row_count);
      assert.ok(row.attempts <= 2, `${row.attempts} attempts`);
      await jobs.remove(id);
      await jobs.checkBucket([]);
    });
  }
}

/** What is asked for, and the points of a request that breaks off: long data are stored in several parts. */
const BROKEN_OFF = [
  ["memories", KINDS.memories, CREATE],
  ["data of the request", KINDS["data of the request"], CREATE],
  ["long data of the request", ["", data(rows(54, 100_000))], ["create.input", "create.written"]],
];

for (const [kind, [query, options], points] of BROKEN_OFF) {
  for (const point of points) {
    test(`${kind}: the request breaks off at ${point}`, async () => {
      await jobs.hook(`at:${point}`, "kill");
      const response = await jobs.fetch(`/v1/exports${query}`, options);
      assert.equal(response.status, 500);
      await jobs.reached(point);
      const [row] = await jobs.sql("SELECT id FROM exports");
      assert.equal(row === undefined, point === "create.input", "whether there is a job");
      if (row) {
        await jobs.move(LEASE + SECOND);
        await jobs.end(row.id);
        await jobs.tidy();
        await jobs.check(row.id);
        await jobs.remove(row.id);
      }
      // What no row ever told of is an orphan after an hour.
      await jobs.move(HOUR + SECOND);
      await jobs.tidy();
      await jobs.checkBucket([]);
    });
  }
}

test("a request that breaks off may be sent again with its Idempotency-Key", async () => {
  for (const point of CREATE) {
    const [query, options] = KINDS["data of the request"];
    const again = { ...options, headers: { "idempotency-key": `key-${point}` } };
    await jobs.hook(`at:${point}`, "kill");
    assert.equal((await jobs.fetch(`/v1/exports${query}`, again)).status, 500);
    await jobs.reached(point);
    const { id } = await jobs.start(query, again);
    assert.equal((await jobs.sql("SELECT id FROM exports")).length, 1, point);
    await jobs.move(LEASE + SECOND);
    await jobs.end(id);
    await jobs.move(HOUR + SECOND);
    await jobs.tidy();
    await jobs.check(id);
    await jobs.remove(id);
  }
});

test("a deletion that breaks off is whole after the next sweep", async () => {
  for (const request of Object.values(KINDS)) {
    const { id } = await jobs.start(...request);
    await jobs.over(id);
    await jobs.hook("at:delete.row", "kill");
    const response = await jobs.fetch(`/v1/exports/${id}`, { method: "DELETE" });
    assert.equal(response.status, 500);
    await jobs.reached("delete.row");
    assert.equal((await jobs.fetch(`/v1/exports/${id}`)).status, 404);
    await jobs.sweep();
    await jobs.checkBucket([]);
    assert.deepEqual(await jobs.trail(id), ["export.create", "export.complete", "export.delete"]);
  }
});

test("a worker that dies at every attempt is given up after five", async () => {
  for (const point of ["job.claimed", "job.stored"]) {
    await jobs.hook(`at:${point}`, "kill");
    const { id } = await jobs.start("?format=csv&user_id=small");
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      await jobs.until(async () => {
        const row = await jobs.row(id);
        return row.attempts === attempt && row.status === "PROCESSING" && (await jobs.hasHook(`reached:${point}`));
      });
      await jobs.unhook(`reached:${point}`);
      await jobs.move(LEASE);
      await jobs.sweep();
    }
    await jobs.unhook(`at:${point}`);
    await jobs.tidy();
    const row = await jobs.check(id, { status: "FAILED", code: "ATTEMPTS_EXHAUSTED" });
    assert.equal(row.attempts, 5);
    await jobs.remove(id);
  }
});

test("a failure may itself fail to be written down", async () => {
  for (const how of ["kill", "fail"]) {
    await jobs.hook("at:job.fail", how);
    const id = await jobs.lost("?format=csv&user_id=small");
    await jobs.sql("UPDATE exports SET options = 'no options' WHERE id = ?", id);
    await jobs.deliver(id);
    await jobs.reached("job.fail");
    await jobs.move(LEASE + SECOND);
    await jobs.end(id);
    await jobs.tidy();
    await jobs.check(id, { status: "FAILED", code: "INVALID_JSON" });
    await jobs.remove(id);
    // And so may the wait for the next attempt.
    await jobs.hook("at:job.page", "fail");
    await jobs.hook("at:job.retry", how);
    const second = await jobs.start("?format=csv&user_id=small");
    await jobs.reached("job.page");
    await jobs.reached("job.retry");
    await jobs.move(LEASE + SECOND);
    await jobs.end(second.id);
    await jobs.tidy();
    await jobs.check(second.id);
    await jobs.remove(second.id);
  }
});
