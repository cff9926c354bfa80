const encoder = new TextEncoder();

// Longer texts are encoded by the runtime, whose call costs as much as some fifty characters do here.
const SHORT = 64;

/**
 * Writes a text as UTF-8, for which there must be room, and gives the place behind it. Half a surrogate pair becomes
 * U+FFFD; where the text held one, the place comes as its complement, which is negative.
 *
 * Most cells are short: one by one they take two thirds of the time of joining them for one call of the runtime, and
 * their lengths are known in bytes.
 */
export function encode(text, bytes, at) {
  const { length } = text;
  if (length > SHORT) return encodeLong(text, bytes, at);
  for (let index = 0; index < length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) {
      bytes[at++] = unit;
    } else if (unit < 0x800) {
      bytes[at++] = 0xc0 | (unit >> 6);
      bytes[at++] = 0x80 | (unit & 0x3f);
    } else if (unit < 0xd800 || unit >= 0xe000) {
      bytes[at++] = 0xe0 | (unit >> 12);
      bytes[at++] = 0x80 | ((unit >> 6) & 0x3f);
      bytes[at++] = 0x80 | (unit & 0x3f);
    } else {
      // With surrogates the rest is left to the runtime.
      return encodeLong(text.slice(index), bytes, at);
    }
  }
  return at;
}

function encodeLong(text, bytes, at) {
  const { read, written } = encoder.encodeInto(text, bytes.subarray(at));
  const behind = at + written;
  return written === read || isWellFormed(text) ? behind : ~behind;
}

export function isWellFormed(text) {
  return text.isWellFormed?.() ?? !/\p{Surrogate}/u.test(text);
}
