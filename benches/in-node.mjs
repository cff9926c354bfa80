// Measures one case in a process of its own: node --expose-gc in-node.mjs <JSON of {entry, flights, wanted, effort}>
import { readFileSync, writeSync } from 'node:fs';
import { measure } from './measure.mjs';
import * as peers from './peers.mjs';

const { entry, flights, wanted, effort } = JSON.parse(process.argv[2]);
const tablecast = await import(entry);
const result = await measure(wanted, { tablecast, peers, flights: JSON.parse(readFileSync(flights, 'utf8')) }, effort);
writeSync(1, JSON.stringify(result));
