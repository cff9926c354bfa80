import { ExportError } from './error.js';
import { exportToFile } from './file.js';
import { withoutFormat } from './own-format.js';
import { hostTurn } from './turns.js';

// Some browsers say that printing is over while they still take pages from the frame.
const FRAME_LIFETIME_MS = 60_000;

let last;

/** Opens the browser's print view with the table as an HTML document. */
export async function printTable(engine, data, options = {}) {
  if (typeof document === 'undefined') {
    throw new ExportError('no_document', '`print` needs a page to print from.', {
      hint: 'Use `exportFile` with the format `html` here.',
    });
  }
  const file = await exportToFile(engine, data, { ...withoutFormat(options, 'print'), format: 'html' });
  const frame = await opened(await file.text());
  // While its load event is handled, a document puts printing off.
  await hostTurn();
  const view = frame.contentWindow;
  view.addEventListener('afterprint', () => setTimeout(() => frame.remove(), FRAME_LIFETIME_MS));
  view.focus();
  view.print();
  return file.report;
}

/** A frame that nobody sees, in which no script runs. It replaces the one before. */
function opened(html) {
  last?.remove();
  const frame = document.createElement('iframe');
  last = frame;
  frame.setAttribute('sandbox', 'allow-same-origin allow-modals');
  frame.setAttribute('aria-hidden', 'true');
  frame.tabIndex = -1;
  // A frame that is not displayed at all prints nothing in some browsers.
  Object.assign(frame.style, { position: 'fixed', insetInlineStart: '0', insetBlockStart: '0', width: '0', height: '0', border: '0', visibility: 'hidden' });
  // The text of an attribute is subject to no policy on where frames come from.
  frame.srcdoc = trusted(html);
  return new Promise((resolve) => {
    frame.addEventListener(
      'load',
      () => {
        adoptStyles(frame.contentDocument, frame.contentWindow);
        resolve(frame);
      },
      { once: true },
    );
    document.body.append(frame);
  });
}

let policy;

/** The engine escapes all that is not its own, so the document may stand where a page allows only trusted markup. */
function trusted(html) {
  if (globalThis.trustedTypes === undefined) return html;
  policy ??= trustedTypes.createPolicy('tablecast', { createHTML: (text) => text });
  return policy.createHTML(html);
}

/** A page's policy may forbid the document's own style, but not one that a script makes. */
function adoptStyles(inner, view) {
  const blocked = [...inner.querySelectorAll('style')].filter(({ sheet }) => sheet === null);
  inner.adoptedStyleSheets = blocked.map(({ textContent }) => {
    const sheet = new view.CSSStyleSheet();
    sheet.replaceSync(textContent);
    return sheet;
  });
}
