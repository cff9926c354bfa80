// Whatever stands in the queues: the consumer takes it, and no message does harm.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { LEASE, MINUTE, SECOND, startJobs } from "./jobs.mjs";

let jobs;

before(async () => {
  jobs = await startJobs();
  await jobs.addMemories("acme", 5);
  await jobs.addMemories("globex", 5);
});
after(() => jobs.close());
beforeEach(() => jobs.move(MINUTE));

/** A body that is arrays in arrays. */
const nested = (depth) => {
  let body = [];
  for (let level = 1; level < depth; level += 1) body = [body];
  return body;
};

test("poison is taken from both queues, and the next message is read", async () => {
  const id = await jobs.lost();
  const poison = [
    null,
    true,
    7,
    "text",
    "",
    [],
    {},
    [{ v: 1, job_id: id }],
    { job_id: id },
    { v: "1", job_id: id },
    { v: -1, job_id: id },
    { v: 0, job_id: id },
    { v: 1.5, job_id: id },
    { v: 1e300, job_id: id },
    { v: 1, job_id: 7 },
    { v: 1, job_id: null },
    { v: 1, job_id: [id] },
    { v: 1, job_id: "" },
    { v: 1, job_id: "' OR 1 = 1 --" },
    { v: 1, job_id: "%" },
    { v: 1, job_id: `${id}\0` },
    { v: 1, job_id: id.toUpperCase() },
    { v: 1, job_id: "é".repeat(40_000) },
    { v: 1, job_id: "00000000-0000-4000-8000-000000000000" },
    { V: 1, JOB_ID: id },
    { text: "x".repeat(100_000) },
    nested(1000),
  ];
  const row = await jobs.row(id);
  for (const queue of [jobs.env.MORE, jobs.env.DEAD]) {
    for (const body of poison) await queue.send(body, { contentType: "json" });
  }
  await jobs.env.MORE.send("text", { contentType: "text" });
  await jobs.env.MORE.send(new Uint8Array([1, 2, 3]), { contentType: "bytes" });
  // A message of v8 may hold what JSON cannot.
  for (const body of [5n, new Date(0), new Map([["v", 1]]), new Set([id]), { v: 1n, job_id: id }]) {
    await jobs.env.MORE.send(body, { contentType: "v8" });
  }
  await jobs.drained(jobs.env.MORE);
  await jobs.env.DEAD.send({ v: 1, job_id: "the last one" });
  assert.deepEqual(await jobs.row(id), row);
  await jobs.deliver(id);
  assert.equal((await jobs.over(id)).status, "READY");
  await jobs.check(id);
  await jobs.remove(id);
});

test("a message may have members that nobody knows", async () => {
  const id = await jobs.lost();
  await jobs.env.MORE.send({ v: 1, job_id: id, account_id: "globex", file_key: "exports/globex/x/1", more: nested(50) });
  assert.equal((await jobs.over(id)).status, "READY");
  const row = await jobs.check(id);
  assert.equal(row.account_id, "acme");
  await jobs.remove(id);
});

test("a message of another version is not acted upon", async () => {
  const id = await jobs.lost();
  const row = await jobs.row(id);
  await jobs.env.MORE.send({ v: 2, job_id: id });
  await jobs.drained(jobs.env.MORE);
  assert.deepEqual(await jobs.row(id), row);
  await jobs.deliver(id);
  await jobs.over(id);
  await jobs.check(id);
  await jobs.remove(id);
});

test("a job whose message died fails with the reason", async () => {
  const id = await jobs.lost("", { json: { format: "csv", data: [{ a: 1 }] } });
  await jobs.env.DEAD.send({ v: 1, job_id: id });
  await jobs.over(id);
  await jobs.tidy();
  const row = await jobs.check(id, { status: "FAILED", code: "DELIVERY_FAILED" });
  assert.equal(row.completed_at, jobs.now());
  assert.deepEqual(await jobs.statuses(id), ["PENDING", "FAILED"]);
  // The message itself comes late.
  await jobs.deliver(id);
  await jobs.drained(jobs.env.MORE);
  assert.deepEqual(await jobs.row(id), row);
  await jobs.remove(id);
});

test("a message of any version that died fails its job", async () => {
  const id = await jobs.lost();
  await jobs.env.DEAD.send({ v: 2, job_id: id });
  await jobs.over(id);
  await jobs.tidy();
  await jobs.check(id, { status: "FAILED", code: "DELIVERY_FAILED" });
  await jobs.remove(id);
});

test("a message that died harms no job that somebody holds, and none that is over", async () => {
  await jobs.hook("wait:job.page", 1);
  const { id } = await jobs.start("?format=csv");
  await jobs.stands("job.page");
  const other = await jobs.lost();
  const buried = async () => {
    await jobs.env.DEAD.sendBatch([{ body: { v: 1, job_id: id } }, { body: { v: 1, job_id: other } }]);
    await jobs.until(async () => (await jobs.row(other)).status === "FAILED");
  };
  const held = await jobs.row(id);
  await buried();
  assert.deepEqual(await jobs.row(id), held);
  await jobs.goOn("job.page");
  await jobs.over(id);
  const ready = await jobs.row(id);
  await jobs.sql("UPDATE exports SET status = 'PENDING' WHERE id = ?", other);
  await buried();
  assert.deepEqual(await jobs.row(id), ready);
  await jobs.sql("DELETE FROM exports WHERE id = ?", other);
  await jobs.tidy();
  await jobs.check(id);
  await jobs.remove(id);
});

test("a message that died ends a job whose worker is gone", async () => {
  await jobs.hook("at:job.stored", "kill");
  const { id } = await jobs.start("?format=csv");
  await jobs.reached("job.stored");
  await jobs.move(LEASE + SECOND);
  await jobs.env.DEAD.send({ v: 1, job_id: id });
  await jobs.over(id);
  await jobs.tidy();
  await jobs.check(id, { status: "FAILED", code: "DELIVERY_FAILED" });
  await jobs.remove(id);
});

test("a message that died while its job waits for the next attempt leaves it that attempt", async () => {
  await jobs.hook("at:job.page", "fail");
  const { id } = await jobs.start("?format=csv");
  await jobs.reached("job.page");
  const row = await jobs.until(async () => {
    const row = await jobs.row(id);
    return row.status === "PENDING" && row;
  });
  await jobs.env.DEAD.send({ v: 1, job_id: id });
  const other = await jobs.lost();
  await jobs.env.DEAD.send({ v: 1, job_id: other });
  await jobs.until(async () => (await jobs.row(other)).status === "FAILED");
  assert.deepEqual(await jobs.row(id), row);
  await jobs.remove(other);
  await jobs.move(MINUTE);
  assert.equal((await jobs.end(id)).status, "READY");
  await jobs.tidy();
  await jobs.check(id);
  await jobs.remove(id);
});
