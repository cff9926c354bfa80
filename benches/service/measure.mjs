// The figures of the service: Workers in local workerd, asked over HTTP.
import http from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { checkRows } from '../equal-rows.mjs';
import { rowsOf } from '../shapes.mjs';
import { expect, memory, processorTime, rate, sentBeforeFirstByte, serve } from './client.mjs';

const CONTENDERS = ['tablecast', 'Hono + papaparse'];
const PATH = '/api/export?format=csv';
const JSON_TYPE = { 'Content-Type': 'application/json' };

// Rows of the table `mixed` that have about 10 MB as JSON.
const ROWS = 46_500;

const CONNECTIONS = 8;
const WINDOWS = 5;
const NO_LIMITS = { RATE_LIMIT_PER_MINUTE: '1000000000', MAX_ACTIVE_EXPORTS: '1000000000' };

/** Measures all of it; `asked` says whether a line is wanted. */
export async function measureService(quick, asked) {
  const effort = quick
    ? { rounds: 5, processes: 3, seconds: 5, memories: 100_000, evaluations: 20_000 }
    : { rounds: 25, processes: 7, seconds: 20, memories: 1_000_000, evaluations: 100_000 };
  const results = {};
  const measurements = { exports, catalog: records, memory: growth, rates, job };
  for (const [name, run] of Object.entries(measurements)) {
    if (!asked(`service ${name}`)) continue;
    console.error(`service ${name}`);
    results[name] = await run(effort);
  }
  return results;
}

/** `POST /api/export` of 10 MB: time, processor time, and when the first byte comes. All take turns. */
async function exports({ rounds }) {
  const rows = rowsOf('mixed', [], ROWS);
  const body = Buffer.from(JSON.stringify(rows));
  const agent = new http.Agent({ keepAlive: true });
  const servers = [];
  try {
    for (const name of CONTENDERS) {
      const server = await serve({ worker: name, vars: name === 'tablecast' ? { ALLOW_ANONYMOUS: '1' } : {} });
      servers.push({ name, server, times: [], processor: [] });
      const { body: file } = await post(agent, server, body);
      checkRows('csv', file.toString(), rows);
      await post(agent, server, body);
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const { server, times, processor } of round % 2 === 0 ? servers : servers.toReversed()) {
        const work = processorTime(server.pid);
        const start = performance.now();
        await post(agent, server, body);
        times.push(performance.now() - start);
        processor.push(processorTime(server.pid) - work);
      }
    }
    const contenders = {};
    for (const { name, server, times, processor } of servers) {
      contenders[name] = { times, processor, firstByteAfter: await sentBeforeFirstByte(server.url, PATH, body) };
    }
    return { inputBytes: body.length, contenders };
  } finally {
    agent.destroy();
    for (const { server } of servers) await server.stop();
  }
}

/**
 * `GET /v1/resources/governance_evaluations/export` over the same table in both: half of its records, as CSV and as JSON. In
 * between, what each has asked of the database is asked by a Worker that does nothing else.
 */
async function records({ rounds, evaluations }) {
  const VERDICT = 'pass';
  const rows = rowsOf('evaluations', [], evaluations)
    .filter(({ verdict }) => verdict === VERDICT)
    .sort((one, other) => (one.created_at + one.id < other.created_at + other.id ? -1 : 1));
  const pathOf = (format) => `/v1/resources/governance_evaluations/export?format=${format}&verdict=${VERDICT}`;
  const [ours, PEER] = CONTENDERS;
  const noting = { [ours]: 'tablecast, noting', [PEER]: PEER };
  const agent = new http.Agent({ keepAlive: true });
  const servers = {};
  try {
    for (const name of new Set([...CONTENDERS, ...Object.values(noting)])) servers[name] = await serve({ worker: name, vars: name === PEER ? {} : NO_LIMITS, evaluations });
    const ask = (name, path, { headers, ...options } = {}) => {
      const { url, key } = servers[name];
      return expect(200, agent, url + path, { headers: { Authorization: `Bearer ${key}`, ...headers }, ...options });
    };
    const timed = async (...asked) => {
      const start = performance.now();
      await ask(...asked);
      return performance.now() - start;
    };
    /** The statements by which a contender reads the records for a file. */
    const statementsOf = async (name, format) => {
      await ask(noting[name], '/noted');
      await ask(noting[name], pathOf(format));
      const noted = JSON.parse((await ask(noting[name], '/noted')).body);
      return noted.filter(({ sql }) => sql.includes('governance_evaluations') && sql.startsWith('SELECT'));
    };
    const formats = {};
    for (const format of ['csv', 'json']) {
      const result = { fileBytes: 0, contenders: {} };
      for (const name of CONTENDERS) {
        const { body } = await ask(name, pathOf(format));
        const text = body.toString();
        checkRows(format, format === 'json' ? JSON.stringify(JSON.parse(text).items) : text, rows);
        if (name === ours) result.fileBytes = body.length;
        const statements = await statementsOf(name, format);
        const reading = { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(statements) };
        result.contenders[name] = { times: [], reads: [], statements: statements.length, reading };
        await ask(PEER, '/read', reading);
      }
      for (let round = 0; round < rounds; round += 1) {
        for (const name of round % 2 === 0 ? CONTENDERS : CONTENDERS.toReversed()) {
          const { times, reads, reading } = result.contenders[name];
          times.push(await timed(name, pathOf(format)));
          reads.push(await timed(PEER, '/read', reading));
        }
      }
      formats[format] = result;
    }
    return { records: rows.length, evaluations, formats };
  } finally {
    agent.destroy();
    for (const server of Object.values(servers)) await server.stop();
  }
}

/** How much a fresh process grows over a few exports of 10 MB, one after another. */
async function growth({ processes }) {
  const EXPORTS = 5;
  const body = Buffer.from(JSON.stringify(rowsOf('mixed', [], ROWS)));
  const contenders = Object.fromEntries(CONTENDERS.map((name) => [name, []]));
  for (let process = 0; process < processes; process += 1) {
    for (const name of CONTENDERS) {
      const server = await serve({ worker: name, vars: name === 'tablecast' ? { ALLOW_ANONYMOUS: '1' } : {} });
      const agent = new http.Agent({ keepAlive: true });
      try {
        // Code that is compiled with the first export is no memory of the export.
        await post(agent, server, Buffer.from('[{"a":1}]'));
        const before = memory(server.pid).now;
        for (let number = 0; number < EXPORTS; number += 1) await post(agent, server, body);
        contenders[name].push(memory(server.pid).most - before);
      } finally {
        agent.destroy();
        await server.stop();
      }
    }
  }
  return { inputBytes: body.length, exports: EXPORTS, contenders };
}

function post(agent, server, body) {
  return expect(200, agent, server.url + PATH, { method: 'POST', headers: { ...JSON_TYPE, 'Content-Length': body.length }, body });
}

/** Jobs created, and statuses read, in a second: with credentials, the trail, and the jobs themselves being done. */
async function rates({ seconds }) {
  const MEMORIES = 10;
  const server = await serve({ worker: 'tablecast', vars: NO_LIMITS, memories: MEMORIES });
  const headers = { Authorization: `Bearer ${server.key}` };
  try {
    const ids = [];
    const create = async (agent) => {
      const { body } = await expect(202, agent, `${server.url}/v1/exports?format=csv`, { method: 'POST', headers });
      ids.push(JSON.parse(body).id);
    };
    const read = (agent, number) => expect(200, agent, `${server.url}/v1/exports/${ids[number % ids.length]}`, { headers });
    await rate(CONNECTIONS, 1, create);
    const creations = await windows(seconds, create);
    await idle(server, headers);
    await rate(CONNECTIONS, 1, read);
    const reads = await windows(seconds, read);
    return { memories: MEMORIES, connections: CONNECTIONS, creations, reads };
  } finally {
    await server.stop();
  }
}

/** Rates of a few windows of time, one after another. */
async function windows(seconds, send) {
  const rates = [];
  while (rates.length < WINDOWS) rates.push(await rate(CONNECTIONS, seconds / WINDOWS, send));
  return rates;
}

/** Waits until no job is left to do. */
async function idle(server, headers) {
  const agent = new http.Agent({ keepAlive: true });
  for (const status of ['PENDING', 'PROCESSING']) {
    for (;;) {
      const { body } = await expect(200, agent, `${server.url}/v1/exports?status=${status}&page_size=1`, { headers });
      if (JSON.parse(body).total === 0) break;
      await wait(200);
    }
  }
  agent.destroy();
}

/** One job over all memories of an account, from the request to the file. */
async function job({ memories }) {
  const server = await serve({ worker: 'tablecast', vars: NO_LIMITS, memories });
  const headers = { Authorization: `Bearer ${server.key}` };
  const agent = new http.Agent({ keepAlive: true });
  try {
    const before = memory(server.pid).now;
    const work = processorTime(server.pid);
    const start = performance.now();
    const { body } = await expect(202, agent, `${server.url}/v1/exports?format=csv`, { method: 'POST', headers });
    const { id } = JSON.parse(body);
    let job;
    do {
      await wait(100);
      job = JSON.parse((await expect(200, agent, `${server.url}/v1/exports/${id}`, { headers })).body);
    } while (['PENDING', 'PROCESSING'].includes(job.status));
    const milliseconds = performance.now() - start;
    if (job.status !== 'READY' || job.row_count !== memories) throw new Error(`the job of ${memories} memories: ${JSON.stringify(job)}`);
    return {
      memories,
      milliseconds,
      processor: processorTime(server.pid) - work,
      fileBytes: job.file_size,
      wasmBytes: job.report.peak_wasm_bytes,
      processGrowth: memory(server.pid).most - before,
      attempts: job.attempts,
    };
  } finally {
    agent.destroy();
    await server.stop();
  }
}
