// @ts-check
// Public keys and their names (PROTOCOL 2, RFC 7638).

import { encode, isBase64url } from "./base64url.js";

/** @import { Jwk, CryptoPort } from "./port.js" */

/**
 * Say whether a value is the public half of a P-256 key with exactly the four members. That x and y are a point of the
 * curve shows only when the key is used.
 * @param {unknown} value
 * @returns {value is Jwk}
 */
export function isJwk(value) {
  if (typeof value !== "object" || value === null) return false;
  const { crv, kty, x, y } = /** @type {Record<string, unknown>} */ (value);
  const names = Object.keys(value).sort().join();
  return names === "crv,kty,x,y" && crv === "P-256" && kty === "EC" && isBase64url(x, 32) && isBase64url(y, 32);
}

/**
 * Name a key: the `kid`.
 * @param {Jwk} jwk
 * @param {Pick<CryptoPort, "digest">} crypto
 */
export async function thumbprint(jwk, crypto) {
  const text = `{"crv":"P-256","kty":"EC","x":"${jwk.x}","y":"${jwk.y}"}`;
  return encode(await crypto.digest(new TextEncoder().encode(text)));
}

/**
 * Say whether a value is a kid.
 * @param {unknown} value
 * @returns {value is string}
 */
export function isKid(value) {
  return isBase64url(value, 32);
}
