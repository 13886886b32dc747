// @ts-check
// base64url without padding (RFC 4648 §5), canonical: one byte string has exactly one text (PROTOCOL 1).

import { Refusal } from "./refusal.js";

/** @import { Bytes } from "./port.js" */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const CHUNK_LENGTH = 0x2000;

const VALUE = new Int8Array(128).fill(-1);
for (let at = 0; at < ALPHABET.length; at += 1) VALUE[ALPHABET.charCodeAt(at)] = at;

/**
 * Write bytes as base64url.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function encode(bytes) {
  const parts = [];
  for (let at = 0; at < bytes.length; at += CHUNK_LENGTH) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + CHUNK_LENGTH)));
  }
  return btoa(parts.join("")).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/**
 * Read base64url, refusing padding, other alphabets and non-zero trailing bits.
 * @param {string} text
 * @returns {Bytes}
 */
export function decode(text) {
  const rest = text.length % 4;
  if (rest === 1) throw new Refusal("not-base64url", "impossible length");
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let written = 0;
  let buffer = 0;
  let bits = 0;
  for (let at = 0; at < text.length; at += 1) {
    buffer = ((buffer & 0xfff) << 6) | valueAt(text, at);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[written] = (buffer >> bits) & 0xff;
      written += 1;
    }
  }
  if ((buffer & ((1 << bits) - 1)) !== 0) throw new Refusal("not-base64url", "trailing bits are not zero");
  return bytes;
}

/**
 * Say whether a text is canonical base64url of exactly so many bytes.
 * @param {unknown} text
 * @param {number} length in bytes
 */
export function isBase64url(text, length) {
  if (typeof text !== "string" || text.length !== Math.ceil((length * 4) / 3)) return false;
  try {
    return decode(text).length === length;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/**
 * @param {string} text
 * @param {number} at
 */
function valueAt(text, at) {
  const code = text.charCodeAt(at);
  const value = code < 128 ? /** @type {number} */ (VALUE[code]) : -1;
  if (value < 0) throw new Refusal("not-base64url", `character ${at} is not of the alphabet`);
  return value;
}
