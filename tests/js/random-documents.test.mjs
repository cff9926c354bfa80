// Documents of any spelling, sound and damaged, go through the built engine in one piece and in chunks, and come out as a
// plain implementation writes them; what JSON.parse refuses is refused. tests/engine/differential.rs is its like in Rust.
import assert from 'node:assert/strict';
import test from 'node:test';
import { exportFile, exportStream } from '../../pkg/load/node.js';
import { streamOf } from './cases.mjs';
import { NOT_TABULAR, plain, Random, read, Table } from './plain.mjs';

const KEYS = ['id', 'a', 'ab', 'abc', 'abcdefg', 'abcdefgh', 'abcdefgh":', 'abcdefghijklmnop', '', ' ', 'é', '日本語', '😀', 'say "hi"', 'back\\slash', 'line\nbreak', '\u0001', 'items', '__proto__', '=1+1', 'ID', '1', 'long '.repeat(40)];
const STARTS = ['=', '+', '-', '@', "'=", ' =', '\t', '\u00A0@', '\u3000', '\uFEFF', '＝', 'ID', '\\.', '+1 23', '-1.5e3', '-5%'];
const WIDE = ['é', '\u07ff', '\u0800', '日', '\u2028', '\ufffd', '😀', '\u{10ffff}'];
const SPACES = [' ', '  ', '\n', '\t', '\r\n', ' '.repeat(18)];

/** Writes one document. */
class Writer {
  #random;
  #space;

  constructor(random) {
    this.#random = random;
    this.#space = random.of(['', '', 'indented', 'random']);
  }

  document(mostRows) {
    const keys = Array.from({ length: 1 + this.#random.below(6) }, () => this.#random.of(KEYS));
    const rows = Array.from({ length: this.#random.below(mostRows + 1) }, () => () => this.#record(keys, 1));
    const shape = this.#random.below(12);
    if (shape === 0) return this.#record(keys.filter((key) => key !== 'items'), 0);
    if (shape === 1) return this.#around('{', '}', [() => `"items":${this.#around('[', ']', rows, 1)}`], 0);
    return this.#gap() + this.#around('[', ']', rows, 0) + this.#gap();
  }

  #gap() {
    return this.#space === 'random' && this.#random.below(3) === 0 ? this.#random.of(SPACES) : '';
  }

  #around(open, close, parts, depth) {
    const line = this.#space === 'indented' ? `\n${'  '.repeat(depth)}` : '';
    const inner = line && `${line}  `;
    const written = parts.map((part) => inner + this.#gap() + part() + this.#gap());
    return `${open}${written.join(`,`)}${line}${this.#gap()}${close}`;
  }

  #record(usual, depth) {
    const keys = [...usual];
    const at = this.#random.below(keys.length || 1);
    switch (this.#random.below(14)) {
      case 0: keys.reverse(); break;
      case 1: keys.splice(at, 1); break;
      case 2: keys.splice(at, 0, this.#random.of(KEYS)); break;
      case 3: keys.splice(at, 0, ...keys.slice(0, 1)); break;
      case 4: keys.length = at; break;
      case 5: keys.splice(0, at); break;
    }
    const members = keys.map((key) => () => `${this.#string(key)}${this.#gap()}:${this.#space === 'indented' ? ' ' : this.#gap()}${this.#value(depth + 1)}`);
    return this.#around('{', '}', members, depth);
  }

  #value(depth) {
    const random = this.#random;
    switch (random.below(depth > 4 ? 12 : 14)) {
      case 0: return random.of(['null', 'true', 'false']);
      case 1: return random.of(['0', '-0', '1E5', '1e+05', '-0.0', '12345678901234567890', '1e999', '0.1e-7', '9'.repeat(40)]);
      case 2:
      case 3: return String((random.below(2 ** 31) - 2 ** 30) / random.of([1, 1, 8, 1000]));
      case 12: return this.#around('[', ']', Array.from({ length: random.below(4) }, () => () => this.#value(depth + 1)), depth);
      case 13: return this.#record([random.of(KEYS), random.of(KEYS)], depth);
      default: return this.#string(this.#text());
    }
  }

  #text() {
    const random = this.#random;
    const length = random.below(4) === 0 ? random.of([0, 1, 15, 16, 17, 31, 32, 33, 48, 64]) : random.below(70);
    const odd = random.of([0, 0, 3, 30]);
    let text = random.below(6) === 0 ? random.of(STARTS) : '';
    while (text.length < length) {
      if (random.below(100) >= odd) text += String.fromCharCode(97 + random.below(26));
      else text += random.below(2) === 0 ? String.fromCharCode(random.below(128)) : random.of(WIDE);
    }
    return text;
  }

  #string(text) {
    const escapes = this.#random.below(8) === 0;
    const unit = (code) => `\\u${code.toString(16).padStart(4, '0')}`;
    const characters = [...text].map((character) => {
      if (!escapes || this.#random.below(6) > 0) return JSON.stringify(character).slice(1, -1);
      return Array.from({ length: character.length }, (_, index) => unit(character.charCodeAt(index))).join('');
    });
    return `"${characters.join('')}"`;
  }
}

const BYTES = Buffer.from('""\\\\{}[],,:: \n\t\r\0\x1f\x7f0123456789-+.eEtrufalsn/x', 'latin1');

/** Breaks a text in one place or two, or makes it another that is still sound. */
function damage(random, sound) {
  let text = sound;
  for (let times = random.below(5) === 0 ? 2 : 1; times > 0; times -= 1) {
    let at = random.below(text.length + 1);
    if (random.below(4) === 0) at = Math.max((at & ~15) - random.below(2), 0);
    const byte = [random.below(3) === 0 ? random.below(256) : random.of(BYTES)];
    const [put, cut] = random.of([[byte, 1], [byte, 0], [[], 1], [[], random.below(20)], [text.subarray(at, at + random.below(20)), 0]]);
    text = Buffer.concat([text.subarray(0, at), Buffer.from(put), text.subarray(at + cut)]);
  }
  return text;
}

const FORMATS = [
  [{ format: 'csv' }, (table) => table.csv()],
  [{ format: 'csv', csv: { delimiter: ';', quote: "'", terminator: '\n', formulaGuard: false } }, (table) => table.csv({ delimiter: ';', quote: "'", terminator: '\n', formulaGuard: false })],
  [{ format: 'csv', csv: { delimiter: 'e', quoteStyle: 'non_numeric' } }, (table) => table.csv({ delimiter: 'e', quoteStyle: 'nonNumeric' })],
  [{ format: 'json' }, (table) => table.json()],
  [{ format: 'json', json: { pretty: false } }, (table) => table.json(false)],
  [{ format: 'jsonl' }, (table) => table.jsonLines()],
];

/** The file, or the error's code with its place. */
async function outcome(making) {
  try {
    return await making();
  } catch ({ code, row, details, message }) {
    return { code, row, details, message };
  }
}

/** What comes of a document: the same in one piece, in chunks, and now and then byte by byte. */
async function inEveryWay(bytes, options, random) {
  const whole = await outcome(async () => (await exportFile(bytes, options)).text());
  const bytewise = bytes.length < 150 || random.below(10) === 0 ? [Array(bytes.length).fill(1)] : [];
  for (const lengths of [random.cuts(bytes.length, random.of([17, 40, 300])), ...bytewise]) {
    const cut = await outcome(() => new Response(exportStream(streamOf(bytes, lengths), options)).text());
    assert.deepEqual(cut, whole, bytes.toString());
  }
  return whole;
}

async function check(bytes, [options, write], random) {
  const found = await inEveryWay(bytes, options, random);
  const expected = plain(bytes, write);
  const place = `${JSON.stringify(options)}: ${bytes}`;
  if (expected === undefined) assert.notEqual(found.code, 'invalid_json', place);
  else if (expected === 'invalid_json' || expected === NOT_TABULAR) assert.equal(found.code, expected, place);
  else assert.equal(found, expected.file, place);
  return expected;
}

test('sound documents', async () => {
  const random = new Random(20260102);
  for (let round = 0; round < 1200; round += 1) {
    const text = new Writer(random).document(round % 40 === 0 ? 150 : 8);
    const expected = await check(Buffer.from(text), random.of(FORMATS), random);
    assert.notEqual(expected, 'invalid_json', text);
  }
});

test('damaged documents', async () => {
  const random = new Random(20260103);
  const count = { refused: 0, taken: 0 };
  for (let round = 0; round < 400; round += 1) {
    const sound = Buffer.from(new Writer(random).document(5));
    const format = random.of(FORMATS);
    for (let times = 0; times < 8; times += 1) {
      const expected = await check(damage(random, sound), format, random);
      count[expected === 'invalid_json' ? 'refused' : 'taken'] += 1;
    }
  }
  assert.equal(count.refused > 1000 && count.taken > 500, true, JSON.stringify(count));
});

test('many records, in chunks around those that the package cuts itself', async () => {
  const random = new Random(20260104);
  const writer = new Writer(random);
  const records = Array.from({ length: 9000 }, (_, index) => {
    const odd = random.below(30) === 0 ? writer.document(2) : '"plain"';
    return `{"id":${index},"name":"${'n'.repeat(random.below(50))}","odd":${odd},"last":${index / 8}}`;
  });
  const bytes = Buffer.from(`[${records}]`);
  assert.equal(bytes.length > 4 * 65536, true);
  const table = Table.of(read(bytes.toString()));
  for (const [options, write] of FORMATS) {
    const expected = write(table);
    assert.equal((await (await exportFile(bytes, options)).text()) === expected, true, JSON.stringify(options));
    for (const size of [1000, 65535, 65536, 65537, 262143, 262145]) {
      const lengths = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => Math.min(size, bytes.length - index * size));
      const found = await new Response(exportStream(streamOf(bytes, lengths), options)).text();
      assert.equal(found === expected, true, `${JSON.stringify(options)} in chunks of ${size}`);
    }
  }
});
