import { ExportError } from './error.js';

/**
 * What the engine has to be told of a time zone with a name: its line of the table, or all names where there is no such
 * zone. `undefined` for every other value, so that the table is loaded only where it is needed: UTC and offsets are in
 * the engine, which also says what is wrong with what is no zone at all.
 *
 * @returns {Promise<{zoneFound: string}> | undefined}
 */
export function zoneOptions(timeZone) {
  if (typeof timeZone !== 'string' || timeZone === 'UTC' || !/^[A-Za-z]/.test(timeZone)) return undefined;
  return lookUp(timeZone);
}

async function lookUp(name) {
  const { zones } = await load(name);
  // Each line has the names of one zone before its first semicolon.
  const lines = zones.trimEnd().split('\n').map((line) => line.split(/;(.*)/, 2));
  const found = lines.find(([names]) => names.split(' ').includes(name));
  return { zoneFound: found === undefined ? lines.map(([names]) => names).join(' ') : found[1] };
}

async function load(name) {
  try {
    return await import('./wasm/zones.js');
  } catch (cause) {
    throw new ExportError('time_zone_not_loaded', `The table with the time zone \`${name}\` could not be loaded: ${cause?.message ?? cause}.`, {
      hint: 'Serve the file wasm/zones.js of the package, or give the zone as an offset like `+02:00`.',
      cause,
    });
  }
}
