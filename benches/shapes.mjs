// The tables that are measured. They are made by a generator with a fixed seed, so every run and every runtime has the
// same; `flights` is real data, which the caller loads.

/** How many rows and columns each table has. */
export const SHAPES = {
  mixed: { label: 'mixed', rows: 100_000, columns: 10, row: mixedRow },
  narrow: { label: 'narrow', rows: 1_000_000, columns: 5, row: narrowRow },
  wide: { label: 'wide', rows: 10_000, columns: 100, row: wideRow },
  text: { label: 'long text with quotes, line breaks and many scripts', rows: 20_000, columns: 6, row: textRow },
  numbers: { label: 'numbers only', rows: 100_000, columns: 10, row: numbersRow },
  small: { label: 'small', rows: 100, columns: 5, row: narrowRow },
  evaluations: { label: 'governance evaluations', rows: 100_000, columns: 18, row: evaluationRow },
  flights: { label: 'flights of 2001, from vega-datasets', rows: 20_000, columns: 5, row: undefined },
};

/**
 * The rows of a table, as objects.
 *
 * @param {keyof typeof SHAPES} shape
 * @param {object[]} flights the real rows
 * @param {number} [count] fewer rows than the shape has, for a test
 */
export function rowsOf(shape, flights, count = SHAPES[shape].rows) {
  const { row } = SHAPES[shape];
  if (row === undefined) return flights.slice(0, count);
  const random = new Random(20_260_131);
  return Array.from({ length: count }, (_, index) => row(random, index));
}

/** A small generator of numbers that are the same everywhere (mulberry32). */
class Random {
  #state;

  constructor(seed) {
    this.#state = seed;
  }

  /** From 0 up to 1. */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(end) {
    return Math.floor(this.next() * end);
  }

  of(list) {
    return list[this.below(list.length)];
  }

  words(count) {
    return Array.from({ length: count }, () => this.of(WORDS)).join(' ');
  }

  /** A random UUID. */
  uuid() {
    const digits = Array.from({ length: 32 }, () => this.below(16).toString(16)).join('');
    return digits.replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }

  /** Two decimal places, as prices have them. */
  amount() {
    return this.below(1_000_000) / 100;
  }

  moment() {
    return new Date(1_577_836_800_000 + this.below(157_680_000) * 1000).toISOString();
  }
}

const WORDS = 'table data row column file export north river stone paper light garden silver window market winter bridge letter'.split(' ');
const NAMES = ['Ada Lovelace', 'Zoë Müller', 'Jean-Luc Durand', 'Søren Kirk', 'Maria Rossi', 'John Smith', 'Ana Pérez', '王小明', 'Иван Петров'];
const CITIES = ['Berlin', 'São Paulo', 'New York', 'Paris', 'København', 'Lagos', 'Mumbai', 'Washington, D.C.', 'Kraków', '東京'];
const TEXTS = [
  'Ein längerer Satz mit „Anführungszeichen“, Umlauten und ß',
  'She said "yes", then "no", and left',
  'первая строка\nвторая строка, с запятой',
  '東京都の天気は晴れ、気温は二十度です',
  'السطر الأول مع "اقتباس" وفاصلة',
  'emoji 🙂 and 👩‍💻, then plain words again',
  'first line\r\nsecond line\r\nthird line',
  'δοκιμή κειμένου, με ελληνικά',
];

function mixedRow(random, index) {
  return {
    id: index + 1,
    code: `00${random.below(100_000)}`,
    name: random.of(NAMES),
    city: random.of(CITIES),
    amount: random.amount(),
    quantity: random.below(500),
    share: random.next(),
    active: random.next() < 0.5,
    created: random.moment(),
    note: random.next() < 0.3 ? null : random.words(3 + random.below(8)),
  };
}

function narrowRow(random, index) {
  return {
    id: index + 1,
    name: random.of(NAMES),
    amount: random.amount(),
    active: random.next() < 0.5,
    day: random.moment().slice(0, 10),
  };
}

function wideRow(random, index) {
  const row = { id: index + 1 };
  for (let column = 2; column <= 100; column += 1) {
    row[`column_${column}`] = WIDE_CELLS[column % WIDE_CELLS.length](random);
  }
  return row;
}

const WIDE_CELLS = [
  (random) => random.below(100_000),
  (random) => random.amount(),
  (random) => random.of(WORDS),
  (random) => (random.next() < 0.2 ? null : random.next() < 0.5),
  (random) => random.of(CITIES),
];

function textRow(random, index) {
  return {
    id: index + 1,
    title: random.words(5),
    comment: `${random.of(TEXTS)} ${random.of(TEXTS)}`,
    answer: random.of(TEXTS),
    history: `${random.words(20)}\n${random.of(TEXTS)}\n${random.words(20)}`,
    tags: `${random.of(WORDS)},${random.of(WORDS)},"${random.of(WORDS)}"`,
  };
}

function numbersRow(random, index) {
  return {
    id: index + 1,
    a: random.below(1000),
    b: random.below(1_000_000_000),
    c: -random.below(100_000),
    d: random.amount(),
    e: random.next(),
    f: random.next() * 1e6,
    g: random.below(2),
    h: 1_577_836_800_000 + random.below(157_680_000) * 1000,
    i: random.next() / 1e6,
  };
}

/** Whose output all evaluations are about, so that a filter on it leaves none out. */
export const AGENT = '0b9f2c1e-7a64-4d1b-9d8e-2f6a1c3b5d70';

/** A record of the resource `governance_evaluations`, its fields in the order of the definition. */
function evaluationRow(random) {
  // Never a whole number, which a database of real numbers would write as 0.0.
  const score = (1 + random.below(9_998)) / 10_000;
  const resolved = random.next() < 0.3;
  return {
    id: random.uuid(),
    policy_id: random.uuid(),
    policy_name: random.words(3),
    screening_point: random.of(['agent_input', 'step_output']),
    verdict: score > 0.8 ? 'block' : score > 0.5 ? 'flag' : 'pass',
    score,
    flag_threshold_used: 0.5,
    block_threshold_used: 0.8,
    explanation: `${random.words(12)}, "${random.of(WORDS)}".`,
    content_excerpt: random.of(TEXTS),
    agent_id: AGENT,
    agent_run_id: random.uuid(),
    source_connection_id: null,
    content_version_id: null,
    resolved_at: resolved ? random.moment() : null,
    resolved_by: resolved ? random.uuid() : null,
    resolution_note: resolved ? random.words(6) : null,
    created_at: random.moment(),
  };
}
