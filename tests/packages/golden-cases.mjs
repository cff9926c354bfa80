// Runs every golden case in the runtime that runs this program.
import { cases, check, runInNode } from '../js/cases.mjs';

// Neighbours are cut in different ways.
for (const [index, golden] of cases.entries()) await check(golden, runInNode, { chunkings: ['whole', `random ${1 + (index % 2)}`] });
console.log(`all of ${cases.length} cases`);
