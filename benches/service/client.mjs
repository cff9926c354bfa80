// What the benchmarks of the service do over HTTP, and what they read of the process that serves them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A running Worker: `url`, `pid` of its workerd, `key` of its account, and `stop`. */
export async function serve(wanted) {
  const script = fileURLToPath(new URL('server.mjs', import.meta.url));
  const child = spawn(process.execPath, ['--no-warnings', script, JSON.stringify(wanted)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const line = await Promise.race([once(createInterface(child.stdout), 'line'), ended.then(() => undefined)]);
  if (line === undefined) throw new Error(`the server of ${wanted.worker} ended by itself`);
  return {
    ...JSON.parse(line[0]),
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

/** One request over a connection that is kept; gives status, headers and the whole body. */
export function request(agent, url, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const sent = http.request(url, { agent, method, headers }, (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(pieces) }));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** A request that has to give this status. */
export async function expect(status, agent, url, options) {
  const response = await request(agent, url, options);
  if (response.status !== status) throw new Error(`${url} gave ${response.status}: ${response.body.toString().slice(0, 300)}`);
  return response;
}

/** Sends a body in pieces over a raw socket, and tells how much of it was sent when the first byte came back. */
export async function sentBeforeFirstByte(url, path, body) {
  const PIECE = 64 * 1024;
  const { hostname, port } = new URL(url);
  const socket = net.connect(Number(port), hostname);
  await once(socket, 'connect');
  let answered = false;
  const closed = once(socket, 'close');
  socket.on('data', () => (answered = true));
  socket.write(`POST ${path} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`);
  let sent = 0;
  while (sent < body.length && !answered) {
    const piece = body.subarray(sent, sent + PIECE);
    await new Promise((resolve) => socket.write(piece, resolve));
    sent += piece.length;
    // Time for an answer, so that what is sent needlessly does not count.
    if (sent < body.length) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const before = answered ? sent : undefined;
  if (sent < body.length) socket.write(body.subarray(sent));
  await closed;
  return before;
}

/** Sends requests for a while over so many connections; gives how many were answered in a second. */
export async function rate(connections, seconds, send) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  const end = performance.now() + seconds * 1000;
  let count = 0;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < end) {
        await send(agent, count);
        count += 1;
      }
    }),
  );
  agent.destroy();
  return count / ((performance.now() - start) / 1000);
}

/** Bytes of memory of a process: now, and the most that it ever had. */
export function memory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)[1]);
  return { now: kilobytes('VmRSS') * 1024, most: kilobytes('VmHWM') * 1024 };
}

/** Milliseconds that the processors have worked for a process. */
export function processorTime(pid) {
  // The kernel counts in hundredths of a second (proc(5), USER_HZ).
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
