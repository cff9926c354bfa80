// The rows that the demo page shows.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SITE } from './site.mjs';

export const ROWS = JSON.parse(await readFile(join(SITE, 'data/matches.json'), 'utf8'));
