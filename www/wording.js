import { byId } from './element.js';

export const number = new Intl.NumberFormat('en');
const precise = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

export function counted(count, noun) {
  return `${number.format(count)} ${noun}${count === 1 ? '' : 's'}`;
}

export function size(bytes) {
  if (bytes < 1000) return counted(bytes, 'byte');
  return bytes < 1e6 ? `${precise.format(bytes / 1000)} kB` : `${precise.format(bytes / 1e6)} MB`;
}

export function duration(milliseconds) {
  return milliseconds < 1000 ? `${precise.format(milliseconds)} ms` : `${precise.format(milliseconds / 1000)} s`;
}

/** The package's messages are sentences; those of the browser need not be. */
export function sentence(text) {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}

/** An error as sentences. */
export function errorText(error) {
  return [error.message, error.hint].filter(Boolean).map(sentence).join(' ');
}

/** Tells a screen reader what the eye sees anyway. */
export function announce(text) {
  byId('announcer').textContent = text;
}
