// Number formats against a formatter that was made after Excel's own output.
import assert from 'node:assert/strict';
import test from 'node:test';
import { format as excel } from 'numfmt';
import { exportFile } from '../../pkg/load/node.js';

const NUMBERS = [
  0, 1, -1, 7, 12, 123, 999, 1000, 1234, -1234, 12345.678, -0.51, 0.5, -0.5, 0.25, 0.125, 1.5, 2.5, 99.995, 0.001, 1234567.891,
  -9876543.21, 1e6, 123456789, 0.1, 0.07, -0.75,
];
const NUMBER_CODES = [
  '0', '0.0', '0.00', '#', '#,##0', '#,##0.00', '#.##', '0.0#', '000', '00000.0', '#,##0.00;(#,##0.00)', '0;-0;"zero"', '??0.0?',
  '0%', '0.0%', '0.00%', '$#,##0.00', '"€"#,##0', '#,##0 "kg"', '0.00E+00', '0.0E+0', '0E+00', '0,', '0.0,', '#,##0,"k"', '.00',
  '[Red]0.0', '0.00_)', '000-00-0000', 'General', '+0;-0;0', '[$€] #,##0.00', '"Yes";;"No"',
];
const MOMENTS = ['2026-01-31T13:04:05', '2024-02-29T00:00:00', '1999-12-31T23:59:59', '2026-11-01T12:30:00', '1970-01-01T01:02:03'];
const MOMENT_CODES = [
  'yyyy-mm-dd', 'yy', 'd.m.yyyy', 'dd/mm/yy', 'ddd d mmm', 'dddd, mmmm dd, yyyy', 'mmmmm', 'h:mm', 'hh:mm:ss', 'h:mm AM/PM',
  'h A/P', 'mm:ss', 'yyyy-mm-dd"T"hh:mm:ss', 'm/d/yy h:mm', 'hh', 'ss', 'mmm-yy', 'd-mmm', 'd. mmmm yyyy', 'hh:mm:ss.000',
];
const DURATIONS = [0, 59, 60, 3599, 3600, 5400, 93784, 360000];
const DURATION_CODES = ['[h]:mm:ss', '[h]:mm', '[m]:ss', '[s]', '[hh]:mm:ss', '[mm]'];

/** What the engine shows of values in one column, with a format. */
async function shown(values, column) {
  const options = { format: 'json', columns: [{ key: 'v', ...column }] };
  const file = await exportFile(values.map((v) => ({ v })), options);
  assert.deepEqual(file.report.warnings, []);
  return JSON.parse(await file.text()).map(({ v }) => v);
}

/** Excel's day numbers, which count from the last day of 1899. */
function serial(moment) {
  return Date.parse(`${moment}Z`) / 86_400_000 + 25_569;
}

async function check(codes, values, column, numberOf) {
  for (const format of codes) {
    const expected = values.map((value) => [value, excel(format, numberOf(value), { skipChar: '', fillChar: '' })]);
    const found = await shown(values, { ...column, format });
    assert.deepEqual(values.map((value, index) => [value, found[index]]), expected, format);
  }
}

test('numbers are shown as Excel shows them', () => check(NUMBER_CODES, NUMBERS, { type: 'number' }, (number) => number));

test('dates and times are shown as Excel shows them', () => check(MOMENT_CODES, MOMENTS, { type: 'datetime' }, serial));

test('durations are shown as Excel shows them', () => check(DURATION_CODES, DURATIONS, {}, (seconds) => seconds / 86_400));
