// The rows that the demo page shows.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SITE } from './site.mjs';

export const ROWS = JSON.parse(readFileSync(join(SITE, 'data/matches.json'), 'utf8'));
