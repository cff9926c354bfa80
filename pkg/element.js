// `import 'tablecast/element'` defines <tablecast-button>. On a server it does nothing, so pages can import it anywhere.
import { Menu } from './element-menu.js';
import { style } from './element-style.js';
import { ExportError } from './error.js';
import { copy, download, formats, fromTable, init, print } from './load/browser.js';

/** What the button says. `{name}` stands for what is known by that name. */
const LABELS = {
  button: 'Export',
  single: 'Download {format}',
  copy: 'Copy',
  print: 'Print',
  cancel: 'Cancel',
  running: 'Exporting {format}…',
  rows: 'Rows: {rows}',
  rowsOf: 'Rows: {rows} of {total}',
  done: '{format} saved. Rows: {rows}.',
  copied: 'Copied. Rows: {rows}.',
  printed: 'Handed to the print view. Rows: {rows}.',
  cancelled: 'Export cancelled.',
  failed: 'Nothing was exported. {message}',
};

const PROPERTIES = ['data', 'options', 'labels'];
const ATTRIBUTES = ['formats', 'label', 'disabled', ...Object.keys(LABELS).map((name) => `label-${kebab(name)}`)];
const DONE = { copy: 'copied', print: 'printed' };

class TablecastButton extends (globalThis.HTMLElement ?? class {}) {
  static observedAttributes = ATTRIBUTES;

  #data;
  #options = {};
  #labels = {};
  #parts;
  #menu;
  #running;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open', delegatesFocus: true });
    root.adoptedStyleSheets = [style()];
    this.#parts = build(root);
    const { button, menu, cancel } = this.#parts;
    this.#menu = new Menu(button, menu, (format) => this.#start(format));
    button.addEventListener('click', () => this.#onClick());
    cancel.addEventListener('click', () => this.cancel());
    // The engine is fetched while the hand is still on its way; should that fail, the export says so.
    for (const type of ['pointerenter', 'focusin']) this.addEventListener(type, () => void init().catch(() => {}), { once: true });
  }

  connectedCallback() {
    // What was set before the element was defined hides the accessors.
    for (const name of PROPERTIES) {
      if (!Object.hasOwn(this, name)) continue;
      const value = this[name];
      delete this[name];
      this[name] = value;
    }
    document.addEventListener('pointerdown', this.#onOutside);
    this.#render();
  }

  disconnectedCallback() {
    document.removeEventListener('pointerdown', this.#onOutside);
    this.#menu.close();
    this.cancel();
  }

  attributeChangedCallback() {
    this.#render();
  }

  /** The table, or a function that gives it or a promise of it; without it, the attribute `for` says where it is. */
  get data() {
    return this.#data;
  }

  set data(data) {
    this.#data = data;
  }

  /** Options of the export. They go before the attributes. */
  get options() {
    return this.#options;
  }

  set options(options) {
    this.#options = options ?? {};
  }

  /** Other words for what the button says. */
  get labels() {
    return this.#labels;
  }

  set labels(labels) {
    this.#labels = labels ?? {};
    this.#render();
  }

  get formats() {
    return (this.getAttribute('formats') ?? 'csv').split(/[\s,]+/).filter(Boolean);
  }

  set formats(formats) {
    this.setAttribute('formats', Array.from(formats).join(' '));
  }

  get disabled() {
    return this.hasAttribute('disabled');
  }

  set disabled(disabled) {
    this.toggleAttribute('disabled', Boolean(disabled));
  }

  /** Exports as one of the formats, as a click does. Resolves with the report, or with nothing where none was made. */
  export(format = this.formats[0]) {
    return this.#start(format);
  }

  /** Ends the export that is running. */
  cancel() {
    this.#running?.abort(new DOMException('The export was cancelled.', 'AbortError'));
  }

  #onClick() {
    if (this.#parts.button.getAttribute('aria-disabled') === 'true') return;
    if (this.#hasMenu) this.#menu.toggle();
    else this.#start(this.formats[0]);
  }

  #onOutside = (event) => {
    if (this.#menu.isOpen && !event.composedPath().includes(this)) this.#menu.close();
  };

  get #hasMenu() {
    return this.formats.length > 1;
  }

  #render() {
    const { button, label, caret, cancel, progress } = this.#parts;
    const { formats } = this;
    const hasMenu = this.#hasMenu;
    label.textContent = this.getAttribute('label') ?? (hasMenu ? this.#say('button') : this.#nameOf(formats[0], 'single'));
    caret.hidden = !hasMenu;
    for (const [name, value] of [['aria-haspopup', 'menu'], ['aria-expanded', String(this.#menu.isOpen)], ['aria-controls', 'menu']]) {
      if (hasMenu) button.setAttribute(name, value);
      else button.removeAttribute(name);
    }
    button.setAttribute('aria-disabled', String(this.disabled || this.#running !== undefined));
    cancel.textContent = this.#say('cancel');
    progress.setAttribute('aria-label', label.textContent);
    this.#menu.fill(formats.map((id) => ({ id, label: this.#nameOf(id) })));
  }

  /** What a format is called; with `around`, within that sentence. */
  #nameOf(id, around) {
    if (Object.hasOwn(DONE, id ?? '')) return this.#say(id);
    const format = formats.find((known) => known.id === id)?.label ?? id ?? '';
    return around === undefined ? format : this.#say(around, { format });
  }

  #say(name, values = {}) {
    const sentence = this.getAttribute(`label-${kebab(name)}`) ?? this.#labels[name] ?? LABELS[name];
    return sentence.replace(/\{(\w+)\}/g, (_, key) => (typeof values[key] === 'number' ? this.#number(values[key]) : (values[key] ?? '')));
  }

  #number(value) {
    try {
      return value.toLocaleString(this.closest('[lang]')?.lang || undefined);
    } catch {
      return String(value);
    }
  }

  /** Nothing is awaited before the export begins: browsers let a page copy only in the click itself. */
  async #start(format) {
    if (this.disabled || this.#running !== undefined) return undefined;
    if (!this.#send('start', { format }, true)) return undefined;
    const controller = new AbortController();
    this.#running = controller;
    this.#show(format);
    try {
      const report = await this.#export(format, controller);
      this.#finish(this.#say(Object.hasOwn(DONE, format ?? '') ? DONE[format] : 'done', { format: this.#nameOf(format), rows: report.rows }), report.warnings);
      this.#send('done', { format, report });
      return report;
    } catch (error) {
      this.#finish(controller.signal.aborted ? this.#say('cancelled') : this.#say('failed', { message: error?.message ?? String(error) }));
      this.#send('error', { format, error });
      return undefined;
    }
  }

  async #export(format, controller) {
    const { signal, onProgress, ...given } = this.#options;
    signal?.addEventListener('abort', () => controller.abort(signal.reason), { signal: controller.signal });
    signal?.throwIfAborted();
    let total;
    const options = {
      ...this.#attributes(),
      ...given,
      signal: controller.signal,
      onProgress: (progress) => {
        onProgress?.(progress);
        this.#progress({ ...progress, total });
      },
    };
    const data = this.#source();
    const count = (table) => {
      total = rowsOf(table);
      return table;
    };
    const table = typeof data?.then === 'function' ? data.then(count) : count(data);
    if (format === 'copy') return copy(table, options);
    const loaded = await interruptible(table, controller.signal);
    return format === 'print' ? print(loaded, options) : download(loaded, { ...options, format });
  }

  /** The options that attributes give. */
  #attributes() {
    const options = {};
    for (const name of ['filename', 'preset']) {
      if (this.hasAttribute(name)) options[name] = this.getAttribute(name);
    }
    const template = this.getAttribute('template');
    if (template === null) return options;
    // The id of a template, or a template itself.
    if (!template.trim().startsWith('{')) return { ...options, template };
    try {
      return { ...options, template: JSON.parse(template) };
    } catch (cause) {
      throw new ExportError('invalid_option', `The attribute \`template\` is no JSON: ${cause.message}.`, { cause });
    }
  }

  #source() {
    if (this.#data !== undefined) return typeof this.#data === 'function' ? this.#data() : this.#data;
    const selector = this.getAttribute('for');
    if (selector === null) {
      throw new ExportError('not_tabular', 'The button has no data.', { hint: 'Name a table in the attribute `for`, or set the property `data`.' });
    }
    let element;
    try {
      element = this.getRootNode().querySelector(selector);
    } catch {
      // `fromTable` says what is wrong with it.
    }
    return fromTable(element ?? selector);
  }

  #show(format) {
    const { running, progress, rows, status } = this.#parts;
    status.textContent = this.#say('running', { format: this.#nameOf(format) });
    progress.removeAttribute('value');
    rows.textContent = '';
    running.hidden = false;
    this.#render();
  }

  #progress(detail) {
    if (this.#running === undefined) return;
    const { progress, rows } = this.#parts;
    const { rows: done, total } = detail;
    if (total > 0 && done !== undefined) {
      progress.max = total;
      progress.value = done;
    }
    if (done !== undefined) rows.textContent = this.#say(total === undefined ? 'rows' : 'rowsOf', { rows: done, total });
    this.#send('progress', detail);
  }

  #finish(sentence, warnings = []) {
    const { button, running, status } = this.#parts;
    this.#running = undefined;
    const focused = running.contains(this.shadowRoot.activeElement);
    status.textContent = [sentence, ...warnings.map(({ message }) => message)].join(' ');
    this.#render();
    // What vanishes must not take the focus along.
    if (focused) button.focus();
    running.hidden = true;
  }

  #send(name, detail, cancelable = false) {
    return this.dispatchEvent(new CustomEvent(`tablecast-${name}`, { detail, bubbles: true, composed: true, cancelable }));
  }
}

/** Fills the shadow root, and gives its parts by name. */
function build(root) {
  const make = (tag, name, parent, properties = {}) => {
    const element = document.createElement(tag);
    element.className = name;
    element.part = name;
    Object.assign(element, properties);
    parent.append(element);
    return element;
  };
  const base = make('div', 'base', root);
  const button = make('button', 'button', base, { type: 'button', id: 'button' });
  const label = make('span', 'label', button);
  const caret = make('span', 'caret', button);
  caret.setAttribute('aria-hidden', 'true');
  const menu = make('div', 'menu', base, { id: 'menu', hidden: true });
  menu.setAttribute('role', 'menu');
  menu.setAttribute('aria-labelledby', 'button');
  const running = make('div', 'running', base, { hidden: true });
  const progress = make('progress', 'progress', running);
  const rows = make('span', 'rows', running);
  const cancel = make('button', 'cancel', running, { type: 'button' });
  const status = make('div', 'status', base);
  status.setAttribute('role', 'status');
  return { button, label, caret, menu, running, progress, rows, cancel, status };
}

/** How many rows the table will have, where that can be seen. */
function rowsOf(table) {
  const rows = Array.isArray(table) ? table : (table?.rows ?? table?.items);
  return Array.isArray(rows) ? rows.length : undefined;
}

/** The value of a promise, unless the signal comes before it. */
function interruptible(value, signal) {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    Promise.resolve(value).then(resolve, reject);
  });
}

/** The name of an attribute. */
function kebab(name) {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

if (typeof customElements === 'object' && customElements.get('tablecast-button') === undefined) {
  customElements.define('tablecast-button', TablecastButton);
}

export { TablecastButton };
