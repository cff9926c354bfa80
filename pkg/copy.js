import { ExportError } from './error.js';

/**
 * Puts a table on the clipboard. Browsers allow that only while they handle a click, so the writing begins at once, with
 * promises of what the code that is loaded then will make.
 */
export async function copyTable(engine, data, options) {
  const clipboard = globalThis.navigator?.clipboard;
  if (typeof clipboard?.write !== 'function' || typeof ClipboardItem !== 'function') {
    throw new ExportError('no_clipboard', 'There is no clipboard to copy to.', {
      hint: 'Browsers offer one to pages that are served over https or from localhost.',
    });
  }
  const making = import('./clipboard.js').then(async ({ makeTexts }) => makeTexts(engine, await data, options));
  const part = (type) => {
    const made = making.then((texts) => texts[type]);
    // Where the browser refuses, nobody looks at what it was promised.
    made.catch(() => {});
    return made;
  };
  try {
    await clipboard.write([new ClipboardItem({ 'text/plain': part('text/plain'), 'text/html': part('text/html') })]);
  } catch (cause) {
    // An export that failed tells more than the browser, which was only let down.
    await making;
    throw new ExportError('clipboard_refused', `The browser refused to copy: ${cause?.message ?? cause}.`, {
      hint: 'Copy in answer to a click, in the page that has the focus; a frame needs the permission clipboard-write.',
      cause,
    });
  }
  return (await making).report;
}
