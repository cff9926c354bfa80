import { ExportError } from './error.js';

// Browsers read the URL after the click, some only once the user has chosen a place, so it is given back a minute later.
const URL_LIFETIME_MS = 60_000;

/** Has the browser save a file under its name. */
export function saveFile(file) {
  if (typeof document === 'undefined') {
    throw new ExportError('no_document', '`download` needs a page to save from.', {
      hint: 'Use `exportFile` here and write its bytes.',
    });
  }
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = file.name;
  link.hidden = true;
  // Some browsers follow only links that are in the document.
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), URL_LIFETIME_MS);
}
