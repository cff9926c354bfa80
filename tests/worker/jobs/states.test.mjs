// The ways of a job: which statuses it goes through, and what its row tells on the way.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { HOUR, LEASE, LIFETIME, MINUTE, SECOND, startJobs } from "./jobs.mjs";

let jobs;

before(async () => {
  jobs = await startJobs();
  await jobs.addMemories("acme", 25);
});
after(() => jobs.close());
beforeEach(() => jobs.move(HOUR));

const iso = (moment) => new Date(moment).toISOString();

test("a job goes PENDING, PROCESSING, READY, and tells when", async () => {
  const created = jobs.now();
  await jobs.hook("wait:job.claimed", 1);
  const pending = await jobs.start("?format=csv");
  assert.equal(pending.status, "PENDING");
  assert.equal(pending.attempts, 0);
  assert.equal(pending.created_at, iso(created));
  assert.equal(pending.updated_at, iso(created));
  for (const member of ["row_count", "file_size", "sha256", "report", "error", "completed_at", "expires_at"]) {
    assert.equal(pending[member], null, member);
  }
  await jobs.stands("job.claimed");
  const processing = await jobs.read(pending.id);
  assert.equal(processing.status, "PROCESSING");
  assert.equal(processing.attempts, 1);
  assert.equal(processing.completed_at, null);
  assert.equal((await jobs.row(pending.id)).lease_until, created + LEASE);
  await jobs.move(SECOND);
  await jobs.goOn("job.claimed");
  const ready = await jobs.over(pending.id);
  assert.equal(ready.status, "READY");
  assert.equal(ready.created_at, iso(created));
  assert.equal(ready.updated_at, iso(created + SECOND));
  assert.equal(ready.completed_at, iso(created + SECOND));
  assert.equal(ready.expires_at, iso(created + SECOND + LIFETIME));
  assert.equal(ready.row_count, 25);
  assert.equal(ready.report.rows, 25);
  assert.equal(ready.report.bytes, ready.file_size);
  assert.equal(ready.report.format, "csv");
  assert.ok(ready.report.peak_wasm_bytes > 0);
  assert.equal(ready.attempts, 1);
  assert.equal(ready.error, null);
  await jobs.check(ready.id);
  assert.deepEqual(await jobs.statuses(ready.id), ["PENDING", "PROCESSING", "READY"]);
  await jobs.remove(ready.id);
});

test("records that come after the job was created are not in its file", async () => {
  await jobs.hook("wait:job.claimed", 1);
  const { id } = await jobs.start("?format=csv");
  await jobs.stands("job.claimed");
  await jobs.addMemories("acme", 1, { prefix: "late", begin: iso(jobs.now() + MINUTE) });
  await jobs.goOn("job.claimed");
  assert.equal((await jobs.over(id)).row_count, 25);
  await jobs.sql("DELETE FROM memories WHERE id LIKE 'late%'");
  await jobs.remove(id);
});

test("a READY export expires at 72 hours, and stays so", async () => {
  const { id } = await jobs.start("?format=csv");
  await jobs.over(id);
  await jobs.move(LIFETIME - 1);
  await jobs.sweep();
  assert.equal((await jobs.row(id)).status, "READY");
  await jobs.move(1);
  assert.equal((await jobs.read(id)).status, "EXPIRED", "before any sweep");
  await jobs.sweep();
  await jobs.tidy();
  const row = await jobs.row(id);
  assert.equal(row.status, "EXPIRED");
  assert.equal(row.updated_at, jobs.now());
  assert.equal(row.file_key, null);
  assert.equal(row.row_count, 25);
  assert.deepEqual(await jobs.statuses(id), ["PENDING", "PROCESSING", "READY", "EXPIRED"]);
  assert.deepEqual(await jobs.trail(id), ["export.create", "export.complete", "export.expire"]);
  await jobs.deliver(id);
  await jobs.drained(jobs.env.MORE);
  assert.deepEqual(await jobs.row(id), row);
  await jobs.checkBucket([]);
  await jobs.remove(id);
});

test("a job that cannot be done is FAILED with the reason", async () => {
  const failed = await failing('{"format":"csv","columns":["id"],"wrong":1}');
  assert.equal(failed.error.code, "UNKNOWN_OPTION");
  assert.match(failed.error.message, /wrong/);
  assert.equal(failed.attempts, 1);
  assert.equal(failed.completed_at, iso(jobs.now()));
  assert.equal(failed.expires_at, null);
  assert.deepEqual(await jobs.statuses(failed.id), ["PENDING", "PROCESSING", "FAILED"]);
  await jobs.tidy();
  await jobs.check(failed.id, { status: "FAILED", code: "UNKNOWN_OPTION" });
  const download = await jobs.fetch(`/v1/exports/${failed.id}/download`);
  assert.equal(download.status, 409);
  assert.equal((await download.json()).error, "EXPORT_FAILED");
  await jobs.deliver(failed.id);
  await jobs.drained(jobs.env.MORE);
  assert.deepEqual(await jobs.read(failed.id), failed);
  await jobs.remove(failed.id);
});

/** A job whose options became these before anybody began it. */
async function failing(options) {
  await jobs.hook("at:create.row", "kill");
  await jobs.fetch("/v1/exports?format=csv", { method: "POST" });
  await jobs.unhook("at:create.row");
  const [{ id }] = await jobs.sql("SELECT id FROM exports WHERE status = 'PENDING'");
  await jobs.sql("UPDATE exports SET options = ? WHERE id = ?", options, id);
  await jobs.deliver(id);
  return jobs.over(id);
}

test("everything in a job's row may be damaged, and the job ends", async () => {
  for (const [column, value] of [
    ["options", "no JSON"],
    ["options", '{"format":"nothing"}'],
    ["options", '{"format":"csv","template":{"column_mapping":7}}'],
    ["filters", "no JSON"],
    ["filters", "[]"],
    ["resource", "unknown"],
    ["resource", null],
  ]) {
    await jobs.hook("at:create.row", "kill");
    await jobs.fetch("/v1/exports?format=csv", { method: "POST" });
    await jobs.unhook("at:create.row");
    const [{ id }] = await jobs.sql("SELECT id FROM exports WHERE status = 'PENDING'");
    await jobs.sql(`UPDATE exports SET ${column} = ? WHERE id = ?`, value, id);
    await jobs.deliver(id);
    const over = await jobs.until(async () => {
      const row = await jobs.row(id);
      return !["PENDING", "PROCESSING"].includes(row.status) && row;
    });
    assert.equal(over.status, "FAILED", `${column} = ${value}`);
    assert.equal(over.attempts, 1, `${column} = ${value}`);
    await jobs.tidy();
    await jobs.check(id, { status: "FAILED" });
    await jobs.sql("DELETE FROM exports WHERE id = ?", id);
  }
});

test("a lease that is lost, but not taken, is renewed: the job goes on", async () => {
  for (const point of ["job.claimed", "job.page", "job.made", "job.stored"]) {
    await jobs.hook(`slow:${point}`, 10 * MINUTE);
    const { id } = await jobs.start("?format=csv");
    const ready = await jobs.over(id);
    await jobs.unhook(`slow:${point}`);
    assert.equal(ready.status, "READY", point);
    assert.equal(ready.attempts, 1, point);
    assert.ok(ready.completed_at >= iso(jobs.now() + 10 * MINUTE), point);
    await jobs.check(id);
    await jobs.remove(id);
  }
});
