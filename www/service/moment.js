import { element } from '../element.js';

const local = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

/** A moment as people here read it, with the exact one behind it. */
export function moment(iso) {
  const date = new Date(iso);
  // What is no moment is shown as it came.
  const text = Number.isNaN(date.getTime()) ? String(iso) : local.format(date);
  return element('time', { datetime: iso, title: iso }, text);
}
