// The sweep: what is over goes, what was lost starts again, and nothing that is needed is touched.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { HOUR, LEASE, LIFETIME, MINUTE, SECOND, startJobs } from "./jobs.mjs";

let jobs;

const SMALL = "?format=csv&user_id=small";
const DATA = ["", { method: "POST", json: { format: "csv", data: [{ a: 1 }] } }];

before(async () => {
  jobs = await startJobs({ vars: { JOB_QUERIES_PER_INVOCATION: "4" } });
  await jobs.addMemories("acme", 4500);
  await jobs.sql("UPDATE memories SET user_id = 'small' WHERE id < 'm0000005'");
});
after(() => jobs.close());
beforeEach(() => jobs.move(2 * HOUR));
afterEach(async () => {
  for (const { id } of await jobs.sql("SELECT id FROM exports")) await jobs.remove(id);
  await jobs.tidy();
  await jobs.checkBucket([]);
});

async function ready(...request) {
  const { id } = await jobs.start(...request);
  assert.equal((await jobs.over(id)).status, "READY");
  return id;
}

/** An export that broke off between its row and its message. */
async function forgotten() {
  await jobs.hook("at:create.row", "kill");
  await jobs.fetch(`/v1/exports${SMALL}`, { method: "POST" });
  await jobs.reached("create.row");
  const [{ id }] = await jobs.sql("SELECT id FROM exports ORDER BY rowid DESC LIMIT 1");
  return id;
}

async function died(point, ...request) {
  await jobs.hook(`at:${point}`, "kill");
  const { id } = await jobs.start(...request);
  await jobs.reached(point);
  return id;
}

/** What the sweep has to do for each of its steps, and whether it was done. */
async function work() {
  const begin = jobs.elapsed;
  const expired = await ready(...DATA);
  await jobs.move(LIFETIME - 10 * MINUTE);
  const lost = await died("job.claimed", SMALL);
  await jobs.move(10 * MINUTE);
  const pending = await forgotten();
  await jobs.move(MINUTE);
  await jobs.sql(
    "INSERT INTO idempotency_keys VALUES ('acme', 'acme-owner', 'r', ?, 'h', 'e', ?)", `key-${begin}`, jobs.now(),
  );
  await jobs.env.FILES.put("exports/acme/discarded/1", "x");
  await jobs.sql("INSERT INTO discarded_objects VALUES ('exports/acme/discarded/1', NULL, 0)");
  await jobs.env.FILES.put("exports/acme/orphan/1", "x");
  return {
    expire: async () => (await jobs.row(expired)).status === "EXPIRED",
    recover: async () => (await jobs.row(lost)).status !== "PROCESSING" || (await jobs.row(lost)).attempts > 1,
    remind: async () => (await jobs.row(pending)).updated_at === jobs.now(),
    forget: async () => (await jobs.sql("SELECT 1 FROM idempotency_keys WHERE key = ?", `key-${begin}`)).length === 0,
    discard: async () => (await jobs.sql("SELECT 1 FROM discarded_objects WHERE discarded_at = 0")).length === 0,
    orphans: async () => !(await jobs.env.FILES.head("exports/acme/orphan/1")),
  };
}

test("a step that fails does not keep the others from being done", async () => {
  for (const failing of ["expire", "recover", "remind", "forget", "discard", "orphans"]) {
    const done = await work();
    await jobs.hook(`at:sweep.${failing}`, "fail");
    await jobs.sweep();
    await jobs.reached(`sweep.${failing}`);
    for (const [step, isDone] of Object.entries(done)) {
      assert.equal(await isDone(), step !== failing, `${step}, where ${failing} fails`);
    }
    await jobs.sweep();
    for (const [step, isDone] of Object.entries(done)) assert.ok(await isDone(), `${step}, after ${failing}`);
    for (const { id } of await jobs.sql("SELECT id FROM exports")) {
      const row = await jobs.end(id);
      assert.ok(["READY", "EXPIRED"].includes(row.status));
      await jobs.remove(id);
    }
    await jobs.tidy();
  }
});

test("a sweep that dies between two steps is made good by the next one", async () => {
  for (const point of ["expired", "recovered", "reminded", "listed"]) {
    await work();
    await jobs.hook(`at:sweep.${point}`, "kill");
    await jobs.sweep();
    await jobs.reached(`sweep.${point}`);
    await jobs.move(MINUTE);
    for (const { id } of await jobs.sql("SELECT id FROM exports")) {
      const row = await jobs.end(id);
      assert.ok(["READY", "EXPIRED"].includes(row.status), `${row.status} after ${point}`);
      const ends = (await jobs.trail(id)).filter((action) => action !== "export.create");
      assert.deepEqual(ends, ["export.complete", ...(row.status === "EXPIRED" ? ["export.expire"] : [])]);
      await jobs.remove(id);
    }
    await jobs.tidy();
    await jobs.checkBucket([]);
  }
});

test("two sweeps at once do everything once", async () => {
  for (const point of ["expired", "recovered", "reminded", "discard", "listed"]) {
    await work();
    await jobs.hook(`wait:sweep.${point}`, 1);
    const first = jobs.sweep();
    await jobs.stands(`sweep.${point}`);
    await jobs.sweep();
    await Promise.all([jobs.sweep(), jobs.sweep(), jobs.sweep()]);
    await jobs.goOn(`sweep.${point}`);
    await first;
    for (const { id } of await jobs.sql("SELECT id FROM exports")) {
      const row = await jobs.end(id);
      const ends = (await jobs.trail(id)).filter((action) => action !== "export.create");
      assert.deepEqual(ends, ["export.complete", ...(row.status === "EXPIRED" ? ["export.expire"] : [])]);
      await jobs.remove(id);
    }
    await jobs.tidy();
    await jobs.checkBucket([]);
  }
});

test("a file is deleted at 72 hours, and not a moment before", async () => {
  const ids = [await ready(SMALL), await ready(...DATA)];
  await jobs.move(LIFETIME - 1);
  await jobs.tidy();
  for (const id of ids) {
    const download = await jobs.fetch(`/v1/exports/${id}/download`);
    assert.equal(download.status, 200);
    await download.arrayBuffer();
  }
  await jobs.move(1);
  for (const id of ids) assert.equal((await jobs.fetch(`/v1/exports/${id}/download`)).status, 410);
  assert.equal((await jobs.objects()).length, 2, "before a sweep");
  await jobs.tidy();
  await jobs.checkBucket([]);
  for (const id of ids) {
    assert.equal((await jobs.row(id)).status, "EXPIRED");
    assert.equal((await jobs.fetch(`/v1/exports/${id}/download`)).status, 410);
  }
  await jobs.tidy();
  for (const id of ids) assert.equal((await jobs.trail(id)).filter((action) => action === "export.expire").length, 1);
});

test("more than one sweep can handle are handled by the next ones", async () => {
  await jobs.sql(
    `WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 449)
     INSERT INTO exports (id, account_id, created_by, status, format, options, created_at, updated_at, expires_at)
     SELECT 'over-' || n, 'globex', 'x', 'READY', 'csv', '{}', ?1, ?1, ?1 FROM numbers`, jobs.now(),
  );
  for (const left of [250, 50, 0]) {
    await jobs.sweep();
    const [{ count }] = await jobs.sql("SELECT count(*) AS count FROM exports WHERE status = 'READY'");
    assert.equal(count, left);
  }
  const [{ count }] = await jobs.sql("SELECT count(*) AS count FROM audit WHERE target_id LIKE 'over-%'");
  assert.equal(count, 450);
  await jobs.sql("DELETE FROM exports WHERE id LIKE 'over-%'");
});

test("a job is reminded of a minute after its message was lost, not before", async () => {
  const id = await forgotten();
  const row = await jobs.row(id);
  await jobs.move(MINUTE - 1);
  await jobs.sweep();
  await jobs.drained();
  assert.deepEqual(await jobs.row(id), row);
  await jobs.move(1);
  await jobs.sweep();
  assert.equal((await jobs.over(id)).status, "READY");
  assert.equal((await jobs.row(id)).attempts, 1);
});

test("a lease is lost after two minutes, not before", async () => {
  const id = await died("job.claimed", SMALL);
  const row = await jobs.row(id);
  await jobs.move(LEASE - 1);
  await jobs.sweep();
  await jobs.deliver(id);
  await jobs.drained(jobs.env.MORE);
  assert.deepEqual(await jobs.row(id), row);
  await jobs.move(1);
  await jobs.sweep();
  assert.equal((await jobs.over(id)).status, "READY");
  assert.equal((await jobs.row(id)).attempts, 2);
});

test("a paused job that the queue forgot goes on where it was", async () => {
  const id = await died("job.paused", "?format=csv");
  const paused = await jobs.row(id);
  assert.equal(paused.lease_until, 0);
  assert.ok(paused.checkpoint);
  await jobs.move(MINUTE - 1);
  await jobs.sweep();
  await jobs.drained();
  assert.deepEqual(await jobs.row(id), paused);
  await jobs.move(1);
  await jobs.sweep();
  assert.equal((await jobs.over(id)).status, "READY");
  const row = await jobs.row(id);
  assert.equal(row.attempts, 1);
  assert.equal(row.row_count, 4500);
});

test("sessions and Idempotency-Keys are forgotten when they are over, not before", async () => {
  const response = await jobs.fetch("/v1/session", { method: "POST" });
  assert.equal(response.status, 201);
  const headers = { "idempotency-key": "a key" };
  const { id } = await jobs.start(SMALL, { headers });
  await jobs.over(id);
  const count = async () => [
    (await jobs.sql("SELECT 1 FROM sessions")).length,
    (await jobs.sql("SELECT 1 FROM idempotency_keys")).length,
  ];
  await jobs.move(12 * HOUR - 1);
  await jobs.sweep();
  assert.deepEqual(await count(), [1, 1]);
  await jobs.move(1);
  await jobs.sweep();
  assert.deepEqual(await count(), [0, 1]);
  await jobs.move(12 * HOUR - 1);
  await jobs.sweep();
  assert.deepEqual(await count(), [0, 1]);
  assert.equal((await jobs.start(SMALL, { headers })).id, id);
  await jobs.move(1);
  await jobs.sweep();
  assert.deepEqual(await count(), [0, 0]);
});

test("the search for orphans goes through a bucket of any size, and deletes nothing that is needed", async () => {
  const file = await ready(SMALL);
  const paused = await died("job.paused", "?format=csv");
  await jobs.hook("at:create.row", "kill");
  await jobs.fetch("/v1/exports", DATA[1]);
  await jobs.reached("create.row");
  const [{ id: waiting }] = await jobs.sql("SELECT id FROM exports WHERE input_key IS NOT NULL");
  const needed = [
    (await jobs.row(file)).file_key,
    `${(await jobs.row(paused)).file_key}/tail`,
    (await jobs.row(waiting)).input_key,
  ];
  // Others may use the bucket as well.
  const foreign = ["readme.txt", "backup/exports/acme/x/1", "exportsacme/x"];
  for (const key of foreign) await jobs.env.FILES.put(key, "x");
  for (const key of needed) assert.ok(await jobs.env.FILES.head(key), key);

  const orphans = [
    `exports/acme/${file}/2`,
    `exports/acme/${file}/1/tail`,
    `exports/acme/${file}/1/more`,
    `exports/acme/${file}`,
    `exports/globex/${file}/1`,
    `exports/acme/${paused}/0`,
    `exports/acme/${paused}/2/tail`,
    `inputs/acme/${file}`,
    `inputs/globex/${waiting}`,
    `inputs/acme/${waiting}/1`,
    "exports/acme/00000000-0000-4000-8000-000000000000/1",
    "exports/", "exports//", "exports/x", "inputs/", "inputs/'", 'exports/acme/"/1', "exports/acme/é/1",
  ];
  for (let n = 0; n < 1000; n += 1) orphans.push(`inputs/acme/orphan-${String(n).padStart(4, "0")}`);
  for (let begin = 0; begin < orphans.length; begin += 50) {
    await Promise.all(orphans.slice(begin, begin + 50).map((key) => jobs.env.FILES.put(key, "x")));
  }
  const place = async () => (await jobs.sql("SELECT value FROM sweep_state WHERE name = 'orphans'"))[0]?.value;

  // The jobs are put off, so that they stay as they are.
  await jobs.sql("UPDATE exports SET not_before = ?1, updated_at = ?1 WHERE id IN (?2, ?3)", jobs.now() + HOUR, paused, waiting);
  await jobs.sweep();
  assert.ok(await place(), "the first part of the bucket");
  await jobs.sweep();
  assert.equal(await place(), "");
  assert.deepEqual(await jobs.objects(), [...needed, ...foreign].sort());

  // A place that the bucket does not know is given up.
  await jobs.sql("UPDATE sweep_state SET value = 'nowhere'");
  await jobs.env.FILES.put("inputs/acme/late", "x");
  await jobs.sweep();
  await jobs.sweep();
  assert.deepEqual(await jobs.objects(), [...needed, ...foreign].sort());
  await jobs.env.FILES.delete(foreign);
});

test("an object without a row is left alone for an hour", async () => {
  const { elapsed } = jobs;
  await jobs.unhook("now");
  await jobs.env.FILES.put("inputs/acme/new", "x");
  const { uploaded } = await jobs.env.FILES.head("inputs/acme/new");
  await jobs.hook("now", uploaded.getTime() + HOUR - 1);
  await jobs.sweep();
  assert.ok(await jobs.env.FILES.head("inputs/acme/new"));
  await jobs.hook("now", uploaded.getTime() + HOUR);
  await jobs.sweep();
  assert.equal(await jobs.env.FILES.head("inputs/acme/new"), null);
  await jobs.moveTo(elapsed);
});

test("an upload that was discarded is ended, whatever became of its object", async () => {
  const key = "exports/acme/none/1";
  const [unfinished, gone] = await Promise.all([1, 2].map(() => jobs.env.FILES.createMultipartUpload(key)));
  await gone.abort();
  for (const { uploadId } of [unfinished, gone]) {
    await jobs.sql("INSERT INTO discarded_objects VALUES (?, ?, 1)", key, uploadId);
    await jobs.sweep();
    assert.deepEqual(await jobs.sql("SELECT * FROM discarded_objects"), []);
    await assert.rejects(jobs.env.FILES.resumeMultipartUpload(key, uploadId).uploadPart(1, "x"), /10024/);
  }
});

test("an upload that cannot be ended is tried for a day, and its object is gone at once", async () => {
  const key = "exports/acme/none/1";
  await jobs.env.FILES.put(key, "x");
  // The bucket has nothing better to say of an id that it never gave.
  await jobs.sql("INSERT INTO discarded_objects VALUES (?, 'never given', ?)", key, jobs.now());
  const other = "exports/acme/none/2";
  await jobs.env.FILES.put(other, "x");
  await jobs.sql("INSERT INTO discarded_objects VALUES (?, NULL, ?)", other, jobs.now());
  await jobs.move(24 * HOUR - 1);
  await jobs.sweep();
  assert.deepEqual(await jobs.sql("SELECT key FROM discarded_objects"), [{ key }]);
  assert.deepEqual(await jobs.objects(), []);
  await jobs.move(1);
  await jobs.sweep();
  assert.deepEqual(await jobs.sql("SELECT key FROM discarded_objects"), []);
});
