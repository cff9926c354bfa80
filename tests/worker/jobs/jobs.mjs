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

export async function startJobs(options = {}) {
  const jobs = Object.assign(await startService(options), methods);
  const log = "INSERT INTO test_log (export_id, before, after, at)";
  await jobs.exec(
    "CREATE TABLE test_log (n INTEGER PRIMARY KEY, export_id TEXT, before TEXT, after TEXT, at INTEGER)",
    "CREATE TABLE test_uploads (key TEXT, id TEXT)",
    `CREATE TRIGGER test_insert AFTER INSERT ON exports
     BEGIN ${log} VALUES (new.id, 'null', new.status, new.updated_at); END`,
    `CREATE TRIGGER test_update AFTER UPDATE OF status ON exports WHEN old.status <> new.status
     BEGIN ${log} VALUES (new.id, old.status, new.status, new.updated_at); END`,
    `CREATE TRIGGER test_upload AFTER UPDATE OF upload_id ON exports WHEN new.upload_id IS NOT NULL
     BEGIN INSERT INTO test_uploads VALUES (new.file_key, new.upload_id); END`,
  );
  jobs.begin = Date.now();
  jobs.elapsed = 0;
  if (options.hooks !== false) await jobs.moveTo(0);
  return jobs;
}

/**
 * The same, in small invocations, with memories of three users: few, many, and those whose HTML has several parts, as each of
 * their characters is five bytes there; and a knowledge base of two sources that take several invocations, with a text in the
 * bucket.
 */
export async function startJobsOfAllSizes() {
  const jobs = await startJobs({ vars: { JOB_QUERIES_PER_INVOCATION: "4" } });
  await jobs.addMemories("acme", 12, { prefix: "small" });
  // Two pages of 2000 fit into one invocation here.
  await jobs.addMemories("acme", 4100, { prefix: "many" });
  await jobs.addMemories("acme", 4100, { prefix: "long", content: "&".repeat(250) });
  for (const user of ["small", "many", "long"]) {
    await jobs.sql("UPDATE memories SET user_id = ?1 WHERE id LIKE ?1 || '%'", user);
  }
  await jobs.addKnowledgeBase("base", 2, 11, 25_000);
  const key = "texts/acme/base";
  await jobs.env.FILES.put(key, longText(key));
  await jobs.sql("UPDATE content_items SET text = NULL, text_key = ? WHERE id = 'base-0-00009'", key);
  return jobs;
}

/** A request with data whose file has several parts, although they are not long themselves. */
export const SEVERAL_PARTS = [
  "",
  {
    method: "POST",
    json: { format: "html", source: { type: "data_table" }, data: Array.from({ length: 54 }, (_, n) => ({ n, text: "&".repeat(20_000) })) },
  },
];

/** The hashes of files that were read, by the tag that the bucket gives to their bytes. */
const hashes = new Map();

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

  async hasHook(name) {
    return (await this.sql("SELECT 1 FROM test_hooks WHERE name = ?", name)).length > 0;
  },

  /** Waits until something has died or failed at a point, and heals it. */
  async reached(point) {
    await this.until(() => this.hasHook(`reached:${point}`));
    await this.unhook(`at:${point}`, `reached:${point}`);
  },

  /** Waits until somebody stands still at a point. */
  stands(point) {
    return this.until(() => this.hasHook(`waiting:${point}`));
  },

  /** Lets whoever stands still at a point go on. */
  goOn(point) {
    return this.unhook(`waiting:${point}`);
  },

  /** The export, once it is over. One that failed and waits for its next attempt would wait as long as nobody moves the clock. */
  async over(id, options) {
    const { waits } = await this.until(async () => {
      const [row] = await this.sql("SELECT status, attempts, not_before FROM exports WHERE id = ?", id);
      const waits = row?.status === "PENDING" && row.attempts > 0 && row.not_before > this.now();
      return !["PENDING", "PROCESSING"].includes(row?.status) || waits ? { waits } : undefined;
    });
    assert.equal(waits, false, "the attempt failed, and the job waits for the next");
    return this.read(id, options);
  },

  /**
   * A job that nobody has begun, as its message was lost; gives its id. What has to change before the job is begun is changed
   * then, and `deliver` begins it: a worker that stands still before a claim may be there for an older message.
   */
  async lost(query = "?format=csv", options = {}) {
    await this.hook("at:create.row", "kill");
    await this.fetch(`/v1/exports${query}`, { method: "POST", ...options });
    await this.reached("create.row");
    const [{ id }] = await this.sql("SELECT id FROM exports WHERE status = 'PENDING' ORDER BY rowid DESC LIMIT 1");
    return id;
  },

  /** Sends a message for a job by the second queue. */
  deliver(id) {
    return this.env.MORE.send({ v: 1, job_id: id });
  },

  /** The job's end: time goes on and sweeps run, as long as nobody is at work at it. No worker may die meanwhile. */
  async end(id) {
    for (let last; ; ) {
      const row = await this.row(id);
      if (!row || !["PENDING", "PROCESSING"].includes(row.status)) return row;
      const isHeld = row.status === "PROCESSING" && row.lease_until > this.now();
      // Who continues a job sends its message behind those that there are.
      const state = JSON.stringify(row);
      if (!isHeld && state === last) await this.move(MINUTE + SECOND);
      if (!isHeld && (last === undefined || state === last)) await this.sweep();
      last = state;
      await this.drained();
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
    const [found] = await this.sql(
      `SELECT *,
         (SELECT json_group_array(before || '>' || after) FROM (SELECT * FROM test_log WHERE export_id = ?1 ORDER BY n)) AS changes,
         (SELECT json_group_array(action) FROM (SELECT * FROM audit WHERE target_id = ?1 ORDER BY id)) AS actions
       FROM exports WHERE id = ?1`, id,
    );
    const { changes, actions, ...row } = found;
    assert.equal(row.status, status, row.error ?? "");
    for (const change of JSON.parse(changes)) assert.ok(ALLOWED.has(change), change);
    for (const gone of ["lease_until", "checkpoint", "upload_id", "input_key"]) assert.equal(row[gone], null, gone);
    const listed = await this.listed();
    const objects = [...others];
    if (status === "READY") {
      objects.push(row.file_key);
      const object = listed.find(({ key }) => key === row.file_key);
      assert.ok(object, "a READY export has its object");
      assert.equal(object.size, row.file_size);
      assert.equal(await this.hashOf(object), row.sha256);
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
    const ends = JSON.parse(actions).filter((action) => /complete|fail/.test(action));
    assert.deepEqual(ends, trail ?? [status === "FAILED" ? "export.fail" : "export.complete"]);
    await this.checkBucket(objects, listed);
    return row;
  },

  /** The hash of an object. What has the size and the tag of one that was read has its bytes: the tag is a hash of them, too. */
  async hashOf({ key, size, etag }) {
    const bytes = `${size} ${etag}`;
    if (!hashes.has(bytes)) hashes.set(bytes, sha256(new Uint8Array(await (await this.env.FILES.get(key)).arrayBuffer())));
    return hashes.get(bytes);
  },

  /** The bucket holds these objects and nothing else, not even an upload that was begun. */
  async checkBucket(objects, listed) {
    const rest = await this.sql(
      `SELECT 'discarded' AS what, key, upload_id AS id FROM discarded_objects
       UNION SELECT 'upload', key, id FROM test_uploads`,
    );
    assert.deepEqual(rest.filter(({ what }) => what === "discarded"), []);
    const found = (listed ?? (await this.listed())).map(({ key }) => key).filter((key) => !key.startsWith("texts/"));
    assert.deepEqual(found, objects.sort());
    const uploads = rest.filter(({ what }) => what === "upload");
    for (const { key, id } of uploads) {
      const upload = this.env.FILES.resumeMultipartUpload(key, id);
      await assert.rejects(upload.uploadPart(1, "x"), /10024/, `an upload of ${key} is still there`);
    }
    if (uploads.length > 0) await this.exec("DELETE FROM test_uploads");
  },

  /** Deletes an export with all that belongs to it. */
  async remove(id) {
    const response = await this.fetch(`/v1/exports/${id}`, { method: "DELETE" });
    assert.equal(response.status, 204);
  },
};
