// What the page of the service makes of numbers that are typed.
import assert from 'node:assert/strict';
import test from 'node:test';
import { exact } from '../../www/service/filter-field.js';

test('a number that is typed keeps all of its digits', () => {
  for (const [typed, expected] of [
    ['10', 10],
    ['-2', -2],
    ['0.5', 0.5],
    ['9007199254740993', '9007199254740993'],
    ['-12345678901234567890', '-12345678901234567890'],
    ['0.12345678901234567890123', '0.12345678901234567890123'],
    ['1.50', '1.50'],
    ['1e3', '1e3'],
    // A field takes more forms than JSON does.
    ['007', '7'],
    ['-00.50', '-0.50'],
    ['.5', '0.5'],
    ['-.5e2', '-0.5e2'],
    ['00', '0'],
  ]) {
    assert.equal(exact(typed), expected, typed);
    if (typeof expected === 'string') assert.equal(JSON.stringify(JSON.parse(expected)), String(Number(typed)), typed);
  }
});
