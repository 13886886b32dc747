// @ts-check
// Hashes as 64 lowercase hex digits (PROTOCOL 1).

import { Refusal } from "./refusal.js";

/** @import { Bytes } from "./port.js" */

const HASH = /^[0-9a-f]{64}$/;

/**
 * Say whether a value is a hash.
 * @param {unknown} value
 * @returns {value is string}
 */
export function isHash(value) {
  return typeof value === "string" && HASH.test(value);
}

/**
 * Write bytes as lowercase hex.
 * @param {Uint8Array} bytes
 */
export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Read a hash as 32 bytes.
 * @param {string} hash
 * @returns {Bytes}
 */
export function fromHash(hash) {
  if (!isHash(hash)) throw new Refusal("not-a-hash", "a hash has 64 lowercase hex digits");
  const bytes = new Uint8Array(32);
  for (let at = 0; at < 32; at += 1) bytes[at] = parseInt(hash.slice(at * 2, at * 2 + 2), 16);
  return bytes;
}
