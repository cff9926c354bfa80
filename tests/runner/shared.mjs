// What is slow to start and serves several test files that run in one process.

const running = [];

/**
 * Gives a function that starts something when it is first called, and gives the same from then on.
 *
 * @param {() => Promise<T>} start
 * @param {(started: T) => Promise<void>} end is called after the last test of the process
 * @template T
 */
export function shared(start, end) {
  let started;
  return () => {
    if (started === undefined) {
      started = start();
      running.push(async () => end(await started));
    }
    return started;
  };
}

/** Ends all of it. */
export async function stop() {
  for (const end of running.splice(0).reverse()) await end();
}
