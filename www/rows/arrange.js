// Filter and sort as generators, so that a million rows can be arranged a slice of time at a time.
import { cellText, isMissing, isNumber } from './cell-text.js';

const STEP_ROWS = 512;
const STEP_MERGES = 4096;
const INTEGER = /^-?\d+$/;

const collator = new Intl.Collator('en', { numeric: true });

/**
 * The indices of the rows to show, in their order.
 *
 * @param rows the rows, such as `Records`
 * @param {object} how
 * @param {(cells: unknown[], index: number) => boolean} [how.keeps] default: every row
 * @param {{column: number, descending: boolean}} [how.sort] default: as they come
 * @returns {Generator<void, Uint32Array>}
 */
export function* arranged(rows, { keeps, sort }) {
  const kept = keeps === undefined ? upTo(rows.count) : yield* filtered(rows, keeps);
  return sort === undefined ? kept : yield* sortedBy(rows, kept, sort);
}

function* filtered(rows, keeps) {
  const kept = new Uint32Array(rows.count);
  let count = 0;
  for (let index = 0; index < rows.count; index += 1) {
    if (keeps(rows.cells(index), index)) kept[count++] = index;
    if (index % STEP_ROWS === 0) yield;
  }
  return kept.slice(0, count);
}

/** Equal rows keep their order, and rows without a value come last in both directions. */
function* sortedBy(rows, order, { column, descending }) {
  const values = [];
  const present = [];
  const missing = [];
  for (const index of order) {
    const value = rows.cells(index)[column];
    if (isMissing(value)) {
      missing.push(index);
    } else {
      present.push(index);
      values.push(value);
    }
    if ((present.length + missing.length) % STEP_ROWS === 0) yield;
  }
  const ranks = yield* ranksOf(values);
  const direction = descending ? -1 : 1;
  const sorted = yield* merged(upTo(present.length), (a, b) => direction * (ranks[a] - ranks[b]));
  const result = new Uint32Array(order.length);
  for (let at = 0; at < sorted.length; at += 1) result[at] = present[sorted[at]];
  result.set(missing, present.length);
  return result;
}

/** A number for each value that sorts as the value does, so that costly comparisons are made once per distinct value. */
function* ranksOf(values) {
  if (values.every((value) => typeof value === 'number')) return values;
  const places = new Map();
  const distinct = [];
  for (let index = 0; index < values.length; index += 1) {
    const key = `${isNumber(values[index]) ? 0 : 1}${cellText(values[index])}`;
    if (!places.has(key)) places.set(key, distinct.push(values[index]) - 1);
    values[index] = places.get(key);
    if (index % STEP_ROWS === 0) yield;
  }
  const order = yield* merged(upTo(distinct.length), (a, b) => compareValues(distinct[a], distinct[b]));
  const ranks = new Float64Array(distinct.length);
  for (let rank = 0; rank < order.length; rank += 1) ranks[order[rank]] = rank;
  for (let index = 0; index < values.length; index += 1) values[index] = ranks[values[index]];
  return values;
}

/** Numbers before texts. */
function compareValues(a, b) {
  const [first, second] = [isNumber(a), isNumber(b)];
  if (first !== second) return Number(second) - Number(first);
  if (!first) return collator.compare(cellText(a), cellText(b));
  return Number(a) - Number(b) || compareDigits(cellText(a), cellText(b));
}

/** Integers that are the same JavaScript number may still differ in their digits. */
function compareDigits(a, b) {
  if (!INTEGER.test(a) || !INTEGER.test(b)) return 0;
  return Number(BigInt(a) - BigInt(b));
}

/** 0, 1, 2, … */
function upTo(count) {
  const numbers = new Uint32Array(count);
  for (let index = 0; index < count; index += 1) numbers[index] = index;
  return numbers;
}

/** A stable merge sort that can be left between any two comparisons. */
function* merged(items, compare) {
  let from = items;
  let to = new Uint32Array(items.length);
  let steps = 0;
  for (let width = 1; width < items.length; width *= 2) {
    for (let start = 0; start < items.length; start += 2 * width) {
      const middle = Math.min(start + width, items.length);
      const end = Math.min(start + 2 * width, items.length);
      for (let left = start, right = middle, at = start; at < end; at += 1) {
        const takeLeft = left < middle && (right >= end || compare(from[left], from[right]) <= 0);
        to[at] = takeLeft ? from[left++] : from[right++];
        if ((steps += 1) % STEP_MERGES === 0) yield;
      }
    }
    [from, to] = [to, from];
  }
  return from;
}
