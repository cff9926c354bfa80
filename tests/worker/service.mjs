// The whole service as wrangler runs it: database, bucket and queue, two accounts with a user of each role, and the
// hooks by which tests set the clock and stop the program at a point.

import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTestHarness } from "wrangler";

const root = fileURLToPath(new URL("../../worker/", import.meta.url));

/** Columns with keys of texts that lie in the bucket. */
const LONG_TEXTS = [
  ["content_items", "text_key"],
  ["memory_bank_entries", "text_key"],
  ["agent_step_runs", "output_key"],
  ["analysis_outputs", "content_key"],
];

/** The text of a key: more than the database keeps, with what JSON escapes. */
export const longText = (key) => `"${key}"\té\\\n`.repeat(12_000);

export const ROLES = ["owner", "member", "viewer"];
export const ACCOUNTS = ["acme", "globex"];

/** A key as the service makes them, and what the database holds of it. */
export function newKey() {
  const id = Array.from(randomBytes(16), (byte) => "abcdefghijkmnpqrstuvwxyz23456789"[byte % 32]).join("");
  const secret = randomBytes(32).toString("hex");
  return { id, text: `tc_${id}_${secret}`, hash: createHash("sha256").update(secret).digest("hex") };
}

/** The configuration of the worker, its paths made absolute. */
export async function readConfig() {
  const text = await readFile(join(root, "wrangler.jsonc"), "utf8");
  const config = JSON.parse(text.replace(/^\s*\/\/.*$/gm, ""));
  config.main = join(root, config.main);
  config.assets.directory = join(root, config.assets.directory);
  config.d1_databases[0].migrations_dir = join(root, config.d1_databases[0].migrations_dir);
  delete config.build;
  return config;
}

/** A Worker with definitions of resources from these files, as `cargo xtask build` makes it of `worker/resources`. */
async function workerWith(files, folder) {
  const definitions = await Promise.all(
    files.map(async (path) => ({ file: basename(path), text: await readFile(path, "utf8") })),
  );
  const main = join(folder, "main.mjs");
  const handlers = JSON.stringify(join(root, "handlers.js"));
  const resources = JSON.stringify(JSON.stringify(definitions));
  await writeFile(main, `import { handlers } from ${handlers};\nexport default handlers(${resources});\n`);
  return main;
}

/**
 * Starts the service. `hooks: false` is a deployment that knows no hooks; `resources` are the operator's definitions, as
 * paths of files, in the place of those in `worker/resources`; `configure` changes the configuration. Close it when the
 * tests are done.
 */
export async function startService({ vars = {}, hooks = true, resources, configure } = {}) {
  const all = { ...(hooks ? { TEST_HOOKS: "1" } : {}), ...vars };
  let configPath = "wrangler.jsonc";
  let folder;
  if (configure || resources) {
    const config = await readConfig();
    configure?.(config);
    folder = await mkdtemp(join(tmpdir(), "tablecast-"));
    configPath = join(folder, "wrangler.json");
    if (resources) config.main = await workerWith(resources, folder);
    await writeFile(configPath, JSON.stringify(config));
  }
  const harness = createTestHarness({ root, workers: [{ configPath, vars: all }] });
  const { url } = await harness.listen();
  const worker = harness.getWorker();
  await worker.applyD1Migrations("DB");
  const env = await worker.getEnv();
  const close = async () => {
    await harness.close();
    if (folder) await rm(folder, { recursive: true });
  };
  const service = new Service(url, worker, env, close, harness);
  await service.sql("CREATE TABLE test_hooks (name TEXT PRIMARY KEY, value TEXT NOT NULL)");
  for (const account of ACCOUNTS) {
    for (const role of ROLES) await service.addUser(account, role);
  }
  service.keys = service.keysOf.acme;
  return service;
}

class Service {
  /** By account and role: `keysOf.acme.owner`. */
  keysOf = {};
  #statements = new Map();

  constructor(url, worker, env, close, harness) {
    Object.assign(this, { url, worker, env, close, harness });
  }

  /** Runs one statement; gives its rows. */
  async sql(text, ...values) {
    return (await this.#statement(text, values).all()).results;
  }

  /** Making a statement goes to the server and back, and so does binding its values: those that were made are kept. */
  #statement(text, values) {
    const key = JSON.stringify([text, ...values]);
    if (!this.#statements.has(key)) {
      this.#statements.set(key, values.length > 0 ? this.#statement(text, []).bind(...values) : this.env.DB.prepare(text));
    }
    return this.#statements.get(key);
  }

  /** A user of this role with a key. Its id is `<account>-<role>`. */
  async addUser(account, role, { expiresAt = null, scopes = null, id = `${account}-${role}` } = {}) {
    const key = newKey();
    await this.sql(
      `INSERT OR IGNORE INTO users (id, account_id, email, name, plan, role, referral_code, referral_credits, created_at)
       VALUES (?, ?, ?, ?, 'solo', ?, ?, 3, 0)`,
      id, account, `${id}@example.com`, `Zoë of ${account}`, role, `REF-${id}`,
    );
    await this.sql(
      `INSERT INTO api_keys (id, account_id, user_id, name, secret_hash, scopes, created_by, created_at, expires_at)
       VALUES (?, ?, ?, 'test', ?, ?, ?, 0, ?)`,
      key.id, account, id, key.hash, scopes && JSON.stringify(scopes), id, expiresAt,
    );
    ((this.keysOf[account] ??= {})[role] ??= key.text);
    return key.text;
  }

  /** `count` memories of an account, created a second apart from 2026-01-01 on. */
  async addMemories(account, count, { prefix = "m", begin = "2026-01-01T00:00:00Z", content = "note" } = {}) {
    await this.sql(
      `WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ?1)
       INSERT INTO memories (id, account_id, content, user_id, agent_id, session_id, priority, categories, metadata,
         created_at, updated_at)
       SELECT printf('%s%07d', ?2, n), ?3, printf('%s %d "é" =1+1', ?5, n), 'u' || (n % 3), 'a' || (n % 2),
         iif(n % 4 = 0, NULL, 's' || (n % 4)), iif(n % 5 = 0, NULL, substr('LOW   MEDIUMHIGH  ', 1 + 6 * (n % 3), 6)),
         json_array('c' || (n % 3), 'd' || (n % 7)), iif(n % 2 = 0, NULL, json_object('n', n)),
         strftime('%Y-%m-%dT%H:%M:%fZ', ?4, n || ' seconds'), strftime('%Y-%m-%dT%H:%M:%fZ', ?4, n || ' seconds')
       FROM numbers`.replace("substr('LOW   MEDIUMHIGH  ', 1 + 6 * (n % 3), 6)", "trim(substr('LOW   MEDIUMHIGH  ', 1 + 6 * (n % 3), 6))"),
      count, prefix, account, begin, content,
    );
  }

  /** The records of `worker/demo`, of all types but memories, with their long texts. */
  async addRecords(account) {
    for (const name of ["records.sql", "resources.sql"]) {
      const sql = await readFile(join(root, "demo", name), "utf8");
      const statements = sql.replace(/^--.*$/gm, "").replaceAll(":account", `'${account}'`).split(/;\s*\n/);
      await this.env.DB.batch(statements.filter((text) => text.trim()).map((text) => this.env.DB.prepare(text)));
    }
    for (const [table, column] of LONG_TEXTS) {
      const rows = await this.sql(`SELECT ${column} AS key FROM ${table} WHERE account_id = ? AND ${column} IS NOT NULL`, account);
      for (const { key } of rows) await this.env.FILES.put(key, longText(key));
    }
  }

  /**
   * A knowledge base of acme with sources `<id>-0`, `<id>-1` and so on, and in each of them `count` items `<source>-00000` and
   * so on, whose texts have three characters and four bytes for each of `units`.
   */
  async addKnowledgeBase(id, sources, count, units) {
    const numbers = "WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ?1)";
    const moment = "2026-02-01T00:00:00.000Z";
    await this.sql("INSERT INTO knowledge_bases (id, account_id, name, created_at) VALUES (?, 'acme', 'Many', ?)", id, moment);
    await this.sql(`${numbers} INSERT INTO source_connections (id, account_id, name, created_at) SELECT ?2 || '-' || n, 'acme', 'Source ' || n, ?3 FROM numbers`, sources, id, moment);
    await this.sql(`${numbers} INSERT INTO knowledge_base_sources SELECT 'acme', ?2, ?2 || '-' || n FROM numbers`, sources, id);
    await this.sql(
      `${numbers} INSERT INTO content_items (id, account_id, source_connection_id, text, published_at, created_at)
       SELECT printf('%s-%05d', s.id, n), 'acme', s.id, replace(hex(zeroblob(?3)), '00', 'é"' || char(10)),
         strftime('%Y-%m-%dT%H:%M:%fZ', '2026-01-01', n || ' hours'), strftime('%Y-%m-%dT%H:%M:%fZ', '2026-02-01', (n / 3) || ' seconds')
       FROM numbers, source_connections AS s WHERE s.account_id = 'acme' AND s.id LIKE ?2 || '-%'`,
      count, id, units,
    );
  }

  /** Sends a request, by default with the key of acme's owner; `key: null` sends none. */
  fetch(path, { key = this.keys.owner, headers = {}, json, ...options } = {}) {
    const all = { ...(key ? { authorization: `Bearer ${key}` } : {}), ...headers };
    if (json !== undefined) {
      options.body = JSON.stringify(json);
      all["content-type"] ??= "application/json";
    }
    return fetch(new URL(path, this.url), { redirect: "manual", ...options, headers: all });
  }

  /** `POST /v1/exports` that has to be accepted; gives the export. */
  async start(query = "", options = {}) {
    const response = await this.fetch(`/v1/exports${query}`, { method: "POST", ...options });
    const document = await response.json();
    if (response.status !== 202) throw new Error(`${response.status} ${JSON.stringify(document)}`);
    return document;
  }

  async read(id, options) {
    return (await this.fetch(`/v1/exports/${id}`, options)).json();
  }

  /** The export, once it is over. The queue works by itself, so the database is asked again and again. */
  async over(id, options) {
    for (;;) {
      const [row] = await this.sql("SELECT status FROM exports WHERE id = ?", id);
      if (!["PENDING", "PROCESSING"].includes(row?.status)) return this.read(id, options);
    }
  }

  /** Lets the server get on with other things. */
  async turn() {
    // An answer that nobody reads keeps its connection to itself.
    await (await this.fetch("/healthz", { key: null })).arrayBuffer();
  }

  /** Sets a hook; worker/src/hooks.rs tells which there are. */
  async hook(name, value) {
    await this.sql("INSERT OR REPLACE INTO test_hooks (name, value) VALUES (?, ?)", name, String(value));
  }

  async unhook(name) {
    await this.sql("DELETE FROM test_hooks WHERE name = ?", name);
  }

  /** Runs the cron once. */
  sweep() {
    return this.worker.scheduled({ cron: "* * * * *" });
  }

  /** What the trail holds about an export, oldest first. */
  async trail(id) {
    const rows = await this.sql("SELECT action FROM audit WHERE target_id = ? ORDER BY id", id);
    return rows.map((row) => row.action);
  }

  /** The keys of all objects in the bucket. */
  async objects() {
    const keys = [];
    for (let cursor; ; ) {
      const found = await this.env.FILES.list({ cursor });
      keys.push(...found.objects.map((object) => object.key));
      if (!found.truncated) return keys;
      cursor = found.cursor;
    }
  }
}
