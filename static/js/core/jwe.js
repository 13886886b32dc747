// @ts-check
// Encrypting to an archive, piece by piece (PROTOCOL 11, RFC 7516): ECDH-ES+A256KW with A256GCM; and letters to several persons (PROTOCOL 14).
// A phone only encrypts; letters are opened in their readers' browsers.

import { decode, encode } from "./base64url.js";
import { Refusal } from "./refusal.js";

/** @import { Bytes, Jwk, OpeningPort, PrivateJwk, SecrecyPort } from "./port.js" */

/** So many bytes at most stand in one piece. */
export const PIECE_BYTES = 1024 * 1024;
const ALG = "ECDH-ES+A256KW";
const ENC = "A256GCM";
const TAG_BYTES = 16;
const LETTER_TYP = "fieldapp-letter";
/** What is written is filled up to one of these: the size of a letter tells little of it. */
export const LETTER_BYTES = [4096, 16_384, 65_536];
const KEY_FILE_ALG = "PBES2-HS512+A256KW";
/** How often a passphrase is hashed; more than 300,000 is refused by the command line's library. */
const STRETCH = 300_000;

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
  const wrapper = await wrapperOf(agreed, port);
  const key = port.random(32);
  const iv = port.random(12);
  const { kid } = recipient;
  const header = JSON.stringify({ alg: ALG, enc: ENC, kid, typ: "fieldapp-piece", of, name, total, epk: ordered(epk) });
  const head = encode(utf8(header));
  const sealed = await port.encrypt(key, iv, utf8(head), bytes);
  const behind = sealed.length - TAG_BYTES;
  const wrapped = encode(await port.wrap(wrapper, key));
  return [head, wrapped, encode(iv), encode(sealed.subarray(0, behind)), encode(sealed.subarray(behind))].join(".");
}

/**
 * @typedef {{header: {alg: string, kid: string, epk: Jwk}, encrypted_key: string}} Recipient
 * @typedef {{protected: string, iv: string, ciphertext: string, tag: string, recipients: Recipient[]}} Letter
 */

/**
 * Write a letter that each of these keys opens.
 * @param {{kid: string, jwk: Jwk}[]} readers
 * @param {string} of what it belongs to; authenticated with it
 * @param {Record<string, unknown>} content
 * @param {SecrecyPort} port
 * @returns {Promise<Letter>} JWE, general JSON serialisation
 * @throws {RangeError} when it is more than a letter holds
 */
export async function writeLetter(readers, of, content, port) {
  const key = port.random(32);
  const iv = port.random(12);
  const head = encode(utf8(JSON.stringify({ enc: ENC, typ: LETTER_TYP, of })));
  const sealed = await port.encrypt(key, iv, utf8(head), filled(utf8(JSON.stringify(content))));
  const behind = sealed.length - TAG_BYTES;
  const recipients = [];
  for (const reader of [...readers].sort((a, b) => (a.kid < b.kid ? -1 : 1))) recipients.push(await recipientOf(reader, key, port));
  return { protected: head, iv: encode(iv), ciphertext: encode(sealed.subarray(0, behind)), tag: encode(sealed.subarray(behind)), recipients };
}

/** @param {{kid: string, jwk: Jwk}} reader @param {Bytes} key @param {SecrecyPort} port @returns {Promise<Recipient>} */
async function recipientOf({ kid, jwk }, key, port) {
  const { agreed, epk } = await port.agree(jwk);
  const wrapped = await port.wrap(await wrapperOf(agreed, port), key);
  return { header: { alg: ALG, kid, epk: ordered(epk) }, encrypted_key: encode(wrapped) };
}

/** @param {Bytes} text */
function filled(text) {
  const size = LETTER_BYTES.find((each) => text.length <= each);
  if (size === undefined) throw new RangeError("more than a letter holds");
  const bytes = new Uint8Array(size).fill(0x20);
  bytes.set(text);
  return bytes;
}

/**
 * Open a letter.
 * @param {Letter} letter
 * @param {{kid: string, jwk: PrivateJwk}} own
 * @param {string} of what it belongs to
 * @param {OpeningPort} port
 * @returns {Promise<Record<string, any>>}
 * @throws {Refusal} `other-key`, `misplaced`, `not-a-letter`
 */
export async function openLetter(letter, own, of, port) {
  const { typ, of: belongs, enc } = JSON.parse(text(decode(letter.protected)));
  const recipient = letter.recipients.find(({ header }) => header.kid === own.kid);
  if (typ !== LETTER_TYP || enc !== ENC) throw new Refusal("not-a-letter", "not the header of a letter");
  if (belongs !== of) throw new Refusal("misplaced", "a letter of something else");
  if (recipient === undefined) throw new Refusal("other-key", "not to this key");
  const agreed = await port.agreeWith(own.jwk, ordered(recipient.header.epk));
  const key = await port.unwrap(await wrapperOf(agreed, port), decode(recipient.encrypted_key));
  const sealed = concat(decode(letter.ciphertext), decode(letter.tag));
  const opened = key && (await port.decrypt(key, decode(letter.iv), utf8(letter.protected), sealed));
  if (opened === null) throw new Refusal("not-a-letter", "damaged");
  return JSON.parse(text(opened));
}

/**
 * Write a private key into a file only its passphrase opens (RFC 7517 appendix C).
 * @param {{kid: string, jwk: PrivateJwk}} own
 * @param {string} passphrase
 * @param {SecrecyPort & OpeningPort} port
 * @returns {Promise<string>} compact JWE
 */
export async function writeKeyFile({ kid, jwk }, passphrase, port) {
  const [key, iv, salt] = [port.random(32), port.random(12), port.random(16)];
  const header = { alg: KEY_FILE_ALG, enc: ENC, cty: "jwk+json", kid, p2s: encode(salt), p2c: STRETCH };
  const head = encode(utf8(JSON.stringify(header)));
  const content = utf8(JSON.stringify({ ...ordered(jwk), d: jwk.d }));
  const sealed = await port.encrypt(key, iv, utf8(head), content);
  const behind = sealed.length - TAG_BYTES;
  const wrapped = encode(await port.wrap(await stretched(passphrase, salt, STRETCH, port), key));
  return [head, wrapped, encode(iv), encode(sealed.subarray(0, behind)), encode(sealed.subarray(behind))].join(".");
}

/**
 * Open such a file.
 * @param {string} token
 * @param {string} passphrase
 * @param {OpeningPort} port
 * @returns {Promise<{kid: string, jwk: PrivateJwk}>}
 * @throws {Refusal} `not-a-key-file`, `wrong-passphrase`
 */
export async function openKeyFile(token, passphrase, port) {
  const parts = token.trim().split(".");
  const [head = "", wrapped = "", iv = "", ciphertext = "", tag = ""] = parts;
  const { alg, enc, kid, p2s, p2c } = headerOf(head);
  if (parts.length !== 5 || alg !== KEY_FILE_ALG || enc !== ENC || !(p2c <= STRETCH)) throw new Refusal("not-a-key-file", "another header");
  const key = await port.unwrap(await stretched(passphrase, decode(p2s), p2c, port), decode(wrapped));
  const opened = key && (await port.decrypt(key, decode(iv), utf8(head), concat(decode(ciphertext), decode(tag))));
  if (opened === null) throw new Refusal("wrong-passphrase", "another passphrase, or damaged");
  return { kid, jwk: JSON.parse(text(opened)) };
}

/** @param {string} head @returns {Record<string, any>} */
function headerOf(head) {
  try {
    return JSON.parse(text(decode(head)));
  } catch (error) {
    throw new Refusal("not-a-key-file", "no header", { cause: error });
  }
}

/** @param {string} passphrase @param {Bytes} salt @param {number} count @param {OpeningPort} port */
function stretched(passphrase, salt, count, port) {
  return port.stretch(utf8(passphrase.normalize("NFC")), concat(utf8(KEY_FILE_ALG), new Uint8Array(1), salt), count);
}

/** The key that wraps the content's (RFC 7518 §4.6.2). @param {Bytes} agreed @param {Pick<SecrecyPort, "digest">} port */
function wrapperOf(agreed, port) {
  return port.digest(concat(numbered(1), agreed, labelled(ALG), numbered(0), numbered(0), numbered(256)));
}

/** @param {Jwk} jwk @returns {Jwk} */
function ordered({ crv, kty, x, y }) {
  return { crv, kty, x, y };
}

/** A text with its length before it (RFC 7518 §4.6.2). @param {string} name */
function labelled(name) {
  return concat(numbered(name.length), utf8(name));
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

/** @param {string} words @returns {Bytes} */
function utf8(words) {
  return new TextEncoder().encode(words);
}

/** @param {Bytes} bytes */
function text(bytes) {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}
