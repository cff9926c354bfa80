const WHOLE_KEY = /^(?:0|[1-9]\d*)$/;

/** The columns in their order: which are kept, under which headings. Event: `change`. */
export class Columns extends EventTarget {
  #keys = [];
  #list = [];

  /** @returns {{key: string, label: string, kept: boolean, known: boolean, settings: object}[]} */
  get list() {
    return this.#list;
  }

  get kept() {
    return this.#list.filter(({ kept }) => kept);
  }

  /** Starts anew: all columns, as they are in the data. */
  reset(keys = this.#keys) {
    this.#keys = keys;
    this.#list = keys.map((key) => column(key, keys));
    this.#changed();
  }

  set(key, changes) {
    Object.assign(this.#list.find((each) => each.key === key), changes);
    this.#changed();
  }

  keepAll(kept) {
    for (const each of this.#list) each.kept = kept;
    this.#changed();
  }

  /** Puts a column in another place, counted from 0. */
  move(key, to) {
    const from = this.#list.findIndex((each) => each.key === key);
    const [moved] = this.#list.splice(from, 1);
    this.#list.splice(to, 0, moved);
    this.#changed();
  }

  /** Takes over a `column_mapping`; `undefined` stands for all columns as they are. */
  take(mapping) {
    if (mapping === undefined) {
      this.reset();
      return;
    }
    const entries = Array.isArray(mapping)
      ? mapping.map((entry) => (typeof entry === 'string' ? { key: entry } : entry))
      : Object.entries(mapping).map(([key, label]) => ({ key, label }));
    const mapped = entries.map(({ key, label = key, ...settings }) => ({ ...column(key, this.#keys), label, settings }));
    const rest = this.#keys.filter((key) => !mapped.some((each) => each.key === key));
    this.#list = [...mapped, ...rest.map((key) => ({ ...column(key, this.#keys), kept: false }))];
    this.#changed();
  }

  /** Whether the columns are written just as they come in the data. */
  get untouched() {
    return (
      this.#list.length === this.#keys.length &&
      this.#list.every(({ key, label, kept, settings }, index) => kept && label === key && key === this.#keys[index] && isEmpty(settings))
    );
  }

  /** The `column_mapping` of a template: a dictionary where that holds everything, else a list. */
  get mapping() {
    const { kept } = this;
    // Objects put keys that are whole numbers first, whatever order they were written in.
    const plain = kept.every(({ key, settings }) => isEmpty(settings) && !WHOLE_KEY.test(key));
    if (plain) return Object.fromEntries(kept.map(({ key, label }) => [key, label]));
    return kept.map(({ key, label, settings }) => {
      const column = { key, ...(label === key ? {} : { label }), ...settings };
      return Object.keys(column).length === 1 ? key : column;
    });
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}

function column(key, keys) {
  return { key, label: key, kept: true, known: keys.includes(key), settings: {} };
}

function isEmpty(object) {
  return Object.keys(object).length === 0;
}
