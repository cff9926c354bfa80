// Definitions of agents on their way from one account into another.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { problem } from "./problem.mjs";
import { startService } from "./service.mjs";

const DAY = "2026-01-01T00:00:00.000Z";
const IDS = Object.fromEntries(["agent", "docs", "laws", "bank", "source", "helper", "solution"].map((name, number) => [name, `00000000-0000-4000-8000-00000000000${number}`]));

/** What the agent tells of what it refers to. */
const DEPENDENCIES = {
  knowledge_bases: { [IDS.docs]: { name: "Docs", source_count: 2 }, [IDS.laws]: { name: "Laws", source_count: 0 } },
  memory_banks: { [IDS.bank]: { name: "Notes" } },
  source_connections: { [IDS.source]: { name: "Feed" } },
  agents: { [IDS.helper]: { name: "Helper" } },
  users: { "acme-owner": { name: "Zoë of acme", email: "acme-owner@example.com" } },
};
const POLICIES = [{ policy_name: "No secrets", category: "pii", knowledge_base_names: ["Laws", "Docs"] }, { policy_name: "Polite", knowledge_base_names: null }];
const WORKFLOW = {
  name: "Answer", description: null, tags: ["support", "é😀"],
  steps: [
    { id: "s1", step_type: "retrieval", knowledge_base_id: IDS.docs, steps: [{ id: "s2", step_type: "prompt_call", prompt: 'Say "hello"\n' }] },
    { id: "s3", step_type: "gate", steps: [] },
  ],
};

let service;
before(async () => {
  service = await startService();
  const put = (table, row) => {
    const names = Object.keys(row);
    const values = Object.values(row).map((value) => (value !== null && typeof value === "object" ? JSON.stringify(value) : value));
    return service.sql(`INSERT INTO ${table} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`, ...values);
  };
  const named = (table, id, name) => put(table, { id, account_id: "acme", name, created_at: DAY });
  await named("knowledge_bases", IDS.docs, "Docs");
  await named("knowledge_bases", IDS.laws, "Laws");
  await named("memory_banks", IDS.bank, "Notes");
  await named("source_connections", IDS.source, "Feed");
  await named("solutions", IDS.solution, "Support");
  const agent = { account_id: "acme", user_id: "acme-owner", model: "m", status: "running", created_at: DAY, updated_at: DAY };
  await put("agents", { ...agent, id: IDS.helper, name: "Helper" });
  await put("agents", {
    ...agent, id: IDS.agent, name: "Answers", description: "Answers questions.", definition: WORKFLOW, schema_version: "3",
    default_evaluation_tier: "fast", evaluation_mode: "eval_and_retry", max_retries: 2, retry_on_failure: 1,
    prompt_model_auto_rollback_triggers: ["agent_eval_fail"], alert_configs: [{ threshold: 3 }], evaluation_criteria: [{ step_id: "s2" }],
    governance_policies: POLICIES, dependencies: DEPENDENCIES, solutions: [{ id: IDS.solution, name: "Support" }],
  });
  await put("agent_triggers", { id: "trigger", account_id: "acme", agent_id: IDS.agent, trigger_type: "content_added", knowledge_base_id: IDS.docs, allow_empty_input: 0, created_at: DAY });
});
after(() => service.close());

const check = (definition, options) => service.fetch("/api/agents/check", { method: "POST", json: definition, ...options });

async function exported() {
  const response = await service.fetch(`/api/agents/${IDS.agent}/export`);
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return JSON.parse(text);
}

/** The warnings of a definition that can be imported. */
async function warnings(definition, options) {
  const response = await check(definition, options);
  const document = await response.json();
  assert.equal(response.status, 200, JSON.stringify(document));
  assert.deepEqual(Object.keys(document), ["import_warnings"]);
  return document.import_warnings;
}

/** The problems of one that cannot, each with the text of the echo that it is at. */
async function problems(definition) {
  const document = await problem(await check(definition), 422, "AGENT_DEFINITION_INVALID");
  const lines = document.echo.split("\n");
  return document.problems.map(({ line, column, ...rest }) => ({ ...rest, at: Array.from(lines[line - 1]).slice(column - 1).join(""), line }));
}

test("what was exported can be imported where it came from, and lacks nothing", async () => {
  const definition = await exported();
  assert.equal(definition.export_version, "2");
  assert.deepEqual(definition.agent.definition, WORKFLOW);
  assert.deepEqual(definition.dependencies, DEPENDENCIES);
  assert.equal(definition.trigger.knowledge_base_id, IDS.docs);
  assert.deepEqual(await warnings(definition), []);
  // Members that nobody knows yet are passed over.
  assert.deepEqual(await warnings({ ...definition, written_by: { a: [1] } }), []);
  // Blocks may be absent where they may be null.
  assert.deepEqual(await warnings({ ...definition, trigger: null, alert_configs: null, evaluation_criteria: null, governance_policies: null, dependencies: null, solutions: null }), []);
});

test("another account is told of each item that it lacks, and sees nothing of this one", async () => {
  const definition = await exported();
  const key = service.keysOf.globex.owner;
  const without = "what refers to it is imported without it.";
  assert.deepEqual(await warnings(definition, { key }), [
    { category: "knowledge_base", message: `The account has no knowledge base \`Docs\`; ${without}`, details: { id: IDS.docs, name: "Docs", source_count: 2 } },
    { category: "knowledge_base", message: `The account has no knowledge base \`Laws\`; ${without}`, details: { id: IDS.laws, name: "Laws", source_count: 0 } },
    { category: "memory_bank", message: `The account has no memory bank \`Notes\`; ${without}`, details: { id: IDS.bank, name: "Notes" } },
    { category: "source_connection", message: `The account has no content source \`Feed\`; ${without}`, details: { id: IDS.source, name: "Feed" } },
    { category: "agent", message: `The account has no agent \`Helper\`; ${without}`, details: { id: IDS.helper, name: "Helper" } },
    { category: "user", message: `The account has no user \`acme-owner@example.com\`; ${without}`, details: { id: "acme-owner", email: "acme-owner@example.com", name: "Zoë of acme" } },
    { category: "trigger_knowledge_base", message: "The account has no knowledge base `Docs`; the trigger is imported without it.", details: { id: IDS.docs, name: "Docs" } },
    { category: "governance_policy_knowledge_base", message: "The account has no knowledge base `Laws`; the policy `No secrets` is imported without it.", details: { name: "Laws", policy_name: "No secrets" } },
    { category: "governance_policy_knowledge_base", message: "The account has no knowledge base `Docs`; the policy `No secrets` is imported without it.", details: { name: "Docs", policy_name: "No secrets" } },
    { category: "solution", message: "The account has no solution `Support`; the agent is not put into it.", details: { id: IDS.solution, name: "Support" } },
  ]);
});

test("names are found whatever the ids are, users by their addresses in any case", async () => {
  const definition = await exported();
  definition.trigger.knowledge_base_id = "elsewhere";
  definition.dependencies = {
    knowledge_bases: { elsewhere: { name: "Docs" } },
    users: { u1: { name: "Somebody", email: "ACME-viewer@Example.com" }, "acme-member": {} },
    governance_policies: {},
  };
  definition.solutions = ["Support"];
  assert.deepEqual(await warnings(definition), []);
  definition.dependencies = { users: { u1: { name: "Zoë of acme" } }, prompts: { p1: { name: "Hello" } }, memory_banks: { m1: { name: "notes" }, m2: null }, solutions: 7 };
  const found = await warnings(definition);
  assert.deepEqual(found.map(({ category, details }) => [category, details]), [
    ["user", { id: "u1", name: "Zoë of acme" }],
    ["dependency", { id: "p1", name: "Hello", kind: "prompts" }],
    ["memory_bank", { id: "m1", name: "notes" }],
    ["memory_bank", { id: "m2" }],
    ["solution", { kind: "solutions" }],
    ["trigger_knowledge_base", { id: "elsewhere" }],
  ]);
});

test("what ships as an example is taken from account to account", async () => {
  const keys = {};
  for (const account of ["north", "south"]) {
    keys[account] = await service.addUser(account, "owner");
    await service.addRecords(account);
  }
  await service.sql("UPDATE users SET email = 'zoe@acme.example' WHERE id = 'north-owner'");
  for (const id of ["agent-support-desk", "agent-research", "agent-billing"]) {
    const definition = await (await service.fetch(`/api/agents/${id}/export`, { key: keys.north })).json();
    assert.deepEqual(await warnings(definition, { key: keys.north }), [], id);
  }
  const desk = await (await service.fetch("/api/agents/agent-support-desk/export", { key: keys.north })).json();
  // The same ids are others' there.
  assert.deepEqual((await warnings(desk, { key: keys.south })).map(({ category, details }) => [category, details.name ?? details.email]), [
    ["knowledge_base", "Handbook of north"],
    ["user", "Zoë Müller"],
    ["governance_policy_knowledge_base", "Handbook of north"],
  ]);
});

test("a name of several objects is not certain", async () => {
  const twins = ["twin1", "twin2"].map((id) => service.sql("INSERT INTO solutions (id, account_id, name, created_at) VALUES (?, 'acme', 'Twins', ?)", id, DAY));
  await Promise.all(twins);
  const definition = { ...(await exported()), solutions: ["Twins", { id: "twin2", name: "Twins" }, { id: "twin2", name: "Triplets" }, { id: "twin1" }] };
  const found = await warnings(definition);
  assert.deepEqual(found.map((warning) => warning.message), [
    "`Twins` is the name of 2 objects, so the solution is not certain; the agent is not put into it.",
    "The account has no solution `Triplets`; the agent is not put into it.",
  ]);
});

test("thousands of names are looked for, and what is in them does nothing", async () => {
  const definition = await exported();
  const names = Array.from({ length: 5000 }, (_, number) => `'); DROP TABLE knowledge_bases; -- ${number} "é😀\\ ${"x".repeat(50)}`);
  definition.dependencies.knowledge_bases = Object.fromEntries([...names, "Docs", "Laws"].map((name, number) => [`k${number}`, { name }]));
  definition.trigger.knowledge_base_id = null;
  const found = await warnings(definition);
  assert.deepEqual(found.map((warning) => warning.details.name), names);
  assert.equal((await service.sql("SELECT count(*) AS n FROM knowledge_bases WHERE account_id = 'acme'"))[0].n, 2);
});

test("of what is left out all over, the first warnings are told, with how many more there are", async () => {
  const definition = await exported();
  definition.governance_policies = [];
  const send = async (changes) => {
    const response = await check({ ...definition, ...changes });
    const document = await response.json();
    assert.equal(response.status, 200, JSON.stringify(document).slice(0, 1000));
    return document;
  };
  const many = await send({ solutions: Array(1_000_000).fill(7) });
  assert.equal(many.import_warnings.length, 10_000);
  assert.equal(many.more_import_warnings, 990_000);
  assert.deepEqual(many.import_warnings[9999], { category: "solution", message: "A solution that has no name cannot be found; the agent is not put into it.", details: {} });
  const name = "x".repeat(2 ** 20);
  const long = await send({ governance_policies: [{ policy_name: name, knowledge_base_names: Array.from({ length: 200 }, (_, number) => `n${number}`) }] });
  assert.deepEqual([long.import_warnings.length, long.more_import_warnings], [2, 198]);
  assert.ok(long.import_warnings.every(({ details }) => details.policy_name === name));
  const same = await send({ governance_policies: [{ policy_name: "P", knowledge_base_names: Array(400_000).fill("n") }] });
  assert.equal(same.import_warnings.length + same.more_import_warnings, 400_000);
});

test("numbers of any size and values of any depth that a definition may have are read", async () => {
  const definition = await exported();
  const send = async (solutions) => {
    const text = JSON.stringify({ ...definition, solutions: "here" }).replace('"here"', solutions);
    const response = await check(undefined, { body: text, headers: { "content-type": "application/json" } });
    return [response.status, await response.text()];
  };
  for (const number of ["1e999", "-1e999", "1e-999", "9".repeat(400)]) {
    const [status, text] = await send(`[${number}]`);
    assert.deepEqual([status, JSON.parse(text).import_warnings?.length], [200, 1], text);
  }
  // The definition is one level of the 128 that there may be.
  for (const [depth, expected] of [[127, 200], [128, 413]]) {
    const [status, text] = await send("[".repeat(depth) + "]".repeat(depth));
    assert.equal(status, expected, `${depth}: ${text}`);
  }
  definition.dependencies.prompts = { p1: { name: "Hello", size: "here" } };
  const body = JSON.stringify(definition).replace('"here"', "0.10000000000000000001");
  const response = await check(undefined, { body, headers: { "content-type": "application/json" } });
  assert.match(await response.text(), /"details":\{"id":"p1","name":"Hello","kind":"prompts","size":0.10000000000000000001\}/);
});

test("every problem is told with its path, and with its place in the echo", async () => {
  const definition = await exported();
  const { agent, trigger } = definition;
  delete agent.schema_version;
  agent.name = 7;
  agent.default_evaluation_tier = "quick";
  agent.max_retries = "2";
  agent.retry_on_failure = null;
  agent.max_retry = 1;
  agent.updated_at = "yesterday";
  agent.definition.tags = ["a", 1];
  agent.definition.steps[0].steps.push("step");
  agent.definition.steps[0].steps[0].id = 2;
  trigger.trigger_type = "often";
  trigger.metadata_ = [];
  definition.alert_configs = { a: 1 };
  definition.governance_policies = [1, {}];
  definition.dependencies = [];
  definition.solutions = "Support";
  const found = await problems(definition);
  const document = await problem(await check(definition), 422, "AGENT_DEFINITION_INVALID");
  assert.equal(document.echo, JSON.stringify(definition, null, 2));
  const told = Object.fromEntries(found.map(({ code, path, at }) => [path, [code, at.replace(/,$/, "")]]));
  assert.deepEqual(told, {
    "$.agent.schema_version": ["missing_field", "{"],
    "$.agent.name": ["field_type", "7"],
    "$.agent.default_evaluation_tier": ["outside_enum", '"quick"'],
    "$.agent.max_retries": ["field_type", '"2"'],
    "$.agent.retry_on_failure": ["null_not_allowed", "null"],
    "$.agent.max_retry": ["unknown_field", '"max_retry": 1'],
    "$.agent.updated_at": ["field_type", '"yesterday"'],
    "$.agent.definition.tags[1]": ["field_type", "1"],
    "$.agent.definition.steps[0].steps[1]": ["field_type", '"step"'],
    "$.agent.definition.steps[0].steps[0].id": ["field_type", "2"],
    "$.trigger.trigger_type": ["outside_enum", '"often"'],
    "$.trigger.metadata_": ["field_type", "[]"],
    "$.alert_configs": ["field_type", "{"],
    "$.governance_policies[0]": ["field_type", "1"],
    "$.dependencies": ["field_type", "[]"],
    "$.solutions": ["field_type", '"Support"'],
  });
  assert.equal(found.length, Object.keys(told).length);
  // They come in the order of the echo.
  assert.deepEqual(found.map((row) => row.line), found.map((row) => row.line).toSorted((one, other) => one - other));
  assert.match(document.message, / 16\. At \$\.agent/);
});

test("a version that is not understood is told as such", async () => {
  const definition = await exported();
  for (const version of ["3", "1", "", 2]) {
    const found = await problems({ ...definition, export_version: version });
    assert.deepEqual(found.map((row) => row.path), ["$.export_version"]);
    assert.match(found[0].message, /"2"/);
    assert.equal(found[0].at, `${JSON.stringify(version)},`);
  }
  const { export_version: _, ...without } = definition;
  assert.deepEqual((await problems(without)).map(({ code, path }) => [code, path]), [["missing_field", "$.export_version"]]);
});

test("JSON of another kind has one problem, and what is no JSON has a place", async () => {
  for (const document of [[], 7, "x", null]) {
    const found = await problems(document);
    assert.deepEqual(found.map((row) => [row.path, row.line]), [["$", 1]]);
  }
  const send = (body, headers) => check(undefined, { body, headers: { "content-type": "application/json", ...headers } });
  const broken = await problem(await send('{"agent":\n {"name" 7}}'), 400, "INVALID_JSON");
  assert.deepEqual([broken.line, broken.column], [2, 10]);
  for (const body of ["", "{", '{"a":1}x', '{"a":NaN}', '"\\ud800']) await problem(await send(body), 400, "INVALID_JSON");
  await problem(await send(`${"[".repeat(200)}${"]".repeat(200)}`), 413, "LIMIT_EXCEEDED");
  const twice = await problem(await send('{"agent": 1, "agent": 2}'), 422, "AGENT_DEFINITION_INVALID");
  assert.ok(twice.problems.some((row) => row.code === "duplicate_key"));
});

test("a body is JSON of at most 2 MiB, in gzip too", async () => {
  const definition = await exported();
  const text = JSON.stringify(definition);
  const send = (body, headers) => check(undefined, { body, headers: { "content-type": "application/json", ...headers } });
  assert.equal((await send(gzipSync(text), { "content-encoding": "gzip" })).status, 200);
  const large = JSON.stringify({ ...definition, notes: "x".repeat(2 ** 21) });
  await problem(await send(large), 413, "LIMIT_EXCEEDED");
  await problem(await send(gzipSync(large), { "content-encoding": "gzip" }), 413, "LIMIT_EXCEEDED");
  await problem(await send(text, { "content-encoding": "gzip" }), 400, "INVALID_GZIP");
  for (const type of ["text/plain", "text/csv", "application/x-ndjson"]) await problem(await send(text, { "content-type": type }), 415, "UNSUPPORTED_MEDIA_TYPE");
  // Of what is wrong all over, the first ten thousand are told.
  const many = await problem(await check({ ...definition, governance_policies: Array(2 ** 19).fill(1) }), 422, "AGENT_DEFINITION_INVALID");
  assert.equal(many.problems.length, 10_000);
  assert.equal(many.problems.at(-1).path, "$.governance_policies[9999]");
  assert.deepEqual(many.details, { problems: 2 ** 19 });
  assert.equal((await send(text)).status, 200);
});

test("a check needs the permission of exports, takes no parameters, and changes nothing but the trail", async () => {
  const definition = await exported();
  const agents = () => service.sql("SELECT count(*) AS agents FROM agents");
  const trail = () => service.sql("SELECT user_id, action, target_type, target_id, details FROM audit ORDER BY id DESC LIMIT 2");
  const begin = await agents();
  assert.deepEqual(await warnings(definition, { key: service.keys.viewer }), []);
  await problem(await check({ ...definition, agent: 7 }), 422, "AGENT_DEFINITION_INVALID");
  assert.deepEqual(await agents(), begin);
  const row = { action: "agent.check", target_type: "resource", target_id: "agent_definition", details: "{}" };
  assert.deepEqual(await trail(), [{ user_id: "acme-owner", ...row }, { user_id: "acme-viewer", ...row }]);
  await problem(await check(definition, { key: null }), 401, "UNAUTHENTICATED");
  await problem(await check(definition, { key: await service.addUser("acme", "owner", { scopes: ["exports:create"] }) }), 403, "FORBIDDEN");
  await problem(await service.fetch("/api/agents/check?account_id=globex", { method: "POST", json: definition }), 422, "UNKNOWN_PARAMETER");
  await problem(await service.fetch("/api/agents/check"), 405, "METHOD_NOT_ALLOWED");
});
