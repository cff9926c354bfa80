// Files of the account's resources: what each filter chooses, what stands around and inside of the records, whose they
// are, and how they break off. Expected files are made in plain JavaScript of the same rows.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { csvParse } from "d3-dsv";
import { problem } from "./problem.mjs";
import { chunkedBody, endsWhole } from "./server.mjs";
import { longText, startService } from "./service.mjs";

const NOW = Date.parse("2026-05-04T03:02:01.000Z");

/** The operator's own resources: a type that holds itself, and one that holds what this service does not know yet. */
const FOLDERS = {
  name: "folders",
  label: "Folders",
  description: "Folders with folders.",
  formats: ["json", "csv"],
  file_name: "folders-{date}",
  records: {
    folder: {
      table: "folders",
      parent: "group",
      open: true,
      open_column: "more",
      fields: [
        { name: "id", type: "string", description: "The id." },
        { name: "order", type: "integer", description: "Where it stands." },
        { name: "icon", type: "string", optional: true, description: "A picture." },
        { name: "note's \"text\"", column: "note", type: "string", nullable: true, file_column: "note_key", description: "A note." },
        { name: "folders", type: "records", record: "folder", description: "The folders inside." },
        { name: "count", type: "count", of: "folders", description: "How many they are." },
      ],
    },
  },
  record: "folder",
  envelope: ["standard", { name: "folders", holds: "items", description: "The folders." }],
  filters: [{ name: "order_from", test: "at_least", field: "order", description: "Those that stand there or behind." }],
};

/** A type with a field of every kind, over a table whose columns take any value. */
const READINGS = {
  name: "readings",
  label: "Readings",
  description: "What was read off.",
  formats: ["jsonl", "csv"],
  file_name: "readings-{date}",
  record: {
    table: "readings",
    fields: [
      { name: "id", type: "string", description: "The id." },
      { name: "text", type: "string", nullable: true, description: "A text." },
      { name: "number", type: "number", nullable: true, description: "A number." },
      { name: "integer", type: "integer", nullable: true, description: "A whole number." },
      { name: "flag", type: "boolean", nullable: true, description: "Yes or no." },
      { name: "list", type: "array", items: "any", nullable: true, description: "A list." },
      { name: "any", type: "any", nullable: true, description: "Anything." },
      { name: "lacking", type: "string", optional: true, description: "What some have." },
      { name: "ballast", type: "string", nullable: true, description: "What makes a record heavy." },
    ],
  },
  filters: [],
};

/** The definition and the tables that the guide makes up. */
async function ofGuide() {
  const guide = await readFile(new URL("../../worker/README.md", import.meta.url), "utf8");
  const [, section] = guide.split("### Your own resources\n");
  return ["json", "sql"].map((language) => section.split(`\`\`\`${language}\n`)[1].split("```")[0]);
}

let service;
let folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "tablecast-resources-"));
  const files = ["folders.json", "invoices.json", "readings.json"].map((name) => join(folder, name));
  const [invoices, tables] = await ofGuide();
  await writeFile(files[0], JSON.stringify(FOLDERS));
  await writeFile(files[1], invoices);
  await writeFile(files[2], JSON.stringify(READINGS));
  service = await startService({ vars: { SOFTWARE_VERSION: "7.8.9" }, resources: files });
  for (const statement of tables.split(";\n").filter((text) => text.trim())) await service.sql(statement);
  await service.hook("now", NOW);
  for (const account of ["acme", "globex"]) {
    await service.addRecords(account);
    await service.addMemories(account, 20);
  }
  await service.sql("UPDATE governance_policies SET policy_name = 'of globex: ' || policy_name WHERE account_id = 'globex'");
});
after(async () => {
  await service.close();
  await rm(folder, { recursive: true });
});

const get = (path, options) => service.fetch(`/v1/resources/${path}`, options);

/** The JSON of a file that has to come. */
async function made(path, options) {
  const response = await get(path, options);
  const text = await response.text();
  assert.equal(response.status, 200, `${path}: ${text.slice(0, 500)}`);
  return JSON.parse(text);
}

/** The rows of a table of an account, in the order of files. */
async function rows(table, account = "acme", condition = "TRUE") {
  const found = await service.sql(`SELECT * FROM ${table} WHERE account_id = ? AND ${condition} ORDER BY created_at, id`, account);
  const isJson = (text) => typeof text === "string" && /^[[{]/.test(text) && !/^\[\{"score"|^\{"question"/.test(text);
  return found.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, isJson(value) ? JSON.parse(value) : value])));
}

const pick = (row, names) => Object.fromEntries(names.map((name) => [name, row[name]]));
const ids = (records) => records.map((record) => record.id ?? record.result_id);

const STANDARD = (type) => ({ export_type: type, software_version: "7.8.9", account_id: "acme", exported_at: "2026-05-04T03:02:01.000Z" });

test("the list holds every type, the operator's among them, in parts", async () => {
  const response = await get("");
  assert.equal(response.status, 404);
  const all = await (await service.fetch("/v1/resources")).json();
  assert.deepEqual([all.page, all.page_size, all.total], [1, 100, 16]);
  const names = all.items.map(({ name }) => name);
  assert.deepEqual(names, names.toSorted());
  assert.ok(names.includes("folders") && names.includes("invoices") && names.includes("agent_definition"));
  const text = JSON.stringify(all);
  for (const hidden of ["governance_evaluations_of", "file_column", "\"table\"", "group", "note_key"]) assert.ok(!text.includes(hidden), hidden);
  const part = await (await service.fetch("/v1/resources?page=2&page_size=5")).json();
  assert.deepEqual(part.items, all.items.slice(5, 10));
  assert.deepEqual((await (await service.fetch("/v1/resources?page=4")).json()).items, []);
  for (const query of ["page_size=101", "page=0"]) await problem(await service.fetch(`/v1/resources?${query}`), 422, "INVALID_PARAMETER");
});

/** Queries, and what a row must be to be chosen. */
const CHOICES = [
  ["governance_policies", "", () => true],
  ["governance_policies", "category=pii", (row) => row.category === "pii"],
  ["governance_policies", "enabled=true", (row) => row.enabled === 1],
  ["governance_policies", "enabled=false&category=legal", (row) => row.enabled === 0 && row.category === "legal"],
  ["governance_policies", "account_wide_only=true", (row) => row.agent_id === null && row.source_connection_id === null && row.agent_step_id === null],
  ["governance_policies", "account_wide_only=false", () => true],
  ["governance_evaluations", "", () => true],
  ["governance_evaluations", "agent_id=agent-billing", (row) => row.agent_id === "agent-billing"],
  ["governance_evaluations", "source_connection_id=source-news", (row) => row.source_connection_id === "source-news"],
  ["governance_evaluations", "policy_id=policy-pii", (row) => row.policy_id === "policy-pii"],
  ["governance_evaluations", "verdict=flag", (row) => row.verdict === "flag"],
  ["governance_evaluations", "screening_point=step_output", (row) => row.screening_point === "step_output"],
  ["governance_evaluations", "unresolved_only=true", (row) => row.resolved_at === null],
  ["governance_evaluations", "verdict=block&unresolved_only=true&screening_point=agent_input", (row) => row.verdict === "block" && row.resolved_at === null && row.screening_point === "agent_input"],
  ["governance_evaluations", "policy_id=%27%20OR%201%3D1%20--", () => false],
  ["agent_evaluations", "criteria_id=criteria-1", (row) => row.criteria_id === "criteria-1"],
  ["agent_evaluations", "status=failed", (row) => row.status === "failed"],
  ["agent_traces", "status=failed", (row) => row.status === "failed"],
  ["agent_traces", "limit=7", (_, place) => place < 7],
  ["agent_traces", "limit=3&status=failed", (row, _, chosen) => row.status === "failed" && chosen < 3],
  ["agent_traces", "limit=1000", () => true],
];

const TABLES = { agent_traces: "agent_runs" };

for (const [type, query, isChosen] of CHOICES) {
  test(`${type}?${query} chooses what a plain filter does`, async () => {
    const file = await made(`${type}/export?${query}`);
    const all = await rows(TABLES[type] ?? type);
    let chosen = 0;
    const expected = all.filter((row, place) => isChosen(row, place, chosen) && ((chosen += 1), true));
    if (query && !/OR|false|1000/.test(query)) assert.ok(chosen > 0 && chosen < all.length, `${chosen} of ${all.length}`);
    const [count, records] = type === "governance_policies" ? ["policy_count", "policies"] : ["item_count", "items"];
    assert.deepEqual(ids(file[records]), ids(expected));
    assert.deepEqual(Object.keys(file), [...Object.keys(STANDARD(type)), records, count]);
    assert.deepEqual(pick(file, Object.keys(STANDARD(type))), STANDARD(type));
    assert.equal(file[count], expected.length);
    assert.deepEqual(await made(`${type}/export?${query}${query && "&"}envelope=false`), file[records]);
  });
}

test("records hold their fields in the definition's order, with the values of the table", async () => {
  const { policies } = await made("governance_policies/export");
  const bool = (value) => value === 1;
  const expected = (await rows("governance_policies")).map(({ account_id: _, ...row }) => ({
    ...row, enabled: bool(row.enabled), review_input: bool(row.review_input), review_output: bool(row.review_output),
  }));
  assert.deepEqual(policies, expected);
  assert.deepEqual(Object.keys(policies[0]).slice(0, 5), ["id", "policy_name", "policy_text", "category", "enabled"]);
  const csv = csvParse(await (await get("agent_evaluations/export?format=csv")).text());
  const results = await rows("agent_evaluations");
  assert.deepEqual(csv.map((row) => [row.result_id, row.score, row.details && JSON.parse(row.details)]), results.map((row) => [row.id, row.score === null ? "" : String(row.score), row.details ?? ""]));
  const lines = (await (await get("governance_evaluations/export?format=jsonl&verdict=pass")).text()).trimEnd().split("\n");
  assert.deepEqual(lines.map((line) => JSON.parse(line).id), ids(await rows("governance_evaluations", "acme", "verdict = 'pass'")));
});

/** Runs as files hold them. */
async function traces(withTexts, account = "acme") {
  const [runs, steps, attempts] = await Promise.all(["agent_runs", "agent_step_runs", "agent_step_attempts"].map((table) => rows(table, account)));
  return runs.map((run) => {
    const of = steps.filter((step) => step.agent_run_id === run.id).map((step) => ({
      ...pick(step, ["id", "step_id", "step_type", "status", "error_count", "input_checksum", "output_content_type", "created_at"]),
      attempts: attempts
        .filter((attempt) => attempt.agent_step_run_id === step.id)
        .map((attempt) => pick(attempt, ["id", "status", "started_at", "ended_at", "duration", "error", "cache_stats"])),
      ...(withTexts ? { input: step.input, output: step.output_key ? longText(step.output_key) : step.output } : {}),
    }));
    return { ...pick(run, ["id", "status", "error_count", "priority", "call_depth", "created_at", "updated_at"]), steps: of, step_count: of.length, usages: run.usages };
  });
}

test("records inside of records come with what belongs to each, counted", async () => {
  const expected = await traces(true);
  assert.ok(expected.some((run) => run.steps.some((step) => step.output?.length > 200_000)));
  assert.deepEqual((await made("agent_traces/export")).items, expected);
  // In the definition's order, too.
  const [first] = (await made("agent_traces/export?limit=1")).items;
  assert.equal(JSON.stringify(first), JSON.stringify(expected[0]));
});

test("what a switch leaves out is neither in the file nor read", async () => {
  // A text that is missing in the bucket is not looked for.
  await service.sql("UPDATE agent_step_runs SET input_key = 'texts/nowhere' WHERE account_id = 'acme' AND id = 'step-001-0'");
  assert.deepEqual((await made("agent_traces/export?include_step_io=false")).items, await traces(false));
  await service.sql("UPDATE agent_step_runs SET input_key = NULL WHERE account_id = 'acme' AND id = 'step-001-0'");
});

const SOURCE = ["polling", "polling_action", "polling_max_items", "seed", "retention_days", "crawl_limit", "crawl_depth"];
const TIMES = ["created_at", "updated_at"];
const text = (row) => (row.text_key ? longText(row.text_key) : row.text);

async function knowledgeBase(id, from = "", to = "9999") {
  const [base] = await rows("knowledge_bases", "acme", `id = '${id}'`);
  const links = await service.sql("SELECT source_connection_id AS id FROM knowledge_base_sources WHERE account_id = 'acme' AND knowledge_base_id = ?", id);
  const items = await rows("content_items");
  const isChosen = (item) => (!from && to === "9999") || (item.published_at !== null && item.published_at >= from && item.published_at < to);
  const sources = (await rows("source_connections")).filter((source) => links.some((link) => link.id === source.id)).map((source) => {
    const own = items.filter((item) => item.source_connection_id === source.id && isChosen(item)).map((item) => ({
      id: item.id, title: item.title, text: text(item), ...pick(item, ["url", "status", "word_count", "token_count", "published_at", "created_at"]),
    }));
    return { source_connection_id: source.id, source_name: source.name, source_url: source.source_url, ...pick(source, SOURCE), content_items: own, content_item_count: own.length };
  });
  return {
    ...STANDARD("knowledge_base"),
    knowledge_base: pick(base, ["id", "name", "description", "reranker_model", "default_top_n", "default_top_k", "default_score_threshold", ...TIMES]),
    sources,
    source_count: sources.length,
    total_content_items: sources.reduce((sum, source) => sum + source.content_items.length, 0),
  };
}

test("a document holds one object with all that belongs to it, through links and at any depth", async () => {
  for (const id of ["kb-handbook", "kb-press"]) {
    const expected = await knowledgeBase(id);
    assert.ok(expected.total_content_items > 10);
    const response = await get(`knowledge_base/${id}/export`);
    assert.equal(await response.text(), JSON.stringify(expected, null, 2));
    assert.match(response.headers.get("content-disposition"), new RegExp(`filename="knowledge-base-${id.slice(0, 8)}-2026-05-04.json"`));
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  }
  const [from, to] = ["2025-07-01", "2025-08-15T12:00:00Z"];
  const expected = await knowledgeBase("kb-handbook", "2025-07-01T00:00:00.000Z", "2025-08-15T12:00:00.000Z");
  assert.ok(expected.total_content_items > 0);
  assert.deepEqual(await made(`knowledge_base/kb-handbook/export?from_date=${from}&to_date=${to}`), expected);
  const none = await made("knowledge_base/kb-handbook/export?from_date=2030-01-01");
  assert.deepEqual([none.total_content_items, none.source_count], [0, 2]);
});

test("the other documents are those of their tables", async () => {
  const bank = await made("memory_bank/bank-notes/export");
  const entries = (await rows("memory_bank_entries", "acme", "memory_bank_id = 'bank-notes'")).map((entry) => ({
    id: entry.id, title: entry.title, text: text(entry), ...pick(entry, ["published_at", "created_at", "metadata", "content_metadata"]),
  }));
  assert.deepEqual([bank.entries, bank.entry_count], [entries, entries.length]);
  assert.ok(entries.some((entry) => entry.text.length > 200_000));

  const bare = await made("solution/solution-support/export");
  assert.deepEqual(Object.keys(bare), [...Object.keys(STANDARD("solution")), "solution", "agents", "knowledge_bases", "source_connections", "memory_banks"]);
  assert.deepEqual([ids(bare.agents), ids(bare.knowledge_bases), ids(bare.source_connections), ids(bare.memory_banks)], [["agent-support-desk", "agent-billing"], ["kb-handbook"], ["source-handbook"], ["bank-support"]]);
  assert.ok(!("content_items" in bare.source_connections[0]) && !("entries" in bare.memory_banks[0]));
  const whole = await made("solution/solution-support/export?include_content=true");
  const items = await rows("content_items", "acme", "source_connection_id = 'source-handbook'");
  assert.deepEqual(whole.source_connections[0].content_items, items.map((item) => ({ id: item.id, title: item.title, text: text(item), url: item.url, published_at: item.published_at })));
  assert.equal(whole.memory_banks[0].entries.length, 16);

  const agent = await made("agent_definition/agent-support-desk/export");
  assert.deepEqual(await (await service.fetch("/api/agents/agent-support-desk/export")).json(), agent);
  const [row] = await rows("agents", "acme", "id = 'agent-support-desk'");
  const [trigger] = await rows("agent_triggers", "acme", "agent_id = 'agent-support-desk'");
  assert.deepEqual(agent.agent.definition, row.definition);
  assert.deepEqual(pick(agent, ["alert_configs", "evaluation_criteria", "governance_policies", "dependencies", "solutions"]), pick(row, ["alert_configs", "evaluation_criteria", "governance_policies", "dependencies", "solutions"]));
  assert.deepEqual([agent.trigger.schedules, agent.trigger.metadata_, agent.trigger.allow_empty_input], [trigger.schedules, trigger.metadata_, false]);
  assert.deepEqual([agent.agent.retry_on_failure, agent.agent.max_retries, agent.export_version], [true, 2, "2"]);
  // Without a trigger, and of the time before there were definitions.
  const old = await made("agent_definition/agent-travel/export");
  assert.deepEqual([old.trigger, old.solutions, old.agent.definition.steps], [null, null, []]);
});

test("tables of one object have rows with the columns that they come with", async () => {
  const table = await (await get("data_table/table-costs/export")).text();
  assert.equal(table.split("\r\n")[0], "Monat,Rent,Power (kWh),paid,note");
  assert.equal(table.split("\r\n").length, 14);
  const messages = await made("conversation/conversation-oven/export?format=json&role=user");
  assert.deepEqual(ids(messages), ["message-2", "message-4"]);
  const outputs = await made("analysis/analysis-october/export?format=json");
  assert.equal(outputs[3].content, longText("texts/acme/analysis_outputs/output-4"));
  const page = await get("conversation/conversation-oven/export?format=pdf");
  assert.equal(page.headers.get("content-type"), "text/html; charset=utf-8");
  assert.match(page.headers.get("content-security-policy"), /sandbox/);
  await page.text();
});

test("options of the file stand in the query too", async () => {
  const compact = await (await get("governance_evaluations/export?json.pretty=false")).text();
  assert.equal(compact.split("\n").length, 1);
  const csv = await get("governance_evaluations/export?format=csv&csv.delimiter=;&columns=verdict,id&filename=mine&verdict=block");
  assert.match(csv.headers.get("content-disposition"), /filename="mine\.csv"/);
  assert.match(await csv.text(), /^verdict;id\r\nblock;evaluation-/);
  const template = { name: "Verdicts", format: "csv", column_mapping: { verdict: "Verdict", score: "Score" } };
  const stored = await (await service.fetch("/v1/templates", { method: "POST", json: template })).json();
  const mapped = await (await get(`governance_evaluations/export?template_id=${stored.id}`)).text();
  assert.match(mapped, /^Verdict,Score\r\n/);
  const flat = csvParse(await (await get("agent_evaluations/export?format=csv&flatten=true")).text());
  assert.ok(flat.columns.includes("details.reason"));
  await problem(await get("data_table/table-costs/export?strict=true"), 422, "STRICT");
});

test("what is not taken is refused, with what there is and what was meant", async () => {
  for (const [path, error, details] of [
    ["governance_evaluations/export?verdit=block", "UNKNOWN_PARAMETER", { parameter: "verdit", nearest: "verdict" }],
    ["governance_evaluations/export?account_id=globex", "UNKNOWN_PARAMETER", { parameter: "account_id" }],
    ["governance_evaluations/export?resource=memories", "UNKNOWN_PARAMETER", { parameter: "resource" }],
    ["governance_evaluations/export?input.path=a", "UNKNOWN_PARAMETER", { parameter: "input.path" }],
    ["governance_evaluations/export?filters.verdict=block", "UNKNOWN_PARAMETER", { parameter: "filters.verdict" }],
    ["governance_evaluations/export?now=2020-01-01", "UNKNOWN_PARAMETER", { parameter: "now" }],
    ["governance_evaluations/export?verdict=blok", "INVALID_PARAMETER", { parameter: "verdict" }],
    ["governance_evaluations/export?verdict=block&verdict=pass", "INVALID_PARAMETER", { parameter: "verdict" }],
    ["governance_evaluations/export?unresolved_only=yes", "INVALID_PARAMETER", { parameter: "unresolved_only" }],
    ["governance_evaluations/export?envelope.account_id=globex", "INVALID_PARAMETER", { parameter: "envelope" }],
    ["governance_evaluations/export?envelope=no", "INVALID_PARAMETER", { parameter: "envelope" }],
    ["agent_traces/export?limit=0", "INVALID_PARAMETER", { parameter: "limit" }],
    ["agent_traces/export?include_step_io=1", "INVALID_PARAMETER", { parameter: "include_step_io" }],
    ["knowledge_base/kb-press/export?from_date=soon", "INVALID_PARAMETER", { parameter: "from_date" }],
    ["knowledge_base/kb-press/export?from_date=2026-01-02&to_date=2026-01-01", "CONTRADICTORY_PARAMETERS", { parameters: ["from_date", "to_date"] }],
    ["knowledge_base/kb-press/export?columns=id", "CONTRADICTORY_OPTIONS", {}],
    ["knowledge_base/kb-press/export?flatten=true", "CONTRADICTORY_OPTIONS", {}],
    ["governance_policies/export?format=csv", "FORMAT_NOT_OFFERED", { format: "csv", offered: ["json", "jsonl"] }],
    ["governance_policies/export?format=jsn", "UNKNOWN_FORMAT", { format: "jsn", nearest: "json" }],
    ["governance_policies/export?json.prety=false", "UNKNOWN_OPTION", {}],
    ["governance_policy/export", "UNKNOWN_RESOURCE", { resource: "governance_policy", nearest: "governance_policies" }],
    ["%00/export", "UNKNOWN_RESOURCE", {}],
    ["%ff/export", "UNKNOWN_RESOURCE", {}],
    ["knowledge_base/export", "RESOURCE_ID_REQUIRED", { resource: "knowledge_base" }],
    ["governance_policies/policy-pii/export", "INVALID_PARAMETER", { parameter: "resource_id" }],
  ]) {
    const document = await problem(await get(path), 422, error);
    assert.deepEqual(pick(document.details, Object.keys(details)), details, path);
    if (error.startsWith("UNKNOWN_PARAMETER")) assert.ok(document.details.known.includes("verdict") && document.details.known.includes("format"));
  }
  await problem(await get("knowledge_base/kb-press/export?template_id=nothing"), 404, "TEMPLATE_NOT_FOUND");
  await problem(await service.fetch("/api/agents/agent-support-desk/export?account=x"), 422, "UNKNOWN_PARAMETER");
});

test("each account has its own records under the same ids, and no way to others", async () => {
  const key = service.keysOf.globex.owner;
  const own = await made("governance_policies/export");
  const theirs = await made("governance_policies/export", { key });
  assert.deepEqual(ids(theirs.policies), ids(own.policies));
  assert.equal(theirs.account_id, "globex");
  assert.ok(theirs.policies.every((policy) => policy.policy_name.startsWith("of globex: ")));
  assert.ok(own.policies.every((policy) => !policy.policy_name.startsWith("of globex: ")));
  const base = JSON.stringify(await made("knowledge_base/kb-handbook/export", { key }));
  assert.ok(base.includes("texts/globex/") && !base.includes("acme"));
  await service.sql("INSERT INTO knowledge_bases (id, account_id, name, created_at) VALUES ('kb-secret', 'globex', 'Secret', '2026-01-01T00:00:00.000Z')");
  const unknown = await problem(await get("knowledge_base/kb-unknown/export"), 404, "RESOURCE_NOT_FOUND");
  for (const id of ["kb-secret", "%00", "x".repeat(300), "%ff", "%27%20OR%201=1"]) {
    assert.deepEqual(await problem(await get(`knowledge_base/${id}/export`), 404, "RESOURCE_NOT_FOUND"), unknown, id);
  }
  // A link to a record of another account leads nowhere.
  await service.sql("INSERT INTO source_connections (id, account_id, name, created_at) VALUES ('source-secret', 'globex', 'Secret', '2026-01-01T00:00:00.000Z')");
  await service.sql("INSERT INTO knowledge_base_sources VALUES ('acme', 'kb-press', 'source-secret')");
  assert.ok(!JSON.stringify(await made("knowledge_base/kb-press/export")).includes("secret"));
});

test("files count in the rate, and leave a line in the trail that tells what they are of", async () => {
  await made("agent_traces/export?limit=1");
  await made("memory_bank/bank-notes/export");
  const trail = await service.sql("SELECT * FROM audit WHERE account_id = 'acme' ORDER BY id DESC LIMIT 2");
  assert.deepEqual(trail.map(({ action, target_type, target_id, user_id }) => [action, target_type, target_id, user_id]), [
    ["export.stream", "resource", "bank-notes", "acme-owner"],
    ["export.stream", "resource", "agent_traces", "acme-owner"],
  ]);
  assert.deepEqual(JSON.parse(trail[0].details), { resource: "memory_bank", resource_id: "bank-notes", content_type: "application/json" });
});

test("arrays of more than a page, and items of more than a page, come whole and in order", async () => {
  // More rows than a page has, and more bytes than a record's text may have.
  await service.addKnowledgeBase("many", 1, 4500, 10);
  await service.addKnowledgeBase("large", 1, 20, 60_000);
  for (const [id, count, length] of [["many", 4500, 30], ["large", 20, 180_000]]) {
    const { sources, total_content_items: total } = await made(`knowledge_base/${id}/export`);
    const items = sources[0].content_items;
    assert.deepEqual([total, sources.length, items.length], [count, 1, count]);
    assert.deepEqual(ids(items), Array.from({ length: count }, (_, n) => `${id}-0-${String(n).padStart(5, "0")}`));
    assert.ok(items.every((item) => item.text === 'é"\n'.repeat(length / 3)));
  }
  // Runs with so much inside that no page has two of them, among light ones.
  await service.sql(
    `INSERT INTO agent_step_runs (id, account_id, agent_run_id, step_id, input, created_at)
     SELECT printf('big-%d-%d', a.value, b.value), 'acme', printf('run-%03d', a.value), 'big', replace(hex(zeroblob(100000)), '00', 'x'), '2026-01-01T00:00:00.000Z'
     FROM json_each('[3, 4, 30]') AS a, json_each('[1, 2, 3, 4, 5, 6]') AS b`,
  );
  assert.deepEqual((await made("agent_traces/export")).items, await traces(true));
  await service.sql("DELETE FROM agent_step_runs WHERE step_id = 'big'");
});

test("every value of a column comes as it is, whether its record is read with others or by itself", async () => {
  await service.sql(
    "CREATE TABLE readings (id TEXT, account_id TEXT, text, number, integer, flag, list, any, lacking, ballast TEXT, created_at TEXT DEFAULT '2026-01-01T00:00:00.000Z')",
  );
  // What the columns hold, in SQL, and what a line has of it. A null in the last one is a field that the record lacks.
  const READ = [
    ["NULL, NULL, NULL, NULL, NULL, NULL, NULL", '"text":null,"number":null,"integer":null,"flag":null,"list":null,"any":null'],
    ["'', 0, 0, 0, '[]', '{}', ''", '"text":"","number":0,"integer":0,"flag":false,"list":[],"any":{},"lacking":""'],
    [
      "'é \"1\" 🚀', 0.1, 9007199254740993, 1, '[1, 1.50, \"a\"]', '12345678901234567890.10', '007'",
      '"text":"é \\"1\\" 🚀","number":0.1,"integer":9007199254740993,"flag":true,"list":[1,1.50,"a"],"any":12345678901234567890.10,"lacking":"007"',
    ],
    ["'null', -2.5e-9, -9007199254740992, 1, '[null]', 'null', 'true'", '"text":"null","number":-2.5e-9,"integer":-9007199254740992,"flag":true,"list":[null],"any":null,"lacking":"true"'],
    ["'x', 1e21, 268435456, 0, '[[]]', '\"a\"', 'y'", '"text":"x","number":1.0e+21,"integer":268435456,"flag":false,"list":[[]],"any":"a","lacking":"y"'],
    ["12, 'twelve', 'one', 2, '[broken', 'plain', 7.5", '"text":12,"number":"twelve","integer":"one","flag":2,"list":"[broken","any":"plain","lacking":7.5'],
    ["'true', -0.5, -1, 'no', 'true', 'false', 'x'", '"text":"true","number":-0.5,"integer":-1,"flag":"no","list":true,"any":false,"lacking":"x"'],
  ];
  const HEAVY = 300_000;
  for (const [place, [values]] of READ.entries()) {
    await service.sql(`INSERT INTO readings (id, account_id, text, number, integer, flag, list, any, lacking) VALUES ('${place}', 'acme', ${values})`);
  }
  const lines = (ballast) => READ.map(([, members], place) => `{"id":"${place}",${members},"ballast":${ballast}}\n`).join("");
  const file = async (format) => (await get(`readings/export?format=${format}`)).text();
  assert.equal(await file("jsonl"), lines(null));
  const records = (text) => [...csvParse(text)];
  const light = records(await file("csv"));
  await service.sql("UPDATE readings SET ballast = replace(hex(zeroblob(?)), '00', 'x')", HEAVY);
  const ballast = "x".repeat(HEAVY);
  assert.equal(await file("jsonl"), lines(`"${ballast}"`));
  assert.deepEqual(records(await file("csv")), light.map((row) => ({ ...row, ballast })));
  // Heavy ones among light ones.
  await service.sql("UPDATE readings SET ballast = NULL WHERE id % 3 <> 1");
  const mixed = READ.map(([, members], place) => `{"id":"${place}",${members},"ballast":${place % 3 === 1 ? `"${ballast}"` : null}}\n`);
  assert.equal(await file("jsonl"), mixed.join(""));
  // What is neither a text nor a number is no value of a field.
  await service.sql("UPDATE readings SET text = x'00ff' WHERE id = '3'");
  await problem(await get("readings/export"), 500, "INTERNAL");
});

test("records that are stored after the request began are not in the file", async () => {
  await service.sql("INSERT INTO agent_runs (id, account_id, created_at) VALUES ('later', 'acme', '2026-05-04T03:02:01.001Z')");
  assert.ok(!ids((await made("agent_traces/export")).items).includes("later"));
  await service.sql("DELETE FROM agent_runs WHERE id = 'later'");
});

test("a text that is missing in the bucket is an error, early or late, and never an empty text", async () => {
  const key = "texts/acme/content_items/item-009";
  const kept = await (await service.env.FILES.get(key)).text();
  await service.env.FILES.delete(key);
  const document = await problem(await get("knowledge_base/kb-handbook/export"), 500, "TEXT_MISSING");
  assert.deepEqual(document.details, { field: "sources.content_items.text" });
  // What the service itself wrote is no text of a record, whoever says so.
  for (const other of ["exports/globex/id/1", "inputs/globex/id"]) {
    await service.env.FILES.put(other, "of globex");
    await service.sql("UPDATE content_items SET text_key = ? WHERE account_id = 'acme' AND text_key = ?", other, key);
    const refused = await problem(await get("knowledge_base/kb-handbook/export"), 500, "TEXT_MISSING");
    assert.deepEqual(refused.details, { field: "sources.content_items.text" });
    await service.sql("UPDATE content_items SET text_key = ? WHERE account_id = 'acme' AND text_key = ?", key, other);
  }
  await service.env.FILES.put(key, new Uint8Array([0x61, 0xff, 0x62]));
  await problem(await get("knowledge_base/kb-handbook/export"), 500, "INTERNAL");
  await service.env.FILES.put(key, kept);
  await made("knowledge_base/kb-handbook/export");

  // Behind more than what is held back, the connection breaks off.
  await service.sql("UPDATE content_items SET text = NULL, text_key = 'texts/nowhere' WHERE id = 'large-0-00019'");
  const path = "/v1/resources/knowledge_base/large/export";
  const socket = net.connect(Number(service.url.port), service.url.hostname);
  socket.on("error", () => {});
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${service.keys.owner}\r\nConnection: close\r\n\r\n`);
  const pieces = [];
  socket.on("data", (data) => pieces.push(data));
  await new Promise((resolve) => socket.on("close", resolve));
  const answer = Buffer.concat(pieces).toString("latin1");
  assert.match(answer, /^HTTP\/1\.1 200 /);
  assert.ok(!endsWhole(answer));
  const body = chunkedBody(answer);
  assert.ok(body.length > 1 << 20);
  assert.throws(() => JSON.parse(body));
  const expected = (await service.sql("SELECT count(*) AS count FROM audit WHERE target_id = 'large'"))[0].count;
  assert.ok(expected > 0);
});

test("a type of the operator's, which holds itself, is exported like all others", async () => {
  await service.sql(
    `CREATE TABLE folders (id TEXT, account_id TEXT, "group" TEXT, "order" INTEGER, icon TEXT, note TEXT, note_key TEXT, more TEXT, created_at TEXT)`,
  );
  const insert = (id, parent, order, more = {}, note = null, icon = null, key = null, account = "acme") =>
    service.sql("INSERT INTO folders VALUES (?, ?, ?, ?, ?, ?, ?, ?, '2026-01-01T00:00:00.000Z')", id, account, parent, order, icon, note, key, JSON.stringify(more));
  await insert("a", null, 1, { color: "red", "x'y": [1] }, "it's");
  await insert("b", null, 2, {}, null, "star");
  await insert("aa", "a", 1, { color: null });
  await insert("aaa", "aa", 1, {}, null, null, "texts/note");
  await insert("ab", "a", 2);
  await insert("theirs", "a", 3, {}, null, null, null, "globex");
  await service.env.FILES.put("texts/note", longText("note"));
  const name = "note's \"text\"";
  const folder = (id, order, note, folders, more = {}, icon) => ({ id, order, ...(icon ? { icon } : {}), [name]: note, folders, count: folders.length, ...more });
  const expected = [
    folder("a", 1, "it's", [folder("aa", 1, null, [folder("aaa", 1, longText("note"), [])], { color: null }), folder("ab", 2, null, [])], { color: "red", "x'y": [1] }),
    folder("b", 2, null, [], {}, "star"),
  ];
  const file = await made("folders/export");
  assert.deepEqual(file, { ...STANDARD("folders"), folders: expected });
  assert.deepEqual((await made("folders/export?order_from=2")).folders, expected.slice(1));
  const done = await service.over((await service.start("", { json: { resource: "folders", format: "csv" } })).id);
  assert.equal(done.status, "READY", JSON.stringify(done.error));
  const csv = csvParse(await (await service.fetch(`/v1/exports/${done.id}/download`)).text());
  assert.deepEqual(csv.map((row) => [row.id, row[name], JSON.parse(row.folders).length, row.color]), [["a", "it's", 2, "red"], ["b", "", 0, ""]]);
  // Data of a request, too, may be said to be of it.
  const response = await service.fetch("/api/export", { method: "POST", json: { resource: "folders", envelope: false, format: "json", data: [{ order: 7, id: "z", folders: [] }] } });
  assert.deepEqual(await response.json(), [{ id: "z", order: 7, [name]: null, folders: [], count: 0 }]);
  await problem(await service.fetch("/api/export", { method: "POST", json: { resource: "folder", format: "json", data: [] } }), 422, "UNKNOWN_RESOURCE");
});

test("the type that the guide makes up works as it says", async () => {
  await service.sql("INSERT INTO invoices VALUES ('i1', 'acme', 'Zoë', 'open', '2026-02-01T00:00:00.000Z'), ('i2', 'acme', 'Bob', 'paid', '2026-02-02T00:00:00.000Z')");
  await service.sql("INSERT INTO invoice_lines VALUES ('l1', 'acme', 'i1', 'Rent', 1200, '2026-02-01T00:00:00.000Z'), ('l2', 'acme', 'i1', 'Power', 80.5, '2026-02-01T00:00:00.000Z')");
  const lines = [{ text: "Rent", amount: 1200 }, { text: "Power", amount: 80.5 }];
  const open = { id: "i1", customer: "Zoë", status: "open", issued_at: "2026-02-01T00:00:00.000Z", lines, line_count: 2 };
  assert.deepEqual(await made("invoices/export?status=open&issued_from=2026-02-01"), { ...STANDARD("invoices"), items: [open], item_count: 1 });
  const [row] = csvParse(await (await get("invoices/export?status=open&format=csv")).text());
  assert.deepEqual([row.customer, JSON.parse(row.lines), row.line_count], ["Zoë", lines, "2"]);
  const done = await service.over((await service.start("", { json: { resource: "invoices", format: "jsonl" } })).id);
  assert.deepEqual([done.status, done.row_count], ["READY", 2]);
  const { paths } = await (await service.fetch("/openapi.json")).json();
  assert.ok(paths["/v1/resources/invoices/export"]);
});

test("the account's export is a type like all others, and nobody else's business", async () => {
  assert.deepEqual(await made("account/export"), await (await service.fetch("/api/export")).json());
  const member = service.keysOf.acme.member;
  const done = await service.over((await service.start("", { json: { resource: "account" } })).id);
  const file = await (await service.fetch(`/v1/exports/${done.id}/download`)).json();
  assert.deepEqual([file.user.id, done.row_count > 0], ["acme-owner", true]);
  await problem(await service.fetch(`/v1/exports/${done.id}/download`, { key: member }), 404, "EXPORT_NOT_FOUND");
  assert.equal((await service.fetch(`/v1/exports/${done.id}`, { key: member })).status, 200);
});
