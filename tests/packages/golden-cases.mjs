// Runs every golden case in the runtime that runs this program.
import { cases, check, runInNode } from '../js/cases.mjs';

for (const golden of cases) await check(golden, runInNode);
console.log(`all of ${cases.length} cases`);
