// The file of an export: its headers, ranges and conditions, and the moments at which there is none.

import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { problem } from "./problem.mjs";
import { startService } from "./service.mjs";

const HOUR = 3_600_000;

let service;
/** An export in CSV, its bytes and its tag. */
let file;
before(async () => {
  service = await startService();
  await service.addMemories("acme", 20);
  const document = await service.over((await service.start("?format=csv")).id);
  const bytes = Buffer.from(await (await download(document.id)).arrayBuffer());
  file = { ...document, bytes, etag: `"${document.sha256}"` };
});
after(() => service.close());

function download(id, headers = {}, options = {}) {
  return service.fetch(`/v1/exports/${id}/download`, { ...options, headers: { "accept-encoding": "identity", ...headers } });
}

const downloads = async (id) => (await service.trail(id)).filter((action) => action === "export.download").length;

test("a file comes with its exact type, name, length, tag and date", async () => {
  const types = { csv: "text/csv; charset=utf-8", json: "application/json", jsonl: "application/x-ndjson", markdown: "text/markdown; charset=utf-8", html: "text/html; charset=utf-8" };
  const extensions = { markdown: "md" };
  for (const [format, type] of Object.entries(types)) {
    const json = { format, filename: "Bericht ü", data: [{ a: "<script>alert(1)</script>" }] };
    const document = await service.over((await service.start("", { json })).id);
    const response = await download(document.id);
    const bytes = Buffer.from(await response.arrayBuffer());
    assert.equal(response.status, 200);
    const header = (name) => response.headers.get(name);
    assert.equal(header("content-type"), type);
    const extension = extensions[format] ?? format;
    assert.match(header("content-disposition"), new RegExp(`^attachment; filename="[ -~]*\\.${extension}"; filename\\*=UTF-8''Bericht%20%C3%BC[^/]*\\.${extension}$`));
    // The proxy of `wrangler dev` takes the length from pages, which it may change.
    assert.equal(header("content-length"), format === "html" ? null : String(bytes.length));
    assert.equal(header("etag"), `"${createHash("sha256").update(bytes).digest("hex")}"`);
    assert.equal(Date.parse(header("last-modified")), Math.floor(Date.parse(document.completed_at) / 1000) * 1000);
    assert.equal(header("accept-ranges"), "bytes");
    assert.equal(header("cache-control"), "no-store");
    assert.equal(header("x-content-type-options"), "nosniff");
    assert.equal(header("content-security-policy"), format === "html" ? "sandbox; default-src 'none'; style-src 'unsafe-inline'" : null);
    assert.equal(document.file_size, bytes.length);
    if (format === "html") assert.doesNotMatch(bytes.toString(), /<script/i);

    const head = await download(document.id, {}, { method: "HEAD" });
    assert.equal(head.status, 200);
    assert.equal((await head.arrayBuffer()).byteLength, 0);
    if (format !== "html") assert.equal(head.headers.get("content-length"), String(bytes.length));
    for (const name of ["content-type", "content-disposition", "etag", "last-modified", "accept-ranges", "cache-control", "x-content-type-options", "content-security-policy"]) {
      assert.equal(head.headers.get(name), header(name), name);
    }
  }
});

test("an empty file is a file", async () => {
  const { id } = await service.over((await service.start("", { json: { format: "jsonl", data: [] } })).id);
  const response = await download(id);
  assert.deepEqual([response.status, response.headers.get("content-length"), await response.text()], [200, "0", ""]);
  const range = await download(id, { range: "bytes=0-" });
  assert.equal(range.headers.get("content-range"), "bytes */0");
  await problem(range, 416, "RANGE_NOT_SATISFIABLE");
});

test("a range of bytes comes alone", async () => {
  const size = file.bytes.length;
  for (const [range, begin, end] of [
    ["bytes=0-0", 0, 1],
    ["bytes=0-99", 0, 100],
    ["bytes=100-199", 100, 200],
    ["bytes=5-", 5, size],
    ["bytes=-7", size - 7, size],
    [`bytes=-${size * 2}`, 0, size],
    [`bytes=${size - 1}-${size * 9}`, size - 1, size],
    [`bytes=0-${"9".repeat(30)}`, 0, size],
    ["Bytes=1-2", 1, 3],
  ]) {
    const response = await download(file.id, { range });
    assert.equal(response.status, 206, range);
    assert.equal(response.headers.get("content-range"), `bytes ${begin}-${end - 1}/${size}`);
    assert.equal(response.headers.get("content-length"), String(end - begin));
    assert.equal(response.headers.get("etag"), file.etag);
    assert.deepEqual(Buffer.from(await response.arrayBuffer()), file.bytes.subarray(begin, end), range);
  }
});

test("a range that no byte lies in is refused with the length", async () => {
  const size = file.bytes.length;
  for (const range of [`bytes=${size}-`, `bytes=${size}-${size + 1}`, "bytes=-0", `bytes=${"9".repeat(30)}-`]) {
    const response = await download(file.id, { range });
    assert.equal(response.headers.get("content-range"), `bytes */${size}`);
    await problem(response, 416, "RANGE_NOT_SATISFIABLE");
  }
});

test("what is no single range of bytes is as if it were not there", async () => {
  for (const range of ["bytes=", "bytes=-", "bytes=a-b", "bytes=5-1", "bytes=0-1,5-6", "rows=0-1", "0-1", "bytes 0-1", "bytes=+1-2", "bytes=1.5-2"]) {
    const response = await download(file.id, { range });
    assert.equal(response.status, 200, range);
    assert.equal((await response.arrayBuffer()).byteLength, file.bytes.length);
  }
  // Ranges are for GET alone.
  const head = await download(file.id, { range: "bytes=0-0" }, { method: "HEAD" });
  assert.deepEqual([head.status, head.headers.get("content-length"), head.headers.get("content-range")], [200, String(file.bytes.length), null]);
});

test("conditions decide in their order", async () => {
  const second = Math.floor(Date.parse(file.completed_at) / 1000) * 1000;
  const date = (offset) => new Date(second + offset).toUTCString();
  const [then, before, later] = [date(0), date(-1000), date(60_000)];
  const { etag } = file;
  const weak = `W/${etag}`;
  for (const [headers, status] of [
    [{ "if-none-match": etag }, 304],
    [{ "if-none-match": weak }, 304],
    [{ "if-none-match": `"a", ${weak} ,"b"` }, 304],
    [{ "if-none-match": "*" }, 304],
    [{ "if-none-match": '"a"' }, 200],
    [{ "if-none-match": file.sha256 }, 200],
    [{ "if-modified-since": then }, 304],
    [{ "if-modified-since": later }, 304],
    [{ "if-modified-since": before }, 200],
    [{ "if-modified-since": "yesterday" }, 200],
    [{ "if-none-match": '"a"', "if-modified-since": then }, 200],
    [{ "if-none-match": etag, "if-modified-since": before }, 304],
    [{ "if-match": etag }, 200],
    [{ "if-match": "*" }, 200],
    [{ "if-match": `"a", ${etag}` }, 200],
    [{ "if-match": weak }, 412],
    [{ "if-match": '"a"' }, 412],
    [{ "if-unmodified-since": then }, 200],
    [{ "if-unmodified-since": before }, 412],
    [{ "if-unmodified-since": "yesterday" }, 200],
    [{ "if-match": etag, "if-unmodified-since": before }, 200],
    [{ "if-match": '"a"', "if-none-match": etag }, 412],
    [{ "if-match": etag, "if-none-match": etag }, 304],
    [{ range: "bytes=0-0", "if-none-match": etag }, 304],
    [{ range: "bytes=0-0", "if-match": '"a"' }, 412],
    [{ range: "bytes=0-0", "if-range": etag }, 206],
    [{ range: "bytes=0-0", "if-range": weak }, 200],
    [{ range: "bytes=0-0", "if-range": '"a"' }, 200],
    [{ range: "bytes=0-0", "if-range": before }, 200],
    [{ "if-range": '"a"' }, 200],
    [{ range: "bytes=99999999-", "if-range": '"a"' }, 200],
    [{ range: "bytes=99999999-", "if-none-match": etag }, 304],
  ]) {
    for (const method of ["GET", "HEAD"]) {
      const response = await download(file.id, headers, { method });
      const expected = method === "HEAD" && status === 206 ? 200 : status;
      const where = `${method} ${JSON.stringify(headers)}`;
      if (expected === 412 && method === "GET") {
        await problem(response, 412, "PRECONDITION_FAILED");
        continue;
      }
      const { byteLength } = await response.arrayBuffer();
      assert.equal(response.status, expected, where);
      const isEmpty = method === "HEAD" || expected === 304;
      assert.equal(byteLength, isEmpty ? 0 : expected === 206 ? 1 : file.bytes.length, where);
      if (expected !== 412) assert.equal(response.headers.get("etag"), etag);
    }
  }
});

test("each download is one line of the trail, and nothing else is", async () => {
  const { id } = await service.over((await service.start("?format=csv")).id);
  const key = service.keys.viewer;
  const whole = await service.fetch(`/v1/exports/${id}/download`, { key, headers: { "x-request-id": "whole" } });
  await whole.arrayBuffer();
  await (await download(id, { range: "bytes=0-9" })).arrayBuffer();
  assert.equal(await downloads(id), 2);
  for (const [headers, options] of [
    [{}, { method: "HEAD" }],
    [{ "if-none-match": "*" }, {}],
    [{ "if-match": '"a"' }, {}],
    [{ range: "bytes=99999999-" }, {}],
    [{}, { key: service.keysOf.globex.owner }],
    [{}, { key: null }],
  ]) {
    await (await download(id, headers, options)).arrayBuffer();
  }
  assert.equal(await downloads(id), 2);
  const [row, part] = await service.sql("SELECT * FROM audit WHERE target_id = ? AND action = 'export.download' ORDER BY id", id);
  assert.deepEqual([row.account_id, row.user_id, row.key_id, row.target_type, row.request_id], ["acme", "acme-viewer", key.slice(3, 19), "export", "whole"]);
  assert.deepEqual([JSON.parse(row.details).bytes, JSON.parse(part.details).bytes], [(await service.read(id)).file_size, 10]);
});

test("an export that is not ready, failed or is gone has no file", async () => {
  await problem(await download(randomUUID()), 404, "EXPORT_NOT_FOUND");

  // Written down, but never handed to the queue.
  await service.hook("at:create.row", "kill");
  await problem(await service.fetch("/v1/exports?user_id=u1", { method: "POST" }), 500, "INTERNAL");
  await service.unhook("at:create.row");
  const { items } = await (await service.fetch("/v1/exports?status=PENDING")).json();
  const pending = await download(items[0].id);
  assert.ok(Number(pending.headers.get("retry-after")) >= 1);
  assert.deepEqual((await problem(pending, 409, "EXPORT_NOT_READY")).details, { status: "PENDING" });

  // Begun, and never ended.
  await service.hook("at:job.claimed", "kill");
  const { id } = await service.start();
  await service.begun(id);
  await service.unhook("at:job.claimed");
  assert.deepEqual((await problem(await download(id), 409, "EXPORT_NOT_READY")).details, { status: "PROCESSING" });

  const failed = await service.over((await service.start("", { json: { format: "csv", strict: true, data: [{ a: "=1" }] } })).id);
  assert.equal(failed.status, "FAILED");
  assert.equal(failed.error.code, "STRICT");
  assert.ok(failed.error.message);
  assert.deepEqual([failed.file_size, failed.sha256, failed.expires_at], [null, null, null]);
  const document = await problem(await download(failed.id), 409, "EXPORT_FAILED");
  assert.ok(document.message.includes(failed.error.message));
  assert.deepEqual(await service.trail(failed.id), ["export.create", "export.fail"]);

  for (const gone of [items[0].id, id, failed.id]) {
    assert.equal((await service.fetch(`/v1/exports/${gone}`, { method: "DELETE" })).status, 204);
    await problem(await download(gone), 404, "EXPORT_NOT_FOUND");
    await problem(await service.fetch(`/v1/exports/${gone}`), 404, "EXPORT_NOT_FOUND");
    await problem(await service.fetch(`/v1/exports/${gone}`, { method: "DELETE" }), 404, "EXPORT_NOT_FOUND");
    assert.equal((await service.trail(gone)).filter((action) => action === "export.delete").length, 1);
  }
});

test("deleting a ready export takes its file along", async () => {
  const { id } = await service.over((await service.start("?format=csv")).id);
  assert.ok((await service.objects()).some((key) => key.includes(id)));
  assert.equal((await service.fetch(`/v1/exports/${id}`, { method: "DELETE" })).status, 204);
  assert.ok(!(await service.objects()).some((key) => key.includes(id)));
  await problem(await download(id), 404, "EXPORT_NOT_FOUND");
});

test("a file can be had until 72 hours after it was ready, and not at them, whatever the row says", async () => {
  const { id, completed_at: completed, expires_at: expires } = await service.over((await service.start("?format=csv")).id);
  const end = Date.parse(completed) + 72 * HOUR;
  assert.equal(Date.parse(expires), end);
  await service.hook("now", end - 1);
  assert.equal((await download(id)).status, 200);
  assert.equal((await service.read(id)).status, "READY");
  await service.hook("now", end);
  for (const headers of [{}, { range: "bytes=0-0" }, { "if-none-match": "*" }]) {
    await problem(await download(id, headers), 410, "EXPORT_EXPIRED");
  }
  assert.equal((await download(id, {}, { method: "HEAD" })).status, 410);
  assert.equal((await service.read(id)).status, "EXPIRED");
  const [row] = await service.sql("SELECT status, file_key FROM exports WHERE id = ?", id);
  assert.equal(row.status, "READY");
  assert.ok((await service.objects()).includes(row.file_key));
  await service.sweep();
  assert.equal((await service.sql("SELECT status FROM exports WHERE id = ?", id))[0].status, "EXPIRED");
  assert.ok(!(await service.objects()).includes(row.file_key));
  await problem(await download(id), 410, "EXPORT_EXPIRED");
  // Once it is written down, going back in time brings nothing back.
  await service.hook("now", end - 1);
  await problem(await download(id), 410, "EXPORT_EXPIRED");
  assert.deepEqual((await service.trail(id)).filter((action) => action === "export.expire"), ["export.expire"]);
  await service.unhook("now");
});

test("a file of a type that is gone from the catalog is for whoever asked for it, since nobody knows whose data it holds", async () => {
  const json = { resource: "memories", format: "csv" };
  const { id } = await service.over((await service.start("", { json, key: service.keys.member })).id);
  const statuses = async () => {
    const answers = await Promise.all(["owner", "member", "viewer"].map((role) => download(id, {}, { key: service.keys[role] })));
    return Promise.all(answers.map(async (answer) => (await answer.arrayBuffer(), answer.status)));
  };
  assert.deepEqual(await statuses(), [200, 200, 200]);
  await service.sql("UPDATE exports SET resource = 'gone' WHERE id = ?", id);
  assert.deepEqual(await statuses(), [404, 200, 404]);
  await problem(await download(id), 404, "EXPORT_NOT_FOUND");
});
