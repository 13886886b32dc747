// @ts-check
// Statements (PROTOCOL 7): receipts and time tokens of the archive, and a phone's own request to be enrolled.
// A statement counts for nothing until `verify` has matched it with the pinned archive.

import { isHash } from "./hex.js";
import { isObject } from "./ijson.js";
import { isInstant } from "./instant.js";
import { isJwk, isKid } from "./jwk.js";
import { open, signingInput, verify as verifySeal } from "./jws.js";
import { SIZE_LIMIT_BYTES, isPerson, isStream } from "./record.js";
import { Refusal } from "./refusal.js";

/** @import { CryptoPort, Json, JsonObject, Jwk } from "./port.js" */
/** @import { Sealed } from "./jws.js" */

export const RECEIPT_TYP = "fieldapp-receipt";
export const TIME_TYP = "fieldapp-time";
export const ENROL_TYP = "fieldapp-enrol";
const LIMIT_FACTS = 200;
const LIMIT_LABEL_CHARS = 200;

/**
 * @typedef {object} Fact what the archive vouches for about one record
 * @property {string} hash
 * @property {string} stream
 * @property {number} position
 * @property {string} head of the stream at that position
 * @property {string} appended_at
 * @property {string | null} completed_at null while a required photo is missing
 * @property {string[]} held SHA-256 of all photo bytes, required or not, that came for the record and were read back; ascending
 */

/** @typedef {{archive: string, epoch: number, issued_at: string, facts: Fact[]}} Receipt */
/** @typedef {{archive: string, epoch: number, at: string, nonce: string}} TimeToken */
/**
 * @typedef {{archive: string, person: string, jwk: Jwk, beacon: string, label: string}} Enrol
 *   `archive` by its name; `beacon`: a fresh time token of it; `label` of the phone, at most 200 characters
 */
/** @typedef {Record<string, (value: Json | undefined) => boolean>} Form */

/** @type {Form} */
const FACT = {
  hash: isHash,
  stream: isStream,
  position: isCount,
  head: isHash,
  appended_at: isInstant,
  completed_at: (value) => value === null || isInstant(value),
  held: isAscending,
};
/** @type {Record<string, Form>} */
const FORM = {
  [RECEIPT_TYP]: {
    archive: isKid,
    epoch: isCount,
    issued_at: isInstant,
    facts: (value) => Array.isArray(value) && value.length <= LIMIT_FACTS && value.every((fact) => fits(fact, FACT)),
  },
  [TIME_TYP]: { archive: isKid, epoch: isCount, at: isInstant, nonce: isText },
  [ENROL_TYP]: {
    archive: isKid,
    person: isPerson,
    jwk: isJwk,
    beacon: isText,
    label: (value) => typeof value === "string" && [...value].length <= LIMIT_LABEL_CHARS,
  },
};

/**
 * Read a receipt and check that the pinned archive sealed it.
 * @param {string} jws
 * @param {{archive: string, keys: Record<string, Jwk>}} pinned the archive's name and all its keys by kid
 * @param {Pick<CryptoPort, "verify">} crypto
 * @returns {Promise<Receipt>}
 */
export async function readReceipt(jws, pinned, crypto) {
  return /** @type {Receipt} */ (/** @type {unknown} */ (await readPinned(jws, RECEIPT_TYP, pinned, crypto)));
}

/**
 * Read a time token and check that the pinned archive sealed it.
 * @param {string} jws
 * @param {{archive: string, keys: Record<string, Jwk>}} pinned
 * @param {Pick<CryptoPort, "verify">} crypto
 * @returns {Promise<TimeToken>}
 */
export async function readTime(jws, pinned, crypto) {
  return /** @type {TimeToken} */ (/** @type {unknown} */ (await readPinned(jws, TIME_TYP, pinned, crypto)));
}

/**
 * Write the signing input with which a new key asks to be enrolled.
 * @param {Enrol} enrol
 * @param {string} kid of the new key
 */
export function buildEnrol(enrol, kid) {
  return signingInput(ENROL_TYP, kid, /** @type {JsonObject} */ (/** @type {unknown} */ (enrol)));
}

/**
 * Read a statement's form. Raises `too-large` or `not-a-record`; says nothing about the signature.
 * @param {string} jws
 * @param {string} typ
 * @returns {Sealed}
 */
export function parse(jws, typ) {
  if (jws.length > SIZE_LIMIT_BYTES) throw new Refusal("too-large", `${jws.length} bytes, at most ${SIZE_LIMIT_BYTES}`);
  let sealed;
  try {
    sealed = open(jws, typ);
  } catch (cause) {
    if (cause instanceof Refusal) throw new Refusal("not-a-record", cause.message, { cause });
    throw cause;
  }
  if (!fits(sealed.payload, FORM[typ] ?? {})) throw new Refusal("not-a-record", `not the members of ${typ}`);
  return sealed;
}

/**
 * @param {string} jws
 * @param {string} typ
 * @param {{archive: string, keys: Record<string, Jwk>}} pinned
 * @param {Pick<CryptoPort, "verify">} crypto
 */
async function readPinned(jws, typ, pinned, crypto) {
  const sealed = parse(jws, typ);
  const jwk = pinned.keys[sealed.kid];
  if (jwk === undefined) throw new Refusal("unknown-key", "not a key of this archive");
  await verifySeal(sealed, jwk, crypto);
  if (sealed.payload["archive"] !== pinned.archive) throw new Refusal("wrong-archive", "of another archive");
  return sealed.payload;
}

/**
 * @param {Json} value
 * @param {Form} form
 */
function fits(value, form) {
  if (!isObject(value)) return false;
  const names = Object.keys(form);
  return Object.keys(value).length === names.length && names.every((name) => form[name]?.(value[name]));
}

/** @param {Json | undefined} value hashes in ascending order, none twice */
function isAscending(value) {
  if (!Array.isArray(value) || !value.every(isHash)) return false;
  return value.every((hash, at) => at === 0 || /** @type {string} */ (value[at - 1]) < /** @type {string} */ (hash));
}

/** @param {Json | undefined} value */
function isText(value) {
  return typeof value === "string";
}

/** @param {Json | undefined} value */
function isCount(value) {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 1;
}
