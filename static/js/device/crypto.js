// @ts-check
// WebCrypto as the core wants it (core/port.js). Works in pages and workers of a secure context.

/** @import { Bytes, CryptoPort, Jwk } from "../core/port.js" */

const EC = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };
const KEY_LIMIT = 200;

/** @type {Map<string, CryptoKey>} imported keys by x and y, oldest first */
const imported = new Map();

/**
 * Compute SHA-256.
 * @param {Bytes} bytes
 * @returns {Promise<Bytes>}
 */
export async function digest(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/**
 * Check an ES256 signature; false also when the key is no point of the curve.
 * @param {Jwk} jwk
 * @param {Bytes} bytes
 * @param {Bytes} signature 64 bytes r‖s
 */
export async function verify(jwk, bytes, signature) {
  const key = await importKey(jwk);
  return key !== null && crypto.subtle.verify(SIGNATURE, key, signature, bytes);
}

/**
 * Sign with ES256: 64 bytes r‖s.
 * @param {CryptoKey} key private
 * @param {Bytes} bytes
 * @returns {Promise<Bytes>}
 */
export async function sign(key, bytes) {
  return new Uint8Array(await crypto.subtle.sign(SIGNATURE, key, bytes));
}

/**
 * Draw random bytes.
 * @param {number} length
 * @returns {Bytes}
 */
export function random(length) {
  return crypto.getRandomValues(new Uint8Array(length));
}

/**
 * Make a key pair whose private half cannot leave this browser.
 * @returns {Promise<CryptoKeyPair>}
 */
export async function makePair() {
  return crypto.subtle.generateKey(EC, false, ["sign", "verify"]);
}

/**
 * Write the public half as the four members a kid is made of.
 * @param {CryptoKey} key public
 * @returns {Promise<Jwk>}
 */
export async function publicJwk(key) {
  const { x = "", y = "" } = await crypto.subtle.exportKey("jwk", key);
  return { crv: "P-256", kty: "EC", x, y };
}

/**
 * @param {Jwk} jwk
 * @returns {Promise<CryptoKey | null>}
 */
async function importKey({ x, y }) {
  const known = imported.get(`${x}.${y}`);
  if (known !== undefined) return known;
  try {
    const key = await crypto.subtle.importKey("jwk", { crv: "P-256", kty: "EC", x, y }, EC, true, ["verify"]);
    const oldest = imported.keys().next();
    if (imported.size >= KEY_LIMIT && !oldest.done) imported.delete(oldest.value);
    imported.set(`${x}.${y}`, key);
    return key;
  } catch (error) {
    if (error instanceof DOMException && error.name === "DataError") return null;
    throw error;
  }
}

/** @type {CryptoPort} */
export const webCrypto = { digest, verify, sign, random };
