// @ts-check
// The code of a visit: what a colleague's phone must know to record on the same visit, as one short text for a QR code, a message or the
// keyboard: `FA1.` and base64url of a JSON list with a CRC-32 behind it, so that a wrong letter is told and never another visit.
// It is no secret and no right: writing needs a seal, and whether somebody is of the team the main recorder says.

import { decode, encode } from "./base64url.js";
import { crc32 } from "./container.js";
import { wellFormed } from "./ijson.js";
import { parseInstant } from "./instant.js";
import { Refusal } from "./refusal.js";
import { isId } from "./uuid7.js";

/**
 * @typedef {object} Joined a visit as its code says it
 * @property {string} archive the beginning of the archive's name, as long as `ARCHIVE_CHARS`
 * @property {string} visit entity
 * @property {string} stream
 * @property {string} name of what is visited
 * @property {string} name_en
 * @property {string} purpose
 * @property {string} manner
 * @property {string | null} milestone
 * @property {string} arrived_at
 * @property {string} author the main recorder
 * @property {string[]} team
 */

export const ARCHIVE_CHARS = 12;
/** Names only tell people where they are; a code has to stay small enough for a camera. */
const NAME_CHARS = 40;
const TEAM_LIMIT = 20;
const MARK = "FA1.";
const ANY_MARK = /^FA[0-9]+\./;
const PERSON = /^[a-z0-9][a-z0-9-]{0,39}$/;
const WORD = /^[a-z][a-z_]{0,39}$/;
const ARCHIVE = /^[A-Za-z0-9_-]{12}$/;
const STREAM = /^(project|unit):(.+)$/;

/**
 * Write the code of a visit.
 * @param {Joined} visit
 */
export function writeVisitCode(visit) {
  const { archive, stream, name, name_en, purpose, manner, milestone, arrived_at, author, team } = visit;
  const members = [archive.slice(0, ARCHIVE_CHARS), visit.visit, stream, cut(name), name_en === name ? "" : cut(name_en), purpose, manner, milestone, arrived_at, author, team];
  const bytes = new TextEncoder().encode(JSON.stringify(members));
  const whole = new Uint8Array(bytes.length + 4);
  whole.set(bytes);
  new DataView(whole.buffer).setUint32(bytes.length, crc32(bytes));
  return MARK + encode(whole);
}

/** @param {string} name */
function cut(name) {
  const chars = [...wellFormed(name)];
  return chars.length > NAME_CHARS ? `${chars.slice(0, NAME_CHARS - 1).join("")}…` : chars.join("");
}

/**
 * Read a code, wherever blanks and line ends got into it.
 * @param {string} text
 * @returns {Joined}
 * @throws {Refusal} `not-a-visit-code`, `newer-visit-code` (of a newer app), `cut-visit-code` (a part is missing or wrong), `bad-visit-code`
 */
export function readVisitCode(text) {
  const code = text.replace(/\s/g, "");
  if (!ANY_MARK.test(code)) throw new Refusal("not-a-visit-code", "does not begin as one");
  if (!code.startsWith(MARK)) throw new Refusal("newer-visit-code", "of another version");
  return judged(membersOf(bytesOf(code.slice(MARK.length))));
}

/** @param {string} text */
function bytesOf(text) {
  let whole;
  try {
    whole = decode(text);
  } catch (error) {
    throw new Refusal("cut-visit-code", "not base64url", { cause: error });
  }
  const end = whole.length - 4;
  const bytes = whole.subarray(0, Math.max(0, end));
  if (end < 0 || new DataView(whole.buffer).getUint32(end) !== crc32(bytes)) throw new Refusal("cut-visit-code", "the checksum differs");
  return bytes;
}

/** @param {Uint8Array} bytes @returns {unknown} */
function membersOf(bytes) {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new Refusal("bad-visit-code", "not JSON", { cause: error });
  }
}

/** @param {unknown} members @returns {Joined} */
function judged(members) {
  const given = Array.isArray(members) && members.length === 11 ? members : [];
  const [archive, visit, stream, name, name_en, purpose, manner, milestone, arrived_at, author, team] = given;
  const isName = (/** @type {unknown} */ value) => typeof value === "string" && value.length <= 2 * NAME_CHARS;
  const fits = (/** @type {RegExp} */ form, /** @type {unknown} */ value) => typeof value === "string" && form.test(value);
  const isRight = fits(ARCHIVE, archive) && isId(visit) && fits(STREAM, stream) && isId(stream.split(":")[1]) && isName(name) && isName(name_en)
    && fits(WORD, purpose) && fits(WORD, manner) && (milestone === null || isId(milestone)) && isInstant(arrived_at) && fits(PERSON, author)
    && Array.isArray(team) && team.length <= TEAM_LIMIT && team.every((person) => fits(PERSON, person));
  if (!isRight) throw new Refusal("bad-visit-code", "a member is missing or wrong");
  return { archive, visit, stream, name, name_en: name_en || name, purpose, manner, milestone, arrived_at, author, team };
}

/** @param {unknown} value */
function isInstant(value) {
  try {
    parseInstant(value);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}
