// Every type of resource through the service: records lie in the database, and what the references say of each type is
// asserted on the files of its route and of a job.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { filterSets } from "../resources/cases.mjs";
import { check } from "../resources/check.mjs";
import { definition as invoiceDefinition, INVOICES, invoices } from "../resources/invoices.mjs";
import { expectedFile, isTold } from "../resources/model.mjs";
import { documentsOf, DOCUMENTS, recordsOf, SOFTWARE_VERSION, TABLES } from "../resources/records.mjs";
import { itemsOf, reference, Walk } from "../resources/reference.mjs";
import { problem } from "./problem.mjs";
import { definitionOf, Tables } from "./records.mjs";
import { startService } from "./service.mjs";

const NOW = "2026-11-21T08:30:00.000Z";
const ACCOUNT = "acme";
const service = await startService({ vars: { SOFTWARE_VERSION }, resources: [invoiceDefinition] });
after(() => service.close());
await service.hook("now", Date.parse(NOW));

const envelopeOf = (name) => ({
  export_type: name, software_version: SOFTWARE_VERSION, account_id: ACCOUNT, exported_at: NOW, exportedAt: NOW,
});

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

const byRoute = (name, id) => async (request) =>
  textOf(await service.fetch(`/v1/resources/${name}${id === undefined ? "" : `/${id}`}/export${queryOf(request)}`));

const byJob = (name, id) => async ({ format, filters }) => {
  const job = await service.start("", { json: { resource: name, resource_id: id, format, filters } });
  const done = await service.over(job.id);
  assert.equal(done.status, "READY", JSON.stringify(done));
  return textOf(await service.fetch(`/v1/exports/${job.id}/download`));
};

/** Runs what there is through the route by every filter, and through a job in each format and by all filters together. */
async function checkBoth(walk, name, document, { id, type = reference[name] } = {}) {
  const how = { type, envelope: envelopeOf(name), formats: type.formats.filter((format) => isTold(format, type)), spelt: numbers };
  await check(walk, name, document, byRoute(name, id), how);
  await check(walk, name, document, byJob(name, id), { ...how, sets: filterSets(document, type).slice(-1) });
}

const walk = new Walk((name) => !["data_table", "conversation", "analysis"].includes(name));

for (const name of TABLES) {
  test(`${name}: route and job give the files that its reference describes`, async () => {
    const records = recordsOf(name, 24);
    await new Tables(service, definitionOf(name), ACCOUNT).addRecords(records);
    await new Tables(service, definitionOf(name), "globex").addRecords(recordsOf(name, 2, 99));
    await checkBoth(walk, name, { [itemsOf(reference[name]).name]: records });
  });
}

for (const name of DOCUMENTS.filter((document) => document !== "account")) {
  test(`${name}: route and job give each object as its reference describes it`, async () => {
    for (const [number, document] of documentsOf(name, 8).entries()) {
      const id = Object.values(document).find((member) => member?.id)?.id ?? `${name}-${number}`;
      await new Tables(service, definitionOf(name), ACCOUNT).addDocument(document, id);
      await checkBoth(walk, name, document, { id });
    }
  });
}

test("account: route and job give what belongs to the user who asks", async () => {
  const user = "acme-owner";
  for (const document of documentsOf("account", 8).slice(2)) {
    for (const table of ["agents", "scheduled_tasks", "workflows"]) await service.sql(`DELETE FROM ${table} WHERE user_id = ?`, user);
    const { email, name, plan, referralCode, referralCredits } = document.user;
    await service.sql("UPDATE users SET email = ?, name = ?, plan = ?, role = 'owner', referral_code = ?, referral_credits = ? WHERE id = ?",
      email, name, plan, referralCode, referralCredits, user);
    const { user: _, ...rest } = document;
    await new Tables(service, definitionOf("account"), ACCOUNT).addDocument(rest, user, user);
    const given = { ...document, user: { ...document.user, id: user, role: "owner" } };
    const expected = numbers(expectedFile("account", given, { envelope: envelopeOf("account") }));
    assert.equal((await textOf(await service.fetch("/api/export"))).trimEnd(), expected);
    await check(walk, "account", given, byRoute("account"), { envelope: envelopeOf("account"), spelt: numbers });
    await check(walk, "account", given, byJob("account"), { envelope: envelopeOf("account"), spelt: numbers });
  }
});

test("nothing that the references say is left out", () => {
  console.log("walked:", walk.extent);
  walk.done();
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
  await checkBoth(new Walk(() => false), "invoices", { invoices: records }, { type: INVOICES });

  const listed = await (await service.fetch("/v1/resources")).json();
  assert.equal(listed.items.some(({ name }) => name === "invoices"), true);
  const { paths } = await (await service.fetch("/openapi.json", { key: null })).json();
  assert.equal("/v1/resources/invoices/export" in paths, true);
  await problem(await service.fetch("/v1/resources/invoices/export?format=pdf"), 422, "FORMAT_NOT_OFFERED");
  await problem(await service.fetch("/v1/resources/invoice/export"), 422, "UNKNOWN_RESOURCE");
});
