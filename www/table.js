const byId = (id) => document.getElementById(id);
const number = new Intl.NumberFormat('en');

/** The table of the page, a page of rows at a time. */
export class DataTable {
  #rows;
  #numeric;
  #page = 0;
  #size = 10;

  /** The keys of the columns, in the order in which they first appear. */
  keys;

  constructor(rows) {
    this.#rows = rows;
    this.keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    this.#numeric = new Set(this.keys.filter((key) => rows.every((row) => isNumberOrMissing(row[key]))));
    byId('table-size').textContent = `${number.format(rows.length)} rows, ${this.keys.length} columns`;
    byId('table').replaceChildren(this.#head(), document.createElement('tbody'));
    this.#listen();
    this.#show(0);
  }

  get #pages() {
    return Math.max(1, Math.ceil(this.#rows.length / this.#size));
  }

  #listen() {
    byId('page-first').addEventListener('click', () => this.#show(0));
    byId('page-previous').addEventListener('click', () => this.#show(this.#page - 1));
    byId('page-next').addEventListener('click', () => this.#show(this.#page + 1));
    byId('page-last').addEventListener('click', () => this.#show(this.#pages - 1));
    byId('page-size').addEventListener('change', ({ target }) => {
      const first = this.#page * this.#size;
      this.#size = Number(target.value);
      this.#show(Math.floor(first / this.#size));
    });
  }

  #show(page) {
    this.#page = Math.min(Math.max(page, 0), this.#pages - 1);
    const start = this.#page * this.#size;
    const rows = this.#rows.slice(start, start + this.#size);
    byId('table').tBodies[0].replaceChildren(...rows.map((row) => this.#row(row)));
    byId('table-scroll').scrollTop = 0;
    byId('page-range').textContent =
      rows.length === 0 ? 'No rows' : `${number.format(start + 1)}–${number.format(start + rows.length)} of ${number.format(this.#rows.length)}`;
    byId('page-first').disabled = byId('page-previous').disabled = this.#page === 0;
    byId('page-last').disabled = byId('page-next').disabled = this.#page === this.#pages - 1;
  }

  #head() {
    const head = document.createElement('thead');
    const row = head.insertRow();
    for (const key of this.keys) {
      const cell = document.createElement('th');
      cell.scope = 'col';
      cell.textContent = key;
      cell.classList.toggle('number', this.#numeric.has(key));
      row.append(cell);
    }
    return head;
  }

  #row(values) {
    const row = document.createElement('tr');
    for (const key of this.keys) {
      const cell = row.insertCell();
      cell.classList.toggle('number', this.#numeric.has(key));
      const value = values[key];
      if (value === null || value === undefined) cell.append(missing());
      else cell.textContent = typeof value === 'object' ? JSON.stringify(value) : String(value);
    }
    return row;
  }
}

/** A dash for the eye, a word for a screen reader. */
function missing() {
  const mark = document.createElement('span');
  mark.className = 'missing';
  mark.setAttribute('role', 'img');
  mark.setAttribute('aria-label', 'missing');
  mark.textContent = '—';
  return mark;
}

function isNumberOrMissing(value) {
  return typeof value === 'number' || value === null || value === undefined;
}
