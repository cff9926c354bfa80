// POST /api/export: the two shapes of a request, the file's headers, and errors that come before any output.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { problem } from "./problem.mjs";
import { serve } from "./server.mjs";

let server;
before(async () => {
  server = await serve();
});
after(() => server.close());

test("data in the body takes its options from the query", async () => {
  const response = await server.exportJson([{ a: 1, b: "x;y" }], "?format=csv&csv.delimiter=%3B&csv.bom=true");
  assert.equal(response.status, 200);
  const bytes = Buffer.from(await response.arrayBuffer());
  assert.equal(bytes.toString("utf8"), '\uFEFFa;b\r\n1;"x;y"\r\n');
});

test("a request document holds options, template and data", async () => {
  const response = await server.exportJson({
    format: "csv",
    template: { column_mapping: { name: "Item", value: "Amount" } },
    csv: { bom: true },
    data: { columns: ["name", "value", "other"], rows: [["a", 1, 2], ["b", 3, 4]] },
  });
  assert.equal(response.status, 200);
  const bytes = Buffer.from(await response.arrayBuffer());
  assert.equal(bytes.toString("utf8"), "\uFEFFItem,Amount\r\na,1\r\nb,3\r\n");
});

test("a file comes with its exact type and name, and is never cached", async () => {
  const types = {
    csv: "text/csv; charset=utf-8",
    json: "application/json",
    html: "text/html; charset=utf-8",
  };
  for (const [format, type] of Object.entries(types)) {
    const response = await server.exportJson([{ a: 1 }], `?format=${format}&filename=Bericht%20%C3%BC`);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), type);
    assert.match(response.headers.get("content-disposition"), /^attachment; filename="[\x20-\x7e]+"; filename\*=UTF-8''/);
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    await response.arrayBuffer();
  }
});

test("an HTML file may run nothing where it is opened", async () => {
  const html = await server.exportJson([{ a: "<script>alert(1)</script>" }], "?format=html");
  assert.equal(
    html.headers.get("content-security-policy"),
    "sandbox; default-src 'none'; style-src 'unsafe-inline'",
  );
  assert.doesNotMatch(await html.text(), /<script/i);
  const csv = await server.exportJson([{ a: 1 }], "?format=csv");
  assert.equal(csv.headers.get("content-security-policy"), null);
});

test("malformed JSON is named with its place", async () => {
  const document = await problem(await server.exportJson('[{"a":1},\n {"a" 2}]', "?format=csv"), 400, "INVALID_JSON");
  assert.equal(document.line, 2);
  assert.ok(document.column > 1);
});

test("a body that ends early, or never begins, is not JSON", async () => {
  await problem(await server.exportJson('[{"a":1},', "?format=csv"), 400, "INVALID_JSON");
  await problem(await server.exportJson("", "?format=csv"), 400, "INVALID_JSON");
  await problem(await server.exportJson('{"format":"csv","data":[{"a":1}'), 400, "INVALID_JSON");
  const bodiless = await server.fetch("/api/export?format=csv", {
    method: "POST",
    headers: { "content-type": "application/json" },
  });
  await problem(bodiless, 400, "INVALID_JSON");
});

test("JSON without a table is not tabular", async () => {
  await problem(await server.exportJson("[1,2,3]", "?format=csv"), 422, "NOT_TABULAR");
});

test("an unknown query parameter is refused with the one that was meant", async () => {
  const document = await problem(await server.exportJson([{ a: 1 }], "?format=csv&csv.delimeter=%3B"), 422, "UNKNOWN_OPTION");
  assert.match(document.hint, /csv\.delimiter|delimiter/);
  await problem(await server.exportJson([{ a: 1 }], "?format=csv&tenant=other"), 422, "UNKNOWN_OPTION");
});

test("unknown options and formats are named", async () => {
  const format = await problem(await server.exportJson([{ a: 1 }], "?format=cvs"), 422, "UNKNOWN_FORMAT");
  assert.match(format.hint, /csv/);
  await problem(await server.exportJson([{ a: 1 }], "?format=csv&csv.delimiter=ab"), 422, "INVALID_OPTION");
  const field = await problem(
    await server.exportJson({ format: "csv", template: { column_maping: {} }, data: [{ a: 1 }] }),
    422,
    "UNKNOWN_TEMPLATE_FIELD",
  );
  assert.match(field.hint, /column_mapping/);
});

test("a template for another format contradicts the request", async () => {
  const body = { format: "csv", template: { format: "html" }, data: [{ a: 1 }] };
  await problem(await server.exportJson(body), 422, "TEMPLATE_FORMAT_MISMATCH");
});

test("a known format that is not built says so", async () => {
  await problem(await server.exportJson([{ a: 1 }], "?format=xlsx"), 501, "FORMAT_NOT_BUILT");
});

test("in place of PDF comes an HTML page, unless that is not wanted", async () => {
  const data = [{ a: 1 }];
  for (const [body, query] of [[data, "?format=pdf&filename=a.pdf"], [{ format: "pdf", filename: "a.pdf", data }, ""]]) {
    const response = await server.exportJson(body, query);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
    assert.match(response.headers.get("content-disposition"), /filename="a\.html"/);
    assert.match(response.headers.get("content-security-policy"), /sandbox/);
    assert.match(await response.text(), /^<!DOCTYPE html>/);
  }
  await problem(await server.exportJson(data, "?format=pdf&fallback=error"), 501, "FORMAT_NOT_BUILT");
  await problem(await server.exportJson({ format: "pdf", fallback: "error", data }), 501, "FORMAT_NOT_BUILT");
});

test("presets and system templates go by their names", async () => {
  const preset = await server.exportJson([{ a: 1.5, b: true }], "?preset=excel-de");
  assert.equal(Buffer.from(await preset.arrayBuffer()).toString("utf8"), "\uFEFFa;b\r\n1,5;WAHR\r\n");
  const template = await server.exportJson([{ a: 1 }], "?template=dataset&json.pretty=false");
  assert.match(template.headers.get("content-disposition"), /filename="Dataset\.json"/);
  assert.equal(await template.text(), '{"items":[{"a":1}]}');
  const unknown = await problem(await server.exportJson([{ a: 1 }], "?template=datasets"), 422, "UNKNOWN_TEMPLATE");
  assert.equal(unknown.details.nearest, "dataset");
  const far = await problem(await server.exportJson({ preset: "lotus", data: [] }), 422, "UNKNOWN_PRESET");
  assert.ok(far.details.known.includes("excel"));
});

test("with strict, warnings are errors and stand in the problem", async () => {
  const document = await problem(await server.exportJson([{ a: "=1" }], "?format=csv&strict=true"), 422, "STRICT");
  assert.deepEqual(document.details.warnings.map(({ code, column, count, first_row: row }) => [code, column, count, row]), [
    ["formula_guarded", "a", 1, 1],
  ]);
  const clean = await server.exportJson([{ a: 1 }], "?format=csv&strict=true");
  assert.equal(await clean.text(), "a\r\n1\r\n");
});

test("options behind the data come too late", async () => {
  const late = { format: "csv", data: [{ a: 1 }], csv: { bom: true } };
  assert.match((await problem(await server.exportJson(late), 422, "OPTIONS_AFTER_DATA")).message, /csv/);
  const first = { data: [{ a: 1 }], format: "csv" };
  assert.match((await problem(await server.exportJson(first), 422, "OPTIONS_AFTER_DATA")).message, /format/);
});

test("after each kind of failure the next export works", async () => {
  for (const body of ["", "[{", "[1]", '"x"', '[{"a":1}]x', '{"data":']) {
    for (const query of ["?format=csv", "", "?format=none"]) {
      const response = await server.exportJson(body, query);
      assert.ok([400, 422].includes(response.status), `${response.status} for ${body}`);
      await response.arrayBuffer();
    }
    const response = await server.exportJson([{ a: 1 }], "?format=csv");
    assert.equal(await response.text(), "a\r\n1\r\n");
  }
});

test("no rows make a file with its header, or an empty array", async () => {
  const data = { columns: ["a", "b"], rows: [] };
  assert.equal(await (await server.exportJson(data, "?format=csv")).text(), "a,b\r\n");
  assert.deepEqual(await (await server.exportJson(data, "?format=json")).json(), []);
});

test("a time zone has a name, or is an offset whose plus may be a space by now", async () => {
  const template = JSON.stringify({ name: "List", footer_text: "on {date}.", format: "html" });
  const dated = async (zone) => {
    const query = `?template=${encodeURIComponent(template)}&now=2026-06-30T22:30:00Z&time_zone=${zone}`;
    return /on (.*)\./.exec(await (await server.exportJson([{ a: 1 }], query)).text())[1];
  };
  assert.equal(await dated("UTC"), "2026-06-30");
  assert.equal(await dated("Europe/Berlin"), "2026-07-01");
  assert.equal(await dated("America%2FNew_York"), "2026-06-30");
  assert.equal(await dated("%2B02:00"), "2026-07-01");
  assert.equal(await dated("+02:00"), "2026-07-01");
  const response = await server.exportJson({ format: "csv", time_zone: "Europe/Berln", data: [{ a: 1 }] });
  const document = await problem(response, 422, "UNKNOWN_TIME_ZONE");
  assert.deepEqual(document.details, { time_zone: "Europe/Berln", nearest: "Europe/Berlin" });
  assert.equal(document.hint, "Did you mean `Europe/Berlin`?");
});
