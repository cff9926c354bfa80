// What an account may do at most: files in a minute, and exports that are not finished.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { problem } from "./problem.mjs";
import { startService } from "./service.mjs";

const RATE = 8;
const ACTIVE = 3;
const MINUTE = 60_000;

let service;
/** A moment long after all that came before, so that nothing of it counts any more. */
let now = Date.UTC(2027, 0, 1);
before(async () => {
  service = await startService({ vars: { RATE_LIMIT_PER_MINUTE: String(RATE), MAX_ACTIVE_EXPORTS: String(ACTIVE) } });
});
after(() => service.close());

async function at(moment) {
  now = moment;
  await service.hook("now", moment);
}

const create = (options = {}) => service.fetch("/v1/exports", { method: "POST", ...options });
const stream = (options = {}) => service.fetch("/api/export?format=csv", { method: "POST", json: [{ a: 1 }], ...options });

async function status(response) {
  await response.arrayBuffer();
  return response.status;
}

async function limited(response, seconds) {
  assert.equal(response.headers.get("retry-after"), String(seconds));
  const document = await problem(response, 429, "RATE_LIMITED");
  assert.deepEqual(document.details, { max: RATE });
}

const trail = async () => (await service.sql("SELECT count(*) AS rows FROM audit"))[0].rows;

test("more files than a minute allows are refused, with the wait until the oldest counts no more", async () => {
  const start = now;
  for (let second = 0; second < RATE; second += 1) {
    await at(start + second * 1000);
    assert.equal(await status(await stream()), 200);
  }
  const before = await trail();
  await limited(await stream(), 53);
  await at(start + 30_500);
  await limited(await stream(), 30);
  await limited(await create(), 30);
  await at(start + MINUTE - 1);
  await limited(await stream(), 1);
  assert.equal(await trail(), before, "what was refused is no work");
  await at(start + MINUTE);
  assert.equal(await status(await stream()), 200);
  await limited(await stream(), 1);
});

test("a limit is one account's alone, and reading costs nothing of it", async () => {
  await limited(await stream(), 1);
  await limited(await stream({ key: service.keys.member }), 1);
  assert.equal(await status(await stream({ key: service.keysOf.globex.owner })), 200);
  for (const path of ["/v1/me", "/v1/exports", "/v1/audit", "/v1/templates", "/v1/keys"]) {
    assert.equal(await status(await service.fetch(path)), 200);
  }
});

test("downloads and account exports count as well", async () => {
  await at(now + 2 * MINUTE);
  const { id } = await service.over((await service.start()).id);
  const download = (options) => service.fetch(`/v1/exports/${id}/download`, options);
  for (let count = 2; count < RATE; count += 1) assert.equal(await status(await download()), 200);
  assert.equal(await status(await service.fetch("/api/export")), 200);
  await limited(await download(), 60);
  await limited(await download({ headers: { range: "bytes=0-0" } }), 60);
  await limited(await service.fetch("/api/export"), 60);
  assert.equal(await status(await download({ method: "HEAD" })), 200);
});

test("checks of agents count as well, right or wrong", async () => {
  await at(now + 2 * MINUTE);
  const check = () => service.fetch("/api/agents/check", { method: "POST", json: {} });
  for (let count = 1; count < RATE; count += 1) await problem(await check(), 422, "AGENT_DEFINITION_INVALID");
  assert.equal(await status(await stream()), 200);
  await limited(await check(), 60);
  await limited(await stream(), 60);
});

test("what is refused in the end is refused before any work where the account has done too much", async () => {
  const paths = ["/v1/resources/knowledge_base/nothing/export", "/api/agents/nothing/export"];
  const fetch = (path) => service.fetch(path);
  for (const path of paths) await limited(await fetch(path), 60);
  await at(now + 2 * MINUTE);
  for (const path of paths) await problem(await fetch(path), 404, "RESOURCE_NOT_FOUND");
});

test("at once, exactly as many as the limit are let through", async () => {
  await at(now + 2 * MINUTE);
  const answers = await Promise.all(Array.from({ length: 30 }, () => stream()));
  const statuses = await Promise.all(answers.map(status));
  assert.equal(statuses.filter((given) => given === 200).length, RATE);
  assert.equal(statuses.filter((given) => given === 429).length, 30 - RATE);
});

test("more exports than may be unfinished are refused, and leave nothing behind", async () => {
  await at(now + 2 * MINUTE);
  await service.hook("at:job.claimed", "kill");
  const started = [];
  for (let count = 0; count < ACTIVE; count += 1) started.push((await service.start()).id);
  const before = await trail();
  for (const options of [{}, { json: { data: [{ a: 1 }] } }, { key: service.keys.member }, { headers: { "idempotency-key": "full" } }]) {
    const response = await create(options);
    assert.equal(response.headers.get("retry-after"), "5");
    const document = await problem(response, 429, "TOO_MANY_ACTIVE_EXPORTS");
    assert.deepEqual(document.details, { max: ACTIVE });
  }
  assert.equal(await trail(), before);
  assert.deepEqual((await service.objects()).filter((key) => key.startsWith("inputs/")), []);
  assert.deepEqual(await service.sql("SELECT * FROM idempotency_keys"), []);
  // Another account has its own.
  const other = await service.start("", { key: service.keysOf.globex.owner });
  // Files that are made at once are no jobs.
  assert.equal(await status(await stream()), 200);
  // One that is gone makes room for one, with the key that was refused before.
  assert.equal(await status(await service.fetch(`/v1/exports/${started[0]}`, { method: "DELETE" })), 204);
  assert.equal(await status(await create({ headers: { "idempotency-key": "full" } })), 202);
  // A request that comes again gets what it made, although there is no room.
  assert.equal(await status(await create({ headers: { "idempotency-key": "full" } })), 202);
  await problem(await create(), 429, "TOO_MANY_ACTIVE_EXPORTS");
  await service.fetch(`/v1/exports/${other.id}`, { method: "DELETE", key: service.keysOf.globex.owner });
});

test("at once, no more exports are begun than may be unfinished", async () => {
  const key = service.keysOf.globex.owner;
  await at(now + 2 * MINUTE);
  const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => create({ key, headers: n % 2 ? { "idempotency-key": `k${n}` } : {} })));
  const statuses = await Promise.all(answers.map(status));
  assert.equal(statuses.filter((given) => given === 202).length, ACTIVE);
  assert.equal(statuses.filter((given) => given === 429).length, 30 - ACTIVE);
  const [{ active }] = await service.sql("SELECT count(*) AS active FROM exports WHERE account_id = 'globex' AND status IN ('PENDING', 'PROCESSING')");
  assert.equal(active, ACTIVE);
  await service.unhook("at:job.claimed");
});
