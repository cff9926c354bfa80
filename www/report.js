const number = new Intl.NumberFormat('en');
const precise = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** Says what an export did. */
export function showReport(place, label, report, milliseconds) {
  const done = `The ${label} file is saved: ${counted(report.rows, 'row')}, ${counted(report.columns, 'column')}, ${size(report.bytes)}, made in ${precise.format(milliseconds)} ms.`;
  place.replaceChildren(paragraph(done, 'success'), ...warnings(report.warnings));
}

/** Says why there is no file. */
export function showFailure(place, error) {
  place.replaceChildren(paragraph(failureText(error), 'failure'));
}

/** An error as sentences. */
export function failureText(error) {
  const sentences = [error.message, error.hint].filter(Boolean).map(sentence);
  return ['No file was made.', ...sentences].join(' ');
}

function warnings(list) {
  if (list.length === 0) return [paragraph('Nothing was changed or left out.')];
  const items = document.createElement('ul');
  for (const { message } of list) {
    const item = document.createElement('li');
    item.textContent = message;
    items.append(item);
  }
  return [paragraph('To know about it:'), items];
}

function counted(count, noun) {
  return `${number.format(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function size(bytes) {
  if (bytes < 1000) return counted(bytes, 'byte');
  return bytes < 1e6 ? `${precise.format(bytes / 1000)} kB` : `${precise.format(bytes / 1e6)} MB`;
}

/** The package's messages are sentences; those of the browser need not be. */
function sentence(text) {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}

function paragraph(text, className) {
  const element = document.createElement('p');
  if (className !== undefined) element.className = className;
  element.textContent = text;
  return element;
}
