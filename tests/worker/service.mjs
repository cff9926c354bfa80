// The whole service as wrangler runs it: database, bucket and queue, two accounts with a user of each role, and the
// hooks by which tests set the clock and stop the program at a point.

import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { shared } from "../runner/shared.mjs";

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

/** What an account may do here: more than tests do, where they are not about it. */
export const RATE = 20_000;
export const ACTIVE = 1000;

/** The most bytes of a body, for tests that send more. */
export const CAP = 400_000;

/** Origins whose pages may read answers. What is no origin in the list counts for nothing. */
export const FRIENDS = ["https://app.example", "https://tools.example:8443"];

/** The variables of most tests. With the same for all, a server can serve one file after another. */
const VARS = {
  RATE_LIMIT_PER_MINUTE: String(RATE),
  MAX_ACTIVE_EXPORTS: String(ACTIVE),
  ALLOWED_ORIGINS: `${FRIENDS.join(" , ")},*,null,https://slash.example/,example.org`,
};

/** How many jobs were made up to see whether a queue is empty, each with an id of its own. */
let drains = 0;

/** Servers of this process that nobody uses now, by their configuration. */
const idle = new Map();

/**
 * Gives a running server of this configuration, which builds nothing: what is tested was built before. It is one that was
 * given back, or a new one. `close` gives it back.
 */
export async function startHarness(vars, { resources, configure } = {}) {
  const config = await readConfig();
  configure?.(config);
  const configuration = JSON.stringify([config, vars]);
  // Files may have become others behind the same path.
  const isShared = resources === undefined;
  const server = (isShared && idle.get(configuration)?.pop()) || (await newServer(config, vars, resources, isShared));
  server.close = async () => {
    if (!isShared) return end(server);
    if (!idle.has(configuration)) idle.set(configuration, []);
    idle.get(configuration).push(server);
  };
  return server;
}

async function newServer(config, vars, resources, isShared) {
  // What it tells of each message is of no interest; errors are shown.
  process.env.WRANGLER_LOG ??= "error";
  // wrangler takes longer to load than most tests take.
  const { createTestHarness } = await import("wrangler");
  const folder = await mkdtemp(join(tmpdir(), "tablecast-"));
  const configPath = join(folder, "wrangler.json");
  if (resources) config.main = await workerWith(resources, folder);
  await writeFile(configPath, JSON.stringify(config));
  const harness = createTestHarness({ root, workers: [{ configPath, vars }] });
  const start = async () => ({ harness, folder, url: (await harness.listen()).url });
  return isShared ? shared(start, end)() : start();
}

async function end({ harness, folder }) {
  await harness.close();
  await rm(folder, { recursive: true });
}

/** Queues as most tests need them: a second one, as the local one delivers one message after another, and no wait. */
function withQueues({ queues: { producers, consumers } }) {
  producers.push({ binding: "MORE", queue: "tablecast-more-jobs" });
  producers.push({ binding: "DEAD", queue: "tablecast-dead-jobs" });
  consumers.push({ ...consumers[0], queue: "tablecast-more-jobs" });
  consumers[1].max_batch_timeout = 0;
}

/**
 * Starts the service, with nothing in it. `hooks: false` is a deployment that knows no hooks; `resources` are the operator's
 * definitions, as paths of files, in the place of those in `worker/resources`; `configure` changes the configuration.
 * Close it when the tests are done.
 */
export async function startService({ vars = {}, hooks = true, resources, configure = () => {} } = {}) {
  const all = { ...VARS, ...(hooks ? { TEST_HOOKS: "1" } : {}), ...vars };
  const server = await startHarness(all, {
    resources,
    configure(config) {
      withQueues(config);
      configure(config);
    },
  });
  const worker = server.harness.getWorker();
  server.env ??= await worker.getEnv();
  const service = new Service(server, worker);
  if (server.schema) {
    await service.empty(server.schema);
  } else {
    await worker.applyD1Migrations("DB");
    server.schema = await service.schema();
  }
  await service.exec("CREATE TABLE test_hooks (name TEXT PRIMARY KEY, value TEXT NOT NULL)", ...usersOf(service));
  service.keys = service.keysOf.acme;
  return service;
}

/** A user of each role in each account, with a key. */
function usersOf(service) {
  return ACCOUNTS.flatMap((account) => ROLES.flatMap((role) => service.userStatements(account, role).statements));
}

/** A value as SQL has it. */
function literal(value) {
  if (value === null || Number.isFinite(value)) return String(value);
  if (typeof value === "string" && !value.includes("\0")) return `'${value.replaceAll("'", "''")}'`;
  throw new TypeError(`${value} is no value of a statement`);
}

/** A statement with its values in the places of `?` and `?1`. */
function filled(text, values) {
  if (values.length === 0) return text;
  let place = 0;
  return text.replace(/'[^']*'|\?(\d*)/g, (found, number) => (found.startsWith("'") ? found : literal(values[number ? number - 1 : place++])));
}

/** A statement in one line, without comments. */
const inOneLine = (text) => text.replace(/--.*$/gm, "").replace(/\s*\n\s*/g, " ");

class Service {
  /** By account and role: `keysOf.acme.owner`. */
  keysOf = {};
  #statements = new Map();
  #harness;

  constructor(server, worker) {
    Object.assign(this, { url: server.url, env: server.env, close: server.close, worker });
    this.#harness = server.harness;
  }

  /** Runs one statement; gives its rows. */
  async sql(text, ...values) {
    const statement = filled(text, values);
    // A statement may have 100,000 bytes; values that are bound are no part of it.
    const isLong = statement.length > 25_000;
    return (await (isLong ? this.env.DB.prepare(text).bind(...values) : this.#statement(statement)).all()).results;
  }

  /** Making a statement goes to the server and back, as binding values to it would: those that were made are kept. */
  #statement(text) {
    if (!this.#statements.has(text)) this.#statements.set(text, this.env.DB.prepare(text));
    return this.#statements.get(text);
  }

  /** Runs statements in one go, in one way to the server and back; their rows are lost. */
  async exec(...statements) {
    await this.env.DB.exec(statements.map(inOneLine).join("\n"));
  }

  /** What the database is made of, in the order in which it was made. */
  schema() {
    return this.sql(
      `SELECT type, name, sql FROM sqlite_master
       WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_cf%' ESCAPE '\\' AND name <> 'd1_migrations'
       ORDER BY rowid`,
    );
  }

  /** Takes away all that an earlier file has left. */
  async empty(schema) {
    // Whoever stands still at a point goes on, and finds that the job is gone.
    await this.exec("DELETE FROM test_hooks", "DELETE FROM exports");
    // What waits in the queues is delivered now: it cannot make objects later.
    for (const queue of [this.env.JOBS, this.env.MORE]) await this.drained(queue);
    const made = await this.schema();
    const dropped = (type) => made.filter((part) => part.type === type).map(({ name }) => `DROP ${type} "${name}"`);
    // The trail keeps its rows as long as it has its triggers. Tables go before those that they refer to.
    await this.exec(...dropped("trigger"), ...dropped("table").reverse(), ...schema.map(({ sql }) => sql));
    const keys = await this.objects();
    for (let start = 0; start < keys.length; start += 1000) await this.env.FILES.delete(keys.slice(start, start + 1000));
    this.#harness.clearLogs();
  }

  /** Waits until the messages that are in a queue now have been delivered: it delivers them in their order. */
  async drained(queue = this.env.JOBS) {
    // A job without options ends at once, as failed or, where a test wants that, to be tried again; nothing is done after that.
    const id = `drained-${(drains += 1)}`;
    await this.exec(
      `INSERT INTO exports (id, account_id, created_by, status, format, options, created_at, updated_at, content_type)
       VALUES ('${id}', 'nobody', 'nobody', 'PENDING', 'csv', 'no options', 0, 0, 'text/csv')`,
    );
    await queue.send({ v: 1, job_id: id });
    await this.until(async () => (await this.sql("SELECT fence > 0 AND status <> 'PROCESSING' AS over FROM exports WHERE id = ?", id))[0].over);
    await this.exec(`DELETE FROM exports WHERE id = '${id}'`, "DELETE FROM discarded_objects WHERE key LIKE 'exports/nobody/%'");
  }

  /** Asks until the answer is true. */
  async until(ask) {
    for (;;) {
      const answer = await ask();
      if (answer) return answer;
    }
  }

  /** A user of this role with a key. Its id is `<account>-<role>`. */
  async addUser(account, role, options) {
    const { key, statements } = this.userStatements(account, role, options);
    await this.exec(...statements);
    return key;
  }

  userStatements(account, role, { expiresAt = null, scopes = null, id = `${account}-${role}` } = {}) {
    const key = newKey();
    (this.keysOf[account] ??= {})[role] ??= key.text;
    const statements = [
      [
        `INSERT OR IGNORE INTO users (id, account_id, email, name, plan, role, referral_code, referral_credits, created_at)
         VALUES (?, ?, ?, ?, 'solo', ?, ?, 3, 0)`,
        [id, account, `${id}@example.com`, `Zoë of ${account}`, role, `REF-${id}`],
      ],
      [
        `INSERT INTO api_keys (id, account_id, user_id, name, secret_hash, scopes, created_by, created_at, expires_at)
         VALUES (?, ?, ?, 'test', ?, ?, ?, 0, ?)`,
        [key.id, account, id, key.hash, scopes && JSON.stringify(scopes), id, expiresAt],
      ],
    ];
    return { key: key.text, statements: statements.map(([text, values]) => filled(text, values)) };
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

  /** Waits until somebody has begun an export. */
  begun(id) {
    return this.until(async () => (await this.sql("SELECT status FROM exports WHERE id = ?", id))[0].status !== "PENDING");
  }

  /** Sets a hook; worker/src/hooks.rs tells which there are. */
  async hook(name, value) {
    await this.exec(filled("INSERT OR REPLACE INTO test_hooks (name, value) VALUES (?, ?)", [name, String(value)]));
  }

  async unhook(...names) {
    await this.exec(...names.map((name) => filled("DELETE FROM test_hooks WHERE name = ?", [name])));
  }

  /** Runs the cron once. */
  sweep() {
    return this.worker.scheduled({ cron: "* * * * *" });
  }

  /** What the worker has logged. */
  logs() {
    return this.#harness.getLogs();
  }

  /** What the trail holds about an export, oldest first. */
  async trail(id) {
    const rows = await this.sql("SELECT action FROM audit WHERE target_id = ? ORDER BY id", id);
    return rows.map((row) => row.action);
  }

  /** What the bucket tells of all its objects. */
  async listed() {
    const objects = [];
    for (let cursor; ; ) {
      const found = await this.env.FILES.list({ cursor });
      objects.push(...found.objects);
      if (!found.truncated) return objects;
      cursor = found.cursor;
    }
  }

  /** The keys of all objects in the bucket. */
  async objects() {
    return (await this.listed()).map((object) => object.key);
  }
}
