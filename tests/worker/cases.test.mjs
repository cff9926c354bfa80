// The golden cases give the same bytes in workerd as everywhere: sent whole, and in chunks.
import test, { after, before, describe } from 'node:test';
import { cases, check, chunkLengths, streamOf } from '../js/cases.mjs';
import { serve } from './server.mjs';

describe('workerd', () => {
  let url;
  let close;
  before(async () => {
    ({ url, close } = await serve());
  });
  after(() => close());

  for (const [index, golden] of cases.entries()) {
    const run = (_, format, chunking) => runInWorkerd(url, golden, format, chunking);
    // The engine is the same as in Node, where inputs are cut in many more ways.
    const chunkings = ['whole', `random ${index}`];
    test(golden.name, () => check(golden, run, { oneShot: false, lateCode: BROKEN_OFF, chunkings }));
  }
});

// An error after output has begun cannot become a status any more: the connection breaks off.
const BROKEN_OFF = 'broken_off';

/** Posts the input to the worker: bare where the query can say everything, else inside of a request document. */
async function runInWorkerd(url, golden, format, chunking) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await postToWorkerd(url, golden, format, chunking);
    } catch (error) {
      // A client that is still sending may lose the answer to an early error; it asks again.
      if (error.code !== BROKEN_OFF || golden.error === undefined || attempt === 5) throw error;
    }
  }
}

async function postToWorkerd(url, golden, format, chunking) {
  // What is no JSON cannot stand inside of a document; its media type says what it is.
  const mediaType = MEDIA_TYPES[golden.options.input?.format] ?? 'application/json';
  const bare = mediaType !== 'application/json' || (Object.keys(golden.options).length === 0 && format !== null);
  const body = bare ? golden.input : requestDocument(golden, format);
  const response = await fetch(new URL(`/api/export${bare ? `?${queryOf(golden, format)}` : ''}`, url), {
    method: 'POST',
    headers: { 'Content-Type': mediaType },
    body: chunking === 'whole' ? body : streamOf(body, chunkLengths(body.length, chunking)),
    duplex: 'half',
  }).catch(brokenOff);
  if (response.ok) return { bytes: Buffer.from(await response.arrayBuffer().catch(brokenOff)) };
  // Where the worker breaks off at once, wrangler answers in its place, with a page of text.
  const problem = response.headers.get('content-type').startsWith('application/problem+json');
  const { error, message } = problem ? await response.json() : { error: BROKEN_OFF, message: await response.text() };
  throw Object.assign(new Error(message), { code: error.toLowerCase() });
}

function brokenOff(cause) {
  throw Object.assign(new Error(`the connection broke off: ${cause.message}`, { cause }), { code: BROKEN_OFF });
}

const MEDIA_TYPES = { jsonl: 'application/x-ndjson', csv: 'text/csv' };

/** The options as a query holds them. */
function queryOf(golden, format) {
  const query = new URLSearchParams(format === null ? {} : { format });
  for (const [name, value] of Object.entries(golden.options)) {
    if (name === 'template' || (name === 'resource' && typeof value === 'object')) query.set(name, JSON.stringify(value));
    else if (Array.isArray(value)) query.set(name, value.join(','));
    else if (typeof value === 'object') for (const [member, inner] of Object.entries(value)) query.set(`${name}.${member}`, inner);
    else query.set(name, value);
  }
  return query;
}

/** Options first, then the bytes of the input as they are. */
function requestDocument(golden, format) {
  const options = JSON.stringify({ ...(format === null ? {} : { format }), ...golden.options }).slice(1, -1);
  return Buffer.concat([Buffer.from(`{${options}${options === '' ? '' : ','}"data":`), golden.input, Buffer.from('}')]);
}
