// @ts-check
// Opening with WebCrypto as the core wants it (core/port.js): what only a reader's browser does.

import { digest } from "../device/crypto.js";

/** @import { Bytes, Jwk, OpeningPort, PrivateJwk } from "../core/port.js" */

const ECDH = { name: "ECDH", namedCurve: "P-256" };

/** Make a key that may be written to a file. @returns {Promise<PrivateJwk>} */
export async function makeReaderKey() {
  const { privateKey } = await crypto.subtle.generateKey(ECDH, true, ["deriveBits"]);
  const { x = "", y = "", d = "" } = await crypto.subtle.exportKey("jwk", privateKey);
  return { crv: "P-256", kty: "EC", x, y, d };
}

/** @param {PrivateJwk} jwk @param {Jwk} epk */
async function agreeWith(jwk, epk) {
  const own = await crypto.subtle.importKey("jwk", { ...jwk }, ECDH, false, ["deriveBits"]);
  const other = await crypto.subtle.importKey("jwk", { ...epk }, ECDH, true, []);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: "ECDH", public: other }, own, 256));
}

/** @param {Bytes} wrapper @param {Bytes} wrapped */
async function unwrap(wrapper, wrapped) {
  const over = await crypto.subtle.importKey("raw", wrapper, "AES-KW", false, ["unwrapKey"]);
  return orNull(async () => {
    const key = await crypto.subtle.unwrapKey("raw", wrapped, over, "AES-KW", { name: "AES-GCM" }, true, ["decrypt"]);
    return new Uint8Array(await crypto.subtle.exportKey("raw", key));
  });
}

/** @param {Bytes} key @param {Bytes} iv @param {Bytes} aad @param {Bytes} sealed */
async function decrypt(key, iv, aad, sealed) {
  const inner = await crypto.subtle.importKey("raw", key, { name: "AES-GCM" }, false, ["decrypt"]);
  return orNull(async () => new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: aad, tagLength: 128 }, inner, sealed)));
}

/** What does not fit is null; anything else stays an error. @param {() => Promise<Bytes>} work */
async function orNull(work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DOMException && (error.name === "OperationError" || error.name === "DataError")) return null;
    throw error;
  }
}

/** @param {Bytes} word @param {Bytes} salt @param {number} count */
async function stretch(word, salt, count) {
  const base = await crypto.subtle.importKey("raw", word, "PBKDF2", false, ["deriveBits"]);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-512", salt, iterations: count }, base, 256));
}

/** @type {OpeningPort} */
export const opening = { digest, agreeWith, unwrap, decrypt, stretch };
