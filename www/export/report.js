import { element } from '../element.js';
import { counted, duration, errorText, size } from '../wording.js';

/** Says what an export did: `done` is the start of the sentence, such as “The CSV file is saved”. */
export function showReport(place, done, report, milliseconds) {
  const figures = [counted(report.rows, 'row'), counted(report.columns, 'column'), size(report.bytes)].join(', ');
  place.replaceChildren(paragraph(`${done}: ${figures}, made in ${duration(milliseconds)}.`, 'success'), ...warnings(report.warnings));
}

/** Says why there is no file. */
export function showFailure(place, error) {
  place.replaceChildren(paragraph(`No file was made. ${errorText(error)}`, 'failure'));
}

/** Says that the person ended an export. */
export function showCancelled(place) {
  place.replaceChildren(paragraph('Cancelled: no file was saved.', 'success'));
}

/** What a reader of a table should know, a sentence each. */
export function warningList(list) {
  return element('ul', {}, ...list.map(({ message }) => element('li', {}, message)));
}

function warnings(list) {
  return list.length === 0 ? [paragraph('Nothing was changed or left out.')] : [paragraph('To know about it:'), warningList(list)];
}

function paragraph(text, className) {
  return element('p', { class: className }, text);
}
