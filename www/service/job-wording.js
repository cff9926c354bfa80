// What the words of the interface are called on the page.
import { counted, size } from '../wording.js';
import { words } from './resource-words.js';

export const STATUSES = new Map([
  ['PENDING', 'Waiting'],
  ['PROCESSING', 'In progress'],
  ['READY', 'Ready'],
  ['FAILED', 'Failed'],
  ['EXPIRED', 'Expired'],
]);

const FILTERS = [
  ['user_id', 'user'],
  ['agent_id', 'agent'],
  ['session_id', 'session'],
  ['priority', 'priority'],
];

/** Whether a job will still change by itself before long. */
export function isActive({ status }) {
  return status === 'PENDING' || status === 'PROCESSING';
}

/** What is exported: the records of a resource, or data that came along. */
export function subject({ source, resource }) {
  if (source?.title) return source.title;
  return words(resource ?? source?.type ?? 'table');
}

/** Which records were chosen, as a sentence part; empty where all were. */
export function filterText(job) {
  if (job.resource !== 'memories') return Object.entries(job.filters ?? {}).map(chosenBy).join(', ');
  const equal = FILTERS.filter(([member]) => job[member] != null).map(([member, name]) => `${name} ${job[member]}`);
  const categories = job.categories?.length > 0 ? [`category ${job.categories.join(' or ')}`] : [];
  const after = job.created_after == null ? [] : [`created from ${job.created_after}`];
  const before = job.created_before == null ? [] : [`created before ${job.created_before}`];
  return [...equal, ...categories, ...after, ...before].join(', ');
}

/** A filter or a switch of any resource, by its name: “verdict flag or block”, “unresolved only”, “include step IO: no”. */
function chosenBy([name, value]) {
  const text = words(name);
  const word = /^[A-Z]{2}/.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1);
  if (value === true) return word;
  if (value === false) return `${word}: no`;
  return `${word} ${[value].flat().join(' or ')}`;
}

/** How large the file is. */
export function measure({ row_count: rows, file_size: bytes }) {
  return [...(rows == null ? [] : [counted(rows, 'row')]), ...(bytes == null ? [] : [size(bytes)])];
}

/** What is told when a job comes to another status. */
export function turnText(job, format) {
  const name = `The ${format} export of “${subject(job)}”`;
  if (job.status === 'READY') return `${name} is ready: ${measure(job).join(', ')}.`;
  if (job.status === 'FAILED') return `${name} has failed: ${job.error?.message ?? 'no reason is known'}`;
  return `${name} is ${STATUSES.get(job.status)?.toLowerCase() ?? job.status}.`;
}
