// @ts-check
// The compact JWS that records and statements share (PROTOCOL 3 and 7): its form only, no key and no meaning.

import { decode, encode } from "./base64url.js";
import { isObject, parse } from "./ijson.js";
import { isKid } from "./jwk.js";
import { Refusal } from "./refusal.js";

/** @import { Bytes, CryptoPort, Json, JsonObject, Jwk } from "./port.js" */

const SIGNATURE_LENGTH = 64;

/**
 * @typedef {object} Sealed
 * @property {string} kid
 * @property {JsonObject} payload
 * @property {string} signing_input `header.payload` as it stands
 * @property {Bytes} signature r‖s
 */

/**
 * Take a compact JWS apart. Raises a Refusal for anything that is not exactly the form.
 * @param {string} jws
 * @param {string} typ
 * @returns {Sealed}
 */
export function open(jws, typ) {
  const parts = jws.split(".");
  if (parts.length !== 3) throw new Refusal("not-a-jws", "not three parts");
  const [header, body, seal] = /** @type {[string, string, string]} */ (parts);
  const kid = kidOf(header, typ);
  const payload = parse(decode(body));
  if (!isObject(payload)) throw new Refusal("not-a-jws", "the payload is not an object");
  const signature = decode(seal);
  if (signature.length !== SIGNATURE_LENGTH) throw new Refusal("not-a-jws", "the signature is not 64 bytes");
  return { kid, payload, signing_input: `${header}.${body}`, signature };
}

/**
 * Write the signing input: the bytes that are signed and hashed.
 * @param {string} typ
 * @param {string} kid
 * @param {Json} payload
 */
export function signingInput(typ, kid, payload) {
  const encoder = new TextEncoder();
  return `${encode(encoder.encode(headerText(typ, kid)))}.${encode(encoder.encode(JSON.stringify(payload)))}`;
}

/**
 * Put the signature behind its signing input.
 * @param {string} input
 * @param {Uint8Array} signature 64 bytes r‖s
 */
export function close(input, signature) {
  if (signature.length !== SIGNATURE_LENGTH) throw new RangeError("a signature has 64 bytes");
  return `${input}.${encode(signature)}`;
}

/**
 * Raise `bad-signature` unless the seal was made with this key.
 * @param {Pick<Sealed, "signing_input" | "signature">} sealed
 * @param {Jwk} jwk
 * @param {Pick<CryptoPort, "verify">} crypto
 */
export async function verify(sealed, jwk, crypto) {
  const bytes = new TextEncoder().encode(sealed.signing_input);
  const is_good = await crypto.verify(jwk, bytes, sealed.signature);
  if (!is_good) throw new Refusal("bad-signature", "the signature does not verify");
}

/**
 * @param {string} typ
 * @param {string} kid
 */
function headerText(typ, kid) {
  return `{"alg":"ES256","kid":"${kid}","typ":"${typ}"}`;
}

/**
 * @param {string} header in base64url
 * @param {string} typ
 */
function kidOf(header, typ) {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(decode(header));
  const kid = text.slice('{"alg":"ES256","kid":"'.length, -`","typ":"${typ}"}`.length);
  if (!isKid(kid) || text !== headerText(typ, kid)) throw new Refusal("not-a-jws", "not the header of this form");
  return kid;
}
