// @ts-check
// Encrypting with WebCrypto as the core wants it (core/port.js). Works in pages and workers of a secure context.

import { digest, publicJwk, random } from "./crypto.js";

/** @import { Bytes, Jwk, SecrecyPort } from "../core/port.js" */

const ECDH = { name: "ECDH", namedCurve: "P-256" };

/**
 * Agree on a secret with a public key by a key of this moment.
 * @param {Jwk} jwk
 * @param {CryptoKeyPair} [pair] of this moment
 */
export async function agree(jwk, pair) {
  const own = pair ?? (await crypto.subtle.generateKey(ECDH, false, ["deriveBits"]));
  const other = await crypto.subtle.importKey("jwk", { ...jwk }, ECDH, true, []);
  const bits = await crypto.subtle.deriveBits({ name: "ECDH", public: other }, own.privateKey, 256);
  return { agreed: new Uint8Array(bits), epk: await publicJwk(own.publicKey) };
}

/**
 * @param {Bytes} wrapper
 * @param {Bytes} key
 */
async function wrap(wrapper, key) {
  const over = await crypto.subtle.importKey("raw", wrapper, "AES-KW", false, ["wrapKey"]);
  const inner = await crypto.subtle.importKey("raw", key, { name: "AES-GCM" }, true, ["encrypt"]);
  return new Uint8Array(await crypto.subtle.wrapKey("raw", inner, over, "AES-KW"));
}

/**
 * @param {Bytes} key
 * @param {Bytes} iv
 * @param {Bytes} aad
 * @param {Bytes} bytes
 */
async function encrypt(key, iv, aad, bytes) {
  const inner = await crypto.subtle.importKey("raw", key, { name: "AES-GCM" }, false, ["encrypt"]);
  return new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: aad, tagLength: 128 }, inner, bytes));
}

/** @type {SecrecyPort} */
export const secrecy = { digest, random, agree: (jwk) => agree(jwk), wrap, encrypt };
