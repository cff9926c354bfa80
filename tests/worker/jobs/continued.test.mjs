// A job that outgrows one invocation is continued by further messages, and gives the same file as one that does not.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { longText } from "../service.mjs";
import { HOUR, LEASE, SECOND, startJobs } from "./jobs.mjs";

/** Works at a page of records in each invocation, and knows an upper bound. */
let cut;
/** Works at a job as long as it takes. */
let uncut;

/** Four pages of 2000 records. */
const COUNT = 6500;

before(async () => {
  const begin = Date.now();
  [cut, uncut] = await Promise.all([
    startJobs({ vars: { JOB_QUERIES_PER_INVOCATION: "1", MAX_JOB_ROWS: String(COUNT) } }),
    startJobs(),
  ]);
  for (const jobs of [cut, uncut]) {
    jobs.begin = begin;
    await jobs.moveTo(0);
    await jobs.addMemories("acme", COUNT);
    // Warnings are counted over all parts, and some columns are only filled late.
    await jobs.sql("UPDATE memories SET metadata = NULL, session_id = NULL WHERE id < 'm0005000'");
    await jobs.sql("UPDATE memories SET content = '=1+' || id WHERE id LIKE '%77'");
    // In HTML each of these characters is five bytes.
    await jobs.addMemories("globex", 4100, { content: "&".repeat(510) });
    await jobs.addRecords("acme");
    await jobs.addKnowledgeBase("many", 3, 2100, 5);
    await jobs.addKnowledgeBase("large", 2, 14, 25_000);
    await jobs.sql("UPDATE content_items SET text = NULL, text_key = 'texts/acme/content_items/item-009' WHERE id LIKE 'large-%07'");
    await jobs.sql(
      `INSERT INTO agent_runs (id, account_id, status, usages, created_at)
       SELECT printf('many-%05d', rowid), 'acme', iif(rowid % 3 = 0, 'failed', 'finished'), '[{}]', created_at FROM memories WHERE account_id = 'acme' LIMIT 2500`,
    );
    await jobs.sql(
      `INSERT INTO agent_step_runs (id, account_id, agent_run_id, step_id, input, created_at)
       SELECT id || '-step', 'acme', id, 'one', iif(id LIKE '%000', replace(hex(zeroblob(150000)), '00', 'xy'), 'in'), created_at
       FROM agent_runs WHERE id LIKE 'many-%'`,
    );
    await jobs.sql(
      `INSERT INTO workflows SELECT id, 'acme', 'acme-owner', 'flow', 1, created_at FROM agent_runs WHERE id LIKE 'many-%'`,
    );
  }
});
after(() => Promise.all([cut.close(), uncut.close()]));

const TEMPLATE = {
  name: "Numbers",
  header_text: "Records of {date}",
  footer_text: "{rows} rows",
  column_mapping: [
    { key: "id", label: "Id" },
    { key: "metadata.n", label: "Number", type: "integer", total: "sum" },
    { key: "created_at", label: "Created", type: "datetime" },
    { key: "categories", label: "Categories" },
    { key: "priority", label: "Priority", width: 8 },
  ],
};

const FORMATS = ["csv", "json", "jsonl", "markdown", "html"];

const REQUESTS = [
  ...FORMATS.map((format) => [format, { format }]),
  // What a template changes in JSON Lines and Markdown, it changes in these.
  ...["csv", "json", "html"].map((format) => [`${format} with a template`, { format, template: TEMPLATE }]),
  ["csv of columns", { format: "csv", columns: ["metadata", "id"], csv: { delimiter: ";", bom: true } }],
  ["json under a root", { format: "json", json: { pretty: false, root: "memories" } }],
  ["few rows", { format: "csv", filters: { user_id: "u1", created_before: "2026-01-01T00:10:00Z" } }],
  ["no rows", { format: "json", filters: { user_id: "nobody" } }],
  ["filters", { format: "csv", filters: { user_id: "u2", categories: ["d1", "d2"] } }],
  ["a document", { resource: "knowledge_base", resource_id: "many" }],
  ["a document of large records", { resource: "knowledge_base", resource_id: "large", json: { pretty: false } }],
  ["a document with filters", { resource: "knowledge_base", resource_id: "many", filters: { from_date: "2026-01-20", to_date: "2026-03-20" } }],
  ["records inside of records", { resource: "agent_traces" }],
  ["records inside of records, in lines", { resource: "agent_traces", format: "jsonl", filters: { status: "failed", include_step_io: false } }],
  ["so many records at most", { resource: "agent_traces", filters: { limit: 2200 } }],
  ["the records alone", { resource: "agent_traces", envelope: false, filters: { include_step_io: false } }],
  ["all of a user", { resource: "account" }],
  ["an agent", { resource: "agent_definition", resource_id: "agent-support-desk" }],
  ["several parts", { format: "html" }, "globex"],
];

test("a job of an object is of what its row says, and of nobody else's", async () => {
  const json = { resource: "knowledge_base", resource_id: "large", filters: { from_date: "2026-01-01", to_date: null } };
  const made = await cut.start("", { json });
  assert.deepEqual([made.resource, made.resource_id, made.filters, made.user_id], ["knowledge_base", "large", { from_date: "2026-01-01" }, null]);
  assert.match(made.file_name, /^knowledge-base-large-\d{4}-\d\d-\d\d\.json$/);
  const done = await cut.over(made.id);
  assert.deepEqual([done.status, done.attempts], ["READY", 1]);
  const file = await (await cut.fetch(`/v1/exports/${made.id}/download`)).json();
  assert.equal(file.total_content_items, 28);
  assert.equal(file.sources[1].content_items[7].text, longText("texts/acme/content_items/item-009"));
  await cut.remove(made.id);
  const key = cut.keysOf.globex.owner;
  const response = await cut.fetch("/v1/exports", { method: "POST", key, json });
  assert.deepEqual([response.status, (await response.json()).error], [404, "RESOURCE_NOT_FOUND"]);
});

test("what is gone when the job begins, or goes while it is made, ends it with a reason", async () => {
  const json = { resource: "knowledge_base", resource_id: "large" };
  const missing = "UPDATE content_items SET text_key = ? WHERE id = 'large-1-00007'";
  await cut.sql(missing, "texts/nowhere");
  const lacking = await cut.start("", { json });
  assert.deepEqual((await cut.over(lacking.id)).error.code, "TEXT_MISSING");
  await cut.tidy();
  assert.equal((await cut.check(lacking.id, { status: "FAILED", code: "TEXT_MISSING" })).attempts, 1);
  await cut.sql(missing, "texts/acme/content_items/item-009");
  const id = await cut.lost("", { json });
  await cut.sql("UPDATE knowledge_bases SET account_id = 'globex' WHERE id = 'large'");
  await cut.deliver(id);
  await cut.over(id);
  await cut.tidy();
  await cut.check(id, { status: "FAILED", code: "RESOURCE_NOT_FOUND" });
  await cut.sql("UPDATE knowledge_bases SET account_id = 'acme' WHERE id = 'large'");
  for (const job of [lacking.id, id]) await cut.remove(job);
});

/** What a job gave: its row, which tells the hash of its bytes and in how many claims they were made. */
async function made(jobs, body, account) {
  const key = jobs.keysOf[account].owner;
  const { id } = await jobs.start("", { key, json: { resource: "memories", ...body } });
  const ready = await jobs.over(id, { key });
  assert.equal(ready.status, "READY", JSON.stringify(ready.error));
  await jobs.tidy();
  const row = await jobs.check(id);
  const response = await jobs.fetch(`/v1/exports/${id}`, { key, method: "DELETE" });
  assert.equal(response.status, 204);
  await jobs.checkBucket([]);
  const { peak_wasm_bytes, ...report } = ready.report;
  assert.ok(peak_wasm_bytes > 0);
  return { ready, row, report };
}

for (const [name, body, account = "acme"] of REQUESTS) {
  test(`the same file in many parts: ${name}`, async () => {
    const [many, one] = await Promise.all([cut, uncut].map((jobs) => made(jobs, body, account)));
    assert.equal(many.row.sha256, one.row.sha256, "the bytes");
    assert.deepEqual(many.report, one.report);
    for (const member of ["row_count", "file_size", "sha256", "attempts", "file_name", "completed_at"]) {
      assert.equal(many.ready[member], one.ready[member], member);
    }
    assert.equal(many.ready.attempts, 1);
    assert.equal(one.row.fence, 1);
    const rows = name.includes("record") || name.includes("document") ? 0 : many.ready.row_count;
    const pages = Math.max(Math.floor(rows / 2000), account === "globex" ? 3 : 0);
    if (body.resource && many.ready.row_count > 2000) assert.ok(many.row.fence > 1, `${many.row.fence} invocations`);
    assert.ok(many.row.fence >= pages, `${many.row.fence} invocations`);
    if (account === "globex") assert.ok(one.row.file_size > 2 * (5 << 20));
  });
}

test("a crash in the middle begins anew", async () => {
  const { id } = await begunTwice(cut, { format: "csv" });
  const paused = await cut.row(id);
  assert.equal(paused.attempts, 1);
  assert.equal(paused.fence, 3);
  await cut.hook("at:job.resumed", "kill");
  await cut.goOn("job.paused");
  await cut.reached("job.resumed");
  await cut.move(LEASE + SECOND);
  const row = await cut.end(id);
  assert.equal(row.attempts, 2);
  await cut.tidy();
  await cut.check(id);
  await cut.remove(id);
});

test("a checkpoint that cannot be read begins the job anew", async () => {
  for (const damage of [
    ["UPDATE exports SET checkpoint = 'no checkpoint' WHERE id = ?"],
    [`UPDATE exports SET checkpoint = json_set(checkpoint, '$.exporter', '{"v":999}') WHERE id = ?`],
    ["UPDATE exports SET checkpoint = json_set(checkpoint, '$.hash', json('[1]')) WHERE id = ?"],
    [null, (row) => cut.env.FILES.delete(`${row.file_key}/tail`)],
    [null, async ({ id, file_key }) => {
      const upload = await cut.env.FILES.createMultipartUpload(file_key);
      await upload.abort();
      const sql = "UPDATE exports SET checkpoint = json_set(checkpoint, '$.upload.upload_id', ?) WHERE id = ?";
      await cut.sql(sql, upload.uploadId, id);
    }],
  ]) {
    const { id } = await begunTwice(cut, { format: "csv" });
    const [sql, change] = damage;
    if (sql) await cut.sql(sql, id);
    else await change(await cut.row(id));
    await cut.goOn("job.paused");
    await cut.until(async () => (await cut.row(id)).attempts === 2 || (await cut.row(id)).status !== "PROCESSING");
    const row = await cut.end(id);
    assert.equal(row.status, "READY", `${sql}: ${row.error}`);
    assert.equal(row.attempts, 2);
    await cut.tidy();
    await cut.check(id);
    await cut.remove(id);
  }
});

/** A job whose third invocation has paused it and stands still. */
async function begunTwice(jobs, body) {
  await jobs.hook("wait:job.paused", 1);
  const { id } = await jobs.start("", { json: { resource: "memories", ...body } });
  for (let fence = 1; ; fence += 1) {
    await jobs.stands("job.paused");
    if (fence === 3) return { id };
    await jobs.hook("wait:job.paused", 1);
    await jobs.goOn("job.paused");
  }
}

test("a job of more rows than the most is refused, in parts as in one", async () => {
  await cut.addMemories("acme", 1, { prefix: "one-more" });
  const { id } = await cut.start("?format=csv");
  const over = await cut.over(id);
  assert.equal(over.attempts, 1);
  await cut.tidy();
  await cut.check(id, { status: "FAILED", code: "JOB_TOO_LARGE" });
  await cut.remove(id);
  await cut.sql("DELETE FROM memories WHERE id LIKE 'one-more%'");
  const exactly = await cut.start("?format=csv");
  assert.equal((await cut.over(exactly.id)).row_count, COUNT);
  await cut.remove(exactly.id);
});

test("an invocation whose time is over pauses the job too", async () => {
  const jobs = uncut;
  await jobs.hook("slow:job.page", 601 * SECOND);
  const { id } = await jobs.start("?format=csv");
  const ready = await jobs.over(id);
  await jobs.unhook("slow:job.page");
  assert.equal(ready.status, "READY");
  assert.equal(ready.attempts, 1);
  assert.equal(ready.row_count, COUNT);
  await jobs.tidy();
  const row = await jobs.check(id);
  assert.ok(row.fence >= COUNT / 2000, `${row.fence} invocations`);
  await jobs.remove(id);
});

test("the sweep leaves long texts alone", async () => {
  const before = (await cut.objects()).filter((key) => key.startsWith("texts/"));
  assert.ok(before.length > 3);
  await cut.move(2 * HOUR);
  for (let sweeps = 0; sweeps < 3; sweeps += 1) await cut.sweep();
  assert.deepEqual((await cut.objects()).filter((key) => key.startsWith("texts/")), before);
});
