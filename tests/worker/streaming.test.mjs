// A body larger than the look-ahead streams through; an error after the first output breaks the connection off.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { documentsOf, recordsOf, TABLES } from "../resources/records.mjs";
import { CAP, chunkedBody, endsWhole, rows, serve } from "./server.mjs";

let server;
before(async () => {
  server = await serve();
});
after(() => server.close());

/** More rows than the look-ahead holds back, so that output begins while the body is still open. */
const LOOK_AHEAD_ROWS = 5000;
const hasBody = (response) => chunkedBody(response).length > 0;

const expected = (count) =>
  "id,name\r\n" + Array.from({ length: count }, (_, i) => `${i},row ${i}\r\n`).join("");

for (const [shape, query, head, tail] of [
  ["data in the body", "?format=csv", "[", '{"id":5010,"name":"row 5010"}]'],
  ["a request document", "", '{"format":"csv","data":[', '{"id":5010,"name":"row 5010"}]}'],
]) {
  test(`${shape}: the first bytes arrive before the last are sent`, async () => {
    const connection = await server.connect();
    connection.start(query);
    connection.send(head + rows(0, LOOK_AHEAD_ROWS));
    const early = await connection.until(hasBody);
    assert.match(early, /^HTTP\/1\.1 200 /);
    assert.ok(hasBody(early));
    connection.send(rows(LOOK_AHEAD_ROWS, 10) + tail);
    connection.finish();
    const response = await connection.all();
    assert.ok(endsWhole(response));
    assert.equal(chunkedBody(response), expected(5011));
  });

  test(`${shape}: a late error never ends as if the file were whole`, async () => {
    const connection = await server.connect();
    connection.start(query);
    connection.send(head + rows(0, LOOK_AHEAD_ROWS));
    await connection.until(hasBody);
    connection.send("this is no row");
    connection.finish();
    const response = await connection.all();
    assert.match(response, /^HTTP\/1\.1 200 /);
    assert.ok(!endsWhole(response));
    assert.ok(expected(5011).startsWith(chunkedBody(response)));
  });

  test(`${shape}: input that ends early never ends as if the file were whole`, async () => {
    const connection = await server.connect();
    connection.start(query);
    connection.send(head + rows(0, LOOK_AHEAD_ROWS));
    await connection.until(hasBody);
    connection.finish();
    assert.ok(!endsWhole(await connection.all()));
  });
}

/** A request for a type of resource, cut where its data have become longer than what is held back. */
function uploadOf(name) {
  const [document] = TABLES.includes(name) ? [recordsOf(name, 24)] : documentsOf(name, 1);
  const grown = Array.isArray(document) ? Array(80).fill(document).flat() : { ...document, sources: Array(500).fill(document.sources).flat() };
  return `${JSON.stringify({ resource: name, envelope: { software_version: "1", account_id: "a" } }).slice(0, -1)},"data":${JSON.stringify(grown)}}`;
}

for (const name of ["governance_evaluations", "knowledge_base"]) {
  test(`${name}: an upload that ends early never ends as if the file were whole`, async () => {
    const body = uploadOf(name);
    const whole = await server.connect();
    whole.start();
    whole.send(body);
    whole.finish();
    const file = await whole.all();
    assert.ok(endsWhole(file), file.slice(0, 1000));
    for (const length of [body.length - 2, Math.floor(body.length * 0.7)]) {
      const connection = await server.connect();
      connection.start();
      connection.send(body.slice(0, length));
      await connection.until(hasBody);
      connection.finish();
      const response = await connection.all();
      assert.ok(!endsWhole(response) && chunkedBody(response).length > 0, response.slice(0, 1000));
      const timeless = (text) => chunkedBody(text).replace(/"exported_at": "[^"]+"/, "");
      assert.ok(timeless(file).startsWith(timeless(response)));
    }
  });
}

test("fetch rejects a response that was broken off", async () => {
  const body = `[${rows(0, 50_000)}nothing]`;
  const response = await server.exportJson(body, "?format=csv");
  assert.equal(response.status, 200);
  await assert.rejects(response.text());
});

test("a column that appears after the look-ahead breaks the connection off", async () => {
  const body = `[${rows(0, 50_000)}{"id":1,"name":"x","late":1}]`;
  const response = await server.exportJson(body, "?format=csv");
  await assert.rejects(response.text());
});

test("a body past the limit breaks a running export off", async () => {
  const connection = await server.connect();
  connection.start("?format=csv");
  connection.send(`[${rows(0, LOOK_AHEAD_ROWS)}`);
  await connection.until(hasBody);
  connection.send(" ".repeat(CAP));
  assert.ok(!endsWhole(await connection.all()));
});

test("exports that are broken off or abandoned leave their neighbours unharmed", async () => {
  const neighbour = await server.connect();
  neighbour.start("?format=csv");
  neighbour.send(`[${rows(0, LOOK_AHEAD_ROWS)}`);
  await neighbour.until(hasBody);

  const broken = await server.connect();
  broken.start("?format=csv");
  broken.send(`[${rows(0, LOOK_AHEAD_ROWS)}`);
  await broken.until(hasBody);
  broken.send("!");
  await broken.all();

  const abandoned = await server.connect();
  abandoned.start("?format=csv");
  abandoned.send(`[${rows(0, LOOK_AHEAD_ROWS)}`);
  await abandoned.until(hasBody);
  abandoned.vanish();

  neighbour.send('{"id":5000,"name":"row 5000"}]');
  neighbour.finish();
  const response = await neighbour.all();
  assert.ok(endsWhole(response));
  assert.equal(chunkedBody(response), expected(5001));
  assert.equal(await (await server.exportJson([{ a: 1 }], "?format=csv")).text(), "a\r\n1\r\n");
});

test("a large export comes through whole", async () => {
  const count = 200_000;
  const body = `[${rows(0, count - 1)}{"id":${count - 1},"name":"row ${count - 1}"}]`;
  const response = await server.exportJson(body, "?format=csv");
  assert.equal(await response.text(), expected(count));
});

test("an early error reaches a client that is still sending", async () => {
  const connection = await server.connect();
  connection.start("?format=csv&unknown=1");
  for (let piece = 0; piece < 50; piece += 1) connection.send(rows(piece, 10));
  connection.finish();
  const response = await connection.all();
  assert.match(response, /^HTTP\/1\.1 422 /);
  assert.match(response, /"error":"UNKNOWN_OPTION"/);
});
