// The service with what tests of jobs need: a clock that they move, a second queue (the local one delivers one message
// after another, so a worker that stands still would hold up all others), and a log of what became of each job.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { longText, startService } from "../service.mjs";

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
/** A lease that was not renewed is over after this. */
export const LEASE = 2 * MINUTE;
export const LIFETIME = 72 * HOUR;

export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

const ALLOWED = new Set([
  "null>PENDING",
  "PENDING>PROCESSING",
  // A lost lease, or a retry.
  "PROCESSING>PENDING",
  "PROCESSING>READY",
  "PROCESSING>FAILED",
  // A dead letter.
  "PENDING>FAILED",
  "READY>EXPIRED",
]);

export async function startJobs({ configure = () => {}, ...options } = {}) {
  const service = await startService({
    ...options,
    configure(config) {
      const { producers, consumers } = config.queues;
      producers.push({ binding: "MORE", queue: "tablecast-more-jobs" });
      producers.push({ binding: "DEAD", queue: "tablecast-dead-jobs" });
      consumers.push({ ...consumers[0], queue: "tablecast-more-jobs" });
      consumers[1].max_batch_timeout = 0;
      configure(config);
    },
  });
  const log = "INSERT INTO test_log (export_id, before, after, at)";
  for (const sql of [
    "CREATE TABLE test_log (n INTEGER PRIMARY KEY, export_id TEXT, before TEXT, after TEXT, at INTEGER)",
    "CREATE TABLE test_uploads (key TEXT, id TEXT)",
    `CREATE TRIGGER test_insert AFTER INSERT ON exports
     BEGIN ${log} VALUES (new.id, 'null', new.status, new.updated_at); END`,
    `CREATE TRIGGER test_update AFTER UPDATE OF status ON exports WHEN old.status <> new.status
     BEGIN ${log} VALUES (new.id, old.status, new.status, new.updated_at); END`,
    `CREATE TRIGGER test_upload AFTER UPDATE OF upload_id ON exports WHEN new.upload_id IS NOT NULL
     BEGIN INSERT INTO test_uploads VALUES (new.file_key, new.upload_id); END`,
  ]) {
    await service.sql(sql);
  }
  const jobs = Object.assign(service, methods);
  jobs.begin = Date.now();
  jobs.elapsed = 0;
  if (options.hooks !== false) await jobs.moveTo(0);
  return jobs;
}

/**
 * The same, in small invocations, with memories of three users: few, many, and long ones, whose files have several parts; and
 * a knowledge base of two sources that take several invocations, with a text in the bucket.
 */
export async function startJobsOfAllSizes() {
  const jobs = await startJobs({ vars: { JOB_QUERIES_PER_INVOCATION: "4" } });
  await jobs.addMemories("acme", 12, { prefix: "small" });
  await jobs.addMemories("acme", 5000, { prefix: "many" });
  await jobs.addMemories("acme", 70, { prefix: "long", content: "long ".repeat(20_000) });
  for (const user of ["small", "many", "long"]) {
    await jobs.sql("UPDATE memories SET user_id = ?1 WHERE id LIKE ?1 || '%'", user);
  }
  await jobs.addKnowledgeBase("base", 2, 18, 25_000);
  const key = "texts/acme/base";
  await jobs.env.FILES.put(key, longText(key));
  await jobs.sql("UPDATE content_items SET text = NULL, text_key = ? WHERE id = 'base-0-00017'", key);
  return jobs;
}

const methods = {
  /** Sets the clock to so many milliseconds after the start of the tests. */
  async moveTo(elapsed) {
    this.elapsed = elapsed;
    await this.hook("now", this.now());
  },

  move(by) {
    return this.moveTo(this.elapsed + by);
  },

  now() {
    return this.begin + this.elapsed;
  },

  async row(id) {
    return (await this.sql("SELECT * FROM exports WHERE id = ?", id))[0];
  },

  /** Asks until the answer is true. */
  async until(ask) {
    for (;;) {
      const answer = await ask();
      if (answer) return answer;
    }
  },

  async hasHook(name) {
    return (await this.sql("SELECT 1 FROM test_hooks WHERE name = ?", name)).length > 0;
  },

  /** Waits until something has died or failed at a point, and heals it. */
  async reached(point) {
    await this.until(() => this.hasHook(`reached:${point}`));
    await this.unhook(`at:${point}`);
    await this.unhook(`reached:${point}`);
  },

  /** Waits until somebody stands still at a point. */
  stands(point) {
    return this.until(() => this.hasHook(`waiting:${point}`));
  },

  /** Lets whoever stands still at a point go on. */
  goOn(point) {
    return this.unhook(`waiting:${point}`);
  },

  /** Sends a message for a job by the second queue. */
  deliver(id) {
    return this.env.MORE.send({ v: 1, job_id: id });
  },

  /** Waits until the messages that are in the queue now have been delivered: it delivers them in their order. */
  async drained(queue = this.env.JOBS) {
    const id = `drained-${(this.drains = (this.drains ?? 0) + 1)}`;
    await this.sql(
      `INSERT INTO exports (id, account_id, created_by, status, format, options, created_at, updated_at, content_type)
       VALUES (?1, 'nobody', 'nobody', 'PENDING', 'csv', 'no options', ?2, ?2, 'text/csv')`, id, this.now(),
    );
    await queue.send({ v: 1, job_id: id });
    await this.until(async () => (await this.row(id)).fence > 0);
    await this.sql("DELETE FROM exports WHERE id = ?", id);
  },

  /** The job's end: time goes on and sweeps run, as long as nobody is at work at it. No worker may die meanwhile. */
  async end(id) {
    for (;;) {
      await this.sweep();
      for (let turns = 0; turns < 30; turns += 1) {
        const row = await this.row(id);
        if (!row || !["PENDING", "PROCESSING"].includes(row.status)) return row;
        const isHeld = row.status === "PROCESSING" && row.lease_until > this.now();
        if (isHeld) turns = 0;
        await this.turn();
      }
      await this.move(MINUTE + SECOND);
    }
  },

  /** Sweeps until all that was discarded is gone. */
  async tidy() {
    for (let sweeps = 0; sweeps < 20; sweeps += 1) {
      await this.sweep();
      if ((await this.sql("SELECT 1 FROM discarded_objects")).length === 0) return;
    }
    assert.fail(`not tidied: ${JSON.stringify(await this.sql("SELECT * FROM discarded_objects"))}`);
  },

  async statuses(id) {
    const rows = await this.sql("SELECT before, after FROM test_log WHERE export_id = ? ORDER BY n", id);
    return rows.map((row) => row.after);
  },

  /** All that has to hold for a job that is over, and for the bucket when it has no other files. */
  async check(id, { status = "READY", code, sha, trail, others = [] } = {}) {
    const row = await this.row(id);
    assert.equal(row.status, status, row.error ?? "");
    const log = await this.sql("SELECT before, after FROM test_log WHERE export_id = ? ORDER BY n", id);
    for (const { before, after } of log) assert.ok(ALLOWED.has(`${before}>${after}`), `${before} > ${after}`);
    for (const gone of ["lease_until", "checkpoint", "upload_id", "input_key"]) assert.equal(row[gone], null, gone);
    const objects = [...others];
    if (status === "READY") {
      objects.push(row.file_key);
      const object = await this.env.FILES.get(row.file_key);
      assert.ok(object, "a READY export has its object");
      const bytes = new Uint8Array(await object.arrayBuffer());
      assert.equal(bytes.length, row.file_size);
      assert.equal(sha256(bytes), row.sha256);
      if (sha) assert.equal(row.sha256, sha);
      assert.equal(row.error, null);
      assert.equal(row.expires_at, row.completed_at + LIFETIME);
    }
    if (status === "FAILED") {
      assert.equal(row.file_key, null);
      assert.equal(row.sha256, null);
      const { code: given, message } = JSON.parse(row.error);
      assert.ok(message);
      if (code) assert.equal(given, code);
    }
    const ends = (await this.trail(id)).filter((action) => /complete|fail/.test(action));
    assert.deepEqual(ends, trail ?? [status === "FAILED" ? "export.fail" : "export.complete"]);
    await this.checkBucket(objects);
    return row;
  },

  /** The bucket holds these objects and nothing else, not even an upload that was begun. */
  async checkBucket(objects) {
    assert.deepEqual(await this.sql("SELECT * FROM discarded_objects WHERE key NOT LIKE 'exports/nobody/%'"), []);
    const found = (await this.objects()).filter((key) => !key.startsWith("texts/"));
    assert.deepEqual(found, objects.sort());
    for (const { key, id } of await this.sql("SELECT DISTINCT key, id FROM test_uploads")) {
      const upload = this.env.FILES.resumeMultipartUpload(key, id);
      await assert.rejects(upload.uploadPart(1, "x"), /10024/, `an upload of ${key} is still there`);
    }
    await this.sql("DELETE FROM test_uploads");
  },

  /** Deletes an export with all that belongs to it. */
  async remove(id) {
    const response = await this.fetch(`/v1/exports/${id}`, { method: "DELETE" });
    assert.equal(response.status, 204);
  },
};
