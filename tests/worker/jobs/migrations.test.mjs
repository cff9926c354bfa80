// Migrations only add, so they can be applied while jobs are on their way.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { startJobs } from "./jobs.mjs";

const source = fileURLToPath(new URL("../../../worker/migrations/", import.meta.url));
const names = readdirSync(source).filter((name) => name.endsWith(".sql")).sort();

/** The service with the first migrations, and a way to apply more of them. */
async function startWith(context, count) {
  const folder = await mkdtemp(join(tmpdir(), "tablecast-migrations-"));
  for (const name of names.slice(0, count)) await copyFile(join(source, name), join(folder, name));
  const jobs = await startJobs({
    configure(config) {
      config.d1_databases[0].migrations_dir = folder;
    },
  });
  context.after(async () => {
    await jobs.close();
    await rm(folder, { recursive: true });
  });
  return { jobs, folder };
}

test("migrations are numbered without gaps, and only add", async () => {
  for (const [index, name] of names.entries()) {
    assert.match(name, new RegExp(`^${String(index + 1).padStart(4, "0")}_[a-z_]+\\.sql$`));
    const sql = (await readFile(join(source, name), "utf8")).replace(/--.*$/gm, "");
    assert.doesNotMatch(sql, /\b(DROP|RENAME|DELETE\s+FROM|UPDATE\s+\w+\s+SET|REPLACE)\b/i, name);
  }
});

test("a migration is applied while a job is on its way", async (context) => {
  const { jobs, folder } = await startWith(context, names.length);
  await jobs.addMemories("acme", 100);
  const started = [];
  for (const point of ["job.claimed", "job.page", "job.stored"]) {
    await jobs.hook(`wait:${point}`, 1);
    const { id } = await jobs.start("?format=csv");
    started.push(id);
    await jobs.stands(point);
    const name = `9${started.length}_test.sql`;
    await writeFile(
      join(folder, name),
      `ALTER TABLE exports ADD COLUMN note_${started.length} TEXT;
       ALTER TABLE memories ADD COLUMN note_${started.length} TEXT NOT NULL DEFAULT 'new';
       CREATE INDEX exports_by_note_${started.length} ON exports (note_${started.length});
       CREATE TABLE notes_${started.length} (id TEXT PRIMARY KEY) STRICT;`,
    );
    await jobs.worker.applyD1Migrations("DB");
    await jobs.goOn(point);
    assert.equal((await jobs.over(id)).status, "READY");
    const row = await jobs.check(id);
    assert.equal(row.attempts, 1);
    assert.equal(row.row_count, 100);
    assert.equal(row[`note_${started.length}`], null);
    await jobs.remove(id);
  }
});

// The table of exports came with the second one.
for (let count = 2; count < names.length; count += 1) {
  test(`a job of the time of ${names[count - 1]} ends well after all others`, async (context) => {
    const { jobs, folder } = await startWith(context, count);
    await jobs.sql(
      `INSERT INTO exports (id, account_id, created_by, status, format, resource, options, created_at, updated_at,
         file_name, content_type, content_disposition)
       VALUES ('00000000-0000-4000-8000-000000000000', 'acme', 'acme-owner', 'PENDING', 'csv', 'memories',
         '{"format":"csv","columns":["id","content"]}', ?1, ?1, 'memories.csv', 'text/csv; charset=utf-8', 'attachment')`,
      jobs.now(),
    );
    for (const name of names.slice(count)) await copyFile(join(source, name), join(folder, name));
    await jobs.worker.applyD1Migrations("DB");
    await jobs.addMemories("acme", 10);
    const row = await jobs.end("00000000-0000-4000-8000-000000000000");
    assert.equal(row.status, "READY", row.error);
    assert.equal(row.row_count, 10);
    await jobs.tidy();
    await jobs.check(row.id);
  });
}
