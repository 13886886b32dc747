// @ts-check
// Ids: UUID version 7 in lowercase (PROTOCOL 1, RFC 9562 §5.7). Time and randomness are passed in.

import { toHex } from "./hex.js";

const FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/**
 * Make an id.
 * @param {number} ms since 1970 UTC
 * @param {Uint8Array} random ten bytes
 */
export function uuid7(ms, random) {
  if (random.length !== 10) throw new RangeError("an id needs ten random bytes");
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(ms / 0x10000));
  view.setUint16(4, ms % 0x10000);
  bytes.set(random, 6);
  bytes[6] = 0x70 | (view.getUint8(6) & 0x0f);
  bytes[8] = 0x80 | (view.getUint8(8) & 0x3f);
  const hex = toHex(bytes);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/**
 * Say whether a value is an id.
 * @param {unknown} value
 * @returns {value is string}
 */
export function isId(value) {
  return typeof value === "string" && FORM.test(value);
}
