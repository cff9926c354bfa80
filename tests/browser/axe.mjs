// The accessibility checker, let loose on a page.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const SCHEMES = [
  { colorScheme: 'light', forcedColors: 'none' },
  { colorScheme: 'dark', forcedColors: 'none' },
  { colorScheme: 'light', forcedColors: 'active' },
];

// What colours have a say in; all else is the same in every scheme.
const OF_COLOURS = ['color-contrast', 'link-in-text-block'];

/**
 * What axe finds wrong with a page as it is now.
 *
 * @param {string} [within] looks only into this element, where all around it has been looked at before
 */
export function violations(page, within) {
  return found(page, within);
}

/** The same in light, in dark and with colours forced on the page. */
export async function violationsInSchemes(page, within) {
  const all = [];
  for (const [index, scheme] of SCHEMES.entries()) {
    await page.emulateMedia(scheme);
    all.push(...(await found(page, within, index === 0 ? undefined : OF_COLOURS)));
  }
  await page.emulateMedia({ colorScheme: null, forcedColors: null });
  return all;
}

async function found(page, within = 'html', runOnly) {
  // Colours that are on their way count when they are there. Where nothing is painted, a transition does not end by itself.
  await page.evaluate(() => {
    const running = () => document.getAnimations().filter(({ playState }) => playState !== 'finished');
    for (let all = running(); all.length > 0; all = running()) all.forEach((animation) => animation.finish());
  });
  // The page's policy lets no other script in, so axe comes with the debugger.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(`${AXE}; undefined`);
  return page.evaluate(
    async ([selector, rules]) => {
      const { violations } = await window.axe.run(selector, { resultTypes: ['violations'], ...(rules && { runOnly: rules }) });
      const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`));
      // axe looks for the name of what has the role, and not of the element `dialog`.
      const names = (dialog) => (dialog.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent.trim());
      const unnamed = [...document.querySelectorAll('dialog[open]')].filter((dialog) => !dialog.ariaLabel && !names(dialog).some(Boolean));
      return [...found, ...unnamed.map(({ outerHTML }) => `dialog-name: ${outerHTML.slice(0, 100)}`)];
    },
    [within, runOnly],
  );
}
