// The README's lines for a terminal work as printed.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { startService } from "./service.mjs";

let folder;
let service;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "tablecast-readme-"));
  const [definition] = await blocks("Your own resource", "json");
  await writeFile(join(folder, "invoices.json"), definition);
  const resources = [join(folder, "invoices.json")];
  service = await startService({ hooks: false, vars: { ALLOW_ANONYMOUS: "1" }, resources });
});
after(async () => {
  await service.close();
  await rm(folder, { recursive: true });
});

/** The blocks in a language under a heading. */
async function blocks(heading, language) {
  const text = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  const begin = text.indexOf(`### ${heading}\n`);
  assert.ok(begin >= 0, heading);
  const end = text.slice(begin + 4).search(/\n##+ /);
  const section = text.slice(begin, begin + 4 + end);
  return [...section.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, "g"))].map((match) => match[1]);
}

async function run(heading) {
  const lines = (await blocks(heading, "sh")).join("").replaceAll("http://localhost:8787", service.url.origin);
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

test("the lines about a resource of one's own", async () => {
  const [tables] = await blocks("Your own resource", "sql");
  for (const statement of tables.split(";\n").filter((text) => text.trim())) await service.sql(statement);
  const at = "2026-01-31T12:00:00.000Z";
  await service.sql("INSERT INTO invoices VALUES ('acme', 'R-1', ?1, 'sent', NULL), ('acme', 'R-2', ?1, 'paid', ?1), ('globex', 'R-3', ?1, 'sent', NULL)", at);
  await service.sql("INSERT INTO invoice_lines VALUES ('acme', 'L-1', ?1, 'R-1', 'Paper', 12.5)", at);
  const printed = await run("Your own resource");
  assert.equal(JSON.parse(printed).resource, "invoices");
  const file = (await readdir(folder)).find((name) => /^invoices-.*\.csv$/.test(name));
  const line = '"[{""article"":""Paper"",""amount"":12.5}]"';
  assert.equal(await readFile(join(folder, file), "utf8"), `id,state,paid_at,lines,line_count\r\nR-1,sent,,${line},1\r\n`);
});
