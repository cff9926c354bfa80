// Records of every type of resource, the same in every run. Taken together they have each field null where it may be, each
// value of each list of values, empty arrays, and texts and numbers that are easily damaged on the way.

import { createHash } from 'node:crypto';
import { generator } from '../random.mjs';
import { fieldsOf, reference } from './reference.mjs';

const TEXTS = [
  'Größe & Übermaß', '製品マニュアル', 'Launch 🚀 day 👩‍👩‍👧', '007', '00123456789012345678', '=1+1', '+49 30 1234567', '-5', '@sum(A1)',
  'first line\nsecond line', 'he said "hi", twice', '', ' spaces around ', 'a,b;c\td', '\tbehind a tab', '<b>bold</b> & more', 'null',
  'true', 'back\\slash', 'separators \u2028 and \u2029', '＝SUM(A1)', 'e\u0301 and é', `long ${'über alles und noch mehr '.repeat(60)}`,
  '[link](javascript:alert(1)) | *bold*', '1e5', 'a\r\nb', '\u0007bell',
];
const INTEGERS = [0, 1, 42, 100_000, 2_147_483_648, 9_007_199_254_740_991, -7];
const NUMBERS = [0, 0.1, 1e21, 0.30000000000000004, 1e-7, 1, -2.5];
const SHARES = [0, 0.1, 0.25, 0.30000000000000004, 1e-7, 1, 0.75];
const OBJECTS = [
  {},
  { key: 'Zoë', speaker: '用户', share: 0.1 },
  { nested: { list: [1, { two: null }], empty: [] }, 'with.dot': true, '=odd': '=1+1' },
  { hits: 1e21, misses: 0, 'ключ': '🚀' },
];
const LISTS = {
  string: [[], ['Handbuch', '製品', '🚀'], ['=1+1', '007', ''], ['one']],
  object: [[], [{ model: 'größer', credits: 0.1, tokens: 1234 }, { model: null }], [OBJECTS[2]]],
  any: [[], [{ name: 'Zoë', threshold: 0.1, on: true }, { name: null }], [{ steps: [{ id: 's1' }] }, OBJECTS[3]]],
};

const DAY = 86_400_000;
/** The day from which moments count. */
const BEGIN = Date.parse('2026-01-01T00:00:00.000Z');
/** What stands at each moment of a list that filters cut: at midnight, a millisecond before it, and between. */
const PUBLISHED = [58.5, 59, 59 - 1 / DAY, 12.25, 90, 89.9999, 140, 59.75];

/** Fields by which records are told apart. Other ids name one of a few things. */
const OWN_IDS = ['id', 'result_id', 'KBSourceRecord.source_connection_id'];

/** Types whose file is a table; the records stand in the last member of the envelope. */
export const TABLES = ['governance_policies', 'governance_evaluations', 'agent_traces', 'agent_evaluations', 'memories'];
/** Types whose file is one object of the catalog with all that belongs to it. */
export const DOCUMENTS = ['agent_definition', 'knowledge_base', 'memory_bank', 'solution', 'account'];

/** Makes records by facts; two with the same seed make the same. */
export class Maker {
  #seen = new Map();
  #random;

  constructor(name, seed, type = reference[name]) {
    this.name = name;
    this.type = type;
    // No two types have the same ids.
    this.#random = generator([...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, seed));
  }

  /** The number of times that this was asked before. */
  #turn(of) {
    const turn = this.#seen.get(of) ?? 0;
    this.#seen.set(of, turn + 1);
    return turn;
  }

  #next(list, of) {
    return list[this.#turn(of) % list.length];
  }

  #uuid() {
    const hex = Array.from({ length: 32 }, () => Math.floor(this.#random() * 16).toString(16)).join('');
    return uuid(hex);
  }

  /** A record. `fill` is whether it has all that it can have, or nothing; else it has some. */
  record(record, fill) {
    const made = {};
    const fields = fieldsOf(this.type, record);
    const turn = this.#turn(`record ${record}`);
    fields.forEach((fact, index) => {
      const isNull = fact.nullable && fill !== 'all' && (fill === 'none' || (turn * 5 + index * 3) % 4 === 0);
      made[fact.name] = isNull ? null : this.#value(fact, record, fill);
    });
    // What is scoped to a step is scoped to its agent.
    if ('agent_step_id' in made && made.agent_id === null) made.agent_step_id = null;
    for (const { name, counts } of fields) {
      if (counts !== undefined) made[name] = at(made, counts.split('.')).length;
    }
    return made;
  }

  #value(fact, record, fill) {
    const { name, type, items, values } = fact;
    const place = `${record}.${name}`;
    if (values !== undefined) return this.#next(values, place);
    if (fact.record !== undefined) {
      if (type === 'object') return this.record(fact.record, fill);
      return this.records(fact.record, fill === 'none' ? 0 : 2 + (this.#turn(place) % 2), fill);
    }
    if (place === 'undefined.export_type') return this.name;
    if (place in SPECIAL) return SPECIAL[place](this.#turn(place), fill);
    if (/(_at|At|Before)$/.test(name)) return this.#moment(place);
    switch (type) {
      case 'integer':
        return this.#next(INTEGERS, place);
      case 'number':
        return this.#next(/score|threshold/.test(name) ? SHARES : NUMBERS, place);
      case 'boolean':
        return this.#turn(place) % 2 === 0;
      case 'object':
        return this.#next(OBJECTS, place);
      case 'array':
        return this.#next(LISTS[items ?? 'any'], place);
    }
    if (OWN_IDS.includes(name) || OWN_IDS.includes(place)) return this.#uuid();
    if (/_id$|_by$/.test(name)) return oneOfThree(name, this.#turn(place));
    return TEXTS[(this.#turn('text') * 7 + 3) % TEXTS.length];
  }

  /** A moment. Those of a field keep the order of their making, and one of them is the midnight that filters name. */
  #moment(place) {
    const turn = this.#turn(place);
    if (place.endsWith('.published_at')) return new Date(BEGIN + Math.round(PUBLISHED[turn % PUBLISHED.length] * DAY)).toISOString();
    const early = Math.min(turn, 24);
    return new Date(BEGIN + (early * 59 * DAY) / 8 + (turn - early) * 60_001).toISOString();
  }

  /** So many records, of which the first has all fields and the second has nothing that can be left out. */
  records(record, count, fill) {
    return Array.from({ length: count }, (_, index) => this.record(record, fill ?? ['all', 'none'][index]));
  }
}

/** The id of one of three things of a kind. */
function oneOfThree(kind, turn) {
  return uuid(createHash('sha256').update(`${kind} ${turn % 3}`).digest('hex').slice(0, 32));
}

function uuid(hex) {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** The version and the account that all exports name. */
export const SOFTWARE_VERSION = '4.2.0-β';
export const ACCOUNT_ID = oneOfThree('account', 0);

/** Values that a rule of their own makes, by record and field; the envelope is no record. */
const SPECIAL = {
  'undefined.export_version': () => '2',
  'undefined.version': () => '1.0',
  'undefined.software_version': () => SOFTWARE_VERSION,
  'undefined.account_id': () => ACCOUNT_ID,
  'User.role': () => 'member',
  'User.referralCredits': (turn) => turn * 3,
  'Trigger.input_content_type': (turn) => ['text/plain', 'application/json'][turn % 2],
  'Agent.prompt_model_auto_rollback_triggers': (turn) => [['agent_eval_fail', 'governance_block'], [], ['größer']][turn % 3],
  'Definition.name': () => 'Zoës agent',
  'Definition.description': (_, fill) => (fill === 'none' ? null : '要約する'),
  'Definition.tags': (turn) => LISTS.string[turn % 4],
  'Definition.steps': (turn, fill) => (fill === 'none' ? [] : [step(turn, 3), step(turn + 1, 1)]),
  'Schedule.frequency': (turn) => ['hourly', 'daily', 'weekly', 'monthly'][turn % 4],
  'Schedule.repeat_interval': (turn) => turn + 1,
  'Schedule.day_of_week': (turn) => (turn % 2 === 0 ? turn % 7 : null),
  'Schedule.day_of_month': (turn) => (turn % 2 === 0 ? null : 1 + (turn % 31)),
  'Schedule.hour_of_day': (turn) => turn % 24,
  'Schedule.minute_of_hour': (turn) => (turn * 15) % 60,
  'Schedule.weekday_of_month': (turn) => (turn % 3 === 0 ? 2 : null),
  'SolutionEntry.metadata': (turn) => [null, ...OBJECTS][turn % 5],
};

/** A step of a workflow with steps inside, so many levels deep. What only some steps have stands behind what all have. */
function step(turn, levels) {
  return {
    id: `step-${turn}-${levels}`,
    step_type: ['prompt_call', 'retrieval', 'gate'][(turn + levels) % 3],
    steps: levels > 1 ? [step(turn, levels - 1), step(turn + 1, levels - 1)] : [],
    prompt: TEXTS[(turn * 5 + levels) % TEXTS.length],
    temperature: 0.1,
  };
}

/** Records of a table, so many, in the order of their making. */
export function recordsOf(name, count, seed = 1) {
  const [{ record }] = reference[name].envelope.filter((member) => member.record !== undefined);
  return new Maker(name, seed).records(record, count);
}

/** Documents of a nested type, so many, with every member in the order in which the reference's tables name them. */
export function documentsOf(name, count, seed = 1) {
  const maker = new Maker(name, seed);
  return Array.from({ length: count }, (_, index) => maker.record(undefined, ['all', 'none'][index]));
}

/** All values at a path, through whatever arrays stand on the way. */
export function at(value, path) {
  const inner = [value].flat().filter((item) => item !== null);
  const [name, ...rest] = path;
  return name === undefined ? inner : inner.flatMap((item) => at(item[name] ?? [], rest));
}

/** As many documents as it takes for every value and every null to be there. */
export function allDocuments(name) {
  return documentsOf(name, name === 'agent_definition' ? 8 : 6);
}

/** A copy of a value in which `change` was done to the first record that holds what the path leads to. */
export function changed(value, path, change) {
  const copy = structuredClone(value);
  const record = path.slice(0, -1).reduce((inner, name) => [inner[name]].flat()[0], [copy].flat()[0]);
  change(record, path.at(-1));
  return copy;
}

/** What agents produced, of which the guide names the formats alone; a data table has whatever columns it has. */
export const PRODUCED = {
  data_table: [
    { Name: 'Item A', Value: '100', 'größer': '=1+1' },
    { Name: '製品', Value: '007', 'größer': null },
  ],
  conversation: [
    { id: 'm1', role: 'user', content: '=1+1', model: null, metadata: { tokens: 0.1 }, created_at: '2026-01-01T00:00:00.000Z' },
    { id: 'm2', role: 'assistant', content: null, model: 'größer', metadata: null, created_at: '2026-01-02T00:00:00.000Z' },
  ],
  analysis: [
    { id: 'a1', title: 'Übersicht', output_type: 'figure', content: null, value: 1e21, unit: '€', details: {}, created_at: '2026-01-01T00:00:00.000Z' },
    { id: 'a2', title: null, output_type: null, content: '製品', value: null, unit: null, details: null, created_at: '2026-01-02T00:00:00.000Z' },
  ],
};
