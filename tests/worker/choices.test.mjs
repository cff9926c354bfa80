// Records that only the engine can choose: the database gives it enough of them, and none of what it chooses is lost.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startService } from "./service.mjs";

const filter = (name, test, field, more = {}) => ({ name, test, ...(field && { field }), description: "Some.", ...more });

/** Parcels, of which each has marks. */
const PARCELS = {
  name: "parcels", label: "Parcels", description: "Parcels.", formats: ["jsonl"], file_name: "parcels",
  record: {
    table: "parcels",
    fields: [
      { name: "id", type: "string", description: "The id." },
      { name: "tags", type: "array", items: "string", nullable: true, description: "What it is filed under." },
      { name: "count", type: "integer", nullable: true, description: "How many pieces." },
      { name: "weight", type: "number", nullable: true, description: "What it weighs." },
      {
        name: "marks", type: "records", description: "Its marks.",
        record: {
          table: "parcel_marks", parent: "parcel_id",
          fields: [
            { name: "id", type: "string", description: "The id." },
            { name: "place", type: "object", nullable: true, description: "Where it is." },
          ],
        },
      },
    ],
  },
  filters: [
    filter("untagged", "is_null", "tags"),
    filter("unplaced", "is_null", "marks.place"),
    filter("tags", "any_of", "tags"),
    filter("max_count", "at_most", "count"),
    filter("counts", "one_of", "count", { most: 3 }),
    filter("max_weight", "less_than", "weight"),
    filter("min_weight", "at_least", "weight"),
    filter("limit", "limit"),
    filter("mark_limit", "limit", "marks"),
  ],
};

let service;
let folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "tablecast-choices-"));
  const file = join(folder, "parcels.json");
  await writeFile(file, JSON.stringify(PARCELS));
  service = await startService({ resources: [file] });
  await service.sql("CREATE TABLE parcels (id TEXT, account_id TEXT, tags TEXT, count INTEGER, weight REAL, created_at TEXT)");
  await service.sql("CREATE TABLE parcel_marks (id TEXT, account_id TEXT, parcel_id TEXT, place TEXT, created_at TEXT)");
  const rows = [
    ["a", '["x"]', "1", "0.3"],
    ["b", null, "9007199254740993", "0.1"],
    ["c", '["y"]', "9223372036854775807", "0.30000000000000004"],
    ["d", null, "-5", "null"],
    ["e", null, "null", "1e300"],
  ];
  for (const [number, [id, tags, count, weight]] of rows.entries()) {
    const day = `2026-01-0${number + 1}T00:00:00.000Z`;
    await service.sql(`INSERT INTO parcels VALUES (?, 'acme', ?, ${count}, ${weight}, ?)`, id, tags, day);
    for (const [mark, place] of [["1", "{}"], ["2", null], ["3", null]]) {
      await service.sql("INSERT INTO parcel_marks VALUES (?, 'acme', ?, ?, ?)", `${id}${mark}`, id, place, `2026-02-01T00:00:0${mark}.000Z`);
    }
  }
});
after(async () => {
  await service.close();
  await rm(folder, { recursive: true });
});

/** The ids of a file, with those of the marks. */
function ids(text) {
  const lines = text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  return lines.map(({ id, marks }) => `${id}:${marks.map((mark) => mark.id.slice(1)).join("")}`).join(" ");
}

async function chosen(filters) {
  const response = await service.fetch(`/v1/resources/parcels/export?${new URLSearchParams(filters)}`);
  const text = await response.text();
  assert.equal(response.status, 200, text);
  // In a query, commas stand between the values of a list.
  const lists = Object.entries(filters).map(([name, value]) => [name, ["tags", "counts"].includes(name) ? value.split(",") : value]);
  const json = { resource: "parcels", filters: Object.fromEntries(lists) };
  const job = await service.over((await service.start("", { json })).id);
  assert.equal(job.status, "READY", JSON.stringify(job));
  assert.equal(await (await service.fetch(`/v1/exports/${job.id}/download`)).text(), text);
  return ids(text);
}

const whole = (letters) => letters.split("").map((id) => `${id}:123`).join(" ");

test("a limit counts the records that are chosen, whoever can tell which", async () => {
  assert.equal(await chosen({ limit: "2" }), whole("ab"));
  assert.equal(await chosen({ untagged: "true" }), whole("bde"));
  assert.equal(await chosen({ untagged: "true", limit: "1" }), whole("b"));
  assert.equal(await chosen({ untagged: "true", limit: "2" }), whole("bd"));
  assert.equal(await chosen({ tags: "y", limit: "1" }), whole("c"));
  assert.equal(await chosen({ unplaced: "true", limit: "2" }), "a:23 b:23");
  assert.equal(await chosen({ unplaced: "true", limit: "2", mark_limit: "1" }), "a:2 b:");
  assert.equal(await chosen({ untagged: "true", unplaced: "true", limit: "1", mark_limit: "3" }), "b:23");
});

test("numbers are compared digit by digit", async () => {
  assert.equal(await chosen({ max_count: "9007199254740992" }), whole("ad"));
  for (const most of ["9007199254740993", "9223372036854775806"]) assert.equal(await chosen({ max_count: most }), whole("abd"));
  for (const most of ["9223372036854775807", "9".repeat(30)]) assert.equal(await chosen({ max_count: most }), whole("abcd"));
  assert.equal(await chosen({ counts: "9007199254740993,-5" }), whole("bd"));
  assert.equal(await chosen({ counts: `-5,${"9".repeat(19)}` }), whole("d"));
  assert.equal(await chosen({ max_weight: "0.3" }), whole("b"));
  assert.equal(await chosen({ max_weight: "0.30000000000000001" }), whole("ab"));
  assert.equal(await chosen({ max_weight: "0.30000000000000001", limit: "1" }), whole("a"));
  assert.equal(await chosen({ min_weight: "0.2999999999999999999" }), whole("ace"));
  assert.equal(await chosen({ min_weight: "1e300" }), whole("e"));
});

test("tools take filters digit by digit, too", async () => {
  const call = async (name, args) => {
    const body = `{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "${name}", "arguments": ${args}}}`;
    const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
    const { result } = await (await service.fetch("/mcp", { method: "POST", body, headers })).json();
    assert.ok(result && !result.isError, JSON.stringify(result));
    return result.structuredContent;
  };
  const filters = '{"max_weight": 0.30000000000000001, "max_count": 18446744073709551616}';
  const { text } = await call("export_resource", `{"type": "parcels", "filters": ${filters}, "format": null}`);
  assert.equal(ids(text), whole("ab"));
  const { id } = await call("create_export", `{"resource": "parcels", "filters": ${filters}, "idempotency_key": null}`);
  const job = await service.over(id);
  assert.equal(job.filters.max_count, 18446744073709551616);
  assert.equal(ids(await (await service.fetch(`/v1/exports/${id}/download`)).text()), whole("ab"));
});
