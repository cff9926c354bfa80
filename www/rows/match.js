import { cellText, isMissing } from './cell-text.js';

const COMPARISON = /^(<=|>=|!=|<|>|=)\s*(.*)$/s;

/**
 * A test of rows, or `undefined` where every row passes it.
 *
 * @param {string} text words that all have to stand somewhere in the row
 * @param {Map<number, string>} columnTexts by column: a part of the cell, or a comparison such as `>= 3`
 */
export function rowTest(text, columnTexts) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const tests = [...columnTexts]
    .filter(([, wanted]) => wanted.trim() !== '')
    .map(([column, wanted]) => [column, cellTest(wanted.trim())]);
  if (words.length === 0 && tests.length === 0) return undefined;
  return (cells) => {
    if (!tests.every(([column, test]) => test(cells[column]))) return false;
    if (words.length === 0) return true;
    const texts = Array.from(cells, lowered);
    return words.every((word) => texts.some((cell) => cell.includes(word)));
  };
}

function cellTest(wanted) {
  const [, operator, operand] = wanted.match(COMPARISON) ?? [];
  // While a comparison is being typed it has no operand yet, and holds for all.
  if (operator !== undefined) return operand === '' ? () => true : comparison(operator, operand);
  const part = wanted.toLowerCase();
  return (value) => lowered(value).includes(part);
}

function comparison(operator, operand) {
  const text = operand.toLowerCase();
  const number = Number(operand);
  const order = (value) => {
    const exact = lowered(value);
    const numeric = !Number.isNaN(number) && exact !== '' && !Number.isNaN(Number(exact));
    return numeric ? Number(exact) - number : Number(exact > text) - Number(exact < text);
  };
  switch (operator) {
    case '=':
      return (value) => order(value) === 0;
    case '!=':
      return (value) => order(value) !== 0;
    case '<':
      return (value) => !isMissing(value) && order(value) < 0;
    case '<=':
      return (value) => !isMissing(value) && order(value) <= 0;
    case '>':
      return (value) => !isMissing(value) && order(value) > 0;
    default:
      return (value) => !isMissing(value) && order(value) >= 0;
  }
}

function lowered(value) {
  return cellText(value).toLowerCase();
}
