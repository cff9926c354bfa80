// POST /api/export: bodies of every type and coding.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { problem } from "./problem.mjs";
import { serve } from "./server.mjs";

let server;
before(async () => {
  server = await serve();
});
after(() => server.close());

const post = (body, headers, query = "?format=json&json.pretty=false") =>
  server.fetch(`/api/export${query}`, { method: "POST", headers, body });

async function text(response) {
  const body = await response.text();
  assert.equal(response.status, 200, body);
  return body;
}

const CSV = 'a,b\r\n007,"x,y"\r\n,""\r\n';
const RECORDS = '[{"a":"007","b":"x,y"},{"a":null,"b":""}]';

test("a body of CSV is read as its type says, with options from the query", async () => {
  assert.equal(await text(await post(CSV, { "content-type": "text/csv; charset=utf-8" })), RECORDS);
  const query = "?format=jsonl&input.delimiter=%3B&input.types=infer&columns=b,a";
  assert.equal(await text(await post("a;b\n1;true\n", { "content-type": "text/csv" }, query)), '{"b":true,"a":1}\n');
  const tabs = { "content-type": "text/tab-separated-values" };
  assert.equal(await text(await post("a\tb\n1\t,\n", tabs)), '[{"a":"1","b":","}]');
  assert.equal(await text(await post("a;b\n1;2\n", tabs, "?format=csv&input.delimiter=%3B")), "a,b\r\n1,2\r\n");
});

test("what is wrong with CSV is named with its place", async () => {
  const broken = await problem(await post('a\n"1\n2" 3\n', { "content-type": "text/csv" }), 400, "INVALID_CSV");
  assert.deepEqual([broken.row, broken.line, broken.column], [1, 3, 3]);
  await problem(await post("", { "content-type": "text/csv" }), 400, "INVALID_CSV");
  await problem(await post(CSV, { "content-type": "text/csv" }, ""), 422, "INVALID_OPTION");
  await problem(await post("[]", { "content-type": "application/json" }, "?format=csv&input.delimiter=%3B"), 422, "CONTRADICTORY_OPTIONS");
  await problem(await post(CSV, { "content-type": "text/csv" }, "?format=csv&input.path=a"), 422, "CONTRADICTORY_OPTIONS");
  await problem(await post(CSV, { "content-type": "text/csv" }, "?format=csv&input.compression=gzip"), 422, "UNKNOWN_OPTION");
});

test("a body in gzip is decompressed, whatever it holds", async () => {
  const gzip = { "content-encoding": "gzip" };
  assert.equal(await text(await post(gzipSync(CSV), { "content-type": "text/csv", ...gzip })), RECORDS);
  assert.equal(await text(await post(gzipSync(RECORDS), { "content-type": "application/json", "content-encoding": "X-GZIP" })), RECORDS);
  const document = gzipSync(`{"format":"csv","data":${RECORDS}}`);
  assert.equal(await text(await post(document, { "content-type": "application/json", ...gzip }, "")), CSV);
});

test("a body in gzip that is broken or cut off is refused", async () => {
  const headers = { "content-type": "text/csv", "content-encoding": "gzip" };
  const whole = gzipSync(CSV);
  const checksum = Buffer.from(whole);
  checksum[whole.length - 8] ^= 1;
  for (const body of [whole.subarray(0, 15), whole.subarray(0, -9), whole.subarray(0, -1), checksum, Buffer.from(CSV), Buffer.concat([whole, whole])]) {
    await problem(await post(body, headers), 400, "INVALID_GZIP");
  }
});

test("a long body in gzip that is cut off never makes a file that looks whole", async () => {
  const lines = Array.from({ length: 100_000 }, (_, id) => `${id},${Math.sin(id)}`);
  const whole = gzipSync(`id,at\n${lines.join("\n")}\n`);
  const headers = { "content-type": "text/csv", "content-encoding": "gzip" };
  assert.equal((await text(await post(whole, headers, "?format=csv"))).split("\r\n").length, lines.length + 2);
  await assert.rejects(async () => {
    const response = await post(whole.subarray(0, -5), headers, "?format=csv");
    // Where the worker breaks off at once, wrangler answers in its place.
    if (response.status >= 400) throw new Error(await response.text());
    await response.text();
  });
});

test("the cap counts what a body in gzip holds", async () => {
  const bomb = gzipSync(Buffer.alloc(30_000_000, 0x20));
  assert.ok(bomb.length < 100_000);
  const headers = { "content-type": "application/json", "content-encoding": "gzip" };
  await problem(await post(bomb, headers), 413, "LIMIT_EXCEEDED");
});

test("another coding is refused with those that are taken", async () => {
  for (const coding of ["br", "deflate", "gzip, gzip"]) {
    const response = await post(RECORDS, { "content-type": "application/json", "content-encoding": coding });
    assert.equal(response.headers.get("accept-encoding"), "gzip, identity");
    await problem(response, 415, "UNSUPPORTED_MEDIA_TYPE");
  }
});
