// Texts that try to become markup or script: the big list of naughty strings, and every way out of a place with every thing to do there.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../js/installed.mjs';

const NAUGHTY = JSON.parse(readFileSync(join(ROOT, 'node_modules/big-list-of-naughty-strings/blns.json'), 'utf8'));

/** Sets `ran` in the page that looks, wherever it runs. */
const SCRIPT = 'top.ran=1';

// Out of text, attributes, comments, and each element of the document.
const WAYS_OUT = [
  '', '"', "'", '`', '">', "'>", '/>', '" ', "' ", '-->', '--!>', ']]>', '?>', '\0', '\r\n', '\u2028', '\ufeff', '\\"', '&quot;>', '&#34;&#62;', '&lt;', '&',
  '</td>', '</th>', '</tr>', '</tbody></table>', '</table>', '</caption>', '</div>', '</title>', '</style>', '</head>', '</h1>', '</footer>', '</body></html>', '</script>',
  '<!--', '<![CDATA[', '<?', '<', '<a "', '<textarea>', '<svg>', '<math><mtext>', '<table><td>', '<select>',
];

const DEEDS = [
  `<script>${SCRIPT}</script>`,
  `<ScRiPt>${SCRIPT}</sCrIpT >`,
  `<script\n>${SCRIPT}</script\t>`,
  `<script/x>${SCRIPT}</script>`,
  `<scr\0ipt>${SCRIPT}</scr\0ipt>`,
  `<<script>${SCRIPT}//<</script>`,
  `<script src="data:text/javascript,${SCRIPT}"></script>`,
  `<script src=//foreign.test/x.js></script>`,
  `<script type=module>${SCRIPT}</script>`,
  `<svg><script>${SCRIPT}</script></svg>`,
  `<svg/onload=${SCRIPT}>`,
  `<svg><animate onbegin=${SCRIPT} attributeName=x>`,
  `<svg><style><img src=x onerror=${SCRIPT}></style></svg>`,
  `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=${SCRIPT}&gt;">`,
  `<img src=x onerror=${SCRIPT}>`,
  `<img/src="x"/onerror=${SCRIPT}>`,
  `<img src=x:x onerror="${SCRIPT}">`,
  `<IMG """><SCRIPT>${SCRIPT}</SCRIPT>">`,
  `<image href=x onerror=${SCRIPT}>`,
  `<body onload=${SCRIPT}>`,
  `<body onpageshow=${SCRIPT}>`,
  `<input autofocus onfocus=${SCRIPT}>`,
  `<details open ontoggle=${SCRIPT}>`,
  `<video><source onerror=${SCRIPT}></video>`,
  `<audio src=x onerror=${SCRIPT}>`,
  `<iframe src="javascript:${SCRIPT}"></iframe>`,
  `<iframe srcdoc="<script>${SCRIPT}</script>"></iframe>`,
  `<object data="javascript:${SCRIPT}"></object>`,
  `<embed src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='${SCRIPT}'/>">`,
  `<a href="javascript:${SCRIPT}" autofocus onfocus=${SCRIPT}>x</a>`,
  `<form action="javascript:${SCRIPT}"><button autofocus onfocus=${SCRIPT}>`,
  `<style>*{animation:x}@keyframes x{}</style><p onanimationstart=${SCRIPT}>`,
  '<style>@import "//foreign.test/x.css";</style>',
  '<link rel=stylesheet href=//foreign.test/x.css>',
  '<meta http-equiv=refresh content="0;url=//foreign.test/">',
  '<base href=//foreign.test/>',
  `<template><script>${SCRIPT}</script></template>`,
  `<noscript><p title="</noscript><img src=x onerror=${SCRIPT}>">`,
  `<xmp><p title="</xmp><img src=x onerror=${SCRIPT}>">`,
  '<plaintext>',
  '<frameset>',
  '<!DOCTYPE html>',
  '<col><tr><td>',
  ` onmouseover=${SCRIPT} onfocus=${SCRIPT} autofocus tabindex=1 style=position:fixed;inset:0 x=`,
  `&#60;script&#62;${SCRIPT}&#60;/script&#62;`,
  `&amp;lt;script&amp;gt;${SCRIPT}`,
  `&lt;img src=x onerror=${SCRIPT}&gt;`,
  `+ADw-script+AD4-${SCRIPT}+ADw-/script+AD4-`,
  `＜script＞${SCRIPT}＜/script＞`,
  `\\u003cscript\\u003e${SCRIPT}\\u003c/script\\u003e`,
  `javascript:${SCRIPT}`,
  '${top.ran=1}{{top.ran=1}}<%=top.ran=1%>',
  '<b>bold</b>',
];

/** More than two thousand texts. */
export const PAYLOADS = [...new Set([...NAUGHTY, ...WAYS_OUT.flatMap((way) => DEEDS.map((deed) => `${way}${deed}`)), ...WAYS_OUT])];
