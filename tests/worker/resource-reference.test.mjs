// Every type of resource through the service: records lie in the database, and what the references say of each type is
// asserted on the files of its route and of a job.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { formats } from "../../pkg/wasm/formats.js";
import { tellingSets } from "../resources/cases.mjs";
import { allFields, check } from "../resources/check.mjs";
import { definition as invoiceDefinition, INVOICES, invoices } from "../resources/invoices.mjs";
import { expectedFile, flatFile, isTold, plainFile, shaped } from "../resources/model.mjs";
import { allDocuments, changed, documentsOf, DOCUMENTS, PRODUCED, recordsOf, SOFTWARE_VERSION, TABLES } from "../resources/records.mjs";
import { hasEnvelope, itemsOf, reference, Walk } from "../resources/reference.mjs";
import { problem } from "./problem.mjs";
import { definitionOf, Tables } from "./records.mjs";
import { startService } from "./service.mjs";

const NOW = "2026-11-21T08:30:00.000Z";
const ACCOUNT = "acme";
const INVOICE_FILE = fileURLToPath(new URL("../resources/invoices.json", import.meta.url));
let service;
before(async () => {
  service = await startService({ vars: { SOFTWARE_VERSION }, resources: [INVOICE_FILE] });
  await service.hook("now", Date.parse(NOW));
});
after(() => service.close());

const envelopeOf = (name) => ({
  export_type: name, software_version: SOFTWARE_VERSION, account_id: ACCOUNT, exported_at: NOW, exportedAt: NOW,
});

const pick = (object, names) => Object.fromEntries(names.filter((name) => name in object).map((name) => [name, object[name]]));

/** What a URL says of a format and of filters. */
function queryOf({ format, filters = {}, ...more }) {
  const values = Object.entries({ ...(format ? { format } : {}), ...more, ...filters });
  return `?${new URLSearchParams(values.map(([name, value]) => [name, String(value)]))}`;
}

async function textOf(response) {
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return numbers(text);
}

/** Numbers that are no whole ones, spelt as JavaScript spells them: a database has spellings of its own. */
function numbers(text) {
  return text.replace(/-?\d+(\.\d+(e[+-]?\d+)?|e[+-]?\d+)/gi, (number) => String(Number(number)));
}

/** Records as a database can hold them: each has a moment of its making, behind that of the one before. */
function dated(value, before = Date.parse("2025-12-31T00:00:00.000Z")) {
  if (Array.isArray(value)) {
    let last = before;
    return value.map((item) => {
      const made = dated(item, last);
      last = Date.parse(made?.created_at) || last;
      return made;
    });
  }
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([name, inner]) => [name, dated(inner)]);
  if (value.created_at === null) members.find(([name]) => name === "created_at")[1] = new Date(before + 1).toISOString();
  return Object.fromEntries(members);
}

const byRoute = (name, id, key) => async (request) =>
  textOf(await service.fetch(`/v1/resources/${name}${id === undefined ? "" : `/${id}`}/export${queryOf(request)}`, { key }));

/** Whether a job is at work. All that wait are answered by one look at the database. */
async function isAtWork(id) {
  looked ??= service.sql("SELECT id FROM exports WHERE status IN ('PENDING', 'PROCESSING')").finally(() => (looked = undefined));
  return (await looked).some((row) => row.id === id);
}
let looked;

const byJob = (name, id, key) => async ({ format, filters }) => {
  const job = await service.start("", { json: { resource: name, resource_id: id, format, filters }, key });
  while (await isAtWork(job.id));
  const done = await service.read(job.id, { key });
  assert.equal(done.status, "READY", JSON.stringify(done));
  return textOf(await service.fetch(`/v1/exports/${job.id}/download`, { key }));
};

const routes = new Walk();
const jobs = new Walk();

/** Runs what there is through the route, and through jobs, which take their time, by a few of the filters. */
async function checkBoth(name, document, { id, type = reference[name], byFilters = true } = {}) {
  const how = { type, envelope: envelopeOf(name), formats: type.formats.filter((format) => isTold(format, type)), spelt: numbers };
  const byRoutes = check(routes, name, document, byRoute(name, id), { ...how, ...(byFilters ? {} : { sets: [] }) });
  const byJobs = check(jobs, name, document, byJob(name, id), { ...how, sets: byFilters ? tellingSets(document, type) : [] });
  await Promise.all([byRoutes, byJobs]);
}

for (const name of TABLES) {
  test(`${name}: route and job give the files that its reference describes`, async () => {
    const records = dated(recordsOf(name, 24));
    await new Tables(service, definitionOf(name), ACCOUNT).addRecords(records);
    await new Tables(service, definitionOf(name), "globex").addRecords(dated(recordsOf(name, 2, 99)));
    await checkBoth(name, { [itemsOf(reference[name]).name]: records });
  });
}

for (const name of DOCUMENTS.filter((document) => document !== "account")) {
  test(`${name}: route and job give each object as its reference describes it`, async () => {
    const documents = dated(allDocuments(name)).map((document, number) => {
      return { document, id: Object.values(document).find((member) => member?.id)?.id ?? `${name}-${number}` };
    });
    if (name === "solution") documents.forEach(({ document }) => inTables(document));
    for (const { document, id } of documents) await new Tables(service, definitionOf(name), ACCOUNT).addDocument(document, id);
    await Promise.all(documents.map(({ document, id }, number) => checkBoth(name, document, { id, byFilters: number === 2 })));
    if (name !== "agent_definition") return;
    for (const { document, id } of documents) {
      const text = await textOf(await service.fetch(`/api/agents/${id}/export`));
      assert.equal(text, numbers(expectedFile(name, document, { envelope: envelopeOf(name) })));
    }
  });
}

/** What no table can hold of a solution: an agent that was never changed, and no list in place of an empty one. */
function inTables({ agents, source_connections: sources, memory_banks: banks }) {
  for (const agent of agents) {
    agent.updated_at ??= agent.created_at;
    agent.max_retries ??= 0;
  }
  for (const source of sources) source.content_items ??= [];
  for (const bank of banks) bank.entries ??= [];
}

const UNSTORED = ["SolutionAgentRecord.updated_at is null", "SolutionAgentRecord.max_retries is null", "SolutionSourceRecord.content_items is null", "SolutionMemoryBankRecord.entries is null"];

test("account: route and job give what belongs to the user who asks", async () => {
  const documents = documentsOf("account", 4);
  for (const [number, document] of documents.entries()) {
    const user = `owner-${number}`;
    const key = await service.addUser(ACCOUNT, "owner", { id: user });
    const { email, name, plan, referralCode, referralCredits } = document.user;
    await service.sql("UPDATE users SET email = ?, name = ?, plan = ?, referral_code = ?, referral_credits = ? WHERE id = ?",
      email, name, plan, referralCode, referralCredits, user);
    const { user: _, ...rest } = document;
    await new Tables(service, definitionOf("account"), ACCOUNT).addDocument(rest, user, user);
    const given = { ...document, user: { ...document.user, id: user, role: "owner" } };
    const how = { envelope: envelopeOf("account"), spelt: numbers };
    await check(routes, "account", given, byRoute("account", undefined, key), how);
    await check(routes, "account", given, async () => (await textOf(await service.fetch("/api/export", { key }))).trimEnd(), how);
    await check(jobs, "account", given, byJob("account", undefined, key), how);
  }
});

for (const [name, records] of Object.entries(PRODUCED)) {
  test(`${name}: route and job give one object in the formats that the guide names`, async () => {
    await new Tables(service, definitionOf(name), ACCOUNT).addRecords(records, "one");
    await new Tables(service, definitionOf(name), ACCOUNT).addRecords(dated(records.map((record) => (record.id ? { ...record, id: `2${record.id}` } : record))), "other");
    for (const [walk, run] of [[routes, byRoute(name, "one")], [jobs, byJob(name, "one")]]) {
      for (const format of ["csv", "json"]) {
        assert.equal(await run({ format }), numbers(plainFile(records, format)), format);
        walk.format(name, format);
      }
      assert.match(await run({ format: "pdf" }), /^<!DOCTYPE html>/);
      walk.format(name, "pdf");
    }
  });
}

test("nothing that the references say is left out", () => {
  console.log("walked:", routes.extent);
  // By the moment of their making records are read page by page, so in a database each has one.
  const isUnstored = (fact) => [".created_at is null", ...UNSTORED].some((end) => fact.endsWith(end));
  routes.done(isUnstored);
  jobs.done((fact) => isUnstored(fact) || / filter \S+ by /.test(fact));
});

test("a format that a type is not offered in is refused with those that it is, by route and job", async () => {
  const requests = Object.entries(reference).flatMap(([name, { formats: offered }]) => {
    const id = definitionOf(name).object_table && "any";
    // Memories were offered as all that can be written before there was a reference of types.
    const others = name === "memories" ? ["xlsx", "pdf"] : formats.map((known) => known.id).filter((other) => !offered.includes(other));
    return others.flatMap((format) => [
      { name, offered, answer: service.fetch(`/v1/resources/${name}${id ? `/${id}` : ""}/export?format=${format}`) },
      { name, offered, answer: service.fetch("/v1/exports", { method: "POST", json: { resource: name, resource_id: id, format } }) },
    ]);
  });
  for (const { name, offered, answer } of requests) {
    const { message, details } = await problem(await answer, 422, "FORMAT_NOT_OFFERED");
    for (const known of offered) assert.ok(`${message} ${JSON.stringify(details)}`.includes(known), `${name}: ${message}`);
  }
});

test("each object is asked for by its id, which others do not have", async () => {
  for (const name of Object.keys(reference)) {
    const isOne = definitionOf(name).object_table !== undefined;
    const post = (json) => service.fetch("/v1/exports", { method: "POST", json: { resource: name, ...json } });
    if (isOne) {
      await problem(await service.fetch(`/v1/resources/${name}/export`), 422, "RESOURCE_ID_REQUIRED");
      await problem(await post({}), 422, "RESOURCE_ID_REQUIRED");
      await problem(await service.fetch(`/v1/resources/${name}/nothing/export`), 404, "RESOURCE_NOT_FOUND");
    } else {
      assert.equal((await service.fetch(`/v1/resources/${name}/nothing/export`)).status, 422, name);
      assert.equal((await post({ resource_id: "nothing" })).status, 422, name);
    }
  }
  // What is another account's is as unknown as what does not exist.
  const { id } = documentsOf("knowledge_base", 1)[0].knowledge_base;
  const foreign = { key: service.keysOf.globex.owner };
  await problem(await service.fetch(`/v1/resources/knowledge_base/${id}/export`, foreign), 404, "RESOURCE_NOT_FOUND");
});

test("what is no filter, and no value of one, is refused with what there is", async () => {
  for (const [name, { filters }] of Object.entries(reference)) {
    const path = `/v1/resources/${name}${definitionOf(name).object_table ? "/any" : ""}/export`;
    const post = (given) => service.fetch("/v1/exports", { method: "POST", json: { resource: name, resource_id: definitionOf(name).object_table && "any", filters: given } });
    for (const filter of filters) {
      const mistyped = filter.name.slice(0, -1);
      for (const answer of [await service.fetch(`${path}?${mistyped}=1`), await post({ [mistyped]: "1" })]) {
        assert.equal(answer.status, 422);
        assert.ok((await answer.text()).includes(`\`${filter.name}\``), `${name} ${mistyped}`);
      }
      const wrong = filter.values || filter.default !== undefined ? "maybe" : { at_least: "01.03.2026", less_than: "2026-02-30", limit: "0" }[filter.test];
      if (wrong === undefined) continue;
      for (const answer of [await service.fetch(`${path}?${filter.name}=${wrong}`), await post({ [filter.name]: wrong })]) {
        const { error, message } = await answer.json();
        assert.deepEqual([answer.status, /^INVALID_/.test(error)], [422, true], `${name} ${filter.name}: ${message}`);
        for (const value of filter.values ?? []) assert.ok(message.includes(value), message);
      }
    }
  }
  const range = "from_date=2026-03-02&to_date=2026-03-01";
  await problem(await service.fetch(`/v1/resources/knowledge_base/any/export?${range}`), 422, "CONTRADICTORY_PARAMETERS");
});

test("the description of the API says of each type what its reference says", async () => {
  const description = await (await service.fetch("/openapi.json", { key: null })).json();
  const ajv = addFormats(new Ajv({ strict: false }));
  ajv.addSchema(description, "openapi.json");
  const schemaOf = (name, of) => {
    const title = name.replace(/(^|_)([a-z])/g, (_all, _before, letter) => letter.toUpperCase());
    return ajv.compile({ $ref: `openapi.json#/components/schemas/${title}${of}` });
  };
  let held = 0;
  for (const name of [...TABLES, ...DOCUMENTS]) {
    const type = reference[name];
    const isTable = TABLES.includes(name);
    const sound = isTable ? shaped(name, { [itemsOf(type).name]: recordsOf(name, 1) }) : shaped(name, documentsOf(name, 1)[0]);
    const value = hasEnvelope(type) ? { ...sound, ...pick(envelopeOf(name), Object.keys(sound)) } : sound[itemsOf(type).name][0];
    const validate = schemaOf(name, hasEnvelope(type) ? "Export" : "Record");
    const isValid = (given) => validate(given);
    assert.ok(isValid(value), `${name}: ${JSON.stringify(validate.errors)}`);
    const fields = hasEnvelope(type) ? allFields(type) : allFields(type, itemsOf(type).record);
    for (const { path, fact } of fields) {
      if (fact.type === undefined) continue;
      held += 1;
      const place = `${name} ${path.join(".")}`;
      const isValidWith = (change) => isValid(changed(value, path, change));
      assert.equal(isValidWith((record, field) => void (record[field] = null)), fact.nullable === true, `${place}: null`);
      const other = fact.type === "string" ? 17 : fact.type === "array" ? {} : "text";
      assert.equal(isValidWith((record, field) => void (record[field] = other)), false, `${place}: another type`);
      if (fact.values) assert.equal(isValidWith((record, field) => void (record[field] = "unheard_of")), false, `${place}: another value`);
      const isSwitched = type.filters.some(({ test: kind, fields: paths }) => kind === "switch" && paths.includes(path.join(".")));
      assert.equal(isValidWith((record, field) => void delete record[field]), isSwitched, `${place}: missing`);
    }
    const filters = schemaOf(name, "Filters");
    for (const filter of type.filters) {
      const good = filter.values?.[0] ?? { is_null: true, switch: true, limit: 1, at_least: "2026-03-01", less_than: "2026-03-01", any_of: ["a"] }[filter.test];
      if (good !== undefined) assert.ok(filters({ [filter.name]: good }), `${name} ${filter.name}: ${JSON.stringify(filters.errors)}`);
      if (filter.values) assert.equal(filters({ [filter.name]: "unheard_of" }), false, `${name} ${filter.name}`);
    }
    assert.equal(filters({ unheard_of: "1" }), false, name);
  }
  assert.equal(held, 301);
});

test("a type that an operator describes in one file has its routes, its jobs and its filters", async () => {
  for (const sql of [
    `CREATE TABLE invoices (id TEXT, account_id TEXT, invoice_number TEXT, status TEXT, customer TEXT, note TEXT, total REAL,
       reminded INTEGER, tags TEXT, issued_at TEXT, paid_at TEXT, created_at TEXT NOT NULL)`,
    `CREATE TABLE invoice_lines (id TEXT, account_id TEXT, invoice_id TEXT, article TEXT, quantity INTEGER, price REAL, discount REAL,
       taxes TEXT, created_at TEXT NOT NULL)`,
    "CREATE TABLE invoice_batches (id TEXT NOT NULL, account_id TEXT, line_id TEXT, batch_code TEXT, best_before TEXT, created_at TEXT NOT NULL)",
  ]) {
    await service.sql(sql);
  }
  const records = invoices(24);
  await new Tables(service, invoiceDefinition, ACCOUNT).addRecords(records);
  await new Tables(service, invoiceDefinition, "globex").addRecords(invoices(3));
  await checkBoth("invoices", { invoices: records }, { type: INVOICES });

  const flat = await byRoute("invoices")({ format: "csv", flatten: true });
  assert.equal(flat, numbers(flatFile("invoices", { invoices: records }, flat.split("\r\n", 1)[0].split(","), { type: INVOICES })));

  // What is wrong with records is told by the job, and with `strict` it is the end of it.
  await service.sql("UPDATE invoices SET invoice_number = NULL, status = 'lost' WHERE account_id = ? AND id = ?", ACCOUNT, records[3].id);
  for (const strict of [false, true]) {
    const job = await service.start("", { json: { resource: "invoices", format: "json", strict } });
    const done = await service.over(job.id);
    assert.equal(done.status, strict ? "FAILED" : "READY");
    if (strict) assert.deepEqual([done.error.code, /“number”.*“status”/.test(done.error.message)], ["STRICT", true], done.error.message);
    else assert.deepEqual(done.report.warnings.map(({ code, column }) => `${code} ${column}`), ["null_not_allowed number", "outside_enum status"]);
  }
  assert.equal((await service.fetch("/v1/resources/invoices/export?strict=true")).status, 422);

  const listed = await (await service.fetch("/v1/resources")).json();
  assert.equal(listed.items.some(({ name }) => name === "invoices"), true);
  const { paths } = await (await service.fetch("/openapi.json", { key: null })).json();
  assert.equal("/v1/resources/invoices/export" in paths, true);
  await problem(await service.fetch("/v1/resources/invoices/export?format=pdf"), 422, "FORMAT_NOT_OFFERED");
  await problem(await service.fetch("/v1/resources/invoice/export"), 422, "UNKNOWN_RESOURCE");
});
