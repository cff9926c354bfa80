// Figures as a report shows them.

export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function met(reached) {
  return reached ? 'met' : '**missed**';
}

export function code(name) {
  return name.startsWith('JSON.') ? `\`${name}\`` : name;
}

/** Two or three digits that mean something. */
function digits(number) {
  if (number >= 100) return Math.round(number).toLocaleString('en-US');
  return number.toFixed(number >= 10 ? 1 : 2);
}

export const times = (ratio) => `${ratio.toFixed(ratio < 10 ? 2 : 1)}×`;
export const milliseconds = (time) => (time >= 10_000 ? `${digits(time / 1000)} s` : `${digits(time)} ms`);
export const megabytes = (bytes) => `${digits(bytes / 1e6)} MB`;
export const kilobytes = (bytes) => `${digits(bytes / 1e3)} kB`;
export const rate = (bytes, time) => `${digits(bytes / 1e3 / time)} MB/s`;

export function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
