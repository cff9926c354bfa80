// The README's lines for a terminal work as printed.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { startService } from "./service.mjs";

const service = await startService({ hooks: false, vars: { ALLOW_ANONYMOUS: "1" } });
const folder = await mkdtemp(join(tmpdir(), "tablecast-readme-"));
after(async () => {
  await service.close();
  await rm(folder, { recursive: true });
});

/** The blocks for a terminal under a heading. */
async function blocks(heading) {
  const text = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  const begin = text.indexOf(`### ${heading}\n`);
  assert.ok(begin >= 0, heading);
  const end = text.slice(begin + 4).search(/\n##+ /);
  const section = text.slice(begin, begin + 4 + end);
  return [...section.matchAll(/```sh\n([^]*?)```/g)].map((match) => match[1]);
}

async function run(heading) {
  const lines = (await blocks(heading)).join("").replaceAll("http://localhost:8787", service.url.origin);
  assert.ok(lines.includes(service.url.origin));
  const { stdout } = await promisify(execFile)("bash", ["-euc", lines], {
    cwd: folder,
    env: { ...process.env, KEY: service.keys.owner },
  });
  return stdout;
}

test("the lines about one-off exports", async () => {
  const page = await run("Over HTTP");
  assert.equal(await readFile(join(folder, "items.csv"), "utf8"), "name,value\r\nItem A,100\r\n");
  assert.match(page, /^<!DOCTYPE html>/);
});

test("the lines for models", async () => {
  await service.addMemories("acme", 20, { prefix: "of-models-" });
  const printed = JSON.parse(await run("For models"));
  assert.match(printed.result.content[0].text, /^id,content,user_id/);
});

test("the lines about the service", async () => {
  await service.addMemories("acme", 300);
  const printed = await run("As a service");
  assert.match(printed, /"status":"READY"/);
  assert.match(printed, /"action":"export.download"/);
  assert.match(printed, /"title":"Prices"/);
  const files = await readdir(folder);
  const memories = files.find((name) => name.startsWith("memories-"));
  const [{ total }] = await service.sql("SELECT count(*) AS total FROM memories WHERE priority = 'HIGH'");
  assert.ok(total > 0);
  assert.equal((await readFile(join(folder, memories), "utf8")).trim().split("\r\n").length, total + 1);
  const account = files.find((name) => name.startsWith("tablecast-export-"));
  assert.equal(JSON.parse(await readFile(join(folder, account), "utf8")).user.id, "acme-owner");
});
