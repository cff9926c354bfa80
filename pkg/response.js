import { readOptions } from './options.js';
import { startRun } from './run.js';
import { openSource } from './source.js';
import { pullInto } from './stream.js';

/** Makes an HTTP response. It waits for the first output, so an error before that is a rejection, not a broken body. */
export async function exportToResponse(engine, data, options) {
  const settings = readOptions(options);
  const opened = openSource(data, settings);
  const run = await startRun(engine, opened instanceof Promise ? await opened : opened, settings);
  const first = await run.next();
  const body = new ReadableStream(
    {
      start(controller) {
        if (first === undefined) controller.close();
        else controller.enqueue(first);
      },
      pull: (controller) => pullInto(controller, run),
      cancel: (reason) => run.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: headersOf(run.file) });
}

function headersOf({ mediaType, disposition }) {
  const headers = {
    'Content-Type': mediaType,
    'Content-Disposition': disposition,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  };
  // Should the document be opened in place after all, it can neither run a script nor load anything.
  if (mediaType.startsWith('text/html')) {
    headers['Content-Security-Policy'] = "sandbox; default-src 'none'; style-src 'unsafe-inline'";
  }
  return headers;
}
