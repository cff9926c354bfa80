// One Worker in a workerd of its own, for one measurement: node server.mjs <JSON of {worker, vars?, memories?, evaluations?}>
//
// Prints one line of JSON once it serves, and ends with its standard input. It runs apart from the client, so that neither
// counts for the other.
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestHarness } from 'wrangler';
import { readConfig } from '../../tests/worker/service.mjs';
import { rowsOf } from '../shapes.mjs';

const path = (relative) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'tablecast-bench-'));

const WORKERS = {
  tablecast: { root: path('worker/'), configPath: 'wrangler.jsonc', prebuiltWorkerDir: path('target/bench/worker') },
  'tablecast, noting': { root: path('worker/'), configPath: join(folder, 'wrangler.json') },
  'Hono + papaparse': { root: path('benches/service/peer/'), configPath: 'wrangler.jsonc' },
};
writeFileSync(WORKERS['tablecast, noting'].configPath, JSON.stringify({ ...(await readConfig()), main: path('benches/service/noting.mjs') }));

/** A statement makes so many memories: one transaction may not last for ever. */
const MEMORIES_AT_ONCE = 20_000;
/** So many come as the JSON text of one parameter, which may have 2 MB. */
const EVALUATIONS_AT_ONCE = 1000;

const { worker, vars = {}, memories, evaluations } = JSON.parse(process.argv[2]);
const { root, ...built } = WORKERS[worker];
const harness = createTestHarness({ root, workers: [{ vars, ...built }] });
const { url } = await harness.listen();
const key = memories === undefined && evaluations === undefined ? undefined : await prepare(harness.getWorker());
const { pid, port } = runtime(Number(url.port));
console.log(JSON.stringify({ pid, url: `http://127.0.0.1:${port}`, key }));
process.stdin.resume().on('end', async () => {
  await harness.close();
  rmSync(folder, { recursive: true });
  process.exit(0);
});

/** An account with a key, and with what is asked for; gives the key. */
async function prepare(handle) {
  await handle.applyD1Migrations('DB');
  const { DB } = await handle.getEnv();
  const id = 'benchmarkbenchma';
  const secret = randomBytes(32).toString('hex');
  const hash = createHash('sha256').update(secret).digest('hex');
  await DB.batch([
    DB.prepare("INSERT INTO users (id, account_id, email, role, created_at) VALUES ('owner', 'bench', 'owner@bench.invalid', 'owner', 0)"),
    DB.prepare(
      "INSERT INTO api_keys (id, account_id, user_id, name, secret_hash, created_by, created_at) VALUES (?, 'bench', 'owner', 'bench', ?, 'owner', 0)",
    ).bind(id, hash),
  ]);
  if (memories !== undefined) await addMemories(DB);
  if (evaluations !== undefined) await addEvaluations(DB);
  return `tc_${id}_${secret}`;
}

async function addMemories(database) {
  const sql = readFileSync(path('worker/demo/memories.sql'), 'utf8');
  for (let first = 1; first <= memories; first += MEMORIES_AT_ONCE) {
    const last = Math.min(memories, first + MEMORIES_AT_ONCE - 1);
    const values = { ':account': "'bench'", ':first': first, ':last': last, ':seed': 20_260_131 };
    await database.prepare(sql.replace(/^ *--.*$/gm, '').replaceAll(/:(account|first|last|seed)\b/g, (name) => values[name])).run();
  }
}

async function addEvaluations(database) {
  const rows = rowsOf('evaluations', [], evaluations);
  const columns = Object.keys(rows[0]);
  const values = columns.map((column) => `value ->> '$.${column}'`);
  const insert = database.prepare(`INSERT INTO governance_evaluations (account_id, ${columns}) SELECT 'bench', ${values} FROM json_each(?)`);
  for (let first = 0; first < rows.length; first += EVALUATIONS_AT_ONCE) {
    await insert.bind(JSON.stringify(rows.slice(first, first + EVALUATIONS_AT_ONCE))).run();
  }
}

/** The workerd that the Worker runs in, and its own port: in front of it wrangler has another, which is no part of it. */
function runtime(proxyPort) {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const found = listening(pid);
    if (found !== undefined && found !== proxyPort) return { pid: Number(pid), port: found };
  }
  throw new Error('there is no workerd among the children of this process');
}

/** The port that a child of this process listens on, if it is a workerd. */
function listening(pid) {
  try {
    const [, name, parent] = /\((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    if (name !== 'workerd' || Number(parent) !== process.pid) return undefined;
    const sockets = readdirSync(`/proc/${pid}/fd`).map((file) => /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${file}`))?.[1]);
    const rows = readFileSync(`/proc/${pid}/net/tcp`, 'utf8').trim().split('\n').slice(1);
    for (const row of rows) {
      const [, local, , state, , , , , , inode] = row.trim().split(/\s+/);
      if (state === '0A' && sockets.includes(inode)) return Number.parseInt(local.split(':')[1], 16);
    }
  } catch {
    // It has ended meanwhile.
  }
  return undefined;
}
