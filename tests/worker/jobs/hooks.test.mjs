// The hooks by which tests move the clock and stop the program exist in tests alone.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import { startJobs } from "./jobs.mjs";
import { readConfig } from "../service.mjs";

const root = fileURLToPath(new URL("../../../", import.meta.url));
let jobs;

before(async () => {
  jobs = await startJobs({ hooks: false });
  await jobs.addMemories("acme", 5000);
});
after(() => jobs.close());

/** All points that the program names. */
async function points() {
  const found = new Set();
  for (const entry of await readdir(`${root}worker/src`, { recursive: true, withFileTypes: true })) {
    if (!entry.name.endsWith(".rs")) continue;
    const text = await readFile(`${entry.parentPath}/${entry.name}`, "utf8");
    for (const [, point] of text.matchAll(/\.reach\(\s*"([a-z._]+)"/g)) found.add(point);
  }
  return [...found];
}

test("no configuration sets TEST_HOOKS", async () => {
  const config = await readConfig();
  assert.ok(!JSON.stringify(config).includes("TEST_HOOKS"));
});

test("a deployment ignores the table of hooks", async () => {
  const all = await points();
  for (const point of ["create.row", "job.claimed", "job.ready", "sweep.expire", "delete.row"]) {
    assert.ok(all.includes(point), point);
  }
  const far = Date.now() + 1000 * 24 * 3600 * 1000;
  await jobs.hook("now", far);
  for (const point of all) {
    await jobs.hook(`at:${point}`, point.length % 2 ? "kill" : "fail");
    await jobs.hook(`slow:${point}`, 1e10);
    await jobs.hook(`wait:${point}`, 1);
  }
  const table = await jobs.sql("SELECT * FROM test_hooks ORDER BY name");

  for (const [query, options] of [
    ["?format=csv"],
    ["", { json: { format: "csv", data: [{ a: 1 }] } }],
  ]) {
    const begin = Date.now();
    const { id } = await jobs.start(query, options);
    const ready = await jobs.over(id);
    assert.equal(ready.status, "READY");
    assert.equal(ready.attempts, 1);
    for (const moment of [ready.created_at, ready.completed_at]) {
      assert.ok(Date.parse(moment) >= begin - 1000 && Date.parse(moment) <= Date.now() + 1000, moment);
    }
    await jobs.sweep();
    const download = await jobs.fetch(`/v1/exports/${id}/download`);
    assert.equal(download.status, 200);
    await download.arrayBuffer();
    await jobs.tidy();
    await jobs.check(id);
    await jobs.remove(id);
    assert.equal((await jobs.fetch(`/v1/exports/${id}`)).status, 404);
    await jobs.checkBucket([]);
  }
  assert.deepEqual(await jobs.sql("SELECT * FROM test_hooks ORDER BY name"), table, "nobody wrote to it");
});
