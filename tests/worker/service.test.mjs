// A server that was given back serves the next file as a new one does.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startJobs } from "./jobs/jobs.mjs";

/** How many rows each table has that has any. */
async function rowsOf(jobs) {
  const tables = await jobs.sql("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\' AND name NOT LIKE 'sqlite%' AND name <> 'd1_migrations'");
  const counts = {};
  for (const { name } of tables) {
    const [{ count }] = await jobs.sql(`SELECT count(*) AS count FROM "${name}"`);
    if (count > 0) counts[name] = count;
  }
  return counts;
}

test("a server that was given back has nothing left of what was done with it", async () => {
  const first = await startJobs();
  await first.addMemories("acme", 10);
  const { id } = await first.start("?format=csv", { headers: { "idempotency-key": "first" } });
  assert.equal((await first.over(id)).status, "READY");
  await first.sql("CREATE TABLE test_more (id TEXT)");
  await first.hook("at:sweep.listed", "fail");
  // One job is being made, another one waits behind it.
  await first.hook("wait:job.page", 1);
  for (let count = 0; count < 2; count += 1) await first.start("?format=csv");
  await first.stands("job.page");
  await first.close();

  const second = await startJobs();
  assert.equal(second.url.href, first.url.href);
  // The users and their keys are new, and so is the clock.
  assert.deepEqual(await rowsOf(second), { users: 6, api_keys: 6, test_hooks: 1 });
  assert.deepEqual(await second.objects(), []);
  assert.equal((await second.fetch("/v1/me", { key: first.keys.owner })).status, 401);
  await second.addMemories("acme", 10);
  const job = await second.start("?format=csv", { headers: { "idempotency-key": "first" } });
  assert.equal((await second.over(job.id)).row_count, 10);
  assert.equal((await second.sql("SELECT min(id) AS id FROM audit"))[0].id, 1);
  await second.check(job.id);
  await second.close();
});
