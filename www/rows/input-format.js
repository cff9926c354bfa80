// What a file or a pasted text most likely is. The engine guesses nothing; here a person sees the guess and can change it.
const BY_EXTENSION = {
  json: { format: 'json' },
  jsonl: { format: 'jsonl' },
  ndjson: { format: 'jsonl' },
  csv: { format: 'csv' },
  tsv: { format: 'csv', delimiter: '\t' },
  tab: { format: 'csv', delimiter: '\t' },
};
const DELIMITERS = [',', ';', '\t', '|'];

/** How to read a file, by its name, else by its first characters. */
export async function inputOfFile(file) {
  const [, extension, compressed] = file.name.toLowerCase().match(/\.([^.]+?)(\.gz)?$/) ?? [];
  const named = BY_EXTENSION[extension];
  // The first characters of what is compressed say nothing.
  if (compressed !== undefined) return { ...named, compression: 'gzip' };
  const start = await file.slice(0, 65_536).text();
  if (named === undefined) return inputOfText(start);
  return named.format === 'csv' ? { ...csvInput(start), ...named } : named;
}

/** How to read a text, by its first characters. */
export function inputOfText(text) {
  const start = text.trimStart();
  if (start.startsWith('[')) return { format: 'json' };
  if (!start.startsWith('{')) return csvInput(start);
  const [line, next] = start.split('\n', 2);
  return isObject(line) && next?.trimStart().startsWith('{') ? { format: 'jsonl' } : { format: 'json' };
}

function csvInput(text) {
  const line = text.split(/[\r\n]/, 1)[0].replaceAll(/"[^"]*"/g, '');
  const counts = DELIMITERS.map((delimiter) => line.split(delimiter).length);
  return { format: 'csv', delimiter: DELIMITERS[counts.indexOf(Math.max(...counts))] };
}

function isObject(text) {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}
