// GET /api/export: all data of the calling user, exactly as the reference describes it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startService } from "./service.mjs";

let service;
before(async () => {
  service = await startService();
  await service.hook("now", NOW);
  for (const account of ["acme", "globex"]) {
    for (const role of ["owner", "member"]) await fill(account, `${account}-${role}`);
  }
});
after(() => service.close());

const NOW = Date.parse("2026-04-02T12:00:00.000Z");
const iso = (day) => `2026-03-${String(day).padStart(2, "0")}T00:00:00.000Z`;

async function fill(account, user) {
  const mark = `${account}/${user}`;
  await service.sql("INSERT INTO agents (id, account_id, user_id, name, model, status, created_at, updated_at) VALUES (?, ?, ?, ?, 'gpt-4o', 'running', ?, ?)",
    `agent-${mark}`, account, user, `Zoë's "agent" of ${mark}`, iso(1), iso(2));
  await service.sql("INSERT INTO agents (id, account_id, user_id, name, model, status, created_at, updated_at) VALUES (?, ?, ?, ?, 'gpt-4o', 'paused', ?, ?)",
    `agent2-${mark}`, account, user, "line\nbreak", iso(3), iso(3));
  await service.sql("INSERT INTO scheduled_tasks VALUES (?, ?, ?, ?, '0 9 * * *', 1, ?)",
    `task-${mark}`, account, user, `daily ${mark}`, iso(15));
  await service.sql("INSERT INTO workflows VALUES (?, ?, ?, ?, 0, ?)",
    `flow-${mark}`, account, user, `flow ${mark}`, iso(20));
}

test("the file is the reference's, member by member in its order", async () => {
  const response = await service.fetch("/api/export");
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.match(
    response.headers.get("content-disposition"),
    /^attachment; filename="tablecast-export-acme-own-2026-04-02\.json"/,
  );
  const text = await response.text();
  const expected = {
    exportedAt: "2026-04-02T12:00:00.000Z",
    version: "1.0",
    user: {
      id: "acme-owner", email: "acme-owner@example.com", name: "Zoë of acme", plan: "solo", role: "owner",
      referralCode: "REF-acme-owner", referralCredits: 3,
    },
    agents: [
      {
        id: "agent-acme/acme-owner", name: "Zoë's \"agent\" of acme/acme-owner", model: "gpt-4o", status: "running",
        createdAt: iso(1), updatedAt: iso(2),
      },
      {
        id: "agent2-acme/acme-owner", name: "line\nbreak", model: "gpt-4o", status: "paused",
        createdAt: iso(3), updatedAt: iso(3),
      },
    ],
    scheduledTasks: [
      {
        id: "task-acme/acme-owner", name: "daily acme/acme-owner", cronSchedule: "0 9 * * *", enabled: true,
        createdAt: iso(15),
      },
    ],
    workflows: [
      { id: "flow-acme/acme-owner", name: "flow acme/acme-owner", enabled: false, createdAt: iso(20) },
    ],
  };
  assert.equal(text, JSON.stringify(expected, null, 2));
});

test("it holds nothing of another user or account", async () => {
  for (const [account, role] of [["acme", "member"], ["globex", "owner"], ["acme", "viewer"]]) {
    const response = await service.fetch("/api/export", { key: service.keysOf[account][role] });
    const text = await response.text();
    assert.equal(JSON.parse(text).user.id, `${account}-${role}`);
    for (const foreign of ["acme/acme-owner", "acme/acme-member", "globex/globex-owner", "globex/globex-member"]) {
      assert.equal(text.includes(foreign), foreign === `${account}/${account}-${role}`, `${account} ${role} ${foreign}`);
    }
  }
});

test("a user without anything gets empty lists, and nulls where there is nothing", async () => {
  await service.sql("UPDATE users SET name = NULL, plan = NULL, referral_code = NULL WHERE id = 'globex-viewer'");
  const document = await (await service.fetch("/api/export", { key: service.keysOf.globex.viewer })).json();
  assert.deepEqual([document.agents, document.scheduledTasks, document.workflows], [[], [], []]);
  assert.deepEqual([document.user.name, document.user.plan, document.user.referralCode], [null, null, null]);
});

test("more than a page of records comes whole and in order", async () => {
  await service.sql(
    `WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 4999)
     INSERT INTO workflows SELECT printf('w%05d', n), 'globex', 'globex-member', 'flow', n % 2,
       strftime('%Y-%m-%dT%H:%M:%fZ', '2026-01-01', (n / 3) || ' seconds') FROM numbers`,
  );
  const document = await (await service.fetch("/api/export", { key: service.keysOf.globex.member })).json();
  const ids = document.workflows.map((workflow) => workflow.id).filter((id) => id.startsWith("w"));
  assert.equal(ids.length, 5000);
  assert.deepEqual(ids, ids.toSorted());
});

test("each download leaves a line in the trail, a query is refused", async () => {
  const before = (await service.trail("acme-owner")).length;
  await (await service.fetch("/api/export")).text();
  assert.deepEqual((await service.trail("acme-owner")).slice(before), ["account.export"]);
  const response = await service.fetch("/api/export?user_id=acme-member");
  assert.deepEqual([response.status, (await response.json()).error], [422, "UNKNOWN_PARAMETER"]);
});
