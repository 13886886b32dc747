// @ts-check
// The sealed record (PROTOCOL 3): built once, read strictly, never rewritten.

import { isBase64url } from "./base64url.js";
import { isHash, toHex } from "./hex.js";
import { isObject } from "./ijson.js";
import { isInstant } from "./instant.js";
import { close, open, signingInput, verify as verifySeal } from "./jws.js";
import { Refusal } from "./refusal.js";
import { isId } from "./uuid7.js";

/** @import { Bytes, CryptoPort, Json, JsonObject, Jwk } from "./port.js" */
/** @import { Sealed } from "./jws.js" */

export const TYP = "fieldapp-record";
export const SIZE_LIMIT_BYTES = 262_144;
export const SUPERSEDES_LIMIT = 16;

const PERSON = /^[a-z0-9][a-z0-9-]{0,39}$/;
const KIND = /^[a-z][a-z_]{0,31}$/;
const STREAM = /^(?:keys|commons|(?:project|unit|team|official):(.*))$/;
const BEACON = /^[\u0000-\u007f]{1,2000}$/;
const CLOCK_MEMBERS = "checked_at,offset_ms";

/** @typedef {{offset_ms: number, checked_at: string}} Clock archive clock minus phone clock at the last contact */

/**
 * @typedef {object} Payload
 * @property {string} id
 * @property {string} kind
 * @property {number} v
 * @property {string} stream
 * @property {string} entity
 * @property {string[]} supersedes
 * @property {string} author
 * @property {number} counter
 * @property {string} captured_at
 * @property {Clock | null} clock
 * @property {string | null} beacon
 * @property {string} salt
 * @property {JsonObject} body
 */

/** @typedef {Payload & {hash: string, kid: string, jws: string, signing_input: string, signature: Bytes}} SealedRecord */

/** @type {Record<keyof Payload, (value: Json | undefined) => boolean>} */
const FORM = {
  id: isId,
  kind: isKind,
  v: (value) => isInteger(value) && value >= 1,
  stream: isStream,
  entity: isId,
  supersedes: isHashList,
  author: isPerson,
  counter: (value) => isInteger(value) && value >= 0,
  captured_at: isInstant,
  clock: isClock,
  beacon: isBeacon,
  salt: (value) => isBase64url(value, 16),
  body: isObject,
};
const MEMBERS = Object.keys(FORM).sort().join();

/**
 * Write the signing input of a record. Raises a Refusal when the payload is not the form, so that nothing is signed
 * which no archive would take.
 * @param {Payload} payload
 * @param {string} kid
 */
export function build(payload, kid) {
  const input = signingInput(TYP, kid, /** @type {JsonObject} */ (/** @type {unknown} */ (payload)));
  const unsigned = close(input, new Uint8Array(64));
  checkSize(unsigned);
  const { payload: read } = open(unsigned, TYP);
  checkPayload(read);
  return input;
}

/**
 * Put the signature behind its signing input.
 * @param {string} input from `build`
 * @param {Uint8Array} signature 64 bytes r‖s
 */
export function seal(input, signature) {
  return close(input, signature);
}

/**
 * Name a record: the hash of its signing input.
 * @param {string} input
 * @param {Pick<CryptoPort, "digest">} crypto
 */
export async function hashOf(input, crypto) {
  return toHex(await crypto.digest(new TextEncoder().encode(input)));
}

/**
 * Read a record. Raises a Refusal with reason `too-large` or `not-a-record`; says nothing about the signature.
 * @param {string | Uint8Array} source
 * @param {Pick<CryptoPort, "digest">} crypto
 * @returns {Promise<SealedRecord>}
 */
export async function parse(source, crypto) {
  const jws = asText(source);
  const { payload, kid, signing_input, signature } = openRecord(jws);
  const hash = await hashOf(signing_input, crypto);
  return { ...payload, hash, kid, jws, signing_input, signature };
}

/**
 * Raise `bad-signature` unless the record was sealed with this key.
 * @param {Pick<Sealed, "signing_input" | "signature">} record
 * @param {Jwk} jwk
 * @param {Pick<CryptoPort, "verify">} crypto
 */
export async function verify(record, jwk, crypto) {
  await verifySeal(record, jwk, crypto);
}

/**
 * Say whether a value names a person.
 * @param {Json | undefined} value
 * @returns {value is string}
 */
export function isPerson(value) {
  return typeof value === "string" && PERSON.test(value);
}

/**
 * Say whether a value names a stream.
 * @param {Json | undefined} value
 * @returns {value is string}
 */
export function isStream(value) {
  const match = typeof value === "string" ? STREAM.exec(value) : null;
  return match !== null && (match[1] === undefined || isId(match[1]));
}

/** @param {string | Uint8Array} source */
function asText(source) {
  const bytes = typeof source === "string" ? new TextEncoder().encode(source) : source;
  checkSize(bytes);
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  if (/[^\u0000-\u007f]/.test(text)) throw new Refusal("not-a-record", "not ASCII");
  return text;
}

/** @param {{length: number}} bytes ASCII text or bytes */
function checkSize(bytes) {
  if (bytes.length > SIZE_LIMIT_BYTES) throw new Refusal("too-large", `more than ${SIZE_LIMIT_BYTES} bytes`);
}

/**
 * @param {string} jws
 * @returns {Omit<Sealed, "payload"> & {payload: Payload}}
 */
function openRecord(jws) {
  try {
    const sealed = open(jws, TYP);
    return { ...sealed, payload: checkPayload(sealed.payload) };
  } catch (cause) {
    if (cause instanceof Refusal) throw new Refusal("not-a-record", cause.message, { cause });
    throw cause;
  }
}

/**
 * @param {JsonObject} payload
 * @returns {Payload}
 */
function checkPayload(payload) {
  if (Object.keys(payload).sort().join() !== MEMBERS) {
    throw new Refusal("not-a-record", "not exactly the thirteen members");
  }
  for (const [name, isFit] of Object.entries(FORM)) {
    if (!isFit(payload[name])) throw new Refusal("not-a-record", `${name} is not of its form`);
  }
  const checked = /** @type {Payload} */ (/** @type {unknown} */ (payload));
  if ((checked.supersedes.length === 0) !== (checked.entity === checked.id)) {
    throw new Refusal("not-a-record", "supersedes is empty exactly in the first record of an entity");
  }
  return checked;
}

/**
 * @param {Json | undefined} value
 * @returns {value is number}
 */
function isInteger(value) {
  return typeof value === "number" && Number.isSafeInteger(value);
}

/**
 * Say whether a value names a kind.
 * @param {Json | undefined} value
 * @returns {value is string}
 */
export function isKind(value) {
  return typeof value === "string" && KIND.test(value);
}

/**
 * Say whether a value is what `supersedes` may be.
 * @param {Json | undefined} value
 */
export function isHashList(value) {
  if (!Array.isArray(value) || value.length > SUPERSEDES_LIMIT || !value.every(isHash)) return false;
  return value.every((hash, at) => at === 0 || String(value[at - 1]) < String(hash));
}

/** @param {Json | undefined} value */
function isBeacon(value) {
  return value === null || (typeof value === "string" && BEACON.test(value));
}

/** @param {Json | undefined} value */
function isClock(value) {
  if (value === null) return true;
  if (value === undefined || !isObject(value)) return false;
  const is_whole = Object.keys(value).sort().join() === CLOCK_MEMBERS;
  return is_whole && isInteger(value["offset_ms"]) && isInstant(value["checked_at"]);
}

