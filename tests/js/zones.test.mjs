// Time zones: the dates they give, and when their table is loaded.
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { exportFile, exportResponse, exportStream } from '../../pkg/load/node.js';
import * as glue from '../../pkg/wasm/full.js';
import { installed, run } from './installed.mjs';

const ROWS = [{ a: 1 }];

/** The date of a moment in a zone, as a template shows it. */
async function dateIn(timeZone, now) {
  const template = { format: 'html', column_mapping: { a: 'A' }, footer_text: 'on {date}.' };
  const file = await exportFile(ROWS, { template, timeZone, now });
  return /on (.*)\./.exec(await file.text())[1];
}

test('a template shows the date of the time zone', async () => {
  for (const [timeZone, now, date] of [
    [undefined, '2026-06-30T23:30:00Z', '2026-06-30'],
    ['UTC', '2026-06-30T23:30:00Z', '2026-06-30'],
    ['+02:00', '2026-06-30T23:30:00Z', '2026-07-01'],
    ['Europe/Berlin', '2026-06-30T22:00:00Z', '2026-07-01'],
    ['Europe/Berlin', '2026-06-30T21:59:59Z', '2026-06-30'],
    ['Europe/Berlin', '2026-12-31T22:30:00Z', '2026-12-31'],
    ['America/New_York', new Date('2026-07-01T03:59:59Z'), '2026-06-30'],
    ['US/Eastern', new Date('2026-07-01T04:00:00Z'), '2026-07-01'],
    ['Australia/Lord_Howe', '2500-01-01T12:59:59Z', '2500-01-01'],
    ['Australia/Lord_Howe', '2500-01-01T13:00:00Z', '2500-01-02'],
  ]) {
    assert.equal(await dateIn(timeZone, now), date, `${timeZone}, ${now}`);
  }
});

test('a zone that nobody knows is an error that names the nearest', async () => {
  await assert.rejects(dateIn('Europe/Berln', '2026-01-01T00:00:00Z'), { code: 'unknown_time_zone', hint: 'Did you mean `Europe/Berlin`?' });
  await assert.rejects(dateIn('utc', '2026-01-01T00:00:00Z'), { code: 'unknown_time_zone', hint: 'Did you mean `UTC`?' });
  for (const timeZone of ['+2', '', 2, '02:00']) {
    await assert.rejects(dateIn(timeZone, '2026-01-01T00:00:00Z'), { code: 'invalid_option' });
  }
});

test('a stream and a response wait for the table, and only where a zone has a name', async () => {
  const named = exportStream(ROWS, { format: 'csv', timeZone: 'Asia/Kathmandu' });
  assert.equal(named.name, '');
  assert.equal(await new Response(named).text(), 'a\r\n1\r\n');
  assert.equal(named.name, 'export.csv');
  assert.equal(exportStream(ROWS, { format: 'csv', timeZone: '+05:45' }).name, 'export.csv');
  const response = await exportResponse(ROWS, { format: 'csv', timeZone: 'Asia/Kathmandu' });
  assert.equal(await response.text(), 'a\r\n1\r\n');
});

test('a header that came late does not lose the zone', async () => {
  const rows = [...Array.from({ length: 1500 }, () => ({ a: 1 })), { a: 2, b: 3 }];
  const template = { format: 'html', footer_text: 'on {date}.' };
  const file = await exportFile(rows, { template, timeZone: 'Asia/Tokyo', now: '2026-01-01T15:00:00Z' });
  assert.match(await file.text(), /on 2026-01-02\./);
});

test('without its table the engine says that a zone is not loaded', async () => {
  await exportFile(ROWS, { format: 'csv', timeZone: 'Asia/Tokyo' });
  const options = JSON.stringify({ format: 'csv', timeZone: 'Europe/Berlin', source: 'values' });
  assert.throws(
    () => new glue.Exporter(options),
    (thrown) => JSON.parse(thrown).code === 'time_zone_not_loaded',
  );
});

test('the table is loaded only when a zone with a name is asked for', async (context) => {
  const { folder } = await installed(context);
  const table = join(folder, 'node_modules/tablecast/wasm/zones.js');
  await writeFile(table, `globalThis.loads = (globalThis.loads ?? 0) + 1;\n${await readFile(table, 'utf8')}`);
  await writeFile(
    join(folder, 'main.js'),
    `import { exportFile } from 'tablecast';
const loads = [];
for (const timeZone of [undefined, 'UTC', '+02:00', '', 'Europe/Berlin', 'Asia/Tokyo']) {
  await exportFile([{ a: 1 }], { format: 'csv', timeZone }).catch(() => {});
  loads.push(globalThis.loads ?? 0);
}
console.log(JSON.stringify(loads));
`,
  );
  assert.deepEqual(JSON.parse(await run(process.execPath, ['main.js'], { cwd: folder })), [0, 0, 0, 0, 1, 1]);

  await rm(table);
  await writeFile(
    join(folder, 'main.js'),
    `import { exportFile } from 'tablecast';
const outcome = (timeZone) => exportFile([{ a: 1 }], { format: 'csv', timeZone }).then(({ name }) => name, ({ code }) => code);
console.log(JSON.stringify([await outcome('Europe/Berlin'), await outcome('+01:00')]));
`,
  );
  assert.deepEqual(JSON.parse(await run(process.execPath, ['main.js'], { cwd: folder })), ['time_zone_not_loaded', 'export.csv']);
});
