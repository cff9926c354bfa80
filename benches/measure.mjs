// The clock. Runs in Node and in pages alike.
import { prepare } from './cases.mjs';

/**
 * Measures one case: everybody in turn, several rounds, each beginning with another contender, so that nobody always runs
 * behind the same one. What the last one left behind is collected before the next begins, where the runtime lets us.
 *
 * @param {{kind: string, shape: string, repeat?: number}} wanted
 * @param {object} given see `prepare`
 * @param {{rounds: number, seconds: number}} effort at least 3 rounds, and no more once so much time has passed
 * @returns {Promise<{times: Record<string, number[]>, inputBytes?: number}>} milliseconds of one call
 */
export async function measure(wanted, given, { rounds, seconds }) {
  // The core comes first, so that it is the core that makes what the core can make, whoever begins.
  await given.tablecast.init();
  const { contenders, inputBytes } = prepare(wanted, given);
  const times = Object.fromEntries(contenders.map(({ name }) => [name, []]));
  const repeat = wanted.repeat ?? 1;
  for (const { run, check } of contenders) {
    await check(await run());
    // The second call runs on code that was compiled in the first.
    await run();
  }
  const start = performance.now();
  for (let round = 0; round < rounds; round += 1) {
    if (round >= 3 && performance.now() - start > seconds * 1000) break;
    const first = round % contenders.length;
    for (const { name, run } of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      globalThis.gc?.();
      const before = performance.now();
      const result = await run();
      times[name].push((performance.now() - before) / repeat);
      if (result === undefined) throw new Error(`${name} gave nothing`);
    }
  }
  return { times, inputBytes };
}
