// Templates of an account beside those that ship, and what an export keeps of one.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startService } from "./service.mjs";

let service;
before(async () => {
  service = await startService();
});
after(() => service.close());
const other = () => service.keysOf.globex.owner;
const UNKNOWN = "00000000-0000-4000-8000-000000000000";

const list = { name: "Short list", format: "csv", column_mapping: { value: "Amount", name: "Item" } };
const create = (json, options) => service.fetch("/v1/templates", { method: "POST", json, ...options });
const made = async (json) => (await create(json)).json();
const items = async (query = "", options) => (await service.fetch(`/v1/templates${query}`, options)).json();

test("a template is kept as it was given, and listed behind those that ship", async () => {
  const response = await create(list);
  assert.equal(response.status, 201);
  const template = await response.json();
  assert.equal(response.headers.get("location"), `/v1/templates/${template.id}`);
  assert.deepEqual(template.template, list);
  assert.deepEqual(
    [template.name, template.system, template.format, template.created_by],
    ["Short list", false, "csv", "acme-owner"],
  );
  const found = await service.fetch(`/v1/templates/${template.id}`);
  assert.deepEqual(await found.json(), template);
  const page = await items("?page_size=100");
  assert.deepEqual(page.items.slice(0, 5).map((item) => [item.id, item.system]), [
    ["report", true], ["spreadsheet", true], ["spreadsheet-de", true], ["database", true], ["dataset", true],
  ]);
  assert.equal(page.total, page.items.length);
  assert.deepEqual(page.items.at(5), template);
});

test("every page of the list together is the list", async () => {
  for (let number = 0; number < 4; number += 1) await create({ name: `No. ${number}` });
  const { items: all, total } = await items("?page_size=100");
  for (const size of [1, 3, 5, 7]) {
    const pages = [];
    for (let page = 1; page <= Math.ceil(total / size) + 1; page += 1) {
      const part = await items(`?page=${page}&page_size=${size}`);
      assert.deepEqual([part.page, part.page_size, part.total], [page, size, total]);
      pages.push(...part.items);
    }
    assert.deepEqual(pages, all, `pages of ${size}`);
  }
});

test("a template can be replaced and deleted", async () => {
  const { id, created_at } = await made(list);
  const json = { name: "Longer list", preset: "excel-de" };
  const replaced = await service.fetch(`/v1/templates/${id}`, { method: "PUT", json });
  assert.equal(replaced.status, 200);
  const template = await replaced.json();
  assert.deepEqual([template.id, template.name, template.format, template.template], [id, "Longer list", null, json]);
  assert.equal(template.created_at, created_at);
  assert.equal((await service.fetch(`/v1/templates/${id}`, { method: "DELETE" })).status, 204);
  for (const method of ["GET", "DELETE"]) {
    const gone = await service.fetch(`/v1/templates/${id}`, { method });
    assert.deepEqual([gone.status, (await gone.json()).error], [404, "TEMPLATE_NOT_FOUND"]);
  }
  assert.deepEqual(await service.trail(id), ["template.create", "template.update", "template.delete"]);
});

test("what ships can be read, and neither changed nor deleted", async () => {
  for (const id of ["report", "spreadsheet", "spreadsheet-de", "database", "dataset"]) {
    const template = await (await service.fetch(`/v1/templates/${id}`)).json();
    assert.deepEqual([template.id, template.system, template.created_by], [id, true, null]);
    for (const options of [{ method: "PUT", json: list }, { method: "DELETE" }]) {
      const refused = await service.fetch(`/v1/templates/${id}`, options);
      assert.deepEqual([refused.status, (await refused.json()).error], [403, "SYSTEM_TEMPLATE"]);
    }
  }
});

test("a template of another account is as unknown as one that never was", async () => {
  const { id } = await made(list);
  for (const target of [id, UNKNOWN, "x"]) {
    for (const options of [{}, { method: "PUT", json: list }, { method: "DELETE" }]) {
      const response = await service.fetch(`/v1/templates/${target}`, { ...options, key: other() });
      assert.deepEqual([response.status, (await response.json()).error], [404, "TEMPLATE_NOT_FOUND"]);
    }
    for (const [path, json] of [
      ["/v1/exports", { template_id: target, data: [{ a: 1 }] }],
      ["/api/export", { template_id: target, data: [{ a: 1 }] }],
    ]) {
      const response = await service.fetch(path, { method: "POST", json, key: other() });
      assert.deepEqual([response.status, (await response.json()).error], [404, "TEMPLATE_NOT_FOUND"]);
    }
  }
  assert.ok(!(await items("?page_size=100", { key: other() })).items.some((item) => item.id === id));
  assert.equal((await service.fetch(`/v1/templates/${id}`)).status, 200);
});

test("a template that no export could use is refused with the reason", async () => {
  for (const [json, status, error] of [
    [[], 422, "INVALID_BODY"],
    ["x", 422, "INVALID_BODY"],
    [{}, 422, "INVALID_PARAMETER"],
    [{ name: "" }, 422, "INVALID_PARAMETER"],
    [{ name: "x".repeat(256) }, 422, "INVALID_OPTION"],
    [{ name: "x", format: "docx" }, 422, "UNKNOWN_FORMAT"],
    [{ name: "x", colour: "red" }, 422, "UNKNOWN_TEMPLATE_FIELD"],
    [{ name: "x", column_mapping: { a: 1 } }, 422, "INVALID_OPTION"],
    [{ name: "x", csv: { delimiter: ";;" } }, 422, "INVALID_OPTION"],
    [{ name: "x", preset: "exel" }, 422, "UNKNOWN_PRESET"],
  ]) {
    const response = await create(json);
    assert.deepEqual([response.status, (await response.json()).error], [status, error], JSON.stringify(json));
  }
  const large = await create({ name: "x", header_text: "y".repeat(70_000) });
  assert.deepEqual([large.status, (await large.json()).error], [413, "LIMIT_EXCEEDED"]);
  const broken = await service.fetch("/v1/templates", {
    method: "POST", body: '{"name":', headers: { "content-type": "application/json" },
  });
  assert.deepEqual([broken.status, (await broken.json()).error], [400, "INVALID_JSON"]);
});

test("a template shapes exports at once, in the query and as jobs", async () => {
  const { id } = await made(list);
  const rows = [{ name: "Item A", value: "100", secret: "x" }];
  const expected = "Amount,Item\r\n100,Item A\r\n";
  const direct = await service.fetch("/api/export", { method: "POST", json: { template_id: id, data: rows } });
  assert.equal(await direct.text(), expected);
  const query = await service.fetch(`/api/export?template_id=${id}`, { method: "POST", json: rows });
  assert.equal(await query.text(), expected);
  const job = await service.start("", { json: { template_id: id, data: rows } });
  assert.deepEqual([job.template_id, job.format, job.file_name], [id, "csv", "Short list.csv"]);
  await service.over(job.id);
  const file = await service.fetch(`/v1/exports/${job.id}/download`);
  assert.equal(await file.text(), expected);
});

test("two templates for one export, or one of another format, are refused", async () => {
  const { id } = await made(list);
  for (const [path, json, error] of [
    ["/v1/exports", { template_id: id, template: list, data: [] }, "CONTRADICTORY_PARAMETERS"],
    ["/api/export", { template_id: id, template: list, data: [] }, "CONTRADICTORY_PARAMETERS"],
    [`/api/export?template_id=${id}&template=report`, [], "CONTRADICTORY_PARAMETERS"],
    ["/v1/exports", { template_id: id, format: "json", data: [] }, "TEMPLATE_FORMAT_MISMATCH"],
    ["/v1/exports", { template_id: 7, data: [] }, "INVALID_PARAMETER"],
  ]) {
    const response = await service.fetch(path, { method: "POST", json });
    assert.deepEqual([response.status, (await response.json()).error], [422, error], path);
  }
});

test("a job keeps the template that it was asked for with", async () => {
  const { id } = await made(list);
  // The message is lost, so that the template changes before the work begins.
  await service.hook("at:create.row", "kill");
  await service.fetch("/v1/exports", { method: "POST", json: { template_id: id, data: [{ name: "a", value: 1 }] } });
  await service.unhook("at:create.row");
  const [job] = (await (await service.fetch("/v1/exports?status=PENDING")).json()).items;
  const json = { name: "Other", format: "csv", column_mapping: { name: "Changed" } };
  await service.fetch(`/v1/templates/${id}`, { method: "PUT", json });
  await service.env.JOBS.send({ v: 1, job_id: job.id });
  const over = await service.over(job.id);
  assert.equal(over.status, "READY");
  const file = await service.fetch(`/v1/exports/${job.id}/download`);
  assert.equal(await file.text(), "Amount,Item\r\n1,a\r\n");
});
