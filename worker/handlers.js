// Passes the runtime's events on to the Rust module, and gives it a new instance after a trap.

import * as worker from "./build/worker.js";

/** The glue throws this, before it runs anything, once a call has trapped. */
const terminated = (error) => error instanceof Error && error.message === "Module terminated";

async function call(run) {
  try {
    return await run();
  } catch (error) {
    if (!terminated(error) && !(error instanceof WebAssembly.RuntimeError)) throw error;
    worker.__wbg_reset_state();
    // A call that trapped itself has used its request up; one that met a dead instance has not begun.
    if (terminated(error)) return await run();
    throw error;
  }
}

/** The handlers of a Worker that knows these definitions of resources, as `worker/build/resources.js` holds them. */
export function handlers(resources) {
  const known = (env) => ({ ...env, RESOURCES: resources });
  return {
    fetch: (request, env, context) => call(() => worker.fetch(request, known(env), context)),
    scheduled: (event, env, context) => call(() => worker.scheduled(event, known(env), context)),
    async queue(batch, env, context) {
      try {
        await call(() => worker.queue(batch, known(env), context));
      } catch (error) {
        // The work broke off in the middle: the messages come again, and the leases of their jobs run out.
        console.error(JSON.stringify({ error: "QUEUE_BROKE_OFF", cause: String(error) }));
        batch.retryAll({ delaySeconds: 30 });
      }
    },
  };
}
