// Every golden case gives its files in this Node, whatever the chunks.
import test from 'node:test';
import { cases, check, runInNode } from './cases.mjs';

for (const golden of cases) {
  test(golden.name, () => check(golden, runInNode));
}
