// @ts-check
// Encrypting to an archive, piece by piece (PROTOCOL 11, RFC 7516): ECDH-ES+A256KW with A256GCM. A phone only encrypts.

import { encode } from "./base64url.js";

/** @import { Bytes, Jwk, SecrecyPort } from "./port.js" */

/** So many bytes at most stand in one piece. */
export const PIECE_BYTES = 1024 * 1024;
const ALG = "ECDH-ES+A256KW";
const TAG_BYTES = 16;

/**
 * @typedef {object} Place where a piece belongs; authenticated with it
 * @property {string} of package and part
 * @property {string} name of the member
 * @property {number} total pieces of that thing
 */

/**
 * Encrypt a piece so that only the holder of the key opens it, and only in its place.
 * @param {{kid: string, jwk: Jwk}} recipient
 * @param {Place} place
 * @param {Bytes} bytes
 * @param {SecrecyPort} port
 * @returns {Promise<string>} compact JWE
 */
export async function encrypt(recipient, { of, name, total }, bytes, port) {
  if (bytes.length > PIECE_BYTES) throw new RangeError("more than a piece");
  const { agreed, epk } = await port.agree(recipient.jwk);
  const wrapper = await port.digest(concat(numbered(1), agreed, labelled(ALG), numbered(0), numbered(0), numbered(256)));
  const key = port.random(32);
  const iv = port.random(12);
  const { kid } = recipient;
  const header = JSON.stringify({ alg: ALG, enc: "A256GCM", kid, typ: "fieldapp-piece", of, name, total, epk: ordered(epk) });
  const head = encode(utf8(header));
  const sealed = await port.encrypt(key, iv, utf8(head), bytes);
  const behind = sealed.length - TAG_BYTES;
  const wrapped = encode(await port.wrap(wrapper, key));
  return [head, wrapped, encode(iv), encode(sealed.subarray(0, behind)), encode(sealed.subarray(behind))].join(".");
}

/** @param {Jwk} jwk @returns {Jwk} */
function ordered({ crv, kty, x, y }) {
  return { crv, kty, x, y };
}

/** A text with its length before it (RFC 7518 §4.6.2). @param {string} text */
function labelled(text) {
  return concat(numbered(text.length), utf8(text));
}

/** @param {number} value @returns {Bytes} 32 bits, big-endian */
function numbered(value) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** @param {...Uint8Array} parts @returns {Bytes} */
function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @param {string} text @returns {Bytes} */
function utf8(text) {
  return new TextEncoder().encode(text);
}
