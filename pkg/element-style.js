// The look of the button. Colours are the system's, so they follow the page's `color-scheme` and forced colours.
const CSS = `
:host {
  --_background: var(--tablecast-background, ButtonFace);
  --_color: var(--tablecast-color, ButtonText);
  --_border: var(--tablecast-border, 1px solid color-mix(in srgb, currentColor 45%, transparent));
  --_radius: var(--tablecast-radius, 0.375rem);
  --_menu-background: var(--tablecast-menu-background, Canvas);
  --_menu-color: var(--tablecast-menu-color, CanvasText);
  --_accent: var(--tablecast-accent, Highlight);
  --_accent-color: var(--tablecast-accent-color, HighlightText);
  --_gap: var(--tablecast-gap, 0.5rem);
  display: inline-block;
  position: relative;
  font: var(--tablecast-font, inherit);
}
:host([hidden]), [hidden] { display: none !important; }
* { box-sizing: border-box; }
.base { display: flex; flex-wrap: wrap; align-items: center; gap: var(--_gap); }
button {
  display: inline-flex;
  align-items: center;
  justify-content: center;
  gap: 0.5em;
  min-block-size: 2.25rem;
  min-inline-size: 2.25rem;
  padding: 0.25rem 0.75rem;
  border: var(--_border);
  border-radius: var(--_radius);
  background: var(--_background);
  color: var(--_color);
  font: inherit;
  cursor: pointer;
  transition: filter 120ms;
}
button:hover { filter: brightness(0.95); }
button[aria-disabled='true'] { color: GrayText; cursor: default; filter: none; }
button:focus-visible { outline: 2px solid var(--_accent); outline-offset: 2px; }
.caret { inline-size: 0.5em; block-size: 0.5em; border: solid currentColor; border-width: 0 0.125em 0.125em 0; transform: translateY(-25%) rotate(45deg); }
.menu {
  position: absolute;
  z-index: 10;
  inset-block-start: calc(100% + 0.25rem);
  inset-inline-start: 0;
  min-inline-size: max(100%, 9rem);
  max-inline-size: 90vw;
  padding: 0.25rem;
  border: var(--_border);
  border-radius: var(--_radius);
  background: var(--_menu-background);
  color: var(--_menu-color);
  box-shadow: 0 0.25rem 1rem rgb(0 0 0 / 20%);
}
.menu.above { inset-block: auto calc(100% + 0.25rem); }
.menu.end { inset-inline: auto 0; }
.item {
  display: flex;
  align-items: center;
  min-block-size: 2.25rem;
  padding: 0.25rem 0.75rem;
  border-radius: calc(var(--_radius) - 0.125rem);
  white-space: nowrap;
  cursor: pointer;
}
.item:hover { background: color-mix(in srgb, currentColor 10%, transparent); }
.item:focus { background: var(--_accent); color: var(--_accent-color); outline: 2px solid transparent; }
.running { display: flex; flex-wrap: wrap; align-items: center; gap: var(--_gap); }
progress { inline-size: 8rem; accent-color: var(--_accent); }
.rows { font-variant-numeric: tabular-nums; }
.status:empty { display: none; }
@media (pointer: coarse) {
  button, .item { min-block-size: 44px; min-inline-size: 44px; }
}
@media (prefers-reduced-motion: reduce) {
  * { transition: none !important; animation: none !important; }
}
`;

let sheet;

/** The one sheet of all buttons. It is made by script, which a policy against inline styles allows. */
export function style() {
  if (sheet === undefined) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
  }
  return sheet;
}
