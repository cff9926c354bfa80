const PAGE_ROWS = 500;

/**
 * Rows that are made from their index: those of an array, or of a rule that makes them when they are asked for.
 *
 * Every kind of rows has `name`, `keys`, `count`, `cells(index)`, `all()` and `chosen(indices)`. The last two give what
 * the export functions take.
 */
export class Records {
  #recordAt;
  #all;

  /**
   * @param {object} table
   * @param {string} table.name what the file is called
   * @param {string[]} table.keys the columns
   * @param {number} table.count
   * @param {(index: number) => object} table.recordAt
   * @param {() => unknown} [table.all] all the data as they came; default: the records one after the other
   */
  constructor({ name, keys, count, recordAt, all }) {
    this.name = name;
    this.keys = keys;
    this.count = count;
    this.#recordAt = recordAt;
    this.#all = all;
  }

  /** Rows in memory, whose columns are the keys in the order in which they first appear. */
  static of(name, records) {
    const keys = new Set();
    for (const record of records) for (const key of Object.keys(record)) keys.add(key);
    return new Records({ name, keys: [...keys], count: records.length, recordAt: (index) => records[index], all: () => records });
  }

  cells(index) {
    const record = this.#recordAt(index);
    // A member that is only inherited, such as `constructor`, is no cell.
    return this.keys.map((key) => (Object.hasOwn(record, key) ? record[key] : undefined));
  }

  all() {
    return { data: this.#all?.() ?? this.#table(everyIndex(this.count)) };
  }

  /** @param indices an array of them, or a promise of one */
  chosen(indices) {
    return { data: this.#table(indices) };
  }

  #table(indices) {
    return { columns: this.keys, rows: pages(indices, this.#recordAt) };
  }
}

async function* pages(indices, recordAt) {
  let page = [];
  for (const index of await indices) {
    page.push(recordAt(index));
    if (page.length === PAGE_ROWS) {
      yield page;
      page = [];
    }
  }
  yield page;
}

function* everyIndex(count) {
  for (let index = 0; index < count; index += 1) yield index;
}
