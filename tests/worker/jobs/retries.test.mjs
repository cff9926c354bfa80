// What may go well the next time is tried again, later each time; what will not is not.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { MINUTE, SECOND, startJobs } from "./jobs.mjs";

let jobs;

before(async () => {
  jobs = await startJobs();
  await jobs.addMemories("acme", 5);
});
after(() => jobs.close());
beforeEach(() => jobs.move(10 * MINUTE));

const DATA = ["", { method: "POST", json: { format: "csv", data: [{ a: 1 }, { a: 2 }] } }];

for (const [request, points] of [
  [["?format=csv"], ["job.claimed", "job.page", "job.made"]],
  [DATA, ["job.claimed", "job.made"]],
]) {
  for (const point of points) {
    test(`failures at ${point} are tried again after 5, 10, 20 and 40 s, then no more: ${request[0]}`, async () => {
      await jobs.hook(`at:${point}`, "fail");
      const { id } = await jobs.start(...request);
      for (const [index, seconds] of [5, 10, 20, 40].entries()) {
        const row = await jobs.until(async () => {
          const row = await jobs.row(id);
          return row.status === "PENDING" && row.attempts === index + 1 && row;
        });
        assert.equal(row.not_before, jobs.now() + seconds * SECOND);
        for (const gone of ["file_key", "upload_id", "checkpoint", "lease_until", "completed_at", "error"]) {
          assert.equal(row[gone], null, gone);
        }
        // Neither a message that comes early nor a sweep begins it.
        await jobs.move(seconds * SECOND - 1);
        await jobs.deliver(id);
        await jobs.drained(jobs.env.MORE);
        assert.deepEqual(await jobs.row(id), row);
        await jobs.move(1);
        await jobs.deliver(id);
      }
      const failed = await jobs.over(id);
      await jobs.unhook(`at:${point}`);
      assert.equal(failed.status, "FAILED");
      assert.equal(failed.attempts, 5);
      assert.equal(failed.error.code, "INTERNAL");
      assert.doesNotMatch(failed.error.message, /binding|test/, "the cause is for the log");
      await jobs.tidy();
      await jobs.check(id, { status: "FAILED" });
      assert.deepEqual(
        await jobs.statuses(id),
        ["PENDING", ...Array(4).fill(["PROCESSING", "PENDING"]).flat(), "PROCESSING", "FAILED"],
      );
      await jobs.remove(id);
    });
  }
}

test("a job that goes well in the end is READY, with the attempts that it took", async () => {
  await jobs.hook("at:job.page", "fail");
  const { id } = await jobs.start("?format=csv");
  for (const attempt of [1, 2, 3, 4]) {
    await jobs.until(async () => {
      const row = await jobs.row(id);
      return row.status === "PENDING" && row.attempts === attempt;
    });
    if (attempt === 4) await jobs.unhook("at:job.page");
    await jobs.move(MINUTE);
    await jobs.sweep();
  }
  const ready = await jobs.over(id);
  assert.equal(ready.status, "READY");
  assert.equal(ready.attempts, 5);
  await jobs.tidy();
  const row = await jobs.check(id);
  assert.match(row.file_key, /\/5$/);
  await jobs.remove(id);
});

test("the redelivery that the queue makes by itself is enough", async () => {
  await jobs.unhook("now");
  await jobs.hook("at:job.page", "fail");
  const { id } = await jobs.start("?format=csv");
  await jobs.reached("job.page");
  await jobs.until(async () => (await jobs.row(id)).status === "READY");
  await jobs.moveTo(jobs.elapsed);
  await jobs.sql("DELETE FROM discarded_objects");
  await jobs.remove(id);
});

/** A job over data of which somebody changes what lies in the bucket, before the job is begun. */
async function changed(change) {
  const id = await jobs.lost(...DATA);
  await change((await jobs.row(id)).input_key);
  await jobs.deliver(id);
  const over = await jobs.over(id);
  await jobs.tidy();
  return over;
}

test("data that are damaged end the job at once", async () => {
  for (const [text, code] of [
    ['{"data":[{"a":1},{"a":', "INVALID_JSON"],
    ["", "INVALID_JSON"],
    ["\u0000\u0001", "INVALID_JSON"],
    ['{"data":7}', "NOT_TABULAR"],
  ]) {
    const over = await changed((key) => jobs.env.FILES.put(key, text));
    assert.equal(over.status, "FAILED", text);
    assert.equal(over.attempts, 1, text);
    assert.equal(over.error.code, code, text);
    await jobs.check(over.id, { status: "FAILED" });
    await jobs.remove(over.id);
  }
});

test("data that are gone end the job at once", async () => {
  const over = await changed((key) => jobs.env.FILES.delete(key));
  assert.equal(over.status, "FAILED");
  assert.equal(over.attempts, 1);
  await jobs.check(over.id, { status: "FAILED", code: "INTERNAL" });
  await jobs.remove(over.id);
});

test("a column that comes late widens the header of data, also where parts were sent already", async () => {
  for (const bytes of [10, 4000]) {
    const rows = Array.from({ length: 2000 }, (_, n) => ({ n, text: "x".repeat(bytes) }));
    rows.push({ n: 2000, text: "", late: "yes" });
    const { id } = await jobs.start("", { method: "POST", json: { format: "csv", data: rows } });
    const ready = await jobs.over(id);
    assert.equal(ready.status, "READY", JSON.stringify(ready.error));
    assert.equal(ready.attempts, 1);
    await jobs.tidy();
    const row = await jobs.check(id);
    const text = await (await jobs.env.FILES.get(row.file_key)).text();
    assert.ok(text.startsWith("n,text,late\r\n0,"));
    assert.ok(text.endsWith('\r\n2000,"",yes\r\n'));
    await jobs.remove(id);
  }
});

test("with `strict`, what the export would report ends the job at once", async () => {
  const data = [{ a: "=1+1" }];
  const { id } = await jobs.start("", { method: "POST", json: { format: "csv", strict: true, data } });
  const over = await jobs.over(id);
  await jobs.tidy();
  assert.equal(over.status, "FAILED");
  assert.equal(over.attempts, 1);
  await jobs.check(id, { status: "FAILED", code: "STRICT" });
  await jobs.remove(id);
});

test("formats that no Worker makes fall back, or are refused when they are asked for", async () => {
  const { id } = await jobs.start("", { method: "POST", json: { format: "pdf", data: [{ a: 1 }] } });
  const ready = await jobs.over(id);
  assert.equal(ready.status, "READY");
  assert.match(ready.file_name, /\.html$/);
  await jobs.tidy();
  await jobs.check(id);
  await jobs.remove(id);
  const refused = await jobs.fetch("/v1/exports", { method: "POST", json: { format: "pdf", fallback: "error", data: [{ a: 1 }] } });
  assert.equal(refused.status, 501);
  await jobs.checkBucket([]);
});
