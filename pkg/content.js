// Objects of which `JSON.stringify` writes `{}`, or their bytes by number, although they hold something.

/** Marks an object whose content cannot be written. */
export const LOST = Symbol('lost');

/** True where `JSON.stringify` writes what the object holds: its own members, or none where it is a plain object. */
export function isWhole(object) {
  const prototype = Object.getPrototypeOf(object);
  if (prototype === Object.prototype || prototype === null) return true;
  if (ArrayBuffer.isView(object) || object instanceof Map || object instanceof Set || object instanceof Error) return false;
  for (const key in object) if (Object.hasOwn(object, key)) return true;
  // A plain object may come from another window.
  return Object.getPrototypeOf(prototype) === null && toTag.call(object) === '[object Object]';
}

/**
 * What is written in place of an object that is no array: the object itself, a Map for its members, a Set for its items, a
 * text, or `LOST`. Bytes become Base64 (RFC 4648, section 4).
 */
export function contentOf(object) {
  if (isWhole(object) || object instanceof Map || object instanceof Set) return object;
  if (ArrayBuffer.isView(object)) return base64(new Uint8Array(object.buffer, object.byteOffset, object.byteLength));
  if (isBuffer(object)) return base64(new Uint8Array(object));
  if (typeof object.toString !== 'function' || object.toString === toTag) return LOST;
  const text = object.toString();
  return typeof text !== 'string' || text.startsWith('[object ') ? LOST : text;
}

const toTag = Object.prototype.toString;

function isBuffer(object) {
  return object instanceof ArrayBuffer || (typeof SharedArrayBuffer === 'function' && object instanceof SharedArrayBuffer);
}

// Arguments of one call: more may overflow the stack.
const CHARACTERS = 0x2000;

function base64(bytes) {
  let binary = '';
  for (let start = 0; start < bytes.length; start += CHARACTERS) {
    binary += String.fromCharCode(...bytes.subarray(start, start + CHARACTERS));
  }
  return btoa(binary);
}
