// Many deliveries of one job, and workers that go on with a job that is not theirs any more.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LEASE, SECOND, SEVERAL_PARTS as DATA, startJobsOfAllSizes } from "./jobs.mjs";

let jobs;

const SMALL = ["?format=csv&user_id=small", { method: "POST" }];
const MANY = ["?format=jsonl&user_id=many", { method: "POST" }];
const LONG = ["?format=html&user_id=long", { method: "POST" }];

before(async () => {
  jobs = await startJobsOfAllSizes();
});
after(() => jobs.close());

const messages = (id, count) => Array.from({ length: count }, () => ({ body: { v: 1, job_id: id } }));

test("many deliveries make one file", async () => {
  for (const request of [SMALL, MANY, DATA]) {
    await jobs.hook("wait:job.claimed", 1);
    const { id } = await jobs.start(...request);
    await jobs.stands("job.claimed");
    // During the work, by both queues, and after it.
    await jobs.env.MORE.sendBatch(messages(id, 20));
    await jobs.drained(jobs.env.MORE);
    assert.equal((await jobs.row(id)).fence, 1);
    await jobs.env.MORE.sendBatch(messages(id, 20));
    await jobs.env.JOBS.sendBatch(messages(id, 20));
    await jobs.goOn("job.claimed");
    assert.equal((await jobs.over(id)).status, "READY");
    const row = await jobs.row(id);
    assert.equal(row.attempts, 1);
    await jobs.env.MORE.sendBatch(messages(id, 20));
    await jobs.drained(jobs.env.MORE);
    await jobs.drained();
    assert.deepEqual(await jobs.row(id), row);
    await jobs.tidy();
    await jobs.check(id);
    await jobs.remove(id);
  }
});

test("a message that comes before its time changes nothing", async () => {
  await jobs.hook("at:create.row", "kill");
  await jobs.fetch("/v1/exports?format=csv&user_id=small", { method: "POST" });
  await jobs.reached("create.row");
  const [{ id }] = await jobs.sql("SELECT id FROM exports");
  await jobs.sql("UPDATE exports SET not_before = ?", jobs.now() + 60_000);
  const row = await jobs.row(id);
  await jobs.env.MORE.sendBatch(messages(id, 3));
  await jobs.drained(jobs.env.MORE);
  assert.deepEqual(await jobs.row(id), row);
  await jobs.move(60_000);
  await jobs.end(id);
  await jobs.check(id);
  await jobs.remove(id);
});

const POINTS = [
  [SMALL, "job.claimed"],
  [SMALL, "job.page"],
  [SMALL, "job.made"],
  [SMALL, "job.stored"],
  [DATA, "job.upload"],
  [DATA, "job.renew"],
  [DATA, "job.stored"],
  [MANY, "job.tail"],
  [MANY, "job.resumed"],
  [LONG, "job.upload"],
  [LONG, "job.tail"],
  [LONG, "job.resumed"],
];

for (const [request, point] of POINTS) {
  const name = `${request === DATA ? "data" : request[0]}, ${point}`;

  test(`who lost the lease changes nothing and leaves nothing: ${name}`, async () => {
    await jobs.hook(`wait:${point}`, 1);
    const { id } = await jobs.start(...request);
    await jobs.stands(point);
    await jobs.move(LEASE);
    await jobs.sweep();
    assert.equal((await jobs.row(id)).status, "PENDING");
    // The first queue waits for the worker that stands still; the second one brings another.
    await jobs.deliver(id);
    await jobs.until(async () => {
      const row = await jobs.row(id);
      // Where the job is continued, its further messages are in the first queue.
      if (row.lease_until === 0) await jobs.deliver(id);
      return row.status === "READY";
    });
    const row = await jobs.row(id);
    assert.equal(row.attempts, 2);
    await jobs.tidy();
    await jobs.goOn(point);
    await jobs.drained();
    await jobs.tidy();
    assert.deepEqual(await jobs.row(id), row);
    await jobs.check(id);
    await jobs.remove(id);
    await jobs.checkBucket([]);
  });

  test(`an export that is deleted while it is made leaves nothing: ${name}`, async () => {
    await jobs.hook(`wait:${point}`, 1);
    const { id } = await jobs.start(...request);
    await jobs.stands(point);
    await jobs.remove(id);
    assert.equal((await jobs.fetch(`/v1/exports/${id}`)).status, 404);
    assert.equal((await jobs.fetch(`/v1/exports/${id}`, { method: "DELETE" })).status, 404);
    await jobs.tidy();
    await jobs.goOn(point);
    await jobs.drained();
    await jobs.tidy();
    await jobs.checkBucket([]);
    assert.deepEqual(await jobs.trail(id), ["export.create", "export.delete"]);
  });
}

test("who lost the lease to a worker that is at work changes nothing", async () => {
  for (const request of [SMALL, DATA]) {
    await jobs.hook("wait:job.claimed", 1);
    const { id } = await jobs.start(...request);
    await jobs.stands("job.claimed");
    await jobs.move(LEASE);
    await jobs.sweep();
    await jobs.hook("wait:job.made", 1);
    await jobs.deliver(id);
    await jobs.stands("job.made");
    const held = await jobs.row(id);
    assert.equal(held.status, "PROCESSING");
    await jobs.goOn("job.claimed");
    await jobs.drained();
    assert.deepEqual(await jobs.row(id), held);
    await jobs.goOn("job.made");
    assert.equal((await jobs.over(id)).status, "READY");
    await jobs.tidy();
    assert.equal((await jobs.check(id)).attempts, 2);
    await jobs.remove(id);
    await jobs.checkBucket([]);
  }
});

test("who lost the lease to nobody yet gives way, or goes on where nobody noticed", async () => {
  // Where nobody noticed, all that has to hold is the lease, and few memories show it. Of the others one of each kind is enough.
  const points = [...POINTS.filter(([request]) => request === SMALL), [DATA, "job.renew"], [MANY, "job.resumed"], [LONG, "job.tail"]];
  for (const [request, point] of points) {
    for (const swept of request === SMALL ? [true, false] : [true]) {
      await jobs.hook(`wait:${point}`, 1);
      const { id } = await jobs.start(...request);
      await jobs.stands(point);
      await jobs.move(LEASE + SECOND);
      if (swept) await jobs.sweep();
      await jobs.goOn(point);
      await (swept ? jobs.end(id) : jobs.over(id));
      await jobs.drained();
      await jobs.tidy();
      const row = await jobs.check(id);
      assert.equal(row.attempts, swept ? 2 : 1, point);
      await jobs.remove(id);
    }
  }
});

test("who paused a job and comes back has nothing to do with it any more", async () => {
  await jobs.hook("wait:job.paused", 1);
  const { id } = await jobs.start(...MANY);
  await jobs.stands("job.paused");
  await jobs.deliver(id);
  await jobs.until(async () => {
    const row = await jobs.row(id);
    if (row.lease_until === 0) await jobs.deliver(id);
    return row.status === "READY";
  });
  const row = await jobs.row(id);
  assert.equal(row.attempts, 1);
  await jobs.goOn("job.paused");
  await jobs.drained();
  await jobs.tidy();
  assert.deepEqual(await jobs.row(id), row);
  await jobs.check(id);
  await jobs.remove(id);
});

test("a paused job that is deleted leaves nothing", async () => {
  for (const request of [MANY, LONG]) {
    await jobs.hook("at:job.paused", "kill");
    const { id } = await jobs.start(...request);
    await jobs.reached("job.paused");
    assert.ok((await jobs.objects()).some((key) => key.endsWith("/tail")));
    await jobs.remove(id);
    await jobs.tidy();
    await jobs.checkBucket([]);
  }
});

test("a continued job that is lost to a further message, without a sweep, begins anew and leaves no tail", async () => {
  for (const request of [MANY, LONG]) {
    await jobs.hook("at:job.resumed", "kill");
    const { id } = await jobs.start(...request);
    await jobs.reached("job.resumed");
    await jobs.move(LEASE + SECOND);
    await jobs.deliver(id);
    await jobs.end(id);
    await jobs.tidy();
    const row = await jobs.check(id);
    assert.equal(row.attempts, 2);
    await jobs.remove(id);
  }
});

test("an export may be deleted before it is begun, while it waits, and after its end", async () => {
  await jobs.hook("at:create.row", "kill");
  await jobs.fetch("/v1/exports", DATA[1]);
  await jobs.reached("create.row");
  const [{ id }] = await jobs.sql("SELECT id FROM exports");
  await jobs.deliver("00000000-0000-4000-8000-000000000000");
  await jobs.remove(id);
  await jobs.deliver(id);
  await jobs.drained(jobs.env.MORE);
  await jobs.tidy();
  await jobs.checkBucket([]);

  await jobs.hook("at:job.made", "fail");
  const waiting = await jobs.start(...DATA);
  await jobs.reached("job.made");
  await jobs.until(async () => (await jobs.row(waiting.id)).status === "PENDING");
  await jobs.remove(waiting.id);
  await jobs.tidy();
  await jobs.checkBucket([]);

  const failed = await jobs.start("", { method: "POST", json: { format: "csv", strict: true, data: [{ a: "=1" }] } });
  await jobs.over(failed.id);
  await jobs.remove(failed.id);
  await jobs.tidy();
  await jobs.checkBucket([]);
});
