/** A number whose digits a JavaScript number would change, such as an id of twenty digits or `1.50`. */
export class ExactNumber {
  constructor(text) {
    this.text = text;
  }

  valueOf() {
    return Number(this.text);
  }
}

/** What a cell reads as; empty where it is missing or null. */
export function cellText(value) {
  if (value === null || value === undefined) return '';
  if (value instanceof ExactNumber) return value.text;
  return typeof value === 'object' ? JSON.stringify(value, exactNumbersAsText) : String(value);
}

export function isNumber(value) {
  return typeof value === 'number' || value instanceof ExactNumber;
}

export function isMissing(value) {
  return value === null || value === undefined;
}

function exactNumbersAsText(_key, value) {
  if (!(value instanceof ExactNumber)) return value;
  return JSON.rawJSON?.(value.text) ?? value.text;
}
